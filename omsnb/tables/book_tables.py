"""What stands in the book alone: the glossary, the software of others, and which page conveys which statement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from omsnb.case_records import Part, Term
from omsnb.reading import DataError, Line, by_id, read_lines
from omsnb.tables.decision_tables import tables
from omsnb.tables.ledger import guidance
from omsnb.tables.vocabulary import facts

PAGE = re.compile(r"book/(?:index|(?:chapters|cases)/[a-z0-9-]+)")


@cache
def glossary() -> Mapping[str, Term]:
    """All terms, in the alphabet's order.

    Raises ``DataError`` for a term that stands twice, or a ``see`` that is no other term.
    """
    lines = read_lines("glossary.csv", ("term", "definition", "see", "linked"))
    known = {line.wanted("term") for line in lines}

    def make(line: Line) -> Term:
        see = line.items("see", known - {line.text("term")})
        return Term(line.text("term"), line.wanted("definition"), see, line.yes("linked"))

    return by_id(sorted(lines, key=lambda line: line.text("term").lower()), "term", make)


@cache
def third_party() -> tuple[Part, ...]:
    """Every piece of software of others that the published book holds, in the order of the file."""
    columns = ("part", "version", "licence", "origin", "files")
    lines = read_lines("third-party.csv", columns, key=("part", "version"))
    return tuple(Part(*(line.wanted(column) for column in columns)) for line in lines)


@cache
def conveyed() -> Mapping[str, str]:
    """The page of the book that conveys each of the paper's statements, by the statement.

    Raises ``DataError`` for a statement of another source, and for one of the paper that has no page.
    """
    wanted = {id: entry for id, entry in guidance().items() if entry.source == "paper"}
    lines = read_lines("conveyed.csv", ("statement", "page"))

    def page(line: Line) -> str:
        if not PAGE.fullmatch(line.text("page")):
            raise line.error("page", f"{line.text('page')!r} is no page of a chapter or a case")
        return line.text("page")

    found = by_id(lines, "statement", page)
    for line in lines:
        line.one_of("statement", *wanted)
    if missing := [id for id in wanted if id not in found]:
        raise DataError(f"data/conveyed.csv: no page conveys {missing[0]}")
    return found


@cache
def visit_examples() -> Mapping[tuple[str, str], str]:
    """An example from oral surgery for each level of each element of decision making, by element and level.

    Raises ``DataError`` for an element or level that no table of decision making asks for, and where one has none.
    """
    asked = tables()["mdm"].columns
    lines = read_lines("visit-examples.csv", ("element", "level", "example"), key=("element", "level"))
    found = {}
    for line in lines:
        element = line.one_of("element", *asked)
        found[element, line.one_of("level", *facts()[element].values)] = line.wanted("example")
    for element in asked:
        for level in facts()[element].values:
            if (element, level) not in found:
                raise DataError(f"data/visit-examples.csv: no example of {element} {level}")
    return MappingProxyType(found)
