"""The explorer's model and its view, without a browser."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from ipywidgets import HTML

from omsnb import code_case
from omsnb.calculators import explorer, html
from omsnb.calculators.explorer import FAULT, CaseExplorer
from omsnb.calculators.explorer_view import explorer_view
from omsnb.paper import changed_by_answers
from omsnb.tables import cases, facts

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
    questions, result = view.children[10], view.children[-1]
    claim = next(box for box in questions.children if box.description.startswith("Which claim"))
    assert claim.value == ""
    claim.value = "medical"
    assert model.answers == {"claim": "medical"}
    listed = result.value.partition('<ul class="claim-lines">')[2].split("Beside the paper")[0]
    assert claim in questions.children and listed and "D5988" not in listed
    view.children[5].children[0].click()
    assert (model.answers, claim.value) == ({}, "")


def test_a_number_out_of_bounds_is_said_and_leaves_no_old_list() -> None:
    model = CaseExplorer(case="orthognathic")
    view = explorer_view(model)
    minutes = next(box for box in view.children[10].children if "minutes" in box.description)
    minutes.value = "<b>9999</b>"
    said = f"“&lt;b&gt;9999&lt;/b&gt;” does not answer “{facts()['minutes'].question}” Give a whole number from 0 to 600 (minutes)."
    place = list(view.children[10].children).index(minutes)
    note = view.children[10].children[place + 1]
    assert said in view.children[-1].value and said in note.value and note.layout.display is None
    assert "70355" not in view.children[-1].value
    model.answer("claim", "medical")
    assert (
        minutes.value == "<b>9999</b>" and model.worksheet is None
    )  # an entry is not forgotten over another answer
    model.start_over()
    assert (minutes.value, note.layout.display) == ("", "none") and model.worksheet is not None
    minutes.value = "61"
    assert model.answers == {"minutes": "61"} and "99205" in view.children[-1].value


def test_hostile_text_is_escaped() -> None:
    assert "<script>" not in html.problem_html("<script>alert(1)</script>")
    assert "<b>" not in html.items(["<b>"])


def test_every_question_is_labelled() -> None:
    for name in cases():
        view = explorer_view(CaseExplorer(case=name))
        controls = [box for box in view.children[10].children if not isinstance(box, HTML)]
        assert controls
        assert all(
            box.description
            for box in (*view.children[:3], *view.children[5].children, view.children[8], *controls)
        )


def test_the_model_needs_no_widgets() -> None:
    script = "import sys, omsnb.calculators.explorer; print('ipywidgets' in sys.modules)"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "False"


def test_hiding_the_variants_hides_nothing_else() -> None:
    view = explorer_view(CaseExplorer(case="tmj"))
    case, variant, reading = view.children[:3]
    assert [box.layout.display for box in (case, variant, reading)] == [None, "none", None]
    assert all(box.layout.display is None for box in view.children[10].children if not isinstance(box, HTML))


def test_the_first_way_of_doing_it_is_chosen_from_the_start() -> None:
    varied = {name: case for name, case in cases().items() if case.variants}
    assert varied
    view = explorer_view(model := CaseExplorer())
    for name, case in varied.items():
        model.case = name
        first = next(iter(case.variants))
        assert (model.variant, view.children[1].value) == (first, first)
        assert CaseExplorer(case=name).variant == first
        assert model.worksheet.variant is case.variants[first]
    view.children[1].value = list(case.variants)[-1]
    assert model.variant == list(case.variants)[-1]


@pytest.mark.slow
@pytest.mark.parametrize("name", list(cases()))
def test_no_answer_moves_or_takes_away_a_question(name: str) -> None:
    chosen = random.Random(name)
    model = CaseExplorer(case=name)
    view = explorer_view(model)
    for reading in ("paper", "narrative"):
        model.reading = reading
        for variant in [*cases()[name].variants] or [""]:
            model.variant = variant
            model.start_over()
            placed = tuple(view.children[10].children)
            assert {question.fact for question in model.worksheet.questions} == set(model.places())
            while model.worksheet.questions:
                question = chosen.choice(model.worksheet.questions)
                box = next(one for one in placed if getattr(one, "description", "") == question.text)
                known = facts()[question.fact]
                box.value = chosen.choice(
                    [*known.values] or [str(known.bounds[0]), "61", str(known.bounds[-1])]
                )
                assert tuple(view.children[10].children) == placed
                open_now = {one.text for one in model.worksheet.questions}
                for one in placed:
                    if not isinstance(one, HTML):
                        given = bool(one.value)
                        assert one.disabled == (not given and one.description not in open_now)
            idle = [fact for fact in model.places() if fact not in model.asked()]
            for fact in idle:
                told = f"<strong>{facts()[fact].question}</strong> settled by your answer: "
                assert told in view.children[-1].value
                assert set(model.settled_by()[fact]) <= set(model.answers)


def test_a_question_opened_again_is_not_greyed_under_the_hand() -> None:
    model = CaseExplorer(case="trauma")
    view = explorer_view(model)
    boxes = {box.description: box for box in view.children[10].children if not isinstance(box, HTML)}
    consultation, minutes = (boxes[facts()[name].question] for name in ("hospital_visit", "claim"))
    consultation.value = next(iter(facts()["hospital_visit"].values))
    minutes.value = "dental"
    consultation.value = ""
    assert not consultation.disabled
    boxes[facts()["opinion_asked"].question].value = "no"
    assert consultation.disabled


def test_what_the_reader_settled_is_told_apart_from_what_differs_from_the_paper() -> None:
    model = CaseExplorer(case="tmj")
    view = explorer_view(model)
    result = view.children[-1]
    model.answer("contrast", "with")
    assert "Settled by your answers, so no longer open: 70488." in result.value
    assert "Differs from the paper" not in result.value and "No longer in the list" not in result.value
    model.reading, model.answers = "narrative", {}
    assert "Differs from the paper, which prints them: D0368." in result.value
    assert "Differs from the paper, which does not print them: D0391, 99070, 21299." in result.value
    assert "Settled by your answers" not in result.value
    model.case = "trauma"
    model.answer("splint_made", "yes")
    assert "Differs from the paper, which does not print them: 21085" in result.value
    model.answer("fabricated_by", "surgeon")
    assert "Settled by your answers" not in result.value  # the plates may still be supplies
    model.answer("rendering_report", "yes")
    assert "Settled by your answers, so no longer open: 99070, 21299." in result.value


@pytest.mark.parametrize("name", list(cases()))
def test_an_answer_to_an_open_question_never_quarrels_with_the_paper(name: str) -> None:
    model = CaseExplorer(case=name)
    start = model.worksheet.codes
    for question in model.worksheet.questions:
        for value in question.answers:
            model.answers = {question.fact: value}
            found = changed_by_answers(model.worksheet)
            assert (found.missing, found.surplus) == ((), ())
            assert set(found.settled) == set(start) - set(model.worksheet.codes)


def test_against_the_story_is_told_in_the_reader_s_words() -> None:
    model = CaseExplorer(case="tmj")
    stated = next(
        entry for entry in (*cases()["tmj"].facts,) if entry.narrative and facts()[entry.fact].values
    )
    other = next(value for value in facts()[stated.fact].values if value not in stated.narrative.split("|"))
    model.answer(stated.fact, other)
    shown = html.worksheet_html(model.worksheet).partition("Against the story")[2]
    assert f"{facts()[stated.fact].question} The case has: " in shown and f"{stated.fact}:" not in shown


@pytest.mark.parametrize("name", list(cases()))
def test_a_state_is_written_and_read_again(name: str) -> None:
    model = CaseExplorer(case=name)
    model.variant = list(cases()[name].variants or [""])[-1]
    model.reading = "narrative"
    model.answer("claim", "medical")
    made = CaseExplorer(case=name, variant=model.variant, reading="narrative", answers={"claim": "medical"})
    assert made.state == model.state
    again = CaseExplorer()
    again.restore(model.state)
    assert (again.state, again.worksheet, again.notice) == (model.state, model.worksheet, "")
    again.restore(f"case=no-such&variant=<b>&reading=x&claim=both&nonsense=1&case={name}")
    assert again.case == name and again.answers == {} and again.worksheet is not None
    assert all(part in again.notice for part in ("variant=<b>", "reading=x", "claim=both", "nonsense=1"))
    assert "<b>" not in explorer_view(again).children[-1].value
