"""The paper's seven lists, derived; and that nothing but the comparison reads what the paper prints."""

from __future__ import annotations

import ast
import itertools
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from omsnb import code_case, compare
from omsnb.coding import facts_asked
from omsnb.network import settling_tables
from omsnb.records import DAY
from omsnb.tables import cases, discrepancies, facts, paper_lists

ROOT = Path(__file__).resolve().parent.parent
LISTS = {
    "orthognathic": "70355 D0330 D0350 D0801 70486 70487 70488 D0367 76376 76377 D0393 21085 99070 D5988",
    "implants": "70486 70487 70488 D0366 D0801 76376 76377 D0393 D6190 D0396",
    "tmj": "70486 70487 70488 D0368 76376 76377 D0393 21085 D5988",
    "trauma": "70486 70487 70488 D0391 76376 76377 D0393",
    "resection": "70486 70487 70488 D0365 76376 76377 D0393",
    "neonatal-distraction": "70486 70487 70488 D0365 76376 76377 D0393",
    "maxillary-distraction": "70355 D0330 D0350 D0470 70486 70487 70488 D0367 76376 76377 D0393",
}
WAYS = [(name, way) for name, case in cases().items() for way in (case.variants or {None: None})]


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_the_printed_list_is_derived(name: str, way: str | None) -> None:
    worksheet = code_case(name, variant=way)
    assert list(worksheet.codes) == LISTS[name].split()
    comparison = compare(worksheet)
    assert comparison.equal is True
    assert (comparison.missing, comparison.surplus, comparison.modifiers_missing) == ((), (), ())


def test_the_seven_cases_and_their_printed_lists() -> None:
    assert list(cases()) == list(LISTS)
    assert {name: [line.code for line in lines] for name, lines in paper_lists().items()} == {
        name: text.split() for name, text in LISTS.items()
    }


def test_printed_modifiers_and_joins() -> None:
    """The paper prints 26 for the trauma CT alone, and joins some alternatives with a word."""
    printed = {(line.case, line.code): line.modifiers for lines in paper_lists().values() for line in lines}
    assert {key for key, modifiers in printed.items() if modifiers} == {
        ("trauma", code) for code in ("70486", "70487", "70488")
    }
    joined = {(line.case, line.code) for lines in paper_lists().values() for line in lines if line.joined}
    assert joined == {(case, "76377") for case in LISTS} | {
        ("orthognathic", "D0330"), ("orthognathic", "D0367"), ("orthognathic", "99070"), ("tmj", "D5988")
    }  # fmt: skip


def test_trauma_carries_the_professional_component() -> None:
    worksheet = code_case("trauma")
    ways = {way.code: way.modifiers for row in worksheet.rows for way in row.alternatives}
    assert ways["70486"] == ways["70487"] == ways["70488"] == ways["76376"] == ways["76377"] == ("26",)
    assert ways["D0391"] == ways["D0393"] == ()
    assert compare(worksheet).modifiers_added == ("76376-26", "76377-26")


def test_tmj_evaluation_by_time() -> None:
    worksheet = code_case("tmj")
    medical = [way.code for way in worksheet.evaluation.alternatives if "medical" in way.claims]
    assert medical == ["99205"]
    assert {entry.rule: entry.units for entry in worksheet.prolonged} == {"cpt": 0, "medicare": 0}
    assert "D0145" not in worksheet.evaluation.codes
    longer = code_case("tmj", {"minutes": 89})
    assert {entry.rule: (entry.code, entry.units) for entry in longer.prolonged} == {
        "cpt": ("99417", 1), "medicare": ("G2212", 1)
    }  # fmt: skip
    asked_for = {"consultation": "yes", "payer": "other"}
    for more, expected in (
        ({"takes_consultations": "yes"}, ["99245"]),
        ({"takes_consultations": "no"}, ["99205"]),
        ({}, ["99205", "99245"]),
    ):
        consultation = code_case("tmj", {**asked_for, **more})
        ways = [way.code for way in consultation.evaluation.alternatives if "medical" in way.claims]
        assert ways == expected
        assert ("takes_consultations" in {one.fact for one in consultation.questions}) == (not more)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        (
            "orthognathic",
            "70355 D0330 D0701 D0350 D0801 D0802 70486 D0367 D0383 76376 76377 D0393 21085 99070 D5988 21299",
        ),
        ("tmj", "70486 70487 70488 D0391 76376 76377 D0393 21085 D5988 99070 21299"),
        ("resection", "70486 70487 70488 D0391 76376 76377 D0393 99070 21299"),
        ("trauma", "70486 70487 70488 D0391 76376 76377 D0393 21085 99070 D5988 21299"),
        ("implants", "70486 D0366 D0382 D0801 76376 76377 D0393 D6190 D0396 0559T 0560T D6010"),
        ("neonatal-distraction", "70486 70487 70488 D0391 76376 76377 D0393 D0395"),
        (
            "maxillary-distraction",
            "70355 D0330 D0701 D0350 D0470 70486 D0367 D0383 76376 76377 D0393 0559T 0560T 99070 21299",
        ),
    ],
)
def test_the_story_alone(name: str, codes: str) -> None:
    """Read strictly, each story leads to another list than the paper prints; each step is a named discrepancy."""
    worksheet = code_case(name, reading="narrative")
    assert list(worksheet.codes) == codes.split()
    assert compare(worksheet).equal is None


def test_answers_narrow_to_claim_lines() -> None:
    worksheet = code_case(
        "orthognathic",
        {"claim": "medical", "scan": "cbct", "workstation": "independent", "fabricated_by": "outside_lab",
         "lab_route": "supplies_with_invoice", "payer": "other", "payer_cone_beam": "ct"},
    )  # fmt: skip
    assert list(worksheet.codes) == ["70355", "D0350", "D0801", "70486", "76377", "99070"]
    assert all(len(row.alternatives) <= 1 for row in worksheet.rows)
    assert compare(worksheet).equal is None
    two = code_case("orthognathic", {"fabricated_by": "surgeon", "claim": "medical"})
    splint = next(row for row in two.rows if row.name == "splint")
    assert [str(way) for way in splint.alternatives] == ["21085 ×2"]


def test_devices_follow_the_rendering() -> None:
    """Without the surgeon's part no rendering is reported, and the device is no longer part of it."""
    with_rendering = code_case("resection", {"claim": "medical"})
    plate = next(row for row in with_rendering.rows if row.name == "plate")
    assert plate.codes == ()
    for fact in ("rendering_part", "rendering_report", "supervision"):
        without = code_case("resection", {"claim": "medical", fact: "no"})
        plate = next(row for row in without.rows if row.name == "plate")
        assert plate.codes == ("99070", "21299")
        # the story has the surgeon take part; of a report it says nothing, so that its denial departs from no word
        assert [departure.fact for departure in without.departures] == (
            ["rendering_part"] if fact == "rendering_part" else []
        )


def test_an_answer_for_one_service_alone() -> None:
    worksheet = code_case("orthognathic", {"panoramic.component": "read_only", "claim": "dental"})
    assert next(row for row in worksheet.rows if row.name == "panoramic").codes == ("D0391",)
    assert next(row for row in worksheet.rows if row.name == "volume-scan").codes == ("D0367",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"case": "knee"}, "case: 'knee' is not known; allowed: orthognathic"),
        ({"case": "tmj", "reading": "mine"}, "reading: 'mine' is not known; allowed: paper, narrative"),
        ({"case": "tmj", "variant": "x"}, "variant: 'x' is not known for tmj; allowed: none"),
        ({"case": "neonatal-distraction", "variant": "x"}, "allowed: stock-distractors, custom-devices"),
        ({"case": "tmj", "answers": {"hat": "red"}}, "fact: 'hat' is not asked by case tmj"),
        (
            {"case": "tmj", "answers": {"splint.minutes": "5"}},
            "fact: 'splint.minutes' is not asked by case tmj",
        ),
        (
            {"case": "tmj", "answers": {"claim": "both"}},
            "claim: 'both' is not allowed; allowed: medical, dental",
        ),
    ],
)
def test_bad_input(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError) as problem:
        code_case(**arguments)  # type: ignore[arg-type]
    assert said in str(problem.value)


def test_every_fact_of_a_case_bears_on_one_of_its_services() -> None:
    idle = []
    for name, case in cases().items():
        for way in case.variants.values() or [None]:
            parts = (*case.services, *(way.services if way else ()))
            asked = {fact for part in parts for fact in facts_asked(part)}
            idle += [
                f"{name}: {e.fact}" for e in (*case.facts, *(way.facts if way else ())) if e.fact not in asked
            ]
            idle += [
                f"{name}: {part.name}.{e.fact}"
                for part in parts
                for e in part.facts
                if e.fact not in facts_asked(part)
            ]
    assert not idle


def test_no_case_fact_is_settled_by_a_table() -> None:
    """What a table concludes is derived, never written into a case."""
    for case in cases().values():
        for entry in case.facts:
            assert not settling_tables(entry.fact), f"{case.name}: {entry.fact}"


def test_a_printed_reading_names_a_discrepancy_of_its_case() -> None:
    for name, case in cases().items():
        parts = [*case.facts, *(e for s in case.services for e in s.facts)]
        for way in case.variants.values():
            parts += [*way.facts, *(e for s in way.services for e in s.facts)]
        for entry in parts:
            if entry.basis == "printed":
                assert entry.value != entry.narrative
                assert name in discrepancies()[entry.discrepancy].cases, f"{name}: {entry.discrepancy}"


PROBE = """
import os, sys
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
import omsnb, omsnb.tables
for name in omsnb.tables.cases():
    for reading in ("paper", "narrative"):
        sheet = omsnb.code_case(name, reading=reading)
        sheet.codes, sheet.questions, sheet.documents, sheet.discrepancies
assert any("decisions" in name for name in opened), "the probe saw no file"
print([name for name in opened if "paper-lists" in name])
"""


def test_the_engine_never_opens_the_printed_lists() -> None:
    found = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert found.stdout.strip() == "[]"


def test_only_the_comparison_imports_the_printed_lists() -> None:
    readers = []
    for path in sorted((ROOT / "omsnb").rglob("*.py")):
        if path.parent.name == "tables":  # where it is read
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and any(name.name == "paper_lists" for name in node.names):
                readers.append(path.name)
            if isinstance(node, ast.Attribute) and node.attr == "paper_lists":
                readers.append(path.name)
    assert readers == ["paper.py"]


def test_random_answers_never_break_a_case() -> None:
    pick = random.Random(5)
    for name, way in itertools.product(LISTS, range(40)):
        case = cases()[name]
        asked = sorted({fact for part in case.services for fact in facts_asked(part)})
        answers = {}
        for fact in pick.sample(asked, way % 8):
            every = facts()[fact].every
            if fact == DAY:
                answers[fact] = pick.choice(
                    ["2024-01-01", "2026-03-01", "2026-12-01..2027-02-01", "2031-05-06"]
                )
            else:
                answers[fact] = (
                    str(pick.choice(list(every))) if isinstance(every, range) else pick.choice(sorted(every))
                )
        worksheet = code_case(name, answers, reading=pick.choice(["paper", "narrative"]))
        assert worksheet.questions is not None
        assert compare(worksheet).equal is (
            None if set(answers) - {DAY} or worksheet.reading == "narrative" else True
        )


REPORTS = ("reported_by", "rendering_report", "consultation_report")


def test_no_story_is_said_to_tell_of_a_report() -> None:
    """No story mentions a written report: the paper's reading takes it as written, the strict one leaves it open."""
    for name, case in cases().items():
        parts = [*case.facts, *(entry for way in case.variants.values() for entry in way.facts)]
        parts += [entry for service in case.services for entry in service.facts]
        told = [entry for entry in parts if entry.fact in REPORTS]
        assert {entry.fact for entry in told} >= {"reported_by", "rendering_report"}, name
        assert all((entry.basis, entry.narrative) == ("printed", "") for entry in told), name
        for way in case.variants or [None]:
            strict = code_case(name, reading="narrative", variant=way)
            asked = {question.fact for question in strict.questions}
            assert "reported_by" in asked and ("rendering_report" in asked or "rendering_part" in asked), name


def test_the_surgeon_took_part_where_the_story_says_so() -> None:
    """The other half of the old question is the story's own, but for the newborn's."""
    for name, case in cases().items():
        told = {entry.fact: entry for way in case.variants.values() for entry in way.facts}
        part = ({entry.fact: entry for entry in case.facts} | told)["rendering_part"]
        assert (part.basis == "implied") == (name != "neonatal-distraction"), name


def test_an_answer_that_goes_against_what_follows_from_the_story_is_a_departure() -> None:
    """``component`` follows from who took and who reported the image; the trauma scan is the hospital's."""
    told = code_case("trauma", {"component": "capture_and_read"}, reading="narrative")
    assert [departure.fact for departure in told.departures] == ["component"]
    fitting = code_case("trauma", {"component": "read_only"}, reading="narrative")
    assert fitting.departures == ()
