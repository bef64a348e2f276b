"""Which modifier, and which splint or appliance: the union of the tables, its laws, and the examples of ``tests/which``."""

from __future__ import annotations

import random
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from omsnb import which
from omsnb.__main__ import main
from omsnb.calculators.catalogue import find_calculator
from omsnb.decision_texts import outcome_text
from omsnb.fees import rvus
from omsnb.lookups import modifiers
from omsnb.tables import codes, facts, tables
from omsnb.which import APPLIANCE_TABLES, MODIFIER_TABLES, ask_all, code_facts, row_marks

FOLDER = Path(__file__).parent / "which"
MODIFIERS = tomllib.loads((FOLDER / "modifiers.toml").read_text(encoding="utf-8"))
APPLIANCES = tomllib.loads((FOLDER / "appliances.toml").read_text(encoding="utf-8"))
MARK_FACTS = [name for name in facts() if name.endswith("_mark")]
EXCLUDING = [
    {"58", "78", "79"}, {"76", "77"}, {"26", "TC"}, {"50", "LT", "RT"}, {"59", "XE", "XP", "XS", "XU"},
    {"GA", "GZ", "GY", "KX"}, {"62", "66", "80", "81", "82", "AS"}, {"95", "93"}, {"52", "53", "22"}, {"FX", "FY", "CT"},
]  # fmt: skip
OF_VISITS = {"24", "25", "57", "AI"}
OF_PROCEDURES = {"50", "LT", "RT", "51", "58", "78", "79", "22", "62", "66", "80", "81", "82", "AS", "63"}


def closed(code: str, said: dict[str, str]) -> dict[str, Any]:
    kind = code_facts(codes()[code])["line_kind"]
    return {**MODIFIERS["closing"][kind], **said, "code": code}


@pytest.mark.parametrize("example", MODIFIERS["example"], ids=lambda one: f"{one['number']}-{one['code']}")
def test_the_modifier_examples(example: dict[str, Any]) -> None:
    answer = ask_all(MODIFIER_TABLES, closed(example["code"], example["facts"]))
    marks = set(answer.marks) if answer.verdict != "no" else set()
    assert (answer.verdict, marks) == (example["line"], set(example["marks"])), example["says"]


@pytest.mark.parametrize("example", APPLIANCES["example"], ids=lambda one: f"{one['number']}")
def test_the_appliance_examples(example: dict[str, Any]) -> None:
    answer = ask_all(APPLIANCE_TABLES, example["facts"])
    reports = [outcome_text(row) for one in answer.decisions for row in one.rows if row.report]
    assert (reports, answer.verdict) == ([example["reports"]] if example["reports"] else [], example["line"])


def test_an_obturator_within_the_period_of_the_one_before_is_staged() -> None:
    said = closed("21080", {"operation_when": "days_after", "relation": "staged"})
    assert ask_all(MODIFIER_TABLES, said).marks == ("58",)


def test_the_examples_cover_the_numbers() -> None:
    assert {one["number"] for one in MODIFIERS["example"]} == set(range(1, 33))
    assert {one["number"] for one in APPLIANCES["example"]} | {21} == set(range(1, 26))


def test_every_mark_is_a_modifier_of_the_table() -> None:
    for name in MARK_FACTS:
        for value in facts()[name].values:
            assert value == "none" or all(part in modifiers() for part in value.split("+")), (name, value)


def everything(kind: str, pick: random.Random) -> dict[str, str]:
    asked = {fact for table in find_calculator(MODIFIER_TABLES).tables for fact in table.conditions}
    asked |= {"component", "place"}
    skip = {"line_kind", "billed", "on"}
    return {
        "line_kind": kind,
        **{f: pick.choice(sorted(facts()[f].values)) for f in asked - skip if facts()[f].values},
    }


@pytest.mark.parametrize("kind", list(facts()["line_kind"].values))
def test_the_laws_of_the_union(kind: str) -> None:
    """On random full answers: no visit mark on a procedure or the other way, none beside one that it excludes."""
    pick = random.Random(kind)
    for _ in range(300):
        said = everything(kind, pick)
        marks = set(ask_all(MODIFIER_TABLES, said).marks)
        assert not marks & OF_VISITS or kind == "visit"
        assert not marks & OF_PROCEDURES or kind in ("procedure", "test")
        assert all(len(marks & group) <= 1 for group in EXCLUDING)
        assert "51" not in marks or said["payer"] != "medicare"
        assert not marks & {"26", "TC"} or said["component_indicator"] == "split"
        assert not marks & {"50", "LT", "RT"} or said["bilateral_indicator"] in ("1", "3")
        assert "62" not in marks or said["cosurgeon_indicator"] in ("1", "2")
        assert not marks & {"80", "81", "82", "AS"} or said["assistant_indicator"] in ("0", "2")
        shuffled = list(said.items())
        pick.shuffle(shuffled)
        assert set(ask_all(MODIFIER_TABLES, dict(shuffled)).marks) == marks


def test_the_laws_of_appliances() -> None:
    guards, joint = {"D9944", "D9945", "D9946"}, {"joint", "apnea", "snoring"}
    for table in find_calculator(APPLIANCE_TABLES).tables:
        for row in table.rows:
            purposes = row.conditions["purpose"]
            if row.report in guards:
                assert not purposes & joint
            if row.report in ("D5982", "D5988"):
                assert "implant_position" not in purposes
            if row.report == "21085" and "joint" in purposes:
                assert row.conditions["payer_joint_code"] == {"surgical_splint"}
            if row.report == "21085":
                assert not purposes & {"grinding", "apnea", "snoring", "sport"}
            if row.report == "21110":
                assert "fracture" not in purposes


def test_every_purpose_has_an_answer_on_both_claims() -> None:
    for purpose in facts()["purpose"].values:
        for claim in ("medical", "dental"):
            assert len(ask_all(APPLIANCE_TABLES, {"purpose": purpose, "claim": claim}).decisions) == 1


def test_the_purpose_is_asked_first() -> None:
    from omsnb.decisions import open_questions

    assert open_questions(find_calculator(APPLIANCE_TABLES).tables, {})[0].fact == "purpose"


def test_open_facts_are_asked_and_promise_nothing() -> None:
    answer = ask_all(MODIFIER_TABLES, {"code": "21196"})
    assert answer.verdict == "" and answer.marks == () and {"58", "78", "79", "62"} <= set(answer.open_marks)
    assert "50" not in answer.open_marks  # both sides are in the price of this code


def test_a_stricter_answer_of_one_table_holds() -> None:
    said = closed("21196", {"operation_when": "days_after", "relation": "staged", "done_again": "no_need"})
    assert ask_all(MODIFIER_TABLES, said).verdict == "no"


def test_a_wrong_row_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The union reads the rows: with another conclusion an example would fail."""
    calculator = find_calculator(MODIFIER_TABLES)
    period = tables()["modifier-period"]
    wrong = replace(
        period,
        rows=tuple(
            replace(r, concludes={**r.concludes, "period_mark": "78"}) if "58" in row_marks(r) else r
            for r in period.rows
        ),
    )
    broken = replace(calculator, tables=tuple(wrong if t.name == period.name else t for t in calculator.tables))
    monkeypatch.setattr(which, "find_calculator", lambda name: broken)
    said = closed("21196", {"operation_when": "days_after", "relation": "staged"})
    assert ask_all(MODIFIER_TABLES, said).marks == ("78",)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"code": "00000"}, "code: '00000' is not known to the manual"),
        (
            {"code": "21196", "bilateral_indicator": "1"},
            "bilateral_indicator: '1' contradicts 21196, for which it is '2'",
        ),
        ({"colour": "red"}, "fact: 'colour' is not asked by which-modifier"),
        ({"sides_done": "up"}, "sides_done: 'up' is not allowed; allowed: no_sides"),
    ],
)
def test_bad_input_names_what_is_allowed(said: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError) as problem:
        ask_all(MODIFIER_TABLES, said)
    assert message in str(problem.value)


def test_the_indicators_of_the_shared_operations() -> None:
    """By the fee schedule of July 2026."""
    known = {code: entry for (code, component), entry in rvus().items() if not component}
    assert [known[c].co_surgeon for c in ("21085", "21195", "21453", "21141", "21196", "21243")] == list(
        "000111"
    )
    assert [known[c].assistant for c in ("21110", "21206", "21453", "21196")] == list("1202")


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["which-modifier", *(f"{k}={v}" for k, v in closed("21243", {"sides_done": "left"}).items())])
        == 0
    )
    assert "Line: 21243-LT" in capsys.readouterr().out
    assert main(["which-appliance", "purpose=grinding", "claim=medical"]) == 1
    assert "do not bill this line" in capsys.readouterr().out
