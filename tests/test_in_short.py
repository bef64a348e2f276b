"""The lines above a table say what its rows say: no more than eight, one for each case, nothing left out."""

from __future__ import annotations

import random

import pytest

from omsnb.decisions import decide_with
from omsnb.exercises.questions import outcome
from omsnb.network import settling_tables
from omsnb.site.in_short import MOST_LINES, MOST_OUTCOMES, in_short, leaves
from omsnb.tables import facts, tables

LONG = [name for name, table in tables().items() if leaves(table)]


def test_a_long_table_has_lines_and_a_short_one_none() -> None:
    assert {name for name in tables() if in_short(tables()[name])} >= {"visit-family", "ct", "cbct", "splint"}
    assert not in_short(tables()["claim-form"])


@pytest.mark.parametrize("name", LONG)
def test_each_case_falls_under_one_line_that_names_its_outcome(name: str) -> None:
    table, chance = tables()[name], random.Random(name)
    found = leaves(table)
    assert len(found) <= MOST_LINES
    split = {fact for answers, _ in found for fact in answers}
    # what another table settles is told only where a line asks for it, or the answers could contradict each other
    asked = [
        fact
        for fact in table.columns
        if facts()[fact].values and (fact in split or not settling_tables(fact))
    ]
    for _ in range(400):
        told = {fact: frozenset({chance.choice(list(facts()[fact].values))}) for fact in asked}
        (rows,) = [
            rows for answers, rows in found if all(told[fact] <= allowed for fact, allowed in answers.items())
        ]
        left = decide_with(table, told).rows
        assert {row.id for row in left} <= {row.id for row in rows}


@pytest.mark.parametrize("name", [name for name in LONG if in_short(tables()[name])])
def test_a_line_names_what_its_rows_report(name: str) -> None:
    table = tables()[name]
    for (_, then), (_, rows) in zip(in_short(table), leaves(table), strict=True):
        outcomes = {outcome(table, row) for row in rows}
        if len(outcomes) <= MOST_OUTCOMES:
            assert set(then.split(" or ")) == set(" or ".join(outcomes).split(" or "))
        else:
            assert f"{len(outcomes)} outcomes are left" in then
