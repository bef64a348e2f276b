"""The index of all decision tables."""

from __future__ import annotations

from docutils import nodes

from omsnb.network import settling_tables
from omsnb.records import Table
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.reference_codes import chapter_title, section
from omsnb.site.text import chip, paragraph, reference
from omsnb.tables import facts, tables


def decision_index(domain: ManualDomain) -> list[nodes.Node]:
    """One section a chapter, one row a table."""
    grouped: dict[str, list[Table]] = {}
    for shown in tables().values():
        grouped.setdefault(shown.chapter, []).append(shown)
    made: list[nodes.Node] = []
    for chapter, members in grouped.items():
        title = chapter_title(chapter)
        heads = [head(text) for text in ("Table", "Asks", "Leads to")]
        rows = [_row(shown) for shown in members]
        made.append(
            section(
                f"tables-{chapter.lower()}",
                title,
                wide(f"Decision tables: {title}", table(f"Decision tables: {title}", heads, rows, "index")),
            )
        )
    return made


def _row(shown: Table) -> tag:
    link = reference("table", shown.name, nodes.inline("", shown.title))
    return element(
        "tr",
        element(
            "th",
            element("p", link),
            *([element("small", *paragraph(shown.about).children)] if shown.about else []),
            scope="row",
        ),
        element("td", element("ul", *(_asked(fact) for fact in shown.columns))),
        element("td", *_outcomes(shown)),
    )


def _asked(fact: str) -> tag:
    parts: list[nodes.Node | str] = [facts()[fact].question]
    for source in settling_tables(fact):
        parts += [" (worked out in: ", reference("table", source.name, nodes.inline("", source.title)), ")"]
    return element("li", *parts)


def _outcomes(shown: Table) -> list[nodes.Node]:
    made: list[nodes.Node] = []
    for code in dict.fromkeys(row.report for row in shown.rows if row.report):
        made += [chip(code), nodes.Text(" ")]
    made += [element("p", "Settles: ", facts()[fact].question) for fact in sorted(shown.concludes)]
    return made
