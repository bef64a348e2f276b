"""The dates in a note, as Americans write them.

A date without a year is taken to be the one nearest to the note's day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_NAME = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DATE = re.compile(
    r"(?<![\w/.:-])(?:"
    r"(?P<y1>20\d\d)-(?P<m1>\d\d)-(?P<d1>\d\d)"
    r"|(?P<m2>\d{1,2})/(?P<d2>\d{1,2})(?:/(?P<y2>20\d\d|\d\d))?"
    r"|(?P<m5>\d{1,2})-(?P<d5>\d{1,2})-(?P<y5>20\d\d|\d\d)"
    r"|(?P<d3>\d{1,2})[ -]" + _NAME.format("n3") + r"(?:[ ,-]{1,2}(?P<y3>20\d\d|\d\d(?=\W)))?"
    r"|" + _NAME.format("n4") + r"[ -](?P<d4>\d{1,2})(?:st|nd|rd|th)?(?:,? (?P<y4>20\d\d))?"
    r")(?![\w/]|[.-]\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in the text. ``sure``: whether its year is written out."""

    day: date
    start: int
    end: int
    sure: bool


def dates_in(text: str, near: date | None = None) -> Iterator[Dated]:
    """The dates in a text.

    ``near``: the day that a date without a year is nearest to; without it such dates are left out.
    """
    for found in _DATE.finditer(text):
        parts = {name: value for name, value in found.groupdict().items() if value}
        number = next(name[1] for name in parts if name[0] == "d")
        month = parts.get(f"m{number}") or str(1 + _MONTHS.index(parts[f"n{number}"][:3].lower()))
        year = parts.get(f"y{number}", "")
        if not year and near is None:
            continue
        years = [int(year) + (2000 if len(year) == 2 else 0)] if year else []
        if not years and near is not None:
            years = [near.year - 1, near.year, near.year + 1]
        days = [made for one in years if (made := _day(one, int(month), int(parts[f"d{number}"])))]
        if days:
            day = min(days, key=lambda one: abs((one - (near or one)).days))
            yield Dated(day, *found.span(), bool(year))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
