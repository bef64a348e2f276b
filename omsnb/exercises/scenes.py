"""Draws facts that lead to one row of a table, and keeps those that matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from omsnb.answers import default_day, meet
from omsnb.decisions import Decision, Fallen, decide_with
from omsnb.exercises.left import rows_left
from omsnb.exercises.possible import contradiction
from omsnb.exercises.questions import outcome
from omsnb.exercises.reasons import why_not
from omsnb.network import requirements, settling_tables
from omsnb.records import DAY, Allowed, Row, Table
from omsnb.tables import facts, parse_allowed

TRIES = 40
NEAR = 20
"""Numbers are drawn this near to the limit that a row names, where mistakes are made."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Facts told, and the one row of the table that they lead to.

    ``full``: every fact that can bear on the table and that no other table settles, told or not.
    """

    table: Table
    given: dict[str, str]
    decision: Decision
    row: Row
    full: dict[str, str]


@dataclass(frozen=True, slots=True)
class Other:
    """A wrong answer of a scene: its words, why it is wrong, and a row that leads to it."""

    text: str
    why: str
    row: Row


def draw(random: Random, table: Table, row: Row, fixed: Mapping[str, str] | None = None) -> Scene | None:
    """Facts under which this row alone stands, and which can hold together; None where ``fixed`` rules it out.

    ``fixed``: facts that must hold, by name, as ``decide`` reads them; they are told where they matter.
    """
    for _ in range(TRIES):
        limits = read_facts(fixed or {})
        for name, allowed in table.scope.items():
            limits[name] = meet(limits.get(name, facts()[name].every), allowed)
        if not all(limits.values()) or not _constrain(random, row, limits):
            continue
        full = {
            name: _pick(random, limits.get(name, facts()[name].every_on(default_day())))
            for name in requirements(table)
            if not settling_tables(name) and name != DAY
        }
        if rows_left(table, read_facts(full)) == (row,):
            told = _told(random, table, row, full)
            if not contradiction(read_facts(told.given)):
                return told
    return None


def read_facts(given: Mapping[str, str]) -> dict[str, Allowed]:
    """Facts as the engine reads them. Raises ``ValueError`` for a value that is not allowed."""
    return {name: parse_allowed(facts()[name], value) for name, value in given.items()}


def _constrain(random: Random, row: Row, limits: dict[str, Allowed]) -> bool:
    """Narrows the facts to what the row wants; a fact that other tables settle is led back to one of their rows."""
    for name, wanted in row.conditions.items():
        if name == DAY:  # exercises are set on the edition's day
            if not meet(wanted, default_day()):
                return False
            continue
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
        both = meet(limits.get(name, facts()[name].every_on(default_day())), wanted)
        if not both:
            return False
        limits[name] = both
    return True


def _pick(random: Random, allowed: Allowed) -> str:
    if isinstance(allowed, range):
        return str(random.choice(allowed[:NEAR]))
    return random.choice(sorted(allowed))


def _told(random: Random, table: Table, row: Row, full: dict[str, str]) -> Scene:
    """Leaves out what does not matter, but for one fact now and then that might mislead."""
    given = dict(full)
    state = decide_with(table, read_facts(full)).state
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
        if rows_left(table, read_facts(fewer)) == (row,):
            given = fewer
            dropped.append(name)
    # In a visit's tables one fact excludes another (an office visit is no hospital stay), so there nothing is added.
    misleading = [name for name in dropped if name in table.columns and name in full and table.chapter != "I"]
    if misleading and random.random() < 0.5:
        extra = random.choice(sorted(misleading))
        given[extra] = full[extra]
    return Scene(table, given, decide_with(table, read_facts(given)), row, full)


def others(random: Random, scene: Scene, most: int = 3) -> list[Other]:
    """Wrong answers of a scene with the reason why: near misses come first.

    Each answer stands once, and none of them is the right one.
    """
    right = outcome(scene.table, scene.row)
    ways: dict[str, list[Fallen]] = {}
    for fallen in scene.decision.fallen:
        ways.setdefault(outcome(scene.table, fallen.row), []).append(fallen)
    ways.pop(right, None)
    ranked = sorted(ways, key=lambda text: (distance(ways[text]), random.random()))
    return [other(scene, text, ways[text], lambda row: outcome(scene.table, row)) for text in ranked[:most]]


def distance(fallen: Sequence[Fallen]) -> int:
    """How many facts keep the nearest of some rows from standing."""
    return min(len(entry.reasons) for entry in fallen)


def other(scene: Scene, text: str, fallen: Sequence[Fallen], name: Callable[[Row], str]) -> Other:
    """A wrong answer of a scene. ``fallen``: the rows that lead to it; ``name``: a row's answer in words."""
    why = why_not(scene.table, read_facts(scene.given), fallen, lambda row: name(row) == text)
    return Other(text, why, min(fallen, key=lambda entry: len(entry.reasons)).row)
