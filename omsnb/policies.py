"""What named payers have published (``policies.csv``), by topic: dated, with address, and never more than a question.

A payer's position is no rule of this manual. It may make a check ask, and it tells what is known where an answer is
"ask the payer". Standard library alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.claim_tables import payers
from omsnb.edition import edition
from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import codes, facts
from omsnb.tables.decision_tables import NAME
from omsnb.tables.ledger import ADDRESS

READ: Mapping[str, str] = {
    "text": "the payer's text was read",
    "account": "read in another's account",
    "title": "its title alone was read",
}
"""How a position became known, in words."""

YEARS = 5
"""Years after which a position is called old."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What positions are about (``policy-topics.csv``): codes of the manual, and facts which a position may answer."""

    topic: str
    label: str
    codes: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A payer's published position, in our own words.

    ``kinds``: types of ``payers.csv`` to whose members it speaks. ``asks``: whether a check asks about it on lines with
    the topic's codes. ``date``: a year, month or day, or empty where it is not known. ``read``: a key of ``READ``.
    """

    policy: str
    payer: str
    kinds: tuple[str, ...]
    topic: str
    asks: bool
    position: str
    date: str
    title: str
    address: str
    read: str
    confidence: str
    looked_at: str
    until: str = ""
    """The last day on which the payer held to it; empty where that is not known to have come."""

    @property
    def old(self) -> bool:
        """Whether it is undated, or older than ``YEARS`` years on the day of this edition."""
        day = edition().day
        return not self.date or self.date < f"{int(day[:4]) - YEARS}{day[4:]}"[: len(self.date)]

    @property
    def firm(self) -> bool:
        """Whether it is a position to look up before billing; an old one, or a title alone, leaves all open."""
        return not self.old and self.read != "title"

    @property
    def said_of(self) -> str:
        """Its date and how it was read, such as ``2024-10-01; the payer's text was read``."""
        return f"{self.date or 'no date'}{', old' if self.old and self.date else ''}; {READ[self.read]}"

    def known_on(self, day: str) -> bool:
        """Whether it was published by a day, and had not ended; one without a date may have been."""
        return self.date <= day[: len(self.date)] and (not self.until or day <= self.until)


@cache
def topics() -> Mapping[str, Topic]:
    """The topics of positions by name, in the order in which they are shown."""

    def make(line: Line) -> Topic:
        return Topic(
            line.matching("topic", NAME, "cone-beam"),
            line.wanted("label"),
            line.items("codes", codes()),
            line.items("facts", facts()),
        )

    return by_id(read_lines("policy-topics.csv", ("topic", "label", "codes", "facts")), "topic", make)


@cache
def policies() -> Mapping[str, Policy]:
    """All positions by id. Raises ``DataError`` for an unknown kind, topic or date, or an address that is none."""
    columns = "policy payer kinds topic asks position date title address read confidence looked_at".split()

    def make(line: Line) -> Policy:
        kinds = line.items("kinds", payers())
        if not kinds:
            raise line.error("kinds", f"is empty; allowed: {', '.join(payers())}")
        address = line.wanted("address")
        if not ADDRESS.fullmatch(address):
            raise line.error("address", f"{address!r} is no address such as https://www.cms.gov/page")
        return Policy(
            policy=line.matching("policy", NAME, "aetna-printing"),
            payer=line.wanted("payer"),
            kinds=kinds,
            topic=line.listed("topic", topics()),
            asks=line.yes("asks"),
            position=line.wanted("position"),
            date=line.span("date"),
            title=line.wanted("title"),
            address=address,
            read=line.one_of("read", *READ),
            confidence=line.one_of("confidence", "high", "medium", "low"),
            looked_at=line.date("looked_at"),
            until=line.date("until"),
        )

    return by_id(read_lines("policies.csv", columns, dated=("until",)), "policy", make)


@cache
def named_payers() -> Mapping[str, tuple[Policy, ...]]:
    """The positions of each named payer, by its name as the data has it."""
    found: dict[str, list[Policy]] = {}
    for policy in policies().values():
        found.setdefault(policy.payer, []).append(policy)
    return {name: tuple(found[name]) for name in sorted(found, key=str.casefold)}


def payers_called(words: str) -> tuple[str, ...]:
    """The payers whose name is ``words``, or, where none is, whose name holds each of the words."""
    wanted = words.casefold().split()
    exact = tuple(name for name in named_payers() if name.casefold().split() == wanted)
    return exact or tuple(
        name for name in named_payers() if wanted and all(word in name.casefold() for word in wanted)
    )


def positions_on(fact: str, day: str = "") -> tuple[Policy, ...]:
    """What payers have published that bears on a fact, the newest first.

    ``day``: only what was published by then (year-month-day); empty for all.
    """
    about = {topic.topic for topic in topics().values() if fact in topic.facts}
    found = (policy for policy in policies().values() if policy.topic in about)
    return newest(policy for policy in found if not day or policy.known_on(day))


def newest(found: Iterable[Policy]) -> tuple[Policy, ...]:
    """Positions, those with the latest date first and those without one last."""
    return tuple(sorted(found, key=lambda policy: policy.date, reverse=True))


SHOWN = 5
"""Positions that an answer names; the rest are counted."""


def position_data(policy: Policy) -> dict[str, object]:
    """A position for JSON."""
    return {
        "policy": policy.policy,
        "payer": policy.payer,
        "kinds": list(policy.kinds),
        "topic": policy.topic,
        "position": policy.position,
        "date": policy.date or None,
        "old": policy.old,
        "read": policy.read,
        "confidence": policy.confidence,
        "title": policy.title,
        "address": policy.address,
    }


def position_text(policy: Policy) -> str:
    """A position in one line: who, when, how it was read, and what it says."""
    return f"{policy.payer} ({policy.said_of}): {policy.position}"


def known_lines(asked: Iterable[str], day: str) -> list[str]:
    """For facts that are open: what payers have published on them by a day, newest first, a line each."""
    found = newest({policy.policy: policy for fact in asked for policy in positions_on(fact, day)}.values())
    lines = [position_text(policy) for policy in found[:SHOWN]]
    if len(found) > SHOWN:
        about = " or ".join(dict.fromkeys(policy.topic for policy in found))
        lines.append(f"and {len(found) - SHOWN} more: python -m omsnb payer --topic {about}")
    return lines
