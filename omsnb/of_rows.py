"""What rows of a decision table bring with them: units, and what the record must hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from omsnb.answers import meet
from omsnb.records import Allowed, Document, Row
from omsnb.tables import documents


def units_of(row: Row, state: Mapping[str, Allowed]) -> str:
    """Units of a row: a number, or for ``per 15 from 75`` one for each full step reached, the first at the start.

    ``state``: what ``minutes`` may be. Returns a number as text, or a range such as ``1..3`` while it is open.
    Source: the prolonged-service rows of the ledger.
    """
    found = re.fullmatch(r"per (\d+) from (\d+)", row.units)
    if not found:
        return row.units
    step, start = int(found[1]), int(found[2])
    minutes = meet(state["minutes"], row.conditions["minutes"])
    if not isinstance(minutes, range):
        raise TypeError("minutes is a number")
    least, most = (1 + (minute - start) // step for minute in (minutes[0], minutes[-1]))
    return str(least) if least == most else f"{least}..{most}"


def documents_of(rows: Iterable[Row], days: range) -> tuple[Document, ...]:
    """What the record must hold for some rows, each once. ``days``: of the service."""
    wanted = dict.fromkeys(id for row in rows for id in row.documents)
    return tuple(documents()[id] for id in wanted if documents()[id].wanted_on(days))
