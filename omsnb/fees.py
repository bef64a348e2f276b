"""What Medicare's fee schedule says a code is worth: relative value units, and the national amount that follows.

The rows stand in ``rvus.csv``, the releases with their conversion factors in ``fee-releases.csv``. An amount is the
national one: units of value times the factor, before locality, sequestration, and any reduction for several procedures,
assistants or both sides. None of those is applied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any

from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import codes, sources

COMPONENTS: Mapping[str, str] = {"": "whole service", "26": "reading (26)", "TC": "taking (TC)"}
OFFICE, FACILITY = "office", "facility"
PRICED = ("A", "R", "T")
"""Status indicators under which RVUs become an amount."""

NOT_APPLIED = (
    "National amount: no locality, no share of the patient; reductions for several procedures are not applied."
)
RVU = re.compile(r"[0-9]{1,3}\.[0-9]{2}")
FACTOR = re.compile(r"[0-9]{2}\.[0-9]{4}")
INDICATORS = ("0", "1", "2", "3", "4", "9")


@dataclass(frozen=True, slots=True)
class FeeRelease:
    """A release of the fee schedule. ``factor``, ``other_factor``: dollars a unit, and for whom."""

    release: str
    begins: str
    factor: Decimal
    other_factor: Decimal
    factor_for: str
    other_factor_for: str
    source: str


@dataclass(frozen=True, slots=True)
class Rvu:
    """Relative value units of a code or of one of its components.

    ``component``: a key of ``COMPONENTS``. ``office_priced``, ``facility_priced``: whether the schedule prices the
    service at that kind of place. The indicators say which rule holds: ``multiple_procedure``, ``assistant``,
    ``co_surgeon``, ``team``.
    """

    code: str
    component: str
    release: str
    work: Decimal
    office: Decimal
    facility: Decimal
    malpractice: Decimal
    office_priced: bool
    facility_priced: bool
    multiple_procedure: str
    assistant: str
    co_surgeon: str
    team: str

    def total(self, rate: str) -> Decimal:
        """All units at a kind of place, ``office`` or ``facility``."""
        return self.work + self.malpractice + (self.office if rate == OFFICE else self.facility)


@cache
def fee_releases() -> Mapping[str, FeeRelease]:
    """The releases by name. Raises ``DataError`` naming row and column."""

    def make(line: Line) -> FeeRelease:
        return FeeRelease(
            line.wanted("release"),
            line.day("from"),
            Decimal(line.matching("factor", FACTOR, "33.4009")),
            Decimal(line.matching("other_factor", FACTOR, "33.5675")),
            line.wanted("factor_for"),
            line.wanted("other_factor_for"),
            line.listed("source", sources()),
        )

    columns = ("release", "from", "factor", "other_factor", "factor_for", "other_factor_for", "source")
    return by_id(read_lines("fee-releases.csv", columns), "release", make)


SCHEDULE_INDICATORS = ("multiple_procedure", "assistant", "co_surgeon", "team")
"""Indicators of the fee schedule that stand in ``rvus.csv``; those of ``codes.csv`` come on top."""


def schedule_indicator(code: str, name: str) -> str:
    """One of ``SCHEDULE_INDICATORS`` of a code; empty where the schedule does not list it."""
    entry = rvus().get((code, ""))
    return str(getattr(entry, name)) if entry else ""


def schedule_source(code: str) -> str:
    """The source that holds a code's ``SCHEDULE_INDICATORS``; empty where the schedule does not list it."""
    entry = rvus().get((code, ""))
    return fee_releases()[entry.release].source if entry else ""


@cache
def rvus() -> Mapping[tuple[str, str], Rvu]:
    """The units by code and component. Raises ``DataError`` naming row and column."""
    columns = (
        "code component release work office facility malpractice office_priced facility_priced "
        "multiple_procedure assistant co_surgeon team"
    ).split()

    def number(line: Line, column: str) -> Decimal:
        return Decimal(line.matching(column, RVU, "7.35"))

    found = {}
    for line in read_lines("rvus.csv", columns, key=("code", "component")):
        entry = Rvu(
            line.listed("code", codes()),
            line.one_of("component", *COMPONENTS),
            line.listed("release", fee_releases()),
            number(line, "work"),
            number(line, "office"),
            number(line, "facility"),
            number(line, "malpractice"),
            line.yes("office_priced"),
            line.yes("facility_priced"),
            line.one_of("multiple_procedure", *INDICATORS),
            line.one_of("assistant", "0", "1", "2", "9"),
            line.one_of("co_surgeon", "0", "1", "2", "9"),
            line.one_of("team", "0", "1", "2", "9"),
        )
        found[entry.code, entry.component] = entry
    return found


def amount(entry: Rvu, rate: str, *, other: bool = False) -> Decimal | None:
    """The national Medicare amount in dollars; None where the schedule sets none at that kind of place.

    ``rate``: ``office`` or ``facility``. ``other``: by the second conversion factor of the release.
    """
    priced = entry.office_priced if rate == OFFICE else entry.facility_priced
    if codes()[entry.code].medicare_status not in PRICED or not priced or not (total := entry.total(rate)):
        return None
    release = fee_releases()[entry.release]
    factor = release.other_factor if other else release.factor
    return (total * factor).quantize(Decimal("0.01"), ROUND_HALF_UP)


def component_of(code: str, modifiers: tuple[str, ...]) -> str:
    """Which row of the schedule a line's modifiers mean: 26, TC, or the whole service."""
    named = [mark for mark in modifiers if mark and (code, mark) in rvus() and mark in COMPONENTS]
    return named[0] if len(named) == 1 else ""


def worth_data(code: str, modifiers: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What a code is worth, for JSON, a row for each component; with 26 or TC among ``modifiers`` that one alone.

    Empty for a code that the fee schedule does not list. Amounts are text with two decimals, or None where the schedule
    sets none.
    """
    wanted = [component_of(code, modifiers)] if modifiers else list(COMPONENTS)
    found = []
    for component in wanted:
        entry = rvus().get((code, component))
        if entry is None:
            continue
        release = fee_releases()[entry.release]
        found.append(
            {
                "component": component or None,
                "release": entry.release,
                "effective": release.begins,
                "conversion_factor": str(release.factor),
                "other_conversion_factor": str(release.other_factor),
                "work": str(entry.work),
                "malpractice": str(entry.malpractice),
                OFFICE: _rate(entry, OFFICE),
                FACILITY: _rate(entry, FACILITY),
                "multiple_procedure": entry.multiple_procedure,
                "assistant": entry.assistant,
                "co_surgeon": entry.co_surgeon,
                "team": entry.team,
            }
        )
    return found


def _rate(entry: Rvu, rate: str) -> dict[str, str | None]:
    paid, other = amount(entry, rate), amount(entry, rate, other=True)
    return {
        "expense": str(entry.office if rate == OFFICE else entry.facility),
        "total": str(entry.total(rate)),
        "amount": None if paid is None else str(paid),
        "other_amount": None if other is None else str(other),
    }


def factors_text(release: str) -> str:
    """The conversion factors of a release, and what an amount does not hold, in sentences."""
    named = fee_releases()[release]
    return (
        f"Release {named.release}, from {named.begins}: {named.factor} dollars a unit for {named.factor_for}, "
        f"{named.other_factor} for {named.other_factor_for}. {NOT_APPLIED}"
    )


def worth_text(worth: Mapping[str, Any]) -> str:
    """One row of ``worth_data`` in a line for people."""
    shown = []
    for rate in (OFFICE, FACILITY):
        paid = worth[rate]["amount"]
        shown.append(f"{rate} {worth[rate]['total']} RVU, {f'${paid}' if paid else 'no amount set'}")
    return (
        f"{COMPONENTS[worth['component'] or '']}: {'; '.join(shown)} "
        f"({worth['release']} from {worth['effective']}, factor {worth['conversion_factor']})"
    )
