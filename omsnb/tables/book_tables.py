"""What stands in the book alone: the glossary and the list of the software of others."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from omsnb.case_records import Part, Term
from omsnb.reading import Line, by_id, read_lines


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
