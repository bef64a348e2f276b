"""Compiled decision tables: a row is a bit, and an answer takes away the rows that it does not fit.

A plan holds one table and those that settle its facts, as bit sets, built once. ``decide``, the questions and the
evaluator of the pages read rows in this one way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from omsnb.answers import default_day
from omsnb.network import requirements, settling_tables, upstream_first
from omsnb.records import DAY, Allowed, Row, Table
from omsnb.tables import facts, tables

Entry = tuple[int, tuple[tuple[int, int], ...]]
"""What an answer leaves: its values as bits, and for each table that asks (by place) the rows that fit it."""


MOST_KEPT = 4096
"""Results that a plan keeps of one kind."""


def bits(number: int) -> Iterator[int]:
    """Places of the bits that are set, from the lowest."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


class Plan:
    """One table, compiled.

    ``order``: the tables it holds, upstream first, the table itself last. ``full``: all rows of each.
    ``limits``: for each row of the table itself what it allows, as it stands and as bits.
    ``look``: for each fact the entries of its plain answers, as ``decide`` is given them, and ``read`` what those
    answers allow. ``spans``: of a number or a
    day, the first of each stretch within which no row tells two values apart.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.required = requirements(table)
        self.order = upstream_first(table)
        self.places = {one.name: place for place, one in enumerate(self.order)}
        self.full = [(1 << len(one.rows)) - 1 for one in self.order]
        self.values: dict[str, tuple[str, ...]] = {}
        self.spans: dict[str, list[int]] = {}
        self._entries: dict[tuple[str, Allowed], Entry] = {}
        for fact in self.required:
            if facts()[fact].kind == "choice":
                self.values[fact] = tuple(facts()[fact].values)
            else:
                self.spans[fact] = self._starts(fact)
        self._masks = [
            {
                fact: [rows_that_fit(one, fact, value) for value in self._representatives(fact)]
                for fact in one.conditions
            }
            for one in self.order
        ]
        self._limits = [
            [
                {fact: self.bits_of(fact, allowed) for fact, allowed in row.conditions.items()}
                for row in one.rows
            ]
            for one in self.order
        ]
        self.limits = [
            [(fact, allowed, self._limits[-1][place][fact]) for fact, allowed in row.conditions.items()]
            for place, row in enumerate(table.rows)
        ]
        self._ups = {
            fact: tuple(self.places[up.name] for up in settling_tables(fact)) for fact in self.required
        }
        self._names = [one.conditions for one in self.order]
        self._turns: dict[object, frozenset[str]] = {}
        self._concluded: dict[object, frozenset[str]] = {}
        self.asks = table.conditions
        self.fallen: dict[tuple[Allowed, ...], tuple[Any, ...]] = {}
        """Rows that fell, by what each condition may be; kept for ``Decision.fallen``."""
        self.questions: dict[tuple[Any, ...], tuple[Any, ...]] = {}
        """Questions, by what is known of each table asked together; kept for ``open_questions``."""
        self.read: dict[str, dict[str | int, Allowed]] = {}
        self.look = {fact: self._plain(fact) for fact in self.required}
        self.today: Entry = self.entry(DAY, default_day()) if DAY in self.spans else (0, ())
        self._closings = tuple(self._closing())
        outcomes: dict[tuple[object, ...], int] = {}
        for place, row in enumerate(table.rows):
            outcomes[row.outcome] = outcomes.get(row.outcome, 0) | 1 << place
        self.outcomes = tuple(outcomes.items())

    def _starts(self, fact: str) -> list[int]:
        bounds = facts()[fact].bounds
        found = {bounds.start}
        spans = [row.conditions[fact] for one in self.order for row in one.rows if fact in row.conditions]
        if fact == DAY:
            values = (value for name in self.required for value in facts()[name].values.values())
            spans += [value.life for value in values if value.life is not None]
        for span in spans:
            assert isinstance(span, range)
            found |= {start for start in (span.start, span.stop) if start in bounds}
        return sorted(found)

    def _representatives(self, fact: str) -> Sequence[str | int]:
        return self.values[fact] if fact in self.values else self.spans[fact]

    def _one(self, fact: str, place: int) -> Entry:
        return 1 << place, tuple(
            (number, masks[fact][place]) for number, masks in enumerate(self._masks) if fact in masks
        )

    def _plain(self, fact: str) -> dict[str | int, Entry]:
        """Entries of the answers that need no reading. Values with a life of their own are read with their day."""
        known = facts()[fact]
        if known.dated or known.kind == "day":
            return {}
        read = self.read[fact] = {}
        if known.kind == "choice":
            read.update({value: frozenset({value}) for value in known.values})
            return {value: self._one(fact, place) for place, value in enumerate(known.values)}
        found: dict[str | int, Entry] = {}
        spans = [self._one(fact, place) for place in range(len(self.spans[fact]))]
        for value in known.bounds:
            found[value] = found[str(value)] = spans[bisect_right(self.spans[fact], value) - 1]
            read[value] = read[str(value)] = range(value, value + 1)
        return found

    def bits_of(self, fact: str, allowed: Allowed) -> int:
        """An allowed set as bits: of its values, or of the spans that it touches."""
        if isinstance(allowed, range):
            first, last = (bisect_right(self.spans[fact], end) - 1 for end in (allowed[0], allowed[-1]))
            return (1 << last + 1) - (1 << first)
        return sum(1 << place for place, value in enumerate(self.values[fact]) if value in allowed)

    def entry(self, fact: str, allowed: Allowed) -> Entry:
        """What an answer of several values leaves."""
        found = self._entries.get((fact, allowed))
        if found is None:
            found = self._entries[fact, allowed] = self.of_bits(fact, self.bits_of(fact, allowed))
        return found

    def of_bits(self, fact: str, values: int) -> Entry:
        """What is left where a fact may be any of these values."""
        return values, tuple(
            (number, _union(masks[fact], values)) for number, masks in enumerate(self._masks) if fact in masks
        )

    def _closing(self) -> Iterator[tuple[int, str, tuple[int, ...], list[list[int]], dict[object, int]]]:
        """For each table, upstream first, its facts that other tables settle, or whose values have a life."""
        for number, one in enumerate(self.order):
            for fact in one.conditions:
                settling = settling_tables(fact)
                if settling and facts()[fact].kind != "choice":
                    raise ValueError(f"fact {fact}: a table cannot settle a {facts()[fact].kind}")
                if settling or facts()[fact].dated:
                    masks = dict(zip(self.values[fact], self._masks[number][fact], strict=True))
                    fitting = [[masks[row.concludes[fact]] for row in up.rows] for up in settling]
                    yield number, fact, tuple(self.places[up.name] for up in settling), fitting, {}

    def close(self, alive: list[int], known: Mapping[str, int]) -> list[int]:
        """Takes away what the settling tables exclude, where their facts are not among the known.

        ``alive``: rows left of each table by the known facts alone, changed in place. ``known``: the day among them,
        as bits.
        """
        for number, fact, ups, fitting, memo in self._closings:
            if fact in known:
                continue
            key: object = alive[ups[0]] if len(ups) == 1 else tuple(alive[up] for up in ups)
            if facts()[fact].dated:
                key = (key, known[DAY])
            mask = memo.get(key)
            if mask is None:
                mask = 0
                for up, masks in zip(ups, fitting, strict=True):
                    mask |= _union(masks, alive[up])
                if not any(alive[up] for up in ups):
                    mask = self._open(number, fact, known.get(DAY, 0))
                memo[key] = mask
            alive[number] &= mask
        return alive

    def _open(self, number: int, fact: str, days: int) -> int:
        """Rows of a table that stand while a fact may be anything that lives on these days."""
        if not facts()[fact].dated:
            return self.full[number]
        return _union(self._masks[number][fact], self._alive_values(fact, days))

    def _alive_values(self, fact: str, days: int) -> int:
        starts = self.spans[DAY]
        found = 0
        for place in bits(days):
            day = range(starts[place], starts[place] + 1)
            for value, known in enumerate(facts()[fact].values.values()):
                found |= known.alive(day) << value
        return found

    def start(self, given: Mapping[str, Allowed], without: str = "") -> tuple[list[int], dict[str, int]]:
        """Rows left of each table by the given facts alone, and what is known, as bits; ``close`` comes after.

        ``without``: a fact whose answer is left out.
        """
        alive, known = self.full[:], {}
        for fact, allowed in given.items():
            if fact != without and (fact in self.values or fact in self.spans):
                known[fact], masks = self.entry(fact, allowed)
                for number, mask in masks:
                    alive[number] &= mask
        if DAY not in known and DAY in self.spans and without != DAY:
            known[DAY], masks = self.today
            for number, mask in masks:
                alive[number] &= mask
        return alive, known

    def alive(self, given: Mapping[str, Allowed]) -> tuple[list[int], dict[str, int]]:
        """Rows left of each table, and what is known, as bits."""
        alive, known = self.start(given)
        return self.close(alive, known), known

    def rows(self, alive: int) -> tuple[Row, ...]:
        """Rows of the table itself."""
        return tuple(self.table.rows[place] for place in bits(alive))

    def left(self, alive: int) -> Iterator[tuple[object, ...]]:
        """Outcomes that rows left of the table itself lead to."""
        for outcome, rows in self.outcomes:
            if rows & alive:
                yield outcome

    def count(self, alive: int) -> int:
        """How many outcomes rows left of the table itself lead to."""
        return sum([1 for _, rows in self.outcomes if rows & alive])

    def concluded(self, fact: str, alive: Sequence[int]) -> frozenset[str]:
        """Values that the settling tables leave; empty where no table settles the fact, or none of them applies."""
        key = (fact, *[alive[place] for place in self._ups[fact]])
        found = self._concluded.get(key)
        if found is None:
            found = self._concluded[key] = frozenset(
                self.order[number].rows[place].concludes[fact]
                for number in self._ups[fact]
                for place in bits(alive[number])
            )
        return found

    def _state(self, fact: str, alive: Sequence[int], known: Mapping[str, int]) -> int:
        if fact in known:
            return known[fact]
        if self._ups[fact]:
            found = self.concluded(fact, alive)
            if found:
                return self.entry(fact, found)[0]
        if facts()[fact].dated:
            return self._alive_values(fact, known[DAY])
        return (1 << len(self._representatives(fact))) - 1

    def _turning(self, number: int, settles: str, alive: int, state: tuple[int, ...]) -> Iterator[str]:
        """Facts of one table whose change alone turns one of these rows into another with a different result."""
        table, names = self.order[number], self._names[number]
        rows = [table.rows[place] for place in bits(alive)]
        within = [
            [
                self._limits[number][place].get(fact, -1) & values
                for fact, values in zip(names, state, strict=True)
            ]
            for place in bits(alive)
        ]
        result = [row.concludes[settles] if settles else row.outcome for row in rows]
        for one, first in enumerate(within):
            for other in range(one + 1, len(rows)):
                if result[one] != result[other]:
                    second, apart = within[other], -1
                    for place, values in enumerate(first):
                        if not values & second[place]:
                            if apart >= 0:
                                break
                            apart = place
                    else:
                        if apart >= 0:
                            yield names[apart]

    def separating(
        self,
        alive: Sequence[int],
        known: Mapping[str, int],
        number: int = -1,
        settles: str = "",
    ) -> Iterator[str]:
        """Facts to ask: a change of that fact alone turns one row left into another with a different result."""
        names = self._names[number]
        state = tuple([self._state(fact, alive, known) for fact in names])
        key = (number, settles, alive[number], state)
        turning = self._turns.get(key)
        if turning is None:
            if len(self._turns) > MOST_KEPT:
                self._turns.clear()
            turning = self._turns[key] = frozenset(self._turning(number, settles, alive[number], state))
        for fact in names:
            if fact in turning:
                ups = self._ups[fact]
                if fact in known or not ups:
                    yield fact
                else:
                    for up in ups:
                        yield from self.separating(alive, known, up, fact)


def rows_that_fit(table: Table, fact: str, value: str | int) -> int:
    """Rows of a table, as bits, that stand where a fact has this value; for a number or a day the first of its span."""
    return sum(
        1 << place
        for place, row in enumerate(table.rows)
        if fact not in row.conditions or value in row.conditions[fact]
    )


def _union(masks: Sequence[int], places: int) -> int:
    found = 0
    while places:
        low = places & -places
        found |= masks[low.bit_length() - 1]
        places ^= low
    return found


def representatives(asked: Sequence[Table], fact: str, allowed: Allowed) -> Iterator[Allowed]:
    """Every choice, or for a number or a day one range between two neighboring limits that the tables name."""
    if not isinstance(allowed, range):
        yield from (frozenset({value}) for value in facts()[fact].values if value in allowed)
        return
    starts = sorted({start for table in asked for start in plan_of(table).spans.get(fact, ())})
    inside = (start for start in starts if allowed.start < start < allowed.stop)
    yield from (range(start, stop) for start, stop in pairwise((allowed.start, *inside, allowed.stop)))


@cache
def _kept(name: str) -> list[Plan]:
    return []


def plan_of(table: Table) -> Plan:
    """The plan of a table, built once for the manual's own tables; a test may bring a table that is none of them."""
    if tables().get(table.name) is not table:
        return Plan(table)
    kept = _kept(table.name)
    if not kept or kept[0].table is not table:
        kept[:] = [Plan(table)]
    return kept[0]
