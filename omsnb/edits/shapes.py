"""How each shape of edit looks for findings: one line, a line without its companion, a pair, the units of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from omsnb.edit_rules import EQUALS_OF_CLAIM, EditRule, coding_pairs, pair_table
from omsnb.edits.facts import LineFacts, met
from omsnb.edits.report import Finding
from omsnb.edits.units import LINE_LIMIT, OVER, judge_units, limit_on
from omsnb.edits.words import NO_CODE, NO_LIMIT, NO_PAIRS, limit_words, line_words, pair_words, sentence
from omsnb.records import UnitLimit

Placed = tuple[tuple[int, ...], Finding]
"""A finding with the order of its lines."""


def _finding(
    rule: EditRule,
    lines: Sequence[LineFacts],
    missing: tuple[str, ...],
    words: Mapping[str, Any],
    status: str = "",
) -> Placed:
    return tuple(line.order for line in lines), Finding(
        rule=rule.id,
        status="unknown" if missing else status or rule.status,
        lines=tuple(line.key for line in lines),
        because=sentence(rule, missing, words),
        remedy=rule.remedy,
        guidance=rule.guidance,
    )


def _words(facts: LineFacts) -> dict[str, Any]:
    line = facts.line
    return line_words(
        facts.claim.place,
        facts.claim.payer,
        facts.claim.form,
        len(facts.claim.diagnoses),
        {
            "code": line.code,
            "date": line.date.isoformat(),
            "units": line.units,
            "modifiers": line.modifiers,
            "age": facts.numbers["age"],
            "minutes": line.minutes,
            "position": facts.numbers["position"],
            "pointers": line.pointers,
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
        for facts in group:
            answer, missing = met(facts, rule.first)
            span = rule.span(facts.line.code)
            if answer is False or span is None:
                continue
            answers = [
                met(other, rule.second)[0]
                for other in group
                if other is not facts and span[0] <= (other.line.date - facts.line.date).days <= span[1]
            ]
            if True in answers:
                continue
            open_companion = ("companion",) if None in answers else ()
            yield _finding(rule, [facts], (*missing, *open_companion), _words(facts))


def _check_pair(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    wanted = pair_table(rule.pairs) if rule.pairs else None
    for group in groups:
        firsts = [(facts, met(facts, rule.first)) for facts in group]
        seconds = [(facts, met(facts, rule.second)) for facts in group]
        for first, (one, one_missing) in firsts:
            span = rule.span(first.line.code)
            if one is False or span is None:
                continue
            for second, (other, other_missing) in seconds:
                if other is False or first is second or (rule.symmetric and first.order > second.order):
                    continue
                apart = (second.line.date - first.line.date).days
                if not span[0] <= apart <= span[1] or not _alike(rule, first, second):
                    continue
                if rule.not_pairs and (first.line.code, second.line.code) in coding_pairs():
                    continue
                missing = (*one_missing, *(f"second {name}" for name in other_missing))
                if wanted is not None:
                    since = wanted.get((first.line.code, second.line.code))
                    if since is None:
                        continue
                    if second.line.date.isoformat() < since:
                        missing = (*missing, NO_PAIRS)
                words = pair_words(
                    rule, first.line.code, second.line.code, first.line.date, second.line.date,
                    second.line.units, first.line.minutes,
                )  # fmt: skip
                if rule.pairs == "prolonged":
                    if first.line.minutes is None:
                        missing = (*missing, "minutes")
                    elif second.line.units <= words["allowed"]:
                        continue
                third = _third(rule, second, group)
                if third is None:
                    missing = (*missing, NO_CODE)
                if not third:
                    yield _finding(rule, [first, second], missing, words)


def _alike(rule: EditRule, first: LineFacts, second: LineFacts) -> bool:
    def equal(name: str) -> bool:
        one, other = ((facts.claim if name in EQUALS_OF_CLAIM else facts.line) for facts in (first, second))
        return bool(getattr(one, name) == getattr(other, name))

    return all(map(equal, rule.equal)) and not any(map(equal, rule.different))


def _third(rule: EditRule, second: LineFacts, group: Iterable[LineFacts]) -> bool | None:
    """Whether the line stands that makes the two right; None where a code that the manual does not know may be it."""
    if not rule.unless:
        return False
    low, high = rule.unless_days
    near = [other for other in group if low <= (other.line.date - second.line.date).days <= high]
    if any(met(other, rule.unless)[0] for other in near):
        return True
    return None if any(other.choices["known"] == "no" for other in near) else False


def _check_limit(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        parts: dict[tuple[str, date], list[tuple[LineFacts, tuple[str, ...]]]] = defaultdict(list)
        for facts in group:
            answer, missing = met(facts, rule.first)
            if answer is not False:
                parts[facts.line.code, facts.line.date].append((facts, missing))
        for (code, day), members in parts.items():
            limit = limit_on(code, day.isoformat())
            for counted in _counted(members, limit):
                sure = sum(facts.line.units for facts, missing in counted if not missing)
                possible = sum(facts.line.units for facts, _ in counted)
                verdict = judge_units(rule, limit, sure, possible)
                if not verdict:
                    continue
                over = verdict == OVER
                missing = () if over else tuple(dict.fromkeys(name for _, names in counted for name in names))
                if limit is None:
                    missing = (NO_LIMIT,)
                words = limit_words(code, day.isoformat(), sure if over else possible, limit)
                lines = [facts for facts, names in counted if not over or not names]
                yield _finding(rule, lines, missing, words, rule.by_indicator[limit.mai] if limit else "")


def _counted(
    members: list[tuple[LineFacts, tuple[str, ...]]], limit: UnitLimit | None
) -> list[list[tuple[LineFacts, tuple[str, ...]]]]:
    """The lines whose units are added up: each by itself where the limit is one of the line."""
    if limit and limit.mai == LINE_LIMIT:
        return [[member] for member in members]
    return [members]


SHAPES: Mapping[str, Callable[[EditRule, Iterable[list[LineFacts]]], Iterator[Placed]]] = {
    "line": _check_line,
    "companion": _check_companion,
    "pair": _check_pair,
    "limit": _check_limit,
}
"""The shapes that rules of ``edits.toml`` may have. Each gets a rule and the lines by patient and provider."""
