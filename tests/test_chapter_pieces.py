"""The pieces of the chapters that teach the trade: a claim filled in from a case, and terms of the glossary."""

from __future__ import annotations

import pytest
from docutils import nodes

from omsnb.claim_tables import forms
from omsnb.edits import find
from omsnb.preview import DENTAL, MEDICAL
from omsnb.site.filled_claim import build, form, render
from omsnb.tables.book_tables import glossary

TMJ = {
    "answers": "claim=medical payer=other place=office captured_by=practice reported_by=practice rendering_report=yes contrast=without workstation=independent".split(),
    "payer": "medical", "place": "11", "born": "1981-01-05",
    "dates": "*=2026-02-02 planning=2026-02-16 splint=2026-03-01".split(), "diagnoses": ["M26.612"],
}  # fmt: skip


def said(parts: list[nodes.Node]) -> str:
    return " ".join(part.astext() for part in parts)


def test_a_case_becomes_the_lines_of_one_form_with_their_reasons() -> None:
    sheet, built = build("tmj", TMJ)
    (claim,) = built.claims
    assert [(line.code, line.date.isoformat(), line.pointers) for line in claim.lines] == [
        ("99205", "2026-02-02", "A"), ("70486", "2026-02-02", "A"),
        ("76377", "2026-02-16", "A"), ("21085", "2026-03-01", "A"),
    ]  # fmt: skip
    text = said(render(sheet, built, TMJ))
    for row in (sheet.evaluation, *sheet.rows):
        assert row.label in text
    assert "no line" in text and "designing and making the device is part of it" in text
    for name, _ in MEDICAL:
        assert name in text
    findings = find(built.claims)
    assert findings and all(found.because in text for found in findings)
    assert "nothing against these lines" not in text


def test_what_the_office_says_changes_the_line() -> None:
    hospital = [part.replace("place=office", "place=inpatient") for part in TMJ["answers"]]
    lines = [
        str(line)
        for claim in build("tmj", {**TMJ, "answers": hospital, "place": "21"})[1].claims
        for line in claim.lines
    ]
    assert "70486-26" in lines and "76377-26" in lines and "70486" not in lines


def test_a_dental_claim_has_the_boxes_of_its_own_form() -> None:
    answers = [
        "claim=dental",
        "place=office",
        "component=capture_and_read",
        "evaluation_scope=comprehensive",
        "scan=cbct",
    ]
    _, built = build("tmj", {**TMJ, "payer": "dental", "answers": answers})
    text = said(form(built.claims[0]))
    assert forms()["ada2024"].label in text and all(name in text for name, _ in DENTAL)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"answers": ["claim"]}, "answers: 'claim' is not of the form name=value"),
        ({"answers": ["moon=full"]}, "moon"),
        ({"answers": ["claim=medical"]}, "whether it is reported depends on"),
        ({"payer": "nobody"}, "payer: 'nobody' is not known"),
        ({"born": "yesterday"}, "born: 'yesterday' is no day"),
        ({"dates": ["*=soon"]}, r"\*: 'soon' is no day"),
    ],
)  # fmt: skip
def test_a_wrong_option_is_told(change: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        build("tmj", {**TMJ, **change})


@pytest.mark.parametrize(
    "word",
    [
        *"precert unbundling LCD EOB clearinghouse ABN upcoding remittance CARC ERA IMF BSSO TMJ".split(),
        "medical necessity", "technical component", "coordination of benefits", "Le Fort I", "order of benefits",
    ],
)  # fmt: skip
def test_the_trades_words_are_in_the_glossary(word: str) -> None:
    assert any(word in f"{entry.term} {entry.definition}" for entry in glossary().values())
