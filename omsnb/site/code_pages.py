"""A page for every code of ``codes.csv``: written as sources before Sphinx looks for them, drawn by a directive.

The sources hold a title and the directive alone. They lie in the folder that ``omsnb_code_pages`` names, which git
ignores; a source is written only when it differs, so that a second build reads nothing again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective

from omsnb.changes import code_history
from omsnb.coding import code_case
from omsnb.fees import COMPONENTS, FACILITY, OFFICE, factors_text, fee_releases, worth_data
from omsnb.records import Code, Row
from omsnb.site.code_checks import checks_of
from omsnb.site.discrepancy import box
from omsnb.site.domain import domain_of
from omsnb.site.freshness import watch
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.reference_codes import ADJUDICATION, chapter_title, rules, section
from omsnb.site.text import CODE, chip, cite, marks, paragraph, reference
from omsnb.tables import cases, codes, crosswalk, discrepancies, facts, guidance, mue, sources, tables


def source_text(code: Code) -> str:
    """The source of a code's page.

    The page of a code that no table reports names many claim checks: its words stay out of the search, which finds it
    by its number, label and synonyms all the same.
    """
    reported = any(row.report == code.code for table in tables().values() for row in table.rows)
    search = "" if reported else "nosearch: true\n"
    return (
        f"---\norphan: true\n{search}---\n# {code.code}: {code.label}\n\n```{{code-page}} {code.code}\n```\n"
    )


def write_sources(app: Sphinx, config: Config) -> None:
    """Writes the sources of the code pages, drops those of codes that are gone, and lets Sphinx read them."""
    if not config.omsnb_code_pages:
        return
    folder = Path(app.srcdir) / config.omsnb_code_pages
    folder.mkdir(parents=True, exist_ok=True)
    for code in codes().values():
        file, text = folder / f"{code.code}.md", source_text(code)
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
    for file in folder.glob("*.md"):
        if file.stem not in codes():
            file.unlink()
    # the table of contents does not list them, and what it does not list is excluded
    prefix = f"{config.omsnb_code_pages}/"
    config["exclude_patterns"] = [
        entry for entry in config["exclude_patterns"] if not entry.startswith(prefix)
    ]


class CodePage(SphinxDirective):
    """``{code-page} CODE``: all that the manual knows of a code."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the code and draws its page."""
        name = self.arguments[0].strip()
        if name not in codes():
            return [
                self.state.document.reporter.warning(
                    f"code {name!r} is not in data/codes.csv", line=self.lineno
                )
            ]
        watch(self.env)
        code = codes()[name]
        anchor = domain_of(self.env).note("code", name, f"{name} {code.label}")
        made: list[nodes.Node] = [
            index_entries(code, anchor),
            nodes.target("", "", ids=[anchor]),
            paragraph(
                f"{code.system} code, {chapter_title(code.chapter)}. In our own words: {code.label}. "
                f"Its official wording stands in your {code.system} code book."
            ),
            element("p", chip(name), class_="code-large"),
        ]
        if code.note:
            made.append(paragraph(code.note))
        if code.synonyms:
            made.append(paragraph(f"Also called: {', '.join(code.synonyms)}."))
        for title, parts in (
            ("What reports it", list(decided_by(name))),
            ("Cases that use it", list(used_in(name))),
            ("Claim checks that touch it", list(checks_of(name))),
            ("Indicators and limits", list(indicators(code))),
            ("Medicare value", list(value(name))),
            ("Crosswalk", list(pairs(name))),
            ("History", list(history(name))),
            ("Notes on the paper", [box(entry) for entry in discrepancies().values() if names(entry, name)]),
            ("Statements that name it", list(statements_on(name))),
        ):
            if parts:
                made.append(section(f"{title.lower().replace(' ', '-')}", title, *parts))
        made.append(paragraph("All codes: ", index_link()))
        return made


def index_link() -> addnodes.pending_xref:
    """A link to the code index, the contents of these pages."""
    link = addnodes.pending_xref(
        refdomain="std", reftype="doc", reftarget="/book/reference/codes", refexplicit=True, refwarn=True
    )
    link += nodes.inline("", "code index")
    return link


def index_entries(code: Code, anchor: str) -> addnodes.index:
    """The code's entries in the general index: its number, its label, and a "see" for each synonym."""
    entries: list[tuple[str, str, str, str, None]] = [
        ("single", f"{code.code} ({code.label})", anchor, "", None),
        ("single", f"{code.label}; {code.code}", anchor, "", None),
    ]
    entries += [("see", f"{synonym}; {code.code}", anchor, "", None) for synonym in code.synonyms]
    return addnodes.index(entries=entries)


def decided_by(code: str) -> Iterator[nodes.Node]:
    """The rows of the decision tables that yield a code, a table each; says so when there is none."""
    found = False
    for shown in tables().values():
        rows = [row for row in shown.rows if row.report == code]
        if not rows:
            continue
        found = True
        title = f"Rows of: {shown.title}"
        heads = [head(text) for text in ("Row", "When", "Report", "Why")]
        yield paragraph("Table ", reference("table", shown.name, nodes.inline("", shown.title)), ":")
        yield wide(title, table(title, heads, [_rule(row) for row in rows], "rows"))
    if not found:
        yield paragraph(
            "No decision table reports it; it is listed because a text or a neighboring code needs it."
        )


def _rule(row: Row) -> tag:
    conditions = [
        element("li", f"{facts()[fact].question} {_allowed(fact, value)}")
        for fact, value in row.conditions.items()
    ]
    return element(
        "tr",
        element("th", str(row.number), scope="row"),
        element("td", element("ul", *conditions) if conditions else nodes.Text("always")),
        element("td", chip(row.report, row.modifiers), element("p", f"Units: {row.units}", class_="units")),
        element("td", row.because, element("p", *cite(row.guidance), class_="documents")),
    )


def _allowed(fact: str, value: frozenset[str] | range) -> str:
    known = facts()[fact]
    if isinstance(value, range):
        return f"{value[0]} to {value[-1]} {known.unit}" if len(value) > 1 else f"{value[0]} {known.unit}"
    return " or ".join(known.label(entry) for entry in known.values if entry in value)


@cache
def _worksheet_codes() -> Mapping[tuple[str, str], frozenset[str]]:
    """What each case and each of its variants can report, in the paper's reading."""
    return {
        (name, variant): frozenset(code_case(name, variant=variant or None).codes)
        for name, case in cases().items()
        for variant in ("", *case.variants)
    }


def used_in(code: str) -> Iterator[nodes.Node]:
    """The cases whose worksheet can hold a code."""
    items = []
    for name, case in cases().items():
        hits = [v for v in ("", *case.variants) if code in _worksheet_codes()[name, v]]
        if hits:
            link = addnodes.pending_xref(
                refdomain="std", reftype="doc", reftarget=f"/{case.page}", refexplicit=True, refwarn=True
            )
            link += nodes.inline("", case.title)
            only = "" if "" in hits else f" ({', '.join(case.variants[v].label for v in hits)})"
            items.append(element("li", link, only))
    if items:
        yield element("ul", *items)


def indicators(code: Code) -> Iterator[nodes.Node]:
    """What travels with a code, with the source; and its unit limits by date."""
    listed = list(rules(code)) or ["nothing noted"]
    yield element("ul", *(element("li", entry) for entry in listed))
    yield paragraph(
        "Source: ", reference("source", code.source, nodes.inline("", sources()[code.source].dated)), "."
    )
    limits = [limit for limit in mue() if limit.code == code.code]
    if not limits:
        yield paragraph("Its unit limit (MUE) is not known to this manual.")
        return
    title = f"Unit limits of {code.code} by date"
    heads = [head(text) for text in ("From", "Units", "How the limit works", "Reason", "Source")]
    rows = [
        element(
            "tr",
            element("th", limit.effective or "not known", scope="row"),
            element("td", str(limit.units), class_="number"),
            element("td", f"MAI {limit.mai}: {ADJUDICATION[limit.mai]}"),
            element("td", limit.rationale),
            element("td", reference("source", limit.source, nodes.inline("", sources()[limit.source].dated))),
        )
        for limit in limits
    ]
    yield wide(title, table(title, heads, rows))


def value(code: str) -> Iterator[nodes.Node]:
    """What the fee schedule says a code is worth: units and national amount, for office and facility."""
    worth = worth_data(code)
    if not worth:
        yield paragraph("The fee schedule that this manual holds does not list it.")
        return
    title = f"Relative value units and national amount of {code}"
    heads = [
        head(text)
        for text in ("For", "Work", "Expense", "Malpractice", "Units in all", "Amount", "By the other factor")
    ]
    rows = [
        element(
            "tr",
            element("th", f"{COMPONENTS[row['component'] or '']}, {rate}", scope="row"),
            *(
                element("td", text, class_="number")
                for text in (
                    row["work"], row[rate]["expense"], row["malpractice"], row[rate]["total"],
                    _dollars(row[rate]["amount"]), _dollars(row[rate]["other_amount"]),
                )
            ),
        )
        for row in worth
        for rate in (OFFICE, FACILITY)
    ]  # fmt: skip
    yield wide(title, table(title, heads, rows))
    for release in dict.fromkeys(row["release"] for row in worth):
        id = fee_releases()[release].source
        yield paragraph(
            f"{factors_text(release)} Source: ",
            reference("source", id, nodes.inline("", sources()[id].dated)),
            ".",
        )


def _dollars(amount: str | None) -> str:
    return f"${amount}" if amount else "none set"


def pairs(code: str) -> Iterator[nodes.Node]:
    """The crosswalk rows that hold a code."""
    items = []
    for entry in crosswalk().values():
        sides = {"medical": entry.medical, "dental": entry.dental}
        held = [side for side, listed in sides.items() if code in {part.split("-")[0] for part in listed}]
        for side in held:
            other = "dental" if side == "medical" else "medical"
            parts: list[nodes.Node | str] = [
                reference("crosswalk", entry.id, nodes.inline("", entry.label)),
                f", on the {other} claim: ",
            ]
            for part in sides[other]:
                number, *modifiers = part.split("-")
                parts += [chip(number, modifiers), " "]
            items.append(element("li", *parts, *([] if sides[other] else ["no code"])))
    if items:
        yield element("ul", *items)


def history(code: str) -> Iterator[nodes.Node]:
    """Dated changes of a code."""
    items = [element("li", f"{change.date}: {change.text}") for change in code_history(code)]
    if items:
        yield element("ul", *items)


def names(entry: Any, code: str) -> bool:
    """Whether a note on the paper names a code."""
    return code in CODE.findall(" ".join((entry.paper_says, entry.current_rule, entry.manual_does)))


def statements_on(code: str) -> Iterator[nodes.Node]:
    """Statements of the ledger that name a code."""
    items = [
        element("li", *cite([entry.id]), ": ", *paragraph(entry.statement).children, *marks([entry.id]))
        for entry in guidance().values()
        if code in CODE.findall(entry.statement)
    ]
    if items:
        yield element("ul", *items)


def setup(app: Sphinx) -> None:
    """Registers the directive and the writing of sources, after the table of contents was read."""
    app.add_config_value("omsnb_code_pages", "", "env", types=(str,))
    app.add_directive("code-page", CodePage)
    app.connect("config-inited", write_sources, priority=950)
