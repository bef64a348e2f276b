"""The widgets that turn the explorer's case into claim lines, to keep, to save, or to take to the claim desk."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

from ipywidgets import HTML, DOMWidget, Layout, ToggleButton, VBox

from omsnb.calculators.claim_draft import ClaimDraft, draft_html
from omsnb.calculators.controls import FieldControl
from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.html import frame

FILE = "claim-lines.csv"


def claim_draft_view(model: CaseExplorer, links: str = "") -> VBox:
    """A button that unfolds the rest: payer, place, diagnoses, days; then lines and findings, and the file.

    ``links``: as for ``frame``.
    """
    draft = ClaimDraft(model)
    unfold = ToggleButton(
        description="As claim lines", tooltip="With a payer and dates: the lines, and what the claim checks say",
        layout=Layout(width="auto", align_self="flex-start"),
    )  # fmt: skip
    controls: dict[str, FieldControl] = {}
    result, body = HTML(), VBox()
    result.add_class("omsnb-drafted")

    def show(change: object = None) -> None:
        if not unfold.value:
            return
        placed: list[DOMWidget] = []
        for field in draft.fields():
            if field.name not in controls:
                controls[field.name] = FieldControl(field, draft.enter)
            controls[field.name].show(
                draft.entries.get(field.name, ""), refused=draft.refused.get(field.name, "")
            )
            placed += controls[field.name].children
        result.value = frame(draft_html(draft.draft) + _file(draft.csv), links)
        if body.children != (*placed, result):
            body.children = (*placed, result)

    def folded(change: dict[str, Any]) -> None:
        body.layout.display = None if change["new"] else "none"
        view.layout.width = "100%" if change["new"] else "auto"
        draft.refresh()

    view = VBox([unfold, body], layout=Layout(width="auto"))
    unfold.observe(folded, "value")
    draft.observe(show, "revision")
    model.observe(draft.refresh, "revision")
    return view


def _file(csv: str) -> str:
    """The link that saves the lines. They are in the link itself, so that nothing is fetched."""
    if not csv:
        return ""
    data = b64encode(csv.encode("utf-8")).decode()
    return (
        f'<p><a download="{FILE}" class="omsnb-claim-file" href="data:text/csv;base64,{data}">Save {escape(FILE)}</a>: '
        "it opens in the claim desk.</p>"
    )
