"""The requirement graph of the decision tables: which facts bear on a table, and which tables settle a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from omsnb.records import DAY, Table
from omsnb.tables import facts, tables


@cache
def _settling() -> Mapping[str, tuple[Table, ...]]:
    found: dict[str, list[Table]] = {}
    for table in tables().values():
        for fact in table.concludes:
            found.setdefault(fact, []).append(table)
    return {fact: tuple(settling) for fact, settling in found.items()}


def settling_tables(fact: str) -> tuple[Table, ...]:
    """Tables whose rows settle this fact for others."""
    return _settling().get(fact, ())


@cache
def _requirements(name: str) -> tuple[str, ...]:
    return tuple(_walk(tables()[name], frozenset()))


def requirements(table: Table) -> tuple[str, ...]:
    """Every fact that can bear on the table: its conditions, and those of the tables that settle them."""
    return (
        _requirements(table.name) if tables().get(table.name) is table else tuple(_walk(table, frozenset()))
    )


def _walk(table: Table, seen: frozenset[str]) -> Iterator[str]:
    found: dict[str, None] = {}
    for fact in table.conditions:
        found[fact] = None
        if facts()[fact].dated:
            found[DAY] = None
        for upstream in settling_tables(fact):
            if upstream.name in seen or upstream.name == table.name:
                raise ValueError(f"table {table.name}: the requirement graph has a circle at {fact}")
            found.update(dict.fromkeys(_walk(upstream, seen | {table.name})))
    yield from found


def upstream_first(table: Table) -> tuple[Table, ...]:
    """The table and all that settle its facts, each after those that it rests on; the table itself is last."""
    found: dict[str, Table] = {}

    def walk(one: Table) -> None:
        for fact in one.conditions:
            for upstream in settling_tables(fact):
                if upstream.name not in found:
                    walk(upstream)
        found[one.name] = one

    walk(table)
    return tuple(found.values())
