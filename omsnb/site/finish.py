"""Mends what the theme writes and no template can reach, and links codes, once all pages are written."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging

from omsnb.site.citing import cite_small
from omsnb.site.domain import domain_of
from omsnb.site.linking import link_codes, link_terms
from omsnb.site.trimming import trim_page
from omsnb.tables import codes
from omsnb.tables.book_tables import glossary

GLOSSARY = "book/reference/glossary"
MENDS = (
    (
        'id="pst-primary-sidebar" class=',
        'id="pst-primary-sidebar" role="complementary" aria-label="Book" class=',
    ),
    (
        'id="pst-secondary-sidebar" class=',
        'id="pst-secondary-sidebar" role="complementary" aria-label="This page" class=',
    ),
)
"""What the theme writes, and what stands there instead: its side bars lie in no landmark."""


def mend(app: Sphinx, problem: Exception | None) -> None:
    """Replaces the theme's markup in every page; warns when a theme has changed so that nothing was there to mend."""
    if problem or app.builder.format != "html":
        return
    places = _places(app)
    seen = dict.fromkeys((old for old, _ in MENDS), False)
    for file in Path(app.outdir).rglob("*.html"):
        if "_static" in file.parts:
            continue
        text = before = file.read_text(encoding="utf-8")
        for old, new in MENDS:
            seen[old] |= old in text or new in text
            text = text.replace(old, new)
        page = file.relative_to(app.outdir).with_suffix("").as_posix()
        text = cite_small(page, trim_page(text, page))
        if page != "search":
            text = link_codes(text, _addresses(app, page, places), own=_own(page, places))
        if page.startswith("book/") and page != GLOSSARY:
            text = link_terms(text, _terms(app, page))
        if text != before:
            file.write_text(text, encoding="utf-8")
    for old, found in seen.items():
        if not found:
            logging.getLogger(__name__).warning("omsnb.site.finish: no page holds %r any more", old)


def _places(app: Sphinx) -> dict[str, tuple[str, str]]:
    """Page and anchor of every code that has a place."""
    domain = domain_of(app.env)
    found = {code: domain.place("code", code) for code in codes()}
    return {code: place[:2] for code, place in found.items() if place}


def _addresses(app: Sphinx, page: str, places: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {
        code: f"{app.builder.get_relative_uri(page, target)}#{anchor}"
        for code, (target, anchor) in places.items()
    }


def _terms(app: Sphinx, page: str) -> dict[str, str]:
    """Addresses of the glossary's terms, as seen from a page."""
    objects = app.env.domaindata["std"]["objects"]
    found = {term.term: objects.get(("term", term.term)) for term in glossary().values() if term.linked}
    return {
        term: f"{app.builder.get_relative_uri(page, place[0])}#{place[1]}"
        for term, place in found.items()
        if place
    }


def _own(page: str, places: dict[str, tuple[str, str]]) -> str:
    """The code that a page is about, if it is a code's own page."""
    name = page.rsplit("/", 1)[-1]
    return name if name in places and places[name][0] == page else ""


def setup(app: Sphinx) -> None:
    """Connects to the end of a build."""
    app.connect("build-finished", mend)
