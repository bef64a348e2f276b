"""A note as words, each with its place in the text. Everything later reads words, never the raw text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 40
"""A longer run of letters is no word of a note; it is kept, cut to this length, so that nothing is looked up twice."""

_WORD = re.compile(
    r"\[\s?[xX✓]?\s?\]|\(\s?[xX✓]\s?\)|\(\s\)|[☐☑☒]"  # boxes to tick
    r"|(?<![\d.])[23]-?[dD](?:MD|md)?(?![A-Za-z])"  # 3D, 3-D, 3dMD
    r"|\d+(?:[.,:]\d+)*(?=[A-Za-z])(?!\d)"  # the number of 35F or 14mm
    r"|\d+(?:[.,:]\d+)*"
    r"|[A-Za-z]/[A-Za-z](?![A-Za-z])|[Ww]/(?=[\sA-Za-z])"  # f/u, w/o, w/
    r"|[A-Za-z]\.[A-Za-z]\.(?![A-Za-z])"  # y.o.
    r"|[^\W\d_]+(?:['\u2019][^\W\d_]+)?"
    r"|[?&+=]"
)
_SHORT = {
    "w/": "with", "w/o": "without", "y/o": "yo", "y.o.": "yo", "n/a": "none", "f/u": "followup", "h/o": "history",
    "s/p": "history", "c/s": "consult", "d/c": "discharged", "e/m": "em", "&": "and", "+": "and",
    "ofc": "office", "rpt": "report", "rpts": "reports", "appt": "appointment",
}  # fmt: skip
_TAILS = {"ll": "will", "d": "would", "ve": "have", "re": "are", "m": "am", "s": ""}
_COUNTS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40",
    "fifty": "50", "sixty": "60", "thirteen": "13", "fourteen": "14", "sixteen": "16", "seventeen": "17",
    "eighteen": "18", "nineteen": "19", "seventy": "70", "eighty": "80", "ninety": "90",
}  # fmt: skip
TICKED, UNTICKED = "[x]", "[]"


@dataclass(frozen=True, slots=True)
class Word:
    """A word in small letters, where it stands in the text, and what stands between it and the word before."""

    text: str
    start: int
    end: int
    before: str
    upper: bool
    """Whether it begins with a capital letter."""
    shout: bool = False
    """Whether it is written in capitals throughout."""

    @property
    def number(self) -> str:
        """Its value, where it is a whole number in digits or letters; otherwise empty."""
        return self.text if self.text.isascii() and self.text.isdigit() else _COUNTS.get(self.text, "")


def words_of(text: str) -> list[Word]:
    """The words of a text in order. Contractions count as two words: ``won't`` is *will* and *not*.

    Takes any text, of any length; time grows with the length alone.
    """
    found: list[Word] = []
    last = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        before = text[last:start]
        for part in _parts(match[0][:LONGEST]):
            shout = len(match[0]) > 1 and match[0].isupper()
            if found and _joins(found[-1], part, before):
                tens = found.pop()
                part = str(int(tens.number) + int(_COUNTS[part]))
                start, before = tens.start, tens.before
            found.append(Word(part, start, end, before, match[0][:1].isupper(), shout))
            before = ""
        last = end
    return found


def _joins(last: Word, part: str, before: str) -> bool:
    """Whether a word makes one number with the word before it: *thirty* and *four*."""
    return (
        before in ("-", " ")
        and not last.text.isdigit()
        and last.number in ("20", "30", "40", "50", "60", "70", "80", "90")
        and len(_COUNTS.get(part, "")) == 1
    )


def _parts(raw: str) -> Iterator[str]:
    low = raw.lower().replace("\u2019", "'")
    if raw[0] in "[(☐☑☒":
        yield TICKED if any(mark in low for mark in "x✓☑☒") else UNTICKED
    elif low[0] in "23" and low[-1] == "d":
        yield low.replace("-", "")
    elif low in _SHORT:
        yield _SHORT[low]
    elif low.endswith("n't"):
        yield {"won't": "will", "can't": "can", "shan't": "shall"}.get(low, low[:-3])
        yield "not"
    elif "'" in low:
        head, _, tail = low.partition("'")
        yield head
        if spoken := _TAILS.get(tail, tail):
            yield spoken
    else:
        yield low
