"""Rules about the units of a day."""

from __future__ import annotations

import numpy as np

from omsnb.audit.columns import Array
from omsnb.audit.findings import Findings, condition_names
from omsnb.audit.lines import Lines
from omsnb.edit_rules import EditRule
from omsnb.edits.units import LINE_LIMIT, OVER, judge_units, limit_on
from omsnb.edits.words import NO_LIMIT, limit_words, sentence


def audit_limit(rule: EditRule, lines: Lines, found: Findings) -> None:
    """Finds more units than a day, or a line, may hold of a code."""
    chosen, bits = lines.met(rule.first)
    if not len(chosen):
        return
    key = lines.timeline[chosen] * max(len(lines.code.values), 1) + lines.code.places[chosen]
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
        rule, [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows],
        np.array([row[0][0] for row in rows], dtype=np.int64),
    )  # fmt: skip


def _lowest_limit(rule: EditRule, code: str) -> int:
    """Units up to which a code is surely fine on any day, to pass over most lines at once."""
    limit = limit_on(code, "9999-12-31")
    return (
        min(limit.units, 1) - (limit.units == 0)
        if limit and limit.units >= rule.least
        else 1
        if not limit
        else 0
    )


def _over(
    rule: EditRule, lines: Lines, members: Array, bits: Array
) -> list[tuple[tuple[int, ...], str, str, str]]:
    """The findings of one patient, provider, code and day."""
    code, day = lines.value("code", members[0]), lines.value("date", members[0]).isoformat()
    limit = limit_on(code, day)
    counted = (
        [[place] for place in range(len(members))]
        if limit and limit.mai == LINE_LIMIT
        else [range(len(members))]
    )
    rows = []
    for places in counted:
        own, open_bits = members[list(places)], bits[list(places)]
        sure = int(lines.units[own[open_bits == 0]].sum())
        possible = int(lines.units[own].sum())
        verdict = judge_units(rule, limit, sure, possible)
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
        if limit is None:
            missing = (NO_LIMIT,)
        words = limit_words(code, day, sure if over else possible, limit)
        told = own[open_bits == 0] if over else own
        status = "unknown" if missing else rule.by_indicator[limit.mai] if limit else rule.status
        shown = "|".join(lines.key(line) for line in told.tolist())
        rows.append((tuple(told.tolist()), shown, status, sentence(rule, missing, words)))
    return rows
