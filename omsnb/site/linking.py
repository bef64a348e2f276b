"""Links bare mentions of codes in the written pages, wherever they stand: text, tables, outputs of notebooks, index.
Terms of the glossary are linked where a page's running text first names them.

Works on the written HTML, since a notebook's tables are HTML when Sphinx first sees them. Titles, program text,
form fields and what is a link already stay as they are, so a second run changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

from omsnb.site.text import CODE

ARTICLE = re.compile(r"(<article\b[^>]*>)(.*)(</article>)", re.DOTALL)
PIECE = re.compile(r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>|[^<]+", re.DOTALL)
NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
CLOSED = frozenset("a h1 h2 h3 h4 h5 h6 code pre button summary label option select textarea svg caption".split())
"""Elements in which nothing is linked; a ``pre`` with a notebook's output is the exception."""
UNTOUCHED = CLOSED | {"table", "details", "aside"}
"""Elements in which no term is linked: besides those, tables, and boxes that have words of their own."""
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def link_codes(page: str, addresses: Mapping[str, str], own: str = "") -> str:
    """The page's HTML with each bare code in its article linked.

    ``addresses``: a code's address as seen from the page. ``own``: the code that the page is about, left alone.
    """
    found = ARTICLE.search(page)
    if not found:
        return page
    return f"{page[: found.start(2)]}{_linked(found[2], addresses, own)}{page[found.end(2) :]}"


def _linked(html: str, addresses: Mapping[str, str], own: str) -> str:
    def link(match: re.Match[str]) -> str:
        code = match[0]
        if code == own or code not in addresses:
            return code
        return f'<a class="code-link" href="{addresses[code]}">{code}</a>'

    written: list[str] = []
    shut: list[str] = []
    output = False
    for piece in PIECE.findall(html):
        if not piece.startswith("<"):
            written.append(piece if shut else CODE.sub(link, piece))
            continue
        written.append(piece)
        if piece.startswith(("<!--", "<script", "<style")) or not (named := NAME.match(piece)):
            continue
        name = named[1].lower()
        if name == "div" and not piece.startswith("</"):
            output = "output " in piece or "cell_output" in piece
        if name not in CLOSED or name in VOID or piece.endswith("/>"):
            continue
        if piece.startswith("</"):
            if shut and shut[-1] == name:
                shut.pop()
        elif shut or not (name == "pre" and output):
            shut.append(name)
    return "".join(written)


def link_terms(page: str, addresses: Mapping[str, str]) -> str:
    """The page's HTML with the first mention of each term in a paragraph of its article linked to the glossary.

    ``addresses``: a term's address as seen from the page. Terms in capitals must stand as they are; others may begin a
    sentence or end in an s. A term that the page links already is left alone.
    """
    found = ARTICLE.search(page)
    left = {term: address for term, address in addresses.items() if f'data-term="{escape(term)}"' not in page}
    if not found or not left:
        return page
    # the longest first, so that "Category III code" wins over a term within it
    order = sorted(left, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w-])(?:{'|'.join(_mention(term) for term in order)})(?![\w-])")

    def link(match: re.Match[str]) -> str:
        term = _named(match[0], order)
        if term not in left:
            return match[0]
        return f'<a class="term-link" data-term="{escape(term)}" href="{left.pop(term)}">{match[0]}</a>'

    linked = _in_paragraphs(found[2], lambda text: pattern.sub(link, text))
    return f"{page[: found.start(2)]}{linked}{page[found.end(2) :]}"


def _mention(term: str) -> str:
    text = re.escape(escape(term))
    if term != term.lower():
        return text
    return f"[{term[0]}{term[0].upper()}]{re.escape(escape(term[1:]))}s?"


def _named(words: str, terms: list[str]) -> str:
    """The term that some words mention."""
    return next(term for term in terms if re.fullmatch(_mention(term), words))


def _in_paragraphs(html: str, change: Callable[[str], str]) -> str:
    """Changes the text of paragraphs that stand in no table, box, link or title."""
    written: list[str] = []
    open_names: list[str] = []
    for piece in PIECE.findall(html):
        if not piece.startswith("<"):
            shut = set(open_names)
            written.append(change(piece) if "p" in shut and not shut & UNTOUCHED else piece)
            continue
        written.append(piece)
        if piece.startswith(("<!--", "<script", "<style")) or not (named := NAME.match(piece)):
            continue
        name = named[1].lower()
        if name in VOID or piece.endswith("/>") or name not in UNTOUCHED | {"p"}:
            continue
        if not piece.startswith("</"):
            open_names.append(name)
        elif name in open_names:
            del open_names[len(open_names) - 1 - open_names[::-1].index(name) :]
    return "".join(written)
