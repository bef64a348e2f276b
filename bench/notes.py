"""How fast chart notes are read, beside splitting the same text into words: ``python bench/notes.py``.

Both in one run, the fastest of seven. Read the figures as ratios: machines differ.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from omsnb.notes import propose

NOTES = Path(__file__).resolve().parents[1] / "tests" / "notes"
DAY = "2026-03-12"


def fastest(work: Callable[[], object], rounds: int = 7) -> float:
    """The fastest of some rounds, in seconds of processor time."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


def main() -> None:
    """Prints a line for each length of text."""
    notes = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted(NOTES.glob("*.txt")))
    word = re.compile(r"[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]")
    print("characters   propose, ms   words alone, ms   ratio")
    for length in (2_500, 10_000, 40_000):
        text = (notes * (length // len(notes) + 1))[:length]
        propose(text, DAY)
        mine = fastest(lambda text=text: propose(text, DAY))  # type: ignore[misc]
        floor = fastest(lambda text=text: word.findall(text))  # type: ignore[misc]
        print(f"{length:>10}{mine * 1e3:>14.1f}{floor * 1e3:>18.2f}{mine / floor:>8.0f}")


if __name__ == "__main__":
    main()
