"""Compares a file of CMS with the rows that ``data/`` holds, proposes the change of rows, and writes it when accepted.

Rows of other codes, their order and other columns are left as they are. A proposal is checked by the loader of its file
before it is written, and the file is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from omsnb import reading
from omsnb.claim_tables import code_pairs
from omsnb.cms_files import ENDLESS, CmsFile, Entry
from omsnb.reading import Line, read_lines
from omsnb.tables import codes, mue, sources
from omsnb.writing import check_target, write_whole

ADDED, CHANGED, GONE = "added", "changed", "gone"
COMPARED = {
    "limits": ("units", "mai", "rationale"),
    "pairs": ("indicator",),
    "fees": ("medicare_status", "component_split", "global_days", "bilateral"),
}
KEYS = {"limits": ("code", "effective"), "pairs": ("first", "second"), "fees": ("code",)}
TARGETS: Mapping[str, tuple[str, Any]] = {
    "limits": ("mue.csv", mue),
    "pairs": ("ncci.csv", code_pairs),
    "fees": ("codes.csv", codes),
}
"""The file of ``data/`` that each kind changes, and what reads that file."""

NOT_TOGETHER = ("0", "1")
"""Indicators of a pair that denies; with 9 there is no edit any more."""

WHOLE_ROW = ""
"""The modifier of the fee schedule's row for the whole service."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is added, changed or gone.

    ``key``: what names the row. ``old``: what the row held; of an added limit, what the table before held, with its
    date. ``new``: what the file says. ``row``: the line of the file, 0 where none speaks of the row.
    """

    change: str
    key: tuple[str, ...]
    old: Mapping[str, str]
    new: Mapping[str, str]
    row: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a file would change in ``data/``. ``read``: rows of the file; ``ours``: those of codes of the manual."""

    file: str
    kind: str
    effective: str
    target: str
    read: int
    ours: int
    changes: tuple[Change, ...]


def propose(file: CmsFile, effective: str, *, part: bool = False) -> Proposal:
    """Compares a file with what is held.

    ``effective``: the day from which it holds. ``part``: the file is an excerpt, so that a row missing in it is not
    gone. Raises ``ValueError`` with file, row and column for the first row that cannot be read.
    """
    target, _ = TARGETS[file.kind]
    held = read_lines(target)
    known = frozenset(line.text("code") for line in read_lines("codes.csv"))
    counted = [0, 0]

    def ours() -> Iterator[Entry]:
        for entry in file.entries():
            counted[0] += 1
            named = [entry.cells[name] for name in ("code", "first", "second") if name in entry.cells]
            if known.issuperset(named):
                counted[1] += 1
                yield entry

    compare = {"limits": _limits, "pairs": _pairs, "fees": _fees}[file.kind]
    changes = tuple(
        sorted(compare(file, ours(), held, effective, known, part), key=lambda change: change.key)
    )
    return Proposal(file.name, file.kind, effective, target, counted[0], counted[1], changes)


def _once(file: CmsFile, entries: Iterator[Entry], *names: str) -> dict[tuple[str, ...], Entry]:
    found: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        key = tuple(entry.cells[name] for name in names)
        if key in found:
            raise ValueError(
                f"{file.name} row {entry.row}, column {names[0]!r}: {' '.join(key).strip()!r} stands twice, "
                f"first in row {found[key].row}"
            )
        found[key] = entry
    return found


def _picked(kind: str, cells: Mapping[str, str]) -> dict[str, str]:
    return {name: cells[name] for name in COMPARED[kind]}


def _differs(kind: str, key: tuple[str, ...], line: Line, entry: Entry) -> Iterator[Change]:
    old, new = _picked(kind, line.cells), _picked(kind, entry.cells)
    if old != new:
        yield Change(CHANGED, key, old, new, entry.row)


def _limits(
    file: CmsFile,
    entries: Iterator[Entry],
    held: Sequence[Line],
    effective: str,
    known: frozenset[str],
    part: bool,
) -> Iterator[Change]:
    new = _once(file, entries, "code")
    rows = {(line.text("code"), line.text("effective")): line for line in held}
    # The first table of a date repeats every limit, for between two tables that differ a limit is not known. Of a date
    # that is held, a limit that only repeats an older one tells nothing.
    first_of_date = not any(day == effective for _, day in rows)
    for (code,), entry in new.items():
        key = (code, effective)
        if key in rows:
            yield from _differs("limits", key, rows[key], entry)
            continue
        older = [line for line in held if line.text("code") == code and line.text("effective") < effective]
        before = max(older, key=lambda line: line.text("effective")) if older else None
        was = _picked("limits", before.cells) if before else {}
        said = _picked("limits", entry.cells)
        if was != said or first_of_date:
            dated = {"effective": before.text("effective"), **was} if before else {}
            yield Change(ADDED, key, dated, said, entry.row)
    for key, line in rows.items():
        if not part and key[1] == effective and (key[0],) not in new:
            yield Change(GONE, key, _picked("limits", line.cells), {}, 0)


def _pairs(
    file: CmsFile,
    entries: Iterator[Entry],
    held: Sequence[Line],
    effective: str,
    known: frozenset[str],
    part: bool,
) -> Iterator[Change]:
    active: dict[tuple[str, ...], Entry] = {}
    ended: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        cells = entry.cells
        key: tuple[str, ...] = (cells["first"], cells["second"])
        lasts = cells["until"] == ENDLESS or cells["until"] >= effective
        if cells["from"] > effective:
            continue
        if not lasts or cells["indicator"] not in NOT_TOGETHER:
            ended[key] = entry
        elif key in active:
            raise ValueError(
                f"{file.name} row {entry.row}, column 'first': the pair {' '.join(key)!r} is in force twice, "
                f"first in row {active[key].row}"
            )
        else:
            active[key] = entry
    rows: dict[tuple[str, ...], Line] = {(line.text("first"), line.text("second")): line for line in held}
    for key, entry in active.items():
        if key in rows:
            yield from _differs("pairs", key, rows[key], entry)
        else:
            yield Change(ADDED, key, {}, _picked("pairs", entry.cells), entry.row)
    # CMS cuts the pairs into files by their first code, so a file is silent on codes beyond its own
    span = (min(first for first, _ in active), max(first for first, _ in active)) if active else ("", "")
    for key, line in rows.items():
        if key in active or not known.issuperset(key):
            continue
        if key in ended:
            yield Change(GONE, key, _picked("pairs", line.cells), {}, ended[key].row)
        elif not part and span[0] <= key[0] <= span[1]:
            yield Change(GONE, key, _picked("pairs", line.cells), {}, 0)


def _fees(
    file: CmsFile,
    entries: Iterator[Entry],
    held: Sequence[Line],
    effective: str,
    known: frozenset[str],
    part: bool,
) -> Iterator[Change]:
    rows = {line.text("code"): line for line in held}
    for (code, modifier), entry in _once(file, entries, "code", "modifier").items():
        if modifier == WHOLE_ROW:
            yield from _differs("fees", (code,), rows[code], entry)


def check_accept(source: str, target: str) -> Path:
    """The place of the file that a proposal changes.

    ``source``: an id of ``sources.csv`` that the new rows cite. Raises ``ValueError`` with one sentence for another id,
    and where the data is no checkout that may be written: an installed package keeps its data as it came.
    """
    if source not in sources():
        raise ValueError(
            f"source: {source!r} is not allowed; allowed is an id of data/sources.csv, "
            "so add the table there first"
        )
    folder = reading.data_folder()
    if not isinstance(folder, Path) or folder == files("omsnb") / "data":
        raise ValueError("accept: the data of an installed package is not changed; work in a checkout")
    return check_target(folder / target)


def accept(proposal: Proposal, source: str) -> Path | None:
    """Writes a proposal into ``data/``; returns the file, or None where there is nothing to change.

    ``source``: an id of ``sources.csv``, cited by each row that is written. Raises ``ValueError`` as ``check_accept``
    does, when the disk is full, and for a value that the manual does not know; then the file is as it was.
    """
    path = check_accept(source, proposal.target)
    if not proposal.changes:
        return None
    content = changed_text(path.read_bytes().decode("utf-8"), proposal, source).encode()
    read: Callable[[], object] = TARGETS[proposal.kind][1].__wrapped__  # past what the loader has kept
    with reading.instead(proposal.target, content):
        read()
    write_whole(path, content)
    return path


def changed_text(text: str, proposal: Proposal, source: str) -> str:
    """The text of a file of ``data/`` with a proposal's rows; every other row stays as it is, to the letter."""
    end = "\r\n" if "\r\n" in text else "\n"
    rows = text.removesuffix(end).split(end)
    header = next(csv.reader(rows[:1]))
    names = KEYS[proposal.kind]
    body = []
    for row in rows[1:]:
        cells = dict(zip(header, next(csv.reader([row])), strict=True))
        body.append((tuple(cells[name] for name in names), cells, row))
    for change in proposal.changes:
        at = next((number for number, entry in enumerate(body) if entry[0] == change.key), None)
        if at is not None and change.change == GONE:
            del body[at]
            continue
        old = body[at][1] if at is not None else dict.fromkeys(header, "")
        cells = {**old, **dict(zip(names, change.key, strict=True)), **change.new, "source": source}
        if "effective" in header:
            cells["effective"] = proposal.effective
        entry = (change.key, cells, _row([cells[name] for name in header]))
        if at is not None:
            body[at] = entry
        else:
            after = [number for number, (key, _, _) in enumerate(body) if key < change.key]
            body.insert(after[-1] + 1 if after else 0, entry)
    return end.join([rows[0], *(row for _, _, row in body)]) + end


def _row(cells: Sequence[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="").writerow(cells)
    return written.getvalue()
