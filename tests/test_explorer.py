"""The explorer as an application: every fact can be changed, each change is told and can be undone."""

from __future__ import annotations

import re
from datetime import date
from html import escape
from urllib.parse import parse_qsl

import pytest
from ipywidgets import HTML, DatePicker, Dropdown, HBox, Textarea

from omsnb import code_case
from omsnb.calculators.effect import effect
from omsnb.calculators.explorer import HISTORY, MORE, CaseExplorer
from omsnb.calculators.explorer_view import CHANGE, explorer_view
from omsnb.calculators.given import STORY
from omsnb.coding import facts_asked
from omsnb.edition import edition
from omsnb.records import DAY
from omsnb.tables import cases, facts

WAYS = [
    (name, way)
    for name, case in cases().items()
    for way in (*case.variants, *([] if case.variants else [""]))
]


def other_value(entry: object) -> str:
    """An answer that the case does not give."""
    known = facts()[entry.fact]
    if known.values:
        return next(key for key in known.values if key not in entry.value.split("|"))
    return str(next(n for n in (known.bounds[0], known.bounds[-1]) if str(n) not in entry.value))


@pytest.mark.parametrize(("name", "way"), WAYS)
@pytest.mark.parametrize("reading", ["paper", "narrative"])
def test_every_fact_of_a_case_is_a_question_or_can_be_changed(name: str, way: str, reading: str) -> None:
    model = CaseExplorer(case=name, variant=way, reading=reading)
    known = cases()[name]
    variant = known.variants.get(way)
    parts = (*known.services, *(variant.services if variant else ()))
    wanted = set()
    for part in parts:
        shared = {e.fact: e for e in (*known.facts, *(variant.facts if variant else ()))}
        for entry in {**shared, **{own.fact: own for own in part.facts}}.values():
            said = entry.value if reading == "paper" else entry.narrative
            if said and entry.fact in facts_asked(part) and entry.fact != DAY:
                wanted.add(entry.fact)
    assert wanted and wanted <= {entry.fact for entry in model.given} | set(model.places())
    names = [entry.name for entry in model.given]
    assert len(set(names)) == len(names) and not set(names) & set(model.places())
    labels = [*(entry.label for entry in model.given), *map(model.question, model.places())]
    assert len(set(labels)) == len(labels), "two controls of one name"


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_changed_fact_reaches_the_rules_and_its_service_alone(name: str, way: str) -> None:
    model = CaseExplorer(case=name, variant=way)
    start = model.worksheet
    for entry in model.given:
        value = other_value(entry)
        model.enter(entry.name, value)
        assert model.answers == {entry.name: value}
        wanted = code_case(name, {entry.name: value}, variant=way or None)
        assert model.worksheet == wanted
        assert [d.fact for d in model.worksheet.departures] or entry.mark == "printed"
        service, dot, _ = entry.name.rpartition(".")
        if dot:
            others = [row for row in model.worksheet.rows if row.name != service]
            assert others == [row for row in start.rows if row.name != service]
        assert f"Changed; the case has: {entry.said}." in entry.note(value)
        model.enter(entry.name, entry.value)  # the case's own answer is the way back
        assert model.answers == {} and model.worksheet == start


def test_what_the_case_says_is_shown_on_demand_and_nothing_jumps() -> None:
    model = CaseExplorer(case="trauma")
    view = explorer_view(model)
    button = next(one for one in view.children if getattr(one, "description", "") == CHANGE)
    panel = view.children[view.children.index(button) + 1]
    assert panel.children == ()
    button.value = True
    placed = panel.children
    menus = {one.description: one for one in placed if isinstance(one, Dropdown)}
    notes = [one.value for one in placed if isinstance(one, HTML)]
    assert {entry.label for entry in model.given if facts()[entry.fact].values} == set(menus)
    for mark in ("The story states it: ", "The setting implies it: ", "Only the paper"):
        assert any(mark in note for note in notes)
    for entry in model.given:
        if entry.label in menus:
            menu = menus[entry.label]
            assert menu.label == f"{entry.said}{STORY}"
            menu.value = other_value(entry)
            assert panel.children == placed and not menu.disabled
            assert f"the case has: {escape(entry.said)}" in placed[placed.index(menu) + 1].value
            menu.value = entry.value
            assert model.answers == {} and panel.children == placed
    again = explorer_view(CaseExplorer(case="trauma", answers={"place": "office"}))
    assert again.children[view.children.index(panel)].children, "a change that was kept is seen"


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_questions_that_a_changed_fact_brings_keep_their_place(name: str, way: str) -> None:
    model = CaseExplorer(case=name, variant=way)
    first = model.places()
    for entry in model.given:
        model.answers = {entry.name: other_value(entry)}
        placed = model.places()
        assert placed[: len(first)] == first or MORE in dict(model.groups)
        more = dict(model.groups).get(MORE, ())
        for fact in reversed(more):
            known = facts()[fact]
            model.enter(fact, [*known.values, *([str(known.bounds[0])] if not known.values else [])][-1])
            assert dict(model.groups)[MORE] == more, "no answer to one of them moves another"
        for fact, names in model.settled_by().items():
            assert fact in placed and set(names) <= set(model.answers)
    model.start_over()
    assert model.places() == first


def test_a_change_is_told_in_one_sentence() -> None:
    model = CaseExplorer(case="trauma")
    assert model.said == ""
    model.enter("place", "office")
    before = model.worksheet
    model.enter("component", "capture_and_read")
    assert model.said == effect(before, model.worksheet)
    lines = {way for row in before.rows for way in map(str, row.alternatives)}
    after = {way for row in model.worksheet.rows for way in map(str, row.alternatives)}
    told = set(re.findall(r"[D\dTG]\d{3,4}T?(?:-\w\w)*(?: ×[\d.]+)?", model.said))
    assert told == lines ^ after and "changed: " in model.said
    model.enter("component", "")
    assert "changed: " in model.said and model.said.endswith("questions are open.")
    model.case = "tmj"
    assert model.said == f"{cases()['tmj'].title}."
    model.answer("contrast", "with")
    assert "fewer: " in model.said and model.said.count(".") == 1
    model.reading = "narrative"
    assert " more: " in model.said or "No line changes" in model.said
    assert effect(before, before).startswith("No line changes; ")


def test_undo_and_redo_go_through_every_state() -> None:
    model = CaseExplorer(case="trauma")
    states = [model.state]
    for step in (
        lambda: model.enter("claim", "medical"),
        lambda: model.enter("place", "office"),
        lambda: model.start_over(),
        lambda: setattr(model, "case", "neonatal-distraction"),
        lambda: setattr(model, "variant", list(cases()["neonatal-distraction"].variants)[-1]),
        lambda: setattr(model, "reading", "narrative"),
        lambda: model.enter("claim", "dental"),
    ):
        step()
        states.append(model.state)
    assert len(set(states)) == len(states) - 1, "starting over is the first state again"
    for state in reversed(states[:-1]):
        model.undo()
        assert model.state == state and model.said.startswith("Undone. ")
    model.undo()
    assert (model.state, model.said) == (states[0], "There is nothing to undo.")
    for state in states[1:]:
        model.redo()
        assert model.state == state and model.worksheet is not None
    model.redo()
    assert (model.state, model.said) == (states[-1], "There is nothing to do again.")
    model.undo()
    model.enter("minutes", "61")
    model.redo()
    assert model.said == "There is nothing to do again.", "a new change forgets what was undone"
    assert dict(parse_qsl(model.state))["minutes"] == "61"


def test_the_history_is_bounded_and_an_entry_that_is_no_answer_is_no_step() -> None:
    model = CaseExplorer(case="trauma")
    for number in range(2 * HISTORY):
        model.enter("minutes", str(number))
    model.enter("minutes", "many")
    assert model.worksheet is None
    for number in range(HISTORY):
        model.undo()
        assert model.answers == {"minutes": str(2 * HISTORY - 2 - number)} and model.worksheet is not None
    model.undo()
    assert model.said == "There is nothing to undo."


def test_the_day_of_the_service_chooses_codes_and_is_told() -> None:
    model = CaseExplorer(case="tmj")
    view = explorer_view(model)
    start, result = model.worksheet, view.children[-1]
    assert "the day of this edition, since none is given" in result.value
    day = next(one for one in view.children if isinstance(one, DatePicker))
    assert day.description == facts()[DAY].question
    day.value = date(2026, 3, 2)
    assert model.answers == {DAY: "2026-03-02"} and "For a service on 2026-03-02." in result.value
    assert model.worksheet == code_case("tmj", {DAY: "2026-03-02"})
    assert model.places() and DAY not in model.places()
    day.value = None
    assert model.answers == {} and model.worksheet == start
    model.restore("case=tmj&on=2026-03-02..2026-03-05")
    assert model.answers == {} and "on=2026-03-02..2026-03-05" in model.notice


def test_the_text_to_copy_holds_lines_record_list_and_open_points() -> None:
    model = CaseExplorer(case="trauma", answers={"claim": "medical", "place": "office", DAY: "2026-03-02"})
    view = explorer_view(model)
    box = next(one for one in view.children if isinstance(one, Textarea))
    assert box.layout.display == "none" and box.value == ""
    buttons = next(one for one in view.children if isinstance(one, HBox))
    next(one for one in buttons.children if "text" in one.description).click()
    assert box.layout.display is None
    place = next(entry for entry in model.given if entry.name == "place")
    assert f"office (changed; the case has: {place.said})".lower() in box.value.lower()
    assert "Date of service: 2026-03-02" in box.value and f"Edition {edition().edition}" in box.value
    for document in model.worksheet.documents:
        assert f"  - {document.label}" in box.value
    for question in model.worksheet.questions:
        assert f"  - {question.text}" in box.value
    for row in model.worksheet.rows:
        assert all(str(way) in box.value for way in row.alternatives)
    model.enter("minutes", "many")
    assert box.value == model.problem, "no old text stays"
