"""Rules about two lines of one patient and provider."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from omsnb.audit.columns import Array
from omsnb.audit.findings import Findings, condition_names, statuses
from omsnb.audit.lines import EPOCH, NOT_A_NUMBER, Lines
from omsnb.audit.spans import Span, spans
from omsnb.edit_rules import EditRule, coding_pairs, pair_table
from omsnb.edits.units import prolonged_units
from omsnb.edits.words import NO_CODE, NO_PAIRS, pair_words, sentence
from omsnb.tables import codes


def audit_pair(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds two lines that do not go together within the days of the rule."""
    wanted = pair_table(rule.pairs) if rule.pairs else None
    firsts, first_bits = lines.met(rule.first)
    seconds, second_bits = lines.met(rule.second)
    if wanted is not None:
        one = lines.code.table(lambda code: any(code == pair[0] for pair in wanted), bool)[lines.code.places]
        other = lines.code.table(lambda code: any(code == pair[1] for pair in wanted), bool)[
            lines.code.places
        ]
        firsts, first_bits = firsts[one[firsts]], first_bits[one[firsts]]
        seconds, second_bits = seconds[other[seconds]], second_bits[other[seconds]]
    span = spans(rule, lines, firsts)
    firsts, first_bits = firsts[span.any_], first_bits[span.any_]
    if not len(firsts) or not len(seconds):
        return
    bits_of_second = np.zeros(lines.count, dtype=np.int64)
    bits_of_second[seconds] = second_bits
    one_of, two_of, first_bits = _meetings(rule, lines, firsts, first_bits, seconds, span)
    keep = one_of != two_of
    if rule.symmetric:
        keep &= one_of < two_of
    for name in (*rule.equal, *rule.different):
        places = lines.columns[name].places
        keep &= (places[one_of] == places[two_of]) == (name in rule.equal)
    one_of, two_of, first_bits = one_of[keep], two_of[keep], first_bits[keep]
    extra = np.zeros(len(one_of), dtype=np.int64)
    if wanted is not None and len(one_of):
        since = _since(lines, wanted)
        pair = since[lines.code.places[one_of], lines.code.places[two_of]]
        keep = pair != NOT_A_NUMBER
        extra = np.where(lines.day[two_of] < pair, 1, 0)
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    if rule.pairs == "prolonged" and len(one_of):
        keep, unsure = _prolonged(lines, one_of, two_of)
        extra |= np.where(unsure, 2, 0)
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    if rule.not_pairs and len(one_of):
        apart = _since(lines, dict.fromkeys(coding_pairs(), ""))
        keep = apart[lines.code.places[one_of], lines.code.places[two_of]] == NOT_A_NUMBER
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    if rule.unless and len(two_of):
        stands, may_stand = _third(rule, lines, two_of)
        extra |= np.where(may_stand, 4, 0)
        keep = ~stands
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    _add_pairs(rule, lines, found, one_of, two_of, first_bits, bits_of_second[two_of], extra)


def _meetings(
    rule: EditRule, lines: Lines, firsts: Array, first_bits: Array, seconds: Array, span: Span
) -> tuple[Array, Array, Array]:
    """All pairs of a first and a second line of one group whose days fit."""
    if len(rule.equal) > 1:  # few lines are alike: only those need be set side by side
        many = _alike_elsewhere(rule, lines)
        chosen = many[firsts]
        firsts, first_bits = firsts[chosen], first_bits[chosen]
        span = Span(span.any_, span.low[chosen], span.high[chosen])
        seconds = seconds[many[seconds]]
    ordered = lines.by_time(seconds)
    left, right = lines.window(ordered, firsts, span.low, span.high)
    counts = right - left
    one_of = np.repeat(firsts, counts)
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    two_of = ordered[np.repeat(left, counts) + steps]
    return one_of, two_of, np.repeat(first_bits, counts)


def _alike_elsewhere(rule: EditRule, lines: Lines) -> Array:
    """Which lines have another of the same group and day that is like them in what the rule compares."""
    key, most = lines.timeline, int(lines.timeline.max()) + 1 if lines.count else 1
    for name in rule.equal:
        column = lines.columns[name]
        size = max(len(column.values), 1)
        if size == 1:
            continue
        if most * size > MOST:
            key, found = pd.factorize(key)
            most = len(found)
        key, most = key * size + column.places, most * size
    alike: Array = pd.Series(key).duplicated(keep=False).to_numpy()
    return alike


MOST = 2**62
"""Keys that are put together from several columns stay below this, well inside 64 bits."""


def _since(lines: Lines, wanted: Mapping[tuple[str, str], str]) -> Array:
    """For each pair of codes the day from which it is known; a pair that is not in the table has none."""
    size = len(lines.code.values)
    since = np.full((size, size), NOT_A_NUMBER, dtype=np.int64)
    place = {code: at for at, code in enumerate(lines.code.values)}
    for (one, other), day in wanted.items():
        if one in place and other in place:
            start = date.fromisoformat(day).toordinal() - EPOCH if day else -(10**7)
            since[place[one], place[other]] = start
    return since


def _prolonged(lines: Lines, one_of: Array, two_of: Array) -> tuple[Array, Array]:
    """Which pairs of a visit and its prolonged time are over, or may be since the minutes are not given."""
    minutes = lines.numbers["minutes"]
    keep = []
    for one, two in zip(one_of.tolist(), two_of.tolist(), strict=True):
        given = int(minutes[one])
        most = (
            prolonged_units(lines.value("code", one), lines.value("code", two), given) if given >= 0 else -1
        )
        keep.append(given < 0 or int(lines.units[two]) > most)
    kept = np.array(keep, dtype=bool)
    return kept, minutes[one_of] == NOT_A_NUMBER


def _third(rule: EditRule, lines: Lines, two_of: Array) -> tuple[Array, Array]:
    """For each second line whether the line stands that makes the two right, and whether an unknown code may be it."""
    unknown = np.flatnonzero(lines.code.spread(lambda code: code not in codes(), bool))
    answers = []
    for wanted in (lines.met(rule.unless)[0], unknown):
        low, high = rule.unless_days
        left, right = lines.window(lines.by_time(wanted), two_of, low, high)
        answers.append(right > left)
    return answers[0], answers[1]


def _add_pairs(
    rule: EditRule,
    lines: Lines,
    found: Findings,
    one_of: Array,
    two_of: Array,
    first_bits: Array,
    second_bits: Array,
    extra: Array,
) -> None:
    order = np.lexsort((two_of, one_of))
    one_of, two_of = one_of[order], two_of[order]
    bits = np.stack([first_bits[order], second_bits[order], extra[order]])
    written: dict[tuple[int, ...], str] = {}
    because, shown = [], []
    code, day, minutes = lines.code.places, lines.columns["date"].places, lines.numbers["minutes"]
    keys = zip(
        one_of.tolist(), two_of.tolist(), *bits.tolist(),
        code[one_of].tolist(), code[two_of].tolist(), day[one_of].tolist(), day[two_of].tolist(),
        lines.units[two_of].tolist(), minutes[one_of].tolist(), strict=True,
    )  # fmt: skip
    for one, two, *key in keys:
        text = written.get(tuple(key))
        if text is None:
            text = written[tuple(key)] = _pair_sentence(rule, lines, one, two, *key[:3])
        because.append(text)
        shown.append(f"{lines.key(one)}|{lines.key(two)}")
    found.add(rule, shown, statuses(rule, np.asarray(bits.any(axis=0))), because, one_of)


def _pair_sentence(
    rule: EditRule, lines: Lines, one: int, two: int, first_bits: int, second_bits: int, extra: int
) -> str:
    missing = (
        *condition_names(rule.first, first_bits),
        *(f"second {name}" for name in condition_names(rule.second, second_bits)),
        *(name for bit, name in ((1, NO_PAIRS), (2, "minutes"), (4, NO_CODE)) if extra & bit),
    )
    minutes = int(lines.numbers["minutes"][one])
    words = pair_words(
        rule, lines.value("code", one), lines.value("code", two), lines.value("date", one), lines.value("date", two),
        int(lines.units[two]), None if minutes == NOT_A_NUMBER else minutes,
    )  # fmt: skip
    return sentence(rule, missing, words)
