"""Answers to the questions of decision tables: how they are read, compared and put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from omsnb.records import Allowed, Fact
from omsnb.tables import facts, parse_allowed

OPEN = (None, "", "unknown")
"""Answers that leave a fact open."""


def read_answers(answers: Mapping[str, object], known: Iterable[str], where: str) -> dict[str, Allowed]:
    """Reads answers into allowed sets, leaving out the open ones.

    ``known``: names of the facts that may be answered; ``where``: what they belong to, for the message.
    Raises ``ValueError`` for an unknown fact or value.
    """
    known = tuple(known)
    read = {}
    for name, answer in answers.items():
        if name not in known:
            raise ValueError(f"fact: {name!r} is not asked by {where}; allowed: {', '.join(known)}")
        allowed = read_answer(facts()[name], answer)
        if allowed is not None:
            read[name] = allowed
    return read


def read_answer(fact: Fact, answer: object) -> Allowed | None:
    """Reads one answer; None where it leaves the fact open. Raises ``ValueError`` naming what is allowed."""
    if isinstance(answer, range | set | frozenset | list | tuple):
        if isinstance(answer, range) and fact.kind == "number" and answer and answer.step == 1:
            return parse_allowed(fact, f"{answer[0]}..{answer[-1]}")
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
    if isinstance(allowed, range):
        if allowed == fact.bounds:
            return "open"
        if len(allowed) == 1:
            return f"{allowed[0]} {fact.unit}"
        if allowed.stop == fact.bounds.stop:
            return f"{allowed[0]} {fact.unit} or more"
        return f"{allowed[0]} to {allowed[-1]} {fact.unit}"
    if allowed == fact.every:
        return "open"
    return " or ".join(value.label for name, value in fact.values.items() if name in allowed)
