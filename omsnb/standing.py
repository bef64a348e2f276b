"""How a statement of the ledger stands today: what it rests on, and whether current rules overrule it.

Derived from ``confirmed`` in ``guidance.csv`` and from ``discrepancies.csv``, which names beside each statement of the
paper the statements that hold instead. Whatever shows a statement to a reader shows this mark with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.records import Row, Source
from omsnb.tables import guidance, sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omsnb.case_records import Discrepancy

PAPER = "paper"
"""The source whose statements the notes are about."""


OFFICIAL, SECONDARY, INFERENCE = "official", "secondary", "inference"
BASIS = {
    OFFICIAL: "official or two agreeing sources",
    SECONDARY: "one secondary source",
    INFERENCE: "our inference",
}
"""The three marks of what a statement rests on, in words."""

OFFICIAL_KINDS = frozenset({"cms-table", "cms-manual", "code-set", "form"})
"""Kinds of sources that set the rule themselves; a payer's policy does so for that payer alone."""


def _notes() -> Mapping[str, Discrepancy]:
    """The notes on the paper, loaded where a mark of one is wanted."""
    from omsnb.tables import discrepancies

    return discrepancies()


def basis(id: str) -> str:
    """What a statement rests on: ``official``, ``secondary`` or ``inference``. ``id``: a statement of the ledger.

    Official is a confirmed statement with an authority of high confidence, or with two sources. Sources that contradict
    a statement, and those of low confidence (general knowledge), do not count for it.
    """
    entry = guidance()[id]
    own = sources()[entry.source]
    if own.confidence == "low":
        return INFERENCE
    if entry.confirmed != "yes":
        return SECONDARY
    behind = [
        sources()[name] for name in {entry.source, *entry.confirmed_by} if sources()[name].confidence != "low"
    ]
    authority = any(source.kind in OFFICIAL_KINDS and source.confidence == "high" for source in behind)
    return OFFICIAL if authority or len(behind) > 1 else SECONDARY


def row_basis(row: Row) -> str:
    """What a row of a decision table rests on: the best that its statements rest on, overruled ones left out."""
    found = {basis(id) for id in row.guidance if guidance()[id].confirmed != "contradicted"}
    return next((mark for mark in BASIS if mark in found), INFERENCE)


def sources_behind(ids: Iterable[str]) -> tuple[Source, ...]:
    """The sources to quote for statements, each once. ``ids``: statements of the ledger.

    Where a statement's own source has no address, the sources that confirm it and can be looked up come with it. What
    contradicts a statement is no source of it.
    """
    found: dict[Source, None] = {}
    for id in ids:
        entry = guidance()[id]
        own = sources()[entry.source]
        found[own] = None
        if not own.address and entry.confirmed == "yes":
            found |= {other: None for name in entry.confirmed_by if (other := sources()[name]).address}
    return tuple(found)


def cited(ids: Iterable[str]) -> tuple[str, ...]:
    """The sources behind statements as a finding or a letter cites them: title, section, address and day."""
    return tuple(source.cited for source in sources_behind(ids))


def source_data(ids: Iterable[str]) -> list[dict[str, object]]:
    """The sources behind statements, each once, as plain data to be quoted. ``ids``: statements of the ledger."""
    return [
        {
            "id": source.id,
            "title": source.title,
            "publisher": source.publisher,
            "edition": source.edition,
            "section": source.section,
            "address": list(source.address),
            "looked_at": source.looked_at,
        }
        for source in sources_behind(ids)
    ]


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
        numbers = ", ".join(f"note {_notes()[id].number}" for id in self.notes)
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
    for note in sorted(_notes().values(), key=lambda entry: entry.number):
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
            "notes": [_notes()[note].number for note in mark.notes],
            "said": str(mark),
        }
        for id, mark in found.items()
    }
