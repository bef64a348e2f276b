"""All lines of a table, with what conditions and sentences ask about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from omsnb.audit.columns import Array, Column
from omsnb.conditions import WORKED_OUT
from omsnb.conditions import conditions as declared
from omsnb.edit_rules import Condition, EditRule

EPOCH = date(1970, 1, 1).toordinal()
NOT_A_NUMBER = np.iinfo(np.int64).min
SOME = 2**13
"""So many combinations are few, however few the lines."""


class Lines:
    """All lines, with what conditions and sentences ask about, worked out when it is first wanted."""

    def __init__(self, columns: Mapping[str, Column], numbers: Array, today: date) -> None:
        self.columns = columns
        self.count = len(numbers)
        self.every = np.arange(self.count)
        self.code = columns["code"]
        day = columns["date"].spread(lambda value: value.toordinal() - EPOCH if value else 0, np.int64)
        self.day = day
        claim = columns["claim"].places
        starts = np.flatnonzero(np.r_[True, claim[1:] != claim[:-1]]) if self.count else self.every
        sizes = np.diff(np.r_[starts, self.count])
        self.position = self.every - np.repeat(starts, sizes) + 1
        self.number = self._numbered(starts, sizes)
        provider = columns["provider"]
        self.patient = columns["patient"].places
        self.group = self.patient * max(len(provider.values), 1) + provider.places
        self.units = columns["units"].spread(lambda value: value or 0, np.int64)
        self._conditions: dict[tuple[str, Condition], tuple[Array, Array | None]] = {}
        self._combined: dict[tuple[str, ...], tuple[list[tuple[Any, ...] | None], Array]] = {}
        self._values: dict[str, list[tuple[Any] | None]] = {}
        self._worked_out: dict[str, Column] = {}
        self.numbers: dict[str, Array] = {
            "units": self.units,
            "minutes": columns["minutes"].spread(
                lambda value: NOT_A_NUMBER if value is None else value, np.int64
            ),
            "pointers": columns["pointers"].spread(lambda value: len(value or ""), np.int64),
            "position": self.position,
            "age": self._ages(),
            "date": day + EPOCH,
            "year": columns["date"].spread(lambda value: value.year if value else 0, np.int64),
            "days_ahead": day - (today.toordinal() - EPOCH),
        }

    def _numbered(self, starts: Array, sizes: Array) -> Array:
        """Line numbers; a line without one gets the lowest that its claim has left."""
        given = self.columns["line"].spread(lambda value: value or 0, np.int64)
        if not given.any():
            return self.position
        number = np.where(given > 0, given, self.position)
        gaps = np.add.reduceat(given == 0, starts) if self.count else starts
        for place in np.flatnonzero((gaps > 0) & (gaps < sizes)):
            own = slice(starts[place], starts[place] + sizes[place])
            taken, following = set(given[own][given[own] > 0].tolist()), 1
            for at in range(own.start, own.stop):
                if given[at] == 0:
                    while following in taken:
                        following += 1
                    taken.add(following)
                    number[at] = following
        return number

    def _ages(self) -> Array:
        def parts(name: str) -> tuple[Array, Array]:
            column = self.columns[name]
            year = column.spread(lambda value: value.year if value else 0, np.int64)
            return year, column.spread(lambda value: value.month * 100 + value.day if value else 0, np.int64)

        (born, birthday), (year, today) = parts("birth_date"), parts("date")
        age = year - born - (today < birthday)
        return np.where((born == 0) | (age < 0), NOT_A_NUMBER, age)

    def condition(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        """For all lines: whether they meet a condition, and where the claim does not say (None: it always says)."""
        key = (name, asked)
        if key not in self._conditions:
            self._conditions[key] = self._condition(name, asked)
        return self._conditions[key]

    def _condition(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        known = declared()[name]
        kinds, places = self._kinds(known.reads)
        if name not in self._values:
            self._values[name] = [None if kind is None else (known.value(*kind),) for kind in kinds]
        told = [value and known.holds(value[0], asked) for value in self._values[name]]
        missing = [answer is None and kind is not None for answer, kind in zip(told, kinds, strict=True)]
        answers = np.array([answer is True for answer in told], dtype=bool)[places]
        return answers, np.array(missing, dtype=bool)[places] if any(missing) else None

    def _kinds(self, reads: tuple[str, ...]) -> tuple[list[tuple[Any, ...] | None], Array]:
        """The different combinations of some cells, and for each line the place of its own among them.

        None stands for a value of a column that no line has.
        """
        if reads in self._combined:
            return self._combined[reads]
        columns = [self.cell(name) for name in reads]
        joint, size = np.zeros(self.count, dtype=np.int64), 1
        places: Array
        for column in columns:
            joint, size = (
                joint * max(len(column.values), 1) + column.places,
                size * max(len(column.values), 1),
            )
        if size > 4 * self.count + SOME:
            found, places = np.unique(joint, return_inverse=True)
        else:  # quicker, where few are possible
            present = np.zeros(size, dtype=bool)
            present[joint] = True
            found = np.flatnonzero(present)
            # a single column needs no places of its own
            places = (
                columns[0].places if len(columns) == 1 else (np.cumsum(present) - 1).astype(np.int32)[joint]
            )
        kinds: list[tuple[Any, ...] | None] = []
        for number in found.tolist():
            kind: list[Any] = []
            for column in reversed(columns):
                number, place = divmod(number, max(len(column.values), 1))
                kind.append(column.values[place])
            kinds.append(tuple(reversed(kind)))
        if len(columns) == 1 and places is columns[0].places:
            by_place = dict(zip(found.tolist(), kinds, strict=True))
            kinds = [by_place.get(place) for place in range(size)]
        self._combined[reads] = kinds, places
        return kinds, places

    def cell(self, name: str) -> Column:
        """A column of the file, or one of the cells of ``conditions.WORKED_OUT``."""
        if name not in WORKED_OUT:
            return self.columns[name]
        if name not in self._worked_out:
            self._worked_out[name] = self._work_out(name)
        return self._worked_out[name]

    def _work_out(self, name: str) -> Column:
        if name == "any_charge":
            charge, claim = self.columns["charge"], self.columns["claim"]
            on_claim = np.zeros(max(len(claim.values), 1), dtype=np.int64)
            on_claim[claim.places[charge.spread(lambda value: value is not None, bool)]] = 1
            return Column(on_claim[claim.places], [], [False, True])
        if name == "born_late":
            column = self.columns["birth_date"]
            born = column.spread(lambda value: value.toordinal() - EPOCH if value else NOT_A_NUMBER, np.int64)
            return Column(
                np.where(born == NOT_A_NUMBER, 2, born > self.day).astype(np.int64), [], [False, True, None]
            )
        number = self.numbers[name]
        said = number[number != NOT_A_NUMBER]
        low, high = (int(said.min()), int(said.max())) if len(said) else (0, 0)
        if high - low > 4 * self.count + SOME:
            found, places = np.unique(number, return_inverse=True)
            return Column(places, [], [None if one == NOT_A_NUMBER else one for one in found.tolist()])
        values: list[int | None] = [*range(low, high + 1), None]
        return Column(np.where(number == NOT_A_NUMBER, len(values) - 1, number - low), [], values)

    def met(self, conditions: Mapping[str, Condition]) -> tuple[Array, Array]:
        """Lines that meet all conditions or may, and for each the open conditions as bits in their order."""
        chosen, open_bits = self.every, np.zeros(self.count, dtype=np.int64)
        for bit, (name, asked) in enumerate(conditions.items()):
            answer, missing = self.condition(name, asked)
            if missing is None:
                chosen = chosen[answer[chosen]]
            else:
                chosen = chosen[(answer | missing)[chosen]]
                unsure = chosen[missing[chosen]]
                open_bits[unsure] |= 1 << bit
        return chosen, open_bits[chosen]

    def whose(self, rule: EditRule) -> Array:
        """For each line whose it is, as a number: of a patient and provider, or of a patient, as the rule looks."""
        return self.group if rule.across == "provider" else self.patient

    def timeline(self, rule: EditRule) -> Array:
        """Group and day in one number; groups stand so far apart that no window reaches the next."""
        return self._by_provider if rule.across == "provider" else self._by_patient

    @cached_property
    def _by_provider(self) -> Array:
        return self._timeline(self.group)

    @cached_property
    def _by_patient(self) -> Array:
        return self._timeline(self.patient)

    def _timeline(self, group: Array) -> Array:
        first, last = (int(self.day.min()), int(self.day.max())) if self.count else (0, 0)
        apart: Array = group * (last - first + 2 * _REACH) + (self.day - first + _REACH)
        return apart

    def key(self, line: int) -> str:
        """A line as ``claim:number``."""
        claim = self.columns["claim"]
        return f"{claim.values[claim.places[line]]}:{self.number[line]}"

    def value(self, name: str, line: int) -> Any:
        """The value of a column on a line."""
        column = self.columns[name]
        return column.values[column.places[line]]


_REACH = 5000
"""Days that no rule's window exceeds."""


def window(
    timeline: Array, ordered: Array, lines: Array, low: Array | int, high: Array | int
) -> tuple[Array, Array]:
    """Where in ``ordered`` (by group and day) the lines of the same group stand whose day is within bounds."""
    key, at = timeline[ordered], timeline[lines]
    return np.searchsorted(key, at + low, "left"), np.searchsorted(key, at + high, "right")


def by_time(timeline: Array, lines: Array) -> Array:
    """Lines sorted by group and day, the order of the file within a day."""
    return lines[np.argsort(timeline[lines], kind="stable")]
