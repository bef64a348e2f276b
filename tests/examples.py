"""The examples of ``tests/examples``: facts in, outcomes out, written by hand from the rules and apart from ``data/``."""

from __future__ import annotations

import csv
from pathlib import Path

from omsnb.coding import units_of
from omsnb.decisions import Decision, decide
from omsnb.records import Table
from omsnb.tables import tables

FOLDER = Path(__file__).parent / "examples"


def read(table: str) -> list[tuple[dict[str, str], str]]:
    """The examples of one table: facts and the outcomes expected, in the table's order."""
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [
            (dict(pair.split("=", 1) for pair in line["facts"].split()), line["expect"])
            for line in csv.DictReader(file)
        ]


def outcomes(decision: Decision) -> str:
    """The outcomes left as text: ``70486-26``, ``21085 ×2``, ``none``, ``family=office_new``; several with ``|``."""
    reports = any(row.report for row in tables()[decision.table.name].rows)
    found = []
    for row in decision.rows:
        words = ["-".join((row.report, *row.modifiers))] if row.report else ["none"] if reports else []
        if row.report and row.units != "1":
            words.append(f"×{units_of(row, decision.state)}")
        words += [f"{fact}={value}" for fact, value in row.concludes.items()]
        found.append(" ".join(words))
    return "|".join(dict.fromkeys(found))


def failures(table: Table) -> list[str]:
    """The examples that a table, as it stands or changed by a test, does not meet."""
    wrong = []
    for facts, expected in read(table.name):
        got = outcomes(decide(table, **facts))
        if got != expected:
            wrong.append(f"{table.name} {facts}: {got!r}, expected {expected!r}")
    return wrong
