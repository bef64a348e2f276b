"""Practice in the built page: by keyboard, with progress that survives a reload, ticks, files, and a record to print."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.book]
PAGE = "/book/tools/practice.html"


def opened(page: Page, site: str) -> Locator:
    page.goto(site + PAGE)
    box = page.locator("section.practice")
    expect(box.get_by_role("button", name="Start")).to_be_visible()
    return box


def bank(page: Page) -> dict[str, Any]:
    found = page.evaluate("window.omsnbPractice")
    assert isinstance(found, dict)
    return found


def shown(page: Page, box: Locator) -> dict[str, Any]:
    """The item that the page shows, found by its case and its question."""
    text = box.locator(".practice-question").inner_text()
    flat = " ".join(text.split())
    return next(
        item
        for item in bank(page)["items"]
        if " ".join(item["ask"].replace("*", "").split()) in flat
        and all(" ".join(said.split()) in flat for _, said in item["scene"])
        and all(f". {choice[0]}" in flat for choice in item["choices"])
    )


def answer(page: Page, box: Locator, right: bool) -> None:
    """Answers the question by keyboard alone."""
    item = shown(page, box)
    place = item["right"] if right else (item["right"] + 1) % len(item["choices"])
    box.locator(".practice-options input").nth(place).focus()
    page.keyboard.press("Space")
    box.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    expect(box.locator(".practice-said strong").first).to_have_text(
        "Right. " if right else f"Not this one. The answer is {'ABCD'[item['right']]}. "
    )


def choose(box: Locator, **what: str) -> None:
    for name, value in what.items():
        field = box.locator(f"[name={name}]")
        if name in ("count", "seed"):
            field.fill(value)
        else:
            field.select_option(value)
    box.get_by_role("button", name="Start").press("Enter")


def test_one_at_a_time_by_keyboard_and_a_missed_question_comes_again(watched: Watched, site: str) -> None:
    page = watched.page
    box = opened(page, site)
    choose(box, chapter="VI", count="3")
    heading = box.locator(".practice-question h2")
    expect(heading).to_contain_text("Question 1 of 3.")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    box.get_by_role("button", name="Check").press("Enter")
    expect(box.locator(".practice-said")).to_have_text("Choose an answer first.")
    first = shown(page, box)
    answer(page, box, right=False)
    for place in (2, 3):
        assert page.evaluate("document.activeElement.textContent") == "Next question"
        page.keyboard.press("Enter")
        expect(heading).to_contain_text(f"Question {place} of 4.")
        answer(page, box, right=True)
    page.keyboard.press("Enter")
    expect(heading).to_contain_text("Question 4 of 4, again.")
    assert shown(page, box)["id"] == first["id"]
    answer(page, box, right=True)
    page.keyboard.press("Enter")
    expect(heading).to_have_text("2 of 3 right at the first try.")
    watched.check()


def test_one_number_gives_the_same_questions(watched: Watched, site: str) -> None:
    page = watched.page
    seen = []
    for _ in range(2):
        box = opened(page, site)
        choose(box, chapter="III", count="1", seed="77")
        seen.append(shown(page, box)["id"])
    box = opened(page, site)
    choose(box, chapter="III", count="1", seed="78")
    seen.append(shown(page, box)["id"])
    assert seen[0] == seen[1] != seen[2]
    choose(box, count="0")
    expect(box.locator(".practice-status")).to_have_text("How many questions: a whole number from 1 to 100.")
    watched.check()


def test_progress_survives_a_reload_ticks_the_sidebar_and_is_cleared(watched: Watched, site: str) -> None:
    page = watched.page
    box = opened(page, site)
    choose(box, chapter="VIII", count="10", mode="cards")
    for _ in range(10):
        box.get_by_role("button", name="Show the answer").press("Enter")
        box.get_by_role("button", name="I knew it").press("Enter")
    choose(box, chapter="V", count="1", mode="cards")
    box.get_by_role("button", name="Show the answer").press("Enter")
    box.get_by_role("button", name="I did not know it").press("Enter")
    page.reload()
    box = page.locator("section.practice")
    row = box.locator(".practice-progress tr", has_text="VIII. Claims")
    expect(row).to_contain_text("10 of")
    expect(row).to_contain_text("✓ practiced")
    tick = page.locator("#pst-primary-sidebar a", has_text="VIII. Claims").locator(".practice-tick")
    expect(tick).to_have_text("✓ practiced")
    expect(page.locator("#pst-primary-sidebar .practice-tick")).to_have_count(1)
    choose(box, chapter="all", which="missed", count="10", mode="one")
    expect(box.locator(".practice-question h2")).to_contain_text("Question 1 of 1.")
    assert shown(page, box)["chapter"] == "V"
    page.goto(f"{site}/book/chapters/imaging.html")
    expect(page.locator("#pst-primary-sidebar .practice-tick")).to_have_count(1)
    box = opened(page, site)
    box.get_by_role("button", name="Clear my progress").press("Enter")
    expect(page.locator("#pst-primary-sidebar .practice-tick")).to_have_count(0)
    page.reload()
    expect(page.locator(".practice-progress tr", has_text="VIII. Claims")).to_contain_text("0 of")
    assert page.evaluate("localStorage.getItem('omsnb-practice')") is None
    watched.check()


def test_an_exam_is_handed_in_and_reviewed(watched: Watched, site: str) -> None:
    page = watched.page
    box = opened(page, site)
    choose(box, chapter="all", count="5", mode="exam")
    expect(box.locator(".practice-question")).to_have_count(5)
    box.get_by_role("button", name="Hand in").press("Enter")
    expect(box.locator(".practice-question h2").first).to_have_text("0 of 5 right.")
    assert box.locator(".practice-said strong").count() >= 5
    box.get_by_role("button", name="Practice the 5 missed").press("Enter")
    expect(box.locator(".practice-question h2")).to_contain_text("Question 1 of 5.")
    watched.check()


def test_questions_are_saved_as_a_table_and_for_anki(watched: Watched, site: str) -> None:
    page = watched.page
    box = opened(page, site)
    box.locator("[name=chapter]").select_option("IV")
    items = [item for item in bank(page)["items"] if item["chapter"] == "IV"]
    with page.expect_download() as download:
        box.get_by_role("button", name="Save as CSV").press("Enter")
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    assert [row["id"] for row in rows] == [item["id"] for item in items]
    assert all(
        row["answer"][3:] == item["choices"][item["right"]][0] for row, item in zip(rows, items, strict=True)
    )
    with page.expect_download() as download:
        box.get_by_role("button", name="Save for Anki").press("Enter")
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    head = [line for line in lines if line.startswith("#")]
    cards = [line.split("\t") for line in lines if not line.startswith("#")]
    assert "#separator:tab" in head and "#guid column:1" in head and "#deck column:2" in head
    assert [card[0] for card in cards] == [item["id"] for item in items] and {
        len(card) for card in cards
    } == {5}
    watched.check()


def test_the_record_is_printed_alone(watched: Watched, site: str) -> None:
    page = watched.page
    page.add_init_script(
        "window.print = () => { window.printed = getComputedStyle(document.querySelector('.practice-setup')).display; }"
    )
    box = opened(page, site)
    box.get_by_role("button", name="Show my record").press("Enter")
    record = box.locator(".practice-record")
    expect(record).to_contain_text("No body has approved them for credit.")
    minutes = sum(one["minutes"] for chapter in bank(page)["chapters"] for one in chapter["outcomes"])
    expect(record.locator("tr").last).to_contain_text(f"{minutes / 60:.2f}")
    page.emulate_media(media="print")
    record.get_by_role("button", name="Print this record").press("Enter")
    assert page.evaluate("window.printed") == "none"
    watched.check()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_the_page_is_accessible_and_fits_a_phone(
    browser: Browser, site: str, scheme: Any, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watched = watch(context, site)
    page = watched.page
    box = opened(page, site)
    box.get_by_role("button", name="Show my record").press("Enter")
    for mode in ("one", "exam", "cards"):
        choose(box, mode=mode, count="4", chapter="VI")
        if mode == "one":
            answer(page, box, right=False)
        if mode == "cards":
            box.get_by_role("button", name="Show the answer").press("Enter")
        for fold in box.locator("details").all():
            fold.evaluate("fold => fold.open = true")
        if mode == "one":
            watched.check()  # before axe, which asks for style sheets by addresses of its own
        found = Axe().run(page, options=AXE_OPTIONS)
        assert found.violations_count == 0, json.dumps(found.response["violations"], indent=1)[:3000]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), mode
    context.close()


def test_the_page_says_what_to_do_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + PAGE)
    expect(page.locator("section.practice")).to_contain_text("the mixed exam has its solutions folded")
    context.close()
