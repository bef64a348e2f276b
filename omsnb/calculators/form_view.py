"""A calculator's view: one control a field, the result beneath. Links widgets to the model and decides nothing."""

from __future__ import annotations

from html import escape

from ipywidgets import HTML, Button, HBox, Layout, Textarea, VBox

from omsnb.calculators.controls import OPEN, FieldControl, wide
from omsnb.calculators.form import Form


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
    text = Textarea(description="Result as text", rows=10, layout=wide())
    text.layout.display = "none"
    result, state = HTML(), HTML()
    result.add_class("omsnb-result")
    state.add_class("omsnb-state")
    in_hand = ""

    def entered(name: str, value: str) -> None:
        nonlocal in_hand
        in_hand = name
        model.enter(name, value)

    controls = {field.name: FieldControl(field, entered) for field in model.fields}

    def show(change: object = None) -> None:
        if text.layout.display != "none":
            text.value = model.text
        asked, shown = model.asked(), model.shown()
        for name, control in controls.items():
            control.show(
                model.answers.get(name, OPEN),
                # what no longer matters stays in its place, and what was just used keeps the keyboard's
                needed=name in asked or name == in_hand,
                shown=name in shown or name == in_hand,
                refused=model.refused.get(name, ""),
                ruled_out=model.ruled_out(name),
            )
        result.value = model.html(links)  # last: where the result is seen, the controls are as they should be
        state.value = escape(model.state)

    def show_text(button: Button) -> None:
        text.value = model.text
        text.layout.display = None

    def start_over(button: Button) -> None:
        nonlocal in_hand
        in_hand = ""
        model.start_over()

    again.on_click(start_over)
    as_text.on_click(show_text)
    model.observe(show, "revision")
    show()
    buttons = HBox([again, as_text], layout=Layout(flex_flow="row wrap"))
    placed = (widget for control in controls.values() for widget in control.children)
    return VBox([about, *placed, buttons, result, text, state], layout=Layout(max_width="64rem"))
