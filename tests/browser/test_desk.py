"""The claim desk in the built page: pasted, found, mended by button, exported, read again; keyboard, phone, axe."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from playwright.sync_api import Browser, Page, expect

from omsnb.claim_files import read_given

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000
"""Milliseconds that Python may take to start on a busy machine."""
LINES = """claim,patient,payer,provider,form,place,diagnoses,date,code,modifiers,units,pointers,charge
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,70486,,1,A,450.00
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,99213,25,1,A,90.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-3,P-3,medical,B-1,cms1500,11,M26.69,2026-03-03,99213,,1,A,90.00
"""


def opened(page: Page, site: str) -> Any:
    page.goto(f"{site}/book/tools/claim-desk.html#calculator=claim-desk")
    box = page.locator('[data-calculator="claim-desk"]')
    expect(box).to_have_attribute("data-state", "live", timeout=WAIT)
    expect(box.get_by_text("Nothing leaves your browser").first).to_be_visible()
    return box


def result(box: Any) -> Any:
    return box.locator(".omsnb-result")


def test_five_lines_are_pasted_found_mended_exported_and_opened_again(
    watched: Watched, site: str, tmp_path: Path
) -> None:
    page = watched.page
    box = opened(page, site)
    text = box.get_by_label("Claim lines to paste")
    text.fill(LINES)
    text.press("Tab")
    expect(result(box)).to_contain_text("5 rows = 5 read + 0 refused", timeout=30_000)
    box.get_by_role("button", name="Add 26 to claim C-1 line 1").click()
    expect(result(box)).to_contain_text("Done: Add 26")
    assert page.evaluate("document.activeElement.textContent") == "Applied", "the keyboard keeps its place"
    box.get_by_role("button", name="Take out claim C-2 line 2").click()
    expect(result(box)).to_contain_text("4 rows = 4 read")
    box.get_by_role("button", name="Prepare the file").click()
    link = box.get_by_role("link", name="Save claims.csv")
    expect(link).to_be_visible()
    content = base64.b64decode(link.get_attribute("href").partition(",")[2])
    claims = read_given(content).claims
    assert [line.modifiers for claim in claims for line in claim.lines] == [("26",), ("25",), (), ()]
    file = tmp_path / "claims.csv"
    file.write_bytes(content)
    page.reload()
    box = opened(page, site)
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="Open a file").click()
    chooser.value.set_files(file)
    expect(result(box)).to_contain_text("Read claims.csv: 4 lines read", timeout=30_000)
    box.get_by_role("button", name="Prepare the file").click()
    assert (
        base64.b64decode(
            box.get_by_role("link", name="Save claims.csv").get_attribute("href").partition(",")[2]
        )
        == content
    )
    watched.check()  # before axe, which asks for style sheets of its own accord
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()


def test_the_desk_on_a_phone_by_keyboard_alone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    watched = watch(context, site)
    page = watched.page
    box = opened(page, site)
    box.get_by_label("Claim lines to paste").focus()
    page.keyboard.insert_text(LINES)
    page.keyboard.press("Tab")
    expect(result(box)).to_contain_text("5 rows = 5 read", timeout=30_000)
    for _ in range(60):
        if page.evaluate("document.activeElement.textContent").startswith("Add 26"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(result(box)).to_contain_text("Done: Add 26")
    assert page.evaluate("document.activeElement.textContent") == "Applied"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{wide} px wide"
    watched.check()  # before axe, which asks for style sheets of its own accord
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()
    context.close()
