"""Where a sentence of a note ends, and its clauses. Notes are dictated, typed as lines, or wrapped at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from omsnb.notes.words import TICKED, UNTICKED, Word

WRAPPED = 52
"""A line at least this long that ends without a stop goes on in the next one."""

_SHORT = frozenset(
    "dr drs mr mrs ms st vs approx jan feb mar apr jun jul aug sept sep oct nov dec dept e i g ie eg cf incl no"
    " fig est pt pts".split()
)
_BREAK = frozenset("but while whereas although though however because since".split())
_STOP = re.compile(r"[.!?]['\")\]]*(?:\s|$)|;|[ ]{3}|\t")
_LEADER = re.compile(r"[ \t]*\.{3,}[ \t]*")
"""Dots that lead from a field's name to its boxes."""

_BULLET = re.compile(r"\s*(?:[-*•>]\s|\d{1,2}[.)]\s|\[|\()")
_DATED = re.compile(r"\s*\d{1,2}[/-]\d{1,2}[/-]\d{2,4}\b")
"""A ledger: each line begins with a date."""

_ENDS_DATED = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}[ \t]*$")
"""A head that ends with its date is whole."""

_HEAD = re.compile(r"[ ]*[A-Z][\w /&-]{0,28}:")


_SPOKEN = ("period", "paragraph")
_SPOKEN_LEAST = 3
"""So often a dictation names its stops; a note that speaks of a period or two does not."""


def _spoken(words: Sequence[Word]) -> bool:
    return sum(word.text in _SPOKEN for word in words) >= _SPOKEN_LEAST


def sentence_starts(text: str, words: Sequence[Word]) -> list[int]:
    """Numbers of the words that begin a sentence; the first is 0."""
    starts = [0] if words else []
    spoken = _spoken(words)
    for at in range(1, len(words)):
        before = words[at].before
        if spoken and words[at - 1].text in _SPOKEN:
            starts.append(at)
            continue
        if not before or before.isalnum() or _LEADER.fullmatch(before):
            continue
        if (
            "\n" in before
            and not _goes_on(text, words, at)
            or (found := _STOP.search(before))
            and not (
                found[0][0] == "."
                and "\n" not in before
                and (
                    words[at - 1].text in _SHORT
                    or (len(words[at - 1].text) == 1 and words[at - 1].upper and not words[at].upper)
                )
            )
        ):
            starts.append(at)
    return starts


def _goes_on(text: str, words: Sequence[Word], at: int) -> bool:
    """Whether a line break within a sentence was only put there to keep the line short."""
    before, start = words[at].before, words[at].start
    if before.count("\n") > 1 or re.search(r"[.;:!?]\s*\n|={3}|-{3}", before):
        return bool(re.search(r"[.]\s*\n", before)) and words[at - 1].text in _SHORT
    broken = start - len(before) + before.index("\n")
    line = text.rfind("\n", max(0, broken - 200), broken) + 1
    following = text[broken + 1 : start + 40]
    if _ENDS_DATED.search(text[line:broken]) and words[at].upper:
        return False
    if _DATED.match(following) and _DATED.match(text[line:broken]):
        return False
    return broken - line >= WRAPPED and not _BULLET.match(following) and not _HEAD.match(following)


def clause_starts(words: Sequence[Word], start: int, stop: int) -> list[int]:
    """Numbers of the words that begin a clause of the sentence from ``start`` to ``stop``; the first is ``start``."""
    starts = [start]
    spoken = words[stop - 1].text in _SPOKEN
    for at in range(start + 1, stop):
        word = words[at]
        if spoken and word.text == "comma":
            starts.append(at)
            continue
        if (
            any(mark in word.before for mark in ",:()–—")
            or " - " in word.before.replace("\n", " ")
            or word.text in _BREAK
            or word.text in (TICKED, UNTICKED)
        ):
            starts.append(at)
    return starts
