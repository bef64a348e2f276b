"""The code index, the limits of units, and the codes that report the same work on either claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from docutils import nodes

from omsnb.records import Code, UnitLimit
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import chip, cite, paragraph, reference
from omsnb.tables import codes, crosswalk, mue, sections, sources, tables

OTHER_CHAPTERS = {
    "surgery": "Operations",
    "prosthesis": "Prostheses, splints and appliances",
    "imaging": "Other images",
    "visit": "Other visits and telehealth",
    "anesthesia": "Anesthesia and sedation",
    "dental": "Dental neighbors of the operations",
    "neighbour": "Neighboring codes",
}
"""Groups of codes that belong to no chapter of the paper."""

GLOBAL_DAYS = {
    "000": "global period: the day only",
    "010": "global period: 10 days",
    "090": "global period: 90 days",
    "ZZZ": "global period: that of the main service",
    "YYY": "global period: set by the payer",
}
"""CMS's global indicators in words; XXX (none applies) goes unsaid."""

MEDICARE = {
    "B": "Medicare never pays it apart",
    "C": "priced by the Medicare contractor",
    "I": "not valid for Medicare",
    "J": "anesthesia: paid by base units and time, not by RVUs",
    "N": "not covered by Medicare",
    "R": "restricted coverage under Medicare",
    "X": "outside the physician fee schedule",
}
"""CMS's status indicators in words; A (active) goes unsaid."""

BILATERAL = {
    "1": "modifier 50 allowed",
    "2": "already both sides: no modifier 50",
    "3": "each side paid in full",
}
"""CMS's bilateral indicators in words; 0 and 9 go unsaid."""

ADJUDICATION = {
    "1": "for each claim line",
    "2": "per day, by rule or anatomy",
    "3": "per day, records can justify more",
}
"""MUE adjudication indicators in words."""


def chapter_title(chapter: str) -> str:
    """A chapter's heading: the paper's section, or one of the manual's own groups."""
    return OTHER_CHAPTERS.get(chapter) or f"{chapter}. {sections()[chapter].title}"


def section(anchor: str, title: str, *children: nodes.Node) -> nodes.section:
    """A section with a heading that stands in the page's contents."""
    made = nodes.section("", nodes.title("", title), *children, ids=[anchor], names=[anchor])
    return made


def code_sections(domain: ManualDomain) -> list[nodes.Node]:
    """One section a chapter, one row a code."""
    grouped: dict[str, list[Code]] = {}
    for code in codes().values():
        grouped.setdefault(code.chapter, []).append(code)
    order = [
        *(name for name in sections() if name in grouped),
        *(name for name in OTHER_CHAPTERS if name in grouped),
    ]
    return [
        section(
            f"codes-{chapter.lower()}", chapter_title(chapter), _code_table(domain, chapter, grouped[chapter])
        )
        for chapter in order
    ]


def _code_table(domain: ManualDomain, chapter: str, shown: Iterable[Code]) -> tag:
    title = f"Codes: {chapter_title(chapter)}"
    heads = [
        head("Code"),
        head("What it reports, in our words"),
        head("Rules that travel with it"),
        head("Decided in"),
    ]
    return wide(title, table(title, heads, [_code_row(domain, code) for code in shown], "codes"))


def _code_row(domain: ManualDomain, code: Code) -> tag:
    anchor = domain.note_row(code.code, f"{code.code} {code.label}")
    label: list[nodes.Node] = [paragraph(nodes.strong("", code.label))]
    if code.note:
        label.append(paragraph(code.note))
    if code.synonyms:
        label.append(element("p", f"Also called: {', '.join(code.synonyms)}", class_="documents"))
    travels = list(rules(code))
    return element(
        "tr",
        element("th", chip(code.code), element("small", code.system), scope="row"),
        element("td", *label),
        element(
            "td",
            element("ul", *(element("li", rule) for rule in travels))
            if travels
            else nodes.Text("none noted"),
        ),
        element("td", *_decided_in(code.code)),
        id=anchor,
    )


def rules(code: Code) -> Iterator[str]:
    """What travels with a code, in short phrases."""
    if code.by_report:
        yield "by report: send a narrative"
    if code.component_split:
        dental = "listed by CMS as one that can be split; the dental form has no modifiers for it"
        yield dental if code.system == "CDT" else "can be split: 26 for the reading, TC for the taking"
    if code.global_days in GLOBAL_DAYS:
        yield GLOBAL_DAYS[code.global_days]
    if code.bilateral in BILATERAL:
        yield BILATERAL[code.bilateral]
    if code.medicare_status in MEDICARE:
        yield MEDICARE[code.medicare_status]
    if limits := [limit for limit in mue() if limit.code == code.code]:
        yield _limit(limits[-1])
    if code.effective_from:
        yield f"valid from {code.effective_from}"
    if code.effective_to:
        yield f"valid until {code.effective_to}"
    if not code.named_by_paper:
        yield "not named by the paper"
    if not code.confirmed:
        yield "not confirmed against an official table"


def _limit(limit: UnitLimit) -> str:
    since = f" in the table of {limit.effective}" if limit.effective else ""
    if not limit.units:
        return f"no unit is paid by Medicare (MUE{since})"
    unit = "unit" if limit.units == 1 else "units"
    return f"at most {limit.units} {unit} {ADJUDICATION[limit.mai]} (MUE{since})"


@cache
def deciding_tables(code: str) -> tuple[str, ...]:
    """Names of the decision tables that can report a code."""
    return tuple(name for name, shown in tables().items() if any(row.report == code for row in shown.rows))


def _decided_in(code: str) -> Iterator[nodes.Node]:
    found = deciding_tables(code)
    if not found:
        yield nodes.Text("no table")
    for name in found:
        yield element("p", reference("table", name, nodes.inline("", tables()[name].title)))


def unit_limit_table(domain: ManualDomain) -> list[nodes.Node]:
    """Medically unlikely edits by date."""
    heads = [head(text) for text in ("Code", "From", "Units", "How the limit works", "Reason", "Source")]
    rows = [
        element(
            "tr",
            element("th", chip(limit.code), scope="row"),
            element("td", limit.effective or "not known"),
            element("td", str(limit.units), class_="number"),
            element("td", f"MAI {limit.mai}: {ADJUDICATION[limit.mai]}"),
            element("td", limit.rationale),
            element("td", reference("source", limit.source, nodes.inline("", sources()[limit.source].dated))),
        )
        for limit in mue()
    ]
    title = "Units that a payer expects at most (MUE)"
    return [wide(title, table(title, heads, rows))]


def crosswalk_table(domain: ManualDomain) -> list[nodes.Node]:
    """Codes for the same work on a medical and on a dental claim."""
    heads = [head(text) for text in ("Service", "Medical claim", "Dental claim", "Condition and notes")]
    rows = []
    for entry in crosswalk().values():
        notes: list[nodes.Node] = [paragraph(text) for text in (entry.condition, entry.note) if text]
        if entry.guidance:
            notes.append(
                element(
                    "p",
                    element("span", "Guidance: ", class_="term"),
                    *cite(entry.guidance),
                    class_="documents",
                )
            )
        rows.append(
            element(
                "tr",
                element("th", entry.label, scope="row"),
                element("td", *_chips(entry.medical)),
                element("td", *_chips(entry.dental)),
                element("td", *notes),
                id=domain.note("crosswalk", entry.id, f"{entry.label}, crosswalk"),
            )
        )
    title = "The same work on a medical and on a dental claim"
    return [wide(title, table(title, heads, rows, "crosswalk sortable"))]


def _chips(listed: Iterable[str]) -> Iterator[nodes.Node]:
    shown = False
    for entry in listed:
        if shown:
            yield nodes.Text(" ")
        code, *modifiers = entry.split("-")
        yield chip(code, modifiers)
        shown = True
    if not shown:
        yield nodes.Text("none")
