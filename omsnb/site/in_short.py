"""A table in at most eight lines, each *if … then*, made from its rows: the questions that settle most come first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from omsnb.answers import words
from omsnb.decisions import decide_with
from omsnb.exercises.questions import outcome
from omsnb.records import Allowed, Row, Table
from omsnb.tables import facts

MOST_LINES = 8
MOST_ANSWERS = 2
"""Answers in one line: more make a sentence that nobody reads."""

MOST_OUTCOMES = 3
"""Outcomes that a line names; of more it says how many are left."""

Told = dict[str, Allowed]
Leaf = tuple[Told, Sequence[Row]]


def in_short(table: Table) -> list[tuple[str, str]]:
    """Condition and outcome of each line; none for a short table, and for one that few answers do not settle."""
    lines = [(told, _found(table, rows)) for told, rows in leaves(table) if told]
    settled = [found for _, found in lines if len(found) <= MOST_OUTCOMES]
    if 2 * len(settled) <= len(lines):
        return []
    return [(_condition(told), _outcomes(found)) for told, found in lines]


def leaves(table: Table) -> list[Leaf]:
    """The answers and the rows behind each line.

    Every combination of answers falls under exactly one line, and a line holds all rows that it can lead to. Only
    questions with a list of answers are asked; a number stays open.
    """
    if len(table.rows) <= MOST_LINES:
        return []
    found: list[Leaf] = [({}, table.rows)]
    while True:
        splits = [
            (place, parts)
            for place, leaf in enumerate(found)
            for parts in _splits(table, leaf)
            if len(found) - 1 + len(parts) <= MOST_LINES
        ]
        if not splits:
            return found
        place, parts = max(splits, key=lambda split: _gain(table, found[split[0]], split[1]))
        if _gain(table, found[place], parts) <= 0:
            return found
        found[place : place + 1] = parts


def _splits(table: Table, leaf: Leaf) -> Iterator[list[Leaf]]:
    told, rows = leaf
    if len(told) == MOST_ANSWERS:
        return
    for name in table.columns:
        if name in told or not facts()[name].values or not any(name in row.conditions for row in rows):
            continue
        groups: dict[tuple[str, ...], list[str]] = {}
        for value in facts()[name].values:
            kept = decide_with(table, {**told, name: frozenset({value})}).rows
            groups.setdefault(tuple(row.id for row in kept), []).append(value)
        yield [
            (now, decide_with(table, now).rows)
            for values in groups.values()
            if (now := {**told, name: frozenset(values)})
        ]


def _gain(table: Table, leaf: Leaf, parts: Sequence[Leaf]) -> float:
    """How many outcomes an answer rules out, on average."""
    left = sum(len(_found(table, rows)) for _, rows in parts) / len(parts)
    return len(_found(table, leaf[1])) - left


def _found(table: Table, rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(outcome(table, row) for row in rows))


def _condition(told: Told) -> str:
    """The answers; the question stands beside an answer of one word, which says little alone."""
    said = []
    for name, allowed in told.items():
        answer = words(facts()[name], allowed)
        short = " " not in answer or answer.startswith(("yes", "no", "the first", "a later"))
        said.append(f"{facts()[name].question} {answer}" if short else answer)
    return "; ".join(said)


def _outcomes(found: list[str]) -> str:
    if len(found) > MOST_OUTCOMES:
        return f"{len(found)} outcomes are left; see the table"
    return " or ".join(found)
