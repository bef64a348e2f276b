"""The audit over files: read piece by piece, kept together by patient, written whole or not at all.

A file that is small enough is audited at once. A larger one is first split into parts, each holding all lines of its
patients; the parts are audited one by one, or by the workers of a Dask cluster. Needs pandas and pyarrow; Dask and tqdm
when they are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from omsnb.audit import FINDING_COLUMNS, Audit, audit
from omsnb.audit.columns import Array
from omsnb.audit.totals import Totals, add_totals
from omsnb.audit_work import keep_json, kept_json, kept_part, work_folder
from omsnb.claim_files import begins_as_text, begins_as_x12, checked_size, read_claims
from omsnb.claim_tables import claim_fields
from omsnb.claims import (
    MOST_FAULTS,
    NOTHING_UNREAD,
    Fault,
    Reading,
    Row,
    Unread,
    nothing_read,
    parse_cell,
    rows_of,
)
from omsnb.column_plan import Plan
from omsnb.csv_blocks import Blocks, is_utf_8, quotes_in_order
from omsnb.csv_rows import FORMULA, HIDDEN, header_of, hidden, rows_of_lines, shown
from omsnb.edit_rules import STATUSES
from omsnb.edits.report import worst_of
from omsnb.own_tables import FOLDER, own_folder, own_stamps, read_own_tables
from omsnb.payer_plans import plans
from omsnb.table_plan import plan_of
from omsnb.table_rows import FIRST_LINES, TEXTS, Options, header_notes
from omsnb.table_tidy import Tidy
from omsnb.text_encoding import MIXED, UTF_8, AsUtf8, blocks_of, encoding_of
from omsnb.writing import whole_file
from omsnb.x12_reading import X12Rows

ENGINES = ("pandas", "dask")
PART_BYTES = 96 * 2**20
"""Bytes of a CSV file that are audited at once, some 800,000 lines; a larger file is split by patient."""

BLOCK_BYTES = 8 * 2**20
FINDINGS_AT_ONCE = 2**15
"""Findings that are turned into text or Parquet at a time."""
ROW_BYTES = 120
"""Bytes of CSV that a line takes, about."""

MOST_X12 = 256 * 2**20
"""Bytes of an X12 file, which is held in memory while it is read."""

X12_LINES = 100_000
PACKED_MOST = 200
MOST_UNPACKED = 64 * 2**20
"""Bytes to which a Parquet file may unfold, and how many times its size."""

ROW = "row number"
NOTHING_SAID = Options()
TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass
class Summary:
    """What an audit of a file came to.

    ``rows``: rows in the file, each read or refused. ``refused``: rows that were not read. ``faults``: what could not
    be read, the first ``MOST_FAULTS`` of it. ``statuses``: findings by status. ``anyone``: a refused row may be of any
    patient; ``patients``: whose rows were refused before the audit. ``notes``: as those of a ``Reading``.
    ``totals``: what is at stake, by groups. ``given``: what a reader of other files said was not read.
    """

    rows: int = 0
    refused: int = 0
    findings: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    anyone: bool = False
    notes: tuple[str, ...] = ()
    patients: set[str] = field(default_factory=set)
    totals: Totals = field(default_factory=dict)
    given: Unread = NOTHING_UNREAD

    @property
    def lines(self) -> int:
        """Rows that were read."""
        return self.rows - self.refused

    @property
    def worst(self) -> str:
        """``incomplete`` where something was not read; else the worst status of the findings."""
        return worst_of(self.statuses, bool(self.faults))

    @property
    def unread(self) -> Unread:
        """What of the file stands in no part of it."""
        return Unread(
            bool(self.faults) or self.anyone,
            self.given.patients | self.patients,
            self.anyone or self.given.anyone,
            self.given.lost,
        )

    def refuse(self, row: Row) -> None:
        """Counts a row that cannot be read; where it names no patient, nobody knows whose it is."""
        self.rows += 1
        self.refused += 1
        patient = row.cells.get("patient", "")
        self.anyone = self.anyone or not patient
        self.patients |= {patient} - {""}
        if len(self.faults) < MOST_FAULTS:
            self.faults += [Fault(row.number, column, message) for column, message in row.problems]

    def add(self, part: Audit) -> None:
        """Counts one part in."""
        self.rows += part.rows
        self.refused += part.refused
        self.findings += len(part.findings)
        add_totals(self.totals, part.totals)
        for status, count in part.findings["status"].value_counts().items():
            self.statuses[str(status)] = self.statuses.get(str(status), 0) + int(count)
        self.faults = sorted((*self.faults, *part.faults), key=lambda fault: fault.row)[:MOST_FAULTS]


def audit_file(
    path: str | Path,
    out: str | Path,
    *,
    engine: str = "pandas",
    scheduler: str = "",
    part_bytes: int = PART_BYTES,
    progress: bool = False,
    only: Collection[str] = STATUSES,
    options: Options = NOTHING_SAID,
) -> Summary:
    """Audits a file of claim lines and writes the findings.

    ``path``: a file of text (``TEXTS``) or ``.parquet`` with the columns of ``claim-fields.csv``, or with others that
    are known or that ``options`` maps; an X12 file of any name; or any file that ``read_claims`` reads. ``only``:
    statuses of the findings that are written; all are counted. ``out``: ``.csv`` or ``.parquet``; it
    appears whole or not at all. ``engine``: ``pandas`` (this process) or ``dask`` (two workers on this machine, or
    those of ``scheduler``, which must see the same files). ``part_bytes``: how much is held in memory at once.
    ``progress``: show a bar on stderr.

    Raises ``ValueError`` for an unknown suffix or engine, a header with faults, or a file of which no line can be read;
    nothing is written then.
    """
    source, target = Path(path), Path(out)
    if target.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"file: {target.name!r} has no known suffix; allowed: .csv, .parquet")
    for status in only:
        if status not in STATUSES:
            raise ValueError(f"only: {status!r} is not allowed; allowed: {', '.join(STATUSES)}")
    if engine not in ENGINES:
        raise ValueError(f"engine: {engine!r} is not known; allowed: {', '.join(ENGINES)}")
    if not source.exists():
        raise ValueError(f"file: {source.name!r} is not there")
    read_own_tables()  # a broken one is told before long work
    rested = (options, own_stamps(), dict(plans()))  # what an earlier run that was killed must have gone by, too
    suffix = source.suffix.lower()
    streamed = suffix == ".parquet" or begins_as_x12(source) or (suffix in TEXTS and begins_as_text(source))
    reading = None
    if not streamed:
        reading = read_claims(source, mapping=options.mapping, dates=options.dates, sheet=options.sheet)
    size = _held_bytes(source) if streamed else 0
    summary = Summary()
    with ExitStack() as stack:
        output = stack.enter_context(whole_file(target, [source]))
        bar = stack.enter_context(_bar(progress, size))
        small = size <= part_bytes and engine == "pandas"
        if reading is not None:
            parts: Iterable[Audit] = [_read(reading, summary)]
        elif small:
            parts = [_whole(source, summary, bar, options)]
        else:
            count = max(2, -(-size // part_bytes))
            folder = stack.enter_context(work_folder(target, source, count, rested))
            files = _split_once(source, folder, count, summary, bar, options)
            if engine == "pandas":
                parts = _one_by_one(files, summary.unread, progress)
            else:
                parts = _on_cluster(stack, files, scheduler, summary.unread)
        _write(output, target.suffix.lower(), parts, summary, frozenset(only))
        if not summary.lines:
            raise ValueError(nothing_read(source.name, summary.rows, summary.faults))
    return summary


def _held_bytes(source: Path) -> int:
    """How large a file is once it is read, in bytes of CSV. Raises ``ValueError`` for a folder, a pipe or a device."""
    try:
        size = checked_size(source)
        if begins_as_x12(source):
            if size > MOST_X12:
                raise ValueError(
                    f"file: {source.name!r} has {size} bytes, but {MOST_X12} are the most for X12"
                )
            return size
        if source.suffix.lower() != ".parquet":
            return size
        told = pyarrow.parquet.read_metadata(source)
    except (pa.ArrowException, OSError) as problem:
        raise _unreadable(source, problem) from None
    unpacked = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if told.num_rows > size or unpacked > max(MOST_UNPACKED, PACKED_MOST * size):
        said = (
            f"holds {told.num_rows} rows and {unpacked} bytes in {size}, more than a table of claim lines can"
        )
        raise ValueError(f"file: {source.name!r} cannot be read: {said}")
    return int(max(size, told.num_rows * ROW_BYTES))


def _unreadable(source: Path, problem: Exception) -> ValueError:
    said = str(getattr(problem, "strerror", None) or problem or "it breaks off").splitlines()[0]
    return ValueError(f"file: {source.name!r} cannot be read: {said}")


@contextmanager
def _bar(wanted: bool, size: int, unit: str = "B") -> Iterator[Any]:
    if not wanted:
        yield None
        return
    from tqdm import tqdm

    with tqdm(total=size, unit=unit, unit_scale=unit == "B", desc="audit") as bar:
        yield bar


def _batches(source: Path, summary: Summary, bar: Any, options: Options) -> Iterator[Any]:
    """The file as Arrow batches of text with the number of each row. Raises ``ValueError`` for a bad header or file."""
    if begins_as_x12(source):
        read = _x12_batches
    else:
        read = _parquet_batches if source.suffix.lower() == ".parquet" else _csv_batches
    try:
        for batch in read(source, summary, options):
            if bar is not None:
                bar.update(batch.nbytes)
            yield batch
    except (pa.ArrowException, OSError) as problem:
        raise _unreadable(source, problem) from None


def _checked(source: Path, plan: Plan, summary: Summary) -> list[str]:
    """The fields that are read. Raises ``ValueError`` for a header by which no row can be read."""
    if plan.faults:
        raise ValueError(nothing_read(source.name, 0, [*plan.faults, *plan.asked]))
    summary.faults += plan.asked
    return [name for name in plan.header if name in claim_fields()] if plan.own else list(claim_fields())


def _csv_batches(source: Path, summary: Summary, options: Options) -> Iterator[Any]:
    """Blocks of lines, read by Arrow where every line is a row of ours by itself, and line by line elsewhere."""
    with source.open("rb") as file:
        try:
            encoding = encoding_of(blocks_of(file))
        except ValueError as problem:
            raise ValueError(nothing_read(source.name, 0, [Fault(0, "", str(problem))])) from None
    with _blocks(source, encoding) as blocks:
        first = _lines(blocks.take(FIRST_LINES))
        names, delimiter, at, taken = header_of(first, options.mapping)
        plan = plan_of(names, options.mapping, options.dates, at + 1)
        kept = _checked(source, plan, summary)
        begin = at + taken
        plan.look_in(lambda column: _cells_of(source, encoding, column, list(plan.header), delimiter, begin))
        rest = "\n".join(first[begin:]).encode("utf-8", errors="surrogateescape")
        blocks.give_back(rest + b"\n" if len(first) > begin else b"")
        tidy = Tidy(plan)
        number = begin + 1
        while block := blocks.take():
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            batch = _read_block(block, list(plan.header), kept, delimiter, count) if plan.own else None
            if batch is not None:
                yield from _held(tidy.batch(batch, np.arange(number, number + count)))
            else:
                rows, count, left = _read_lines(block, number, list(plan.header), delimiter, blocks.more)
                blocks.give_back(left)
                yield from _held(_planned(rows, plan, kept, summary))
            number += count
        summary.notes += (*header_notes(encoding, delimiter, at + 1), *plan.told())


@contextmanager
def _blocks(source: Path, encoding: str) -> Iterator[Blocks]:
    with source.open("rb") as file:
        yield Blocks(file if encoding in (UTF_8, MIXED) else AsUtf8(file, encoding), source.name)


def _lines(block: bytes) -> list[str]:
    return (
        block.decode("utf-8", errors="surrogateescape").removeprefix("\ufeff").removesuffix("\n").split("\n")
    )


def _cells_of(
    source: Path, encoding: str, column: str, header: list[str], delimiter: str, begin: int
) -> Iterator[str]:
    """All cells of a column of a file of text. ``begin``: how many lines the header ends at."""
    with _blocks(source, encoding) as blocks:
        blocks.take(begin)
        while block := blocks.take():
            rows, _, left = _read_lines(block, 0, header, delimiter, blocks.more)
            blocks.give_back(left)
            for row in rows:
                yield row.cells.get(column, "")


def _held(made: tuple[Any, Array]) -> Iterator[Any]:
    batch, numbers = made
    if len(numbers):
        yield batch.append_column(ROW, pa.array(numbers))


def _planned(rows: Iterable[Row], plan: Plan, kept: list[str], summary: Summary) -> tuple[Any, Array]:
    """Rows of a table as a batch of claim lines with the number of each row; what is no row is counted as refused."""
    numbers = []
    columns: dict[str, list[str]] = {name: [] for name in kept}
    for row in rows:
        for line in plan.rows(row):
            if not line.cells:
                summary.refuse(line)
                continue
            numbers.append(line.number)
            for name in kept:
                columns[name].append(hidden(line.cells[name]))
    batch = pa.record_batch(
        {name: pa.array(cells, pa.string()).dictionary_encode() for name, cells in columns.items()}
    )
    return batch, np.array(numbers, dtype=np.int64)


def _read_block(block: bytes, header: list[str], kept: list[str], delimiter: str, count: int) -> Any:
    """A block as an Arrow batch; None where not every line of it is a row."""
    if not (block.isascii() or is_utf_8(block)) or not quotes_in_order(block, delimiter):
        return None
    wrong: list[Any] = []

    def bad_row(row: Any) -> str:
        wrong.append(row)
        return "skip"

    table = pyarrow.csv.read_csv(
        pa.BufferReader(block),
        read_options=pyarrow.csv.ReadOptions(
            block_size=len(block) + 1, use_threads=False, column_names=header
        ),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, invalid_row_handler=bad_row, newlines_in_values=False
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, TEXT), strings_can_be_null=False, include_columns=kept
        ),
    )
    if wrong or table.num_rows != count:
        return None
    return table.combine_chunks().to_batches()[0]


def _read_lines(
    block: bytes, number: int, header: list[str], delimiter: str, more: bool
) -> tuple[list[Row], int, bytes]:
    """A block read line by line: its rows, how many lines are done, and the lines left."""
    lines = block.decode("utf-8", errors="surrogateescape").removesuffix("\n").split("\n")
    done, rows = 0, []
    for row, done in rows_of_lines(lines, number, header, delimiter, more=more):  # noqa: B007
        rows.append(row)
    left = "\n".join(lines[done:]).encode("utf-8", errors="surrogateescape") if more else b""
    return rows, done if more else len(lines), left + b"\n" if left else left


def _unhidden(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without apostrophes that keep a spreadsheet from running a cell."""
    for name in frame.columns.drop(ROW):
        if "'" in "".join(np.asarray(frame[name].cat.categories, dtype=object)):
            frame[name] = frame[name].astype(str).map(lambda text: text[1:] if HIDDEN.match(text) else text)
    return frame


def _parquet_batches(source: Path, summary: Summary, options: Options) -> Iterator[Any]:
    file = pyarrow.parquet.ParquetFile(source)
    names = list(file.schema_arrow.names)
    plan = plan_of(names, options.mapping, options.dates)
    kept = _checked(source, plan, summary)
    wanted = [
        name
        for name, own in zip(names, plan.header, strict=True)
        if own in (kept if plan.own else plan.read_columns)
    ]
    for name in wanted:
        kind = file.schema_arrow.field(name).type
        if pa.types.is_nested(kind):
            fault = Fault(0, name, f"column {name} holds {kind}; allowed: text, numbers and dates")
            raise ValueError(nothing_read(source.name, 0, [fault]))
    own_name = dict(zip(plan.header, names, strict=True))

    def cells_of(column: str) -> Iterator[str]:
        for batch in file.iter_batches(batch_size=100_000, columns=[own_name[column]]):
            yield from map(str, _as_text(batch.column(0)).to_pylist())

    plan.look_in(cells_of)
    tidy = Tidy(plan)
    following = 1
    for batch in file.iter_batches(batch_size=100_000, columns=wanted):
        columns = {plan.header[names.index(name)]: _as_text(batch.column(name)) for name in wanted}
        numbers = np.arange(following, following + len(batch))
        following += len(batch)
        if plan.own:
            yield from _held(tidy.batch(pa.record_batch(columns), numbers))
            continue
        table = [columns[name].to_pylist() for name in columns]
        rows = (
            Row(number, dict(zip(columns, map(shown, cells), strict=True)))
            for number, *cells in zip(numbers.tolist(), *table, strict=True)
        )
        yield from _held(_planned(rows, plan, kept, summary))
    summary.notes += tuple(plan.told())


def _x12_batches(source: Path, summary: Summary, options: Options) -> Iterator[Any]:
    """The service lines of an X12 file, ``X12_LINES`` at a time."""
    rows = X12Rows(source.read_bytes())
    names = list(claim_fields())
    held: list[Row] = []
    try:
        for row in rows:
            if row.problems:
                summary.refuse(row)
                continue
            held.append(row)
            if len(held) == X12_LINES:
                yield _batch_of(held, names)
                held.clear()
    except ValueError as problem:
        raise ValueError(f"file: {source.name!r} cannot be read: {problem}") from None
    summary.anyone = summary.anyone or bool(rows.said.faults)
    summary.faults += rows.said.faults[: max(0, MOST_FAULTS - len(summary.faults))]
    summary.notes = rows.notes()
    if held:
        yield _batch_of(held, names)


def _batch_of(rows: list[Row], names: list[str]) -> Any:
    columns = {
        name: pa.array([row.cells.get(name, "") for row in rows], pa.string()).dictionary_encode()
        for name in names
    }
    columns[ROW] = pa.array([row.number for row in rows])
    return pa.record_batch(columns)


def _plain(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _as_text(column: Any) -> Any:
    """A column of any type as text; what is missing is empty."""
    return _plain(column).cast(pa.string()).fill_null("").dictionary_encode()


def _whole(source: Path, summary: Summary, bar: Any, options: Options) -> Audit:
    batches = list(_batches(source, summary, bar, options))
    if not batches:
        wanted = [entry.name for entry in claim_fields().values() if entry.wanted]
        return audit(pd.DataFrame(columns=wanted))
    return _audit_table(pa.Table.from_batches(batches), summary.unread)


def _audit_table(table: Any, unread: Unread) -> Audit:
    frame = _unhidden(table.unify_dictionaries().to_pandas())
    return audit(frame.drop(columns=ROW), rows=frame[ROW].to_numpy(), unread=unread)


def _split(
    source: Path, folder: Path, count: int, summary: Summary, bar: Any, options: Options
) -> list[Path]:
    """Splits a file into so many parts at most, each with all lines of its patients."""
    writers: dict[int, Any] = {}
    try:
        for batch in _batches(source, summary, bar, options):
            patient = batch.column("patient")
            texts = np.asarray(patient.dictionary.to_pylist(), dtype=object)
            # such a row may be any patient's, also one of another part
            summary.anyone = summary.anyone or not all(map(_is_patient, texts))
            hashes = pd.util.hash_array(texts, categorize=False) % count
            part_of = hashes[patient.indices.to_numpy(zero_copy_only=False)]
            # as plain text: each part would else be written with the dictionaries of the whole batch
            plain = pa.record_batch({name: _plain(batch.column(name)) for name in batch.schema.names})
            for part in np.unique(part_of).tolist():
                if part not in writers:
                    file = folder / f"{part:05}.parquet"
                    writers[part] = pyarrow.parquet.ParquetWriter(file, plain.schema, write_statistics=False)
                writers[part].write_batch(plain.filter(pa.array(part_of == part)))
    finally:
        for writer in writers.values():
            writer.close()
    return sorted(folder.glob("*.parquet"))


def _split_once(
    source: Path, folder: Path, count: int, summary: Summary, bar: Any, options: Options
) -> list[Path]:
    """The parts of a file: those that an earlier run made in full, or new ones."""
    mark = folder / "split.json"
    done = kept_json(mark)
    if done is not None:
        summary.rows, summary.refused, summary.anyone = done["rows"], done["refused"], done["anyone"]
        summary.faults = [Fault(**fault) for fault in done["faults"]]
        summary.notes, summary.patients = tuple(done["notes"]), set(done["patients"])
        return sorted(folder.glob("*.parquet"))
    for old in folder.glob("*.parquet"):
        old.unlink()
    files = _split(source, folder, count, summary, bar, options)
    keep_json(
        mark,
        {
            "rows": summary.rows,
            "refused": summary.refused,
            "anyone": summary.anyone,
            "faults": [asdict(fault) for fault in summary.faults],
            "notes": list(summary.notes),
            "patients": sorted(summary.patients),
        },
    )
    return files


def _one_by_one(files: list[Path], unread: Unread, progress: bool) -> Iterator[Audit]:
    """Audits part by part; what is done stays in the folder until the audit ends."""
    with _bar(progress, len(files), unit="part") as bar:
        for file in files:
            yield kept_part(file, partial(audit_part, file, unread))
            if bar is not None:
                bar.update(1)


def _read(reading: Reading, summary: Summary) -> Audit:
    """The audit of claims that another reader has read."""
    summary.rows, summary.refused, summary.faults = reading.refused, reading.refused, list(reading.faults)
    summary.given, summary.notes = reading.unread, reading.notes
    frame = pd.DataFrame(list(rows_of(reading.claims)), columns=list(claim_fields()))
    return audit(frame, unread=reading.unread)


def _is_patient(text: str) -> bool:
    try:
        return bool(parse_cell(claim_fields()["patient"], text))
    except ValueError:
        return False


def audit_part(file: Path, unread: Unread = NOTHING_UNREAD, cms: str | None = None) -> Audit:
    """Audits one part of a file that was split. ``unread``: what of the file stands in no part. ``cms``: the folder of
    the practice's own tables, for a worker that does not share this process's settings."""
    names = pyarrow.parquet.read_schema(file).names
    table = pyarrow.parquet.read_table(file, read_dictionary=[name for name in names if name != ROW])
    with own_folder(cms):
        return _audit_table(table, unread)


def _on_cluster(stack: ExitStack, files: list[Path], scheduler: str, unread: Unread) -> Iterator[Audit]:
    """Audits parts on a Dask cluster, in order; a part whose worker is lost is done again by another."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ValueError("engine: dask needs the package distributed; install it, or use pandas") from None
    if scheduler:
        client = stack.enter_context(Client(scheduler))  # type: ignore[no-untyped-call]
    else:
        local = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
        cluster = stack.enter_context(local)
        client = stack.enter_context(Client(cluster))  # type: ignore[no-untyped-call]
    own = os.environ.get(FOLDER)
    waiting = [client.submit(audit_part, file, unread, own, pure=False) for file in files]
    for future in waiting:
        yield future.result()
        future.release()


def _write(
    output: BinaryIO, suffix: str, parts: Iterable[Audit], summary: Summary, only: Collection[str] = STATUSES
) -> None:
    """Writes findings part by part, a slice at a time, so that they are never held twice."""
    if suffix == ".csv":
        output.write((",".join(FINDING_COLUMNS) + "\n").encode())
        for findings in _slices(parts, summary, only):
            output.write(_neutral(findings).to_csv(index=False, header=False, lineterminator="\n").encode())
        return
    schema = pa.schema([(name, pa.string()) for name in FINDING_COLUMNS])
    with pyarrow.parquet.ParquetWriter(output, schema) as writer:
        for findings in _slices(parts, summary, only):
            writer.write_table(pa.Table.from_pandas(findings, schema=schema, preserve_index=False))


def _slices(parts: Iterable[Audit], summary: Summary, only: Collection[str]) -> Iterator[pd.DataFrame]:
    for part in parts:
        summary.add(part)
        for first in range(0, len(part.findings), FINDINGS_AT_ONCE):
            piece = part.findings.iloc[first : first + FINDINGS_AT_ONCE]
            yield piece if len(only) == len(STATUSES) else piece[piece["status"].isin(only)]


def _neutral(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings in which no cell is a formula; only keys that a practice chose could be one."""
    shown = findings.copy()
    for name in ("patient", "lines"):
        shown[name] = [f"'{cell}" if FORMULA.match(cell) else cell for cell in shown[name]]
    return shown
