"""``{decision-table} ct``: a decision table as people read it: questions across, answers and reasons down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.answers import words
from omsnb.network import settling_tables
from omsnb.records import Allowed, Row, Table
from omsnb.site.domain import ManualDomain, domain_of
from omsnb.site.freshness import watch
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.in_short import in_short
from omsnb.site.text import chip, cite, paragraph, reference
from omsnb.tables import documents, facts, tables


class DecisionTable(SphinxDirective):
    """Shows one table of ``decisions.csv``; its rows get anchors such as ``ct-3``."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the name and makes the table."""
        name = self.arguments[0].strip()
        if name not in tables():
            return [
                self.state.document.reporter.warning(
                    f"decision table {name!r} is not in data/decisions.csv", line=self.lineno
                )
            ]
        watch(self.env)
        return [render(tables()[name], domain_of(self.env))]


def render(shown: Table, domain: ManualDomain) -> tag:
    """The whole table as nodes: what it is for, its rows, and what each question means."""
    anchor = domain.note("table", shown.name, shown.title)
    # A table that reports no code at all shows what it settles as columns of its own instead.
    settles = () if any(row.report for row in shown.rows) else tuple(sorted(shown.concludes))
    heads = [_question(fact) for fact in shown.columns]
    heads += [head(facts()[fact].question, element("small", "settled here")) for fact in settles] or [
        head("Report")
    ]
    grid = table(shown.title, heads, [_rule(shown, row, settles) for row in shown.rows], "decision")
    parts: list[nodes.Node] = []
    if shown.scope:
        parts.append(_scope(shown.scope))
    if lines := in_short(shown):
        said = [element("li", f"If {if_}, then ", element("strong", f"{then}.")) for if_, then in lines]
        parts += [paragraph(nodes.strong("", "In short.")), element("ul", *said, class_="in-short")]
    told = f"The table and its {len(shown.rows)} rows"
    # the page's script folds it on a phone; without a script it stays open
    shown_wide = wide(f"Decision table: {shown.title}", grid)
    fold = element("details", element("summary", told), shown_wide, class_="folding", open="open")
    parts += [fold, _help(shown)]
    return element("div", *parts, class_="decision-table", id=anchor)


def _question(fact: str) -> tag:
    parts: list[nodes.Node | str] = [facts()[fact].question]
    if upstream := settling_tables(fact):
        links: list[nodes.Node] = [nodes.Text("worked out in: ")]
        for place, source in enumerate(upstream):
            links += [nodes.Text("; ")] if place else []
            links.append(reference("table", source.name, nodes.inline("", source.title)))
        parts.append(element("small", *links))
    return head(*parts)


def _scope(scope: Mapping[str, Allowed]) -> nodes.paragraph:
    limits = "; ".join(words(facts()[fact], allowed) for fact, allowed in scope.items())
    return paragraph(nodes.strong("", "Use this table for: "), f"{limits}.", class_="scope")


def _rule(shown: Table, row: Row, settles: tuple[str, ...]) -> tag:
    """A row of the table: the conditions and what they lead to, and under them, across all columns, why."""
    cells = []
    for fact in shown.columns:
        if fact in row.conditions:
            cells.append(element("td", *paragraph(words(facts()[fact], row.conditions[fact])).children))
        else:
            cells.append(element("td", "any", class_="any"))
    if settles:
        cells += [element("td", element("strong", _settled(row, fact)), class_="report") for fact in settles]
    else:
        cells.append(element("td", *_report(row), class_="report" if row.report else "report none"))
    why = element("td", *_reason(row), colspan=str(len(cells)), class_="because")
    return element("tbody", element("tr", *cells), element("tr", why), id=f"{shown.name}-{row.name or row.number}")


def _settled(row: Row, fact: str) -> str:
    return facts()[fact].label(row.concludes[fact]) if fact in row.concludes else ""


def _report(row: Row) -> Iterator[nodes.Node]:
    if row.report:
        yield chip(row.report, row.modifiers)
        if row.units != "1":
            yield element("div", units_in_words(row.units), class_="units")
    elif not row.concludes:
        yield nodes.Text("nothing")
    for fact, value in row.concludes.items():
        known = facts()[fact]
        yield element("div", f"{known.question} ", element("strong", known.label(value)), class_="concludes")


def units_in_words(units: str) -> str:
    """A table's units cell for people: ``2`` or ``per 15 from 75``."""
    if not units.startswith("per "):
        return f"{units} unit" if units == "1" else f"{units} units"
    _, step, _, first = units.split()
    return f"1 unit at {first} minutes, 1 more for each further {step}"


def _reason(row: Row) -> Iterator[nodes.Node]:
    yield element("p", element("span", f"Row {row.name or row.number}: ", class_="term"), row.because)
    if row.documents:
        wanted = "; ".join(_uncapitalised(documents()[id].label) for id in row.documents)
        yield element("p", element("span", "Keep on file: ", class_="term"), wanted, class_="documents")
    if row.guidance:
        yield element(
            "p", element("span", "Guidance: ", class_="term"), *cite(row.guidance), class_="documents"
        )


def _uncapitalised(label: str) -> str:
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def _help(shown: Table) -> tag:
    """What each answer means, folded away."""
    entries: list[nodes.Node | str] = []
    for name in dict.fromkeys((*shown.columns, *sorted(shown.concludes))):
        fact = facts()[name]
        entries.append(element("dt", fact.question, *([f" ({fact.unit})"] if fact.unit else [])))
        if fact.about:
            entries.append(element("dd", fact.about))
        for value in fact.values.values():
            meaning = f": {value.help}" if value.help else ""
            entries.append(element("dd", element("strong", value.label), meaning))
    return element(
        "details",
        element("summary", "What the questions and answers mean"),
        element("dl", *entries),
        class_="meanings",
    )


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("decision-table", DecisionTable)
