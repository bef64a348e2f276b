"""Why a wrong answer is wrong: what would have led to it, tried by deciding again, or what its nearest row asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from omsnb.answers import words
from omsnb.decisions import Fallen
from omsnb.exercises.left import rows_left
from omsnb.exercises.possible import contradiction
from omsnb.plans import representatives
from omsnb.records import Allowed, Fact, Row, Table
from omsnb.tables import facts

MOST = 2
"""Conditions of a row that are told; more would not be read."""

LeadsTo = Callable[[Row], bool]


def why_not(table: Table, given: Mapping[str, Allowed], fallen: Sequence[Fallen], leads: LeadsTo) -> str:
    """One sentence on why an answer is wrong.

    ``given``: the facts told. ``fallen``: the rows that lead to the answer, all ruled out. ``leads``: whether a row
    leads to it. Where one fact alone, told otherwise, would lead to it, the sentence names that fact; else it says
    which conditions of the nearest row are not met.
    """
    for name in given:
        instead = _instead(table, given, name, fallen, leads)
        if instead:
            fact = facts()[name]
            return (
                f"This answer would follow if “{fact.question}” were answered “{instead}”; "
                f"here the answer is “{words(fact, given[name])}”."
            )
    return nearest_row(table, fallen)


def nearest_row(table: Table, fallen: Sequence[Fallen]) -> str:
    """What the nearest of some rows asks that the facts do not give, as a statement about that row."""
    nearest = min(fallen, key=lambda entry: len(entry.reasons))
    parts = []
    for reason in nearest.reasons[:MOST]:
        fact = facts()[reason.fact]
        parts.append(
            f"“{words(fact, reason.wanted)}” for “{fact.question}”, where it is “{words(fact, reason.given)}” here"
        )
    more = "; other conditions of it are not met either" if len(nearest.reasons) > MOST else ""
    return (
        f"Row {nearest.row.name or nearest.row.number} of “{table.title}” comes nearest to this answer and asks for "
        f"{', and '.join(parts)}{more}."
    )


def _instead(
    table: Table, given: Mapping[str, Allowed], name: str, fallen: Sequence[Fallen], leads: LeadsTo
) -> str:
    """Other answers to one fact that lead to the answer while all else stays as told, in words; or empty text."""
    fact = facts()[name]
    found = []
    for other in _others(fact, table, given[name], fallen):
        changed = {**given, name: other}
        rows = rows_left(table, changed)
        if rows and all(leads(row) for row in rows) and not contradiction(changed):
            if isinstance(other, range):
                return words(fact, other)
            found.append(other)
    return words(fact, frozenset().union(*found)) if found else ""


def _others(fact: Fact, table: Table, here: Allowed, fallen: Sequence[Fallen]) -> Iterator[Allowed]:
    """Other things that the fact may be: for a number first the ranges that the rows name."""
    if isinstance(here, range):
        for entry in fallen:
            limits = entry.row.conditions.get(fact.name)
            if isinstance(limits, range):
                yield limits
    for other in representatives((table,), fact.name, fact.every):
        if other != here and not (isinstance(other, range) and set(here) & set(other)):
            yield other
