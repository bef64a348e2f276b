"""A deck says what the chapter and its tables say, with notes and minutes."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from omsnb.site.in_short import in_short
from omsnb.site.slides import CHAPTERS, deck, deck_html, tables_of
from omsnb.tables import sections, tables

ROOT = Path(__file__).resolve().parent.parent


def source(section: str) -> str:
    return (ROOT / f"{sections()[section].page}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("section", CHAPTERS)
def test_a_deck_has_outcomes_tables_denials_and_questions(section: str) -> None:
    slides = deck(section, source(section))
    titles = [slide.title for slide in slides]
    wanted = [tables()[name] for name in tables_of(source(section))]
    assert wanted and all(table.title in titles for table in wanted)
    assert titles[-3:] == ["Common denials", "Keep in the record", "Questions"]
    assert all(slide.minutes > 0 and slide.notes and slide.lines for slide in slides)
    for table in wanted:
        lines = next(slide.lines for slide in slides if slide.title == table.title)
        assert len(lines) <= 8
        for if_, then in in_short(table):
            assert f"If {if_}, then {then}." in lines
    text = deck_html(section, slides)
    assert "{" not in unescape(re.sub(r"<style>.*?</style>", "", text)) and not re.search(
        r"https?:|<script", text
    )
    assert f"about {sum(slide.minutes for slide in slides)} minutes" in text
