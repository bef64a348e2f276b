"""The facts that decision tables ask for, and how a cell or an answer is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from omsnb.reading import DATE, Line, read_lines
from omsnb.records import Allowed, Fact, FactValue

NAME = re.compile(r"[a-z][a-z0-9_]*")
LAST = date.max.toordinal()


@cache
def facts() -> Mapping[str, Fact]:
    """The vocabulary of facts by name, in the order of the file."""
    columns = ("fact", "kind", "unit", "question", "value", "label", "help", "about", "from", "until")
    grouped: dict[str, list[Line]] = {}
    last = ""
    for line in read_lines("facts.csv", columns):
        if line.matching("fact", NAME, "encounter_setting") != last and line.text("fact") in grouped:
            raise line.error("fact", f"{line.text('fact')!r} stands apart from its other rows")
        last = line.text("fact")
        grouped.setdefault(line.wanted("fact"), []).append(line)
    return MappingProxyType({name: _fact(name, lines) for name, lines in grouped.items()})


def _fact(name: str, lines: list[Line]) -> Fact:
    first = lines[0]
    kind = first.one_of("kind", "choice", "number", "day")
    question = first.wanted("question")
    values: dict[str, FactValue] = {}
    bounds = range(0)
    first.wanted("unit") if kind == "number" else first.one_of("unit", "")
    for line in lines:
        line.one_of("kind", kind)
        if line is not first and line.text("question"):
            raise line.error("question", "stands on the first row of a fact only")
        value = line.wanted("value")
        if kind == "day":
            bounds = _bounds_of_days(first, value)
        elif kind == "number":
            found = re.fullmatch(r"([0-9]{1,6})\.\.([0-9]{1,6})", value)
            if len(lines) > 1 or not found or int(found[1]) > int(found[2]):
                raise line.error("value", f"{value!r}: a number has one row, with its bounds, such as 0..120")
            bounds = range(int(found[1]), int(found[2]) + 1)
        elif value in values:
            raise line.error("value", f"{value!r} stands twice for {name}")
        else:
            values[value] = FactValue(
                value, line.wanted("label"), line.text("help"), life(line.date("from"), line.date("until"))
            )
    dated = any(value.life is not None for value in values.values())
    return Fact(
        name, kind, first.text("unit"), question, first.text("about"), MappingProxyType(values), bounds, dated
    )


def _short(text: str) -> str:
    """A value as a sentence shows it; a very long one by its beginning."""
    return repr(text) if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]!r} and more"


LONGEST_SHOWN = 60


def _bounds_of_days(line: Line, text: str) -> range:
    first, dots, last = text.partition("..")
    try:
        return range(_ordinal(first, 1), _ordinal(last, LAST) + (1 if dots else 0))
    except ValueError:
        raise line.error("value", f"{text!r} is no span of days such as 2024-01-01..") from None


def _ordinal(text: str, empty: int) -> int:
    if text and not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text).toordinal() if text else empty


def life(first: str, last: str) -> range | None:
    """The days from the first to the last (``2026-01-31``), both in; None where neither is given.

    An empty first or last day leaves that side open.
    """
    if not first and not last:
        return None
    return range(_ordinal(first, 1), _ordinal(last, LAST) + 1)


def day_text(day: int) -> str:
    """A day counted as ``date.toordinal`` does, as text: ``2026-01-31``."""
    return date.fromordinal(day).isoformat()


def _days(fact: Fact, text: str) -> range:
    first, dots, last = text.strip().partition("..")
    try:
        if not first and not last:
            raise ValueError
        low = _ordinal(first, fact.bounds[0])
        high = _ordinal(last, fact.bounds[-1]) if dots else low
    except ValueError:
        low, high = 0, -1
    if not fact.bounds[0] <= low <= high <= fact.bounds[-1]:
        known = f"from {day_text(fact.bounds[0])}" + (
            f" to {day_text(fact.bounds[-1])}" if fact.bounds[-1] != LAST else ""
        )
        raise ValueError(
            f"{fact.name}: {_short(text)} is not allowed; allowed is a day {known}, such as 2026-01-31, "
            "or a span such as 2026-01-01..2026-12-31"
        )
    return range(low, high + 1)


def parse_allowed(fact: Fact, text: str) -> Allowed:
    """Reads a table cell or an answer: ``ct``, ``ct|cbct``, ``62``, ``60..74``, ``75..``, ``..74`` or days likewise.

    Returns a set of choices or a range. Raises ``ValueError`` with one sentence that names the fact, the value
    and what is allowed.
    """
    if fact.kind == "day":
        return _days(fact, text)
    if fact.kind == "number":
        low, high = fact.bounds[0], fact.bounds[-1]
        found = re.fullmatch(r"(?P<one>\d{1,9})|(?P<from>\d{0,9})\.\.(?P<to>\d{0,9})", text.strip(), re.ASCII)
        if found:
            first = int(found["one"] or found["from"] or low)
            last = int(found["one"] or found["to"] or high)
            if low <= first <= last <= high:
                return range(first, last + 1)
        raise ValueError(
            f"{fact.name}: {_short(text)} is not allowed; allowed is a whole number of {fact.unit} "
            f"from {low} to {high}, or a range such as {low}..{high}"
        )
    parts = [part.strip() for part in text.split("|")]
    for part in parts:
        if part not in fact.values:
            raise ValueError(f"{fact.name}: {_short(part)} is not allowed; allowed: {', '.join(fact.values)}")
    return frozenset(parts)
