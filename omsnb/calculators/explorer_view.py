"""The explorer's view: widgets linked to the model, and nothing decided here."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Button, DOMWidget, Dropdown, HBox, Layout, Textarea, ToggleButton, VBox, link

from omsnb.calculators.claim_draft_view import claim_draft_view
from omsnb.calculators.comparing_view import comparing_view
from omsnb.calculators.controls import LABEL, OPEN, FieldControl, wide
from omsnb.calculators.explorer import READINGS, CaseExplorer
from omsnb.calculators.explorer_text import explorer_text
from omsnb.calculators.form import day_said, fact_field
from omsnb.calculators.given import Given
from omsnb.calculators.html import (
    frame,
    next_html,
    not_needed_html,
    notice_html,
    problem_html,
    worksheet_html,
)
from omsnb.calculators.scenarios import Scenarios
from omsnb.calculators.scenarios_view import scenarios_view
from omsnb.coding import find_case
from omsnb.records import DAY
from omsnb.tables import cases

CHANGE = "Change what the case says"
"""On the button that shows the facts which the case gives."""


def _button(description: str, tooltip: str) -> Button:
    return Button(
        description=description, tooltip=tooltip, layout=Layout(width="auto", align_self="flex-start")
    )


def explorer_view(model: CaseExplorer, links: str = "") -> VBox:
    """The form over a model: case, variant, reading, the questions, and the result that follows.

    ``links``: address of the reference pages, or empty; see ``omsnb.calculators.html.frame``.
    """
    case = Dropdown(
        options=[(c.title, n) for n, c in cases().items()], description="Case", layout=wide(), style=LABEL
    )
    variant = Dropdown(description="Way of doing it", layout=wide(), style=LABEL)
    reading = Dropdown(
        options=[(label, name) for name, label in READINGS.items()],
        description="Read it for", layout=wide(), style=LABEL,
    )  # fmt: skip
    again = _button("Start over", "Opens every question again and takes the case's own facts; can be undone")
    undo, redo = _button("Undo", "Takes the last change back"), _button("Redo", "Does what was undone again")
    change_given = ToggleButton(
        description=CHANGE, tooltip="Shows the facts that the case gives, to try it with others",
        layout=Layout(width="auto", align_self="flex-start"),
    )  # fmt: skip
    in_hand, filling = "", False
    scenarios = Scenarios(model)

    def entered(name: str, value: str) -> None:
        nonlocal in_hand
        in_hand = name
        model.enter(name, value)

    day = FieldControl(fact_field(DAY), entered)
    as_text = _button(
        "Show as text, to copy",
        "Lines, answers, reasons, record list and open questions, with day and edition",
    )
    text = Textarea(description="Result as text", rows=10, layout=wide())
    text.layout.display = "none"
    story, given, questions, said, result = HTML(), VBox(), VBox(), HTML(), HTML()
    result.add_class("omsnb-result")
    said.add_class(
        "omsnb-said"
    )  # Voilà's page makes it a live region: what a change did is said, not the whole result
    link((model, "case"), (case, "value"))
    link((model, "reading"), (reading, "value"))
    controls: dict[str, FieldControl] = {}
    given_controls: dict[Given, tuple[FieldControl, HTML]] = {}
    headings: dict[str, HTML] = {}

    def start_over(button: Button) -> None:
        nonlocal in_hand
        in_hand = ""
        model.start_over()

    def choose_variant(change: dict[str, Any]) -> None:
        if not filling and variant.value is not None:
            model.variant = variant.value

    def step(move: Callable[[], None]) -> Callable[[Button], None]:
        def pressed(button: Button) -> None:
            nonlocal in_hand
            in_hand = ""
            move()

        return pressed

    def show_text(button: Button) -> None:
        text.value = explorer_text(model)
        text.layout.display = None

    again.on_click(start_over)
    as_text.on_click(show_text)
    undo.on_click(step(model.undo))
    redo.on_click(step(model.redo))
    variant.observe(choose_variant, "value")

    def show_case() -> None:
        nonlocal filling
        known = find_case(model.case)
        filling = True
        ways = [(way.label, name) for name, way in known.variants.items()]
        if list(variant.options) != ways:
            variant.options = ways
        variant.value = model.variant or None
        variant.layout.display = None if ways else "none"
        filling = False
        story.value = f'<p style="max-width:46rem">{escape(known.story)}</p>'

    def heading(label: str) -> HTML:
        if label not in headings:
            headings[label] = HTML(f"<h2>{escape(label)}</h2>")
            headings[label].add_class("omsnb-group")
        return headings[label]

    def place_given() -> None:
        """The case's facts once they are asked for, in an order that no answer changes."""
        placed: list[DOMWidget] = []
        if change_given.value:
            last = ""
            for entry in model.given:
                if entry.heading != last:
                    placed.append(heading(f"The case: {entry.heading}"))
                    last = entry.heading
                if entry not in given_controls:
                    note = HTML()
                    note.add_class("omsnb-given")
                    given_controls[entry] = (FieldControl(entry.field, entered), note)
                control, note = given_controls[entry]
                answer = model.answers.get(entry.name, "")
                refused = model.refused.get(entry.name, "")
                shown = entry.value if entry.field.kind == "choice" else ""
                control.show(answer or shown, refused=refused)
                note.value = f"<p>{escape(entry.note(answer))}</p>"
                placed += (*control.children, note)
        if given.children != tuple(placed):
            given.children = tuple(placed)

    def toggled(change: dict[str, Any]) -> None:
        place_given()

    change_given.observe(toggled, "value")

    def place_questions() -> None:
        """The same widgets in the same order for all answers; another case, variant or reading alone changes them."""
        placed: list[DOMWidget] = []
        for label, listed in model.groups:
            placed.append(heading(label))
            for fact in listed:
                if fact not in controls:
                    controls[fact] = FieldControl(model.field(fact), entered)
                placed += controls[fact].children
        if questions.children != tuple(placed):
            questions.children = tuple(placed)

    def show(change: object = None) -> None:
        show_case()
        day.show(model.answers.get(DAY, OPEN), refused=model.refused.get(DAY, ""))
        if text.layout.display is None:
            text.value = explorer_text(model)
        place_questions()
        if any(entry.name in model.answers or entry.name in model.refused for entry in model.given):
            change_given.value = True  # what was changed must be seen, where a kept state brings it too
        place_given()
        said.value = f"<p>{escape(model.said)}</p>" if model.said else ""
        asked = model.asked()
        for _, listed in model.groups:
            for fact in listed:
                controls[fact].show(
                    model.answers.get(fact, OPEN),
                    # what was just used keeps the keyboard's place, even where it no longer matters
                    needed=fact in asked or fact == in_hand,
                    refused=model.refused.get(fact, ""),
                )
        if model.worksheet is None:
            result.value = problem_html(model.problem)
            return
        try:
            told = day_said(model.answers)
            parts = [
                frame(f'<p class="quiet">{escape(told)}</p>{next_html(_next(model))}', links),
                worksheet_html(model.worksheet, links),
            ]
            if model.said:
                parts.insert(0, frame(f'<p class="quiet said">{escape(model.said)}</p>', links))
            if model.notice:
                parts.insert(0, frame(notice_html(model.notice), links))
            if idle := not_needed_html(model.settled_by(), model.answers):
                parts.append(frame(idle, links))
            parts.append(f'<span class="omsnb-state" hidden>{escape(model.state)}</span>')
            result.value = "".join(parts)
        except ValueError as problem:
            # the reader's own file of licensed wording cannot be read
            result.value = problem_html(str(problem))

    model.observe(show, "revision")
    show()
    buttons = HBox([again, undo, redo, as_text], layout=Layout(flex_flow="row wrap"))
    # each unfolds beneath its button, over the whole width
    tools = HBox(
        [
            scenarios_view(scenarios),
            comparing_view(model, scenarios, links),
            claim_draft_view(model, links),
        ],
        layout=Layout(flex_flow="row wrap"),
    )
    top = [case, variant, reading, day.widget, story, buttons, text, tools]
    view = VBox([*top, change_given, given, questions, said, result])
    # Voilà's page sets questions and result side by side where there is room
    view.add_class("omsnb-explorer")
    return view


def _next(model: CaseExplorer) -> str:
    """The open question that narrows most, with its service where two services ask the same."""
    questions = model.worksheet.questions if model.worksheet else ()
    return model.question(questions[0].fact) if questions else ""
