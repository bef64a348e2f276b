"""The form "From a note" without a browser: its model, what it shows, and that nothing counts before it is confirmed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from omsnb.calculators import calculator, from_a_note
from omsnb.calculators.desk import ClaimDesk
from omsnb.calculators.note_form import CONFIRMED, MOST, NOTE, REJECTED, NoteForm
from omsnb.calculators.note_html import held_html, note_html, proposal_html, result_html
from omsnb.calculators.note_view import IN_PAGE, ON_SERVER, _View
from omsnb.notes import propose
from omsnb.notes.confirming import parts_of, services_confirmed, worksheet_of
from omsnb.tables import facts

HOME = Path(__file__).parent / "notes"
NOTE_TEXT = (
    "Office visit 03/03/2026. New patient, 44-year-old woman. I examined her. A panoramic film was taken in our office; "
    "my signed report is filed. Eight photographs were taken. Total time 50 minutes. Level by time. "
    "Medical claim per front desk, BCBS. No opinion was requested."
)


def read(text: str = NOTE_TEXT, day: str = "") -> NoteForm:
    model = NoteForm()
    model.read(text, day)
    return model


def number_of(model: NoteForm, fact: str, value: str = "") -> int:
    return next(
        n for n, one in enumerate(model.found.proposals) if one.fact == fact and value in ("", one.value)
    )


def confirm_all(model: NoteForm) -> NoteForm:
    for number in range(len(model.found.proposals)):
        model.decide(number, CONFIRMED)
    return model


def codes(model: NoteForm) -> set[str]:
    assert model.worksheet
    return set(model.worksheet.codes)


def test_nothing_counts_before_it_is_confirmed() -> None:
    model = read()
    assert model.found.proposals and not model.confirmed and model.worksheet is None and not model.lacks
    assert "not decided" in result_html(model) or "Nothing that is confirmed" in result_html(model)
    model.decide(number_of(model, "photographs"), CONFIRMED)
    assert codes(model) == {"D0350"}
    model.decide(number_of(model, "photographs"), REJECTED)
    assert model.worksheet is None
    model.decide(number_of(model, "photographs"), "")
    assert not model.decided


def test_a_changed_answer_counts_in_place_of_the_notes() -> None:
    model = confirm_all(read())
    assert "70355" in codes(model) and model.evaluated
    model.decide(number_of(model, "component"), "capture_only")
    assert model.confirmed[number_of(model, "component")].value == "capture_only"
    assert [str(way) for row in model.worksheet.rows for way in row.alternatives if way.code == "70355"] == [
        "70355-TC"
    ]  # type: ignore[union-attr]
    model.decide(number_of(model, "minutes"), "62")
    assert model.worksheet.evaluation.settled("minutes") == "62"  # type: ignore[union-attr]
    model.decide(number_of(model, "minutes"), "many")
    assert "Give a whole number" in model.problem
    model.decide(number_of(model, "minutes"), "60")
    assert not model.problem
    with pytest.raises(ValueError, match="is not known; allowed"):
        model.decide(number_of(model, "component"), "all")
    with pytest.raises(ValueError, match="not in the note"):
        model.decide(99, CONFIRMED)


def test_open_questions_are_answered_and_lead_to_lines_that_the_desk_takes() -> None:
    model = confirm_all(read(NOTE_TEXT.replace(" No opinion was requested.", "")))
    model.pay("medical")
    assert model.questions
    while model.questions:
        question = model.questions[0]
        value = {"claim": "medical", "consultation": "no"}.get(question.fact) or next(
            iter(facts()[question.fact.rpartition(".")[2]].values), ""
        )
        assert value, question
        before = len(model.questions)
        model.answer(question.fact, value)
        assert not model.problem and len(model.questions) < before
    text = model.claim_text()
    assert text.startswith("claim,patient") and "99204" in text
    desk = ClaimDesk()
    desk.load(text.encode())
    assert len(desk.rows) == len(text.splitlines()) - 1 and not desk.faults


def test_without_a_visit_the_claim_asks_nothing_of_one() -> None:
    model = confirm_all(read("3/3/2026. Eight photographs were taken."))
    model.pay("medical")
    built = model.building()
    assert built and not [one for one in built.open if one.service == "evaluation"]
    assert not {"patient", "seen_by", "minutes"} & {question.fact for question in model.questions}


def test_what_the_note_lacks_stands_with_its_code() -> None:
    model = confirm_all(
        read("3/3/2026. I moved the maxilla 4 mm in the virtual session, working from the CT.")
    )
    shown = result_html(model)
    assert "What this note lacks" in shown and "planning note" in shown
    assert "Note on virtual planning" in model.letters() and "[" in model.letters()


def test_words_of_the_note_are_lit_and_escaped_everywhere() -> None:
    bad = "<img src=x onerror=alert(1)>"
    text = f"{bad} Office visit 3/3/2026. New {bad} patient, healthy. New patient. Eight {bad} photographs were taken. {bad}"
    model = confirm_all(read(text))
    assert model.confirmed
    shown = [
        note_html(model),
        held_html(model),
        result_html(model),
        *(proposal_html(model, n) for n in range(len(model.confirmed))),
    ]
    for html in shown:
        assert bad not in html
    assert 'class="confirmed"' in shown[0] and "&lt;img" in shown[0]
    plain = note_html(read())
    for one in read().found.proposals:
        assert one.quote.split()[0] in plain


def test_a_contradiction_is_shown_and_not_proposed() -> None:
    model = read("3/3/2026. New patient, healthy. Established patient, doing well.")
    assert [one.fact for one in model.contradictions] == ["patient", "patient"]
    assert "contradicts itself" in held_html(model) and not [
        one for one in model.found.proposals if one.fact == "patient"
    ]


def test_two_scans_are_two_lines() -> None:
    found = propose(
        "3/3/2026. We scanned the teeth of both arches. We scanned the stone models.", "2026-03-03"
    ).proposals
    parts, answers = parts_of(found)
    assert [part.name for part in parts] == ["surface-scan-1", "surface-scan-2"]
    assert {answers["surface-scan-1.scan_subject"], answers["surface-scan-2.scan_subject"]} == {
        "mouth",
        "model",
    }
    made = worksheet_of(found)
    assert made and len(made.rows) == 2


def test_a_service_can_be_added_and_a_wrong_day_changes_nothing() -> None:
    model = read("A talk with the family on 3/3/2026.")
    assert not model.found.proposals
    model.add("photographs")
    assert services_confirmed(model.confirmed, model.added) == ("photographs",) and model.questions
    with pytest.raises(ValueError, match="service"):
        model.add("everything")
    before = model.found
    model.read("New patient.", "soon")
    assert model.found is before and "soon" in model.problem
    model.read("x" * (MOST + 1))
    assert model.found is before and "characters" in model.problem


def test_what_is_kept_is_what_was_confirmed() -> None:
    model = read()
    assert json.loads(model.saved())["facts"] == []
    model.decide(0, CONFIRMED)
    kept = json.loads(model.saved())
    assert [one["fact"] for one in kept["facts"]] == [model.found.proposals[0].fact]
    assert model.text not in model.saved()


def test_the_view_follows_the_model_and_forgets_the_last_note() -> None:
    model = NoteForm()
    view = _View(model, "", IN_PAGE, True)
    assert view.after.layout.display == "none"
    model.read(NOTE_TEXT)
    assert view.after.layout.display is None
    assert len(view.cards) == len(model.found.proposals)
    view.cards[0].yes.click()
    assert model.decided == {0: CONFIRMED} and "confirmed" in view.cards[0].text.value
    place = number_of(model, "component")
    view.cards[place].other.value = "read_only"
    assert model.decided[place] == "read_only"
    view.cards[place].no.click()
    assert model.decided[place] == REJECTED and view.cards[place].other.value == ""
    assert any(control.widget.layout.display is None for control in view.asked.values())
    confirm_all(model)
    assert not model.questions and all(one.widget.layout.display == "none" for one in view.asked.values())
    view.payer.value = "medical"
    assert "omsnb-to-desk" in view.claim.value and "data-lines" in view.claim.value
    model.read("A talk with the family on 3/3/2026.")
    assert not model.decided and all(card.box.layout.display == "none" for card in view.cards)
    assert not view.letters.value and not view.questions.children


def test_the_page_and_the_server_say_where_the_note_goes() -> None:
    assert IN_PAGE in calculator(NOTE).children[0].value
    assert ON_SERVER in from_a_note().children[0].value
