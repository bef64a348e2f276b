"""The exercises from chart to claim: fourteen notes, their stated ends, and cells whose outputs are checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omsnb.charts import changed, claim_of, denied, held, lacks, letter_of, marked, menu
from omsnb.edits import check
from omsnb.tables import cases

FOLDER = Path(__file__).resolve().parent.parent / "book" / "charts"
MARK = "# NBVAL_CHECK_OUTPUT"
NOTE = (
    "Planning note, March 3, 2026. I did the 3D rendering on an independent workstation in our office, working from the "
    "CT. I set the bone threshold. My separate report of the rendering is signed. Medical claim per front desk."
)
DAY = "2026-03-03"


def cells(name: str) -> list[tuple[str, str]]:
    """The code cells of an exercise: source and printed text."""
    book: dict[str, Any] = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [
        ("".join(cell["source"]), "".join("".join(out.get("text", "")) for out in cell["outputs"]))
        for cell in book["cells"]
        if cell["cell_type"] == "code"
    ]


def test_every_case_has_its_exercise() -> None:
    assert {path.stem for path in FOLDER.glob("*.ipynb")} == set(cases())


@pytest.mark.parametrize("name", list(cases()))
def test_checked_cells_keep_their_outputs(name: str) -> None:
    found = cells(name)
    checked = [(source, text) for source, text in found if MARK in source]
    assert len(checked) >= 7 and all(text.strip() for _, text in checked)


@pytest.mark.parametrize("name", list(cases()))
def test_the_sound_note_ends_in_a_claim_and_the_flawed_one_in_a_finding(name: str) -> None:
    """What the cells assert, run here as well, so that a change of the reader is seen without a notebook."""
    space: dict[str, Any] = {"print": lambda *words: None}
    for source, _ in cells(name):
        exec(source, space)
    assert marked(space["NOTE"], space["DAY"]) != "nothing"
    assert not check(space["claims"]).of_status("deny")
    assert check(space["hasty"]).of_status("deny", "review")
    assert space["NOTE"] != space["FLAWED"]


def test_what_a_note_gives_and_lacks_in_words() -> None:
    assert "planning: Did the surgeon take part" in marked(NOTE, DAY)
    assert menu(NOTE, DAY, place="office", claim="medical") == "Virtual planning: 76377"
    assert "Virtual planning: 76377 or" in menu(NOTE, DAY)
    unsigned = NOTE.replace("is signed", "will be signed") + " I moved the mandible 8 mm in the virtual session."
    assert "76377: What the surgeon chose" in lacks(unsigned, DAY) and "supervision = yes" in held(
        unsigned, DAY
    )
    assert marked("Nothing.", DAY) == menu("Nothing.", DAY) == lacks("Nothing.", DAY) == "nothing"


def test_a_claim_a_denial_and_a_letter() -> None:
    (claim,) = claim_of(NOTE, DAY, "medical", "M26.69", {"report": "yes"}, place="office")
    assert [str(line) for line in claim.lines] == ["76377"]
    assert changed(claim, report="no").lines[0].report == "no"
    assert "Note on virtual planning" in letter_of((claim,)) and letter_of(()) == "nothing"
    assert denied("CARC-252").startswith("CARC-252: ") and "Next step: " in denied("CARC-252")
    with pytest.raises(ValueError, match="denial: 'CARC-0' is not known"):
        denied("CARC-0")
    with pytest.raises(ValueError, match="leads to no service"):
        claim_of("Nothing.", DAY, "medical", "M26.69")
    with pytest.raises(ValueError, match="no line is settled"):
        claim_of("Office visit. New patient, seen by me.", DAY, "medical", "M26.69")
