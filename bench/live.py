"""How fast the calculators in the page are, beside a bare Pyodide: ``python bench/live.py BOOK_FOLDER [--rounds 5]``.

In one run, turn by turn: the stock runtime booted in a worker of an empty page (the floor), and a chapter with its
calculator, each cold (a new reader) and warm (the same reader's next visit). Then the time from an answer chosen to the
result shown, and the size of what is transferred. Read the figures as ratios: machines differ.

``--jupyterlite`` takes a third into each turn: the same calculator in jupyterlite-sphinx; see ``jupyterlite.py`` here.
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
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import jupyterlite
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import build_live  # noqa: E402

from omsnb.calculators.catalogue import calculators  # noqa: E402
from omsnb.site.serve import HOST, open_server  # noqa: E402

CALCULATOR = "splint"
JUPYTERLITE = ROOT / "_build" / "jupyterlite"
FLOOR_PAGE = """<!doctype html><title>floor</title><p id="answer"></p><script>
new Worker("floor.mjs", {type: "module"}).onmessage = ({data}) => {
  document.getElementById("answer").textContent = data;
};
</script>"""
FLOOR_WORKER = """import { loadPyodide } from "./pyodide.mjs";
const python = await loadPyodide();
postMessage(python.runPython("6 * 7"));"""
show: Callable[[list[float]], float] = statistics.median
STEP = """async (form, turn) => {
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


@dataclass(frozen=True)
class Contestant:
    """A page: its address, the element that holds the answer and, if it stands in one, the iframe around that.

    ``afterwards``: what a first visit waits for when the answer is there, so that the second finds all that was kept.
    """

    address: str
    answer: str
    iframe: str = ""
    afterwards: str = ""

    def inside(self, page: Page) -> Page | FrameLocator:
        """Where the answer stands."""
        return page.frame_locator(self.iframe) if self.iframe else page


def serve(folder: Path, opened: Callable[[Path, int], ThreadingHTTPServer] = open_server) -> str:
    """Serves a folder in the background and returns its address."""
    server = opened(folder, 0)
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


@contextmanager
def new_reader(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has kept nothing yet."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


def timed(context: BrowserContext, one: Contestant, afterwards: str = "") -> float:
    """Seconds from the start of navigation until the answer is there; then waits for what happens afterwards."""
    page = context.new_page()
    start = time.perf_counter()
    page.goto(one.address, wait_until="commit")
    one.inside(page).locator(one.answer).first.wait_for(timeout=120_000)
    took = time.perf_counter() - start
    if afterwards:
        page.locator(afterwards).wait_for(timeout=120_000, state="attached")
    page.close()
    return took


def visits(browser: Browser, one: Contestant) -> tuple[float, float]:
    """A new reader's first visit and the second, in seconds."""
    with new_reader(browser) as context:
        return timed(context, one, one.afterwards), timed(context, one)


def forbid_other_hosts(browser: Browser, one: Contestant) -> None:
    """Visits once, and ends the run when the page asks any other machine: it would measure the network as well."""
    asked: set[str] = set()
    with new_reader(browser) as context:
        context.on("request", lambda request: asked.add(urlsplit(request.url).hostname or HOST))
        timed(context, one)
    if others := asked - {HOST}:
        sys.exit(f"{one.address} asks other hosts, so it cannot be measured: {', '.join(sorted(others))}")


def compare(browser: Browser, contestants: Mapping[str, Contestant], rounds: int) -> None:
    """Visits all by turns and prints the medians; the first is the floor, the second our own."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, one in contestants.items():
            taken[name].append(visits(browser, one))
    for kind, place in (("cold", 0), ("warm", 1)):
        middle = {name: show([one[place] for one in took]) for name, took in taken.items()}
        (floor_name, least), (our_name, mine), *others = middle.items()
        print(f"{kind}: {floor_name} {least:.2f} s, {our_name} {mine:.2f} s = {mine / least:.2f} x the floor")
        for name, theirs in others:
            ratios = f"{theirs / least:.2f} x the floor, {theirs / mine:.2f} x the {our_name}"
            print(f"  {name} {theirs:.2f} s = {ratios}")


def answering(form: Locator, turns: int) -> list[float]:
    """Milliseconds from a chosen answer to the result shown, by turns; an answer that changes nothing is left out."""
    form.page.wait_for_timeout(1000)
    took = [form.evaluate(STEP, turn) for turn in range(turns)]
    return [one for one in took if one is not None]


def interactions(browser: Browser, site: str, turns: int) -> dict[str, list[float]]:
    """Milliseconds from a chosen answer to the result shown, by calculator."""
    found: dict[str, list[float]] = {}
    with new_reader(browser) as context:
        for name, entry in calculators().items():
            page = context.new_page()
            page.goto(f"{site}/{entry.page}.html#calculator={name}")
            page.locator(f'[data-calculator="{name}"] .omsnb-result .omsnb').wait_for(timeout=120_000)
            found[name] = answering(page.locator(f'[data-calculator="{name}"] .live-form'), turns)
            page.close()
    return found


def interactions_in_jupyterlite(browser: Browser, one: Contestant, turns: int) -> list[float]:
    """The same for the calculator in JupyterLite."""
    with new_reader(browser) as context:
        page = context.new_page()
        page.goto(one.address)
        one.inside(page).locator(one.answer).first.wait_for(timeout=120_000)
        return answering(one.inside(page).locator(".jp-OutputArea").first, turns)


def main() -> int:
    """Measures and prints."""
    said = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    said.add_argument("book", type=Path, help="the folder of the built pages")
    said.add_argument("--rounds", type=int, default=5, help="visits of each kind (default 5)")
    said.add_argument("--turns", type=int, default=30, help="answers for each calculator (default 30)")
    said.add_argument("--chromium", default=shutil.which("chromium"), help="the browser")
    said.add_argument("--jupyterlite", action="store_true", help="and jupyterlite-sphinx, built once")
    asked = said.parse_args()
    site = serve(asked.book)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chapter = f"{site}/{calculators()[CALCULATOR].page}.html#calculator={CALCULATOR}"
        result = ".omsnb-result .omsnb"
        ours = f'[data-calculator="{CALCULATOR}"] {result}'
        contestants = {
            "bare Pyodide": Contestant(floor(Path(folder)), "#answer:not(:empty)"),
            "calculator": Contestant(chapter, ours, afterwards="html[data-memory=saved]"),
        }
        if asked.jupyterlite:
            other = serve(jupyterlite.build(JUPYTERLITE, CALCULATOR), jupyterlite.open_framed)
            contestants["jupyterlite-sphinx"] = Contestant(f"{other}/index.html", result, iframe="iframe")
        browser = playwright.chromium.launch(executable_path=asked.chromium, args=["--no-sandbox"])
        if asked.jupyterlite:
            forbid_other_hosts(browser, contestants["jupyterlite-sphinx"])
        compare(browser, contestants, asked.rounds)
        answered = interactions(browser, site, asked.turns)
        for name, took in answered.items():
            print(f"  {name}: answer to result, median {show(took):.0f} ms, longest {max(took):.0f} ms")
        print(f"all calculators: median {show([one for took in answered.values() for one in took]):.0f} ms")
        if asked.jupyterlite:
            took = interactions_in_jupyterlite(browser, contestants["jupyterlite-sphinx"], asked.turns)
            print(f"{CALCULATOR} in jupyterlite: median {show(took):.0f} ms, longest {max(took):.0f} ms")
        browser.close()
    runtime = next(one for one in (asked.book / "live").iterdir() if one.is_dir())
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in runtime.iterdir())
    print(f"whole runtime: {size / 1e6:.2f} MB with gzip")
    return 0


if __name__ == "__main__":
    sys.exit(main())
