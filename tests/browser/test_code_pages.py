"""A page for every code, with all that the data says of it. Reads the built pages as files."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from pathlib import Path

import pytest

from omsnb.changes import code_history
from omsnb.claim_tables import code_pairs
from omsnb.coding import code_case
from omsnb.edit_rules import edit_rules
from omsnb.paper import compare
from omsnb.tables import cases, codes, crosswalk, mue, tables

pytestmark = pytest.mark.book


@cache
def words(html: Path, code: str) -> str:
    """The words of a code's page, without the frame around them."""
    text = (html / f"book/codes/{code}.html").read_text(encoding="utf-8")
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")  # Sphinx writes curly ones
    article = text[text.index("<article") : text.rindex("</article>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", "", re.sub(r"</(?:td|th|li|p)>", " ", article))))


def squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text)


def test_every_code_has_a_page_and_no_other(html: Path) -> None:
    assert {file.stem for file in (html / "book/codes").glob("*.html")} == set(codes())
    for code in codes().values():
        shown = words(html, code.code)
        assert code.label in shown and f"{code.system} code" in shown
        assert all(synonym in shown for synonym in code.synonyms), code.code


def test_rows_stand_on_the_page_of_the_code_they_report(html: Path) -> None:
    for table in tables().values():
        for row in table.rows:
            if row.report:
                shown = words(html, row.report)
                assert f"Rows of: {table.title}" in shown
                assert squeezed(row.because) in squeezed(shown), (table.name, row.number)
                assert all(id in shown for id in row.guidance)


def test_rows_are_counted_alike_on_both_pages(html: Path) -> None:
    """The third row of a table is row 3 in its chapter, on its code's page and on the command line."""
    chapters = [file.read_text(encoding="utf-8") for file in (*sorted((html / "book/chapters").glob("*.html")), html / "book/reference/which-tables.html")]
    for table in tables().values():
        assert [row.id for row in table.rows] == [f"{table.name}:{place}" for place in range(1, len(table.rows) + 1)]
        chapter = next(text for text in chapters if f'id="table-{table.name}"' in text)
        for row in table.rows:
            shown = chapter[chapter.index(f'id="{table.name}-{row.number}"') :].partition("</tbody>")[0]
            assert f">Row {row.number}: <" in shown
            if row.report:
                text = (html / f"book/codes/{row.report}.html").read_text(encoding="utf-8")
                text = text[text.index(f"Rows of: {table.title}") :].partition("</table>")[0]
                first = re.findall(r'<th scope="row">(\d+)</th>', text)
                assert first == [str(other.number) for other in table.rows if other.report == row.report]


def test_a_check_of_one_code_set_stays_off_the_pages_of_others(html: Path) -> None:
    limited = [rule for rule in edit_rules().values() if not rule.codes and {"system", "split"} <= set(rule.first)]
    assert limited
    for rule in limited:
        systems = set()
        for code in codes().values():
            if code.component_split:
                systems.add(code.system)
                assert (rule.title in words(html, code.code)) == (code.system in rule.first["system"]), code.code
        assert len(systems) > 1


def test_cases_stand_on_the_pages_of_their_codes(html: Path) -> None:
    for name, case in cases().items():
        printed = compare(code_case(name)).printed
        assert printed
        for code in printed:
            assert case.title in words(html, code[:5]), (name, code)


def test_claim_checks_stand_on_the_pages_of_the_codes_they_name(html: Path) -> None:
    named = 0
    for rule in edit_rules().values():
        for code in rule.codes:
            named += 1
            assert rule.title in words(html, code), (rule.id, code)
    assert named > 100
    for code in codes().values():
        if code.by_report:
            assert edit_rules()["narrative-by-report"].title in words(html, code.code)


def test_pairs_stand_on_the_pages_of_both_codes(html: Path) -> None:
    for pair in code_pairs().values():
        for code, other in ((pair.first, pair.second), (pair.second, pair.first)):
            if code in codes():
                shown = words(html, code)
                assert other in shown[shown.index("Correct coding pairs") :] and pair.effective in shown


def test_limits_and_history_stand_with_their_dates(html: Path) -> None:
    for limit in mue():
        assert f"{limit.effective or 'not known'} {limit.units} MAI {limit.mai}" in words(html, limit.code)
    for code in codes():
        for change in code_history(code):
            assert squeezed(f"{change.date}: {change.text}") in squeezed(words(html, code))
    for entry in crosswalk().values():
        for code in (*entry.medical, *entry.dental):
            assert entry.label in words(html, code[:5])
