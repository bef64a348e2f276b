"""The glossary: terms of the field in our own words, from ``data/glossary.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from omsnb.reading import read_lines


@dataclass(frozen=True, slots=True)
class Term:
    """A term, what it means, related terms, and whether its first mention on a page links to the glossary.

    Words that also stand for something plainer, such as "units", are not linked.
    """

    term: str
    definition: str
    see: tuple[str, ...]
    linked: bool


@cache
def glossary() -> Mapping[str, Term]:
    """All terms, in the alphabet's order.

    Raises ``DataError`` for a term that stands twice, or a ``see`` that is no term.
    """
    lines = read_lines("glossary.csv", ("term", "definition", "see", "linked"))
    known = [line.wanted("term") for line in lines]
    found: dict[str, Term] = {}
    for line in sorted(lines, key=lambda line: line.text("term").lower()):
        if line.text("term") in found:
            raise line.error("term", f"{line.text('term')!r} stands twice")
        found[line.text("term")] = Term(
            line.text("term"),
            line.wanted("definition"),
            line.items("see", known),
            line.one_of("linked", "yes", "no") == "yes",
        )
    return MappingProxyType(found)


def glossary_text() -> str:
    """The glossary as MyST text, so that ``{term}`` links lead to it."""
    lines = ["```{glossary}"]
    for entry in glossary().values():
        lines += [entry.term, f"  {entry.definition}"]
        if entry.see:
            lines += ["", "  See " + ", ".join(f"{{term}}`{term}`" for term in entry.see) + "."]
        lines.append("")
    return "\n".join([*lines, "```"])
