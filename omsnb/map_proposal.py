"""A mapping file proposed for a table, as its plan reads it. Standard library alone."""

from __future__ import annotations

from omsnb.claim_tables import claim_fields
from omsnb.claims import column_name
from omsnb.column_choice import DATE
from omsnb.column_maps import JOIN, SLOT, map_text
from omsnb.column_names import ROLES
from omsnb.column_plan import Plan

CLAIM, PATIENT = "claim", "patient"


def proposed_map(plan: Plan, title: str) -> str:
    """A mapping file for a table as its plan reads it, with the fields that are wanted and missing left to fill in."""
    first = plan.lines[0]
    columns = {
        name: [_with_slot(plan, name, at, joined) for at, joined in enumerate(first[name])]
        for name in (*claim_fields(), *ROLES) if name in first
    }  # fmt: skip
    if plan.by_day:
        columns = {CLAIM: [JOIN.join((*first[PATIENT][0], *first[DATE][0]))], **columns}
    text = map_text(columns, title, len(plan.lines))
    lacking = [name for name, entry in claim_fields().items() if entry.wanted and name not in columns]
    for name in lacking:
        text += f'# {name} = [""]  # wanted: {claim_fields()[name].label.lower()}\n'
    for name in plan.extras:
        text += f"# kept and not read: {column_name(name)}\n"
    if plan.map.fixed:
        text += "\n[fixed]\n" + "".join(f'{name} = "{value}"\n' for name, value in plan.map.fixed.items())
    return text


def _with_slot(plan: Plan, name: str, at: int, joined: tuple[str, ...]) -> str:
    """The name of a column in a mapping; of several lines in a row, with the mark of a line for its number."""
    text = JOIN.join(joined)
    other = plan.lines[-1].get(name, ())
    if len(plan.lines) == 1 or at >= len(other) or other[at] == joined:
        return text
    before, number, after = text.rpartition("1")
    return f"{before}{SLOT}{after}" if number else text
