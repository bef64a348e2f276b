"""The widgets that set two or three ways of a case side by side."""

from __future__ import annotations

from typing import Any

from ipywidgets import HTML, Dropdown, Layout, ToggleButton, VBox

from omsnb.calculators.comparing import MOST, axes, column, compared_html, ways
from omsnb.calculators.controls import LABEL, wide
from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.html import frame, problem_html
from omsnb.calculators.scenarios import Scenarios

LEFT_OUT = "leave this one out"
PLACES = ("First", "Second", "Third")


def comparing_view(model: CaseExplorer, scenarios: Scenarios, links: str = "") -> VBox:
    """A button that unfolds the rest: what to compare by, which, and the table. ``links``: as for ``frame``."""
    unfold = ToggleButton(
        description="Compare side by side", tooltip="Two or three answers, ways or scenarios in one table",
        layout=Layout(width="auto", align_self="flex-start"),
    )  # fmt: skip
    by = Dropdown(description="Compare by", layout=wide(), style=LABEL)
    chosen = [Dropdown(description=name, layout=wide(), style=LABEL) for name in PLACES[:MOST]]
    table, body = HTML(), VBox()
    table.add_class("omsnb-compared")
    filling = False

    def fill(*, anew: bool) -> None:
        """Brings the menus up to date; each keeps its choice, by its label, where that still stands."""
        nonlocal filling
        filling = True
        found = axes(model, scenarios.kept)
        if tuple(by.options) != found:
            before = by.value
            by.options = found
            by.value = before if before in {key for _, key in found} else found[0][1]
        offered = ways(model, by.value, scenarios.kept)
        for place, menu in enumerate(chosen):
            label = menu.label
            options = (*offered, *([(LEFT_OUT, "")] if place > 1 else []))
            if tuple(menu.options) != options:
                menu.options = options
            if not anew and label in {name for name, _ in options}:
                menu.label = label
            else:
                menu.index = place if place < len(offered) and place < 2 else len(options) - 1
        filling = False
        show()

    def show() -> None:
        columns = [column(menu.label, menu.value) for menu in chosen if menu.value]
        try:
            table.value = frame(compared_html(columns), links)
        except ValueError as problem:
            table.value = problem_html(str(problem))

    def folded(change: dict[str, Any]) -> None:
        body.children = (by, *chosen, table) if change["new"] else ()
        view.layout.width = "100%" if change["new"] else "auto"
        if change["new"]:
            fill(anew=by.value is None)

    def other_axis(change: dict[str, Any]) -> None:
        if not filling and change["new"] is not None:
            fill(anew=True)

    def other_way(change: dict[str, Any]) -> None:
        if not filling and change["new"] is not None:
            show()

    def changed(change: object = None) -> None:
        if body.children:
            fill(anew=False)

    view = VBox([unfold, body], layout=Layout(width="auto"))
    unfold.observe(folded, "value")
    by.observe(other_axis, "value")
    for menu in chosen:
        menu.observe(other_way, "value")
    model.observe(changed, "revision")
    return view
