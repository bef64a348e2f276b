"""A quiz in a real browser: by keyboard, with its result announced, and without a script."""

from __future__ import annotations

import pytest
from conftest import Watched
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.book]
QUIZ = "/book/chapters/supplemental-products.html"


def choose(page: Page, place: int, right: bool) -> None:
    question = page.locator(".quiz-question").nth(place)
    question.locator(f"input[data-right={'yes' if right else 'no'}]").first.focus()
    page.keyboard.press("Space")


def test_a_quiz_is_taken_by_keyboard(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(site + QUIZ)
    page.locator("summary", has_text="Quiz: ").press("Enter")
    count = page.locator(".quiz-question").count()
    assert count == 10 == page.get_by_role("radiogroup").count()
    for place in range(count - 1):
        choose(page, place, right=place != 1)
    page.get_by_role("button", name="Check my answers").focus()
    page.keyboard.press("Enter")
    result = page.locator(".quiz-result")
    assert result.get_attribute("aria-live") == "polite"
    assert f"{count - 2} of {count} right. 1 not answered." in result.inner_text()
    assert result.get_by_role("link").all_inner_texts() == ["question 2"]
    opened = page.locator(".quiz-solution").evaluate_all("all => all.map((one) => one.open)")
    assert opened == [place == 1 for place in range(count)]
    page.get_by_role("button", name="Start again").press("Enter")
    assert page.locator(".quiz input:checked").count() == 0
    assert result.inner_text() == "All answers are cleared."


def test_a_quiz_reads_without_a_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + QUIZ)
    assert page.locator(".quiz-choices").count() == page.locator(".quiz-solution").count() == 10
    context.close()
