"""The explorer's model and its view, without a browser."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from omsnb import code_case
from omsnb.calculators import explorer, html
from omsnb.calculators.explorer import FAULT, CaseExplorer
from omsnb.calculators.explorer_view import explorer_view
from omsnb.tables import cases

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", list(cases()))
def test_each_case_starts_open_with_the_printed_list(name: str) -> None:
    model = CaseExplorer(case=name)
    assert model.worksheet is not None
    assert model.worksheet.codes == code_case(name).codes
    assert model.answers == {} and model.problem == ""
    assert "equals the one that the paper prints" in html.worksheet_html(model.worksheet)


def test_an_answer_narrows_and_opening_it_again_widens() -> None:
    model = CaseExplorer(case="tmj")
    start = model.worksheet.codes
    model.answer("contrast", "with")
    assert model.answers == {"contrast": "with"}
    assert set(model.worksheet.codes) < set(start)
    model.answer("contrast", "")
    assert model.worksheet.codes == start
    model.answer("claim", "dental")
    model.start_over()
    assert model.worksheet.codes == start


def test_another_case_forgets_answers_and_variant() -> None:
    model = CaseExplorer(case="neonatal-distraction")
    model.variant = "custom-devices"
    assert "distractors" in {row.name for row in model.worksheet.rows}
    model.answer("claim", "medical")
    model.case = "trauma"
    assert (model.answers, model.variant) == ({}, "")
    assert model.worksheet.codes == code_case("trauma").codes


def test_reading() -> None:
    model = CaseExplorer(case="tmj")
    model.reading = "narrative"
    assert model.worksheet.codes == code_case("tmj", reading="narrative").codes


def test_a_bad_answer_leaves_no_old_list() -> None:
    model = CaseExplorer(case="tmj")
    model.answer("claim", "both")
    assert model.worksheet is None
    assert model.problem == "claim: 'both' is not allowed; allowed: medical, dental"
    model.start_over()
    assert model.worksheet is not None and model.problem == ""


def test_an_exception_leaves_no_old_list(monkeypatch: pytest.MonkeyPatch) -> None:
    model = CaseExplorer(case="tmj")
    view = explorer_view(model)
    result = view.children[-1]
    assert "omsnb" in result.value

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("secret path")

    monkeypatch.setattr(explorer, "code_case", broken)
    model.answer("claim", "medical")
    assert (model.worksheet, model.problem) == (None, FAULT)
    assert FAULT in result.value and "secret" not in result.value and "70486" not in result.value


def test_the_view_follows_the_model_and_the_model_the_view() -> None:
    model = CaseExplorer(case="tmj")
    view = explorer_view(model)
    questions, result = view.children[5], view.children[6]
    claim = next(box for box in questions.children if box.description.startswith("Which claim"))
    assert claim.value == ""
    claim.value = "medical"
    assert model.answers == {"claim": "medical"}
    assert claim in questions.children and "D0368" not in result.value.split("Beside the paper")[0]
    view.children[4].click()
    assert (model.answers, claim.value) == ({}, "")


def test_a_number_out_of_bounds_is_said_and_leaves_no_old_list() -> None:
    model = CaseExplorer(case="orthognathic")
    view = explorer_view(model)
    minutes = next(box for box in view.children[5].children if "minutes" in box.description)
    minutes.value = "<b>9999</b>"
    assert "minutes: &#x27;&lt;b&gt;9999&lt;/b&gt;&#x27; is not allowed" in view.children[6].value
    assert "70355" not in view.children[6].value
    minutes.value = "61"
    assert model.answers == {"minutes": "61"} and "99205" in view.children[6].value


def test_hostile_text_is_escaped() -> None:
    assert "<script>" not in html.problem_html("<script>alert(1)</script>")
    assert "<b>" not in html.items(["<b>"])


def test_every_question_is_labelled() -> None:
    for name in cases():
        view = explorer_view(CaseExplorer(case=name))
        assert all(box.description for box in (*view.children[:3], *view.children[4:5], *view.children[5].children))


def test_the_model_needs_no_widgets() -> None:
    script = "import sys, omsnb.calculators.explorer; print('ipywidgets' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_hiding_the_variants_hides_nothing_else() -> None:
    view = explorer_view(CaseExplorer(case="tmj"))
    case, variant, reading = view.children[:3]
    assert [box.layout.display for box in (case, variant, reading)] == [None, "none", None]
    assert all(box.layout.display is None for box in view.children[5].children)
