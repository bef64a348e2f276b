"""Ordinary ways to write a claim file: each is read in full, or asked about where it has two readings. None is guessed.

Every variant is made here, as text and as a workbook, and the audit reads it as ``check`` does.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from omsnb.__main__ import main
from omsnb.audit_files import audit_file
from omsnb.claim_files import read_claims
from omsnb.table_rows import Options

HEADER = [
    "claim",
    "patient",
    "payer",
    "provider",
    "place",
    "diagnoses",
    "date",
    "code",
    "modifiers",
    "units",
    "pointers",
    "area",
    "charge",
]
ROW = [
    "C-1",
    "P-1",
    "medical",
    "B-1",
    "11",
    "M26.69|M26.212",
    "2026-03-02",
    "21085",
    "",
    "1",
    "A",
    "",
    "1250.00",
]
SECOND = ["C-2", "P-2", "medical", "B-1", "22", "M26.69", "2026-03-15", "70486", "26", "1", "A", "", "450.00"]


@dataclass
class Variant:
    """A file: its header, its rows, and what is read of the first line; ``asked``: what is said instead."""

    name: str
    header: list[str] = field(default_factory=lambda: list(HEADER))
    rows: list[list[Any]] = field(default_factory=lambda: [list(ROW), list(SECOND)])
    above: list[list[str]] = field(default_factory=list)
    read: dict[str, Any] = field(default_factory=dict)
    asked: str = ""
    notes: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    lines: int = 2


def cell(
    column: str, text: Any, asked: str = "", notes: str = "", second: Any = None, **read: Any
) -> Variant:
    """A variant in which one cell of the first row is written otherwise (and the same cell of the second)."""
    made = Variant(f"{column} {text!r}", asked=asked, notes=notes, read=read)
    made.rows[0][HEADER.index(column)] = text
    if second is not None:
        made.rows[1][HEADER.index(column)] = second
    return made


def names(**other: str) -> Variant:
    """A variant in which columns have other names."""
    return Variant("names " + " ".join(other.values()), [other.get(name, name) for name in HEADER])


def more(
    name: str, columns: dict[str, tuple[Any, Any]], without: tuple[str, ...] = (), **rest: Any
) -> Variant:
    """A variant with other columns in place of some."""
    kept = [at for at, column in enumerate(HEADER) if column not in without]
    rows = [
        [row[at] for at in kept] + [cells[number] for cells in columns.values()]
        for number, row in enumerate((ROW, SECOND))
    ]
    return Variant(name, [HEADER[at] for at in kept] + list(columns), rows, **rest)


DAY = date(2026, 3, 2)
VARIANTS = [
    names(code="CPT", date="DOS", units="Qty", place="POS"),
    names(code="Proc Code", date="Svc Date", units="Units", charge="Billed Amt"),
    names(code="HCPCS", date="Date of Service", charge="Charge Amount", diagnoses="ICD-10"),
    names(patient="MRN", claim="Claim #", provider="Billing NPI"),
    names(patient="Pt ID", claim="Claim Number", date="From Date", charge="Fee"),
    names(**{name: name.upper() for name in HEADER}),
    names(**{name: f" {name.title()} " for name in HEADER}),
    names(claim="Claim", patient="Patient key", date="Date of service", code="Procedure code", diagnoses="Diagnosis pointers".replace("pointers", "codes")),
    names(pointers="Dx Ptr", area="Quad", code="ADA Code", date="Procedure Date"),
    names(code="procedure_code", date="service_date", units="quantity", patient="patient_id", claim="claim_id"),
    names(code="ProcedureCode", date="ServiceDate", units="UnitsOfService", patient="PatientAccountNumber"),
    more("Mod1..Mod4", {"Mod1": ("52", "26"), "Mod2": ("59", ""), "Mod3": ("", ""), "Mod4": ("", "")}, ("modifiers",), read={"modifiers": ("52", "59")}),
    more("Modifier 1, 2", {"Modifier 1": ("52", "26"), "Modifier 2": ("59", "")}, ("modifiers",), read={"modifiers": ("52", "59")}),
    more("Dx1..Dx3", {"Dx1": ("M2669", "M26.69"), "Dx2": ("M26.212", ""), "Dx3": ("", "")}, ("diagnoses",), read={"diagnoses": ("M26.69", "M26.212")}),
    more("an extra column", {"Clinic note": ("x", "y")}, notes="columns kept and not read: Clinic note"),
    more("Tooth #", {"Tooth #": ("#19", "")}, read={"tooth": "19"}),
    more("DOB", {"DOB": ("5/30/1981", "1/2/1990")}, read={"birth_date": date(1981, 5, 30)}),
    more("Rendering", {"Rendering NPI": ("R-1", "R-2")}, read={"rendering": "R-1"}),
    more("From and to", {"From Date": ("03/02/2026", "03/15/2026"), "To Date": ("03/02/2026", "03/15/2026")}, ("date",)),
    more("to another day", {"To Date": ("2026-03-04", "")}, notes="run over several days"),
    more("two code columns agree", {"CPT": ("21085", "70486"), "HCPCS": ("21085", "70486")}, ("code",)),
    more("two code columns differ", {"CPT": ("21085", "70486"), "HCPCS": ("21089", "70486")}, ("code",), asked="do not agree"),
    more("NPI alone", {"NPI": ("1", "1")}, asked="may be billing provider or rendering provider"),
    more("Amount alone", {"Amount": ("5", "5")}, ("charge",), asked="may be charge"),
    more("a slip", {"modifer": ("26", "")}, ("modifiers",), asked="may be meant for modifiers"),
    more("insurance by name", {"Insurance": ("Blue Plan", "Medicare")}, ("payer",), read={"payer": ""}, notes="tell no type of payer"),
    Variant("semicolons", delimiter=";"),
    Variant("tabs", delimiter="\t"),
    Variant("bars", rows=[[text.replace("|", " ") for text in row] for row in (ROW, SECOND)], delimiter="|"),
    Variant("Windows-1252", rows=[["Müller-1", *ROW[1:]], SECOND], encoding="cp1252", read={"claim": "Müller-1"}),
    Variant("UTF-16", encoding="utf-16"),
    Variant("UTF-8 with a mark", encoding="utf-8-sig"),
    Variant("title rows", above=[["Charges of March 2026"], ["Printed on 1 April"], []], notes="the header stands in row"),
    Variant("a blank row", rows=[ROW, [""] * len(HEADER), SECOND]),
    Variant("a row of sums", rows=[ROW, SECOND, ["Total", *[""] * (len(HEADER) - 2), "1700.00"]], notes="sums"),
    Variant("the header again", rows=[ROW, HEADER, SECOND], notes="header stands again"),
    *(cell("date", text, second="2026-03-15", date=DAY) for text in (
        "20260302", "2026-03-02T00:00:00", "2026-03-02 08:45:50", "2026-03-02T08:45:50Z", "2026/03/02", "2026-3-2",
        "02-MAR-2026", "Mar 2, 2026", "2 March 2026", "46083")),
    *(cell("date", text, second=other, date=DAY) for text, other in (
        ("3/2/2026", "3/15/2026"), ("03/02/26", "03/15/26"), ("03-02-2026", "03-15-2026"), ("03022026", "03152026"),
        ("2.3.2026", "15.3.2026"), ("3/2/2026 12:00:00 AM", "3/15/2026 12:00:00 AM"))),
    cell("date", "03/03/2026", date=date(2026, 3, 3)),
    cell("date", "03/04/2026", asked="say which with --dates mdy or --dates dmy"),
    cell("date", "03/04/2026", second="05/06/2026", asked="say which with --dates"),
    *(cell("charge", text, charge=Decimal("1250.00")) for text in ("$1,250.00", "1,250", "$ 1250", "1250.0000", "USD 1250", "1.250,00", "1250,00")),
    *(cell("charge", text, charge=Decimal("-1250.00"), notes="take an earlier one back") for text in ("-1250", "(1,250.00)", "$-1,250.00", "1250.00-")),
    cell("charge", "1.250", asked="thousands or thousandths"),
    *(cell("modifiers", text, modifiers=("52", "59")) for text in ("52 59", "52,59", "52, 59", "52:59", "52/59", "5259", "52;59", "52-59")),
    cell("modifiers", "26.0", modifiers=("26",)),
    *(cell("code", text, modifiers=mods, code="21085") for text, mods in (
        ("21085-52", ("52",)), ("21085 52", ("52",)), ("HC:21085:52", ("52",)), ("CPT 21085", ()), ("21085.0", ()),
        ("2108552", ("52",)), ("21085-52-59", ("52", "59")), ("HCPCS: 21085", ()), ("21085 (52)", ("52",)))),
    cell("code", "d7880", code="D7880"),
    cell("code", "AD:D7880", code="D7880"),
    cell("code", "410620009", asked="SNOMED"),
    *(cell("diagnoses", text, diagnoses=("M26.69", "M26.212")) for text in (
        "M2669 M26212", "M26.69, M26.212", "M26.69;M26.212", "m26.69/m26212", "M26.69 | M26.212")),
    *(cell("pointers", text, pointers="AB") for text in ("1,2", "1 2", "12", "A,B", "A B", "A:B", "a|b")),
    *(cell("area", text, area="10") for text in ("UR", "upper right", "Upper Right Quadrant", "10 - upper right", "10.0")),
    cell("area", "1", asked="can be the arch 01"),
    *(cell("place", text, place="11") for text in ("11.0", "Office", "11 - Office", "Office (11)")),
    *(cell("units", text, units=1) for text in ("1.0", "1.00", "01")),
    cell("units", "-1", units=-1, notes="take an earlier one back"),
    cell("units", "1.5", asked="a whole number"),
    cell("payer", "Medicare Part B", payer="medicare"),
    cell("payer", "Dental", payer="dental", form="ada2024"),
]  # fmt: skip
TYPED = [
    cell("date", datetime(2026, 3, 2), second=datetime(2026, 3, 15), date=DAY), cell("units", 1.0, units=1),
    cell("code", 21085, code="21085"), cell("charge", 1250.0, charge=Decimal("1250.00")), cell("place", 11, place="11"),
]  # fmt: skip


def as_text(variant: Variant) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=variant.delimiter, lineterminator="\r\n")
    writer.writerows([*variant.above, variant.header, *variant.rows])
    return text.getvalue().encode(variant.encoding)


def as_workbook(variant: Variant) -> bytes:
    book = openpyxl.Workbook()
    for row in (*variant.above, variant.header, *variant.rows):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


CASES = [(variant, "csv") for variant in VARIANTS] + [(variant, "xlsx") for variant in (*VARIANTS, *TYPED)]
MAKERS: dict[str, Callable[[Variant], bytes]] = {"csv": as_text, "xlsx": as_workbook}


def test_there_are_enough() -> None:
    assert len({variant.name for variant in VARIANTS}) >= 64


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variant", "kind"), CASES, ids=lambda value: value if isinstance(value, str) else value.name
)
def test_a_variant_is_read_or_asked_about(variant: Variant, kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"a.{kind}"
    file.write_bytes(MAKERS[kind](variant))
    reading = read_claims(file)
    said = "; ".join(map(str, reading.faults))
    assert variant.notes in "; ".join(reading.notes)
    if variant.asked:
        assert variant.asked in said and reading.unread.something
        assert reading.lines == variant.lines - reading.refused
    else:
        assert said == "" and reading.lines == variant.lines == reading.rows
        claim = reading.claims[0]
        line = claim.lines[0]
        expected = {"code": "21085", "units": 1, "date": DAY, "charge": Decimal("1250.00"), "form": "cms1500", "pointers": "A",
                    "diagnoses": ("M26.69", "M26.212"), "place": "11", "payer": "medical", "claim": "C-1", **variant.read}  # fmt: skip
        if expected["payer"] == "":
            expected["form"] = ""
        if "charge" in variant.header or variant.name.startswith("names"):
            assert line.charge == expected["charge"]
        for name, value in expected.items():
            if name != "charge":
                held = getattr(claim, name) if hasattr(claim, name) else getattr(line, name)
                assert held == value, name
    if kind == "csv":
        _audited_alike(file, reading)


def _audited_alike(file: Path, reading: Any) -> None:
    if not reading.lines:
        return
    for size in (10**9, 300):
        summary = audit_file(file, file.with_name("f.csv"), part_bytes=size)
        assert (summary.rows, summary.refused) == (reading.rows, reading.refused)
        assert sorted(map(str, summary.faults)) == sorted(map(str, reading.faults))
        assert summary.notes and sorted(summary.notes) == sorted(reading.notes) or not reading.notes


def test_the_user_says_the_order_of_dates(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(as_text(cell("date", "03/04/2026", second="05/06/2026")))
    for order, day in (("mdy", date(2026, 3, 4)), ("dmy", date(2026, 4, 3))):
        reading = read_claims(file, dates=order)
        assert reading.faults == () and reading.claims[0].lines[0].date == day
        assert not audit_file(file, tmp_path / "f.csv", options=Options(dates=order)).faults
    assert "no date in the order dmy" in str(
        read_claims(_written(tmp_path, cell("date", "03/14/2026")), dates="dmy").faults[0]
    )


def _written(folder: Path, variant: Variant) -> Path:
    file = folder / "b.csv"
    file.write_bytes(as_text(variant))
    return file


def test_the_command_map_proposes_a_mapping_that_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(as_text(names(code="CPT", date="DOS", units="Qty")))
    assert main(["map", str(file), "-o", str(tmp_path / "m.toml")]) == 0
    out = capsys.readouterr().out
    assert 'code = ["CPT"]' in out and "row 2: claim C-1" in out
    assert main(["check", str(file), "--map", str(tmp_path / "m.toml")]) in (0, 1)
    assert "2 rows in the file = 2 read + 0 refused" in capsys.readouterr().out


def test_a_table_without_units_has_one_a_line_and_says_so(tmp_path: Path) -> None:
    """Unless another column may be theirs; then it is asked about."""
    file = tmp_path / "a.csv"
    file.write_text("claim,patient,DOS,CPT\nC-1,P-1,2026-03-02,21085\n")
    reading = read_claims(file)
    assert [line.units for line in reading.claims[0].lines] == [1] and not reading.faults
    assert any("no column of units: each line counts as one unit" in note for note in reading.notes)
    assert audit_file(file, tmp_path / "f.csv").lines == 1
    file.write_text("claim,patient,DOS,CPT,untis\nC-1,P-1,2026-03-02,21085,2\n")
    assert not read_claims(file).claims
