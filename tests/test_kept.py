"""The state that a page keeps: it comes back whole, and what it cannot hold is named."""

from __future__ import annotations

import pytest

from omsnb.calculators import calculators_app, case_explorer, new_form
from omsnb.calculators.catalogue import calculators
from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.kept import Kept
from omsnb.tables import cases


@pytest.mark.parametrize("reading", ["paper", "narrative"])
@pytest.mark.parametrize("name", list(cases()))
def test_a_state_comes_back_whole(name: str, reading: str) -> None:
    for variant in cases()[name].variants or ("",):
        first = CaseExplorer(case=name)
        first.variant, first.reading = variant, reading
        assert first.worksheet is not None
        for question in first.worksheet.questions[:6]:
            first.answer(question.fact, question.answers[-1] if question.answers else "30")
        other = CaseExplorer()
        other.restore(first.state)
        assert (other.state, other.worksheet, other.notice) == (first.state, first.worksheet, "")
        assert (other.case, other.variant, other.reading, other.answers) == (
            name,
            variant,
            reading,
            first.answers,
        )


@pytest.mark.parametrize(
    ("state", "left_out"),
    [
        ("case=nope&claim=medical", "case=nope"),
        ("case=tmj&reading=nope", "reading=nope"),
        ("case=tmj&variant=nope", "variant=nope"),
        ("case=tmj&claim=nope", "claim=nope"),
        ("case=tmj&no_such_fact=yes", "no_such_fact=yes"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_stays(state: str, left_out: str) -> None:
    model = CaseExplorer()
    model.restore(state + "&place=office")
    assert left_out in model.notice and "place" not in model.notice
    assert model.answers["place"] == "office" and model.worksheet is not None


@pytest.mark.parametrize(
    "state", ["", "&&&", "%", "=", "case", "case=tmj&case=trauma", "\0", "claim=%00", "x" * 9000]
)
def test_no_state_is_a_fault(state: str) -> None:
    model = CaseExplorer()
    model.restore(state)
    assert model.worksheet is not None and not model.problem


def test_the_box_follows_the_form_and_the_form_follows_the_box() -> None:
    view = case_explorer()
    box, case = view.children[-1], view.children[0]
    case.value = "tmj"
    assert "case=tmj" in box.value
    box.value = "case=trauma&reading=narrative&claim=medical"
    assert case.value == "trauma" and view.children[2].value == "narrative"
    assert "claim=medical" in box.value
    box.value = "case=trauma&claim=nope"
    assert "nope" not in box.value and "claim" not in box.value, "it holds what the form holds"


def test_the_chooser_keeps_which_calculator_and_its_answers() -> None:
    for name in calculators():
        field = next(field for field in new_form(name).fields if field.options)
        answer = field.options[0][1]
        chooser, box = calculators_app().children
        menu = chooser.children[0]
        box.value = f"{name}?{field.name}={answer}"
        assert menu.value == name and box.value == f"{name}?{field.name}={answer}"
        menu.value = next(other for other in calculators() if other != name)
        assert box.value == f"{menu.value}?"


def test_a_restored_state_is_told_once_and_as_the_form_has_it() -> None:
    told: list[str] = []
    kept = Kept(lambda: told[-1].upper() if told else "", told.append)
    kept.tell()
    kept.box.value = "x"
    assert told == ["x"] and kept.box.value == "X"
