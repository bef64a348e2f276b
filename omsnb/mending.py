"""Carries a remedy out on claim lines: the step that stands beside a rule in ``data/edits.toml`` (``apply``)."""

from __future__ import annotations

from collections.abc import Sequence

from omsnb.claim_tables import forms
from omsnb.claims import form_of

Rows = tuple[dict[str, str], ...]
"""Lines as text by column, as ``rows_of`` gives them; each has its line number."""


def step_words(step: str, line: tuple[str, int]) -> str:
    """What a step does, for the button that does it."""
    action, *given = step.split()
    where = f"claim {line[0]} line {line[1]}"
    if action == "form":
        return f"Put claim {line[0]} on {forms()[given[0]].label}"
    return {
        "add": f"Add {' '.join(given)} to {where}",
        "drop": f"Drop {' and '.join(given)} from {where}",
        "units": f"Set the units of {where} to {' '.join(given)}",
        "remove": f"Take out {where}",
        "split": f"Put the lines beyond the form of claim {line[0]} on a second one",
    }[action]


def mended(rows: Rows, step: str, line: tuple[str, int]) -> Rows:
    """The lines after a step. ``line``: claim and number of the line that it mends; one that is gone is left."""
    action, *given = step.split()
    name, number = line
    if action == "split":
        return _split(rows, name)
    made: list[dict[str, str]] = []
    for row in rows:
        if row["claim"] != name or (action != "form" and row["line"] != str(number)):
            made.append(row)
        elif action != "remove":
            made.append({**row, **_cells(row, action, given)})
    return tuple(made)


def _cells(row: dict[str, str], action: str, given: Sequence[str]) -> dict[str, str]:
    held = [modifier for modifier in row["modifiers"].split("|") if modifier]
    if action == "add":  # one that says which part of a service was done stands before those that add to it
        return {"modifiers": "|".join(dict.fromkeys([*given, *held]))}
    if action == "drop":
        return {"modifiers": "|".join(modifier for modifier in held if modifier not in given)}
    return {action: given[0]}


def _split(rows: Rows, name: str) -> Rows:
    lines = [row for row in rows if row["claim"] == name]
    form = forms().get(form_of(lines[0]["payer"], lines[0]["form"])) if lines else None
    if form is None or len(lines) <= form.lines:
        return rows
    taken, count = {row["claim"] for row in rows}, 2
    while f"{name}-{count}" in taken:
        count += 1
    beyond = {id(row): place for place, row in enumerate(lines[form.lines :], 1)}
    return tuple(
        {**row, "claim": f"{name}-{count}", "line": str(beyond[id(row)])} if id(row) in beyond else row
        for row in rows
    )
