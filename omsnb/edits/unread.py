"""Findings that rest on the absence of a line, where lines of the file were not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, Unread
from omsnb.edit_rules import edit_rules
from omsnb.edits.report import Finding

UNSURE = "unknown"
SHAPE = "companion"
"""The shape of rules that miss a line."""


LOST: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "diagnoses": frozenset(
            {"diagnoses_given", "diagnoses_fit", "pointers_known", "pointers", "pointers_fit"}
        ),
        "tooth": frozenset({"tooth_given"}),
    }
)
"""Columns whose cell may be lost although its line is read, and the conditions that rest on it. A column that is not
here (place, area) is simply unknown to the conditions when its cell is empty."""


def lost_words(because: str, column: str) -> str:
    """What a finding says that rests on a cell which could not be read."""
    label = claim_fields()[column].label.lower()
    return f"{because} But {label} in the file could not be read; so this cannot be told."


@cache
def resting_on(column: str) -> frozenset[str]:
    """The rules that ask something of a line which a lost cell of this column would answer."""
    asked = LOST.get(column, frozenset())
    return frozenset(
        rule.id for rule in edit_rules().values() if asked & (rule.first.keys() | rule.second.keys())
    )


def unsure_words(because: str) -> str:
    """What a finding says that misses a line, when lines were refused that may be the one."""
    return (
        f"{because} But lines of the file were not read, and one of them may be it; so this cannot be told."
    )


def unsure_rules() -> frozenset[str]:
    """The rules whose findings miss a line."""
    return frozenset(rule.id for rule in edit_rules().values() if rule.shape == SHAPE)


def with_unread(
    findings: tuple[Finding, ...], claims: tuple[Claim, ...], unread: Unread
) -> tuple[Finding, ...]:
    """The findings, those unknown that miss a line which may be among the lines that were not read."""
    if not unread.something:
        return findings
    patients = {claim.claim: claim.patient for claim in claims}
    rules = unsure_rules()

    def told(finding: Finding) -> Finding:
        patient = patients[finding.lines[0][0]]
        if finding.rule in rules and unread.may_concern(patient):
            return replace(finding, status=UNSURE, because=unsure_words(finding.because))
        for column in LOST:
            if (patient, column) in unread.lost and finding.rule in resting_on(column):
                return replace(finding, status=UNSURE, because=lost_words(finding.because, column))
        return finding

    return tuple(map(told, findings))
