"""Narratives, notes and checklists for lines that want words: a text to finish, never one that invents.

What the claim says is filled in; all else is a gap in square brackets. Which letter belongs to which line stands in
``data/letters.toml``. Jinja2 is wanted when a letter is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import areas, places
from omsnb.claims import Claim, ServiceLine
from omsnb.reading import DataError, data_folder
from omsnb.tables import codes, facts, guidance

FILE = "letters.toml"
FORMATS = ("text", "html")


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
    raw = tomllib.loads(data_folder().joinpath(FILE).read_text(encoding="utf-8"))
    found: dict[str, Letter] = {}
    for entry in raw["letter"]:
        where = f"data/{FILE} letter {entry.get('id', '(no id)')}"
        wanted = {"id", "title", "codes", "text", "checklist"}
        for key in (wanted - set(entry)) | (set(entry) - wanted - {"modifiers"}):
            raise DataError(f"{where}: {key} is missing or not known")
        for code in entry["codes"]:
            if code not in codes():
                raise DataError(f"{where}: code {code!r} is not in codes.csv")
        items = tuple(CheckItem(item["item"], tuple(item["guidance"])) for item in entry["checklist"])
        for id in (id for item in items for id in item.guidance):
            if id not in guidance():
                raise DataError(f"{where}: guidance {id!r} is not in guidance.csv")
        found[entry["id"]] = Letter(
            entry["id"], entry["title"], tuple(entry["codes"]), tuple(entry.get("modifiers", ())),
            entry["text"].strip(), items,
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
        "place": places()[claim.place].label if claim.place else "",
        "attachment": line.attachment,
        "rendering": line.rendering,
    }
    words = {
        "tooth": "tooth or area",
        "maker": "who designed it and who made it",
        "place": "place of service",
        "attachment": "yes or no",
        "rendering": "name of the surgeon",
    }
    return {name: value or gap(words.get(name, name)) for name, value in given.items()}


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
    from jinja2 import Environment, StrictUndefined

    plain = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)
    text = plain.from_string(letter.text).render(**line_facts(claim, line), gap=gap)
    if format == "text":
        items = "\n".join(f"[ ] {item.item} ({', '.join(item.guidance)})" for item in letter.checklist)
        return f"{letter.title}\n\n{text}\n\nBefore it goes out\n{items}\n"
    page = Environment(undefined=StrictUndefined, autoescape=True)
    paragraphs = [_parts(paragraph) for paragraph in text.split("\n\n")]
    return page.from_string(PAGE).render(letter=letter, paragraphs=paragraphs)


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
