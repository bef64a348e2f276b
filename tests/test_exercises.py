"""Exercises: one right answer each, decided anew by the engine; the same for one seed, none twice."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from omsnb.__main__ import main
from omsnb.decisions import decide
from omsnb.exercises import CHAPTERS, KINDS, Exercise, make_exam
from omsnb.exercises.dates import in_words
from omsnb.exercises.questions import outcome
from omsnb.exercises.sheet import exam_page
from omsnb.tables import codes, guidance, tables

SEEDS, EACH = 40, 50


@pytest.fixture(scope="module")
def bank() -> list[Exercise]:
    """2,000 exercises over 40 seeds."""
    return [entry for seed in range(SEEDS) for entry in make_exam(seed, EACH)]


def stands(entry: Exercise) -> set[str] | None:
    """The choices that the engine lets stand for the facts told; None where a table does not decide it."""
    if entry.kind in ("date", "year"):
        return None
    if entry.kind == "error":
        kept = set()
        for table in tables().values():
            known = entry.given
            try:
                rows = decide(table, **{n: v for n, v in known.items() if n in asks(table.name)}).rows
            except ValueError:
                continue
            kept |= {f"{table.title}: {outcome(table, row)}" for row in rows}
        return {choice.text for choice in entry.choices} - kept
    decision = decide(entry.table, **entry.given)
    if entry.kind == "menu":
        return {", ".join(decision.codes) or "no code"}
    if entry.kind == "modifier":
        return {" and ".join(row.modifiers) or "none" for row in decision.rows}
    if entry.kind == "units":
        (row,) = decision.rows
        _, step, _, start = row.units.split()
        return {str(1 + (int(entry.given["minutes"]) - int(start)) // int(step))}
    return {outcome(decision.table, row) for row in decision.rows}


def asks(name: str) -> set[str]:
    from omsnb.decisions import requirements

    return set(requirements(tables()[name]))


def test_exactly_one_choice_is_right_by_the_engine(bank: list[Exercise]) -> None:
    assert len(bank) == 2000
    for entry in bank:
        assert sum(choice.right for choice in entry.choices) == 1, entry
        allowed = stands(entry)
        if allowed is not None:
            assert {choice.text for choice in entry.choices} & allowed == {entry.right.text}, entry


def test_no_choice_stands_twice_and_every_choice_has_its_reason(bank: list[Exercise]) -> None:
    for entry in bank:
        texts = [choice.text for choice in entry.choices]
        assert len(texts) == len(set(texts)) >= 2, entry
        assert all(choice.why.strip() and choice.text.strip() for choice in entry.choices), entry
        assert set(entry.guidance) <= set(guidance()) and entry.guidance, entry


def test_all_kinds_and_chapters_are_there(bank: list[Exercise]) -> None:
    kinds = Counter(entry.kind for entry in bank)
    print(kinds, Counter(entry.chapter for entry in bank), len({entry.key for entry in bank}), "different")
    assert set(kinds) == set(KINDS)
    assert {entry.chapter for entry in bank} == set(CHAPTERS)


def test_the_right_answer_has_no_place_of_its_own(bank: list[Exercise]) -> None:
    four = [entry.letter for entry in bank if len(entry.choices) == 4]
    shares = [four.count(letter) / len(four) for letter in "ABCD"]
    assert max(shares) < 0.32 and min(shares) > 0.18


def test_one_seed_gives_one_exam_and_none_asks_twice() -> None:
    one, two = make_exam(7, 60), make_exam(7, 60)
    assert one == two != make_exam(8, 60)
    assert len({entry.key for entry in one}) == 60


def test_every_date_is_right(bank: list[Exercise]) -> None:
    """Written from the rule, not from the code: a safe splint is 11 days ahead."""
    seen = 0
    words = {in_words(date.fromordinal(day)): day for day in range(date(2025, 1, 1).toordinal(), date(2028, 1, 1).toordinal())}
    for entry in bank:
        if entry.kind == "date" and entry.scene[0][0].startswith("When is the operation"):
            seen += 1
            assert words[entry.scene[0][1]] - words[entry.right.text] == 11
        elif entry.kind == "date":
            seen += 1
            code, day = codes()[entry.scene[0][1][:5]], words[entry.scene[1][1]]
            minor = code.global_days == "010"
            wanted = (day + (10 if minor else 90)) if "last day" in entry.ask else (day if minor else day - 1)
            assert words[entry.right.text] == wanted
    assert seen > 50


def test_the_year_question_follows_the_code_list(bank: list[Exercise]) -> None:
    for entry in bank:
        if entry.kind == "year":
            said = entry.scene[0][1].split()
            day = f"{said[2]}-{[in_words(date(2026, m, 1)).split()[1] for m in range(1, 13)].index(said[1]) + 1:02}-{int(said[0]):02}"
            for choice in entry.choices:
                code = codes()[choice.text[:5]]
                assert choice.right == ((not code.effective_from or code.effective_from <= day) and (not code.effective_to or day <= code.effective_to)), entry


def test_exam_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "exam.html"
    assert main(["exam", "--seed", "7", "--questions", "20", "-o", str(target)]) == 0
    paper, key = target.read_text(encoding="utf-8"), (tmp_path / "exam-key.html").read_text(encoding="utf-8")
    assert paper.count("<section>") == key.count("<section>") == 20
    assert "Right." not in paper and "class=right" not in paper and key.count("Right.") == 20
    assert not re.search(r"https?://", paper + key)
    made = make_exam(7, 20)
    assert all(f"<td>{place}</td><td>{entry.letter}</td>" in key for place, entry in enumerate(made, 1))
    assert paper == exam_page(7, made, solved=False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--questions", "0"], "questions: 0 is not allowed; allowed: 1 to 200"),
        (["--questions", "200", "--chapter", "V", "--kind", "code"], "questions: 200 is too many here; there are "),
        (["-o", "exam.pdf"], "output: 'exam.pdf' is not allowed; allowed is a file name that ends in .html"),
        (["-o", "no/such/folder/exam.html"], "file: 'no/such/folder/exam.html' cannot be written: there is no folder"),
        (["--chapter", "X"], "invalid choice: 'X'"),
    ],
)
def test_bad_input_is_one_sentence(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    try:
        status = main(["exam", *arguments])
    except SystemExit as stop:
        status = int(stop.code or 0)
    problem = capsys.readouterr().err
    assert status == 2 and said in problem and len(problem.strip().splitlines()) == 1
