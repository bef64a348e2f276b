"""Mapping files: which column of a kind of file is which field. Ready ones stand in ``data/maps``.

A mapping says everything: a column that it does not name is kept and not read. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from omsnb.cell_dates import ORDERS
from omsnb.claim_tables import claim_fields
from omsnb.claims import parse_cell
from omsnb.column_names import ROLES
from omsnb.reading import Block, DataError, data_folder, instead, read_toml

FOLDER = "maps"
SLOT = "{n}"
JOIN = "+"
MOST_SLOTS = 50
MOST_MAP_BYTES = 2**20
OWN = "a mapping of yours"


@dataclass(frozen=True)
class ColumnMap:
    """A mapping.

    ``title``: the kind of file. ``note``: what is to be known about it. ``found_by``: columns that such a file has.
    ``instead``: for a file that holds no claim lines, what to do. ``slots``: lines in one row, by ``{n}`` in names.
    ``columns``: for each field its columns; of a field that is no list the first that is filled. Names joined by a plus
    are read as one. ``fixed``: what a field is where the file has no column for it. ``values``: words for a field's
    values. ``only``: what a column must hold in rows that are lines. ``kept_if_unread``: fields of which a cell that
    cannot be read is kept and does not spoil its row. ``dates``: the order of month and day.
    """

    name: str
    title: str = ""
    note: str = ""
    found_by: tuple[str, ...] = ()
    instead: str = ""
    slots: int = 1
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    kept_if_unread: tuple[str, ...] = ()
    dates: str = ""

    def names(self) -> set[str]:
        """Every column that the mapping may read."""
        given = [part for names in self.columns.values() for name in names for part in name.split(JOIN)]
        return {
            name.replace(SLOT, str(slot))
            for name in (*given, *self.only)
            for slot in range(1, self.slots + 1)
        }


def _read_map(file: str, own: bool = False) -> ColumnMap:
    raw = read_toml(file)
    rest = (
        "note",
        "instead",
        "places_in_a_row",
        "columns",
        "fixed",
        "values",
        "only",
        "kept_if_unread",
        "dates",
    )
    raw.keys(() if own else ("title", "found_by"), (*rest, *(("title", "found_by") if own else ())))
    fields = claim_fields()
    allowed = (*fields, *ROLES)
    if "instead" not in raw.raw and "columns" not in raw.raw:
        raise raw.error("columns", "is missing")
    columns = raw.table("columns", missing=True)
    columns.keys((), allowed)
    slots = raw.whole("places_in_a_row") if "places_in_a_row" in raw.raw else 1
    if not 1 <= slots <= MOST_SLOTS:
        raise raw.error("places_in_a_row", f"{slots} is not allowed; allowed: 1 to {MOST_SLOTS}")
    given = {name: columns.texts(name) for name in columns.raw}
    if slots > 1 and not any(SLOT in name for name in given.get("code", ())):
        raise raw.error("places_in_a_row", f"the column of the code must hold {SLOT}")
    if columns.raw and "code" not in given:
        raise columns.error("code", "is missing")
    fixed = raw.table("fixed", missing=True)
    fixed.keys((), fields)
    values = raw.table("values", missing=True)
    values.keys((), allowed)
    only = raw.table("only", missing=True)
    return ColumnMap(
        name=file.removeprefix(f"{FOLDER}/"),
        title=raw.text("title") if "title" in raw.raw else OWN,
        note=raw.text("note") if "note" in raw.raw else "",
        found_by=raw.texts("found_by") if "found_by" in raw.raw else (),
        instead=raw.text("instead") if "instead" in raw.raw else "",
        slots=slots,
        columns=given,
        fixed={name: _fixed(fixed, name) for name in fixed.raw},
        values={name: _values(values.table(name), name) for name in values.raw},
        only={name: frozenset(only.texts(name)) for name in only.raw},
        kept_if_unread=raw.texts("kept_if_unread", given, "the columns of this mapping")
        if "kept_if_unread" in raw.raw
        else (),
        dates=raw.one_of("dates", *ORDERS) if "dates" in raw.raw else "",
    )


def _fixed(part: Block, name: str) -> str:
    text = part.text(name)
    try:
        parse_cell(claim_fields()[name], text)
    except ValueError as problem:
        raise part.error(name, str(problem)) from None
    return text


def _values(part: Block, name: str) -> dict[str, str]:
    field_name = "payer" if name == "payer_name" else name
    entry = claim_fields().get(field_name)
    found = {}
    for word in part.raw:
        value = part.text(word)
        try:
            if entry:
                parse_cell(entry, value)
        except ValueError as problem:
            raise part.error(word, str(problem)) from None
        found[" ".join(word.lower().split())] = value
    return found


@cache
def ready_maps() -> tuple[ColumnMap, ...]:
    """The mappings of ``data/maps``; raises ``DataError`` for one that is wrong, or is found by columns it may not be."""  # noqa: E501
    folder = data_folder() / FOLDER
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = []
    for file in files:
        made = _read_map(f"{FOLDER}/{file}")
        raw = read_toml(f"{FOLDER}/{file}")
        if len(made.found_by) < 3:
            raise raw.error("found_by", "has fewer than three columns, which many files share")
        if made.columns and not set(made.found_by) & made.names():
            raise raw.error("found_by", "names no column that the mapping reads")
        if len(made.title.split()) < 2:
            raise raw.error("title", f"{made.title!r} is no title of two words or more")
        for name in set(made.only) - set(made.found_by):
            raise raw.error("only", f"{name!r} is no column of found_by, by which such a file is known")
        found.append(made)
    return tuple(found)


def own_map(path: str | Path) -> ColumnMap:
    """A mapping file of the user's; raises ``ValueError`` with one sentence: file, row, key, and what is allowed."""
    file = Path(path)
    try:
        if file.stat().st_size > MOST_MAP_BYTES:
            raise ValueError(f"map: {file.name!r} is too large for a mapping")
        content = file.read_bytes()
    except OSError as problem:
        raise ValueError(f"map: {file.name!r} cannot be read: {problem.strerror}") from None
    place = f"{FOLDER}/ own.toml"
    try:
        with instead(place, content):
            return _read_map(place, own=True)
    except DataError as problem:
        said = str(problem).replace(f"data/{place}", "", 1).strip()
        raise ValueError(f"map: {file.name!r} {said}") from None


def matching_map(header: Iterable[str]) -> ColumnMap | None:
    """The ready mapping by which a header is known, the one with most such columns; None where there is none."""
    names = {_plain(name) for name in header}
    fitting = [made for made in ready_maps() if all(_plain(name) in names for name in made.found_by)]
    return max(fitting, key=lambda made: len(made.found_by), default=None)


def _plain(name: str) -> str:
    return " ".join(name.lower().split())


def resolved(made: ColumnMap, header: Sequence[str]) -> list[dict[str, tuple[tuple[str, ...], ...]]]:
    """For each line of a row: the columns of each field as they stand in the header, each as the parts it joins."""
    own = {_plain(name): name for name in header}
    found = []
    for slot in range(1, made.slots + 1):
        fields: dict[str, tuple[tuple[str, ...], ...]] = {}
        for name, given in made.columns.items():
            parts = [
                tuple(_plain(part.replace(SLOT, str(slot))) for part in column.split(JOIN))
                for column in given
            ]
            there = tuple(
                tuple(own[part] for part in joined) for joined in parts if all(part in own for part in joined)
            )
            if there:
                fields[name] = there
        found.append(fields)
    return found


def map_text(columns: Mapping[str, Sequence[str]], title: str) -> str:
    """A mapping as TOML, for a person to mend. ``columns``: for each field its columns."""
    lines = [f"title = {_quoted(title)}", "", "[columns]"]
    for name, names in columns.items():
        lines.append(f"{name} = [{', '.join(map(_quoted, names))}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
