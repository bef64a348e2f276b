"""Each of the paper's statements is conveyed on a page of the book, and that page really shows it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from omsnb.tables import discrepancies, guidance, tables
from omsnb.tables.book_tables import conveyed

ROOT = Path(__file__).resolve().parent.parent
PAPER = [id for id, entry in guidance().items() if entry.source == "paper"]


@cache
def shown(page: str) -> frozenset[str]:
    """The statements that a written page cites: in prose, in a note on the paper, or among those of a case."""
    file = next(file for ending in ("md", "ipynb") if (file := ROOT / f"{page}.{ending}").is_file())
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb":
        text = "\n\n".join(
            "".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"
        )
    found = set(re.findall(r"\{guidance\}`([^`]+)`", text))
    for name in re.findall(r"^```\{discrepancy\} (\S+)$", text, re.M):
        found |= set(discrepancies()[name].guidance)
    for name in re.findall(r"^```\{case-statements\} (\S+)$", text, re.M):
        found |= {id for id, entry in guidance().items() if entry.section == name}
    return frozenset(found)


def test_the_paper_has_176_statements_and_each_has_a_page() -> None:
    assert len(PAPER) == 176
    assert set(conveyed()) == set(PAPER)


@pytest.mark.parametrize("id", PAPER)
def test_the_page_shows_the_statement(id: str) -> None:
    """In words or in a note; a row of a table, which teaches nothing by itself, does not count."""
    page = conveyed()[id]
    assert page.startswith(("book/chapters/", "book/cases/", "book/index"))
    assert id in shown(page)


def test_rules_of_a_chapter_are_taught_in_a_chapter() -> None:
    """A rule that decides a code stands where the code is taught, or where its form is."""
    cited = {id for table in tables().values() for row in table.rows for id in row.guidance}
    astray = [id for id in PAPER if id in cited and guidance()[id].section in {"I", "II", "III", "IV", "V", "VI"}
              and not conveyed()[id].startswith("book/chapters/")]  # fmt: skip
    assert astray == []
