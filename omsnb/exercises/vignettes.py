"""Vignettes: the facts of a decision table told in sentences, with near misses to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from omsnb.decisions import Fallen
from omsnb.exercises.frames import one_of, sentence, story
from omsnb.exercises.questions import NOTHING, Choice, Exercise, make, outcome
from omsnb.exercises.reasons import instead_of, nearest_row
from omsnb.exercises.scenes import Scene, distance, draw, read_facts
from omsnb.records import Row, Table
from omsnb.tables import documents, facts

FEWEST_FACTS = 2
"""Facts that a vignette tells at least; with one alone it would be a question of looking up."""

MOST = 3
"""Wrong answers at most."""


def tell(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A case told in sentences; what goes on the claim, or what is settled?"""
    table = random.choice(pool)
    found = draw(random, table, random.choice(table.rows))
    if not found or len(found.given) < FEWEST_FACTS:
        return None
    right = outcome(table, found.row)
    ways: dict[str, list[Fallen]] = {}
    for fallen in found.decision.fallen:
        ways.setdefault(outcome(table, fallen.row), []).append(fallen)
    ways.pop(right, None)
    ranked = sorted(ways, key=lambda text: (distance(ways[text]), random.random()))[:MOST]
    if not ranked or (ranked == [NOTHING] or right == NOTHING and len(ranked) < MOST):
        return None
    wrong = [Choice(text, False, _teach(found, text, ways[text])) for text in ranked]
    reports = any(row.report for row in table.rows)
    settled = " ".join(facts()[fact].question for fact in table.rows[0].concludes)
    ask = f"{table.title}: what goes on the claim?" if reports else settled
    answer = Choice(right, True, found.row.because)
    made = make(random, "vignette", table, found.given, ask, answer, wrong, found.row.guidance)
    return replace(made, scene=(("The case", story(found.given)),))


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
            much = (
                f"from {instead[0]} to {instead[-1]}"
                if instead[-1] < fact.every[-1]
                else f"{instead[0]} or more"
            )
            return f"*{text}* would follow if the story gave {much} {fact.unit}, in place of {told}."
    return nearest_row(found.table, fallen)


def missing_record(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A line and the records that the chart holds. Which record that the line asks for is missing?"""
    table = random.choice(pool)
    rows = [row for row in table.rows if row.report and row.documents]
    found = draw(random, table, random.choice(rows)) if rows else None
    if not found:
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
