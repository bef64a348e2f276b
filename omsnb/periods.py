"""Global periods: which calendar days belong to a procedure, and by when a splint must be made.

Source: CMS Global Surgery booklet (MLN 907166) and Claims Processing Manual, chapter 12, section 40.1. Calendar days
count, weekends too. The number of days belongs to the code (``codes.csv``); its meaning stands in ``data/periods.csv``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from omsnb.claim_tables import period_kinds
from omsnb.tables import codes

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Period:
    """The days of one procedure's global period, both ends inside, and the first day after it."""

    days: str
    procedure: date
    first: date
    last: date
    first_free: date

    @property
    def length(self) -> int:
        """Calendar days in the period, both ends counted."""
        return (self.last - self.first).days + 1

    def holds(self, day: date) -> bool:
        """Whether a day lies in the period."""
        return self.first <= day <= self.last


def day_offsets(days: str) -> tuple[int, int] | None:
    """Days before and after the procedure that a period covers, such as ``(1, 90)`` for ``090``.

    ``days``: the indicator of the fee schedule. None for an indicator without a period (``XXX``, ``YYY``, ``ZZZ`` or
    empty): such a code has none, or the payer sets it.
    """
    kind = period_kinds().get(days)
    return (kind.before, kind.after) if kind else None


def global_period(days: str, procedure: date) -> Period:
    """The global period of a procedure.

    ``days``: ``000`` (the day alone), ``010`` (and 10 days after) or ``090`` (the day before, and 90 days after).
    Raises ``ValueError`` for another indicator and for a date so near the calendar's end that no period fits.
    """
    offsets = day_offsets(days)
    if offsets is None:
        raise ValueError(f"days: {days!r} is not allowed; allowed: {', '.join(period_kinds())}")
    before, after = offsets
    try:
        first, last = procedure - timedelta(before), procedure + timedelta(after)
        return Period(days, procedure, first, last, last + timedelta(1))
    except OverflowError:
        raise ValueError(f"procedure: {procedure} is too near the end of the calendar") from None


def last_safe_date(days: str, surgery: date) -> date:
    """The last day on which a procedure with this period leaves the surgery outside its period.

    For a splint with 10 days it is the 11th day before the surgery. Raises ``ValueError`` as ``global_period`` does.
    """
    offsets = day_offsets(days)
    if offsets is None:
        raise ValueError(f"days: {days!r} is not allowed; allowed: {', '.join(period_kinds())}")
    try:
        return surgery - timedelta(offsets[1] + 1)
    except OverflowError:
        raise ValueError(f"surgery: {surgery} is too near the start of the calendar") from None


def period_of(code: str, procedure: date) -> Period:
    """The global period of a code of the manual; ``ValueError`` for an unknown code or one without a period."""
    if code not in codes():
        raise ValueError(f"code: {code!r} is not known to the manual")
    days = codes()[code].global_days
    if day_offsets(days) is None:
        said = f"its indicator is {days}" if days else "the manual has no indicator for it"
        raise ValueError(f"code: {code} has no global period that can be counted; {said}")
    return global_period(days, procedure)


def read_date(text: str, field: str = "date") -> date:
    """Reads a date such as ``2026-03-12``; ``ValueError`` names the field, the text and what is allowed."""
    try:
        if not DAY.fullmatch(text):  # fromisoformat alone would take weeks, such as 2026-W10-1
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{field}: {text!r} is not a date; allowed is year-month-day, such as 2026-03-12"
        ) from None
