"""The explorer as an application: what the case says is changed by keys, undone, saved to a file and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS
from explorer_server import listed, opened, served
from measuring import FOCUSED, KEEP_WATCH
from playwright.sync_api import Browser, Page, expect

from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.explorer_view import CHANGE
from omsnb.calculators.given import STORY
from omsnb.summary import summary
from omsnb.tables import cases, facts

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    with served("book/apps/case-explorer.ipynb", tmp_path_factory.mktemp("voila") / "log.txt") as running:
        yield running


def follows(page: Page, model: CaseExplorer) -> None:
    expect(page.locator(".omsnb-state")).to_have_text(model.state, timeout=20_000)
    assert model.worksheet
    expect(listed(page)).to_have_text(
        [line.text for entry in summary(model.worksheet) for line in entry.lines]
    )


def give(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Open a file").click()
    asked.value.set_files(file)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_stated_fact_is_changed_undone_kept_and_opened_again(
    browser: Browser, server: tuple[str, psutil.Process], tmp_path: Path, width: int, scheme: str
) -> None:
    watched = opened(browser, server[0], width, scheme)
    page, model = watched.page, CaseExplorer(case="trauma")
    page.get_by_label("Case", exact=True).select_option(label=cases()["trauma"].title)
    follows(page, model)
    page.get_by_role("button", name=CHANGE).click()
    entry = next(one for one in model.given if one.name == "place")
    menu = page.get_by_label(entry.label, exact=True)
    expect(menu.locator("option:checked")).to_have_text(f"{entry.said}{STORY}")
    menu.focus()
    page.evaluate(KEEP_WATCH)
    focused = page.evaluate(FOCUSED)
    page.keyboard.type(facts()["place"].label("office")[:6])
    model.enter("place", "office")
    follows(page, model)
    assert page.evaluate(FOCUSED) == focused and page.evaluate("losses") == []
    expect(page.locator(".omsnb-said")).to_have_text(model.said)
    expect(page.locator(".omsnb-given", has_text=f"Changed; the case has: {entry.said}.")).to_be_visible()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Start over").click()
    model.start_over()
    follows(page, model)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".omsnb-said")).to_contain_text("Undone. ")
    assert page.evaluate(FOCUSED)[0] == "BUTTON"
    menu.select_option(label=facts()["place"].label("office"))
    model.enter("place", "office")
    follows(page, model)
    page.get_by_role("button", name="Keep, save and open").click()
    page.get_by_label("Name of this scenario").fill("office")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Keep it under this name").click()
    expect(page.get_by_text("Kept: office")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save to a file").click()
    file = tmp_path / "case.json"
    saved.value.save_as(file)
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    assert [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    watched.check()
    page.context.close()
    watched = opened(browser, server[0], width, scheme)
    page = watched.page
    page.get_by_role("button", name="Keep, save and open").click()
    give(page, file)
    follows(page, model)
    expect(page.get_by_text("The file was opened.")).to_be_visible()
    expect(page.get_by_label("Kept scenarios").locator("option")).to_have_count(2)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    give(page, broken)
    expect(page.get_by_text("The file is no JSON")).to_be_visible()
    follows(page, model)
    watched.check()
    page.context.close()
