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
from omsnb.calculators.desk import DESK, TITLE
from omsnb.calculators.desk_view import desk_static_html
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


class LiveDesk(SphinxDirective):
    """Shows the claim desk."""

    def run(self) -> list[nodes.Node]:
        """Writes what stands there before the desk has started."""
        watch(self.env)
        links = "../" * self.env.docname.count("/") + "book/reference/"
        return [nodes.raw("", _frame(DESK, TITLE, links, desk_static_html()), format="html")]


def frame(name: str, links: str) -> str:
    """The element that ``live.js`` takes over. ``links``: address of the reference pages from this page."""
    title = f"Calculator: {calculators()[name].title}"
    return _frame(name, title, links, first_state_html(name, links))


def _frame(name: str, title: str, links: str, static: str) -> str:
    title = escape(title)
    start = escape("Start the claim desk" if name == DESK else "Start the calculator")
    return f"""
<section class="live-calculator" id="calculator-{escape(name)}" data-calculator="{escape(name)}"
 data-links="{escape(links)}" data-state="still" aria-label="{title}">
<p class="live-title">{title}</p>
<p class="live-buttons"><button type="button" class="live-start" hidden>{start}</button>
<button type="button" class="live-cancel" hidden>Cancel loading</button>
<progress class="live-progress" max="1" value="0" aria-label="Loading" hidden></progress></p>
<p class="live-status" role="status"></p>
<div class="live-form"></div>
<div class="live-static">{static}</div>
</section>"""


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Gives every page the small script that starts calculators and keeps the manual offline."""
    app.add_js_file(SCRIPT, loading_method="defer")


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("live-calculator", LiveCalculator)
    app.add_directive("claim-desk", LiveDesk)
    app.connect("html-page-context", add_script)
