"""Reads CMS's quarterly files as they come: unit limits, pairs, and the physician fee schedule.

Which columns a kind of file has, and what their cells may hold, stands in ``data/cms-layouts.csv``; how a release tells
its date stands in ``data/cms-dates.csv``. A file is text with commas or tabs, in UTF-8, UTF-16 or Latin-1, or a zip
with such a file in it. Title lines come before the header, and a header may take several lines.
"""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePosixPath

from omsnb.reading import read_lines
from omsnb.tables.code_tables import CODE

KINDS = {"limits": "unit limits", "pairs": "pairs", "fees": "the fee schedule"}
"""The kinds of files, and what each is called in a sentence."""

FIELDS = {
    "limits": ("code", "units", "mai", "rationale"),
    "pairs": ("first", "second", "from", "until", "indicator"),
    "fees": (
        "code", "modifier", "medicare_status", "component_split", "global_days", "bilateral", "work", "office",
        "office_priced", "facility", "facility_priced", "malpractice", "multiple_procedure", "assistant",
        "co_surgeon", "team", "factor",
    ),
}  # fmt: skip
FORMS = ("code", "whole", "text", "day", "end", "amount", "factor", "priced")
"""What a cell may hold where the layout lists no values: ``end`` is a day, or a star while the row lasts; ``priced`` is
NA where the service is not priced at that kind of place, and else empty."""

AMOUNT, FACTOR = re.compile(r"[0-9]{0,4}(\.[0-9]{1,2})?"), re.compile(r"[0-9]{1,3}\.[0-9]{1,4}")

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HEADER_WITHIN, HEADER_LINES = 40, 8
"""The header ends within so many rows, and is at most so many rows high."""

MOST_BYTES = 512 * 2**20
DAY = re.compile(r"[0-9]{8}")
BREAK = re.compile(r"\s+")
ENDLESS, NOT_PRICED = "*", "NA"


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a kind of file is called, and what its cells may hold.

    ``headers``: each name it goes by, without spaces and in small letters. ``values``: what each allowed text means
    here; empty where ``form`` says what is allowed.
    """

    field: str
    shown: str
    headers: tuple[str, ...]
    form: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a file: the line on which it begins, and its cells by the names of ``data/cms-layouts.csv``."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CmsFile:
    """A file whose header was found. ``effective``: the day from which it holds, empty where the file does not say."""

    name: str
    kind: str
    effective: str
    entries: Callable[[], Iterator[Entry]]


@cache
def layouts() -> Mapping[str, Sequence[Column]]:
    """The columns of each kind of file (``cms-layouts.csv``); raises ``DataError`` for a broken or missing row."""
    found: dict[str, list[Column]] = {kind: [] for kind in KINDS}
    lines = read_lines("cms-layouts.csv", ("kind", "field", "header", "form"), key=("kind", "field"))
    for line in lines:
        kind = line.one_of("kind", *KINDS)
        line.wanted("header")
        names = line.items("header")
        form = line.wanted("form")
        values: dict[str, str] = {}
        if "=" in form:
            for part in line.items("form"):
                text, equals, meaning = part.partition("=")
                if not equals or not text or not meaning:
                    raise line.error("form", f"{part!r} is not of the form text=meaning")
                values[text] = meaning
        else:
            line.one_of("form", *FORMS)
        field = line.one_of("field", *FIELDS[kind])
        found[kind].append(Column(field, names[0], tuple(map(_plain, names)), form, values))
    for kind, columns in found.items():
        missing = set(FIELDS[kind]) - {column.field for column in columns}
        if missing:
            raise lines[-1].error("field", f"no row gives {', '.join(sorted(missing))} of {kind}")
    return found


@dataclass(frozen=True, slots=True)
class _Dating:
    pattern: re.Pattern[str]
    years: int
    quarters: int

    def day(self, text: str) -> str:
        """The day that a text names, or an empty text. A date that is not in the calendar is none."""
        found = self.pattern.search(text)
        if not found:
            return ""
        parts = found.groupdict()
        month, day = int(parts.get("month") or 1), int(parts.get("day") or 1)
        if parts.get("name"):
            month = MONTHS.index(parts["name"][:3].title()) + 1
        elif parts.get("quarter"):
            month = 3 * (int(parts["quarter"]) + self.quarters) - 2
        try:
            return date(int(parts["year"]) + self.years, month, day).isoformat()
        except ValueError:
            return ""


@cache
def datings() -> Sequence[_Dating]:
    """How names and title lines tell the date (``cms-dates.csv``); each pattern must read its own example."""
    found = []
    lines = read_lines(
        "cms-dates.csv", ("pattern", "years", "quarters", "example", "day"), unique=("pattern",)
    )
    for line in lines:
        try:
            pattern = re.compile(line.wanted("pattern"), re.IGNORECASE)
        except re.error as problem:
            raise line.error(
                "pattern", f"{line.text('pattern')!r} is no regular expression: {problem.msg}"
            ) from None
        if "year" not in pattern.groupindex:
            raise line.error("pattern", "names no group 'year'")
        dating = _Dating(pattern, line.whole("years"), line.whole("quarters"))
        if dating.day(line.wanted("example")) != line.day("day"):
            raise line.error("day", f"the example {line.text('example')!r} is not read as {line.text('day')}")
        found.append(dating)
    return found


def read_cms(path: str | Path, member: str = "") -> CmsFile:
    """A file of CMS, its header found; its rows are read by ``entries()``, which may be called again.

    ``member``: the file to take out of a zip that holds several. Raises ``ValueError`` as ``tables_of`` does, and for a
    zip with several tables.
    """
    found = tables_of(path, member)
    if len(found) > 1:
        listed = ", ".join(repr(entry.name) for entry in found)
        raise ValueError(f"file: {Path(path).name!r} holds several tables; say --member and one of {listed}")
    return found[0]


def tables_of(path: str | Path, member: str = "") -> list[CmsFile]:
    """The tables of a file of CMS, one or, in a zip, several.

    ``member``: the file to take out of a zip. Raises ``ValueError`` with one sentence for a file
    that cannot be opened, is no text, or has the header of no kind; ``entries`` for a row that does not fit.
    """
    name = Path(path).name
    try:
        if Path(path).stat().st_size > MOST_BYTES:
            raise ValueError(f"file: {name!r} has more than {MOST_BYTES} bytes, so it is not read")
        content = Path(path).read_bytes()
    except OSError as problem:
        raise ValueError(f"file: {str(path)!r} cannot be read: {problem.strerror}") from None
    if content.startswith(b"PK"):
        return _of_zip(name, content, member)
    if member:
        raise ValueError(f"member: {member!r} is not allowed, for {name!r} is no zip")
    return [_of_text(name, (name,), content)]


def _of_zip(name: str, content: bytes, member: str) -> list[CmsFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = [
                part for part in packed.infolist()
                if not part.is_dir() and not part.filename.startswith("__MACOSX")
                and PurePosixPath(part.filename).suffix.lower() in (".csv", ".txt")
            ]  # fmt: skip
            if member:
                parts = [
                    part for part in parts if member in (part.filename, PurePosixPath(part.filename).name)
                ]
            if not parts:
                raise ValueError(f"file: {name!r} holds no {member or '.csv or .txt file'}")
            found: list[CmsFile] = []
            said = ""
            for part in parts:
                if part.file_size > MOST_BYTES:
                    raise ValueError(
                        f"file: {part.filename!r} in {name!r} has more than {MOST_BYTES} bytes, so it is not read"
                    )
                try:
                    found.append(_of_text(part.filename, (part.filename, name), packed.read(part)))
                except ValueError as problem:
                    said = said or str(problem)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        raise ValueError(f"file: {name!r} is a broken zip") from None
    except (RuntimeError, NotImplementedError):
        raise ValueError(
            f"file: {name!r} is locked by a password, or packed in a way that is not known"
        ) from None
    if not found:
        raise ValueError(said)
    return found


def _decoded(name: str, content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise ValueError(f"file: {name!r} is no text in UTF-16, although it begins so") from None
    if b"\0" in content:
        raise ValueError(f"file: {name!r} is no text; allowed are .csv, tab-separated .txt and a zip of one")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # every byte is a character there; CMS writes its titles so


def _of_text(name: str, names: Sequence[str], content: bytes) -> CmsFile:
    text = _decoded(name, content)
    for delimiter in ("\t", ","):
        head = _head(text, delimiter)
        for end in range(len(head)):
            for start in range(end, max(-1, end - HEADER_LINES), -1):
                if found := _header(head[start : end + 1]):
                    kind, places, width = found
                    titles = [cell for _, row in head[:start] for cell in row]
                    days = {
                        day for said in (*names, *titles) for dating in datings() if (day := dating.day(said))
                    }
                    if len(days) > 1:
                        raise ValueError(
                            f"file: {name!r} names several dates in its name and title lines: {', '.join(sorted(days))}"
                        )
                    table = _Table(name, text, delimiter, end + 1, kind, places, width)
                    return CmsFile(name, kind, "".join(days), table.entries)
    wanted = "; ".join(
        f"{KINDS[kind]}: {', '.join(column.shown for column in columns)}"
        for kind, columns in layouts().items()
    )
    raise ValueError(
        f"file: {name!r} has no header of a known kind in its first {HEADER_WITHIN} rows ({wanted})"
    )


def _head(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    head = []
    try:
        for row in _rows(text, delimiter):
            head.append(row)
            if len(head) == HEADER_WITHIN:
                break
    except csv.Error:
        pass  # a later row; it is told with its number when the rows are read
    return head


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line on which it begins, empty ones too."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        line = 1
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(before)


def _plain(text: str) -> str:
    return BREAK.sub("", text).lower()


def _header(rows: Sequence[tuple[int, list[str]]]) -> tuple[str, Mapping[str, int], int] | None:
    """The kind of the header that these rows make together, where each field stands, and how many columns there are."""
    width = len(rows[-1][1])
    names = [_plain("".join(row[at] for _, row in rows if at < len(row))) for at in range(width)]
    for kind, columns in layouts().items():
        places = {
            column.field: names.index(header)
            for column in columns for header in reversed(column.headers) if header in names
        }  # fmt: skip
        if len(places) == len(columns):
            return kind, places, width
    return None


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows below a header. ``skip``: how many rows come before them."""

    name: str
    text: str
    delimiter: str
    skip: int
    kind: str
    places: Mapping[str, int]
    width: int

    def entries(self) -> Iterator[Entry]:
        """Every row, each cell checked."""
        columns = [(self.places[column.field], column) for column in layouts()[self.kind]]
        row = 0
        count = 0
        try:
            for at, (row, cells) in enumerate(_rows(self.text, self.delimiter)):
                if at < self.skip or not any(cells):
                    continue
                if len(cells) < self.width or any(cells[self.width :]):
                    raise ValueError(
                        f"{self.name} row {row}, column {min(len(cells), self.width) + (len(cells) > self.width)}: "
                        f"the row has {len(cells)} cells, but there are {self.width} columns"
                    )
                count += 1
                yield Entry(
                    row, {column.field: self._value(row, column, cells[place]) for place, column in columns}
                )
        except csv.Error:
            raise ValueError(
                f"{self.name} row {row + 1}, column 1 or later: a quotation mark does not close or stands inside a cell"
            ) from None
        if not count:
            raise ValueError(
                f"{self.name} row {row}, column 1: the header is the last row; no row follows it"
            )

    def _value(self, row: int, column: Column, cell: str) -> str:
        text = cell.strip()
        where = f"{self.name} row {row}, column {column.shown!r}"
        if "\n" in cell or "\r" in cell:
            raise ValueError(f"{where}: a quotation mark does not close on its line")
        if column.values:
            if text in column.values:
                return column.values[text]
            raise ValueError(
                f"{where}: {text[:60]!r} is not allowed; allowed: {', '.join(dict.fromkeys(column.values))}"
            )
        if column.form == "text":
            return text
        if column.form == "code" and CODE.fullmatch(text):
            return text
        if column.form == "whole" and text.isascii() and text.isdigit() and len(text) < 7:
            return str(int(text))
        if column.form == "amount" and text and AMOUNT.fullmatch(text):
            return f"{Decimal(text):.2f}"
        if column.form == "factor" and FACTOR.fullmatch(text):
            return f"{Decimal(text):.4f}"
        if column.form == "priced" and text in ("", NOT_PRICED):
            return "no" if text else "yes"
        if column.form == "end" and text == ENDLESS:
            return ENDLESS
        if column.form in ("day", "end") and DAY.fullmatch(text):
            try:
                return date(int(text[:4]), int(text[4:6]), int(text[6:])).isoformat()
            except ValueError:
                pass
        allowed = {
            "code": "a code of five characters",
            "whole": "a whole number of up to six digits",
            "day": "a day such as 20260701",
            "end": "a day such as 20260701, or * while the row lasts",
            "amount": "units of value such as 7.35",
            "factor": "dollars a unit such as 33.4009",
            "priced": f"{NOT_PRICED} or an empty cell",
        }[column.form]
        raise ValueError(f"{where}: {text[:60]!r} is not allowed; allowed is {allowed}")
