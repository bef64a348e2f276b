"""Which rows of a table are left for some facts, worked out once: drawing asks the same many thousand times."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from omsnb.decisions import decide_with
from omsnb.network import requirements
from omsnb.records import Allowed, Row, Table
from omsnb.tables import tables


def rows_left(table: Table, given: Mapping[str, Allowed]) -> tuple[Row, ...]:
    """The rows that ``decide_with`` leaves, for one of the tables of the data and facts as they are given to it."""
    return _left(table.name, tuple((fact, given[fact]) for fact in requirements(table) if fact in given))


@lru_cache(maxsize=100_000)
def _left(table: str, given: tuple[tuple[str, Allowed], ...]) -> tuple[Row, ...]:
    return decide_with(tables()[table], dict(given)).rows
