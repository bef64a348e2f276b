"""How a statement of the ledger stands today: overruled by current rules, or to be read with a note on the paper.

Derived from ``confirmed`` in ``guidance.csv`` and from ``discrepancies.csv``, which names beside each statement of the
paper the statements that hold instead. Whatever shows a statement to a reader shows this mark with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.records import Discrepancy
from omsnb.tables import discrepancies, guidance

PAPER = "paper"
"""The source whose statements the notes are about."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``overruled``: a current rule contradicts it. ``instead``: ids of what holds; ``notes``: ids of discrepancies."""

    overruled: bool
    instead: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def short(self) -> str:
        """The mark in a few words."""
        return "Overruled by current rules" if self.overruled else "Read it with the note on the paper"

    def __str__(self) -> str:
        numbers = ", ".join(f"note {discrepancies()[id].number}" for id in self.notes)
        told = "; ".join(part for part in (", ".join(self.instead), numbers) if part)
        return f"{self.short}: {told}"


def standing(id: str) -> Standing | None:
    """How a statement stands, or None where nothing is to be said. ``id``: a statement of the ledger."""
    notes = _noted().get(id, ())
    overruled = guidance()[id].confirmed == "contradicted"
    if not overruled and not notes:
        return None
    named = dict.fromkeys(other for note in notes for other in note.guidance)
    instead = tuple(other for other in named if guidance()[other].source != PAPER)
    return Standing(overruled, instead, tuple(note.id for note in notes))


@cache
def _noted() -> Mapping[str, tuple[Discrepancy, ...]]:
    """The notes on each statement of the paper, by number."""
    found: dict[str, list[Discrepancy]] = {}
    for note in sorted(discrepancies().values(), key=lambda entry: entry.number):
        for id in note.guidance:
            if guidance()[id].source == PAPER:
                found.setdefault(id, []).append(note)
    return {id: tuple(notes) for id, notes in found.items()}


def marked(id: str) -> str:
    """A statement as text, with its mark behind it where it has one."""
    mark = standing(id)
    return guidance()[id].statement + (f" [{mark}]" if mark else "")


def standing_data(ids: Iterable[str]) -> dict[str, dict[str, object]]:
    """The marks of statements as plain data, by id; statements without a mark are left out."""
    found = {id: mark for id in dict.fromkeys(ids) if (mark := standing(id))}
    return {
        id: {
            "overruled": mark.overruled,
            "instead": list(mark.instead),
            "notes": [discrepancies()[note].number for note in mark.notes],
            "said": str(mark),
        }
        for id, mark in found.items()
    }
