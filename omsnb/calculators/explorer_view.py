"""The explorer's view: widgets linked to the model, and nothing decided here."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Button, Dropdown, Layout, Text, VBox, link

from omsnb.answers import read_answer
from omsnb.calculators.explorer import OPEN, CaseExplorer
from omsnb.calculators.html import problem_html, worksheet_html
from omsnb.coding import find_case
from omsnb.tables import cases, facts

LABEL = {"description_width": "50%"}
NOT_ANSWERED = "not answered yet"
READINGS = [("the paper's printed list", "paper"), ("the story alone", "narrative")]


def _wide() -> Layout:
    """A layout of its own for each control: one that is shared would hide them all with the variants."""
    return Layout(width="100%", max_width="46rem", height="auto", flex="0 0 auto")


def explorer_view(model: CaseExplorer) -> VBox:
    """The form over a model: case, variant, reading, the questions, and the result that follows."""
    case = Dropdown(
        options=[(c.title, n) for n, c in cases().items()], description="Case", layout=_wide(), style=LABEL
    )
    variant = Dropdown(description="Way of doing it", layout=_wide(), style=LABEL)
    reading = Dropdown(options=READINGS, description="Read it for", layout=_wide(), style=LABEL)
    again = Button(
        description="Start over",
        tooltip="Opens every question again",
        layout=Layout(width="auto", align_self="flex-start"),
    )
    story, questions, result = HTML(), VBox(), HTML()
    result.add_class("omsnb-result")
    link((model, "case"), (case, "value"))
    link((model, "reading"), (reading, "value"))
    again.on_click(lambda button: model.start_over())
    controls: dict[str, Dropdown | Text] = {}

    def choose_variant(change: dict[str, Any]) -> None:
        if variant.value is not None:
            model.variant = variant.value

    variant.observe(choose_variant, "value")

    def show_case(change: object = None) -> None:
        known = find_case(model.case)
        variant.options = [(way.label, name) for name, way in known.variants.items()]
        variant.layout.display = "" if known.variants else "none"
        story.value = f'<p style="max-width:46rem">{escape(known.story)}</p>'
        controls.clear()
        show()

    def show(change: object = None) -> None:
        if model.worksheet is None:
            result.value = problem_html(model.problem) if model.problem else ""
            return
        asked = {question.fact: question.answers for question in model.worksheet.questions}
        wanted = dict.fromkeys((*model.answers, *asked))
        for fact in wanted:
            if fact not in controls:
                controls[fact] = _control(fact, model)
        for fact, control in controls.items():
            control.value = model.answers.get(fact, OPEN)
        shown = tuple(controls[fact] for fact in wanted)
        if questions.children != shown:
            questions.children = shown
        try:
            result.value = worksheet_html(model.worksheet)
        except ValueError as problem:
            # the reader's own file of licensed wording cannot be read
            result.value = problem_html(str(problem))

    model.observe(show_case, "case")
    model.observe(show, ["worksheet", "problem"])
    show_case()
    view = VBox([case, variant, reading, story, again, questions, result])
    view.add_class("omsnb-explorer")  # Voilà's page sets questions and result side by side where there is room
    return view


def _control(fact: str, model: CaseExplorer) -> Dropdown | Text:
    """A menu for a choice, a text box for a number; both start unanswered."""
    known = facts()[fact]
    if known.kind == "number":
        low, high = known.bounds[0], known.bounds[-1]
        box = Text(
            description=known.question,
            placeholder=f"{NOT_ANSWERED}; {low} to {high} {known.unit}",
            continuous_update=False,
            layout=_wide(),
            style=LABEL,
        )
        box.observe(_answering(fact, model), "value")
        return box
    menu = Dropdown(
        options=[(NOT_ANSWERED, OPEN), *((value.label, name) for name, value in known.values.items())],
        description=known.question,
        layout=_wide(),
        style=LABEL,
    )
    menu.observe(_answering(fact, model), "value")
    return menu


def _answering(fact: str, model: CaseExplorer) -> Callable[[dict[str, Any]], None]:
    def answer(change: dict[str, Any]) -> None:
        given = (change["new"] or "").strip()
        if given == model.answers.get(fact, OPEN):
            return
        try:
            read_answer(facts()[fact], given)
        except ValueError as problem:
            model.worksheet = None
            model.problem = str(problem)
            return
        model.answer(fact, given)

    return answer
