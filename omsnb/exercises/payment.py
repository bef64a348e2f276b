"""What a payer does: two codes of one day, and the answer that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from omsnb.claim_tables import CodePair, code_pairs
from omsnb.edits.units import quarter_end
from omsnb.exercises.dates import in_words
from omsnb.exercises.frames import one_of
from omsnb.exercises.questions import Choice, Exercise
from omsnb.lookups import ANSWERS, Denial, denials
from omsnb.pair_modifiers import PairModifiers, lifted_by, pair_modifiers
from omsnb.records import Table
from omsnb.tables import codes

NOT_TOLD = ("amount", "remark", "wait", "status")
"""Steps that are seldom wrong as well, so that they are no wrong answers."""

ALSO = {
    "correct": (
        "correct",
        "mend",
        "use ",
        "add ",
        "fix",
        "keep",
        "take one",
        "give ",
        "put ",
        "check",
        "compare",
        "see that",
        "set ",
    ),
    "appeal": ("appeal",),
    "records": ("send ", "proof", "record", "image", "note"),
    "authorization": ("authoriz",),
    "other_payer": ("payer", "plan", "send it"),
    "patient": ("patient",),
    "write_off": ("write",),
}
"""Words of a next step that name another step as well: such a step is no wrong answer there."""

DENIAL_RULES = ("cur-denial-01", "cur-denial-02")
PAIR_RULES = ("cur-ncci-01",)
OLDER = 120
"""Days after the end of a table's quarter from which a day is drawn for which it does not speak."""


def _way(row: PairModifiers) -> str:
    if not row.modifiers:
        return "no: never together, whatever the modifier"
    where = "the visit" if row.visits != "none" else "one of the two"
    return f"yes, if {' or '.join(row.modifiers)} is true of {where} and the record shows it"


def _held() -> list[CodePair]:
    known = [pair for pair in code_pairs().values() if pair.first in codes() and pair.second in codes()]
    return sorted(known, key=lambda pair: (pair.first, pair.second))


def pair_paid(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """Two codes of one day: may they be paid together, and how?"""
    held = _held()
    kind = random.choice(sorted({_way(lifted_by(pair)) for pair in held}))
    pair = random.choice([pair for pair in held if _way(lifted_by(pair)) == kind])
    newest, end = date.fromisoformat(pair.effective), date.fromisoformat(quarter_end(pair.effective))
    day = newest + timedelta(days=random.randint(0, (end - newest).days))
    first, second = (codes()[code] for code in random.sample((pair.first, pair.second), 2))
    if not all(_in_force(code.effective_from, code.effective_to, day) for code in (first, second)):
        return None
    lifting = lifted_by(pair)
    choices = [
        Choice(
            _way(lifting),
            True,
            f"{pair.second} is denied beside {pair.first}, indicator {pair.indicator}: {lifting.says}.",
        )
    ]
    for text, row in {_way(row): row for row in pair_modifiers()}.items():
        if text != _way(lifting) and not (row.modifiers and row.modifiers == lifting.modifiers):
            why = f"Of other pairs the rule says: {row.says}. Here it says: {lifting.says}."
            choices.append(Choice(text, False, why))
    random.shuffle(choices)
    told = (
        f"One surgeon reports {first.code} ({first.label}) and {second.code} ({second.label}) for one patient on "
        f"{in_words(day)}. The table of code pairs that was in force on that day holds the two."
    )
    guidance = tuple(dict.fromkeys((*PAIR_RULES, *lifting.guidance)))
    return Exercise(
        "pair", "VII", "", {}, (("The case", told),), "May both be paid?", tuple(choices), guidance
    )


def pair_dated(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A pair was looked up in a table of some quarter: what does that tell for the day of the service?"""
    pair = random.choice(_held())
    end = date.fromisoformat(quarter_end(pair.effective))
    begun = date.fromisoformat(pair.effective)
    inside = random.random() < 0.5
    day = (
        begun + timedelta(days=random.randint(0, (end - begun).days))
        if inside
        else end + timedelta(days=random.randint(1, OLDER))
    )
    yes, no = "Yes: that table holds for the day.", "No: look into the table of the day's own quarter."
    free = "Yes: a pair never changes once it is in the table."
    ended = "No: a pair that is not of the day's own month is void."
    why = f"The table of {in_words(begun)} speaks up to {in_words(end)}; the service is of {in_words(day)}."
    choices = [
        Choice(yes, inside, why),
        Choice(no, not inside, why),
        Choice(free, False, "Tables come out each quarter; pairs are added, changed and deleted."),
        Choice(ended, False, "Tables hold for a quarter, not for a month."),
    ]
    random.shuffle(choices)
    told = (
        f"The service is of {in_words(day)}. The biller has the pair {pair.first} with {pair.second} from the table "
        f"that began on {in_words(begun)}."
    )
    ask = "May the biller rely on this table for that day?"
    return Exercise("table", "IX", "", {}, (("The case", told),), ask, tuple(choices), PAIR_RULES)


def _in_force(begins: str, ends: str, day: date) -> bool:
    return begins <= day.isoformat() and (not ends or day.isoformat() <= ends)


def denial_next(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A denial: what comes next, and is it worth an appeal?

    A denial with two answers has no one right step, so it is not drawn here.
    """
    sole = [
        entry for entry in denials().values() if len(entry.answers) == 1 and entry.answers[0] not in NOT_TOLD
    ]
    step = random.choice(sorted({entry.answers[0] for entry in sole}))
    entry = random.choice([entry for entry in sole if entry.answers[0] == step])
    wrong = [name for name in ANSWERS if name != step and name not in NOT_TOLD and not named(name, entry)]
    choices = [Choice(ANSWERS[step], True, f"{entry.label}. {entry.next_step}")]
    for name in random.sample(wrong, min(3, len(wrong))):
        other = next((held for held in sole if held.answers[0] == name), None)
        led = (
            f" *{ANSWERS[name].capitalize()}* is the answer to {other.code}, for example: {other.label}."
            if other
            else ""
        )
        choices.append(
            Choice(ANSWERS[name], False, f"{entry.code} says: {entry.label}. {entry.next_step}{led}")
        )
    random.shuffle(choices)
    told = (
        one_of(random, "denial", "next").replace("{number}", entry.code).replace("{case}", entry.usual_case)
    )
    ask = "What is the next step by the manual's table?"
    return Exercise("appeal", "VIII", "", {}, (("The case", told),), ask, tuple(choices), DENIAL_RULES)


def named(step: str, entry: Denial) -> bool:
    """Whether the next step of a denial also speaks of another step (a key of ``ANSWERS``)."""
    return any(word in f"{entry.next_step.lower()} " for word in ALSO.get(step, ()))


def denial_meaning(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """A reason or remark code: what does it mean? The other meanings lead to other steps."""
    entry = random.choice(list(denials().values()))
    far = [other for other in denials().values() if not _alike(entry, other)]
    chosen: list[Denial] = []
    for other in random.sample(far, len(far)):
        if len(chosen) < 3 and all(other.label != held.label for held in chosen):
            chosen.append(other)
    choices = [Choice(entry.label, True, f"Next: {entry.next_step}")]
    choices += [
        Choice(other.label, False, f"That is {other.code}; there the next step is: {other.next_step}")
        for other in chosen
    ]
    random.shuffle(choices)
    told = one_of(random, "denial", "meaning").replace("{number}", entry.code)
    return Exercise(
        "denial",
        "VIII",
        "",
        {},
        (("The case", told),),
        f"What does {entry.code} tell?",
        tuple(choices),
        DENIAL_RULES,
    )


def _alike(one: Denial, other: Denial) -> bool:
    """Two codes that lead to a common step may be read as one another."""
    return not set(one.answers).isdisjoint(other.answers)
