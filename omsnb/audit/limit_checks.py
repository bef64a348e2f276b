"""Rules about the units of a day."""

from __future__ import annotations

import numpy as np

from omsnb.audit.columns import Array
from omsnb.audit.findings import Findings, condition_names
from omsnb.audit.lines import Lines
from omsnb.edit_rules import EditRule
from omsnb.edits.units import LINE_LIMIT, OVER, judge_units, limit_on, limits_of, lowest_limit
from omsnb.edits.words import LIMITS_DIFFER, NO_LIMIT, limit_words, sentence


def audit_limit(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds more units than a day, or a line, may hold of a code."""
    chosen, bits = lines.met(rule.first)
    if not len(chosen):
        return
    key = lines.timeline(rule)[chosen] * max(len(lines.code.values), 1) + lines.code.places[chosen]
    order = np.argsort(key, kind="stable")
    chosen, bits, key = chosen[order], bits[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    possible = np.add.reduceat(lines.units[chosen], starts)
    sizes = np.diff(np.r_[starts, len(chosen)])
    lowest = lines.code.table(lambda code: _lowest_limit(rule, code), np.int64)[
        lines.code.places[chosen[starts]]
    ]
    rows = []
    for place in np.flatnonzero(possible > lowest).tolist():
        members = slice(int(starts[place]), int(starts[place] + sizes[place]))
        rows += _over(rule, lines, chosen[members], bits[members])
    rows.sort(key=lambda row: row[0])
    found.add(
        rule, [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows]
    )  # fmt: skip


NEVER = np.iinfo(np.int64).max


def _lowest_limit(rule: EditRule, code: str) -> int:
    """Units up to which a code is surely fine on any day, to pass over most lines at once."""
    lowest = lowest_limit(rule, limits_of(code))
    unheld = 1 if rule.most is None else NEVER  # before the oldest table
    return unheld if lowest is None else min(lowest, unheld)


def _over(
    rule: EditRule, lines: Lines, members: Array, bits: Array
) -> list[tuple[tuple[int, ...], str, str, str]]:
    """The findings of one patient, provider, code and day: lines, status, sentence, remedy."""
    code, day = lines.value("code", members[0]), lines.value("date", members[0]).isoformat()
    held = limit_on(code, day)
    counted = [[place] for place in range(len(members))] if held.mai == LINE_LIMIT else [range(len(members))]
    rows = []
    for places in counted:
        own, open_bits = members[list(places)], bits[list(places)]
        sure = int(lines.units[own[open_bits == 0]].sum())
        possible = int(lines.units[own].sum())
        verdict = judge_units(rule, held, sure, possible)
        if not verdict:
            continue
        over = verdict == OVER
        missing = (
            ()
            if over
            else tuple(
                dict.fromkeys(name for bit in open_bits for name in condition_names(rule.first, int(bit)))
            )
        )
        if held.limit is None:
            missing = (LIMITS_DIFFER if held.differing else NO_LIMIT,)
        words = limit_words(code, day, sure if over else possible, held)
        told = own[open_bits == 0] if over else own
        status = "unknown" if missing else rule.by_indicator.get(held.mai, rule.status)
        rows.append((tuple(told.tolist()), status, sentence(rule, missing, words), rule.remedy_for(held.mai)))
    return rows
