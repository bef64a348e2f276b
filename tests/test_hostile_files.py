"""Files that are broken, odd or hostile: nothing is lost without a word, and what was not read is never called ok.

Every file is made here. Reading never ends in another exception than ``ValueError``; every row of a file is read or
refused; a small file takes little time and memory.
"""

from __future__ import annotations

import copy
import csv
import io
import json
import os
import resource
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest
from claims import ORDINARY, claims_of

from omsnb.__main__ import main
from omsnb.audit_files import Summary, audit_file
from omsnb.claim_files import read_claims, write_claims
from omsnb.claim_tables import claim_fields
from omsnb.claims import Reading
from omsnb.csv_blocks import Blocks, quotes_in_order
from omsnb.csv_rows import rows_of_lines
from omsnb.edits import check
from omsnb.fhir import claims_to_bundle
from omsnb.fhir_names import system
from omsnb.fhir_reading import claims_from_fhir

COLUMNS = [*(name for name in ORDINARY if name != "charge"), "code", "charge"]
HEADER = ",".join(COLUMNS)
MOST_MEMORY = 500 * 2**20


def cells(**changes: str) -> list[str]:
    row = {**ORDINARY, "code": "70486", "charge": "450.00", **changes}
    return [row[name] for name in COLUMNS]


def good(number: int, **changes: str) -> str:
    return ",".join(cells(**{"claim": f"C-{number}", "patient": f"P-{number}", **changes}))


def whole(reading: Reading) -> Reading:
    """A reading in which every row is accounted for, and which is no ok where something was not read."""
    assert reading.rows == reading.lines + reading.refused
    named = {fault.row for fault in reading.faults if fault.row > 0}
    assert reading.refused <= len(named) or len(reading.faults) >= 5_000
    for fault in reading.faults:
        assert "\n" not in str(fault) and len(str(fault)) < 3_000 and str(fault).encode()
    if reading.refused or not reading.lines:
        assert reading.unread.something or (reading.rows == 0 and not reading.faults)
    report = check(reading.claims, unread=reading.unread)
    assert (report.worst == "incomplete") == bool(reading.faults)
    return reading


def audited(file: Path) -> Summary | None:
    """What the audit says of the same file; None where it reads nothing."""
    target = file.with_name("findings.csv")
    try:
        summary = audit_file(file, target)
    except ValueError:
        assert not target.exists()
        return None
    assert summary.rows == summary.lines + summary.refused and summary.lines
    assert (summary.worst == "incomplete") == bool(summary.faults)
    target.unlink()
    return summary


def both(file: Path) -> Reading:
    """The reading of a CSV file, after seeing that the audit reads and refuses the very same rows."""
    reading, summary = whole(read_claims(file)), audited(file)
    assert (summary is None) == (reading.lines == 0)
    if summary:
        assert (summary.rows, summary.refused) == (reading.rows, reading.refused)
        assert sorted(map(str, summary.faults)) == sorted(map(str, reading.faults))
    return reading


def said(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    try:
        status = main([str(word) for word in words])
    except SystemExit as stop:
        status = int(stop.code or 0)
    out = capsys.readouterr()
    return status, out.out, out.err


# --- CSV


def write(file: Path, *lines: str, end: str = "\n") -> Path:
    file.write_bytes("".join(line + end for line in lines).encode())
    return file


@pytest.mark.parametrize("place", [0, 1, 3, len(COLUMNS) - 1])
@pytest.mark.parametrize("closed_later", [False, True])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_stray_quote_costs_one_row(place: int, closed_later: bool, end: str, tmp_path: Path) -> None:
    rows = [good(number) for number in range(50)]
    stray = cells(claim="S")
    stray[place] = '"' + stray[place]
    rows.insert(10, ",".join(stray))
    if closed_later:
        stray[place] = stray[place][1:] + '"'
        rows.insert(40, ",".join(stray))
    reading = both(write(tmp_path / "a.csv", HEADER, *rows, end=end))
    assert reading.refused == 1 + closed_later and reading.lines == 50
    assert {fault.row for fault in reading.faults} == {12, 42} if closed_later else {12}
    assert "S" not in {claim.claim for claim in reading.claims}


def test_a_quote_in_a_large_file_costs_one_row_and_rows_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omsnb.csv_blocks.BLOCK_BYTES", 4_000)
    rows = [good(number) for number in range(3_000)]
    rows[9] = rows[9].replace("B-1", '"B-1')
    rows[1_500] = rows[1_500].replace("B-1", 'B-1"')
    rows[2_000] += ","
    rows[2_500] = rows[2_500].replace("2026-03-02", "soon")
    rows[2_700] = ""
    reading = both(write(tmp_path / "a.csv", HEADER, *rows))
    assert (reading.rows, reading.refused) == (2_999, 4)
    assert [fault.row for fault in reading.faults] == [11, 1502, 2002, 2502]


@pytest.mark.parametrize("size", [200, 333, 1_000, 10**6])
def test_a_line_break_in_a_cell_never_invents_a_claim(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omsnb.csv_blocks.BLOCK_BYTES", size)
    rows = [good(number) for number in range(300)]
    inside = '"' + '","'.join(cells(claim="C-x\nC-y", patient="P")) + '"'
    trailing = '"' + '","'.join(cells(claim="trailing", patient="P-trailing\n")) + '"'
    rows[40:40] = [inside, trailing]
    reading = both(write(tmp_path / "a.csv", HEADER, *rows))
    names = {claim.claim for claim in reading.claims}
    assert names == {f"C-{number}" for number in range(300)} | {"trailing"}
    assert (reading.rows, reading.refused, reading.faults[0].row) == (302, 1, 42)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_quotes_in_order_are_no_fault(delimiter: str, tmp_path: Path) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=delimiter, lineterminator="\n")
    writer.writerows([COLUMNS, *(cells(claim=f'a "{number}"{delimiter.strip()}', patient='""') for number in range(20))])
    file = tmp_path / "a.csv"
    file.write_text(text.getvalue())
    assert quotes_in_order(text.getvalue().encode(), delimiter)
    reading = both(file)
    assert reading.lines == 20 and reading.claims[3].claim == f'a "3"{delimiter.strip()}'


@pytest.mark.parametrize(
    "bad", ["a,b", 'x"y' + "," * (len(COLUMNS) - 1), '"' * 7, '"a" ,b', good(1) + ",", '"a""', "é" + '"']
)
def test_rows_that_are_none_are_told_alike(bad: str, tmp_path: Path) -> None:
    reading = both(write(tmp_path / "a.csv", HEADER, good(1), bad, good(2), "", "   ", good(3)))
    assert (reading.rows, reading.refused, {fault.row for fault in reading.faults}) == (4, 1, {3})


def test_a_quote_that_closes_on_the_next_line_joins_only_a_whole_row(tmp_path: Path) -> None:
    reading = both(write(tmp_path / "a.csv", HEADER, good(1), '"x', 'y"', good(2)))
    assert (reading.lines, reading.refused) == (2, 2) and {fault.row for fault in reading.faults} == {3, 4}


def test_another_encoding_is_found_out_and_said(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    lines = [HEADER, good(1), good(2, patient="Müller"), good(3)]
    for encoding, shown in (("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")):
        file.write_bytes("\n".join(lines).encode(encoding))
        reading = both(file)
        assert reading.faults == () and reading.claims[1].patient == "Müller"
        assert f"the file is read as {shown}" in reading.notes


def test_a_row_in_another_encoding_than_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    lines = [HEADER, good(1, patient="Mü"), good(2), good(3)]
    file.write_bytes("\n".join(lines).encode() + b"\n" + good(4, patient="M\xfcller").encode("latin-1"))
    assert [str(fault) for fault in both(file).faults] == ["row 5: is not UTF-8; save the file as CSV in UTF-8"]


def test_unknown_columns_are_kept_and_said_once(tmp_path: Path) -> None:
    reading = both(write(tmp_path / "a.csv", HEADER + ",clinic note", *(good(number) + ",5" for number in range(3))))
    assert reading.lines == 3 and reading.faults == () and not reading.unread.something
    assert reading.notes == ("columns kept and not read: clinic note",)
    assert reading.claims[0].lines[0].extra == (("clinic note", "5"),)
    write_claims(tmp_path / "b.csv", reading.claims)
    assert read_claims(tmp_path / "b.csv").claims == reading.claims


def test_a_header_of_many_columns_is_answered_at_once(tmp_path: Path) -> None:
    file = write(tmp_path / "a.csv", ",".join(f"c{number}" for number in range(100_000)), "1")
    before = os.times().user
    assert "has 100000 columns" in str(both(file).faults[0])
    assert os.times().user - before < 3


def test_every_truncation_of_a_csv_file(tmp_path: Path) -> None:
    rows = [good(1), '"' + '","'.join(cells(claim="é\n2")) + '"', good(3)]
    content = "\n".join([HEADER, *rows]).encode()
    file = tmp_path / "a.csv"
    for length in range(0, len(content), 3):
        file.write_bytes(content[:length])
        both(file)


def test_a_row_is_read_alike_however_the_file_is_cut() -> None:
    lines = [good(number) for number in range(250)]
    lines[60:60] = ['"C-x', 'y"' + good(1)[3:], '"open', good(7)]
    expected = [row.number for row, _ in rows_of_lines(lines, 2, COLUMNS, ",")]
    for size in (101, 150, 64, 200):
        numbers, at = [], 0
        while at < len(lines):
            part = lines[at : at + size + 100]
            more = at + len(part) < len(lines)
            done = 0
            for row, done in rows_of_lines(part, 2 + at, COLUMNS, ",", more=more):  # noqa: B007
                numbers.append(row.number)
            at += done
        assert numbers == expected


def test_blocks_hold_whole_lines() -> None:
    content = b"a\r\nb\rc\n\r\nlast"
    for size in range(1, 20):
        blocks, found = Blocks(io.BytesIO(content), "x", size), []
        while block := blocks.take():
            assert block.endswith(b"\n") or not blocks.more
            found.append(block)
        assert b"".join(found) == b"a\nb\nc\n\nlast"


# --- what is no claim file at all


def workbook(*rows: list[Any], more: dict[str, list[list[Any]]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, own in (more or {}).items():
        sheet = book.create_sheet(name)
        for row in own:
            sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


BUNDLE = claims_to_bundle(claims_of({"code": "70486"}, {"code": "70355"}))
CLAIM = BUNDLE["entry"][0]["resource"]


def dumped(data: Any) -> bytes:
    return json.dumps(data).encode()


def other(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CLAIM), **changes}


def own_form(**changes: Any) -> dict[str, Any]:
    return {"format": "omsnb-claims", "claims": [{"claim": "C", "patient": "P", **changes}]}


NOTHING: dict[str, bytes] = {
    "empty.csv": b"",
    "header.csv": HEADER.encode(),
    "missing-column.csv": b"claim,patient\n1,2\n",
    "zeros.csv": b"claim\0,patient\n1,2\n",
    "all-refused.csv": "\n".join([HEADER, good(1, date="soon"), '"' + good(2)]).encode(),
    "empty.xlsx": b"",
    "text.xlsx": b"claim,patient",
    "cut.xlsx": workbook(COLUMNS, cells())[:-200],
    "no-rows.xlsx": workbook(COLUMNS),
    "no-cells.xlsx": workbook(),
    "empty.json": b"",
    "text.json": b"claim",
    "cut.json": dumped(BUNDLE)[:-20],
    "deep.json": b"[" * 100_000,
    "utf-16.json": json.dumps(BUNDLE).encode("utf-16")[3:],
    "number.json": b"1",
    "patient.json": b'{"resourceType": "Patient"}',
    "bundle.json": b'{"resourceType": "Bundle"}',
    "bundle-of-others.json": dumped({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}),
    "only-eob.json": dumped({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ExplanationOfBenefit"}}]}),
    "bundle-in-bundle.json": dumped({"resourceType": "Bundle", "entry": [{"resource": BUNDLE}]}),
    "entry-object.json": dumped({"resourceType": "Bundle", "entry": {"resource": CLAIM}}),
    "item-object.json": dumped(other(item=CLAIM["item"][0])),
    "no-item.json": dumped({name: value for name, value in CLAIM.items() if name != "item"}),
    "cancelled.json": dumped(other(status="cancelled")),
    "no-lines.json": dumped(own_form(lines=[])),
    "no-claims.json": b'{"format": "omsnb-claims", "claims": []}',
    "twice.json": b'{"format": "omsnb-claims", "claims": [], ' + dumped(own_form(lines=[{"date": "2026-03-02", "code": "70486", "units": 1}]))[27:],
}


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_read_is_bad_input_and_touches_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / name
    file.write_bytes(NOTHING[name])
    commands: list[list[object]] = [
        ["check", file], ["check", file, "--format", "json"], ["letter", file], ["letter", file, "-o", tmp_path / "out.txt"],
        *(["export", file, "--to", kind, "-o", tmp_path / f"out.{kind}"] for kind in ("csv", "xlsx", "json", "fhir", "html")),
    ]  # fmt: skip
    if file.suffix == ".csv":
        commands.append(["audit", file, "-o", tmp_path / "out.csv"])
    for command in commands:
        for kept in ("csv", "xlsx", "json", "fhir", "html", "txt"):
            (tmp_path / f"out.{kept}").write_text("kept")
        status, out, err = said(capsys, *command)
        assert (status, out) == (2, ""), command
        assert err.startswith(f"omsnb: file: '{name}' cannot be read: ") and err.count("\n") == 1, err
        assert " ok" not in err
        assert all(path.read_text() == "kept" for path in tmp_path.glob("out.*"))
        assert len(list(tmp_path.iterdir())) == 7


def test_what_is_no_file_of_lines_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for name in ("pipe.csv", "folder.csv"):
        for command in (["check", tmp_path / name], ["audit", tmp_path / name, "-o", tmp_path / "out.csv"]):
            status, out, err = said(capsys, *command)
            assert (status, out, err) == (2, "", f"omsnb: file: '{name}' is no regular file\n")


# --- rows that are refused


def test_refused_rows_make_every_summary_incomplete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "a.csv", HEADER, good(1), good(2, date="soon"), '"' + good(3), good(4, code="21085"))
    status, out, err = said(capsys, "check", file)
    assert status == 1 and out.splitlines()[-1].endswith("worst: incomplete")
    assert "4 rows in the file = 2 read + 2 refused" in out.splitlines()[-1]
    assert "REFUSED row 3, column date: 'soon'" in out and "REFUSED row 4: holds a quotation mark" in out
    status, out, err = said(capsys, "check", file, "--format", "json")
    data = json.loads(out)
    assert status == 1 and data["worst"] == "incomplete" and data["incomplete"]
    assert (data["rows"], data["lines"], data["refused"]) == (4, 2, 2)
    assert [(fault["row"], fault["column"]) for fault in data["faults"]] == [(3, "date"), (4, "")]
    for command in (["audit", file, "-o", tmp_path / "f.csv"], ["export", file, "--to", "json", "-o", tmp_path / "o.json"],
                    ["letter", file, "-o", tmp_path / "l.txt"]):  # fmt: skip
        status, out, err = said(capsys, *command)
        assert status == 1 and "4 rows in the file = 2 read + 2 refused" in out and "incomplete" in out, command
        assert "REFUSED row 3, column date" in out and "row 4: holds a quotation mark" in err
    status, out, err = said(capsys, "letter", file)
    assert status == 1 and "4 rows in the file = 2 read + 2 refused" in err and "incomplete" in err
    for command in (["audit", file, "-o", tmp_path / "f.csv"], ["export", file, "--to", "json", "-o", tmp_path / "o.json"]):
        _, out, _ = said(capsys, *command, "--format", "json")
        data = json.loads(out)
        assert (data["rows"], data["lines"], data["refused"], data["incomplete"]) == (4, 2, 2, True)


@pytest.mark.parametrize(
    ("refused", "status"),
    [
        ({"claim": "C-2", "patient": "P-1", "units": "none"}, "unknown"),
        ({"claim": "C-1", "patient": "P-2"}, "unknown"),
        ({"claim": "C-2", "patient": "P-2", "units": "none"}, "review"),
        ({"claim": "C-2", "patient": ""}, "unknown"),
        ({"claim": "C-2", "patient": "P-2"}, ""),
    ],
)
def test_no_finding_rests_on_a_refused_line(refused: dict[str, str], status: str, tmp_path: Path) -> None:
    planned = ",".join(cells(claim="C-1", patient="P-1", code="76377"))
    file = write(tmp_path / "a.csv", HEADER, planned, ",".join(cells(**refused)))
    reading = both(file)
    found = {finding.rule: finding for finding in check(reading.claims, unread=reading.unread).findings}
    base = found["rendering-base"]
    assert base.status == (status or "review") and ("cannot be told" in base.because) == (status == "unknown")
    assert reading.refused == bool(status)
    audit_file(file, tmp_path / "f.csv")
    with (tmp_path / "f.csv").open() as text:
        own = next(row for row in csv.DictReader(text) if row["rule"] == "rendering-base")
    assert (own["status"], own["because"]) == (base.status, base.because)


@pytest.mark.parametrize("spoil", ['"', "\x00", "x" * 300])
def test_a_refused_row_concerns_every_part_of_a_split_file(spoil: str, tmp_path: Path) -> None:
    rows = [good(number, code="76377") for number in range(200)]
    rows.insert(150, ",".join(cells(claim="C-x", patient=spoil + "P")))
    file = write(tmp_path / "a.csv", HEADER, *rows)
    for size in (10**9, 2_000):
        summary = audit_file(file, tmp_path / "f.csv", part_bytes=size)
        assert (summary.rows, summary.refused) == (201, 1)
        with (tmp_path / "f.csv").open() as text:
            statuses = [row["status"] for row in csv.DictReader(text) if row["rule"] == "rendering-base"]
        assert statuses == ["unknown"] * 200


# --- workbooks


def with_sheet(body: str, before: str = "") -> bytes:
    """A workbook whose sheet is written by hand."""
    source, out = zipfile.ZipFile(io.BytesIO(workbook(COLUMNS, cells()))), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith("sheet1.xml"):
                space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                content = f'<worksheet xmlns="{space}">{before}<sheetData>{body}</sheetData></worksheet>'.encode()
            packed.writestr(entry, content)
    return out.getvalue()


def sheet_row(texts: list[str], number: int = 0, more: str = "") -> str:
    inside = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    named = f' r="{number}"' if number else ""
    return f"<row{named}>{inside}{more}</row>"


def sheet_rows(count: int) -> str:
    lines = (sheet_row(cells(claim=f"C-{number}"), number + 1) for number in range(1, count + 1))
    return sheet_row(COLUMNS, 1) + "".join(lines)


@pytest.mark.parametrize("dimension", ["A1:W4", "A1:C11", "A1", "B2:C3", "A1:XFD1048576", "ZZ1:A1"])
def test_a_wrong_dimension_loses_nothing(dimension: str, tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(with_sheet(sheet_rows(10), f'<dimension ref="{dimension}"/>'))
    reading = whole(read_claims(file))
    assert reading.lines == 10 and not reading.faults
    assert reading.claims[0].lines[0].charge and reading.claims[9].payer == "medical"


@pytest.mark.parametrize(
    "numbers", [[5, 3, 2], [2, 2, 2], [2, 100_000, 1_048_576], [2, 30_000_000, 10**15], [0, 0, 0]]
)
def test_rows_of_a_sheet_may_have_any_number(numbers: list[int], tmp_path: Path) -> None:
    rows = [sheet_row(cells(claim=f"C-{place}"), number) for place, number in enumerate(numbers)]
    file = tmp_path / "a.xlsx"
    file.write_bytes(with_sheet(sheet_row(COLUMNS, 1) + "".join(rows)))
    assert whole(read_claims(file)).lines == 3


def test_a_second_sheet_is_said(tmp_path: Path) -> None:
    file = tmp_path / "a.xlsx"
    file.write_bytes(workbook(COLUMNS, cells(), more={"March": [COLUMNS, cells(claim="C-2")], "Empty": []}))
    reading = whole(read_claims(file))
    assert reading.lines == 1 and [fault.row for fault in reading.faults] == [0]
    assert "'March'" in reading.faults[0].message and "'Sheet'" in reading.faults[0].message and reading.unread.anyone


def test_formulas_errors_and_numbers_out_of_bounds_spoil_their_row(tmp_path: Path) -> None:
    odd = {
        "<c><f>A2</f></c>": "holds a formula without a value",
        '<c t="e"><v>#N/A</v></c>': "holds the error #N/A",
        f"<c><v>{'9' * 5_000}</v></c>": "holds a number or a date that cannot be read",
        '<c t="s"><v>999</v></c>': "holds a number or a date that cannot be read",
        '<c r="A9" t="inlineStr"><is><t>x</t></is></c><c r="A9" t="inlineStr"><is><t>y</t></is></c>': "stands twice",
    }
    body = sheet_row(COLUMNS, 1)
    for number, cell in enumerate(odd, start=2):
        rest = sheet_row(cells()[1:])[5:-6]
        body += f'<row r="{number}">{cell}{rest}</row>'
    body += sheet_row(cells(claim="C-9"), 9).replace(
        "<c", "<c t='str'><f>B1</f><v>told</v></c><c", 1
    ).replace(sheet_row(["C-9"])[5:-6], "")
    body += sheet_row(cells(claim="far"), 10, '<c r="XFD10" t="inlineStr"><is><t>z</t></is></c>')
    file = tmp_path / "a.xlsx"
    file.write_bytes(with_sheet(body))
    reading = whole(read_claims(file))
    assert [claim.claim for claim in reading.claims] == ["told"]
    assert (reading.rows, reading.refused) == (7, 6)
    assert all(words in fault.message for fault, words in zip(reading.faults, odd.values(), strict=False))
    assert {fault.column for fault in reading.faults[:5]} == {"claim"} and "13 cells" in reading.faults[5].message


def test_every_truncation_of_a_workbook(tmp_path: Path) -> None:
    content, file = workbook(COLUMNS, cells()), tmp_path / "a.xlsx"
    for length in range(0, len(content), 97):
        file.write_bytes(content[:length])
        assert read_claims(file).lines == 0


# --- JSON and FHIR


def nodes(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in entries:
        yield from nodes(value, (*path, step))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.copy(data)
    changed[path[0]] = replaced(data[path[0]], path[1:], value)
    return changed


SHAPES = (None, True, 0, -1, 1.5, 10**30, "", "text", [], [[]], [{}], ["x"], [1], {}, {"x": {}}, {"coding": [{}]})

RICH = claims_to_bundle(
    [
        *claims_of(
            {"code": "70486", "charge": "1.50", "modifiers": "26|59", "report": "yes", "rendering": "R", "minutes": "5",
             "made_by": "surgeon", "tooth": "19", "area": "10"},
            birth_date="1980-05-06", diagnoses="M26.69|M26.01", claim="C-rich", patient="P-rich",
        ),
        *claims_of({"code": "70355"}, claim="C-good", patient="P-good"),
    ]
)  # fmt: skip


def test_every_node_of_a_bundle_may_be_anything() -> None:
    tried = lost = 0
    paths = [path for path in nodes(RICH) if path[:2] != ("entry", 1) and path]
    for path in paths:
        for shape in SHAPES:
            data = replaced(RICH, path, copy.deepcopy(shape))
            try:
                reading = whole_rows(claims_from_fhir(data))
            except ValueError:
                assert path[0] in ("resourceType", "entry"), (path, shape)
                continue
            tried += 1
            names = {claim.claim for claim in reading.claims}
            assert path == ("entry",) or "C-good" in names, (path, shape, reading.faults)
            lost += "C-rich" not in names
            if "C-rich" not in names and path != ("entry",) and len(path) > 3:
                renamed = names - {"C-good"}
                assert renamed or reading.faults, (path, shape)
    assert tried > 1_000 and lost > 300


def whole_rows(reading: Reading) -> Reading:
    assert reading.rows == reading.lines + reading.refused
    assert not reading.refused or reading.faults
    return reading


def test_every_node_of_our_own_form_may_be_anything(tmp_path: Path) -> None:
    write_claims(tmp_path / "a.json", claims_of({"code": "70486"}, {"code": "70355"}))
    data = json.loads((tmp_path / "a.json").read_text())
    file = tmp_path / "b.json"
    for path in nodes(data):
        for shape in SHAPES:
            file.write_bytes(dumped(replaced(data, path, shape)))
            whole(read_claims(file))


def test_every_truncation_of_a_json_file(tmp_path: Path) -> None:
    content, file = dumped(BUNDLE), tmp_path / "a.json"
    for length in range(0, len(content), 7):
        file.write_bytes(content[:length])
        assert whole(read_claims(file)).lines == 0


def test_diagnoses_stand_in_the_order_of_their_sequence() -> None:
    claim = copy.deepcopy(RICH["entry"][0]["resource"])
    claim["diagnosis"] = [
        {"sequence": 20, "diagnosisCodeableConcept": {"coding": [{"system": system("diagnosis"), "code": "M26.69"}]}},
        {"sequence": 3, "diagnosisReference": {"reference": "#condition"}},
    ]
    claim["contained"].append(
        {"resourceType": "Condition", "id": "condition", "code": {"coding": [{"system": system("diagnosis"), "code": "K07.1"}]}}
    )
    claim["item"][0]["diagnosisSequence"] = [20]
    found = claims_from_fhir(claim).claims[0]
    assert found.diagnoses == ("K07.1", "M26.69") and found.lines[0].pointers == "B"
    claim["item"][0]["diagnosisSequence"] = [1]
    assert "diagnosisSequence 1 is no sequence" in str(claims_from_fhir(claim).faults[0])


def coded(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": name, "code": code} for name, code in pairs]}


SNOMED = "http://snomed.info/sct"
ITEM = CLAIM["item"][0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"productOrService": coded((SNOMED, "24725"))}, "no code of a code system that is read here"),
        ({"productOrService": coded((system("CPT"), "70486"), (system("CDT"), "D0330"))}, "more than one code"),
        ({"productOrService": {"text": "a CT"}}, "words but no code"),
        ({"modifier": [{"text": "26"}]}, "words but no code"),
        ({"net": {"value": 5, "currency": "EUR"}}, "allowed: USD"),
        ({"net": {"currency": "USD"}}, "holds no amount"),
        ({"net": {"value": "5.001"}}, "is not allowed"),
        ({"detail": [{"productOrService": coded((system("CPT"), "70355"))}]}, "detail names services, and so does the item"),
        ({"productOrService": coded((SNOMED, "24725")), "detail": [{"sequence": 1}]}, "no code of a code system"),
        ({"quantity": {}}, "quantity holds no number"),
        ({"quantity": {"value": True}}, "quantity holds no number"),
        ({"quantity": {"value": 1.5}}, "a whole number from 1 to 999"),
        ({"servicedPeriod": {"start": "2026-03-02", "end": "2026-03-04"}}, "more than one day"),
        ({"informationSequence": [7]}, "informationSequence 7 is no sequence"),
        ({"careTeamSequence": [7]}, "careTeamSequence 7 is no sequence"),
        ({"factor": "twice"}, "factor is no number"),
    ],
)  # fmt: skip
def test_what_an_item_cannot_say_here_refuses_it(change: dict[str, Any], words: str) -> None:
    reading = whole_rows(claims_from_fhir(other(item=[{**ITEM, **change}, CLAIM["item"][1]])))
    assert (reading.lines, reading.refused) == (1, 1) and any(words in str(fault) for fault in reading.faults)


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        ({"productOrService": coded((SNOMED, "24725"), (system("CPT"), "70486"))}, "code", "70486"),
        ({"quantity": None}, "units", 1),
        ({"net": {"value": "450.50"}}, "charge", "450.50"),
        ({"net": None, "unitPrice": {"value": 12.5}, "quantity": {"value": 3}}, "charge", "37.50"),
        ({"servicedDate": None, "servicedPeriod": {"start": "2026-03-04", "end": "2026-03-04"}}, "date", "2026-03-04"),
    ],
)
def test_what_an_item_says_in_another_way_is_read(change: dict[str, Any], name: str, value: object) -> None:
    item = {key: entry for key, entry in {**ITEM, **change}.items() if entry is not None}
    reading = claims_from_fhir(other(item=[item]))
    assert not reading.faults and str(getattr(reading.claims[0].lines[0], name)) == str(value)


@pytest.mark.parametrize(("told", "report"), [("yes", "yes"), ("no", "no"), ("no report", None), ("true", None)])
def test_a_flag_is_yes_no_or_refused(told: str, report: str | None) -> None:
    claim = copy.deepcopy(RICH["entry"][0]["resource"])
    for entry in claim["supportingInfo"]:
        if entry.pop("valueBoolean", None) is not None:
            entry["valueString"] = told
    reading = claims_from_fhir(claim)
    assert [line.report for entry in reading.claims for line in entry.lines] == ([report] if report else [])


@pytest.mark.parametrize(
    "change",
    [{"status": "cancelled"}, {"status": "entered-in-error"}, {"status": "draft"}, {"status": None}, {"use": "preauthorization"},
     {"use": "predetermination"}],
)  # fmt: skip
def test_only_active_claims_for_payment_count(change: dict[str, Any]) -> None:
    data = {"resourceType": "Bundle", "entry": [{"resource": other(**change)}, RICH["entry"][1]]}
    reading = whole_rows(claims_from_fhir(data))
    assert (reading.lines, reading.refused) == (1, 2)
    assert "is not counted; allowed: " in str(reading.faults[0]) and "C-1" in str(reading.faults[0])


def test_what_holds_lines_beside_a_claim_is_said() -> None:
    for kind in ("Parameters", "Bundle", "Invoice"):
        data = {"resourceType": "Bundle", "entry": [*BUNDLE["entry"], {"resource": {"resourceType": kind}}]}
        reading = claims_from_fhir(data)
        assert reading.lines == 2 and f"entry 2: {kind} is not read" in str(reading.faults[0]) and reading.unread.anyone


def test_a_patient_of_the_bundle_is_found() -> None:
    patient = {"resourceType": "Patient", "id": "7", "identifier": [{"value": "P-7"}], "birthDate": "1990-01-02"}
    data = {
        "resourceType": "Bundle",
        "entry": [{"resource": other(contained=[], patient={"reference": "Patient/7"})}, {"resource": patient}],
    }
    claim = claims_from_fhir(data).claims[0]
    assert (claim.patient, str(claim.birth_date)) == ("P-7", "1990-01-02")


# --- Parquet


def test_columns_of_lists_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = dict(zip(COLUMNS, cells(), strict=True))
    for value in ([row["code"]], {"a": row["code"]}, [[1]]):
        table = pa.table({name: [value if name == "code" else text] for name, text in row.items()})
        pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
        status, out, err = said(capsys, "audit", tmp_path / "a.parquet", "-o", tmp_path / "f.csv")
        assert (status, out) == (2, "") and "column code holds" in err and err.count("\n") == 1
        assert not (tmp_path / "f.csv").exists()


def test_every_truncation_of_a_parquet_file(tmp_path: Path) -> None:
    table = pa.table({name: [text] * 5 for name, text in zip(COLUMNS, cells(), strict=True)})
    pyarrow.parquet.write_table(table, tmp_path / "whole.parquet")
    content, file = (tmp_path / "whole.parquet").read_bytes(), tmp_path / "a.parquet"
    for length in range(0, len(content), 61):
        file.write_bytes(content[:length])
        assert audited(file) is None


# --- sizes

BIG: dict[str, Callable[[], bytes]] = {
    "far-row.xlsx": lambda: with_sheet(
        sheet_row(COLUMNS, 1) + sheet_row(cells(), 100_000), '<dimension ref="A1:XFD1048576"/>'
    ),
    "no-rows-without-end.xlsx": lambda: with_sheet(sheet_rows(1) + "<row/>" * 3_000_000),
    "cells-without-end.xlsx": lambda: with_sheet(sheet_rows(1) + "<row>" + "<c/>" * 3_000_000 + "</row>"),
    "cells-in-comments.xlsx": lambda: with_sheet(sheet_rows(1) + "<row>" + ("<c/>" * 99_999 + "<!--<row -->") * 20 + "</row>"),
    "a-long-text.xlsx": lambda: with_sheet(sheet_rows(1) + sheet_row(["x" * 60_000_000])),
    "far-cells.xlsx": lambda: with_sheet(sheet_rows(1) + sheet_row(cells(), 0, '<c r="XFD1"><v>1</v></c>') * 5_000),
    "empty-claims.json": lambda: b'{"format": "omsnb-claims", "claims": [' + b"{}," * 500_000 + b"{}]}",
    "empty-entries.json": lambda: b'{"resourceType": "Bundle", "entry": [' + b"{}," * 500_000 + b"{}]}",
    "faults.csv": lambda: (",".join(claim_fields()) + "\n" + (",".join("x" * len(claim_fields())) + "\n") * 4_000).encode(),
    "open-quotes.csv": lambda: (HEADER + "\n" + '"' + good(1) + "\n").encode() * 2_000,
    "quoted-lines.csv": lambda: (HEADER + '\n"a\n' + '""\n' * 90_000).encode(),
}
LIMITED = """
import resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from omsnb.claim_files import read_claims
from omsnb.edits import check
try:
    reading = read_claims(sys.argv[1])
    assert reading.rows == reading.lines + reading.refused
    check(reading.claims, unread=reading.unread)
    print(len(reading.faults), end=" ")
except ValueError as problem:
    print("ValueError", problem, end=" ")
status = Path("/proc/self/status")
print("peak", status.read_text().split("VmHWM:")[1].split()[0] if status.is_file() else 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", BIG)
def test_a_small_file_never_takes_much(name: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(BIG[name]())
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(file)], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout.split("peak ")[1]) * 1024 < MOST_MEMORY


@pytest.mark.slow
def test_reading_takes_little_memory_for_many_faults(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(BIG["faults.csv"]())
    tracemalloc.start()
    reading = read_claims(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (reading.rows, reading.refused, len(reading.faults)) == (4_000, 4_000, 5_000)
    assert peak < 20 * 2**20 and resource.RLIMIT_CPU is not None


def test_a_parquet_file_that_unfolds_without_end_is_refused(tmp_path: Path) -> None:
    table = pa.table({name: pa.repeat(text, 2_000_000) for name, text in zip(COLUMNS, cells(), strict=True)})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet", compression="zstd")
    with pytest.raises(ValueError, match="more than a table of claim lines can"):
        audit_file(tmp_path / "a.parquet", tmp_path / "f.csv")


def test_more_rows_than_are_read_at_once_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omsnb.claims.MOST_ROWS", 5)
    file = write(tmp_path / "a.csv", HEADER, *(good(number) for number in range(6)))
    with pytest.raises(ValueError, match=r"file: 'a\.csv' has more than 5 rows; use audit for longer ones"):
        read_claims(file)
