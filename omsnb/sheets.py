"""One-page sheets that an office pins up, as HTML pages of their own: worked out from the tables, or forms to fill in.

Nothing is said here: what stands on a sheet comes from ``data/sheets.toml``, the decision tables, and the letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from types import MappingProxyType

from omsnb.answers import words
from omsnb.edition import edition
from omsnb.letters import FILLED, WORDS, gap, letters
from omsnb.line_text import line_text
from omsnb.periods import last_safe_date
from omsnb.reading import Block, read_toml
from omsnb.records import Row
from omsnb.tables import codes, facts, guidance, sources, tables
from omsnb.tables.book_tables import visit_examples

FILE = "sheets.toml"
GAP = re.compile(r"\[[^\]]*\]")
MDM, BY_TIME, FAMILY, MINUTES = "mdm", "visit-by-time", "family", "minutes"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: how it is made (``kind``), what it is made of (``of``), and the statements at its foot."""

    id: str
    title: str
    kind: str
    of: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...]
    guidance: tuple[str, ...]


@cache
def sheets() -> Mapping[str, Sheet]:
    """All sheets by id. Raises ``DataError`` for an unknown kind, table, code, letter or statement."""
    raw = read_toml(FILE)
    raw.keys(("sheet",))
    found: dict[str, Sheet] = {}
    for entry in raw.tables("sheet"):
        kind = entry.one_of("kind", *KINDS)
        wanted = {"table": ("table",), "days": ("code",), "letters": ("letters",), "form": ("parts",)}.get(
            kind, ()
        )
        entry.keys(("id", "title", "kind", "guidance", *wanted))
        id = entry.text("id")
        if id in found or not re.fullmatch(r"[a-z-]+", id):
            raise entry.error("id", f"{id!r} stands twice, or is not of small letters and hyphens")
        parts = tuple(_part(part) for part in entry.tables("parts")) if kind == "form" else ()
        cited = entry.texts("guidance", guidance(), "guidance.csv")
        found[id] = Sheet(id, entry.text("title"), kind, _of(kind, entry), parts, cited)
    return MappingProxyType(found)


def _part(part: Block) -> tuple[str, tuple[str, ...]]:
    part.keys(("heading", "lines"))
    return part.text("heading"), part.texts("lines")


def _of(kind: str, entry: Block) -> tuple[str, ...]:
    if kind == "table":
        return (entry.one_of("table", *tables()),)
    if kind == "days":
        return (entry.one_of("code", *codes()),)
    return entry.texts("letters", letters(), FILE) if kind == "letters" else ()


def sheet_html(sheet: Sheet) -> str:
    """A sheet as a page of its own, to be printed on one page of A4 or letter paper."""
    cited = dict.fromkeys(sources()[guidance()[id].source].title for id in sheet.guidance)
    foot = (
        f"Edition {edition().edition}, code sets of {edition().code_year}, valid to {edition().valid_until}. "
        f"Rests on: {'; '.join(cited)} ({', '.join(sheet.guidance)}). "
        "For training; the payer and your code books decide."
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(sheet.title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head>\n'
        f'<body class="{sheet.kind}"><main><h1>{escape(sheet.title)}</h1>\n{KINDS[sheet.kind](sheet)}\n'
        f"</main><footer>{escape(foot)}</footer></body></html>\n"
    )


def _table(heads: list[str], rows: list[list[str]], caption: str) -> str:
    top = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    made = f"<table><caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    # on a phone it scrolls by itself, also by keyboard
    return f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0">{made}</div>'


def _visit(sheet: Sheet) -> str:
    elements = tables()[MDM].columns
    levels = [
        [level.label]
        + [
            f"{escape(facts()[name].values[level.value].help)} <i>{escape(visit_examples()[name, level.value])}</i>"
            for name in elements
        ]
        for level in facts()[MDM].values.values()
    ]
    grid = _table(
        ["Level", *(facts()[name].question for name in elements)], levels, "Two of the three reach the level"
    )
    times: dict[str, list[str]] = {}
    for row in tables()[BY_TIME].rows:
        if row.report:
            (family,) = map(str, row.conditions[FAMILY])
            said = words(facts()[MINUTES], row.conditions[MINUTES]).removesuffix(" minutes")
            times.setdefault(family, []).append(f"<b>{row.report}</b> {escape(said)}")
    heads = ["Family", *(f"Level {number}" for number in range(1, 1 + max(map(len, times.values()))))]
    rows = [[escape(facts()[FAMILY].label(family)), *cells] for family, cells in times.items()]
    return grid + _table(heads, rows, "Or by the clinician's minutes on the day")


def _decision(sheet: Sheet) -> str:
    table = tables()[sheet.of[0]]
    settles = [] if any(row.report for row in table.rows) else sorted(table.concludes)
    heads = [facts()[name].question for name in table.columns] + (
        ["On the claim"] if not settles else ["Billed"]
    )

    def outcome(row: Row) -> str:
        if settles:
            return ", ".join(
                facts()[name].label(row.concludes[name]) for name in settles if name in row.concludes
            )
        return line_text(row.report, row.modifiers, row.units) if row.report else "nothing"

    rows = [
        [
            *(
                escape(words(facts()[name], row.conditions[name])) if name in row.conditions else "any"
                for name in table.columns
            ),
            f"<b>{escape(outcome(row))}</b><br>{escape(row.because)}",
        ]
        for row in table.rows
    ]
    return _table(heads, rows, f"{table.title}: find the row that fits")


def _days(sheet: Sheet) -> str:
    (code,) = sheet.of
    year = edition().code_year

    def safe(month: int, day: int) -> str:
        try:
            return f"{last_safe_date(codes()[code].global_days, date(year, month, day)):%b %-d}"
        except ValueError:
            return ""

    heads = ["Day", *(f"{date(year, month, 1):%B}" for month in range(1, 13))]
    rows = [[str(day), *(safe(month, day) for month in range(1, 13))] for day in range(1, 32)]
    told = (
        f"Operation in {year}: month across, day down. The cell is the last day on which {code} may be reported so "
        "that its period is over when the operation begins."
    )
    return f"<p>{escape(told)}</p>" + _table(heads, rows, f"{code}: {codes()[code].label}")


def _letters(sheet: Sheet) -> str:
    return "".join(_letter(id) for id in sheet.of)


def _letter(id: str) -> str:
    letter = letters()[id]
    text = FILLED.sub(lambda found: gap(found[2] or WORDS[found[1]]), letter.text)
    paragraphs = "".join(f"<p>{_gaps(paragraph)}</p>" for paragraph in text.split("\n\n"))
    items = "".join(f"<li>{escape(item.item)}</li>" for item in letter.checklist)
    return f"<section><h2>{escape(letter.title)}: {', '.join(letter.codes)}</h2>{paragraphs}<ul>{items}</ul></section>"


def _form(sheet: Sheet) -> str:
    return "".join(
        f"<section><h2>{escape(heading)}</h2>{''.join(f'<p>{_gaps(line)}</p>' for line in lines)}</section>"
        for heading, lines in sheet.parts
    )


def _gaps(text: str) -> str:
    """Text with its gaps as boxes to tick, or as lines to write on with their name beneath."""

    def pieces() -> Iterator[str]:
        place = 0
        for found in GAP.finditer(text):
            yield escape(text[place : found.start()]).replace("   ", " &emsp; ")
            inside = found[0][1:-1].strip()
            yield (
                f'<span class="gap">{escape(inside)}</span>'
                if inside
                else '<span class="tick">&#9744;</span>'
            )
            place = found.end()
        yield escape(text[place:]).replace("   ", " &emsp; ")

    return "".join(pieces())


KINDS: Mapping[str, Callable[[Sheet], str]] = MappingProxyType(
    {"visit": _visit, "table": _decision, "days": _days, "letters": _letters, "form": _form}
)
STYLE = (
    "@page{size:A4;margin:12mm}*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:48rem;padding:0 1rem;font:14px/1.4 system-ui,sans-serif;"
    "color:#1b2733;background:#fff}"
    "h1{font-size:1.5em;margin:.4em 0;color:#0b6470}h2{font-size:1.05em;margin:.8em 0 .2em;color:#0b6470}"
    "p{margin:.35em 0}"
    ".wide{overflow-x:auto}"
    "table{width:100%;border-collapse:collapse;margin:.5em 0;font-size:.86em}caption{text-align:left;font-weight:600}"
    "th,td{border:1px solid #8a979d;padding:.2em .4em;text-align:left;vertical-align:top}thead th{background:#eef4f5}"
    "i{color:#45525a}.gap{display:inline-block;min-width:7em;padding:0 .3em;border-bottom:1px solid #1b2733;"
    "color:#566268;font-size:.85em}.tick{font-size:1.2em}.form p{margin:.7em 0}.days table{font-size:.8em}"
    ".days td,.days th{padding:.1em .3em}footer{margin-top:1em;font-size:.72em;color:#45525a}"
    "@media print{body{max-width:none;padding:0;font-size:12.5px}}"
)
