"""Runs every rule over a table of claim lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial

import numpy as np
import pandas as pd

from omsnb.audit.columns import (
    Array,
    Column,
    agreeing,
    charged,
    column_of,
    in_claims,
    readable,
    unread_of,
    with_form,
)
from omsnb.audit.findings import FINDING_COLUMNS, Findings
from omsnb.audit.limit_checks import audit_limit
from omsnb.audit.line_checks import audit_companion, audit_line
from omsnb.audit.lines import Lines
from omsnb.audit.pair_checks import audit_pair
from omsnb.audit.totals import Totals, totals_of
from omsnb.claim_tables import claim_fields
from omsnb.claims import NOTHING_UNREAD, Fault, Unread
from omsnb.edits.report import Report
from omsnb.edits.unread import LOST, UNSURE, lost_words, resting_on, unsure_rules, unsure_words
from omsnb.own_tables import own_tables_read
from omsnb.plan_rules import rules_for


@dataclass(frozen=True)
class Audit:
    """Findings on a table of claim lines, and what could not be read. ``findings`` has the columns FINDING_COLUMNS.

    ``rows``: rows of the table, each read or refused; ``refused``: those that were not read. ``totals``: as in
    ``totals.py``.
    """

    findings: pd.DataFrame
    faults: tuple[Fault, ...]
    rows: int
    refused: int
    totals: Totals = field(default_factory=dict)


def findings_frame(reports: Iterable[Report]) -> pd.DataFrame:
    """The findings of ``check`` as the table that ``audit`` gives."""
    rows = []
    for report in reports:
        patients = {claim.claim: claim.patient for claim in report.claims}
        for finding in report.findings:
            rows.append(
                (
                    patients[finding.lines[0][0]],
                    finding.rule,
                    finding.status,
                    "|".join(f"{claim}:{line}" for claim, line in finding.lines),
                    finding.because,
                    finding.remedy,
                    "|".join(finding.guidance),
                )
            )
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype=object)


def audit(
    frame: pd.DataFrame,
    *,
    first_row: int = 2,
    rows: Array | None = None,
    today: date | None = None,
    unread: Unread = NOTHING_UNREAD,
) -> Audit:
    """Checks a table of claim lines of many patients.

    ``frame``: text or categorical columns as in ``claim-fields.csv``; wanted columns must be there, others may. All
    lines of a patient must be in it, since units of a day and global periods run over them. ``first_row``: number of
    its first row in its file, for faults; ``rows`` gives the number of each row instead. ``today``: the day of the run,
    by which a service lies in the future; by default the day it is. ``unread``: what of the file is not in the table.
    Raises ``ValueError`` for a missing or unknown column.
    """
    known = claim_fields()
    for name in frame.columns:
        if name not in known:
            raise ValueError(f"column: {name!r} is not known; allowed: {', '.join(known)}")
    for entry in known.values():
        if entry.wanted and entry.name not in frame.columns:
            raise ValueError(f"column: {entry.name!r} is missing; wanted: {', '.join(_wanted())}")
    count = len(frame)
    numbers = np.arange(first_row, first_row + count) if rows is None else rows
    columns = {name: column_of(name, frame[name] if name in frame.columns else None, count) for name in known}
    with_form(columns)
    good, faults = readable(columns, numbers, count)
    good, more = agreeing(columns, numbers, good)
    ordered = in_claims(columns, good)
    lines = _lines(columns, numbers, ordered, today or date.today())
    billed = charged(columns, ordered)
    if billed.size < ordered.size:  # lines keep the numbers that they have among all lines of their claim
        number = lines.number[np.isin(ordered, billed)]
        lines = _lines(columns, numbers, billed, today or date.today())
        lines.number = number
    found = Findings(lines)
    with own_tables_read():
        for rule in rules_for(value or "" for value in lines.columns["plan"].values):
            _SHAPES[rule.shape](rule, lines, found)
    faults = sorted((*faults, *more), key=lambda fault: fault.row)
    findings = _with_unread(found.frame(), unread_of(columns, good, count, unread))
    totals = totals_of(findings, found.members, lines)
    return Audit(findings, tuple(faults), count, count - len(good), totals)


def _lines(columns: Mapping[str, Column], numbers: Array, kept: Array, today: date) -> Lines:
    return Lines({name: column.take(kept) for name, column in columns.items()}, numbers[kept], today)


def _with_unread(findings: pd.DataFrame, unread: Unread) -> pd.DataFrame:
    """The findings, those unknown that miss a line which may be among the lines that were not read."""
    if not unread.something or findings.empty:
        return findings
    unsure = findings["rule"].isin(unsure_rules())
    if not unread.anyone:
        unsure &= findings["patient"].isin(unread.patients)
    findings.loc[unsure, "status"] = UNSURE
    findings.loc[unsure, "because"] = findings.loc[unsure, "because"].map(unsure_words)
    told = unsure
    for column in LOST:
        patients = {patient for patient, lost in unread.lost if lost == column}
        if patients:
            blank = findings["rule"].isin(resting_on(column)) & findings["patient"].isin(patients) & ~told
            findings.loc[blank, "status"] = UNSURE
            said = findings.loc[blank, "because"].map(partial(lost_words, column=column))
            findings.loc[blank, "because"] = said
            told = told | blank
    return findings


def _wanted() -> list[str]:
    return [entry.name for entry in claim_fields().values() if entry.wanted]


_SHAPES = {"line": audit_line, "companion": audit_companion, "pair": audit_pair, "limit": audit_limit}
