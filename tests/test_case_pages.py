"""The case pages for readers: what is said once, and the note, the level and the form with which each ends."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from omsnb.notes import propose
from omsnb.site.filled_claim import FilledClaim, build
from omsnb.tables import cases, facts

FOLDER = Path(__file__).resolve().parent.parent / "book" / "cases"


def cells(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return found


def end(name: str) -> str:
    return "".join(cells(name)[-1]["source"])


def options(name: str) -> dict[str, Any]:
    """The options of the page's filled claim, as the directive reads them."""
    text = end(name)
    body = text[text.index(f"```{{filled-claim}} {name}\n") :]
    given = dict(re.findall(r"^:([\w-]+): *(.*)$", body, re.M))
    return {key: FilledClaim.option_spec[key](said or None) for key, said in given.items()}


def note(name: str) -> str:
    return "\n".join(line[1:].strip() for line in end(name).splitlines() if line.startswith(">"))


@pytest.mark.parametrize("name", list(cases()))
def test_a_page_ends_with_note_level_and_form(name: str) -> None:
    text = end(name)
    assert re.findall(r"^#+ (.*)$", text, re.M) == ["The finished claim", "The note", "The claim"]
    assert "**The level of the visit.**" in text
    sheet, built = build(name, options(name))
    codes = {line.code for claim in built.claims for line in claim.lines}
    assert codes & {way.code for way in sheet.evaluation.alternatives}, "the visit is on the claim"
    assert codes & {way.code for row in sheet.rows if row.service == "planning" for way in row.alternatives}


@pytest.mark.parametrize("name", list(cases()))
def test_the_note_says_what_the_claim_rests_on(name: str) -> None:
    """The note reader finds nothing in the note that the claim's answers contradict, and several that they need."""
    sheet, _ = build(name, options(name))
    answered = dict(part.split("=") for part in options(name)["answers"])
    parts = (
        sheet.case,
        *sheet.case.services,
        *((sheet.variant, *sheet.variant.services) if sheet.variant else ()),
    )
    told = {entry.fact: entry.narrative for part in parts for entry in part.facts} | answered
    found = [one for day in note(name).split("\n\n") for one in propose(day).proposals]
    compared = [one for one in found if told.get(one.fact) and facts()[one.fact].values]
    assert len({one.fact for one in compared}) >= 2, [one.fact for one in found]
    wrong = [
        (one.fact, one.value, one.quote) for one in compared if one.value not in told[one.fact].split("|")
    ]
    assert wrong == []


def test_what_holds_for_every_case_is_said_once() -> None:
    """Eight sentences once stood word for word on all seven pages."""
    said: Counter[str] = Counter()
    for name in cases():
        prose = "\n\n".join(
            "".join(cell["source"]) for cell in cells(name) if cell["cell_type"] == "markdown"
        )
        prose = re.sub(r"```.*?```", "", prose, flags=re.S)
        sentences = {" ".join(one.split()) for one in re.split(r"(?<=[.:?])\s|\n\n", prose)}
        said.update(
            one
            for one in sentences
            if len(one.split()) >= 5 and not one.startswith(("#", "**", "{ref}", ">"))
        )
    assert [one for one, count in said.items() if count > 2] == []


@pytest.mark.parametrize("name", list(cases()))
def test_no_cell_of_code_shows_in_the_book(name: str) -> None:
    assert all(
        "remove-input" in cell["metadata"].get("tags", [])
        for cell in cells(name)
        if cell["cell_type"] == "code"
    )
