"""The explorer's view: widgets linked to the model, and nothing decided here."""

from __future__ import annotations

from html import escape
from typing import Any

from ipywidgets import HTML, Button, DOMWidget, Dropdown, Layout, VBox, link

from omsnb.calculators.controls import LABEL, OPEN, FieldControl, wide
from omsnb.calculators.explorer import READINGS, CaseExplorer
from omsnb.calculators.form import fact_field
from omsnb.calculators.html import frame, not_needed_html, notice_html, problem_html, worksheet_html
from omsnb.coding import find_case
from omsnb.tables import cases


def explorer_view(model: CaseExplorer) -> VBox:
    """The form over a model: case, variant, reading, the questions, and the result that follows."""
    case = Dropdown(
        options=[(c.title, n) for n, c in cases().items()], description="Case", layout=wide(), style=LABEL
    )
    variant = Dropdown(description="Way of doing it", layout=wide(), style=LABEL)
    reading = Dropdown(
        options=[(label, name) for name, label in READINGS.items()],
        description="Read it for", layout=wide(), style=LABEL,
    )  # fmt: skip
    again = Button(
        description="Start over",
        tooltip="Opens every question again",
        layout=Layout(width="auto", align_self="flex-start"),
    )
    story, questions, result = HTML(), VBox(), HTML()
    result.add_class("omsnb-result")
    link((model, "case"), (case, "value"))
    link((model, "reading"), (reading, "value"))
    controls: dict[str, FieldControl] = {}
    headings: dict[str, HTML] = {}
    in_hand, filling = "", False

    def entered(name: str, value: str) -> None:
        nonlocal in_hand
        in_hand = name
        model.enter(name, value)

    def start_over(button: Button) -> None:
        nonlocal in_hand
        in_hand = ""
        model.start_over()

    def choose_variant(change: dict[str, Any]) -> None:
        if not filling and variant.value is not None:
            model.variant = variant.value

    again.on_click(start_over)
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

    def place_questions() -> None:
        """The same widgets in the same order for all answers; another case, variant or reading alone changes them."""
        placed: list[DOMWidget] = []
        for label, listed in model.groups:
            if label not in headings:
                headings[label] = HTML(f"<h2>{escape(label)}</h2>")
                headings[label].add_class("omsnb-group")
            placed.append(headings[label])
            for fact in listed:
                if fact not in controls:
                    controls[fact] = FieldControl(fact_field(fact), entered)
                placed += controls[fact].children
        if questions.children != tuple(placed):
            questions.children = tuple(placed)

    def show(change: object = None) -> None:
        show_case()
        place_questions()
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
            parts = [worksheet_html(model.worksheet)]
            if model.notice:
                parts.insert(0, frame(notice_html(model.notice), ""))
            if idle := not_needed_html(model.settled_by(), model.answers):
                parts.append(frame(idle, ""))
            parts.append(f'<span class="omsnb-state" hidden>{escape(model.state)}</span>')
            result.value = "".join(parts)
        except ValueError as problem:
            # the reader's own file of licensed wording cannot be read
            result.value = problem_html(str(problem))

    model.observe(show, "revision")
    show()
    view = VBox([case, variant, reading, story, again, questions, result])
    view.add_class(
        "omsnb-explorer"
    )  # Voilà's page sets questions and result side by side where there is room
    return view
