"""Claim files: CSV, XLSX, JSON, FHIR and X12, read with every fault listed and written without leaving half a file.

How the rows of each kind of file are told apart stands in ``csv_rows``, ``workbook_rows``, ``json_rows``,
``fhir_reading`` and ``x12_reading``. openpyxl is wanted for XLSX alone.
"""

from __future__ import annotations

import csv
import io
import json
import stat
import warnings
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import (
    Claim,
    Fault,
    Reading,
    TooLongError,
    Unread,
    bars_reading,
    check_header,
    gather,
    rows_of,
)
from omsnb.csv_rows import encoding_fault, header_of, hidden, rows_of_lines
from omsnb.fhir import claims_to_bundle
from omsnb.fhir_reading import claims_from_fhir
from omsnb.json_rows import JSON_FORMAT, claims_from_json, load_json
from omsnb.workbook_rows import Workbook, WorkbookError, sheet_header, sheet_row, table_as_workbook
from omsnb.writing import write_whole
from omsnb.x12_reading import claims_from_x12
from omsnb.x12_segments import looks_like_x12

FIRST_BYTES = 1024
"""Bytes of a file by which X12 is known."""

MOST_BYTES = 64 * 2**20
"""Bytes of a claim file that are read at once; the audit reads larger ones piece by piece."""


def read_claims(path: str | Path) -> Reading:
    """Reads a claim file by its suffix: ``.csv``, ``.xlsx`` or ``.json`` (our own or FHIR); X12 by its first bytes.

    Raises ``ValueError`` for another suffix and for a file that is missing, no regular file, or too large to be read at
    once. All else that is wrong is listed as faults beside the good rows.
    """
    file = Path(path)
    readers = {".csv": _read_csv, ".xlsx": _read_xlsx, ".json": _read_json}
    try:
        x12 = begins_as_x12(file)
        if not x12 and file.suffix.lower() not in readers:
            allowed = f"{', '.join(readers)}, or an X12 file of any name, which begins with ISA"
            raise ValueError(f"file: {file.name!r} has no known suffix; allowed: {allowed}")
        size = checked_size(file)
        if size > MOST_BYTES:
            raise ValueError(
                f"file: {file.name!r} has {size} bytes, but {MOST_BYTES} are the most; use audit for larger ones"
            )
        content = file.read_bytes()
    except OSError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem.strerror}") from None
    try:
        return _read_x12(content) if x12 else readers[file.suffix.lower()](content)
    except TooLongError as problem:
        raise ValueError(f"file: {file.name!r} {problem}") from None
    except UnreadableError as problem:
        return Reading((), (Fault(0, "", str(problem)),), 0, unread=Unread(something=True, anyone=True))


def checked_size(file: Path) -> int:
    """The size of a regular file in bytes. Raises ``ValueError`` for a folder, a pipe or a device, ``OSError`` else."""
    status = file.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"file: {file.name!r} is no regular file")
    return status.st_size


def begins_as_x12(file: Path) -> bool:
    """Whether a regular file begins as X12 does, whatever its name. A file that cannot be opened does not."""
    try:
        checked_size(file)
        with file.open("rb") as opened:
            return looks_like_x12(opened.read(FIRST_BYTES))
    except (OSError, ValueError):
        return False


class UnreadableError(ValueError):
    """A file of which nothing can be read, and why."""


def _read_csv(content: bytes) -> Reading:
    fault = encoding_fault(content)
    if fault:
        return _header_faults([fault])
    # bytes that are no UTF-8 become characters that no cell may hold, so that they spoil their own row alone
    lines = (
        content.decode("utf-8-sig", errors="surrogateescape")
        .replace("\r\n", "\n")
        .replace("\r", "\n")
        .split("\n")
    )
    header, delimiter = header_of(lines[0])
    faults = check_header(header)
    if any(map(bars_reading, faults)):
        return _header_faults(faults)
    rows = (row for row, _ in rows_of_lines(lines[1:], 2, header, delimiter))
    return gather(rows, faults)


def _header_faults(faults: list[Fault]) -> Reading:
    return Reading((), tuple(faults), 0, unread=Unread(something=True, anyone=True))


def _read_xlsx(content: bytes) -> Reading:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that hold no claim lines
        try:
            with closing(Workbook(content)) as book:
                return _read_sheet(book)
        except WorkbookError as problem:
            raise UnreadableError(str(problem)) from None


def _read_sheet(book: Workbook) -> Reading:
    rows = book.rows()
    header = sheet_header(next(rows, None))
    faults = check_header(header)
    if any(map(bars_reading, faults)):
        return _header_faults(faults)
    faults += [
        Fault(
            0, "", f"sheet {name!a} holds something that is not read; only the first sheet is, {book.sheet!a}"
        )
        for name in book.others()
    ]
    return gather((sheet_row(row, header) for row in rows), faults)


def _read_json(content: bytes) -> Reading:
    try:
        data = load_json(content)
        return (
            claims_from_fhir(data)
            if isinstance(data, dict) and "resourceType" in data
            else claims_from_json(data)
        )
    except TooLongError:
        raise
    except ValueError as problem:
        raise UnreadableError(str(problem)) from None


def _read_x12(content: bytes) -> Reading:
    try:
        return claims_from_x12(content)
    except TooLongError:
        raise
    except ValueError as problem:
        raise UnreadableError(str(problem)) from None


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
