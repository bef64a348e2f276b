"""The claim desk without a browser: its model, its remedies and its view."""

from __future__ import annotations

from html import escape

import pytest

from omsnb.calculators import calculator, claim_desk
from omsnb.calculators.desk import KINDS, ClaimDesk
from omsnb.calculators.desk_view import CARDS, IN_PAGE, ON_SERVER, _View, finding_html
from omsnb.claim_files import read_given
from omsnb.claims import rows_of
from omsnb.edit_rules import edit_rules
from omsnb.edits import check
from omsnb.letters import letters_for
from omsnb.mending import mended
from omsnb.reading import DataError

HEAD = "claim,patient,payer,provider,form,place,diagnoses,date,code,modifiers,units,pointers,charge"
LINES = f"""{HEAD}
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,70486,,1,A,450.00
C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,99213,25,1,A,90.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-2,P-2,medical,B-1,cms1500,11,M26.69,2026-03-02,70355,,1,A,80.00
C-3,P-3,medical,B-1,cms1500,11,M26.69,2026-03-03,99213,,1,A,90.00
"""
"""Five lines with two mistakes: a scanner of the hospital without its modifier, and a line that stands twice."""


def desk(text: str = LINES) -> ClaimDesk:
    model = ClaimDesk()
    model.load(text.encode())
    return model


def fired(model: ClaimDesk) -> set[str]:
    return {finding.rule for finding in model.findings}


def finding(model: ClaimDesk, rule: str):  # type: ignore[no-untyped-def]
    return next(one for one in model.findings if one.rule == rule)


def same_as_check(model: ClaimDesk) -> None:
    """What the desk says, although it checks only what changed, is what ``check`` says of all lines."""
    report = check(model.reading.claims)
    assert sorted(map(repr, model.findings)) == sorted(map(repr, report.findings))


def test_two_mistakes_are_found_mended_exported_and_read_again() -> None:
    model = desk()
    assert len(model.rows) == 5 and model.worst == "deny"
    assert {"component-facility", "duplicate"} <= fired(model)
    same_as_check(model)
    model.mend(finding(model, "component-facility"))
    assert model.rows[0]["modifiers"] == "26" and "component-facility" not in fired(model)
    model.mend(finding(model, "duplicate"))
    assert len(model.rows) == 4 and "duplicate" not in fired(model)
    same_as_check(model)
    for kind in KINDS:
        again = ClaimDesk()
        again.load(model.export(kind), f"claims.{'csv' if kind == 'csv' else 'json'}")
        assert again.reading.claims == model.reading.claims, kind
    model.undo()
    model.undo()
    assert {"component-facility", "duplicate"} <= fired(model) and len(model.rows) == 5


def test_a_broken_file_loses_nothing_on_the_desk() -> None:
    model = desk()
    for content, name in (
        (b"\xff\xfe\x00", "x.csv"), (b"{", "x.json"), (b"ISA*", "x"), (b"", "empty.csv"), (b"PK\x03\x04rubbish", "a.xlsx"),
        (b"not a book", "a.xlsx"), (b"one,two\n1,2\n", "x.csv"),
    ):  # fmt: skip
        before = model.rows, model.findings
        model.load(content, name)
        assert (model.rows, model.findings) == before, name
        assert "unchanged" in model.said


def test_refused_rows_make_it_incomplete_and_are_counted() -> None:
    model = desk(LINES.replace("M26.69,2026-03-03", "M26.69,2026-13-03"))
    assert (model.reading.lines, model.source.refused, model.worst) == (4, 1, "incomplete")
    shown = model.summary_html()
    assert "5 rows = 4 read + 1 refused" in shown and "incomplete" in shown and "2026-13-03" in shown


def test_a_cell_that_cannot_be_read_stays_to_be_mended() -> None:
    model = desk()
    model.enter(4, "units", "<b>")
    assert model.rows[4]["units"] == "<b>" and model.worst == "incomplete"
    assert "<b>" not in model.summary_html() and "&lt;b&gt;" in model.summary_html()
    model.enter(4, "units", "1")
    assert model.worst == "deny" and not model.faults


def test_a_field_of_the_claim_is_changed_on_all_its_lines() -> None:
    model = desk()
    model.enter(0, "payer", "medicare")
    assert [row["payer"] for row in model.rows[:3]] == ["medicare", "medicare", "medical"]
    same_as_check(model)
    with pytest.raises(ValueError, match="not on the desk"):
        model.enter(9, "payer", "medicare")


def test_lines_are_added_and_removed() -> None:
    model = desk()
    at = model.add(1)
    assert model.rows[at]["line"] == "3" and model.rows[at]["patient"] == "P-1"
    assert model.worst == "incomplete", "a line without a code is not ok"
    model.enter(at, "code", "70355")
    assert not model.incomplete and model.reading.lines == 6
    model.remove(at)
    assert len(model.rows) == 5
    same_as_check(model)


def test_only_the_claims_of_a_changed_patient_are_checked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    model = desk()
    asked: list[set[str]] = []
    real = check.__globals__["find"]

    def counted(claims):  # type: ignore[no-untyped-def]
        asked.append({claim.patient for claim in claims})
        return real(claims)

    monkeypatch.setattr("omsnb.calculators.desk.find", counted)
    model.enter(4, "units", "2")
    assert asked == [{"P-3"}]


def test_a_second_form_takes_the_lines_beyond_the_first() -> None:
    rows = "".join(f"C-1,P-1,medical,B-1,cms1500,11,M26.69,2026-0{n}-02,99213,,1,A,90\n" for n in range(1, 9))
    model = desk(f"{HEAD}\n{rows}")
    model.mend(finding(model, "lines-over-form"))
    assert [len(claim.lines) for claim in model.reading.claims] == [6, 2]
    assert "lines-over-form" not in fired(model)


@pytest.mark.parametrize(
    ("step", "column", "value"),
    [
        ("add 26", "modifiers", "26|59"),
        ("drop 59 TC", "modifiers", ""),
        ("units 2", "units", "2"),
        ("form ada2024", "form", "ada2024"),
    ],
)
def test_a_step_changes_its_cell(step: str, column: str, value: str) -> None:
    row = {**desk().rows[0], "modifiers": "59"}
    (made,) = mended((row,), step, ("C-1", 1))
    assert made == {**row, column: value}
    assert mended((row,), step, ("elsewhere", 1)) == (row,)


def test_a_step_that_is_not_known_is_refused() -> None:
    from omsnb.edit_rules import _applied

    for step in ("add", "add 26x", "units 0", "form nothing", "sell"):
        with pytest.raises(DataError, match="apply"):
            _applied("here", step)


def test_no_button_adds_what_only_the_record_shows() -> None:
    """A step may add one thing: the modifier that leaves the facility's part out."""
    added = {rule.apply for rule in edit_rules().values() if rule.apply.startswith("add")}
    assert added == {"add 26"}


def test_a_finding_shows_its_statement_and_its_source() -> None:
    model = desk()
    found = finding(model, "component-facility")
    shown = finding_html(found, "../reference/")
    assert f'href="../reference/guidance.html#guidance-{found.guidance[0]}"' in shown
    for cited in found.cited:
        assert escape(cited) in shown


def test_the_view_pastes_mends_and_undoes_and_keeps_its_controls() -> None:
    model = ClaimDesk()
    view = _View(model, "", IN_PAGE)
    before = [id(child) for child in view.box.children]
    view.pasted.value = LINES
    place, card = next(
        (n, c) for n, c in enumerate(view.cards) if c.finding and c.finding.rule == "component-facility"
    )
    assert "26" in card.button.description
    card.button.click()
    assert model.rows[0]["modifiers"] == "26" and card.button.description == "Applied"
    assert card.box.layout.display is None, "the button in use keeps its place"
    said = model.rows
    card.button.click()
    assert model.rows == said, "a second press mends nothing else"
    view.undo.click()
    assert model.rows[0]["modifiers"] == "" and view.cards[place].finding.rule == "component-facility"
    view.row.value = 5
    view.cells["units"].value = "2"
    assert model.rows[4]["units"] == "2"
    assert [id(child) for child in view.box.children] == before
    assert len(view.cards) == CARDS


def test_the_desk_exports_through_a_link_and_says_where_lines_go() -> None:
    view = _View(desk(), "", IN_PAGE)
    view._export()
    assert 'download="claims.csv"' in view.download.value and "base64," in view.download.value
    assert IN_PAGE in calculator("claim-desk").children[0].value
    assert ON_SERVER in claim_desk().children[0].value


def test_letters_and_preview_come_from_the_claim() -> None:
    model = desk(LINES.replace("70355", "76377"))
    _, line = model.line_at(2)
    assert letters_for(line) and "2026-03-02" in model.letters(2)
    assert "24D Code" in model.preview(2)
    assert model.line_at(99) is None


def test_what_is_pasted_is_known_by_how_it_begins() -> None:
    claims = read_given(LINES.encode()).claims
    for kind in ("json", "fhir"):
        model = desk()
        assert list(rows_of(read_given(model.export(kind)).claims)) == list(rows_of(claims))
    with pytest.raises(ValueError, match="no workbook"):
        read_given(b"a,b", "x.xlsx")
