"""The frozen records that the files behind a decision are read into. One class a file; no behaviour beyond reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Allowed = frozenset[str] | range
"""What a fact may still be: a set of choices, or for a number or a day a range (its end is exclusive, as in Python).

Days are counted as ``date.toordinal`` does.
"""

DAY = "on"
"""The fact that every question has: the day of the service. A row's life is a condition on it."""


@dataclass(frozen=True, slots=True)
class Source:
    """An authority that statements rest on (``sources.csv``).

    ``address``: where it stands on the web, none or more; ``section``: the section, page or file in it; ``looked_at``:
    the day on which it was last looked at there, or empty.
    """

    id: str
    title: str
    publisher: str
    edition: str
    date: str
    kind: str
    confidence: str
    address: tuple[str, ...]
    section: str
    looked_at: str
    note: str

    @property
    def cited(self) -> str:
        """The source as a letter or a finding cites it: title, section, addresses, the day it was looked at there."""
        looked = f"looked at on {self.looked_at}" if self.address and self.looked_at else ""
        return ", ".join(part for part in (self.title, self.section, " ".join(self.address), looked) if part)

    @property
    def dated(self) -> str:
        """The source with its edition, so that two quarters of one table are told apart."""
        return f"{self.title} ({self.publisher}), {self.edition or self.date or 'undated'}"


@dataclass(frozen=True, slots=True)
class Section:
    """A section or case of the paper and the page of the book that covers it (``sections.csv``)."""

    section: str
    title: str
    page: str
    paragraphs: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """One statement that guides a choice, in our own words (``guidance.csv``)."""

    id: str
    section: str
    paragraph: str
    kind: str
    statement: str
    source: str
    confirmed: str
    confirmed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """Something the record or the claim must hold (``documents.csv``)."""

    id: str
    label: str
    guidance: tuple[str, ...]
    life: range | None = None
    """The days of service for which it is wanted; None for all."""

    def wanted_on(self, days: range) -> bool:
        """Whether it is wanted on some day of these."""
        return self.life is None or max(self.life.start, days.start) < min(self.life.stop, days.stop)


@dataclass(frozen=True, slots=True)
class Code:
    """A procedure code with its indicators and our own short label, never the official descriptor (``codes.csv``)."""

    code: str
    system: str
    chapter: str
    label: str
    by_report: bool
    component_split: bool
    global_days: str
    medicare_status: str
    bilateral: str
    effective_from: str
    effective_to: str
    named_by_paper: bool
    synonyms: tuple[str, ...]
    note: str
    source: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class UnitLimit:
    """A medically unlikely edit: units a day from a date on, with its adjudication indicator (``mue.csv``)."""

    code: str
    effective: str
    units: int
    mai: str
    rationale: str
    source: str


@dataclass(frozen=True, slots=True)
class FactValue:
    """One answer to a fact's question."""

    value: str
    label: str
    help: str
    life: range | None = None
    """The days on which it may be given; None where it has neither begun nor ended within what the manual knows."""

    def alive(self, days: range) -> bool:
        """Whether it may be given on some day of these."""
        return self.life is None or max(self.life.start, days.start) < min(self.life.stop, days.stop)


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that decisions depend on: its question and what it may be (``facts.csv``).

    ``kind``: ``choice``, ``number`` or ``day``. ``bounds``: of a number or a day. ``dated``: whether one of its values
    begins or ends within what the manual knows.
    """

    name: str
    kind: str
    unit: str
    question: str
    about: str
    values: Mapping[str, FactValue]
    bounds: range
    dated: bool = False

    @property
    def every(self) -> Allowed:
        """All that the fact may be while nobody has answered its question, on whatever day."""
        return frozenset(self.values) if self.kind == "choice" else self.bounds

    def every_on(self, days: range) -> Allowed:
        """All that the fact may be on some day of these."""
        if not self.dated:
            return self.every
        return frozenset(name for name, value in self.values.items() if value.alive(days))

    def label(self, value: str) -> str:
        """The wording of one value, for people."""
        return self.values[value].label if value in self.values else f"{value} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a decision table: conditions, what it reports or concludes, and why."""

    table: str
    number: int
    conditions: Mapping[str, Allowed]
    report: str
    modifiers: tuple[str, ...]
    units: str
    concludes: Mapping[str, str]
    because: str
    documents: tuple[str, ...]
    guidance: tuple[str, ...]
    name: str = ""
    """The row's own name; empty where its table gives none, and its number stands for it."""

    @property
    def id(self) -> str:
        """The row in messages, pages and tests: ``ct:3`` is the third row of the table ``ct``, or the one called 3."""
        return f"{self.table}:{self.name or self.number}"

    @property
    def outcome(self) -> tuple[object, ...]:
        """What the row leads to; two rows with one outcome need no question between them."""
        return (self.report, self.modifiers, self.units, tuple(sorted(self.concludes.items())))


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table with unique hit policy: when all facts are known exactly one row stands."""

    name: str
    title: str
    chapter: str
    about: str
    scope: Mapping[str, Allowed]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def conditions(self) -> tuple[str, ...]:
        """Facts that the table asks about, its scope first; the day last, where a row begins or ends."""
        day = (DAY,) if any(DAY in row.conditions for row in self.rows) else ()
        return tuple(dict.fromkeys((*self.scope, *self.columns, *day)))

    @property
    def concludes(self) -> frozenset[str]:
        """Facts that the table settles for other tables."""
        return frozenset(fact for row in self.rows for fact in row.concludes)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the digital workflow and the tables whose rows are its alternatives (``services.csv``)."""

    name: str
    label: str
    chapter: str
    tables: tuple[str, ...]
