"""The ledger of guidance, the notes on the paper, the sources, and the paper's sections with their pages."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes
from sphinx.addnodes import pending_xref

from omsnb.case_records import Discrepancy
from omsnb.records import Guidance, Section, Source
from omsnb.site.discrepancy import KINDS, statements
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.reference_codes import section
from omsnb.site.text import mark, paragraph, reference, rich
from omsnb.standing import BASIS, basis
from omsnb.tables import discrepancies, guidance, sections, sources
from omsnb.tables.book_tables import third_party

GUIDANCE_KINDS = {
    "rule": "rule",
    "definition": "definition",
    "documentation": "documentation",
    "payer-dependent": "depends on the payer",
    "tip": "tip",
    "disclaimer": "disclaimer",
}
"""Kinds of statements in words."""

CONFIRMED = {
    "yes": "Confirmed",
    "no": "Not confirmed by another source",
    "contradicted": "Contradicted by a current rule",
}
"""What other sources say about a statement, in words."""

CONFIDENCE = {"high": "high", "medium": "fair", "low": "low"}
"""How far a source can be relied on, in words."""


def page_link(shown: Section) -> pending_xref:
    """A link to the page of the book that covers a section of the paper."""
    link = pending_xref(
        refdomain="std", reftype="doc", reftarget=f"/{shown.page}", refexplicit=True, refwarn=True
    )
    link += nodes.inline("", section_title(shown))
    return link


def section_title(shown: Section) -> str:
    """A section of the paper by number and title."""
    return f"{shown.section}. {shown.title}" if shown.section.isupper() else shown.title


def guidance_sections(domain: ManualDomain) -> list[nodes.Node]:
    """One section for each section of the paper, one row a statement."""
    grouped: dict[str, list[Guidance]] = {}
    for statement in guidance().values():
        grouped.setdefault(statement.section, []).append(statement)
    made: list[nodes.Node] = []
    for name, shown in sections().items():
        if name in grouped:
            title = section_title(shown)
            more = paragraph("Where it is explained: ", page_link(shown))
            made.append(
                section(f"section-{name.lower()}", title, more, _ledger(domain, title, grouped[name]))
            )
    return made


def _ledger(domain: ManualDomain, title: str, statements: Iterable[Guidance]) -> tag:
    heads = [head(text) for text in ("Number", "Statement", "Kind", "Source")]
    rows = [
        element(
            "tr",
            element("th", entry.id, scope="row"),
            element("td", *rich(entry.statement), *_marked(entry.id)),
            element("td", GUIDANCE_KINDS[entry.kind]),
            element("td", *_standing(entry)),
            id=domain.note("guidance", entry.id, f"{entry.id}: {_short(entry.statement)}"),
        )
        for entry in statements
    ]
    caption = f"Statements: {title}"
    return wide(caption, table(caption, heads, rows, "ledger"))


def _marked(id: str) -> list[nodes.Node]:
    """The statement's mark, beneath it."""
    shown = mark(id)
    return [element("p", shown, class_="documents")] if shown else []


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def _standing(entry: Guidance) -> list[nodes.Node]:
    place = f", paragraph {entry.paragraph}" if entry.paragraph else ""
    made: list[nodes.Node] = [element("p", source_link(entry.source), place)]
    words = CONFIRMED[entry.confirmed]
    others: list[nodes.Node | str] = []
    for number, id in enumerate(entry.confirmed_by):
        others += [", " if number else ": ", source_link(id)]
    made.append(element("p", element("span", words, class_=f"standing standing-{entry.confirmed}"), *others))
    if entry.confirmed != "contradicted":
        made.append(element("p", f"Rests on: {BASIS[basis(entry.id)]}"))
    return made


def source_link(id: str) -> pending_xref:
    """A link to a source's row; its text is the source's title."""
    return reference("source", id, nodes.inline("", sources()[id].title))


def discrepancy_sections(domain: ManualDomain) -> list[nodes.Node]:
    """One section a kind, one note a row."""
    grouped: dict[str, list[Discrepancy]] = {}
    for entry in discrepancies().values():
        grouped.setdefault(entry.kind, []).append(entry)
    return [
        section(kind, title, *(_note(domain, entry) for entry in grouped[kind]))
        for kind, title in KINDS.items()
        if kind in grouped
    ]


def _note(domain: ManualDomain, entry: Discrepancy) -> tag:
    shown_in: list[nodes.Node | str] = [element("span", "About: ", class_="term")]
    for place, name in enumerate(dict.fromkeys((entry.section, *entry.cases))):
        shown_in += [", " if place else "", page_link(sections()[name])]
    return element(
        "div",
        element("p", element("strong", f"Note {entry.number}"), class_="discrepancy-kind"),
        *statements(entry),
        element("p", *shown_in, class_="documents"),
        class_=f"discrepancy discrepancy-{entry.kind} listed",
        id=domain.note("discrepancy", entry.id, f"Note {entry.number}: {_short(entry.paper_says)}"),
    )


def _addresses(source: Source) -> list[nodes.Node]:
    """Links to a source on the web. A page follows them only when a reader does."""
    made: list[nodes.Node] = []
    for number, url in enumerate(source.address, 1):
        host = url.split("/")[2] + (f" ({number})" if len(source.address) > 1 else "")
        made += [*([nodes.Text(", ")] if made else []), element("a", host, href=url, rel="noreferrer")]
    return made


def source_table(domain: ManualDomain) -> list[nodes.Node]:
    """All sources with their edition and how far they can be relied on."""
    heads = [
        head(text)
        for text in ("Source", "Publisher", "Edition", "Reliance", "Address and section", "Looked at", "Note")
    ]
    rows = [
        element(
            "tr",
            element("th", source.title, scope="row"),
            element("td", source.publisher),
            element("td", ", ".join(part for part in (source.edition, source.date) if part)),
            element("td", CONFIDENCE[source.confidence]),
            element("td", *_addresses(source), *([f" {source.section}"] if source.section else [])),
            element("td", source.looked_at),
            element("td", *rich(source.note)),
            id=domain.note("source", source.id, source.title),
        )
        for source in sources().values()
    ]
    title = "Sources of the manual"
    return [wide(title, table(title, heads, rows, "sources"))]


def third_party_table(domain: ManualDomain) -> list[nodes.Node]:
    """Every file of others that the published book holds."""
    columns = {"part": "Part", "version": "Version", "licence": "Licence", "origin": "From", "files": "Files"}
    rows = []
    for entry in third_party():
        first, *rest = (getattr(entry, column) for column in columns)
        rows.append(element("tr", element("th", first, scope="row"), *(element("td", text) for text in rest)))
    title = "Software of others in the book"
    return [wide(title, table(title, [head(text) for text in columns.values()], rows))]


def section_table(domain: ManualDomain) -> list[nodes.Node]:
    """Where each section of the paper is covered."""
    heads = [head("Section of the paper"), head("Page of the manual")]
    rows = [
        element("tr", element("th", section_title(shown), scope="row"), element("td", page_link(shown)))
        for shown in sections().values()
    ]
    title = "The paper's sections and the pages that cover them"
    return [wide(title, table(title, heads, rows))]
