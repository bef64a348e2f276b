"""``{practice}``: questions to practice with in the page, drawn when the book is built, so that no Python has to start.

The questions and the outline go into one script beside the page, loaded when the reader begins; a script also loads
from a folder without a server. ``practice.js`` shows them and keeps the progress in the reader's browser.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.exercises import CHAPTERS, KINDS
from omsnb.exercises.cards import card_id, plain
from omsnb.exercises.exam import make_bank
from omsnb.exercises.outcomes import outcomes
from omsnb.exercises.questions import Exercise
from omsnb.site.domain import domain_of
from omsnb.site.freshness import watch
from omsnb.standing import marked
from omsnb.tables import guidance

FILE, PAGE = "practice-bank.js", "book/tools/practice"
SEED, MOST = 2026, 110
"""The seed of the questions in the page, and how many of each chapter there are at most."""


class practice(nodes.General, nodes.Element):  # noqa: N801 - docutils names its node classes in small letters
    """Marks the page that holds the practice, so that it loads its script."""


class Practice(SphinxDirective):
    """The place that ``practice.js`` takes over."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Writes what stands there without a script."""
        watch(self.env)
        still = (
            '<section class="practice" aria-label="Practice"><p>Practice in the page needs a script. Without one, '
            "the mixed exam has its solutions folded under each question.</p></section>"
        )
        return [practice(), nodes.raw("", still, format="html")]


def bank(pages: dict[str, str], titles: dict[str, str], statements: dict[str, str]) -> dict[str, Any]:
    """Everything that the page needs, as plain data.

    ``pages``, ``titles``: address and heading of each chapter. ``statements``: address of each statement's anchor.
    """
    made = make_bank(SEED, MOST)
    cited = dict.fromkeys(id for entry in made for id in entry.guidance)
    return {
        "chapters": [
            {
                "id": chapter,
                "title": titles[chapter],
                "page": pages[chapter],
                "outcomes": [
                    {"text": plain(entry.text), "minutes": entry.minutes}
                    for entry in outcomes().values()
                    if entry.chapter == chapter
                ],
            }
            for chapter in CHAPTERS
        ],
        "kinds": {kind: heading for kind, (heading, _) in KINDS.items()},
        "statements": {id: [marked(id), statements.get(id, "")] for id in cited},
        "items": [item(entry) for entry in made],
    }


def item(entry: Exercise) -> dict[str, Any]:
    """One question as plain data; ``right`` is the place of the right answer."""
    return {
        "id": card_id(entry),
        "chapter": entry.chapter,
        "kind": entry.kind,
        "scene": [list(told) for told in entry.scene],
        "ask": entry.ask,
        "choices": [[choice.text, choice.why] for choice in entry.choices],
        "right": entry.choices.index(entry.right),
        "rests": list(entry.guidance[:4]),
    }


def write(app: Sphinx, problem: Exception | None) -> None:
    """Writes the script of the questions beside the book's own, where a page holds the practice."""
    if problem or app.builder.format != "html" or PAGE not in app.env.titles:
        return
    domain = domain_of(app.env)
    pages, titles = {}, {}
    for name, title in app.env.titles.items():
        number = title.astext().partition(". ")[0]
        if number in CHAPTERS and name.startswith("book/chapters/"):
            pages[number] = app.builder.get_relative_uri(PAGE, name)
            titles[number] = title.astext()
    statements = {
        id: f"{app.builder.get_relative_uri(PAGE, place[0])}#{place[1]}"
        for id in guidance()
        if (place := domain.place("guidance", id))
    }
    text = json.dumps(bank(pages, titles, statements), ensure_ascii=False, separators=(",", ":"))
    folder = Path(app.outdir) / "_static"
    folder.mkdir(exist_ok=True)
    (folder / FILE).write_text(f"window.omsnbPractice={text};\n", encoding="utf-8")


def load(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Adds script and style to the page that holds the practice, and to no other."""
    if doctree is not None and any(True for _ in doctree.findall(practice)):
        app.add_js_file("practice-parts.js", loading_method="defer")
        app.add_js_file("practice.js", loading_method="defer")
        app.add_css_file("quiz.css")
        app.add_css_file("practice.css")


def skip(translator: Any, node: nodes.Element) -> None:
    """Writes nothing: the node is a mark alone."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Registers the directive, and writes the questions at the end of a build."""
    app.add_node(practice, html=(skip, None))
    app.add_directive("practice", Practice)
    app.connect("html-page-context", load)
    app.connect("build-finished", write)
