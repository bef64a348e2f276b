"""Decision tables: folded until they are wanted, and never out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from conftest import Watched, watch
from playwright.sync_api import Browser, expect

from omsnb.calculators.catalogue import calculators

pytestmark = [pytest.mark.browser, pytest.mark.book]
PHONE = {"width": 390, "height": 844}
PAGE = f"/{calculators()['volume-scan'].page}.html"
TABLE = calculators()["volume-scan"].tables[-1]
FOLDED = "details.folding:not([open])"
ON_SCREEN = """id => {
  const box = document.getElementById(id).getBoundingClientRect();
  return box.height > 0 && box.top >= 0 && box.top < innerHeight;
}"""
"""Measured here: an observer of intersections misses what a jump brings into sections that were not laid out."""


@pytest.fixture
def phone(browser: Browser, site: str) -> Iterator[Watched]:
    """A reader with a phone."""
    context = browser.new_context(viewport=PHONE)
    watched = watch(context, site)
    yield watched
    watched.check()
    context.close()


@pytest.fixture
def desk(browser: Browser, site: str) -> Iterator[Watched]:
    """A reader at a desk."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    watched = watch(context, site)
    yield watched
    watched.check()
    context.close()


def test_a_phone_folds_the_tables_and_a_key_opens_one(phone: Watched, site: str) -> None:
    page = phone.page
    page.goto(site + PAGE)
    every = page.locator("details.folding")
    assert every.count() > 1
    expect(page.locator(FOLDED)).to_have_count(every.count())
    summary = page.locator(f"#table-{TABLE.name} summary").first
    expect(summary).to_have_text(f"The table and its {len(TABLE.rows)} rows")
    row = page.locator(f"#{TABLE.name}-1")
    expect(row).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(row).to_be_visible()
    expect(page.locator(FOLDED)).to_have_count(every.count() - 1)


@pytest.mark.parametrize("wanted", [f"{TABLE.name}-{len(TABLE.rows)}", f"table-{TABLE.name}"])
def test_a_link_opens_the_table_it_leads_to(phone: Watched, site: str, wanted: str) -> None:
    page = phone.page
    page.goto(f"{site}{PAGE}#{wanted}")
    row = page.locator(f"#{TABLE.name}-{len(TABLE.rows)}")
    expect(row).to_be_visible()
    page.wait_for_function(ON_SCREEN, arg=wanted)
    page.goto(site + PAGE)
    expect(row).to_be_hidden()
    page.evaluate("address => { location.hash = address; }", wanted)
    expect(row).to_be_visible()
    page.wait_for_function(ON_SCREEN, arg=wanted)


def test_a_page_prints_as_it_stands(phone: Watched, site: str) -> None:
    """What a reader has opened is printed; what is folded stays a line, or a chapter would take thirty sheets."""
    page = phone.page
    page.goto(site + PAGE)
    every = page.locator("details.folding").count()
    page.locator(f"#table-{TABLE.name} summary").first.click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator(FOLDED)).to_have_count(every - 1)


def test_tables_are_folded_on_a_desk_as_well(desk: Watched, site: str) -> None:
    desk.page.goto(site + PAGE)
    expect(desk.page.locator(FOLDED)).not_to_have_count(0)
    expect(desk.page.locator(f"#{TABLE.name}-1")).to_be_hidden()


def test_tables_stand_open_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    watched = watch(context, site)
    watched.page.goto(site + PAGE)
    expect(watched.page.locator(f"#{TABLE.name}-1")).to_be_visible()
    expect(watched.page.locator(FOLDED)).to_have_count(0)
    watched.check()
    context.close()


def test_a_long_menu_leaves_the_questions_near_the_answer(phone: Watched, site: str) -> None:
    """A menu scrolls by itself, within three quarters of the screen."""
    page = phone.page
    page.goto(f"{site}/{calculators()['visit'].page}.html")
    for menu in page.locator(".live-static").all():
        height = menu.evaluate("menu => menu.getBoundingClientRect().height")
        assert 0 < height <= 0.76 * PHONE["height"]
