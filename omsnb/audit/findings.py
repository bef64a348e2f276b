"""What the checks found, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from omsnb.audit.columns import Array
from omsnb.audit.lines import Lines
from omsnb.edit_rules import Condition, EditRule, edit_rules

FINDING_COLUMNS = ("patient", "rule", "status", "lines", "because", "remedy", "guidance")


class Findings:
    """Collects findings and writes their sentences, each different one once."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.parts: list[dict[str, Any]] = []
        self.members: list[Sequence[int]] = []
        self.told: dict[str, Array] = {
            other: np.zeros(lines.count, dtype=bool)
            for rule in edit_rules().values()
            for other in rule.yields_to
        }

    def add(
        self,
        rule: EditRule,
        members: Sequence[Sequence[int]],
        statuses: Sequence[str],
        because: Sequence[str],
        remedies: Sequence[str] = (),
    ) -> None:
        """Adds findings of one rule, each with its lines, in their order.

        ``remedies``: one for each finding where they differ. A finding is left out if rules to which this one yields
        have named all its lines.
        """
        kept = list(range(len(members)))
        if rule.yields_to:
            said = np.logical_or.reduce([self.told[other] for other in rule.yields_to])
            kept = [at for at in kept if not said[list(members[at])].all()]
        if not kept:
            return
        if rule.id in self.told:
            for at in kept:
                self.told[rule.id][list(members[at])] = True
        patient, key = self.lines.columns["patient"], self.lines.key
        self.members += [members[at] for at in kept]
        self.parts.append(
            {
                "patient": [patient.values[patient.places[members[at][0]]] for at in kept],
                "rule": [rule.id] * len(kept),
                "status": [statuses[at] for at in kept],
                "lines": ["|".join(map(key, members[at])) for at in kept],
                "because": [because[at] for at in kept],
                "remedy": [remedies[at] for at in kept] if remedies else [rule.remedy] * len(kept),
                "guidance": ["|".join(rule.guidance)] * len(kept),
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
