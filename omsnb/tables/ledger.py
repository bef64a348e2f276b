"""Where statements come from: sources, sections of the paper, the ledger of statements, and documents to keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from omsnb.reading import Line, by_id, read_lines
from omsnb.records import Document, Guidance, Section, Source
from omsnb.tables.vocabulary import life

PAGE = re.compile(r"book(/[a-z0-9-]+)+")
ADDRESS = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)+(/[^\s|<>\"]*[^\s|<>\".,;])?/?")
"""The address of a page, without a sentence's end."""


@cache
def sources() -> Mapping[str, Source]:
    """All sources by id."""
    columns = "id title publisher edition date kind confidence address section looked_at note".split()

    def make(line: Line) -> Source:
        kinds = "paper cms-table cms-manual code-set publication payer-policy form general-knowledge".split()
        line.one_of("kind", *kinds)
        line.one_of("confidence", "high", "medium", "low")
        line.span("date")
        line.wanted("title")
        line.date("looked_at")
        address = line.items("address")
        for url in address:
            if not ADDRESS.fullmatch(url):
                raise line.error("address", f"{url!r} is no address such as https://www.cms.gov/page")
        return Source(**{**line.cells, "address": address})  # type: ignore[arg-type]

    return by_id(read_lines("sources.csv", columns), "id", make)


@cache
def sections() -> Mapping[str, Section]:
    """The sections of the paper by id: ``intro``, ``I`` to ``VII``, each case, ``end``."""

    def make(line: Line) -> Section:
        line.wanted("title")
        line.matching("page", PAGE, "book/chapters/imaging")
        return Section(**line.cells)

    return by_id(read_lines("sections.csv", ("section", "title", "page", "paragraphs")), "section", make)


def pages() -> frozenset[str]:
    """The pages of the book that cover the paper."""
    return frozenset(section.page for section in sections().values())


@cache
def guidance() -> Mapping[str, Guidance]:
    """The ledger of statements by id."""
    columns = "id section paragraph kind statement source confirmed confirmed_by".split()

    def make(line: Line) -> Guidance:
        line.listed("section", sections())
        line.one_of("kind", "rule", "definition", "documentation", "payer-dependent", "tip", "disclaimer")
        line.one_of("confirmed", "yes", "no", "contradicted")
        line.listed("source", sources())
        return Guidance(
            id=line.text("id"),
            section=line.text("section"),
            paragraph=line.text("paragraph"),
            kind=line.text("kind"),
            statement=line.wanted("statement"),
            source=line.text("source"),
            confirmed=line.text("confirmed"),
            confirmed_by=line.items("confirmed_by", sources()),
        )

    return by_id(read_lines("guidance.csv", columns), "id", make)


@cache
def documents() -> Mapping[str, Document]:
    """What records and claims must hold, by id."""

    def make(line: Line) -> Document:
        return Document(
            line.text("id"),
            line.wanted("label"),
            line.items("guidance", guidance()),
            life(*line.lived()),
        )

    lines = read_lines("documents.csv", ("id", "label", "guidance"), dated=("from", "until"))
    return by_id(lines, "id", make)
