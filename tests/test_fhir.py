"""FHIR claims as others write them: every file is made here, in the shapes of public examples."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from omsnb.audit import audit, findings_frame
from omsnb.claim_files import read_claims
from omsnb.claims import Reading, rows_of
from omsnb.edits import check
from omsnb.fhir_names import names, system, systems_read
from omsnb.fhir_reading import claims_from_fhir

Resource = dict[str, Any]
MUTATED = 2_000


def coding(name: str, code: str) -> Resource:
    return {"coding": [{"system": name, "code": code}]}


def item(number: int, code: str, **more: Any) -> Resource:
    return {
        "sequence": number, "productOrService": coding(system("CPT"), code), "servicedDate": "2026-03-02",
        "net": {"value": 100.0, "currency": "USD"}, **more,
    }  # fmt: skip


def claim(*items: Resource, kind: str = "professional", **more: Any) -> Resource:
    return {
        "resourceType": "Claim", "id": "c1", "identifier": [{"system": "http://x.example/claims", "value": "C1"}],
        "status": "active", "use": "claim", "type": coding(system("claim_type"), kind),
        "patient": {"reference": "Patient/1"}, "provider": {"reference": "Organization/1"}, "item": list(items), **more,
    }  # fmt: skip


def bundle(*resources: Resource) -> Resource:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


PATIENT = {
    "resourceType": "Patient", "id": "1", "birthDate": "1980-02-03",
    "identifier": [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-1111"},
        {"type": coding("http://terminology.hl7.org/CodeSystem/v2-0203", "DL"), "value": "S1"},
        {"system": "http://x.example/mrn", "value": "MRN-1"},
    ],
}  # fmt: skip


def only(reading: Reading) -> Any:
    assert not reading.faults, reading.faults
    return reading.claims[0].lines[0]


@pytest.mark.parametrize("name", ["CPT", "CDT", "HCPCS"])
def test_a_code_is_chosen_by_its_system_however_it_is_written(name: str) -> None:
    for address in systems_read(name):
        for written in (address if address.startswith("urn") else f"https://www.{address}/", address.upper()):
            first = {"system": "http://snomed.info/sct", "code": "11111"}
            concept = {"coding": [first, {"system": written, "code": "70486"}]}
            assert only(claims_from_fhir(claim(item(1, "", productOrService=concept)))).code == "70486", (
                written
            )


def test_a_quantity_that_is_absent_is_one_and_a_period_of_one_day_is_a_day() -> None:
    period = {"start": "2026-03-02T10:15:00-05:00", "end": "2026-03-02T23:59:00-05:00"}
    line = only(claims_from_fhir(claim(item(1, "70486", servicedDate=None, servicedPeriod=period))))
    assert (line.units, str(line.date)) == (1, "2026-03-02")
    line = only(claims_from_fhir(claim(item(1, "70486", servicedDate=None), billablePeriod=period)))
    assert str(line.date) == "2026-03-02"


def test_fdi_and_universal_teeth_come_to_the_same() -> None:
    fdi = [("11", "8"), ("18", "1"), ("21", "9"), ("28", "16"), ("38", "17"), ("31", "24"), ("41", "25"), ("48", "32"),
           ("55", "A"), ("65", "J"), ("75", "K"), ("85", "T")]  # fmt: skip
    for number, universal in fdi:
        for name, code in (("tooth_fdi", number), ("tooth", universal)):
            given = item(1, "70486", bodySite=coding(system(name), code))
            assert only(claims_from_fhir(claim(given))).tooth == universal
    assert len(set(names()["teeth"].values())) == 52


def test_a_site_that_is_not_read_is_said_and_the_line_stays() -> None:
    reading = claims_from_fhir(claim(item(1, "70486", bodySite=coding("http://snomed.info/sct", "123"))))
    assert reading.lines == 1 and "bodySite holds no tooth" in str(reading.faults[0])
    assert check(reading.claims, unread=reading.unread).worst == "incomplete"


def test_details_are_the_lines_of_a_group_or_are_said_to_be_left_out() -> None:
    parts = [item(1, "70486"), item(2, "70355", quantity={"value": 2})]
    group = {**item(1, ""), "productOrService": coding("http://x.example", "package"), "detail": parts}
    reading = claims_from_fhir(claim(group, item(2, "21085")))
    lines = reading.claims[0].lines
    assert [(line.code, line.units, str(line.charge)) for line in lines] == [
        ("70486", 1, "100.00"), ("70355", 2, "100.00"), ("21085", 1, "100.00"),
    ]  # fmt: skip
    lab = {"sequence": 1, "productOrService": coding("http://x.example", "lab")}
    reading = claims_from_fhir(claim({**item(1, "21085"), "detail": [lab]}))
    assert only(reading).code == "21085" and any("detail is not used" in note for note in reading.notes)


def test_patient_and_coverage_come_from_the_bundle_without_numbers_of_the_person() -> None:
    coverage = {
        "resourceType": "Coverage",
        "id": "9",
        "type": coding("http://x.example", "DENTAL"),
        "order": 2,
    }
    insurance = [{"sequence": 1, "focal": True, "coverage": {"reference": "http://server/fhir/Coverage/9"}}]
    reading = claims_from_fhir(bundle(claim(item(1, "70486"), insurance=insurance), PATIENT, coverage))
    found = reading.claims[0]
    assert (found.patient, str(found.birth_date), found.payer) == ("MRN-1", "1980-02-03", "dental")
    assert any("number 2 in the order of benefits" in note for note in reading.notes)
    assert "999-00-1111" not in str(reading)
    coverage["type"] = coding("http://x.example", "HIP")
    reading = claims_from_fhir(bundle(claim(item(1, "70486"), insurance=insurance), PATIENT, coverage))
    assert reading.claims[0].payer == "" and any(
        "does not say which type of payer" in note for note in reading.notes
    )


def decision(number: str = "97") -> list[Resource]:
    amount = {
        "category": coding("http://terminology.hl7.org/CodeSystem/adjudication", "benefit"),
        "amount": {"value": 12.404},
    }
    return [
        amount,
        {"category": coding("http://x.example", "denialreason"), "reason": coding(system("reason"), number)},
    ]


def test_an_explanation_of_benefits_is_a_decided_claim() -> None:
    answer = {**claim(item(1, "70486", adjudication=decision())), "resourceType": "ExplanationOfBenefit"}
    reading = claims_from_fhir(answer)
    assert only(reading).code == "70486"
    assert any("paid 12.40" in note and "CARC-97" in note and "next: " in note for note in reading.notes)
    both = claims_from_fhir(
        bundle(claim(item(1, "70486")), {**answer, "id": "e", "claim": {"reference": "Claim/c1"}})
    )
    assert both.lines == both.rows == 1 and any("CARC-97" in note for note in both.notes)
    apart = claims_from_fhir(bundle(answer))
    assert apart.lines == 1


@pytest.mark.parametrize("kind", sorted(names()["not_ours"]))
def test_claims_of_others_are_refused_with_the_reason_alone(kind: str, tmp_path: Path) -> None:
    reading = claims_from_fhir(claim(item(1, "zzz"), item(2, "70486"), kind=kind))
    assert (reading.lines, reading.refused) == (0, 2) and reading.unread.something
    assert {fault.message for fault in reading.faults} == {
        f"claim C1: type '{kind}' is not read: {names()['not_ours'][kind]}"
    }


def test_a_lost_diagnosis_is_not_blamed_on_the_claim() -> None:
    lost = [{"sequence": 1, "diagnosisCodeableConcept": coding("http://snomed.info/sct", "1")}]
    given = claim(item(1, "70486", diagnosisSequence=[1]), diagnosis=lost)
    reading = claims_from_fhir(given)
    assert reading.lines == 1 and ("Patient/1", "diagnoses") in reading.unread.lost
    report = check(reading.claims, unread=reading.unread)
    told = {finding.rule: finding.status for finding in report.findings}
    assert told["diagnosis-missing"] == "unknown"
    plain = check(claims_from_fhir(claim(item(1, "70486"))).claims)
    assert {finding.rule: finding.status for finding in plain.findings}["diagnosis-missing"] != "unknown"
    frame = pd.DataFrame(list(rows_of(reading.claims)))
    columns = ["rule", "status", "because"]
    one, many = (
        frame[columns].sort_values(columns).values.tolist()
        for frame in (findings_frame([report]), audit(frame, unread=reading.unread).findings)
    )
    assert one == many


GOOD = bundle(
    claim(
        item(1, "70486", modifier=[coding(system("modifier"), "26")], bodySite=coding(system("tooth_fdi"), "36"),
             adjudication=decision(), careTeamSequence=[1], diagnosisSequence=[1], informationSequence=[1]),
        {**item(2, ""), "productOrService": coding("http://x.example", "p"), "detail": [item(1, "70355")]},
        careTeam=[{"sequence": 1, "provider": {"reference": "Practitioner/1"}}],
        diagnosis=[{"sequence": 1, "diagnosisCodeableConcept": coding(system("diagnosis"), "M26.69")}],
        supportingInfo=[{"sequence": 1, "category": coding(system("kind"), "attachment")}],
        insurance=[{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/9"}}],
    ),
    PATIENT,
    {"resourceType": "Coverage", "id": "9", "type": coding("http://x.example", "DENTAL")},
    {**claim(item(1, "70486", adjudication=decision())), "resourceType": "ExplanationOfBenefit", "id": "e",
     "claim": {"reference": "Claim/c1"}},
    {**claim(item(1, "21085")), "id": "safe", "identifier": [{"value": "SAFE"}], "patient": {"reference": "Patient/2"}},
)  # fmt: skip
SHAPES = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "text",
    [],
    [[]],
    [{}],
    ["x"],
    {},
    {"x": {}},
    {"coding": [{}]},
    "\x00\ud800",
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for step, value in entries for place in places(value, (*path, step)))]


@pytest.mark.slow
def test_mutated_files_have_no_traceback_lose_no_good_line_and_are_no_ok_when_unread(tmp_path: Path) -> None:
    chance, file = random.Random(13), tmp_path / "x.json"
    inner = [path for path in places(GOOD) if len(path) > 2 and path[:2] != ("entry", 4)]
    refused = 0
    for number in range(MUTATED):
        data = copy.deepcopy(GOOD)
        *steps, last = chance.choice(inner)
        node = data
        for step in steps:
            node = node[step]
        if number % 3:
            node[last] = copy.deepcopy(chance.choice(SHAPES))
        else:
            del node[last]
        file.write_text(json.dumps(data))
        reading = read_claims(file)
        assert reading.rows == reading.lines + reading.refused
        assert "SAFE" in {found.claim for found in reading.claims}, (steps, last)
        assert reading.unread.something == bool(reading.faults) and (not reading.refused or reading.faults)
        if number % 10 == 0:
            worst = check(reading.claims, unread=reading.unread).worst
            assert (worst == "incomplete") == bool(reading.faults)
        refused += reading.refused > 0
        for text in (*map(str, reading.faults), *reading.notes):
            assert text.isprintable(), text
    assert refused > 200
