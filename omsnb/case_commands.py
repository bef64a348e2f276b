"""The command line's part for the paper's cases: cases, case."""

from __future__ import annotations

import argparse

from omsnb.coding import READINGS, code_case, facts_of_case
from omsnb.decide_commands import Add, ReadFacts, Show, add_day, told_by, with_plan
from omsnb.paper import compare
from omsnb.presenting import worksheet_data, worksheet_text
from omsnb.tables import cases

FINE, DIFFERENT = 0, 1


def add_cases(add: Add, show: Show, read_facts: ReadFacts) -> None:
    """Adds the commands to the command line. ``add``, ``show`` and ``read_facts`` are the command line's own."""
    add("cases", lambda said: _list_cases(said, show), "Lists the cases of the paper.")
    case = add(
        "case",
        lambda said: _show_case(said, show, read_facts),
        "Codes a case and compares it with the paper's list.",
    )
    case.add_argument("name")
    case.add_argument(
        "facts", nargs="*", metavar="fact=value", help="answers: fact=value or service.fact=value"
    )
    case.add_argument(
        "--reading", choices=READINGS, default=READINGS[0], help="the paper's, or the story alone"
    )
    case.add_argument("--variant", help="one of the case's ways of doing it")
    add_day(case)


def _list_cases(said: argparse.Namespace, show: Show) -> int:
    listed = [
        {"case": name, "title": case.title, "variants": list(case.variants)} for name, case in cases().items()
    ]
    show(said, listed, "\n".join(f"{entry['case']:<22} {entry['title']}" for entry in listed))
    return FINE


def _show_case(said: argparse.Namespace, show: Show, read_facts: ReadFacts) -> int:
    """A worksheet and its comparison with the paper's list."""
    facts, plan, settled = with_plan(said, facts_of_case(said.name, said.variant), read_facts)
    worksheet = code_case(said.name, facts, reading=said.reading, variant=said.variant)
    comparison = compare(worksheet)
    data, text = worksheet_data(worksheet, comparison), worksheet_text(worksheet, comparison)
    named = [code for row in (worksheet.evaluation, *worksheet.rows) for code in row.codes]
    show(said, *told_by(plan, settled, named, data, text))
    return DIFFERENT if comparison.equal is False else FINE
