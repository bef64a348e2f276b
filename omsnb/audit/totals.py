"""What an audit comes to: findings and the charges at stake by check, code, provider and month, to be added up.

At stake is the charge of each line that a finding of the worst two kinds names, counted once in each group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from omsnb.audit.columns import Array
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
    chosen = np.flatnonzero(np.isin(status, AT_STAKE)).astype(np.int32)
    if not len(chosen):
        return found
    sizes = np.fromiter((len(members[at]) for at in chosen.tolist()), np.int32, len(chosen))
    finding = np.repeat(chosen, sizes)
    line = np.fromiter((place for at in chosen.tolist() for place in members[at]), np.int32, int(sizes.sum()))
    cents = lines.columns["charge"].spread(lambda value: 0 if value is None else int(value * 100), np.int64)
    months, month = np.unique(lines.day.astype("datetime64[D]").astype("datetime64[M]"), return_inverse=True)
    rule_of, rules = pd.factorize(rule)
    keys: dict[str, tuple[Callable[[], Array], Any]] = {  # one at a time, so that memory stays bounded
        "all": (lambda: np.zeros(len(line), dtype=np.int32), ("all",)),
        "check": (lambda: rule_of[finding], rules),
        "code": (lambda: code.places[line], code.values),
        "provider": (lambda: provider.places[line], provider.values),
        "month": (lambda: month[line], months.astype(str)),
    }
    for group, (places, names) in keys.items():
        own, seen = pd.factorize(places())  # in the order of first appearance
        told = np.bincount(own[_once(own, finding, len(findings))], minlength=len(seen))
        once = _once(own, line, lines.count)
        count = np.bincount(own[once], minlength=len(seen))
        summed = np.zeros(len(seen), dtype=np.int64)
        np.add.at(summed, own[once], cents[line[once]])
        for at, place in enumerate(seen.tolist()):
            found[group][str(names[place])] = [int(told[at]), int(count[at]), int(summed[at])]
    return found


def _once(group: Array, thing: Array, things: int) -> Array:
    """Where each thing of each group stands first."""
    return np.unique(group.astype(np.int64) * max(things, 1) + thing, return_index=True)[1]


def add_totals(to: Totals, more: Mapping[str, Mapping[str, Sequence[int]]]) -> None:
    """Adds the totals of another part, whose lines are others."""
    for group, keys in more.items():
        own = to.setdefault(group, {})
        for key, numbers in keys.items():
            held = own.setdefault(key, [0, 0, 0])
            own[key] = [one + other for one, other in zip(held, numbers, strict=True)]
