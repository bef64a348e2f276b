"""A calculator's view: one control a field, the result beneath. Links widgets to the model and decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import HTML, Button, DatePicker, DOMWidget, Dropdown, HBox, Layout, Text, Textarea, VBox

from omsnb.calculators.form import Field, Form
from omsnb.periods import read_date

OPEN = ""
NOT_ANSWERED = "not answered yet"
RULED_OUT = " – ruled out: "
"""Stands between an impossible answer and its reason; the page disables options that hold it."""

WIDE = {"width": "100%", "max_width": "46rem", "height": "auto", "flex": "0 0 auto"}
LABEL = {"description_width": "50%"}


def form_view(model: Form, links: str = "") -> VBox:
    """The form over a model. ``links``: address of the reference pages, or empty; see ``Form.html``."""
    about = HTML(f"<p>{escape(model.calculator.about)}</p>")
    again = Button(
        description="Start over", tooltip="Opens every question again", layout=Layout(width="auto")
    )
    as_text = Button(
        description=f"Copy as text: {model.copies}",
        tooltip="Shows the result as text, to be copied",
        layout=Layout(width="auto"),
    )
    as_text.add_class("omsnb-copy")
    text = Textarea(description="Result as text", rows=10, layout=Layout(**WIDE, display="none"))
    result, state = HTML(), HTML()
    result.add_class("omsnb-result")
    state.add_class("omsnb-state")
    relabelling: set[str] = set()
    controls = {field.name: _control(field, model, relabelling) for field in model.fields}

    def show(change: object = None) -> None:
        result.value = model.html(links)
        state.value = escape(model.state)
        if text.layout.display != "none":
            text.value = model.text
        asked, shown = model.asked(), model.shown()
        for field in model.fields:
            control = controls[field.name]
            display = None if field.name in shown else "none"
            if control.layout.display != display:
                control.layout.display = display
            if field.name not in shown:
                continue
            if field.name != model.refused:
                _set(control, model.answers.get(field.name, OPEN))
            # a question that no longer matters stays in its place, so that nothing jumps, but cannot be answered
            control.disabled = field.name not in asked
            if isinstance(control, Dropdown):
                relabelling.add(field.name)
                _label(control, field, model)
                relabelling.discard(field.name)

    def show_text(button: Button) -> None:
        text.value = model.text
        text.layout.display = None

    again.on_click(lambda button: model.start_over())
    as_text.on_click(show_text)
    model.observe(show, "revision")
    show()
    buttons = HBox([again, as_text], layout=Layout(flex_flow="row wrap"))
    return VBox([about, *controls.values(), buttons, result, text, state], layout=Layout(max_width="64rem"))


def _set(control: DOMWidget, answer: str) -> None:
    if isinstance(control, DatePicker):
        control.value = read_date(answer) if answer else None
    else:
        control.value = answer


def _label(control: Dropdown, field: Field, model: Form) -> None:
    """Marks the answers that nothing fits beside the others."""
    out = model.ruled_out(field.name)
    options = [(NOT_ANSWERED, OPEN)]
    for label, value in field.options:
        options.append((label + (f"{RULED_OUT}{out[value]}" if value in out else ""), value))
    if tuple(options) != tuple(control.options):
        kept = control.value
        control.options = options  # which chooses the first of them
        control.value = kept


def _control(field: Field, model: Form, relabelling: set[str]) -> DOMWidget:
    """A menu for a choice, a box for a number or a day; all start unanswered."""
    shared = {"description": field.question, "style": LABEL, "layout": Layout(**WIDE)}
    if field.kind == "number":
        hint = f"{NOT_ANSWERED}; {field.hint}"
        control = Text(placeholder=hint, continuous_update=False, **shared)
    elif field.kind == "date":
        control = DatePicker(tooltip=field.hint, **shared)
    else:
        options = [(NOT_ANSWERED, OPEN), *field.options]
        control = Dropdown(options=options, **shared)
    control.observe(_answering(field.name, model, relabelling), "value")
    return control


def _answering(name: str, model: Form, relabelling: set[str]) -> Callable[[dict[str, Any]], None]:
    def answer(change: dict[str, Any]) -> None:
        if name in relabelling:  # a menu that gets new labels loses its choice for a moment; nobody chose that
            return
        new = change["new"]
        given = "" if new is None else str(new).strip()
        if given == model.answers.get(name, OPEN):
            if model.refused == name:
                model.refresh()
            return
        try:
            if given:
                model.read(name, given)
        except ValueError as problem:
            model.refuse(name, str(problem))
        else:
            model.answer(name, given)

    return answer
