"""Exercises to take away: a deck for Anki, a table for other programs, and a record of what was completed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from omsnb.exercises.kinds import KINDS
from omsnb.exercises.outcomes import CHAPTERS, outcomes, outcomes_of
from omsnb.exercises.questions import Exercise
from omsnb.exercises.sheet import FOOT, STYLE, asked, emphasis
from omsnb.standing import marked
from omsnb.writing import whole_file

ENDINGS = {"html": (".html", ".htm"), "anki": (".apkg",), "csv": (".csv",), "record": (".html", ".htm")}
"""Formats of ``exam`` and how their files end."""

COLUMNS = ("id", "chapter", "kind", "outcomes", "case", "question", "options", "answer", "why", "rests on")
DECK, MODEL = "Coding the digital workflow", "Question with options"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a cell that a spreadsheet would read as a formula."""


def check_ending(output: str, format: str) -> None:
    """Raises ``ValueError`` unless the file's name ends as its format wants."""
    allowed = ENDINGS[format]
    if not output.lower().endswith(allowed):
        raise ValueError(
            f"output: {output!r} is not allowed; allowed is a file name that ends in {allowed[0]}"
        )


def card_id(entry: Exercise) -> str:
    """A name for an exercise that is the same in every export, so that a deck can be imported again."""
    parts = [entry.kind, entry.chapter, entry.ask, *(f"{asked} {said}" for asked, said in entry.scene)]
    parts += sorted(choice.text for choice in entry.choices)
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _fields(entry: Exercise) -> tuple[str, ...]:
    return (
        card_id(entry),
        entry.chapter,
        KINDS[entry.kind][0],
        "; ".join(outcome.id for outcome in outcomes_of(entry)),
        "\n".join(f"{asked}: {said}" for asked, said in entry.scene),
        asked(entry),
        "\n".join(f"{'ABCDEFGH'[place]}) {choice.text}" for place, choice in enumerate(entry.choices)),
        f"{entry.letter}) {entry.right.text}",
        "\n".join(f"{'ABCDEFGH'[place]}) {choice.why}" for place, choice in enumerate(entry.choices)),
        "\n".join(f"{marked(id)} ({id})" for id in entry.guidance),
    )


def write_csv(output: str, exam: Sequence[Exercise]) -> str:
    """Writes one row for each exercise, and returns the path. Cells that begin like a formula get an apostrophe.

    Raises ``ValueError`` for another ending than .csv, or where the file cannot be written.
    """
    check_ending(output, "csv")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in exam:
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in _fields(entry)])
    with whole_file(Path(output)) as file:
        file.write(text.getvalue().encode())
    return output


def write_anki(output: str, exam: Sequence[Exercise]) -> str:
    """Writes a deck for Anki, one deck under it for each chapter, and returns the path.

    A card shows the case, the question and the options; its back the answer, the reasons and what they rest on. The
    same exercise has the same identity in every deck, so that a second import keeps the progress. Raises
    ``ValueError`` for another ending than .apkg, where the file cannot be written, or where genanki is missing.
    """
    check_ending(output, "anki")
    try:
        import genanki  # type: ignore[import-untyped]
    except ImportError:
        raise ValueError(
            "format: 'anki' needs the package genanki; requirements.txt names its version"
        ) from None
    model = genanki.Model(
        _number(MODEL),
        MODEL,
        fields=[{"name": name} for name in COLUMNS],
        templates=[
            {
                "name": "Card",
                "qfmt": "<p>{{case}}</p><p><b>{{question}}</b></p><p>{{options}}</p>",
                "afmt": "{{FrontSide}}<hr id=answer><p><b>{{answer}}</b></p><p>{{why}}</p><p>{{rests on}}</p>",
            }
        ],
        css=".card { font-family: sans-serif; font-size: 18px; text-align: left; }",
    )
    decks: dict[str, Any] = {}
    for entry in exam:
        name = f"{DECK}::Chapter {entry.chapter}"
        deck = decks.setdefault(name, genanki.Deck(_number(name), name))
        fields = [emphasis(escape(cell)).replace("\n", "<br>") for cell in _fields(entry)]
        deck.add_note(
            genanki.Note(model, fields, guid=fields[0], tags=[f"chapter-{entry.chapter}", entry.kind])
        )
    with TemporaryDirectory() as folder:
        made = Path(folder) / "deck.apkg"
        genanki.Package(list(decks.values())).write_to_file(str(made))
        with whole_file(Path(output)) as file:
            file.write(made.read_bytes())
    return output


def _number(name: str) -> int:
    """A number for a deck or a card's form, always the same, in the range that Anki takes."""
    return 1 << 30 | int(sha256(name.encode()).hexdigest()[:7], 16)


def write_record(output: str, seed: int, exam: Sequence[Exercise]) -> str:
    """Writes a page to print and fill in: who completed which exam, and the outline in hours. Returns the path.

    The times are our own estimate of reading and practice; no body has approved them for credit, and the page says so.
    Raises ``ValueError`` for another ending than .html, or where the file cannot be written.
    """
    check_ending(output, "record")
    rows = "".join(_outline(chapter) for chapter in CHAPTERS)
    total = sum(entry.minutes for entry in outcomes().values())
    title = "Record of completion: coding the digital workflow"
    page = (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main><h1>{escape(title)}</h1>"
        "<p>Name: ______________________ Date: ______________</p>"
        f"<p>Exam {seed}, {len(exam)} questions. Right: ______ of {len(exam)}. "
        "Seen by: ______________________</p>"
        '<table><caption>Outline</caption><thead><tr><th scope="col">Chapter</th><th scope="col">What was learned</th>'
        f'<th scope="col">Hours</th><th scope="col">Done</th></tr></thead><tbody>{rows}</tbody>'
        f'<tfoot><tr><th scope="row">All</th><td></td><td>{total / 60:.2f}</td><td></td></tr></tfoot></table>'
        "<p>The hours are the authors' estimate of reading and practice. No body has approved them for credit.</p>"
        f"</main><footer><p>{escape(FOOT)}</p></footer></body></html>\n"
    )
    with whole_file(Path(output)) as file:
        file.write(page.encode())
    return output


def _outline(chapter: str) -> str:
    taught = [entry for entry in outcomes().values() if entry.chapter == chapter]
    texts = "".join(f"<li>{escape(plain(entry.text))}</li>" for entry in taught)
    hours = sum(entry.minutes for entry in taught) / 60
    return f'<tr><th scope="row">{chapter}</th><td><ul>{texts}</ul></td><td>{hours:.2f}</td><td>☐</td></tr>'


def plain(text: str) -> str:
    """An outcome without the marks of the book's pages: a code is its bare number."""
    return text.replace("{code}", "").replace("`", "")
