"""The view of the form "From a note": widgets that live as long as the form.

They are filled or hidden, and never made anew, so that the keyboard keeps its place. Cards and questions are added when
a note needs more of them than any before it.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape

from ipywidgets import HTML, Button, Dropdown, HBox, Layout, Text, Textarea, VBox

from omsnb.calculators.controls import LABEL, FieldControl, wide
from omsnb.calculators.form import Field, fact_field
from omsnb.calculators.handing import hand_over_html
from omsnb.calculators.note_form import CONFIRMED, REJECTED, NoteForm
from omsnb.calculators.note_html import held_html, note_html, proposal_html, result_html
from omsnb.claim_tables import payers
from omsnb.decisions import Question
from omsnb.tables import facts, services

ABOUT = (
    "Paste one note without names and numbers that tell who the patient is. The form reads what its words settle, and "
    "asks for the rest. Nothing counts before you confirm it, one by one."
)
IN_PAGE = (
    "Nothing leaves your browser, and nothing is stored unless you save it: the note is gone when you close "
    "the page."
)
ON_SERVER = (
    "The note goes to the server that you opened, and nowhere else; it is kept in memory alone, and gone when "
    "you leave."
)
QUESTIONS = 12
"""Open questions that have a place at once; the next ones follow when these are answered."""


def _button(description: str, tooltip: str) -> Button:
    return Button(
        description=description,
        tooltip=tooltip,
        layout=Layout(width="auto", min_height="44px", height="auto"),
    )


class _Card:
    """A proposal with its three ways out."""

    def __init__(self, view: _View, number: int) -> None:
        self.view, self.number, self.filling = view, number, False
        self.text = HTML()
        self.yes = _button("Confirm", "The note says so, and it is right")
        self.no = _button("Reject", "It does not count")
        self.other = Dropdown(
            description="Or another answer",
            style={"description_width": "auto"},
            layout=Layout(width="auto", max_width="100%"),
        )
        self.number_box = Text(
            description="Or another number",
            continuous_update=False,
            style={"description_width": "auto"},
            layout=Layout(width="auto"),
        )
        self.yes.on_click(lambda button: view.model.decide(number, CONFIRMED))
        self.no.on_click(lambda button: view.model.decide(number, REJECTED))
        self.other.observe(self._changed, "value")
        self.number_box.observe(self._changed, "value")
        row = HBox([self.yes, self.no, self.other, self.number_box], layout=Layout(flex_flow="row wrap"))
        self.box = VBox([self.text, row])

    def _changed(self, change: dict[str, object]) -> None:
        if not self.filling and change["new"]:
            self.view.model.decide(self.number, str(change["new"]).strip())

    def show(self, fresh: bool) -> None:
        """Brings the card up to date, or hides it. ``fresh``: whether another note was read."""
        proposals = self.view.model.found.proposals
        if self.number >= len(proposals):
            self.box.layout.display = "none"
            return
        one = proposals[self.number]
        fact, place = facts()[one.fact], self.number + 1
        counted = fact.kind == "number"
        decided = self.view.model.decided.get(self.number, "")
        self.text.value = proposal_html(self.view.model, self.number)
        self.filling = True
        try:
            if fresh:
                self.yes.description, self.no.description = f"Confirm {place}", f"Reject {place}"
                self.other.description = f"{place}: another answer"
                self.number_box.description = f"{place}: another number"
                self.other.layout.display = "none" if counted else None
                self.number_box.layout.display = None if counted else "none"
                choices = (
                    []
                    if counted
                    else [(value.label, key) for key, value in fact.values.items() if key != one.value]
                )
                self.other.options = [("none", ""), *choices]
                self.number_box.value = ""
            if decided in ("", CONFIRMED, REJECTED):
                self.other.value, self.number_box.value = "", ""
        finally:
            self.filling = False
        self.box.layout.display = None


class _View:
    """The widgets, and what follows when one is used."""

    def __init__(self, model: NoteForm, links: str, place: str, page: bool) -> None:
        self.model, self.links, self.page, self.read = model, links, page, 0
        self.asked: dict[str, FieldControl] = {}
        self.pasted = Textarea(
            description="The note",
            rows=10,
            continuous_update=False,
            layout=wide(),
            placeholder="Paste one note",
        )
        self.day = Text(
            description="Day to be coded",
            placeholder="year-month-day, or empty",
            continuous_update=False,
            style=LABEL,
            layout=wide(),
        )
        start = _button("Read the note", "Reads the box above; what was decided before is forgotten")
        start.on_click(lambda button: model.read(self.pasted.value, self.day.value))
        self.note, self.held, self.result = HTML(), HTML(), HTML()
        self.result.add_class("omsnb-result")
        self.cards: list[_Card] = []
        self.listed, self.questions = VBox(), VBox()
        self.add = Dropdown(
            description="Was something else done? Add it", style=LABEL, layout=wide(),
            options=[("nothing else", ""), *((one.label, name) for name, one in services().items())],
        )  # fmt: skip
        self.add.observe(self._added, "value")
        self.payer = Dropdown(
            description="Type of payer for the claim", style=LABEL, layout=wide(),
            options=[("not chosen", ""), *((one.label, name) for name, one in payers().items())],
        )  # fmt: skip
        self.payer.observe(lambda change: model.pay(str(change["new"] or "")), "value")
        self.letters = Textarea(description="Planning note and letters", rows=10, layout=wide())
        letters = _button("Write the planning note and letters", "With gaps to fill")
        letters.on_click(lambda button: self._write())
        save = _button("Prepare a file to keep", "Gives a link; nothing is stored without it")
        save.on_click(lambda button: self._save())
        self.claim, self.file = HTML(), HTML()
        flow = Layout(flex_flow="row wrap")
        self.after = VBox(
            [self.note, self.held, self.listed, self.add, self.questions, self.result, letters, self.letters,
             self.payer, self.claim, HBox([save, self.file], layout=flow)],
            layout=Layout(display="none"),
        )  # fmt: skip
        self.told = HTML()
        self.box = VBox(
            [HTML(f"<p><strong>{escape(place)}</strong></p><p>{escape(ABOUT)}</p>"), self.pasted, self.day, start,
             self.told, self.after],
            layout=Layout(max_width="64rem"),
        )  # fmt: skip
        model.observe(lambda change: self.show(), "revision")

    def _added(self, change: dict[str, object]) -> None:
        if change["new"]:
            self.model.add(str(change["new"]))
            self.add.value = ""

    def show(self) -> None:
        """Brings all up to date."""
        fresh = self.read != self.model.notes
        self.read = self.model.notes
        self.after.layout.display = None if self.model.notes else "none"
        outside = self.model.problem if self.model.problem and not self.model.notes else ""
        self.told.value = f'<p class="problem" role="alert">{escape(outside)}</p>' if outside else ""
        if fresh:
            self.letters.value, self.file.value = "", ""
            self.asked, self.questions.children = {}, ()
            while len(self.cards) < len(self.model.found.proposals):
                self.cards.append(_Card(self, len(self.cards)))
            self.listed.children = tuple(card.box for card in self.cards)
        for card in self.cards:
            card.show(fresh)
        self.note.value, self.held.value = note_html(self.model), held_html(self.model)
        self._show_questions()
        self.result.value = result_html(self.model, self.links)
        self.claim.value = self._claim()
        self.file.value = ""

    def _show_questions(self) -> None:
        open_now = {question.fact: question for question in self.model.questions[:QUESTIONS]}
        for name, question in open_now.items():
            if name not in self.asked:
                self.asked[name] = FieldControl(self._field(name, question), self.model.answer)
        for name, control in self.asked.items():
            answered = name in self.model.answers
            control.show(self.model.answers.get(name, ""), shown=answered or name in open_now)
        self.questions.children = tuple(
            widget for control in self.asked.values() for widget in control.children
        )

    def _field(self, name: str, question: Question) -> Field:
        field = fact_field(name.rpartition(".")[2])
        return Field(name, f"{question.text}", field.kind, field.options, field.hint)

    def _claim(self) -> str:
        if not self.model.worksheet:
            return ""
        if not self.model.found.day:
            return "<p>A claim wants the day of service: give it above and read the note again.</p>"
        try:
            built = self.model.building()
        except ValueError as problem:
            return f'<p class="problem">{escape(str(problem))}</p>'
        if built is None:
            return "<p>Choose the type of payer, and the settled lines go to the claim desk.</p>"
        open_still = "".join(f"<li>{escape(one.because)}</li>" for one in built.open)
        left = "".join(f"<li>{escape(one.what)}: {escape(one.because)}</li>" for one in built.left_out)
        parts = [f"<p>Not on the claim before it is answered:</p><ul>{open_still}</ul>"] if open_still else []
        parts += [f"<p>Left out:</p><ul>{left}</ul>"] if left else []
        if text := self.model.claim_text():
            parts.append(self._handed(text))
        return f'<div class="omsnb">{"".join(parts)}</div>'

    def _handed(self, text: str) -> str:
        file = _link(text.encode(), "text/csv", "claims.csv", "Save the claim lines (claims.csv)")
        if not self.page:
            return f"<p>{file}: open the file on the claim desk</p>"
        return f'{hand_over_html(text, "a note", self.links)}<p>Or {file}.</p>'

    def _write(self) -> None:
        self.letters.value = self.model.letters() or "No letter belongs to these lines."

    def _save(self) -> None:
        self.file.value = _link(
            self.model.saved().encode(), "application/json", "note-facts.json", "Save note-facts.json"
        )


def _link(content: bytes, kind: str, name: str, words: str) -> str:
    return f'<a download="{escape(name)}" href="data:{kind};base64,{b64encode(content).decode()}">{escape(words)}</a>'


def note_view(model: NoteForm, links: str = "", place: str = IN_PAGE, page: bool = True) -> VBox:
    """The form over a model.

    ``links``: address of the reference pages; ``place``: where the note goes; ``page``: whether the book's script is
    there, which hands the lines to the desk.
    """
    return _View(model, links, place, page).box


def note_static_html() -> str:
    """What stands in the page before the form has started."""
    return f"<p><strong>{escape(IN_PAGE)}</strong></p><p>{escape(ABOUT)}</p>"
