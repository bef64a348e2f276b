"""What each chapter teaches (``data/outcomes.csv``), and the exercises that ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.exercises.kinds import KINDS
from omsnb.exercises.questions import Exercise
from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import tables

CHAPTERS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
"""Chapters that have exercises."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a reader can do after a chapter.

    ``text``: as the chapter's opening has it. ``kinds``: kinds of exercises that ask for it. ``tables``: the decision
    tables that they ask; none where no table decides. ``minutes``: time for reading and practice, a guess of ours.
    """

    id: str
    chapter: str
    text: str
    kinds: tuple[str, ...]
    tables: tuple[str, ...]
    minutes: int

    def fits(self, entry: Exercise) -> bool:
        """Whether an exercise asks for it."""
        asked = entry.kind in self.kinds and entry.chapter == self.chapter
        return asked and (not self.tables or not entry.table or entry.table in self.tables)


@cache
def outcomes() -> Mapping[str, Outcome]:
    """The outcomes by id. Raises ``DataError`` for an unknown chapter, kind or table."""

    def make(line: Line) -> Outcome:
        kinds = line.items("kinds", KINDS)
        if not kinds:
            raise line.error("kinds", f"is empty; allowed: {', '.join(KINDS)}")
        return Outcome(
            line.wanted("outcome"), line.one_of("chapter", *CHAPTERS), line.wanted("text"), kinds,
            line.items("tables", tables()), line.whole("minutes"),
        )  # fmt: skip

    columns = ("outcome", "chapter", "text", "kinds", "tables", "minutes")
    return by_id(read_lines("outcomes.csv", columns), "outcome", make)


def outcomes_of(entry: Exercise) -> tuple[Outcome, ...]:
    """The outcomes that an exercise asks for."""
    return tuple(outcome for outcome in outcomes().values() if outcome.fits(entry))


def borrowed(chapter: str) -> tuple[str, ...]:
    """The tables that a chapter's exercises ask although they belong to another chapter."""
    names: Iterable[str] = (
        name for entry in outcomes().values() if entry.chapter == chapter for name in entry.tables
    )
    return tuple(name for name in dict.fromkeys(names) if tables()[name].chapter != chapter)
