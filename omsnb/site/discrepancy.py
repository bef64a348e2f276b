"""``{discrepancy} ID``: a box in the text where the paper is ambiguous, outdated or at odds with itself."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.case_records import Discrepancy
from omsnb.site.freshness import watch
from omsnb.site.html import element, tag
from omsnb.site.text import cite, paragraph, reference
from omsnb.tables import discrepancies

KINDS = {
    "outdated": "Out of date in the paper",
    "list-against-text": "The paper's list and its text differ",
    "ambiguous": "Open to more than one reading",
}
"""Headings of the box by kind."""


class DiscrepancyBox(SphinxDirective):
    """Shows one row of ``discrepancies.csv``."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the id and makes the box."""
        id = self.arguments[0].strip()
        if id not in discrepancies():
            return [
                self.state.document.reporter.warning(
                    f"discrepancy {id!r} is not in data/discrepancies.csv", line=self.lineno
                )
            ]
        watch(self.env)
        return [box(discrepancies()[id])]


def box(entry: Discrepancy) -> tag:
    """The box, with a link to the entry in the list of all of them."""
    number = reference("discrepancy", entry.id, nodes.inline("", f"note {entry.number}"))
    return element(
        "div",
        element("p", element("strong", KINDS[entry.kind]), " (", number, ")", class_="discrepancy-kind"),
        *statements(entry),
        class_=f"discrepancy discrepancy-{entry.kind}",
        role="note",
        aria_label=f"Note {entry.number} on the paper: {KINDS[entry.kind]}",
    )


def statements(entry: Discrepancy) -> Iterator[nodes.Node]:
    """What the paper says, what holds now, and what the manual does about it."""
    yield paragraph(nodes.strong("", "The paper: "), entry.paper_says)
    if entry.current_rule:
        yield paragraph(nodes.strong("", "Today: "), entry.current_rule)
    yield paragraph(nodes.strong("", "This manual: "), entry.manual_does)
    if entry.guidance:
        yield paragraph(nodes.strong("", "Guidance: "), *cite(entry.guidance))


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("discrepancy", DiscrepancyBox)
