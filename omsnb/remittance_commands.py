"""The command line's part for remittances: a payer's answer in, the next step of each line out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omsnb.claim_files import MOST_BYTES, begins_as_x12, checked_size
from omsnb.claims import nothing_read
from omsnb.letters import letters
from omsnb.line_text import line_text
from omsnb.x12_remittance import PaidLine, Remittance, read_remittance

FINE, FOUND = 0, 1
Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_remittance(add: Add, show: Show) -> None:
    """Adds ``remittance`` to the command line. ``add`` and ``show`` are the command line's own."""
    said = "Reads a payer's answer (835) and says what each code means and what to do next."
    command = add("remittance", lambda told: _remittance(told, show), said)
    command.add_argument("file", help="an X12 835 file under any name")


def _read(file: Path) -> Remittance:
    try:
        size = checked_size(file)
        if size > MOST_BYTES:
            raise ValueError(f"file: {file.name!r} has {size} bytes, but {MOST_BYTES} are the most")
        if not begins_as_x12(file):
            raise ValueError(f"file: {file.name!r} is no X12 file; a remittance (835) begins with ISA")
        found = read_remittance(file.read_bytes())
    except OSError as problem:
        raise ValueError(f"file: {file.name!r} cannot be read: {problem.strerror}") from None
    if not found.lines:
        why = nothing_read(file.name, 0, found.faults) if found.faults else ""
        raise ValueError(why or f"file: {file.name!r} cannot be read: it answers no claim")
    return found


def line_data(line: PaidLine) -> dict[str, Any]:
    """A line of a remittance for JSON; ``code`` is empty for what was said of the claim as a whole."""
    answers = [
        {
            "group": answer.group,
            "code": answer.code,
            "amount": answer.amount,
            "means": answer.denial.label if answer.denial else None,
            "next_step": answer.denial.next_step if answer.denial else None,
            "answers": list(answer.denial.answers) if answer.denial else [],
        }
        for answer in line.answers
    ]
    return {**asdict(line), "answers": answers}


def _remittance(said: argparse.Namespace, show: Show) -> int:
    found = _read(Path(said.file))
    told = [line for line in found.lines if line.answers]
    text = [f"REFUSED {fault}" for fault in found.faults]
    for line in told:
        what = line_text(line.code, line.modifiers) if line.code else "whole claim"
        number = f" line {line.line}" if line.line else ""
        text.append(f"{line.claim}{number}: {what}, charge {line.charge or '?'}, paid {line.paid or '?'}")
        for answer in line.answers:
            name = f"{answer.group}-{answer.code}" if answer.group else answer.code
            amount = f" {answer.amount}" if answer.amount else ""
            text.append(f"    {name}{amount}: {answer.known}")
        text += [f"    letter: {letters()[id].title} (letter FILE --kind {id})" for id in line.letters]
    services = sum(bool(line.code) for line in found.lines)
    count = len(found.lines) - services
    status = "; incomplete" if found.faults else ""
    text.append(f"{count} claims and {services} lines answered; {len(told)} with a reason or remark{status}")
    data = {
        "claims": count,
        "lines": services,
        "incomplete": bool(found.faults),
        "faults": [asdict(fault) for fault in found.faults],
        "answers": [line_data(line) for line in found.lines],
    }
    show(said, data, "\n".join(text))
    return FOUND if told or found.faults else FINE
