"""The claim desk's view: widgets that live as long as the desk; they are filled or hidden, and never made anew."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from html import escape

from ipywidgets import HTML, BoundedIntText, Button, Dropdown, FileUpload, HBox, Layout, Text, Textarea, VBox

from omsnb.calculators.controls import wide
from omsnb.calculators.desk import KINDS, ClaimDesk
from omsnb.claim_tables import claim_fields
from omsnb.claims import MOST_ROWS
from omsnb.edits import Finding
from omsnb.mending import step_words

CARDS = 12
"""Findings on the screen at once."""
SHOWN = ("claim", "line", "date", "code", "modifiers", "units", "charge")
AROUND = 10
"""Rows of the table before and after the one in hand."""

ABOUT = (
    "Paste claim lines with their header, or open a file: a table in text (CSV, tabs), JSON, FHIR or X12 837. "
    "A workbook (XLSX) cannot be read in the page: save it as CSV first. Write no names and no insurance numbers: a "
    f"key of your own tells patients apart. Up to {MOST_ROWS:,} lines are read; beyond some thousands use the command "
    "line."
)
IN_PAGE = "Nothing leaves your browser: the lines are checked in this page and are gone when you close it."
ON_SERVER = (
    "What you enter goes to the server that you opened, and nowhere else; a file there has at most 180 KB."
)


def _button(description: str, tooltip: str) -> Button:
    return Button(description=description, tooltip=tooltip, layout=Layout(width="auto"))


class _Card:
    """One finding, with the button that carries its remedy out."""

    def __init__(self, view: _View, place: int) -> None:
        self.view, self.place = view, place
        self.finding: Finding | None = None
        self.text = HTML()
        self.button = _button("", "Carries the remedy out; Undo takes it back")
        self.button.on_click(self.pressed)
        self.box = VBox([self.text, self.button], layout=Layout(display="none"))

    def pressed(self, button: Button) -> None:
        if self.finding is not None:
            self.view.mend(self.finding, self.place)

    def show(self, finding: Finding | None, done: str = "") -> None:
        """A finding; or, so that the keyboard keeps its place, what the button just did; or nothing."""
        self.finding = finding
        self.box.layout.display = None if finding or done else "none"
        if done:
            self.text.value, self.button.description = f"<p>{escape(done)}</p>", "Applied"
            return
        if finding is None:
            return
        self.text.value = finding_html(finding, self.view.links)
        step = self.view.model.step_of(finding)
        self.button.layout.display = "" if step else "none"
        if step:
            self.button.description = step_words(step, finding.lines[-1])


def finding_html(finding: Finding, links: str = "") -> str:
    """A finding with its weight, lines, remedy, statements and sources."""
    lines = ", ".join(f"claim {claim} line {line}" for claim, line in finding.lines)
    statements = ", ".join(
        f'<a href="{escape(links)}guidance.html#guidance-{escape(id)}">{escape(id)}</a>'
        if links
        else escape(id)
        for id in finding.guidance
    )
    told = "; ".join(escape(said) for said in (*sorted(finding.cited), *finding.overruled))
    return (
        f'<div class="omsnb"><p><strong>{escape(finding.status.upper())}</strong> {escape(lines)}: '
        f"{escape(finding.because)}</p><p>{escape(finding.remedy)}</p>"
        f'<p class="quiet">Rule {escape(finding.rule)}; statements {statements}. {told}</p></div>'
    )


class _View:
    """The widgets, and what follows when one is used."""

    def __init__(self, model: ClaimDesk, links: str, place: str) -> None:
        self.model, self.links, self.first, self.filling = model, links, 0, False
        self.pasted = Textarea(
            description="Claim lines to paste", rows=8, continuous_update=False, layout=wide(),
            placeholder=",".join(claim_fields()),
        )  # fmt: skip
        self.upload = FileUpload(
            description="Open a file", tooltip="Reads a claim file", layout=Layout(width="auto")
        )
        read = _button("Check the pasted lines", "Reads the box above")
        self.undo = _button("Undo", "Takes the last step back")
        self.summary = HTML()
        self.summary.add_class("omsnb-result")
        self.cards = [_Card(self, place) for place in range(CARDS)]
        self.more = _button("Next findings", "Shows the findings after these")
        self.row = BoundedIntText(
            description="Row in hand",
            value=1,
            min=1,
            max=1,
            style={"description_width": "50%"},
            layout=wide(),
        )
        self.table = HTML()
        add, remove = (
            _button("Add a line", "After the row in hand"),
            _button("Remove the line", "The row in hand"),
        )
        self.cells = {name: self._cell(name) for name in claim_fields()}
        self.preview, self.download = HTML(), HTML()
        self.letters = Textarea(description="Letters and notes of this row", rows=8, layout=wide())
        self.kind = Dropdown(
            description="Export as", options=[(kind.upper(), kind) for kind in KINDS], layout=wide()
        )
        export, write = (
            _button("Prepare the file", "Gives a link"),
            _button("Write the letters", "Of the row in hand"),
        )
        self.pasted.observe(lambda change: self.read(), "value")
        read.on_click(lambda button: self.read())
        self.upload.observe(self._opened, "value")
        self.undo.on_click(lambda button: model.undo())
        self.more.on_click(lambda button: self._next())
        add.on_click(lambda button: self._go(model.add(self.index)))
        remove.on_click(lambda button: model.remove(self.index))
        self.row.observe(lambda change: self._show_row(), "value")
        export.on_click(lambda button: self._export())
        write.on_click(lambda button: setattr(self.letters, "value", model.letters(self.index)))
        model.observe(lambda change: self.show(), "revision")
        flow = Layout(flex_flow="row wrap")
        self.box = VBox(
            [
                HTML(f"<p><strong>{escape(place)}</strong></p><p>{escape(ABOUT)}</p>"), self.pasted,
                HBox([read, self.upload, self.undo], layout=flow), self.summary,
                *(card.box for card in self.cards), self.more, self.table, self.row,
                HBox([add, remove], layout=flow), *self.cells.values(), self.preview, write, self.letters,
                self.kind, export, self.download,
            ],
            layout=Layout(max_width="64rem"),
        )  # fmt: skip
        self.show()

    @property
    def index(self) -> int:
        return int(self.row.value) - 1

    def _cell(self, name: str) -> Text:
        column = claim_fields()[name]
        shared = {"description": column.label, "style": {"description_width": "50%"}, "layout": wide()}
        made = Text(continuous_update=False, **shared)
        made.observe(lambda change: self._entered(name, change), "value")
        return made

    def _entered(self, name: str, change: Mapping[str, object]) -> None:
        if not self.filling:
            if not self.model.rows:
                self.model.add(-1)
            self.model.enter(self.index, name, str(change["new"]))

    def read(self) -> None:
        if self.pasted.value.strip():
            self.first = 0
            self.model.load(self.pasted.value.encode("utf-8", "surrogatepass"))

    def _opened(self, change: Mapping[str, object]) -> None:
        for file in self.upload.value:
            self.first = 0
            self.model.load(bytes(file["content"]), str(file["name"]))
        if self.upload.value:
            self.upload.value = ()  # the same file may be opened again

    def mend(self, finding: Finding, place: int) -> None:
        self.model.mend(finding)
        self._show_findings(place)

    def _next(self) -> None:
        self.first += CARDS
        self._show_findings()

    def _go(self, index: int) -> None:
        self.row.value = index + 1
        self._show_row()

    def show(self) -> None:
        """Brings all up to date."""
        self.summary.value = f'<div class="omsnb">{self.model.summary_html()}</div>'
        self.row.max = max(1, len(self.model.rows))
        self.download.value = ""
        self._show_findings()
        self._show_row()

    def _show_findings(self, applied: int | None = None) -> None:
        found: list[Finding | None] = list(self.model.findings)
        if self.first >= len(found):
            self.first = 0
        page = found[self.first : self.first + CARDS]
        if applied is not None:
            page = [*page[:applied], *[None] * (applied - len(page)), None, *page[applied:]][:CARDS]
        for place, card in enumerate(self.cards):
            card.show(page[place] if place < len(page) else None, self.model.said if place == applied else "")
        self.more.layout.display = None if len(found) > CARDS else "none"
        self.more.description = f"Next findings (of {len(found)})"

    def _show_row(self) -> None:
        rows = self.model.rows
        self.filling = True
        try:
            for name, control in self.cells.items():
                control.value = rows[self.index][name] if self.index < len(rows) else ""
        finally:
            self.filling = False
        self.table.value = self._table()
        self.preview.value = self.model.preview(self.index) if rows else ""
        self.letters.value = ""

    def _table(self) -> str:
        if not self.model.rows:
            return "<p>No line yet.</p>"
        bad = {fault.row for fault in self.model.faults}
        head = "".join(f'<th scope="col">{escape(claim_fields()[name].label)}</th>' for name in SHOWN)
        first = max(0, self.index - AROUND)
        body = ""
        for place, row in enumerate(self.model.rows[first : self.index + AROUND + 1], first + 1):
            mark = " (in hand)" if place == self.index + 1 else ""
            mark += " (cannot be read)" if place in bad else ""
            cells = "".join(f"<td>{escape(row[name])}</td>" for name in SHOWN)
            body += f'<tr><th scope="row">{place}{mark}</th>{cells}</tr>'
        return (
            f'<div class="omsnb"><table><caption>Lines on the desk</caption><thead><tr><th scope="col">Row</th>{head}'
            f"</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _export(self) -> None:
        kind = str(self.kind.value)
        content = self.model.export(kind)
        name = f"claims.{'csv' if kind == 'csv' else 'json'}"
        missing = self.model.reading.refused + self.model.source.refused
        note = f" {missing} refused rows are not in it." if missing else ""
        self.download.value = (
            f'<p><a download="{name}" href="data:application/octet-stream;base64,{b64encode(content).decode()}">'
            f"Save {name}</a>: {self.model.reading.lines} lines.{note}</p>"
        )


def desk_view(model: ClaimDesk, links: str = "", place: str = IN_PAGE) -> VBox:
    """The desk over a model. ``links``: address of the reference pages, or empty. ``place``: where the lines go."""
    view = _View(model, links, place)
    view.box.add_class("omsnb-desk")
    return view.box


def desk_static_html() -> str:
    """What stands in the page before the desk has started."""
    columns = "".join(
        f"<li><strong>{escape(name)}</strong>{' (needed)' if column.wanted else ''}: "
        f"{escape(column.help or column.label)}</li>"
        for name, column in claim_fields().items()
    )
    return (
        f"<p><strong>{escape(IN_PAGE)}</strong></p><p>{escape(ABOUT)}</p><details><summary>The columns</summary>"
        f"<ul>{columns}</ul></details>"
    )
