"""``{case-statements} tmj``: what the paper says of a case, statement by statement, each with its mark; folded."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.site.freshness import watch
from omsnb.site.html import element
from omsnb.site.text import cite, marks, paragraph
from omsnb.tables import cases, guidance


class CaseStatements(SphinxDirective):
    """Lists the statements of the ledger whose section is the case."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the case and makes the list; an unknown case is a build warning."""
        name = self.arguments[0].strip()
        if name not in cases():
            problem = f"case statements: {name!r} is no case of data/cases"
            return [self.state.document.reporter.warning(problem, line=self.lineno)]
        watch(self.env)
        said = [
            element("li", *paragraph(entry.statement).children, " (", *cite([id]), ")", *marks([id]))
            for id, entry in guidance().items()
            if entry.section == name
        ]
        summary = element("summary", f"What the paper says of this case, in {len(said)} statements")
        return [element("details", summary, element("ul", *said), class_="meanings")]


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("case-statements", CaseStatements)
