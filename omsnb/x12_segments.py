"""The segments of an X12 file, each with its number, so that a fault is told where it stands. Standard library alone.

The marks that part elements, components and segments are read from each interchange's own header (ISA), so that one
file may hold several interchanges with different marks. Line ends between or inside segments mean nothing, unless they
are themselves the mark that ends a segment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BLANK = " \t\r\n\0\x1a\ufeff"
START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*ISA[^0-9A-Za-z\s]")
ISA_ELEMENTS = 16
SHOWN = 60
"""Characters of a segment that a sentence shows."""

MOST_SEGMENT = 2**14
"""Characters of a segment; a longer one is no segment, but a file whose segments do not end."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its number in the file from 1 on, and its elements, the name first.

    ``component``: the mark between the parts of an element. ``ended``: the mark that ends it was there.
    """

    number: int
    elements: tuple[str, ...]
    component: str
    repetition: str
    ended: bool = True

    @property
    def name(self) -> str:
        """Its name, such as CLM."""
        return self.elements[0]

    def at(self, place: int) -> str:
        """An element by its place, blanks around it left out; empty where there is none."""
        return self.elements[place].strip() if place < len(self.elements) else ""

    def parts(self, place: int) -> list[str]:
        """The components of an element, at least one."""
        return [part.strip() for part in self.at(place).split(self.component)]

    def part(self, place: int, of: int) -> str:
        """One component of an element by its place from 1 on; empty where there is none."""
        found = self.parts(place)
        return found[of - 1] if of <= len(found) else ""

    def __str__(self) -> str:
        text = "*".join(self.elements)
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
        return f"segment {self.number} ({shown if shown.isprintable() else ascii(shown)[1:-1]})"


def looks_like_x12(content: bytes) -> bool:
    """Whether a file begins as an X12 interchange does, whatever its name; ``content``: its first bytes or all."""
    return START.match(content) is not None


def decoded(content: bytes) -> tuple[str, bool]:
    """The text of a file in UTF-8, else in Latin-1, and whether it was Latin-1."""
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return content.decode("latin-1"), True


def segments(text: str) -> Iterator[Segment]:
    """The segments of a file in their order; empty ones are left out.

    ``text``: begins with ISA, but for blanks. Raises ``ValueError`` with one sentence where the marks of an interchange
    cannot be told, or where segments do not end.
    """
    at, number, last = 0, 0, len(text)
    marks = ("*", ":", "", "~")
    while at < last:
        while at < last and text[at] in BLANK:
            at += 1
        if at >= last:
            return
        if text.startswith("ISA", at) and at + 3 < last and not text[at + 3].isalnum():
            marks = _marks(text, at, number + 1)
        element, component, repetition, end = marks
        stop = text.find(end, at)
        ended = stop >= 0
        if not ended:
            stop = last
        if stop - at > MOST_SEGMENT:
            raise ValueError(f"segment {number + 1} has more than {MOST_SEGMENT} characters and does not end")
        held = text[at:stop].replace("\r", "").replace("\n", "").strip(BLANK)
        at = stop + 1
        if held:
            number += 1
            yield Segment(number, tuple(held.split(element)), component, repetition, ended)


def _marks(text: str, at: int, number: int) -> tuple[str, str, str, str]:
    """The marks of an interchange: between elements, components and repetitions, and at the end of a segment."""
    element = text[at + 3]
    head = text[at : at + 300]
    places = [place for place, mark in enumerate(head) if mark == element]
    found = None
    if len(places) >= ISA_ELEMENTS:
        found = _ending(head, places[ISA_ELEMENTS - 1] + 1, element)
    if found is None:  # an element too many or too few: the marks still stand before the group's header
        group = re.search(rf"[^0-9A-Za-z](?=[\r\n \t]*GS{re.escape(element)})", head)
        found = _ending(head, group.start() - 1, element) if group and group.start() > 4 else None
    if found is None:
        shown = ascii(head[:SHOWN])[1:-1]
        raise ValueError(
            f"segment {number} ({shown}) does not say what ends a segment; the file may be damaged"
        )
    component, end = found
    repeated = text[at + places[10] + 1 : at + places[10] + 2] if len(places) > 10 else ""
    return element, component, "" if repeated.isalnum() else repeated, end


def _ending(head: str, place: int, element: str) -> tuple[str, str] | None:
    """The mark between components and the one that ends a segment, where both can be such marks."""
    pair = head[place : place + 2]
    if len(pair) < 2 or len({*pair, element}) < 3 or any(mark.isalnum() or mark == " " for mark in pair):
        return None
    if pair[0] in BLANK:
        return None
    return pair[0], "\n" if pair[1] == "\r" and head[place + 2 : place + 3] == "\n" else pair[1]
