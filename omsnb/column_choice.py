"""Which of a table's columns are read where several may be one field, and which belong to which line of a row.

Standard library alone.
"""

from __future__ import annotations

from omsnb.column_names import LISTS, sureness
from omsnb.column_plan import Fields

KEYS = ("claim", "patient", "provider", "rendering")
"""Fields whose cells only tell one from another, so that the surest of several columns is enough."""

CODE, DATE, DIAGNOSES = "code", "date", "diagnoses"
Column = tuple[str, int]
"""The name of a column, and its number among several of one kind (0: it has none)."""

Columns = dict[str, list[Column]]
"""For each field the columns that may be it."""


def surest(field: str, columns: list[Column]) -> list[Column]:
    """Of several columns of one field those that are read: of keys the surest, else those that do not give way."""
    ordered = sorted(columns, key=lambda entry: sureness(entry[0]))
    if field in KEYS:
        return ordered[:1]
    firm = [entry for entry in ordered if not sureness(entry[0])[0]]
    return (firm or columns) if field == DATE else columns


def slots_of(fields: Columns) -> list[int]:
    """The numbers of the lines in one row, where the columns of the code and all beside them are numbered alike.

    Empty where a row is one line, or where which column belongs to which line has to be asked.
    """
    numbers = sorted(number for _, number in fields.get(CODE, ()))
    if len(numbers) < 2 or len(set(numbers)) < len(numbers) or not numbers[0]:
        return []
    for field, columns in fields.items():
        given = [number for _, number in columns]
        if field == DIAGNOSES or given == [0]:
            continue
        if field in LISTS and sorted(given) != numbers:
            return []
        if len(set(given)) < len(given) or not set(given) <= set(numbers):
            return []
    return numbers


def lines_of(fields: Columns, slots: list[int]) -> list[Fields]:
    """For each line of a row its fields; columns without a number, and diagnoses, belong to all of them."""
    return [
        {
            field: there
            for field, columns in fields.items()
            if (there := tuple(
                (name,) for name, number in columns
                if not slots or field == DIAGNOSES or number in (0, slot)
            ))
        }
        for slot in slots or [0]
    ]  # fmt: skip
