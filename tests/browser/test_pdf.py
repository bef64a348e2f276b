"""The PDF: pages in order with an outline, solutions open, the edition on each sheet. A few pages stand for all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from unicodedata import normalize

import pytest
from conftest import ROOT
from pypdf import PdfReader

from omsnb.edition import edition
from omsnb.tables import codes

pytestmark = [pytest.mark.browser, pytest.mark.book]
TOOL = ROOT / "tools" / "make_pdf.py"


def made(html: Path, output: Path, *pages: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, TOOL, html, output, *pages]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def plain(text: str) -> str:
    """The words alone: the print has ligatures and curly quotes."""
    straight = re.sub("[\u2018\u2019]", chr(39), normalize("NFKC", text))
    return " ".join(straight.split())


def test_a_chapter_and_a_code_print_with_open_solutions(html: Path, tmp_path: Path) -> None:
    output = tmp_path / "book.pdf"
    code = next(iter(codes()))
    done = made(html, output, "book/chapters/printing", f"book/codes/{code}")
    assert done.returncode == 0, done.stderr
    reader = PdfReader(output)
    assert [entry.title for entry in reader.outline] == ["V. 3D printing", f"{code}: {codes()[code].label}"]
    sheets = [plain(sheet.extract_text()) for sheet in reader.pages]
    for sheet in sheets:
        assert f"Edition {edition().edition}, code year {edition().code_year}" in sheet
    text = " ".join(sheets)
    source = (ROOT / "book/chapters/printing.md").read_text(encoding="utf-8")
    dropdowns = re.findall(r"^```\{dropdown\} .*?$\n(.*?)^```$", source, re.M | re.S)
    assert len(dropdowns) >= 5
    for answer in dropdowns:
        # the first words that are no role and no markup
        words = plain(re.split(r"[{*`\[(]", answer.strip())[0])[:40]
        assert words in text, words
    quiz = (html / "book/chapters/printing.html").read_text(encoding="utf-8").count("quiz-solution")
    assert quiz and text.count("Answer ") >= quiz
    assert "What reports it" in text


def test_the_pdf_lists_every_page_of_the_book() -> None:
    sys.path.insert(0, str(TOOL.parent))
    from make_pdf import contents

    sys.path.pop(0)
    listed = contents()
    assert listed[0] == "book/index" and len(listed) == len(set(listed))
    assert [page for page in listed if page.startswith("book/codes/")] == [f"book/codes/{code}" for code in codes()]
    written = {file.relative_to(ROOT).with_suffix("").as_posix() for file in (ROOT / "book").rglob("*.md")}
    assert {page for page in written if "/codes/" not in page and "_" not in page} <= set(listed)


def test_a_book_that_is_not_built_is_said_in_one_line(tmp_path: Path) -> None:
    done = made(tmp_path, tmp_path / "book.pdf")
    assert done.returncode == 1 and "build it first" in done.stderr and len(done.stderr.splitlines()) == 1
