"""Global periods: the days that CMS itself counts, and the edges of years and leap years."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omsnb.periods import global_period, last_safe_date, period_of, read_date
from omsnb.tables import codes
from omsnb.timeline import timeline_svg


@pytest.mark.parametrize(
    ("procedure", "days", "first", "last", "free"),
    [
        ("2026-01-05", "000", "2026-01-05", "2026-01-05", "2026-01-06"),
        ("2026-01-05", "010", "2026-01-05", "2026-01-15", "2026-01-16"),
        ("2026-01-05", "090", "2026-01-04", "2026-04-05", "2026-04-06"),
        ("2026-03-01", "010", "2026-03-01", "2026-03-11", "2026-03-12"),
        ("2026-02-20", "010", "2026-02-20", "2026-03-02", "2026-03-03"),
        ("2024-02-20", "010", "2024-02-20", "2024-03-01", "2024-03-02"),
        ("2026-03-02", "090", "2026-03-01", "2026-05-31", "2026-06-01"),
        ("2023-12-01", "090", "2023-11-30", "2024-02-29", "2024-03-01"),
        ("2026-12-28", "010", "2026-12-28", "2027-01-07", "2027-01-08"),
    ],
)
def test_days(procedure: str, days: str, first: str, last: str, free: str) -> None:
    period = global_period(days, read_date(procedure))
    assert [day.isoformat() for day in (period.first, period.last, period.first_free)] == [first, last, free]
    assert period.length == {"000": 1, "010": 11, "090": 92}[days]


def test_the_last_safe_splint_date_of_the_manual() -> None:
    assert last_safe_date(codes()["21085"].global_days, date(2026, 3, 12)) == date(2026, 3, 1)


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)), st.sampled_from(["000", "010", "090"]))
def test_a_safe_date_is_just_safe(surgery: date, days: str) -> None:
    safe = last_safe_date(days, surgery)
    assert not global_period(days, safe).holds(surgery)
    assert global_period(days, safe + timedelta(1)).holds(surgery)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("00000", "code: '00000' is not known"),
        ("99205", "no global period that can be counted; its indicator is XXX"),
        ("E0486", "the manual has no indicator for it"),
    ],
)
def test_a_code_without_a_period(code: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        period_of(code, date(2026, 1, 5))


@pytest.mark.parametrize("text", ["2026-02-30", "20260301", "1 March", "", "2026-3-1"])
def test_a_bad_date(text: str) -> None:
    with pytest.raises(ValueError, match=r"surgery: .* is not a date; allowed is year-month-day"):
        read_date(text, "surgery")


def test_the_ends_of_the_calendar() -> None:
    with pytest.raises(ValueError, match="too near the end"):
        global_period("090", date.max)
    with pytest.raises(ValueError, match="too near the start"):
        last_safe_date("090", date.min)
    with pytest.raises(ValueError, match="days: 'XXX' is not allowed; allowed: 000, 010, 090"):
        global_period("XXX", date(2026, 1, 1))


@pytest.mark.parametrize("after", range(13))
def test_labels_of_the_timeline_never_overlap(after: int) -> None:
    procedure = date(2026, 3, 2)
    shown = timeline_svg(period_of("21085", procedure), [(procedure + timedelta(after), "operation")])
    placed: dict[str, list[tuple[float, float]]] = {}
    for x, y, anchor, text in re.findall(r'<text x="([\d.]+)" y="(\d+)"[^>]*text-anchor="(\w+)">([^<]+)</text>', shown):
        wide = 8 * len(text)  # 14 pixels high, so 8 wide at most on average
        left = float(x) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        placed.setdefault(y, []).append((left, left + wide))
    assert sum(map(len, placed.values())) == 3
    for row in placed.values():
        for one, other in combinations(row, 2):
            assert one[1] <= other[0] or other[1] <= one[0]


def test_a_period_holds_its_days_and_no_others() -> None:
    surgery = date(2026, 3, 12)
    period = period_of("21196", surgery)
    inside = [period.first + timedelta(days) for days in range(period.length)]
    assert len(inside) > 3 and all(map(period.holds, inside)) and inside[-1] == period.last
    assert not period.holds(period.first - timedelta(1)) and not period.holds(period.first_free)
