"""The edition of the manual: its number, its code year, when it was reviewed, and the sources it rests on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache

from omsnb.reading import DataError, data_folder
from omsnb.tables import sources

FILE = "edition.toml"


@dataclass(frozen=True, slots=True)
class Edition:
    """What ``data/edition.toml`` says.

    ``day``: the day of the service where none is given. ``valid_until``: the last day of the code year. ``paper_day``:
    the day on which the paper's lists are compared. ``sources``: ids.
    """

    edition: str
    code_year: int
    day: str
    valid_until: str
    paper_day: str
    reviewed: str
    reviewed_shown: str
    sources: tuple[str, ...]

    def has_run_out(self, today: date) -> bool:
        """Whether the code year is over on a day."""
        return today > date.fromisoformat(self.valid_until)


@cache
def edition() -> Edition:
    """The edition; raises ``DataError`` for a missing or unknown key, a bad date or an unknown source."""
    raw = tomllib.loads((data_folder() / FILE).read_text(encoding="utf-8"))
    wanted = set(Edition.__dataclass_fields__)
    if set(raw) != wanted:
        raise DataError(f"data/{FILE}: the keys must be {', '.join(sorted(wanted))}")
    for id in raw["sources"]:
        if id not in sources():
            raise DataError(f"data/{FILE}, sources: {id!r} is not in sources.csv")
    for key in ("day", "valid_until", "paper_day"):
        try:
            date.fromisoformat(raw[key])
        except (TypeError, ValueError):
            raise DataError(f"data/{FILE}, {key}: {raw[key]!r} is not a date such as 2026-12-31") from None
    return Edition(**{**raw, "sources": tuple(raw["sources"])})


def run_out_text(today: date) -> str:
    """The warning for a day after the code year, or an empty text."""
    shown = edition()
    if not shown.has_run_out(today):
        return ""
    return (
        f"The code year {shown.code_year} ended on {shown.valid_until}; "
        "this edition may be out of date, so check every code against the current code sets."
    )
