"""What an audit comes to: findings and the charges at stake by check, code, provider and month, to be added up.

At stake is the charge of each line that a finding of the worst two kinds names, counted once in each group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from omsnb.audit.lines import Lines

AT_STAKE = ("deny", "review")
"""Statuses whose lines count into the amount at stake."""

GROUPS = ("all", "check", "code", "provider", "month")
SUMMED = "unknown"
"""The status that is summed by check and code."""

Totals = dict[str, dict[str, list[int]]]
"""For each group and each key of it: findings, lines, and cents at stake; for ``unknown`` findings alone."""


def totals_of(findings: pd.DataFrame, members: Sequence[Sequence[int]], lines: Lines) -> Totals:
    """The totals of one table's findings. ``members``: for each finding its lines, by their place."""
    found: Totals = {group: {} for group in (*GROUPS, SUMMED)}
    status = findings["status"].to_numpy(dtype=object)
    rule = findings["rule"].to_numpy(dtype=object)
    code, provider = lines.code, lines.columns["provider"]
    for at in np.flatnonzero(status == SUMMED).tolist():
        first = members[at][0]
        key = f"{rule[at]}|{code.values[code.places[first]]}"
        found[SUMMED].setdefault(key, [0, 0, 0])[0] += 1
    chosen = np.flatnonzero(np.isin(status, AT_STAKE)).tolist()
    if not chosen:
        return found
    sizes = [len(members[at]) for at in chosen]
    finding = np.repeat(chosen, sizes)
    line = np.array([place for at in chosen for place in members[at]], dtype=np.int64)
    cents = lines.columns["charge"].spread(lambda value: 0 if value is None else int(value * 100), np.int64)
    table = pd.DataFrame(
        {
            "finding": finding, "line": line, "cents": cents[line], "all": "all",
            "check": rule[finding],
            "code": np.asarray(code.values, dtype=object)[code.places[line]],
            "provider": np.asarray(provider.values, dtype=object)[provider.places[line]],
            "month": (lines.day[line].astype("datetime64[D]")).astype("datetime64[M]").astype(str),
        }
    )  # fmt: skip
    for group in GROUPS:
        once = table.drop_duplicates([group, "line"]).groupby(group, sort=False)["cents"].agg(["size", "sum"])
        told = table.groupby(group, sort=False)["finding"].nunique()
        for key, (count, amount) in zip(once.index, once.to_numpy().tolist(), strict=True):
            found[group][str(key)] = [int(told[key]), int(count), int(amount)]
    return found


def add_totals(to: Totals, more: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
    """Adds the totals of another part, whose lines are others."""
    for group, keys in more.items():
        own = to.setdefault(group, {})
        for key, numbers in keys.items():
            held = own.setdefault(key, [0, 0, 0])
            own[key] = [one + other for one, other in zip(held, numbers, strict=True)]
