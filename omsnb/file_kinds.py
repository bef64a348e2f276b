"""What kind of file content is, found out from its first bytes, and a claim file taken out of an archive.

What a file holds goes before what its name says: exports are misnamed often. Standard library alone.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import PurePosixPath

from omsnb.table_rows import TEXTS, WORKBOOKS
from omsnb.x12_segments import looks_like_x12

FIRST_BYTES = 1024
"""Bytes of a file by which its kind is known."""

X12, JSON, WORKBOOK, TEXT, ZIP, GZIP = "x12", "json", "workbook", "text", "zip", "gzip"
JSONS = (".json", ".ndjson", ".jsonl")
PACKED = (".zip", ".gz")
SUFFIXES = (*TEXTS, *WORKBOOKS, *JSONS, *PACKED)
IN_A_WORKBOOK = "xl/workbook.xml"
SAID_MOST = 5
OTHERS = (
    (b"\xd0\xcf\x11\xe0", "is a workbook of an old kind; save it as .xlsx or CSV"),
    (b"%PDF", "is a PDF, whose lines cannot be read; export them as CSV or .xlsx"),
    (b"{\\rtf", "is a text document; export the lines as CSV or .xlsx"),
)
HEADLESS = re.compile(rb"(?:GS[^\w\s]H[CP][^\w\s]|ST[^\w\s]83[57][^\w\s])")
MARKUP = (
    (rb"<\?mso-|<html|<!doctype html|<table", "is a web page; open it in a spreadsheet and save it as .xlsx or CSV"),
    (rb"http://hl7\.org/fhir", "is FHIR in XML; save it as FHIR in JSON"),
    (rb"<", "is XML, which is not read; export the claim lines as CSV, .xlsx, JSON, FHIR or X12"),
)  # fmt: skip


class KindError(ValueError):
    """A file of a kind that is not read, and how to go on."""


class PackedError(ValueError):
    """An archive from which no single claim file can be taken, and why."""


def kind_of(start: bytes, suffix: str = "") -> str:
    """The kind of a file: ``X12``, ``JSON``, ``WORKBOOK``, ``TEXT``, ``ZIP`` or ``GZIP``.

    ``start``: its first bytes. ``suffix``: of its name, which settles what the bytes leave open. Raises ``KindError``
    with one sentence for what is known and not read.
    """
    begins = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    for mark, said in OTHERS:
        if start.startswith(mark):
            raise KindError(said)
    if start.startswith(b"PK\x03\x04"):
        return WORKBOOK if suffix in WORKBOOKS else ZIP
    if start.startswith(b"\x1f\x8b"):
        return GZIP
    if suffix in WORKBOOKS:
        return WORKBOOK
    if looks_like_x12(start):
        return X12
    if HEADLESS.match(begins):
        said = "which says what parts its segments; export the whole file"
        raise KindError(f"is X12 without its first segment (ISA), {said}")
    if begins.startswith((b"{", b"[")) or suffix in JSONS:
        return JSON
    if begins.startswith(b"<"):
        head = start.lower()
        raise KindError(next(said for mark, said in MARKUP if re.search(mark, head)))
    return TEXT


def unpacked(content: bytes, kind: str, most: int) -> tuple[bytes, str]:
    """The one claim file in an archive and its name; a workbook that is not named as one is itself.

    ``most``: how many bytes it may have. Raises ``PackedError`` with one sentence: none, several, too large, locked.
    """
    try:
        return _from_gzip(content, most) if kind == GZIP else _from_zip(content, most)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as problem:
        said = "is locked with a password" if "password" in str(problem) else "is a damaged archive"
        raise PackedError(f"{said}; unpack it and read the file within") from None


def _from_gzip(content: bytes, most: int) -> tuple[bytes, str]:
    reader = zlib.decompressobj(wbits=31)
    found = reader.decompress(content, most + 1)
    if len(found) > most:
        raise PackedError(f"holds more than {most} bytes; unpack it and use audit")
    if not reader.eof:
        raise EOFError
    if reader.unused_data:
        raise PackedError("holds more than one file; unpack it and read one of them")
    return found, ""


def _from_zip(content: bytes, most: int) -> tuple[bytes, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        if IN_A_WORKBOOK in names:
            return content, f"workbook{WORKBOOKS[0]}"
        files = [
            entry
            for entry in archive.infolist()
            if not entry.is_dir()
            and not any(part.startswith((".", "__MACOSX")) for part in entry.filename.split("/"))
        ]
        claims = [entry for entry in files if _may_hold_claims(archive, entry)]
        if len(claims) != 1:
            told = [ascii(entry.filename[-60:]) for entry in (claims or files)[:SAID_MOST]]
            more = ", …" if len(claims or files) > SAID_MOST else ""
            what = f"holds {len(claims)} files that may be claims" if claims else "holds no claim file"
            raise PackedError(
                f"{what} ({', '.join(told) or 'it is empty'}{more}); unpack it and read one of them"
            )
        if claims[0].file_size > most:
            raise PackedError(f"holds a file of {claims[0].file_size} bytes; unpack it and use audit")
        with archive.open(claims[0]) as held:
            found = held.read(most + 1)
        if len(found) > most:
            raise PackedError(f"holds more than {most} bytes; unpack it and use audit")
        return found, claims[0].filename


def _may_hold_claims(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    suffix = PurePosixPath(entry.filename).suffix.lower()
    if suffix in SUFFIXES:
        return True
    with archive.open(entry) as held:
        return looks_like_x12(held.read(FIRST_BYTES))
