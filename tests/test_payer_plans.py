"""A practice's own files on plans: what they change, and that each answer says so; what is refused."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pandas as pd
import pytest
from claims import TODAY, claims_of, random_rows

from omsnb.__main__ import main
from omsnb.audit import audit, findings_frame
from omsnb.calculators import new_form
from omsnb.claim_files import write_claims
from omsnb.claims import read_rows
from omsnb.edit_rules import edit_rules
from omsnb.edits import Finding, Report, check, find
from omsnb.lookup_texts import search_data
from omsnb.payer_plans import PLANS, find_plan, plan_kinds, plan_text, plans, read_plan
from omsnb.plan_fields import plan_fields
from omsnb.policies import named_payers, policies
from omsnb.tables import facts, tables

PLAN_X = """\
plan = "Plan X"
payer = "medical"
told = 2026-05-04
consultations = "no"
cdt = "yes"
cone_beam = "cdt"
splint = "reduced_service"
supplies = "no"
authorization = ["21141", "21196"]

[[limits]]
codes = ["D0330", "70355"]
months = 36
"""
BY = 'By your overlay "Plan X" (file plan-x.toml, told on 2026-05-04)'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "plans"
    own.mkdir()
    (own / "plan-x.toml").write_text(PLAN_X, encoding="utf-8")
    monkeypatch.setenv(PLANS, str(own))
    return own


def said(*lines: dict[str, str], **head: str) -> dict[str, Finding]:
    return {finding.rule: finding for finding in check(claims_of(*lines, **head), TODAY).findings}


def test_nothing_is_read_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PLANS, raising=False)
    assert plans() == {}
    with pytest.raises(
        ValueError, match="plan: 'Plan X' is not known; allowed: none, since OMSNB_PAYERS names no folder"
    ):
        find_plan("Plan X")


@pytest.mark.parametrize(
    ("line", "field", "status", "instead_of"),
    [
        ({"code": "99244"}, "consultations", "deny", "consultation-plan"),
        ({"code": "D0350"}, "cdt", "ok", "cdt-on-medical-claim"),
        ({"code": "70486"}, "cone_beam", "review", ""),
        ({"code": "21085", "made_by": "outside_lab"}, "splint", "deny", "splint-maker"),
        ({"code": "99070", "attachment": "yes"}, "supplies", "deny", ""),
        ({"code": "21196"}, "authorization", "review", ""),
    ],
)
def test_each_answer_takes_its_own_place(
    folder: Path, line: dict[str, str], field: str, status: str, instead_of: str
) -> None:
    with_plan, without = said(line, plan="Plan X"), said(line)
    rule = f"plan:Plan X:{field}"
    assert with_plan[rule].status == status and with_plan[rule].because.startswith(BY)
    assert rule not in without
    assert set(without) - set(with_plan) == ({instead_of} if instead_of else set())
    assert set(with_plan) - set(without) == {rule} | (
        {"plan:Plan X:cdt"} if line["code"].startswith("D") else set()
    )


def test_another_answer_of_the_plan_changes_the_finding_and_nothing_else(folder: Path) -> None:
    (folder / "plan-x.toml").write_text(PLAN_X.replace('consultations = "no"', 'consultations = "yes"'))
    found = said({"code": "99244"}, plan="Plan X")
    assert found["plan:Plan X:consultations"].status == "ok" and "consultation-plan" not in found
    (folder / "plan-x.toml").write_text(PLAN_X.replace('consultations = "no"\n', ""))
    found = said({"code": "99244"}, plan="Plan X")
    assert "plan:Plan X:consultations" not in found and found["consultation-plan"].status == "review"


def test_how_often_a_plan_pays(folder: Path) -> None:
    first = {"code": "70355", "date": "2024-01-10", "claim": "A"}
    for day, fires in (
        ("2024-01-10", False),
        ("2024-06-01", True),
        ("2026-12-30", True),
        ("2027-01-10", False),
    ):
        found = said(first, {"code": "D0330", "date": day, "claim": "B"}, plan="Plan X")
        assert ("plan:Plan X:limits-1" in found) == fires, day
        if fires:
            assert "in 36 months; D0330 on" in found["plan:Plan X:limits-1"].because


@pytest.mark.slow
def test_a_file_changes_exactly_what_it_names(folder: Path) -> None:
    """Over random claims: without the plan's own findings and the checks that it settles, all is as before."""
    settled = {rule for field in plan_fields().values() for rule in field.settles}
    own = changed = 0
    for seed in range(4):
        rows = list(random_rows(random.Random(seed), 200))
        with_plan = find(read_rows(enumerate(rows, start=2)).claims, TODAY)
        bare = find(read_rows((n, {**row, "plan": ""}) for n, row in enumerate(rows, start=2)).claims, TODAY)
        plan_of = {row["claim"]: row["plan"] for row in rows}

        def others(found: tuple[Finding, ...]) -> set[Finding]:
            # the first two compare the names of plans, and the third gives way to the first
            pairs = {"both-code-sets-one-payer", "both-code-sets-two-plans", "both-code-sets-both-second"}
            return {
                entry for entry in found if not entry.rule.startswith("plan:") and entry.rule not in pairs
            }

        gone, more = others(bare) - others(with_plan), others(with_plan) - others(bare)
        assert not more
        for entry in gone:
            assert entry.rule in settled and {plan_of[claim] for claim, _ in entry.lines} == {"Plan X"}
        for entry in with_plan:
            if entry.rule.startswith("plan:"):
                own += 1
                assert {plan_of[claim] for claim, _ in entry.lines} == {"Plan X"}
                assert entry.because.startswith(BY) or BY in entry.because, entry.because
        changed += len(gone)
    assert own > 50 and changed > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_one_claim_and_table_agree_on_plans(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    names = ["Plan X", "Plan Y", "UnitedHealthcare", "Aetna", "Cigna", ""]
    plan_of: dict[str, str] = {}
    rows = [
        {**row, "plan": plan_of.setdefault(row["claim"], chance.choice(names))}
        for row in random_rows(chance, 200)
    ]
    claims = read_rows(enumerate(rows, start=2)).claims
    expected = findings_frame([Report(claims, find(claims, TODAY), ())])
    pd.testing.assert_frame_equal(audit(pd.DataFrame(rows), today=TODAY).findings, expected)
    assert {"plan-not-known"} | {"plan:Plan X:payer"} <= set(expected["rule"])
    assert any(rule.startswith("published:") for rule in expected["rule"])


def test_the_type_of_payer_must_be_the_plans(folder: Path) -> None:
    found = said({"code": "99213"}, plan="Plan X", payer="medicare")
    assert (
        found["plan:Plan X:payer"].status == "review"
        and "the claim says Medicare" in found["plan:Plan X:payer"].because
    )
    assert "plan:Plan X:payer" not in said({"code": "99213"}, plan="Plan X")


def test_a_plan_that_nobody_knows_is_said_to_be_unknown(folder: Path) -> None:
    assert said({"code": "99213"}, plan="Plan Y")["plan-not-known"].status == "unknown"
    assert "plan-not-known" not in said({"code": "99213"}, plan="Plan X")
    assert "plan-not-known" not in said({"code": "99213"}, plan="Aetna")


# --- published positions


def test_published_positions_ask_and_never_deny() -> None:
    seen = set()
    for name, own in named_payers().items():
        for code in ("99244", "99070", "76377", "0561T", "D0367", "21085", "70355", "D9944", "21196"):
            for entry in said({"code": code, "date": "2026-06-01"}, plan=name).values():
                if entry.rule.startswith("published:"):
                    policy = policies()[entry.rule.removeprefix("published:")]
                    seen.add(policy.policy)
                    assert policy in own and policy.payer == name
                    assert entry.status == ("review" if policy.firm else "unknown")
                    assert policy.address in entry.because and policy.position in entry.because
    assert len(seen) > 40


def test_an_old_position_or_a_title_leaves_the_question_open() -> None:
    assert not policies()["unitedhealthcare-consultations"].firm and policies()["aetna-consultations"].firm
    found = said({"code": "99244", "date": "2026-06-01"}, plan="UnitedHealthcare")
    assert {entry.status for rule, entry in found.items() if rule.startswith("published:")} == {"unknown"}
    assert found["consultation-plan"].status == "review"  # what the manual asks stays
    titles = [policy for policy in policies().values() if policy.read == "title"]
    assert len(titles) == 12 and not any(policy.firm for policy in titles)


def test_a_position_holds_from_its_date_on() -> None:
    for day, fires in (("2022-02-28", False), ("2022-03-01", True)):
        assert (
            "published:aetna-consultations" in said({"code": "99244", "date": day}, plan="Aetna")
        ) == fires


def test_all_positions_are_held() -> None:
    assert len(policies()) == 144 and len(named_payers()) > 70
    assert all(policy.address.startswith("http") for policy in policies().values())


# --- broken files

BROKEN = [
    ('consultations = "no"', 'consultations = "maybe"', "row 4, key consultations: 'maybe' is not allowed; allowed: yes, no"),
    ('consultations = "no"', "consultations = no", "row 4, column 17: Invalid value"),
    ('consultations = "no"', 'consultation = "no"', "row 4, key consultation: is not known; allowed: plan, payer, told"),
    ('payer = "medical"', 'payer = "medicare"', "row 2, key payer: 'medicare' is not allowed; allowed: medical, medical_cdt, dental"),
    ('payer = "medical"\n', "", "row 1, key payer: is missing"),
    ('plan = "Plan X"', 'plan = "Plan {X}"', "row 1, key plan: 'Plan {X}' is not allowed; allowed are up to 80"),
    ('plan = "Plan X"', "plan = 5", "row 1, key plan: 5 is not allowed; allowed is a text in quotation marks"),
    ("told = 2026-05-04", 'told = "May"', "row 3, key told: 'May' is not a date such as 2026-01-31"),
    ('"21196"]', '"21197x"]', "row 9, key authorization: '21197x' is not in codes.csv"),
    ("months = 36", "months = 0", "row 13, key limits 1.months: 0 is not allowed; allowed: 1 to 120"),
    ("months = 36", "days = 36", "row 13, key limits 1.days: is not known; allowed: codes, months"),
    ('codes = ["D0330", "70355"]', "codes = []", "row 12, key limits 1.codes: is empty; allowed are codes of codes.csv"),
    ('splint = "reduced_service"', 'splint = "lab"', "row 7, key splint: 'lab' is not allowed; allowed: supplies_with_invoice, reduced_service"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), BROKEN)
def test_a_broken_file_is_refused_with_row_and_what_is_allowed(
    folder: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    assert old in PLAN_X
    (folder / "plan-x.toml").write_text(PLAN_X.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(f"plan-x.toml {message}")):
        plans()
    assert main(["decide", "splint", "--plan", "Plan X"]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith("omsnb: plan-x.toml row ") and told.err.count("\n") == 1


def test_bytes_a_second_file_and_a_folder_that_is_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.toml").write_bytes(b'plan = "Pl\xe9n"\npayer = "medical"\n')
    with pytest.raises(ValueError, match=r"a\.toml row 1, column 11: holds a byte that is not UTF-8"):
        plans()
    (folder / "a.toml").write_text('plan = "Plan X"\npayer = "dental"\n')
    with pytest.raises(ValueError, match=re.escape("plan-x.toml: plan 'Plan X' stands in a.toml, too")):
        plans()
    monkeypatch.setenv(PLANS, str(folder / "a.toml"))
    with pytest.raises(ValueError, match=r"OMSNB_PAYERS: .* is no folder"):
        plans()


def test_what_is_written_is_read_back() -> None:
    plan = read_plan(PLAN_X, "plan-x.toml")
    assert read_plan(plan_text(plan), "plan-x.toml") == plan
    assert "medicare" not in plan_kinds() and "medicare_advantage" in plan_kinds()


def test_fields_settle_checks_that_there_are() -> None:
    assert all(rule in edit_rules() for field in plan_fields().values() for rule in field.settles)


# --- on the command line


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    found = capsys.readouterr()
    return status, found.out, found.err


DECISION = ("decide", "splint", "claim=medical", "splint_made=yes", "fabricated_by=outside_lab")


def test_a_decision_by_a_plan_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, bare, _ = told(capsys, *DECISION)
    status, out, _ = told(capsys, *DECISION, "--plan", "Plan X")
    assert status == 0 and out.startswith(
        f"{BY}: claim = medical, payer = other, lab_route = reduced_service."
    )
    assert "99070" in bare and "99070" not in out.split("Fell away")[0] and "By your overlay" not in bare
    _, data, _ = told(capsys, *DECISION, "--plan", "Plan X", "--format", "json")
    assert json.loads(data)["plan"]["facts"]["lab_route"] == "reduced_service"
    assert json.loads(data)["plan"]["file"] == "plan-x.toml"


def test_a_plan_that_wants_the_dental_code_of_a_cone_beam_scan_gets_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = (
        "decide",
        "cbct",
        "claim=medical",
        "component=capture_and_read",
        "place=office",
        "field_of_view=maxilla",
    )
    _, bare, _ = told(capsys, *facts, "--format", "json")
    _, out, _ = told(capsys, *facts, "--plan", "Plan X", "--format", "json")
    codes = [[row["report"] for row in json.loads(shown)["rows"]] for shown in (bare, out)]
    assert codes == [["70486", "D0366"], ["D0366"]]
    assert json.loads(out)["plan"]["facts"]["payer_cone_beam"] == "cdt"


def test_a_table_that_the_plan_does_not_settle_stays_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, bare, _ = told(capsys, "decide", "photographs", "photographs=yes")
    _, out, _ = told(capsys, "decide", "photographs", "photographs=yes", "--plan", "Plan X")
    assert out.endswith(bare)


@pytest.mark.slow
def test_over_all_tables_a_file_does_what_its_facts_do_and_nothing_else(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each table bare and with each answer to each of its facts: by the file, bare, and with the file's facts by hand."""
    settled = {fields.fact for fields in plan_fields().values() if fields.fact} | {"claim", "payer"}
    changed = set()
    for name, table in tables().items():
        grid = [""] + [f"{fact}={value}" for fact in table.conditions if fact not in settled and facts()[fact].kind == "choice"
                       for value in facts()[fact].values]  # fmt: skip
        for option in grid:
            words, as_data = ["decide", name, *filter(None, [option])], ("--format", "json")
            bare, by_file = (
                json.loads(told(capsys, *words, *more, *as_data)[1]) for more in ((), ("--plan", "Plan X"))
            )
            known = by_file["plan"]["facts"]
            own = [f"{fact}={value}" for fact, value in known.items()]
            by_hand = json.loads(told(capsys, *words, *own, *as_data)[1])
            assert by_file["rows"] == by_hand["rows"], (name, option)
            if not known:
                assert by_file["rows"] == bare["rows"], (name, option)
            if by_file["rows"] != bare["rows"]:
                changed.add(name)
                assert set(known) <= settled and "plan" not in bare
    assert "splint" in changed and changed < set(tables()), changed


def test_an_answer_against_the_file_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capsys, *DECISION, "lab_route=supplies_with_invoice", "--plan", "Plan X")
    assert (status, out) == (2, "")
    assert err == (
        'omsnb: lab_route: you answer supplies_with_invoice, but your overlay "Plan X" (file plan-x.toml) says reduced_service\n'
    )
    status, _, err = told(capsys, *DECISION, "--plan", "Plan Z")
    assert status == 2 and err == "omsnb: plan: 'Plan Z' is not known; allowed: Plan X\n"


def test_a_case_and_a_claim_by_a_plan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = told(capsys, "case", "orthognathic", "--plan", "Plan X")
    assert out.startswith(f"{BY}: ") and "takes_consultations = no" in out.splitlines()[0]
    status, out, _ = told(
        capsys,
        "claim",
        "orthognathic",
        "scan=ct",
        "--plan",
        "Plan X",
        "--dates",
        "2026-02-02",
        "--format",
        "json",
    )
    data = json.loads(out)
    assert {claim["plan"] for claim in data["claims"]} == {"Plan X"} and data["plan"]["file"] == "plan-x.toml"
    assert {claim["payer"] for claim in data["claims"]} == {"medical"}
    codes = {line["code"] for claim in data["claims"] for line in claim["lines"]}
    assert "D0350" in codes  # the file says that the plan takes CDT codes
    status, _, err = told(
        capsys, "claim", "orthognathic", "--plan", "Plan X", "--payer", "dental", "--dates", "2026-02-02"
    )
    assert status == 2 and "payer: 'dental' is not the type of 'Plan X'; file plan-x.toml says medical" in err
    status, _, err = told(capsys, "claim", "orthognathic", "--dates", "2026-02-02")
    assert status == 2 and err.startswith(
        "omsnb: payer: is wanted (--payer or --plan); allowed: medical, medicare"
    )


def test_check_fills_in_the_plan_and_its_type(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_claims(tmp_path / "a.csv", claims_of({"code": "99244"}, payer=""))
    _, out, _ = told(capsys, "check", str(tmp_path / "a.csv"), "--plan", "Plan X")
    assert f"DENY    C-1 line 1: {BY}: it takes no consultation codes; 99244 on 2026-03-02." in out
    assert "rule plan:Plan X:consultations\n" in out and "consultation-plan" not in out


def test_the_lookup_of_payers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = told(capsys, "payer", "Plan", "X")
    assert status == 0 and "your own file plan-x.toml" in out and "it does not pay 99070" in out
    status, out, _ = told(capsys, "payer", "aetna", "--topic", "consultations")
    assert status == 0 and out.startswith("Aetna: Consultation codes (2022-03-01") and "https://" in out
    assert "Ask the plan." in out
    assert told(capsys, "payer", "aetna", "--topic", "consultations", "--on", "2022-02-28")[0] == 1
    status, out, _ = told(capsys, "payer", "medicaid", "--format", "json")
    data = json.loads(out)
    assert data["kind"]["like"] == "medical" and {"medicaid"} <= {
        k for p in data["positions"] for k in p["kinds"]
    }
    status, out, _ = told(capsys, "payer", "Nobody's", "Health")
    assert (status, out) == (1, "No published position is held.\n")
    assert told(capsys, "payer")[1].startswith("Kinds of payers")
    assert any(found["kind"] == "payer" and found["id"] == "TRICARE" for found in search_data("tricare"))


def test_an_open_question_names_what_payers_have_published(capsys: pytest.CaptureFixture[str]) -> None:
    facts = (
        "decide",
        "visit-family",
        "claim=medical",
        "payer=other",
        "consultation=yes",
        "encounter_setting=office",
    )
    _, out, _ = told(capsys, *facts)
    assert "What payers have published on it" in out and "Aetna (2022-03-01;" in out
    _, out, _ = told(capsys, *facts, "takes_consultations=yes")
    assert "What payers have published on it" not in out
    _, out, _ = told(capsys, *facts, "on=2024-02-01", "--format", "json")
    asked = {question["fact"]: question for question in json.loads(out)["open"]}
    assert len(asked["takes_consultations"]["positions"]) == 8
    _, out, _ = told(capsys, "case", "orthognathic", "on=2024-02-01", "--format", "json")
    known = {p["payer"] for q in json.loads(out)["open"] for p in q["positions"]}
    assert known and all(
        policies()[p["policy"]].known_on("2024-02-01")
        for q in json.loads(out)["open"]
        for p in q["positions"]
    )


# --- the form that writes a file


def test_the_form_writes_a_file_that_is_read_back(folder: Path) -> None:
    form = new_form("plan-file")
    assert form.written == "" and "Next best question" in form.html()
    for name, value in {
        "plan": "Plan X", "payer": "medical", "told": "2026-05-04", "consultations": "no", "cdt": "yes", "cone_beam": "cdt",
        "splint": "reduced_service", "supplies": "no", "authorization": "21141, 21196", "limits": "d0330 70355: 36",
    }.items():  # fmt: skip
        form.enter(name, value)
        assert not form.refused
    assert form.file == "plan-x.toml" and form.problem == ""
    assert read_plan(form.text, "plan-x.toml") == read_plan(PLAN_X, "plan-x.toml")
    (folder / form.file).write_text(form.written, encoding="utf-8")
    assert find_plan("Plan X").limits[0].months == 36
    again = new_form("plan-file", form.state)
    assert (again.written, again.notice) == (form.written, "")


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("plan", "<b>"), ("plan", 'a"b'), ("plan", "x|y"), ("payer", "medicare"), ("told", "May"), ("consultations", "x"),
        ("authorization", "21141 99999"), ("limits", "D0330"), ("limits", "D0330: 0"), ("limits", "D0330: 999"), ("limits", ": 3"),
    ],
)  # fmt: skip
def test_the_form_refuses_what_the_file_would(field: str, wrong: str) -> None:
    form = new_form("plan-file", "plan=Plan+X&payer=medical")
    assert form.written
    form.enter(field, wrong)
    assert field in form.refused and form.written == "" and "<b>" not in form.html()
