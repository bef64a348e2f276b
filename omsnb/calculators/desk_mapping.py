"""Which column of a table is which: the question that the desk asks where a table's own names do not tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omsnb.calculators.desk_cells import many
from omsnb.cell_dates import ORDERS
from omsnb.claim_files import read_given, table_given
from omsnb.claim_tables import claim_fields
from omsnb.claims import Row, parse_cell
from omsnb.column_maps import JOIN, ColumnMap
from omsnb.table_rows import Options, Table, TableError

SAMPLES = 5
"""Rows that are shown as they would be read."""

LOOKED_AT = 50
"""Rows that are looked at for an example of each column."""


class ColumnQuestion:
    """Pasted text or a file that is a table, and what the user says of its columns.

    ``fields``: the field of each column that is read. ``fixed``: what a field that no column holds is on every line.
    ``dates``: the order of month and day (``mdy``, ``dmy``), or empty where the dates tell.
    """

    def __init__(self, content: bytes, name: str, table: Table) -> None:
        self.content, self.name = content, name
        self.header = [column for column in table.plan.header if column]
        self.fields: dict[str, str] = {}
        for fields in table.plan.lines[:1]:
            for field, columns in fields.items():
                for joined in columns:
                    if field in claim_fields():
                        self.fields[JOIN.join(joined)] = field
        self.fixed = dict(table.plan.map.fixed)
        self.dates = table.plan.dates
        self.asked = [str(fault) for fault in (*table.plan.faults, *table.plan.asked)]
        self._given = self._rows()

    def _rows(self) -> list[Row]:
        """The rows as they stand, whatever the columns are: all that is wanted counts as given."""
        wanted = {name: entry.example for name, entry in claim_fields().items() if entry.wanted}
        table = table_given(self.content, self.name, Options(ColumnMap("", fixed=wanted)))
        return table.given[:LOOKED_AT] if table else []

    def answer(self, fields: Mapping[str, str], fixed: Mapping[str, str], dates: str) -> None:
        """Takes what the user says. Raises ``ValueError`` for a column, a field or an order that there is not."""
        known = claim_fields()
        for column, field in fields.items():
            if field and field not in known:
                raise ValueError(f"column {column!r}: {field!r} is no column of a claim file")
        for field, text in fixed.items():
            if field not in known:
                raise ValueError(f"{field!r} is no column of a claim file")
            if text:
                try:
                    parse_cell(known[field], text)
                except ValueError as problem:
                    raise ValueError(f"{known[field].label} on every line: {problem}") from None
        if dates and dates not in ORDERS:
            raise ValueError(f"dates: {dates!r} is not allowed; allowed: {', '.join(ORDERS)}")
        self.fields = {column: field for column, field in fields.items() if field and column in self.header}
        self.fixed = {field: text for field, text in fixed.items() if text}
        self.dates = dates

    def options(self) -> Options:
        """What is handed to the reader."""
        columns: dict[str, tuple[str, ...]] = {}
        for column, field in self.fields.items():
            columns[field] = (*columns.get(field, ()), column)
        fixed = {field: text for field, text in self.fixed.items() if field not in columns}
        return Options(ColumnMap("the mapping on the desk", columns=columns, fixed=fixed, dates=self.dates))

    def tried(self) -> tuple[list[dict[str, str]], list[str]]:
        """The first rows as they would be read, by column, and what would still be wrong."""
        try:
            table = table_given(self.content, self.name, self.options())
            if table is None or table.plan.faults:
                return [], [str(fault) for fault in (table.plan.faults if table else ())]
            lines = [line for row in table.given[:SAMPLES] for line in table.plan.rows(row)][:SAMPLES]
            reading = read_given(self.content, self.name, self.options())
        except ValueError as problem:
            return [], [str(problem)]
        shown = [
            {name: _shown(name, line.cells.get(name, "")) for name in claim_fields() if line.cells.get(name)}
            for line in lines
        ]
        total = f"{many(reading.lines, 'line')} would be read, {many(reading.refused, 'row')} refused."
        return shown, [total, *map(str, reading.faults[:SAMPLES])]

    def state(self) -> dict[str, Any]:
        """The question as the page shows it."""
        rows, said = self.tried()
        found = set(self.fields.values())
        return {
            "name": self.name or "the pasted lines",
            "asked": self.asked,
            "columns": [
                {
                    "name": column,
                    "field": self.fields.get(column, ""),
                    "example": next((r.cells[column] for r in self._given if r.cells.get(column)), "")[:40],
                }
                for column in self.header
            ],
            "fixed": [
                {"name": name, "label": entry.label, "text": self.fixed.get(name, "")}
                for name, entry in claim_fields().items()
                if (entry.wanted and name not in found) or name in self.fixed
            ],
            "dates": self.dates,
            "rows": rows,
            "said": said,
        }


def _shown(name: str, text: str) -> str:
    try:
        parse_cell(claim_fields()[name], text)
    except ValueError as problem:
        return f"cannot be read: {problem}"
    return text


def mapping_of(content: bytes, name: str) -> ColumnQuestion | None:
    """The question about a table's columns; None for what is no table, or says itself what is to be done with it."""
    try:
        table = table_given(content, name)
    except (TableError, ValueError):
        return None
    return (
        None
        if table is None or table.plan.map.instead or not table.plan.header
        else ColumnQuestion(content, name, table)
    )
