"""Reads the files of ``data/``; an error is one sentence that names the file, the row and the column or key.

The header of a CSV file is row 1. A cell never holds a line break, so each row is read by itself, and a quotation mark
that nobody closed is told where it stands. What every file must keep to is checked here, once: UTF-8, quotation marks,
the columns, no row twice, keys that stand once, dates by the calendar, references that lead somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SPAN = re.compile(r"[0-9]{4}(-[0-9]{2})?")
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)')
"""One cell with the comma after it. A quotation mark stands around a whole cell, or twice within one."""

HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]"
)
"""Characters that nobody sees, and those that stand for bytes which are no UTF-8."""

KEY = re.compile(r'\s*((?:"[^"]+"|[\w-]+)(?:\s*\.\s*(?:"[^"]+"|[\w-]+))*)\s*=')
HEAD = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
T = TypeVar("T")


class DataError(ValueError):
    """A file of ``data/`` breaks its own rules."""


def _day(text: str) -> bool:
    """Whether a text is a day of the calendar, such as 2026-01-31."""
    try:
        return bool(DATE.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


class Line:
    """One line of a CSV file, which knows where it stands and checks its own cells."""

    def __init__(self, file: str, number: int, cells: Mapping[str, str]) -> None:
        self.file, self.number, self.cells = file, number, cells

    def error(self, column: str, message: str) -> DataError:
        return DataError(f"data/{self.file} row {self.number}, column {column}: {message}")

    def text(self, column: str) -> str:
        return self.cells[column]

    def wanted(self, column: str) -> str:
        if not self.cells[column]:
            raise self.error(column, "is empty, but a value is needed")
        return self.cells[column]

    def matching(self, column: str, pattern: re.Pattern[str], such_as: str) -> str:
        """A cell of a fixed form; ``such_as`` is an example of it."""
        if not pattern.fullmatch(self.cells[column]):
            raise self.error(
                column, f"{self.cells[column]!r} is not allowed; allowed is the form of {such_as}"
            )
        return self.cells[column]

    def items(self, column: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """The parts of a cell, joined by bars; each stands once and is one of ``known``."""
        if not self.cells[column]:
            return ()
        parts = tuple([part.strip() for part in self.cells[column].split("|")])
        if "" in parts:
            raise self.error(column, f"{self.cells[column]!r} holds a bar with nothing beside it")
        for at, part in enumerate(parts):
            if known is not None and part not in known:
                raise self.error(column, f"{part!r} is not known")
            if part in parts[:at]:
                raise self.error(column, f"{part!r} stands twice in the cell")
        return parts

    def one_of(self, column: str, *allowed: str) -> str:
        return self.listed(column, allowed)

    def listed(self, column: str, allowed: Collection[str]) -> str:
        """A cell that names one of many, such as a source or a code."""
        value = self.cells[column]
        if value not in allowed:
            listed = ", ".join(item or "(empty)" for item in allowed)
            raise self.error(column, f"{value!r} is not allowed; allowed: {listed}")
        return value

    def yes(self, column: str) -> bool:
        return self.one_of(column, "yes", "no") == "yes"

    def whole(self, column: str) -> int:
        if (
            not self.cells[column].isascii()
            or not self.cells[column].isdigit()
            or len(self.cells[column]) > 9
        ):
            raise self.error(column, f"{self.cells[column]!r} is not a whole number")
        return int(self.cells[column])

    def date(self, column: str) -> str:
        """A day of the calendar, or an empty cell."""
        value = self.cells[column]
        if value and not _day(value):
            raise self.error(column, f"{value!r} is not a date such as 2026-01-31")
        return value

    def day(self, column: str) -> str:
        """A day of the calendar; the cell is never empty."""
        self.wanted(column)
        return self.date(column)

    def lived(self) -> tuple[str, str]:
        """The first and last day of what the row says (``from`` and ``until``); empty is always."""
        first, last = self.date("from"), self.date("until")
        if first and last and last < first:
            raise self.error("until", f"{last} is earlier than the first day, {first}")
        return first, last

    def span(self, column: str) -> str:
        """A year, a month or a day of the calendar, or an empty cell."""
        value = self.cells[column]
        whole = f"{value}{'2026-01-01'[len(value) :]}" if SPAN.fullmatch(value) else value
        if value and not _day(whole):
            raise self.error(column, f"{value!r} is not a year, a month or a date, such as 2026-01-31")
        return value


@cache
def data_folder() -> Traversable:
    """The folder of the data: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent / "data"):
        if folder.is_dir():
            return folder
    from importlib.resources import files  # a package in an archive; the module is slow to load

    return files("omsnb") / "data"


_INSTEAD: dict[str, bytes] = {}


@contextmanager
def instead(file: str, content: bytes) -> Iterator[None]:
    """Has a file of ``data/`` read as if it held ``content``, so that a change can be checked before it is written.

    Loaders that keep what they read must be asked past their cache.
    """
    before = _INSTEAD.get(file)
    _INSTEAD[file] = content
    try:
        yield
    finally:
        if before is None:
            del _INSTEAD[file]
        else:
            _INSTEAD[file] = before


def read_text(file: str) -> str:
    """The text of a file of ``data/``; bytes that are no UTF-8 come back as lone surrogates, each for one byte.

    Raises ``DataError`` for a missing file, or one that cannot be read.
    """
    if file in _INSTEAD:
        return _INSTEAD[file].decode("utf-8", errors="surrogateescape")
    source = data_folder().joinpath(*file.split("/"))
    if not source.is_file():
        raise DataError(f"data/{file} is missing")
    try:
        return source.read_bytes().decode("utf-8", errors="surrogateescape")
    except OSError as problem:
        raise DataError(f"data/{file} cannot be read: {problem.strerror}") from None


def _rows(file: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with their numbers; the header comes first."""
    header: list[str] = []
    text = read_text(file)
    clean = HIDDEN.search(text.replace("\r\n", "").replace("\n", "")) is None
    for number, row in enumerate(text.removesuffix("\n").split("\n"), start=1):
        if clean and (plain := _plain(row)) is not None:  # nearly all rows; the rest are read cell by cell
            header = header or plain
            yield number, plain
            continue
        cells: list[str] = []
        try:
            for cell in _cells(row.removesuffix("\r")):
                cells.append(cell)
        except ValueError as problem:
            at = len(cells)
            column = header[at] if at < len(header) else str(at + 1)
            raise DataError(f"data/{file} row {number}, column {column}: {problem}") from None
        header = header or cells
        yield number, cells


def _plain(row: str) -> list[str] | None:
    """The cells of a row whose quotation marks stand around whole cells, or that has none; None for any other."""
    if '"' not in row:
        return [cell.strip() for cell in row.split(",")]
    parts = row.removesuffix("\r").split('"')
    last = len(parts) - 1
    if last % 2:
        return None
    cells: list[str] = []
    for at, part in enumerate(parts):
        if at % 2:
            cells.append(part.strip())
            continue
        if part and ((at and part[0] != ",") or (at < last and part[-1] != ",")):
            return None
        if not part and 0 < at < last:
            return None
        # the commas beside a quoted cell part it from its neighbors and stand for no empty cell
        between = part.split(",")
        cells += [cell.strip() for cell in between[1 if at else 0 : -1 if at < last else None]]
    return cells


def _cells(row: str) -> Iterator[str]:
    """The cells of one row; raises ``ValueError`` at the first that cannot be read."""
    place, more = 0, True
    while more:
        found = CELL.match(row, place)
        if not found:
            raise ValueError("a quotation mark is not closed, or stands where none may stand")
        cell = found[2] if found[1] is None else found[1].replace('""', '"')
        if hidden := HIDDEN.search(cell):
            raise ValueError(f"holds {_named(hidden[0])}")
        yield cell.strip()
        place, more = found.end(), found[0].endswith(",")


def _named(character: str) -> str:
    if "\udc80" <= character <= "\udcff":
        return "a byte that is not UTF-8"
    return f"the character U+{ord(character):04X}"


def read_lines(
    file: str,
    columns: Iterable[str] | None = None,
    key: Sequence[str] = (),
    unique: Iterable[str] = (),
    dated: Sequence[str] = (),
) -> list[Line]:
    """Reads one CSV file of ``data/``.

    ``columns``: the exact header wanted, or None where the header is checked by the caller. ``key``: columns that
    together stand once in the file; ``unique``: columns of which each stands once; ``dated``: columns with a first or
    last day that may follow the others, and are read as empty where they do not. No row may stand twice in any file.
    Raises ``DataError`` for a missing file, bytes that are no UTF-8, a quotation mark that does not close, a wrong
    header, a row with too few or too many cells, and for a row or a key that stands twice.
    """
    rows = _rows(file)
    _, header = next(rows)
    wanted = None if columns is None else list(columns)
    follows = [*dated] if wanted is not None and header == [*wanted, *dated] else []
    if wanted is not None and header != [*wanted, *follows]:
        wrong = [f"{name!r} is missing" for name in wanted if name not in header]
        wrong += [f"{name!r} is not known" for name in header if name not in wanted]
        told = f" ({'; '.join(wrong)})" if wrong else ""
        raise DataError(f"data/{file} row 1: the columns are {header}; they must be {wanted}{told}")
    for at, name in enumerate(header):
        if not name or name in header[:at]:
            raise DataError(
                f"data/{file} row 1, column {name or at + 1}: a column has no name, or stands twice"
            )
    lines = []
    for number, cells in rows:
        if len(cells) != len(header):
            raise DataError(f"data/{file} row {number}: {len(cells)} cells, but {len(header)} columns")
        named = dict(zip(header, cells, strict=True))
        lines.append(Line(file, number, named if follows or not dated else named | dict.fromkeys(dated, "")))
    for together in ((*key,), *((name,) for name in unique)):
        _once(lines, together, "")
    _once(lines, tuple(header), "the row ")
    return lines


def _once(lines: Sequence[Line], columns: tuple[str, ...], what: str) -> None:
    if not columns or len({tuple([line.cells[name] for name in columns]) for line in lines}) == len(lines):
        return
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        values = tuple(line.text(column) for column in columns)
        if values in seen:
            shown = what or f"{' with '.join(values)!r} "
            raise line.error(columns[0], f"{shown}stands twice, first in row {seen[values]}")
        seen[values] = line.number


def by_id(lines: Iterable[Line], column: str, make: Callable[[Line], T]) -> Mapping[str, T]:
    """Reads lines into records by the id in ``column``; an id that stands twice is refused."""
    records: dict[str, T] = {}
    for line in lines:
        key = line.wanted(column)
        if key in records:
            raise line.error(column, f"{key!r} stands twice")
        records[key] = make(line)
    return MappingProxyType(records)


class Block:
    """One table of a TOML file, which knows where it stands and checks its own values."""

    def __init__(
        self,
        file: str,
        rows: Mapping[tuple[str | int, ...], int],
        raw: Mapping[str, Any],
        path: tuple[str | int, ...],
    ) -> None:
        self.file, self.rows, self.raw, self.path = file, rows, raw, path

    def row(self, *keys: str | int) -> int:
        """The row where the table, or a key in it, stands."""
        path = (*self.path, *keys)
        while path and path not in self.rows:
            path = path[:-1]
        return self.rows.get(path, 1)

    def error(self, key: str, message: str) -> DataError:
        shown = ""
        for part in (*self.path, *filter(None, [key])):
            shown += f" {part + 1}" if isinstance(part, int) else f"{'.' if shown else ''}{part}"
        row = self.row(*filter(None, [key]))
        return DataError(f"{self.file} row {row}, key {shown or '(top)'}: {message}")

    def keys(self, wanted: Iterable[str], optional: Iterable[str] = ()) -> None:
        """Checks that the table holds all of ``wanted`` and no other key but those of ``optional``."""
        wanted, optional = list(wanted), list(optional)
        for key in self.raw:
            if key not in wanted and key not in optional:
                raise self.error(key, f"is not known; allowed: {', '.join((*wanted, *optional))}")
        for key in wanted:
            if key not in self.raw:
                raise self.error(key, "is missing")

    def _typed(self, key: str, kind: type[T], name: str) -> T:
        value = self.raw.get(key)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self._wrong(key, name)
        return value

    def _wrong(self, key: str, name: str) -> NoReturn:
        if key not in self.raw:
            raise self.error(key, "is missing")
        raise self.error(key, f"{self.raw[key]!r} is not allowed; allowed is {name}")

    def text(self, key: str, *, empty: bool = False) -> str:
        """A text; ``empty``: may it be empty?"""
        value = self._typed(key, str, "a text in quotation marks")
        if not value.strip() and not empty:
            raise self.error(key, "is empty, but a value is needed")
        return value

    def one_of(self, key: str, *allowed: str) -> str:
        value = self.text(key, empty=True)
        if value not in allowed:
            raise self.error(key, f"{value!r} is not allowed; allowed: {', '.join(allowed)}")
        return value

    def texts(self, key: str, known: Iterable[str] | None = None, of: str = "known") -> tuple[str, ...]:
        """A list of texts, each once; ``known``: what they may be, ``of``: where that stands."""
        values = self._typed(key, list, "a list of texts")
        if not all(isinstance(value, str) and value.strip() for value in values):
            self._wrong(key, "a list of texts")
        for at, value in enumerate(values):
            if known is not None and value not in known:
                raise self.error(
                    key, f"{value!r} is not in {of}" if of != "known" else f"{value!r} is not known"
                )
            if value in values[:at]:
                raise self.error(key, f"{value!r} stands twice")
        return tuple(values)

    def whole(self, key: str) -> int:
        return self._typed(key, int, "a whole number")

    def day(self, key: str) -> str:
        value = self.text(key)
        if not _day(value):
            raise self.error(key, f"{value!r} is not a date such as 2026-01-31")
        return value

    def table(self, key: str, *, missing: bool = False) -> Block:
        """A table within; ``missing``: an absent one is read as empty."""
        if missing and key not in self.raw:
            return Block(self.file, self.rows, {}, (*self.path, key))
        return Block(self.file, self.rows, self._typed(key, dict, "a table"), (*self.path, key))

    def tables(self, key: str, *, missing: bool = False) -> list[Block]:
        """A list of tables within; ``missing``: an absent one is read as empty."""
        if missing and key not in self.raw:
            return []
        values = self._typed(key, list, "a list of tables")
        if not all(isinstance(value, dict) for value in values):
            self._wrong(key, "a list of tables")
        return [Block(self.file, self.rows, value, (*self.path, key, at)) for at, value in enumerate(values)]


def read_toml(file: str) -> Block:
    """Reads one TOML file of ``data/``; raises ``DataError`` with row and column for what is no TOML in UTF-8."""
    return toml_block(read_text(file), f"data/{file}")


def toml_block(content: str, name: str) -> Block:
    """Reads TOML; ``name`` is what errors call the file, and bytes that are no UTF-8 stand as lone surrogates."""
    import tomllib  # only two in three answers need a file in TOML

    text = content.replace("\r\n", "\n")
    if found := HIDDEN.search(text.replace("\n", " ").replace("\t", " ")):
        before = text[: found.start()]
        row, column = before.count("\n") + 1, found.start() - before.rfind("\n")
        raise DataError(f"{name} row {row}, column {column}: holds {_named(found[0])}")
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        place = re.search(r" \(at line (\d+), column (\d+)\)$", str(problem))
        row, column = (int(place[1]), int(place[2])) if place else (text.count("\n") + 1, 1)
        said = str(problem).removesuffix(place[0] if place else " (at end of document)").splitlines()[0]
        raise DataError(f"{name} row {row}, column {column}: {said}") from None
    return Block(name, _toml_rows(text), raw, ())


def _toml_rows(text: str) -> dict[tuple[str | int, ...], int]:
    """The row of each table and key of a TOML text, by its path; tables of a list are counted from 0."""
    rows: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    here: tuple[str | int, ...] = ()
    inside = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        if head := HEAD.match(line):
            *before, last = [part.strip().strip('"') for part in head[2].split(".")]
            here = ()
            for part in before:
                here = (*here, part)
                here = (*here, counts[here] - 1) if here in counts else here
            here = (*here, last)
            if head[1] == "[[":
                counts[here] = counts.get(here, 0) + 1
                here = (*here, counts[here] - 1)
            rows[here] = number
        elif key := KEY.match(line):
            rows[(*here, *(part.strip().strip('"') for part in key[1].split(".")))] = number
            for mark in ('"""', "'''"):
                if line.count(mark) % 2:
                    inside = mark
    return rows
