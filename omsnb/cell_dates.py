"""Dates as files write them: which days a cell may mean, and which way round a column has month and day.

A cell with one reading is read; one with two, such as 03/04/2026, is read only where another cell of its column, or
the person who asks, settles the order. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from omsnb.edition import edition

ORDERS = ("mdy", "dmy")
"""Month before day, and day before month."""

MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
TIME = re.compile(
    r"[T ]+[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?$"
)
YEAR_FIRST = re.compile(r"([0-9]{4})[-/. ]([0-9]{1,2})[-/. ]([0-9]{1,2})")
YEAR_LAST = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4}|[0-9]{2})")
DIGITS = re.compile(r"[0-9]{8}")
SERIAL = re.compile(r"([0-9]{5})(\.[0-9]+)?")
DAY_NAMED = re.compile(r"([0-9]{1,2})[-/. ]*([A-Za-z]{3,9})\.?[-/., ]*([0-9]{4}|[0-9]{2})")
MONTH_NAMED = re.compile(r"([A-Za-z]{3,9})\.?[-/. ]*([0-9]{1,2})(?:st|nd|rd|th)?[-/., ]+([0-9]{4}|[0-9]{2})")
WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)

FIRST_SERIAL, LAST_SERIAL = date(1900, 1, 1), date(2100, 1, 1)
BEFORE_SERIALS = date(1899, 12, 30)
"""The day from which spreadsheets count, for every day after February 1900."""

OLDEST = 105
"""Years that a patient may count; it settles most birth years of two digits."""

AHEAD = 1
"""Years from now that a service of a two-digit year may lie ahead."""


def day_readings(text: str, birth: bool = False) -> dict[str, date]:
    """The days that a cell may mean, by the order of month and day; under an empty key where the order says nothing.

    ``text``: as it stands in the file. ``birth``: a day of birth, for which a year of two digits means another century.
    Empty where it is no date.
    """
    text = WEEKDAY.sub("", text.strip(), count=1)
    bare = TIME.sub("", text).strip()
    if found := YEAR_FIRST.fullmatch(bare):
        return _days({"": (found[1], found[2], found[3])}, birth)
    if found := YEAR_LAST.fullmatch(bare):
        return _days({"mdy": (found[3], found[1], found[2]), "dmy": (found[3], found[2], found[1])}, birth)
    if DIGITS.fullmatch(bare):
        year_last = bare[4:]
        return _days({"": (bare[:4], bare[4:6], bare[6:])}, birth, plain=True) or _days(
            {"mdy": (year_last, bare[:2], bare[2:4]), "dmy": (year_last, bare[2:4], bare[:2])},
            birth,
            plain=True,
        )
    if found := SERIAL.fullmatch(bare):
        day = BEFORE_SERIALS + timedelta(int(found[1]))
        return {"": day} if FIRST_SERIAL <= day < LAST_SERIAL else {}
    if found := DAY_NAMED.fullmatch(bare):
        return _days({"": (found[3], _month(found[2]), found[1])}, birth)
    if found := MONTH_NAMED.fullmatch(bare):
        return _days({"": (found[3], _month(found[1]), found[2])}, birth)
    return {}


def is_serial(text: str) -> bool:
    """Whether a cell is a spreadsheet's number of a day."""
    return SERIAL.fullmatch(text.strip()) is not None


def _month(name: str) -> str:
    """The number of a month by its English name, whole or shortened; 0 for another word."""
    name = name.lower()
    return str(
        next(
            (
                at
                for at, full in enumerate(MONTHS, 1)
                if name in (full, full[:3]) or name == full[:4] == "sept"
            ),
            0,
        )
    )


def _days(readings: dict[str, tuple[str, str, str]], birth: bool, plain: bool = False) -> dict[str, date]:
    found: dict[str, date] = {}
    for order, (year, month, day) in readings.items():
        for full in _years(year, birth):
            try:
                read = date(full, int(month), int(day))
            except ValueError:
                continue
            if plain and not 1880 <= full <= 2200:
                continue
            found[order if order not in found else f"{order} {full}"] = read
    return found


def _years(text: str, birth: bool) -> list[int]:
    """The years that a text may mean; two for a birth year of two digits that fits a child and a very old patient."""
    if len(text) == 4:
        return [int(text)]
    now = int(edition().day[:4])
    this, last = 2000 + int(text), 1900 + int(text)
    if not birth:
        return [this] if this <= now + AHEAD else [last]
    years = [this] if this <= now else []
    return [*years, *([last] if now - last <= OLDEST else [])] or [this]


def order_of(cells: Iterable[str]) -> str:
    """The order of month and day in a column: ``mdy`` or ``dmy`` where some cell can be read in one way alone.

    Empty where no cell settles it, or where cells settle it differently.
    """
    seen: set[str] = set()
    for text in cells:
        orders = {order.partition(" ")[0] for order in day_readings(text)} & set(ORDERS)
        if len(orders) == 1:
            seen |= orders
            if len(seen) > 1:
                return ""
    return next(iter(seen), "")


def read_day(text: str, order: str = "", birth: bool = False) -> tuple[date, bool]:
    """The day of a cell, and whether ``order`` (of ``ORDERS``) had to settle it.

    Raises ``ValueError`` with one sentence for what is no date, has two readings that nothing settles, or is against
    the order.
    """
    found = day_readings(text, birth)
    if not found:
        raise ValueError(f"{text!r} is not allowed; allowed: a date as year-month-day, such as 2026-03-12")
    if order and "" not in found:
        fitting = {name: day for name, day in found.items() if name.startswith(order)}
        if not fitting:
            raise ValueError(f"{text!r} is no date in the order {order}, in which this column is read")
        settled = len(set(found.values())) > 1
        found = fitting
    else:
        settled = False
    days = sorted(set(found.values()))
    if len(days) == 1:
        return days[0], settled
    if {name.partition(" ")[0] for name in found} >= set(ORDERS):
        said = f"say which with --dates mdy or --dates dmy (here {_spelled(found, 'mdy')} or {_spelled(found, 'dmy')})"
    else:
        said = "write the year with four digits"
    raise ValueError(f"{text!r} can be read as {' or '.join(day.isoformat() for day in days)}; {said}")


def _spelled(found: dict[str, date], order: str) -> str:
    return f"{found[order]:%Y-%m-%d}" if order in found else order
