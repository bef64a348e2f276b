"""The rows of a workbook (.xlsx). openpyxl reads the cells; its bookkeeping of rows and sizes is not relied on.

A workbook says of itself how large it is, where its rows stand and what its formulas came to, and may be wrong in all
of it. Rows are therefore read as they come, whatever the sheet says of its size, and a small file that unfolds to more
than a workbook can hold is refused before it is unfolded.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from omsnb.claims import Row
from omsnb.csv_rows import hidden, row_of

MOST_UNPACKED = 256 * 2**20
MOST_ROWS = 2**20
MOST_TAGS = 200_000
"""Tags within one row, or in a part without rows: four for each cell of the widest row there can be, and room."""

MOST_ROW_BYTES = 16 * 2**20
MOST_TAGS_IN_ALL = 10_000_000
"""Tags of one part; a sheet of 100,000 claim lines with every column filled has fewer."""

UNIT = re.compile(rb"<(?:[\w.-]+:)?(?:row|si)[\s/>]")

NO_VALUE = "holds a formula without a value; open the file, let it calculate, and save it"
NO_NUMBER = "holds a number or a date that cannot be read"


SheetRow = tuple[int, dict[int, str], dict[int, str]]
"""A row's number, its texts by place (the first column is 0), and what is wrong with a cell, by place."""


class Workbook:
    """A workbook and the rows of its sheets.

    Raises ``WorkbookError`` with one sentence for a file that is no workbook, or too large when unpacked.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        openpyxl = openpyxl_module()
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                _bounded(packed)
            self._book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            self._sheets = list(self._book.worksheets)
            if not self._sheets:
                raise WorkbookError("has no sheet")
        except WorkbookError:
            raise
        except Exception:  # a broken workbook can fail anywhere in the library
            raise WorkbookError("cannot be read as a workbook (.xlsx)") from None

    def names(self) -> list[str]:
        """The names of the sheets, in their order."""
        return [sheet.title for sheet in self._sheets]

    def rows(self, name: str) -> Iterator[SheetRow]:
        """Each row of a sheet that holds something. Raises ``WorkbookError`` where the sheet breaks off."""
        return _rows(self._book, next(sheet for sheet in self._sheets if sheet.title == name))

    def close(self) -> None:
        """Lets go of the file."""
        self._book.close()


class WorkbookError(ValueError):
    """A file that is no workbook, breaks off, or unfolds to more than one can hold."""


def openpyxl_module() -> Any:
    """The library for workbooks; raises ``ValueError`` where it is not installed."""
    try:
        import openpyxl
    except ImportError:
        raise ValueError("file: a workbook needs openpyxl; install it, or save the sheet as CSV") from None
    return openpyxl


def _bounded(packed: zipfile.ZipFile) -> None:
    """Raises ``WorkbookError`` for a file whose parts are more than a workbook can hold; nothing is kept of them."""
    size = sum(entry.file_size for entry in packed.infolist())
    if size > MOST_UNPACKED:
        raise WorkbookError(f"unpacks to {size} bytes, but {MOST_UNPACKED} are the most")
    for entry in packed.infolist():
        with packed.open(entry) as part:
            units = tags = length = every = 0
            steps = True
            while block := part.read(2**20):
                steps = steps and b"<!" not in block  # a comment could hold what looks like a row
                every += block.count(b"<")
                pieces = UNIT.split(block) if steps else [block]
                for number, piece in enumerate(pieces):
                    if number:
                        units, tags, length = units + 1, 0, 0
                    tags, length = tags + piece.count(b"<"), length + len(piece)
                    long = steps and units and length > MOST_ROW_BYTES
                    if long or tags > MOST_TAGS or units > MOST_ROWS or every > MOST_TAGS_IN_ALL:
                        raise WorkbookError("holds more rows or cells than a workbook can")


def _rows(book: Any, sheet: Any) -> Iterator[SheetRow]:
    parser_class = _parser_class()
    try:
        with sheet._get_source() as source:
            parser = parser_class(
                source, sheet._shared_strings, data_only=True, epoch=book.epoch,
                date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
            )  # fmt: skip
            for number, cells in parser.parse():
                texts, problems = _row(cells)
                if problems or any(texts.values()):
                    yield number, texts, problems
    except Exception:  # a broken sheet can fail anywhere in the library
        raise WorkbookError("cannot be read to its end as a workbook (.xlsx)") from None


def _row(cells: Iterable[dict[str, Any]]) -> tuple[dict[int, str], dict[int, str]]:
    texts: dict[int, str] = {}
    problems: dict[int, str] = {}
    for cell in cells:
        place, value = cell["column"] - 1, cell["value"]
        if isinstance(value, _Problem):
            problems[place] = str(value)
        elif cell["data_type"] == "e":
            problems[place] = f"holds the error {value}"
        elif text := _text(value):
            if place in texts:
                problems[place] = "stands twice in its row"
            texts[place] = text
    return texts, problems


class _Problem(str):
    """What keeps a cell from being read."""


def _parser_class() -> Any:
    from openpyxl.worksheet._reader import DATA_TAG, FORMULA_TAG, ROW_TAG, VALUE_TAG, WorkSheetParser
    from openpyxl.xml.functions import iterparse

    class Parser(WorkSheetParser):  # type: ignore[misc]
        """Tells a formula without a value from an empty cell, and spoils one cell where a number is out of bounds."""

        def parse(self) -> Iterator[tuple[int, list[dict[str, Any]]]]:
            for _, element in iterparse(self.source):
                if element.tag == ROW_TAG:
                    yield self.parse_row(element)
                    element.clear()
                elif element.tag == DATA_TAG:
                    return

        def parse_cell(self, element: Any) -> dict[str, Any]:
            before: int = self.col_counter  # type: ignore[has-type]
            try:
                cell: dict[str, Any] = super().parse_cell(element)
            except (ValueError, OverflowError, IndexError, TypeError):
                value = element.find(VALUE_TAG)
                if value is None:
                    raise
                element.remove(value)
                self.col_counter = before
                return {**super().parse_cell(element), "value": _Problem(NO_NUMBER)}
            if element.find(FORMULA_TAG) is not None and element.find(VALUE_TAG) is None:
                cell["value"] = _Problem(NO_VALUE)
            return cell

    return Parser


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def sheet_header(row: SheetRow | None) -> list[str]:
    """The names in a header's row."""
    texts = row[1] if row else {}
    return [texts.get(place, "").strip() for place in range(max(texts, default=-1) + 1)]


def sheet_row(found: SheetRow, header: Sequence[str]) -> Row:
    """A row of a sheet by the columns of its header; a cell that is filled beyond them is a fault."""
    number, texts, problems = found
    width = len(header)
    cells = [texts.get(place, "") for place in range(width)]
    row = row_of(number, header, cells + [text for place, text in texts.items() if place >= width])
    said = tuple((header[place] if place < width else "", message) for place, message in problems.items())
    return Row(number, row.cells, row.problems + said)


def table_as_workbook(rows: Iterable[list[str]]) -> bytes:
    """Rows of text as a workbook with one sheet."""
    book = openpyxl_module().Workbook(write_only=True)
    sheet = book.create_sheet("claim lines")
    for row in rows:
        sheet.append([hidden(cell) for cell in row])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
