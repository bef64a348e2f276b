"""What a code is worth: units add up, factors apply, and nothing is priced that the schedule does not price."""

from __future__ import annotations

import html
import json
from decimal import Decimal

import pytest

from omsnb.__main__ import main
from omsnb.claim_tables import code_pairs
from omsnb.fees import FACILITY, OFFICE, PRICED, amount, fee_releases, rvus, worth_data
from omsnb.records import UnitLimit
from omsnb.site.pages import footer, tables_of_today
from omsnb.tables import codes, mue


def test_the_whole_is_its_two_components() -> None:
    split = [code for code, component in rvus() if component == "26"]
    assert len(split) > 40
    for code in split:
        for rate in (OFFICE, FACILITY):
            parts = rvus()[code, "26"].total(rate) + rvus()[code, "TC"].total(rate)
            assert rvus()[code, ""].total(rate) == parts, code


@pytest.mark.parametrize(
    ("code", "component", "rate", "other", "dollars"),
    [
        ("21141", "", FACILITY, False, "1208.44"),
        ("21141", "", OFFICE, False, None),  # not priced in the office
        ("21085", "", OFFICE, False, "710.10"),
        ("21085", "", OFFICE, True, "713.65"),
        ("70486", "26", FACILITY, False, "39.75"),
        ("70486", "TC", OFFICE, False, "88.51"),
        ("D0367", "", OFFICE, False, None),  # no units
        ("99244", "", OFFICE, False, None),  # not valid for Medicare, though it has units
    ],
)
def test_amounts(code: str, component: str, rate: str, other: bool, dollars: str | None) -> None:
    entry = rvus()[code, component]
    assert amount(entry, rate, other=other) == (Decimal(dollars) if dollars else None)


def test_an_amount_stands_only_where_medicare_prices() -> None:
    for entry in rvus().values():
        for rate in (OFFICE, FACILITY):
            if amount(entry, rate) is not None:
                assert codes()[entry.code].medicare_status in PRICED and entry.total(rate) > 0


def test_a_line_takes_the_row_of_its_modifier() -> None:
    assert [row["component"] for row in worth_data("70486", ("26",))] == ["26"]
    assert [row["component"] for row in worth_data("70486", ("59",))] == [None]
    assert [row["component"] for row in worth_data("70486")] == [None, "26", "TC"]
    assert worth_data("E0486") == []


def test_the_command_names_release_and_factors(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "21141"]) == 0
    out = capsys.readouterr().out
    for said in ("$1208.44", "RVU26C", "33.4009", "33.5675", "several procedures are not", "no amount set"):
        assert said in out
    assert main(["code", "21141", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["worth"][0]["facility"]["amount"] == "1208.44"


def test_a_worksheet_says_what_its_lines_are_worth(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["case", "tmj"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "70486-26: units 1; limit 1 (table of 2026-04-01); global XXX; reading (26)" in out
    assert main(["case", "tmj", "--format", "json"]) == 0
    data = json.loads(capsys.readouterr().out)
    ways = [way for row in data["rows"] for way in row["alternatives"]]
    assert ways and all({"unit_limit", "global_days", "worth"} <= set(way["value"]) for way in ways)


def test_the_footer_says_of_which_date_each_table_is() -> None:
    said = tables_of_today()
    for day in {limit.effective for limit in mue() if limit == newest_of(limit.code)}:
        assert day in said.partition("pairs")[0]
    for day in {pair.effective for pair in code_pairs().values()}:
        count = sum(pair.effective == day for pair in code_pairs().values())
        assert f"{day} ({count} rows)" in said.partition("pairs")[2]
    assert f"values of {fee_releases()['RVU26C'].begins} ({len(rvus())} rows)" in said
    assert tables_of_today() in html.unescape(footer()) and "Code sets" not in footer()


def newest_of(code: str) -> UnitLimit:
    return max((limit for limit in mue() if limit.code == code), key=lambda limit: limit.effective)
