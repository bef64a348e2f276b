"""Whether facts that an exercise tells can hold together: by the tables, and by the pairs of ``impossible.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.answers import covers, meet, words
from omsnb.exercises.left import rows_left
from omsnb.network import settling_tables
from omsnb.reading import Line, read_lines
from omsnb.records import Allowed
from omsnb.tables import facts, guidance, parse_allowed


@dataclass(frozen=True, slots=True)
class Impossible:
    """Two facts that never hold together, and why (``impossible.csv``)."""

    one: str
    one_is: Allowed
    other: str
    other_is: Allowed
    because: str
    guidance: tuple[str, ...]


@cache
def impossible() -> tuple[Impossible, ...]:
    """The pairs of facts that never hold together.

    Raises ``DataError`` for a fact or a value that is not known, and for a pair that stands twice.
    """
    found: dict[tuple[str, str], Impossible] = {}
    for line in read_lines("impossible.csv", ("one", "other", "because", "guidance")):
        pair = line.wanted("one"), line.wanted("other")
        if pair in found:
            raise line.error("other", f"{pair[0]} with {pair[1]} stands twice")
        cited = line.items("guidance", guidance())
        found[pair] = Impossible(*_fact(line, "one"), *_fact(line, "other"), line.wanted("because"), cited)
    return tuple(found.values())


def _fact(line: Line, column: str) -> tuple[str, Allowed]:
    name, _, value = line.wanted(column).partition("=")
    if name not in facts():
        raise line.error(column, f"{name!r} is no fact of facts.csv")
    try:
        return name, parse_allowed(facts()[name], value)
    except ValueError as problem:
        raise line.error(column, str(problem)) from None


def contradiction(given: Mapping[str, Allowed]) -> str:
    """Why facts cannot hold together, in one sentence; empty text where they can.

    ``given``: facts by name, each narrowed to what it may be. A fact that tables settle must be among what they
    conclude from the others, and no pair of ``impossible.csv`` may hold, told or concluded.
    """
    known = dict(given)
    for name in facts():
        if not settling_tables(name):
            continue
        settled = _concluded(name, {fact: value for fact, value in given.items() if fact != name})
        if settled is None:
            continue
        if name in given and not meet(settled, given[name]):
            fact = facts()[name]
            return f"{name} is told as {words(fact, given[name])}, but it follows that it is {words(fact, settled)}."
        known.setdefault(name, settled)
    for pair in impossible():
        if pair.one in known and pair.other in known:
            if covers(pair.one_is, known[pair.one]) and covers(pair.other_is, known[pair.other]):
                return pair.because
    return ""


def _concluded(name: str, given: Mapping[str, Allowed]) -> Allowed | None:
    """What tables conclude of a fact; None where none of them applies."""
    rows = [row for table in settling_tables(name) for row in rows_left(table, given)]
    return frozenset(row.concludes[name] for row in rows) if rows else None
