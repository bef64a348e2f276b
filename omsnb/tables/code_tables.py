"""The codes and their unit limits by date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from omsnb.reading import Line, by_id, read_lines
from omsnb.records import Code, UnitLimit
from omsnb.tables.ledger import sources

MODIFIER = re.compile(r"[0-9A-Z]{2}")
CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
GLOBAL_DAYS = ("000", "010", "090", "XXX", "YYY", "ZZZ")
STATUSES = ("A", "B", "C", "I", "J", "N", "R", "X")
"""Status indicators of the fee schedule that codes of the manual have."""

GROUPS = ("surgery", "prosthesis", "imaging", "visit", "anesthesia", "dental", "neighbour")
"""Groups of codes that belong to no chapter of the paper."""

SHAPES = {
    "CPT": re.compile(r"[0-9]{4}[0-9A-Z]"),
    "CDT": re.compile(r"D[0-9]{4}"),
    "HCPCS": re.compile(r"[A-CE-Z][0-9]{4}"),
}
"""What a code of each system looks like."""


@cache
def codes() -> Mapping[str, Code]:
    """All codes the manual knows, by code."""
    columns = (
        "code system chapter label by_report component_split global_days medicare_status bilateral "
        "effective_from effective_to named_by_paper synonyms note source confirmed"
    ).split()

    def make(line: Line) -> Code:
        system = line.one_of("system", *SHAPES)
        if not SHAPES[system].fullmatch(line.text("code")):
            raise line.error("code", f"{line.text('code')!r} has not the form of a {system} code")
        first, last = line.date("effective_from"), line.date("effective_to")
        if first and last and last < first:
            raise line.error("effective_to", f"{last} is earlier than the first day, {first}")
        return Code(
            code=line.text("code"),
            system=system,
            chapter=line.one_of("chapter", "I", "II", "III", "IV", "V", "VI", *GROUPS),
            label=line.wanted("label"),
            by_report=line.yes("by_report"),
            component_split=line.yes("component_split"),
            global_days=line.one_of("global_days", "", *GLOBAL_DAYS),
            medicare_status=line.one_of("medicare_status", "", *STATUSES),
            bilateral=line.one_of("bilateral", "", "0", "1", "2", "3", "9"),
            effective_from=first,
            effective_to=last,
            named_by_paper=line.yes("named_by_paper"),
            synonyms=line.items("synonyms"),
            note=line.text("note"),
            source=line.listed("source", sources()),
            confirmed=line.yes("confirmed"),
        )

    return by_id(read_lines("codes.csv", columns), "code", make)


@cache
def mue() -> tuple[UnitLimit, ...]:
    """Unit limits, oldest first within a code."""
    columns = ("code", "effective", "units", "mai", "rationale", "source")
    limits = [
        UnitLimit(
            code=line.listed("code", codes()),
            effective=line.day("effective"),
            units=line.whole("units"),
            mai=line.one_of("mai", "1", "2", "3"),
            rationale=line.text("rationale"),
            source=line.listed("source", sources()),
        )
        for line in read_lines("mue.csv", columns, key=("code", "effective"))
    ]
    return tuple(sorted(limits, key=lambda limit: (limit.code, limit.effective)))
