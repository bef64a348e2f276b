"""The calculators' controls in the built pages: a finger hits each, at every width, and what they say can be read."""

from __future__ import annotations

import pytest
from conftest import watch
from measuring import FOCUSED, KEEP_WATCH, WIDTHS, broken_words, faults
from playwright.sync_api import Browser, Page, expect

from omsnb.calculators import new_form
from omsnb.calculators.catalogue import calculators

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000


def full(name: str) -> str:
    """An address that brings every control of a calculator, and parts that unfold."""
    if name == "worksheet":
        return "&".join(f"done-{part.name}=yes" for part in new_form("worksheet").parts)
    field = next(field for field in new_form(name).fields if field.kind == "choice")
    return f"{field.name}={field.options[-1][1]}"



def opened(page: Page, site: str, name: str, state: str = "") -> None:
    """Opens a calculator in its page, alive."""
    page.goto(f"{site}/{calculators()[name].page}.html#calculator={name}{'&' if state else ''}{state}")
    expect(page.locator(f'[data-calculator="{name}"] .omsnb-result .omsnb')).to_be_visible(timeout=WAIT)


def test_a_finger_hits_every_control_at_every_width(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = watch(context, site)
    wrong, kinds = {}, set()
    for name in sorted(calculators(), key=lambda one: calculators()[one].page):
        form = new_form(name, full(name))
        opened(watched.page, site, name, full(name))
        card = watched.page.locator(f'[data-calculator="{name}"]')
        card.get_by_role("button", name="Copy as text").click()
        expect(card.locator("textarea")).to_be_visible()
        for width in WIDTHS:
            watched.page.set_viewport_size({"width": width, "height": 900})
            card.scroll_into_view_if_needed()
            controls, bad = faults(card)
            kinds |= {one["kind"] for one in controls}
            assert len(controls) >= len(form.shown()) + 3, (name, width)
            if bad:
                wrong[name, width] = bad
            if words := broken_words(card):
                wrong[name, width, "broken"] = words
    assert wrong == {}
    assert kinds >= {"select-one", "text", "date", "submit", "textarea", "summary"}
    watched.check()
    context.close()


def test_days_are_typed_on_a_phone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    watched = watch(context, site)
    opened(watched.page, site, "global-period", "code=21085")
    card = watched.page.locator('[data-calculator="global-period"]')
    days = card.locator("input[type=date]")
    expect(days).to_have_count(2)
    for place in range(2):
        box = days.nth(place).bounding_box()
        assert box and box["width"] > 200 and box["x"] >= 0 and box["x"] + box["width"] <= 390
    days.nth(1).tap()
    days.nth(1).fill("2027-01-14")
    expect(card.locator(".omsnb-result")).to_contain_text("2027-01-03")
    expect(card.locator(".omsnb-result")).not_to_contain_text("Next best question")
    days.nth(0).fill("2027-01-20")
    expect(card.locator(".omsnb-result")).to_contain_text("The dates are in the wrong order")
    watched.check()
    context.close()


def test_the_arrow_of_a_menu_is_the_browser_s_own_and_follows_the_colours(browser: Browser, site: str) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        opened(page, site, "splint")
        styles = page.locator('[data-calculator="splint"] select').evaluate_all(
            """all => all.map(one => { const style = getComputedStyle(one);
                 return [style.appearance, style.backgroundImage, style.colorScheme.includes("dark")]; })"""
        )
        assert styles and {tuple(one) for one in styles} == {("auto", "none", scheme == "dark")}
        context.close()


def test_a_copy_is_told_where_the_eye_is(browser: Browser, site: str) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, permissions=["clipboard-read", "clipboard-write"]
    )
    watched = watch(context, site)
    opened(watched.page, site, "claim-form", "claim=dental")
    card = watched.page.locator('[data-calculator="claim-form"]')
    button = card.locator(".omsnb-copy")
    said = button.text_content()
    button.click()
    expect(button).to_have_text("Copied")
    expect(button).to_be_in_viewport()
    expect(card.locator("[role=status]")).to_have_text("Copied.")
    expect(button).to_have_text(said or "", timeout=10_000)
    watched.check()
    context.close()


def test_a_number_that_cannot_be_read_is_told_at_its_field(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    watched = watch(context, site)
    opened(watched.page, site, "visit")
    card = watched.page.locator('[data-calculator="visit"]')
    box = card.locator("input[type=text]").first
    box.fill("-5")
    box.press("Tab")
    expect(box).to_have_attribute("aria-invalid", "true")
    note = card.locator(f"[id='{box.get_attribute('aria-describedby')}']")
    expect(note).to_contain_text("“-5” does not answer")
    field, told = box.bounding_box(), note.bounding_box()
    assert field and told and 0 <= told["y"] - field["y"] - field["height"] < 20
    expect(card).not_to_contain_text("minutes:")
    box.fill("62")
    box.press("Tab")
    expect(note).to_be_hidden()
    expect(box).not_to_have_attribute("aria-invalid", "true")
    watched.check()
    context.close()


@pytest.mark.parametrize("name", ["visit", "oral-evaluation"])
def test_a_hasty_walk_never_loses_the_focus(browser: Browser, site: str, name: str) -> None:
    """Keys faster than the answers: a question may be greyed while the focus is already on it."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = watch(context, site)
    page = watched.page
    opened(page, site, name)
    page.locator(f'[data-calculator="{name}"] select').first.focus()
    page.evaluate(KEEP_WATCH)
    walked = 0
    for key in ("End", "Home"):
        while page.evaluate(FOCUSED)[0] in ("SELECT", "INPUT"):
            page.keyboard.press(key)
            page.keyboard.press("Tab" if key == "End" else "Shift+Tab")
            walked += 1
        page.keyboard.press("Shift+Tab")
        page.wait_for_timeout(500)
    assert walked >= 4
    assert page.evaluate("losses") == []
    watched.check()
    context.close()


def test_a_finding_wraps_and_keeps_its_remedy(browser: Browser, site: str) -> None:
    for width in (390, 1440):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(f"{site}/book/claims/will-this-claim-stand.html")
        boxes = page.locator(".cell_output pre")
        cut = boxes.evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)")
        assert boxes.count() > 10 and cut == []
        told = boxes.evaluate_all("all => all.map(one => one.textContent)")
        found = [text for text in told if any(text.startswith(status) for status in ("deny", "review", "warn", "unknown"))]
        assert found and all("Remedy: " in text for text in found)
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_note_in_the_margin_keeps_clear_of_its_rule(browser: Browser, site: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    seen = 0
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{site}/book/chapters/imaging.html")
        for padding in page.locator(".discrepancy").evaluate_all(
            "all => all.map(one => parseFloat(getComputedStyle(one).paddingLeft))"
        ):
            assert padding >= 8, width
            seen += 1
    assert seen
    context.close()


def test_no_word_of_a_table_is_broken(browser: Browser, site: str) -> None:
    page = browser.new_page()
    found = {}
    for path in ("cases/trauma", "cases/orthognathic", "chapters/imaging", "reference/crosswalk"):
        page.goto(f"{site}/book/{path}.html")
        page.add_style_tag(content="article section { content-visibility: visible !important }")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for place in page.locator("article table").all():
                if words := broken_words(place):
                    found[path, width] = words
    assert found == {}
    page.close()
