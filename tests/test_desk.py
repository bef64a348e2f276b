"""The claim desk without a browser: its model, its remedies and its view."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from html import escape, unescape

import pytest

from omsnb.calculators import calculator, claim_desk, new_form
from omsnb.calculators.desk import KINDS, MOST_LINES, SUFFIX, ClaimDesk
from omsnb.calculators.desk_page import FINDINGS, PAGE, DeskPage
from omsnb.calculators.desk_view import IN_PAGE, ON_SERVER
from omsnb.calculators.handing import payer_told
from omsnb.claim_files import read_given
from omsnb.claim_tables import payers
from omsnb.claims import rows_of
from omsnb.edit_rules import edit_rules
from omsnb.edition import edition
from omsnb.edits import check
from omsnb.letters import letters_for
from omsnb.mending import mended
from omsnb.reading import DataError
from omsnb.tables import cases, facts, tables

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
        again.load(model.export(kind), f"claims.{SUFFIX[kind]}")
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
    made = page(LINES.replace("M26.69,2026-03-03", "M26.69,2026-13-03"))
    model = made.model
    assert (model.reading.lines, model.source.refused, model.worst) == (4, 1, "incomplete")
    shown = made.state()["summary"]
    assert (shown["lines"], shown["refused"], shown["worst"]) == (4, 1, "incomplete")
    assert any("2026-13-03" in fault for fault in shown["faults"])


def test_a_cell_that_cannot_be_read_stays_to_be_mended() -> None:
    model = desk()
    model.enter(4, "units", "<b>")
    assert model.rows[4]["units"] == "<b>" and model.worst == "incomplete"
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


def page(text: str = LINES) -> DeskPage:
    made = DeskPage(ClaimDesk())
    if text:
        made.do({"do": "load", "text": text})
    return made


def test_a_finding_shows_its_statement_its_source_and_its_button() -> None:
    made = page()
    told = {one["rule"]: one for one in made.state()["findings"]["list"]}
    found = finding(made.model, "component-facility")
    shown = told["component-facility"]
    assert shown["guidance"] == list(found.guidance) and shown["lines"] == [
        {"claim": "C-1", "line": 1, "row": 0}
    ]
    assert [
        title for title in found.sources if any(title in one["title"] for one in shown["sources"])
    ] == list(found.sources)
    assert any(address.startswith("https://") for one in shown["sources"] for address in one["address"])
    assert shown["step"] == "Add 26 to claim C-1 line 1"
    made.do({"do": "mend", "key": shown["key"]})
    assert made.model.rows[0]["modifiers"] == "26"
    made.do({"do": "mend", "key": shown["key"]})
    assert "no longer there" in made.model.said and made.model.rows[0]["modifiers"] == "26"


def test_steps_are_taken_back_and_done_again() -> None:
    model = desk()
    model.enter(4, "units", "2")
    model.enter(4, "units", "23")
    assert model.steps == (2, 0), "typing on in one cell is one step"
    model.undo()
    assert model.rows[4]["units"] == "1" and model.steps == (1, 1)
    model.redo()
    assert model.rows[4]["units"] == "23"
    model.undo()
    model.enter(4, "units", "3")
    assert model.steps[1] == 0, "a new step ends what could be done again"
    same_as_check(model)


def test_a_cell_is_read_as_the_readers_of_files_read_it() -> None:
    model = desk()
    for column, typed, read in (
        ("date", "3/28/2026", "2026-03-28"), ("charge", "$1,450.00", "1450.00"), ("diagnoses", "M2669; Q375", "M26.69|Q37.5"),
        ("date", "03/04/2026", "03/04/2026"), ("units", "<b>", "<b>"),
    ):  # fmt: skip
        model.enter(4, column, typed)
        assert model.rows[4][column] == read, column
    assert {(fault.row, fault.column) for fault in model.faults} == {(5, "date"), (5, "units")}
    model.enter(3, "code", "70486-26")
    assert (model.rows[3]["code"], model.rows[3]["modifiers"]) == ("70486", "26")


def test_a_block_from_a_spreadsheet_is_laid_over_the_lines() -> None:
    model = desk()
    columns = ("claim", "patient", "date", "code", "modifiers", "units")
    model.paste(4, "code", "99213\t25\t1\r\n70486\t26\t1\r\n", columns)
    assert [(row["code"], row["modifiers"], row["claim"]) for row in model.rows[4:]] == [
        ("99213", "25", "C-3"),
        ("70486", "26", "C-3"),
    ]
    assert model.rows[5]["line"] == "2" and model.steps == (2, 0)
    same_as_check(model)
    before = model.rows
    for text in ("a\tb\tc\td", "x\n" * (MOST_LINES + 1)):
        with pytest.raises(ValueError, match="block"):
            model.paste(4, "code", text, columns)
        assert model.rows == before


def test_lines_are_copied_and_the_look_follows() -> None:
    made = page()
    made.do({"do": "add", "row": 1, "column": "units", "copy": True})
    state = made.state()
    assert state["focus"] == {"row": 2, "column": "units"} and "focus" not in made.state()
    assert made.model.rows[2] == {**made.model.rows[1], "line": "3"}
    made.do({"do": "remove", "row": 2, "column": "units"})
    assert made.state()["focus"] == {"row": 2, "column": "units"} and len(made.model.rows) == 5


def test_a_long_claim_file_is_shown_in_pages() -> None:
    rows = "".join(
        f"C-{n},P-{n},medical,B-1,cms1500,22,M26.69,2026-03-02,70486,,1,A,450\n" for n in range(60)
    )
    made = page(f"{HEAD}\n{rows}")
    assert (made.state()["first"], len(made.state()["rows"]), made.state()["total"]) == (0, PAGE, 60)
    made.do({"do": "show", "row": 57, "focus": True})
    state = made.state()
    assert (state["first"], state["rows"][7]["cells"]["claim"]) == (50, "C-57") and state["focus"][
        "row"
    ] == 57
    assert len(state["findings"]["list"]) == FINDINGS
    made.do({"do": "show", "status": "warn"})
    assert {one["status"] for one in made.state()["findings"]["list"]} <= {"warn"}


def test_a_word_that_cannot_be_carried_out_changes_nothing() -> None:
    made = page()
    before = made.model.rows
    for word in (
        {}, {"do": "sell"}, {"do": "enter", "row": 99, "column": "code", "text": "x"}, {"do": "enter", "row": "a"},
        {"do": "export", "kind": "exe"}, {"do": "paste", "row": 0, "column": "nothing", "text": "x", "columns": []},
        {"do": "case", "case": "tmj", "payer": "medical", "date": "tomorrow", "place": ""}, {"do": "mend", "key": 3},
        {"do": "part", "data": "%%%", "first": True, "last": True, "name": "x.csv"}, {"do": "load"},
    ):  # fmt: skip
        made.do(word)
        assert made.model.rows == before and (
            "Nothing was changed." in made.model.said or "unchanged" in made.model.said
        ), word
        made.state()


def test_a_file_comes_in_pieces() -> None:
    made = page("")
    data = b64encode(LINES.encode()).decode()
    for at in range(0, len(data), 100):
        last = at + 100 >= len(data)
        made.do({"do": "part", "name": "x.csv", "data": data[at : at + 100], "first": at == 0, "last": last})
    assert made.model.reading.lines == 5 and made.model.said.startswith("Read x.csv: 5 lines")


def test_limits_are_said_and_nothing_is_lost() -> None:
    made = page()
    rows = "C-1,P-1,medical,B-1,cms1500,22,M26.69,2026-03-02,70486,,1,A,450\n" * (MOST_LINES + 1)
    made.do({"do": "load", "text": f"{HEAD}\n{rows}"})
    assert f"holds {MOST_LINES}" in made.model.said and len(made.model.rows) == 5


def test_columns_that_do_not_tell_are_asked_about() -> None:
    made = page()
    table = "Pt No,When,What,How many,Fee\nP1,03/28/2026,70486-26,1,$450\nP1,03/29/2026,99213,1,$90\n"
    made.do({"do": "load", "text": table, "name": "x.csv"})
    asked = made.state()["question"]
    assert len(made.model.rows) == 5, "what stood there stays"
    assert [(one["name"], one["example"]) for one in asked["columns"]][1] == ("When", "03/28/2026")
    assert {one["name"] for one in asked["fixed"]} == {"claim", "date", "code", "units"}
    word = {
        "do": "map", "dates": "", "fixed": {"claim": "C-9"},
        "fields": {"Pt No": "patient", "When": "date", "What": "code", "How many": "units", "Fee": "charge"},
    }  # fmt: skip
    made.do(word)
    asked = made.state()["question"]
    assert asked["rows"][0]["date"] == "2026-03-28" and asked["rows"][0]["modifiers"] == "26"
    assert len(made.model.rows) == 5, "looking changes nothing"
    made.do({**word, "read": True})
    assert made.state()["question"] is None
    assert [(row["claim"], row["code"], row["date"]) for row in made.model.rows] == [
        ("C-9", "70486", "2026-03-28"),
        ("C-9", "99213", "2026-03-29"),
    ]
    made.do({"do": "load", "text": table, "name": "x.csv"})
    for wrong in ({"dates": "ymd"}, {"fields": {"What": "secret"}}, {"fixed": {"date": "soon"}}):
        made.do({**word, **wrong, "read": True})
        assert "Nothing was changed" in made.model.said and len(made.model.rows) == 2


def test_dates_that_can_be_read_both_ways_are_asked_about() -> None:
    made = page(LINES.replace("2026-03-02", "03/04/2026").replace("2026-03-03", "03/04/2026"))
    asked = made.state()["question"]
    assert asked and not made.model.rows
    made.do(
        {
            "do": "map", "dates": "dmy", "fixed": {}, "read": True,
            "fields": {one["name"]: one["field"] for one in asked["columns"]},
        }
    )  # fmt: skip
    assert {row["date"] for row in made.model.rows} == {"2026-04-03"}


@pytest.mark.parametrize("name", cases())
def test_a_case_asks_what_it_leaves_open_and_brings_its_lines(name: str) -> None:
    made = page("")
    word = {
        "do": "case",
        "case": name,
        "payer": "medical",
        "date": "2026-03-02",
        "place": "11",
        "answers": {},
    }
    for _ in range(40):
        made.do(word)
        asked = made.state()["case"]["asked"]
        open_ones = [one for one in asked if not one["answer"]]
        if not open_ones:
            break
        one = open_ones[0]
        word["answers"] = {**word["answers"], one["fact"]: one["options"][0][0] if one["options"] else "30"}
    assert not open_ones and not made.model.rows
    made.do({**word, "write": True})
    told = made.state()["summary"]["notes"]
    if made.model.rows:
        assert not made.model.incomplete and made.state()["case"] is None
        assert {claim.payer for claim in made.model.reading.claims} == {"medical"}
    else:
        assert "No line of the case stands" in made.model.said
    assert not [note for note in told if note.startswith("still open") and "place" not in note]


def test_a_case_without_answers_says_what_is_open() -> None:
    made = page()
    before = made.model.rows
    word = {
        "do": "case",
        "case": "trauma",
        "payer": "medical",
        "date": "2026-03-02",
        "place": "",
        "answers": {},
    }
    made.do(word)
    assert made.state()["case"]["asked"] and made.model.rows == before
    made.do({**word, "write": True})
    assert "No line of the case stands yet" in made.model.said and made.model.rows == before
    made.do({**word, "answers": {"minutes": "many"}})
    assert "Nothing was changed" in made.model.said


def test_exports_neutralise_formulas_and_say_what_they_leave_out() -> None:
    made = page(LINES.replace("C-3,P-3", "C-3,=cmd|'/c calc'!A1"))
    for kind in KINDS:
        made.do({"do": "export", "kind": kind})
        file = made.state()["file"]
        content = b64decode(file["data"])
        again = read_given(content, file["name"]).claims
        assert again == made.model.reading.claims, kind
        assert kind != "csv" or b",=cmd" not in content
    made.model.enter(0, "units", "none")
    made.do({"do": "export", "kind": "csv"})
    assert "1 row that cannot be read: not in it" in made.model.said and "file" not in page("").state()


def test_the_sheet_on_paper_holds_claims_findings_sources_edition_and_day() -> None:
    made = page(LINES.replace("P-3", "<script>"))
    made.do({"do": "print", "day": "2026-11-28"})
    shown = made.state()["print"]
    found = finding(made.model, "component-facility")
    for text in ("2026-11-28", edition().edition, "24D Code", *found.cited, found.remedy, "&lt;script&gt;"):
        assert text in shown or escape(text) in shown, text
    assert "<script>" not in shown


def test_the_view_is_a_channel_for_words_and_state() -> None:
    box = calculator("claim-desk")
    words, told, always = box.children
    assert IN_PAGE in unescape(always.value)
    words.value = json.dumps({"n": 1, "words": [{"do": "load", "text": LINES}]})
    state = json.loads(unescape(told.value.removeprefix("<pre hidden>").removesuffix("</pre>")))
    assert state["n"] == 1 and state["total"] == 5 and state["summary"]["worst"] == "deny"
    served = claim_desk().children
    assert ON_SERVER in unescape(served[2].value)
    served[0].value = words.value
    kept = served[3].value
    again = claim_desk().children
    again[3].value = kept
    state = json.loads(unescape(again[1].value.removeprefix("<pre hidden>").removesuffix("</pre>")))
    assert state["total"] == 5, "another kernel takes up where the lost one was"
    again[3].value = "{"
    assert calculator("claim-desk", "case=trauma").children[2].value != always.value


def test_letters_and_preview_come_from_the_claim() -> None:
    model = desk(LINES.replace("70355", "76377"))
    _, line = model.line_at(2)
    assert letters_for(line) and all("2026-03-02" in text for _, text in model.letters(2))
    assert [title for title, _ in model.letters(2)]
    assert "24D Code" in model.preview(2)
    assert model.line_at(99) is None


def test_what_is_pasted_is_known_by_how_it_begins() -> None:
    claims = read_given(LINES.encode()).claims
    for kind in ("json", "fhir"):
        model = desk()
        assert list(rows_of(read_given(model.export(kind)).claims)) == list(rows_of(claims))
    with pytest.raises(ValueError, match="no workbook"):
        read_given(b"a,b", "x.xlsx")


def test_a_worksheet_hands_its_lines_to_the_desk() -> None:
    def shown(state: str, links: str = "../reference/") -> str:
        return new_form("worksheet", state).html(links)

    told = shown("done-panoramic=yes")
    assert "data-claim" not in told and escape(facts()["claim"].question) in told
    form = new_form("worksheet", "done-panoramic=yes&claim=medical&payer=other&place=office")
    while questions := form.questions():
        form.answer(questions[0].fact, next(iter(facts()[questions[0].fact].values)))
    told = form.html("../reference/")
    assert "data-claim" not in form.html(), "Voila has no page to hand it to"
    reading = read_given(unescape(re.search('data-claim="([^"]*)"', told)[1]).encode())
    assert not reading.faults and reading.lines == 1
    visits = {
        row.report
        for name in ("visit-by-mdm", "visit-by-time", "oral-evaluation")
        for row in tables()[name].rows
    }
    assert not {line.code for claim in reading.claims for line in claim.lines} & visits
    assert f"day as {edition().day}: none was given" in unescape(told)


def test_the_payer_of_a_worksheet_is_one_that_its_answers_fit() -> None:
    for claim in facts()["claim"].values:
        for payer in ("", *facts()["payer"].values):
            told = payer_told({"claim": claim, **({"payer": payer} if payer else {})})
            assert not told or (payers()[told].claim == claim and payers()[told].medical_payer in ("", payer))
    assert payer_told({}) == "" and payer_told({"claim": "dental"}) == "dental"


def test_what_is_not_known_to_be_wrong_has_no_button() -> None:
    made = page("claim,patient,date,code,units\nC-9,P-1,2026-03-28,70486,1\n")
    unsure = [one for one in made.model.findings if one.status == "unknown" and edit_rules()[one.rule].apply]
    assert unsure
    for one in unsure:
        assert made.model.step_of(one) == ""
        before = made.model.rows
        made.model.mend(one)
        assert made.model.rows == before


def test_advice_for_the_command_line_is_not_given_on_the_desk() -> None:
    made = page("Pt No,When,What\nP1,2026-03-28,70486\n")
    state = made.state()
    assert state["question"] and "--" not in json.dumps(state)


def test_a_fault_of_a_library_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = page()
    before = made.model.rows

    def breaks(*given: object) -> None:
        raise RuntimeError("deep inside")

    monkeypatch.setattr("omsnb.calculators.desk.read_given", breaks)
    made.do({"do": "load", "text": LINES, "name": "strange.xlsx"})
    assert made.model.rows == before and "Nothing was changed" in made.model.said and made.state()["total"] == 5
