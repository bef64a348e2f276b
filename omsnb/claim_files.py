"""Claim files: CSV, XLSX, JSON and FHIR, read with every fault listed and written without leaving half a file.

The cells of a claim file never hold a line break. Each line of a CSV file is therefore read by itself, so that a quote
that nobody closed spoils one row and not the rest of the file. openpyxl is wanted for XLSX alone.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, Fault, Reading, check_header, read_rows, rows_of
from omsnb.fhir import claims_from_fhir, claims_to_bundle
from omsnb.writing import write_whole

MOST_BYTES = 64 * 2**20
"""Bytes of a claim file that are read at once; the audit reads larger ones piece by piece."""

FORMULA = re.compile(r"'*[=+\-@\t\r]")
HIDDEN = re.compile(r"'+[=+\-@\t\r]")
DELIMITERS = (",", ";", "\t")
JSON_FORMAT = "omsnb-claims"


def read_claims(path: str | Path) -> Reading:
    """Reads a claim file by its suffix: ``.csv``, ``.xlsx`` or ``.json`` (our own or FHIR).

    Raises ``ValueError`` for another suffix and for a file that is missing, or too large to be read at once. All else
    that is wrong is listed as faults beside the good rows.
    """
    file = Path(path)
    readers = {".csv": _read_csv, ".xlsx": _read_xlsx, ".json": _read_json}
    if file.suffix.lower() not in readers:
        raise ValueError(f"file: {file.name!r} has no known suffix; allowed: {', '.join(readers)}")
    try:
        size = file.stat().st_size
        if size > MOST_BYTES:
            raise ValueError(
                f"file: {file.name!r} has {size} bytes, but {MOST_BYTES} are the most; use audit for larger ones"
            )
        content = file.read_bytes()
    except OSError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem.strerror}") from None
    return readers[file.suffix.lower()](content)


def _nothing(message: str, row: int = 0, column: str = "") -> Reading:
    return Reading((), (Fault(row, column, message),), 0)


def _read_csv(content: bytes) -> Reading:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _nothing("is UTF-16; save it as CSV in UTF-8")
    # bytes that are no UTF-8 become characters that no cell may hold, so that they spoil their own cell alone
    lines = (
        content.decode("utf-8-sig", errors="surrogateescape")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .split("\n")
    )
    header, delimiter = _header(lines[0] if lines else "")
    faults = check_header(header)
    if any(fault.message in ("is missing", "stands twice") for fault in faults) or not header:
        return Reading((), tuple(faults), 0)

    def cells() -> Iterator[tuple[int, list[str]]]:
        for number, line in enumerate(lines[1:], start=2):
            if not line.strip():
                continue
            try:
                yield number, next(csv.reader([line], delimiter=delimiter, strict=True))
            except csv.Error:
                faults.append(Fault(number, "", "holds a quotation mark that does not close"))

    with _large_cells():
        return _read_table(header, cells(), faults)


@contextmanager
def _large_cells() -> Iterator[None]:
    """Lets the csv module read cells of any length; a cell that is too long is a fault of its own row."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _header(line: str) -> tuple[list[str], str]:
    """The names of the columns, and what separates them: the mark that gives the most known names."""
    known = claim_fields()
    best: tuple[int, list[str], str] = (-1, [], ",")
    for delimiter in DELIMITERS:
        names = [name.strip().strip('"').strip() for name in line[:100_000].split(delimiter)]
        found = sum(name in known for name in names)
        if found > best[0]:
            best = (found, names, delimiter)
    return best[1], best[2]


def _read_table(header: list[str], rows: Iterable[tuple[int, list[str]]], faults: list[Fault]) -> Reading:
    """Reads rows of cells; a row with too few or too many cells is a fault."""

    def whole() -> Iterator[tuple[int, Mapping[str, str]]]:
        for number, cells in rows:
            if len(cells) == len(header):
                yield number, {name: _shown(cell) for name, cell in zip(header, cells, strict=True)}
            else:
                faults.append(
                    Fault(number, "", f"has {len(cells)} cells, but there are {len(header)} columns")
                )

    reading = read_rows(whole())
    found = sorted((*faults, *reading.faults), key=lambda fault: fault.row)
    return Reading(reading.claims, tuple(found), reading.rows)


def _shown(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if HIDDEN.match(cell) else cell


def hidden(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def _read_xlsx(content: bytes) -> Reading:
    openpyxl = _openpyxl()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
        if size > 4 * MOST_BYTES:
            return _nothing(f"unpacks to {size} bytes, which is too much")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        rows = [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
        book.close()
    except Exception:  # a broken workbook can fail anywhere in the library
        return _nothing("cannot be read as a workbook (.xlsx)")
    header = [_cell(cell).strip() for cell in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    faults = check_header(header)
    if any(fault.message in ("is missing", "stands twice") for fault in faults) or not header:
        return Reading((), tuple(faults), 0)
    width = len(header)
    cells = (
        (
            number,
            [_cell(cell) for cell in row[:width]]
            + [""] * (width - len(row))
            + [_cell(c) for c in row[width:] if c],
        )
        for number, row in enumerate(rows[1:], start=2)
        if any(cell is not None and cell != "" for cell in row)
    )
    return _read_table(header, cells, faults)


def _openpyxl() -> Any:
    try:
        import openpyxl
    except ImportError:
        raise ValueError("file: a workbook needs openpyxl; install it, or save the sheet as CSV") from None
    return openpyxl


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _read_json(content: bytes) -> Reading:
    try:
        data = json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError) as problem:
        line = getattr(problem, "lineno", 0)
        return _nothing("is no JSON" + (f": line {line} cannot be read" if line else ""))
    if isinstance(data, dict) and "resourceType" in data:
        try:
            return claims_from_fhir(data)
        except ValueError as problem:
            return _nothing(str(problem))
    if (
        not isinstance(data, dict)
        or data.get("format") != JSON_FORMAT
        or not isinstance(data.get("claims"), list)
    ):
        return _nothing(f'is neither FHIR nor {{"format": "{JSON_FORMAT}", "claims": [ … ]}}')
    faults: list[Fault] = []
    return _read_lines(data["claims"], faults)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _read_lines(claims: list[Any], faults: list[Fault]) -> Reading:
    own = claim_fields()

    def rows() -> Iterator[tuple[int, Mapping[str, str]]]:
        number = 0
        for claim in claims:
            lines = claim.get("lines") if isinstance(claim, dict) else None
            if not isinstance(lines, list):
                faults.append(Fault(number + 1, "", "is no claim with a list of lines"))
                continue
            head = {name: value for name, value in claim.items() if name != "lines"}
            for line in lines:
                number += 1
                if not isinstance(line, dict):
                    faults.append(Fault(number, "", "is no line"))
                    continue
                for part, of in ((head, "claim"), (line, "line")):
                    for name in part:
                        if name not in own or own[name].of != of:
                            faults.append(Fault(number, str(name)[:40], f"does not belong to a {of}"))
                yield number, {name: _text(value) for name, value in {**head, **line}.items() if name in own}

    reading = read_rows(rows())
    found = sorted((*faults, *reading.faults), key=lambda fault: fault.row)
    return Reading(reading.claims, tuple(found), reading.rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "|".join(str(part) for part in value)
    return str(value)


def write_claims(
    path: str | Path, claims: Iterable[Claim], kind: str = "", reads: Iterable[str | Path] = ()
) -> None:
    """Writes a claim file: ``csv``, ``xlsx``, ``json`` or ``fhir``; by default what the suffix says.

    ``reads``: files that are not written over. The file appears whole or not at all. Raises ``ValueError`` for another
    kind or a place that cannot be written.
    """
    writers: dict[str, Callable[[Iterable[Claim]], bytes]] = {
        "csv": csv_bytes,
        "xlsx": _xlsx_bytes,
        "json": _json_bytes,
        "fhir": lambda given: _dumped(claims_to_bundle(given)),
    }
    chosen = kind or Path(path).suffix.lower().removeprefix(".")
    if chosen not in writers:
        raise ValueError(f"kind: {chosen!r} is not allowed; allowed: {', '.join(writers)}")
    write_whole(path, writers[chosen](claims), reads)


def csv_bytes(claims: Iterable[Claim]) -> bytes:
    """Claims as CSV in UTF-8, one line a row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(claim_fields())
    for row in rows_of(claims):
        writer.writerow([hidden(cell) for cell in row.values()])
    return text.getvalue().encode()


def _xlsx_bytes(claims: Iterable[Claim]) -> bytes:
    return table_as_workbook([list(claim_fields()), *(list(row.values()) for row in rows_of(claims))])


def table_as_workbook(rows: Iterable[list[str]]) -> bytes:
    """Rows of text as a workbook with one sheet."""
    book = _openpyxl().Workbook(write_only=True)
    sheet = book.create_sheet("claim lines")
    for row in rows:
        sheet.append([hidden(cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _json_bytes(claims: Iterable[Claim]) -> bytes:
    own = claim_fields()
    listed: list[dict[str, Any]] = []
    for claim in claims:
        rows = list(rows_of([claim]))
        lines = [
            {name: cell for name, cell in row.items() if cell and own[name].of == "line"} for row in rows
        ]
        head = (
            {name: cell for name, cell in rows[0].items() if cell and own[name].of == "claim"} if rows else {}
        )
        listed.append({**head, "lines": lines})
    return _dumped({"format": JSON_FORMAT, "claims": listed})


def _dumped(data: Any) -> bytes:
    return (json.dumps(data, indent=2, ensure_ascii=False) + "\n").encode()


def template_bytes(kind: str) -> bytes:
    """An empty claim file with one example row: ``csv`` or ``xlsx``."""
    rows = [list(claim_fields()), [entry.example for entry in claim_fields().values()]]
    if kind == "xlsx":
        return table_as_workbook(rows)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
