"""Citations of the written pages as small marks, and the notes behind them at the page's end.

Works on the written HTML: what stands in brackets, ``(IV-08, cur-x-01)``, becomes raised numbers. Each leads to a
note that gives the statement and, of each source, publisher, title, section, day and address. The notes are in no
search index, so a word of a source leads nobody to every page that cites it. Also tells how long a page takes to read.
"""

from __future__ import annotations

import re
from html import escape

from omsnb.records import Source
from omsnb.site.linking import ARTICLE
from omsnb.standing import BASIS, basis, marked
from omsnb.tables import guidance, sources

ONE = (
    r'<span class="guidance-link"><a class="reference internal" href="{href}[^"]*#guidance-{id}[^"]+{end}{end}"[^>]*>'
    r"<span>[^<]*</span></a></span>"
)
LINK = re.compile(ONE.format(href="(?P<href>", id="(?P<id>", end=")"))
ANY = ONE.format(href="", id="", end="")
GROUP = re.compile(rf"\s*\((?P<links>{ANY}(?:,\s*{ANY})*)\)")
TABLE = re.compile(r'<table class="manual-table.*?</table>', re.DOTALL)
PAGES = re.compile(r"book/(?:index|(?:chapters|cases|claims|sheets)/[\w-]+)")
TIMED = re.compile(r"book/(?:chapters|cases|claims)/")
LEFT = re.compile(
    r'<(table|details|svg|script|style|nav|aside|pre)\b.*?</\1>|<section class="live-calculator".*?</section>',
    re.DOTALL,
)
CARE = re.compile(
    r'(<section id="where-else-the-paper-needs-care">\s*<h2>.*?</h2>)(.*?)(</section>)', re.DOTALL
)
"""A chapter's notes on the paper that belong to no passage: they are folded."""

WORDS_A_MINUTE = 180
"""A slow pace, for a text in which each sentence decides something."""


def cite_small(page: str, text: str) -> str:
    """A page's HTML with its citations as marks and its notes at the end. ``page``: its name, without ending."""
    found = ARTICLE.search(text)
    if not found or not PAGES.fullmatch(page) or 'class="page-sources"' in text:
        return text
    numbers: dict[str, tuple[int, str]] = {}

    def marks(match: re.Match[str]) -> str:
        made = []
        for link in LINK.finditer(match["links"]):
            number, _ = numbers.setdefault(link["id"], (len(numbers) + 1, link["href"]))
            made.append(f'<a href="#note-{number}" aria-label="note {number}">{number}</a>')
        return f'<sup class="cites">{", ".join(made)}</sup>'

    # tables keep the names of statements: there they are a column of their own
    body, place = "", 0
    for table in TABLE.finditer(found[2]):
        body += GROUP.sub(marks, found[2][place : table.start()]) + table[0]
        place = table.end()
    body += GROUP.sub(marks, found[2][place:])
    if TIMED.match(page):
        body = body.replace("</h1>", f'</h1>\n<p class="reading-time">{_time(body)}</p>', 1)
    told = '<details class="folding" open="open"><summary>The notes on the paper</summary>'
    body = CARE.sub(lambda care: f"{care[1]}{told}{care[2]}</details>{care[3]}", body)
    if numbers:
        body += _notes(numbers)
    return text[: found.start(2)] + body + text[found.end(2) :]


def _time(body: str) -> str:
    words = len(re.sub(r"<[^>]*>", " ", LEFT.sub(" ", body)).split())
    minutes = max(1, round(words / WORDS_A_MINUTE))
    return f"About {minutes} minute{'s' if minutes > 1 else ''} to read, tables and questions left out."


def _notes(numbers: dict[str, tuple[int, str]]) -> str:
    items = [
        f'<li id="note-{number}">{escape(marked(id))} {"; ".join(map(_source, _sources(id)))}. '
        f'<span class="note-basis">{escape(BASIS[basis(id)])}.</span> '
        f'<a href="{href}">Ledger: {escape(id)}</a></li>'
        for id, (number, href) in numbers.items()
    ]
    told = f"Notes: the sources of this page ({len(items)})"
    return (
        f'<section class="page-sources"><details class="folding" open="open"><summary>{told}</summary>'
        f"<ol>{''.join(items)}</ol></details></section>\n"
    )


def _sources(id: str) -> tuple[Source, ...]:
    entry = guidance()[id]
    return tuple(sources()[name] for name in dict.fromkeys((entry.source, *entry.confirmed_by)))


def _source(source: Source) -> str:
    """Publisher, title, section, day and address, as far as they are known."""
    day = f"looked at {source.looked_at}" if source.looked_at else source.date
    said = [escape(part) for part in (source.publisher, source.title, source.section, day) if part]
    links = [
        f'<a href="{escape(url)}" rel="noreferrer">{escape(url.split("/")[2])}</a>' for url in source.address
    ]
    return ", ".join([*said, *links])
