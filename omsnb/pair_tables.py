"""Pairs of codes that do not go together, for the checks: the manual's own, or those of a practice's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from omsnb.claim_tables import code_pairs
from omsnb.edit_rules import CODING_PAIRS, pair_table
from omsnb.own_tables import OwnTables, own_tables


class PairDays(NamedTuple):
    """When a pair holds. ``known``: before this day it cannot be told; ``first``, ``last``: days on which it is in
    force; each empty for no such bound."""

    known: str = ""
    first: str = ""
    last: str = ""

    def in_force(self, day: str) -> bool:
        """Whether it is in force on a day (``2026-03-01``), as far as that is known."""
        return self.first <= day and (not self.last or day <= self.last)


@dataclass(frozen=True)
class PairTable:
    """The pairs of one table. ``indicator``: of the correct coding edits, empty for other tables."""

    held: Mapping[str, Mapping[str, PairDays]]
    own: OwnTables
    indicator: str

    def days(self, first: str, second: str) -> PairDays | None:
        """When two codes are a pair in this order; None where they are none."""
        if self.indicator and self.own.pairs_file(first):
            pair = self.own.pairs.get(first, {}).get(second)
            if pair is None or pair.indicator != self.indicator:
                return None
            return PairDays(pair.known, pair.first, pair.last)
        return self.held.get(first, {}).get(second)

    @cached_property
    def firsts(self) -> frozenset[str]:
        """The codes that stand first in a pair, and perhaps some more."""
        own = self.own.pairs if self.indicator else {}
        return frozenset(self.held) | frozenset(own)

    @cached_property
    def seconds(self) -> frozenset[str]:
        """The codes that stand second in a pair, and perhaps some more."""
        own = self.own.pairs.values() if self.indicator else ()
        return frozenset().union(*self.held.values(), *own)


def pairs_of(name: str) -> PairTable:
    """The pairs of a table of ``PAIR_TABLES`` as the running check sees them."""
    return _pairs_of(name, own_tables())


@lru_cache(maxsize=16)
def _pairs_of(name: str, own: OwnTables) -> PairTable:
    held: dict[str, dict[str, PairDays]] = {}
    for (first, second), (known, last) in pair_table(name).items():
        held.setdefault(first, {})[second] = PairDays(known, last=last)
    coding = name.startswith(CODING_PAIRS)
    return PairTable(held, own, name.removeprefix(CODING_PAIRS) if coding else "")


def coded_together(one: str, other: str) -> tuple[PairDays, ...]:
    """When two codes are a pair of the correct coding edits, in either order and with whatever indicator."""
    found = []
    for table in (pairs_of(f"{CODING_PAIRS}0"), pairs_of(f"{CODING_PAIRS}1")):
        found += [
            days for first, second in ((one, other), (other, one)) if (days := table.days(first, second))
        ]
    return tuple(found)


def pair_source(first: str, second: str) -> tuple[str, str]:
    """The date and the source of the table that holds a pair; the source is ``own:`` and a name for a practice's."""
    own = own_tables()
    if file := own.pairs_file(first):
        return file.effective, own.pairs[first][second].source
    pair = code_pairs()[first, second]
    return pair.effective, pair.source
