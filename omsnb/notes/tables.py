"""Reads ``data/cues``: classes of words, triggers of contexts, headings, cues of facts, and what shows a document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.notes.patterns import Matcher, Pattern, read_pattern
from omsnb.reading import Line, read_lines
from omsnb.tables import documents, facts, services

STATES = (
    "denied", "planned", "conditional", "past", "others", "asked", "unticked", "past_day", "later_day",
    "other_entry", "history", "plan",
)  # fmt: skip
"""What a word may be, besides plainly said. ``plan`` and ``history`` come from headings."""

IMAGES = {
    "panoramic": "panoramic",
    "cephalometric": "cephalometric",
    "cbct": "volume-scan",
    "ct": "volume-scan",
}
"""The classes of images, and the service that each is."""

Phrases = Mapping[str, Matcher]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A row of ``triggers.csv``."""

    pattern: Pattern
    state: str
    direction: str
    reach: int
    clause: bool


@dataclass(frozen=True, slots=True)
class Heading:
    """A row of ``headings.csv``."""

    pattern: Pattern
    state: str
    reach: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A row of ``facts.csv`` in ``data/cues``.

    ``needs``, ``blocked``: a class of words that must, or must not, stand in the sentence; with ``note:`` before it in
    the note, with ``near:`` in the clause, with ``before:`` ahead of it in the sentence, with ``pair:`` in the sentence
    or the two before it; ``own``: the surgeon or the practice acts in the sentence; ``head``: among the note's first
    lines. ``allows``: states that do not hold it back.
    """

    number: int
    pattern: Pattern
    service: str
    fact: str
    value: str
    basis: str
    needs: tuple[str, ...]
    blocked: tuple[str, ...]
    allows: frozenset[str]
    fires: str
    silent: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows something: a document, or that a service was done. A fact (no values: any value does), or ``words``:
    a class of words."""

    of: str
    fact: str
    values: tuple[str, ...]
    words: str = ""


def _pattern(line: Line, classes: Phrases) -> Pattern:
    try:
        return read_pattern(line.wanted("words"), classes)
    except ValueError as problem:
        raise line.error("words", str(problem)) from None


@cache
def classes() -> Phrases:
    """The classes of words (``classes.csv``): phrases that mean the same to a cue. A class may use those above it."""
    found: dict[str, list[Pattern]] = {}
    done: dict[str, Matcher] = {}
    for line in read_lines("cues/classes.csv", ("class", "words"), key=("class", "words")):
        name = line.wanted("class")
        if name in done:
            raise line.error("class", f"{name!r} stands apart from its other rows")
        for earlier in [one for one in found if one != name]:
            done[earlier] = Matcher(found.pop(earlier))
        found.setdefault(name, []).append(_pattern(line, done))
    return {**done, **{name: Matcher(patterns) for name, patterns in found.items()}}


@cache
def triggers() -> tuple[Trigger, ...]:
    """The triggers of contexts (``triggers.csv``)."""
    found = []
    columns = ("words", "state", "direction", "reach", "within")
    for line in read_lines("cues/triggers.csv", columns, key=("words", "state", "direction")):
        reach = line.whole("reach")
        if not 0 <= reach <= 60:
            raise line.error("reach", f"{reach} is not allowed; allowed are 0 to 60 words")
        found.append(
            Trigger(
                _pattern(line, classes()),
                line.one_of("state", *STATES, "none", "ends"),
                line.one_of("direction", "after", "before", "both"),
                reach,
                line.one_of("within", "clause", "sentence") == "clause",
            )
        )
    return tuple(found)


@cache
def headings() -> tuple[Heading, ...]:
    """The headings that set a state (``headings.csv``)."""
    return tuple(
        Heading(
            _pattern(line, classes()),
            line.one_of("state", *STATES, "plain"),
            line.one_of("reach", "line", "block"),
        )
        for line in read_lines("cues/headings.csv", ("words", "state", "reach"), key=("words",))
    )


@cache
def cues() -> tuple[Cue, ...]:
    """The cues of facts (``facts.csv`` in ``data/cues``); each names a fact and a value of ``data/facts.csv``."""
    columns = (
        "words",
        "service",
        "fact",
        "value",
        "basis",
        "needs",
        "blocked_by",
        "allows",
        "fires",
        "silent",
    )
    lines = read_lines("cues/facts.csv", columns, key=("words", "service", "fact", "value", "needs"))
    return tuple(_cue(number, line) for number, line in enumerate(lines))


ACTS = {"captured", "own_report", "others_report", "sent_out", "no_report", "failed"}
"""What is said of an image; ``component`` follows from them."""


def _cue(number: int, line: Line) -> Cue:
    fact = line.one_of("fact", *facts(), "act")
    allowed: Iterable[str] = ACTS if fact == "act" else facts()[fact].values
    value = line.wanted("value")
    counted = fact != "act" and facts()[fact].kind == "number"
    if value not in allowed and not (counted and (value == "#" or value.isdigit())):
        raise line.error(
            "value", f"{value!r} is not known; allowed: {'#' if counted else ', '.join(allowed)}"
        )
    known = {"own", "head", *classes()}
    for column in ("needs", "blocked_by"):
        for item in line.items(column):
            place, _, name = item.rpartition(":")
            if place not in ("", "note", "near", "pair", "before") or name not in known:
                raise line.error(column, f"{item!r} is not known")
    return Cue(
        number,
        _pattern(line, classes()),
        line.one_of("service", *services(), "visit", "image"),
        fact,
        value,
        line.one_of("basis", "stated", "implied"),
        line.items("needs"),
        line.items("blocked_by"),
        frozenset(line.items("allows", STATES)),
        line.wanted("fires"),
        line.wanted("silent"),
    )


@cache
def proofs() -> tuple[Proof, ...]:
    """Which proposed fact, or which words, show that the note holds a document (``documents.csv`` in ``data/cues``)."""
    found = []
    columns = ("document", "fact", "values", "words")
    for line in read_lines("cues/documents.csv", columns, key=("document", "fact", "words")):
        document = line.listed("document", documents())
        if words := line.text("words"):
            if words not in classes():
                raise line.error("words", f"{words!r} is no class of classes.csv")
            found.append(Proof(document, "", (), words))
            continue
        fact = line.listed("fact", facts())
        found.append(Proof(document, fact, line.items("values", facts()[fact].values)))
    return tuple(found)


@cache
def signs() -> Mapping[str, tuple[Proof, ...]]:
    """Which proposed facts mean that the practice did a service that day (``services.csv`` in ``data/cues``)."""
    found: dict[str, list[Proof]] = {}
    for line in read_lines("cues/services.csv", ("service", "fact", "values"), key=("service", "fact")):
        service, fact = line.listed("service", services()), line.listed("fact", facts())
        found.setdefault(service, []).append(Proof(service, fact, line.items("values", facts()[fact].values)))
    return {service: tuple(rows) for service, rows in found.items()}


@dataclass(frozen=True, slots=True)
class Silent:
    """A row of ``silent.csv``: how a fact counts where documents that a note lacks are looked for; it proposes nothing.

    ``kind``: ``assumed``, taken where a note is silent, with ``beside`` where it gives that other fact; ``missing``, an
    answer that closes a code only because a document is missing; ``elsewhere``, a fact of a service that others gave,
    or staff alone, whose documents are wanted all the same (``service``: of which one, else its own).
    """

    kind: str
    fact: str
    value: str
    beside: str
    service: str


@cache
def silent() -> tuple[Silent, ...]:
    """What is taken where a note is silent (``silent.csv`` in ``data/cues``)."""
    found = []
    columns = ("kind", "fact", "value", "beside", "service")
    for line in read_lines("cues/silent.csv", columns, key=("kind", "fact")):
        kind, fact = line.one_of("kind", "assumed", "missing", "elsewhere"), line.listed("fact", facts())
        value = line.listed("value", ("",) if kind == "elsewhere" else facts()[fact].values)
        beside = line.listed("beside", ("", *facts()) if kind == "assumed" else ("",))
        service = line.listed("service", ("", *services()) if kind == "elsewhere" else ("",))
        found.append(Silent(kind, fact, value, beside, service))
    return tuple(found)
