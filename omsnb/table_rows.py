"""Tables of claim lines, whatever holds them: delimited text and workbooks, with the plan by which their rows are read.

openpyxl is wanted for workbooks alone.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from omsnb.claims import MOST_ROWS, Fault, Row, TooLongError
from omsnb.column_maps import ColumnMap
from omsnb.column_plan import Plan
from omsnb.csv_rows import PARTED_BY, header_of, rows_of_lines
from omsnb.table_plan import HEADER_WITHIN, KNOWN_LEAST, header_place, once, plan_of
from omsnb.text_encoding import SHOWN, decoded
from omsnb.workbook_rows import SheetRow, Workbook, WorkbookError, sheet_header, sheet_row

TEXTS = (".csv", ".txt", ".tsv", ".tab", ".psv", ".dat")
WORKBOOKS = (".xlsx", ".xlsm")
TABLES = (*TEXTS, *WORKBOOKS)
FIRST_LINES = 4 * HEADER_WITHIN


class TableError(ValueError):
    """A file that is no table, and why."""


@dataclass(frozen=True)
class Options:
    """What the user says about a table: a mapping, the order of month and day (``mdy``, ``dmy``), a sheet's name."""

    mapping: ColumnMap | None = None
    dates: str = ""
    sheet: str = ""


@dataclass
class Table:
    """A table that is read once: ``plan`` says how, ``rows`` gives its rows below the header by the plan's names."""

    plan: Plan
    given: list[Row]
    others: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan.look_in(lambda column: (row.cells.get(column, "") for row in self.given))

    def rows(self) -> list[Row]:
        """The rows below the header, as they stand in the file."""
        return self.given

    def faults(self) -> list[Fault]:
        """What of the table is not read until the user says more."""
        return [*self.plan.asked, *self.others]

    def told(self) -> list[str]:
        """How the table was understood, a sentence each; whole once its rows are read."""
        return self.plan.told()


def open_table(content: bytes, suffix: str, options: Options) -> Table:
    """The table in a file. Raises ``TableError`` for what is none, ``TooLongError`` for a long one."""
    if suffix in WORKBOOKS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of parts that hold no claim lines
            try:
                with closing(Workbook(content)) as book:
                    return _sheet(book, options)
            except WorkbookError as problem:
                raise TableError(str(problem)) from None
    return _text(content, options)


def header_notes(encoding: str, delimiter: str, row: int) -> list[str]:
    """What is said of a text's encoding, of what parts its cells, and of where its header stands."""
    notes = []
    if encoding in SHOWN:
        notes.append(f"the file is read as {SHOWN[encoding]}")
    if delimiter in PARTED_BY:
        notes.append(f"its cells are parted by {PARTED_BY[delimiter]}")
    return notes + _above(row)


def _above(row: int) -> list[str]:
    return [f"the header stands in row {row}; what stands above it is passed over"] if row > 1 else []


def _text(content: bytes, options: Options) -> Table:
    try:
        text, encoding = decoded(content)
    except ValueError as problem:
        raise TableError(str(problem)) from None
    # bytes that are no UTF-8 became characters that no cell may hold, so that they spoil their own row alone
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    names, delimiter, at, taken = header_of(lines[:FIRST_LINES], options.mapping)
    plan = plan_of(names, options.mapping, options.dates, at + 1)
    plan.notes[:0] = header_notes(encoding, delimiter, at + 1)
    first = at + taken
    rows = (row for row, _ in rows_of_lines(lines[first:], first + 1, plan.header or once(names), delimiter))
    return Table(plan, _bounded(rows) if not plan.faults else [])


def _bounded(rows: Iterable[Row]) -> list[Row]:
    found = []
    for row in rows:
        found.append(row)
        if len(found) > MOST_ROWS:
            raise TooLongError(f"has more than {MOST_ROWS} rows; use audit for longer ones")
    return found


def _sheet(book: Workbook, options: Options) -> Table:
    """The sheet that holds claim lines: the one that is named, else the first of those whose header fits."""
    if options.sheet and options.sheet not in book.names():
        raise TableError(
            f"has no sheet {options.sheet!a}; its sheets are {', '.join(map(ascii, book.names()))}"
        )
    tops = {name: _top(book.rows(name)) for name in book.names()}
    fitting = {
        name: header_place([sheet_header(row) for row in rows], options.mapping)[1]
        for name, rows in tops.items()
        if rows
    }
    best = max(fitting.values(), default=0)
    chosen = options.sheet or next((name for name, fits in fitting.items() if fits == best), book.names()[0])
    table = _sheet_table(book, chosen, tops[chosen], options)
    for name, fits in fitting.items():
        if name == chosen or options.sheet:
            continue
        if fits >= KNOWN_LEAST and not plan_of(*_names(tops[name], options)).faults:
            said = f"sheet {name!a} holds claim lines, too, and is not read, as {chosen!a} is; name it with --sheet"
            table.others.append(Fault(0, "", said))
        else:
            table.plan.notes.append(
                f"sheet {name!a} holds no claim lines and is passed over; {chosen!a} is read"
            )
    return table


def _top(rows: Iterator[SheetRow]) -> list[SheetRow]:
    return [row for row, _ in zip(rows, range(HEADER_WITHIN), strict=False)]


def _names(rows: Sequence[SheetRow], options: Options) -> tuple[list[str], ColumnMap | None, str]:
    place, _ = header_place([sheet_header(row) for row in rows], options.mapping)
    return sheet_header(rows[place]), options.mapping, options.dates


def _sheet_table(book: Workbook, name: str, top: Sequence[SheetRow], options: Options) -> Table:
    place, _ = header_place([sheet_header(row) for row in top], options.mapping)
    row = top[place][0] if top else 1
    plan = plan_of(sheet_header(top[place]) if top else [""], options.mapping, options.dates, row)
    plan.notes[:0] = _above(row)
    if plan.faults:
        return Table(plan, [])
    rows = (sheet_row(found, plan.header) for at, found in enumerate(book.rows(name)) if at > place)
    return Table(plan, _bounded(rows))
