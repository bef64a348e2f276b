"""``{live-calculator} NAME``: a calculator of the data in the page, whole before any script runs.

What stands there at first, and always without a script, on paper and offline, is made at build time by the same model:
every question with its answers, and the menu with all facts open.
"""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.calculators.catalogue import calculators
from omsnb.calculators.first_state import first_state_html
from omsnb.site.freshness import watch

SCRIPT = "live.js"


class LiveCalculator(SphinxDirective):
    """Shows a calculator of ``calculators.csv``."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the name and writes the first state."""
        name = self.arguments[0].strip()
        if name not in calculators():
            return [
                self.state.document.reporter.warning(
                    f"calculator {name!r} is not in data/calculators.csv", line=self.lineno
                )
            ]
        watch(self.env)
        links = "../" * self.env.docname.count("/") + "book/reference/"
        return [nodes.raw("", frame(name, links), format="html")]


def frame(name: str, links: str) -> str:
    """The element that ``live.js`` takes over. ``links``: address of the reference pages from this page."""
    title = escape(calculators()[name].title)
    return f"""
<section class="live-calculator" id="calculator-{escape(name)}" data-calculator="{escape(name)}"
 data-links="{escape(links)}" data-state="still" aria-label="Calculator: {title}">
<p class="live-title">Calculator: {title}</p>
<p class="live-buttons"><button type="button" class="live-start" hidden>Start the calculator</button>
<button type="button" class="live-cancel" hidden>Cancel loading</button>
<progress class="live-progress" max="1" value="0" aria-label="Loading" hidden></progress></p>
<p class="live-status" role="status"></p>
<div class="live-form"></div>
<div class="live-static">{first_state_html(name, links)}</div>
</section>"""


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Gives every page the small script that starts calculators and keeps the manual offline."""
    app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("live-calculator", LiveCalculator)
    app.connect("html-page-context", add_script)
