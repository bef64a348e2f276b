"""Where cues fit in a note, and what holds each back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from omsnb.notes.dates import dates_in
from omsnb.notes.note import DENYING, HEAD, Note
from omsnb.notes.patterns import Matcher
from omsnb.notes.tables import Cue, cues

WHY = {
    "denied": "it is denied", "planned": "it is planned", "conditional": "it depends on something",
    "past": "it was before", "others": "somebody else did it", "asked": "it is asked",
    "unticked": "its box is empty", "past_day": "it is of an earlier day", "later_day": "it is of a later day",
    "other_entry": "it stands in an entry of another day", "history": "it stands in a history",
    "plan": "it stands in a plan",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A cue that fits. ``held``: why it does not count; empty where it does."""

    cue: Cue
    at: int
    end: int
    held: str


@cache
def _finder() -> Matcher:
    return Matcher(cue.pattern for cue in cues())


def found_in(note: Note) -> Iterator[Found]:
    """Every place where a cue fits, with what holds it back."""
    finder, rows = _finder(), cues()
    dated = [(one.start, one.end) for one in dates_in(note.text, note.day)]
    for start, stop in note.sentences:
        for number, at, end in finder.found(note.words, start, stop):
            held = held_back(note, rows[number], at, end)
            if not held and rows[number].value == "#" and _within(note, at, end, dated):
                held = "its number is part of a date"
            yield Found(rows[number], at, end, held)


def _within(note: Note, at: int, end: int, dated: Sequence[tuple[int, int]]) -> bool:
    """Whether a number among some words stands within a date, such as the first 3 of 3/3/2026."""
    return any(
        word.number and any(first <= word.start and word.end <= last for first, last in dated)
        for word in note.words[at:end]
    )


def held_back(note: Note, cue: Cue, at: int, end: int) -> str:
    """Why a cue that fits does not count, or empty text."""
    for state, said in note.states_at(at, end).items():
        if state not in cue.allows:
            return f"{WHY[state]} ({said})"
    for item in cue.needs:
        if not _there(note, item, at, end, DEAD):
            return f"it wants words for {item.rpartition(':')[2].replace('_', ' ')}"
    for item in cue.blocked:
        if _there(note, item, at, end, UNTICKED):
            return f"words for {item.rpartition(':')[2].replace('_', ' ')} stand with it"
    return ""


DEAD = frozenset(("denied", "unticked"))
"""Words that are denied, or stand after an empty box, support nothing."""

UNTICKED = frozenset(("unticked",))


def _there(note: Note, item: str, at: int, end: int, dead: frozenset[str]) -> bool:
    """Whether words of a class stand with a cue. ``dead``: states in which they do not count."""
    place, _, name = item.rpartition(":")
    if name == "own":
        name = "surgeon" if note.hits.get("vendor_voice") else "own_voice"
    if name == "head":
        return _in_head(note, at)
    if place == "note":
        return note.said_anywhere(name)
    if place == "near":
        low, high = note.clause_at(at)
    elif place == "before":
        low, high = note.sentence_at(at)[0], at
    elif place == "pair":
        low, high = note.sentence_at(at, before=2)
    else:
        low, high = note.sentence_at(at)
    return any(_counts(note, first, last, dead, at, end) for first, last in note.within(name, low, high))


def _counts(note: Note, first: int, last: int, dead: frozenset[str], at: int, end: int) -> bool:
    if first < end and at < last:  # a part of the cue itself, which has been looked at
        return True
    if any(word.text in DENYING for word in note.words[first:last]):
        return "unticked" not in note.states_at(first, last)
    return dead.isdisjoint(note.states_at(first, last))


def _in_head(note: Note, at: int) -> bool:
    """Whether a word stands in the first sentences of the note's own entry."""
    seen = 0
    for start, _ in note.sentences:
        if "other_entry" in note.states[start]:
            seen = 0
            continue
        seen += 1
        if note.sentence[at] == start:
            return seen <= HEAD
        if start > at:
            break
    return False
