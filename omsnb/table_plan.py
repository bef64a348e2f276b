"""Finds out how a table is to be read: where its header stands, which columns it knows, and what must be asked.

Standard library alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from omsnb.claim_tables import claim_fields
from omsnb.claims import MOST_COLUMNS, Fault, column_name
from omsnb.column_maps import JOIN, ColumnMap, map_text, matching_map, resolved
from omsnb.column_names import LISTS, OTHER, ROLES, column_names, known_form, meanings, nearly
from omsnb.column_plan import Plan

HEADER_WITHIN = 30
"""Rows from the top among which the header is looked for."""

KNOWN_LEAST = 3
"""Columns that must be known for a row below the first to be taken as the header."""

NEAR_MOST = 80
SAID_MOST = 12
NO_MAP = ColumnMap("")
UNITS = "units"
UNITS_NEAR = 0.65
"""How near a name must be to one of units that a table is not read as having none."""


def fitness(cells: Sequence[str], made: ColumnMap | None = None) -> int:
    """How many different fields a row names, if it is the header. ``made``: a mapping that is to be used."""
    names = [" ".join(cell.split()) for cell in cells[:MOST_COLUMNS]]
    if made and made.columns:
        wanted = {" ".join(name.lower().split()) for name in made.names()}
        return sum(name.lower() in wanted for name in names)
    if found := matching_map(names):
        return len(names) + len(found.found_by)
    seen = {fields[0] for name in names if name and (fields := meanings(name)[0])}
    return len(seen)


def header_place(rows: Sequence[Sequence[str]], made: ColumnMap | None = None) -> tuple[int, int]:
    """Which of the first rows is the header, and how well it fits; the first where none does."""
    best = (0, fitness(rows[0], made) if rows else 0)
    for place, cells in enumerate(rows[:HEADER_WITHIN]):
        fits = fitness(cells, made)
        if fits > best[1] and fits >= KNOWN_LEAST:
            best = place, fits
    return best


def once(names: Sequence[str]) -> list[str]:
    """The names of columns, each once: a second one gets a number, an empty one its place."""
    found: list[str] = []
    taken: set[str] = set()
    for place, name in enumerate(names, start=1):
        plain = " ".join(name.split()) or f"column {place}"
        own, number = plain, 2
        while own in taken:
            own, number = f"{plain} ({number})", number + 1
        taken.add(own)
        found.append(own)
    return found


def plan_of(names: Sequence[str], made: ColumnMap | None = None, dates: str = "", row: int = 1) -> Plan:
    """The plan by which rows under a header are read.

    ``names``: the header's cells. ``made``: the user's mapping; without one a ready mapping is taken where one fits.
    ``dates``: the order of month and day where the user says it. ``row``: the row of the header in its file.
    """
    if len(names) > MOST_COLUMNS:
        plan = Plan((), ({},), NO_MAP)
        plan.faults.append(
            Fault(row, "", f"has {len(names)} columns, but a claim file has at most {len(claim_fields())}")
        )
        return plan
    header = once(names)
    ready = made or matching_map(header)
    if ready and (ready.columns or ready.instead):
        plan = Plan(header, resolved(ready, header), ready, dates)
        if made is None:
            plan.notes.append(f"the columns are those of {ready.title}; read by the mapping {ready.name}")
        if ready.note:
            plan.notes.append(ready.note)
        if ready.instead:
            plan.faults.append(Fault(0, "", ready.instead))
            return plan
        lost = (
            sorted(name for name in made.names() if name not in plan.read_columns and name not in header)
            if made
            else []
        )
        lost = [name for name in lost if name.lower() not in {entry.lower() for entry in header}]
        if lost and made:
            plan.faults.append(
                Fault(row, "", f"the mapping names columns that are not there: {', '.join(lost[:SAID_MOST])}")
            )
    else:
        plan = _by_names(header, names, made or NO_MAP, dates, row)
    _one_unit(plan)
    _missing(plan, row)
    _said(plan)
    return plan


def _by_names(header: list[str], names: Sequence[str], made: ColumnMap, dates: str, row: int) -> Plan:
    """The plan by what the columns are called."""
    fields: dict[str, list[tuple[str, int]]] = {}
    open_names: list[tuple[str, tuple[str, ...]]] = []
    twice: list[str] = []
    unknown: list[str] = []
    own_names = claim_fields()
    for name, given in zip(header, names, strict=True):
        means, number = meanings(" ".join(given.split()))
        if not means:
            unknown.append(name)
        elif len(means) > 1:
            open_names.append((name, means))
        elif means[0] == OTHER:
            continue
        elif given in own_names and header.count(given) and name != given and means[0] not in LISTS:
            twice.append(given)
        else:
            fields.setdefault(means[0], []).append((name, number))
    for name, means in tuple(open_names):
        left = [field for field in means if field not in fields]
        if OTHER not in means and len(left) == 1:  # whatever else it could be stands in a column of its own
            fields[left[0]] = [(name, 0)]
            open_names.remove((name, means))
    faults = [Fault(row, name, "stands twice") for name in dict.fromkeys(twice)]
    for field, columns in fields.items():
        exact = [entry for entry in columns if entry[0] == field]
        if exact and field not in LISTS:
            fields[field] = exact  # the project's own name leaves no doubt
        elif field in LISTS:
            fields[field] = sorted(columns, key=lambda entry: entry[1])
        elif len(columns) > 1 and any(number for _, number in columns):
            shown = ", ".join(name for name, _ in columns)
            said = f"columns {shown} hold several lines of a claim in one row; say so with --map (places_in_a_row)"
            faults.append(Fault(row, field, said))
    if "line_diagnosis" in fields and "diagnoses" not in fields:
        fields["diagnoses"] = fields.pop("line_diagnosis")
    lines = {field: tuple((name,) for name, _ in columns) for field, columns in fields.items()}
    plan = Plan(header, (lines,), made, dates)
    plan.faults += faults
    for name, means in open_names:
        _ask(plan, fields, name, means, row)
    for name in unknown if len(unknown) <= NEAR_MOST else ():
        if (field := nearly(name)) and field not in fields:
            said = f"may be meant for {field}; give it that name, or say with --map what it is"
            plan.asked.append(Fault(row, column_name(name), said))
    return plan


def _ask(
    plan: Plan, fields: dict[str, list[tuple[str, int]]], name: str, means: tuple[str, ...], row: int
) -> None:
    """A question about a column that may be several things, unless all of them are read from other columns."""
    left = [field for field in means if field != OTHER and field not in fields]
    if not left:
        return
    told = [claim_fields()[field].label.lower() for field in means if field != OTHER]
    said = f"may be {' or '.join(told)}{' or something else' if OTHER in means else ''}; say with --map which"
    plan.asked.append(Fault(row, column_name(name), said))


def _one_unit(plan: Plan) -> None:
    """A table without a column of units has one unit a line, as in FHIR; a column that may be theirs is asked about."""
    fields = plan.lines[0] if plan.lines else {}
    if "code" not in fields or UNITS in fields or UNITS in plan.map.fixed:
        return
    names = [name for name, means in column_names().items() if UNITS in means and len(name) > 3]
    perhaps = [name for name in plan.extras if get_close_matches(known_form(name), names, 1, UNITS_NEAR)]
    if not perhaps and not any(UNITS in fault.message for fault in plan.asked):
        plan.map = replace(plan.map, fixed={**plan.map.fixed, UNITS: "1"})
        plan.own = False
        plan.notes.append("the table has no column of units: each line counts as one unit")


def _missing(plan: Plan, row: int) -> None:
    """Puts the columns that are wanted and missing before all other faults."""
    fields = plan.lines[0] if plan.lines else {}
    missing = [
        name for name, entry in claim_fields().items()
        if entry.wanted and name not in fields and name not in plan.map.fixed
    ]  # fmt: skip
    found = [Fault(row, name, _missing_words(plan, name)) for name in missing]
    if missing:
        shown = [name for name in plan.header if not name.startswith("column ")][:SAID_MOST]
        more = ", …" if len(plan.header) > len(shown) else ""
        said = (
            f"its columns are {', '.join(map(column_name, shown))}{more}; say with --map which is which"
            if shown
            else ""
        )
        found += [Fault(row, "", said)] if said else []
    plan.faults[:0] = found


def _missing_words(plan: Plan, name: str) -> str:
    label = claim_fields()[name].label.lower()
    perhaps = [
        asked.column for asked in plan.asked if f"{label}" in asked.message or f"for {name};" in asked.message
    ]
    return f"is missing ({label})" + (f"; column {perhaps[0]} may be it" if perhaps else "")


def _said(plan: Plan) -> None:
    """Notes on what the columns were taken for, and on those that are kept unread."""
    if not plan.ranked:
        other = [
            f"{column[0]} = {field}"
            for field, columns in plan.lines[0].items() for column in columns if column[0] != field
        ]  # fmt: skip
        if other:
            plan.notes.append(f"columns read: {', '.join(other)}")
    asked = {fault.column for fault in plan.asked}
    kept = [
        column_name(name)
        for name in plan.extras
        if column_name(name) not in asked and name not in plan.map.only
    ]
    if kept:
        more = f" and {len(kept) - SAID_MOST} more" if len(kept) > SAID_MOST else ""
        plan.notes.append(f"columns kept and not read: {', '.join(kept[:SAID_MOST])}{more}")


def proposed_map(plan: Plan, title: str) -> str:
    """A mapping file for a table as its plan reads it, with the fields that are wanted and missing left to fill in."""
    columns = {
        name: [JOIN.join(joined) for joined in plan.lines[0][name]]
        for name in (*claim_fields(), *ROLES) if name in plan.lines[0]
    }  # fmt: skip
    text = map_text(columns, title)
    lacking = [name for name, entry in claim_fields().items() if entry.wanted and name not in columns]
    for name in lacking:
        text += f'# {name} = [""]  # wanted: {claim_fields()[name].label.lower()}\n'
    for name in plan.extras:
        text += f"# kept and not read: {column_name(name)}\n"
    if plan.map.fixed:
        text += "\n[fixed]\n" + "".join(f'{name} = "{value}"\n' for name, value in plan.map.fixed.items())
    return text
