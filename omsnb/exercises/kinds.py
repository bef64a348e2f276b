"""The kinds of exercises: each draws a scene and lets the engine decide; None where it finds nothing to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType

from omsnb.answers import words
from omsnb.decisions import Decision, Fallen, decide_with, open_questions
from omsnb.exercises.dates import code_year, period_date, safe_date
from omsnb.exercises.errors import find_error
from omsnb.exercises.possible import contradiction
from omsnb.exercises.questions import NOTHING, Choice, Exercise, make, outcome, scene
from omsnb.exercises.scenes import Other, Scene, distance, draw, other, others, read_facts
from omsnb.of_rows import units_of
from omsnb.records import Row, Table
from omsnb.tables import codes, facts, tables

Maker = Callable[[Random, Sequence[Table]], Exercise | None]
COMPONENTS = ("26", "TC")
FAR = 9
"""Comes after the answers that rows of the table lead to."""


def pick_code(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """Facts are told; which code, with modifiers and units, or which verdict, do they lead to?"""
    table = random.choice(pool)
    found = draw(random, table, random.choice(table.rows))
    wrong = others(random, found) if found else []
    if not found or not wrong or (len(wrong) == 1 and outcome(table, found.row) == NOTHING):
        return None  # "nothing was done, so nothing is reported" is no question
    reports = any(row.report for row in table.rows)
    settled = " ".join(facts()[fact].question for fact in table.rows[0].concludes)
    ask = f"{table.title}: what goes on the claim?" if reports else settled
    return _asked(random, "code", found, ask, wrong)


def _asked(
    random: Random, kind: str, found: Scene, ask: str, wrong: Sequence[Other], right: str = ""
) -> Exercise:
    answer = Choice(right or outcome(found.table, found.row), True, found.row.because)
    rest = [Choice(entry.text, False, entry.why) for entry in wrong]
    return make(random, kind, found.table, found.given, ask, answer, rest, found.row.guidance)


def pick_modifier(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """The code is told; which modifier goes with it?"""
    rows = [
        (table, row) for table in pool for row in table.rows if row.report and len(_modifiers(table, row)) > 1
    ]
    if not rows:
        return None
    table, row = random.choice(rows)
    found = draw(random, table, row)
    if not found:
        return None
    ways: dict[str, list[Fallen]] = {}
    for fallen in found.decision.fallen:
        same = fallen.row.report == row.report and fallen.row.modifiers != row.modifiers
        if same or not fallen.row.report:
            ways.setdefault(_modifier(row, fallen.row), []).append(fallen)
    unsplit = () if codes()[row.report].component_split else COMPONENTS
    ranked = sorted(
        dict.fromkeys((*ways, *unsplit)),
        key=lambda text: (distance(ways[text]) if text in ways else FAR, random.random()),
    )
    wrong = []
    for text in ranked[:3]:
        if text in ways:
            wrong.append(other(found, text, ways[text], lambda way: _modifier(row, way)))
        else:
            why = f"{row.report} is not split into a professional and a technical component."
            wrong.append(Other(text, why, row))
    ask = f"The line reports {row.report}. Which modifier goes with it?"
    return _asked(random, "modifier", found, ask, wrong, _modifier(row, row))


def _modifier(asked: Row, row: Row) -> str:
    """What a row says of the modifier of the code that another row reports."""
    if not row.report:
        return f"no line at all: {NOTHING}"
    return (" and ".join(row.modifiers) or "none") if row.report == asked.report else ""


def _modifiers(table: Table, row: Row) -> set[tuple[str, ...]]:
    return {other.modifiers for other in table.rows if other.report == row.report}


def narrow_menu(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A menu of codes is told and one more fact; which codes are left?"""
    table = random.choice(pool)
    found = draw(random, table, random.choice(table.rows))
    if not found:
        return None
    told = read_facts(found.given)
    held = [name for name in found.given if len(facts()[name].values) > 1]
    random.shuffle(held)
    for name in held:
        before = {fact: allowed for fact, allowed in told.items() if fact != name}
        for open_fact in random.sample(sorted(before), random.randint(0, min(1, len(before)))):
            before.pop(open_fact)
        earlier = decide_with(table, before)
        menu = earlier.codes
        asked = [question for question in open_questions((table,), before) if question.fact == name]
        if len(menu) < 3 or not asked:
            continue
        ways = {answer: {**before, name: frozenset({answer})} for answer in asked[0].answers}
        decided = {answer: decide_with(table, way) for answer, way in ways.items() if not contradiction(way)}
        left = {answer: decision.codes for answer, decision in decided.items() if decision.rows}
        here = found.given[name]
        if here not in left or left[here] == menu:
            continue
        fact = facts()[name]
        wrong = {_menu(menu): f"The answer does narrow the menu: {_menu(left[here])} is left."}
        for answer, kept in left.items():
            if kept != left[here]:
                wrong.setdefault(_menu(kept), f"This would be left if the answer were: {fact.label(answer)}.")
        wrong.pop(_menu(left[here]), None)
        shown = {fact: value for fact, value in found.given.items() if fact in before}
        rows = decided[here]
        right = Choice(_menu(left[here]), True, _what_fell(earlier, rows))
        texts = random.sample(sorted(wrong), min(3, len(wrong)))
        ask = (
            f"{table.title}: the menu is {_menu(menu)}. {fact.question} The answer is: {fact.label(here)}. "
            "What is left?"
        )
        rest = [Choice(text, False, wrong[text]) for text in texts]
        made = make(random, "menu", table, {**shown, name: here}, ask, right, rest, rows.guidance[:6])
        return replace(made, scene=scene(shown))  # the new fact stands in the question
    return None


def _menu(kept: Sequence[str]) -> str:
    return ", ".join(kept) or "no code"


def _what_fell(before: Decision, after: Decision) -> str:
    """Which codes of a menu fell and why, and what decides between the rest."""
    told: dict[str, dict[str, list[str]]] = {}
    for code in before.codes:
        if code in after.codes:
            continue
        stood = {row.id for row in before.rows if row.report == code}
        reasons = [fallen.reasons[0] for fallen in after.fallen if fallen.row.id in stood]
        fact = facts()[reasons[0].fact]
        answer = f"The answer to “{fact.question}” is “{words(fact, reasons[0].given)}”."
        wanted = [words(fact, reason.wanted) for reason in reasons if reason.fact == fact.name]
        asked = " or ".join(f"“{text}”" for text in dict.fromkeys(wanted))
        told.setdefault(answer, {}).setdefault(asked, []).append(code)
    parts = []
    for answer, fell in told.items():
        parts.append(answer)
        for asked, gone in fell.items():
            says = "fall away: they ask" if len(gone) > 1 else "falls away: it asks"
            parts.append(f"{', '.join(gone)} {says} for {asked}.")
    open_facts = " ".join(f"“{question.text}”" for question in after.questions[:2])
    return " ".join((*parts, f"What is left depends on: {open_facts}" if open_facts else after.because[0]))


def count_units(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """Time is told; how many units of the prolonged code?"""
    rows = [(table, row) for table in pool for row in table.rows if row.units.startswith("per ")]
    if not rows:
        return None
    table, row = random.choice(rows)
    found = draw(random, table, row)
    if not found or "minutes" not in found.given:
        return None
    _, step, _, start = row.units.split()
    units, spent = int(units_of(row, found.decision.state)), found.given["minutes"]
    wrong = []
    for count in [near for near in (units - 1, units + 1, units + 2) if near >= 0]:
        least = int(start) + (count - 1) * int(step)
        if count:
            text = f"{count} takes {least} minutes, and less than {step} more; {spent} were spent."
        else:
            text = f"The first unit is reached at {start} minutes, and {spent} were spent."
        wrong.append(Other(str(count), text, row))
    return _asked(random, "units", found, f"How many units of {row.report} are reported?", wrong, str(units))


KINDS: Mapping[str, tuple[str, Maker]] = MappingProxyType(
    {
        "code": ("Pick the code", pick_code),
        "modifier": ("Pick the modifier", pick_modifier),
        "menu": ("Narrow the menu", narrow_menu),
        "units": ("Count the units", count_units),
        "error": ("Find the error in this claim", find_error),
        "date": (
            "Compute the date",
            lambda random, pool: safe_date(random, pool) or period_date(random, pool),
        ),
        "year": ("Which code was in force", code_year),
    }
)
"""Kinds of exercises by name: their heading and what makes them."""


def all_tables() -> tuple[Table, ...]:
    """The tables that exercises are made from."""
    return tuple(tables().values())
