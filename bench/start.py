"""How long a start takes beside a bare start of Python: ``make bench`` or ``python bench/start.py [--rounds 15]``.

Processor time of whole processes, taken in turns, the best of the rounds; byte code is written once before anything is
measured. Read the figures as ratios within one run.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile

STARTS = {
    "a bare start of Python": ("-c", "pass"),
    "import omsnb": ("-c", "import omsnb"),
    "the first decide": ("-c", "import omsnb; omsnb.decide('splint').rows"),
    "python -m omsnb decide": ("-m", "omsnb", "decide", "splint"),
    "python -m omsnb case": ("-m", "omsnb", "case", "tmj"),
    "python -m omsnb template": ("-m", "omsnb", "template"),
}


def processor_time(words: tuple[str, ...], folder: str) -> float:
    """Milliseconds of processor time that one start takes."""
    inherited = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, *words],
        stdout=subprocess.DEVNULL,
        check=True,
        env={**inherited, "PYTHONPYCACHEPREFIX": folder},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def main() -> None:
    """Prints the table."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("--rounds", type=int, default=15)
    said = ask.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for words in STARTS.values():
            processor_time(words, folder)
        taken: dict[str, list[float]] = {name: [] for name in STARTS}
        for _ in range(said.rounds):
            for name, words in STARTS.items():
                taken[name].append(processor_time(words, folder))
    bare = min(next(iter(taken.values())))
    print(f"{'':<26}{'ms':>8}{'x bare':>8}")
    for name, found in taken.items():
        print(f"{name:<26}{min(found):8.1f}{min(found) / bare:8.2f}")


if __name__ == "__main__":
    main()
