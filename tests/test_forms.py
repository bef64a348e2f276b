"""The calculators without a browser: set traits, read traits. Every expected answer comes from the decision core."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import date
from html import escape
from itertools import product
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsnb import decide
from omsnb.calculators import calculator, calculator_chooser, new_form
from omsnb.calculators.catalogue import calculators, find_calculator
from omsnb.calculators.controls import IDLE, RULED_OUT
from omsnb.calculators.first_state import first_state_html
from omsnb.calculators.form import FAULT, Form
from omsnb.calculators.table_form import TableForm
from omsnb.calculators.worksheet_form import WorksheetForm
from omsnb.edition import edition
from omsnb.network import requirements
from omsnb.reading import DataError
from omsnb.tables import codes, documents, facts, guidance, services, tables

ROOT = Path(__file__).resolve().parent.parent
TABLES = [name for name, entry in calculators().items() if entry.kind == "tables"]


def expected(name: str, answers: dict[str, str]) -> dict[str, set[str]]:
    """Rows left of each table, by ``decide`` with the answers that bear on it."""
    found = {}
    for table in calculators()[name].tables:
        bearing = requirements(table)
        rows = decide(table, **{fact: value for fact, value in answers.items() if fact in bearing}).rows
        if rows:
            found[table.name] = {row.id for row in rows}
    return found


def left(form: Form) -> dict[str, set[str]]:
    assert isinstance(form, TableForm)
    return {decision.table.name: {row.id for row in decision.rows} for decision in form.decisions}


def test_every_table_of_a_service_has_a_calculator() -> None:
    covered = {table.name for entry in calculators().values() for table in entry.tables}
    behind = {table.name for name in covered for table in _settling(name)}
    assert covered | behind == set(tables())


def _settling(name: str) -> list[object]:
    from omsnb.network import settling_tables

    found, queue = [], [name]
    while queue:
        for fact in tables()[queue.pop()].columns:
            for table in settling_tables(fact):
                if table not in found:
                    found.append(table)
                    queue.append(table.name)
    return found


@pytest.mark.parametrize("name", list(calculators()))
def test_every_calculator_starts_open_with_the_whole_menu(name: str) -> None:
    form = new_form(name)
    assert (form.answers, form.problem, form.notice, form.state) == ({}, "", "", "")
    if isinstance(form, TableForm):
        assert left(form) == expected(name, {})
        shown = form.html()
        for table in form.calculator.tables:
            for row in table.rows:
                assert row.report in shown or not row.report
    assert calculators()[name].title in form.text


@pytest.mark.parametrize("name", TABLES)
def test_each_answer_alone_narrows_as_the_tables_do(name: str) -> None:
    form = new_form(name)
    for fact in form.calculator.facts:
        known = facts()[fact]
        for value in [*known.values] or [str(known.bounds[0]), "60", "75", str(known.bounds[-1])]:
            form.answer(fact, value)
            wanted = expected(name, {fact: value})
            assert left(form) == wanted
            assert bool(form.problem) == (not wanted)
        form.answer(fact, "")
    assert left(form) == expected(name, {})


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_answers_give_what_the_tables_give(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(TABLES))
    form = new_form(name)
    answers = {}
    for fact in data.draw(st.permutations(form.calculator.facts)):
        known = facts()[fact]
        if known.values:
            value = data.draw(st.sampled_from(["", *known.values]))
        else:
            value = data.draw(st.one_of(st.just(""), st.integers(known.bounds[0], known.bounds[-1]).map(str)))
        form.answer(fact, value)
        if value:
            answers[fact] = value
    assert left(form) == expected(name, answers)
    assert bool(form.problem) == (not form.decisions)
    again = new_form(name, form.state)
    assert (again.answers, again.notice, left(again)) == (form.answers, "", left(form))
    assert dict(parse_qsl(form.state)) == answers


@pytest.mark.parametrize("name", TABLES)
def test_an_answer_is_ruled_out_where_it_leaves_no_row(name: str) -> None:
    form = new_form(name)
    for fact in form.calculator.facts[:3]:
        values = list(facts()[fact].values)
        if values:
            form.answer(fact, values[-1])
    if form.problem:
        return
    for fact in form.calculator.facts:
        for value in facts()[fact].values:
            answers = {**form.answers, fact: value}
            assert (value in form.ruled_out(fact)) == (not expected(name, answers)), (fact, value)
            assert form.ruled_out(fact).get(value, "reason")


def test_why_not_names_the_fact() -> None:
    form = new_form("splint")
    before = {row.report for row in tables()["splint"].rows if row.report}
    form.answer("claim", "dental")
    fallen = dict(form.why_not())
    gone = before - {row.report for decision in form.decisions for row in decision.rows}
    assert gone and gone <= {name.split(" ")[0].split("-")[0] for name in fallen}
    assert all("claim" in reason for reason in fallen.values())
    assert all(name in form.html() for name in fallen)


def test_unit_limits_stand_with_their_days() -> None:
    shown = new_form("splint", "claim=medical&fabricated_by=surgeon").html()
    assert "Medicare's unit limit a day (MUE): 1 by the table of 2024-07-01, 2 by the tables of 2026-01-01 to 2026-10-01" in shown


def test_a_limit_of_no_unit_is_told_as_a_status_of_medicare() -> None:
    shown = new_form("splint", "claim=medical&fabricated_by=outside_lab&payer_wants=supplies").html()
    form = new_form("visit", "encounter_setting=office&opinion_asked=yes&consultation_report=yes&payer=other&takes_consultations=yes&level_by=time&minutes=45").html()
    for text in (shown, form):
        assert "(MUE): 0" not in text
    assert "unit limit a day (MUE): none paid" in shown + form


def test_prolonged_units_follow_the_minutes() -> None:
    form = new_form("visit", "encounter_setting=office&opinion_asked=no&patient=new&level_by=time&minutes=90")
    assert form.notice == ""
    said = {rule: TableForm("visit", form.state + f"&prolonged_rule={rule}").text for rule in facts()["prolonged_rule"].values}
    shown = form.html()
    for text in said.values():
        assert text != form.text
    for code in ("99417", "G2212"):
        assert code in shown
    assert "99417 ×2" in shown  # 75 minutes, and one more for each further 15
    assert "per 15" not in shown


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("splint", "nonsense=1", "nonsense=1"),
        ("splint", "claim=both", "claim=both"),
        ("visit", "minutes=<img src=x>", "minutes=<img src=x>"),
        ("global-period", "procedure=2026-02-30", "procedure=2026-02-30"),
        ("worksheet", "done-splint=perhaps", "done-splint=perhaps"),
        ("splint", "claim=", "claim="),
    ],
)
def test_what_an_address_cannot_mean_is_left_out_and_named(name: str, state: str, said: str) -> None:
    good = {"splint": "claim=medical", "visit": "minutes=62", "global-period": "code=21085", "worksheet": "done-splint=yes"}[name]
    form = new_form(name, f"{state}&{good}")
    assert said in form.notice and form.state == good
    assert "<img" not in form.html() and "left out" in form.html()
    form.start_over()
    assert (form.notice, form.answers) == ("", {})


def test_bad_answers_leave_no_result() -> None:
    form = new_form("splint", "claim=medical")
    form.answer("claim", "both")
    assert form.decisions == () and form.problem == "claim: 'both' is not allowed; allowed: medical, dental"
    form.answer("minutes", "5")
    assert "minutes" in form.problem or "both" in form.problem
    form.start_over()
    assert form.decisions and form.problem == ""


@pytest.mark.parametrize("name", ["splint", "global-period", "worksheet"])
def test_an_exception_leaves_no_result(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    state = {"splint": "claim=medical", "global-period": "code=21085&procedure=2026-03-01", "worksheet": "done-splint=yes"}[name]
    form = new_form(name, state)
    before = form.html()
    for code in ("21085", "D5988"):
        if code in before:
            break
    else:
        pytest.fail("the result shows no code")

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("a secret path")

    for module, used in (("table_form", "decide_with"), ("period_form", "global_period"), ("worksheet_form", "code_case")):
        monkeypatch.setattr(f"omsnb.calculators.{module}.{used}", broken)
    form.refresh()
    assert form.problem == FAULT
    assert FAULT in form.html() and "secret" not in form.html() and code not in form.html()
    assert FAULT in form.text


def test_unknown_calculator() -> None:
    with pytest.raises(ValueError, match="calculator: 'no-such' is not known; allowed: visit"):
        find_calculator("no-such")


def test_the_list_of_calculators_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import shutil

    from omsnb import reading

    shutil.copytree(ROOT / "data", tmp_path / "data")
    file = tmp_path / "data" / "calculators.csv"
    file.write_text(file.read_text().replace("splint,tables,", "splint,period,", 1))
    monkeypatch.setattr(reading, "data_folder", lambda: tmp_path / "data")
    calculators.cache_clear()
    try:
        with pytest.raises(DataError, match=r"calculators\.csv.*tables"):
            calculators()
    finally:
        monkeypatch.undo()
        calculators.cache_clear()
    assert "splint" in calculators()


# The global period


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("code=21085&surgery=2026-03-12", "The last day that keeps the operation out of the period is 2026-03-01."),
        ("code=21085&procedure=2026-03-01&surgery=2026-03-12", "The operation on 2026-03-12 falls outside the period."),
        ("code=21085&procedure=2026-03-02&surgery=2026-03-12", "The operation on 2026-03-12 falls INSIDE the period."),
        ("code=21085&procedure=2028-02-20", "The period runs from 2028-02-20 to 2028-03-01; the first day after it is 2028-03-02."),
        ("code=21196&procedure=2026-03-12", "The period runs from 2026-03-11 to 2026-06-10; the first day after it is 2026-06-11."),
    ],
)
def test_periods(state: str, said: str) -> None:
    form = new_form("global-period", state)
    assert form.notice == "" and said in form.html() and said in form.text
    assert ("<svg" in form.html()) == ("procedure" in state)


@pytest.mark.parametrize("code", ["21085", "21196"])
def test_a_splint_after_its_operation_is_told(code: str) -> None:
    form = new_form("global-period", f"code={code}&procedure=2027-01-20&surgery=2027-01-14")
    for shown in (form.html(), form.text):
        assert "The dates are in the wrong order: the procedure on 2027-01-20 comes after the operation on 2027-01-14" in shown
        assert "falls outside the period" not in shown and "falls INSIDE" not in shown
    assert "operation 2027-01-14" not in form.html()  # no mark that would look like a plan


def test_a_splint_on_the_day_of_its_operation_is_told_as_one_session() -> None:
    form = new_form("global-period", "code=21085&procedure=2027-01-14&surgery=2027-01-14")
    for shown in (form.html(), form.text):
        assert "Both are on 2027-01-14, which is the same session" in shown and "falls INSIDE the period" in shown
        assert "wrong order" not in shown
    assert "wrong order" not in new_form("global-period", "code=21085&procedure=2027-01-13&surgery=2027-01-14").text


@pytest.mark.parametrize("field", ["procedure", "surgery"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_an_end_of_the_calendar_is_told_in_words(field: str, day: str) -> None:
    form = new_form("global-period", f"code=21196&{field}={day}")
    if form.problem:
        assert form.problem == f"{day} is too near an end of the calendar to count days from it."
    else:
        assert (field, day) == ("surgery", "9999-12-31")


def test_the_next_best_question_is_none_over_a_day_that_is_given() -> None:
    for state in ("code=21085&surgery=2027-01-14", "code=21085&procedure=2027-01-03"):
        assert "Next best question" not in new_form("global-period", state).html()
    assert "Which code was" in new_form("global-period", "surgery=2027-01-14").html()
    assert "On which day is it done?" in new_form("global-period", "code=21085").html()


def test_the_period_is_a_menu_until_the_code_is_known() -> None:
    form = new_form("global-period", "surgery=2026-03-12")
    assert [answer.last_safe for answer in form.found] == [date(2026, 3, 11), date(2026, 3, 1), date(2025, 12, 11)]
    assert {value for _, value in form.fields[0].options} == {
        code.code for code in codes().values() if code.global_days in ("000", "010", "090") and not code.effective_to
    }


# The whole worksheet


def test_the_worksheet_grows_with_what_was_done() -> None:
    form = new_form("worksheet")
    assert isinstance(form, WorksheetForm)
    assert form.worksheet is None and set(form.shown()) == {f"done-{part.name}" for part in form.parts} | {"on"}
    assert {part.name for part in form.parts} == set(services()) - {"prolonged"}
    form.answer("done-splint", "yes")
    assert [row.name for row in form.worksheet.rows] == ["splint"]
    assert "Evaluation" not in form.html()
    assert set(form.worksheet.codes) == {row.report for row in tables()["splint"].rows if row.report}
    form.answer("claim", "medical")
    narrowed = decide("splint", claim="medical")
    assert set(form.worksheet.codes) == {row.report for row in narrowed.rows if row.report}
    form.answer("done-evaluation", "yes")
    assert "Evaluation" in form.html() and "minutes" in form.shown()
    form.answer("done-splint", "no")
    assert form.worksheet.rows == ()
    assert "Surgical splint" not in form.html().split("Not yet said")[0]


def test_each_service_alone_gives_the_codes_of_its_tables() -> None:
    for name, service in services().items():
        if name in ("evaluation", "prolonged"):
            continue
        form = new_form("worksheet", f"done-{name}=yes")
        wanted = [row.report for table in service.tables for row in tables()[table].rows if row.report]
        assert set(form.worksheet.codes) == set(wanted), name
        assert form.questions()[0].text in form.html()


# The view


def parts(view: object) -> dict[str, object]:
    return {control.description: control for control in view.children if getattr(control, "description", "")}


@pytest.mark.parametrize("name", list(calculators()))
def test_every_control_is_labelled_and_starts_unanswered(name: str) -> None:
    form = new_form(name)
    view = calculator(name)
    found = parts(view)
    for field in form.fields:
        control = found[field.question]
        assert control.value in ("", None)
    assert view.children[-3].value == form.html()  # the result; the text and the state come after it


def test_the_view_follows_the_model_and_the_model_the_view() -> None:
    view = calculator("splint", "", "x/")
    found = parts(view)
    claim = found[facts()["claim"].question]
    claim.value = "dental"
    assert view.children[-1].value == "claim=dental"
    form = new_form("splint", "claim=dental")
    assert view.children[-3].value == form.html("x/")
    for name in form.calculator.facts:
        known = facts()[name]
        control = found[known.question]
        assert control.disabled == (name not in form.asked())
        marked = {value for label, value in control.options if RULED_OUT in label}
        assert marked == set(form.ruled_out(name))
    again, as_text = view.children[-4].children
    as_text.click()
    assert view.children[-2].value == form.text and view.children[-2].layout.display is None
    again.click()
    assert (claim.value, view.children[-1].value) == ("", "")
    assert view.children[-3].value == new_form("splint").html("x/")


def test_ruled_out_answers_are_marked_somewhere() -> None:
    seen = 0
    for name in TABLES:
        for fact, other in product(find_calculator(name).facts, repeat=2):
            if fact != other and facts()[fact].values and facts()[other].values:
                form = new_form(name, f"{fact}={next(iter(facts()[fact].values))}")
                seen += len(form.ruled_out(other))
    assert seen


def test_an_answer_from_the_page_counts_even_where_it_is_ruled_out() -> None:
    view = calculator("visit")
    claim = parts(view)[facts()["claim"].question]
    place = [value for _, value in claim.options].index("dental")
    claim.set_state({"index": place})  # as the page's message does, which holds back what follows
    assert (claim.value, view.children[-1].value) == ("dental", "claim=dental")
    assert view.children[-3].value == new_form("visit", "claim=dental").html()


def test_a_number_that_cannot_be_read_is_said_and_leaves_no_result() -> None:
    view = calculator("visit")
    box = parts(view)[facts()["minutes"].question]
    box.value = "<b>9999</b>"
    said = f"“&lt;b&gt;9999&lt;/b&gt;” does not answer “{facts()['minutes'].question}” Give a whole number from 0 to 600 (minutes)."
    note = view.children[list(view.children).index(box) + 1]
    assert said in note.value and note.layout.display is None  # at the field
    assert said in view.children[-3].value and "minutes:" not in view.children[-3].value
    assert "99205" not in view.children[-3].value
    assert box.value == "<b>9999</b>"  # what was typed stays, to be mended
    parts(view)[facts()["payer"].question].value = "other"
    assert box.value == "<b>9999</b>" and said in view.children[-3].value  # and is not forgotten over another answer
    view.children[-4].children[0].click()
    assert box.value == "" and note.layout.display == "none"
    box.value = ""
    assert view.children[-3].value == new_form("visit").html()
    box.value = "62"
    assert view.children[-1].value == "minutes=62"


def test_questions_that_matter_come_first_and_the_others_have_no_place() -> None:
    for name in TABLES:
        form = new_form(name)
        first = [field.name for field in form.fields][: len(form.questions)]
        assert first == [question.fact for question in form.questions]
        view = calculator(name)
        seen = [control for control in parts(view).values() if hasattr(control, "disabled") and control.layout.display is None]
        assert [control.description for control in seen if control.disabled] == []


def test_a_question_that_no_longer_matters_keeps_its_place_and_says_why() -> None:
    view = calculator("splint")
    found = parts(view)
    made, claim = (found[facts()[name].question] for name in ("splint_made", "claim"))
    before = list(view.children)
    claim.value = "medical"
    made.value = "no"
    assert list(view.children) == before
    lab = found[facts()["fabricated_by"].question]
    assert lab.disabled and lab.layout.display is None
    assert IDLE in lab._dom_classes and lab.value == ""
    why = f"<strong>{facts()['fabricated_by'].question}</strong> settled by your answer: {facts()['splint_made'].question} no"
    assert why in view.children[-3].value
    made.value = ""
    assert not lab.disabled and IDLE not in lab._dom_classes


@pytest.mark.slow
def test_a_control_in_use_is_never_greyed_or_hidden_under_the_hand() -> None:
    """Opened again, a question may no longer matter; greyed at once it would lose the keyboard's place."""
    for name in TABLES:
        for fact, other in product(find_calculator(name).facts, repeat=2):
            if fact != other and facts()[fact].values and facts()[other].values:
                view = calculator(name)
                found = parts(view)
                first, second = found[facts()[fact].question], found[facts()[other].question]
                first.value = next(iter(facts()[fact].values))
                second.value = list(facts()[other].values)[-1]
                first.value = ""
                assert not first.disabled and first.layout.display is None, (name, fact, other)


@pytest.mark.slow
def test_new_labels_and_the_choice_go_to_the_page_in_one_message() -> None:
    """Else the page shows the first answer for a moment, and an answer given in that moment is lost."""
    chosen = random.Random(5)
    sent: list[dict[str, object]] = []
    for name in TABLES:
        menus = [control for control in parts(calculator(name)).values() if hasattr(control, "options")]
        for menu in menus:
            menu._send = lambda message, *more, **named: sent.append(message["state"])
        for _ in range(60):
            menu = chosen.choice(menus)
            menu.value = chosen.choice([value for _, value in menu.options])
    relabelled = [state for state in sent if "_options_labels" in state]
    assert any("index" in state for state in relabelled)  # where the first is chosen nothing is to be told


def test_a_choice_of_the_page_is_confirmed_to_it() -> None:
    """New labels that another answer brings may cross it on the way, and would leave the old choice on the screen."""
    claim = parts(calculator("splint"))[facts()["claim"].question]
    sent: list[dict[str, object]] = []
    claim._send = lambda message, *more, **named: sent.append(message)
    claim.set_state({"index": 2})
    assert {"index": 2} in [message["state"] for message in sent if message["method"] == "update"]


def test_no_answer_brings_a_question_that_had_no_place() -> None:
    chosen = random.Random(11)
    for name in TABLES:
        form = new_form(name)
        first = {question.fact for question in form.questions}
        for _ in range(20):
            form.start_over()
            while form.questions:
                fact = chosen.choice(form.questions).fact
                known = facts()[fact]
                form.answer(fact, chosen.choice([*known.values] or [str(one) for one in known.bounds]))
                assert {question.fact for question in form.questions} <= first


def test_how_many_results_an_answer_left_is_said() -> None:
    form = new_form("splint")
    assert "results are possible" in form.html()
    total = form.html().partition(" results are possible")[0].rpartition("(")[2]
    form.answer("splint_made", "no")
    assert f"one of {total} results is left" in form.html()


def test_several_reasons_for_one_result_stand_apart() -> None:
    form = new_form("splint")
    (decision,) = form.decisions
    silent = [row.because for row in decision.rows if not row.report]
    assert len(set(silent)) > 1
    for because in silent:
        assert f"<li>{escape(because)} <small>" in form.html()


def test_days_are_picked() -> None:
    view = calculator("global-period")
    found = list(view.children)
    found[1].value, found[3].value = "21085", date(2026, 3, 12)
    assert "2026-03-01" in view.children[-3].value
    assert view.children[-1].value == "code=21085&amp;surgery=2026-03-12"


def test_the_chooser_shows_each_calculator() -> None:
    chooser = calculator_chooser()
    menu, place = chooser.children
    for title, name in menu.options:
        menu.value = name
        (shown,) = place.children
        assert title == calculators()[name].title
        assert shown.children[-3].value == new_form(name).html()


@pytest.mark.parametrize("name", list(calculators()))
def test_the_first_state_holds_every_question_and_the_menu(name: str) -> None:
    form, shown = new_form(name), first_state_html(name, "../reference/")
    assert form.html("../reference/") in shown
    for field in form.fields:
        assert escape(field.question) in shown
        assert all(escape(label) in shown for label, _ in field.options)


def test_the_models_need_no_widgets() -> None:
    script = (
        "import sys; from omsnb.calculators import new_form; from omsnb.calculators.catalogue import calculators;"
        "[new_form(name).html() for name in calculators()];"
        "print(*(name for name in ('ipywidgets', 'pandas', 'numpy') if name in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_a_reason_of_another_table_is_shown_with_what_it_wants_on_file() -> None:
    form = new_form("visit")
    assert "Worked out on the way" not in form.html()
    for field, value in {"encounter_setting": "emergency", "opinion_asked": "yes", "consultation_report": "yes", "payer": "other", "takes_consultations": "yes"}.items():
        form.answer(field, value)
    shown = form.html("../reference/")
    row = next(row for row in tables()["visit-family"].rows if "cur-consult-03" in row.guidance)
    assert "Worked out on the way" in shown and row.because in shown and "#guidance-cur-consult-03" in shown
    assert all(documents()[id].label in shown for id in row.documents)
    assert row.because in form.text and "cur-consult-03" in form.text


def test_what_was_not_checked_against_a_source_is_said() -> None:
    form = new_form("printing")
    form.answer("printed_by", "vendor")
    said = form.text.partition("verify before you rely on it: ")[2].split()[0]
    assert said == "cur-print-04" and guidance()[said].source == "unconfirmed"
    assert "rests on our inference alone. (printing:1)" in form.text
    shown = form.html("../reference/")
    assert "verify before you rely on it" in shown and "rests on our inference alone" in shown
    form.answer("printed_by", "practice")
    form.answer("print_source", "surface_scan")
    form.answer("printed_object", "model")
    assert "inference" not in form.text and "inference" not in form.html("../reference/")


@pytest.mark.parametrize("name", ["splint", "visit", "worksheet"])
def test_the_day_of_the_service_is_asked_and_said(name: str) -> None:
    form = new_form(name)
    if name == "worksheet":
        form.answer("done-printing", "yes")
    assert form.fields[-1].name == "on" and form.fields[-1].kind == "date" and "on" in form.asked()
    assert f"For a service on {edition().day}, the day of this edition" in form.html()
    form.answer("on", edition().valid_until)
    assert f"For a service on {edition().valid_until}." in form.html() and "out of date" not in form.html()
    assert f"Date of service: {edition().valid_until}\n" in form.text
    form.answer("on", f"{edition().code_year + 1}-01-01")
    assert "this edition may be out of date" in form.html() and "this edition may be out of date" in form.text


def test_a_day_before_the_manual_begins_is_refused_at_its_field() -> None:
    form = new_form("splint")
    for text, said in (("2019-05-01", "allowed is a day from 2024-01-01"), ("2026-01-01..2026-02-01", "is a span")):
        form.enter("on", text)
        assert said in form.refused["on"] and said in form.html()
    form.enter("on", "2026-05-01")
    assert not form.refused and form.state == "on=2026-05-01"
