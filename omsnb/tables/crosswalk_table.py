"""The medical and dental codes that stand for the same service."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from omsnb.case_records import Crosswalk
from omsnb.reading import Line, by_id, read_lines
from omsnb.tables.code_tables import MODIFIER, codes
from omsnb.tables.decision_tables import services
from omsnb.tables.ledger import guidance


@cache
def crosswalk() -> Mapping[str, Crosswalk]:
    """Pairs of medical and dental codes for the same work, by id."""
    columns = ("id", "service", "label", "medical", "dental", "condition", "note", "guidance")

    def make(line: Line) -> Crosswalk:
        if not line.text("medical") and not line.text("dental"):
            raise line.error("medical", "is empty, and so is dental")
        for column in ("medical", "dental"):
            line.items(
                column, {part for code in codes() for part in (code, *_with_modifiers(line, column, code))}
            )
        return Crosswalk(
            id=line.text("id"),
            service=line.listed("service", services()),
            label=line.wanted("label"),
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
