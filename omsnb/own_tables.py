"""A practice's own files of CMS: the unit limits, pairs and fee schedule of its quarter, for all of their codes.

They stand in the folder that ``OMSNB_CMS`` names, as CMS publishes them. For what they speak of they take the place of
the manual's own tables, and whatever rests on one names the file and its date. Nothing is read where the variable is
not set. A check takes them once, at its beginning (``with own_tables_read():``); what it calls asks ``own_tables``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from omsnb.fees import SCHEDULE_INDICATORS, schedule_indicator, schedule_source
from omsnb.records import UnitLimit
from omsnb.tables import codes, sources

if TYPE_CHECKING:
    from omsnb.cms_files import CmsFile

FOLDER = "OMSNB_CMS"
OWN = "own:"
"""Before the name of a file where the id of a source stands otherwise."""

SUFFIXES = (".csv", ".txt", ".zip")
FILES_MOST = 50
NO_EDIT = "9"
"""The indicator of a pair that is none any more."""

CODE_INDICATORS = ("global_days", "split", "bilateral")
"""Indicators of the fee schedule that stand in ``codes.csv``; ``SCHEDULE_INDICATORS`` come on top."""


class OwnPair(NamedTuple):
    """A pair of a practice's file. ``known``: before this day it cannot be told; ``first``, ``last``: days on which it
    is in force, ``last`` empty while it is; ``source``: the file."""

    indicator: str
    known: str
    first: str
    last: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A file that was read. ``kind``: a key of ``cms_files.KINDS``; ``effective``: the day from which it holds."""

    name: str
    kind: str
    effective: str
    rows: int

    @property
    def source(self) -> str:
        """What stands for it where the id of a source stands otherwise."""
        return OWN + self.name


@dataclass(frozen=True, eq=False)
class OwnTables:
    """All that a practice's files say. Two of them are never equal, so that what was worked out by one is kept by it.

    ``limits``: unit limits by code, a table a date, oldest first. ``pairs``: by first and second code. ``spans``: the
    first codes of which the files of pairs speak, from and to. ``indicators``: of the fee schedule, by code.
    """

    files: tuple[OwnFile, ...] = ()
    limits: tuple[tuple[OwnFile, Mapping[str, UnitLimit]], ...] = ()
    pairs: Mapping[str, Mapping[str, OwnPair]] = field(default_factory=dict)
    spans: tuple[tuple[str, str, OwnFile], ...] = ()
    indicators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fees: OwnFile | None = None

    def pairs_file(self, first: str) -> OwnFile | None:
        """The file that says which codes are denied beside this one; None where none speaks of it."""
        return next((file for low, high, file in self.spans if low <= first <= high), None)

    def limits_file(self, day: str) -> OwnFile | None:
        """The newest file of limits that holds on a day or held before it; None for a day before all."""
        begun = [file for file, _ in self.limits if file.effective <= day]
        return begun[-1] if begun else None


NONE = OwnTables()
_used: ContextVar[OwnTables] = ContextVar("own tables", default=NONE)


def own_tables() -> OwnTables:
    """The practice's tables in a check that is running; without any elsewhere."""
    return _used.get()


@contextmanager
def own_tables_read() -> Iterator[OwnTables]:
    """Has a check go by the practice's files, read anew where one has changed.

    Raises ``ValueError`` with one sentence that names folder or file, row and column, and says what is allowed.
    """
    token = _used.set(read_own_tables())
    try:
        yield _used.get()
    finally:
        _used.reset(token)


@contextmanager
def own_folder(folder: str | None) -> Iterator[None]:
    """Sets the folder for a while, so that workers of this machine go by it, too; None leaves it as it is."""
    before = os.environ.get(FOLDER)
    if folder is not None:
        os.environ[FOLDER] = folder
    try:
        yield
    finally:
        if before is None:
            os.environ.pop(FOLDER, None)
        else:
            os.environ[FOLDER] = before


def read_own_tables() -> OwnTables:
    """The tables of the folder; ``NONE`` where the variable is not set. Raises ``ValueError`` as said above."""
    stamps = own_stamps()
    if not stamps:
        return NONE
    if _kept.get("stamps") != stamps:  # the last folder alone is kept, since a whole quarter is large
        _kept.clear()
        _kept["tables"] = _read([path for path, _, _ in stamps])
        _kept["stamps"] = stamps
    kept = _kept["tables"]
    assert isinstance(kept, OwnTables)
    return kept


_kept: dict[str, object] = {}


def own_stamps() -> tuple[tuple[str, int, int], ...]:
    """Path, time of change and size of each file of the folder; empty where the variable is not set.

    Raises ``ValueError`` with one sentence for a folder that cannot be read or holds no such file.
    """
    named = os.environ.get(FOLDER, "").strip()
    if not named:
        return ()
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise ValueError(f"{FOLDER}: {named!r} is no folder")
    try:
        paths = sorted(
            path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()
        )
        stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths)
    except OSError as problem:
        raise ValueError(f"{FOLDER}: {named!r} cannot be read: {problem.strerror}") from None
    if not stamps:
        raise ValueError(f"{FOLDER}: {named!r} holds no file of CMS; allowed: {', '.join(SUFFIXES)}")
    if len(stamps) > FILES_MOST:
        raise ValueError(f"{FOLDER}: {named!r} holds {len(stamps)} files; at most {FILES_MOST} are read")
    return stamps


def _read(paths: Sequence[str]) -> OwnTables:
    from omsnb.cms_files import (  # a page in the browser, which has no such folder, does without
        KINDS,
        tables_of,
    )

    found: dict[str, list[CmsFile]] = {kind: [] for kind in KINDS}
    for path in paths:
        for table in tables_of(path):
            if not table.effective:
                raise ValueError(
                    f"{FOLDER}: {table.name!r} does not say from which day it holds; CMS's own name does, such as "
                    "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"
                )
            found[table.kind].append(table)
    _check_dates(found, KINDS)
    files: list[OwnFile] = []
    limits = [_limits(table, files) for table in sorted(found["limits"], key=lambda table: table.effective)]
    pairs: dict[str, dict[str, OwnPair]] = {}
    spans = tuple(span for table in found["pairs"] for span in _pairs(table, files, pairs))
    indicators: Mapping[str, Mapping[str, str]] = {}
    fees = None
    for table in found["fees"]:
        fees, indicators = _indicators(table, files)
    return OwnTables(tuple(files), tuple(limits), pairs, spans, indicators, fees)


def _check_dates(found: Mapping[str, Sequence[CmsFile]], kinds: Mapping[str, str]) -> None:
    """Refuses two tables of which nobody could say which holds."""
    for kind, tables in found.items():
        seen: dict[str, CmsFile] = {}
        for table in tables:
            if kind == "limits":
                same = seen.get(table.effective)
            else:
                same = next(
                    (one for one in seen.values() if kind == "fees" or one.effective != table.effective), None
                )
            if same:
                raise ValueError(
                    f"{FOLDER}: {same.name!r} (from {same.effective}) and {table.name!r} (from {table.effective}) are "
                    f"both {kinds[kind]}; keep one"
                )
            seen[table.effective] = table


def _limits(table: CmsFile, files: list[OwnFile]) -> tuple[OwnFile, Mapping[str, UnitLimit]]:
    found: dict[str, UnitLimit] = {}
    for entry in table.entries():
        code, units, mai, rationale = (entry.cells[name] for name in ("code", "units", "mai", "rationale"))
        if code in found:
            raise ValueError(f"{table.name} row {entry.row}: {code!r} stands twice")
        found[code] = UnitLimit(code, table.effective, int(units), mai, rationale, OWN + table.name)
    files.append(OwnFile(table.name, table.kind, table.effective, len(found)))
    return files[-1], found


def _pairs(
    table: CmsFile, files: list[OwnFile], pairs: dict[str, dict[str, OwnPair]]
) -> Iterator[tuple[str, str, OwnFile]]:
    """Adds the pairs of a file. CMS cuts them into files by their first code, so each speaks of a span of those."""
    from omsnb.cms_files import ENDLESS

    low = high = ""
    count = 0
    shared: dict[OwnPair, OwnPair] = {}
    text: dict[str, str] = {}
    for entry in table.entries():
        cells = entry.cells
        first = text.setdefault(cells["first"], cells["first"])
        second = text.setdefault(cells["second"], cells["second"])
        low, high = min(low or first, first), max(high, first)
        count += 1
        if cells["indicator"] == NO_EDIT:
            continue
        last = "" if cells["until"] == ENDLESS else cells["until"]
        pair = OwnPair(cells["indicator"], "", cells["from"], last, OWN + table.name)
        own = pairs.setdefault(first, {})
        if (
            before := own.get(second)
        ) is not None:  # in force twice: the later time is kept, and the earlier is open
            later, other = (pair, before) if pair.first > before.first else (before, pair)
            pair = later._replace(known=later.first, first=other.first)
        own[second] = shared.setdefault(pair, pair)
    files.append(OwnFile(table.name, table.kind, table.effective, count))
    yield low, high, files[-1]


def _indicators(table: CmsFile, files: list[OwnFile]) -> tuple[OwnFile, Mapping[str, Mapping[str, str]]]:
    found: dict[str, Mapping[str, str]] = {}
    for entry in table.entries():
        if entry.cells["modifier"]:  # the row of the whole service alone
            continue
        code = entry.cells["code"]
        if code in found:
            raise ValueError(f"{table.name} row {entry.row}: {code!r} stands twice")
        cells = {name: entry.cells[name] for name in ("global_days", "bilateral", *SCHEDULE_INDICATORS)}
        found[code] = {**cells, "split": entry.cells["component_split"]}
    files.append(OwnFile(table.name, table.kind, table.effective, len(found)))
    return files[-1], found


def indicator(code: str, name: str) -> str:
    """An indicator of the fee schedule, by the practice's file where that lists the code, else by the manual.

    ``name``: one of ``CODE_INDICATORS`` or ``SCHEDULE_INDICATORS``. Empty where neither lists the code.
    """
    own = own_tables().indicators.get(code)
    if own is not None:
        return own[name]
    if name in SCHEDULE_INDICATORS:
        return schedule_indicator(code, name)
    known = codes().get(code)
    if known is None:
        return ""
    return ("yes" if known.component_split else "no") if name == "split" else str(getattr(known, name))


def indicator_source(code: str, name: str) -> str:
    """The source of ``indicator``, or ``own:`` and the name of a practice's file; empty where there is none."""
    own = own_tables()
    if own.fees and code in own.indicators:
        return own.fees.source
    if name in SCHEDULE_INDICATORS:
        return schedule_source(code)
    return codes()[code].source if code in codes() else ""


class Named(NamedTuple):
    """A table as a finding names it. ``official``: it is CMS's own; ``edition``: its quarter, or its first day."""

    title: str
    edition: str
    official: bool


def table_named(source: str) -> Named:
    """A table by its source's id, or by ``own:`` and the name of a practice's file."""
    if source.startswith(OWN):
        name = source.removeprefix(OWN)
        day = next((file.effective for file in own_tables().files if file.name == name), "")
        return Named(f'your file "{name}" ({FOLDER})', f"from {day}" if day else "", True)
    known = sources()[source]
    return Named(f"{known.title} ({known.publisher})", known.edition, known.kind == "cms-table")


def own_data(own: OwnTables) -> list[dict[str, object]]:
    """The files that a check went by, for JSON."""
    return [
        {"file": file.name, "kind": file.kind, "effective": file.effective, "rows": file.rows}
        for file in own.files
    ]


def own_text(own: OwnTables) -> list[str]:
    """The same for people, a line each; none where there is no folder."""
    from omsnb.cms_files import KINDS

    return [
        f'TABLE   {KINDS[file.kind]} by your file "{file.name}" ({FOLDER}), from {file.effective}, {file.rows} rows'
        for file in own.files
    ]


def own_limits(own: OwnTables, code: str) -> tuple[UnitLimit, ...]:
    """The limits of a code in a practice's files, oldest first."""
    return tuple(held[code] for _, held in own.limits if code in held)
