"""The codes, their unit limits by date, and the pairs of medical and dental codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from omsnb.reading import Line, by_id, read_lines
from omsnb.records import Code, Crosswalk, UnitLimit
from omsnb.tables.ledger import guidance, sources

MODIFIER = re.compile(r"[0-9A-Z]{2}")


@cache
def codes() -> Mapping[str, Code]:
    """All codes the manual knows, by code."""
    columns = (
        "code system chapter label by_report component_split global_days medicare_status bilateral "
        "effective_from effective_to named_by_paper synonyms note source confirmed"
    ).split()

    def make(line: Line) -> Code:
        return Code(
            code=line.text("code"),
            system=line.one_of("system", "CPT", "CDT", "HCPCS"),
            chapter=line.one_of("chapter", "I", "II", "III", "IV", "V", "VI", "surgery", "neighbour"),
            label=line.wanted("label"),
            by_report=line.yes("by_report"),
            component_split=line.yes("component_split"),
            global_days=line.one_of("global_days", "", "000", "010", "090", "XXX", "YYY", "ZZZ"),
            medicare_status=line.one_of("medicare_status", "", "A", "B", "C", "I", "R"),
            bilateral=line.one_of("bilateral", "", "0", "1", "2", "3", "9"),
            effective_from=line.date("effective_from"),
            effective_to=line.date("effective_to"),
            named_by_paper=line.yes("named_by_paper"),
            synonyms=line.items("synonyms"),
            note=line.text("note"),
            source=line.one_of("source", *sources()),
            confirmed=line.yes("confirmed"),
        )

    return by_id(read_lines("codes.csv", columns), "code", make)


@cache
def mue() -> tuple[UnitLimit, ...]:
    """Unit limits, oldest first within a code."""
    columns = ("code", "effective", "units", "mai", "rationale", "source")
    limits = [
        UnitLimit(
            code=line.one_of("code", *codes()),
            effective=line.date("effective"),
            units=line.whole("units"),
            mai=line.one_of("mai", "1", "2", "3"),
            rationale=line.text("rationale"),
            source=line.one_of("source", *sources()),
        )
        for line in read_lines("mue.csv", columns)
    ]
    return tuple(sorted(limits, key=lambda limit: (limit.code, limit.effective)))


@cache
def crosswalk() -> Mapping[str, Crosswalk]:
    """Pairs of medical and dental codes for the same work, by id."""
    columns = ("id", "service", "medical", "dental", "condition", "note", "guidance")

    def make(line: Line) -> Crosswalk:
        for column in ("medical", "dental"):
            line.items(
                column, {part for code in codes() for part in (code, *_with_modifiers(line, column, code))}
            )
        return Crosswalk(
            id=line.text("id"),
            service=line.wanted("service"),
            medical=line.items("medical"),
            dental=line.items("dental"),
            condition=line.text("condition"),
            note=line.text("note"),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("crosswalk.csv", columns), "id", make)


def _with_modifiers(line: Line, column: str, code: str) -> tuple[str, ...]:
    """The cells of a crosswalk column that name this code with one modifier, such as ``70486-26``."""
    return tuple(
        part
        for part in line.items(column)
        if part.startswith(f"{code}-") and MODIFIER.fullmatch(part.removeprefix(f"{code}-"))
    )
