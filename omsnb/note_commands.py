"""The command line's part for chart notes: ``note FILE``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omsnb.notes import Proposed, lacking, propose, services_of
from omsnb.tables import facts

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]
MOST = 5_000_000
"""Bytes of a file that are read as a note."""

FINE, NOTHING = 0, 1


def add_note(add: Add, show: Show) -> None:
    """Adds the command ``note`` to the command line. ``add`` and ``show`` are the command line's own."""
    noted = add(
        "note",
        lambda said: _note(said, show),
        "Proposes facts from a chart note, each with its words. Nothing counts before you confirm it.",
    )
    noted.add_argument("file", help="a text file; it stays on this machine")
    noted.add_argument(
        "--on", metavar="DAY", help="the day to be coded, such as 2026-03-01; else the note's own"
    )


def _note(said: argparse.Namespace, show: Show) -> int:
    found = propose(read_file(said.file), said.on)
    show(said, note_data(found), note_text(found))
    return FINE if found.proposals else NOTHING


def read_file(file: str) -> str:
    """The text of a note; bytes that are no UTF-8 become a mark. Raises ``ValueError`` that says what is wrong."""
    path = Path(file)
    try:
        with path.open("rb") as opened:
            held = opened.read(MOST + 1)
    except OSError as problem:
        raise ValueError(f"file: {file!r} cannot be read: {problem.strerror}") from None
    if len(held) > MOST:
        raise ValueError(f"file: {file!r} is larger than the {MOST:,} bytes that are read as a note")
    return held.decode("utf-8-sig", errors="replace")


def note_data(found: Proposed) -> dict[str, Any]:
    """What a note gives, for JSON."""
    return {
        "on": found.day.isoformat() if found.day else None,
        "services": list(services_of(found.proposals)),
        "facts": [asdict(one) for one in found.proposals],
        "held_back": [asdict(one) for one in found.held],
        "documentation_missing": [
            {"code": one.code, "element": one.element}
            for one in lacking(found.proposals, found.shown, found.request)
        ],
    }


def note_text(found: Proposed) -> str:
    """What a note gives, for people."""
    lines = [f"Read for {found.day or 'no day: the note names none'}. To be confirmed, one by one:", ""]
    for one in found.proposals:
        label = facts()[one.fact].label(one.value)
        lines.append(f"  {one.service}: {one.fact} = {one.value} ({label}), {one.basis}")
        lines.append(f"      “{_line(one.quote)}” at {one.start}")
    if not found.proposals:
        lines.append("  nothing")
    if found.held:
        lines += ["", "Held back:"]
    for held in found.held:
        lines.append(f"  {held.service}: {held.fact} = {held.value}: “{_line(held.quote)}”; {held.because}")
    if wanted := lacking(found.proposals, found.shown, found.request):
        lines += ["", "What the note lacks, if all of this is right:"]
        lines += [f"  {one.code}: {one.element}" for one in wanted]
    return "\n".join(lines)


def _line(quote: str) -> str:
    """A quote on one line, without characters that nobody sees."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(quote.split()))
