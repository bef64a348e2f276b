"""``check``: reads claims line by line against the edits and says what a payer would refuse, and why.

Limits by the day and global periods are counted over all claims given, for one patient and one billing provider.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from omsnb.claims import NOTHING_UNREAD, Claim, Unread
from omsnb.edit_rules import edit_rules
from omsnb.edits.facts import LineFacts, line_facts
from omsnb.edits.report import Considered, Finding, Report
from omsnb.edits.shapes import SHAPES
from omsnb.edits.unread import with_unread
from omsnb.edits.why_not import why_not

__all__ = ["Considered", "Finding", "Report", "check", "find"]


def check(claims: Iterable[Claim], *, unread: Unread = NOTHING_UNREAD) -> Report:
    """Checks claims against all edits.

    ``claims``: all claims that belong together, since units of a day and global periods run over them. ``unread``: what
    of their file was not read; no finding rests on the absence of a line that may be among it. Returns a ``Report``;
    its findings stand in the order of the rules, then of the lines.
    """
    given = tuple(claims)
    findings = with_unread(find(given), given, unread)
    fired = {finding.rule for finding in findings}
    lines = line_facts(given)
    considered = [
        Considered(rule.id, why_not(rule, lines)) for rule in edit_rules().values() if rule.id not in fired
    ]
    return Report(given, findings, tuple(considered), incomplete=unread.something)


def find(claims: Iterable[Claim]) -> tuple[Finding, ...]:
    """The findings of ``check`` alone, without the reasons of the rules that found nothing."""
    groups: dict[tuple[str, str], list[LineFacts]] = defaultdict(list)
    for entry in line_facts(claims):
        groups[entry.group].append(entry)
    findings: list[Finding] = []
    for rule in edit_rules().values():
        placed = sorted(SHAPES[rule.shape](rule, groups.values()), key=lambda pair: pair[0])
        findings += [finding for _, finding in placed]
    return tuple(findings)
