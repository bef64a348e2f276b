"""How long the audit takes, beside the reading of the same file by pandas in the same run. Ratios, one core.

    python bench/audit.py [LINES ...] [--dask]

The claims are made up: most are clean, one line in a hundred has another code than it should. Each size runs in a
process of its own, so that the peak of memory is its own.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

FIRST = ("99204", "70486", "76377", "D0801", "D0470", "D0350")
SECOND = ("21085", "D0350", "D0802", "D0803", "D9950", "D0470")
OTHERS = (*FIRST, *SECOND, "70355", "21196", "99213", "76376")
PIECE = 1_000_000


def made(lines: int, seed: int) -> pd.DataFrame:
    """Made-up claim lines: two claims a patient, two to six lines a claim."""
    chance = np.random.default_rng(seed)
    sizes = chance.integers(2, 7, size=lines // 2 + 1)
    claim = np.repeat(np.arange(len(sizes)), sizes)[:lines]
    place = np.arange(lines) - np.searchsorted(claim, claim)
    patient, second = claim // 2, claim % 2 == 1
    start = np.datetime64("2024-07-01") + chance.integers(0, 800, size=patient.max() + 1).astype("timedelta64[D]")
    later = second * chance.integers(11, 60, size=claim.max() + 1)[claim]
    day = start[patient] + later.astype("timedelta64[D]")
    code = np.where(second, np.array(SECOND)[place], np.array(FIRST)[place])
    code = np.where(chance.random(lines) < 0.01, chance.choice(OTHERS, lines), code)
    name = f"{seed}-"
    return pd.DataFrame({
        "claim": np.char.add(f"C{name}", claim.astype(str)), "patient": np.char.add(f"P{name}", patient.astype(str)),
        "birth_date": "1980-05-06", "payer": "medical_cdt", "provider": np.char.add("B", (patient % 50).astype(str)),
        "form": "cms1500", "place": "11", "diagnoses": "M26.69|M26.212", "line": place + 1, "date": day.astype(str),
        "code": code, "modifiers": "", "units": 1, "pointers": "A", "area": "", "tooth": "", "charge": "450.00",
        "narrative": "yes", "attachment": "yes", "report": "yes", "made_by": "surgeon", "minutes": "",
        "rendering": "R1",
    })  # fmt: skip


def write(file: Path, lines: int) -> None:
    """Writes a file of made-up lines, a million at a time."""
    for number, done in enumerate(range(0, lines, PIECE)):
        piece = made(min(PIECE, lines - done), number)
        piece.to_csv(file, mode="a" if done else "w", header=not done, index=False)


def read(file: str) -> tuple[float, float]:
    """Seconds of ``pandas.read_csv`` and the peak of memory in GiB."""
    started = time.perf_counter()
    pd.read_csv(file)
    return time.perf_counter() - started, _peak()


def whole(file: str, engine: str) -> tuple[float, float, int, int]:
    """Seconds of reading, audit and writing, the peak of memory in GiB, lines and findings."""
    from omsnb.audit_files import audit_file

    started = time.perf_counter()
    summary = audit_file(file, f"{file}.findings.csv", engine=engine)
    return time.perf_counter() - started, _peak(), summary.lines, summary.findings


def alone(file: str) -> float:
    """Seconds of the checks alone, on a table that has been read."""
    from omsnb.audit import audit

    text = pd.read_csv(file, dtype="category", keep_default_na=False)
    text = text.astype(dict.fromkeys(text, "str")).astype("category")
    started = time.perf_counter()
    audit(text)
    return time.perf_counter() - started


def _peak() -> float:
    status = Path("/proc/self/status")
    if status.is_file():  # the usage below would start with what the parent held when it made this process
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def apart(task: str, *words: str, one_core: bool = True) -> list[float]:
    """Runs one task in a process of its own, on one core where the system can say so."""
    pinned = ["taskset", "-c", "0"] if one_core and shutil.which("taskset") else []
    command = [*pinned, sys.executable, __file__, "--task", task, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    """Runs every size, pandas first."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("lines", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    ask.add_argument("--dask", action="store_true", help="also with two workers, for the largest size")
    ask.add_argument("--task", nargs="+", help=argparse.SUPPRESS)
    said = ask.parse_args()
    if said.task:
        name, *words = said.task
        found = {"read": read, "whole": whole, "alone": alone}[name](*words)
        print(*(found if isinstance(found, tuple) else (found,)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for lines in said.lines:
            file = str(Path(folder) / f"{lines}.csv")
            write(Path(file), lines)
            seconds, peak = apart("read", file)
            print(f"{lines:>10,} lines: pandas.read_csv {seconds:.2f} s, peak {peak:.2f} GiB", flush=True)
            if lines <= PIECE:
                checks = apart("alone", file)[0]
                print(f"{'':>18}checks alone {checks:.2f} s = {checks / seconds:.1f} x reading", flush=True)
            for engine in ["pandas", "dask"] if said.dask and lines == max(said.lines) else ["pandas"]:
                took, most, _, findings = apart("whole", file, engine, one_core=engine == "pandas")
                print(
                    f"{'':>18}file to file, {engine}: {took:.2f} s = {took / seconds:.1f} x reading, "
                    f"{took / lines * 1e6:.2f} µs a line, peak {most:.2f} GiB, {findings:,.0f} findings",
                    flush=True,
                )


if __name__ == "__main__":
    main()
