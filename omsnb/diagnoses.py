"""Diagnoses of ICD-10-CM around the work: which may be billed on a day, and which only head others.

``diagnoses.csv`` holds those of the cases and their neighbors, and not all there are: a code that is not in it is
``unknown`` unless its form is wrong. The titles are the government's own and free to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import sources

FORM = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
VALID, MALFORMED, INCOMPLETE, ENDED, NOT_YET, UNKNOWN = (
    "valid", "malformed", "incomplete", "ended", "not_yet", "unknown",
)  # fmt: skip
STATES: Mapping[str, str] = {
    VALID: "may be billed on that day",
    MALFORMED: "is no code of ICD-10-CM by its form",
    INCOMPLETE: "only heads longer codes, so it may not be billed",
    ENDED: "had ended before that day",
    NOT_YET: "begins after that day",
    UNKNOWN: "is not in the table of this manual",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A diagnosis that may be billed (``diagnoses.csv``). ``begins``, ``ends``: first and last day, or empty."""

    code: str
    title: str
    group: str
    begins: str
    ends: str
    source: str


@cache
def diagnoses() -> Mapping[str, Diagnosis]:
    """The diagnoses by code. Raises ``DataError`` naming row and column."""

    def make(line: Line) -> Diagnosis:
        first, last = line.date("from"), line.date("until")
        if first and last and last < first:
            raise line.error("until", f"{last} is earlier than the first day, {first}")
        return Diagnosis(
            line.matching("code", FORM, "M26.212"),
            line.wanted("title"),
            line.wanted("group"),
            first,
            last,
            line.listed("source", sources()),
        )

    columns = ("code", "title", "group", "from", "until", "source")
    return by_id(read_lines("diagnoses.csv", columns), "code", make)


@cache
def headings() -> frozenset[str]:
    """What longer codes of the table begin with, as far as it is no code of the table itself."""
    found = set()
    for code in diagnoses():
        for length in range(3, len(code)):
            found.add(code[:length].rstrip("."))
    return frozenset(found - set(diagnoses()))


def plain(code: str) -> str:
    """A diagnosis as it is written in the table: capitals, with the dot (``m26212`` is ``M26.212``)."""
    text = code.strip().upper()
    return f"{text[:3]}.{text[3:]}" if len(text) > 3 and "." not in text else text


@cache
def state(code: str, day: str) -> str:
    """What a diagnosis is on a day (``2026-03-01``): a key of ``STATES``."""
    name = plain(code)
    if not FORM.fullmatch(name):
        return MALFORMED
    known = diagnoses().get(name)
    if known is None:
        return INCOMPLETE if name in headings() else UNKNOWN
    if known.begins and day < known.begins:
        return NOT_YET
    return ENDED if known.ends and day > known.ends else VALID


def longer(code: str) -> tuple[str, ...]:
    """The codes of the table that a heading heads; those that begin with it."""
    name = plain(code)
    return tuple(other for other in diagnoses() if other.startswith(name) and other != name)


def in_state(codes: Iterable[str], day: str, wanted: str) -> tuple[str, ...]:
    """Those of a claim's diagnoses that are in a state on a day."""
    return tuple(code for code in codes if state(code, day) == wanted)


def pointed(diagnoses: Sequence[str], pointers: str) -> tuple[str, ...]:
    """The diagnoses that a line points to; all of the claim where the line has no pointer.

    ``diagnoses``: of the claim, in order; ``pointers``: letters from A on. A letter beyond the last diagnosis is left
    out; another check names it.
    """
    if not pointers:
        return tuple(diagnoses)
    places = (ord(letter) - ord("A") for letter in pointers)
    return tuple(diagnoses[place] for place in places if 0 <= place < len(diagnoses))
