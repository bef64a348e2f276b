"""The book in a real browser: nothing asked of other hosts, no errors, search by number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT, Watched
from playwright.sync_api import Browser, Page, expect

from omsnb.tables import codes

pytestmark = [pytest.mark.browser, pytest.mark.book]

CONTENTS = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", [*CONTENTS, "search", "genindex", "404"])
def test_page_loads_by_itself(watched: Watched, site: str, page: str) -> None:
    watched.page.goto(f"{site}/{page}.html")
    watched.page.wait_for_load_state("networkidle")
    assert watched.page.title()
    watched.check()


def test_first_page_is_reached_from_the_root(watched: Watched, site: str) -> None:
    watched.page.goto(f"{site}/")
    watched.page.wait_for_url("**/book/index.html")


@pytest.mark.parametrize(
    "page", ["book/index", "book/chapters/supplemental-products", "book/reference/codes"]
)
def test_page_is_no_wider_than_a_phone(browser: Browser, site: str, page: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 900})
    opened = context.new_page()
    opened.goto(f"{site}/{page}.html")
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def results(page: Page, site: str, query: str) -> list[str]:
    """The first three results of a search."""
    page.goto(f"{site}/search.html?q={query}")
    expect(page.locator(".search-summary")).not_to_be_empty()
    links = page.locator("#search-results ul.search > li > a")
    return [links.nth(place).get_attribute("href") or "" for place in range(min(3, links.count()))]


def test_every_code_is_found_by_its_number(watched: Watched, site: str) -> None:
    results(watched.page, site, "splint")  # loads the index; the page's own search is then asked code by code
    found = watched.page.evaluate(
        """codes => Object.fromEntries(codes.map(code => [
            code,
            Search._performSearch(...Search._parseQuery(code)).slice(-3).reverse().map(hit => hit[0] + hit[2]),
        ]))""",
        list(codes()),
    )
    missed = {
        code: first for code, first in found.items() if f"book/codes/{code}#code-{code}" not in first[:1]
    }
    assert len(found) == len(codes())
    assert missed == {}
    watched.check()


@pytest.mark.parametrize("joined", ["{}-26", "{} or {}", "{}, {}", "code {}", "{} modifier"])
def test_numbers_are_found_in_company(watched: Watched, site: str, joined: str) -> None:
    one, other = next(iter(codes())), list(codes())[-1]
    first = results(watched.page, site, joined.format(one, other))
    assert first[0].endswith(f"#code-{one}")
    if joined.count("{}") == 2:
        assert first[1].endswith(f"#code-{other}")


def test_a_number_finds_the_pages_that_name_it(watched: Watched, site: str, html: Path) -> None:
    chapter = (html / "book/chapters/supplemental-products.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]*>", " ", chapter[chapter.index("<article") : chapter.index("</article>")])
    code = next(code for code in codes() if re.search(rf"\b{code}\b", words))
    watched.page.goto(f"{site}/search.html?q={code}")
    expect(watched.page.locator(".search-summary")).not_to_be_empty()
    shown = watched.page.locator("#search-results ul.search > li > a").evaluate_all(
        "all => all.map(a => a.href)"
    )
    assert any("supplemental-products.html" in address for address in shown)


def test_an_unknown_number_is_not_found(watched: Watched, site: str) -> None:
    assert results(watched.page, site, "00001") == []


def test_words_are_found_still(watched: Watched, site: str) -> None:
    assert results(watched.page, site, "splint")


def test_search_opens_from_a_page(watched: Watched, site: str) -> None:
    code = next(iter(codes()))
    watched.page.goto(f"{site}/book/index.html")
    watched.page.locator(".search-button-field").first.click()
    watched.page.locator("#pst-search-dialog input[name=q]").fill(code)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url("**/search.html?q=*")
    watched.page.locator("#search-results ul.search > li > a").first.click()
    watched.page.wait_for_url(f"**/book/codes/{code}.html*#code-{code}")
    watched.check()


def test_a_missing_page_leads_back(watched: Watched, site: str) -> None:
    watched.page.goto(f"{site}/book/chapters/no-such-page.html")
    watched.page.get_by_role("link", name="The code index").click()
    watched.page.wait_for_url("**/book/reference/codes.html")
