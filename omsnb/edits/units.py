"""How many units a day may hold: unit limits by date, and the units of prolonged services."""

from __future__ import annotations

from bisect import bisect_right
from functools import cache

from omsnb.coding import units_of
from omsnb.edit_rules import EditRule
from omsnb.records import UnitLimit
from omsnb.tables import mue, tables

LINE_LIMIT = "1"
"""The adjudication indicator of a limit for each claim line; the others are limits of the day."""


OVER, PERHAPS = "over", "perhaps"


def judge_units(rule: EditRule, limit: UnitLimit | None, sure: int, possible: int) -> str:
    """Judges units against a limit: ``over``, ``perhaps`` (it cannot be told), or empty where all is well.

    ``sure``: units of the lines that surely fall under the rule; ``possible``: with those that may. Without a limit for
    that day more than one unit cannot be judged.
    """
    if limit is None:
        return PERHAPS if possible > 1 else ""
    if limit.units < rule.least or possible <= limit.units:
        return ""
    return OVER if sure > limit.units else PERHAPS


@cache
def prolonged_units(base: str, add_on: str, minutes: int) -> int:
    """Units of a prolonged-service code that a top-level visit of so many minutes gives, by the decision table.

    ``base``: the visit's code. ``add_on``: the prolonged code. ``minutes``: clinician's time on the day.
    """
    for row in tables()["prolonged"].rows:
        if (
            row.report == add_on
            and base in row.conditions["em_code"]
            and minutes in row.conditions["minutes"]
        ):
            return int(units_of(row, {"minutes": range(minutes, minutes + 1)}))
    return 0


@cache
def least_minutes(code: str) -> int | None:
    """Minutes from which a visit's level may be chosen by time, by the decision table; None for other codes."""
    for row in tables()["visit-by-time"].rows:
        minutes = row.conditions.get("minutes")
        if row.report == code and isinstance(minutes, range):
            return minutes.start
    return None


@cache
def limits_of(code: str) -> tuple[tuple[str, ...], tuple[UnitLimit, ...]]:
    """The unit limits of a code with the days from which they hold, oldest first."""
    found = tuple(limit for limit in mue() if limit.code == code)
    return tuple(limit.effective for limit in found), found


def limit_on(code: str, day: str) -> UnitLimit | None:
    """The unit limit of a code on a day (``2026-10-15``); None where the manual holds none for that day."""
    days, found = limits_of(code)
    place = bisect_right(days, day)
    return found[place - 1] if place else None
