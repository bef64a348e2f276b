"""How fast ``decide`` is beside GoRules ZEN: ``make bench`` or ``python bench/engine.py [--draws 1000] [--rounds 5]``.

The same tables in both, every fact known and drawn at random, on the edition's day; the row that stands is asserted
equal for every draw before anything is timed. ZEN's figure holds the way from Python into its engine and back, so the
cost of an empty graph stands beside it. Then ``decide`` with half of the facts known: the rows alone, and everything
realized (rows, rows that fell with their reasons, questions). Read the figures as ratios within one run.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any

import zen

from omsnb.answers import default_day, meet
from omsnb.decisions import decide
from omsnb.network import requirements
from omsnb.plans import plan_of
from omsnb.records import DAY, Allowed, Row, Table
from omsnb.tables import facts, tables

CHOSEN = ("splint", "rendering", "cbct", "visit-by-time")


def unary(allowed: Allowed) -> str:
    """One condition as ZEN writes it."""
    if isinstance(allowed, range):
        return f"[{allowed.start}..{allowed.stop})"
    return ", ".join(json.dumps(value) for value in sorted(allowed))


def cells(row: Row, table: Table) -> dict[str, str]:
    """A row of a ZEN table."""
    found = {"row": json.dumps(row.id)} | {
        f"to-{fact}": json.dumps(value) for fact, value in row.concludes.items()
    }
    for fact in table.conditions:
        if fact != DAY:
            found[fact] = unary(row.conditions[fact]) if fact in row.conditions else ""
    return found


def graph(name: str) -> str:
    """A table and those that settle its facts, as a ZEN graph in one line from input to output."""
    nodes: list[dict[str, Any]] = [{"id": "in", "name": "in", "type": "inputNode"}]
    for table in plan_of(tables()[name]).order:
        alive = [row for row in table.rows if meet(row.conditions.get(DAY, default_day()), default_day())]
        content = {
            "hitPolicy": "first",
            "passThrough": True,
            "inputs": [{"id": f, "name": f, "field": f} for f in table.conditions if f != DAY],
            "outputs": [
                {"id": "row", "name": "row", "field": f"row-{table.name}".replace("-", "_")},
                *({"id": f"to-{f}", "name": f, "field": f} for f in sorted(table.concludes)),
            ],
            "rules": [{"_id": row.id, **cells(row, table)} for row in alive],
        }
        nodes.append({"id": table.name, "name": table.name, "type": "decisionTableNode", "content": content})
    nodes.append({"id": "out", "name": "out", "type": "outputNode"})
    edges = [
        {"id": f"{one['id']}-{other['id']}", "sourceId": one["id"], "targetId": other["id"], "type": "edge"}
        for one, other in pairwise(nodes)
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


def draws(name: str, count: int) -> list[dict[str, Any]]:
    """Facts, all known, under which exactly one row stands; those that tables settle are left to them."""
    chance = random.Random(name)
    asked = [fact for fact in requirements(tables()[name]) if fact != DAY]
    own = [
        fact for fact in asked if not any(fact in table.concludes for table in plan_of(tables()[name]).order)
    ]
    found: list[dict[str, Any]] = []
    while len(found) < count:
        drawn = {
            fact: chance.choice(facts()[fact].bounds or list(facts()[fact].values))
            if facts()[fact].kind == "number"
            else chance.choice(list(facts()[fact].values))
            for fact in own
        }
        if len(decide(name, **drawn).rows) == 1:
            found.append(drawn)
    return found


def microseconds(work: Callable[[], object], each: int, rounds: int) -> float:
    """Median over the rounds of one decision's time."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) / each * 1e6)
    return statistics.median(taken)


def ask_one(name: str, given: Mapping[str, object]) -> None:
    """A decision whose rows nobody looks at yet."""
    decide(name, **given)


def rows_of(name: str, given: Mapping[str, object]) -> None:
    """A decision and its rows."""
    _ = decide(name, **given).rows


def realize(name: str, given: Mapping[str, object]) -> None:
    """Everything that a page shows of a decision."""
    found = decide(name, **given)
    _ = found.rows, found.fallen, found.questions


def main() -> None:
    """Asserts equal answers, then prints the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--draws", type=int, default=1000)
    ask.add_argument("--rounds", type=int, default=5)
    said = ask.parse_args()
    engine = zen.ZenEngine()
    empty = engine.create_decision(
        json.dumps(
            {
                "nodes": [
                    {"id": "in", "name": "in", "type": "inputNode"},
                    {"id": "out", "name": "out", "type": "outputNode"},
                ],
                "edges": [{"id": "e", "sourceId": "in", "targetId": "out", "type": "edge"}],
            }
        )
    )
    print(
        "microseconds a decision, medians   ZEN   ZEN empty   decide   ZEN/decide   net   partial: rows   all"
    )
    for name in CHOSEN:
        given = draws(name, said.draws)
        other = engine.create_decision(graph(name))
        place = f"row-{name}".replace("-", "_")
        for one in given:
            theirs, ours = other.evaluate(one)["result"][place], decide(name, **one).rows[0].id
            assert theirs == ours, (name, one, theirs, ours)
        half = [{fact: value for fact, value in one.items() if random.random() < 0.5} for one in given]

        def timed(work: Callable[[dict[str, Any]], object], over: list[dict[str, Any]]) -> float:
            return microseconds(lambda: [work(one) for one in over], len(over), said.rounds)

        bridge = timed(empty.evaluate, given)
        zen_time = timed(other.evaluate, given)
        mine = timed(partial(ask_one, name), given)
        rows = timed(partial(rows_of, name), half)
        every = timed(partial(realize, name), half)
        print(
            f"{name:<33}{zen_time:7.1f}{bridge:10.1f}{mine:10.2f}{zen_time / mine:12.0f}"
            f"{(zen_time - bridge) / mine:8.0f}{rows:13.1f}{every:9.1f}"
        )


if __name__ == "__main__":
    main()
