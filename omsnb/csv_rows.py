"""The rows of a CSV file: one stray quotation mark spoils one row and never its neighbors. Standard library alone.

A cell may hold a line break inside quotation marks, as CSV allows; such a row is read as one. A quotation mark that
nobody closes, or that stands inside a cell without marks around it, is a fault of its line: the lines below are rows of
their own.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from omsnb.claims import Row
from omsnb.column_maps import ColumnMap
from omsnb.table_plan import HEADER_WITHIN, header_place

FORMULA = re.compile(r"'*[=+\-@\t\r]")
HIDDEN = re.compile(r"'+[=+\-@\t\r]")
DELIMITERS = (",", ";", "\t", "|")
MOST_BREAKS = 100
"""Line breaks inside one row; a row that holds more is not put together."""

NOT_UTF_8 = "is not UTF-8; save the file as CSV in UTF-8"
PARTED_BY = {";": "semicolons", "\t": "tabs", "|": "bars"}


def shown(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if HIDDEN.match(cell) else cell


def hidden(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def header_of(lines: Sequence[str], made: ColumnMap | None = None) -> tuple[list[str], str, int, int]:
    """The names of the columns, what separates them, the line of the header (the first is 0), and how many it takes.

    ``lines``: the first lines of the file. The mark and the line are those that give the most known names.
    """
    best: tuple[tuple[int, int], tuple[list[str], str, int, int]] = ((-1, 0), ([], ",", 0, 1))
    for delimiter in DELIMITERS:
        rows = _first_rows(lines, delimiter)
        place, fits = header_place([cells for cells, _, _ in rows], made)
        if rows and (fits, len(rows[place][0])) > best[0]:
            cells, at, taken = rows[place]
            best = (fits, len(cells)), ([cell.strip() for cell in cells], delimiter, at, taken)
    return best[1]


def _first_rows(lines: Sequence[str], delimiter: str) -> list[tuple[list[str], int, int]]:
    """The first rows that are not empty, each with its line and how many lines it takes; quotes may be out of order."""
    found: list[tuple[list[str], int, int]] = []
    at = 0
    with _large_cells():
        while at < len(lines) and len(found) < HEADER_WITHIN:
            if not lines[at].strip():
                at += 1
                continue
            cells, is_open = _cells(lines[at], delimiter)
            taken = 1
            joined = lines[at]
            for line in lines[at + 1 : at + HEADER_WITHIN] if is_open else ():
                joined, taken = f"{joined}\n{line}", taken + 1
                cells, is_open = _cells(joined, delimiter)
                if not is_open:
                    break
            if cells is None:
                cells, taken = [cell.strip().strip('"') for cell in lines[at].split(delimiter)], 1
            found.append((cells, at, taken))
            at += taken
    return found or [([""], 0, 1)]


def rows_of_lines(
    lines: Sequence[str],
    first: int,
    header: Sequence[str],
    delimiter: str,
    *,
    more: bool = False,
    plain: bool = False,
) -> Iterator[tuple[Row, int]]:
    """The rows in lines of CSV, each with the number of lines that are done with it.

    ``lines``: without line ends; bytes that are no UTF-8 as surrogates. ``first``: number of the first line in its
    file. ``more``: other lines follow these, so that the last ones are left to be read with them. ``plain``: cells keep
    an apostrophe before a formula.
    """
    at = 0
    stop = len(lines) - MOST_BREAKS if more else len(lines)
    with _large_cells():
        while at < stop:
            line = lines[at]
            if not line.strip():
                at += 1
                continue
            row, taken = _row(lines, at, first + at, header, delimiter, plain)
            at += taken
            yield row, at


def _row(
    lines: Sequence[str], at: int, number: int, header: Sequence[str], delimiter: str, plain: bool
) -> tuple[Row, int]:
    """The row that begins at a line, and of how many lines it is made."""
    cells, is_open = _cells(lines[at], delimiter)
    taken = 1
    if is_open:
        joined = lines[at]
        for line in lines[at + 1 : at + 1 + MOST_BREAKS]:
            alone, _ = _cells(line, delimiter)
            if alone is not None and len(alone) == len(header):
                break
            joined, taken = f"{joined}\n{line}", taken + 1
            cells, is_open = _cells(joined, delimiter)
            if not is_open:
                break
        if cells is None or len(cells) != len(header):
            cells, taken = None, 1
    if any("\udc80" <= mark <= "\udcff" for mark in "".join(lines[at : at + taken])):
        return Row(number, {}, (("", NOT_UTF_8),)), taken
    if cells is None:
        return Row(
            number, {}, (("", "holds a quotation mark that does not close or stands inside a cell"),)
        ), taken
    return row_of(number, header, cells, plain), taken


def row_of(number: int, header: Sequence[str], cells: Sequence[str], plain: bool = False) -> Row:
    """A row of cells; too few or too many of them are a fault. ``plain``: see ``rows_of_lines``."""
    if len(cells) != len(header):
        said = f"has {len(cells)} cells, but there are {len(header)} columns"
        return Row(number, {}, (("", said),))
    named = zip(header, cells, strict=True)
    return Row(number, dict(named) if plain else {name: shown(cell) for name, cell in named})


@cache
def _grammar(delimiter: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A row whose quotation marks are in order, and one whose last cell is still open."""
    mark = re.escape(delimiter)
    opened = r'"[^"]*+(?:""[^"]*+)*+'
    cell = rf'(?:{opened}"|[^"{mark}]*+)'
    return re.compile(rf"{cell}(?:{mark}{cell})*+"), re.compile(rf"(?:{cell}{mark})*+{opened}")


def _cells(text: str, delimiter: str) -> tuple[list[str] | None, bool]:
    """The cells of a row (None: its quotation marks are not in order), and whether its last cell is still open."""
    if '"' not in text:
        return text.split(delimiter), False
    whole, opened = _grammar(delimiter)
    if whole.fullmatch(text):
        return next(csv.reader([text], delimiter=delimiter, strict=True)), False
    return None, opened.fullmatch(text) is not None


@contextmanager
def _large_cells() -> Iterator[None]:
    """Lets the csv module read cells of any length; a cell that is too long is a fault of its own row."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
