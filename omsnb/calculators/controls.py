"""One field of a form as a widget that lives as long as the form: it is filled, greyed or hidden, and never made anew.

A widget that is made anew, or greyed while it is in use, loses the keyboard's place in the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from ipywidgets import HTML, DatePicker, DOMWidget, Dropdown, Layout, Text

from omsnb.calculators.form import Field
from omsnb.periods import read_date

OPEN = ""
NOT_ANSWERED = "not answered yet"
IDLE = "omsnb-idle"
"""Class of a control that no longer matters; the page's style says so beside its question."""
RULED_OUT = " – ruled out: "
"""Stands between an impossible answer and its reason; the page disables options that hold it."""

TYPED = ("number", "text")
"""Kinds of fields that a reader types into a box."""

LABEL = {"description_width": "50%"}


def wide() -> Layout:
    """A layout of its own for each control: one that is shared would hide them all together."""
    return Layout(width="100%", max_width="46rem", height="auto", flex="0 0 auto")


class FieldControl:
    """A menu for a choice, a box for a number or a day, unanswered at first; a number's fault is told beneath its box.

    ``entered`` is called with the field's name and the text that a reader typed or chose.
    """

    def __init__(self, field: Field, entered: Callable[[str, str], None]) -> None:
        self.field = field
        self._entered = entered
        self._filling = False
        self.widget: DOMWidget = _widget(field)
        self.widget.observe(self._changed, "value")
        self.note = HTML(layout=Layout(display="none"))
        self.note.add_class("omsnb-refused")

    @property
    def children(self) -> tuple[DOMWidget, ...]:
        """The widgets in the form's order."""
        return (self.widget, self.note) if self.field.kind in TYPED else (self.widget,)

    def _changed(self, change: Mapping[str, object]) -> None:
        if self._filling:  # a menu that gets new labels loses its choice for a moment; nobody chose that
            return
        new = change["new"]
        self._entered(self.field.name, "" if new is None else str(new).strip())
        if isinstance(self.widget, Dropdown):
            # new labels that another answer brought may have crossed this choice on the way, and put the old one back
            self.widget.send_state("index")

    def show(
        self,
        answer: str,
        *,
        needed: bool = True,
        shown: bool = True,
        refused: str = "",
        ruled_out: Mapping[str, str] | None = None,
    ) -> None:
        """Brings the widget up to date.

        ``needed``: whether an answer can still change the result; else the control stays in its place, greyed.
        ``shown``: whether it has a place. ``refused``: why the entry cannot be read; then the entry stays as it is.
        ``ruled_out``: answers that nothing fits beside the others, with the reason.
        """
        _set(self.widget.layout, "display", None if shown else "none")
        _set(self.note.layout, "display", None if shown and refused else "none")
        self.note.value = f'<p class="problem">{escape(refused)}</p>' if refused else ""
        self._filling = True
        try:
            if not refused:
                self._fill(answer)
            self.widget.disabled = not needed
            # the page keeps a control that has the focus alive, and greys it by this class when the focus goes on
            (self.widget.remove_class if needed else self.widget.add_class)(IDLE)
            if isinstance(self.widget, Dropdown):
                self._label(ruled_out or {})
        finally:
            self._filling = False

    def _fill(self, answer: str) -> None:
        if isinstance(self.widget, DatePicker):
            self.widget.value = read_date(answer) if answer else None
        else:
            self.widget.value = answer

    def _label(self, out: Mapping[str, str]) -> None:
        options = [(NOT_ANSWERED, OPEN)]
        for label, value in self.field.options:
            options.append((label + (f"{RULED_OUT}{out[value]}" if value in out else ""), value))
        if tuple(options) != tuple(self.widget.options):
            kept = self.widget.value
            with (
                self.widget.hold_sync()
            ):  # labels and choice go to the page together, or it would show the first
                self.widget.options = options  # which chooses the first of them
                self.widget.value = kept


def _set(layout: Layout, name: str, value: object) -> None:
    if getattr(layout, name) != value:
        setattr(layout, name, value)


def _widget(field: Field) -> DOMWidget:
    shared = {"description": field.question, "style": LABEL, "layout": wide()}
    if field.kind in TYPED:
        return Text(placeholder=f"{NOT_ANSWERED}; {field.hint}", continuous_update=False, **shared)
    if field.kind == "date":
        return DatePicker(tooltip=field.hint, **shared)
    return Dropdown(options=[(NOT_ANSWERED, OPEN), *field.options], **shared)
