"""Finding codes in the built book: synonyms, links with cards, the crosswalk's tools, the edition on every page."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import pytest
from conftest import Watched, watch
from playwright.sync_api import Browser, Page, expect

from omsnb.edition import edition
from omsnb.site.pages import tables_of_today
from omsnb.tables import codes, crosswalk
from omsnb.tables.book_tables import glossary

pytestmark = [pytest.mark.browser, pytest.mark.book]

# What people type, and the codes any of which answers it: written by hand, not taken from the data.
SYNONYMS = {
    "panorex": "70355 D0330", "pano": "70355 D0330", "OPG": "70355 D0330", "orthopantomogram": "70355 D0330",
    "ceph": "70350 D0340", "cephalogram": "70350 D0340", "cone beam": "D0364 D0365 D0366 D0367 D0368 70486",
    "CBCT": "D0364 D0365 D0366 D0367 D0368 70486", "CBCT capture": "D0380 D0381 D0382 D0383 D0384",
    "scan only": "D0380 D0381 D0382", "TMJ scan": "D0368 D0384", "maxillofacial CT": "70486 70487 70488",
    "contrast CT": "70487 70488", "limited CT": "76380", "second reading": "D0391", "radiology report": "D0391",
    "3D reconstruction": "76376 76377", "virtual planning": "76376 76377 D0393", "VSP": "76376 76377 D0393",
    "image fusion": "D0395", "printed model": "D0396", "printed guide": "0561T 0562T",
    "night before surgery splint": "21085", "occlusal splint": "21085 D9944 D9945 D9946", "wafer": "21085 D5988",
    "lab invoice": "99070", "night guard": "D9944 D9945 D9946", "TMJ splint": "D7880", "ameloblastoma": "21046 21047",
    "drill guide": "D6190", "surgical guide": "D6190",
    "robotic guide": "D7939", "dynamic navigation": "D7939", "face scan": "D0803", "BSSO": "21196",
    "total joint": "21243", "obturator": "21076", "Le Fort": "21141 21142 21143 21145 21146 21147",
    "IVRO": "21193 21194", "genioglossus advancement": "21199", "jaw wiring": "21453", "ORIF mandible": "21462 21470",
}  # fmt: skip


def test_synonyms_lead_to_the_code(watched: Watched, site: str) -> None:
    assert len(SYNONYMS) >= 25
    missed = {}
    for query, wanted in SYNONYMS.items():
        watched.page.goto(f"{site}/search.html?q={query}")
        expect(watched.page.locator(".search-summary")).not_to_be_empty()
        links = watched.page.locator("#search-results ul.search > li > a")
        first = [links.nth(n).get_attribute("href") or "" for n in range(min(3, links.count()))]
        if not any(f"codes/{code}.html" in link for code in wanted.split() for link in first):
            missed[query] = first
    assert missed == {}
    watched.check()


RANKED = """queries => queries.map(query =>
  Search._performSearch(...Search._parseQuery(query)).reverse().map(row => row[0]))"""
"""The pages found, best first, as the page itself lists them."""


def test_every_synonym_ranks_its_codes_first(watched: Watched, site: str) -> None:
    """Red when the search forgets synonyms: a page that only mentions the words comes after the codes that have them."""
    wanted: dict[str, set[str]] = {}
    for code in codes().values():
        for synonym in code.synonyms:
            wanted.setdefault(synonym, set()).add(f"book/codes/{code.code}")
    watched.page.goto(f"{site}/search.html?q=splint")
    expect(watched.page.locator(".search-summary")).not_to_be_empty()
    ranked = watched.page.evaluate(RANKED, list(wanted))
    missed = {
        query: found[: len(pages)]
        for (query, pages), found in zip(wanted.items(), ranked, strict=True)
        if set(found[: len(pages)]) != pages
    }
    assert missed == {}


def test_every_mention_of_a_code_is_a_link(html: Path) -> None:
    inside = re.compile(r"<(a|h[1-6]|code|script|style|button|summary|label|option|caption|svg)\b.*?</\1>|<pre.*?</pre>|<[^>]*>", re.S)
    for file in sorted((html / "book").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        article = text[text.index("<article") : text.rindex("</article>")]
        bare = set(re.findall(r"\b(?:[A-Z]\d{4}|\d{4}[\dTF])\b", inside.sub(" ", article)))
        own = {file.stem} if file.parent.name == "codes" else set()
        assert bare & set(codes()) - own == set(), file


def test_the_output_of_a_notebook_links_too(html: Path) -> None:
    text = (html / "book/cases/tmj.html").read_text(encoding="utf-8")
    table = text[text.index('class="dataframe"') :]
    assert re.search(r'<td>[^<]*<a class="code-link" href="../codes/', table)


def card(page: Page) -> str:
    """The text of the open card."""
    shown = page.locator("#omsnb-card")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_a_card_opens_by_mouse_and_stays_while_it_is_pointed_at(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/chapters/imaging.html")
    link = page.locator("article a.code-link").first
    code = link.inner_text()
    link.hover()
    assert codes()[code].label in card(page)
    page.locator("#omsnb-card").hover()
    page.wait_for_timeout(400)
    assert page.locator("#omsnb-card").is_visible()
    page.mouse.move(2, 2)
    expect(page.locator("#omsnb-card")).to_be_hidden()
    watched.check()


def test_a_card_opens_by_keyboard_and_escape_closes_it(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/chapters/imaging.html")
    page.keyboard.press("Tab")
    link = page.locator("article a.code-link").first
    link.focus()
    card(page)
    assert link.get_attribute("aria-describedby") == "omsnb-card"
    page.keyboard.press("Escape")
    expect(page.locator("#omsnb-card")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/codes/*.html*")


def test_a_card_opens_by_touch_and_a_second_tap_follows(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    watched = watch(context, site)
    watched.page.goto(f"{site}/book/chapters/imaging.html")
    link = watched.page.locator("article p a.code-link").first
    link.tap()
    card(watched.page)
    assert "imaging" in watched.page.url
    link.tap()
    watched.page.wait_for_url("**/book/codes/*.html*")
    watched.check()
    context.close()


def test_terms_link_where_they_are_first_named_and_show_a_card(watched: Watched, site: str, html: Path) -> None:
    for file in sorted((html / "book/chapters").glob("*.html")):
        named = re.findall(r'data-term="([^"]+)"', file.read_text(encoding="utf-8"))
        assert len(named) >= 3, file
        assert len(named) == len(set(named)), file
    page = watched.page
    page.goto(f"{site}/book/chapters/claims.html")
    link = page.locator("article a.term-link").first
    link.focus()
    term = glossary()[link.get_attribute("data-term") or ""]
    link.hover()
    assert card(page) == f"{term.term}\n{term.definition}"
    watched.check()


def test_the_crosswalk_sorts_and_filters(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/reference/crosswalk.html")
    rows = page.locator("table.sortable tbody tr")
    page.get_by_label("Filter the rows").fill("splint")
    expect(page.locator(".table-tools output")).to_have_text(re.compile(rf"^[1-3] of {len(crosswalk())} rows$"))
    page.get_by_label("Filter the rows").fill("")
    page.get_by_role("button", name="Service").click()
    names = rows.locator("th").all_inner_texts()
    assert names == sorted(names, key=str.lower) and len(names) == len(crosswalk())
    page.get_by_role("button", name="Service").press("Enter")
    assert rows.locator("th").all_inner_texts() == names[::-1]
    watched.check()


def test_every_page_shows_the_edition(html: Path) -> None:
    for file in sorted((html / "book").rglob("*.html")):
        text = file.read_text(encoding="utf-8")
        for shown in (f"Edition {edition().edition}", f"Codes of {edition().code_year}", tables_of_today(), edition().reviewed_shown):
            assert shown in text, file


@pytest.mark.parametrize(("day", "over"), [("2026-12-31T12:00:00", 0), ("2027-01-01T12:00:00", 1)])
def test_a_banner_says_when_the_code_year_is_over(watched: Watched, site: str, day: str, over: int) -> None:
    watched.page.clock.set_fixed_time(day)
    watched.page.goto(f"{site}/book/index.html")
    watched.page.wait_for_load_state("networkidle")
    assert watched.page.locator(".run-out").count() == over


def test_the_index_says_see(html: Path) -> None:
    text = (html / "genindex.html").read_text(encoding="utf-8")
    shown = " ".join(re.sub(r"<[^>]*>", " ", text).split())
    missed = [
        f"{synonym}: {code.code}"
        for code in codes().values()
        for synonym in code.synonyms
        if not re.search(rf"(?<!\w){re.escape(escape(synonym, quote=False))}(?: see [A-Z0-9]{{5}})*? see {code.code}\b", shown)
    ]
    assert missed == []


def test_a_common_word_lists_all_and_loads_few_pages(watched: Watched, site: str) -> None:
    loaded: list[str] = []
    watched.page.on("request", lambda request: loaded.append(request.url))
    watched.page.goto(f"{site}/search.html?q=splint")
    expect(watched.page.locator(".search-summary")).not_to_be_empty()
    assert watched.page.locator("#search-results ul.search > li").count() > 100
    assert 0 < len([url for url in loaded if "/book/" in url]) <= 30
