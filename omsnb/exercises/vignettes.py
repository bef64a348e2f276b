"""Vignettes: the facts of a decision table told in sentences, with near misses to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from omsnb.decisions import Fallen
from omsnb.exercises.frames import one_of, sentence, story, untold
from omsnb.exercises.possible import contradiction
from omsnb.exercises.questions import NOTHING, Choice, Exercise, make, outcome
from omsnb.exercises.reasons import instead_of, nearest_row
from omsnb.exercises.scenes import Scene, distance, draw, read_facts
from omsnb.network import requirements
from omsnb.records import Row, Table
from omsnb.tables import codes, documents, facts, tables

FEWEST_FACTS = 2
"""Facts that a vignette tells at least; where fewer decide, others that bear on nothing are told beside them."""

BESIDE = ("claim", "place", "patient", "consultation")
"""Facts of every visit to a practice, told where a table does not ask for them."""

MOST = 3
"""Wrong answers at most."""


def tell(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A case told in sentences; what goes on the claim, or what is settled?"""
    table = _any_told(random, pool)
    found = draw(random, table, random.choice(table.rows)) if table else None
    told = _with_others(random, found) if found else None
    if not table or not found or told is None:
        return None
    right = outcome(table, found.row)
    ways: dict[str, list[Fallen]] = {}
    for fallen in found.decision.fallen:
        ways.setdefault(outcome(table, fallen.row), []).append(fallen)
    ways.pop(right, None)
    ranked = sorted(ways, key=lambda text: (distance(ways[text]), random.random()))[:MOST]
    if not ranked or (right == NOTHING and len(ranked) < MOST):
        return None
    wrong = [Choice(text, False, _teach(found, text, ways[text])) for text in ranked]
    if found.row.report:
        wrong += _neighbors(random, table, MOST - len(wrong))
    if len(wrong) == 1 and ranked == [NOTHING]:
        return None
    reports = any(row.report for row in table.rows)
    settled = " ".join(facts()[fact].question for fact in table.rows[0].concludes)
    ask = f"{table.title}: what goes on the claim?" if reports else settled
    answer = Choice(right, True, found.row.because)
    made = make(random, "vignette", table, found.given, ask, answer, wrong, found.row.guidance)
    return replace(made, scene=(("The case", story(told)),))


def _any_told(random: Random, pool: Sequence[Table]) -> Table | None:
    """One of the tables of which every fact has a sentence; None where there is none."""
    told = [table for table in pool if not untold(table)]
    return random.choice(told) if told else None


def _neighbors(random: Random, table: Table, most: int) -> list[Choice]:
    """Codes of the chapter's other tables as wrong answers: nothing that is told is a service of theirs."""
    own = {row.report for row in table.rows}
    rows = {
        row.report: (other, row)
        for other in tables().values()
        if other.chapter == table.chapter and not set(other.columns) & set(table.columns)
        for row in other.rows
        if row.report and row.report not in own
    }
    chosen = random.sample(sorted(rows), min(most, len(rows)))
    return [
        Choice(
            code,
            False,
            f"{code} ({codes()[code].label}) belongs to “{rows[code][0].title}”: {rows[code][1].because}",
        )
        for code in chosen
    ]


def _with_others(random: Random, found: Scene) -> dict[str, str] | None:
    """The facts told, and where they are few some that the table does not ask for and that go with them."""
    told = dict(found.given)
    for name in random.sample(BESIDE, len(BESIDE)):
        if len(told) < FEWEST_FACTS and name not in requirements(found.table):
            more = {**told, name: random.choice(sorted(facts()[name].values))}
            told = told if contradiction(read_facts(more)) else more
    return told if len(told) >= FEWEST_FACTS else None


def _teach(found: Scene, text: str, fallen: Sequence[Fallen]) -> str:
    """Why an answer is wrong, as a teacher would say it: the one sentence that would have to be another."""
    given = read_facts(found.given)
    for name, told in found.given.items():
        instead = instead_of(found.table, given, name, fallen, lambda row: outcome(found.table, row) == text)
        if isinstance(instead, frozenset):
            others = " or ".join(f"“{sentence(name, value)}”" for value in sorted(instead))
            return f"*{text}* would follow if the story said {others} in place of “{sentence(name, told)}”"
        if instead:
            fact = facts()[name]
            assert isinstance(fact.every, range)  # a fact counted in numbers
            much = (
                f"from {instead[0]} to {instead[-1]}"
                if instead[-1] < fact.every[-1]
                else f"{instead[0]} or more"
            )
            return f"*{text}* would follow if the story gave {much} {fact.unit}, in place of {told}."
    return nearest_row(found.table, fallen)


def missing_record(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A line and the records that the chart holds. Which record that the line asks for is missing?"""
    table = _any_told(random, pool)
    rows = [row for row in table.rows if row.report and row.documents] if table else []
    found = draw(random, table, random.choice(rows)) if table and rows else None
    if not table or not found:
        return None
    asked = found.row.documents
    missing = random.choice(asked)
    held = [name for name in asked if name != missing]
    strange = [name for name in documents() if name not in _asked_by(table, found.row)]
    shown = [*random.sample(held, min(1, len(held))), *random.sample(strange, MOST)][:MOST]
    label = documents()[missing].label
    choices = [Choice(label, True, f"{found.row.because} For that line the rule asks for this record.")]
    for name in shown:
        why = (
            "The chart already holds it."
            if name in held
            else f"No rule about {found.row.report} in this table asks for it."
        )
        choices.append(Choice(documents()[name].label, False, why))
    random.shuffle(choices)
    chart = "; ".join(documents()[name].label for name in held)
    said = (
        f"For this line it holds: {chart}."
        if held
        else "It holds nothing yet that was written for this line."
    )
    told = f"{story(found.given)} The claim line is {outcome(table, found.row)}. {one_of(random, 'note', 'ask')} {said}"
    ask = "Which record that this line asks for is missing?"
    return Exercise(
        "note", table.chapter, table.name, found.given, (("The case", told),), ask, tuple(choices), found.row.guidance
    )  # fmt: skip


def _asked_by(table: Table, row: Row) -> set[str]:
    """Every record that some row of the table asks for with the same code."""
    return {name for other in table.rows if other.report == row.report for name in other.documents}
