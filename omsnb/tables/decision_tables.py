"""The decision tables with their rows, and the services that are coded by them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from omsnb.reading import DataError, Line, by_id, read_lines
from omsnb.records import DAY, Allowed, Row, Service, Table
from omsnb.tables.code_tables import MODIFIER, codes
from omsnb.tables.ledger import documents, guidance, sections
from omsnb.tables.vocabulary import facts, life, parse_allowed

OUTCOME_COLUMNS = ("report", "modifiers", "units", "concludes", "because", "documents", "guidance")
LIFE_COLUMNS = ("from", "until")
"""May follow them: the first and last day of a row that begins or ends while its code goes on."""
NAME_COLUMN = ("row",)
"""May come last: the rows' own names, so that a row put between others changes no other's."""
NAME = re.compile(r"[a-z][a-z0-9-]*")
ROW_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
UNITS = re.compile(r"[1-9][0-9]*|per [1-9][0-9]* from [1-9][0-9]*")


@cache
def tables() -> Mapping[str, Table]:
    """All decision tables by name, in the order of ``decisions.csv``."""
    columns = ("table", "title", "chapter", "applies", "about")
    return by_id(read_lines("decisions.csv", columns), "table", _table)


def _table(entry: Line) -> Table:
    name = entry.matching("table", NAME, "visit-family")
    scope: dict[str, Allowed] = {}
    parts: list[str] = []
    for part in entry.items("applies"):  # a bar parts facts, and the values of one fact
        if parts and "=" not in part:
            parts[-1] += f"|{part}"
        else:
            parts.append(part)
    for part in parts:
        fact, _, value = part.partition("=")
        if fact in scope:
            raise entry.error("applies", f"{fact!r} stands twice")
        scope[fact] = _cell(entry, "applies", fact, value)
    file = f"decisions/{name}.csv"
    lines = read_lines(file)
    if not lines:
        raise DataError(f"data/{file} row 2, column 1: is missing; a table has rows")
    header = tuple(lines[0].cells)
    last = NAME_COLUMN if header[-1:] == NAME_COLUMN else ()
    bare = header[: len(header) - len(last)]
    wanted = OUTCOME_COLUMNS + (LIFE_COLUMNS if bare[-1:] == LIFE_COLUMNS[-1:] else ()) + last
    columns = header[: -len(wanted)]
    if header[-len(wanted) :] != wanted:
        raise DataError(
            f"data/{file} row 1: the columns are {list(header)}; the last must be {', '.join(OUTCOME_COLUMNS)}, "
            f"{' and '.join(LIFE_COLUMNS)} after them where a row begins or ends, and {NAME_COLUMN[0]} for names"
        )
    for column in columns:
        if column not in facts():
            raise DataError(f"data/{file} row 1, column {column}: is no fact of facts.csv")
        if column in scope and len(scope[column]) == 1:
            raise DataError(f"data/{file} row 1, column {column}: is settled by the scope in decisions.csv")
    rows = tuple(_row(name, number, scope, columns, line) for number, line in enumerate(lines, 1))
    for at, (row, line) in enumerate(zip(rows, lines, strict=True)):
        if row.name and row.name in {other.name for other in rows[:at]}:
            raise line.error(NAME_COLUMN[0], f"{row.name!r} stands twice")
        if any(row.conditions == other.conditions for other in rows[:at]):
            raise line.error(columns[0] if columns else "report", "an earlier row has the same conditions")
    return Table(
        name,
        entry.wanted("title"),
        entry.one_of("chapter", *sections()),
        entry.text("about"),
        MappingProxyType(scope),
        columns,
        rows,
    )


def _cell(line: Line, column: str, fact: str, text: str) -> Allowed:
    if fact not in facts():
        raise line.error(column, f"{fact!r} is no fact of facts.csv")
    try:
        return parse_allowed(facts()[fact], text)
    except ValueError as problem:
        raise line.error(column, str(problem)) from None


def _row(table: str, number: int, scope: Mapping[str, Allowed], columns: tuple[str, ...], line: Line) -> Row:
    conditions = dict(scope)
    for column in columns:
        if line.text(column):
            conditions[column] = _cell(line, column, column, line.text(column))
    concludes: dict[str, str] = {}
    for part in line.items("concludes"):
        fact, _, value = part.partition("=")
        if fact in concludes:
            raise line.error("concludes", f"{fact!r} stands twice")
        settled = _cell(line, "concludes", fact, value)
        if len(settled) != 1:
            raise line.error("concludes", f"{part!r} must settle one value")
        concludes[fact] = value
    report = line.text("report")
    if report:
        line.items("report", codes())
        if "|" in report:
            raise line.error("report", f"{report!r} is more than one code")
    for modifier in line.items("modifiers"):
        if not report or not MODIFIER.fullmatch(modifier):
            raise line.error("modifiers", f"{modifier!r} is not a modifier of a reported code")
    known = codes().get(report)
    lives = (
        life(*(line.date(column) if column in line.cells else "" for column in LIFE_COLUMNS)),
        life(known.effective_from, known.effective_to) if known else None,
    )
    if days := _lived(line, lives):
        conditions[DAY] = days
    units = line.text("units")
    if bool(units) != bool(report) or (units and not UNITS.fullmatch(units)):
        raise line.error(
            "units", f"{units!r}: a reported code has units such as 1 or 'per 15 from 75', others have none"
        )
    return Row(
        table=table,
        number=number,
        conditions=MappingProxyType(conditions),
        report=report,
        modifiers=line.items("modifiers"),
        units=units,
        concludes=MappingProxyType(concludes),
        because=line.wanted("because"),
        documents=line.items("documents", documents()),
        guidance=_cited(line),
        name=line.matching("row", ROW_NAME, "12 or outside-lab") if "row" in line.cells else "",
    )


def _cited(line: Line) -> tuple[str, ...]:
    line.wanted("guidance")
    return line.items("guidance", guidance())


def _lived(line: Line, lives: tuple[range | None, ...]) -> range | None:
    """The days on which a row stands: its own, and no longer than its code's. None where that is always."""
    every = facts()[DAY].bounds
    low, high = every.start, every.stop
    for days in lives:
        if days is not None:
            low, high = max(low, days.start), min(high, days.stop)
    if low >= high:
        raise line.error(
            LIFE_COLUMNS[0] if LIFE_COLUMNS[0] in line.cells else "report",
            "the row never stands: its days and those of its code have none in common that the manual knows",
        )
    return None if range(low, high) == every else range(low, high)


@cache
def services() -> Mapping[str, Service]:
    """The services of the workflow by name, in the order of the chapters."""

    def make(line: Line) -> Service:
        return Service(
            line.matching("service", NAME, "implant-guide"),
            line.wanted("label"),
            line.listed("chapter", sections()),
            line.items("tables", tables()),
        )

    return by_id(read_lines("services.csv", ("service", "label", "chapter", "tables")), "service", make)
