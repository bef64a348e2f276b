"""Decisions as plain data and as text for people: for the command line, the notebooks and the calculators.

Presents only: what is shown is decided in ``decisions``. What only some answers need is loaded when they need it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import fill
from typing import Any

from omsnb.answers import words
from omsnb.decisions import Decision, Question
from omsnb.line_text import line_text
from omsnb.of_rows import units_of
from omsnb.records import DAY, Allowed, Fact, Row
from omsnb.standing import INFERENCE, basis, cited, row_basis, source_data, standing_data
from omsnb.tables import facts
from omsnb.tables.vocabulary import day_text

WIDTH = 100

PUBLISHED = "What payers have published on it (dated, not your plan's word; ask it)"

ON_THE_WAY = "Worked out on the way"

VERIFY = "Our inference, not checked against a source; verify before you rely on it:"

ALONE = "This answer rests on our inference alone."


def answers_data(given: Mapping[str, Allowed]) -> dict[str, str]:
    """Answers as plain text, by name."""
    return {name: allowed_text(facts()[name.rpartition(".")[2]], allowed) for name, allowed in given.items()}


def allowed_text(fact: Fact, allowed: Allowed) -> str:
    """What a fact may be, as an answer is typed: ``ct|cbct``, ``60..74``, ``2026-03-01``."""
    if isinstance(allowed, range) and fact.kind == "day":
        return "..".join(dict.fromkeys((day_text(allowed[0]), day_text(allowed[-1]))))
    if isinstance(allowed, range):
        return str(allowed[0]) if len(allowed) == 1 else f"{allowed[0]}..{allowed[-1]}"
    return "|".join(sorted(allowed))


def asked_data(question: Question) -> dict[str, Any]:
    """A question as plain data."""
    return {"fact": question.fact, "question": question.text, "answers": list(question.answers)}


def question_data(question: Question, day: str) -> dict[str, Any]:
    """A question with what payers had published on it by a day."""
    from omsnb.policies import position_data, positions_on

    return {
        **asked_data(question),
        "positions": [position_data(policy) for policy in positions_on(question.fact, day)],
    }


def known_text(asked: Iterable[Question], days: range) -> list[str]:
    """What payers have published on the questions that are open, for the days of an answer; empty where nothing is."""
    from omsnb.policies import known_lines

    found = known_lines((question.fact for question in asked), day_text(days[-1]))
    shown = [
        fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        for line in found
    ]
    return ["", PUBLISHED, *shown] if shown else []


def decision_data(decision: Decision) -> dict[str, Any]:
    """A decision as plain lists and dictionaries, ready for JSON."""
    from omsnb.summary import decided

    return {
        "table": decision.table.name,
        "title": decision.table.title,
        "on": allowed_text(facts()[DAY], decision.on),
        "given": answers_data(decision.given),
        "lines": [line.text for line in decided(decision).lines],
        "codes": list(decision.codes),
        "settled": decision.settled,
        "rows": [_row(row, decision.state) for row in decision.rows],
        "on_the_way": {fact: _row(row) for fact, row in decision.on_the_way.items()},
        "open": [question_data(question, day_text(decision.on[-1])) for question in decision.questions],
        "fallen": [
            {**_row(entry.row), "ruled_out_by": [str(reason) for reason in entry.reasons]}
            for entry in decision.fallen
        ],
        "sources": list(decision.sources),
        "cited": source_data(id for row in decision.used for id in row.guidance),
        "basis": {row.id: row_basis(row) for row in decision.used},
        "inference": list(to_verify(decision.used)),
        "standing": standing_data(id for row in decision.used for id in row.guidance),
    }


def _row(row: Row, state: Mapping[str, Allowed] | None = None) -> dict[str, Any]:
    return {
        "row": row.id,
        "line": outcome_text(row, state) if row.report else None,
        "report": row.report or None,
        "modifiers": list(row.modifiers),
        "units": row.units or None,
        "concludes": dict(row.concludes),
        "because": row.because,
        "guidance": list(row.guidance),
    }


def outcome_text(row: Row, state: Mapping[str, Allowed] | None = None) -> str:
    """What a row leads to, in one phrase: ``70486-26``, ``not reported`` or what it concludes.

    ``state``: what the facts may be, for units that follow from them: ``99417 ×2``, or ``99417 ×1..4`` while facts are
    open. Without it such units are left out.
    """
    if row.report:
        units = row.units if row.units.isdigit() else units_of(row, state) if state is not None else 1
        return line_text(row.report, row.modifiers, units)
    if row.concludes:
        concluded = ((facts()[fact], value) for fact, value in row.concludes.items())
        return "; ".join(f"{fact.question} {fact.label(value)}" for fact, value in concluded)
    return "not reported"


def to_verify(rows: Iterable[Row]) -> tuple[str, ...]:
    """Statements behind rows that are our inference, each once."""
    ids = dict.fromkeys(id for row in rows for id in row.guidance)
    return tuple(id for id in ids if basis(id) == INFERENCE)


def verify_text(rows: Iterable[Row]) -> str:
    """What of rows is our inference, as a sentence that says so where one rests on nothing else; empty for none."""
    rows = tuple(rows)
    doubtful = to_verify(rows)
    alone = (
        [f"{ALONE} ({', '.join(ids)})"]
        if (ids := [row.id for row in rows if row_basis(row) == INFERENCE])
        else []
    )
    return " ".join([*alone, *([f"{VERIFY} {', '.join(doubtful)}"] if doubtful else [])])


def settled_text(fact: str, row: Row) -> str:
    """What a row of another table settles, as question and answer."""
    return f"{facts()[fact].question} {facts()[fact].label(row.concludes[fact])}"


def paragraph(text: str, indent: str = "  ") -> str:
    """A sentence within the width of a terminal."""
    return fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def question_text(question: Question) -> str:
    """A question with its allowed answers, for people."""
    fact = facts()[question.fact]
    number = "a day such as 2026-03-01" if fact.kind == "day" else f"a whole number of {fact.unit}"
    answers = ", ".join(f"{value} ({fact.label(value)})" for value in question.answers) or number
    return paragraph(f"{question.text} {question.fact} = {answers}")


def on_text(given: Mapping[str, Allowed], days: range) -> str:
    """For which day an answer is, in one sentence; ``days``: those it is for, ``given``: what was answered."""
    shown = words(facts()[DAY], days)
    if DAY in given:
        return f"For a service on {shown}." if len(days) == 1 else f"For a service: {shown}."
    return f"For a service on {shown}, the day of this edition, since none is given (on = a day)."


def decision_text(decision: Decision) -> str:
    """A decision as text for a terminal: rows left with reasons, what is still open, what fell away and why."""
    lines = [decision.table.title, on_text(decision.given, decision.on), ""]
    for row in decision.rows:
        lines += [
            f"  {outcome_text(row, decision.state)}",
            paragraph(f"{row.because} [{', '.join(row.guidance)}]", "      "),
        ]
    if decision.on_the_way:
        lines += ["", ON_THE_WAY]
        lines += [
            paragraph(f"{settled_text(fact, row)}: {row.because} [{', '.join(row.guidance)}]")
            for fact, row in decision.on_the_way.items()
        ]
    if not decision.rows:
        lines.append("  no row is left: the facts lie outside what this table decides")
    if decision.questions:
        lines += ["", "Still open", *(question_text(question) for question in decision.questions)]
        lines += known_text(decision.questions, decision.on)
    if decision.fallen:
        lines += ["", "Fell away"]
        for entry in decision.fallen:
            lines.append(paragraph(f"{outcome_text(entry.row)}: {'; '.join(str(r) for r in entry.reasons)}"))
    lines += [
        "",
        *(
            f"Source: {source}"
            for source in cited(dict.fromkeys(id for row in decision.used for id in row.guidance))
        ),
    ]
    if verify := verify_text(decision.used):
        lines += ["", paragraph(verify, "")]
    return "\n".join(lines)
