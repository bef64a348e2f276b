"""The form "From a note" in the built page and in Voilà: read, decided one by one, answered, handed to the desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from explorer_server import START, served
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000
"""Milliseconds that Python may take to start on a busy machine."""
STEP = 30_000
BAD = "<img src=x onerror=alert(1)>"
NOTE = f"""Office visit 03/03/2026. New patient {BAD}, 44-year-old woman. I examined her.
Eight photographs were taken. A panoramic film was taken in our office; my signed report is filed.
Plan: CBCT next week. New patient, established patient.
"""
PHOTOS = "3/3/2026. Eight photographs were taken. Medical claim per front desk."
FOCUSED = "document.activeElement.textContent || document.activeElement.labels?.[0]?.textContent || ''"


def opened(page: Page, site: str) -> Any:
    page.goto(f"{site}/book/tools/from-a-note.html#calculator=from-a-note")
    box = page.locator('[data-calculator="from-a-note"]')
    expect(box).to_have_attribute("data-state", "live", timeout=WAIT)
    expect(box.get_by_text("Nothing leaves your browser").first).to_be_visible()
    return box


def tab_to(page: Page, words: str) -> None:
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED).startswith(words):
            return
    raise AssertionError(f"{words!r} is not reached by Tab")


def test_a_note_is_read_decided_and_handed_to_the_desk(watched: Watched, site: str, tmp_path: Path) -> None:
    page = watched.page
    box = opened(page, site)
    box.get_by_label("The note").first.fill(NOTE)
    box.get_by_role("button", name="Read the note").click()
    result = box.locator(".omsnb-result")
    expect(result).to_contain_text("Read for 2026-03-03", timeout=STEP)
    expect(result).to_contain_text("Nothing that is confirmed names a service yet.")
    shown = box.locator(".note-text")
    expect(shown).to_contain_text(BAD)
    assert box.locator("img").count() == 0, "words of a note are text alone"
    expect(box.get_by_text("The note contradicts itself")).to_be_visible()
    marks = shown.locator("mark").count()
    assert marks >= 4
    confirm = box.get_by_role("button", name="Confirm")
    for number in range(confirm.count()):
        confirm.nth(number).click()
        expect(result).to_contain_text(f"{confirm.count() - number - 1} left to decide", timeout=STEP)
    expect(shown.locator("mark.confirmed")).to_have_count(marks)
    expect(result).to_contain_text("What this note lacks")
    expect(result).to_contain_text("70355")
    box.get_by_role("button", name="Reject 1", exact=True).click()
    expect(shown.locator("mark.rejected")).to_have_count(1)
    box.get_by_label("Which claim will carry the service?").select_option(label="medical claim (CMS-1500)")
    expect(result).to_contain_text("Answered")
    box.get_by_label("Type of payer for the claim").select_option(index=2)
    link = box.get_by_role("link", name="Check these lines on the claim desk")
    expect(link).to_be_visible(timeout=STEP)
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "photographs" not in kept and "D0350" not in kept, "nothing is stored before"
    watched.check()
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()
    link.click()
    page.wait_for_url("**/claim-desk.html*")
    desk = page.locator('[data-calculator="claim-desk"]')
    expect(desk).to_have_attribute("data-state", "live", timeout=WAIT)
    code = desk.get_by_label("Procedure code, row 1", exact=True)
    expect(code).to_be_visible(timeout=STEP)
    expect(code).to_have_value("70355")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_form_on_a_phone_by_keyboard_alone(
    browser: Browser, site: str, scheme: Any, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    watched = watch(context, site)
    page = watched.page
    box = opened(page, site)
    result = box.locator(".omsnb-result")
    box.get_by_label("The note").first.focus()
    page.keyboard.insert_text(PHOTOS)
    tab_to(page, "Read the note")
    page.keyboard.press("Enter")
    expect(result).to_contain_text("Read for 2026-03-03", timeout=STEP)
    while box.locator(".note-card.open").count():
        left = box.locator(".note-card.open").count()
        tab_to(page, f"Confirm {box.locator('.note-card').count() - left + 1}")
        page.keyboard.press("Enter")
        expect(box.locator(".note-card.open")).to_have_count(left - 1, timeout=STEP)
        assert page.evaluate(FOCUSED).startswith("Confirm"), "the keyboard keeps its place"
    expect(result).to_contain_text("D0350")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390, f"{wide} px wide"
    watched.check()
    page.screenshot(path=tmp_path / f"note-{scheme}.png", full_page=True)
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, found.generate_report()
    context.close()


def test_the_form_in_voila_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/from-a-note.ipynb", tmp_path / "log.txt") as (address, _):
        context = browser.new_context(viewport={"width": 390, "height": 844})
        watched = watch(context, address)
        page = watched.page
        page.goto(address)
        note = page.get_by_label("The note").first
        expect(note).to_be_visible(timeout=START)
        expect(page.get_by_text("nowhere else").first).to_be_visible()
        note.focus()
        page.keyboard.insert_text(PHOTOS)
        tab_to(page, "Read the note")
        page.keyboard.press("Enter")
        result = page.locator(".omsnb-result")
        expect(result).to_contain_text("Read for 2026-03-03", timeout=STEP)
        tab_to(page, "Confirm 1")
        page.keyboard.press("Enter")
        expect(result).to_contain_text("D0350", timeout=STEP)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.screenshot(path=tmp_path / "note-voila.png", full_page=True)
        found = Axe().run(page, options=AXE_OPTIONS)
        assert found.violations_count == 0, found.generate_report()
        context.close()
