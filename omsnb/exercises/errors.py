"""Find the error: a claim that follows from one set of facts and passes the claim check, but for one planted line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from omsnb.claim_tables import Payer, claim_fields, payers, places
from omsnb.claims import Claim, ServiceLine, parse_cell
from omsnb.decisions import decide_with
from omsnb.edits import find
from omsnb.exercises.dates import first_day, in_words
from omsnb.exercises.left import rows_left
from omsnb.exercises.possible import contradiction
from omsnb.exercises.questions import NOTHING, Choice, Exercise, outcome, scene
from omsnb.exercises.scenes import Other, Scene, draw, others, read_facts
from omsnb.network import requirements
from omsnb.reading import Line, by_id, read_lines
from omsnb.records import Row, Service, Table
from omsnb.tables import facts, services

LEAST, LINES = 3, 4
DAYS = 300
"""Days of service are drawn from the first ones of the code year, so that the edition knows them."""
FINE = "ok"


@dataclass(frozen=True, slots=True)
class Draft:
    """A claim in the making: its head without lines, the day, the scenes of its lines, and the facts that are told."""

    head: Claim
    day: date
    lines: tuple[Scene, ...]
    told: Mapping[str, str]


def find_error(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A claim of several lines; one does not follow from the facts. Which?

    All lines come from one set of facts, one for each service. The claim as it should be has no finding of the claim
    check; with the error planted, no line but the planted one has any.
    """
    draft = _true_claim(random, pool)
    if draft is None:
        return None
    known = read_facts(draft.told)
    for false in random.sample(range(len(draft.lines)), len(draft.lines)):
        # Why a line is wrong is told with all the facts of the claim, as the learner sees them.
        line = draft.lines[false]
        whole = replace(line, given=dict(draft.told), decision=decide_with(line.table, known))
        for planted in others(random, whole, most=LINES):
            if planted.text == NOTHING or not planted.row.units.isdigit():
                continue
            shown = claim_of(draft, {false: planted.row})
            if blamed_lines(shown) <= {shown.lines[false].line}:
                return _exercise(draft, shown, false, planted)
    return None


def _exercise(draft: Draft, shown: Claim, false: int, planted: Other) -> Exercise:
    choices = []
    for place, line in enumerate(draft.lines):
        stands = outcome(line.table, line.row)
        if place == false:
            why = f"It should be {stands}. {line.row.because} {planted.why}"
        else:
            why = f"This line is right. {line.row.because}"
        text = planted.text if place == false else stands
        choices.append(Choice(f"{line.table.title}: {text}", place == false, why))
    facts_told = (*scene(draft.told), ("Which day is the date of service?", in_words(draft.day)))
    guidance = draft.lines[false].row.guidance
    ask = "Which line of this claim is wrong?"
    return Exercise(
        "error", "VII", "", dict(draft.told), facts_told, ask, tuple(choices), guidance, shown
    )  # fmt: skip


def blamed_lines(claim: Claim) -> set[int]:
    """The lines of a claim that the claim check has anything to say about, but that they are fine."""
    return {line for found in find([claim]) if found.status != FINE for _, line in found.lines}


def _true_claim(random: Random, pool: Sequence[Table]) -> Draft | None:
    """A claim whose lines are all right; None where too few go together.

    ``world`` holds every fact that is settled so far, told or not: a later line is drawn from the same world, so that
    no two lines rest on facts that exclude each other.
    """
    # of a kind that is like another one most rules are open, so its claims have no right answer to find
    plan = random.choice([entry for entry in payers().values() if not entry.like])
    world = _settled_by(plan)
    world |= {fact: random.choice(sorted(facts()[fact].values)) for fact in ("place", "component")}
    told = {fact: value for fact, value in world.items() if fact != "component"}
    day = first_day() + timedelta(days=random.randrange(DAYS))
    head = _head(
        plan, random.choice([code for code, entry in places().items() if entry.place == told["place"]])
    )
    kept: dict[str, Scene] = {}
    waiting = _tables(random, pool)
    for _ in range(2):  # a line that rests on another one is tried again when that one may be there
        for service, table in waiting:
            if service in kept or len(kept) == LINES:
                continue
            rows = [row for row in table.rows if row.report and row.units.isdigit()]
            fixed = {name: value for name, value in world.items() if name in requirements(table)}
            found = draw(random, table, random.choice(rows), fixed) if rows else None
            if found is None:
                continue
            trial = Draft(head, day, (*kept.values(), found), {**told, **found.given})
            if not contradiction(read_facts(trial.told)) and not blamed_lines(claim_of(trial)):
                kept[service], told = found, dict(trial.told)
                world |= found.full
    lines = tuple(kept[name] for name in services() if name in kept)
    known = read_facts(told)
    if len(lines) < LEAST or any(rows_left(line.table, known) != (line.row,) for line in lines):
        return None
    return Draft(head, day, lines, told)


def _settled_by(plan: Payer) -> dict[str, str]:
    """The facts that the type of payer settles."""
    said = {"claim": plan.claim}
    if plan.medical_payer:
        said |= {"payer": plan.medical_payer, "payer_accepts_cdt": plan.accepts_cdt}
    return said


def _tables(random: Random, pool: Sequence[Table]) -> list[tuple[str, Table]]:
    """One table for each service that the pool has, in a random order: no service is billed twice."""
    found = []
    for service in services().values():
        ways = _ways(service, pool)
        if ways:
            found.append((service.name, random.choice(ways)))
    random.shuffle(found)
    return found


def _ways(service: Service, pool: Sequence[Table]) -> list[Table]:
    return [table for table in pool if table.name in service.tables]


@cache
def teeth() -> Mapping[str, str]:
    """The tooth of a line, for services that are done at one (``practice-lines.csv``)."""

    def make(line: Line) -> str:
        line.listed("service", services())
        return line.wanted("tooth")

    return by_id(read_lines("practice-lines.csv", ("service", "tooth")), "service", make)


def _head(plan: Payer, place: str) -> Claim:
    """The claim without its lines: what was drawn, and else what a claim file gives as an example."""
    return Claim(
        _example("claim"), _example("patient"), payer=plan.name, provider=_example("provider"), form=plan.form,
        place=place, birth_date=_example("birth_date"), diagnoses=_example("diagnoses"),
    )  # fmt: skip


@cache
def _example(column: str) -> Any:
    """The example of a column of a claim file, read as the file would be: a text, a date, an amount or a list."""
    return parse_cell(claim_fields()[column], claim_fields()[column].example)


def claim_of(draft: Draft, instead: Mapping[int, Row] | None = None) -> Claim:
    """The claim of a draft, one line for each scene. ``instead``: other rows for some lines, by their place."""
    rows = [(instead or {}).get(place, line.row) for place, line in enumerate(draft.lines)]
    lines = tuple(_line(draft, line, row) for line, row in zip(draft.lines, rows, strict=True))
    born = draft.head.birth_date
    if "age_years" in draft.told:
        born = date(draft.day.year - int(draft.told["age_years"]), 1, 1)
    return replace(draft.head, birth_date=born, lines=lines)


def _line(draft: Draft, scene: Scene, row: Row) -> ServiceLine:
    """A claim line with all that its kind has on file, so that a finding can only be about what it reports."""
    asked = requirements(scene.table)
    service = next(name for name, entry in services().items() if scene.table.name in entry.tables)
    return ServiceLine(
        date=draft.day,
        code=row.report,
        units=int(row.units),
        modifiers=row.modifiers,
        pointers="A",
        tooth=teeth().get(service, ""),
        charge=_example("charge"),
        narrative="yes",
        attachment="yes",
        report="yes",
        made_by=scene.full["fabricated_by"] if "fabricated_by" in asked else "",
        minutes=int(scene.full["minutes"]) if "minutes" in asked else None,
    )
