"""What a check found: findings on lines, and the rules that found nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omsnb.claims import Claim
from omsnb.edit_rules import STATUSES
from omsnb.standing import cited, standing
from omsnb.tables import guidance, sources

INCOMPLETE = "incomplete"

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

    @property
    def cited(self) -> tuple[str, ...]:
        """Those authorities as one cites them: title, section, address, day."""
        return cited(self.guidance)

    @property
    def overruled(self) -> tuple[str, ...]:
        """The statements among those cited that current rules overrule, each with what holds instead."""
        marks = ((id, standing(id)) for id in self.guidance)
        return tuple(f"{id}: {mark}" for id, mark in marks if mark and mark.overruled)


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that found nothing, and why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Report:
    """Findings on claims, and the rules that found nothing. ``incomplete``: a part of their file was not read."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...]
    incomplete: bool = False

    def of_status(self, *statuses: str) -> tuple[Finding, ...]:
        """The findings of these statuses."""
        return tuple(finding for finding in self.findings if finding.status in statuses)

    @property
    def worst(self) -> str:
        """``incomplete`` where a part of the file was not read, else the worst status of the findings."""
        return worst_of((finding.status for finding in self.findings), self.incomplete)


def worst_of(statuses: Iterable[str], incomplete: bool) -> str:
    """The one word for a check: ``incomplete``, or the worst status there is, or ``ok`` when nothing was found.

    ``incomplete``: a part of the file was not read. It goes before all others, since what was not read may be worse.
    """
    found = set(statuses)
    return INCOMPLETE if incomplete else next((status for status in STATUSES if status in found), "ok")
