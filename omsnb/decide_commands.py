"""The command line's part for the decision tables: tables, decide."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from omsnb.decisions import decide, find_table
from omsnb.network import requirements
from omsnb.records import DAY
from omsnb.streams import complain
from omsnb.tables import tables

if TYPE_CHECKING:
    from omsnb.payer_plans import Plan

FINE, DIFFERENT = 0, 1
Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]
ReadFacts = Callable[[Iterable[str]], dict[str, object]]


def add_decisions(add: Add, show: Show, read_facts: ReadFacts) -> None:
    """Adds the commands to the command line. ``add``, ``show`` and ``read_facts`` are the command line's own."""
    add(
        "tables",
        lambda said: _list_tables(said, show),
        "Lists the decision tables and checks them for gaps and overlaps.",
    )
    table = add("decide", lambda said: _ask_table(said, show, read_facts), "Asks one decision table.")
    table.add_argument("table")
    table.add_argument("facts", nargs="*", metavar="fact=value")
    add_day(table)


def add_day(command: argparse.ArgumentParser) -> None:
    """Adds the day of the service and the plan, by which answers are completed."""
    command.add_argument(
        "--on", metavar="DAY", help="day of the service, such as 2026-03-01; the same as on=DAY"
    )
    command.add_argument("--plan", metavar="NAME", help="a plan of your own files (OMSNB_PAYERS)")


def with_plan(
    said: argparse.Namespace, asked: Iterable[str], read_facts: ReadFacts
) -> tuple[dict[str, object], Plan | None, dict[str, str]]:
    """The answers with those of the plan, the plan if one is named, and what it settled."""
    given = read_facts([*said.facts, *([f"{DAY}={said.on}"] if said.on is not None else [])])
    if said.plan is None:
        return given, None, {}
    from omsnb.payer_plans import find_plan, plan_facts

    plan = find_plan(said.plan)
    settled = plan_facts(plan, asked, given)
    return {**given, **settled}, plan, settled


def told_by(
    plan: Plan | None, settled: dict[str, str], named: Iterable[str], data: dict[str, Any], text: str
) -> tuple[dict[str, Any], str]:
    """An answer with what the plan's file did to it, and what else it says of the answer's codes."""
    if plan is None:
        return data, text
    from omsnb.plan_rules import plan_data, plan_lines, said_of

    more = said_of(plan, named, settled)
    return {**data, "plan": plan_data(plan, settled, more)}, "\n".join(
        [*plan_lines(plan, settled, more), "", text]
    )


def _list_tables(said: argparse.Namespace, show: Show) -> int:
    """The decision tables; a gap or an overlap is said on stderr."""
    from omsnb.completeness import table_faults

    faults = [fault for name in tables() for fault in table_faults(name)]
    listed = [
        {"table": table.name, "title": table.title, "facts": list(table.conditions), "rows": len(table.rows)}
        for table in tables().values()
    ]
    show(said, listed, "\n".join(f"{e['table']:<20} {e['rows']:>3} rows  {e['title']}" for e in listed))
    for fault in faults:
        where = ", ".join(f"{fact}: {value}" for fact, value in fault.facts.items())
        complain(f"table {fault.table}: {fault.kind} at {where} {' '.join(fault.rows)}")
    return DIFFERENT if faults else FINE


def _ask_table(said: argparse.Namespace, show: Show, read_facts: ReadFacts) -> int:
    from omsnb.decision_texts import decision_data, decision_text

    facts, plan, settled = with_plan(said, requirements(find_table(said.table)), read_facts)
    decision = decide(said.table, **facts)
    json = said.format == "json" or plan is not None
    data = decision_data(decision) if json else {}
    show(said, *told_by(plan, settled, decision.codes, data, decision_text(decision)))
    return FINE if decision.rows else DIFFERENT
