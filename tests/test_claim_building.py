"""Claims built from cases: no line is written for a day on which its code is not valid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from omsnb import claim_building, code_case, conditions
from omsnb.claim_building import Building, build_claims
from omsnb.claim_tables import payers
from omsnb.coding import Worksheet
from omsnb.edit_rules import edit_rules
from omsnb.edits import find
from omsnb.tables import cases, codes, facts, tables

EDGES = sorted(
    {
        date.fromisoformat(edge) + timedelta(days)
        for code in codes().values()
        for edge in (code.effective_from, code.effective_to)
        if edge
        for days in (-1, 0, 1)
    }
)
"""The days around the first and the last day of each code, as far as the data knows them."""
OFTEN = 12


def answered(name: str, variant: str | None, payer: str, random: Random) -> Worksheet:
    """A case whose questions are answered at random, until none is open."""
    plan = payers()[payer]
    answers: dict[str, str] = {"claim": plan.claim} if plan.claim else {}
    sheet = code_case(name, answers, variant=variant)
    while sheet.questions:
        question = sheet.questions[0]
        value = plan.medical_payer if question.fact == "payer" and plan.medical_payer else ""
        if question.answers:
            value = value or random.choice(question.answers)
        answers[question.fact] = value or str(random.randint(0, min(130, facts()[question.fact].bounds[-1])))
        sheet = code_case(name, answers, variant=variant)
    return sheet


def built(sheet: Worksheet, payer: str, day: date) -> Building:
    return build_claims(
        sheet, payer=payer, dates={"*": day}, patient="P", provider="B", place="22", diagnoses=["M26.69"]
    )


def dated(building: Building) -> list[str]:
    return [
        finding.because for finding in find(building.claims) if edit_rules()[finding.rule].kind == "valid_on"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("payer", list(payers()))
@pytest.mark.parametrize("name", list(cases()))
def test_no_line_is_written_for_a_day_on_which_its_code_is_not_valid(name: str, payer: str) -> None:
    """Every case, variant and payer, on the days around the begin and the end of each code."""
    random, left_out = Random(f"{name} {payer}"), set()
    for variant in list(cases()[name].variants) or [None]:
        for _ in range(OFTEN):
            sheet = answered(name, variant, payer, random)
            today = lines(built(sheet, payer, date(2026, 6, 1)))
            for day in EDGES:
                building = built(sheet, payer, day)
                assert not dated(building), (day, dated(building))
                gone = [entry for entry in building.left_out if entry.reason == "date"]
                assert all(entry.what in entry.because and str(day) in entry.because for entry in gone)
                assert sorted((*lines(building), *(entry.what for entry in gone))) == today, (day, building)
                left_out |= {entry.what for entry in gone}
    began = {
        row.report for table in tables().values() for row in table.rows if row.report and codes()[row.report].effective_from
    }  # fmt: skip
    assert left_out <= began
    print(name, payer, sorted(left_out))


def lines(building: Building) -> list[str]:
    return sorted(line.code for claim in building.claims for line in claim.lines)


def test_a_code_that_has_ended_is_left_out_with_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = dict(codes()) | {"D5988": replace(codes()["D5988"], effective_to="2026-03-01")}
    for module in (claim_building, conditions):
        monkeypatch.setattr(module, "codes", lambda: ended)
    sheet = code_case("orthognathic")
    assert "D5988" in lines(built(sheet, "dental", date(2026, 3, 1)))
    after = built(sheet, "dental", date(2026, 3, 2))
    assert "D5988" not in lines(after) and not dated(after)
    (entry,) = [entry for entry in after.left_out if entry.reason == "date"]
    assert entry.because == "D5988 was valid until 2026-03-01, and is not on 2026-03-02."


def begins(monkeypatch: pytest.MonkeyPatch, *later: str) -> None:
    """Lets some codes begin on 1 March 2026."""
    changed = dict(codes()) | {code: replace(codes()[code], effective_from="2026-03-01") for code in later}
    for module in (claim_building, conditions):
        monkeypatch.setattr(module, "codes", lambda: changed)


def test_a_menu_says_which_of_its_codes_the_date_rules_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """One way is closed on that day; the other one is not chosen for it, since the answer may lead to the closed one."""
    begins(monkeypatch, "76376")
    sheet = code_case("tmj", {"place": "office"})
    early = built(sheet, "medical", date(2026, 2, 28))
    (said,) = [entry.because for entry in early.open if "76377" in entry.because]
    assert "76376, 76377 are left" in said and said.endswith("76376 is valid from 2026-03-01 on, and not on 2026-02-28.")
    assert not {"76376", "76377"} & set(lines(early)) and not [entry for entry in early.left_out if entry.reason == "date"]
    assert "valid" not in " ".join(entry.because for entry in built(sheet, "medical", date(2026, 3, 1)).open)


def test_a_service_whose_ways_are_all_closed_is_not_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no code of a menu is valid on the day, no answer can open it, so it is left out and not open."""
    begins(monkeypatch, "76376", "76377")
    sheet = code_case("tmj", {"place": "office"})
    early, late = built(sheet, "medical", date(2026, 2, 28)), built(sheet, "medical", date(2026, 3, 1))
    assert {entry.what for entry in early.left_out if entry.reason == "date"} == {"76376", "76377"}
    assert len(late.open) == len(early.open) + 1


def test_a_code_that_the_payer_refuses_on_any_day_is_left_out_for_that() -> None:
    building = built(code_case("orthognathic"), "medical", date(2022, 6, 1))
    (entry,) = [entry for entry in building.left_out if entry.what == "D0801"]
    assert entry.reason == "form" and "does not take CDT codes" in entry.because


def test_the_place_of_a_reading_alone_is_where_the_patient_was_scanned() -> None:
    answers = {"claim": "medical", "scan": "ct", "contrast": "without", "component": "read_only", "place": "office"}
    sheet = code_case("tmj", answers)
    for place, held in (("", []), ("22", ["22"])):
        building = build_claims(sheet, payer="medical", dates={"*": date(2026, 3, 2)}, patient="P", provider="B", place=place)
        read = [line.place or claim.place for claim in building.claims for line in claim.lines if "26" in line.modifiers]
        assert read == held
        assert any("scanned" in entry.because for entry in building.open) == (not held)
