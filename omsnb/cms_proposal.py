"""Compares a file of CMS with the rows that ``data/`` holds, proposes the change of rows, and writes it when accepted.

Rows of other codes, their order and other columns are left as they are. A proposal is checked by the loader of its file
before it is written, and the file is written whole or not at all.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from omsnb import reading
from omsnb.claim_tables import code_pairs
from omsnb.cms_files import ENDLESS, CmsFile, Entry
from omsnb.fees import COMPONENTS, fee_releases, rvus
from omsnb.reading import Line, read_lines
from omsnb.tables import codes, mue, sources
from omsnb.writing import check_target, write_whole

ADDED, CHANGED, GONE = "added", "changed", "gone"
LIMITS, PAIRS, CODES, UNITS, RELEASES = "mue.csv", "ncci.csv", "codes.csv", "rvus.csv", "fee-releases.csv"
COMPARED = {
    LIMITS: ("units", "mai", "rationale"),
    PAIRS: ("indicator",),
    CODES: ("medicare_status", "component_split", "global_days", "bilateral"),
    UNITS: (
        "work", "office", "facility", "malpractice", "office_priced", "facility_priced", "multiple_procedure",
        "assistant", "co_surgeon", "team",
    ),
    RELEASES: ("factor",),
}  # fmt: skip
KEYS = {
    LIMITS: ("code", "effective"),
    PAIRS: ("first", "second"),
    CODES: ("code",),
    UNITS: ("code", "component"),
    RELEASES: ("release",),
}
TARGETS: Mapping[str, Mapping[str, Any]] = {
    "limits": {LIMITS: mue},
    "pairs": {PAIRS: code_pairs},
    "fees": {CODES: codes, UNITS: rvus, RELEASES: fee_releases},
}
"""The files of ``data/`` that each kind changes, and what reads each."""

NOT_TOGETHER = ("0", "1")
"""Indicators of a pair that denies; with 9 there is no edit any more."""

WHOLE_ROW = ""
"""The modifier of the fee schedule's row for the whole service."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is added, changed or gone.

    ``target``: its file in ``data/``. ``key``: what names the row. ``old``: what the row held; of an added limit, what
    the table before held, with its date. ``new``: what the file says. ``row``: the line of the file, 0 where none
    speaks of the row.
    """

    change: str
    target: str
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
    targets: tuple[str, ...]
    read: int
    ours: int
    changes: tuple[Change, ...]


def propose(file: CmsFile, effective: str, *, part: bool = False) -> Proposal:
    """Compares a file with what is held.

    ``effective``: the day from which it holds. ``part``: the file is an excerpt, so that a row missing in it is not
    gone. Raises ``ValueError`` with file, row and column for the first row that cannot be read.
    """
    known = frozenset(line.text("code") for line in read_lines("codes.csv"))
    counted = [0, 0]

    def ours() -> Iterator[Entry]:
        for entry in file.entries():
            counted[0] += 1
            named = [entry.cells[name] for name in ("code", "first", "second") if name in entry.cells]
            if known.issuperset(named):
                counted[1] += 1
                yield entry

    targets = tuple(TARGETS[file.kind])
    compare = {"limits": _limits, "pairs": _pairs, "fees": _fees}[file.kind]
    changes = tuple(
        sorted(
            compare(file, ours(), effective, known, part),
            key=lambda change: (targets.index(change.target), change.key),
        )
    )
    return Proposal(file.name, file.kind, effective, targets, counted[0], counted[1], changes)


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


def _picked(target: str, cells: Mapping[str, str]) -> dict[str, str]:
    return {name: cells[name] for name in COMPARED[target]}


def _differs(target: str, key: tuple[str, ...], line: Line, entry: Entry) -> Iterator[Change]:
    old, new = _picked(target, line.cells), _picked(target, entry.cells)
    if old != new:
        yield Change(CHANGED, target, key, old, new, entry.row)


def _limits(
    file: CmsFile,
    entries: Iterator[Entry],
    effective: str,
    known: frozenset[str],
    part: bool,
) -> Iterator[Change]:
    new = _once(file, entries, "code")
    held = read_lines(LIMITS)
    rows = {(line.text("code"), line.text("effective")): line for line in held}
    # The first table of a date repeats every limit, for between two tables that differ a limit is not known. Of a date
    # that is held, a limit that only repeats an older one tells nothing.
    first_of_date = not any(day == effective for _, day in rows)
    for (code,), entry in new.items():
        key = (code, effective)
        if key in rows:
            yield from _differs(LIMITS, key, rows[key], entry)
            continue
        older = [line for line in held if line.text("code") == code and line.text("effective") < effective]
        before = max(older, key=lambda line: line.text("effective")) if older else None
        was = _picked(LIMITS, before.cells) if before else {}
        said = _picked(LIMITS, entry.cells)
        if was != said or first_of_date:
            dated = {"effective": before.text("effective"), **was} if before else {}
            yield Change(ADDED, LIMITS, key, dated, said, entry.row)
    for key, line in rows.items():
        if not part and key[1] == effective and (key[0],) not in new:
            yield Change(GONE, LIMITS, key, _picked(LIMITS, line.cells), {}, 0)


def _pairs(
    file: CmsFile,
    entries: Iterator[Entry],
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
    rows: dict[tuple[str, ...], Line] = {
        (line.text("first"), line.text("second")): line for line in read_lines(PAIRS)
    }
    for key, entry in active.items():
        if key in rows:
            yield from _differs(PAIRS, key, rows[key], entry)
        else:
            yield Change(ADDED, PAIRS, key, {}, _picked(PAIRS, entry.cells), entry.row)
    # CMS cuts the pairs into files by their first code, so a file is silent on codes beyond its own
    span = (min(first for first, _ in active), max(first for first, _ in active)) if active else ("", "")
    for key, line in rows.items():
        if key in active or not known.issuperset(key):
            continue
        if key in ended:
            yield Change(GONE, PAIRS, key, _picked(PAIRS, line.cells), {}, ended[key].row)
        elif not part and span[0] <= key[0] <= span[1]:
            yield Change(GONE, PAIRS, key, _picked(PAIRS, line.cells), {}, 0)


def _fees(
    file: CmsFile,
    entries: Iterator[Entry],
    effective: str,
    known: frozenset[str],
    part: bool,
) -> Iterator[Change]:
    rows = {line.text("code"): line for line in read_lines(CODES)}
    units = {(line.text("code"), line.text("component")): line for line in read_lines(UNITS)}
    release = release_of(effective)
    said = {"release": release} if release else {}
    new = _once(file, entries, "code", "modifier")
    factors: dict[str, int] = {}
    for (code, modifier), entry in new.items():
        factors.setdefault(entry.cells["factor"], entry.row)
        if modifier == WHOLE_ROW:
            yield from _differs(CODES, (code,), rows[code], entry)
        if modifier not in COMPONENTS:
            continue
        key, cells = (code, modifier), _picked(UNITS, entry.cells)
        line = units.get(key)
        was = {name: line.text(name) for name in (*cells, *said)} if line else {}
        if was != cells | said:
            yield Change(CHANGED if line else ADDED, UNITS, key, was, cells | said, entry.row)
    for key, line in units.items():
        if not part and key not in new:
            yield Change(GONE, UNITS, key, _picked(UNITS, line.cells), {}, 0)
    if len(factors) > 1:
        raise ValueError(
            f"{file.name} row {max(factors.values())}, column 'factor': the rows hold several conversion factors: "
            f"{', '.join(sorted(factors))}"
        )
    for line in read_lines(
        RELEASES
    ):  # the other factor is that of CMS's second file, whose units are the same
        held = {line.text("factor"), line.text("other_factor")}
        if line.text("release") == release and factors and held.isdisjoint(factors):
            ((factor, row),) = factors.items()
            old = _picked(RELEASES, line.cells)
            yield Change(CHANGED, RELEASES, (release,), old, {"factor": factor}, row)


def release_of(effective: str) -> str:
    """The release of the fee schedule that begins on a day, by ``fee-releases.csv``; empty where none does."""
    begun = (line.text("release") for line in read_lines(RELEASES) if line.text("from") == effective)
    return next(begun, "")


def check_accept(source: str, proposal: Proposal) -> Mapping[str, Path]:
    """The places of the files that a proposal changes, by their names in ``data/``.

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
    targets = [target for target in proposal.targets if any(c.target == target for c in proposal.changes)]
    if UNITS in targets and not release_of(proposal.effective):
        raise ValueError(
            f"release: no row of data/{RELEASES} begins on {proposal.effective}; add the release with both of its "
            "conversion factors there first"
        )
    return {target: check_target(folder / target) for target in targets}


def accept(proposal: Proposal, source: str) -> tuple[Path, ...]:
    """Writes a proposal into ``data/``; returns the files, none where there is nothing to change.

    ``source``: an id of ``sources.csv``, cited by each row that is written and has such a column. Raises ``ValueError``
    as ``check_accept`` does, when the disk is full, and for a value that the manual does not know; then every file is
    as it was.
    """
    paths = check_accept(source, proposal)
    before = {target: path.read_bytes() for target, path in paths.items()}
    after = {
        target: changed_text(content.decode("utf-8"), proposal, target, source).encode()
        for target, content in before.items()
    }
    with ExitStack() as stack:
        for target, content in after.items():
            stack.enter_context(reading.instead(target, content))
        for target in after:
            read: Callable[[], object] = TARGETS[proposal.kind][
                target
            ].__wrapped__  # past what the loader has kept
            read()
    written: list[str] = []
    try:
        for target, content in after.items():
            write_whole(paths[target], content)
            written.append(target)
    except BaseException:
        for target in written:  # all files or none
            paths[target].write_bytes(before[target])
        raise
    return tuple(paths.values())


def changed_text(text: str, proposal: Proposal, target: str, source: str) -> str:
    """The text of a file of ``data/`` with a proposal's rows; every other row stays as it is, to the letter."""
    end = "\r\n" if "\r\n" in text else "\n"
    rows = text.removesuffix(end).split(end)
    header = next(csv.reader(rows[:1]))
    names = KEYS[target]
    body = []
    for row in rows[1:]:
        cells = dict(zip(header, next(csv.reader([row])), strict=True))
        body.append((tuple(cells[name] for name in names), cells, row))
    for change in proposal.changes:
        if change.target != target:
            continue
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
