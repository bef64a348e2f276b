"""The case notebooks: checked cells keep their outputs, nothing is typed that should be derived."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from omsnb.edit_rules import KINDS, edit_rules
from omsnb.tables import cases

FOLDER = Path(__file__).resolve().parent.parent / "book" / "cases"
CODE = re.compile(r"(?<![\w.])(?:\d{5}|\d{4}T|[DG]\d{4})(?!\w)")
MARK = "# NBVAL_CHECK_OUTPUT"


def notebook(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    return found


def code_cells(book: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        ("".join(cell["source"]), cell["outputs"]) for cell in book["cells"] if cell["cell_type"] == "code"
    ]


def unchecked(book: dict[str, Any]) -> list[str]:
    """Marked cells without a stored text: nbval would pass them whatever they print."""
    return [
        source
        for source, outputs in code_cells(book)
        if MARK in source and not any("".join(out.get("text", "")).strip() for out in outputs)
    ]


def test_every_case_has_its_notebook_and_no_other_is_there() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(cases())


@pytest.mark.parametrize("name", list(cases()))
def test_checked_cells_keep_their_outputs(name: str) -> None:
    book = notebook(name)
    assert sum(MARK in source for source, _ in code_cells(book)) >= 4
    assert not unchecked(book)
    for source, outputs in code_cells(book):
        assert not [out for out in outputs if out["output_type"] == "error"], source
        assert outputs or not source.rstrip().endswith(")"), source


def test_the_chapter_on_claims_shows_every_kind_of_check() -> None:
    book = json.loads((FOLDER.parent / "claims" / "will-this-claim-stand.ipynb").read_text(encoding="utf-8"))
    assert not unchecked(book)
    shown = {
        rule.kind
        for rule in edit_rules().values()
        for source, outputs in code_cells(book)
        if MARK in source and any(f"{rule.id}:" in "".join(out.get("text", "")) for out in outputs)
    }
    assert shown == set(KINDS)


def test_a_stripped_notebook_is_refused() -> None:
    book = notebook("tmj")
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    assert unchecked(book)


@pytest.mark.parametrize("name", list(cases()))
def test_no_cell_types_a_code(name: str) -> None:
    assert not [source for source, _ in code_cells(notebook(name)) if CODE.search(source)]


@pytest.mark.parametrize("name", list(cases()))
def test_each_way_of_a_case_is_compared(name: str) -> None:
    checked = [
        source for source, _ in code_cells(notebook(name)) if "assert compare(worksheet).equal" in source
    ]
    assert all(MARK in source for source in checked)
    assert len(checked) == max(1, len(cases()[name].variants))
    for variant in cases()[name].variants:
        assert any(f'variant="{variant}"' in source for source in checked)


@pytest.mark.parametrize("name", list(cases()))
def test_each_notebook_teaches(name: str) -> None:
    book = notebook(name)
    text = "\n".join("".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "markdown")
    assert text.count("```{dropdown}") >= 3
    assert "**After this case you can**" in text and "## The story" in text and "```{discrepancy}" in text
    assert set(book["metadata"]) == {"kernelspec", "language_info"}
    assert "execution" not in json.dumps([cell.get("metadata", {}) for cell in book["cells"]])


@pytest.mark.parametrize("name", list(cases()))
def test_a_case_page_tells_the_story_that_its_facts_come_from(name: str) -> None:
    """One story: that of the case's file. A page that told another left out what the facts rest on."""
    told = [
        "".join(cell["source"]).removeprefix("## The story")
        for cell in notebook(name)["cells"]
        if "".join(cell["source"]).startswith("## The story\n")
    ]
    assert [" ".join(text.split()) for text in told] == [" ".join(cases()[name].story.split())]


@pytest.mark.parametrize("name", list(cases()))
def test_a_case_page_shows_the_lines_that_may_go_on_the_claim(name: str) -> None:
    sources = [source for source, _ in code_cells(notebook(name))]
    shown = sources.index("summary_table(worksheet)")
    assert shown < min(number for number, source in enumerate(sources) if source.startswith("services("))
