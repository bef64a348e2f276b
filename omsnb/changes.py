"""What changed between code years, from the dates that the data holds. Decides nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from omsnb.reading import read_lines
from omsnb.records import UnitLimit
from omsnb.tables import codes, mue, sources

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change. ``kind``: new, ended, units or meaning; ``source``: an id of ``sources.csv``."""

    date: str
    code: str
    kind: str
    text: str
    source: str


@cache
def all_changes() -> tuple[Change, ...]:
    """Every change that the data can date, oldest first."""
    return tuple(
        sorted((*_validity(), *_units(), *_meaning()), key=lambda change: (change.date, change.code))
    )


def _validity() -> Iterator[Change]:
    for code in codes().values():
        if code.effective_from:
            yield Change(
                code.effective_from, code.code, "new", f"valid from this day: {code.label}", code.source
            )
        if code.effective_to:
            yield Change(code.effective_to, code.code, "ended", f"last valid day: {code.label}", code.source)


def _units() -> Iterator[Change]:
    before: dict[str, UnitLimit] = {}
    for limit in mue():
        older = before.get(limit.code)
        if older and older.units != limit.units:
            # the tables between the two were not all read, so the day of the change itself may be earlier
            text = (
                f"unit limit (MUE) is {limit.units}; in the table of {older.effective} it was {older.units}"
            )
            yield Change(limit.effective, limit.code, "units", text, limit.source)
        before[limit.code] = limit


def _meaning() -> Iterator[Change]:
    columns = ("date", "code", "change", "source")
    for line in read_lines("changes.csv", columns, key=("date", "code")):
        yield Change(
            line.day("date"),
            line.one_of("code", *codes()),
            "meaning",
            line.wanted("change"),
            line.one_of("source", *sources()),
        )


def code_history(code: str) -> tuple[Change, ...]:
    """The dated changes of one code, oldest first."""
    return tuple(change for change in all_changes() if change.code == code)


def changes(first: int, last: int) -> tuple[Change, ...]:
    """What differs in code year ``last`` from the start of code year ``first``.

    A change on 1 January of ``first`` is part of that year already, so it is not listed; quarterly changes within
    ``last`` are. Raises ``ValueError`` for years outside 2000 to 2100 or in the wrong order.
    """
    for name, year in (("first year", first), ("second year", last)):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(
                f"{name}: {year} is not allowed; allowed is a year from {FIRST_YEAR} to {LAST_YEAR}"
            )
    if first >= last:
        raise ValueError(f"second year: {last} is not allowed; it must be later than {first}")
    return tuple(change for change in all_changes() if f"{first}-01-01" < change.date <= f"{last}-12-31")


def oldest_limit() -> str:
    """The first day from which unit limits are held; what they were before is unknown here."""
    return min(limit.effective for limit in mue() if limit.effective)
