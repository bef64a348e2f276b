"""The claim desk in the built page and in Voilà: pasted, found, mended by button, saved, opened again; the keyboard alone,
a phone, light and dark, workbooks, long files, columns asked about, claims handed over, paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import AXE_OPTIONS, Watched, watch
from explorer_server import START, served
from playwright.sync_api import Browser, Locator, Page, expect

from omsnb.claim_files import read_given
from omsnb.claims import rows_of

pytestmark = [pytest.mark.browser, pytest.mark.book]

WAIT = 90_000
"""Milliseconds that Python may take to start on a busy machine."""
SOON = 30_000
LINES = """claim,patient,payer,provider,form,place,diagnoses,date,code,modifiers,units,pointers,charge
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,70486,,1,A,450.00
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,99213,25,1,A,90.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-3,P-3,medical,B-1,cms1500,11,M26.69,2026-03-03,99213,,1,A,90.00
"""
ODD = "Pt No,When,What,How many,Fee\nP1,03/28/2026,70486-26,1,$450\nP1,03/29/2026,99213,1,$90\n"


def opened(page: Page, site: str, more: str = "") -> Locator:
    """The desk in the book's page, ready to be used."""
    page.goto(f"{site}/book/tools/claim-desk.html#calculator=claim-desk{more}")
    box = page.locator(".desk")
    expect(box).to_be_visible(timeout=WAIT)
    expect(box).to_contain_text("Nothing leaves your browser")
    return box


def said(box: Locator) -> Locator:
    return box.locator(".desk-said")


def pasted(box: Locator, text: str = LINES) -> None:
    box.get_by_text("Paste lines", exact=True).click()
    box.get_by_label("Lines with their header").fill(text)
    box.get_by_role("button", name="Read the pasted lines").click()


def saved(page: Page, box: Locator, kind: str, folder: Path) -> Path:
    with page.expect_download(timeout=SOON) as download:
        box.get_by_role("button", name=f"Save as {kind}").click()
    file = folder / download.value.suggested_filename
    download.value.save_as(file)
    return file


def given(page: Page, box: Locator, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="Open a file").click()
    chooser.value.set_files(file)


def dropped(box: Locator, name: str, text: str) -> None:
    """Lets a file fall on the desk."""
    box.locator(".desk-in").evaluate(
        """(place, [name, text]) => {
          const held = new DataTransfer();
          held.items.add(new File([text], name));
          for (const kind of ["dragover", "drop"]) {
            place.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
          }
        }""",
        [name, text],
    )


def focus(page: Page) -> str:
    return str(
        page.evaluate(
            "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
        )
    )


def clean(page: Page, state: str) -> None:
    """axe finds nothing, and the page is no wider than its window."""
    found = Axe().run(page, options=AXE_OPTIONS)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{state}: {wide} px too wide"


def walk(page: Page, box: Locator, folder: Path) -> None:
    """Five lines with two mistakes: found, mended by button, taken back, saved, opened again equal."""
    pasted(box)
    expect(said(box)).to_contain_text("5 lines read, 0 rows refused", timeout=SOON)
    expect(box.locator(".desk-summary")).to_contain_text("5 rows = 5 read + 0 refused")
    expect(box.locator(".desk-edge-deny")).to_have_count(2)
    box.get_by_role("button", name="Add 26 to claim C-1 line 1").focus()
    page.keyboard.press("Enter")
    expect(said(box)).to_contain_text("Done: Add 26", timeout=SOON)
    assert focus(page) == "Take out claim C-2 line 2", "the keyboard goes on to the next remedy"
    page.keyboard.press("Enter")
    expect(said(box)).to_contain_text("Done: Take out", timeout=SOON)
    expect(box.locator(".desk-lines tbody tr")).to_have_count(4)
    expect(box.locator(".desk-edge-deny")).to_have_count(0)
    box.get_by_role("button", name="Undo").first.click()
    expect(box.locator(".desk-lines tbody tr")).to_have_count(5, timeout=SOON)
    box.get_by_role("button", name="Redo").first.click()
    expect(box.locator(".desk-lines tbody tr")).to_have_count(4, timeout=SOON)
    file = saved(page, box, "CSV", folder)
    claims = read_given(file.read_bytes()).claims
    assert [line.modifiers for claim in claims for line in claim.lines] == [("26",), ("25",), (), ()]
    for kind, name in (
        ("CSV", "claims.csv"),
        ("JSON", "claims.json"),
        ("FHIR", "claims.fhir.json"),
        ("XLSX", "claims.xlsx"),
    ):
        again = saved(page, box, kind, folder)
        assert again.name == name and read_given(again.read_bytes(), name).claims == claims, kind
        box.get_by_role("button", name="Take out row 1").click()
        expect(box.locator(".desk-lines tbody tr")).to_have_count(3, timeout=SOON)
        given(page, box, again)
        expect(said(box)).to_contain_text(f"Read {name}: 4 lines read, 0 rows refused.", timeout=SOON)
        rows = [
            {
                name: row.locator(f'[data-column="{name}"]').input_value()
                for name in ("claim", "code", "modifiers", "date")
            }
            for row in box.locator(".desk-lines tbody tr").all()
        ]
        assert rows == [{name: row[name] for name in rows[0]} for row in rows_of(claims)], kind


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_claim_is_pasted_found_mended_saved_and_opened_again(
    browser: Browser, site: str, tmp_path: Path, width: int, scheme: Any
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watched = watch(context, site)
    page = watched.page
    box = opened(page, site)
    walk(page, box, tmp_path)
    watched.check()  # before axe, which asks for style sheets of its own accord
    clean(page, f"{width} px, {scheme}")
    context.close()


def test_every_state_is_clean_and_a_broken_file_loses_nothing(
    watched: Watched, site: str, tmp_path: Path
) -> None:
    page = watched.page
    box = opened(page, site)
    clean(page, "empty")
    pasted(box)
    expect(said(box)).to_contain_text("5 lines read", timeout=SOON)
    for name, text in (
        ("broken.json", "{"),
        ("broken.xlsx", "PK\x03\x04rubbish"),
        ("broken.837", "ISA*00*"),
        ("empty.csv", ""),
    ):
        dropped(box, name, text)
        expect(said(box)).to_contain_text(re.compile("unchanged|Nothing was changed"), timeout=SOON)
        expect(box.locator(".desk-lines tbody tr")).to_have_count(5)
    dropped(box, "large.csv", "x" * (9 * 2**20))
    expect(said(box)).to_contain_text("the desk reads up to 8.0 MB")
    dropped(box, "odd.csv", ODD)
    expect(box.get_by_role("heading", name="Which column is which?")).to_be_visible(timeout=SOON)
    clean(page, "asked about columns")
    for column, field in (("When", "date"), ("What", "code"), ("How many", "units")):
        box.get_by_label(f"Column {column} is").select_option(field)
        expect(box).not_to_have_attribute("aria-busy", "true", timeout=SOON)
    box.get_by_label("Claim, on every line").fill("C-9")
    box.get_by_label("Claim, on every line").press("Tab")
    expect(box.locator(".desk-question")).to_contain_text(
        "2 lines would be read, 0 rows refused", timeout=SOON
    )
    expect(box.locator(".desk-lines tbody tr")).to_have_count(5)
    box.get_by_role("button", name="Read it with these columns").click()
    expect(said(box)).to_contain_text("Read odd.csv: 2 lines read", timeout=SOON)
    box.get_by_label("Units, row 1").fill("lots")
    box.get_by_label("Units, row 1").press("Tab")
    expect(box.get_by_label("Units, row 1")).to_have_attribute("aria-invalid", "true", timeout=SOON)
    expect(said(box)).to_contain_text("incomplete")
    clean(page, "a cell that cannot be read")
    watched.errors.clear()  # axe's own


def test_the_lines_are_written_by_keyboard_alone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    watched = watch(context, site)
    page = watched.page
    box = opened(page, site)
    box.get_by_role("button", name="Begin with an empty line").focus()
    page.keyboard.press("Enter")
    expect(box.get_by_label("Procedure code, row 1")).to_be_focused(timeout=SOON)
    page.keyboard.type("70486-26")
    page.keyboard.press("ArrowRight")
    expect(box.get_by_label("Modifiers, row 1")).to_be_focused()
    expect(box.get_by_label("Modifiers, row 1")).to_have_value("26", timeout=SOON)
    box.get_by_label("Date of service, row 1").focus()
    page.keyboard.type("3/28/2026")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(box.get_by_label("Date of service, row 1")).to_have_value("2026-03-28", timeout=SOON)
    patient = box.get_by_label("Patient key, row 1")
    patient.focus()
    page.keyboard.type("P-17", delay=300)  # slower than the rest after which it is checked
    expect(box.locator(".desk-summary")).to_contain_text("1 rows = 1 read", timeout=SOON)
    expect(patient).to_be_focused()
    expect(patient).to_have_value("P-17")
    page.keyboard.press("Control+Shift+Enter")
    expect(box.get_by_label("Patient key, row 2")).to_be_focused(timeout=SOON)
    page.keyboard.press("ArrowUp")
    expect(patient).to_be_focused()
    page.keyboard.press("Control+Delete")
    expect(box.locator(".desk-lines tbody tr")).to_have_count(1, timeout=SOON)
    expect(patient).to_be_focused()
    page.keyboard.press("Control+z")
    expect(box.locator(".desk-lines tbody tr")).to_have_count(2, timeout=SOON)
    page.evaluate(
        """text => {
          const held = new DataTransfer();
          held.setData("text/plain", text);
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
        }""",
        "P-1\tmedical\nP-2\tmedicare\n",
    )
    expect(said(box)).to_contain_text("Pasted 2 rows of 2 cells", timeout=SOON)
    for _ in range(90):
        if page.evaluate("document.activeElement.dataset.part") == "why":
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail("the keyboard does not come from the lines to the findings")
    page.keyboard.press("Enter")
    expect(box.locator(".desk-finding details[open]")).to_have_count(1)
    watched.check()
    clean(page, "by keyboard")
    context.close()


def test_a_long_file_is_shown_in_pages_and_a_workbook_is_fetched_when_it_comes(
    watched: Watched, site: str, tmp_path: Path
) -> None:
    page = watched.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    box = opened(page, site)
    head, first, *_ = LINES.splitlines()
    rows = (first.replace("C-1", f"C-{n // 5}").replace("P-1", f"P-{n // 5}") for n in range(2000))
    dropped(box, "long.csv", "\n".join([head, *rows]))
    expect(said(box)).to_contain_text("Read long.csv: 2,000 lines read", timeout=WAIT)
    expect(box.locator(".desk-lines tbody tr")).to_have_count(25)
    box.get_by_label("Units, row 25").press("ArrowDown")
    expect(box.get_by_label("Units, row 26")).to_be_focused(timeout=SOON)
    page.wait_for_timeout(1000)  # longer than the desk waits to tell Python of the row that was left
    expect(box).not_to_have_attribute("aria-busy", "true", timeout=SOON)
    expect(box.get_by_label("Units, row 26"), "a row told late turns no page back").to_be_focused()
    box.get_by_role("button", name="Next 20 findings").press("Enter")
    expect(box.locator(".desk-pages").last).to_contain_text("21 to 40", timeout=SOON)
    assert focus(page) == "Next 20 findings"
    box.get_by_label("Units, row 26").fill("2")
    box.get_by_label("Units, row 26").press("Tab")
    expect(said(box)).to_contain_text("Changed Units of row 26", timeout=SOON)
    assert not [one for one in asked if one.endswith("workbook.zip")]
    file = saved(page, box, "XLSX", tmp_path)
    assert read_given(file.read_bytes(), file.name).lines == 2000
    assert len([one for one in asked if one.endswith("workbook.zip")]) == 1
    watched.check()


def test_a_claim_comes_from_the_worksheet_a_case_and_the_home_page(watched: Watched, site: str) -> None:
    page = watched.page
    page.goto(f"{site}/book/cases/trauma.html")
    page.get_by_role("link", name="Put this case on the claim desk").click()
    box = page.locator(".desk")
    expect(box.locator(".desk-fields select").first).to_have_value("trauma", timeout=WAIT)
    expect(box.get_by_role("button", name="Put the lines on the desk")).to_be_visible(timeout=SOON)
    clean(page, "a case's questions")
    state = (
        "done-panoramic=yes&claim=medical&payer=other&place=office&captured_by=practice&reported_by=practice"
    )
    page.goto(f"{site}/book/chapters/cases.html#calculator=worksheet&{state}")
    form = page.locator('[data-calculator="worksheet"]')
    expect(form).to_have_attribute("data-state", "live", timeout=WAIT)
    link = form.get_by_role("link", name="Check these lines on the claim desk")
    expect(link).to_be_visible(timeout=SOON)
    link.click()
    box = page.locator(".desk")
    expect(said(box)).to_contain_text("Read the worksheet", timeout=WAIT)
    expect(box.locator(".desk-lines tbody tr")).not_to_have_count(0)
    assert "data-claim" not in page.url and not re.search("P-1", page.url)
    page.goto(f"{site}/book/index.html")
    page.locator(".sd-card", has_text="Check a claim").click()
    expect(page).to_have_url(re.compile("claim-desk.html"))
    expect(
        page.locator(".bd-sidebar-primary a[href$='claim-desk.html'], .bd-sidebar-primary a[href='#']").first
    ).to_be_attached()


def test_the_sheet_on_paper_holds_the_claim_and_nothing_else(watched: Watched, site: str) -> None:
    page = watched.page
    box = opened(page, site)
    pasted(box)
    expect(said(box)).to_contain_text("5 lines read", timeout=SOON)
    page.evaluate("window.print = () => { window.printed = true }")
    box.get_by_role("button", name="Print", exact=True).click()
    page.wait_for_function("window.printed", timeout=SOON)
    page.emulate_media(media="print")
    paper = box.locator(".desk-paper")
    expect(paper).to_be_visible()
    for text in ("Edition", "24D Code", "Findings", "lacks 26", "http"):
        expect(paper).to_contain_text(text)
    expect(box.get_by_role("button", name="Open a file")).to_be_hidden()
    expect(page.locator(".bd-sidebar-primary")).to_be_hidden()
    expect(box.locator(".desk-lines")).to_be_hidden()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    expect(box.locator(".desk-lines")).to_be_visible()


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The desk as Voilà serves it."""
    with served("book/apps/claim-desk.ipynb", tmp_path_factory.mktemp("voila") / "said.txt") as (address, _):
        yield address


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_desk_in_voila(browser: Browser, voila: str, tmp_path: Path, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    watched = watch(context, voila)
    page = watched.page
    page.goto(f"{voila}/")
    box = page.locator(".desk")
    expect(box).to_be_visible(timeout=START)
    expect(box).to_contain_text("goes to the server that you opened")
    walk(page, box, tmp_path)
    assert (watched.foreign, watched.errors) == ([], [])
    clean(page, f"Voilà, {width} px, {scheme}")
    page.reload()
    expect(page.locator(".desk-lines tbody tr")).to_have_count(4, timeout=START)
    context.close()


def test_a_file_larger_than_a_message_is_read_in_voila(browser: Browser, voila: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = watch(context, voila)
    page = watched.page
    page.goto(f"{voila}/")
    box = page.locator(".desk")
    expect(box).to_be_visible(timeout=START)
    head, first, *_ = LINES.splitlines()
    rows = [first.replace("C-1", f"C-{n // 5}").replace("P-1", f"P-{n // 5}") for n in range(4000)]
    text = "\n".join([head, *rows])
    assert len(text) > 256 * 1024
    dropped(box, "long.csv", text)
    expect(said(box)).to_contain_text("Read long.csv: 4,000 lines read", timeout=WAIT)
    context.close()
