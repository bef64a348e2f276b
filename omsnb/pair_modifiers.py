"""Which modifier lifts a correct coding pair, and on which of its two codes it stands (``pair-modifiers.csv``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from omsnb.claim_tables import CodePair
from omsnb.conditions import conditions
from omsnb.edit_rules import code_set
from omsnb.lookups import modifiers
from omsnb.own_tables import indicator
from omsnb.reading import DataError, Line, read_lines
from omsnb.tables import guidance

COLUMNS = ("indicator", "visits", "days", "modifiers", "says", "guidance")
VISITS = {0: "none", 1: "one", 2: "both"}
"""How many of a pair's two codes are visits, as the table's column has it; ``any`` fits all."""


@dataclass(frozen=True, slots=True)
class PairModifiers:
    """What lifts a kind of pair.

    ``indicator``: the pair's. ``visits``: how many of the two are visits. ``days``: global periods of the one that is
    no visit; empty for all. ``modifiers``: those that lift the pair, none where nothing does. ``says``: the same as the
    rest of a sentence.
    """

    indicator: str
    visits: str
    days: tuple[str, ...]
    modifiers: tuple[str, ...]
    says: str
    guidance: tuple[str, ...]

    def fits(self, pair: CodePair) -> bool:
        """Whether a pair is of this kind."""
        visits = [code for code in (pair.first, pair.second) if code in code_set("visits")]
        if self.indicator != pair.indicator or self.visits not in ("any", VISITS[len(visits)]):
            return False
        other = pair.second if pair.first in visits else pair.first
        return not self.days or indicator(other, "global_days") in self.days


@cache
def pair_modifiers() -> tuple[PairModifiers, ...]:
    """The rows of the table. Raises ``DataError`` naming row and column."""

    def make(line: Line) -> PairModifiers:
        found = PairModifiers(
            line.one_of("indicator", "0", "1"),
            line.one_of("visits", "any", *VISITS.values()),
            line.items("days", conditions()["global_days"].allowed),
            line.items("modifiers", modifiers()),
            line.wanted("says"),
            line.items("guidance", guidance()),
        )
        return found

    return tuple(make(line) for line in read_lines("pair-modifiers.csv", COLUMNS))


def lifted_by(pair: CodePair) -> PairModifiers:
    """What lifts a pair. Raises ``DataError`` unless exactly one row of the table fits it."""
    fitting = [row for row in pair_modifiers() if row.fits(pair)]
    if len(fitting) != 1:
        raise DataError(
            f"data/pair-modifiers.csv: {len(fitting)} rows fit {pair.first} with {pair.second}, not one"
        )
    return fitting[0]
