"""One claim line asked of all tables of a calculator: which modifiers it may carry, and whether it has a line at all.

Several modifiers may stand on one line, so no single table could be free of overlaps. Each of the tables that
``calculators.csv`` names for ``which-modifier`` concludes one modifier or none; the line carries the union. A table
whose facts are open leaves several results and says what to ask. Decides nothing by itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from omsnb.answers import read_answers
from omsnb.calculators.catalogue import find_calculator
from omsnb.decision_texts import decision_data, outcome_text
from omsnb.decisions import Decision, decide_with, open_questions
from omsnb.fees import rvus
from omsnb.line_text import line_text
from omsnb.lookups import modifiers
from omsnb.network import requirements
from omsnb.of_rows import documents_of
from omsnb.records import Code, Document, Row
from omsnb.tables import codes, facts

MODIFIER_TABLES, APPLIANCE_TABLES = "which-modifier", "which-appliance"
LINE = "line"
VERDICTS = ("no", "denied", "ask", "yes")
"""What a line may be told, the strictest first: of several tables the strictest holds."""
PERIODS = {"000": "days_0", "010": "days_10", "090": "days_90", "YYY": "contractor"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the tables say together. ``marks``: certain modifiers; ``open_marks``: possible ones while facts are open.

    ``verdict``: one of ``VERDICTS``, or empty while it is open. ``worked_out``: facts that follow from the code.
    """

    code: str
    worked_out: Mapping[str, str]
    decisions: tuple[Decision, ...]
    marks: tuple[str, ...]
    open_marks: tuple[str, ...]
    verdict: str

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the tables that are settled and say more than that nothing is to be marked."""
        settled = (decision.rows[0] for decision in self.decisions if decision.settled)
        return tuple(
            row for row in settled if row.report or row_marks(row) or row.concludes.get(LINE, "yes") != "yes"
        )

    @property
    def documents(self) -> tuple[Document, ...]:
        """What the record must hold for these rows on the day of the answer."""
        return documents_of(self.rows, self.decisions[0].on)


def row_marks(row: Row) -> tuple[str, ...]:
    """The modifiers that a row concludes or puts on the code that it reports."""
    found = [*row.modifiers]
    for fact, value in row.concludes.items():
        if fact != LINE:
            found += [part for part in value.split("+") if part in modifiers()]
    return tuple(found)


def code_facts(code: Code) -> dict[str, str]:
    """Facts of the tables that follow from a code: the kind of its line and its indicators."""
    if code.system == "CDT":
        kind = "dental"
    elif code.chapter == "I":
        kind = "visit"
    elif code.component_split or code.chapter in ("II", "III", "IV", "V"):
        kind = "test"
    else:
        kind = "device" if code.system == "HCPCS" else "procedure"
    found = {
        "line_kind": kind,
        "component_indicator": "split" if code.component_split else "whole",
    }
    if code.global_days:
        found["code_period"] = PERIODS.get(code.global_days, "none")
    if code.bilateral:
        found["bilateral_indicator"] = code.bilateral
    known = rvus().get((code.code, ""))
    if known:
        found["multiple_indicator"] = "2" if known.multiple_procedure == "2" else "other"
        for fact, value in (
            ("assistant_indicator", known.assistant),
            ("cosurgeon_indicator", known.co_surgeon),
            ("team_indicator", known.team),
        ):
            if value in facts()[fact].values:
                found[fact] = value
    return found


def ask_all(calculator: str, answers: Mapping[str, object]) -> Answer:
    """Asks every table of a calculator and unites the results.

    ``answers``: facts by name; ``code`` may name a code of the manual, and what follows from it is then worked out (an
    answer to the contrary is refused). Raises ``ValueError`` for an unknown code, fact or value.
    """
    given = dict(answers)
    number = str(given.pop("code", "") or "").strip().upper()
    if number and number not in codes():
        raise ValueError(f"code: {number!r} is not known to the manual; try: search {number}")
    tables = find_calculator(calculator).tables
    asked = tuple(dict.fromkeys(fact for table in tables for fact in requirements(table)))
    worked_out = {
        fact: value
        for fact, value in (code_facts(codes()[number]) if number else {}).items()
        if fact in asked
    }
    for fact, value in worked_out.items():
        if given.get(fact, value) not in (value, None, "", "unknown"):
            raise ValueError(f"{fact}: {given[fact]!r} contradicts {number}, for which it is {value!r}")
    read = read_answers({**given, **worked_out}, asked, calculator)
    decisions = tuple(found for table in tables if (found := decide_with(table, read)).rows)
    if not decisions:
        raise ValueError("No row fits these answers together; leave one of them open.")
    marks: dict[str, None] = {}
    possible: dict[str, None] = {}
    for decision in decisions:
        sure = set.intersection(*(set(row_marks(row)) for row in decision.rows))
        for row in decision.rows:
            for mark in row_marks(row):
                (marks if mark in sure else possible)[mark] = None
    said = [{row.concludes.get(LINE, "yes") for row in decision.rows} for decision in decisions]
    strictest = min((VERDICTS.index(value) for one in said if len(one) == 1 for value in one), default=3)
    open_to = min(VERDICTS.index(value) for one in said for value in one)
    verdict = VERDICTS[strictest] if open_to >= strictest else ""
    return Answer(number, worked_out, decisions, tuple(marks), tuple(possible), verdict)


def answer_data(answer: Answer) -> dict[str, Any]:
    """The answer as plain data, ready for JSON."""
    return {
        "code": answer.code or None,
        "worked_out": dict(answer.worked_out),
        "line": answer.verdict or None,
        "modifiers": list(answer.marks) if answer.verdict != "no" else [],
        "open_modifiers": list(answer.open_marks),
        "reports": [outcome_text(row, d.state) for d in answer.decisions for row in d.rows if row.report],
        "documents": [document.label for document in answer.documents],
        "tables": [decision_data(decision) for decision in answer.decisions],
    }


def answer_text(answer: Answer) -> str:
    """The answer for a terminal: the line, why, what the record must say, and what is still open."""
    verdict = facts()[LINE].label(answer.verdict) if answer.verdict else "open"
    lines = [f"{facts()[LINE].question} {verdict}"]
    if answer.verdict != "no" and (answer.code or answer.marks):
        lines.append(f"Line: {line_text(answer.code or '…', answer.marks)}")
    if answer.open_marks:
        lines.append(f"Still possible: {', '.join(answer.open_marks)}")
    if answer.worked_out:
        told = "; ".join(f"{fact} = {value}" for fact, value in answer.worked_out.items())
        lines.append(f"From the code: {told}")
    lines.append("")
    for row in answer.rows:
        lines += [f"  {outcome_text(row)}", f"      {row.because} [{', '.join(row.guidance)}]"]
    if wanted := answer.documents:
        lines += ["", "The record must hold", *(f"  {document.label}" for document in wanted)]
    still: dict[str, None] = {}
    for decision in answer.decisions:
        if not decision.settled:
            still.update(
                {question.fact: None for question in open_questions((decision.table,), decision.given)}
            )
    if still:
        lines += ["", "Still open"]
        lines += [
            f"  {facts()[fact].question} {fact} = {', '.join(facts()[fact].values) or 'a number'}"
            for fact in still
        ]
    return "\n".join(lines)


Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_which(
    add: Add,
    show: Callable[[argparse.Namespace, Any, str], None],
    read_facts: Callable[[Sequence[str]], dict[str, Any]],
) -> None:
    """Adds ``which-modifier`` and ``which-appliance`` to the command line."""

    def run(name: str) -> Callable[[argparse.Namespace], int]:
        def command(said: argparse.Namespace) -> int:
            answer = ask_all(name, read_facts(said.facts))
            show(said, answer_data(answer), answer_text(answer))
            return 0 if answer.verdict in ("yes", "ask") else 1

        return command

    for name, about in (
        (MODIFIER_TABLES, "Which modifiers a line may carry, and whether it may be billed."),
        (APPLIANCE_TABLES, "Which code a splint or appliance has, by what it is for."),
    ):
        add(name, run(name), about).add_argument("facts", nargs="*", metavar="fact=value")
