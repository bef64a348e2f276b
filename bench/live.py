"""How fast the calculators in the page are, beside a bare Pyodide: ``python bench/live.py BOOK_FOLDER [--rounds 5]``.

In one run, turn by turn: the stock runtime booted in a worker of an empty page (the floor), and a chapter with its
calculator, each cold (a new reader) and warm (the same reader's next visit). Then the time from an answer chosen to the
result shown, and the size of what is transferred. Read the figures as ratios: machines differ.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import build_live  # noqa: E402

from omsnb.calculators.catalogue import calculators  # noqa: E402
from omsnb.site.serve import HOST, open_server  # noqa: E402

CALCULATOR = "splint"
FLOOR_PAGE = """<!doctype html><title>floor</title><p id="answer"></p><script>
new Worker("floor.mjs", {type: "module"}).onmessage = ({data}) => {
  document.getElementById("answer").textContent = data;
};
</script>"""
FLOOR_WORKER = """import { loadPyodide } from "./pyodide.mjs";
const python = await loadPyodide();
postMessage(python.runPython("6 * 7"));"""
STEP = """async ([name, turn]) => {
  const form = document.querySelector(`[data-calculator="${name}"] .live-form`);
  const state = () => form.querySelector(".omsnb-state").textContent;
  const controls = [...form.querySelectorAll("select")].filter((one) => !one.disabled && one.offsetParent);
  const control = controls[turn % controls.length];
  const options = [...control.options].filter((one) => !one.disabled && one.value !== control.value);
  const before = state();
  const start = performance.now();
  const shown = new Promise((done) => new MutationObserver((seen, observer) => {
    if (state() !== before) { observer.disconnect(); done(performance.now() - start); }
  }).observe(form, {childList: true, subtree: true, characterData: true}));
  control.value = options[turn * 7 % options.length].value;
  control.dispatchEvent(new Event("change", {bubbles: true}));
  return Promise.race([shown, new Promise((done) => setTimeout(done, 5000, null))]);
}"""


def serve(folder: Path) -> str:
    """Serves a folder in the background and returns its address."""
    server = open_server(folder, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://{HOST}:{server.server_address[1]}"


def floor(folder: Path) -> str:
    """The stock runtime on an empty page, served like the book."""
    stock = build_live.node_modules() / "pyodide"
    for name in (*build_live.RUNTIME, "python_stdlib.zip", "pyodide-lock.json"):
        shutil.copy(stock / name, folder / name)
    (folder / "index.html").write_text(FLOOR_PAGE)
    (folder / "floor.mjs").write_text(FLOOR_WORKER)
    return serve(folder)


def timed(context: BrowserContext, address: str, shown: str, wait_for: str = "") -> float:
    """Seconds from the start of navigation until an element is there; then waits for what happens afterwards."""
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(shown).first.wait_for(timeout=120_000)
    took = time.perf_counter() - start
    if wait_for:
        page.locator(wait_for).wait_for(timeout=120_000, state="attached")
    page.close()
    return took


def visits(browser: Browser, address: str, shown: str, wait_for: str = "") -> tuple[float, float]:
    """A new reader's first visit and the second, in seconds."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    cold = timed(context, address, shown, wait_for)
    warm = timed(context, address, shown)
    context.close()
    return cold, warm


def interactions(browser: Browser, site: str, turns: int) -> dict[str, list[float]]:
    """Milliseconds from a chosen answer to the result shown, by calculator."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    found: dict[str, list[float]] = {}
    for name, entry in calculators().items():
        page = context.new_page()
        page.goto(f"{site}/{entry.page}.html#calculator={name}")
        page.locator(f'[data-calculator="{name}"] .omsnb-result .omsnb').wait_for(timeout=120_000)
        page.wait_for_timeout(1000)
        took = [page.evaluate(STEP, [name, turn]) for turn in range(turns)]
        found[name] = [one for one in took if one is not None]
        page.close()
    context.close()
    return found


def main() -> int:
    """Measures and prints."""
    said = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    said.add_argument("book", type=Path, help="the folder of the built pages")
    said.add_argument("--rounds", type=int, default=5, help="visits of each kind (default 5)")
    said.add_argument("--turns", type=int, default=30, help="answers for each calculator (default 30)")
    said.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    asked = said.parse_args()
    site = serve(asked.book)
    show: Callable[[list[float]], float] = statistics.median
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bare = floor(Path(folder))
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        chapter = f"{site}/{calculators()[CALCULATOR].page}.html#calculator={CALCULATOR}"
        result = f'[data-calculator="{CALCULATOR}"] .omsnb-result .omsnb'
        floors, ours = [], []
        for _ in range(asked.rounds):
            floors.append(visits(browser, bare, "#answer:not(:empty)"))
            ours.append(visits(browser, chapter, result, "html[data-memory=saved]"))
        for kind, place in (("cold", 0), ("warm", 1)):
            least, mine = show([one[place] for one in floors]), show([one[place] for one in ours])
            print(f"{kind}: bare Pyodide {least:.2f} s, calculator {mine:.2f} s = {mine / least:.2f} x the floor")
        taken = interactions(browser, site, asked.turns)
        for name, took in taken.items():
            print(f"  {name}: answer to result, median {show(took):.0f} ms, longest {max(took):.0f} ms")
        print(f"all calculators: median {show([one for took in taken.values() for one in took]):.0f} ms")
        browser.close()
    runtime = next(one for one in (asked.book / "live").iterdir() if one.is_dir())
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in runtime.iterdir())
    print(f"whole runtime: {size / 1e6:.2f} MB with gzip")
    return 0


if __name__ == "__main__":
    sys.exit(main())
