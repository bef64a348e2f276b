"""What an exercise is, and how its parts are worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from omsnb.claims import Claim
from omsnb.line_text import line_text
from omsnb.records import Row, Table
from omsnb.tables import facts
from omsnb.which import LINE

NOTHING = "nothing is reported for it"
"""The answer where a table leads to no code."""

BESIDE = {"": "", "yes": "", "no": "", "ask": ", after asking the payer", "denied": ", and expect a denial"}
NO_CODE = {
    "": NOTHING, "yes": NOTHING, "no": NOTHING, "ask": "no code until the payer has been asked",
    "denied": "expect a denial, whatever the code",
}  # fmt: skip
VERDICTS = {
    "yes": "bill it{}", "no": "do not bill it", "ask": "ask the payer before you bill it{}",
    "denied": "bill it{} and expect a denial",
}  # fmt: skip
"""How an answer is worded by what the table says of the line: beside a code, without one, and without any code."""


FULL = 4
"""Answers that a question has if as many compete."""


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
    def few(self) -> str:
        """That fewer than four answers compete; empty where there are four or more."""
        count = len(self.choices)
        return f"Only {('one', 'two', 'three')[count - 1]} answers compete here." if count < FULL else ""

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
    """What a row leads to, as an answer to choose. Units counted by time are asked in a question of their own.

    A table that says whether the line may be billed keeps apart what is billed, what is not, and what is asked first.
    """
    verdict = row.concludes.get(LINE, "")
    reports = any(other.report for other in table.rows)
    if row.report:
        return line_text(row.report, row.modifiers, row.units if row.units.isdigit() else 1) + BESIDE[verdict]
    if reports:
        return NO_CODE[verdict]
    if not verdict:
        return "; ".join(facts()[fact].label(value) for fact, value in row.concludes.items())
    marks = [value for fact, value in row.concludes.items() if fact != LINE]
    bare = not marks or (verdict == "ask" and marks == ["none"])
    return VERDICTS[verdict].format("" if bare else f" with {_marked(*marks)}")


def _marked(value: str) -> str:
    parts = [] if value == "none" else value.split("+")
    return f"modifier{'s' if parts[1:] else ''} {' and '.join(parts)}" if parts else "no modifier"
