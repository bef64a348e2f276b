"""A deck of slides for each chapter, for instructors: outcomes, each table in short, and what gets denied.

Made from the chapter's own page and from its tables, so that a deck cannot say another thing than the book. A slide is
a page of landscape paper; beneath it stand the minutes that it takes and notes for the person who teaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.edition import edition
from omsnb.exercises.questions import outcome
from omsnb.records import Table
from omsnb.site.freshness import watch
from omsnb.site.html import element
from omsnb.site.in_short import MOST_LINES, in_short
from omsnb.tables import sections, tables

FOLDER = "slides"
CHAPTERS = ("I", "II", "III", "IV", "V", "VI")
ROLE = re.compile(r"\s*\((?:\{guidance\}`[^`]*`(?:,\s*)?)+\)|\{\w+\}`([^`]*)`|\[([^\]]*)\]\([^)]*\)|\*+")
MOST_NOTES = 6
"""Reasons under a slide: more is read by nobody while speaking."""


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide: its lines, the minutes it takes, and notes for the instructor."""

    title: str
    lines: tuple[str, ...]
    minutes: int
    notes: tuple[str, ...]


def deck(section: str, source: str) -> list[Slide]:
    """The slides of a chapter. ``section``: one of ``CHAPTERS``; ``source``: the text of its page."""
    title = sections()[section].title
    outcomes = _items(source.partition("you can**")[2].partition("\n## ")[0])
    denied = _items(source.partition("## Common denials")[2].partition("\n## ")[0])
    kept = _items(source.partition("## Keep in the record")[2].partition("\n## ")[0])
    ask = tuple(re.findall(r"^```\{dropdown\} \d+\. (.*)$", source, re.M))
    replies = re.findall(r"^```\{dropdown\} .*?$\n(.*?)^```$", source, re.M | re.S)
    made = [
        Slide(
            f"{section}. {title}",
            outcomes,
            3,
            ("Ask first who has billed one of these, and what came back.",),
        )
    ]
    made += [_of_table(tables()[name]) for name in tables_of(source)]
    made.append(
        Slide("Common denials", denied, 5, ("Let the class name the fact that was missing before you do.",))
    )
    made.append(
        Slide("Keep in the record", kept, 3, ("Have each learner mark one item that the own office lacks.",))
    )
    made.append(Slide("Questions", tuple(map(_plain, ask)), 2 * len(ask), tuple(map(_plain, replies))))
    return [slide for slide in made if slide.lines]


def tables_of(source: str) -> list[str]:
    """The decision tables that a chapter shows, in its order."""
    return re.findall(r"^```\{decision-table\} (\S+)$", source, re.M)


def _of_table(table: Table) -> Slide:
    said = [f"If {if_}, then {then}." for if_, then in in_short(table)]
    lines = said or [f"{row.because} → {outcome(table, row)}" for row in table.rows[:MOST_LINES]]
    reasons = dict.fromkeys(row.because for row in table.rows)
    notes = tuple(reasons)[:MOST_NOTES] if said else ("The chapter has the table itself.",)
    return Slide(table.title, tuple(lines), 2 + len(lines) // 2, notes)


def _items(text: str) -> tuple[str, ...]:
    return tuple(_plain(item) for item in re.findall(r"^- (.*(?:\n  .*)*)", text, re.M))


def _plain(text: str) -> str:
    return " ".join(ROLE.sub(lambda found: found[1] or found[2] or "", text).split())


def deck_html(section: str, slides: list[Slide]) -> str:
    """A deck as a page of its own; it asks no other host and runs no script."""
    whole = sum(slide.minutes for slide in slides)
    shown = "\n".join(_slide(slide, place, len(slides)) for place, slide in enumerate(slides, 1))
    title = escape(f"{section}. {sections()[section].title}: slides")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f"<body><main><h1>{title}</h1><p>{len(slides)} slides, about {whole} minutes. Edition {edition().edition}, "
        f"code sets of {edition().code_year}. Print in landscape: each slide is a page, with its notes beneath.</p>\n"
        f"{shown}\n</main></body></html>\n"
    )


def _slide(slide: Slide, place: int, count: int) -> str:
    lines = "".join(f"<li>{escape(line)}</li>" for line in slide.lines)
    notes = "".join(f"<li>{escape(note)}</li>" for note in slide.notes)
    return (
        f'<section><div class="slide"><h2>{escape(slide.title)}</h2><ul>{lines}</ul></div>'
        f'<div class="notes"><p>Slide {place} of {count}, {slide.minutes} minutes</p><ul>{notes}</ul></div></section>'
    )


STYLE = (
    "@page{size:A4 landscape;margin:12mm}*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:60rem;padding:0 1rem;font:16px/1.4 system-ui,sans-serif}"
    "body{color:#1b2733;background:#fff}"
    "h1{font-size:1.4em;color:#0b6470}section{margin:1.5rem 0;break-before:page}"
    "h2{color:#0b6470;font-size:1.5em;margin:0}"
    ".slide{padding:1.2rem 1.6rem;border:1px solid #8a979d;border-radius:6px}"
    ".slide{min-height:22rem}.slide li{margin:.35em 0}"
    ".slide ul{font-size:1.1em}.notes{font-size:.85em;color:#45525a}"
)


class Slides(SphinxDirective):
    """Lists the decks with their links."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Makes the list; the decks are written at the end of the build."""
        watch(self.env)
        up = "../" * self.env.docname.count("/")
        items = [
            element("li", element("a", f"{name}. {sections()[name].title}", href=f"{up}{FOLDER}/{name}.html"))
            for name in CHAPTERS
        ]
        return [element("ul", *items)]


def decks(root: Path) -> Iterator[tuple[str, str]]:
    """Each chapter's deck as a page. ``root``: the folder that holds ``book``."""
    for section in CHAPTERS:
        source = (root / f"{sections()[section].page}.md").read_text(encoding="utf-8")
        yield section, deck_html(section, deck(section, source))


def write(app: Sphinx, problem: Exception | None) -> None:
    """Writes the decks beside the book."""
    if (
        problem
        or app.builder.format != "html"
        or not (Path(app.srcdir) / f"{sections()['I'].page}.md").is_file()
    ):
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for section, text in decks(Path(app.srcdir)):
        (folder / f"{section}.html").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Registers the directive and connects to the end of a build, after the pages were mended."""
    app.add_directive("slides", Slides)
    app.connect("build-finished", write, priority=950)
