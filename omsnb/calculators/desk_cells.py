"""The desk's lines as text: cells as a person types or pastes them, and the numbers of lines."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence

from omsnb.claim_tables import claim_fields
from omsnb.claims import Row
from omsnb.column_plan import Plan, is_unread
from omsnb.mending import Rows
from omsnb.table_plan import plan_of

BESIDE = ("modifiers", "units")
"""Columns that a code's cell may fill, too, as in a code with its modifier."""


def own_plan() -> Plan:
    """How lines are read whose columns have the project's own names."""
    return plan_of(list(claim_fields()))


def tidied(cells: Mapping[str, str], plan: Plan | None = None) -> dict[str, str]:
    """Cells of one line as the reader of files understands them, such as a date with slashes or a charge with commas.

    ``cells``: text by column. One that cannot be read stays as it was typed. A code that comes with its modifiers or
    units brings these, too, unless they are given. ``plan``: of ``own_plan``, where many lines are read.
    """
    given = {name: text.strip() for name, text in cells.items()}
    read = next((plan or own_plan()).rows(Row(1, {**dict.fromkeys(claim_fields(), ""), **given})), None)
    if read is None or not read.cells:
        return given
    made = {name: text if is_unread(read.cells[name]) else read.cells[name] for name, text in given.items()}
    if given.get("code"):
        for name in BESIDE:
            if not given.get(name) and read.cells[name] and not is_unread(read.cells[name]):
                made[name] = read.cells[name]
    return made


def block_of(text: str) -> list[list[str]]:
    """The cells of a block that was copied from a spreadsheet: rows of cells parted by tabs, quoted where need be."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    return list(csv.reader(io.StringIO(lines), delimiter="\t"))


def new_row(base: Mapping[str, str] | None = None) -> dict[str, str]:
    """A line with nothing of its own; ``base``: a line whose claim it joins."""
    kept = {"date", "place"} | {name for name, column in claim_fields().items() if column.of == "claim"}
    row = {name: base[name] if base and name in kept else "" for name in claim_fields()}
    return {**row, "claim": row["claim"] or "1", "units": "1"}


def numbered(rows: Sequence[dict[str, str]]) -> Rows:
    """Rows of which each has a line number: an empty one gets the next of its claim."""
    most: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["line"].isascii() and row["line"].isdigit():
            most[row["claim"]] = max(most[row["claim"]], int(row["line"]))
    made = []
    for row in rows:
        if not row["line"]:
            most[row["claim"]] += 1
            row = {**row, "line": str(most[row["claim"]])}
        made.append(row)
    return tuple(made)


def many(count: int, word: str) -> str:
    """A count with its word: 1 line, 2 lines."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def entered(rows: list[dict[str, str]], index: int, made: Mapping[str, str]) -> None:
    """Changes cells of one row, and what of them belongs to the claim on all its lines."""
    shared = {
        name: text for name, text in made.items() if claim_fields()[name].of == "claim" and name != "claim"
    }
    claim = made.get("claim", rows[index]["claim"])
    for place in range(len(rows)) if shared else ():
        if rows[place]["claim"] == claim:
            rows[place] = {**rows[place], **shared}
    rows[index] = {**rows[index], **made}
