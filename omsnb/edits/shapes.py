"""How each shape of edit looks for findings: one line, a line without its companion, a pair, the units of a day.

Lines that are equal in all that a rule about two lines asks are one bundle, so that n equal lines give one finding that
counts them, and n first with m second lines of one day another one, however large a claim is. All lines of a bundle are
of one day, code and patient, so a third line that makes two right, and pairs that are left out, hold for all of it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from omsnb.edit_rules import EQUALS_OF_CLAIM, Condition, EditRule
from omsnb.edits.facts import LineFacts, met
from omsnb.edits.report import Finding
from omsnb.edits.units import LINE_LIMIT, OVER, HeldLimit, judge_units, limit_on
from omsnb.edits.words import (
    LIMITS_DIFFER,
    NO_CODE,
    NO_LIMIT,
    NO_PAIRS,
    limit_words,
    line_words,
    pair_words,
    sentence,
)
from omsnb.pair_tables import PairTable, coded_together, pairs_of

Placed = tuple[tuple[int, ...], Finding]
"""A finding with the order of its lines."""


def _finding(
    rule: EditRule,
    lines: Sequence[LineFacts],
    missing: tuple[str, ...],
    words: Mapping[str, Any],
    status: str = "",
    indicator: str = "",
    place: tuple[int, ...] = (),
) -> Placed:
    return place or tuple(line.order for line in lines), Finding(
        rule=rule.id,
        status="unknown" if missing else status or rule.status,
        lines=tuple(line.key for line in lines),
        because=sentence(rule, missing, words),
        remedy=rule.remedy_for(indicator),
        guidance=rule.guidance,
    )


def _words(facts: LineFacts) -> dict[str, Any]:
    line = facts.line
    return line_words(
        facts.cell("place"),
        facts.claim.payer,
        facts.claim.form,
        facts.claim.diagnoses,
        {
            "code": line.code,
            "date": line.date.isoformat(),
            "units": line.units,
            "modifiers": line.modifiers,
            "age": facts.cell("age"),
            "minutes": line.minutes,
            "position": facts.cell("position"),
            "pointers": line.pointers,
            "birth_date": facts.claim.birth_date.isoformat() if facts.claim.birth_date else "",
        },
    )


def _check_line(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        for facts in group:
            answer, missing = met(facts, rule.first)
            if answer is not False:
                yield _finding(rule, [facts], missing, _words(facts))


def _check_companion(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        asked = [(facts, *met(facts, rule.first)) for facts in group]
        if all(answer is False for _, answer, _ in asked):
            continue
        answers = [met(other, rule.second)[0] for other in group]
        sure = _Days(other for other, answer in zip(group, answers, strict=True) if answer)
        unsure = _Days(other for other, answer in zip(group, answers, strict=True) if answer is None)
        beside = _Days(other for other in group if other.line.code in rule.beside)
        beside_not = _Days(other for other in group if other.line.code in rule.beside_not)
        for facts, answer, missing in asked:
            span = rule.span(facts.line.code)
            if answer is False or span is None or sure.within(facts, span) or beside_not.within(facts, span):
                continue
            words = _words(facts)
            if rule.beside:
                near = beside.within(facts, span)
                if not near:
                    continue
                words |= {"other": near[-1].line.code, "other_date": near[-1].line.date.isoformat()}
            open_companion = ("companion",) if unsure.within(facts, span) else ()
            yield _finding(rule, [facts], (*missing, *open_companion), words)


class _Days:
    """Lines by day, so that those within some days of another line are found without looking at all."""

    def __init__(self, lines: Iterable[LineFacts]) -> None:
        self.lines = sorted(lines, key=lambda facts: (facts.line.date, facts.order))
        self.days = [facts.line.date.toordinal() for facts in self.lines]

    def stand(self, day: date, span: tuple[int, int]) -> bool:
        """Whether any of the lines stands in these days."""
        at = day.toordinal()
        return bisect_left(self.days, at + span[0]) < bisect_right(self.days, at + span[1])

    def within(self, facts: LineFacts, span: tuple[int, int]) -> list[LineFacts]:
        """The last of the lines in these days, up to two of them, but for the line itself."""
        day = facts.line.date.toordinal()
        low, high = bisect_left(self.days, day + span[0]), bisect_right(self.days, day + span[1])
        return [other for other in self.lines[max(low, high - 2) : high] if other is not facts]


@dataclass(frozen=True, slots=True)
class _Bundle:
    """Lines that are equal in what a rule about two lines asks; ``lines`` in their order, ``claims`` those of them."""

    lines: list[LineFacts]
    missing: tuple[str, ...]
    dateless: tuple[Any, ...]
    claims: set[str]

    @property
    def order(self) -> int:
        return self.lines[0].order

    @property
    def day(self) -> date:
        return self.lines[0].line.date

    def compared(self, names: Iterable[str]) -> tuple[Any, ...]:
        """What the lines hold in these columns."""
        return tuple(_column(self.lines[0], name) for name in names)

    def beside(self, rule: EditRule, other: _Bundle) -> list[LineFacts]:
        """The lines beside which the other bundle holds one: where claims must differ, one of another claim."""
        if "claim" not in rule.different:
            return self.lines
        return [facts for facts in self.lines if other.claims != {facts.claim.claim}]


def _column(facts: LineFacts, name: str) -> Any:
    return getattr(facts.claim if name in EQUALS_OF_CLAIM else facts.line, name)


def _differing(rule: EditRule) -> list[str]:
    """What tells bundles apart by ``different``. Claims do not, or n lines of n claims made n times n findings."""
    return [name for name in rule.different if name != "claim"]


def _bundles(
    rule: EditRule, group: list[LineFacts], conditions: Mapping[str, Condition], codes: frozenset[str] | None
) -> list[_Bundle]:
    """The lines that meet the conditions or may, in bundles, in the order of their first lines."""
    found: dict[tuple[Any, ...], _Bundle] = {}
    for facts in group:
        line = facts.line
        if codes is not None and line.code not in codes:
            continue
        answer, missing = met(facts, conditions)
        if answer is False:
            continue
        same: tuple[Any, ...] = (line.code, missing)
        same += tuple(_column(facts, name) for name in (*rule.equal, *_differing(rule)))
        if rule.across == "others":
            same += (facts.claim.provider,)
        if rule.pairs == "prolonged":
            same += (line.minutes, line.units)
        bundle = found.setdefault((line.date, *same), _Bundle([], missing, same, set()))
        bundle.lines.append(facts)
        bundle.claims.add(facts.claim.claim)
    return list(found.values())


def _check_pair(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    wanted = pairs_of(rule.pairs) if rule.pairs else None
    first_codes, second_codes = (wanted.firsts, wanted.seconds) if wanted else (None, None)
    for group in groups:
        firsts = _bundles(rule, group, rule.first, first_codes)
        if not firsts:
            continue
        alike: dict[tuple[Any, ...], dict[tuple[Any, ...], list[_Bundle]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for bundle in sorted(firsts, key=lambda one: one.day):
            alike[bundle.compared(rule.equal)][bundle.dateless].append(bundle)
        third = _Third(rule, group)
        runs = {key: [_Run(found) for found in differing.values()] for key, differing in alike.items()}
        for second in _bundles(rule, group, rule.second, second_codes):
            for run in runs.get(second.compared(rule.equal), ()):
                span = rule.span(run.bundles[0].lines[0].line.code)
                if span is None or not _together(rule, run.bundles[0], second, wanted):
                    continue
                first = next(
                    (one for one in run.nearest(second.day, span) if _apart(rule, one, second)), None
                )
                placed = _pair(rule, first, second, wanted, third) if first else None
                if placed:
                    yield placed


class _Run:
    """First bundles that differ in nothing but the day, by day."""

    def __init__(self, bundles: list[_Bundle]) -> None:
        self.bundles = bundles
        self.days = [bundle.day.toordinal() for bundle in bundles]

    def nearest(self, day: date, span: tuple[int, int]) -> Iterator[_Bundle]:
        """Those from which the day lies within the days of the rule, the nearest first; of two as near the earlier."""
        at = day.toordinal()
        low, high = bisect_left(self.days, at - span[1]), bisect_right(self.days, at - span[0])
        after = bisect_left(self.days, at, low, high)
        before = after - 1
        while before >= low or after < high:
            if after >= high or (before >= low and at - self.days[before] <= self.days[after] - at):
                yield self.bundles[before]
                before -= 1
            else:
                yield self.bundles[after]
                after += 1


def _together(rule: EditRule, first: _Bundle, second: _Bundle, wanted: PairTable | None) -> bool:
    """Whether the rule is about such lines, whatever the day of the first."""
    one, other = first.lines[0], second.lines[0]
    day = second.day.isoformat()
    if wanted is not None:
        days = wanted.days(one.line.code, other.line.code)
        if days is None or not days.in_force(day):
            return False
    if rule.across == "others" and one.claim.provider == other.claim.provider:
        return False
    if rule.not_pairs and any(days.in_force(day) for days in coded_together(one.line.code, other.line.code)):
        return False
    return all(_column(one, name) != _column(other, name) for name in _differing(rule))


def _apart(rule: EditRule, first: _Bundle, second: _Bundle) -> bool:
    """Whether two bundles hold two lines, of two claims if need be, and in the order in which the rule wants them."""
    if "claim" in rule.different and len(first.claims) == 1 and first.claims == second.claims:
        return False
    itself = first.order == second.order and len(first.lines) == len(second.lines) == 1
    return not itself and not (rule.symmetric and first.order > second.order)


class _Third:
    """The lines of a group that may make two others right."""

    def __init__(self, rule: EditRule, group: Iterable[LineFacts]) -> None:
        self.span = rule.unless_days
        asked = list(group) if rule.unless else []
        self.sure = _Days(facts for facts in asked if met(facts, rule.unless)[0])
        self.unknown = _Days(facts for facts in asked if facts.value("known") == "no")

    def near(self, day: date) -> bool | None:
        """Whether such a line stands near a day; None where a code that the manual does not know may be it."""
        if self.sure.stand(day, self.span):
            return True
        return None if self.unknown.stand(day, self.span) else False


def _pair(
    rule: EditRule,
    first: _Bundle,
    second: _Bundle,
    wanted: PairTable | None,
    third: _Third,
) -> Placed | None:
    """The finding on two bundles; None for prolonged units that the minutes give, or if a third line allows it."""
    one, other = first.lines[0], second.lines[0]
    missing = (*first.missing, *(f"second {name}" for name in second.missing))
    if rule.across == "others" and not (one.claim.provider and other.claim.provider):
        missing = (*missing, "provider")
    days = wanted.days(one.line.code, other.line.code) if wanted else None
    if days and other.line.date.isoformat() < days.known:
        missing = (*missing, NO_PAIRS)
    lines = first.beside(rule, second)
    own = {line.order for line in lines}
    lines = [*lines, *(line for line in second.beside(rule, first) if line.order not in own)]
    words = pair_words(
        rule, one.line.code, other.line.code, one.line.date, other.line.date,
        other.line.units, one.line.minutes, len(lines),
    )  # fmt: skip
    if rule.pairs == "prolonged":
        if one.line.minutes is None:
            missing = (*missing, "minutes")
        elif other.line.units <= words["allowed"]:
            return None
    stands = third.near(second.day)
    if stands:
        return None
    if stands is None:
        missing = (*missing, NO_CODE)
    return _finding(rule, lines, missing, words, place=(first.order, second.order))


def _check_limit(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        parts: dict[tuple[str, date], list[tuple[LineFacts, tuple[str, ...]]]] = defaultdict(list)
        for facts in group:
            answer, missing = met(facts, rule.first)
            if answer is not False:
                parts[facts.line.code, facts.line.date].append((facts, missing))
        for (code, day), members in parts.items():
            held = limit_on(code, day.isoformat())
            for counted in _counted(members, held):
                sure = sum(facts.line.units for facts, missing in counted if not missing)
                possible = sum(facts.line.units for facts, _ in counted)
                verdict = judge_units(rule, held, sure, possible)
                if not verdict:
                    continue
                over = verdict == OVER
                missing = () if over else tuple(dict.fromkeys(name for _, names in counted for name in names))
                if held.limit is None:
                    missing = (LIMITS_DIFFER if held.differing else NO_LIMIT,)
                words = limit_words(code, day.isoformat(), sure if over else possible, held)
                lines = [facts for facts, names in counted if not over or not names]
                yield _finding(rule, lines, missing, words, rule.by_indicator.get(held.mai, ""), held.mai)


def _counted(
    members: list[tuple[LineFacts, tuple[str, ...]]], held: HeldLimit
) -> list[list[tuple[LineFacts, tuple[str, ...]]]]:
    """The lines whose units are added up: each by itself where the limit is one of the line."""
    if held.mai == LINE_LIMIT:
        return [[member] for member in members]
    return [members]


SHAPES: Mapping[str, Callable[[EditRule, Iterable[list[LineFacts]]], Iterator[Placed]]] = {
    "line": _check_line,
    "companion": _check_companion,
    "pair": _check_pair,
    "limit": _check_limit,
}
"""The shapes that rules of ``edits.toml`` may have. Each gets a rule and the lines by patient and provider, or by
patient where the rule looks across providers."""
