"""Rules about one line, and about a line that wants a companion."""

from __future__ import annotations

from typing import Any

import numpy as np

from omsnb.audit.columns import Array
from omsnb.audit.findings import Findings, condition_names, statuses
from omsnb.audit.lines import NOT_A_NUMBER, Lines, by_time, window
from omsnb.audit.spans import spans
from omsnb.diagnoses import ENDED, INCOMPLETE, MALFORMED, NOT_YET, UNKNOWN
from omsnb.edit_rules import EditRule
from omsnb.edits.words import line_words, sentence


def audit_line(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds lines that meet all conditions of the rule."""
    chosen, bits = lines.met(rule.first)
    _add_lines(rule, lines, found, chosen, bits)


def audit_companion(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds lines that lack the second line which the rule wants near them."""
    chosen, bits = lines.met(rule.first)
    span = spans(rule, lines, chosen)
    chosen, bits, low, high = chosen[span.any_], bits[span.any_], span.low, span.high
    if not len(chosen):
        return
    timeline = lines.timeline(rule)
    companions, companion_bits = lines.met(rule.second)

    def near(wanted: Array) -> tuple[Array, Array, Array]:
        """How many of the wanted lines stand in the days of each, but for itself, and where the last of them is."""
        ordered = by_time(timeline, wanted)
        left, right = window(timeline, ordered, chosen, low, high)
        itself = np.isin(chosen, wanted) & (low <= 0) & (high >= 0)
        return right - left - itself, right - 1, ordered

    def named(codes: frozenset[str]) -> Array:
        return lines.every[lines.code.spread(lambda code: code in codes, bool)]

    lonely = near(companions[companion_bits == 0])[0] == 0
    if rule.beside_not:
        lonely &= near(named(rule.beside_not))[0] == 0
    other = np.full(len(chosen), -1)
    if rule.beside:
        count, last, ordered = near(named(rule.beside))
        lonely &= count > 0
        other[lonely] = ordered[last[lonely]]
    perhaps = np.where(near(companions[companion_bits != 0])[0] > 0, 1 << len(rule.first), 0)
    _add_lines(rule, lines, found, chosen[lonely], (bits | perhaps)[lonely], ("companion",), other[lonely])


def _add_lines(
    rule: EditRule,
    lines: Lines,
    found: Findings,
    chosen: Array,
    bits: Array,
    extra: tuple[str, ...] = (),
    other: Array | None = None,
) -> None:
    """Adds findings that concern one line each; a sentence is written once for the same facts.

    ``other``: the line beside each of which the rule speaks.
    """
    if not len(chosen):
        return
    names = {**rule.first, **dict.fromkeys(extra, frozenset[str]())}
    words = _words_of(rule, lines, chosen)
    if rule.beside and other is not None:
        words += [lines.columns[name].places[other].tolist() for name in ("code", "date")]
    others = [-1] * len(chosen) if other is None else other.tolist()
    written: dict[tuple[Any, ...], str] = {}
    because = []
    for line, near, bit, *used in zip(chosen.tolist(), others, bits.tolist(), *words, strict=True):
        key = (bit, *used)
        text = written.get(key)
        if text is None:
            text = written[key] = sentence(rule, condition_names(names, bit), _line_words(lines, line, near))
        because.append(text)
    found.add(rule, [(line,) for line in chosen.tolist()], statuses(rule, bits), because)


def _words_of(rule: EditRule, lines: Lines, chosen: Array) -> list[list[int]]:
    """For each fact that the rule's sentences use, a number for each line: equal numbers, equal words."""
    used = {"code", "date"} | {name for name in _WORD_COLUMNS if "{" + name + "}" in rule.because}
    if "{pointed}" in rule.because:
        used |= {"pointer_letters", "diagnoses"}
    return [
        (lines.numbers[name] if name in lines.numbers else lines.columns[column].places)[chosen].tolist()
        for name, column in _WORD_COLUMNS.items()
        if name in used
    ]


_WORD_COLUMNS = {
    "code": "code", "date": "date", "units": "units", "modifiers": "modifiers", "unlisted": "modifiers",
    "place": "place", "payer": "payer",
    "age": "", "minutes": "minutes", "least_minutes": "code", "position": "", "diagnoses": "diagnoses",
    "pointers": "pointers", "pointer_letters": "pointers", "form_lines": "form", "form_modifiers": "form",
    "form_diagnoses": "form", "form_pointers": "form", "birth_date": "birth_date",
    **dict.fromkeys((MALFORMED, INCOMPLETE, ENDED, NOT_YET, UNKNOWN), "diagnoses"),
}  # fmt: skip


def _line_words(lines: Lines, line: int, near: int) -> dict[str, Any]:
    def number(name: str) -> int | None:
        value = int(lines.numbers[name][line])
        return None if value == NOT_A_NUMBER else value

    born = lines.value("birth_date", line)
    words = line_words(
        lines.value("place", line),
        lines.value("payer", line),
        lines.value("form", line),
        lines.value("diagnoses", line) or (),
        {
            "code": lines.value("code", line),
            "date": lines.value("date", line).isoformat(),
            "units": number("units"),
            "modifiers": lines.value("modifiers", line),
            "age": number("age"),
            "minutes": number("minutes"),
            "position": number("position"),
            "pointers": lines.value("pointers", line),
            "birth_date": born.isoformat() if born else "",
        },
    )
    if near >= 0:
        words |= {"other": lines.value("code", near), "other_date": lines.value("date", near).isoformat()}
    return words
