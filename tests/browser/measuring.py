"""What is measured of a form, in the book and in the explorer: its controls' size and place, whole words, the focus."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator

TOUCH = 44
"""Pixels that a control measures at least, each way: what a finger hits."""
WIDTHS = (390, 768, 1024, 1440)

FOCUSED = """() => {
  const at = document.activeElement;
  return [at.tagName, at.labels?.[0]?.textContent || at.textContent.trim().slice(0, 40)];
}"""
KEEP_WATCH = """() => {
  window.losses = [];
  let last = "";
  const look = () => {
    const at = document.activeElement;
    if (at === document.body) window.losses.push(last);
    else last = at.labels?.[0]?.textContent || at.tagName;
    requestAnimationFrame(look);
  };
  look();
}"""
"""Looks at every frame where the focus is, and lists where it was lost."""
CONTROLS = """card => {
  const edge = card.getBoundingClientRect();
  const screen = document.documentElement.clientWidth;
  return [...card.querySelectorAll("select, input, button, textarea, summary")]
    .filter(one => one.checkVisibility())
    .map(one => {
      const box = one.getBoundingClientRect();
      return {
        name: one.tagName.toLowerCase() + " " + (one.labels?.[0]?.textContent || one.textContent.trim()).slice(0, 60),
        width: Math.round(box.width * 10) / 10,
        height: Math.round(box.height * 10) / 10,
        inside: box.left >= Math.max(0, edge.left) && box.right <= Math.min(screen, edge.right) + 0.5,
        kind: one.type || one.tagName.toLowerCase(),
        cut: one.tagName === "BUTTON" && one.scrollWidth > one.clientWidth,
      };
    });
}"""

BROKEN = """root => {
  const found = new Set();
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode;
    if (!text.parentElement.checkVisibility() || text.parentElement.closest("svg, style, select, pre, code")) continue;
    for (const word of text.data.matchAll(/[\\p{L}\\p{N}]+/gu)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map(box => Math.round(box.top))).size > 1) found.add(word[0]);
    }
  }
  return [...found];
}"""
"""Words that stand on more than one line."""


def faults(card: Locator) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The controls of a card, and those of them that are too small, cut off, or outside the card or the screen."""
    controls: list[dict[str, Any]] = []
    wrong: list[dict[str, Any]] = []
    for _ in range(20):  # a page that was just resized may still be on its way
        controls = card.evaluate(CONTROLS)
        wrong = [
            one
            for one in controls
            if one["width"] < TOUCH or one["height"] < TOUCH or not one["inside"] or one["cut"]
        ]
        if not wrong:
            break
        card.page.wait_for_timeout(100)
    return controls, wrong


def broken_words(place: Locator) -> list[str]:
    """Words of a place that are broken in the middle."""
    found: list[str] = place.evaluate(BROKEN)
    return found
