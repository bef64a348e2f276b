"""The calculators there are (``data/calculators.csv``): title, page and decision tables of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from omsnb.network import requirements, settling_tables
from omsnb.reading import Line, by_id, read_lines
from omsnb.records import DAY, Table
from omsnb.tables import guidance, tables
from omsnb.tables.decision_tables import NAME
from omsnb.tables.ledger import pages

COLUMNS = ("calculator", "kind", "title", "page", "tables", "guidance", "about")
KINDS = ("tables", "period", "worksheet", "plan")


@dataclass(frozen=True)
class Calculator:
    """A form. ``kind``: tables (over one or several decision tables), period, worksheet, or plan (writes a file).

    ``guidance``: for period.
    """

    name: str
    kind: str
    title: str
    page: str
    tables: tuple[Table, ...]
    about: str
    guidance: tuple[str, ...]

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that it asks: those that bear on its tables and that no other table settles."""
        bearing = dict.fromkeys(fact for table in self.tables for fact in requirements(table))
        return tuple(fact for fact in bearing if not settling_tables(fact) and fact != DAY)


@cache
def calculators() -> Mapping[str, Calculator]:
    """All calculators by name, in the order of the chapters."""

    def make(line: Line) -> Calculator:
        if (line.text("kind") == "tables") != bool(line.text("tables")):
            raise line.error("tables", "a calculator of kind tables names tables, and no other does")
        return Calculator(
            name=line.matching("calculator", NAME, "oral-evaluation"),
            kind=line.one_of("kind", *KINDS),
            title=line.wanted("title"),
            page=line.one_of("page", *sorted(pages())),
            tables=tuple(tables()[name] for name in line.items("tables", tables())),
            about=line.wanted("about"),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("calculators.csv", COLUMNS), "calculator", make)


def find_calculator(name: str) -> Calculator:
    """The calculator of that name; ``ValueError`` names those there are."""
    if name not in calculators():
        raise ValueError(f"calculator: {name!r} is not known; allowed: {', '.join(calculators())}")
    return calculators()[name]
