"""Calculators: a traitlets model that works without a browser, and a thin view of ipywidgets over it.

``case_explorer``, ``calculator``, ``calculator_chooser`` and ``calculators_app`` are what a notebook or a page shows;
the models import no widget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipywidgets import Text, VBox

    from omsnb.calculators.form import Form

EXPLORER = "case-explorer"
"""The case explorer's name among the tools of the page."""


def case_explorer() -> VBox:
    """The case explorer, ready to show: choose a case, answer its open questions, see the list narrow.

    Where ``OMSNB_MANUAL`` names the address of the book, codes and sources lead to its pages.
    """
    import os

    from omsnb.calculators.explorer import CaseExplorer
    from omsnb.calculators.explorer_view import explorer_view
    from omsnb.calculators.kept import Kept

    model = CaseExplorer()
    manual = os.environ.get("OMSNB_MANUAL", "").rstrip("/")
    view = explorer_view(model, f"{manual}/book/reference/" if manual.startswith("http") else "")
    keeper = Kept(lambda: model.state, model.restore)
    keeper.tell()
    model.observe(keeper.tell, ["case", "variant", "reading", "answers"])
    view.children = (*view.children, keeper.box)
    return view


def calculator(name: str, state: str = "", links: str = "") -> VBox:
    """A calculator of ``data/calculators.csv``, the claim desk (``claim-desk``), the form for a chart note
    (``from-a-note``) or the case explorer (``case-explorer``), ready to show.

    ``state``: answers as they stand in an address, such as ``claim=medical&minutes=62``. ``links``: address of the
    reference pages, for a page of the book. Raises ``ValueError`` for an unknown name.
    """
    from omsnb.calculators.desk import DESK, ClaimDesk
    from omsnb.calculators.desk_view import desk_view
    from omsnb.calculators.form_view import form_view
    from omsnb.calculators.note_form import NOTE, NoteForm
    from omsnb.calculators.note_view import note_view

    if name == DESK:
        return desk_view(ClaimDesk(), links)
    if name == NOTE:
        return note_view(NoteForm(), links)
    if name == EXPLORER:
        from omsnb.calculators.explorer import CaseExplorer
        from omsnb.calculators.explorer_view import explorer_view

        model = CaseExplorer()
        if state:
            model.restore(state)
        return explorer_view(model, links)
    return form_view(new_form(name, state), links)


def calculator_chooser() -> VBox:
    """All calculators of the manual, one at a time, for a notebook."""
    return _chooser()[0]


def claim_desk() -> VBox:
    """The claim desk for a served page: lines go to that server and nowhere else."""
    from omsnb.calculators.desk import ClaimDesk
    from omsnb.calculators.desk_view import ON_SERVER, desk_view

    return desk_view(ClaimDesk(), place=ON_SERVER)


def from_a_note() -> VBox:
    """The form "From a note" for a served page: the note goes to that server and nowhere else."""
    from omsnb.calculators.note_form import NoteForm
    from omsnb.calculators.note_view import ON_SERVER, note_view

    return note_view(NoteForm(), place=ON_SERVER, page=False)


def calculators_app() -> VBox:
    """``calculator_chooser`` for a served page, which keeps the answers when its kernel is lost."""
    from ipywidgets import VBox

    return VBox(_chooser())


def _chooser() -> tuple[VBox, Text]:
    """The chooser, and the box that holds its state."""
    from ipywidgets import Dropdown, Layout, VBox

    from omsnb.calculators.catalogue import calculators
    from omsnb.calculators.form_view import form_view
    from omsnb.calculators.kept import Kept

    options = [(entry.title, name) for name, entry in calculators().items()]
    menu = Dropdown(options=options, description="Calculator", layout=Layout(width="100%", max_width="46rem"))
    form, chosen = new_form(menu.value), VBox()

    def show(name: str) -> None:
        nonlocal form
        form = new_form(name)
        form.observe(keeper.tell, "answers")
        chosen.children = (form_view(form),)
        keeper.tell()

    def restore(state: str) -> None:
        name, _, answers = state.partition("?")
        if name in calculators():
            menu.value = name
            form.restore(answers)

    keeper = Kept(lambda: f"{menu.value}?{form.state}", restore)
    show(menu.value)
    menu.observe(lambda change: show(change["new"]), "value")
    return VBox([menu, chosen]), keeper.box


def new_form(name: str, state: str = "") -> Form:
    """The model of a calculator, for those who need no widgets. See ``calculator``."""
    from omsnb.calculators.catalogue import find_calculator
    from omsnb.calculators.period_form import PeriodForm
    from omsnb.calculators.table_form import TableForm
    from omsnb.calculators.worksheet_form import WorksheetForm

    if find_calculator(name).kind == "plan":  # reads the claim checks, which no other form needs
        from omsnb.calculators.plan_form import PlanForm

        return PlanForm(name, state)
    kinds: dict[str, type[Form]] = {"tables": TableForm, "period": PeriodForm, "worksheet": WorksheetForm}
    return kinds[find_calculator(name).kind](name, state)
