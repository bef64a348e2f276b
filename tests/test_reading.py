"""What makes a page readable: citations as marks with notes, the time it takes, the level of a visit as a grid."""

from __future__ import annotations

import re

import pytest
from docutils import nodes

from omsnb.site.citing import cite_small
from omsnb.site.visit_tables import grid, times
from omsnb.tables import facts, guidance, sources, tables
from omsnb.tables.book_tables import visit_examples


def link(id: str) -> str:
    return (
        f'<span class="guidance-link"><a class="reference internal" href="../reference/guidance.html#guidance-{id}" '
        f'title="x"><span>{id}</span></a></span>'
    )


def page(body: str) -> str:
    return f'<article class="bd-article"><h1>T</h1>{body}</article>'


def test_brackets_become_numbers_and_each_statement_gets_one_note() -> None:
    ids = ("cur-mdm-01", "VI-17")
    text = cite_small(
        "book/chapters/x", page(f"<p>A ({link(ids[0])}, {link(ids[1])}). B ({link(ids[0])}).</p>")
    )
    assert re.findall(r'<sup class="cites">(.*?)</sup>', text) == [
        '<a href="#note-1" aria-label="note 1">1</a>, <a href="#note-2" aria-label="note 2">2</a>',
        '<a href="#note-1" aria-label="note 1">1</a>',
    ]
    assert text.count("<li id=") == 2 and "(2)" in text
    assert cite_small("book/chapters/x", text) == text, "a second run changes nothing"


@pytest.mark.parametrize("id", [id for id in guidance() if guidance()[id].confirmed == "yes"][::25])
def test_a_note_gives_publisher_title_section_day_and_address(id: str) -> None:
    text = cite_small("book/chapters/x", page(f"<p>A ({link(id)}).</p>"))
    plain = re.sub(r"<[^>]*>", "", text).replace("&#x27;", "'").replace("&amp;", "&").replace("&quot;", '"')
    assert guidance()[id].statement in plain
    for name in (guidance()[id].source, *guidance()[id].confirmed_by):
        source = sources()[name]
        for part in (source.publisher, source.title, source.section, source.looked_at):
            assert part in plain, (name, part)
        for url in source.address:
            assert f'href="{url.replace("&", "&amp;")}"' in text


def test_tables_and_other_brackets_stay() -> None:
    body = f'<table class="manual-table rows"><tr><td>A ({link("VI-17")})</td></tr></table><p>(see {link("VI-17")})</p>'
    assert "<sup" not in cite_small("book/chapters/x", page(body))


def test_reading_time_counts_prose_alone() -> None:
    words = "word " * 1800
    said = re.search(r"About (\d+) minutes", cite_small("book/chapters/x", page(f"<p>{words}</p>")))
    assert said and said[1] == "10"
    hidden = f"<table><tr><td>{words}</td></tr></table><details>{words}</details>"
    assert "About 1 minute to read" in cite_small("book/chapters/x", page(hidden))


def cells(node: nodes.Element) -> list[list[str]]:
    """The texts of a table's rows."""
    rows = [one for one in node.findall() if getattr(one, "get", None) and one.get("name") == "tr"]
    return [[cell.astext() for cell in row.children] for row in rows]


def test_the_grid_has_four_levels_by_three_elements_each_with_an_example() -> None:
    top, *rows = cells(grid())
    assert len(top) == 4 and [row[0] for row in rows] == ["straightforward", "low", "moderate", "high"]
    for row, level in zip(rows, facts()["mdm"].values, strict=True):
        for cell, element in zip(row[1:], tables()["mdm"].columns, strict=True):
            assert facts()[element].values[level].help in cell and visit_examples()[element, level] in cell


def test_the_time_table_shows_every_code_by_time_once() -> None:
    _, *rows = cells(times())
    shown = [cell[:5] for row in rows for cell in row[1:]]
    assert shown == [row.report for row in tables()["visit-by-time"].rows if row.report]
    assert len(rows) == len({row[0] for row in rows}) >= 6
