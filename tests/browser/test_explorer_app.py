"""The case explorer as ``make explore`` serves it: it follows the reader, and never shows a list that it cannot vouch for."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from explorer_server import START, become, lines, listed, opened, served
from measuring import FOCUSED, KEEP_WATCH, WIDTHS, broken_words, faults
from playwright.sync_api import Browser, Page, expect

from omsnb import code_case
from omsnb.calculators import new_form
from omsnb.calculators.catalogue import calculators, find_calculator
from omsnb.calculators.explorer import CaseExplorer
from omsnb.summary import summary
from omsnb.tables import cases, facts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """The address of the served explorer, and its process."""
    with served("book/apps/case-explorer.ipynb", tmp_path_factory.mktemp("voila") / "log.txt") as running:
        yield running


@pytest.fixture
def explorer(browser: Browser, server: tuple[str, psutil.Process]) -> Iterator[Watched]:
    """The explorer in light colours, closed afterwards."""
    watched = opened(browser, server[0])
    yield watched
    watched.page.context.close()


def test_every_case_shows_its_list(explorer: Watched) -> None:
    page = explorer.page
    for name, case in cases().items():
        page.get_by_label("Case", exact=True).select_option(label=case.title)
        expect(listed(page)).to_have_text(lines(name))
        expect(page.locator(".omsnb-result")).to_contain_text(
            "The list equals the one that the paper prints."
        )
    explorer.check()


def test_an_answer_narrows_the_list_and_start_over_opens_it(explorer: Watched) -> None:
    page = explorer.page
    name = next(iter(cases()))
    wanted = lines(name, {"claim": "dental"})
    page.get_by_label(facts()["claim"].question).select_option(label=facts()["claim"].label("dental"))
    expect(page.locator(".omsnb-result")).to_contain_text("Settled by your answers")
    expect(listed(page)).to_have_text(wanted)
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".omsnb-result")).to_contain_text("The list equals the one that the paper prints.")
    expect(listed(page)).to_have_text(lines(name))
    explorer.check()


def test_the_keyboard_is_enough(explorer: Watched) -> None:
    page = explorer.page
    page.get_by_label("Case", exact=True).focus()
    page.keyboard.press("ArrowDown")
    second = list(cases())[1]
    expect(page.locator("body")).to_contain_text(cases()[second].story.split(".")[0])
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.labels?.[0]?.textContent") == facts()["claim"].question:
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", (
        "the focus is seen"
    )
    page.keyboard.press("ArrowDown")
    expect(page.locator(".omsnb-result")).to_contain_text("Settled by your answers")


def test_a_wrong_number_hides_the_list_and_says_what_is_allowed(explorer: Watched) -> None:
    box = explorer.page.get_by_label(facts()["minutes"].question)
    box.fill("<img src=x onerror=alert(1)>")
    box.press("Tab")
    expect(explorer.page.locator(".omsnb-result")).to_contain_text("“<img src=x onerror=alert(1)>” does not answer")
    expect(listed(explorer.page)).to_have_count(0)
    assert explorer.page.locator(".omsnb-result img, .omsnb-refused img").count() == 0
    expect(explorer.page.locator(".omsnb-refused:visible")).to_contain_text("Give a whole number from 0 to 600")
    explorer.check()


def test_a_lost_kernel_hides_the_list(browser: Browser, server: tuple[str, psutil.Process]) -> None:
    address, process = server
    watched = opened(browser, address)
    result, banner = watched.page.locator(".omsnb-result"), watched.page.locator("#omsnb-lost")
    expect(banner).to_be_hidden()
    for child in process.children(recursive=True):
        child.kill()
    expect(banner).to_be_visible(timeout=30_000)
    expect(result).to_be_hidden()
    watched.page.get_by_role("button", name="Start again").click()
    expect(result.locator("h2").first).to_be_visible(timeout=START)
    expect(banner).to_be_hidden()
    watched.page.context.close()


def test_a_closed_tab_frees_its_kernel(browser: Browser, server: tuple[str, psutil.Process]) -> None:
    address, process = server
    # kernels of earlier tests, whose tabs said no farewell, must be gone: else one of them ends in between
    assert become(lambda: len(process.children(recursive=True)) == 2, 40), "the warm ones"
    before = 2
    watched = opened(browser, address)
    assert become(lambda: len(process.children(recursive=True)) > before, 5)
    watched.page.close(run_before_unload=True)
    for _ in range(60):
        if len(process.children(recursive=True)) <= before:
            break
        time.sleep(0.5)
    assert len(process.children(recursive=True)) <= before
    watched.page.context.close()


@pytest.mark.parametrize("asked", ["theme=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "template=no-such"])
def test_the_address_can_change_nothing(
    browser: Browser, server: tuple[str, psutil.Process], asked: str
) -> None:
    with urllib.request.urlopen(f"{server[0]}/?{asked}", timeout=60) as answer:
        assert answer.status == 200
        text = answer.read().decode()
    assert "onerror" not in text and "omsnb-lost" in text


@pytest.mark.parametrize(
    "path", ["voila/files/case-explorer.ipynb", "files/case-explorer.ipynb", "api/contents"]
)
def test_nothing_else_is_served(server: tuple[str, psutil.Process], path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(f"{server[0]}/{path}", timeout=30)
    assert problem.value.code in (403, 404)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_explorer_is_accessible(
    browser: Browser, server: tuple[str, psutil.Process], scheme: str, width: int
) -> None:
    watched = opened(browser, server[0], width, scheme)
    page = watched.page
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert [f"{entry['id']}: {entry['nodes'][0]['html'][:160]}" for entry in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(page.locator(".omsnb-said")).to_have_attribute("aria-live", "polite")
    expect(page.locator(".omsnb-result")).to_have_attribute("aria-live", "off")
    watched.check()
    page.context.close()


def test_the_calculators_answer_there_too(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/calculators.ipynb", tmp_path / "log.txt") as (address, _):
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        watched = watch(context, address)
        page = watched.page
        page.goto(f"{address}/")
        expect(page.locator(".omsnb-result .omsnb").first).to_be_visible(timeout=START)
        menu = page.get_by_label("Calculator", exact=True)
        menu.select_option(label=find_calculator("splint").title)
        claim = page.get_by_label(facts()["claim"].question)
        claim.select_option(label=facts()["claim"].label("dental"))
        form = new_form("splint", "claim=dental")
        result = page.locator(".omsnb-result .omsnb")
        for row in form.decisions[0].rows:
            expect(result).to_contain_text(row.because)
        for name, reason in form.why_not():
            expect(result.locator("details")).to_contain_text(f"{name}: {reason}")
        ruled_out = [(field, value) for field in form.fields for value in form.ruled_out(field.name)]
        options = page.locator("option", has_text=re.compile(r"\sruled\sout:"))
        expect(options).to_have_count(len(ruled_out))
        for place in range(len(ruled_out)):
            expect(options.nth(place)).to_be_disabled()
        watched.check()
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_finger_hits_every_control_and_no_word_is_broken(
    browser: Browser, server: tuple[str, psutil.Process], scheme: str
) -> None:
    watched = opened(browser, server[0], 1280, scheme)
    page = watched.page
    card = page.locator(".omsnb-explorer")
    wrong = {}
    for name, case in cases().items():
        page.get_by_label("Case", exact=True).select_option(label=case.title)
        followed(page, CaseExplorer(case=name))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 1000})
            controls, bad = faults(card)
            assert len(controls) >= 4 + len(code_case(name).questions) - 1
            if bad:
                wrong[name, width] = bad
            if words := broken_words(card):
                wrong[name, width, "broken"] = words
    assert wrong == {}
    arrows = card.locator("select").evaluate_all(
        "all => all.map(one => getComputedStyle(one).appearance + getComputedStyle(one).backgroundImage)"
    )
    assert set(arrows) == {"autonone"}
    watched.check()
    page.context.close()


def test_the_calculators_controls_there_too(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/calculators.ipynb", tmp_path / "log.txt") as (address, _):
        context = browser.new_context(viewport={"width": 390, "height": 1000})
        page = watch(context, address).page
        page.goto(f"{address}/")
        expect(page.locator(".omsnb-result .omsnb").first).to_be_visible(timeout=START)
        menu = page.get_by_label("Calculator", exact=True)
        wrong = {}
        for name, entry in calculators().items():
            menu.select_option(label=entry.title)
            first = next(iter(new_form(name).fields)).question
            expect(page.get_by_label(first, exact=True)).to_be_visible()
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 1000})
                _, bad = faults(page.locator("body"))
                if bad:
                    wrong[name, width] = bad
        assert wrong == {}
        context.close()


PLACED = """() => [...document.querySelectorAll(".omsnb-explorer :is(select, input)")]
  .filter(one => one.checkVisibility()).map(one => one.labels[0].textContent)"""
"""The questions on the screen, in order."""


def followed(page: Page, model: CaseExplorer) -> None:
    """The page shows what the model says after the last answer."""
    expect(page.locator(".omsnb-state")).to_have_text(model.state, timeout=20_000)
    assert model.worksheet
    expect(listed(page)).to_have_text([line.text for entry in summary(model.worksheet) for line in entry.lines])


def test_a_whole_case_is_walked_by_keyboard_and_the_focus_is_never_lost(explorer: Watched) -> None:
    page = explorer.page
    name = "trauma"
    page.get_by_label("Case", exact=True).focus()
    page.evaluate(KEEP_WATCH)
    page.keyboard.type(cases()[name].title[:12])
    model = CaseExplorer(case=name)
    followed(page, model)
    questions = {facts()[fact].question: fact for fact in model.places()}
    page.wait_for_function(f"wanted => ({PLACED})().slice(3).join() === wanted.join()", arg=list(questions))
    order = page.evaluate(PLACED)
    answered: list[str] = []
    for _ in range(3 * len(order)):
        page.keyboard.press("Tab")
        tag, label = page.evaluate(FOCUSED)
        assert tag != "BODY"
        if label not in questions:
            if answered and tag not in ("BUTTON",):
                break  # the result, after the last question
            continue
        fact = questions[label]
        known = facts()[fact]
        if known.kind == "number":
            value = "61"
            page.keyboard.type(value)
            page.keyboard.press("Enter")
        else:  # the last of the menu, by keys alone
            value = [*known.values][-1]
            page.keyboard.press("End")
        model.enter(fact, value)
        answered.append(label)
        followed(page, model)
        assert page.evaluate(FOCUSED) == [tag, label], "the focus stays where the answer was given"
        assert page.evaluate(PLACED) == order, "every question keeps its place"
    assert [questions[label] for label in answered] == [fact for fact in model.places() if fact in model.answers]
    assert model.worksheet.questions == (), "the walk went through the whole case"
    # and back: an answer opened again, though it no longer matters, keeps the focus too
    for label in reversed(answered):
        while page.evaluate(FOCUSED)[1] != label:
            page.keyboard.press("Shift+Tab")
            assert page.evaluate(FOCUSED)[0] != "BODY"
        fact = questions[label]
        if facts()[fact].kind == "number":
            page.keyboard.press("ControlOrMeta+a")
            page.keyboard.press("Delete")
            page.keyboard.press("Enter")
        else:
            page.keyboard.press("Home")
        model.enter(fact, "")
        followed(page, model)
        assert page.evaluate(FOCUSED)[1] == label
        assert page.evaluate(PLACED) == order
    assert model.answers == {}
    page.wait_for_timeout(300)
    assert page.evaluate("losses") == []
    explorer.check()


def test_a_hasty_walk_loses_neither_the_focus_nor_an_answer(explorer: Watched) -> None:
    """Keys faster than the kernel: a question may be greyed while the focus is already on it."""
    page = explorer.page
    page.get_by_label("Case", exact=True).select_option(label=cases()["trauma"].title)
    followed(page, CaseExplorer(case="trauma"))
    page.get_by_label(facts()["claim"].question).focus()
    page.evaluate(KEEP_WATCH)
    while page.evaluate(FOCUSED)[0] in ("SELECT", "INPUT"):
        page.keyboard.press("End")
        page.keyboard.press("Tab")
    page.wait_for_timeout(1500)
    assert page.evaluate("losses") == []
    answers = {
        fact: given for fact, value in facts().items() if value.values
        for given in value.values
        if value.label(given) == page.evaluate(
            "question => [...document.querySelectorAll('.omsnb-explorer select')]"
            ".find(one => one.labels[0].textContent === question)?.value", value.question)
    }  # fmt: skip
    assert answers
    model = CaseExplorer(case="trauma", answers=answers)
    said = dict(parse_qsl(page.locator(".omsnb-state").text_content() or ""))
    assert {fact: said[fact] for fact in answers} == answers == {**model.answers}
    assert set(said) - {"case", "reading", "variant"} == set(answers)
    explorer.check()


def test_another_case_or_way_keeps_the_focus_and_the_first_way_is_chosen(explorer: Watched) -> None:
    page = explorer.page
    page.get_by_label("Case", exact=True).focus()
    page.evaluate(KEEP_WATCH)
    for name, case in cases().items():
        page.keyboard.type(case.title)
        followed(page, CaseExplorer(case=name))
        page.wait_for_timeout(1100)  # a menu begins a new word after a second
        way = page.get_by_label("Way of doing it", exact=True)
        if case.variants:
            expect(way).to_have_value(next(iter(case.variants.values())).label)
        else:
            expect(way).to_be_hidden()
    assert page.evaluate("losses") == []
    explorer.check()


@pytest.mark.parametrize(("width", "beside"), [(1280, True), (390, False)])
def test_the_result_stays_near_the_questions(
    browser: Browser, server: tuple[str, psutil.Process], width: int, beside: bool
) -> None:
    """Beside them where there is room, and in view when the last question is; below them in a box on a phone."""
    watched = opened(browser, server[0], width)
    page = watched.page
    result = page.locator(".omsnb-result")
    last = page.locator(".omsnb-explorer select").last
    last.scroll_into_view_if_needed()
    box, question = result.bounding_box(), last.bounding_box()
    assert box and question
    assert box["height"] <= 1000
    if beside:
        assert box["x"] > question["x"] + question["width"]
        assert -40 <= box["y"] < 500 and page.evaluate("innerHeight") == 1000
    else:
        assert box["y"] > question["y"] and box["height"] <= 760
    result.focus()
    expect(result).to_be_focused()
    watched.check()
    page.context.close()
