"""What an exercise is, and how its parts are worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from omsnb.claims import Claim
from omsnb.line_text import line_text
from omsnb.records import Row, Table
from omsnb.tables import facts

NOTHING = "nothing is reported for it"
"""The answer where a table leads to no code."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose, whether it is right, and why."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True, slots=True)
class Exercise:
    """A question with answers to choose from, of which exactly one is right.

    ``kind``: a name of ``KINDS``. ``table``: the decision table asked, or "" where a date or several tables decide.
    ``given``: the facts told, by name, as ``decide`` reads them. ``scene``: the same facts as sentences.
    ``guidance``: ids of the statements behind the answer. ``claim``: where a claim is shown, that claim with its error.
    """

    kind: str
    chapter: str
    table: str
    given: Mapping[str, str]
    scene: tuple[tuple[str, str], ...]
    ask: str
    choices: tuple[Choice, ...]
    guidance: tuple[str, ...]
    claim: Claim | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Two exercises with one key ask the same; a claim on another day is no other claim."""
        return (self.kind, self.table, frozenset(self.given.items() or self.scene), self.ask)

    @property
    def right(self) -> Choice:
        """The right choice."""
        return next(choice for choice in self.choices if choice.right)

    @property
    def letter(self) -> str:
        """The letter of the right choice."""
        return "ABCDEFGH"[self.choices.index(self.right)]


def make(
    random: Random,
    kind: str,
    table: Table,
    given: Mapping[str, str],
    ask: str,
    right: Choice,
    wrong: list[Choice],
    guidance: tuple[str, ...],
) -> Exercise:
    """An exercise on one table, its choices in an order drawn by ``random``."""
    choices = [right, *wrong]
    random.shuffle(choices)
    return Exercise(kind, table.chapter, table.name, dict(given), scene(given), ask, tuple(choices), guidance)


def scene(given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The facts told, in the order of the vocabulary, as question and answer."""
    return tuple((fact.question, fact.label(given[name])) for name, fact in facts().items() if name in given)


def outcome(table: Table, row: Row) -> str:
    """What a row leads to, as an answer to choose. Units counted by time are asked in a question of their own."""
    if row.report:
        return line_text(row.report, row.modifiers, row.units if row.units.isdigit() else 1)
    if any(other.report for other in table.rows):
        return NOTHING
    return "; ".join(facts()[fact].label(value) for fact, value in row.concludes.items())
