"""Vignettes: the facts of a decision table told in sentences, with near misses to choose from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from random import Random

from omsnb.answers import words
from omsnb.decisions import Fallen, Reason, decide_with
from omsnb.exercises.frames import frames, one_of, sentence, story, untold
from omsnb.exercises.left import rows_left
from omsnb.exercises.openings import has_opening, opening
from omsnb.exercises.possible import contradiction
from omsnb.exercises.questions import NOTHING, Choice, Exercise, make, outcome
from omsnb.exercises.reasons import instead_of
from omsnb.exercises.scenes import Scene, distance, draw, read_facts
from omsnb.network import requirements
from omsnb.records import Row, Table
from omsnb.tables import codes, documents, facts, tables
from omsnb.which import LINE, VERDICTS, row_marks

FEWEST_FACTS = 2
"""Facts that a vignette tells at least; where fewer decide, others that bear on nothing are told beside them."""

BESIDE = ("claim", "place", "patient", "consultation")
"""Facts of every visit to a practice, told where a table does not ask for them."""

MOST = 3
"""Wrong answers at most."""

KIND = "line_kind"
"""What an opening tells by the code that it names."""

DECIDING = 2
FEW = 3


def tell(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A case told in sentences; what goes on the claim, or what is settled?"""
    table = _any_told(random, pool)
    found = draw(random, table, _any_row(random, table)) if table else None
    found = _with_scope(found) if found else None
    told = _with_others(random, found) if found else None
    if not table or not found or told is None:
        return None
    lead = opening(random, table, told) if has_opening(table) else ""
    if lead is None:
        return None
    if _refused_elsewhere(found):
        return None
    right = outcome(table, found.row)
    ways: dict[str, list[Fallen]] = {}
    for fallen in found.decision.fallen:
        ways.setdefault(outcome(table, fallen.row), []).append(fallen)
    ways.pop(right, None)
    for text in [text for text, fallen in ways.items() if _arguable(found.row, fallen[0].row)]:
        del ways[text]
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
    answer = Choice(right, True, f"{found.row.because}{_deciding(found)}")
    made = make(random, "vignette", table, found.given, ask, answer, wrong, found.row.guidance)
    return replace(made, scene=(("The case", f"{lead} {story(told, table.scope)}".strip()),))


def _any_told(random: Random, pool: Sequence[Table]) -> Table | None:
    """One of the tables of which every fact has a sentence; None where there is none."""
    told = [table for table in pool if not untold(table)]
    return random.choice(told) if told else None


def _any_row(random: Random, table: Table) -> Row:
    """A row of the table, each answer being as likely as any other, however many rows lead to it."""
    rows: dict[str, list[Row]] = {}
    for row in table.rows:
        rows.setdefault(outcome(table, row), []).append(row)
    return random.choice(rows[random.choice(list(rows))])


def _refused_elsewhere(found: Scene) -> bool:
    """Whether another table about the same kind of line is stricter with the facts told, so that it decides."""
    if LINE not in found.row.concludes:
        return False
    given, here = read_facts(found.given), VERDICTS.index(found.row.concludes[LINE])
    siblings = [
        other
        for other in tables().values()
        if other.name != found.table.name and LINE in other.concludes and other.scope == found.table.scope
    ]
    left = [rows for other in siblings if (rows := rows_left(other, given))]
    return any(all(VERDICTS.index(row.concludes[LINE]) < here for row in rows) for rows in left)


def _arguable(right: Row, other: Row) -> bool:
    """Whether a careful coder might defend another row's answer as well, so that it is no wrong answer to choose.

    Asking the payer about the very line that may be billed is not wrong, and a loose modifier says what an exact one
    says. Where the rule asks first, to bill without a word is wrong.
    """
    marks, others = row_marks(right), row_marks(other)
    if right.report == other.report and marks == others and (marks or right.report):
        return {right.concludes.get(LINE), other.concludes.get(LINE)} == {"yes", "ask"}
    if not right.report and not other.report and not marks and not others:
        return right.concludes.get(LINE) == "yes" and other.concludes.get(LINE) == "ask"
    return bool(marks) and any(("loose", mark) in frames() for mark in others)


def _neighbors(random: Random, table: Table, most: int) -> list[Choice]:
    """Codes of the chapter's other tables as wrong answers: nothing that is told is a service of theirs."""
    own = {row.report for row in table.rows}
    rows = {
        row.report: (other, row)
        for other in tables().values()
        if other.chapter == table.chapter and not set(other.conditions) & set(table.conditions)
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
    if has_opening(found.table):
        return told
    for name in random.sample(BESIDE, len(BESIDE)):
        if len(told) < FEWEST_FACTS and name not in requirements(found.table):
            more = {**told, name: random.choice(sorted(facts()[name].values))}
            told = told if contradiction(read_facts(more)) else more
    return told if len(told) >= FEWEST_FACTS else None


def _with_scope(found: Scene) -> Scene:
    """The scene that also tells what the table is about (what an appliance is for); an opening tells a line's kind."""
    about = {name: found.full[name] for name in found.table.scope if name != KIND}
    given = {**found.given, **about}
    return replace(found, given=given, decision=decide_with(found.table, read_facts(given)))


def _deciding(found: Scene) -> str:
    """The sentences of the story without which the answer would be open, where the reason does not say it in full."""
    given = read_facts(found.given)
    sure = [
        sentence(name, found.given[name])
        for name in facts()
        if name in found.given
        and rows_left(found.table, {other: value for other, value in given.items() if other != name})
        != (found.row,)
    ]
    return f" What decides here: {' '.join(f'“{text}”' for text in sure[-DECIDING:])}" if sure else ""


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
    return _another_story(found, text, fallen)


def _another_story(found: Scene, text: str, fallen: Sequence[Fallen]) -> str:
    """What the nearest row asks that the story does not say, in the sentences of a story."""
    nearest = min(fallen, key=lambda entry: len(entry.reasons))
    return f"*{text}* belongs to another story, one that {', and '.join(map(_says, nearest.reasons))}"


def _says(reason: Reason) -> str:
    """What a story says where a row's condition holds."""
    fact = facts()[reason.fact]
    if isinstance(reason.wanted, range):
        return f"gives {words(fact, reason.wanted)}."
    if len(reason.wanted) > MOST:
        return f"answers “{fact.question}” with {words(fact, reason.wanted)}."
    told = [sentence(fact.name, value) for value in fact.values if value in reason.wanted]
    return f"says {' or '.join(f'“{text}”' for text in told)}"


def missing_record(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A line and the records that the chart holds. Which record that the line asks for is missing?"""
    table = _any_told(random, pool)
    rows = [
        row
        for row in (table.rows if table else ())
        if row.documents and (row.report or LINE in row.concludes)
    ]
    found = draw(random, table, random.choice(rows)) if table and rows else None
    found = _with_scope(found) if found else None
    lead = opening(random, table, found.given) if table and found and has_opening(table) else ""
    if not table or not found or lead is None:
        return None
    asked, line = found.row.documents, outcome(table, found.row)
    missing = random.choice(asked)
    held = [name for name in asked if name != missing]
    strange = [name for name in _specific() if name not in _asked_by(table, found.row)]
    near = {name for name, (other, _) in _specific().items() if other.chapter == table.chapter}
    ranked = sorted(strange, key=lambda name: (name not in near, random.random()))
    shown = [*random.sample(held, min(1, len(held))), *ranked[:MOST]][:MOST]
    label = documents()[missing].label
    choices = [Choice(label, True, f"{found.row.because} For that line the rule asks for this record.")]
    for name in shown:
        if name in held:
            why = "The chart already holds it."
        else:
            other, row = _specific()[name]
            why = f"“{other.title}” asks for it, for example for “{outcome(other, row)}”; for this line no rule does."
        choices.append(Choice(documents()[name].label, False, why))
    random.shuffle(choices)
    chart = "; ".join(documents()[name].label for name in held)
    said = (
        f"For this line it holds: {chart}."
        if held
        else "It holds nothing yet that was written for this line."
    )
    settled = f"The claim line is {line}." if found.row.report else f"The rule for this line: {line}."
    told = (
        f"{lead} {story(found.given, table.scope)} {settled} {one_of(random, 'note', 'ask')} {said}".strip()
    )
    ask = "Which record that this line asks for is missing?"
    return Exercise(
        "note", table.chapter, table.name, found.given, (("The case", told),), ask, tuple(choices), found.row.guidance
    )  # fmt: skip


@cache
def _specific() -> Mapping[str, tuple[Table, Row]]:
    """Records that few tables ask for, each with a row that does; a record that many ask for is seldom out of place."""
    asked: dict[str, dict[str, tuple[Table, Row]]] = {}
    for table in tables().values():
        for row in table.rows:
            for name in row.documents:
                asked.setdefault(name, {}).setdefault(table.name, (table, row))
    return {
        name: min(by.values(), key=lambda one: one[0].name) for name, by in asked.items() if len(by) <= FEW
    }


def _asked_by(table: Table, row: Row) -> set[str]:
    """Every record that some row of the table asks for with the same code, or else with the same answer."""
    return {
        name
        for other in table.rows
        if (other.report == row.report if row.report else outcome(table, other) == outcome(table, row))
        for name in other.documents
    }
