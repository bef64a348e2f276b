"""A chapter and its quiz without a mouse: everything is reached in order, seen when reached, and left again."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Watched
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.book]
CHAPTER = "/book/chapters/printing.html"
MOST = 600
"""Steps after which the walk must have come to its end."""

WHERE = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const all = [...document.querySelectorAll("*")];
  return {
    place: all.indexOf(at),
    name: at.tagName + " " + (at.id || at.className || at.name || "") + " " + at.textContent.trim().slice(0, 40),
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    marked: (style.outlineStyle !== "none" && style.outlineWidth !== "0px") || style.boxShadow !== "none",
    article: !!at.closest("article"),
    radio: at.type === "radio",
  };
}"""


def step(page: Page, key: str = "Tab") -> dict[str, Any] | None:
    """Where the focus stands after a key."""
    page.keyboard.press(key)
    found: dict[str, Any] | None = page.evaluate(WHERE)
    return found


def test_a_chapter_is_walked_by_keyboard(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(site + CHAPTER)
    for calculator in page.locator(".live-calculator").all():  # alive first: the walk is of a page at rest
        calculator.scroll_into_view_if_needed()
        expect(calculator).to_have_attribute("data-state", "live", timeout=60_000)
    first = step(page)
    assert first and "Skip to main content" in first["name"]
    expect(page.locator("#pst-skip-link a")).to_be_in_viewport()  # it slides in
    page.keyboard.press("Enter")
    walked: list[dict[str, Any]] = []
    for _ in range(MOST):
        at = step(page)
        if at is None or (walked and not at["article"] and walked[-1]["article"]):
            break
        walked.append(at)
    else:
        pytest.fail("the walk did not come to an end: the focus is caught")
    inside = [at for at in walked if at["article"]]
    places = [at["place"] for at in inside]
    assert places == sorted(places), "the order of the walk is that of the page"
    assert [at["name"] for at in inside if not at["seen"]] == []
    assert [at["name"] for at in inside if not at["marked"]] == []
    wanted = page.locator(
        "article :is(a[href], summary, button, select, .wide[tabindex='0'], .quiz-question input:first-of-type)"
    ).evaluate_all(
        """all => all.filter((one) => one.checkVisibility() && !one.classList.contains("headerlink"))
            .filter((one) => one.type !== "radio" || one.value === "0")
            .map((one) => [...document.querySelectorAll("*")].indexOf(one))"""
    )
    assert set(wanted) - set(places) == set(), "all that can be used is reached"
    assert len(inside) > 50
    back = step(page, "Shift+Tab")
    assert back and back["article"]
    watched.check()


def test_a_quiz_is_walked_by_keyboard(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(site + CHAPTER)
    page.locator("summary", has_text="Quiz: ").press("Enter")
    count = page.locator(".quiz-question").count()
    assert count >= 5
    page.locator(".quiz").evaluate("quiz => { quiz.tabIndex = -1; quiz.focus(); }")
    answered = 0
    for _ in range(MOST):
        at = step(page)
        assert at
        if at["radio"]:
            page.keyboard.press("Space")
            page.keyboard.press("ArrowDown")
            answered += 1
        elif "Check my answers" in at["name"]:
            break
    assert answered == count, "one stop a question; arrows choose within it"
    page.keyboard.press("Enter")
    result = page.locator(".quiz-result")
    expect(result).to_contain_text(f"of {count} right")
    assert "not answered" not in result.inner_text()
    for _ in range(MOST):
        at = step(page)
        assert at
        if at["name"].startswith("A") and "question" in at["name"]:
            page.keyboard.press("Enter")
            page.wait_for_function("location.hash || document.activeElement.closest('.quiz-question')")
            break
        if "Start again" in at["name"]:
            page.keyboard.press("Enter")
            assert page.locator(".quiz input:checked").count() == 0
            break
    watched.check()


def test_an_output_that_scrolls_is_reached_by_keyboard(watched: Watched, site: str) -> None:
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(site + "/book/cases/tmj.html")
    expect(page.locator(":is(.cell_output > .output, article pre):not([tabindex])")).to_have_count(0)
    outputs = page.locator(".cell_output > .output, article pre").evaluate_all(
        "all => all.map((one) => [one.scrollWidth > one.clientWidth || one.scrollHeight > one.clientHeight, one.tabIndex])"
    )
    assert {place for scrolls, place in outputs if scrolls} == {0}
    assert {place for scrolls, place in outputs if not scrolls} == {-1}
    watched.check()
