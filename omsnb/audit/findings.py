"""What the checks found, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from omsnb.audit.columns import Array
from omsnb.audit.lines import Lines
from omsnb.edit_rules import Condition, EditRule

FINDING_COLUMNS = ("patient", "rule", "status", "lines", "because", "remedy", "guidance")


class Findings:
    """Collects findings and writes their sentences, each different one once."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.parts: list[dict[str, Any]] = []

    def add(
        self,
        rule: EditRule,
        shown: Sequence[str],
        statuses: Sequence[str],
        because: Sequence[str],
        first: Array,
    ) -> None:
        """Adds findings of one rule, in the order of their lines."""
        if not len(shown):
            return
        patient = self.lines.columns["patient"]
        self.parts.append(
            {
                "patient": [patient.values[place] for place in patient.places[first]],
                "rule": [rule.id] * len(shown),
                "status": list(statuses),
                "lines": list(shown),
                "because": list(because),
                "remedy": [rule.remedy] * len(shown),
                "guidance": ["|".join(rule.guidance)] * len(shown),
            }
        )

    def frame(self) -> pd.DataFrame:
        """All findings as one table."""
        joined = {name: [cell for part in self.parts for cell in part[name]] for name in FINDING_COLUMNS}
        return pd.DataFrame(joined, columns=list(FINDING_COLUMNS), dtype=object)


def condition_names(conditions: Mapping[str, Condition], bits: int) -> tuple[str, ...]:
    """The conditions that a number holds as bits, in their order."""
    return tuple(name for bit, name in enumerate(conditions) if bits >> bit & 1)


def statuses(rule: EditRule, open_bits: Array) -> list[str]:
    """The status of each finding: open conditions make it unknown."""
    return ["unknown" if bits else rule.status for bits in open_bits.tolist()]
