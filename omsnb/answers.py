"""Answers to the questions of decision tables: how they are read, compared and put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from omsnb.edition import edition
from omsnb.records import DAY, Allowed, Fact
from omsnb.tables import facts, parse_allowed
from omsnb.tables.vocabulary import day_text

OPEN = (None, "", "unknown")
"""Answers that leave a fact open."""


def read_answers(answers: Mapping[str, object], known: Iterable[str], where: str) -> dict[str, Allowed]:
    """Reads answers into allowed sets, leaving out the open ones.

    ``known``: names of the facts that may be answered; ``where``: what they belong to, for the message.
    The day of the service (``on``) may always be answered. Raises ``ValueError`` for an unknown fact or value, and for
    a value that had ended, or not begun, on that day.
    """
    known = tuple(dict.fromkeys((*known, DAY)))
    days = day_of(read_answer(facts()[DAY], answers.get(DAY)))
    read = {}
    for name, answer in answers.items():
        if name not in known:
            raise ValueError(f"fact: {name!r} is not asked by {where}; allowed: {', '.join(known)}")
        allowed = read_answer(facts()[name], answer, days)
        if allowed is not None:
            read[name] = allowed
    return read


@cache
def default_day() -> range:
    """The day that stands for the day of the service where none is given: the edition's."""
    allowed = parse_allowed(facts()[DAY], edition().day)
    assert isinstance(allowed, range)
    return allowed


def day_of(answered: Allowed | None) -> range:
    """The days of the service: as answered, else the edition's day."""
    return answered if isinstance(answered, range) else default_day()


def read_answer(fact: Fact, answer: object, days: range | None = None) -> Allowed | None:
    """Reads one answer; None where it leaves the fact open.

    ``days``: the days of the service; a value that lives on none of them is refused. Raises ``ValueError`` naming
    what is allowed.
    """
    allowed = _read(fact, answer)
    if allowed is not None and days is not None and fact.dated:
        for name in sorted(str(value) for value in allowed):
            value = fact.values[name]
            if value.life is not None and not value.alive(days):
                begins = value.life.start >= days.stop
                edge = (
                    f"begins on {day_text(value.life.start)}"
                    if begins
                    else f"ended on {day_text(value.life[-1])}"
                )
                raise ValueError(f"{fact.name}: {name!r} {edge}; {DAY} is {words(facts()[DAY], days)}")
    return allowed


def _read(fact: Fact, answer: object) -> Allowed | None:
    if isinstance(answer, range | set | frozenset | list | tuple):
        if isinstance(answer, range) and fact.kind == "number" and answer and answer.step == 1:
            return parse_allowed(fact, f"{answer[0]}..{answer[-1]}")
        if isinstance(answer, range) and fact.kind == "day" and answer and answer.step == 1:
            return parse_allowed(fact, f"{day_text(answer[0])}..{day_text(answer[-1])}")
        if not answer:
            raise ValueError(
                f"{fact.name}: an empty choice leaves nothing; allowed: {', '.join(fact.values)}"
            )
        return parse_allowed(fact, "|".join(str(part) for part in answer))
    if answer in OPEN:
        return None
    if isinstance(answer, bool):
        answer = "yes" if answer else "no"
    return parse_allowed(fact, str(answer))


def meet(one: Allowed, other: Allowed) -> Allowed:
    """What two allowed sets have in common; empty (false) where they exclude each other."""
    if isinstance(one, range) and isinstance(other, range):
        return range(max(one.start, other.start), min(one.stop, other.stop))
    return one & other  # type: ignore[operator]  # one fact's sets are of one kind; a cast costs, here


def covers(one: Allowed, other: Allowed) -> bool:
    """Whether the first holds all of the second."""
    return meet(one, other) == other


def words(fact: Fact, allowed: Allowed) -> str:
    """An allowed set in words for people."""
    if isinstance(allowed, range) and fact.kind == "day":
        return _day_words(fact, allowed)
    if isinstance(allowed, range):
        if allowed == fact.bounds:
            return "open"
        if len(allowed) == 1:
            return f"{allowed[0]} {fact.unit}"
        if allowed.stop == fact.bounds.stop:
            return f"{allowed[0]} {fact.unit} or more"
        return f"{allowed[0]} to {allowed[-1]} {fact.unit}"
    if allowed in _opens(fact):
        return "open"
    return " or ".join(value.label for name, value in fact.values.items() if name in allowed)


def _day_words(fact: Fact, days: range) -> str:
    first, last = day_text(days[0]), day_text(days[-1])
    if days == fact.bounds:
        return "open"
    if len(days) == 1:
        return first
    if days[0] == fact.bounds[0]:
        return f"up to {last}"
    return f"{first} or later" if days[-1] == fact.bounds[-1] else f"{first} to {last}"


def _opens(fact: Fact) -> frozenset[Allowed]:
    """What a choice may be while it is open: all its values, or all of one time where some begin or end."""
    if not fact.dated:
        return frozenset({fact.every})
    return _dated_opens(fact.name)


@cache
def _dated_opens(name: str) -> frozenset[Allowed]:
    fact = facts()[name]
    edges = {
        edge for value in fact.values.values() if value.life for edge in (value.life.start, value.life.stop)
    }
    days = facts()[DAY].bounds
    return frozenset(
        {fact.every, *(fact.every_on(range(edge, edge + 1)) for edge in {days.start, *edges} if edge in days)}
    )
