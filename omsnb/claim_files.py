"""Claim files: tables, JSON, FHIR and X12, read with every fault listed and written without leaving half a file.

What a file is stands in ``file_kinds``; how the rows of each kind are told apart in ``table_rows``, ``json_rows``,
``json_tables``, ``fhir_reading`` and ``x12_reading``. openpyxl is wanted for XLSX alone.
"""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import (
    MOST_FAULTS,
    MOST_ROWS,
    Claim,
    Fault,
    Reading,
    Row,
    TooLongError,
    Unread,
    gather,
    rows_of,
)
from omsnb.column_maps import ColumnMap
from omsnb.csv_rows import hidden
from omsnb.fhir import claims_to_bundle
from omsnb.fhir_reading import claims_from_fhir, is_read
from omsnb.file_kinds import (
    FIRST_BYTES,
    GZIP,
    JSON,
    SUFFIXES,
    TEXT,
    WORKBOOK,
    X12,
    ZIP,
    KindError,
    PackedError,
    kind_of,
    unpacked,
)
from omsnb.json_rows import JSON_FORMAT, claims_from_json, load_json
from omsnb.json_tables import lines_of_json, records_of
from omsnb.table_plan import plan_of
from omsnb.table_rows import TABLES, TEXTS, WORKBOOKS, Options, Table, TableError, open_table
from omsnb.workbook_rows import table_as_workbook
from omsnb.writing import write_whole
from omsnb.x12_reading import claims_from_x12
from omsnb.x12_segments import looks_like_x12

MOST_BYTES = 64 * 2**20
"""Bytes of a claim file that are read at once; the audit reads larger ones piece by piece."""


def read_claims(
    path: str | Path, *, mapping: ColumnMap | None = None, dates: str = "", sheet: str = ""
) -> Reading:
    """Reads a claim file by what it holds: a table in text or a workbook, JSON (FHIR, our own, or records), X12, or an
    archive with one of these.

    ``mapping``: which column of a table is which, where its names do not tell. ``dates``: ``mdy`` or ``dmy``, where
    dates of a table can be read both ways. ``sheet``: the sheet of a workbook. Raises ``ValueError`` for a file of a
    kind that is not read, and for one that is missing, no regular file, or too large to be read at once. All else that
    is wrong is listed as faults beside the good rows.
    """
    file = Path(path)
    if not file.exists():
        _known_suffix(file)
    content = _content(file)
    return _read_content(content, file.name, Options(mapping, dates, sheet))


def read_given(content: bytes, name: str = "", options: Options | None = None) -> Reading:
    """Reads what a reader pasted or dropped, as ``read_claims`` does; pasted text is a table, JSON or X12.

    ``name``: of the file, for sentences; empty for pasted text. ``options``: what the user says of a table. Raises
    ``ValueError`` for what is too long or of a kind that is not read, or, without openpyxl, for a workbook;
    all else that is wrong is listed as faults.
    """
    if Path(name).suffix.lower() in WORKBOOKS and not content.startswith(b"PK\x03\x04"):
        raise ValueError(f"file: {name!r} is no workbook; save it as .xlsx or CSV")
    if len(content) > MOST_BYTES:
        raise ValueError(f"file: {name!r} has {len(content)} bytes, but {MOST_BYTES} are the most")
    return _read_content(content, name or "the pasted lines", options or Options(), bool(name))


def table_given(content: bytes, name: str = "", options: Options | None = None) -> Table | None:
    """What a reader pasted or dropped as a table with its plan, for those who mend it; None where it is no table.

    Raises ``ValueError`` as ``read_given`` does, and for a workbook that cannot be read.
    """
    try:
        kind = kind_of(content[:FIRST_BYTES], Path(name).suffix.lower())
    except KindError as problem:
        raise ValueError(f"file: {name!r} {problem}") from None
    if kind not in (TEXT, WORKBOOK):
        return None
    return open_table(content, WORKBOOKS[0] if kind == WORKBOOK else TEXTS[0], options or Options())


def _known_suffix(file: Path) -> None:
    if file.suffix.lower() not in SUFFIXES:
        allowed = f"{', '.join(SUFFIXES)}, or an X12 file of any name, which begins with ISA"
        raise ValueError(f"file: {file.name!r} has no known suffix; allowed: {allowed}")


def _read_content(content: bytes, name: str, options: Options, named: bool = True) -> Reading:
    """Reads a file by what it holds. ``named``: it has a name of its own, so that plain text wants a known suffix."""
    suffix = Path(name).suffix.lower() if named else ""
    try:
        kind = kind_of(content[:FIRST_BYTES], suffix)
        notes: tuple[str, ...] = ()
        if kind in (ZIP, GZIP):
            content, held = unpacked(content, kind, MOST_BYTES)
            suffix = (
                Path(held).suffix.lower()
                if held
                else Path(name.removesuffix(Path(name).suffix)).suffix.lower()
            )
            kind = kind_of(content[:FIRST_BYTES], suffix)
            if kind in (ZIP, GZIP):
                raise PackedError("holds an archive within an archive; unpack it and read the file within")
            notes = (f"read from {held[-60:]!a} within the archive",) if held else ()
        reading = _read_kind(content, name, kind, suffix, options, named)
        return replace(reading, notes=(*notes, *reading.notes)) if notes else reading
    except TooLongError as problem:
        raise ValueError(f"file: {name!r} {problem}") from None
    except (UnreadableError, TableError) as problem:
        return _nothing([Fault(0, "", str(problem))])
    except (KindError, PackedError) as problem:
        raise ValueError(f"file: {name!r} {problem}") from None


def _read_kind(content: bytes, name: str, kind: str, suffix: str, options: Options, named: bool) -> Reading:
    if kind == X12:
        return _read_x12(content)
    if kind == JSON:
        return _read_json(content, options)
    if kind == WORKBOOK:
        return _read_table(open_table(content, WORKBOOKS[0], options))
    if not named or suffix in TEXTS:
        return _read_table(open_table(content, TEXTS[0], options))
    try:  # a name that says nothing: what it holds must say it
        table = open_table(content, TEXTS[0], options)
    except TableError:
        table = None
    if table is None or table.plan.faults:
        _known_suffix(Path(name))
    return _read_table(table or open_table(content, TEXTS[0], options))


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


def begins_as_text(file: Path) -> bool:
    """Whether a regular file may be a table in text, by its first bytes."""
    try:
        checked_size(file)
        with file.open("rb") as opened:
            return kind_of(opened.read(FIRST_BYTES), file.suffix.lower()) == TEXT
    except (OSError, KindError):
        return False


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


def _read_json(content: bytes, options: Options) -> Reading:
    wrong: list[tuple[int, str]] = []
    try:
        data = load_json(content)
    except TooLongError:
        raise
    except ValueError as problem:
        try:
            data, wrong = lines_of_json(content)
        except ValueError:
            raise UnreadableError(str(problem)) from None
    entries = data if isinstance(data, list) else [data]
    try:
        if any(is_read(entry) for entry in entries):
            bundle = {"resourceType": "Bundle", "entry": [{"resource": entry} for entry in entries]}
            reading = claims_from_fhir(bundle if isinstance(data, list) else data)
            return _with_faults(reading, wrong)
        if isinstance(data, dict) and data.get("format") == JSON_FORMAT:
            return claims_from_json(data)
        if (found := records_of(data)) is not None:
            return _read_records(*found, wrong, options)
        return claims_from_fhir(data) if "resourceType" in entries[0] else claims_from_json(data)
    except TooLongError:
        raise
    except (ValueError, IndexError, TypeError) as problem:
        raise UnreadableError(str(problem)) from None


def _with_faults(reading: Reading, wrong: list[tuple[int, str]]) -> Reading:
    """A reading with the lines of its file that are no JSON."""
    if not wrong:
        return reading
    faults = tuple(Fault(0, "", f"line {number} of the file {said}") for number, said in wrong[:MOST_FAULTS])
    unread = replace(reading.unread, something=True, anyone=True)
    return replace(reading, faults=(*reading.faults, *faults), unread=unread)


def _read_records(
    names: list[str], rows: list[Row], wrong: list[tuple[int, str]], options: Options
) -> Reading:
    """Records of JSON as a table; a line of the file that is no JSON is a row that is refused."""
    plan = plan_of(names, options.mapping, options.dates)
    plan.notes.insert(0, "the file is read as records of JSON, each a row")
    bad = [
        Row(len(rows) + at, {}, (("", f"line {number} of the file {said}"),))
        for at, (number, said) in enumerate(wrong, 1)
    ]
    if len(rows) + len(bad) > MOST_ROWS:
        raise TooLongError(f"has more than {MOST_ROWS} rows; use audit for longer ones")
    return _read_table(Table(plan, [*rows, *bad] if not plan.faults else []))


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
