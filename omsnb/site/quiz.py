"""``{quiz}``: exercises of a chapter. A list with folded solutions; ``quiz.js`` adds choosing and score.

Options: ``seed``, ``count``, ``chapters``, ``kinds`` and ``tables``, the last three as words with spaces between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.exercises import CHAPTERS, KINDS, Exercise, make_exam
from omsnb.exercises.sheet import asked
from omsnb.site.freshness import watch
from omsnb.site.html import element, tag
from omsnb.site.text import cite, paragraph


class quiz(nodes.General, nodes.Element):  # noqa: N801 - docutils names its node classes in small letters
    """Marks a page that holds a quiz, so that the page loads its script."""


class Quiz(SphinxDirective):
    """Shows exercises with their solutions."""

    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {
        "seed": directives.nonnegative_int,
        "count": directives.positive_int,
        "chapters": str.split,
        "kinds": str.split,
        "tables": str.split,
    }

    def run(self) -> list[nodes.Node]:
        """Makes the exercises; a wrong option is a build warning."""
        said = self.options
        try:
            made = make_exam(
                said.get("seed", 1), said.get("count", 6), said.get("chapters", CHAPTERS), said.get("kinds", ()),
                said.get("tables", ()),
            )  # fmt: skip
        except ValueError as problem:
            return [self.state.document.reporter.warning(f"quiz: {problem}", line=self.lineno)]
        watch(self.env)
        number = self.env.new_serialno("quiz") + 1
        shown = [_question(entry, f"quiz-{number}-{place}") for place, entry in enumerate(made, 1)]
        # the page's script folds it; what it asks stands open without a script, and so in the PDF
        told = f"Quiz: {len(shown)} questions" if len(shown) > 1 else "Quiz: one question"
        box = element("div", element("ol", *shown, class_="quiz-questions"), class_="quiz")
        return [quiz(), element("details", element("summary", told), box, class_="folding", open="open")]


def _said(text: str) -> Iterator[nodes.Node]:
    """A reason, with what stands between asterisks emphasized."""
    for place, part in enumerate(text.split("*")):
        shown = paragraph(part).children
        yield from [nodes.emphasis("", "", *shown)] if place % 2 else shown


def _question(entry: Exercise, anchor: str) -> tag:
    scene = [
        part for asked, said in entry.scene for part in (element("dt", asked), element("dd", paragraph(said)))
    ]
    choices = [
        element("li", *paragraph(choice.text).children, data_right="yes" if choice.right else "no")
        for choice in entry.choices
    ]
    return element(
        "li",
        element("div", KINDS[entry.kind][0], class_="quiz-kind"),
        *([element("dl", *scene, class_="quiz-scene")] if scene else []),
        element("p", *paragraph(asked(entry)).children, class_="quiz-ask", id=f"{anchor}-ask"),
        element("ol", *choices, type="A", class_="quiz-choices"),
        solution(entry),
        class_="quiz-question",
        id=anchor,
    )


def solution(entry: Exercise) -> tag:
    """The folded solution, in the looks of the book's other dropdowns: the right answer, and why the others are not."""
    reasons = [
        element("li", element("strong", choice.text), ". ", *_said(choice.why))
        for choice in sorted(entry.choices, key=lambda choice: not choice.right)
    ]
    title = element("span", "Solution", class_="sd-summary-text")
    return element(
        "details",
        element("summary", title, class_="sd-summary-title sd-card-header"),
        element(
            "div",
            element("p", "Answer ", element("strong", entry.letter), ". ", *_said(entry.right.why)),
            element("ul", *reasons[1:]),
            element("p", "Rests on: ", *cite(entry.guidance[:4])),
            class_="sd-summary-content sd-card-body docutils",
        ),
        class_="sd-sphinx-override sd-dropdown sd-card sd-mb-3 quiz-solution",
    )


def load(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Adds script and style to pages that hold a quiz, and to no other."""
    if doctree is not None and any(True for _ in doctree.findall(quiz)):
        app.add_js_file("quiz.js", loading_method="defer")
        app.add_css_file("quiz.css")


def skip(translator: Any, node: nodes.Element) -> None:
    """Writes nothing: the node is a mark alone."""
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_node(quiz, html=(skip, None))
    app.add_directive("quiz", Quiz)
    app.connect("html-page-context", load)
