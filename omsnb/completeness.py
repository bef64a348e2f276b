"""Whether a decision table is complete and has no overlaps: every combination of its conditions is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from omsnb.answers import words
from omsnb.decisions import decide_with, find_table, representatives
from omsnb.records import Allowed, Table
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

    ``with_open``: each fact may also be open (left out of the combination).
    """
    choices: list[list[Allowed | None]] = []
    for fact in table.conditions:
        scope = table.scope.get(fact, facts()[fact].every)
        values: list[Allowed | None] = list(representatives((table,), fact, scope))
        choices.append([*values, None] if with_open else values)
    for chosen in product(*choices):
        yield {fact: value for fact, value in zip(table.conditions, chosen, strict=True) if value is not None}


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
