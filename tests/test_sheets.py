"""The office's sheets: what stands on them is what the tables say, and each is one page."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from omsnb.decisions import decide_with
from omsnb.edition import edition
from omsnb.letters import letters
from omsnb.periods import period_of
from omsnb.sheets import sheet_html, sheets
from omsnb.tables import guidance, tables

WANTED = {
    "visit-level", "who-bills", "splint", "safe-days", "templates", "charge-slip", "payer-calls", "appeals"
}  # fmt: skip


def rows(text: str) -> list[list[str]]:
    return [
        [
            " ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", text, re.S)
    ]


def test_the_sheets_that_an_office_pins_up_are_there() -> None:
    assert set(sheets()) == WANTED


@pytest.mark.parametrize("id", sorted(WANTED))
def test_a_sheet_is_whole_and_asks_no_other_host(id: str) -> None:
    text = sheet_html(sheets()[id])
    assert text.count("<h1>") == 1 and 'lang="en"' in text and f"Edition {edition().edition}" in text
    assert not re.search(r"https?:|<script|<link|url\(", text)
    assert all(cited in text and cited in guidance() for cited in sheets()[id].guidance)


def test_a_safe_day_is_the_last_one_that_keeps_the_operation_outside() -> None:
    sheet = sheets()["safe-days"]
    (code,) = sheet.of
    seen = 0
    for row in rows(sheet_html(sheet))[1:]:
        for month, cell in enumerate(row[1:], 1):
            if not cell:
                continue
            operation = date(edition().code_year, month, int(row[0]))
            found = [
                day
                for back in range(9, 14)
                if f"{(day := date.fromordinal(operation.toordinal() - back)):%b %-d}" == cell
            ]
            assert len(found) == 1, (operation, cell)
            period = period_of(code, found[0])
            assert not period.holds(operation)
            assert period_of(code, date.fromordinal(found[0].toordinal() + 1)).holds(operation)
            seen += 1
    assert seen == (date(edition().code_year, 12, 31) - date(edition().code_year - 1, 12, 31)).days


@pytest.mark.parametrize("id", ["who-bills", "splint"])
def test_each_row_of_a_table_stands_on_its_sheet(id: str) -> None:
    table = tables()[sheets()[id].of[0]]
    shown = rows(sheet_html(sheets()[id]))[1:]
    assert len(shown) == len(table.rows)
    for row, cells in zip(table.rows, shown, strict=True):
        assert row.because in cells[-1] and (not row.report or row.report in cells[-1])
        assert decide_with(table, row.conditions).rows


def test_templates_are_the_letters() -> None:
    text = sheet_html(sheets()["templates"])
    for id in sheets()["templates"].of:
        assert letters()[id].title in text
        assert all(item.item in unescape(text) for item in letters()[id].checklist)
    assert "{{" not in text
