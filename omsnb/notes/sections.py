"""Which part of a note is of which day, and under which heading a sentence stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from omsnb.notes.dates import Dated, dates_in
from omsnb.notes.patterns import Matcher
from omsnb.notes.words import Word

_BANNER = re.compile(r"[ \t]*(?:[=#*~_-]{2,}|[A-Z]{3})")
_OPENS = re.compile(r"[ \t]*(?:[=#*~_-]{2,}[ \t]*)?(?:\[[ \t]*)?")
_NAMED = re.compile(
    r"[ \t]*(?:[=#*~_-]{2,}[ \t]*)?(?:date of (?:visit|service)|visit|encounter|progress note|dos|today|seen|"
    r"note of|entry|addendum|copied|carried|imported|pulled)\b[^\n.;]{0,50}?$",
    re.IGNORECASE,
)
_CARRIED = re.compile(
    r"\b(?:copied|carried|pulled|imported|pasted)[ -]?(?:forward)?\b[^\n]{0,30}\bfrom\b|\bcopy[ -]forward\b"
    r"|\b(?:prior|previous|last|old) (?:note|visit|encounter)\b",
    re.IGNORECASE,
)
_LEDGER = re.compile(r"^[ \t]*\d{1,2}/\d{1,2}[ \t]", re.MULTILINE)
"""A line that begins with a day; of three and more each begins an entry, whatever letter follows."""

_LIST = re.compile(r"\n[ \t]*\n")
_NEXT = re.compile(r"\n[ \t]*[A-Z][\w /]{0,24}:")
"""The next heading ends a paragraph that a bracket marks as copied."""

_LEADS = re.compile(r"[^\n.:;]{0,30}:[ \t]*\n")
"""A heading with some more words, alone on its line."""

TODAY = frozenset(("today", "interval history", "plan", "assessment"))
"""Headings that end what was copied from another day even without an empty line between."""

OPENING = 4_000
"""Characters in which a note names its day."""

LONGEST_LINE = 400
"""Of a longer line only the beginning is looked at for a heading."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the text with one state. ``note``: words that say why, for people."""

    start: int
    end: int
    state: str
    note: str


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Where each line begins and ends."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield start, end
        start = end + 1


def encounters(text: str, near: date | None) -> list[tuple[int, date, bool]]:
    """Where each encounter's entry begins, its day, and whether its year is written.

    A date that opens a line, or stands in a banner, begins one.
    """
    found = []
    blank, ended = True, True
    ledger = len(_LEDGER.findall(text[:OPENING])) > 2
    for start, end in lines_of(text):
        line = text[start : min(end, start + LONGEST_LINE)]
        opening = next(
            (one for one in dates_in(line[:120], near) if _begins(line, one, blank or ended, ledger)), None
        )
        if opening:
            found.append((start, opening.day, opening.sure))
        if line.strip():
            blank, ended = False, line.rstrip()[-1] in ".:!?=-#*)"
        else:
            blank = True
    return found


def _begins(line: str, dated: Dated, fresh: bool, ledger: bool) -> bool:
    """Whether a date opens an entry. ``fresh``: whether the line before it was empty or had ended."""
    before = line[: dated.start]
    if _OPENS.fullmatch(before):
        after = line[dated.end :].strip()
        return fresh and (dated.sure or ledger or not after or not after[0].islower())
    if _CARRIED.search(before):
        return True
    return (
        fresh
        and len(before) <= 40
        and bool(_BANNER.match(line) and before.upper() == before or _NAMED.match(before))
    )


def other_days(text: str, day: date | None) -> list[Stretch]:
    """The parts of a note that belong to other days than the note's.

    Where all entries are of one day, or none is dated, that is none. Text before the first entry belongs to the note.
    """
    opened = encounters(text, day)
    found = []
    for at, (start, own, sure) in enumerate(opened):
        end = opened[at + 1][0] if at + 1 < len(opened) else len(text)
        if not sure and (empty := _LIST.search(text, start, end)):
            end = empty.start()  # a list of days within an entry ends at an empty line
        if text[start:end].lstrip().startswith("[") and (after := _NEXT.search(text, start, end)):
            end = after.start()
        if day is not None and own != day:
            found.append(Stretch(start, end, "other_entry", f"an entry of {own.isoformat()}"))
    return found


def day_of_note(text: str) -> date | None:
    """The day that a note is for: that of its latest entry, else its first date with a year; None where there is none.

    A date without a year takes the year of the first date that has one.
    """
    first = next(dates_in(text[:OPENING]), None)
    opened = encounters(text, first.day if first else None)
    today = [own for start, own, _ in opened if "today" in text[start : start + 60].lower()]
    if today:
        return today[-1]
    if opened:
        return max(own for _, own, _ in opened)
    return first.day if first else None


def headed(
    text: str,
    words: Sequence[Word],
    starts: Sequence[int],
    heads: Matcher,
    states: Mapping[int, tuple[str, str]],
) -> list[Stretch]:
    """The parts under a heading that sets a state, such as a plan or a history.

    ``heads``: patterns of headings, ``states``: each one's state and reach (``line`` or ``block``), by its number. A
    heading reaches to the next heading; with ``line`` not beyond its own line, with ``block`` not beyond an empty line.
    """
    marks = []
    for start in starts:
        best: tuple[int, int] | None = None
        for number in heads.candidates(words[start].text):
            end = heads.patterns[number].end(words, start, min(len(words), start + 8))
            leads = (
                states[number][0] == "plan" and bool(_LEADS.match(text, words[end - 1].end))
                if end > start
                else False
            )
            if end > start and (leads or _closes(text, words, end)) and (best is None or end > best[1]):
                best = (number, end)
        if best:
            marks.append((words[start].start, best[0], " ".join(w.text for w in words[start : best[1]])))
        elif _other_heading(text, words, start):
            marks.append((words[start].start, -1, ""))
    found = []
    for at, (begin, number, name) in enumerate(marks):
        if number < 0:
            continue
        state, reach = states[number]
        if state == "plain":
            continue
        further = marks[at + 1 :]
        if (
            state == "other_entry"
        ):  # what was copied has headings of its own; today's ends it, or an empty line
            further = [mark for mark in further if mark[2] in TODAY]
        end = further[0][0] if further else len(text)
        if reach == "line":
            broken = text.find("\n", begin, end)
            end = broken if broken >= 0 else end
        elif (empty := _LIST.search(text, begin, end)) and empty.start() > begin + len(name) + 4:
            end = empty.start()
        found.append(Stretch(begin, end, state, f"under “{name}”"))
    return found


def _closes(text: str, words: Sequence[Word], end: int) -> bool:
    """Whether a heading is closed by a colon, or stands alone on its line."""
    after = text[words[end - 1].end : words[end].start] if end < len(words) else "\n"
    return after.lstrip(" \t)").startswith((":", "\n", "-", "–")) and not after.startswith("-") or not after


def _other_heading(text: str, words: Sequence[Word], start: int) -> bool:
    """Whether a sentence begins with any other heading: a few words and a colon, the first with a capital letter."""
    if not words[start].upper:
        return False
    for at in range(start + 1, min(start + 4, len(words))):
        before = words[at].before
        if ":" in before:
            return True
        if before.strip() or "\n" in before:
            return False
    return False
