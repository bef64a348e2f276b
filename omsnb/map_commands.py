"""The command line's part for mapping files: ``map`` proposes one and shows how a table would be read."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omsnb.claim_commands import FINE, FOUND, faults_text, notes_text, reading_options
from omsnb.claim_files import read_table
from omsnb.claim_tables import claim_fields
from omsnb.claims import Row, parse_cell
from omsnb.table_plan import proposed_map
from omsnb.writing import check_target, write_whole

SHOWN = 5
"""Rows that are shown as they would be read."""

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_commands(add: Add, show: Show) -> None:
    """Adds the command to the command line. ``add`` and ``show`` are the command line's own."""
    mapped = add(
        "map", lambda said: _map(said, show), "Proposes a mapping of a table's columns and shows five rows."
    )
    mapped.add_argument("file", help="a table of text or a workbook")
    mapped.add_argument("--map", metavar="COLUMNS.toml", help="try this mapping")
    mapped.add_argument("--dates", choices=("mdy", "dmy"), help="order of month and day")
    mapped.add_argument("--sheet", default="", help="the sheet of a workbook")
    mapped.add_argument("-o", "--out", metavar="FILE", help="write the mapping, too")


def _map(said: argparse.Namespace, show: Show) -> int:
    if said.out:
        check_target(said.out, [said.file])
    options = reading_options(said)
    table = read_table(said.file, mapping=options.mapping, dates=options.dates, sheet=options.sheet)
    plan = table.plan
    proposed = "" if plan.map.instead else proposed_map(plan, Path(said.file).name)
    lines = (
        [] if plan.faults else [line for row in table.rows()[: 2 * SHOWN] for line in plan.rows(row)][:SHOWN]
    )
    rows = [_as_read(line) for line in lines]
    faults = [*plan.faults, *table.faults()]
    if said.out and proposed:
        write_whole(said.out, proposed.encode(), [said.file])
    text = [proposed, *notes_text(table.told()), *faults_text(faults)]
    text += [f"row {line.number}: {_row_text(cells)}" for line, cells in zip(lines, rows, strict=True)]
    data = {"map": proposed, "rows": rows, "notes": table.told(), "faults": [str(fault) for fault in faults]}
    show(said, data, "\n".join(filter(None, text)))
    refused = any("REFUSED" in value for cells in rows for value in cells.values())
    return FOUND if faults or refused or not rows else FINE


def _as_read(line: Row) -> dict[str, str]:
    """A line's cells as they are read; one that is not says why."""
    found = {}
    for name, entry in claim_fields().items():
        text = line.cells.get(name, "")
        try:
            parse_cell(entry, text)
        except ValueError as problem:
            text = f"REFUSED {problem}"
        if text:
            found[name] = text
    return found


def _row_text(cells: dict[str, str]) -> str:
    return "; ".join(f"{name} {text}" for name, text in cells.items())
