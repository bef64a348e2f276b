"""Exercises on days: global periods, and code years. Days are calendar days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from omsnb.edition import edition
from omsnb.exercises.questions import Choice, Exercise
from omsnb.periods import period_of
from omsnb.records import Code, Table
from omsnb.tables import codes, tables

MONTHS = "January February March April May June July August September October November December".split()
RULES = ("cur-global-01", "cur-global-02")
SPLINTS = "splint"


def in_words(day: date) -> str:
    """A day as ``12 March 2026``, the same in every locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def first_day() -> date:
    """The first day of the code year of this edition."""
    return date(edition().code_year, 1, 1)


def _day(random: Random) -> date:
    return first_day() + timedelta(days=random.randrange(365))


def _splint_codes() -> list[Code]:
    reported = {row.report for row in tables()[SPLINTS].rows if row.report}
    return [codes()[code] for code in sorted(reported) if codes()[code].global_days == "010"]


def _finish(
    random: Random, scene: tuple[tuple[str, str], ...], ask: str, choices: list[Choice], chapter: str = "VI",
    kind: str = "date", guidance: tuple[str, ...] = RULES,
) -> Exercise:  # fmt: skip
    random.shuffle(choices)
    return Exercise(kind, chapter, "", {}, scene, ask, tuple(choices), guidance)


def safe_date(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """The last day for a splint whose period must end before the operation; None for every other draw."""
    if random.random() < 0.5 or not any(table.name == SPLINTS for table in pool):
        return None
    splint, surgery = random.choice(_splint_codes()), _day(random)
    # The right day is found by trying: the latest whose period ends before the operation.
    tried = [surgery - timedelta(days=back) for back in range(40)]
    right = next(day for day in tried if period_of(splint.code, day).last < surgery)
    choices = []
    for day in (
        right,
        right + timedelta(1),
        right - timedelta(random.choice((1, 3))),
        surgery - timedelta(1),
    ):
        end = period_of(splint.code, day).last
        if day == right:
            why = f"The period ends on {in_words(end)}, the day before the operation."
        elif end < surgery:
            why = f"It is safe, for its period ends on {in_words(end)}; but {in_words(right)} is later and safe too."
        else:
            why = f"Its period runs until {in_words(end)}, so the operation falls within it."
        choices.append(Choice(in_words(day), day == right, why))
    scene = (
        ("When is the operation?", in_words(surgery)),
        ("Which splint code is reported, by whom?", f"{splint.code}, made by the surgeon"),
    )
    ask = "What is the last day for the splint that keeps the operation out of its global period?"
    return _finish(random, scene, ask, choices, guidance=(*RULES, "VI-18", "VI-19"))


def period_date(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """The first or the last day of a global period."""
    if not any(table.name == SPLINTS for table in pool):
        return None
    timed = [
        code for code in codes().values() if code.global_days in ("010", "090") and not code.effective_to
    ]
    code, day = random.choice(sorted(timed, key=lambda entry: entry.code)), _day(random)
    period = period_of(code.code, day)
    first, last = period.first, period.last
    asks_last = random.random() < 0.6
    right = last if asks_last else first
    what = f"{code.code} has a period of {int(code.global_days)} days"
    if asks_last:
        near = {
            last - timedelta(1): f"One day short: the day of the service is day 0; {what}.",
            last + timedelta(1): f"That is the first day outside; {what}.",
            first: "That is the first day of the period, not the last.",
        }
    else:
        near = {
            day - timedelta(1): f"{what}, and a period of 10 days has no day before.",
            day: f"{what}, and a period of 90 days opens on the day before the operation.",
            day + timedelta(1): "The day of the service itself belongs to the period.",
            day - timedelta(2): "No period opens two days before.",
        }
    wrong = [other for other in near if other != right][:3]
    opens = "the day before" if first < day else "the day itself"
    said = f"The period opens on {opens} and ends on {in_words(last)}; {what}."
    choices = [Choice(in_words(right), True, said)]
    choices += [Choice(in_words(other), False, near[other]) for other in wrong]
    scene = (("Which code was reported?", f"{code.code} ({code.label})"), ("On which day?", in_words(day)))
    ask = f"What is the {'last' if asks_last else 'first'} day of its global period?"
    return _finish(random, scene, ask, choices)


def in_force(code: Code, day: date) -> bool:
    """Whether a code may be reported for a service of that day, as far as the manual's data knows."""
    text = day.isoformat()
    return code.effective_from <= text and (not code.effective_to or text <= code.effective_to)


def _why_in_force(code: Code, day: date) -> str:
    """The day that decides whether a code was in force: its first one where it had begun or was still to begin."""
    ended = code.effective_to and (not code.effective_from or code.effective_to < day.isoformat())
    if ended:
        return f"{code.code} ended on {in_words(date.fromisoformat(code.effective_to))}."
    return f"{code.code} began on {in_words(date.fromisoformat(code.effective_from))}."


def code_year(random: Random, pool: Sequence[Table]) -> Exercise | None:
    """Of some codes with a known first or last day, the one that was in force."""
    if not pool:
        return None
    dated = [code for code in codes().values() if code.effective_from or code.effective_to]
    edges = sorted({code.effective_from or code.effective_to for code in dated})
    day = date.fromisoformat(random.choice(edges)) + timedelta(days=random.randrange(-60, 61))
    alive = [code for code in dated if in_force(code, day)]
    gone = [code for code in dated if not in_force(code, day)]
    if not alive or len(gone) < 3:
        return None
    choices = []
    right = random.choice(alive)
    for code in (right, *random.sample(gone, 3)):
        choices.append(Choice(f"{code.code} ({code.label})", code is right, _why_in_force(code, day)))
    scene = (("Which day is the date of service?", in_words(day)),)
    names = ", ".join(sorted(choice.text[:5] for choice in choices))
    ask = f"Which of these could be reported for that day: {names}?"
    return _finish(random, scene, ask, choices, "IX", "year", ("cur-version-01",))
