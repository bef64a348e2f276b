"""Narratives, notes and checklists for lines that want words: a text to finish, never one that invents.

What the claim says is filled in; all else is a gap in square brackets. Which letter belongs to which line stands in
``data/letters.toml``. Jinja2 is wanted for a letter as a page; as text it needs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import areas, places
from omsnb.claims import MODIFIER, Claim, ServiceLine, place_of
from omsnb.reading import read_toml
from omsnb.standing import cited
from omsnb.tables import codes, facts, guidance

FILE = "letters.toml"
FORMATS = ("text", "html")
WORDS = {
    "line": "line",
    "date": "date",
    "units": "units",
    "tooth": "tooth or area",
    "maker": "who designed it and who made it",
    "place": "place of service",
    "attachment": "yes or no",
    "rendering": "name of the surgeon",
}
"""What a letter may say of a line, and the words of the gap where the claim does not give it."""

FILLED = re.compile(r"\{\{ *(?:(" + "|".join(WORDS) + r')|gap\("([^"{}]+)"\)) *\}\}')
BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")


@dataclass(frozen=True, slots=True)
class CheckItem:
    """Something to see to before the claim goes out."""

    item: str
    guidance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A kind of letter: the codes and modifiers it belongs to, its text, its checklist."""

    id: str
    title: str
    codes: tuple[str, ...]
    modifiers: tuple[str, ...]
    text: str
    checklist: tuple[CheckItem, ...]

    def fits(self, line: ServiceLine) -> bool:
        """Whether the letter belongs to a line."""
        wanted = not self.modifiers or not set(self.modifiers).isdisjoint(line.modifiers)
        return line.code in self.codes and wanted


@cache
def letters() -> Mapping[str, Letter]:
    """All letters by id. Raises ``DataError`` for an unknown code, statement or key."""
    raw = read_toml(FILE)
    raw.keys(("letter",))
    found: dict[str, Letter] = {}
    for entry in raw.tables("letter"):
        entry.keys(("id", "title", "codes", "text", "checklist"), ("modifiers",))
        id = entry.text("id")
        if id in found:
            raise entry.error("id", f"{id!r} stands twice")
        modifiers = entry.texts("modifiers") if "modifiers" in entry.raw else ()
        for modifier in modifiers:
            if not MODIFIER.fullmatch(modifier):
                raise entry.error("modifiers", f"{modifier!r} is no modifier")
        if wrong := BRACES.search(FILLED.sub("", entry.text("text"))):
            allowed = ", ".join((*WORDS, 'gap("…")'))
            raise entry.error(
                "text", f"holds {wrong[0]!r} outside of a gap or a known word; allowed: {allowed}"
            )
        items = []
        for item in entry.tables("checklist"):
            item.keys(("item", "guidance"))
            items.append(CheckItem(item.text("item"), item.texts("guidance", guidance(), "guidance.csv")))
        found[id] = Letter(
            id, entry.text("title"), entry.texts("codes", codes(), "codes.csv"), modifiers,
            entry.text("text").strip(), tuple(items),
        )  # fmt: skip
    return MappingProxyType(found)


def letters_for(line: ServiceLine) -> tuple[Letter, ...]:
    """The letters that belong to a line, those with a modifier of the line first."""
    fitting = [letter for letter in letters().values() if letter.fits(line)]
    return tuple(sorted(fitting, key=lambda letter: not letter.modifiers))


def gap(what: str) -> str:
    """A gap for a person to fill."""
    return f"[{what}]"


def line_facts(claim: Claim, line: ServiceLine) -> dict[str, str]:
    """What a letter may say of a line; a fact that the claim does not give is a gap."""
    made_by = facts()["fabricated_by"]
    area = areas()[line.area] if line.area else ""
    given = {
        "line": str(line),
        "date": line.date.isoformat(),
        "units": str(line.units),
        "tooth": line.tooth or area,
        "maker": made_by.label(line.made_by) if line.made_by else "",
        "place": places()[place].label if (place := place_of(claim, line)) else "",
        "attachment": line.attachment,
        "rendering": line.rendering,
    }
    return {name: given[name] or gap(word) for name, word in WORDS.items()}


PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ letter.title }}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}
mark{background:#fff3b0;color:#1b2733}</style>
</head><body><h1>{{ letter.title }}</h1>
{% for paragraph in paragraphs %}<p>
{%- for part, open in paragraph %}{% if open %}<mark>{{ part }}</mark>{% else %}{{ part }}{% endif %}{% endfor -%}
</p>
{% endfor %}<h2>Before it goes out</h2><ul>
{% for item in letter.checklist %}<li>{{ item.item }} <small>({{ item.guidance | join(", ") }})</small></li>
{% endfor %}</ul><h2>Sources</h2><ul>
{% for source in cited %}<li>{{ source }}</li>
{% endfor %}</ul></body></html>
"""


def write_letter(letter: Letter, claim: Claim, line: ServiceLine, format: str = "text") -> str:
    """A letter for a line, to be finished by a person.

    ``format``: ``text`` or ``html`` (a page of its own; all text escaped, gaps marked). Raises ``ValueError`` for
    another format or a line that the letter does not belong to.
    """
    if format not in FORMATS:
        raise ValueError(f"format: {format!r} is not known; allowed: {', '.join(FORMATS)}")
    if not letter.fits(line):
        raise ValueError(f"letter: {letter.id!r} does not belong to {line}")
    known = line_facts(claim, line)
    text = FILLED.sub(lambda found: gap(found[2]) if found[2] else known[found[1]], letter.text)
    ids = [id for item in letter.checklist for id in item.guidance]
    quoted = cited(ids)
    if format == "text":
        items = "\n".join(f"[ ] {item.item} ({', '.join(item.guidance)})" for item in letter.checklist)
        listed = "\n".join(f"- {source}" for source in quoted)
        return f"{letter.title}\n\n{text}\n\nBefore it goes out\n{items}\n\nSources\n{listed}\n"
    from jinja2 import Environment, StrictUndefined

    page = Environment(undefined=StrictUndefined, autoescape=True)
    paragraphs = [_parts(paragraph) for paragraph in text.split("\n\n")]
    return page.from_string(PAGE).render(letter=letter, paragraphs=paragraphs, cited=quoted)


def _parts(paragraph: str) -> list[tuple[str, bool]]:
    """A paragraph as pieces of text, each with whether it is a gap."""
    parts: list[tuple[str, bool]] = []
    rest: Any = paragraph
    while rest:
        before, bracket, after = rest.partition("[")
        parts.append((before, False))
        if bracket:
            inside, _, after = after.partition("]")
            parts.append((f"[{inside}]", True))
        rest = after
    return parts
