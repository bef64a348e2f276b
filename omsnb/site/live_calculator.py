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

from omsnb.calculators import EXPLORER
from omsnb.calculators.catalogue import calculators
from omsnb.calculators.desk import DESK, TITLE
from omsnb.calculators.desk_view import desk_static_html
from omsnb.calculators.first_state import first_state_html
from omsnb.calculators.note_form import NOTE
from omsnb.calculators.note_form import TITLE as NOTE_TITLE
from omsnb.calculators.note_view import note_static_html
from omsnb.site.domain import domain_of
from omsnb.site.freshness import watch
from omsnb.tables import cases

SCRIPT = "live.js"

DESK_SCRIPTS = ("desk-grid.js", "desk.js", "desk-parts.js")
"""The desk's own, in the order in which they need each other."""


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
        domain_of(self.env).note("calculator", name, f"Calculator: {calculators()[name].title}")
        return [nodes.raw("", frame(name, _links(self.env.docname)), format="html")]


class LiveDesk(SphinxDirective):
    """Shows the claim desk."""

    def run(self) -> list[nodes.Node]:
        """Writes what stands there before the desk has started."""
        watch(self.env)
        frame = _frame(DESK, TITLE, _links(self.env.docname), desk_static_html(), "Start the claim desk")
        return [nodes.raw("", frame, format="html")]


class LiveExplorer(SphinxDirective):
    """Shows the case explorer."""

    def run(self) -> list[nodes.Node]:
        """Writes what stands there before the explorer has started: the seven stories."""
        watch(self.env)
        stories = "".join(
            f"<dt>{escape(case.title)}</dt><dd>{escape(case.story)}</dd>" for case in cases().values()
        )
        static = f"<details><summary>The {len(cases())} cases</summary><dl>{stories}</dl></details>"
        frame = _frame(EXPLORER, "Case explorer", _links(self.env.docname), static, "Start the case explorer")
        return [nodes.raw("", frame, format="html")]


def _links(docname: str) -> str:
    """Address of the reference pages from a page."""
    return "../" * docname.count("/") + "book/reference/"


class LiveNote(SphinxDirective):
    """Shows the form "From a note"."""

    def run(self) -> list[nodes.Node]:
        """Writes what stands there before the form has started."""
        watch(self.env)
        frame = _frame(NOTE, NOTE_TITLE, _links(self.env.docname), note_static_html(), "Start the form")
        return [nodes.raw("", frame, format="html")]


def frame(name: str, links: str) -> str:
    """The element that ``live.js`` takes over. ``links``: address of the reference pages from this page."""
    title = f"Calculator: {calculators()[name].title}"
    return _frame(name, title, links, first_state_html(name, links), "Start the calculator")


def _frame(name: str, title: str, links: str, static: str, start: str) -> str:
    title, start = escape(title), escape(start)
    if name in calculators():  # a tool's own page shows little before it starts
        told = "The questions and their answers, without the calculator"
        static = f'<details class="folding" open="open"><summary>{told}</summary>{static}</details>'
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
    if f'data-calculator="{DESK}"' in str(context.get("body", "")):
        for name in DESK_SCRIPTS:
            app.add_js_file(name, loading_method="defer")
        app.add_css_file("desk.css")


def case_to_desk(app: Sphinx, doctree: nodes.document) -> None:
    """Gives each case's page, at its head, links that take the case to the explorer and to the claim desk."""
    names = {case.page: name for name, case in cases().items()}
    name = names.get(app.env.docname)
    if name is None:
        return
    top = next(iter(doctree.findall(nodes.section)))
    place = next((at for at, part in enumerate(top) if isinstance(part, nodes.section)), len(top))
    explorer = escape(f"../tools/case-explorer.html#calculator={EXPLORER}&case={name}")
    desk = escape(f"../tools/claim-desk.html#calculator={DESK}&case={name}")
    text = (
        f'<p><a href="{explorer}">Try this case with other facts</a>. '
        f'<a href="{desk}">Put this case on the claim desk</a>.</p>'
    )
    top.insert(place, nodes.raw("", text, format="html"))


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("live-calculator", LiveCalculator)
    app.add_directive("claim-desk", LiveDesk)
    app.add_directive("from-a-note", LiveNote)
    app.add_directive("case-explorer", LiveExplorer)
    app.connect("doctree-read", case_to_desk)
    app.connect("html-page-context", add_script)
