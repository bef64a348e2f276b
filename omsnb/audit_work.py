"""The work folder of a large audit: what is done of it stays when the process is killed, and the next run goes on.

A folder belongs to one file as it is (place, size, time of change) and one way of splitting it. Folders whose process
is gone and which do not fit are removed by the next audit that writes beside them.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from omsnb import __version__
from omsnb.audit import FINDING_COLUMNS, Audit
from omsnb.claims import Fault

PREFIX = ".audit-"
OWNER = "owner"
FORGOTTEN = 3600
"""Seconds after which a folder without an owner is nobody's."""


@contextmanager
def work_folder(target: Path, source: Path, count: int, more: Any = "") -> Iterator[Path]:
    """The folder for an audit of ``source`` in ``count`` parts, beside the target, which has room for findings.

    It holds what an earlier run that was killed left there. It is removed when the block ends, also with an exception.
    """
    status = source.stat()
    key = (
        str(source.resolve()),
        status.st_size,
        status.st_mtime_ns,
        count,
        __version__,
        str(date_of_run()),
        str(more),
    )
    mark = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
    parent = target.resolve().parent
    _sweep(parent, mark)
    folder = parent / f"{PREFIX}{mark}"
    if folder.is_symlink() or (folder.exists() and _lives(folder)):
        folder = parent / f"{PREFIX}{mark}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / OWNER).write_text(str(os.getpid()), encoding="ascii")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def date_of_run() -> str:
    """The day of the run, on which a service may lie in the future."""
    return time.strftime("%Y-%m-%d")


def _sweep(parent: Path, mark: str) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        if (
            folder.name != f"{PREFIX}{mark}"
            and folder.is_dir()
            and not folder.is_symlink()
            and not _lives(folder)
        ):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(folder: Path) -> bool:
    """Whether the process that owns a folder is there, or may be."""
    try:
        number = int((folder / OWNER).read_text(encoding="ascii"))
    except (OSError, ValueError):
        with suppress(OSError):
            return time.time() - folder.stat().st_mtime < FORGOTTEN
        return False
    if number == os.getpid():
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def kept_json(file: Path) -> Any:
    """What a step left, or None where it did not end."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep_json(file: Path, data: Any) -> None:
    """Writes what a step came to, whole or not at all."""
    half = file.with_suffix(".half")
    half.write_text(json.dumps(data), encoding="utf-8")
    half.replace(file)


def kept_part(part: Path, make: Callable[[], Audit]) -> Audit:
    """A part's audit: what an earlier run kept of it, or what ``make`` gives, which is then kept."""
    table, told = part.with_suffix(".found"), part.with_suffix(".json")
    data = kept_json(told)
    if data is not None and table.is_file():
        findings = pyarrow.parquet.read_table(table).to_pandas().astype(object)
        faults = tuple(Fault(**fault) for fault in data["faults"])
        return Audit(findings, faults, data["rows"], data["refused"], data["totals"])
    made = make()
    schema = pa.schema([(name, pa.string()) for name in FINDING_COLUMNS])
    pyarrow.parquet.write_table(
        pa.Table.from_pandas(pd.DataFrame(made.findings), schema=schema, preserve_index=False), table
    )
    keep_json(
        told,
        {
            "faults": [asdict(fault) for fault in made.faults],
            "rows": made.rows,
            "refused": made.refused,
            "totals": made.totals,
        },
    )
    return made
