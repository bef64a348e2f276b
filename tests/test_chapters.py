"""The chapters: length, reading grade, parts, and the sentences that answer what people ask first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CHAPTERS = Path(__file__).resolve().parent.parent / "book" / "chapters"
PAGES = sorted(CHAPTERS.glob("*.md"))
FEWEST, MOST, GRADE = 900, 1800, 12


def prose(text: str) -> str:
    """The running text of a chapter: no tables, boxes, quizzes or citations; solutions count."""
    text = re.sub(r"^````\{margin\}.*?^````$", "", text, flags=re.M | re.S)
    text = re.sub(r"^```\{dropdown\} (.*?)$\n(.*?)^```$", r"\1\n\n\2", text, flags=re.M | re.S)
    text = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    text = re.sub(r"^\|.*$", "", text, flags=re.M)
    text = re.sub(r"\(?\{guidance\}`[^`]*`(?:,\s*\{guidance\}`[^`]*`)*\)?", "", text)
    text = re.sub(r"\{code\}`([^`]*)`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"^\s*(?:#+ |- |\d+\. |> )", "\n", text, flags=re.M)
    return re.sub(r"[*`]", "", text)


def grade(text: str) -> float:
    """The Flesch-Kincaid grade; syllables are counted as groups of vowels, a silent e at the end left out."""
    parts = [re.sub(r"\s+", " ", part).strip() for part in re.split(r"\n{2,}", text)]
    sentences = [s for part in parts for s in re.split(r"(?<=[.?!:;])\s", part) if re.search(r"[A-Za-z]", s)]
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z]+", sentence)]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", w.lower())))) for w in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def test_the_grade_tells_hard_from_easy() -> None:
    assert grade("The cat sat on the mat. The dog ran to it.") < 3
    hard = "Administrative determinations concerning reimbursement necessitate comprehensive documentation of individualised circumstances"
    assert grade(hard) > GRADE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_length_and_reading_grade(page: Path) -> None:
    text = prose(page.read_text(encoding="utf-8"))
    count, level = len(text.split()), grade(text)
    print(f"{page.stem}: {count} words, grade {level:.1f}")
    assert FEWEST <= count <= MOST
    assert level <= GRADE


WITHOUT_PARTS = {"start", "surgery-for-billers"}
"""Pages that lead to the chapters and code nothing themselves; they end with questions all the same."""


def test_pages_without_the_parts_of_a_chapter_say_what_they_teach_and_ask() -> None:
    for page in WITHOUT_PARTS:
        text = (CHAPTERS / f"{page}.md").read_text(encoding="utf-8")
        assert "you can**" in text and "## Further reading" in text
        assert len(re.findall(r"^```\{dropdown\}", text, re.M)) >= 5


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in WITHOUT_PARTS], ids=lambda page: page.stem
)
def test_every_chapter_has_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in (
        "**After this chapter you can**", "## In the clinic", "## For the coder", "## A worked example",
        "## Common denials", "## Keep in the record", "## Check yourself", "```{quiz}", "## Further reading",
    ):  # fmt: skip
        assert part in text, part
    assert len(re.findall(r"^```\{dropdown\}", text, re.M)) >= 5


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("imaging", "took it in its own office; somebody else reads it | {code}`D0381` | {code}`70486-TC`"),
        ("supplemental-products", "A laboratory made it. What can be reported?"),
        ("supplemental-products", "**1 March 2026 is the last safe day**"),
        ("supplemental-products", "**What to write for {code}`D6190`.**"),
        ("supplemental-products", "**Is the plate billable?**"),
        ("virtual-planning", "**Why {code}`76377` and not {code}`76376`?**"),
    ],
)
def test_what_people_ask_first_is_answered(page: str, said: str) -> None:
    assert said in (CHAPTERS / f"{page}.md").read_text(encoding="utf-8")
