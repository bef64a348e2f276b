"""The edition of the manual: its number, its code year, when it was reviewed, and the sources it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from omsnb.reading import read_toml
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
    raw = read_toml(FILE)
    raw.keys(Edition.__dataclass_fields__)
    found = Edition(
        edition=raw.text("edition"),
        code_year=raw.whole("code_year"),
        day=raw.day("day"),
        valid_until=raw.day("valid_until"),
        paper_day=raw.day("paper_day"),
        reviewed=raw.text("reviewed"),
        reviewed_shown=raw.text("reviewed_shown"),
        sources=raw.texts("sources", sources(), "sources.csv"),
    )
    if not found.valid_until.startswith(f"{found.code_year}-"):
        raise raw.error("valid_until", f"{found.valid_until} is not a day of the code year {found.code_year}")
    try:
        date.fromisoformat(f"{found.reviewed}-01")
    except ValueError:
        raise raw.error("reviewed", f"{found.reviewed!r} is not a month such as 2026-01") from None
    return found


def run_out_text(today: date) -> str:
    """The warning for a day after the code year, or an empty text."""
    shown = edition()
    if not shown.has_run_out(today):
        return ""
    return (
        f"The code year {shown.code_year} ended on {shown.valid_until}; "
        "this edition may be out of date, so check every code against the current code sets."
    )
