"""The requirement graph: what bears on a table, and that no table settles its own facts by way of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from omsnb import network
from omsnb.network import requirements, settling_tables, upstream_first
from omsnb.records import Table
from omsnb.tables import tables


def test_a_circle_of_two_tables_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(tables()["splint"], name="one", scope={}, columns=("payer",), rows=())
    two = replace(one, name="two", columns=("claim",))
    settles: dict[str, tuple[Table, ...]] = {"payer": (two,), "claim": (one,)}
    monkeypatch.setattr(network, "settling_tables", lambda fact: settles.get(fact, ()))
    for table, fact in ((one, "claim"), (two, "payer")):
        with pytest.raises(ValueError, match=f"the requirement graph has a circle at {fact}"):
            requirements(table)
    settles["payer"] = (one,)
    with pytest.raises(ValueError, match="table one: the requirement graph has a circle at payer"):
        requirements(one)


def test_a_table_of_ones_own_has_its_own_requirements() -> None:
    """A table that is none of the manual's, though it has the name of one, is asked for what it asks itself."""
    known = tables()["splint"]
    fewer = replace(known, scope={}, columns=known.columns[:1], rows=())
    assert requirements(fewer) != requirements(known)
    assert set(known.columns) <= set(requirements(known)) and requirements(fewer)[0] == known.columns[0]
    assert known.columns[-1] not in requirements(fewer)


def test_what_settles_a_fact_comes_first() -> None:
    for table in tables().values():
        order = [one.name for one in upstream_first(table)]
        assert order[-1] == table.name and len(set(order)) == len(order)
        for one in map(tables().__getitem__, order):
            for fact in one.conditions:
                for upstream in settling_tables(fact):
                    assert order.index(upstream.name) < order.index(one.name)
