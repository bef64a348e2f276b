"""How long a chapter is: screens at desk width, sheets of paper, letters in a line; measured in the built book."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from conftest import Watched, watch
from playwright.sync_api import Browser
from pypdf import PdfReader

pytestmark = [pytest.mark.browser, pytest.mark.book]
ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(f"book/chapters/{file.stem}" for file in (ROOT / "book" / "chapters").glob("*.md"))
CASES = sorted(f"book/cases/{file.stem}" for file in (ROOT / "book" / "cases").glob("*.ipynb"))
SCREENS, SHEETS, LETTERS = 12, 8, 72
SCREEN = {"width": 1280, "height": 800}
LONGEST = """() => {
  let most = 0;
  for (const text of document.querySelectorAll("article section > p")) {
    const range = document.createRange(), walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
    let top = null, count = 0;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.parentElement.closest(".cites")) continue;
      for (let place = 0; place < node.length; place++) {
        range.setStart(node, place);
        range.setEnd(node, place + 1);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        if (top === null || box.top > top + 10) { most = Math.max(most, count); count = 0; top = box.top; }
        count += 1;
      }
    }
    most = Math.max(most, count);
  }
  return most;
}"""


@pytest.mark.parametrize("name", [*CHAPTERS, *CASES])
def test_a_page_is_no_longer_than_a_reader_bears(browser: Browser, site: str, name: str) -> None:
    context = browser.new_context(viewport=SCREEN)
    watched: Watched = watch(context, site)
    page = watched.page
    page.goto(f"{site}/{name}.html")
    page.locator(".scripted").wait_for(state="attached")
    screens = page.evaluate("document.querySelector('article').scrollHeight") / SCREEN["height"]
    letters = page.evaluate(LONGEST)
    sheets = len(PdfReader(BytesIO(page.pdf(format="A4"))).pages)
    print(f"{name}: {screens:.1f} screens, {letters} letters in a line, {sheets} sheets")
    assert screens <= SCREENS
    assert letters <= LETTERS
    assert sheets <= SHEETS
    context.close()
