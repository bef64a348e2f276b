"""Decision tables: examples, completeness, open and narrowed facts, questions, reasons, bad input."""

from __future__ import annotations

import random
from dataclasses import replace
from types import MappingProxyType

import examples
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omsnb.answers import covers, meet
from omsnb.completeness import combinations, table_faults
from omsnb.decisions import decide, decide_with
from omsnb.network import requirements, settling_tables
from omsnb.records import Row, Table
from omsnb.tables import codes, facts, tables

SAMPLE = 20_000
every_table = pytest.mark.parametrize("name", list(tables()))


@every_table
def test_examples_hold(name: str) -> None:
    assert not examples.failures(tables()[name])


@every_table
def test_no_gap_and_no_overlap(name: str) -> None:
    assert table_faults(name) == ()


@pytest.mark.slow
@every_table
def test_every_combination_of_known_and_open_facts(name: str, record_property: pytest.RecordProperty) -> None:
    """No exception, at least one row within the scope, and knowing more never brings a row back."""
    table = tables()[name]
    count = 0
    for given_facts in combinations(table, with_open=True):
        count += 1
        decision = decide_with(table, given_facts)
        assert decision.rows, given_facts
        assert len(decision.rows) + len(decision.fallen) == len(table.rows)
        if len(given_facts) == len(table.conditions):
            assert len(decision.rows) == 1
        elif given_facts:
            wider = dict(given_facts)
            wider.popitem()
            assert set(map(id, decision.rows)) <= set(map(id, decide_with(table, wider).rows))
    record_property("combinations", count)
    print(f"{name}: {count} combinations")


@every_table
def test_requirement_graph_agrees_with_its_parts(name: str) -> None:
    """Facts given to the graph lead to the one row that the settled facts lead to in the table itself."""
    table = tables()[name]
    asked = [fact for fact in requirements(table) if not settling_tables(fact)]
    pick = random.Random(7)
    for _ in range(300):
        known = {fact: one_value(fact, pick) for fact in asked}
        whole = decide(name, **known)
        settled = {
            fact: whole.state[fact]
            for fact in table.conditions
            if settling_tables(fact) and len(whole.state[fact]) == 1
        }
        own = {fact: known[fact] for fact in table.conditions if fact in known}
        assert decide(name, **own, **settled).rows == whole.rows
        assert len(whole.rows) <= 1


def one_value(fact: str, pick: random.Random) -> str:
    allowed = facts()[fact].every
    return str(pick.choice(list(allowed))) if isinstance(allowed, range) else pick.choice(sorted(allowed))


@every_table
def test_questions_settle_the_table(name: str) -> None:
    """Answering what is asked, first question first, ends with one outcome; each question asked is of use."""
    pick = random.Random(11)
    for _ in range(20):
        answers: dict[str, object] = {}
        for _ in range(len(requirements(tables()[name])) + 1):
            decision = decide(name, **answers)
            if not decision.rows or decision.settled:
                break
            question = decision.questions[0]
            assert question.fact not in answers or len(decision.state[question.fact]) > 1
            answers[question.fact] = one_value(question.fact, pick)
        assert not decision.rows or decision.settled
        assert not decision.questions


@pytest.mark.parametrize("name", ["splint", "cbct", "printing", "devices", "oral-evaluation"])
def test_facts_that_are_not_asked_do_not_matter(name: str) -> None:
    """When a fact is no question, no answer to it together with the other facts changes the outcome."""
    pick = random.Random(3)
    table = tables()[name]
    for _ in range(200):
        known = {fact: one_value(fact, pick) for fact in requirements(table) if not settling_tables(fact)}
        dropped = pick.choice(list(known))
        rest = {fact: value for fact, value in known.items() if fact != dropped}
        decision = decide(name, **rest)
        asked = {question.fact for question in decision.questions}
        assert (dropped in asked) == (len({row.outcome for row in decision.rows}) > 1)


def test_first_question_narrows_most() -> None:
    questions = decide("splint").questions
    assert [q.fact for q in questions] == sorted(
        (q.fact for q in questions), key=lambda fact: next(q.expected for q in questions if q.fact == fact)
    )
    assert {q.fact for q in questions} == {
        "splint_made", "claim", "fabricated_by", "lab_route", "payer", "splints_same_day"
    }  # fmt: skip
    assert questions[0].gain > 0


def test_fallen_rows_name_the_facts_that_ruled_them_out() -> None:
    decision = decide("ct", contrast="without", component="read_only", claim="medical")
    assert decision.codes == ("70486",)
    fallen = {entry.row.outcome[:2]: {reason.fact for reason in entry.reasons} for entry in decision.fallen}
    assert fallen[("70487", ("26",))] == {"contrast"}
    assert fallen[("70486", ())] == {"billed"}
    assert fallen[("D0391", ())] == {"claim"}
    assert any(
        "contrast is none; the row wants" in str(reason)
        for entry in decision.fallen
        for reason in entry.reasons
    )


def test_a_table_out_of_scope_says_so() -> None:
    decision = decide("cbct", scan="ct")
    assert decision.rows == () and decision.codes == () and not decision.settled
    assert all("scan" in {reason.fact for reason in entry.reasons} for entry in decision.fallen)


def test_ways_to_give_a_fact() -> None:
    assert decide("ct", contrast={"with", "without"}).state["contrast"] == frozenset({"with", "without"})
    assert decide("ct", contrast="with|without").rows == decide("ct", contrast=["without", "with"]).rows
    assert decide("ct", contrast="unknown").rows == decide("ct", contrast=None).rows == decide("ct").rows
    assert decide("occlusion-analysis", occlusion_analysis=True).codes == ("D9950",)
    assert decide("visit-by-time", minutes=62).state["minutes"] == range(62, 63)
    assert (
        decide("visit-by-time", minutes="60..74").rows == decide("visit-by-time", minutes=range(60, 75)).rows
    )


@pytest.mark.parametrize(
    ("table", "known", "said"),
    [
        ("ctt", {}, "table: 'ctt' is not known; allowed: consultation-request"),
        ("ct", {"colour": "red"}, "fact: 'colour' is not asked by table ct; allowed: scan, claim"),
        (
            "ct",
            {"contrast": "maybe"},
            "contrast: 'maybe' is not allowed; allowed: without, with, without_then_with",
        ),
        ("ct", {"contrast": "with|maybe"}, "contrast: 'maybe' is not allowed"),
        ("ct", {"contrast": []}, "contrast: an empty choice leaves nothing"),
        (
            "visit-by-time",
            {"minutes": "-5"},
            "minutes: '-5' is not allowed; allowed is a whole number of minutes from 0",
        ),
        ("visit-by-time", {"minutes": "9..3"}, "minutes: '9..3' is not allowed"),
        ("visit-by-time", {"minutes": 1.5}, "minutes: '1.5' is not allowed"),
        ("visit-by-time", {"minutes": "²"}, "minutes: '²' is not allowed"),
        ("visit-by-time", {"minutes": 10**9}, "is not allowed"),
    ],
)
def test_bad_input_names_what_is_allowed(table: str, known: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as problem:
        decide(table, **known)
    assert said in str(problem.value)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(list(tables())), st.data())
def test_narrowing_keeps_a_subset(name: str, data: st.DataObject) -> None:
    table = tables()[name]
    known: dict[str, object] = {}
    for fact in requirements(table):
        every = facts()[fact].every
        if data.draw(st.booleans()):
            known[fact] = (
                str(data.draw(st.integers(every[0], every[-1])))
                if isinstance(every, range)
                else data.draw(st.sets(st.sampled_from(sorted(every)), min_size=1))
            )
    narrow = decide(name, **known)
    if known:
        dropped = data.draw(st.sampled_from(sorted(known)))
        wide = decide(name, **{fact: value for fact, value in known.items() if fact != dropped})
        assert set(map(id, narrow.rows)) <= set(map(id, wide.rows)) or settling_tables(dropped)


def test_meet_and_covers() -> None:
    assert not meet(range(0, 5), range(5, 9)) and meet(range(0, 6), range(5, 9)) == range(5, 6)
    assert covers(range(0, 9), range(2, 4)) and not covers(frozenset("a"), frozenset("ab"))


# --- every row is guarded -------------------------------------------------------------------------------------------


def changed(table: Table, row: Row, **parts: object) -> Table:
    return replace(table, rows=tuple(replace(row, **parts) if one is row else one for one in table.rows))


def mutants(table: Table, row: Row) -> list[tuple[str, Table]]:
    """The table with one thing wrong in one row: another code, modifier, units, conclusion, or a dropped row."""
    other = next(code for code in codes() if code != row.report)
    found = [("code", changed(table, row, report=other, units=row.units or "1"))]
    if row.report:
        found.append(("no code", changed(table, row, report="", units="")))
        found.append(("modifier", changed(table, row, modifiers=() if row.modifiers else ("52",))))
        found.append(("units", changed(table, row, units="3" if row.units != "3" else "4")))
    for fact, value in row.concludes.items():
        wrong = next(v for v in facts()[fact].values if v != value)
        found.append(
            ("conclusion", changed(table, row, concludes=MappingProxyType({**row.concludes, fact: wrong})))
        )
    found.append(("dropped", replace(table, rows=tuple(one for one in table.rows if one is not row))))
    return found


@pytest.mark.slow
def test_every_wrong_row_is_caught() -> None:
    """Changing any one row turns an example red. The figures go to the closing note."""
    caught, missed = 0, []
    for table in tables().values():
        for row in table.rows:
            for what, mutant in mutants(table, row):
                if examples.failures(mutant):
                    caught += 1
                else:
                    missed.append(f"{row.id} {what}")
    print(f"mutants caught: {caught} of {caught + len(missed)}")
    assert not missed


def test_what_other_tables_settle_on_the_way_is_told() -> None:
    asked = decide("visit-by-mdm", encounter_setting="emergency", consultation="yes", payer="other", takes_consultations="yes")
    assert {fact: row.id for fact, row in asked.on_the_way.items()} == {
        "family": next(row.id for row in tables()["visit-family"].rows if "cur-consult-03" in row.guidance)
    }
    assert "mdm" not in asked.on_the_way  # three facts of it are open
    assert decide("visit-by-mdm", family="emergency").on_the_way == {}  # given, not settled
    assert decide("visit-by-mdm").on_the_way == {}


@pytest.mark.parametrize(
    ("setting", "taken", "not_taken"),
    [
        ({"encounter_setting": "office", "patient": "new"}, "outpatient_consultation", "office_new"),
        ({"encounter_setting": "office", "patient": "established"}, "outpatient_consultation", "office_established"),
        ({"encounter_setting": "hospital", "hospital_visit": "initial"}, "inpatient_consultation", "hospital_initial"),
        ({"encounter_setting": "emergency"}, "outpatient_consultation", "emergency"),
    ],
)
def test_only_a_payer_that_takes_consultation_codes_gets_them(
    setting: dict[str, str], taken: str, not_taken: str
) -> None:
    """While the plan is unknown both ways stand, with the question; Medicare settles it without one."""

    def families(**more: str) -> set[str]:
        return {row.concludes["family"] for row in decide("visit-family", consultation="yes", **setting, **more).rows}

    asked = decide("visit-family", consultation="yes", payer="other", **setting)
    assert families(payer="other") == {taken, not_taken}
    assert [question.fact for question in asked.questions] == ["takes_consultations"]
    assert families(payer="other", takes_consultations="yes") == {taken}
    assert families(payer="other", takes_consultations="no") == {not_taken}
    assert families(takes_consultations="no") == {not_taken}  # whoever pays
    assert families(payer="medicare") == {not_taken}
    assert decide("visit-family", consultation="yes", payer="medicare", **setting).questions == ()


def test_a_stay_has_one_consultation() -> None:
    for payer in ({"payer": "medicare"}, {"payer": "other"}, {"payer": "other", "takes_consultations": "yes"}):
        later = decide("visit-family", encounter_setting="hospital", hospital_visit="subsequent", consultation="yes", **payer)
        assert {row.concludes["family"] for row in later.rows} == {"hospital_subsequent"}


def test_everything_settled_on_the_way_follows_from_the_answers() -> None:
    chosen = random.Random(11)
    for table in tables().values():
        for _ in range(40):
            names = [name for name in requirements(table) if facts()[name].kind == "choice"]
            given = {name: chosen.choice(list(facts()[name].values)) for name in names if chosen.random() < 0.6}
            found = decide(table, **given)
            for fact, row in found.on_the_way.items():
                assert fact not in given
                assert found.state.get(fact, frozenset({row.concludes[fact]})) == {row.concludes[fact]}


def test_a_number_of_many_digits_is_one_short_sentence() -> None:
    for text in ("9" * 5_000, "1.." + "9" * 5_000, "9" * 5_000 + ".."):
        with pytest.raises(ValueError, match="minutes: '") as refused:
            decide("visit-by-time", minutes=text)
        assert "is not allowed; allowed is a whole number" in str(refused.value) and len(str(refused.value)) < 300
