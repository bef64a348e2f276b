"""The frozen records of cases, of the paper's lists and of the book, which no decision table needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Crosswalk:
    """Codes that report the same work on a medical and on a dental claim (``crosswalk.csv``)."""

    id: str
    service: str
    label: str
    medical: tuple[str, ...]
    dental: tuple[str, ...]
    condition: str
    note: str
    guidance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseFact:
    """A fact as a case of the paper gives it, in two readings.

    ``value`` is the reading under which the paper's printed list follows; ``narrative`` is what the story alone
    supports. They differ only where ``basis`` is ``printed``, and then a discrepancy says why.
    """

    fact: str
    value: str
    narrative: str
    basis: str
    where: str
    discrepancy: str


@dataclass(frozen=True, slots=True)
class CaseService:
    """A service of a case, with the facts that hold for it alone."""

    name: str
    service: str
    label: str
    facts: tuple[CaseFact, ...]


@dataclass(frozen=True, slots=True)
class CaseVariant:
    """One of the ways in which a case may be done; the first is the default."""

    name: str
    label: str
    facts: tuple[CaseFact, ...]
    services: tuple[CaseService, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the paper as facts, service by service (``cases/*.toml``)."""

    name: str
    title: str
    story: str
    page: str
    facts: tuple[CaseFact, ...]
    services: tuple[CaseService, ...]
    variants: Mapping[str, CaseVariant]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A code as the paper prints it for a case (``paper-lists.csv``)."""

    case: str
    position: int
    code: str
    modifiers: tuple[str, ...]
    joined: str


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A place where the paper is ambiguous, outdated or at odds with itself (``discrepancies.csv``)."""

    id: str
    number: int
    kind: str
    section: str
    cases: tuple[str, ...]
    tables: tuple[str, ...]
    paper_says: str
    current_rule: str
    manual_does: str
    shows_in: tuple[str, ...]
    guidance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of ``glossary.csv``, what it means, and related terms. ``linked``: does its first mention on a page link?

    Words that also stand for something plainer, such as "units", are not linked.
    """

    term: str
    definition: str
    see: tuple[str, ...]
    linked: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of software of others in the published book (``third-party.csv``)."""

    part: str
    version: str
    licence: str
    origin: str
    files: str
