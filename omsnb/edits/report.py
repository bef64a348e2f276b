"""What a check found: findings on lines, and the rules that found nothing."""

from __future__ import annotations

from dataclasses import dataclass

from omsnb.claims import Claim
from omsnb.edit_rules import STATUSES
from omsnb.tables import guidance, sources

LineKey = tuple[str, int]
"""A claim and the number of a line on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one or more lines."""

    rule: str
    status: str
    lines: tuple[LineKey, ...]
    because: str
    remedy: str
    guidance: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Titles of the authorities behind the rule."""
        return tuple(dict.fromkeys(sources()[guidance()[id].source].title for id in self.guidance))


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that found nothing, and why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Report:
    """Findings on claims, and the rules that found nothing."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...]

    def of_status(self, *statuses: str) -> tuple[Finding, ...]:
        """The findings of these statuses."""
        return tuple(finding for finding in self.findings if finding.status in statuses)

    @property
    def worst(self) -> str:
        """The worst status there is; ``ok`` when nothing was found."""
        found = {finding.status for finding in self.findings}
        return next((status for status in STATUSES if status in found), "ok")
