"""Reads one file of ``data/`` line by line; an error names the file, the row (the header is row 1) and the column."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
T = TypeVar("T")


class DataError(ValueError):
    """A file of ``data/`` breaks its own rules."""


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

    def items(self, column: str, known: Iterable[str] | None = None) -> tuple[str, ...]:
        parts = tuple(part.strip() for part in self.cells[column].split("|") if part.strip())
        if known is not None:
            known = set(known)
            for part in parts:
                if part not in known:
                    raise self.error(column, f"{part!r} is not known")
        return parts

    def one_of(self, column: str, *allowed: str) -> str:
        value = self.cells[column]
        if value not in allowed:
            listed = ", ".join(item or "(empty)" for item in allowed)
            raise self.error(column, f"{value!r} is not allowed; allowed: {listed}")
        return value

    def yes(self, column: str) -> bool:
        return self.one_of(column, "yes", "no") == "yes"

    def whole(self, column: str) -> int:
        if not self.cells[column].isascii() or not self.cells[column].isdigit():
            raise self.error(column, f"{self.cells[column]!r} is not a whole number")
        return int(self.cells[column])

    def date(self, column: str) -> str:
        value = self.cells[column]
        if value and not DATE.fullmatch(value):
            raise self.error(column, f"{value!r} is not a date such as 2026-01-31")
        return value


@cache
def data_folder() -> Traversable:
    """The folder of the data: inside the installed package, or beside it in a checkout."""
    packaged = files("omsnb") / "data"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parent.parent / "data"


def read_lines(file: str, columns: Iterable[str] | None = None) -> list[Line]:
    """Reads one CSV file of ``data/``.

    ``columns``: the exact header wanted, or None where the header is checked by the caller.
    Raises ``DataError`` for a missing file, a wrong header or a row with too few or too many cells.
    """
    source = data_folder().joinpath(*file.split("/"))
    if not source.is_file():
        raise DataError(f"data/{file} is missing")
    reader = csv.reader(io.StringIO(source.read_text(encoding="utf-8"), newline=""), strict=True)
    header = next(reader, [])
    if columns is not None and header != list(columns):
        raise DataError(f"data/{file} row 1: the columns are {header}; they must be {list(columns)}")
    if len(set(header)) != len(header):
        raise DataError(f"data/{file} row 1: a column stands twice")
    lines = []
    for number, cells in enumerate(reader, start=2):
        if len(cells) != len(header):
            raise DataError(f"data/{file} row {number}: {len(cells)} cells, but {len(header)} columns")
        lines.append(
            Line(file, number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
        )
    return lines


def by_id(lines: Iterable[Line], column: str, make: Callable[[Line], T]) -> Mapping[str, T]:
    """Reads lines into records by the id in ``column``; an id that stands twice is refused."""
    records: dict[str, T] = {}
    for line in lines:
        key = line.wanted(column)
        if key in records:
            raise line.error(column, f"{key!r} stands twice")
        records[key] = make(line)
    return MappingProxyType(records)
