"""All lines of a table, with what conditions and sentences ask about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np

from omsnb.audit.columns import Array, Column
from omsnb.claim_tables import forms
from omsnb.diagnoses import pointed
from omsnb.edit_rules import (
    DIAGNOSIS_TESTS,
    LEFT_TO_PLAN,
    NUMBERS,
    OR_UNSAID,
    PAYER_RULES,
    PLAN,
    UNSAID,
    Condition,
    EditRule,
)
from omsnb.edits.facts import charge_said, code_like, described, diagnoses_are, diagnoses_like, payer_follows
from omsnb.edits.units import least_minutes
from omsnb.fees import SCHEDULE_INDICATORS
from omsnb.lookups import unlisted
from omsnb.own_tables import CODE_INDICATORS, indicator
from omsnb.tables import codes

EPOCH = date(1970, 1, 1).toordinal()
NOT_A_NUMBER = np.iinfo(np.int64).min


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
        if name in NUMBERS:
            assert isinstance(asked, range)
            number = self.numbers[name]
            missing = number == NOT_A_NUMBER
            return (number >= asked.start) & (number < asked.stop), missing if missing.any() else None
        tests: dict[str, Callable[[tuple[str, ...]], bool]] = {
            "modifiers_any": lambda value: not set(asked).isdisjoint(value),
            "modifiers_none": lambda value: set(asked).isdisjoint(value),
            "modifiers_all": lambda value: set(asked) <= set(value),
            "modifiers_two": lambda value: len(set(asked) & set(value)) > 1,
        }
        if name in tests:
            return self.columns["modifiers"].spread(lambda value: tests[name](value or ()), bool), None
        if name == "diagnoses_are":
            return self._diagnoses_are(asked), None
        if name in DIAGNOSIS_TESTS:
            return self._diagnoses_like(name, asked), None
        if name == "code_none":
            return self.code.spread(lambda code: code not in asked, bool), None
        if name == "code_like":
            return self.code.spread(lambda code: code_like(code or "", asked), bool), None
        if name == "time_fits":
            return self._time_fits(asked), None
        if name == "charge_said":
            return self._charge_said(asked), None
        if name == "described":
            return self._described(asked), None
        if name in _OF_CODE:
            return self.code.spread(lambda code: _OF_CODE[name](code) in asked, bool), None
        if name == "valid":
            return self._valid(asked), None
        if name in _OF_FORM:
            return self._fits(name, asked)
        if name in ("diagnoses_given", "provider_given", "tooth_given"):
            column = self.columns[name.removesuffix("_given")]
            return column.spread(lambda value: ("yes" if value else "no") in asked, bool), None
        if name == "modifiers_known":
            return self.columns["modifiers"].spread(
                lambda value: ("no" if unlisted(value or ()) else "yes") in asked, bool
            ), None
        if name == "birth_given":
            return self.columns["birth_date"].spread(
                lambda value: ("yes" if value else "no") in asked, bool
            ), None
        if name == "born":
            return self._born(asked)
        if name == "pointers_known":
            return np.where(self._pointers_known(), "yes" in asked, "no" in asked), None
        if name == PLAN:
            return self.columns["plan"].spread(lambda value: (value or "") in asked, bool), None
        if name == LEFT_TO_PLAN:
            return self._not_left_to_plan(asked), None
        if name == PAYER_RULES:
            unsure = self.columns["payer"].spread(
                lambda value: payer_follows(value or "", asked) is None, bool
            )
            return ~unsure, unsure if unsure.any() else None
        if name.endswith(OR_UNSAID):
            column = self.columns[name.removesuffix(OR_UNSAID)]
            return column.spread(lambda value: (value or UNSAID) in asked, bool), None
        column = self.columns[name]
        missing = column.spread(lambda value: not value, bool)
        return column.spread(lambda value: value in asked, bool), missing if missing.any() else None

    def _not_left_to_plan(self, asked: Condition) -> Array:
        left = np.zeros(self.count, dtype=bool)
        named: dict[tuple[str, str], set[str]] = {}
        for entry in map(str, asked):
            plan, payer, code = entry.split("|")
            named.setdefault((plan, payer), set()).add(code)
        for (plan, payer), own in named.items():
            of_plan = self.columns["plan"].spread({plan}.__contains__, bool)
            of_plan &= self.columns["payer"].spread({payer}.__contains__, bool)
            left |= of_plan & self.code.spread(own.__contains__, bool)
        return ~left

    def _valid(self, asked: Condition) -> Array:
        def edge(read: Callable[[Any], str], open_end: int) -> Array:
            def day(code: str) -> int:
                known = codes().get(code)
                text = read(known) if known else ""
                return date.fromisoformat(text).toordinal() - EPOCH if text else open_end

            return self.code.spread(day, np.int64)

        before = self.day < edge(lambda known: known.effective_from, -(10**7))
        after = ~before & (self.day > edge(lambda known: known.effective_to, 10**7))
        known = self.code.spread(lambda code: code in codes(), bool)
        return known & np.where(before, "before" in asked, np.where(after, "after" in asked, "yes" in asked))

    def _diagnoses_are(self, asked: Condition) -> Array:
        column, days = self.columns["diagnoses"], self.columns["date"]
        size = max(len(days.values), 1)
        pairs, back = np.unique(column.places * size + days.places, return_inverse=True)
        met = [
            diagnoses_are(column.values[pair // size] or (), days.values[pair % size].isoformat(), asked)
            for pair in pairs.tolist()
        ]
        answer: Array = np.array(met, dtype=bool)[back]
        return answer

    def _diagnoses_like(self, name: str, patterns: Condition) -> Array:
        column, letters = self.columns["diagnoses"], self.columns["pointers"]
        size = max(len(letters.values), 1)
        pairs, back = np.unique(column.places * size + letters.places, return_inverse=True)
        met = [
            diagnoses_like(
                name, pointed(column.values[pair // size] or (), letters.values[pair % size] or ""), patterns
            )
            for pair in pairs.tolist()
        ]
        answer: Array = np.array(met, dtype=bool)[back]
        return answer

    def _time_fits(self, asked: Condition) -> Array:
        least = self.code.spread(lambda code: least_minutes(code) or NOT_A_NUMBER, np.int64)
        minutes = self.numbers["minutes"]
        told = (least != NOT_A_NUMBER) & (minutes != NOT_A_NUMBER)
        answer: Array = told & np.where(minutes >= least, "yes" in asked, "no" in asked)
        return answer

    def _charge_said(self, asked: Condition) -> Array:
        charge, claim = self.columns["charge"], self.columns["claim"]
        stated = charge.spread(lambda value: value is not None, bool)
        on_claim = np.zeros(max(len(claim.values), 1), dtype=bool)
        on_claim[claim.places[stated]] = True
        alone = charge.spread(lambda value: charge_said(value, False) in asked, bool)
        beside = charge.spread(lambda value: charge_said(value, True) in asked, bool)
        answer: Array = np.where(on_claim[claim.places], beside, alone)
        return answer

    def _described(self, asked: Condition) -> Array:
        narrative, attachment = self.columns["narrative"], self.columns["attachment"]
        size = max(len(attachment.values), 1)
        both = [
            described(one or "", other or "") in asked
            for one in narrative.values or [""]
            for other in attachment.values or [""]
        ]
        answer: Array = np.array(both, dtype=bool)[narrative.places * size + attachment.places]
        return answer

    def _born(self, asked: Condition) -> tuple[Array, Array | None]:
        column = self.columns["birth_date"]
        missing = column.spread(lambda value: value is None, bool)
        born = column.spread(lambda value: value.toordinal() - EPOCH if value else 0, np.int64)
        answer = np.where(born > self.day, "after" in asked, "before" in asked) & ~missing
        return answer, missing if missing.any() else None

    def _fits(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        form = self.columns["form"]
        most = form.spread(lambda value: getattr(forms()[value], _OF_FORM[name]) if value else 0, np.int64)
        counted: dict[str, Callable[[], Array]] = {
            "lines_fit": lambda: self.position,
            "modifiers_fit": self._boxes,
            "diagnoses_fit": lambda: self.columns["diagnoses"].spread(
                lambda value: len(value or ()), np.int64
            ),
            "pointers_fit": lambda: self.numbers["pointers"],
        }
        held = counted[name]()
        missing = form.spread(lambda value: not value, bool)
        answer = np.where(held <= most, "yes" in asked, "no" in asked) & ~missing
        return answer, missing if missing.any() else None

    def _boxes(self) -> Array:
        """For each line the modifiers that need a box of its form."""
        modifiers, form = self.columns["modifiers"], self.columns["form"]
        size = max(len(form.values), 1)
        needed = [
            forms()[name].boxes(value or ()) if name else 0
            for value in modifiers.values or [()]
            for name in form.values or [""]
        ]
        count: Array = np.array(needed, dtype=np.int64)[modifiers.places * size + form.places]
        return count

    def _pointers_known(self) -> Array:
        last = self.columns["pointers"].spread(
            lambda value: ord(max(value)) - ord("A") if value else -1, np.int64
        )
        given = self.columns["diagnoses"].spread(lambda value: len(value or ()), np.int64)
        known: Array = (given == 0) | (last < given)
        return known

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


def _of_code(read: Callable[[Any], str]) -> Callable[[str], str]:
    return lambda code: read(codes()[code]) if code in codes() else ""


_OF_CODE: Mapping[str, Callable[[str], str]] = {
    "code": lambda code: code,
    "system": _of_code(lambda known: str(known.system)),
    "by_report": _of_code(lambda known: "yes" if known.by_report else "no"),
    **{name: partial(indicator, name=name) for name in (*CODE_INDICATORS, *SCHEDULE_INDICATORS)},
    "known": lambda code: "yes" if code in codes() else "no",
}


_OF_FORM = {
    "lines_fit": "lines",
    "modifiers_fit": "modifiers",
    "diagnoses_fit": "diagnoses",
    "pointers_fit": "pointers",
}


def window(
    timeline: Array, ordered: Array, lines: Array, low: Array | int, high: Array | int
) -> tuple[Array, Array]:
    """Where in ``ordered`` (by group and day) the lines of the same group stand whose day is within bounds."""
    key, at = timeline[ordered], timeline[lines]
    return np.searchsorted(key, at + low, "left"), np.searchsorted(key, at + high, "right")


def by_time(timeline: Array, lines: Array) -> Array:
    """Lines sorted by group and day, the order of the file within a day."""
    return lines[np.argsort(timeline[lines], kind="stable")]
