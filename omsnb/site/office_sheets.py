"""Writes the office's sheets beside the book, and ``{office-sheets}``, the list that leads to them."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.sheets import sheet_html, sheets
from omsnb.site.freshness import watch
from omsnb.site.html import element

FOLDER = "sheets"


class OfficeSheets(SphinxDirective):
    """Lists the sheets with their links."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Makes the list; the pages are written at the end of the build."""
        watch(self.env)
        up = "../" * self.env.docname.count("/")
        items = [
            element("li", element("a", sheet.title, href=f"{up}{FOLDER}/{id}.html"))
            for id, sheet in sheets().items()
        ]
        return [element("ul", *items)]


def write(app: Sphinx, problem: Exception | None) -> None:
    """Writes each sheet as a page of its own."""
    if problem or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for id, sheet in sheets().items():
        (folder / f"{id}.html").write_text(sheet_html(sheet), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Registers the directive and connects to the end of a build, after the pages were mended."""
    app.add_directive("office-sheets", OfficeSheets)
    app.connect("build-finished", write, priority=950)
