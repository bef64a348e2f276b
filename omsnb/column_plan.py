"""How the rows of one table are read: which column is which field, and how its cells become those of a claim file.

One plan serves every kind of table and every command. What it cannot read it refuses with a sentence, cell by cell;
what it need not read it keeps. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from omsnb.cell_dates import is_serial, order_of, read_day
from omsnb.cell_words import (
    choice_text,
    code_parts,
    diagnosis_parts,
    is_empty,
    modifier_parts,
    money_text,
    plain_problem,
    pointer_parts,
    tooth_text,
    whole_text,
)
from omsnb.claim_tables import claim_fields
from omsnb.claims import CELLS_KEPT, REVERSED, Fault, Row, parse_cell, unread_cell
from omsnb.column_maps import ColumnMap
from omsnb.column_names import DATE_TO, LINE_DIAGNOSIS, LISTS, PAYER_NAME

Joined = tuple[str, ...]
"""Columns whose cells are read as one, with a blank between; mostly one column."""

Fields = Mapping[str, tuple[Joined, ...]]
"""For each field the columns that it is read from."""

SUMS = ("total", "totals", "grand total", "subtotal", "sub total", "sum", "report total", "page total")
FROM_CODE = "code"
"""Where modifiers and units may stand too."""


class Plan:
    """How to read the rows of a table.

    ``header``: the columns' names, each once. ``lines``: for each line of a row its fields. ``faults``: what keeps the
    table from being read; ``asked``: columns that only the user can settle, read past until then. ``extras``: columns
    that are kept and not read. ``notes``: sentences about the table, one each.
    """

    def __init__(
        self, header: Sequence[str], lines: Sequence[Fields], made: ColumnMap, dates: str = ""
    ) -> None:
        self.header, self.lines, self.map = tuple(header), tuple(lines), made
        self.dates = dates or made.dates
        self.faults: list[Fault] = []
        self.asked: list[Fault] = []
        self.notes: list[str] = []
        self.ranked = bool(made.columns)
        self.read_columns = {
            part for fields in lines for names in fields.values() for joined in names for part in joined
        }
        self.extras = tuple(name for name in header if name not in self.read_columns)
        self.own = not made.columns and all(
            names == ((name,),) for fields in lines for name, names in fields.items()
        )
        self._scan: Callable[[str], Iterable[str]] = lambda column: ()
        self._orders: dict[str, str] = {}
        self._cells: dict[tuple[str, str, str], str] = {}
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}
        self._told: dict[str, int] = {}

    def look_in(self, scan: Callable[[str], Iterable[str]]) -> None:
        """``scan`` gives all cells of a column; it is asked where a date of that column has two readings."""
        self._scan = scan

    def told(self) -> list[str]:
        """All that is to be said of the table and of the cells read so far, a sentence each."""
        return self.notes + [f"{sentence} ({count}×)" for sentence, count in self._told.items()]

    def tell(self, sentence: str) -> None:
        """Counts one more case of what a sentence tells."""
        self._told[sentence] = self._told.get(sentence, 0) + 1

    def rows(self, row: Row) -> Iterator[Row]:
        """The claim lines in a row of the table, mostly one; their cells as ``parse_cell`` reads them.

        ``row``: its cells by the names of the header. A cell that cannot be read becomes one that says why.
        """
        if not row.cells:
            yield row
            return
        cells = {name: text.strip() for name, text in row.cells.items()}
        if not any(cells.values()) and not row.problems:
            return
        if self._passed_over(cells):
            return
        wide = len(self.lines) > 1
        count = 0
        for number, fields in enumerate(self.lines, start=1):
            code = self._joined(fields["code"][0], cells) if "code" in fields else ""
            if wide and not code:
                continue
            count += 1
            line = _Line(self, cells, dict(row.problems), fields)
            yield Row(row.number, line.read(number if wide else 0), extra=line.extra())
        if not count:
            yield Row(
                row.number, {}, (("code", f"none of the {len(self.lines)} places for a code is filled"),)
            )

    def _passed_over(self, cells: Mapping[str, str]) -> bool:
        """Whether a row is no line: the header again, a sum, or of a kind that a mapping leaves out."""
        if all(text == name or not text for name, text in cells.items()):
            self.tell("the header stands again within the file and is passed over")
            return True
        for column, wanted in self.map.only.items():
            if column in cells and cells[column].upper() not in {value.upper() for value in wanted}:
                self.tell(
                    f"rows with {cells[column][:30]!a} in column {column!r} are no service lines and are passed over"
                )
                return True
        first = next((text for text in cells.values() if text), "")
        if first.rstrip(":").lower() in SUMS and not any(
            self._joined(names[0], cells)
            for fields in self.lines
            for name, names in fields.items()
            if name in ("code", "date")
        ):
            self.tell("a row of sums is passed over")
            return True
        return False

    def _joined(self, columns: Joined, cells: Mapping[str, str]) -> str:
        return " ".join(filter(None, (cells.get(column, "") for column in columns)))

    def order(self, column: str) -> str:
        """The order of month and day in a column; empty where nothing settles it."""
        if self.dates:
            return self.dates
        if column not in self._orders:
            self._orders[column] = order_of(self._scan(column))
        return self._orders[column]

    def cell(self, name: str, column: str, text: str) -> str:
        """One cell of a field as ``parse_cell`` reads it, or as one that says why it cannot. ``column``: where it stands."""  # noqa: E501
        key = name, column, text
        if key not in self._cells:
            try:
                found = self._cell(name, column, text)
            except ValueError as problem:
                found = self.unread(name, column, str(problem))
            if len(self._cells) >= CELLS_KEPT:
                self._cells.clear()
            self._cells[key] = found
        return self._cells[key]

    def shared(self, pair: tuple[str, str]) -> tuple[str, str]:
        """A cell that is kept, as one object however often it stands in the table."""
        if len(self._pairs) >= CELLS_KEPT:
            self._pairs.clear()
        return self._pairs.setdefault(pair, pair)

    def unread(self, name: str, column: str, message: str) -> str:
        """A cell that says why it is not read, and in which column of the file it stands."""
        return unread_cell(message if column == name else f"{message} (column {column!r} of the file)")

    def _cell(self, name: str, column: str, text: str) -> str:
        entry = claim_fields()[name]
        if is_empty(entry, text):
            return ""
        if problem := plain_problem(text):
            raise ValueError(problem)
        words = self.map.values.get(name, {})
        text = words.get(" ".join(text.lower().split()), text)
        if name == "tooth":
            return tooth_text(text)
        if entry.kind == "text":
            return text
        try:
            parse_cell(entry, text)
            return text
        except ValueError:
            return self._tidy(name, column, text)

    def _tidy(self, name: str, column: str, text: str) -> str:
        entry = claim_fields()[name]
        if entry.kind == "date":
            return self._date(column, text, name == "birth_date")
        if entry.kind == "choice":
            return choice_text(entry, text)
        if entry.kind in ("whole", "quantity"):
            return whole_text(entry, text)
        return money_text(entry, text) if entry.kind == "money" else text

    def _date(self, column: str, text: str, birth: bool) -> str:
        try:
            day, _ = read_day(text, self.dates, birth)
        except ValueError:
            if self.dates or not (order := self.order(column)):
                raise
            day, settled = read_day(text, order, birth)
            if settled:
                said = {"mdy": "month before day", "dmy": "day before month"}[order]
                self.tell(
                    f"dates in column {column!r} are read with the {said}, since others there allow nothing else"
                )
        if is_serial(text):
            self.tell(
                f"numbers in column {column!r} are read as a spreadsheet's days, such as {text} as {day}"
            )
        return day.isoformat()


class _Line:
    """One line of a row, while it is read."""

    def __init__(
        self, plan: Plan, cells: Mapping[str, str], problems: Mapping[str, str], fields: Fields
    ) -> None:
        self.plan, self.raw, self.problems, self.fields = plan, cells, problems, fields
        self.kept: list[tuple[str, str]] = []

    def extra(self) -> tuple[tuple[str, str], ...]:
        """What is kept of the row and not read."""
        named = [(name, self.raw[name]) for name in self.plan.extras if self.raw.get(name)]
        return tuple(map(self.plan.shared, (*named, *self.kept)))

    def read(self, slot: int) -> dict[str, str]:
        """The line's cells. ``slot``: which of a row's lines it is; 0 where the row is one line."""
        found: dict[str, str] = {}
        for name in claim_fields():
            if name in (*LISTS, FROM_CODE):
                continue
            found[name] = self._one(name)
        if slot and not found["line"]:
            found["line"] = str(slot)
        modifiers, units = self._code(found)
        self._modifiers(found, modifiers)
        if units and not found["units"]:
            found["units"] = units
        elif units and found["units"] != units:
            found["units"] = unread_cell(f"the code says {units} units, and its own column {found['units']}")
        self._payer(found)
        self._lists(found)
        self._last_day(found)
        for name, text in self.plan.map.fixed.items():
            if not any(self.fields.get(name, ())):
                found[name] = text
        if found["units"].startswith("-") or found["charge"].startswith("-"):
            self.plan.tell(REVERSED)
        return found

    def _texts(self, name: str) -> list[tuple[str, str]]:
        """The filled cells of a field with their columns; a cell with a fault of its own says so."""
        found = []
        for joined in self.fields.get(name, ()):
            column = joined[0]
            problem = next((self.problems[part] for part in joined if part in self.problems), "")
            if problem:
                found.append((column, unread_cell(problem)))
            elif text := self.plan._joined(joined, self.raw):
                found.append((column, text))
        return found

    def _one(self, name: str) -> str:
        """A field of one value. Of several columns the first that is filled, where a mapping ranks them; else they agree."""  # noqa: E501
        found: list[tuple[str, str]] = []
        for column, text in self._texts(name):
            cell = (
                text
                if is_unread(text)
                else self._kept_or(name, column, self.plan.cell(name, column, text), text)
            )
            if cell:
                found.append((column, cell))
            if found and self.plan.ranked:
                break
        if len({cell for _, cell in found}) > 1:
            told = " and ".join(f"{column!r}" for column, _ in found)
            return unread_cell(f"columns {told} do not agree; say with --map which one is read")
        return found[0][1] if found else ""

    def _kept_or(self, name: str, column: str, cell: str, text: str) -> str:
        """The cell, or nothing where it cannot be read and a mapping has it kept."""
        if not is_unread(cell) or name not in self.plan.map.kept_if_unread:
            return cell
        self.kept.append((column, text))
        self.plan.tell(f"cells of column {column!r} that cannot be read are kept")
        return ""

    def _code(self, found: dict[str, str]) -> tuple[list[str], str]:
        texts = self._texts("code")
        seen: list[tuple[str, tuple[str, ...], str]] = []
        found["code"] = ""
        for column, text in texts[:1] if self.plan.ranked else texts:
            if is_unread(text):
                found["code"] = text
                return [], ""
            if is_empty(claim_fields()["code"], text):
                continue
            if problem := plain_problem(text):
                found["code"] = self.plan.unread("code", column, problem)
                return [], ""
            try:
                seen.append(code_parts(text))
            except ValueError as problem:
                found["code"] = self.plan.unread("code", column, str(problem))
                return [], ""
        if len({code for code, _, _ in seen}) > 1:
            told = " and ".join(f"{column!r}" for column, _ in texts)
            found["code"] = unread_cell(f"columns {told} do not agree; say with --map which one is read")
            return [], ""
        if seen:
            found["code"] = seen[0][0]
        return [modifier for _, given, _ in seen for modifier in given], next(
            (u for _, _, u in seen if u), ""
        )

    def _modifiers(self, found: dict[str, str], given: list[str]) -> None:
        listed: list[str] = []
        for column, text in self._texts("modifiers"):
            if is_unread(text):
                found["modifiers"] = text
                return
            try:
                if not is_empty(claim_fields()["modifiers"], text):
                    if problem := plain_problem(text):
                        raise ValueError(problem)
                    listed += modifier_parts(text)
            except ValueError as problem:
                found["modifiers"] = self.plan.unread("modifiers", column, str(problem))
                return
        found["modifiers"] = "|".join([*(one for one in given if one not in listed), *listed])

    def _payer(self, found: dict[str, str]) -> None:
        """A plan's name stands for its type where it is a word for one; else the type stays open, and it is kept."""
        for column, text in self._texts(PAYER_NAME):
            if is_unread(text):
                continue
            words = self.plan.map.values.get(PAYER_NAME, {})
            try:
                value = words.get(" ".join(text.lower().split())) or choice_text(
                    claim_fields()["payer"], text
                )
                found["payer"] = found["payer"] or value
            except ValueError:
                self.kept.append((column, text))
                self.plan.tell(
                    f"names in column {column!r} tell no type of payer; give --payer, or a mapping's [values.payer_name]"  # noqa: E501
                )

    def _lists(self, found: dict[str, str]) -> None:
        """Diagnoses, each once, and pointers to them, whose letters follow where a diagnosis stood twice."""
        codes: list[str] = []
        place_of: list[int] = []
        found["diagnoses"] = ""
        for column, text in self._texts("diagnoses"):
            if is_unread(text):
                found["diagnoses"] = text
                break
            if is_empty(claim_fields()["diagnoses"], text):
                continue
            try:
                if problem := plain_problem(text):
                    raise ValueError(problem)
                parts = diagnosis_parts(text)
            except ValueError as problem:
                cell = self.plan.unread("diagnoses", column, str(problem))
                if not (cell := self._kept_or("diagnoses", column, cell, text)):
                    continue
                found["diagnoses"] = cell
                break
            for code in parts:
                if code not in codes:
                    codes.append(code)
                place_of.append(codes.index(code))
        if not is_unread(found["diagnoses"]):
            found["diagnoses"] = "|".join(codes)
        self._pointers(found, place_of)
        self._line_diagnosis(found, codes)

    def _pointers(self, found: dict[str, str], place_of: list[int]) -> None:
        letters = ""
        for column, text in self._texts("pointers"):
            if is_unread(text):
                found["pointers"] = text
                return
            if is_empty(claim_fields()["pointers"], text):
                continue
            try:
                if problem := plain_problem(text):
                    raise ValueError(problem)
                more = pointer_parts(text, len(place_of))
                parse_cell(claim_fields()["pointers"], more)
            except ValueError as problem:
                found["pointers"] = self.plan.unread("pointers", column, str(problem))
                return
            letters += more
        moved = [
            chr(ord("A") + place_of[ord(letter) - ord("A")])
            if ord(letter) - ord("A") < len(place_of)
            else letter
            for letter in letters
        ]
        found["pointers"] = "".join(dict.fromkeys(moved))

    def _line_diagnosis(self, found: dict[str, str], codes: list[str]) -> None:
        for column, text in self._texts(LINE_DIAGNOSIS):
            try:
                (code,) = diagnosis_parts(text)
            except ValueError:
                code = ""
            if code in codes and not found["pointers"]:
                found["pointers"] = chr(ord("A") + codes.index(code))
            elif code not in codes:
                self.kept.append((column, text))
                self.plan.tell(
                    f"diagnoses in column {column!r} that the claim does not list are kept and not read"
                )

    def _last_day(self, found: dict[str, str]) -> None:
        for column, text in self._texts(DATE_TO):
            last = self.plan.cell("date", column, text)
            if last != found["date"] and not is_unread(found["date"]) and text:
                self.kept.append((column, text))
                self.plan.tell(
                    "lines run over several days; the first is read as the day of service, the last is kept"
                )


def is_unread(text: str) -> bool:
    """Whether a cell says why it is not read."""
    return text.startswith(unread_cell(""))
