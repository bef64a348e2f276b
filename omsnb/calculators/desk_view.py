"""The claim desk's channel: two widgets that nobody sees carry words to the desk and its state to the page's script.

What is seen is made by ``book/_static/desk.js`` from the state, in the book and in Voilà alike, so that a table of
fields with the keyboard's ways needs no widget for each cell.
"""

from __future__ import annotations

import json
from html import escape

from ipywidgets import HTML, Layout, Textarea, VBox

from omsnb.calculators.desk import MOST_BYTES, MOST_LINES, ClaimDesk
from omsnb.calculators.desk_page import DeskPage, fixed_data
from omsnb.calculators.kept import Kept
from omsnb.claim_files import claim_bytes
from omsnb.claim_tables import claim_fields
from omsnb.json_rows import claims_from_json

KEPT_LINES = 300
"""Lines that are kept for another kernel, where a server's is lost; more would be sent with each step."""

ABOUT = (
    "Paste lines or open a file: a table in text or XLSX, JSON, FHIR R4, or X12 837. Write no names and no insurance "
    f"numbers: a key of your own tells patients apart. The desk holds up to {MOST_LINES:,} lines and reads files of up "
    f"to {MOST_BYTES // 2**20} MB; the command line takes more."
)
IN_PAGE = "Nothing leaves your browser: the lines are checked in this page and are gone when you close it."
ON_SERVER = "What you enter goes to the server that you opened, and nowhere else."


def desk_view(model: ClaimDesk, links: str = "", state: str = "", served: bool = False) -> VBox:
    """The desk over a model.

    ``links``: address of the reference pages, or empty. ``state``: how the address asks for it to begin, such as
    ``case=trauma``. ``served``: whether Python runs on a server.
    """
    page = DeskPage(model)
    told, always = HTML(), HTML()
    words = Textarea(description="", continuous_update=False, layout=Layout(display="none"))
    words.add_class("omsnb-desk-words")
    told.add_class("omsnb-desk-data")
    always.add_class("omsnb-desk-fixed")
    where = {"about": ABOUT, "where": ON_SERVER if served else IN_PAGE, "state": state}
    always.value = _hidden({**fixed_data(links, served), **where})

    def show(number: int) -> None:
        told.value = _hidden({"n": number, **page.state()})

    def heard(change: dict[str, object]) -> None:
        if not change["new"]:
            return
        given = json.loads(str(change["new"]))
        for word in given["words"]:
            page.do(word)
        show(given["n"])
        if kept:
            kept.tell()

    def restore(text: str) -> None:
        try:
            found = claims_from_json(json.loads(text)) if text else None
        except ValueError:
            return
        if found and found.lines:
            model.take(found, f"Brought back: {found.lines} lines.")
            show(0)

    kept = Kept(lambda: _kept(model), restore) if served else None
    words.observe(heard, "value")
    show(0)
    box = VBox([words, told, always, *([kept.box] if kept else [])])
    box.add_class("omsnb-desk")
    return box


def _kept(model: ClaimDesk) -> str:
    if not 0 < len(model.rows) <= KEPT_LINES:
        return ""
    return json.dumps(json.loads(claim_bytes(model.reading.claims, "json")))


def _hidden(data: object) -> str:
    return f"<pre hidden>{escape(json.dumps(data))}</pre>"


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
