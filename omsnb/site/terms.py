"""``{terms} Le Fort I osteotomy | ramus``: terms of the glossary where a page needs them, from the data."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.site.freshness import watch
from omsnb.site.html import element
from omsnb.site.text import paragraph
from omsnb.tables.book_tables import glossary


class Terms(SphinxDirective):
    """Lists terms of ``glossary.csv`` with their definitions, in the order given."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the terms and makes the list; a term that is not in the glossary is a build warning."""
        asked = [term.strip() for term in " ".join(self.arguments[0].split()).split("|")]
        unknown = [term for term in asked if term not in glossary()]
        if unknown:
            said = f"terms: {unknown[0]!r} is not in data/glossary.csv"
            return [self.state.document.reporter.warning(said, line=self.lineno)]
        watch(self.env)
        entries = [
            part
            for term in asked
            for part in (
                element("dt", term),
                element("dd", *paragraph(glossary()[term].definition).children),
            )
        ]
        return [element("dl", *entries, class_="terms")]


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("terms", Terms)
