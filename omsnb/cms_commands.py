"""The command line's part for CMS's quarterly files: ``cms FILE`` shows what they would change, and writes it."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from omsnb.claim_commands import Add, Show
from omsnb.cms_files import KINDS, CmsFile, read_cms
from omsnb.cms_proposal import ADDED, CHANGED, GONE, Change, Proposal, accept, check_accept, propose
from omsnb.periods import read_date

FINE, DIFFERENT = 0, 1
EXCERPT = "excerpt"
MARKS = {ADDED: "+", CHANGED: "~", GONE: "-"}


def add_cms(add: Add, show: Show) -> None:
    """Adds the command to the command line. ``add`` and ``show`` are the command line's own."""
    asked = add(
        "cms", lambda said: _cms(said, show), "Compares a quarterly file of CMS with the data of the manual."
    )
    asked.add_argument(
        "file", help="unit limits, pairs or fee schedule as CMS publishes them: .csv, .txt or .zip"
    )
    asked.add_argument("--effective", metavar="DAY", help="where the file does not say from when it holds")
    asked.add_argument("--member", default="", metavar="NAME", help="which file of a zip with several tables")
    asked.add_argument(
        "--part",
        action="store_true",
        help="the file is an excerpt, though its name does not say so: what it leaves out is not gone",
    )
    asked.add_argument("--accept", action="store_true", help="write the proposed rows into data/")
    asked.add_argument("--source", metavar="ID", help="the source that they cite, an id of data/sources.csv")


def _cms(said: argparse.Namespace, show: Show) -> int:
    if said.accept and said.source is None:
        raise ValueError("source: --accept needs --source ID, the id of the table in data/sources.csv")
    if said.source is not None and not said.accept:
        raise ValueError("source: --source is for --accept alone")
    given = read_date(said.effective, "effective").isoformat() if said.effective is not None else ""
    file = read_cms(said.file, said.member)
    if given and file.effective and given != file.effective:
        raise ValueError(
            f"effective: {given} is not allowed; {file.name!r} says that it holds from {file.effective}"
        )
    if not (effective := given or file.effective):
        raise ValueError(
            f"effective: {file.name!r} does not say from which day it holds; "
            "give it, such as --effective 2026-07-01"
        )
    proposal = propose(file, effective, part=said.part or is_excerpt(file))
    written = None
    if said.accept:
        check_accept(said.source, proposal)
        written = accept(proposal, said.source)
    show(said, proposal_data(proposal, written is not None), proposal_text(proposal, written is not None))
    return DIFFERENT if proposal.changes and written is None else FINE


def is_excerpt(file: CmsFile) -> bool:
    """Whether a file says by its name that it is an excerpt; what such a file leaves out is not gone."""
    return EXCERPT in file.name.lower()


def proposal_data(proposal: Proposal, written: bool) -> dict[str, Any]:
    """A proposal for JSON. ``written``: whether its rows stand in the data now."""
    targets = [f"data/{target}" for target in proposal.targets]
    return {**asdict(proposal), "targets": targets, "written": written}


def proposal_text(proposal: Proposal, written: bool) -> str:
    """A proposal as a diff for people: ``+`` a row more, ``~`` a row changed, ``-`` a row less."""
    lines = [
        f"{proposal.file}: {KINDS[proposal.kind]} from {proposal.effective}, {proposal.read} rows read, "
        f"{proposal.ours} of codes of the manual"
    ]
    for target in proposal.targets:
        changes = [change for change in proposal.changes if change.target == target]
        if not changes:
            lines.append(f"data/{target}: nothing to change")
            continue
        counts = {mark: sum(change.change == mark for change in changes) for mark in MARKS}
        told = ", ".join(f"{count} {mark}" for mark, count in counts.items() if count)
        lines.append(f"data/{target}: {told}{', written' if written else ''}")
        lines += [_change_text(change) for change in changes]
    if not proposal.changes:
        return "\n".join(lines)
    if any(change.change == GONE and not change.row for change in proposal.changes):
        lines.append("A row marked - is missing in the file; if the file is an excerpt, say --part.")
    if not written:
        lines.append("To write these rows: --accept --source ID, an id of data/sources.csv.")
    return "\n".join(lines)


def _change_text(change: Change) -> str:
    head = f"{MARKS[change.change]} {' '.join(change.key)}"
    if change.change == CHANGED:
        told = [
            f"{name} {old or '(empty)'} → {change.new[name] or '(empty)'}"
            for name, old in change.old.items() if old != change.new[name]
        ]  # fmt: skip
        return f"{head}: {', '.join(told)}"
    text = f"{head}: {_cells(change.new or change.old)}"
    if change.change == ADDED and change.old:
        text += f" (held: {_cells(change.old)})"
    return text


def _cells(cells: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value or '(empty)'}" for name, value in cells.items())
