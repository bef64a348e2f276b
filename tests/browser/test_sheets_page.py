"""The office's sheets in a browser: one page on either paper, none wider than a phone, and linked from the book."""

from __future__ import annotations

from io import BytesIO

import pytest
from conftest import Watched
from pypdf import PdfReader

from omsnb.sheets import sheets

pytestmark = [pytest.mark.browser, pytest.mark.book]


@pytest.mark.parametrize("id", list(sheets()))
def test_a_sheet_prints_on_one_page(watched: Watched, site: str, id: str) -> None:
    page = watched.page
    page.goto(f"{site}/sheets/{id}.html")
    for paper in ("A4", "Letter"):
        margin = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")
        assert len(PdfReader(BytesIO(page.pdf(format=paper, margin=margin))).pages) == 1
    watched.check()


def test_the_book_leads_to_each_sheet(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/tools/sheets.html")
    found = page.locator("article a[href*='/sheets/']").evaluate_all("all => all.map((one) => one.href)")
    assert [link.rsplit("/", 1)[1] for link in found] == [f"{id}.html" for id in sheets()]
    watched.check()
