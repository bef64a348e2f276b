"""Command line: ``python -m omsnb``. Exit 0: fine; 1: a difference or nothing found; 2: bad input, said in one line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, NoReturn

from omsnb.all_data import check_data
from omsnb.changes import changes, oldest_limit
from omsnb.claim_commands import add_commands
from omsnb.cms_commands import add_cms
from omsnb.coding import READINGS, code_case, facts_of_case
from omsnb.completeness import table_faults
from omsnb.decisions import decide, find_table
from omsnb.descriptors import descriptor
from omsnb.edition import edition, run_out_text
from omsnb.exercises import CHAPTERS, KINDS, make_exam
from omsnb.exercises.cards import ENDINGS, write_anki, write_csv, write_record
from omsnb.exercises.sheet import exam_data, exam_text, write_sheets
from omsnb.map_commands import add_commands as add_map
from omsnb.network import requirements
from omsnb.note_commands import add_note
from omsnb.pair_commands import add_pair
from omsnb.paper import compare
from omsnb.payer_commands import add_payer
from omsnb.payer_plans import Plan, find_plan, plan_facts, plans
from omsnb.periods import read_date
from omsnb.plan_rules import plan_data, plan_lines, said_of
from omsnb.presenting import (
    code_data,
    code_text,
    decision_data,
    decision_text,
    diagnosis_data,
    diagnosis_text,
    search_data,
    search_text,
    worksheet_data,
    worksheet_text,
)
from omsnb.records import DAY
from omsnb.remittance_commands import add_remittance
from omsnb.streams import BAD_INPUT, complain, run, say_data
from omsnb.tables import cases, codes, tables
from omsnb.which import add_which

FINE, DIFFERENT = 0, 1
Command = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def print_help(self, file: Any = None) -> None:
        """Shows the help; unlike argparse, it does not hide that it could not be written."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        complain(message)
        raise SystemExit(BAD_INPUT)


def read_facts(pairs: Sequence[str]) -> dict[str, object]:
    """Reads ``fact=value`` words; raises ``ValueError`` for a word of another shape or a fact given twice."""
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"fact: {pair!r} is not of the form fact=value")
        if name.strip() in found:
            raise ValueError(f"fact: {name.strip()!r} is given twice")
        found[name.strip()] = value.strip()
    return found


def parser() -> Parser:
    """The command line's grammar."""
    ask = Parser(
        prog="python -m omsnb", description="Codes the digital workflow in oral and maxillofacial surgery."
    )
    ask.add_argument("--version", action="version", version=edition().edition)
    shared = Parser(add_help=False)
    shared.add_argument(
        "--format", choices=("text", "json"), default="text", help="how the answer is written"
    )
    commands = ask.add_subparsers(dest="command", required=True, parser_class=Parser)

    def command(name: str, run: Command, about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    command("cases", list_cases, "Lists the cases of the paper.")
    case = command("case", show_case, "Codes a case and compares it with the paper's list.")
    case.add_argument("name")
    case.add_argument(
        "facts", nargs="*", metavar="fact=value", help="answers: fact=value or service.fact=value"
    )
    case.add_argument(
        "--reading", choices=READINGS, default=READINGS[0], help="the paper's, or the story alone"
    )
    case.add_argument("--variant", help="one of the case's ways of doing it")
    _add_day(case)
    command("tables", list_tables, "Lists the decision tables and checks them for gaps and overlaps.")
    table = command("decide", ask_table, "Asks one decision table.")
    table.add_argument("table")
    table.add_argument("facts", nargs="*", metavar="fact=value")
    _add_day(table)
    code = command("code", show_code, "Shows what the manual knows of a code.")
    code.add_argument("code")
    diagnosis = command("diagnosis", show_diagnosis, "Says whether a diagnosis may be billed on a day.")
    diagnosis.add_argument("code", help="of ICD-10-CM, with or without the dot")
    _add_day(diagnosis)
    search = command(
        "search",
        search_all,
        "Finds codes, tables, modifiers, places, denials, payers and statements by number or word.",
    )
    search.add_argument("words", nargs="+")
    add_commands(command, show, read_facts)
    add_map(command, show)
    add_remittance(command, show)
    add_cms(command, show)
    add_which(command, show, read_facts)
    add_note(command, show)
    add_payer(command, show)
    add_pair(command, show)
    exam = command("exam", write_exam, "Makes an exam from the decision tables, with a separate answer key.")
    exam.add_argument("--seed", type=int, default=1, help="one seed, one exam (default 1)")
    exam.add_argument("--questions", type=int, default=20, help="how many, 1 to 200 (default 20)")
    exam.add_argument(
        "--chapter", action="append", choices=CHAPTERS, help="only this chapter; may be repeated"
    )
    exam.add_argument("--kind", action="append", choices=tuple(KINDS), help="only this kind; may be repeated")
    exam.add_argument(
        "-o", "--output", help="the file; of html the key is written beside it as NAME-key.html"
    )
    exam.add_argument(
        "--as", dest="kept_as", choices=tuple(ENDINGS), default="html",
        help="html: two sheets (default); anki: a deck (.apkg); csv: a table; record: a completion record to print",
    )  # fmt: skip
    changed = command("changes", show_changes, "Says what differs between two code years.")
    changed.add_argument("first", type=int, help="the earlier code year, such as 2023")
    changed.add_argument("last", type=int, help="the later code year")
    return ask


def _add_day(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--on", metavar="DAY", help="day of the service, such as 2026-03-01; the same as on=DAY"
    )
    command.add_argument("--plan", metavar="NAME", help="a plan of your own files (OMSNB_PAYERS)")


def _facts(said: argparse.Namespace) -> dict[str, object]:
    """The answers of a command with its ``--on``."""
    return read_facts([*said.facts, *([f"{DAY}={said.on}"] if said.on is not None else [])])


def _with_plan(
    said: argparse.Namespace, asked: Iterable[str]
) -> tuple[dict[str, object], Plan | None, dict[str, str]]:
    """The answers with those of the plan, the plan if one is named, and what it settled."""
    given = _facts(said)
    if said.plan is None:
        return given, None, {}
    plan = find_plan(said.plan)
    settled = plan_facts(plan, asked, given)
    return {**given, **settled}, plan, settled


def _told_by(
    plan: Plan | None, settled: dict[str, str], named: Iterable[str], data: dict[str, Any], text: str
) -> tuple[dict[str, Any], str]:
    """An answer with what the plan's file did to it, and what else it says of the answer's codes."""
    if plan is None:
        return data, text
    more = said_of(plan, named, settled)
    return {**data, "plan": plan_data(plan, settled, more)}, "\n".join(
        [*plan_lines(plan, settled, more), "", text]
    )


def show(said: argparse.Namespace, data: Any, text: str) -> None:
    """Writes an answer in the format asked for."""
    if said.format == "json":
        say_data(data)
    else:
        print(text)


def list_cases(said: argparse.Namespace) -> int:
    """``cases``: the cases of the paper and their variants."""
    listed = [
        {"case": name, "title": case.title, "variants": list(case.variants)} for name, case in cases().items()
    ]
    show(said, listed, "\n".join(f"{entry['case']:<22} {entry['title']}" for entry in listed))
    return FINE


def show_case(said: argparse.Namespace) -> int:
    """``case``: a worksheet and its comparison with the paper's list."""
    facts, plan, settled = _with_plan(said, facts_of_case(said.name, said.variant))
    worksheet = code_case(said.name, facts, reading=said.reading, variant=said.variant)
    comparison = compare(worksheet)
    data, text = worksheet_data(worksheet, comparison), worksheet_text(worksheet, comparison)
    named = [code for row in (worksheet.evaluation, *worksheet.rows) for code in row.codes]
    show(said, *_told_by(plan, settled, named, data, text))
    return DIFFERENT if comparison.equal is False else FINE


def list_tables(said: argparse.Namespace) -> int:
    """``tables``: the decision tables; a gap or an overlap is said on stderr."""
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


def ask_table(said: argparse.Namespace) -> int:
    """``decide``: one decision table."""
    facts, plan, settled = _with_plan(said, requirements(find_table(said.table)))
    decision = decide(said.table, **facts)
    show(said, *_told_by(plan, settled, decision.codes, decision_data(decision), decision_text(decision)))
    return FINE if decision.rows else DIFFERENT


def show_code(said: argparse.Namespace) -> int:
    """``code``: what the manual knows of a code."""
    wanted = said.code.strip().upper()
    if wanted not in codes():
        raise ValueError(f"code: {said.code!r} is not known to the manual; try: search {said.code}")
    data = code_data(codes()[wanted])
    text = code_text(data)
    if licensed := descriptor(wanted):
        data["licensed_descriptor"] = licensed
        text += f"\n  Your licensed wording: {licensed}"
    show(said, data, text)
    return FINE


def show_diagnosis(said: argparse.Namespace) -> int:
    """``diagnosis``: whether a diagnosis may be billed on a day; what a heading heads."""
    day = read_date(said.on, "on").isoformat() if said.on is not None else edition().day
    data = diagnosis_data(said.code, str(day))
    show(said, data, diagnosis_text(data))
    return FINE if data["billable"] else DIFFERENT


def search_all(said: argparse.Namespace) -> int:
    """``search``: codes, tables, modifiers, places, denials and statements that hold every word."""
    found = search_data(" ".join(said.words))
    show(said, found, search_text(found))
    return FINE if found else DIFFERENT


def write_exam(said: argparse.Namespace) -> int:
    """``exam``: exercises for a class, on two sheets: the questions, and the key with all reasons."""
    made = make_exam(said.seed, said.questions, said.chapter or CHAPTERS, said.kind or ())
    if said.output is None:
        if said.kept_as != "html":
            raise ValueError(f"output: {said.kept_as} needs a file; give one with -o")
        show(said, exam_data(said.seed, made), exam_text(said.seed, made))
        return FINE
    if said.kept_as != "html":
        if said.kept_as == "record":
            file = write_record(said.output, said.seed, made)
        else:
            file = {"anki": write_anki, "csv": write_csv}[said.kept_as](said.output, made)
        show(said, {said.kept_as: file}, f"{said.kept_as}: {file}")
        return FINE
    written = [str(path) for path in write_sheets(said.output, said.seed, made)]
    show(said, {"exam": written[0], "key": written[1]}, f"exam: {written[0]}\nkey:  {written[1]}")
    return FINE


def show_changes(said: argparse.Namespace) -> int:
    """``changes``: what differs between two code years; a warning on stderr when this edition's year has run out."""
    found = changes(said.first, said.last)
    lines = [f"{entry.date}  {entry.code}  {entry.text}" for entry in found] or [
        "nothing that the data dates"
    ]
    if f"{said.first}-01-01" < oldest_limit():
        lines.append(f"Unit limits before {oldest_limit()} are unknown to this manual.")
    if said.last > edition().code_year:
        lines.append(f"Code years after {edition().code_year} are unknown to this edition.")
    show(said, [asdict(entry) for entry in found], "\n".join(lines))
    if warning := run_out_text(date.today()):
        complain(warning)
    return FINE if found else DIFFERENT


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line and runs it; returns the exit status."""

    def command() -> int:
        said = parser().parse_args(arguments)
        check_data()
        plans()
        status: int = said.run(said)
        return status

    return run(command)


if __name__ == "__main__":
    sys.exit(main())
