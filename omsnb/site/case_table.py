"""``{case-comparison}``: the seven cases side by side, coded from their facts when the book is built."""

from __future__ import annotations

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.coding import READINGS, ServiceRow, Worksheet, code_case
from omsnb.site.freshness import watch
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import chip, paragraph
from omsnb.tables import cases, services

PARTS = (("Records", "II"), ("Images", "III"), ("Plan", "IV"), ("Print", "V"), ("Products", "VI"))
"""Columns, with the chapter whose services they hold."""


MENU = 8
"""Lines that a cell shows; of a longer menu it tells the length alone."""


class CaseComparison(SphinxDirective):
    """Shows all cases in one reading: ``narrative`` (the story alone) or ``paper``."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the reading and makes the table."""
        reading = self.arguments[0].strip()
        if reading not in READINGS:
            said = f"case comparison {reading!r} is not known; allowed: {', '.join(READINGS)}"
            return [self.state.document.reporter.warning(said, line=self.lineno)]
        watch(self.env)
        return [render(reading, self.env.docname)]


def render(reading: str, page: str) -> tag:
    """The table: a case a row, a part of the workflow a column."""
    title = "The seven cases, from their stories alone" if reading == "narrative" else "The seven cases as printed"
    heads = [head("Case"), head("Notes"), head("Visit"), *(head(name) for name, _ in PARTS)]
    rows = [_row(code_case(name, reading=reading), page) for name in cases()]
    return wide(title, table(title, heads, rows, "cases"))


def _row(sheet: Worksheet, page: str) -> tag:
    link = pending_xref(
        refdomain="std", reftype="doc", reftarget=f"/{sheet.case.page}", refexplicit=True, refwarn=True, refdoc=page
    )
    link += nodes.inline("", sheet.case.title)
    notes = element("td", str(len(sheet.discrepancies)), class_="number")
    cells = [element("th", link, scope="row"), notes, element("td", *_lines([sheet.evaluation]))]
    for _, chapter in PARTS:
        rows = [row for row in sheet.rows if services()[row.service].chapter == chapter]
        cells.append(element("td", *_lines(rows), *([] if any(row.codes for row in rows) else _silent(rows))))
    return element("tr", *cells)


def _lines(rows: list[ServiceRow]) -> list[nodes.Node]:
    found = {str(way): way for row in rows for way in row.alternatives}
    if len(found) > MENU:
        return [nodes.Text(f"open: {len(found)} lines")]
    shown: list[nodes.Node] = []
    for way in found.values():
        shown += [nodes.Text(" ")] if shown else []
        shown.append(chip(way.code, way.modifiers, way.units))
    return shown


def _silent(rows: list[ServiceRow]) -> list[nodes.Node]:
    said = dict.fromkeys(reason for row in rows for reason in row.because)
    return [paragraph(f"Nothing: {reason}") for reason in list(said)[:1]] or [nodes.Text("–")]


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("case-comparison", CaseComparison)
