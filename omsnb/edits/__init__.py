"""``check``: reads claims line by line against the edits and says what a payer would refuse, and why.

Limits by the day and global periods are counted over all claims given, for one patient and one billing provider; what a
service rests on is looked for over all providers of the patient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from omsnb.claims import NOTHING_UNREAD, Claim, Unread
from omsnb.edit_rules import EditRule
from omsnb.edits.facts import LineFacts, line_facts
from omsnb.edits.report import Considered, Finding, LineKey, Report
from omsnb.edits.shapes import SHAPES
from omsnb.edits.unread import with_unread
from omsnb.edits.why_not import why_not
from omsnb.own_tables import own_tables_read
from omsnb.plan_rules import rules_for

__all__ = ["Considered", "Finding", "Report", "check", "find"]


def check(claims: Iterable[Claim], today: date | None = None, *, unread: Unread = NOTHING_UNREAD) -> Report:
    """Checks claims against all edits.

    ``claims``: all claims that belong together, since units of a day and global periods run over them. ``today``: the
    day of the run, by which a service lies in the future; by default the day it is. ``unread``: what of their file was
    not read; no finding rests on the absence of a line that may be among it. Returns a ``Report``; its findings stand
    in the order of the rules, then of the lines. Lines that are equal in all that a rule about two lines asks share one
    finding, which names and counts them; of several such first lines the nearest by date is named.
    """
    given = tuple(claims)
    with own_tables_read():
        lines = line_facts(_charged(given), today or date.today())
        rules = rules_for(claim.plan for claim in given)
        found, silent = _found(lines, rules)
        findings = with_unread(found, given, unread)
        fired = {finding.rule for finding in findings}
        considered = [
            Considered(rule.id, silent.get(rule.id) or why_not(rule, lines))
            for rule in rules
            if rule.id not in fired
        ]
    return Report(given, findings, tuple(considered), incomplete=unread.something)


def find(claims: Iterable[Claim], today: date | None = None) -> tuple[Finding, ...]:
    """The findings of ``check`` alone, without the reasons of the rules that found nothing."""
    given = tuple(claims)
    with own_tables_read():
        lines = line_facts(_charged(given), today or date.today())
        return _found(lines, rules_for(claim.plan for claim in given))[0]


def _charged(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims without lines that take an earlier one back, which no rule speaks of."""
    return tuple(
        replace(claim, lines=tuple(line for line in claim.lines if not line.reversal))
        if any(line.reversal for line in claim.lines)
        else claim
        for claim in claims
    )


def _found(lines: list[LineFacts], rules: tuple[EditRule, ...]) -> tuple[tuple[Finding, ...], dict[str, str]]:
    """The findings, and for a rule that has none because it yielded to others the reason."""
    by_patient: dict[str, list[LineFacts]] = defaultdict(list)
    by_provider: dict[tuple[str, str], list[LineFacts]] = defaultdict(list)
    for entry in lines:
        by_patient[entry.claim.patient].append(entry)
        by_provider[entry.claim.patient, entry.claim.provider].append(entry)
    findings: list[Finding] = []
    told: dict[str, set[LineKey]] = {other: set() for rule in rules for other in rule.yields_to}
    silent: dict[str, str] = {}
    for rule in rules:
        groups = by_provider.values() if rule.across == "provider" else by_patient.values()
        placed = sorted(SHAPES[rule.shape](rule, groups), key=lambda pair: pair[0])
        if not placed:
            continue
        said = {key for other in rule.yields_to for key in told[other]}
        own = [finding for _, finding in placed if not said.issuperset(finding.lines)]
        if not own:
            silent[rule.id] = f"Another check says it of these lines: {', '.join(rule.yields_to)}."
        if rule.id in told:
            told[rule.id].update(key for finding in own for key in finding.lines)
        findings += own
    return tuple(findings), silent
