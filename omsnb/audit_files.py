"""The audit over files: read piece by piece, kept together by patient, written whole or not at all.

A file that is small enough is audited at once. A larger one is first split into parts, each holding all lines of its
patients; the parts are audited one by one, or by the workers of a Dask cluster. Needs pandas and pyarrow; Dask and tqdm
when they are asked for.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from omsnb.audit import FINDING_COLUMNS, Audit, audit
from omsnb.claim_tables import claim_fields
from omsnb.claims import Fault, check_header
from omsnb.csv_rows import FORMULA, HIDDEN

ENGINES = ("pandas", "dask")
PART_BYTES = 96 * 2**20
"""Bytes of a CSV file that are audited at once, some 800,000 lines; a larger file is split by patient."""

BLOCK_BYTES = 8 * 2**20
ROW = "row number"
TEXT = pa.dictionary(pa.int32(), pa.string())


@dataclass
class Summary:
    """What an audit of a file came to. ``faults``: rows that could not be read. ``statuses``: findings by status."""

    lines: int = 0
    findings: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def add(self, part: Audit) -> None:
        """Counts one part in."""
        self.lines += part.lines
        self.findings += len(part.findings)
        for status, count in part.findings["status"].value_counts().items():
            self.statuses[str(status)] = self.statuses.get(str(status), 0) + int(count)
        self.faults += part.faults


def audit_file(
    path: str | Path,
    out: str | Path,
    *,
    engine: str = "pandas",
    scheduler: str = "",
    part_bytes: int = PART_BYTES,
    progress: bool = False,
) -> Summary:
    """Audits a file of claim lines and writes the findings.

    ``path``: ``.csv`` or ``.parquet`` with the columns of ``claim-fields.csv``. ``out``: ``.csv`` or ``.parquet``; it
    appears whole or not at all. ``engine``: ``pandas`` (this process) or ``dask`` (two workers on this machine, or
    those of ``scheduler``, which must see the same files). ``part_bytes``: how much is held in memory at once.
    ``progress``: show a bar on stderr.

    Raises ``ValueError`` for an unknown suffix or engine, a header with faults, or a file that cannot be read.
    """
    source, target = Path(path), Path(out)
    for file in (source, target):
        if file.suffix.lower() not in (".csv", ".parquet"):
            raise ValueError(f"file: {file.name!r} has no known suffix; allowed: .csv, .parquet")
    if engine not in ENGINES:
        raise ValueError(f"engine: {engine!r} is not known; allowed: {', '.join(ENGINES)}")
    if not source.is_file():
        raise ValueError(f"file: {source.name!r} is not there")
    summary = Summary()
    with ExitStack() as stack:
        bar = stack.enter_context(_bar(progress, source.stat().st_size))
        small = source.stat().st_size <= part_bytes and engine == "pandas"
        if small:
            parts: Iterable[Audit] = [_whole(source, summary, bar)]
        else:
            # beside the target, which has room for findings; the machine's own folder for such files may be small
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(dir=target.parent, prefix=".audit-"))
            )
            files = _split(source, folder, part_bytes, summary, bar)
            parts = map(audit_part, files) if engine == "pandas" else _on_cluster(stack, files, scheduler)
        _write(target, parts, summary)
    summary.faults.sort(key=lambda fault: fault.row)
    return summary


@contextmanager
def _bar(wanted: bool, size: int) -> Iterator[Any]:
    if not wanted:
        yield None
        return
    from tqdm import tqdm

    with tqdm(total=size, unit="B", unit_scale=True, desc="audit") as bar:
        yield bar


def _batches(source: Path, summary: Summary, bar: Any) -> Iterator[Any]:
    """The file as Arrow batches of text with the number of each row. Raises ``ValueError`` for a bad header or file."""
    read = _csv_batches if source.suffix.lower() == ".csv" else _parquet_batches
    try:
        for batch in read(source, summary):
            if bar is not None:
                bar.update(batch.nbytes)
            yield batch
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError) as problem:
        said = str(problem).splitlines()[0]
        raise ValueError(f"file: {source.name!r} cannot be read: {said}") from None


def _checked(source: Path, header: list[str]) -> None:
    faults = check_header(header)
    if faults:
        raise ValueError(f"file: {source.name!r}: " + "; ".join(map(str, faults)))


def _csv_batches(source: Path, summary: Summary) -> Iterator[Any]:
    with source.open(newline="", encoding="utf-8-sig") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    _checked(source, header)
    skipped: list[int] = []

    def bad_row(row: Any) -> str:
        skipped.append(row.number)
        message = f"has {row.actual_columns} cells, but there are {row.expected_columns} columns"
        summary.faults.append(Fault(row.number, "", message))
        return "skip"

    reader = pyarrow.csv.open_csv(
        source,
        read_options=pyarrow.csv.ReadOptions(
            block_size=BLOCK_BYTES, use_threads=False, column_names=header, skip_rows=1
        ),
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=bad_row, newlines_in_values=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(header, TEXT), strings_can_be_null=False, include_columns=header
        ),
    )
    following = 2
    for batch in reader:
        rows = _row_numbers(following, len(batch), skipped)
        following = int(rows[-1]) + 1 if len(rows) else following
        yield batch.append_column(ROW, pa.array(rows))
    summary.lines += len(skipped)


def _row_numbers(first: int, count: int, skipped: list[int]) -> np.ndarray[Any, Any]:
    """Numbers of the rows read, from ``first`` on, without those that were skipped."""
    if not skipped:
        return np.arange(first, first + count)
    numbers = np.arange(first, first + count + len(skipped))
    return np.setdiff1d(numbers, np.array(skipped, dtype=numbers.dtype))[:count]


def _unhidden(frame: pd.DataFrame) -> pd.DataFrame:
    """The table without apostrophes that keep a spreadsheet from running a cell."""
    for name in frame.columns.drop(ROW):
        if "'" in "".join(np.asarray(frame[name].cat.categories, dtype=object)):
            frame[name] = frame[name].astype(str).map(lambda text: text[1:] if HIDDEN.match(text) else text)
    return frame


def _parquet_batches(source: Path, summary: Summary) -> Iterator[Any]:
    file = pyarrow.parquet.ParquetFile(source)
    _checked(source, list(file.schema_arrow.names))
    following = 1
    for batch in file.iter_batches(batch_size=100_000):
        columns = {name: _as_text(batch.column(name)) for name in batch.schema.names}
        columns[ROW] = pa.array(np.arange(following, following + len(batch)))
        following += len(batch)
        yield pa.record_batch(columns)


def _plain(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _as_text(column: Any) -> Any:
    """A column of any type as text; what is missing is empty."""
    return _plain(column).cast(pa.string()).fill_null("").dictionary_encode()


def _whole(source: Path, summary: Summary, bar: Any) -> Audit:
    batches = list(_batches(source, summary, bar))
    if not batches:
        wanted = [entry.name for entry in claim_fields().values() if entry.wanted]
        return audit(pd.DataFrame(columns=wanted))
    return _audit_table(pa.Table.from_batches(batches))


def _audit_table(table: Any) -> Audit:
    frame = _unhidden(table.unify_dictionaries().to_pandas())
    return audit(frame.drop(columns=ROW), rows=frame[ROW].to_numpy())


def _split(source: Path, folder: Path, part_bytes: int, summary: Summary, bar: Any) -> list[Path]:
    """Splits a file into parts, each with all lines of its patients."""
    count = max(2, -(-source.stat().st_size // part_bytes))
    writers: dict[int, Any] = {}
    try:
        for batch in _batches(source, summary, bar):
            patient = batch.column("patient")
            texts = np.asarray(patient.dictionary.to_pylist(), dtype=object)
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


def audit_part(file: Path) -> Audit:
    """Audits one part of a file that was split."""
    names = pyarrow.parquet.read_schema(file).names
    return _audit_table(
        pyarrow.parquet.read_table(file, read_dictionary=[name for name in names if name != ROW])
    )


def _on_cluster(stack: ExitStack, files: list[Path], scheduler: str) -> Iterator[Audit]:
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
    waiting = [client.submit(audit_part, file, pure=False) for file in files]
    for future in waiting:
        yield future.result()
        future.release()


def _write(target: Path, parts: Iterable[Audit], summary: Summary) -> None:
    """Writes findings part by part beside their place, and moves the whole file there at the end."""
    csv_wanted = target.suffix.lower() == ".csv"
    schema = pa.schema([(name, pa.string()) for name in FINDING_COLUMNS])
    handle = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False)  # noqa: SIM115
    handle.close()
    temporary = Path(handle.name)
    try:
        if csv_wanted:
            with temporary.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerow(FINDING_COLUMNS)
                for part in parts:
                    summary.add(part)
                    _neutral(part.findings).to_csv(file, index=False, header=False, lineterminator="\n")
        else:
            with pyarrow.parquet.ParquetWriter(temporary, schema) as writer:
                for part in parts:
                    summary.add(part)
                    writer.write_table(
                        pa.Table.from_pandas(part.findings, schema=schema, preserve_index=False)
                    )
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _neutral(findings: pd.DataFrame) -> pd.DataFrame:
    """Findings in which no cell is a formula; only keys that a practice chose could be one."""
    shown = findings.copy()
    for name in ("patient", "lines"):
        shown[name] = [f"'{cell}" if FORMULA.match(cell) else cell for cell in shown[name]]
    return shown
