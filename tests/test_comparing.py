"""Ways of a case side by side, and the explorer's claim lines: without a browser."""

from __future__ import annotations

import pytest

from omsnb.calculators.claim_draft import DIAGNOSES, OWN_DAY, PAYER, PLACE, ClaimDraft, draft_html
from omsnb.calculators.comparing import (
    HERE,
    KEPT,
    READING,
    WAY,
    axes,
    column,
    compared,
    compared_html,
    ways,
)
from omsnb.calculators.explorer import READINGS, CaseExplorer
from omsnb.claim_building import build_claims
from omsnb.claim_files import read_given
from omsnb.periods import read_date
from omsnb.records import DAY
from omsnb.tables import cases

TRAUMA = {
    "claim": "medical", "contrast": "without", "workstation": "independent", "splint_made": "no",
}  # fmt: skip


def case(name: str, **answers: str) -> CaseExplorer:
    model = CaseExplorer(name)
    model.answers = answers
    return model


@pytest.mark.parametrize("name", cases())
def test_every_case_compares_by_each_of_its_axes(name: str) -> None:
    model = CaseExplorer(name)
    found = axes(model, {})
    assert (WAY in {key for _, key in found}) == (len(cases()[name].variants) > 1)
    for _, axis in found:
        offered = ways(model, axis, {})
        assert len(offered) > 1
        columns = [column(*one) for one in offered[:3]]
        lines = compared(columns)
        assert all(len(line.cells) == len(columns) for line in lines)
        order = [line.same for line in lines]
        assert order == sorted(order), "what differs stands first"


def test_an_answer_compared_is_the_explorer_with_that_answer() -> None:
    model = case("trauma", **TRAUMA)
    columns = [column(label, state) for label, state in ways(model, "claim", {})][:2]
    for value, one in zip(("medical", "dental"), columns, strict=True):
        alone = case("trauma", **{**TRAUMA, "claim": value})
        assert one.worksheet is not None and alone.worksheet is not None
        assert one.worksheet.codes == alone.worksheet.codes
    shown = {line.label: line.cells for line in compared(columns)}
    assert shown["CT or cone-beam CT"] == ("70486-26", "D0391")
    assert model.answers == TRAUMA, "comparing leaves the explorer as it stands"


def test_readings_are_compared() -> None:
    model = CaseExplorer("trauma")
    offered = ways(model, READING, {})
    assert [label for label, _ in offered] == list(READINGS.values())
    columns = [column(*one) for one in offered]
    assert any(not line.same for line in compared(columns))


def test_kept_scenarios_are_compared_with_the_screen() -> None:
    model = case("trauma", **TRAUMA)
    kept = {"Dental": case("trauma", claim="dental").state, "A joint": CaseExplorer("tmj").state}
    offered = ways(model, KEPT, kept)
    assert [label for label, _ in offered] == [HERE, "Dental", "A joint"]
    told = compared_html([column(*one) for one in offered])
    assert "Dental" in told and "A joint" in told


def test_nothing_differs_is_said() -> None:
    model = CaseExplorer("tmj")
    same = column("one", model.state)
    assert "No line differs." in compared_html([same, column("other", model.state)])


def test_a_name_is_escaped() -> None:
    told = compared_html([column("<b>x</b>", CaseExplorer("tmj").state), column("y", CaseExplorer("tmj").state)])
    assert "<b>x" not in told and "&lt;b&gt;x" in told


def test_an_axis_that_the_case_does_not_have() -> None:
    with pytest.raises(ValueError, match="nothing that this case"):
        ways(CaseExplorer("tmj"), "weather", {})


def drafted(model: CaseExplorer, **entries: str) -> ClaimDraft:
    draft = ClaimDraft(model)
    draft.refresh()
    for name, text in entries.items():
        draft.enter(name, text)
    return draft


def test_without_a_payer_there_are_no_lines() -> None:
    draft = drafted(case("trauma", **TRAUMA))
    assert draft.draft.building is None and "who pays" in draft.draft.problem
    assert draft.csv == ""


def test_lines_are_those_that_the_builder_writes() -> None:
    model = case("trauma", **{**TRAUMA, DAY: "2026-03-02"})
    draft = drafted(model, **{PAYER: "medicare", PLACE: "21", DIAGNOSES: "S02.412A, S02.609A"})
    assert draft.draft.building and model.worksheet
    built = build_claims(
        model.worksheet, payer="medicare", dates={"*": read_date("2026-03-02")}, patient="P-1", place="21",
        diagnoses=("S02.412A", "S02.609A"),
    )  # fmt: skip
    assert draft.draft.building == built
    assert sum(len(claim.lines) for claim in built.claims) >= 2
    again = read_given(draft.csv.encode(), "claim-lines.csv")
    assert not again.faults and again.lines == sum(len(claim.lines) for claim in built.claims)


def test_a_service_may_have_a_day_of_its_own() -> None:
    model = case("trauma", **{**TRAUMA, DAY: "2026-03-02"})
    draft = drafted(model, **{PAYER: "medicare", PLACE: "21", f"{OWN_DAY}planning": "2026-03-05"})
    assert draft.draft.building
    days = {line.code: line.date for claim in draft.draft.building.claims for line in claim.lines}
    assert days["76377"] == read_date("2026-03-05") and days["70486"] == read_date("2026-03-02")


def test_lines_follow_the_explorer() -> None:
    model = case("trauma", **{**TRAUMA, DAY: "2026-03-02"})
    draft = drafted(model, **{PAYER: "medicare", PLACE: "21"})
    before = draft.csv
    model.answers = {**model.answers, "contrast": "with"}
    draft.refresh()
    assert "70486" in before and "70487" in draft.csv and "70486" not in draft.csv


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [(f"{OWN_DAY}planning", "2026-02-30", "is not a date"), (PAYER, "nobody", "is not known"), (DIAGNOSES, "?", "is not allowed")],
)
def test_an_entry_that_cannot_be_read_is_refused_at_its_field(name: str, text: str, said: str) -> None:
    draft = drafted(case("trauma", **TRAUMA), **{name: text})
    assert said in draft.refused[name] and name not in draft.entries


def test_a_payer_that_the_answers_contradict_is_said() -> None:
    draft = drafted(case("trauma", claim="dental"), **{PAYER: "medicare"})
    assert draft.draft.building is None and "claim" in draft.draft.problem
    assert "problem" in draft_html(draft.draft)
