"""What the pages say is what they cite; what the ledger says of the paper is what the paper says; counts are counted."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from omsnb import code_case
from omsnb.site.case_table import render
from omsnb.site.html import tag
from omsnb.tables import cases, documents, guidance, tables

BOOK = Path(__file__).resolve().parent.parent / "book"
CITED = re.compile(r"\{guidance\}`([^`]+)`")
NUMBERS = "one two three four five six seven eight nine ten".split()


def text_of(page: str) -> str:
    if page.endswith(".ipynb"):
        cells = json.loads((BOOK / page).read_text(encoding="utf-8"))["cells"]
        raw = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    else:
        raw = (BOOK / page).read_text(encoding="utf-8")
    return " ".join(raw.split())


def cited_behind(page: str, phrase: str) -> set[str]:
    """The statements that stand in the brackets behind a phrase."""
    text = text_of(page)
    assert phrase in text, f"{page}: {phrase}"
    behind = text.partition(phrase)[2]
    found = re.match(r"[^({]*\(((?:\{guidance\}`[^`]+`(?:,\s*)?)+)\)", behind)
    assert found, f"{page}: nothing is cited behind {phrase!r}"
    return set(CITED.findall(found[1]))


@pytest.mark.parametrize(
    ("page", "phrase", "wanted"),
    [
        ("chapters/clinical-evaluation.md", "Five facts answer that: the place", {"I-03"}),
        ("chapters/clinical-evaluation.md", "a request for an opinion", {"cur-consult-02"}),
        ("chapters/clinical-evaluation.md", "the payer", {"cur-consult-01"}),
        ("chapters/clinical-evaluation.md", "whether the patient is new", {"cur-patient-01"}),
        ("chapters/clinical-evaluation.md", "the extent of the examination decide", {"I-11"}),
        ("chapters/diagnostics.md", "for example with tracings or a wax-up", {"II-07"}),
        ("chapters/virtual-planning.md", "its making has a code of its own", {"VI-03"}),
        ("chapters/virtual-planning.md", "the imaging and the rendering are reported beside it", {"VI-10"}),
        ("chapters/virtual-planning.md", "come together on a screen", {"IV-02"}),
        ("chapters/printing.md", "It is a proper code on a medical form too", {"V-04"}),
        ("chapters/supplemental-products.md", "Then it is not yours to bill", {"cur-device-02"}),
        ("chapters/supplemental-products.md", "in many cases the hospital does", {"VI-32"}),
        ("chapters/supplemental-products.md", "only if it was separate", {"cur-same-day-01"}),
        ("chapters/claims.md", "are not the practice's to bill", {"cur-device-02"}),
        ("chapters/diagnostics.md", "Ask before you send it", {"VI-41"}),
        ("cases/maxillary-distraction.ipynb", "CMS has no such pair", {"cur-device-05"}),
        ("cases/neonatal-distraction.ipynb", "which this is not", {"cur-print-04", "V-05"}),
        ("cases/trauma.ipynb", "where it counts as data", {"cur-imaging-06", "cur-imaging-10"}),
    ],
)
def test_a_sentence_cites_the_statement_that_says_it(page: str, phrase: str, wanted: set[str]) -> None:
    assert cited_behind(page, phrase) == wanted


@pytest.mark.parametrize(
    ("id", "says", "never"),
    [
        ("I-03", "depends on where", "chooses the family"),
        ("III-09", "may be part of it", ""),
        ("V-04", "is a proper code", "may be reported"),
        ("VI-19", "worth considering", "keeps the operation out"),
        ("VI-22", "rather than another kind", "belongs to"),
        ("VI-32", "In many cases a facility bills", ""),
        ("VI-35", "diagnostic imaging", ""),
        ("orthognathic-01", "is referred", ""),
        ("orthognathic-02", "if it needs surgery", "both jaws"),
        ("trauma-01", "head and neck", ""),
        ("trauma-02", "Once the other injuries", ""),
        ("neonatal-distraction-01", "Pierre Robin", ""),
        ("tmj-05", "history, examination or both", "history or examination"),
        ("cur-cbct-01", "70487 and 70488 never fit", "can only be 70486"),
        ("cur-cbct-04", "two or more exposures", ""),
        ("cur-consult-01", "emergency department", ""),
        ("cur-appeal-01", "of receiving the notice", "days of the notice"),
        ("cur-mdm-02", "hospital or observation care", ""),
        ("cur-mdm-03", "three items, of which an independent historian may be one", ""),
        ("cur-mdm-04", "needle or infusion", ""),
        ("cur-splint-05", "no night guard", ""),
    ],
)
def test_a_statement_keeps_its_meaning(id: str, says: str, never: str) -> None:
    statement = guidance()[id].statement
    assert says in statement
    assert not never or never not in statement


def test_what_was_found_nowhere_is_not_said() -> None:
    assert not [entry.id for entry in guidance().values() if "2030" in entry.statement]


def test_a_number_in_a_heading_is_the_number_of_rows_beneath_it() -> None:
    """The start page once promised six questions over a table of seven."""
    for page in [*BOOK.glob("*.md"), *(BOOK / "chapters").glob("*.md")]:
        parts = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.M)
        for part in parts[1:]:
            heading, _, body = part.partition("\n")
            told = (
                NUMBERS.index(heading.split()[0].lower()) + 1 if heading.split()[0].lower() in NUMBERS else 0
            )
            rows = len(re.findall(r"^\|", body, re.M)) - 2
            if told and rows > 0:
                assert told == rows, f"{page.name}: {heading}"
    assert "six questions" not in text_of("index.md").lower()


def test_a_splint_row_says_what_it_cites_of_imaging() -> None:
    """VI-10 speaks of what is reported beside the splint, so a row that cites it says so."""
    for row in (row for table in tables().values() for row in table.rows if "VI-10" in row.guidance):
        assert "beside" in row.because, row.id
    assert "VI-10" not in documents()["splint-record"].guidance


def test_the_chapter_of_cases_says_what_its_table_shows() -> None:
    page = text_of("chapters/cases.md")
    settled = [
        name
        for name in cases()
        if len(
            {
                w.code
                for w in code_case(name, reading="narrative").evaluation.alternatives
                if "medical" in w.claims
            }
        )
        == 1
    ]
    assert settled == ["tmj"]
    assert "the visit is settled in one case alone, that of the joint" in page
    assert (
        "look at the second column" in page
        and "open in all of them" not in page
        and "last two columns" not in page
    )


@pytest.mark.parametrize("reading", ["narrative", "paper"])
def test_the_table_of_cases_shows_lines_and_no_bare_numbers(reading: str) -> None:
    rows = [
        row.astext()
        for row in render(reading, "book/chapters/cases").findall()
        if isinstance(row, tag) and row["name"] == "tr"
    ]
    for name, case in cases().items():
        row = next(row for row in rows if case.title in row)
        sheet = code_case(name, reading=reading)
        for service in sheet.rows:
            ways = [str(way) for way in service.alternatives]
            if ways and all("-" in way or "×" in way for way in ways) and len(ways) <= 2:
                assert all(way in row for way in ways), (name, service.name)
    trauma = next(row for row in rows if cases()["trauma"].title in row)
    for line in ("70486-26", "70487-26", "70488-26", "76376-26", "76377-26"):
        assert line in trauma
    assert not re.search(r"7048[678](?!-26)|7637[67](?!-26)", trauma)
