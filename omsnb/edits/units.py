"""How many units a day may hold: unit limits by date, and the units of prolonged services."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from omsnb.edit_rules import EditRule
from omsnb.of_rows import units_of
from omsnb.own_tables import OwnTables, own_limits, own_tables
from omsnb.records import DAY, UnitLimit
from omsnb.tables import mue, tables

LINE_LIMIT = "1"
"""The adjudication indicator of a limit for each claim line; the others are limits of the day."""


OVER, PERHAPS = "over", "perhaps"


@dataclass(frozen=True, slots=True)
class HeldLimit:
    """What the manual holds of a code's unit limit on a day.

    ``limit``: the limit that holds, by the newest table of that day or one that a later table confirms; None where it
    is not known. ``differing``: the tables before and after the day that do not agree, so that nobody can tell.
    ``without``: the practice's own table that holds on the day and has no limit of the code, from the day ``since``.
    """

    limit: UnitLimit | None = None
    differing: tuple[UnitLimit, ...] = ()
    without: str = ""
    since: str = ""

    @property
    def mai(self) -> str:
        """The adjudication indicator; empty where no limit is known."""
        return self.limit.mai if self.limit else ""


def judge_units(rule: EditRule, held: HeldLimit, sure: int, possible: int) -> str:
    """Judges units against a limit: ``over``, ``perhaps`` (it cannot be told), or empty where all is well.

    ``sure``: units of the lines that surely fall under the rule; ``possible``: with those that may. Without a limit for
    that day more than one unit cannot be judged; between two tables that differ, more than the lower one.
    """
    if held.limit is None:
        fine = lowest_limit(rule, held.differing) if held.differing else 1 if rule.most is None else None
        return PERHAPS if fine is not None and possible > fine else ""
    if not rule.speaks_of(held.limit.units) or possible <= held.limit.units:
        return ""
    return OVER if sure > held.limit.units else PERHAPS


def lowest_limit(rule: EditRule, limits: tuple[UnitLimit, ...]) -> int | None:
    """The lowest of these limits that the rule speaks of; None where it speaks of none."""
    return min((limit.units for limit in limits if rule.speaks_of(limit.units)), default=None)


@cache
def prolonged_units(base: str, add_on: str, minutes: int, day: int) -> int:
    """Units of a prolonged-service code that a top-level visit of so many minutes gives, by the decision table.

    ``base``: the visit's code. ``add_on``: the prolonged code. ``minutes``: clinician's time on the day.
    ``day``: of the service, as ``date.toordinal`` counts.
    """
    for row in tables()["prolonged"].rows:
        if (
            row.report == add_on
            and base in row.conditions["em_code"]
            and minutes in row.conditions["minutes"]
            and day in row.conditions.get(DAY, (day,))
        ):
            return int(units_of(row, {"minutes": range(minutes, minutes + 1)}))
    return 0


def limits_of(code: str) -> tuple[UnitLimit, ...]:
    """The unit limits of a code, oldest first: from the first day of a practice's own files on, those of its files."""
    return _limits_of(code, own_tables())


@lru_cache(maxsize=2**16)
def _limits_of(code: str, own: OwnTables) -> tuple[UnitLimit, ...]:
    first = own.limits[0][0].effective if own.limits else ""
    held = (limit for limit in mue() if limit.code == code and (not first or limit.effective < first))
    return (*held, *own_limits(own, code))


def quarter_end(day: str) -> str:
    """The last day of the quarter of a day, as ``2026-06-30``: until then a table of that quarter holds."""
    given = date.fromisoformat(day)
    month = (given.month + 2) // 3 * 3
    return f"{given.year:04d}-{month:02d}-{30 if month in (6, 9) else 31}"


def limit_on(code: str, day: str) -> HeldLimit:
    """The unit limit of a code on a day (``2026-10-15``).

    A table holds for its quarter. After that its limit carries on where the next table that is held says the same, or
    none is; where the two differ it is not known. A practice's own table is whole: what it leaves out has no limit.
    """
    found = limits_of(code)
    place = bisect_right(found, day, key=lambda limit: limit.effective)
    file = own_tables().limits_file(day)
    if file and not (place and found[place - 1].effective == file.effective):
        return HeldLimit(without=file.source, since=file.effective)
    if not place:
        return HeldLimit()
    limit, following = found[place - 1], found[place : place + 1]
    if following and day > quarter_end(limit.effective):
        (later,) = following
        if (later.units, later.mai) != (limit.units, limit.mai):
            return HeldLimit(None, (limit, later))
    return HeldLimit(limit)
