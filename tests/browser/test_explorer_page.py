"""The case explorer in the built page: from a case's page, changed, compared, as claim lines, by its address; axe."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from playwright.sync_api import Browser, Page, expect

from omsnb.claim_files import read_given
from omsnb.tables import cases

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000
"""Milliseconds that Python may take to start on a busy machine."""


def live(page: Page) -> Any:
    box = page.locator('[data-calculator="case-explorer"]')
    expect(box).to_have_attribute("data-state", "live", timeout=WAIT)
    expect(result(box)).to_contain_text("Lines that may go on the claim")
    return box


def result(box: Any) -> Any:
    return box.locator(".omsnb-result")


@pytest.mark.parametrize("name", cases())
def test_every_case_page_leads_to_its_case(html: Path, name: str) -> None:
    text = (html / f"book/cases/{name}.html").read_text(encoding="utf-8")
    assert f'href="../tools/case-explorer.html#calculator=case-explorer&amp;case={name}"' in text


def test_a_case_is_changed_compared_and_taken_as_claim_lines(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/cases/trauma.html")
    page.get_by_role("link", name="Try this case with other facts").click()
    box = live(page)
    expect(box.get_by_label("Case", exact=True)).to_have_value("Trauma")

    box.get_by_label("Which claim will carry the service?").select_option(label="medical claim (CMS-1500)")
    expect(result(box)).to_contain_text("fewer")
    box.get_by_text("Keep in the record").click()
    box.get_by_label("Was contrast given for the CT?").first.select_option(label="none")
    expect(result(box).locator(".claim-lines")).to_contain_text("70486-26")
    expect(result(box).locator(".claim-lines")).not_to_contain_text("70487")
    assert result(box).locator("details[data-fold='Keep in the record']").get_attribute("open") is not None, (
        "what was unfolded stays so"
    )
    link = result(box).get_by_role("link", name="70486-26").first
    assert (link.get_attribute("href") or "").endswith("../codes/70486.html#code-70486")

    box.get_by_role("button", name="Compare side by side").click()
    box.get_by_label("Compare by").select_option(label="Which claim will carry the service?")
    table = box.locator(".omsnb-compared")
    expect(table).to_contain_text("lines differ")
    expect(table.locator("tbody tr").first).to_be_visible()
    expect(table).to_contain_text("D0391")
    box.get_by_role("button", name="Compare side by side").click()

    box.get_by_role("button", name="As claim lines").click()
    box.get_by_label("Who pays this claim?").select_option(label="Medicare")
    drafted = box.locator(".omsnb-drafted")
    expect(drafted).to_contain_text("the date of service is not given")
    day = box.get_by_label("On which day is the service done?")
    day.fill("2026-03-02")
    day.press("Tab")
    box.get_by_label("Place of service, where the case leaves it open").select_option(label="21 hospital, inpatient")
    expect(drafted.locator("table")).to_contain_text("70486-26")
    saved = drafted.get_by_role("link", name="Save claim-lines.csv").get_attribute("href") or ""
    read = read_given(base64.b64decode(saved.partition(",")[2]), "claim-lines.csv")
    assert read.lines and not read.faults

    lines = result(box).locator(".claim-lines").inner_text()
    page.wait_for_function("location.hash.includes('contrast=without')")
    page.reload()
    box = live(page)
    expect(result(box).locator(".claim-lines")).to_have_text(lines, use_inner_text=True)
    watched.check()  # before axe, which asks for style sheets of its own accord
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()


def test_the_explorer_on_a_phone_in_the_dark_by_keyboard_alone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    watched = watch(context, site)
    page = watched.page
    page.goto(f"{site}/book/tools/case-explorer.html#calculator=case-explorer&case=tmj")
    box = live(page)
    button = box.get_by_role("button", name="Compare side by side")
    button.focus()
    page.keyboard.press("Enter")
    expect(box.locator(".omsnb-compared")).to_contain_text("differ")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Compare by"
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "Compare by", "the focus stays"
    for name in ("As claim lines", "Change what the case says"):
        box.get_by_role("button", name=name).focus()
        page.keyboard.press("Space")
    expect(box.get_by_text("The case: ").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{wide} px wide"
    watched.check()
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()
    context.close()
