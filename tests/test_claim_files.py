"""Claim files: what is written is read back, what is wrong is listed, and no good row is lost."""

from __future__ import annotations

import io
import json
import os
import random
import string
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from claims import ORDINARY, claims_of
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from omsnb import code_case
from omsnb.cell_words import NO_VALUE
from omsnb.claim_building import build_claims
from omsnb.claim_files import read_claims, template_bytes, write_claims
from omsnb.claim_tables import areas, claim_fields, forms, payers, places
from omsnb.claims import Claim, ServiceLine, form_of
from omsnb.csv_rows import hidden
from omsnb.fhir import claim_to_fhir, claims_to_bundle
from omsnb.fhir_reading import claims_from_fhir
from omsnb.tables import cases, codes, facts

KINDS = ("csv", "xlsx", "json", "fhir")
FUZZ = int(os.environ.get("OMSNB_FUZZ", "400"))
"""Malformed files that are tried; a release tries 20,000."""

KEYS = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12).filter(
    lambda text: text.strip() and text.strip().lower() not in NO_VALUE  # which programs write for an empty cell
)
FLAG = st.sampled_from(["yes", "no", ""])
LINES = st.builds(
    ServiceLine,
    date=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    code=st.sampled_from([*codes(), "D1352"]),
    units=st.integers(1, 999),
    modifiers=st.lists(st.sampled_from(["26", "TC", "59", "XE"]), max_size=4, unique=True).map(tuple),
    pointers=st.sampled_from(["", "A", "BA", "ABCD"]),
    area=st.sampled_from(["", *areas()]),
    tooth=st.sampled_from(["", "19", "19|20", "K"]),
    charge=st.none() | st.integers(0, 10**8).map(lambda cents: Decimal(cents).scaleb(-2).quantize(Decimal("0.01"))),
    narrative=FLAG,
    attachment=FLAG,
    report=FLAG,
    made_by=st.sampled_from(["", *facts()["fabricated_by"].values]),
    minutes=st.none() | st.integers(0, 600),
    rendering=st.one_of(st.just(""), KEYS),
)
CLAIMS = st.lists(
    st.builds(
        Claim,
        claim=KEYS,
        patient=KEYS,
        payer=st.sampled_from(["", *payers()]),
        provider=st.one_of(st.just(""), KEYS),
        form=st.sampled_from(["", *forms()]),
        place=st.sampled_from(["", *places()]),
        birth_date=st.none() | st.dates(date(1900, 1, 1), date(2026, 1, 1)),
        diagnoses=st.sampled_from([(), ("M26.69",), ("M26.69", "M26.212", "Q37.5")]),
        lines=st.lists(LINES, min_size=1, max_size=4).map(tuple),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda claim: claim.claim,
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(claims=CLAIMS)
def test_what_is_written_is_read_back(kind: str, claims: list[Claim], tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("claims") / f"claims.{'json' if kind == 'fhir' else kind}"
    write_claims(file, claims, kind)
    reading = read_claims(file)
    assert reading.faults == ()
    assert reading.claims == tuple(replace(claim, form=form_of(claim.payer, claim.form)) for claim in claims)


@settings(max_examples=80, deadline=None)
@given(claims=CLAIMS)
def test_fhir_is_valid(claims: list[Claim]) -> None:
    # R4B's Claim is R4's: the release changed other resources
    Bundle.model_validate(json.loads(json.dumps(claims_to_bundle(claims))))


def test_every_case_is_valid_fhir_and_read_back() -> None:
    answers = {"contrast": "without", "scan": "cbct", "workstation": "independent", "supervision": "yes"}
    count = 0
    for name, case in cases().items():
        for payer in payers():
            for variant in case.variants or [None]:
                asked = {q.fact for q in code_case(name, variant=variant).questions}
                fitting = {fact: value for fact, value in answers.items() if fact in asked}
                sheet = code_case(name, fitting, variant=variant)
                built = build_claims(
                    sheet, payer=payer, dates={"*": date(2026, 2, 2)}, patient="P-1", provider="B-1", place="22",
                    diagnoses=["M26.69"], claim=f"{name}-{payer}",
                )  # fmt: skip
                Bundle.model_validate(claims_to_bundle(built.claims))
                assert claims_from_fhir(claims_to_bundle(built.claims)).claims == built.claims
                kinds = {claim_to_fhir(claim)["type"]["coding"][0]["code"] for claim in built.claims}
                assert kinds <= {"oral" if payer == "dental" else "professional"}
                count += len(built.claims)
    assert count >= len(cases()) * 2


def test_another_resource_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"resourceType": "Patient"}')
    assert "resourceType: 'Patient' is not allowed" in str(read_claims(tmp_path / "x.json").faults[0])


def test_a_formula_never_reaches_a_spreadsheet(tmp_path: Path) -> None:
    bad = claims_of({"code": "70486", "rendering": "=cmd()"}, patient="@SUM(1)", provider="+1", claim="-2")
    write_claims(tmp_path / "a.csv", bad)
    for line in (tmp_path / "a.csv").read_text().splitlines()[1:]:
        assert not any(cell.strip('"')[:1] in "=+-@" for cell in line.split(",") if cell)
    write_claims(tmp_path / "a.xlsx", bad)
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0]
    assert all(cell.data_type != "f" for row in sheet for cell in row)
    assert read_claims(tmp_path / "a.csv").claims == read_claims(tmp_path / "a.xlsx").claims == bad
    assert hidden("'=1") == "''=1"


def test_the_template_holds_every_column_and_reads_without_fault(tmp_path: Path) -> None:
    for kind in ("csv", "xlsx"):
        (tmp_path / f"t.{kind}").write_bytes(template_bytes(kind))
        reading = read_claims(tmp_path / f"t.{kind}")
        assert reading.faults == () and len(reading.claims) == 1
    assert template_bytes("csv").decode().splitlines()[0].split(",") == list(claim_fields())


def good(**changes: str) -> str:
    row = {**ORDINARY, "code": "70486", **changes}
    return ",".join(f'"{row.get(name, "")}"' for name in COLUMNS)


COLUMNS = [name for name in claim_fields() if name in {**ORDINARY, "code": "", "charge": ""}]
HEADER = ",".join(COLUMNS)


def test_all_faults_are_listed_at_once_and_good_rows_stay(tmp_path: Path) -> None:
    rows = [
        HEADER, good(), good(date="03/02/2026"), good(units="0"), good(units="two", code="7048"),
        '"C-1","unclosed', good()[:-4], "", good(patient="P-2"), good(modifiers="", claim="C-2"),
    ]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    reading = read_claims(tmp_path / "a.csv")
    assert [claim.claim for claim in reading.claims] == ["C-1", "C-2"]
    assert [(fault.row, fault.column) for fault in reading.faults] == [
        (3, "date"), (4, "units"), (5, "code"), (5, "units"), (6, ""), (7, ""), (9, "patient"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (HEADER + ",modifer", "row 1, column modifer: may be meant for modifiers"),
        (HEADER + ",code", "row 1, column code: stands twice"),
        (HEADER.replace("date,", ""), "row 1, column date: is missing"),
        ("", "column claim: is missing"),
    ],
)
def test_a_bad_header(header: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(header + "\n" + good() + "\n")
    assert any(said in str(fault) for fault in read_claims(tmp_path / "a.csv").faults)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_separators(delimiter: str, tmp_path: Path) -> None:
    text = f"{HEADER}\n{good()}\n".replace(",", delimiter)
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    reading = read_claims(tmp_path / "a.csv")
    assert reading.faults == () and len(reading.claims) == 1


@pytest.mark.parametrize(("name", "said"), [("a.pdf", "has no known suffix"), ("none.csv", "cannot be read: No such file")])
def test_a_file_that_cannot_be_read(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(ValueError, match=said):
        read_claims(tmp_path / name)


def test_nothing_is_half_written(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("before")

    def broken() -> object:
        yield claims_of({"code": "70486"})[0]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_claims(tmp_path / "a.json", broken())  # type: ignore[arg-type]
    assert (tmp_path / "a.json").read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    with pytest.raises(ValueError, match="cannot be written"):
        write_claims(tmp_path / "no" / "folder.csv", [])


# --- malformed files

MISCHIEF = (
    "=cmd()", "\0", "x" * 10_000, "\udcff", '"', '""', ",", ";", "\n", "\r", "\t", "3/2/26", "2026-13-01", "\uff12\uff10\uff12\uff16", "-1",
    "1e3", "NaN", "26|26|26|26|26", "'", "\u202e", "é", "9" * 30, " ",
)  # fmt: skip


def spoil(chance: random.Random, kind: str) -> tuple[bytes, int]:
    """A malformed file of a kind, and how many of its rows are surely good (CSV alone)."""
    kept = chance.randint(0, 3)
    if kind == "csv":
        rows = [good(claim=f"G-{number}") for number in range(kept)]
        for _ in range(chance.randint(1, 3)):
            cells = good(claim=f"B-{chance.random()}").split(",")
            cells[chance.randrange(len(cells))] = chance.choice(MISCHIEF)
            rows.insert(chance.randint(0, len(rows)), ",".join(cells).replace("\n", " "))
        header = HEADER
        if chance.random() < 0.2:
            header = chance.choice([HEADER[:-3], HEADER + ",x", HEADER + ",claim", "", "\0", HEADER.upper(), '"' + HEADER])
            kept = 0
        content = (header + "\n" + "\n".join(rows)).encode("utf-8", "surrogateescape")
        if chance.random() < 0.1:
            return content[: chance.randrange(len(content))], 0
        if chance.random() < 0.05:
            return content.decode("latin-1").encode("utf-16"), 0
        return content, kept
    claims = claims_of({"code": "70486"}, {"code": "21085"})
    if kind == "json":
        content = json.dumps(chance.choice([claims_to_bundle(claims), {"format": "omsnb-claims", "claims": [{"lines": [{}]}]}]))
        place = chance.randrange(len(content))
        noise = chance.choice([*MISCHIEF[:4], "[" * 5000, "null", "1" * 5000, "true", '{"a":'])
        return (content[:place] + noise + content[place + chance.randint(0, 30) :]).encode("utf-8", "surrogateescape"), 0
    packed = bytearray(XLSX)
    for _ in range(chance.randint(1, 20)):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    return bytes(packed[: chance.randrange(len(packed))] if chance.random() < 0.3 else packed), 0


def _workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(COLUMNS)
    sheet.append([{**ORDINARY, "code": "70486"}.get(name, "") for name in COLUMNS])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


XLSX = _workbook()


def test_malformed_files_never_break_the_reader(tmp_path: Path) -> None:
    chance = random.Random(20261125)
    listed = 0
    for number in range(FUZZ):
        kind = ("csv", "csv", "csv", "json", "xlsx")[number % 5]
        content, kept = spoil(chance, kind)
        file = tmp_path / f"f.{kind}"
        file.write_bytes(content)
        reading = read_claims(file)
        found = {claim.claim for claim in reading.claims}
        assert {f"G-{place}" for place in range(kept)} <= found, (content, reading.faults)
        for fault in reading.faults:
            assert str(fault).encode("utf-8") and len(str(fault)) < 3000
        listed += bool(reading.faults)
    assert listed > FUZZ / 2
    print(f"{FUZZ} malformed files, {listed} with listed faults")


def test_cells_of_a_million_characters(tmp_path: Path) -> None:
    huge = string.ascii_letters * 20_000
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{good(patient=huge)}\n{good(claim='C-2')}\n")
    reading = read_claims(tmp_path / "a.csv")
    assert [claim.claim for claim in reading.claims] == ["C-2"]
    assert "1040000 characters, but 200 are the most" in str(reading.faults[0]) and len(str(reading.faults[0])) < 200


def test_a_workbook_with_numbers_and_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append([*COLUMNS, None])
    row = {**ORDINARY, "code": 70486, "units": 2.0, "date": date(2026, 3, 2), "place": 11, "charge": 450.5}
    book.active.append([row.get(name) for name in COLUMNS])
    book.save(tmp_path / "a.xlsx")
    reading = read_claims(tmp_path / "a.xlsx")
    assert reading.faults == ()
    line = reading.claims[0].lines[0]
    assert (line.code, line.units, line.date, line.charge) == ("70486", 2, date(2026, 3, 2), Decimal("450.50"))
