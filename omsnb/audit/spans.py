"""The days within which a rule looks for a second line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from omsnb.audit.columns import Array
from omsnb.audit.lines import Lines
from omsnb.edit_rules import EditRule


@dataclass(frozen=True)
class Span:
    """For lines that have such days the first and last day, as steps from their own; ``any_`` says which have."""

    any_: Array
    low: Array
    high: Array


def spans(rule: EditRule, lines: Lines, chosen: Array) -> Span:
    """For each line the days to the second; ``any_`` tells which lines have such days at all."""
    spans = [rule.span(code) for code in lines.code.values]
    has = np.array([span is not None for span in spans], dtype=bool)
    low = np.array([span[0] if span else 0 for span in spans], dtype=np.int64)
    high = np.array([span[1] if span else 0 for span in spans], dtype=np.int64)
    places = lines.code.places[chosen]
    any_ = has[places]
    return Span(any_, low[places][any_], high[places][any_])
