"""The widgets that keep scenarios and save and open their file; all of it stays in the form's own kernel."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

from ipywidgets import HTML, Button, Dropdown, FileUpload, Layout, Text, ToggleButton, VBox

from omsnb.calculators.controls import LABEL, wide
from omsnb.calculators.scenarios import Scenarios

CHOOSE = "choose one"
FILE = "omsnb-case.json"


def scenarios_view(scenarios: Scenarios) -> VBox:
    """A button that unfolds the rest: name and keep, a menu of what is kept, the file's link, and a file to open."""
    narrow = {"layout": Layout(width="auto", align_self="flex-start")}
    unfold = ToggleButton(
        description="Keep, save and open", tooltip="Scenarios, and one file for them", **narrow
    )
    name = Text(description="Name of this scenario", layout=wide(), style=LABEL)
    keep = Button(description="Keep it under this name", **narrow)
    menu = Dropdown(options=[CHOOSE], description="Kept scenarios", layout=wide(), style=LABEL)
    save = HTML()
    upload = FileUpload(
        accept=".json", description="Open a file", layout=Layout(width="auto", align_self="flex-start")
    )
    said = HTML()
    said.add_class("omsnb-refused")
    body = VBox()
    filling = False

    def show(told: str = "", wrong: bool = False) -> None:
        nonlocal filling
        filling = True
        options = [CHOOSE, *scenarios.kept]
        if list(menu.options) != options:
            menu.options = options
        filling = False
        said.value = f'<p{" class=problem" if wrong else ""} role="status">{escape(told)}</p>' if told else ""
        if body.children:
            data = b64encode(scenarios.file().encode()).decode()
            save.value = f'<a download="{FILE}" href="data:application/json;base64,{data}">Save to a file</a>'

    def tried(act: Any, told: str) -> None:
        try:
            act()
        except ValueError as problem:
            show(str(problem), wrong=True)
        else:
            show(told)

    def opened(change: dict[str, Any]) -> None:
        if not filling and change["new"] not in (None, CHOOSE):
            chosen = change["new"]
            tried(lambda: scenarios.open(chosen), f"Opened: {chosen}")

    def given(change: dict[str, Any]) -> None:
        for one in change["new"]:
            text = bytes(one.content).decode("utf-8", "replace")
            tried(lambda text=text: scenarios.open_file(text), "The file was opened.")

    def folded(change: dict[str, Any]) -> None:
        body.children = (name, keep, menu, save, upload, said) if change["new"] else ()
        view.layout.width = "100%" if change["new"] else "auto"
        show()

    view = VBox([unfold, body], layout=Layout(width="auto"))
    unfold.observe(folded, "value")
    keep.on_click(lambda button: tried(lambda: scenarios.keep(name.value), f"Kept: {name.value}"))
    menu.observe(opened, "value")
    upload.observe(given, "value")
    scenarios.model.observe(lambda change: show(), "revision")
    return view
