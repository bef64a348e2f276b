"""Claim files as other systems write them, made here in small: each is read to its lines, or refused with a way on."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from x12_files import Claim as X12Claim
from x12_files import Line as X12Line
from x12_files import claims_837, text_of

from omsnb.__main__ import main
from omsnb.audit import FINDING_COLUMNS, findings_frame
from omsnb.audit_files import audit_file
from omsnb.claim_files import read_claims, read_given
from omsnb.column_maps import own_map
from omsnb.edits import check
from omsnb.map_proposal import proposed_map
from omsnb.table_plan import plan_of

TABLES: dict[str, tuple[str, list[str]]] = {
    "an id beside a bare name": (
        "Patient ID,Patient,Service Date,Provider,Service Code,Tooth,Fee,Claim #\n1001,\"Doe, J\",03/14/2026,DR1,D7240,17,$450.00,55\n",
        ["55 1001 2026-03-14 D7240 - 1 - 450.00"],
    ),
    "several keys of a patient": (
        "Account Number,MRN,Patient ID,Encounter,Claim ID,DOS,CPT,Units\nA9,M7,P1,E3,C1,2026-03-02,21085,1\n",
        ["C1 P1 2026-03-02 21085 - 1 - None"],
    ),
    "a surer day of service": (
        "Claim ID,Patient ID,Transaction Date,Date of Service,CPT,Units\nC1,P1,2026-03-09,2026-03-02,21085,1\n",
        ["C1 P1 2026-03-02 21085 - 1 - None"],
    ),
    "no column of claims": (
        "Patient ID\tDate\tCode\tQty\n1\t3/14/2026\tD7240\t1\n1\t3/14/2026\tD0330\t1\n2\t3/14/2026\tD0330\t1\n",
        ["1 2026-03-14 1 2026-03-14 D7240 - 1 - None", "1 2026-03-14 1 2026-03-14 D0330 - 1 - None", "2 2026-03-14 2 2026-03-14 D0330 - 1 - None"],
    ),
    "boxes of the medical form": (
        "26,3 DOB,21A,21B,24A,24B,24D CPT,24D MOD1,24E,24F,24G,24J,33a\nP1,05/30/1990,M26.212,M26.02,03/14/2026,11,21085,22,AB,1250.00,1,R1,B1\n",
        ["P1 2026-03-14 B1 P1 2026-03-14 21085 22 1 AB 1250.00"],
    ),
    "boxes of the dental form": (
        "Patient ID,24. Procedure Date,25. Area of Oral Cavity,27. Tooth Number(s) or Letter(s),29. Procedure Code,29a. Diag. Pointer,29b. Qty,31. Fee,34a A\n"
        "P1,03/14/2026,10,,D7880,A,1,900.00,M26.69\n",
        ["P1 2026-03-14 P1 2026-03-14 D7880 - 1 A 900.00"],
    ),
    "a number among the words": (
        "enc_nbr|person_nbr|begin_date_of_service|cpt4_code_id|MODIFIER_ONE|MODIFIER_TWO|ICD1 Code|ICD2 Code|quantity\n5|7|20260302|21085|22|52|M26.212|M26.02|1\n",
        ["5 7 2026-03-02 21085 22+52 1 - None"],
    ),
    "several lines in a row": (
        "Claim ID,Patient ID,DX1,DX2,DOS1,CPT1,MOD1,PTR1,UNITS1,CHARGE1,DOS2,CPT2,MOD2,PTR2,UNITS2,CHARGE2\n"
        "C1,P1,M26.212,M26.02,2026-03-02,21085,,A,1,1250,2026-03-03,70486,26,B,2,100\nC2,P2,M26.212,,2026-03-02,21085,,A,1,1250,,,,,,\n",
        ["C1 P1 2026-03-02 21085 - 1 A 1250.00", "C1 P1 2026-03-03 70486 26 2 B 100.00", "C2 P2 2026-03-02 21085 - 1 A 1250.00"],
    ),
    "an encounter file of a state": (
        "ORGNL_CLM_NUM,ORGNL_LINE_NUM,MSIS_ID,SRVC_BGNNG_DT,SRVC_ENDG_DT,PRCDR_CD,PRCDR_1_MDFR_CD,ACTL_SRVC_QTY,BILL_AMT,SRVCNG_PRVDR_NPI_NUM\n1,1,A1,2026-03-02,2026-03-02,D7240,,1,450,R1\n",
        ["1 A1 2026-03-02 D7240 - 1 - 450.00"],
    ),
    "a carrier file without its claim's columns": (
        "DESY_SORT_KEY,CLAIM_NO,LINE_NUM,PRF_PHYSN_NPI,LINE_SRVC_CNT,LINE_PLACE_OF_SRVC_CD,LINE_1ST_EXPNS_DT,HCPCS_CD,HCPCS_1ST_MDFR_CD,LINE_SBMTD_CHRG_AMT\n100,500,1,R1,1,11,20260302,21085,52,1250\n",
        ["500 100 2026-03-02 21085 52 1 - 1250.00"],
    ),
    "what a procedure was called at its source": (
        "person_id,procedure_concept_id,procedure_date,quantity,visit_occurrence_id,procedure_source_value\n5,2314,2026-03-02,1,77,21085\n",
        ["77 5 2026-03-02 21085 - 1 - None"],
    ),
}  # fmt: skip


def lines_of(reading: Any) -> list[str]:
    """The lines of a reading, each as one text."""
    return [
        f"{claim.claim} {claim.patient} {line.date} {line.code} {'+'.join(line.modifiers) or '-'} {line.units} {line.pointers or '-'} {line.charge}"
        for claim in reading.claims
        for line in claim.lines
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_another_system(name: str, tmp_path: Path) -> None:
    text, lines = TABLES[name]
    file = tmp_path / "a.csv"
    file.write_text(text)
    reading = read_claims(file)
    assert lines_of(reading) == lines and reading.faults == ()
    summary = audit_file(file, tmp_path / "f.csv")
    assert (summary.lines, summary.refused, list(summary.notes)) == (len(lines), 0, list(reading.notes))


@pytest.mark.parametrize("name", TABLES)
def test_the_mapping_that_is_proposed_reads_the_same(name: str, tmp_path: Path) -> None:
    text, lines = TABLES[name]
    (tmp_path / "a.csv").write_text(text)
    delimiter = next(mark for mark in "\t|," if mark in text)
    names = text.splitlines()[0].split(delimiter)
    (tmp_path / "m.toml").write_text(proposed_map(plan_of(names), "a file"))
    own, mapped = (
        read_claims(tmp_path / "a.csv"),
        read_claims(tmp_path / "a.csv", mapping=own_map(tmp_path / "m.toml")),
    )
    assert mapped.faults == () and [one.lines for one in mapped.claims] == [one.lines for one in own.claims]
    assert [one.diagnoses for one in mapped.claims] == [one.diagnoses for one in own.claims]
    if "no column of claims" not in " ".join(own.notes):
        assert lines_of(mapped) == lines


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("C1,P1,2026-03-02,21085,1\n", "looks like a claim line; put a row with the names of the columns above it"),
        ("CLAIM   PATIENT   DOS         CPT\nC1      P1        2026-03-02  21085\n", "parted by blanks alone; save it as CSV"),
        ("Claim ID,Patient ID,CPT1,CPT2,MOD1,MOD2,MOD3,DOS\nC1,P1,21085,70486,,,,2026-03-02\n", "say so with --map (places_in_a_row)"),
        ("Clam ID,Patient ID,DOS,CPT\nC1,P1,2026-03-02,21085\n", "column claim: is missing"),
        ("Claim,Patient,DOS,CPT,Untis\nC1,P1,2026-03-02,21085,2\n", "column units: is missing"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    reading = read_claims(tmp_path / "a.csv")
    assert not reading.lines and any(said in str(fault) for fault in reading.faults)


def claim(number: int = 1, **change: Any) -> dict[str, Any]:
    """A professional claim as another system writes it."""
    return {
        "resourceType": "Claim", "id": f"c{number}", "status": "active", "use": "claim",
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/claim-type", "code": "professional"}]},
        "patient": {"reference": f"Patient/{number}"}, "created": "2026-03-03", "provider": {"reference": "Organization/1"},
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "Medicare"}}],
        "diagnosis": [{"sequence": 1, "diagnosisCodeableConcept": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "M26.212"}]}}],
        "item": [{
            "sequence": 1, "diagnosisSequence": [1], "servicedDate": "2026-03-02",
            "productOrService": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "21085"}]},
        }],
    } | change  # fmt: skip


LINE = "c{0} Patient/{0} 2026-03-02 21085 - 1 A None"
NESTED = {
    "resourceType": "Bundle",
    "entry": [
        {"resource": {"resourceType": "Bundle", "entry": [{"resource": claim(1)}]}},
        {"resource": claim(2)},
    ],
}
PARAMETERS = {"resourceType": "Parameters", "parameter": [
    {"name": "mode", "valueString": "x"}, {"name": "claims", "resource": {"resourceType": "Bundle", "entry": [{"resource": claim(1)}]}},
    {"name": "more", "part": [{"name": "one", "resource": claim(2)}]},
]}  # fmt: skip
FHIR: dict[str, str] = {
    "a.ndjson": f"{json.dumps(claim(1))}\n{json.dumps(claim(2))}\n",
    "lines.json": f"{json.dumps(claim(1))}\n\n{json.dumps(claim(2))}\n",
    "list.json": json.dumps([claim(1), claim(2)], indent=1),
    "nested.json": json.dumps(NESTED),
    "parameters.json": json.dumps(PARAMETERS),
}


@pytest.mark.parametrize("name", FHIR)
def test_fhir_in_other_wrappings(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FHIR[name])
    reading = read_claims(tmp_path / name)
    assert lines_of(reading) == [LINE.format(1), LINE.format(2)] and reading.faults == ()
    assert lines_of(read_given(FHIR[name].encode())) == lines_of(reading)


def test_a_broken_line_among_claims_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text(f"{json.dumps(claim(1))}\n{{broken\n{json.dumps(claim(2))}\n")
    reading = read_claims(tmp_path / "a.ndjson")
    assert lines_of(reading) == [LINE.format(1), LINE.format(2)]
    assert [str(fault) for fault in reading.faults] == [
        "file: line 2 of the file is no JSON"
    ] and reading.unread.anyone


def test_older_and_newer_fhir() -> None:
    """What STU3 calls otherwise, and where R5 has a tooth."""
    item = claim()["item"][0]
    older = {**item, "service": item["productOrService"], "diagnosisLinkId": [1]}
    del older["productOrService"], older["diagnosisSequence"]
    assert lines_of(read_given(json.dumps(claim(item=[older])).encode())) == [LINE.format(1)]
    tooth = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/ex-tooth", "code": "38"}]}
    newer = {
        **item,
        "bodySite": [{"site": [{"concept": tooth}], "subSite": [{"concept": {"coding": [{"code": "M"}]}}]}],
    }
    reading = read_given(json.dumps(claim(item=[newer])).encode())
    assert reading.claims[0].lines[0].tooth == "17" and not reading.faults
    assert any("surfaces of a tooth" in note for note in reading.notes)
    twice = {**item, "bodySite": [newer["bodySite"][0], newer["bodySite"][0]]}
    assert "bodySite is no object" in str(read_given(json.dumps(claim(item=[twice])).encode()).faults[0])


RECORD = {
    "claim_id": "C1",
    "patient_id": "P1",
    "service_date": "2026-03-02",
    "procedure_code": "21085",
    "quantity": 2,
    "modifiers": ["52"],
    "diagnoses": ["M26.212"],
}
WITHIN = {"practice": "x", "claims": [
    {"id": "C1", "patient": {"id": "P1", "dob": "1990-05-30"}, "diagnoses": [{"code": "M26.212"}, {"code": "M26.02"}], "dateOfService": "2026-03-02",
     "lines": [{"number": 1, "code": "21085", "units": 2, "modifiers": ["52"], "charge": 5.5}, {"number": 2, "code": "70486", "units": 1}]},
    {"id": "C2", "patient": {"id": "P2"}, "dateOfService": "2026-03-02", "lines": []},
]}  # fmt: skip


def test_records_of_json_are_rows() -> None:
    line = "C1 P1 2026-03-02 21085 52 2 - None"
    for text in (json.dumps([RECORD]), json.dumps(RECORD) + "\n", json.dumps({"rows": [RECORD]})):
        reading = read_given(text.encode())
        assert lines_of(reading) == [line] and reading.faults == ()
        assert reading.claims[0].diagnoses == ("M26.212",)
    reading = read_given(f"{json.dumps(RECORD)}\n{{broken\n".encode())
    assert (reading.lines, reading.refused) == (1, 1) and "line 2 of the file is no JSON" in str(
        reading.faults[0]
    )


def test_records_within_claims_keep_what_stands_around_them() -> None:
    reading = read_given(json.dumps(WITHIN).encode())
    assert lines_of(reading) == ["C1 P1 2026-03-02 21085 52 2 - 5.50", "C1 P1 2026-03-02 70486 - 1 - None"]
    assert (reading.claims[0].diagnoses, str(reading.claims[0].birth_date)) == (
        ("M26.212", "M26.02"),
        "1990-05-30",
    )
    assert (reading.rows, reading.refused) == (3, 1) and "row 3, column code: is empty" in str(
        reading.faults[0]
    )


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in files.items():
            archive.writestr(name.replace("_DOT_", "."), held)
    return content.getvalue()


CSV = b"Claim,Patient,DOS,CPT,Units\nC1,P1,2026-03-02,21085,1\n"
READ = ["C1 P1 2026-03-02 21085 - 1 - None"]
PACKED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a.zip": (lambda: zipped(lines_DOT_csv=CSV, **{"__MACOSX/._lines.csv": b"\0", "read_me.pdf": b"%PDF"}), ""),
    "a.csv.gz": (lambda: gzip.compress(CSV), ""),
    "a.xls": (lambda: CSV.replace(b",", b"\t"), ""),
    "a.out": (lambda: CSV, ""),
    "two.zip": (lambda: zipped(a_DOT_csv=CSV, b_DOT_csv=CSV), "holds 2 files that may be claims ('a.csv', 'b.csv'); unpack it and read one of them"),
    "none.zip": (lambda: zipped(a_DOT_pdf=b"%PDF"), "holds no claim file ('a.pdf')"),
    "cut.zip": (lambda: zipped(a_DOT_csv=CSV)[:60], "is a damaged archive"),
    "cut.csv.gz": (lambda: gzip.compress(CSV)[:-9], "is a damaged archive"),
    "twice.zip": (lambda: zipped(a_DOT_zip=zipped(a_DOT_csv=CSV)), "holds an archive within an archive"),
    "large.csv.gz": (lambda: gzip.compress(b"\n" * (65 * 2**20)), "unpack it and use audit"),
    "large.zip": (lambda: zipped(a_DOT_csv=b"\n" * (65 * 2**20)), "unpack it and use audit"),
    "old.xls": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is a workbook of an old kind; save it as .xlsx or CSV"),
    "page.xls": (lambda: b"<html><table>", "is a web page; open it in a spreadsheet"),
    "a.xml": (lambda: b'<Claim xmlns="http://hl7.org/fhir">', "is FHIR in XML; save it as FHIR in JSON"),
    "b.xml": (lambda: b"<claims/>", "is XML, which is not read; export the claim lines as CSV"),
    "a.csv": (lambda: b"%PDF-1.7", "is a PDF, whose lines cannot be read"),
    "a.log": (lambda: b"started\nended\n", "has no known suffix"),
}  # fmt: skip


@pytest.mark.parametrize("name", PACKED)
def test_what_a_file_holds_goes_before_its_name(name: str, tmp_path: Path) -> None:
    make, said = PACKED[name]
    file = tmp_path / name
    file.write_bytes(make())
    if not said:
        assert lines_of(read_claims(file)) == READ and audit_file(file, tmp_path / "f.csv").lines == 1
        return
    for read in (lambda: read_claims(file), lambda: audit_file(file, tmp_path / "f.csv")):
        with pytest.raises(ValueError) as caught:
            read()
        assert said in str(caught.value) and str(caught.value).startswith(f"file: {name!r} ")
    assert not (tmp_path / "f.csv").exists()


HEAD = "Claim ID,Patient ID,DOS,{0},Units\n"
CELLS: list[tuple[str, str, str, Any]] = [
    ("Procedure", "21085 - Splint of the mouth", "code modifiers", ("21085", ())),
    ("Procedure", "D7240 Removal of tooth", "code modifiers", ("D7240", ())),
    ("Procedure", "21085-52 Splint", "code modifiers", ("21085", ("52",))),
    ("CPT/Mod", "21085-22", "code modifiers", ("21085", ("22",))),
    ("CPT/Mod", '"70486, 26"', "code modifiers", ("70486", ("26",))),
    ("Procedure", "21085 LTRT", "code modifiers", ("21085", ("LT", "RT"))),
]


@pytest.mark.parametrize(("name", "text", "fields", "read"), CELLS)
def test_a_code_with_what_stands_behind_it(name: str, text: str, fields: str, read: Any) -> None:
    reading = read_given((HEAD.format(name) + f"C1,P1,2026-03-02,{text},1\n").encode())
    line = reading.claims[0].lines[0]
    assert tuple(getattr(line, field) for field in fields.split()) == read and not reading.faults
    assert any("words behind the code" in note for note in reading.notes) == (text[-1] in "hts")


@pytest.mark.parametrize("text", ["21085-XYZ", "21085X", "2108", "170"])
def test_a_code_that_is_none_is_refused(text: str) -> None:
    reading = read_given((HEAD.format("CPT") + f"C1,P1,2026-03-02,{text},1\n").encode())
    assert not reading.lines and "five characters" in str(reading.faults[0])


def test_diagnoses_with_their_letters_and_words() -> None:
    for text in ("A. M26.212 B. M26.02", "M26.212 - Malocclusion; M26.02 - Other"):
        reading = read_given(f"Claim ID,Patient ID,DOS,CPT,ICD-10\nC1,P1,2026-03-02,21085,{text}\n".encode())
        assert reading.claims[0].diagnoses == ("M26.212", "M26.02") and not reading.faults


def test_a_payer_that_is_a_plan_s_name_leaves_the_type_open() -> None:
    """In the project's own column it is refused: there it is a slip of the pen."""
    reading = read_given(
        b"Claim ID,Patient ID,DOS,CPT,Payer\nC1,P1,2026-03-02,21085,Plan of X\nC2,P2,2026-03-02,21085,Medicare Part B\n"
    )
    assert [one.payer for one in reading.claims] == ["", "medicare"] and not reading.faults
    assert any("tell no type of payer" in note for note in reading.notes)
    assert "'Plan of X' is not allowed" in str(
        read_given(b"claim,patient,date,code,payer\nC1,P1,2026-03-02,21085,Plan of X\n").faults[0]
    )


def test_words_below_a_table_are_no_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        HEAD.format("CPT") + "C1,P1,2026-03-02,21085,1\n\n(1 row affected)\nPrinted 03/14/2026\nC2\n"
    )
    reading = read_claims(file)
    assert (reading.lines, reading.refused) == (1, 1) and "row 6: has 1 cells" in str(reading.faults[0])
    summary = audit_file(file, tmp_path / "f.csv")
    assert (summary.lines, summary.refused, list(summary.notes)) == (1, 1, list(reading.notes))


@pytest.mark.parametrize(
    "name", ["CPT", "http://www.ama-assn.org/go/cpt|2026", "https://www.ama-assn.org/practice-management/cpt"]
)
def test_other_names_of_a_code_system(name: str) -> None:
    made = claim()
    made["item"][0]["productOrService"]["coding"][0]["system"] = name
    assert lines_of(read_given(json.dumps(made).encode())) == [LINE.format(1)]


def test_a_group_with_a_name_of_its_own_is_its_services() -> None:
    made = claim()
    item = made["item"][0]
    item["detail"] = [{"sequence": 1, "productOrService": item["productOrService"]}]
    made["item"] = [{**item, "productOrService": {"coding": [{"code": "GROUP"}]}}]
    assert lines_of(read_given(json.dumps(made).encode())) == [LINE.format(1)]


def test_one_reason_for_many_claims_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = [claim(number, use="preauthorization") for number in range(1, 9)]
    (tmp_path / "a.json").write_text(json.dumps(refused))
    assert main(["check", str(tmp_path / "a.json")]) == 2
    said = capsys.readouterr().err
    assert said.count("preauthorization") == 1 and "all 8 of its rows are refused" in said


def test_x12_without_its_first_segment() -> None:
    with pytest.raises(ValueError, match=r"is X12 without its first segment \(ISA\)"):
        read_given(b"ST*837*0001*005010X222A1~BHT*0019*00*1*20260303*1200*CH~")


WHOLE: dict[str, bytes] = {
    **{f"{at}.csv": text.encode() for at, (text, _) in enumerate(TABLES.values())},
    **{name: text.encode() for name, text in FHIR.items()},
    "claims.837": text_of(
        claims_837(
            [X12Claim(lines=[X12Line(), X12Line("21085", "900", units="3")]), X12Claim("C-2", last="ROE")]
        )
    ).encode(),
    "dental.837": text_of(
        claims_837(
            [X12Claim(lines=[X12Line("D7880", area="10"), X12Line("D7240", after=("TOO*JP*17",))])],
            dental=True,
        )
    ).encode(),
    "within.json": json.dumps(WITHIN).encode(),
    "packed.zip": zipped(lines_DOT_csv=CSV),
}


@pytest.mark.parametrize("name", WHOLE)
def test_both_sizes_of_the_checks_agree_on_every_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(WHOLE[name])
    reading = read_claims(file)
    one = findings_frame([check(reading.claims, unread=reading.unread)])[list(FINDING_COLUMNS)]
    summary = audit_file(file, tmp_path / "f.parquet")
    many = pd.read_parquet(tmp_path / "f.parquet")[list(FINDING_COLUMNS)]
    assert len(one) and sorted(map(tuple, one.astype(str).to_numpy())) == sorted(
        map(tuple, many.astype(str).to_numpy())
    )
    assert (summary.lines, summary.refused, summary.worst) == (
        reading.lines,
        reading.refused,
        check(reading.claims, unread=reading.unread).worst,
    )
