"""The claim checks: each rule by its examples, over whole cases, and with lines added or taken away."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from claims import TODAY, Example, claims_of, examples
from hypothesis import given, settings
from hypothesis import strategies as st

from omsnb import code_case, edits, reading
from omsnb.claim_building import build_claims
from omsnb.claim_tables import payers
from omsnb.claims import Claim, ServiceLine
from omsnb.coding import Worksheet
from omsnb.edit_rules import edit_rules, pair_table
from omsnb.edits.units import prolonged_units
from omsnb.reading import DataError, data_folder
from omsnb.tables import cases, codes, facts, tables

EXAMPLES = list(examples())
check = functools.partial(edits.check, today=TODAY)
find = functools.partial(edits.find, today=TODAY)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(example: Example) -> None:
    found = [finding for finding in check(example.claims).findings if finding.rule == example.rule]
    assert bool(found) == example.fires, found
    assert {finding.status for finding in found} == ({example.status} if example.fires else set()), "a finding pins its status"
    for finding in found:
        assert finding.because and finding.remedy and finding.sources and "{" not in finding.because


def test_every_rule_has_an_example_that_fires_and_one_that_does_not() -> None:
    for fires in (True, False):
        assert {example.rule for example in EXAMPLES if example.fires is fires} == set(edit_rules())


def test_a_rule_says_why_it_found_nothing() -> None:
    report = check(claims_of({"code": "70486"}))
    assert {entry.rule for entry in report.considered} | {entry.rule for entry in report.findings} == set(edit_rules())
    reasons = {entry.rule: entry.because for entry in report.considered}
    assert reasons["component-facility"] == (
        "Line 1 of C-1 comes nearest: place is 11, the rule asks 19, 21, 22, 23, 24."
    )
    assert "code is 70486, the rule asks 76376, 76377" in reasons["rendering-base"]


def test_no_claim_no_finding() -> None:
    report = check(())
    assert report.findings == () and report.worst == "ok"
    assert len(report.considered) == len(edit_rules())


def test_units_are_summed_over_the_claims_of_a_day() -> None:
    one = {"code": "21085", "units": "2", "date": "2026-10-15", "claim": "A"}
    other = {"code": "21085", "units": "1", "date": "2026-10-15", "claim": "B"}
    found = check(claims_of(one, other, payer="medicare")).findings
    over = next(finding for finding in found if finding.rule == "units-medicare")
    assert over.lines == (("A", 1), ("B", 1)) and over.status == "review" and "3 units of 21085" in over.because
    assert not [f for f in check(claims_of(one, payer="medicare")).findings if f.rule == "units-medicare"]


def test_patients_and_providers_are_kept_apart() -> None:
    lines = {"code": "76377"}, {"code": "76376"}
    for key in ("patient", "provider"):
        apart = claims_of({**lines[0], "claim": "A", key: "X"}, {**lines[1], "claim": "B", key: "Y"})
        assert not [finding for finding in check(apart).findings if finding.rule == "pair-never"]
    together = claims_of({**lines[0], "claim": "A"}, {**lines[1], "claim": "B"})
    assert [finding for finding in check(together).findings if finding.rule == "pair-never"]


def test_the_splint_warning_names_the_last_safe_day_and_the_modifier() -> None:
    report = check(claims_of({"code": "21085", "date": "2026-03-05"}, {"code": "21196", "date": "2026-03-12"}))
    found = next(finding for finding in report.findings if finding.rule == "surgery-in-splint-period")
    assert "2026-03-01" in found.because and "58" in found.remedy


@pytest.mark.parametrize(
    ("base", "add_on", "minutes", "units"),
    [("99205", "99417", 74, 0), ("99205", "99417", 75, 1), ("99205", "99417", 105, 3), ("99205", "G2212", 88, 0),
     ("99215", "G2212", 69, 1), ("99223", "G0316", 105, 2), ("99245", "G2212", 200, 0)],
)  # fmt: skip
def test_prolonged_units(base: str, add_on: str, minutes: int, units: int) -> None:
    assert prolonged_units(base, add_on, minutes, date(2026, 3, 2).toordinal()) == units


# --- whole cases


def _leaves(name: str, variant: str | None, answers: Mapping[str, str], skip: frozenset[str]) -> Iterator[Worksheet]:
    """Every way of answering a case's open questions, but for those in ``skip``."""
    stack = [dict(answers)]
    while stack:
        given_answers = stack.pop()
        worksheet = code_case(name, given_answers, variant=variant)
        asked = [question for question in worksheet.questions if question.fact not in skip]
        if not asked:
            yield worksheet
            continue
        fact = facts()[asked[0].fact]
        values = asked[0].answers or [str(value) for value in _turning_points(fact.name)]
        stack += [{**given_answers, fact.name: value} for value in values]


def _turning_points(fact: str) -> list[int]:
    """A number on each side of every threshold of the tables."""
    ends = {
        edge
        for table in tables().values()
        for row in table.rows
        if isinstance(allowed := row.conditions.get(fact), range)
        for edge in (allowed[0], allowed[-1])
    }
    return sorted(ends)


def _evaluations(name: str, variant: str | None, answers: Mapping[str, str]) -> list[dict[str, object]]:
    """One set of answers for each outcome of the evaluation."""
    start = code_case(name, answers, variant=variant)
    own = {question.fact for question in start.evaluation.open}
    others = {question.fact for row in start.rows for question in row.open}
    outcomes: dict[tuple[object, ...], dict[str, object]] = {}
    stack: list[dict[str, str]] = [dict(answers)]
    while stack:
        given_answers = stack.pop()
        worksheet = code_case(name, given_answers, variant=variant)
        asked = [question for question in worksheet.evaluation.open if question.fact not in others]
        if asked:
            fact = asked[0].fact
            values = asked[0].answers or [str(value) for value in _turning_points(fact)]
            stack += [{**given_answers, fact: value} for value in values]
        else:
            outcome = (worksheet.evaluation.codes, tuple((entry.code, entry.units) for entry in worksheet.prolonged))
            outcomes.setdefault(outcome, {k: v for k, v in given_answers.items() if k not in answers})
    assert own or outcomes
    return list(outcomes.values())


DATES = {"evaluation": date(2026, 1, 5), "splint": date(2026, 3, 1), "*": date(2026, 2, 2)}


@pytest.mark.slow
@pytest.mark.parametrize("payer", list(payers()))
@pytest.mark.parametrize("name", list(cases()))
def test_every_answered_case_passes_without_a_deny(name: str, payer: str) -> None:
    """Over all combinations of answers: those of the evaluation with those of all other services."""
    plan = payers()[payer]
    combinations = checked = 0
    for variant in list(cases()[name].variants) or [None]:
        start = code_case(name, variant=variant)
        asked = {question.fact for row in (start.evaluation, *start.rows) for question in row.open}
        answers = {"claim": plan.claim}
        if plan.claim == "medical" and "payer" in asked:
            answers["payer"] = plan.medical_payer or "other"  # a plan that must be asked: here it says so
        outcomes = _evaluations(name, variant, answers)
        own = frozenset(fact for outcome in outcomes for fact in outcome)
        visits = {built(code_case(name, {**answers, **outcome}, variant=variant), payer, True) for outcome in outcomes}
        leaves = [built(worksheet, payer, False) for worksheet in _leaves(name, variant, answers, own)]
        combinations += len(leaves) * len(outcomes)
        for services, visit in itertools.product(set(leaves), visits):
            denied = [finding for finding in find((*visit, *services)) if finding.status == "deny"]
            assert not denied, (denied, services, visit)
            checked += 1
    assert checked
    print(f"{name} {payer}: {combinations} combinations of answers, {checked} different claims")


def built(worksheet: Worksheet, payer: str, evaluation: bool) -> tuple[Claim, ...]:
    """The claims of the evaluation, or of all other services."""
    names = {"*", "evaluation", *(row.name for row in worksheet.rows)}
    building = build_claims(
        worksheet, payer=payer, dates={key: day for key, day in DATES.items() if key in names}, patient="P",
        provider="B", place="22", diagnoses=["M26.69"], claim="E" if evaluation else "S",
    )  # fmt: skip
    assert not [entry for entry in building.open if (entry.service == "evaluation") == evaluation], building.open
    visit = worksheet.evaluation.codes + tuple(code for entry in worksheet.prolonged for code in entry.code.split(" or "))
    return tuple(
        dataclasses.replace(claim, lines=kept)
        for claim in building.claims
        if (kept := tuple(line for line in claim.lines if (line.code in visit) == evaluation))
    )


def clean_claims() -> dict[str, tuple[Claim, ...]]:
    """A claim for each form that no rule denies."""
    medical = claims_of(
        {"code": "99204", "date": "2026-01-05"},
        {"code": "70486"},
        {"code": "76377", "report": "yes"},
        {"code": "21085", "date": "2026-03-01", "made_by": "surgeon"},
        {"code": "21196", "date": "2026-03-12", "place": "22", "claim": "C-2"},
    )
    dental = claims_of(
        {"code": "D0150"}, {"code": "D0367"}, {"code": "D0801"}, {"code": "D6190", "narrative": "yes"},
        payer="dental", form="ada2024",
    )  # fmt: skip
    return {"medical": medical, "dental": dental}


def test_clean_claims_are_clean() -> None:
    for claims in clean_claims().values():
        assert not check(claims).of_status("deny", "review"), check(claims).of_status("deny", "review")


CONFLICTS = [  # an added line beside one that is there, and the status that it must at least have, by hand
    ("medical", {"code": "76376", "report": "yes"}, "deny"),
    ("medical", {"code": "70487"}, "deny"),
    ("medical", {"code": "D0367"}, "deny"),
    ("medical", {"code": "D5988", "date": "2026-03-01"}, "deny"),
    ("medical", {"code": "99213", "date": "2026-03-20"}, "deny"),
    ("medical", {"code": "99213", "date": "2026-03-11"}, "deny"),
    ("medical", {"code": "99417", "date": "2026-01-05"}, "deny"),
    ("medical", {"code": "21085", "date": "2026-04-01", "made_by": "surgeon"}, "deny"),
    ("medical", {"code": "70355", "place": "21", "claim": "C-3"}, "deny"),
    ("medical", {"code": "70486"}, "deny"),
    ("medical", {"code": "99070", "attachment": "yes"}, "review"),
    ("dental", {"code": "D0383"}, "deny"),
    ("dental", {"code": "D0391"}, "deny"),
    ("dental", {"code": "D0365"}, "review"),
    ("dental", {"code": "70486"}, "deny"),
    ("dental", {"code": "D0160", "narrative": "no", "attachment": "no"}, "deny"),
    ("dental", {"code": "D7939"}, "review"),
    ("dental", {"code": "D0351"}, "deny"),
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CONFLICTS), st.data())
def test_a_known_conflict_is_seen_wherever_its_line_stands(
    conflict: tuple[str, dict[str, str], str], data: st.DataObject
) -> None:
    kind, line, status = conflict
    head = {"payer": "dental", "form": "ada2024"} if kind == "dental" else {}
    added = claims_of({"claim": "C-9", **line}, **head)[0]
    claims = list(clean_claims()[kind])
    # in a claim of its own, or on one that is there; lines that it does not rest on may be missing
    place = data.draw(st.integers(0, len(claims)))
    if data.draw(st.booleans()) and place < len(claims) and claims[place].place == added.place:
        merged = [dataclasses.replace(entry, line=0) for entry in (*claims[place].lines, *added.lines)]
        claims[place] = dataclasses.replace(claims[place], lines=tuple(data.draw(st.permutations(merged))))
    else:
        claims.insert(place, added)
    keys = {
        (claim.claim, entry.line)
        for claim in claims for entry in claim.lines
        if entry.code == line["code"] and entry.date.isoformat() == line.get("date", "2026-03-02")
    }  # fmt: skip
    found = [finding for finding in check(claims).findings if keys & set(finding.lines)]
    worst = {"deny": ("deny",), "review": ("deny", "review")}[status]
    assert [finding for finding in found if finding.status in worst], found


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_line_taken_away_brings_no_finding_but_of_what_rested_on_it(data: st.DataObject) -> None:
    claims = data.draw(st.sampled_from(list(clean_claims().values())))
    lines = [(number, line) for number, claim in enumerate(claims) for line in claim.lines]
    gone = data.draw(st.sampled_from(lines))
    left = [
        dataclasses.replace(claim, lines=tuple(line for line in claim.lines if (number, line) != gone))
        for number, claim in enumerate(claims)
    ]
    report = check(left)
    assert not report.of_status("deny")
    rested = {"70486": {"rendering-base"}, "21196": {"splint-for-joint"}}.get(gone[1].code, set())
    assert {finding.rule for finding in report.of_status("review")} == rested


@pytest.mark.parametrize(("first", "second"), sorted(pair_table("ncci:0")))
def test_no_pair_of_the_table_goes_unseen(first: str, second: str) -> None:
    report = check(claims_of({"code": first}, {"code": second, "modifiers": "59"}))
    assert [f for f in report.findings if f.rule == "pair-never" and f.status == "deny"]


@pytest.mark.parametrize(("first", "second"), sorted(pair_table("ncci:1")))
def test_a_pair_that_a_modifier_may_lift_is_denied_without_one(first: str, second: str) -> None:
    found = [f for f in check(claims_of({"code": first}, {"code": second})).findings if f.status == "deny" and len(f.lines) == 2]
    assert found
    for finding in found:
        assert not ("25" in finding.remedy and "57" in finding.remedy)


def test_remedies_name_the_modifier_that_fits() -> None:
    """25 is for small procedures and 57 for large ones; 58 is for the days after."""
    for rule in edit_rules().values():
        assert not ("25" in rule.remedy and "57" in rule.remedy) or rule.id == "decision-with-minor", rule.id
        periods = rule.first.get("global_days", frozenset())
        if "Add 57" in rule.remedy or "add 57" in rule.remedy:
            assert periods == {"090"}, rule.id
        if "Add 25 " in rule.remedy:
            assert "090" not in periods, rule.id
        if rule.shape == "pair" and re.search(r"(put|add) 58", rule.remedy, re.I):
            assert rule.days == "after" and "78" in rule.first["modifiers_none"], rule.id


def test_a_period_is_not_opened_by_a_return_to_the_operating_room() -> None:
    """Every rule that counts the days of a period leaves out a first line with 78, and no rule one with 58 or 79."""
    counted = [rule for rule in edit_rules().values() if rule.days == "after"]
    assert len(counted) > 3
    for rule in counted:
        assert rule.first["modifiers_none"] == {"78"}, rule.id
    for modifier, opens in (("78", False), ("58", True), ("79", True), ("", True)):
        lines = {"code": "21196", "modifiers": modifier}, {"code": "99213", "date": "2026-03-20"}, {"code": "21462", "date": "2026-03-21"}
        kinds = {finding.rule for finding in check(claims_of(*lines)).findings} & {rule.id for rule in counted}
        assert kinds == ({"visit-in-period", "procedure-in-major-period"} if opens else set())


HONEST = {
    "visit with 25 beside the splint": [{"code": "99214", "modifiers": "25"}, {"code": "21085", "made_by": "surgeon"}],
    "decision on the day before a fracture": [
        {"code": "99223", "modifiers": "57", "place": "21"}, {"code": "21470", "date": "2026-03-03", "place": "21"},
    ],
    "decision and splint before a fracture": [
        {"code": "99223", "modifiers": "57|25", "place": "21"}, {"code": "21085", "made_by": "surgeon", "place": "21"},
        {"code": "21470", "date": "2026-03-03", "place": "21"},
    ],
    "staged operation": [
        {"code": "21453", "place": "21"}, {"code": "21462", "date": "2026-03-20", "modifiers": "58", "place": "21"},
    ],
    "staged operation with a splint on its day": [
        {"code": "21453", "place": "21"}, {"code": "21085", "date": "2026-03-20", "modifiers": "58", "made_by": "surgeon", "place": "21"},
        {"code": "21462", "date": "2026-03-20", "modifiers": "58", "place": "21"},
    ],
    "return for a hematoma, and the period of the first runs on": [
        {"code": "21196", "place": "21"}, {"code": "21462", "date": "2026-03-08", "modifiers": "78", "place": "21"},
        {"code": "99213", "date": "2026-06-02"},
    ],
    "splint and operation on one day": [
        {"code": "21141", "place": "21"}, {"code": "21085", "modifiers": "51", "made_by": "surgeon", "place": "21"},
    ],
    "unrelated visit on the day of a test": [{"code": "99213", "modifiers": "24", "date": "2026-04-20"}, {"code": "21196"}],
    "prolonged office visit": [{"code": "99215", "minutes": "70"}, {"code": "99417", "units": "2"}],
    "prolonged same-day stay": [{"code": "99236", "place": "22"}, {"code": "99418", "place": "22"}],
    "second visit with 25": [{"code": "99204"}, {"code": "99212", "modifiers": "25"}],
    "distinct work, said on the first code": [{"code": "70488", "modifiers": "59"}, {"code": "70486"}],
    "consultation before the plans stopped, then a visit": [{"code": "99244", "date": "2019-05-02"}, {"code": "99213", "date": "2026-03-09"}],
    "two providers see the patient": [{"code": "99284", "place": "23"}, {"code": "99222", "claim": "B", "provider": "B-2", "place": "21"}],
    "one side": [{"code": "21243", "modifiers": "LT", "place": "21"}],
    "both sides": [{"code": "21243", "modifiers": "50", "place": "21"}],
    "unlisted with the report attached": [{"code": "21299", "narrative": "no", "attachment": "yes", "place": "21"}],
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_claim_is_not_denied(name: str) -> None:
    lines = [{**line, "claim": line.get("claim", f"C-{line.get('place', '11')}")} for line in HONEST[name]]
    found = check(claims_of(*lines, diagnoses="M26.212|S02.609A", pointers="AB")).of_status("deny", "review")
    assert not found, found


def test_a_consultation_to_a_plan_is_asked_about_and_not_denied() -> None:
    """Whether the plan takes the code is all that an honest consultation is asked."""
    found = check(claims_of({"code": "99244"}, {"code": "99213", "date": "2026-03-09"})).of_status("deny", "review")
    assert [(one.rule, one.status, one.lines) for one in found] == [("consultation-plan", "review", (("C-1", 1),))]


HONEST_DENTAL = {
    "evaluations on two days": [{"code": "D0150"}, {"code": "D0140", "date": "2026-03-09"}],
    "consultation with an image": [{"code": "D9310"}, {"code": "D0367"}],
    "guide, implant and tooth": [{"code": "D6190", "narrative": "yes"}, {"code": "D6010", "tooth": "8"}],
}


@pytest.mark.parametrize("name", HONEST_DENTAL)
def test_an_honest_dental_claim_is_not_denied(name: str) -> None:
    found = check(claims_of(*HONEST_DENTAL[name], payer="dental", form="ada2024")).of_status("deny", "review")
    assert not found, found


@pytest.mark.parametrize("modifier", ["KX", "GY"])
@pytest.mark.parametrize("form", ["ada2024", "cms1500"])
def test_a_dental_service_linked_to_a_covered_one_may_go_to_medicare(modifier: str, form: str) -> None:
    lines = {"code": "D0140", "modifiers": modifier}, {"code": "D0367", "modifiers": modifier}
    report = check(claims_of(*lines, payer="medicare", form=form))
    assert not report.of_status("deny", "review"), report.findings
    without = check(claims_of(*({**line, "modifiers": ""} for line in lines), payer="medicare", form=form))
    assert {finding.rule for finding in without.of_status("deny", "review")} == {"cdt-to-medicare-unlinked"}
    assert "KX" in without.findings[0].because and "diagnosis" in without.findings[0].because


def test_why_not_tells_dates_and_codes_in_words() -> None:
    reasons = {entry.rule: entry.because for entry in check(claims_of({"code": "D0140", "modifiers": "KX"}, payer="medicare")).considered}
    assert "date is 2026-03-02, the rule asks 0001-01-01 to 2025-06-30" in reasons["cdt-on-medicare-claim"]


def test_an_unknown_code_is_never_a_pass() -> None:
    report = check(claims_of({"code": "D9999"}))
    assert report.worst == "unknown"
    assert "D9999" not in codes()


# --- the file of rules


SETS_ROW = data_folder().joinpath("edits.toml").read_text(encoding="utf-8").splitlines().index("[sets]") + 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "exclusive"', 'kind = "never"', "kind 'never' is not allowed"),
        ('status = "deny"', 'status = "no"', "status 'no' is not allowed"),
        ('days = "day"', 'days = "week"', "days 'week' is not allowed"),
        ("days = [-1, 0]", "days = [0, -1]", "the lower first"),
        ('pairs = "crosswalk"', 'pairs = "other"', "pairs 'other' is not allowed"),
        ("{first} and {second}", "{one} and {second}", "because 'one' is not allowed"),
        ('guidance = ["cur-ncci-01"', 'guidance = ["nowhere"', "guidance 'nowhere' is not allowed"),
        ('code = ["@cone_beam_taken"]', 'code = ["@nothing"]', "'@nothing' is no set"),
        ('code = ["D0391"]', 'code = ["D03910"]', "code 'D03910' is not in codes.csv"),
        ('place = ["@facilities"]', 'place = ["98"]', "place '98' is not allowed"),
        ('place = ["@facilities"]', 'spot = ["99"]', "'spot' is no condition"),
        ('modifiers_any = ["26", "TC"]', 'modifiers_any = ["266"]', "modifiers_any '266' is no modifier"),
        ('position = "1"', 'position = "one"', "position: 'one' is neither a number nor a range"),
        ('id = "pair-modifier"', 'id = "pair-never"', "edit pair-never: stands twice"),
        ('title = "Two codes that are never', 'titel = "Two codes that are never', "title is missing"),
        ("[sets]", "[sets", f"data/edits.toml row {SETS_ROW}, column 6: "),
        ('date = "..2025-06-30"', 'date = "2025"', "'2025' is no span of dates"),
        ('date = "..2025-06-30"', 'date = "..2025-06-31"', "'..2025-06-31' is no span of dates"),
        ('"base:99417"', '"base:99205"', "'99205' is no prolonged code"),
        ('not_pairs = "ncci"', 'not_pairs = "mue"', "not_pairs 'mue' is not allowed"),
        ('"D[0-9]999"', '"D[0-9999"', "is no pattern"),
        ('unless = { global_days = ["090"] }', 'unless = { payer = ["dental"] }', "unless 'payer' is not allowed"),
        ('different = ["payer"]', 'different = ["place"]', "different 'place' is not allowed"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_rules_names_its_place(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = data_folder().joinpath("edits.toml").read_text(encoding="utf-8")
    assert old in text
    shutil.copytree(str(data_folder()), tmp_path / "data")
    (tmp_path / "data" / "edits.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(reading, "data_folder", lambda: tmp_path / "data")
    with pytest.raises(DataError, match=r"edits\.toml") as problem:
        edit_rules.__wrapped__()
    assert said in str(problem.value)


def test_service_lines_are_numbered_in_order() -> None:
    line = ServiceLine(date(2026, 3, 2), next(iter(codes())))
    claim = Claim("A", "P", lines=(line, dataclasses.replace(line, line=1), line))
    assert [entry.line for entry in claim.lines] == [2, 1, 3]
