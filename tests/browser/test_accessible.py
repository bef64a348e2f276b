"""Every page of the built book: nothing that axe objects to, of any impact, light and dark, wide and narrow.

Each page is looked at once, the four ways taking turns, so that each kind of page is seen in all of them;
``OMSNB_AXE=all`` looks at every page in every way, which takes a quarter of an hour.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from conftest import AXE_OPTIONS, watch
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.book]

AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text(encoding="utf-8")
REDIRECT = "index.html"
"""The root leads on at once, so there is nothing to look at."""

UNMEASURED = ":is(pre, .cell_output > .output):not([tabindex])"
"""Outputs that the theme has still to measure, one by one when the browser is idle; see ``site/trimming.py``."""

WAYS = [("light", 1280), ("dark", 390), ("dark", 1280), ("light", 390)]


def described(violations: list[dict[str, Any]]) -> list[str]:
    """What axe found, of any impact, a line each."""
    return [
        f"{entry['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for entry in violations
        for node in entry["nodes"]
    ]


def objections(page: Page) -> list[str]:
    """What axe objects to on the open page, far down too, where a phone lays out later, and in all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.add_style_tag(content="article section { content-visibility: visible !important }")
    expect(page.locator(UNMEASURED)).to_have_count(0, timeout=30_000)
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(options).then(found => found.violations)", AXE_OPTIONS)
    return described(found)


def look_at(browser: Browser, site: str, names: list[str], scheme: str, width: int) -> dict[str, list[str]]:
    """What axe objects to, page by page, in one browser page for all."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    watched = watch(context, site)
    problems = {}
    for name in names:
        watched.page.goto(f"{site}/{name}", wait_until="load")
        watched.check()  # before axe, which loads style sheets in its own way
        if found := objections(watched.page):
            problems[name] = found
        watched.errors.clear()
        watched.missing.clear()
    context.close()
    return problems


def names_of(html: Path) -> list[str]:
    """All pages of the book."""
    found = [file.relative_to(html).as_posix() for file in sorted(html.rglob("*.html")) if "_static" not in file.parts]
    found.remove(REDIRECT)
    return found


@pytest.mark.parametrize("turn", range(len(WAYS)))
def test_every_page_is_accessible(browser: Browser, site: str, html: Path, turn: int) -> None:
    scheme, width = WAYS[turn]
    names = names_of(html)
    assert {"404.html", "search.html", "genindex.html", "book/index.html"} < set(names)
    if os.environ.get("OMSNB_AXE") != "all":
        names = names[turn :: len(WAYS)]
    assert look_at(browser, site, names, scheme, width) == {}


def test_an_open_card_and_the_search_are_accessible(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{site}/book/chapters/imaging.html")
    page.locator("article a.code-link").first.hover()
    page.locator("#omsnb-card").wait_for(state="visible")
    assert objections(page) == []
    page.goto(f"{site}/search.html?q=splint")
    page.locator("#search-results ul.search > li").first.wait_for()
    assert objections(page) == []
    context.close()


def test_axe_objects_to_what_is_wrong(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(
        "<main><img src='data:,'><div style='height:9000px'></div><article><section style='content-visibility:auto'>"
        "<p style='color:#bbb;background:#fff'>pale</p></section></article></main>"
    )
    said = " ".join(objections(page))
    page.close()
    assert "image-alt" in said and "color-contrast" in said
