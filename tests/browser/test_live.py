"""The calculators inside the built pages: what they show is what ``decide`` finds, whatever happens around them.

Each calculator is used as a reader uses it, by its controls. How many combinations of answers are tried is set by
``OMSNB_COMBINATIONS``: a number for each calculator, or ``all`` (up to 2,000 each; more are sampled).
"""

from __future__ import annotations

import os
import random
import shutil
import threading
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, ROOT, watch
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from omsnb.calculators import new_form
from omsnb.calculators.catalogue import Calculator, calculators
from omsnb.calculators.form import Form
from omsnb.decisions import decide
from omsnb.network import requirements
from omsnb.site.serve import HOST, open_server
from omsnb.tables import facts

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000
"""Milliseconds that Python may take to start on a busy machine."""
TRIED = os.environ.get("OMSNB_COMBINATIONS", "40")
LIMIT = 2000
LINKS = "../../book/reference/"

STEP = """async ([name, changes, wanted, html]) => {
  const box = document.querySelector(`.live-calculator[data-calculator="${name}"]`);
  const form = box.querySelector(".live-form");
  const labels = [...form.querySelectorAll("label")];
  for (const [question, value] of changes) {
    const label = labels.find(one => one.textContent === question);
    const control = document.getElementById(label.htmlFor);
    if (control.tagName === "SELECT") {
      const option = [...control.options].find(one => one.value === value || one.value.startsWith(value + " – ruled out: "));
      if (!option) return `no option ${value} for ${question}: ${[...control.options].map(o => o.value)}`;
      control.value = option.value;
    } else {
      control.value = value;
    }
    control.dispatchEvent(new Event("input", {bubbles: true}));
    control.dispatchEvent(new Event("change", {bubbles: true}));
  }
  const expected = document.createElement("div");
  expected.innerHTML = html;
  const result = () => form.querySelector(".omsnb-result .widget-html-content");
  const fits = () => form.querySelector(".omsnb-state").textContent.trim() === wanted
    && result() && result().innerHTML === expected.innerHTML;
  for (let waited = 0; waited < 1000 && !fits(); waited++) await new Promise(done => setTimeout(done, 10));
  if (fits()) return "";
  const told = text => text.slice(0, 300);
  return `wanted ${wanted}: ${told(expected.textContent)}\\nshown ${form.querySelector(".omsnb-state").textContent}: ${told(result() ? result().textContent : "nothing")}`;
}"""


KEPT = """async (old) => {
  await navigator.serviceWorker.ready;
  for (;;) {
    const names = (await caches.keys()).filter((name) => name.startsWith("omsnb-pages-"));
    if (navigator.serviceWorker.controller && names.length && !names.includes(old)) return names;
    await new Promise((soon) => setTimeout(soon, 100));
  }
}"""
"""The stores of pages, as soon as the one of that name is gone."""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One reader for most tests, so that Python is loaded afresh but once."""
    opened = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield opened
    opened.close()


def address(site: str, name: str, state: str = "") -> str:
    return f"{site}/{calculators()[name].page}.html#calculator={name}{'&' if state else ''}{state}"


def live(page: Page, name: str) -> None:
    """Waits until a calculator answers."""
    expect(page.locator(f'[data-calculator="{name}"] .omsnb-result .omsnb')).to_be_visible(timeout=WAIT)
    expect(page.locator(f'[data-calculator="{name}"]')).to_have_attribute("data-state", "live")


def box(page: Page, name: str) -> Any:
    return page.locator(f'[data-calculator="{name}"]')


class Reader:
    """Someone who answers a calculator's questions in the page, beside the model that says what must be shown."""

    def __init__(self, page: Page, name: str) -> None:
        self.page, self.name, self.form = page, name, new_form(name)

    def answer(self, answers: dict[str, str]) -> None:
        """Sets the controls to these answers and no others, and compares what is shown."""
        fields = {field.name: field for field in self.form.fields}
        wanted = {name: value for name, value in answers.items() if value}
        changed = [name for name in fields if self.form.answers.get(name, "") != wanted.get(name, "")]
        for name in changed:
            self.form.answer(name, wanted.get(name, ""))
        labels = {name: {value: label for label, value in field.options} for name, field in fields.items()}
        shown = [
            [fields[name].question, labels[name].get(value, value) if (value := wanted.get(name, "")) else self.unanswered(name)]
            for name in changed
        ]
        said = self.page.evaluate(STEP, [self.name, shown, self.form.state, self.form.html(LINKS)])
        assert said == "", said
        agrees_with_decide(self.form)

    def unanswered(self, name: str) -> str:
        return "not answered yet" if any(f.name == name and f.kind == "choice" for f in self.form.fields) else ""


def agrees_with_decide(form: Form) -> None:
    """What the form holds is what the decision tables say, asked directly."""
    for table in form.calculator.tables:
        bearing = requirements(table)
        rows = decide(table, **{fact: value for fact, value in form.answers.items() if fact in bearing}).rows
        shown = [decision for decision in form.decisions if decision.table is table]
        assert {row.id for decision in shown for row in decision.rows} == {row.id for row in rows}


TYPED = {
    "plan": ["Plan X", "A & B's plan"], "authorization": ["21141", "21141, 21196"],
    "limits": ["D0330 70355: 36", "D0330: 60; 70355: 12"],
}  # fmt: skip
"""What is typed into boxes that take no number."""


def values(form: Form) -> dict[str, list[str]]:
    """Answers to try of each field: all of a menu's; of a number the ends and the steps that the tables know."""
    found = {}
    for field in form.fields:
        if field.kind == "choice":
            found[field.name] = [value for _, value in field.options][:40]
        elif field.kind == "number":
            found[field.name] = sorted(_thresholds(form.calculator, field.name), key=int)
        elif field.kind == "text":
            found[field.name] = TYPED[field.name]
        else:
            found[field.name] = ["2026-03-01", "2026-03-12", "2028-02-29"]
    return found


def _thresholds(entry: Calculator, fact: str) -> set[str]:
    bounds = facts()[fact].bounds
    ends = {bounds[0], bounds[-1]}
    for table in entry.tables:
        for row in table.rows:
            allowed = row.conditions.get(fact)
            if isinstance(allowed, range):
                ends |= {allowed[0], allowed[-1]}
    return {str(end) for end in ends}


def combinations(form: Form, chosen: random.Random) -> list[dict[str, str]]:
    """Combinations of answers to try, open ones too."""
    tried = {name: ["", *listed] for name, listed in values(form).items()}
    size = 1
    for listed in tried.values():
        size *= len(listed)
    most = LIMIT if TRIED == "all" else int(TRIED)
    if size <= most:
        return [dict(zip(tried, one, strict=True)) for one in product(*tried.values())]
    return [{name: chosen.choice(listed) for name, listed in tried.items()} for _ in range(most)]


@pytest.mark.parametrize("name", list(calculators()))
def test_every_option_and_combination_shows_what_the_tables_say(
    context: BrowserContext, site: str, name: str
) -> None:
    watched = watch(context, site)
    watched.page.goto(address(site, name))
    live(watched.page, name)
    reader = Reader(watched.page, name)
    reader.answer({})
    if name == "worksheet":  # its controls come with the services; unseen ones take no answer
        _walk_the_worksheet(reader)
    else:
        for field, listed in values(reader.form).items():
            for value in listed:
                reader.answer({field: value})
        for answers in combinations(reader.form, random.Random(name)):
            reader.answer(answers)
    watched.check()
    watched.page.close()


def _walk_the_worksheet(reader: Reader) -> None:
    """Every option of every question that a service brings, then one of each, so that later questions are reached."""
    form = reader.form
    chosen = random.Random(7)
    tried: set[tuple[str, str]] = set()
    for service in [field.name for field in form.fields if field.name.startswith("done-")]:
        reader.answer({service: "no"})
        answers = {service: "yes"}
        reader.answer(answers)
        tried |= {(service, "no"), (service, "yes")}
        for other in [one for one in form.fields if one.name in form.shown() and not one.name.startswith("done-")]:
            options = values(form)[other.name]
            for value in options:
                reader.answer({**answers, other.name: value})
                tried.add((other.name, value))
            answers[other.name] = chosen.choice(options)
            reader.answer(answers)
    assert tried == {(name, value) for name, listed in values(form).items() for value in listed}


def test_a_reading_page_carries_nothing_of_it(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = watch(context, site)
    asked: list[str] = []
    watched.page.on("request", lambda request: asked.append(request.url))
    watched.page.goto(f"{site}/book/chapters/start.html")
    watched.page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/live/" in url] == []
    watched.page.goto(f"{site}/book/chapters/supplemental-products.html")
    watched.page.wait_for_load_state("networkidle")
    assert [url for url in asked if "/live/" in url] == []
    box(watched.page, "splint").scroll_into_view_if_needed()
    live(watched.page, "splint")
    assert [url for url in asked if "/live/" in url]
    watched.check()
    context.close()


def test_progress_is_shown_and_loading_can_be_cancelled(browser: Browser, site: str) -> None:
    context = browser.new_context()
    watched = watch(context, site)
    held: list[Route] = []
    watched.page.route("**/python_stdlib.zip", lambda route: held.append(route))
    context.route("**/python_stdlib.zip", lambda route: held.append(route))
    watched.page.goto(address(site, "printing"))
    status = box(watched.page, "printing").locator(".live-status")
    expect(status).to_contain_text("of", timeout=WAIT)
    expect(status).to_contain_text("MB")
    assert 0 < float(box(watched.page, "printing").locator("progress").evaluate("one => one.value")) < 1
    watched.page.get_by_role("button", name="Cancel loading").click()
    expect(status).to_have_text("Loading was cancelled.")
    expect(box(watched.page, "printing").locator(".live-static")).to_be_visible()
    context.unroute_all(behavior="ignoreErrors")
    watched.page.unroute_all(behavior="ignoreErrors")
    watched.page.get_by_role("button", name="Start the calculator").click()
    live(watched.page, "printing")
    context.close()


def test_without_a_script_the_first_state_stands_and_no_dead_control(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    for name, entry in calculators().items():
        page.goto(f"{site}/{entry.page}.html")
        here = box(page, name)
        for row in (row for table in entry.tables for row in table.rows if row.report):
            expect(here).to_contain_text(row.report)
        assert here.locator("button:visible, select:visible, input:visible, progress:visible").count() == 0
        assert here.locator(".live-static").is_visible()
    context.close()


def test_the_network_cut_after_the_first_visit(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.goto(address(site, "printing"))
    live(page, "printing")
    expect(page.locator("html")).to_have_attribute("data-memory", "saved", timeout=WAIT)
    page.evaluate(
        """new Promise(async done => {
          await navigator.serviceWorker.ready;
          while (!navigator.serviceWorker.controller) await new Promise(soon => setTimeout(soon, 50));
          done();
        })"""
    )
    page.close()
    context.set_offline(True)
    for name in calculators():
        page = context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error, kept=problems: kept.append(str(error)))
        page.goto(address(site, name))
        live(page, name)
        reader = Reader(page, name)
        field, listed = next(iter(values(reader.form).items()))
        reader.answer({field: listed[0]})
        assert problems == []
        page.close()
    context.close()


def test_a_new_edition_replaces_the_kept_one(tools: None, browser: Browser, html: Path, tmp_path: Path) -> None:
    import build_live

    book = tmp_path / "book"
    shutil.copytree(html, book)
    server = open_server(book, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    start = f"http://{HOST}:{server.server_address[1]}/book/chapters/start.html"
    context = browser.new_context()
    page = context.new_page()
    page.goto(start)
    first = page.evaluate(KEPT, "")
    chapter = book / "book" / "chapters" / "start.html"
    chapter.write_text(chapter.read_text(encoding="utf-8").replace("</h1>", " (a later edition)</h1>"), encoding="utf-8")
    build_live.put_into(book, build_live.runtime())
    page.goto(start)
    expect(page.locator("article h1")).to_contain_text("(a later edition)")
    second = page.evaluate(KEPT, first[0])
    assert len(first) == len(second) == 1 and first != second
    context.set_offline(True)
    page.goto(start)
    expect(page.locator("article h1")).to_contain_text("(a later edition)")
    page.goto(start.replace("start.html", "imaging.html"))
    expect(page.locator("article h1")).to_contain_text("Imaging")
    context.close()
    server.shutdown()
    server.server_close()


def test_offline_before_the_first_load_it_says_so(browser: Browser, site: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/book/chapters/printing.html")
    context.set_offline(True)
    here = box(page, "printing")
    here.scroll_into_view_if_needed()
    expect(here.locator(".live-status")).to_contain_text("there is no network", timeout=WAIT)
    expect(here.locator(".live-static")).to_be_visible()
    context.set_offline(False)
    here.get_by_role("button", name="Start the calculator").click()
    live(page, "printing")
    context.close()


def failing(context: BrowserContext, site: str, name: str = "printing") -> Page:
    """A page whose calculator cannot start: the table must stand, with one sentence."""
    page = context.new_page()
    page.goto(address(site, name))
    here = box(page, name)
    expect(here.locator(".live-status")).to_have_text(
        "The calculator could not be started, so the table stands for it.", timeout=WAIT
    )
    expect(here.locator(".live-static")).to_be_visible()
    assert here.locator(".live-form").inner_text() == ""
    return page


def test_blocked_webassembly(browser: Browser, site: str) -> None:
    context = browser.new_context()

    def strict(route: Route) -> None:
        answer = route.fetch()
        policy = answer.headers["content-security-policy"].replace(" 'wasm-unsafe-eval'", "")
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": policy})

    context.route("**/*", strict)
    failing(context, site)
    context.close()


@pytest.mark.parametrize("missing", ["WebAssembly", "Worker"])
def test_an_old_browser(browser: Browser, site: str, missing: str) -> None:
    context = browser.new_context()
    context.add_init_script(f"delete window.{missing}")
    failing(context, site)
    context.close()


@pytest.mark.parametrize("file", ["pyodide.asm.wasm", "site.zip", "worker.mjs", "front.mjs", "version.json"])
def test_a_missing_file(browser: Browser, site: str, file: str) -> None:
    context = browser.new_context()
    context.route(f"**/live/**/{file}" if file != "version.json" else f"**/live/{file}", lambda route: route.fulfill(status=404, body=""))
    failing(context, site)
    context.close()


def test_an_exception_in_python_leaves_no_stale_answer(browser: Browser, site: str) -> None:
    context = browser.new_context()
    watched = watch(context, site)
    # an answer whose message the widget's code cannot take, as a fault in a model would raise
    watched.page.add_init_script(
        """const Plain = Worker; window.Worker = class extends Plain {
          postMessage(message, ...more) {
            if (window.breakNext && message.type === "message") message.data = {method: "update", state: {index: "broken"}};
            return super.postMessage(message, ...more);
          }
        };"""
    )
    watched.page.goto(address(site, "splint", "claim=medical"))
    live(watched.page, "splint")
    here = box(watched.page, "splint")
    watched.page.evaluate("window.breakNext = true")
    here.get_by_label(facts()["claim"].question).select_option(facts()["claim"].label("dental"))
    expect(here.locator(".live-status")).to_have_text("The calculator failed, so its answer was taken away. Start it again.")
    assert here.locator(".omsnb-result").count() == 0
    expect(here.locator(".live-static")).to_be_visible()
    watched.page.evaluate("window.breakNext = false")
    here.get_by_role("button", name="Start the calculator").click()
    live(watched.page, "splint")
    context.close()


def test_an_address_restores_the_answers_and_follows_them(context: BrowserContext, site: str) -> None:
    watched = watch(context, site)
    watched.page.goto(address(site, "splint", "claim=medical&nonsense=1"))
    live(watched.page, "splint")
    here = box(watched.page, "splint")
    claim = here.get_by_label(facts()["claim"].question)
    expect(claim).to_have_value(facts()["claim"].label("medical"))
    expect(here).to_contain_text("The address held something unknown, which was left out: nonsense=1")
    claim.select_option(facts()["claim"].label("dental"))
    watched.page.wait_for_url("**#calculator=splint&claim=dental")
    assert "#" not in " ".join(request for request in watched.foreign)
    watched.page.reload()
    live(watched.page, "splint")
    expect(here.get_by_label(facts()["claim"].question)).to_have_value(facts()["claim"].label("dental"))
    here.get_by_role("button", name="Start over").click()
    watched.page.wait_for_url("**/supplemental-products.html")
    watched.page.goto(f"{site}/book/chapters/printing.html#calculator=no-such&claim=dental")
    expect(watched.page.locator(".live-status").first).to_contain_text("names a calculator that is not on this page")
    watched.check()
    watched.page.close()


def test_the_result_is_copied_as_text(browser: Browser, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    watched = watch(context, site)
    watched.page.goto(address(site, "claim-form", "claim=dental"))
    live(watched.page, "claim-form")
    here = box(watched.page, "claim-form")
    here.get_by_role("button", name="Copy as text").click()
    expect(here.locator(".live-status")).to_have_text("Copied.")
    assert watched.page.evaluate("navigator.clipboard.readText()") == new_form("claim-form", "claim=dental").text
    watched.check()
    context.close()


def test_impossible_answers_are_shown_disabled_with_the_reason(context: BrowserContext, site: str) -> None:
    for name in calculators():
        form = next((one for one in _states(name) if any(one.ruled_out(field.name) for field in one.fields)), None)
        if form:
            break
    assert form, "no calculator rules an answer out"
    watched = watch(context, site)
    watched.page.goto(address(site, name, form.state))
    live(watched.page, name)
    for field in form.fields:
        for value, reason in form.ruled_out(field.name).items():
            label = next(label for label, key in field.options if key == value)
            option = box(watched.page, name).locator("option", has_text=f"{label} – ruled out: {reason}").first
            expect(option).to_be_disabled()
    watched.page.close()


def _states(name: str) -> Iterator[Form]:
    fields = [field for field in new_form(name).fields if field.kind == "choice"]
    for field in fields:
        for _, value in field.options[:6]:
            yield new_form(name, f"{field.name}={value}")


def test_the_keyboard_is_enough(context: BrowserContext, site: str) -> None:
    watched = watch(context, site)
    page = watched.page
    page.goto(address(site, "surface-scan"))
    live(page, "surface-scan")
    page.keyboard.press("Tab")
    fact = calculators()["surface-scan"].facts[0]
    for _ in range(400):
        if page.evaluate("document.activeElement.labels?.[0]?.textContent") == facts()[fact].question:
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail("the control was never reached")
    page.keyboard.press("ArrowDown")
    first = next(iter(facts()[fact].values))
    page.wait_for_url(f"**#calculator=surface-scan&{fact}={first}")
    for _ in range(6):  # past the day of the service, which is several stops
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Start over":
            break
    assert page.evaluate("document.activeElement.textContent") == "Start over"
    page.keyboard.press("Enter")
    page.wait_for_url("**/diagnostics.html")
    page.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_live_state_is_accessible(browser: Browser, site: str, scheme: str, width: int) -> None:
    opened = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    watched = watch(opened, site)
    problems = {}
    for page in dict.fromkeys(entry.page for entry in calculators().values()):
        names = [name for name, entry in calculators().items() if entry.page == page]
        watched.page.goto(f"{site}/{page}.html")
        for name in names:
            box(watched.page, name).evaluate("one => one.scrollIntoView()")  # as a link does, laid out or not
            live(watched.page, name)
        if "global-period" in names:
            box(watched.page, "global-period").locator("input[type=date]").first.fill("2026-03-01")
            box(watched.page, "global-period").locator("select").select_option(index=1)
            expect(box(watched.page, "global-period").locator("svg")).to_be_visible()
        watched.page.mouse.move(0, 0)
        for name in names:
            here = box(watched.page, name)
            for control in here.locator("select, input, textarea").all():
                assert control.evaluate("one => one.labels.length") == 1
            expect(here.locator(".omsnb-result")).to_have_attribute("aria-live", "polite")
        assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
        watched.check()
        watched.page.add_style_tag(content="article section { content-visibility: visible !important }")
        found = Axe().run(watched.page, options=AXE_OPTIONS).response["violations"]
        if found:
            problems[page] = [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]
        watched.errors.clear()  # axe loads style sheets in its own way
        watched.missing.clear()
    opened.close()
    assert problems == {}


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the build's own modules importable."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def test_the_software_of_others_is_listed_as_it_is(tools: None) -> None:
    import third_party

    assert third_party.FILE.read_text(encoding="utf-8") == third_party.listed()


def test_two_builds_give_the_same_bytes(tools: None, html: Path, tmp_path: Path) -> None:
    """The runtime made anew, in another folder, is the one in the book: its folder's name is a digest of its content."""
    import build_live

    kept = build_live.WORK
    build_live.WORK = tmp_path / "work"
    build_live.WORK.mkdir()
    (build_live.WORK / "npm").symlink_to(kept / "npm", target_is_directory=True)
    try:
        made = build_live.runtime()
    finally:
        build_live.WORK = kept
    published = html / "live" / made.name
    assert published.is_dir(), f"{made.name} is not what the book holds: {[f.name for f in (html / 'live').iterdir()]}"
    for file in made.iterdir():
        assert file.read_bytes() == (published / file.name).read_bytes(), file.name


def test_the_whole_runtime_is_small(html: Path) -> None:
    import gzip

    folder = next(one for one in (html / "live").iterdir() if one.is_dir())
    later = "workbook.zip"  # fetched by those alone who open or save a workbook
    assert (folder / later).stat().st_size <= 700_000
    size = sum(len(gzip.compress(file.read_bytes(), 9)) for file in folder.iterdir() if file.name != later)
    assert size <= 7_600_000, f"{size / 1e6:.2f} MB"
