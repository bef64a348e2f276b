"""The command line's part for a class and for a new year: exam, changes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from omsnb.changes import changes, oldest_limit
from omsnb.edition import edition, run_out_text
from omsnb.exercises import CHAPTERS, KINDS, make_exam
from omsnb.exercises.sheet import exam_data, exam_text, write_sheets
from omsnb.streams import complain

FINE, NOTHING = 0, 1
Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_teaching(add: Add, show: Show) -> None:
    """Adds the commands to the command line. ``add`` and ``show`` are the command line's own."""
    exam = add(
        "exam",
        lambda said: _exam(said, show),
        "Makes an exam from the decision tables, with a separate answer key.",
    )
    exam.add_argument("--seed", type=int, default=1, help="one seed, one exam (default 1)")
    exam.add_argument("--questions", type=int, default=20, help="how many, 1 to 200 (default 20)")
    exam.add_argument(
        "--chapter", action="append", choices=CHAPTERS, help="only this chapter; may be repeated"
    )
    exam.add_argument("--kind", action="append", choices=tuple(KINDS), help="only this kind; may be repeated")
    exam.add_argument("-o", "--output", help="an .html file; the key is written beside it as NAME-key.html")
    changed = add("changes", lambda said: _changes(said, show), "Says what differs between two code years.")
    changed.add_argument("first", type=int, help="the earlier code year, such as 2023")
    changed.add_argument("last", type=int, help="the later code year")


def _exam(said: argparse.Namespace, show: Show) -> int:
    """Exercises for a class, on two sheets: the questions, and the key with all reasons."""
    made = make_exam(said.seed, said.questions, said.chapter or CHAPTERS, said.kind or ())
    if said.output is None:
        show(said, exam_data(said.seed, made), exam_text(said.seed, made))
        return FINE
    written = [str(path) for path in write_sheets(said.output, said.seed, made)]
    show(said, {"exam": written[0], "key": written[1]}, f"exam: {written[0]}\nkey:  {written[1]}")
    return FINE


def _changes(said: argparse.Namespace, show: Show) -> int:
    """What differs between two code years; a warning on stderr when this edition's year has run out."""
    found = changes(said.first, said.last)
    lines = [f"{entry.date}  {entry.code}  {entry.text}" for entry in found] or [
        "nothing that the data dates"
    ]
    if f"{said.first}-01-01" < oldest_limit():
        lines.append(f"Unit limits before {oldest_limit()} are unknown to this manual.")
    if said.last > edition().code_year:
        lines.append(f"Code years after {edition().code_year} are unknown to this edition.")
    show(said, [asdict(entry) for entry in found], "\n".join(lines))
    if warning := run_out_text(date.today()):
        complain(warning)
    return FINE if found else NOTHING
