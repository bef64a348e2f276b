"""The number of a fact from the words of a cue: years of age, minutes."""

from __future__ import annotations

from omsnb.notes.found import Found
from omsnb.notes.note import Note
from omsnb.tables import facts

HOURS = frozenset(("h", "hr", "hrs", "hour", "hours"))
PER_HOUR = 60


def number_of(note: Note, found: Found) -> str:
    """The number that a cue with the value ``#`` gives, in the fact's unit, or empty text where it is out of bounds.

    Hours count as 60 minutes; ``1 h 10`` is 70.
    """
    total, last = 0, ""
    for place in range(found.at, found.end):
        word = note.words[place]
        if word.number:
            last = word.number[:4]
            total += int(last)
        elif word.text in HOURS and last and found.cue.fact == "minutes":
            total += int(last) * (PER_HOUR - 1)
    bounds = facts()[found.cue.fact].bounds
    return str(total) if last and total in bounds else ""
