"""The command line's part for looking things up: code, diagnosis, search."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from omsnb.descriptors import descriptor
from omsnb.edition import edition
from omsnb.lookup_texts import code_data, code_text, diagnosis_data, diagnosis_text, search_data, search_text
from omsnb.periods import read_date
from omsnb.tables import codes

FINE, NOTHING = 0, 1
Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_lookups(add: Add, show: Show) -> None:
    """Adds the commands to the command line. ``add`` and ``show`` are the command line's own."""
    code = add("code", lambda said: _code(said, show), "Shows what the manual knows of a code.")
    code.add_argument("code")
    diagnosis = add(
        "diagnosis", lambda said: _diagnosis(said, show), "Says whether a diagnosis may be billed on a day."
    )
    diagnosis.add_argument("code", help="of ICD-10-CM, with or without the dot")
    diagnosis.add_argument(
        "--on", metavar="DAY", help="day of the service, such as 2026-03-01; the same as on=DAY"
    )
    diagnosis.add_argument("--plan", metavar="NAME", help="a plan of your own files (OMSNB_PAYERS)")
    search = add(
        "search",
        lambda said: _search(said, show),
        "Finds codes, tables, modifiers, places, denials, payers and statements by number or word.",
    )
    search.add_argument("words", nargs="+")


def _code(said: argparse.Namespace, show: Show) -> int:
    wanted = said.code.strip().upper()
    if wanted not in codes():
        raise ValueError(f"code: {said.code!r} is not known to the manual; try: search {said.code}")
    data = code_data(codes()[wanted])
    text = code_text(data)
    if licensed := descriptor(wanted):
        data["licensed_descriptor"] = licensed
        text += f"\n  Your licensed wording: {licensed}"
    show(said, data, text)
    return FINE


def _diagnosis(said: argparse.Namespace, show: Show) -> int:
    """Whether a diagnosis may be billed on a day; what a heading heads."""
    day = read_date(said.on, "on").isoformat() if said.on is not None else edition().day
    data = diagnosis_data(said.code, str(day))
    show(said, data, diagnosis_text(data))
    return FINE if data["billable"] else NOTHING


def _search(said: argparse.Namespace, show: Show) -> int:
    found = search_data(" ".join(said.words))
    show(said, found, search_text(found))
    return FINE if found else NOTHING
