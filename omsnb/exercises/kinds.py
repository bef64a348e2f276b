"""The kinds of exercises: each draws a scene and lets the engine decide; None where it finds nothing to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from types import MappingProxyType

from omsnb.coding import units_of
from omsnb.decisions import decide_with, open_questions, requirements
from omsnb.exercises.dates import code_year, period_date, safe_date
from omsnb.exercises.questions import NOTHING, Choice, Exercise, make, outcome, scene, why_not
from omsnb.exercises.scenes import Scene, draw, others
from omsnb.records import Allowed, Row, Table
from omsnb.tables import codes, facts, parse_allowed, tables

Maker = Callable[[Random, Sequence[Table]], Exercise | None]
COMPONENTS = ("26", "TC")


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
    random: Random, kind: str, found: Scene, ask: str, wrong: Sequence[tuple[str, str]], right: str = ""
) -> Exercise:
    answer = Choice(right or outcome(found.table, found.row), True, found.row.because)
    rest = [Choice(text, False, why) for text, why in wrong]
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
    wrong: dict[str, tuple[int, str]] = {}
    ruled_out = {fallen.row.id: fallen for fallen in found.decision.fallen}
    for fallen in ruled_out.values():
        same = fallen.row.report == row.report and fallen.row.modifiers != row.modifiers
        if same or (not fallen.row.report):
            text = _modifier(fallen.row) if same else f"no line at all: {NOTHING}"
            if len(fallen.reasons) < wrong.get(text, (99, ""))[0]:
                wrong[text] = (len(fallen.reasons), why_not(fallen))
    if not codes()[row.report].component_split:
        for modifier in COMPONENTS:
            wrong[modifier] = (9, f"{row.report} is not split into a professional and a technical component.")
    ranked = sorted(wrong, key=lambda text: (wrong[text][0], random.random()))[:3]
    ask = f"The line reports {row.report}. Which modifier goes with it?"
    return _asked(
        random, "modifier", found, ask, [(text, wrong[text][1]) for text in ranked], _modifier(row)
    )


def _modifier(row: Row) -> str:
    return " and ".join(row.modifiers) or "none"


def _modifiers(table: Table, row: Row) -> set[tuple[str, ...]]:
    return {other.modifiers for other in table.rows if other.report == row.report}


def narrow_menu(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A menu of codes is told and one more fact; which codes are left?"""
    table = random.choice(pool)
    found = draw(random, table, random.choice(table.rows))
    if not found:
        return None
    told = _read(found.given)
    held = [name for name in found.given if len(facts()[name].values) > 1]
    random.shuffle(held)
    for name in held:
        before = {fact: allowed for fact, allowed in told.items() if fact != name}
        for other in random.sample(sorted(before), random.randint(0, min(1, len(before)))):
            before.pop(other)
        menu = decide_with(table, before).codes
        asked = [question for question in open_questions((table,), before) if question.fact == name]
        if len(menu) < 3 or not asked:
            continue
        left = {
            answer: decide_with(table, {**before, name: frozenset({answer})}).codes
            for answer in asked[0].answers
        }
        here = found.given[name]
        if here not in left or left[here] == menu:
            continue
        fact = facts()[name]
        wrong = {_menu(menu): f"The answer does narrow the menu: {_menu(left[here])} is left."}
        for answer, kept in left.items():
            if kept != left[here]:
                wrong.setdefault(_menu(kept), f"This is left if the answer is: {fact.label(answer)}.")
        wrong.pop(_menu(left[here]), None)
        shown = {fact: value for fact, value in found.given.items() if fact in before}
        rows = decide_with(table, {**before, name: frozenset({here})})
        right = Choice(_menu(left[here]), True, " ".join(rows.because[:2]))
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


def _read(given: Mapping[str, str]) -> dict[str, Allowed]:
    return {name: parse_allowed(facts()[name], value) for name, value in given.items()}


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
    for other in [count for count in (units - 1, units + 1, units + 2) if count >= 0]:
        least = int(start) + (other - 1) * int(step)
        if other:
            text = f"{other} takes {least} minutes, and less than {step} more; {spent} were spent."
        else:
            text = f"The first unit is reached at {start} minutes, and {spent} were spent."
        wrong.append((str(other), text))
    return _asked(random, "units", found, f"How many units of {row.report} are reported?", wrong, str(units))


LINES = 4


def find_error(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A claim of several lines; one does not follow from the facts. Which?"""
    fixed = {
        "claim": random.choice(sorted(facts()["claim"].values)),
        "component": random.choice(sorted(facts()["component"].values)),
        "place": random.choice(sorted(facts()["place"].values)),
    }
    lines: list[Scene] = []
    told = dict(fixed)
    for table in random.sample(list(pool), len(pool)):
        rows = [row for row in table.rows if row.report and not row.units.startswith("per ")]
        if not rows or len(lines) == LINES or not any(row.report for row in table.rows):
            continue
        found = draw(random, table, random.choice(rows), {n: v for n, v in told.items() if n in requirements(table)})
        if found:
            lines.append(found)
            told.update(found.given)
    if len(lines) < 3:
        return None
    # Every line is decided anew from all that is told, so that no line rests on what another one needed.
    decided = [decide_with(entry.table, _read(told)) for entry in lines]
    if any(len(decision.rows) != 1 for decision in decided):
        return None
    false = random.randrange(len(lines))
    wrong = [text for text, _ in others(random, lines[false]) if text != NOTHING]
    if not wrong:
        return None
    choices = []
    for place, (entry, decision) in enumerate(zip(lines, decided, strict=True)):
        row = decision.rows[0]
        stands = outcome(entry.table, row)
        text = f"{entry.table.title}: {wrong[0] if place == false else stands}"
        why = f"It should be {stands}. {row.because}" if place == false else f"This line is right. {row.because}"
        choices.append(Choice(text, place == false, why))
    guidance = decided[false].rows[0].guidance
    kept = {name: value for name, value in told.items() if any(name in entry.given for entry in lines)}
    return Exercise(
        "error", "VII", "", kept, scene(kept), "Which line of this claim is wrong?", tuple(choices), guidance
    )


KINDS: Mapping[str, tuple[str, Maker]] = MappingProxyType(
    {
        "code": ("Pick the code", pick_code),
        "modifier": ("Pick the modifier", pick_modifier),
        "menu": ("Narrow the menu", narrow_menu),
        "units": ("Count the units", count_units),
        "error": ("Find the error in this claim", find_error),
        "date": ("Compute the date", lambda random, pool: safe_date(random, pool) or period_date(random, pool)),
        "year": ("Which code was in force", code_year),
    }
)
"""Kinds of exercises by name: their heading and what makes them."""


def all_tables() -> tuple[Table, ...]:
    """The tables that exercises are made from."""
    return tuple(tables().values())
