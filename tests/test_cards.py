"""Exercises to take away: Anki's file read back, the table, and the record."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from omsnb.__main__ import main
from omsnb.exercises import make_exam
from omsnb.exercises.cards import COLUMNS, card_id, plain, write_anki, write_csv
from omsnb.exercises.outcomes import CHAPTERS, outcomes


def read_back(deck: Path, folder: Path) -> tuple[list[dict[str, str]], list[tuple[int, str]], dict[str, str]]:
    """The notes of a deck, its cards with the deck's number, and the decks' names, as Anki's own file has them."""
    with zipfile.ZipFile(deck) as packed:
        packed.extract("collection.anki2", folder)
    held = sqlite3.connect(folder / "collection.anki2")
    notes = [
        dict(zip(COLUMNS, row[0].split("\x1f"), strict=True))
        for row in held.execute("select flds from notes")
    ]
    cards = list(held.execute("select did, nid from cards"))
    ((decks,),) = held.execute("select decks from col")
    held.close()
    return notes, cards, {number: deck["name"] for number, deck in json.loads(decks).items()}


def test_an_anki_deck_holds_every_question(tmp_path: Path) -> None:
    target = tmp_path / "exam.apkg"
    assert main(["exam", "--seed", "7", "--questions", "60", "--as", "anki", "-o", str(target)]) == 0
    notes, cards, decks = read_back(target, tmp_path)
    made = {card_id(entry): entry for entry in make_exam(7, 60)}
    assert len(notes) == len(cards) == len(made) == 60 and {note["id"] for note in notes} == set(made)
    for note in notes:
        entry = made[note["id"]]
        assert unescape(note["answer"]) == f"{entry.letter}) {entry.right.text}"
        assert all(
            choice.text in unescape(note["options"])
            and choice.why in re.sub(r"</?em>", "*", unescape(note["why"]))
            for choice in entry.choices
        )
    assert {f"Coding the digital workflow::Chapter {entry.chapter}" for entry in made.values()} <= set(
        decks.values()
    )


def test_a_card_keeps_its_name_and_its_text_is_escaped(tmp_path: Path) -> None:
    """A second import of Anki knows a card by its name; a sign of HTML in a text is shown, not obeyed."""
    (entry,) = make_exam(7, 1)
    spoilt = replace(entry, ask="<script>alert(1)</script>")
    assert card_id(entry) == card_id(*make_exam(7, 1)) != card_id(spoilt)
    write_anki(str(tmp_path / "one.apkg"), [spoilt])
    notes, _, _ = read_back(tmp_path / "one.apkg", tmp_path)
    assert notes[0]["question"] == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_the_table_has_a_row_for_each_question(tmp_path: Path) -> None:
    target = tmp_path / "exam.csv"
    assert main(["exam", "--seed", "7", "--questions", "30", "--as", "csv", "-o", str(target)]) == 0
    with target.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    made = make_exam(7, 30)
    assert [row["answer"] for row in rows] == [f"{entry.letter}) {entry.right.text}" for entry in made]
    assert all(
        row["options"].count("\n") + 1 == len(entry.choices) for row, entry in zip(rows, made, strict=True)
    )
    write_csv(str(target), [replace(made[0], ask="=1+1")])
    assert "'=1+1" in target.read_text(encoding="utf-8")


def test_the_record_gives_the_outline_in_hours(tmp_path: Path) -> None:
    target = tmp_path / "record.html"
    assert main(["exam", "--seed", "7", "--questions", "30", "--as", "record", "-o", str(target)]) == 0
    page = unescape(target.read_text(encoding="utf-8"))
    assert all(plain(entry.text) in page for entry in outcomes().values())
    hours = [float(found) for found in re.findall(r"<td>(\d+\.\d\d)</td>", page)]
    assert len(hours) == len(CHAPTERS) + 1 and abs(sum(hours[:-1]) - hours[-1]) < 0.05
    assert hours[-1] == round(sum(entry.minutes for entry in outcomes().values()) / 60, 2)
    assert "No body has approved" in page and "Exam 7, 30 questions" in page


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--as", "anki"], "output: anki needs a file; give one with -o"),
        (
            ["--as", "anki", "-o", "exam.html"],
            "output: 'exam.html' is not allowed; allowed is a file name that ends in .apkg",
        ),
        (
            ["--as", "csv", "-o", "exam.txt"],
            "output: 'exam.txt' is not allowed; allowed is a file name that ends in .csv",
        ),
        (
            ["--as", "record", "-o", "no/such/record.html"],
            "file: 'no/such/record.html' cannot be written: there is no folder",
        ),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["exam", "--questions", "3", *arguments]) == 2
    problem = capsys.readouterr().err
    assert said in problem and len(problem.strip().splitlines()) == 1
