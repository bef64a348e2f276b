"""Draws facts that lead to one row of a table, and keeps those that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from omsnb.answers import meet
from omsnb.decisions import Decision, decide_with, requirements, settling_tables
from omsnb.exercises.questions import outcome, why_not
from omsnb.records import Allowed, Row, Table
from omsnb.tables import facts, parse_allowed

TRIES = 40
NEAR = 20
"""Numbers are drawn this near to the limit that a row names, where mistakes are made."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Facts told, and the one row of the table that they lead to."""

    table: Table
    given: dict[str, str]
    decision: Decision
    row: Row


def draw(random: Random, table: Table, row: Row, fixed: Mapping[str, str] | None = None) -> Scene | None:
    """Facts under which this row alone stands, or None where ``fixed`` rules it out.

    ``fixed``: facts that must hold, by name, as ``decide`` reads them; they are told where they matter.
    """
    for _ in range(TRIES):
        limits = {name: parse_allowed(facts()[name], value) for name, value in (fixed or {}).items()}
        if not _constrain(random, row, limits):
            continue
        full = {
            name: _pick(random, limits.get(name, facts()[name].every))
            for name in requirements(table)
            if not settling_tables(name)
        }
        if _decide(table, full).rows == (row,):
            return _told(random, table, row, full)
    return None


def _constrain(random: Random, row: Row, limits: dict[str, Allowed]) -> bool:
    """Narrows the facts to what the row wants; a fact that other tables settle is led back to one of their rows."""
    for name, wanted in row.conditions.items():
        settling = settling_tables(name)
        if settling:
            ways = [
                way
                for table in settling
                for way in table.rows
                if isinstance(wanted, frozenset) and way.concludes[name] in wanted
            ]
            if not ways or not _constrain(random, random.choice(ways), limits):
                return False
            continue
        both = meet(limits.get(name, facts()[name].every), wanted)
        if not both:
            return False
        limits[name] = both
    return True


def _pick(random: Random, allowed: Allowed) -> str:
    if isinstance(allowed, range):
        return str(random.choice(allowed[:NEAR]))
    return random.choice(sorted(allowed))


def _decide(table: Table, given: Mapping[str, str]) -> Decision:
    return decide_with(table, {name: parse_allowed(facts()[name], value) for name, value in given.items()})


def _told(random: Random, table: Table, row: Row, full: dict[str, str]) -> Scene:
    """Leaves out what does not matter, but for one fact now and then that might mislead."""
    given = dict(full)
    state = _decide(table, full).state
    for name in table.columns:
        known = state[name]
        if settling_tables(name) and isinstance(known, frozenset) and len(known) == 1:
            if "code" in name or random.random() < 0.4:  # a code of a visit is told as such, never rederived
                given[name] = min(known)
    names = list(given)
    random.shuffle(names)
    names.sort(key=lambda name: bool(settling_tables(name)))  # what others settle is kept before its grounds
    dropped = []
    for name in names:
        fewer = {other: value for other, value in given.items() if other != name}
        if _decide(table, fewer).rows == (row,):
            given = fewer
            dropped.append(name)
    # In a visit's tables one fact excludes another (an office visit is no hospital stay), so there nothing is added.
    misleading = [
        name for name in dropped if name in table.columns and name in full and table.chapter != "I"
    ]
    if misleading and random.random() < 0.5:
        extra = random.choice(sorted(misleading))
        given[extra] = full[extra]
    return Scene(table, given, _decide(table, given), row)


def others(random: Random, scene: Scene, most: int = 3) -> list[tuple[str, str]]:
    """Wrong answers of a scene with the reason why: near misses come first.

    Returns pairs of answer and reason, each answer once and none of them the right one.
    """
    right = outcome(scene.table, scene.row)
    nearest: dict[str, tuple[int, str]] = {}
    for fallen in scene.decision.fallen:
        text = outcome(scene.table, fallen.row)
        rank = len(fallen.reasons)
        if text != right and rank < nearest.get(text, (99, ""))[0]:
            nearest[text] = (rank, why_not(fallen))
    ranked = sorted(nearest, key=lambda text: (nearest[text][0], random.random()))
    return [(text, nearest[text][1]) for text in ranked[:most]]
