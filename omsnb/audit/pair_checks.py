"""Rules about two lines of one patient and provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from omsnb.audit.columns import Array
from omsnb.audit.findings import Findings, condition_names, statuses
from omsnb.audit.lines import EPOCH, NOT_A_NUMBER, Lines, by_time, window
from omsnb.audit.spans import spans
from omsnb.edit_rules import EditRule
from omsnb.edits.units import prolonged_units
from omsnb.edits.words import NO_CODE, NO_PAIRS, pair_words, sentence
from omsnb.pair_tables import PairTable, coded_together, pairs_of
from omsnb.tables import codes


@dataclass(frozen=True)
class Bundles:
    """Lines that are equal in what a rule about two lines asks, as ``edits.shapes`` bundles them.

    ``first``: the first line of each bundle, ascending. ``bits``: its open conditions. ``size``, ``dateless`` (a number
    that bundles share which differ in nothing but the day), ``claim`` (the place of the claim that all its lines are
    of; -1 for several) and ``at`` (the place of the bundle) go by that first line.
    """

    first: Array
    bits: Array
    size: Array
    dateless: Array
    claim: Array
    at: Array
    lines: Array
    starts: Array
    read: dict[int, list[int]] = field(default_factory=dict)

    def members(self, first: int) -> list[int]:
        """The lines of a bundle by its first line, in their order."""
        found = self.read.get(first)
        if found is None:
            place = int(self.at[first])
            found = self.read[first] = self.lines[self.starts[place] : self.starts[place + 1]].tolist()
        return found


def audit_pair(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds two lines that do not go together within the days of the rule."""
    wanted = pairs_of(rule.pairs) if rule.pairs else None
    firsts, first_bits = lines.met(rule.first)
    seconds, second_bits = lines.met(rule.second)
    if wanted is not None:
        one, other = wanted.firsts, wanted.seconds
        own = lines.code.spread(lambda code: code in one, bool)[firsts]
        firsts, first_bits = firsts[own], first_bits[own]
        own = lines.code.spread(lambda code: code in other, bool)[seconds]
        seconds, second_bits = seconds[own], second_bits[own]
    if len(rule.equal) > 1 and rule.offsets == {
        "": (0, 0)
    }:  # few lines are alike: only those need be set side by side
        many = _alike_elsewhere(rule, lines)
        firsts, first_bits = firsts[many[firsts]], first_bits[many[firsts]]
        seconds, second_bits = seconds[many[seconds]], second_bits[many[seconds]]
    span = spans(rule, lines, firsts)
    firsts, first_bits = firsts[span.any_], first_bits[span.any_]
    if not len(firsts) or not len(seconds):
        return
    one_bundles = _bundles(rule, lines, firsts, first_bits)
    two_bundles = _bundles(rule, lines, seconds, second_bits)
    parts = [
        _nearest(lines, one_bundles, *_kept(rule, lines, wanted, one_bundles, two_bundles, *meeting))
        for meeting in _meetings(rule, lines, one_bundles, two_bundles)
    ]
    joined = [np.concatenate([part[column] for part in parts]) for column in range(3)]
    del parts
    nearest = _nearest(lines, one_bundles, *joined)
    del joined
    _add_pairs(rule, lines, found, one_bundles, two_bundles, *nearest)


def _bundles(rule: EditRule, lines: Lines, chosen: Array, bits: Array) -> Bundles:
    """Bundles of the chosen lines, which are ascending."""
    different = [name for name in rule.different if name != "claim"]
    columns = [lines.columns[name].places for name in dict.fromkeys(("code", *rule.equal, *different))]
    if rule.across == "others":
        columns.append(lines.columns["provider"].places)
    if rule.pairs == "prolonged":
        columns += [lines.columns["minutes"].places, lines.columns["units"].places]
    dateless = _joined(lines.whose(rule)[chosen], bits, *(column[chosen] for column in columns))
    same = _joined(dateless, lines.day[chosen])  # numbered in the order of first appearance
    first = chosen[np.flatnonzero(~pd.Series(same).duplicated())]
    order = np.argsort(same, kind="stable")
    size = np.bincount(same, minlength=len(first))

    def by_line(values: Array) -> Array:
        spread = np.full(lines.count, -1, dtype=np.int64)
        spread[first] = values
        return spread

    at_first = np.searchsorted(chosen, first)
    claim = lines.columns["claim"].places
    several = np.zeros(len(first), dtype=bool)
    several[same[claim[chosen] != claim[first][same]]] = True
    return Bundles(
        first=first, bits=by_line(bits[at_first]), size=by_line(size), dateless=by_line(dateless[at_first]),
        claim=by_line(np.where(several, -1, claim[first])), at=by_line(np.arange(len(first))),
        lines=chosen[order], starts=np.r_[0, np.cumsum(size)],
    )  # fmt: skip


def _joined(*columns: Array) -> Array:
    """One number for each line: equal numbers, equal in all columns; numbered in the order of first appearance."""
    key: Array = pd.factorize(columns[0])[0].astype(np.int64)
    for column in columns[1:]:
        places, found = pd.factorize(column)
        key = pd.factorize(key * max(len(found), 1) + places)[0].astype(np.int64)
    return key


AT_ONCE = 500_000
"""Pairs of bundles that are looked at together, so that memory stays bounded."""


def _meetings(rule: EditRule, lines: Lines, one: Bundles, two: Bundles) -> Iterator[tuple[Array, Array]]:
    """All pairs of a first and a second bundle of one group whose days fit, by their first lines, in parts.

    Parts hold bundles that differ in nothing but the day together as far as they can.
    """
    timeline = lines.timeline(rule)
    ordered = by_time(timeline, two.first)
    firsts = one.first[np.argsort(one.dateless[one.first], kind="stable")]
    span = spans(rule, lines, firsts)
    left, right = window(timeline, ordered, firsts, span.low, span.high)
    counts = right - left
    ends = np.cumsum(counts)
    begin = 0
    while begin < len(firsts):
        reached = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, reached + AT_ONCE, "right")))
        own = counts[begin:end]
        steps = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
        yield np.repeat(firsts[begin:end], own), ordered[np.repeat(left[begin:end], own) + steps]
        begin = end


def _kept(
    rule: EditRule,
    lines: Lines,
    wanted: PairTable | None,
    one: Bundles,
    two: Bundles,
    one_of: Array,
    two_of: Array,
) -> tuple[Array, Array, Array]:
    """Of pairs of bundles those that do not go together, and what else is open as bits (``_EXTRA``)."""
    keep = (one_of != two_of) | (one.size[one_of] > 1) | (two.size[two_of] > 1)
    if rule.symmetric:
        keep &= one_of <= two_of
    for name in (*rule.equal, *rule.different):
        if (
            name == "claim" and name in rule.different
        ):  # some line of the one is of another claim than some of the other
            keep &= (one.claim[one_of] != two.claim[two_of]) | (one.claim[one_of] == -1)
            continue
        places = lines.columns[name].places
        keep &= (places[one_of] == places[two_of]) == (name in rule.equal)
    provider = lines.columns["provider"]
    if rule.across == "others":
        keep &= provider.places[one_of] != provider.places[two_of]
    one_of, two_of = one_of[keep], two_of[keep]
    extra = np.zeros(len(one_of), dtype=np.int64)
    if rule.across == "others":
        unnamed = provider.spread(lambda value: not value, bool)
        extra |= np.where(unnamed[one_of] | unnamed[two_of], 1, 0)
    if wanted is not None and len(one_of):
        keep, known = _in_force(lines, wanted, one_of, two_of)
        extra |= np.where(lines.day[two_of] < known, 2, 0)
        one_of, two_of, extra = one_of[keep], two_of[keep], extra[keep]
    if rule.pairs == "prolonged" and len(one_of):
        keep, unsure = _prolonged(lines, one_of, two_of)
        extra |= np.where(unsure, 4, 0)
        one_of, two_of, extra = one_of[keep], two_of[keep], extra[keep]
    if rule.not_pairs and len(one_of):
        keep = ~_coded_together(lines, one_of, two_of)
        one_of, two_of, extra = one_of[keep], two_of[keep], extra[keep]
    if rule.unless and len(two_of):
        stands, may_stand = _third(rule, lines, two_of)
        extra |= np.where(may_stand, 8, 0)
        one_of, two_of, extra = one_of[~stands], two_of[~stands], extra[~stands]
    return one_of, two_of, extra


_EXTRA = ((1, "provider"), (2, NO_PAIRS), (4, "minutes"), (8, NO_CODE))


def _nearest(
    lines: Lines, one: Bundles, one_of: Array, two_of: Array, extra: Array
) -> tuple[Array, Array, Array]:
    """Of first bundles that differ in nothing but the day, for each second one the nearest, or the earlier of two."""
    apart = np.abs(lines.day[two_of] - lines.day[one_of])
    order = np.lexsort((lines.day[one_of], apart, two_of, one.dateless[one_of]))
    one_of, two_of, extra = one_of[order], two_of[order], extra[order]
    same = one.dateless[one_of]
    keep = np.r_[True, (same[1:] != same[:-1]) | (two_of[1:] != two_of[:-1])][: len(one_of)]
    return one_of[keep], two_of[keep], extra[keep]


def _alike_elsewhere(rule: EditRule, lines: Lines) -> Array:
    """Which lines have another of the same group and day that is like them in what the rule compares."""
    key = lines.timeline(rule)
    most = int(key.max()) + 1 if lines.count else 1
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


def _code_pairs(lines: Lines, one_of: Array, two_of: Array) -> tuple[list[tuple[str, str]], Array]:
    """The codes of pairs of lines, each two once, and for each pair of lines the place of its two among them."""
    size = max(len(lines.code.values), 1)
    places, found = pd.factorize(lines.code.places[one_of] * size + lines.code.places[two_of])
    values = lines.code.values
    return [(values[key // size], values[key % size]) for key in found.tolist()], places


ALWAYS = 10**7
"""Days from the epoch that no service reaches, before or after."""


def _number(day: str, none: int) -> int:
    return date.fromisoformat(day).toordinal() - EPOCH if day else none


def _in_force(lines: Lines, wanted: PairTable, one_of: Array, two_of: Array) -> tuple[Array, Array]:
    """For pairs of lines whether their codes are a pair on the day, and the day before which that is not known."""
    named, places = _code_pairs(lines, one_of, two_of)
    rows = []
    for one, other in named:
        days = wanted.days(one, other)
        rows.append(
            (_number(days.first, -ALWAYS), _number(days.last, ALWAYS), _number(days.known, -ALWAYS))
            if days
            else (ALWAYS, -ALWAYS, -ALWAYS)
        )
    first, last, known = np.array(rows, dtype=np.int64).reshape(-1, 3)[places].T
    day = lines.day[two_of]
    return (first <= day) & (day <= last), known


def _coded_together(lines: Lines, one_of: Array, two_of: Array) -> Array:
    """For pairs of lines whether their codes are a pair of the correct coding edits on the day, in either order."""
    named, places = _code_pairs(lines, one_of, two_of)
    windows = [
        [(_number(days.first, -ALWAYS), _number(days.last, ALWAYS)) for days in coded_together(one, other)]
        for one, other in named
    ]
    found = np.zeros(len(places), dtype=bool)
    day = lines.day[two_of]
    for at in range(max(map(len, windows), default=0)):
        bounds = [own[at] if at < len(own) else (ALWAYS, -ALWAYS) for own in windows]
        first, last = np.array(bounds, dtype=np.int64)[places].T
        found |= (first <= day) & (day <= last)
    return found


def _prolonged(lines: Lines, one_of: Array, two_of: Array) -> tuple[Array, Array]:
    """Which pairs of a visit and its prolonged time are over, or may be since the minutes are not given."""
    minutes = lines.numbers["minutes"]
    keep = []
    for one, two in zip(one_of.tolist(), two_of.tolist(), strict=True):
        given = int(minutes[one])
        most = (
            prolonged_units(
                lines.value("code", one), lines.value("code", two), given, int(lines.day[two]) + EPOCH
            )
            if given >= 0
            else -1
        )
        keep.append(given < 0 or int(lines.units[two]) > most)
    kept = np.array(keep, dtype=bool)
    return kept, minutes[one_of] == NOT_A_NUMBER


def _third(rule: EditRule, lines: Lines, two_of: Array) -> tuple[Array, Array]:
    """For each second line whether the line stands that makes the two right, and whether an unknown code may be it."""
    unknown = np.flatnonzero(lines.code.spread(lambda code: code not in codes(), bool))
    timeline, (low, high) = lines.timeline(rule), rule.unless_days

    def near(wanted: Array) -> Array:
        left, right = window(timeline, by_time(timeline, wanted), two_of, low, high)
        found: Array = right > left
        return found

    return near(lines.met(rule.unless)[0]), near(unknown)


def _add_pairs(
    rule: EditRule,
    lines: Lines,
    found: Findings,
    one: Bundles,
    two: Bundles,
    one_of: Array,
    two_of: Array,
    extra: Array,
) -> None:
    order = np.lexsort((two_of, one_of))
    one_of, two_of = one_of[order], two_of[order]
    bits = np.stack([one.bits[one_of], two.bits[two_of], extra[order]])
    written: dict[tuple[int, ...], str] = {}
    because, members = [], []
    code, day, minutes = lines.code.places, lines.columns["date"].places, lines.numbers["minutes"]
    for begin in range(0, len(one_of), WRITTEN_AT_ONCE):
        part = slice(begin, begin + WRITTEN_AT_ONCE)
        firsts, seconds = one_of[part], two_of[part]
        columns = (
            *bits[:, part], code[firsts], code[seconds], day[firsts], day[seconds],
            lines.units[seconds], minutes[firsts],
        )  # fmt: skip
        for first, second, *key in zip(
            firsts.tolist(), seconds.tolist(), *(column.tolist() for column in columns), strict=True
        ):
            own = _both(rule, lines, one, two, first, second)
            text = written.get((len(own), *key))
            if text is None:
                text = written[len(own), *key] = _pair_sentence(
                    rule, lines, first, second, len(own), *key[:3]
                )
            because.append(text)
            members.append(own)
        if len(written) > WRITTEN_AT_ONCE:
            written.clear()
    found.add(rule, members, statuses(rule, np.asarray(bits.any(axis=0))), because)


WRITTEN_AT_ONCE = 2**13
"""Findings that are written together, and sentences that are kept to be used again, so that memory stays bounded."""


def _both(
    rule: EditRule, lines: Lines, one: Bundles, two: Bundles, first: int, second: int
) -> tuple[int, ...]:
    """The lines of two bundles, each once; where claims must differ, those beside which one of another claim is."""
    firsts, seconds = one.members(first), two.members(second)
    if "claim" in rule.different:
        claim = lines.columns["claim"].places
        firsts = [line for line in firsts if claim[line] != two.claim[second]]
        seconds = [line for line in seconds if claim[line] != one.claim[first]]
    return tuple(dict.fromkeys((*firsts, *seconds)))


def _pair_sentence(
    rule: EditRule,
    lines: Lines,
    one: int,
    two: int,
    count: int,
    first_bits: int,
    second_bits: int,
    extra: int,
) -> str:
    missing = (
        *condition_names(rule.first, first_bits),
        *(f"second {name}" for name in condition_names(rule.second, second_bits)),
        *(name for bit, name in _EXTRA if extra & bit),
    )
    minutes = int(lines.numbers["minutes"][one])
    words = pair_words(
        rule, lines.value("code", one), lines.value("code", two), lines.value("date", one), lines.value("date", two),
        int(lines.units[two]), None if minutes == NOT_A_NUMBER else minutes, count,
    )  # fmt: skip
    return sentence(rule, missing, words)
