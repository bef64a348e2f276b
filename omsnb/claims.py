"""Claims: a claim and its service lines, and how their cells are read. Standard library alone.

A claim belongs to one patient, payer, provider, form and place of service. Nothing in it names a person: patient and
providers are keys of the practice's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from omsnb.claim_tables import ClaimField, claim_fields, payers
from omsnb.line_text import line_text
from omsnb.periods import read_date

CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
POINTERS = re.compile(r"[A-L]*")
MONEY = re.compile(r"-?[0-9]{1,7}(\.[0-9]{1,2})?")
UNREAD = "\ufdd0"
"""Begins a cell that says why it is not read. The character stands for nothing, so that no file of text holds it."""

REVERSED = "lines take an earlier one back (units or amount below zero); they are kept and not checked"
MODIFIERS_MOST = 4
TEXT_MOST = 200
"""Characters of a text cell; longer ones are mistakes or worse."""

MOST_COLUMNS = 500
MOST_FAULTS = 5_000
"""Faults that are kept one by one; the rows of the rest are counted."""

MOST_ROWS = 2**16
"""Rows that are read into claims at once; the audit reads longer files."""

CELLS_KEPT = 2**14
"""Different cells that are read once, however often they stand in a file."""

MOST_SAID = 5
"""Faults that a single sentence tells of."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A line of a claim.

    ``units``: units or quantity. ``pointers``: letters of the claim's diagnoses. ``narrative``, ``attachment``,
    ``report``: ``yes``, ``no``, or empty for unknown. ``minutes``: given where the level of a visit was chosen by time.
    ``place``: where it differs from the claim's. ``extra``: what else stood in its row, by column. Units or a charge
    below zero take an earlier line back.
    """

    date: date
    code: str
    units: int = 1
    modifiers: tuple[str, ...] = ()
    pointers: str = ""
    area: str = ""
    tooth: str = ""
    charge: Decimal | None = None
    narrative: str = ""
    attachment: str = ""
    report: str = ""
    made_by: str = ""
    minutes: int | None = None
    rendering: str = ""
    line: int = 0
    place: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return line_text(self.code, self.modifiers, self.units)

    @property
    def reversal(self) -> bool:
        """Whether the line takes an earlier one back."""
        return self.units < 0 or (self.charge is not None and self.charge < 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim; empty text means that it does not say. ``form`` and ``place`` as in ``forms.csv`` and ``places.csv``."""

    claim: str
    patient: str
    payer: str = ""
    plan: str = ""
    order_of_benefits: str = ""
    provider: str = ""
    form: str = ""
    place: str = ""
    birth_date: date | None = None
    diagnoses: tuple[str, ...] = ()
    lines: tuple[ServiceLine, ...] = field(default=())

    def __post_init__(self) -> None:
        """Numbers the lines that have no number."""
        taken = {line.line for line in self.lines if line.line}
        numbered, following = [], 1
        for line in self.lines:
            if not line.line:
                while following in taken:
                    following += 1
                taken.add(following)
                line = replace(line, line=following)
            numbered.append(line)
        object.__setattr__(self, "lines", tuple(numbered))


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a file that could not be read: where, and one sentence. ``row``: the header is row 1."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"row {self.row}" if self.row else "file"
        return f"{where}, column {self.column}: {self.message}" if self.column else f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a claim file before its cells are read: text by column, and what is wrong with the row already.

    ``problems``: pairs of a column (empty: the whole row) and a sentence; a row with one is refused. ``lost``: pairs of
    a column and a sentence for cells that are left empty because they could not be read; the row itself stays.
    ``extra``: cells that are kept and not read, by column.
    """

    number: int
    cells: Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()
    lost: tuple[tuple[str, str], ...] = ()
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a file was not read. ``patients``: whose lines were refused; ``anyone``: it could be any patient's lines.

    ``something``: a row, a column, a sheet or a resource was not read, so the check of the file is incomplete.
    ``lost``: patients with the column of a cell that is empty only because it could not be read.
    """

    something: bool = False
    patients: frozenset[str] = frozenset()
    anyone: bool = False
    lost: frozenset[tuple[str, str]] = frozenset()

    def may_concern(self, patient: str) -> bool:
        """Whether a line that was not read may be one of this patient."""
        return self.anyone or patient in self.patients


NOTHING_UNREAD = Unread()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the claims of the good rows, and what was not.

    ``faults``: what could not be read, the first ``MOST_FAULTS`` of it. ``rows``: rows in the file, each of which is
    either read or refused. ``refused``: rows that were not read. ``notes``: how the file was read, and what of it claim
    lines do not keep; they make nothing incomplete.
    """

    claims: tuple[Claim, ...]
    faults: tuple[Fault, ...]
    rows: int
    refused: int = 0
    unread: Unread = NOTHING_UNREAD
    notes: tuple[str, ...] = ()

    @property
    def lines(self) -> int:
        """Lines that were read."""
        return sum(len(claim.lines) for claim in self.claims)


def nothing_read(file: str, rows: int, faults: Sequence[Fault]) -> str:
    """One sentence for a file of which no line was read: its name, how many rows it has, and why."""
    different = {fault.message: fault for fault in reversed(faults)}
    said = [
        str(fault) if fault.row and fault.column else fault.message
        for fault in list(reversed(different.values()))[:MOST_SAID]
    ]
    more = [f"and {len(different) - MOST_SAID} more"] if len(different) > MOST_SAID else []
    why = "; ".join(said + more)
    if rows:
        return f"file: {file!r} cannot be read: all {rows} of its rows are refused: {why}"
    return f"file: {file!r} cannot be read: {why or 'it holds no claim line'}"


def parse_cell(column: ClaimField, text: str) -> Any:
    """Reads one cell of a claim file.

    ``text``: as it stands in the file, blanks around it ignored. Returns text, a date, a whole number, an amount or a
    tuple, as the column wants; for an empty cell what means unknown. Raises ``ValueError`` with one sentence.
    """
    text = text.strip()
    if text.startswith(UNREAD) and text[1:].isprintable():
        raise ValueError(text[1:])
    if not text:
        if column.wanted:
            raise ValueError("is empty, but a value is needed")
        return {
            "date": None,
            "whole": None,
            "quantity": None,
            "money": None,
            "list": (),
            "modifiers": (),
        }.get(column.kind, "")
    if len(text) > TEXT_MOST:
        raise ValueError(f"{text[:20]!r} and more: {len(text)} characters, but {TEXT_MOST} are the most")
    if not text.isprintable():
        raise ValueError(f"{text!r} holds a character that cannot be printed")
    return _READERS[column.kind](column, text)


def unread_cell(message: str) -> str:
    """A cell that ``parse_cell`` refuses with this sentence, whatever its column holds."""
    return f"{UNREAD}{message}"


def place_of(claim: Claim, line: ServiceLine) -> str:
    """The place of service of a line: its own, or the claim's."""
    return line.place or claim.place


def _bad(text: str, allowed: str) -> ValueError:
    return ValueError(f"{text!r} is not allowed; allowed: {allowed}")


def _date(column: ClaimField, text: str) -> date:
    try:
        return read_date(text)
    except ValueError:
        raise _bad(text, "a date as year-month-day, such as 2026-03-12") from None


def _choice(column: ClaimField, text: str) -> str:
    if text not in column.choices:
        raise _bad(text, ", ".join(column.choices))
    return text


def _whole(column: ClaimField, text: str) -> int:
    bounds = column.bounds
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) in bounds):
        raise _bad(text, f"a whole number from {bounds[0]} to {bounds[-1]}")
    return int(text)


def _quantity(column: ClaimField, text: str) -> int:
    bounds, digits = column.bounds, text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits) in bounds):
        raise _bad(
            text, f"a whole number from {bounds[0]} to {bounds[-1]}, below zero where a line is taken back"
        )
    return int(text)


def _code(column: ClaimField, text: str) -> str:
    if not CODE.fullmatch(text.upper()):
        raise _bad(text, "five characters of a CPT, CDT or HCPCS code; modifiers have a column of their own")
    return text.upper()


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip().upper() for part in text.split("|"))


def _modifiers(column: ClaimField, text: str) -> tuple[str, ...]:
    parts = _parts(text)
    if len(parts) > MODIFIERS_MOST or not all(MODIFIER.fullmatch(part) for part in parts):
        raise _bad(text, f"up to {MODIFIERS_MOST} modifiers of two characters, joined by a bar")
    return parts


def _list(column: ClaimField, text: str) -> tuple[str, ...]:
    parts = _parts(text)
    if not all(DIAGNOSIS.fullmatch(part) for part in parts):
        raise _bad(text, "ICD-10-CM codes joined by a bar, such as M26.69|M26.212")
    if len(set(parts)) != len(parts):
        raise ValueError(f"{text!r}: a diagnosis stands twice")
    return parts


def _pointers(column: ClaimField, text: str) -> str:
    letters = text.replace("|", "").replace(" ", "").upper()
    if not POINTERS.fullmatch(letters) or len(set(letters)) != len(letters):
        raise _bad(text, "letters of diagnoses from A to L, each once")
    return letters


def _money(column: ClaimField, text: str) -> Decimal:
    if not (text.isascii() and MONEY.fullmatch(text)):
        raise _bad(text, "an amount in dollars such as 450.00")
    try:
        return Decimal(text).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise _bad(text, "an amount in dollars such as 450.00") from None


_READERS = {
    "text": lambda column, text: text,
    "date": _date,
    "choice": _choice,
    "list": _list,
    "whole": _whole,
    "quantity": _quantity,
    "code": _code,
    "modifiers": _modifiers,
    "pointers": _pointers,
    "money": _money,
}


def cell_text(value: Any) -> str:
    """The text of a cell, so that ``parse_cell`` gives the value back."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "|".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def column_name(name: str) -> str:
    """The name of a column that we do not know, so that it can be shown."""
    short = name[:40]
    return (short if short.isprintable() else ascii(short)) or "(empty)"


def read_rows(rows: Iterable[tuple[int, Mapping[str, str]]]) -> Reading:
    """Reads rows of text into claims: the row's number in its file with its cells by column. See ``gather``."""
    return gather(Row(number, cells) for number, cells in rows)


class TooLongError(ValueError):
    """A file with more rows than are read into claims at once."""


def gather(
    rows: Iterable[Row], faults: Sequence[Fault] = (), notes: Callable[[], Iterable[str]] = list
) -> Reading:
    """Gathers rows of a file into claims.

    ``faults``: what is wrong with the file or its header; reading the rows may add to it. A bad row is left out and
    each of its faults is listed; the other rows of its claim stay. Rows of one claim must agree in what belongs to it.
    ``notes``: asked when all rows are read, how they were understood and what no claim line keeps.
    Raises ``TooLongError`` for more than ``MOST_ROWS`` rows.
    """
    known = claim_fields()
    heads: dict[str, dict[str, Any]] = {}
    bodies: dict[str, list[ServiceLine]] = {}
    numbers: set[tuple[str, int]] = set()
    found: list[Fault] = []
    patients: set[str] = set()
    claims_of_refused: set[str] = set()
    lost: set[tuple[str, str]] = set()
    anyone = False
    count = refused = 0
    cells: dict[tuple[str, str], Any] = {}
    for row in rows:
        count += 1
        if count > MOST_ROWS:
            raise TooLongError(f"has more than {MOST_ROWS} rows; use audit for longer ones")
        values: dict[str, Any] = {}
        wrong = [Fault(row.number, column, message) for column, message in row.problems]
        told = {column for column, _ in row.problems}
        if "" not in told or row.cells:
            for name, column in known.items():
                key = name, row.cells.get(name) or ""
                try:
                    values[name] = cells[key] if key in cells else parse_cell(column, key[1])
                    if len(cells) < CELLS_KEPT:
                        cells.setdefault(key, values[name])
                except ValueError as problem:
                    if name not in told and (not told or name in row.cells):
                        wrong.append(Fault(row.number, name, str(problem)))
        if not wrong:
            wrong = _join(row, values, heads, bodies, numbers)
        if not wrong:
            found += [Fault(row.number, *entry) for entry in row.lost][: max(0, MOST_FAULTS - len(found))]
            lost |= {(values["patient"], column) for column, _ in row.lost}
            continue
        refused += 1
        found += wrong[: max(0, MOST_FAULTS - len(found))]
        patient = values.get("patient")
        anyone = anyone or not patient
        patients.add(patient or "")
        claims_of_refused.add(values.get("claim") or "")
    found += faults
    anyone = anyone or any(fault.row == 0 for fault in faults)
    patients |= {heads[name]["patient"] for name in claims_of_refused if name in heads}
    return Reading(
        claims=tuple(Claim(**head, lines=tuple(bodies[name])) for name, head in heads.items()),
        faults=tuple(sorted(found, key=lambda fault: fault.row)[:MOST_FAULTS]),
        rows=count,
        refused=refused,
        unread=Unread(bool(found), frozenset(patients - {""}), anyone, frozenset(lost)),
        notes=tuple(dict.fromkeys(notes())),
    )


def form_of(payer: str, form: str) -> str:
    """The claim form: the one that is named, else the payer's; empty where neither is."""
    return form or (payers()[payer].form if payer else "")


def _join(
    row: Row,
    values: dict[str, Any],
    heads: dict[str, dict[str, Any]],
    bodies: dict[str, list[ServiceLine]],
    numbers: set[tuple[str, int]],
) -> list[Fault]:
    """Adds a row to its claim, or says where the two disagree. What a row leaves empty is as in the claim's first row."""  # noqa: E501
    own = claim_fields()
    number, name = row.number, values["claim"]
    values["form"] = form_of(values["payer"], values["form"])
    head = {key: values[key] for key, column in own.items() if column.of != "line"}
    line = {key: values[key] for key, column in own.items() if column.of != "claim"}
    line["line"] = line["line"] or 0
    kept = heads.get(name, head)
    differing = [key for key in head if own[key].of == "claim" and head[key] and head[key] != kept[key]]
    if differing:
        return [
            Fault(
                number,
                key,
                f"{cell_text(head[key])!r} is not what claim {name!r} has in its other rows: {cell_text(kept[key])!r}",
            )
            for key in differing
        ]
    if line["line"]:
        if (name, line["line"]) in numbers:
            return [Fault(number, "line", f"{line['line']} stands twice on claim {name!r}")]
        numbers.add((name, line["line"]))
    heads.setdefault(name, head)
    line = {key: "" if own[key].of == "both" and value == kept[key] else value for key, value in line.items()}
    bodies.setdefault(name, []).append(ServiceLine(**line, extra=row.extra))
    return []


def rows_of(claims: Iterable[Claim]) -> Iterable[dict[str, str]]:
    """The rows of a claim file, as text by column."""
    own = claim_fields()
    for claim in claims:
        for line in claim.lines:
            given = {"place": place_of(claim, line)}
            yield {
                name: given.get(name) or cell_text(getattr(claim if column.of == "claim" else line, name))
                for name, column in own.items()
            }
