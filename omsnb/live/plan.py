"""The compiled tables as one small JSON file, for a page to answer from before Python has started.

The masks are those of the plans that ``decide`` reads (``omsnb.plans``); ``live/plan.mjs`` is the evaluator. A test
compares the two on every combination of the small tables and on thousands of random answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from omsnb.answers import default_day
from omsnb.network import requirements
from omsnb.plans import plan_of, rows_that_fit
from omsnb.records import DAY, Fact, Table
from omsnb.tables import facts, tables


def plan_data(chosen: Iterable[str] | None = None, *, words: bool = True) -> dict[str, Any]:
    """The plan of some tables and of those that settle their facts, in types that JSON holds.

    ``chosen``: names of tables; None takes all. ``words``: with questions, labels, reasons and statement ids, or the
    bare decision. ``f`` holds the facts: ``v`` the values of a choice, ``s`` the first of each span of a number or a
    day (days as ordinals), ``a`` for dated values those that live, as bits in hexadecimal, on each span of days.
    ``t`` holds the tables: ``m`` for each fact the rows that fit each value or span, ``c`` where the spans of a number
    are told apart by this table and those behind it, ``r`` the rows, and ``o`` the outcome of each. ``d`` is the day
    that stands where none is given. Raises ``KeyError`` for a table that is not known.
    """
    names = list(tables()) if chosen is None else list(dict.fromkeys(_with_settling(chosen)))
    asked = dict.fromkeys(fact for name in names for fact in (*requirements(tables()[name]), DAY))
    starts = {fact: _starts(fact, names) for fact in asked if facts()[fact].kind != "choice"}
    return {
        "d": default_day().start,
        "f": {fact: _fact(facts()[fact], starts, words) for fact in asked},
        "t": {name: _table(tables()[name], starts, words) for name in names},
    }


def _with_settling(chosen: Iterable[str]) -> Iterable[str]:
    for name in chosen:
        yield from (one.name for one in plan_of(tables()[name]).order)


def _starts(fact: str, names: Iterable[str]) -> list[int]:
    found = {start for name in names for start in plan_of(tables()[name]).spans.get(fact, ())}
    return sorted({facts()[fact].bounds.start, *found})


def _fact(fact: Fact, starts: dict[str, list[int]], words: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"q": fact.question} if words else {}
    if fact.kind != "choice":
        return {**found, "s": starts[fact.name], "e": fact.bounds.stop, "k": fact.kind}
    found["v"] = list(fact.values)
    if words:
        found["l"] = [value.label for value in fact.values.values()]
    if fact.dated:
        days = [range(start, start + 1) for start in starts[DAY]]
        alive = ([value.alive(day) for value in fact.values.values()] for day in days)
        found["a"] = [f"{sum(lives << place for place, lives in enumerate(one)):x}" for one in alive]
    return found


def _table(table: Table, starts: dict[str, list[int]], words: bool) -> dict[str, Any]:
    outcomes: dict[tuple[object, ...], int] = {}
    plan = plan_of(table)
    rows = []
    for row in table.rows:
        told: list[Any] = [row.report, list(row.modifiers), row.units, dict(row.concludes)]
        rows.append([*told, row.because, list(row.guidance), list(row.documents)] if words else told)
    return {
        "m": {
            fact: [
                f"{rows_that_fit(table, fact, value):x}" for value in starts.get(fact, facts()[fact].values)
            ]
            for fact in table.conditions
        },
        "c": {
            fact: [place for place, start in enumerate(starts[fact]) if start in set(spans)]
            for fact, spans in plan.spans.items()
        },
        "o": [outcomes.setdefault(row.outcome, len(outcomes)) for row in table.rows],
        "r": rows,
    }
