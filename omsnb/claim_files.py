"""Claim files: tables, JSON, FHIR and X12, read with every fault listed and written without leaving half a file.

How the rows of each kind of file are told apart stands in ``table_rows``, ``json_rows``, ``fhir_reading`` and
``x12_reading``. openpyxl is wanted for XLSX alone.
"""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, Fault, Reading, TooLongError, Unread, gather, rows_of
from omsnb.column_maps import ColumnMap
from omsnb.csv_rows import hidden
from omsnb.fhir import claims_to_bundle
from omsnb.fhir_reading import claims_from_fhir
from omsnb.json_rows import JSON_FORMAT, claims_from_json, load_json
from omsnb.table_rows import TABLES, WORKBOOKS, Options, Table, TableError, open_table
from omsnb.workbook_rows import table_as_workbook
from omsnb.writing import write_whole
from omsnb.x12_reading import claims_from_x12
from omsnb.x12_segments import looks_like_x12

FIRST_BYTES = 1024
"""Bytes of a file by which X12 is known."""

MOST_BYTES = 64 * 2**20
"""Bytes of a claim file that are read at once; the audit reads larger ones piece by piece."""


SUFFIXES = (*TABLES, ".json")


def read_claims(
    path: str | Path, *, mapping: ColumnMap | None = None, dates: str = "", sheet: str = ""
) -> Reading:
    """Reads a claim file by its suffix: a table (of ``TABLES``) or ``.json`` (our own or FHIR).

    ``mapping``: which column of a table is which, where its names do not tell. ``dates``: ``mdy`` or ``dmy``, where
    dates of a table can be read both ways. ``sheet``: the sheet of a workbook. Raises ``ValueError`` for another suffix
    and for a file that is missing, no regular file, or too large to be read at once. All else that is wrong is listed
    as faults beside the good rows.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    try:
        x12 = begins_as_x12(file)
    except OSError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem.strerror}") from None
    if not x12 and suffix not in SUFFIXES:
        allowed = f"{', '.join(SUFFIXES)}, or an X12 file of any name, which begins with ISA"
        raise ValueError(f"file: {file.name!r} has no known suffix; allowed: {allowed}")
    return _read_content(_content(file), file.name, x12, suffix, Options(mapping, dates, sheet))


def read_given(content: bytes, name: str = "") -> Reading:
    """Reads what a reader pasted or dropped: X12 and JSON (our own or FHIR) by how they begin, a workbook by its suffix
    or its first bytes, all else as a table in text.

    ``name``: of the file, for sentences; empty for pasted text. Raises ``ValueError`` for what is too long or, where
    openpyxl is not at hand, for a workbook; all else that is wrong is listed as faults.
    """
    suffix = Path(name).suffix.lower()
    begins = content[:FIRST_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(b"PK\x03\x04"):
        suffix = suffix if suffix in WORKBOOKS else WORKBOOKS[0]
    elif suffix in WORKBOOKS:
        raise ValueError(f"file: {name!r} is no workbook; save it as .xlsx or CSV")
    elif begins.startswith((b"{", b"[")):
        suffix = ".json"
    else:
        suffix = TABLES[0]
    if len(content) > MOST_BYTES:
        raise ValueError(f"file: {name!r} has {len(content)} bytes, but {MOST_BYTES} are the most")
    return _read_content(content, name or "the pasted lines", looks_like_x12(begins), suffix, Options())


def _read_content(content: bytes, name: str, x12: bool, suffix: str, options: Options) -> Reading:
    try:
        if x12:
            return _read_x12(content)
        if suffix == ".json":
            return _read_json(content)
        return _read_table(open_table(content, suffix, options))
    except TooLongError as problem:
        raise ValueError(f"file: {name!r} {problem}") from None
    except (UnreadableError, TableError) as problem:
        return _nothing([Fault(0, "", str(problem))])


def read_table(
    path: str | Path, *, mapping: ColumnMap | None = None, dates: str = "", sheet: str = ""
) -> Table:
    """A table with the plan by which its rows are read, for those who show or mend it; see ``read_claims``.

    Raises ``ValueError`` for a file that is no table.
    """
    file = Path(path)
    if file.suffix.lower() not in TABLES:
        raise ValueError(f"file: {file.name!r} is no table; allowed: {', '.join(TABLES)}")
    try:
        return open_table(_content(file), file.suffix.lower(), Options(mapping, dates, sheet))
    except TableError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem}") from None


def _content(file: Path) -> bytes:
    try:
        size = checked_size(file)
        if size > MOST_BYTES:
            raise ValueError(
                f"file: {file.name!r} has {size} bytes, but {MOST_BYTES} are the most; use audit for larger ones"
            )
        return file.read_bytes()
    except OSError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem.strerror}") from None


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


def _read_table(table: Table) -> Reading:
    if table.plan.faults:
        return _nothing([*table.plan.faults, *table.plan.asked])
    rows = (line for row in table.rows() for line in table.plan.rows(row))
    return gather(rows, table.faults(), table.told)


def _nothing(faults: list[Fault]) -> Reading:
    return Reading((), tuple(faults), 0, unread=Unread(something=True, anyone=True))


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
    chosen = kind or Path(path).suffix.lower().removeprefix(".")
    write_whole(path, claim_bytes(claims, chosen), reads)


def claim_bytes(claims: Iterable[Claim], kind: str) -> bytes:
    """The content of a claim file. ``kind``: ``csv``, ``xlsx``, ``json`` or ``fhir``; ``ValueError`` for another."""
    writers: dict[str, Callable[[Iterable[Claim]], bytes]] = {
        "csv": csv_bytes,
        "xlsx": _xlsx_bytes,
        "json": _json_bytes,
        "fhir": lambda given: _dumped(claims_to_bundle(given)),
    }
    if kind not in writers:
        raise ValueError(f"kind: {kind!r} is not allowed; allowed: {', '.join(writers)}")
    return writers[kind](claims)


def csv_bytes(claims: Iterable[Claim]) -> bytes:
    """Claims as CSV in UTF-8, one line a row."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    header, *rows = _table_of(claims)
    writer.writerow(header)
    writer.writerows([hidden(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _xlsx_bytes(claims: Iterable[Claim]) -> bytes:
    return table_as_workbook(_table_of(claims))


def _table_of(claims: Iterable[Claim]) -> list[list[str]]:
    """Claims as a header and rows; columns that were kept unread stand behind ours."""
    listed = list(claims)
    kept = dict.fromkeys(name for claim in listed for line in claim.lines for name, _ in line.extra)
    shown = {name: f"{name} (kept)" if name in claim_fields() else name for name in kept}
    extras = [dict(line.extra) for claim in listed for line in claim.lines]
    rows = [
        [*row.values(), *(extra.get(name, "") for name in kept)]
        for row, extra in zip(rows_of(listed), extras, strict=True)
    ]
    return [[*claim_fields(), *map(hidden, shown.values())], *rows]


def _json_bytes(claims: Iterable[Claim]) -> bytes:
    own = claim_fields()
    listed: list[dict[str, Any]] = []
    for claim in claims:
        rows = list(rows_of([claim]))
        lines = [
            {
                name: cell for name, cell in row.items()
                if cell and (own[name].of == "line" or own[name].of == "both" and cell != claim.place)
            }
            for row in rows
        ]  # fmt: skip
        head = (
            {
                **{name: cell for name, cell in rows[0].items() if cell and own[name].of == "claim"},
                **({"place": claim.place} if claim.place else {}),
            }
            if rows
            else {}
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
