"""Findings that rest on the absence of a line, where lines of the file were not read."""

from __future__ import annotations

from dataclasses import replace

from omsnb.claims import Claim, Unread
from omsnb.edit_rules import edit_rules
from omsnb.edits.report import Finding

UNSURE = "unknown"
SHAPE = "companion"
"""The shape of rules that miss a line."""


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
    return tuple(
        replace(finding, status=UNSURE, because=unsure_words(finding.because))
        if finding.rule in rules and unread.may_concern(patients[finding.lines[0][0]])
        else finding
        for finding in findings
    )
