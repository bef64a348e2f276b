"""Texts of the data as nodes: codes in a sentence become chips that link to the code index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from docutils import nodes
from sphinx.addnodes import pending_xref

from omsnb.line_text import line_text
from omsnb.standing import marked, standing
from omsnb.tables import codes, discrepancies

CODE = re.compile(r"\b(?:[A-Z]\d{4}|\d{4}[\dTF])\b")
"""What looks like a procedure code: five digits, a letter and four digits, or four digits and a letter."""

DOMAIN = "manual"
"""The name of the Sphinx domain that holds the manual's anchors (see ``domain``)."""


def reference(kind: str, target: str, *children: nodes.Node, label: str = "") -> pending_xref:
    """A link to something that the domain knows; a missing target is a build warning.

    ``kind``: code, guidance, table, discrepancy, source or crosswalk. ``label``: the link's title.
    """
    link = pending_xref(refdomain=DOMAIN, reftype=kind, reftarget=target, refwarn=True, reftitle=label)
    link += children or (nodes.inline("", target),)
    return link


def chip(code: str, modifiers: Iterable[str] = (), units: int | str = 1) -> nodes.inline:
    """A code as a chip with modifiers and units, linked to the code index. ``code`` must stand in ``codes.csv``."""
    known = codes()[code]
    classes = ["code-chip", f"code-{known.system.lower()}"]
    link = reference("code", code, nodes.inline("", code), label=f"{known.system}: {known.label}")
    whole = nodes.inline("", "", link, classes=classes)
    if rest := line_text(code, modifiers, units).removeprefix(code):
        whole += nodes.inline("", rest, classes=["code-modifier"])
    return whole


def cite(ids: Iterable[str]) -> Iterator[nodes.Node]:
    """Links to statements of the ledger, with a comma between them."""
    for place, id in enumerate(ids):
        if place:
            yield nodes.Text(", ")
        yield guidance_link(id)


def guidance_link(id: str) -> nodes.inline:
    """A link to one statement of the ledger; its title is the statement."""
    return nodes.inline(
        "",
        "",
        reference("guidance", id, nodes.inline("", id), label=marked(id)),
        classes=["guidance-link"],
    )


def mark(id: str) -> nodes.inline | None:
    """A statement's mark with links to what holds instead and to the notes; None where nothing is to be said."""
    found = standing(id)
    if found is None:
        return None
    shown = nodes.inline(
        "", "", classes=["standing", "standing-contradicted" if found.overruled else "standing-noted"]
    )
    shown += nodes.Text(f"{found.short}: ")
    links: list[nodes.Node] = [guidance_link(other) for other in found.instead]
    links += [
        reference("discrepancy", note, nodes.inline("", f"note {discrepancies()[note].number}"))
        for note in found.notes
    ]
    for place, link in enumerate(links):
        shown += [nodes.Text(", "), link] if place else [link]
    return shown


def marks(ids: Iterable[str]) -> Iterator[nodes.Node]:
    """The marks of statements, each in brackets with a blank before it."""
    for id in ids:
        if shown := mark(id):
            yield from (nodes.Text(" ["), shown, nodes.Text("]"))


def rich(text: str) -> Iterator[nodes.Node]:
    """A sentence of the data as nodes, with every known code in it linked."""
    place = 0
    for found in CODE.finditer(text):
        if found[0] not in codes():
            continue
        if found.start() > place:
            yield nodes.Text(text[place : found.start()])
        yield chip(found[0])
        place = found.end()
    if place < len(text):
        yield nodes.Text(text[place:])


def paragraph(*parts: nodes.Node | str, class_: str = "") -> nodes.paragraph:
    """A paragraph of nodes and sentences of the data."""
    made = nodes.paragraph("", "", classes=[class_] if class_ else [])
    for part in parts:
        made += list(rich(part)) if isinstance(part, str) else [part]
    return made
