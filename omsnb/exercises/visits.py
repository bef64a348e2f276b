"""Which modifier: a visit beside an operation, a second procedure after a first. The claim check judges each option."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

from omsnb.claim_tables import code_pairs, payers, places
from omsnb.claims import Claim, ServiceLine
from omsnb.exercises.dates import first_day, in_words
from omsnb.exercises.errors import blamed_lines, example, head_of
from omsnb.exercises.frames import frames, one_of
from omsnb.exercises.questions import Choice, Exercise
from omsnb.lookups import modifiers
from omsnb.periods import period_of
from omsnb.records import Code, Table
from omsnb.tables import codes, tables

MAJOR, MINOR = "090", "010"
VISITS, STAGES = ("24", "25", "57"), ("58", "78", "79")
PART = "no line of its own"
NONE = "no modifier"
DAYS = 180
"""Days from which a first operation is drawn, so that its period ends within the code year."""

VISIT_RULES = ("cur-same-day-01", "cur-same-day-02", "cur-same-day-03", "cur-same-day-04", "cur-global-01")
STAGE_RULES = ("cur-global-01", "cur-global-03", "cur-global-04")


@cache
def _procedures(days: str) -> tuple[Code, ...]:
    """Codes in force with that global period, in a fixed order."""
    found = [code for code in codes().values() if code.global_days == days and not code.effective_to]
    begun = [code for code in found if code.effective_from <= first_day().isoformat()]
    return tuple(sorted(begun, key=lambda code: code.code))


@cache
def office_visits() -> tuple[Code, ...]:
    """The visits of an established patient at the office, as the decision table reports them.

    Those of new patients are left out: payers differ on them, so that they have no one right answer.
    """
    found = {
        row.report
        for row in tables()["visit-by-mdm"].rows
        if row.report and row.conditions.get("family") == frozenset({"office_established"})
        and row.conditions.get("seen_by") != frozenset({"clinical_staff"})
    }  # fmt: skip
    return tuple(codes()[code] for code in sorted(found))


def claim_with(payer: str, lines: Sequence[tuple[Code, date, tuple[str, ...]]]) -> Claim:
    """A claim at the office that has all on file, so that a finding is about its codes, days and modifiers."""
    made = [
        ServiceLine(
            date=day, code=code.code, modifiers=marks, pointers="A", narrative="yes", attachment="yes", report="yes",
            charge=example("charge"), made_by="surgeon",
        )
        for code, day, marks in lines
    ]  # fmt: skip
    office = next(code for code, entry in places().items() if entry.place == "office")
    return replace(head_of(payers()[payer], office), lines=tuple(made))


def stands(payer: str, first: tuple[Code, date], second: tuple[Code, date], marks: tuple[str, ...]) -> bool:
    """Whether the claim check has nothing against the second service of a claim, carrying these modifiers."""
    return not blamed_lines(claim_with(payer, [(*first, ()), (*second, marks)]))


def which_modifier(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A vignette of two services. Which modifier belongs on the second, if any?

    The circumstance that is told belongs to one modifier; the claim check must let that one stand. Where it lets no
    modifier of the circumstance stand, the service is part of the other one, or needs none.
    """
    if any(table.name == "visit-by-mdm" for table in pool):
        return _visit(random)
    return _stage(random) if any(table.name == "splint" for table in pool) else None


def _visit(random: Random) -> Exercise | None:
    told = random.choice(("24", "25", "57", "part", "minor"))
    days = (
        MINOR
        if told in ("25", "minor")
        else random.choice((MAJOR, MINOR) if told in ("24", "part") else (MAJOR,))
    )
    done, visit = random.choice(_procedures(days)), random.choice(office_visits())
    day = first_day() + timedelta(days=random.randrange(3, DAYS))
    after = (period_of(done.code, day).last - day).days
    gap = {"57": random.choice((-1, 0)), "25": 0, "minor": 0}.get(told, random.randint(1, after))
    if gap == 0 and (frozenset({done.code, visit.code}) in _paired()):
        return None  # a pair of the correct coding edits has questions of its own
    payer = _payer(random)
    seen = day + timedelta(days=gap)
    right = f"modifier {told}" if told in VISITS else PART
    lifting = [mark for mark in VISITS if stands(payer, (done, day), (visit, seen), (mark,))]
    if told in VISITS and told not in lifting:
        return None
    reasons = {f"modifier {mark}": (mark, mark in lifting) for mark in VISITS} | {PART: ("part", True)}
    (because,) = frames()["right", told]
    choices = [_choice(text, text == right, *said, because) for text, said in reasons.items()]
    what = f"{done.code} ({done.label}) is done on {in_words(day)}; {_period(done)}."
    scene = _scene(
        payer,
        what,
        f"The visit is {visit.code}, on {in_words(seen)}.",
        one_of(random, "circumstance", told),
        random,
    )
    return _made(random, "I", scene, f"What becomes of the visit {visit.code}?", choices, VISIT_RULES)


def _stage(random: Random) -> Exercise | None:
    told = random.choice(STAGES)
    first, second = random.sample(_procedures(MAJOR), 2)
    if frozenset({first.code, second.code}) in _paired():
        return None
    day = first_day() + timedelta(days=random.randrange(3, DAYS))
    last = period_of(first.code, day).last
    inside = random.random() < 0.75
    later = (
        day + timedelta(days=random.randint(2, 88))
        if inside
        else last + timedelta(days=random.randint(2, 30))
    )
    payer = _payer(random)
    bare = stands(payer, (first, day), (second, later), ())
    if bare == inside or not stands(payer, (first, day), (second, later), (told,) if inside else ()):
        return None
    right = f"modifier {told}" if inside else NONE
    (because,) = frames()["right", told if inside else "none"]
    choices = [
        _choice(f"modifier {mark}", f"modifier {mark}" == right, mark, True, because) for mark in STAGES
    ]
    choices.append(_choice(NONE, right == NONE, "none", True, because))
    what = f"{first.code} ({first.label}) is done on {in_words(day)}; {_period(first)}."
    then = f"{second.code} ({second.label}) follows on {in_words(later)}, by the same surgeon."
    scene = _scene(payer, what, then, one_of(random, "circumstance", told), random)
    return _made(random, "VI", scene, f"What does the line of {second.code} carry?", choices, STAGE_RULES)


@cache
def _paired() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in code_pairs())


def _payer(random: Random) -> str:
    return random.choice([payer for kind, payer in frames() if kind == "payer"])


def _period(code: Code) -> str:
    return f"its global period has {int(code.global_days)} days"


def _scene(
    payer: str, what: str, then: str, circumstance: str, random: Random
) -> tuple[tuple[str, str], ...]:
    return (("The case", " ".join((one_of(random, "payer", payer), what, then, circumstance))),)


def _choice(text: str, right: bool, key: str, lifts: bool, one: str) -> Choice:
    (would,) = frames()["would", key]
    label = f"{key} means: {modifiers()[key].label}. " if key in modifiers() else ""
    if right:
        return Choice(text, True, f"{label}{one}")
    more = "" if lifts else " On these days the claim check does not accept it either."
    return Choice(text, False, f"{label}*{text[0].upper()}{text[1:]}* would be right if {would}.{more}")


def _made(
    random: Random, chapter: str, scene: tuple[tuple[str, str], ...], ask: str, choices: list[Choice],
    rules: tuple[str, ...],
) -> Exercise:  # fmt: skip
    random.shuffle(choices)
    return Exercise("which", chapter, "", {}, scene, ask, tuple(choices), rules)
