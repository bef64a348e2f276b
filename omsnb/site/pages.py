"""What every page gets: a description for search engines, and no address of a third party."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from omsnb.claim_tables import code_pairs
from omsnb.edition import edition
from omsnb.fees import fee_releases, rvus
from omsnb.site.cards import FILE as CARDS
from omsnb.tables import mue, sources

LIMIT = 200
"""Characters of a page's description; search engines show no more."""

INLINE_THEBE = ("THEBE_JS_URL", "thebe_selector", "initThebeSBT")
"""Marks of the inline scripts of sphinx-thebe, which Jupyter Book always loads; they name a host and clash."""


def description(doctree: nodes.document) -> str:
    """The first paragraph of a page, cut at a word."""
    for paragraph in doctree.findall(nodes.paragraph):
        words = " ".join(paragraph.astext().split())
        if words:
            return words if len(words) <= LIMIT else words[:LIMIT].rsplit(" ", 1)[0] + " …"
    return ""


def _dated(days: Counter[str]) -> list[str]:
    return [f"{day} ({count} {'row' if count == 1 else 'rows'})" for day, count in sorted(days.items())]


def tables_of_today() -> str:
    """Of which date the tables of Medicare are that the manual holds, counted from the rows themselves."""
    newest = {limit.code: limit.effective for limit in mue()}  # oldest first, so the newest of a code stays
    parts = {
        "unit limits": Counter(newest.values()),
        "pairs": Counter(pair.effective for pair in code_pairs().values()),
        "values": Counter(fee_releases()[entry.release].begins for entry in rvus().values()),
    }
    said = [f"{name} of {', '.join(_dated(days))}" for name, days in parts.items()]
    return f"Tables of Medicare held: {'; '.join(said)}."


def footer() -> str:
    """Edition, code year, dates of the tables, day of the last review and sources; a script warns when the code year is
    over."""
    shown = edition()
    titles = ", ".join(f"{sources()[id].title} ({sources()[id].edition})" for id in shown.sources)
    return (
        f'<p class="edition" data-valid-until="{escape(shown.valid_until)}" data-code-year="{shown.code_year}">'
        f"Edition {escape(shown.edition)}. Codes of {shown.code_year}, to {escape(shown.valid_until)}. "
        f"{escape(tables_of_today())} Last reviewed {escape(shown.reviewed_shown)}. Sources: {escape(titles)}.</p>"
        "<p>Code numbers and our own short labels only: the official descriptors belong to the AMA (CPT) and "
        "the ADA (CDT). For training; a payer's own rules and your current code books decide.</p>"
    )


def complete(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Adds the description, and drops styles and scripts that name another host."""
    text = description(doctree) if doctree is not None else ""
    if text:
        context["metatags"] = (
            context.get("metatags", "") + f'\n<meta name="description" content="{escape(text)}" />'
        )
    context["theme_extra_footer"] = footer()
    if page == "search":
        # the search asks it for synonyms, so it must be there before the book's own script
        app.add_js_file(CARDS, priority=400)
    if context.get("title") == context.get("docstitle"):
        context["docstitle"] = ""  # the first page is named like the book: say it once
    for key in ("css_files", "script_files"):
        if key in context:
            context[key] = [file for file in context[key] if not _foreign(file)]


def _foreign(file: Any) -> bool:
    name = str(getattr(file, "filename", file) or "")
    body = str((getattr(file, "attributes", None) or {}).get("body") or "")
    return (
        name.startswith(("http:", "https:", "//"))
        or "thebe" in name
        or any(mark in body for mark in INLINE_THEBE)
    )


def setup(app: Sphinx) -> None:
    """Connects to the writing of each page, after the theme and all other extensions."""
    app.connect("html-page-context", complete, priority=990)
