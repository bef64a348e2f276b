"""Whether a decision table is complete and free of overlaps on every day: every combination of facts is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from omsnb.answers import meet, words
from omsnb.decisions import decide_with, find_table
from omsnb.network import requirements
from omsnb.plans import representatives
from omsnb.records import DAY, Allowed, Table
from omsnb.tables import facts


@dataclass(frozen=True, slots=True)
class TableFault:
    """A combination of facts for which a table has no row (gap) or more than one (overlap)."""

    table: str
    kind: str
    facts: Mapping[str, str]
    rows: tuple[str, ...]


def combinations(table: Table, with_open: bool = False) -> Iterator[dict[str, Allowed]]:
    """Every combination of the table's own conditions within its scope; numbers stand for a range between limits.

    ``with_open``: each fact may also be open (left out of the combination). A table that depends on the day is gone
    through once for each interval between two days on which something in it begins or ends, with the values of that
    interval.
    """
    if DAY not in requirements(table):
        yield from _combinations(table, with_open, None)
        return
    for days in representatives((table,), DAY, facts()[DAY].every):
        for found in _combinations(table, with_open, days):
            yield {DAY: days, **found}


def _combinations(table: Table, with_open: bool, days: Allowed | None) -> Iterator[dict[str, Allowed]]:
    conditions = tuple(fact for fact in table.conditions if fact != DAY)
    choices: list[list[Allowed | None]] = []
    for fact in conditions:
        scope = table.scope.get(fact, facts()[fact].every)
        if isinstance(days, range):
            scope = meet(scope, facts()[fact].every_on(days))
        values: list[Allowed | None] = list(representatives((table,), fact, scope))
        choices.append([*values, None] if with_open else values)
    for chosen in product(*choices):
        yield {fact: value for fact, value in zip(conditions, chosen, strict=True) if value is not None}


def table_faults(table: str | Table) -> tuple[TableFault, ...]:
    """Checks a table for gaps and overlaps by going through every combination of its conditions."""
    chosen = find_table(table)
    faults = []
    for given in combinations(chosen):
        rows = decide_with(chosen, given).rows
        if len(rows) != 1:
            shown = {fact: words(facts()[fact], allowed) for fact, allowed in given.items()}
            kind = "overlap" if rows else "gap"
            faults.append(TableFault(chosen.name, kind, shown, tuple(row.id for row in rows)))
    return tuple(faults)
