"""``{visit-grid}`` and ``{time-table}``: the level of a visit as people look it up, from the rows of the tables."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.answers import words
from omsnb.records import Row
from omsnb.site.freshness import watch
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import chip
from omsnb.tables import facts, tables
from omsnb.tables.book_tables import visit_examples

BY_DECISION, BY_TIME, FAMILY, MINUTES, MDM = "mdm", "visit-by-time", "family", "minutes", "mdm"


class VisitGrid(SphinxDirective):
    """The four levels of decision making by its three elements, with examples from oral surgery."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Makes the grid."""
        watch(self.env)
        return [wide("The level by decision making", grid())]


def grid() -> tag:
    """Level by element: what the element must hold, and an example. Any two elements in a row reach its level."""
    elements = tables()[BY_DECISION].columns
    heads = [head("Level"), *(head(facts()[name].question) for name in elements)]
    rows = []
    for level in facts()[MDM].values.values():
        cells = [element("th", level.label, scope="row")]
        for name in elements:
            value = facts()[name].values[level.value]
            example = element(
                "p", element("span", "For example: ", class_="term"), visit_examples()[name, level.value]
            )
            cells.append(
                element("td", element("p", element("strong", value.label)), element("p", value.help), example)
            )
        rows.append(element("tr", *cells))
    return table("The level by decision making: two of the three reach it", heads, rows, "rows visit-grid")


class TimeTable(SphinxDirective):
    """All families of visits by their minutes."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Makes the table."""
        watch(self.env)
        return [wide("The level by time", times())]


def times() -> tag:
    """A family a row, with the code that each span of minutes reaches."""
    found: dict[str, list[Row]] = {}
    for row in tables()[BY_TIME].rows:
        if row.report and row.conditions.get(FAMILY):
            (family,) = row.conditions[FAMILY]
            found.setdefault(str(family), []).append(row)
    most = max(map(len, found.values()))
    heads = [head("Family of visits"), *(head(f"Level {number}") for number in range(1, most + 1))]
    rows = [
        element(
            "tr",
            element("th", facts()[FAMILY].label(family), scope="row"),
            *(
                element("td", chip(row.report), f" {words(facts()[MINUTES], row.conditions[MINUTES])}")
                for row in listed
            ),
        )
        for family, listed in found.items()
    ]
    return table("The level by the clinician's minutes on the day", heads, rows, "rows")


def setup(app: Sphinx) -> None:
    """Registers the directives."""
    app.add_directive("visit-grid", VisitGrid)
    app.add_directive("time-table", TimeTable)
