"""Exercises: one right answer each, decided anew by the engine; the same for one seed, none twice."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from omsnb import reading
from omsnb.__main__ import main
from omsnb.answers import words
from omsnb.claims import Claim
from omsnb.decisions import decide
from omsnb.edits import check
from omsnb.exercises import CHAPTERS, KINDS, Exercise, errors, kinds, make_exam, scenes
from omsnb.exercises.dates import in_words
from omsnb.exercises.possible import impossible
from omsnb.exercises.questions import outcome
from omsnb.exercises.reasons import nearest_row
from omsnb.exercises.sheet import exam_data, exam_page
from omsnb.network import requirements, settling_tables
from omsnb.records import Service, Table
from omsnb.tables import codes, facts, guidance, services, tables

SEEDS, EACH = 100, 50
ERRORS = 50 if os.environ.get("OMSNB_EXERCISES") == "all" else 10
"""Claims with an error for each seed; with OMSNB_EXERCISES=all there are 5,000 instead of 1,000."""


@pytest.fixture(scope="module")
def bank() -> list[Exercise]:
    """5,000 exercises of all kinds over 100 seeds, and 1,000 claims with an error."""
    mixed = [entry for seed in range(SEEDS) for entry in make_exam(seed, EACH)]
    return mixed + [entry for seed in range(SEEDS) for entry in make_exam(seed, ERRORS, kinds=["error"])]


def stands(entry: Exercise) -> set[str] | None:
    """The choices that the engine lets stand for the facts told; None where a table does not decide it.

    Which record is missing, and what no table decides, is judged in ``test_judgment.py``.
    """
    if entry.kind == "note" or (not entry.table and entry.kind != "error"):
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
    return set(requirements(tables()[name]))


# --- what is asked of every exercise, worked out here apart from the code that makes them


def faults(entry: Exercise) -> Iterator[str]:
    """Everything that is wrong with an exercise."""
    yield from (f"no world: {name}" for name in without_a_world(frozenset(entry.given.items())))
    for one, other in TOGETHER_NEVER:
        if any(entry.given.get(fact) in values for fact, values in one.items()):
            if all(entry.given.get(fact) in values for fact, values in other.items()):
                yield f"impossible: {one} {other}"
    yield from (f"feedback: {said}" for choice in entry.choices for said in untrue(entry, choice.why))
    if entry.kind == "error":
        yield from claim_faults(entry)


TOGETHER_NEVER: list[tuple[dict[str, set[str]], dict[str, set[str]]]] = [
    ({"implant_stage": {"uncovered"}}, {"guidance_method": {"static_guide", "dynamic_navigation", "robotic"}}),
    ({"volume_source": {"plain_image"}}, {"cost_borne_by": {"facility", "practice"}}),
    ({"encounter_setting": {"office"}, "family": {"office_new", "office_established"}}, {"place": {"inpatient", "emergency"}}),
    ({"encounter_setting": {"emergency"}, "family": {"emergency"}}, {"place": {"office", "inpatient", "surgical_center"}}),
    ({"family": {"hospital_initial", "hospital_subsequent"}}, {"place": {"office", "emergency", "surgical_center"}}),
    ({"family": {"office_new"}}, {"patient": {"established"}}),
    ({"patient": {"new"}}, {"hospital_visit": {"subsequent"}}),
    ({"patient": {"new"}}, {"change_or_three_years": {"yes", "no"}}),
    ({"evaluation_scope": {"young_child"}}, {"age_years": {str(age) for age in range(3, 121)}}),
    ({"splint_made": {"no"}}, {"fabricated_by": {"surgeon", "surgeon_and_vendor", "outside_lab"}}),
    ({"seen_by": {"clinical_staff"}}, {"minutes": {str(minutes) for minutes in range(1, 601)}}),
]  # fmt: skip
"""Facts that never hold together, written from the surgery and not from ``impossible.csv``."""


@cache
def without_a_world(told: frozenset[tuple[str, str]]) -> tuple[str, ...]:
    """Facts told that no set of answers to the other questions leads to. All of them are tried."""
    given = dict(told)
    found = []
    for name in given:
        if not settling_tables(name):
            continue
        settled = {
            fact for table in settling_tables(name) for fact in requirements(table) if settling_tables(fact)
        } | {name}
        ground = [
            fact
            for fact in dict.fromkeys(
                fact for one in settled for table in settling_tables(one) for fact in requirements(table)
            )
            if not settling_tables(fact)
        ]
        wanted = {fact: given[fact] for fact in settled if fact in given}
        for answers in itertools.product(*(spread(fact, given) for fact in ground)):
            world = dict(zip(ground, answers, strict=True))
            if all(value in concluded(fact, world) for fact, value in wanted.items()):
                break
        else:
            found.append(name)
    return tuple(found)


def spread(fact: str, given: dict[str, str]) -> list[str]:
    """What a fact may be: as told, or anything; for minutes some of each level."""
    if fact in given:
        return [given[fact]]
    return list(facts()[fact].values) or [str(number) for number in range(0, 150, 5)]


def concluded(fact: str, world: dict[str, str]) -> set[str]:
    rows = []
    for table in settling_tables(fact):
        asked = set(requirements(table))
        rows += decide(table, **{name: value for name, value in world.items() if name in asked}).rows
    return {row.concludes[fact] for row in rows}


WOULD = re.compile(r"This answer would follow if “(.+?)” were answered “(.+?)”; here the answer is “(.+?)”\.")
NEAREST = re.compile(r"Row (\d+) of “(.+?)” comes nearest to this answer and asks for (.+)\.$")
PART = re.compile(r"“([^”]+)” for “([^”]+)”, where it is “([^”]+)” here")
BY_QUESTION = {fact.question: fact for fact in facts().values()}


def untrue(entry: Exercise, why: str) -> Iterator[str]:
    """What a reason says of the tables that they do not say."""
    if "wants:" in why:
        yield why
    for question, instead, here in WOULD.findall(why):
        fact = BY_QUESTION[question]
        if fact.name not in entry.given:
            yield f"{why} It is not told."
            continue
        if (
            words(fact, frozenset({entry.given[fact.name]})) != here
            if fact.values
            else not here.startswith(entry.given[fact.name])
        ):
            yield why
        table = table_of(entry, why)
        asked = set(requirements(table))
        given = {name: value for name, value in entry.given.items() if name in asked}
        answer = next(choice.text for choice in entry.choices if choice.why == why).removeprefix(
            f"{table.title}: "
        )
        values = meant(fact.name, instead)
        for value in values:
            rows = decide(table, **{**given, fact.name: value}).rows
            said = {
                " and ".join(row.modifiers) or "none"
                if entry.kind == "modifier" and row.report
                else outcome(table, row)
                for row in rows
            }
            if len(said) != 1 or not answer.endswith(said.pop()):
                yield f"{why} Not so for {value}."
    found = NEAREST.search(why)
    if found:
        number, title, rest = found.groups()
        table = next(table for table in tables().values() if table.title == title)
        row = table.rows[int(number) - 1]
        parts = PART.findall(rest)
        if not parts:
            yield f"not read: {why}"
        for wanted, question, here in parts:
            fact = BY_QUESTION[question]
            if words(fact, row.conditions[fact.name]) != wanted or wanted == here:
                yield why


def table_of(entry: Exercise, why: str) -> Table:
    if entry.table:
        return tables()[entry.table]
    title = next(choice.text for choice in entry.choices if choice.why == why).partition(": ")[0]
    return next(table for table in tables().values() if table.title == title)


def meant(name: str, text: str) -> list[str]:
    """The values that a reason's words stand for."""
    fact = facts()[name]
    if not fact.values:
        numbers = [int(number) for number in re.findall(r"\d+", text)]
        return [
            str(numbers[0]),
            str(numbers[1] if len(numbers) > 1 else numbers[0] + (9 if "more" in text else 0)),
        ]
    for size in range(1, len(fact.values) + 1):
        for values in itertools.combinations(fact.values, size):
            if words(fact, frozenset(values)) == text or (size == 1 and fact.label(values[0]) == text):
                return list(values)
    raise AssertionError(f"{name}: {text!r} is no answer")


RIGHT = re.compile(r"It should be ([0-9A-Z]{5}(?:-\w\w)*(?: × ?\d+)?)(?:, [a-z ]+)?\. ")


def claim_faults(entry: Exercise) -> Iterator[str]:
    """What the claim check, and a look at the claim, say against a claim with one error."""
    shown = entry.claim
    assert shown is not None
    false = entry.choices.index(entry.right)
    for line, choice in zip(shown.lines, entry.choices, strict=True):
        if not choice.text.replace("× ", "×").endswith(f": {line}"):
            yield f"{choice.text} is not {line}"
    found = RIGHT.match(entry.right.why)
    assert found
    report, _, units = found[1].replace("× ", "×").partition(" ×")
    code, *modifiers = report.split("-")
    right = replace(shown.lines[false], code=code, modifiers=tuple(modifiers), units=int(units or 1))
    true = replace(
        shown, lines=tuple(right if place == false else line for place, line in enumerate(shown.lines))
    )
    for finding in check([true]).findings:
        if finding.status != "ok":
            yield f"true claim: {finding.rule} {finding.because}"
    for finding in check([shown]).findings:
        if finding.status != "ok" and {line for _, line in finding.lines} != {false + 1}:
            yield f"shown claim: {finding.rule} {finding.because}"
    yield from (f"shown twice: {said}" for said, count in Counter(billed(entry)).items() if count > 1)
    carried = {"claim": "dental" if shown.payer == "dental" else "medical"}
    if shown.payer != "dental":
        carried["payer"] = "medicare" if shown.payer == "medicare" else "other"
        carried["payer_accepts_cdt"] = "yes" if shown.payer == "medical_cdt" else "no"
    if (
        not carried.items() <= entry.given.items()
        or in_words(shown.lines[0].date) not in dict(entry.scene).values()
    ):
        yield "the claim is not told"


def billed(entry: Exercise) -> list[str]:
    """The services of the lines."""
    titles = [choice.text.partition(": ")[0] for choice in entry.choices]
    names = [next(table.name for table in tables().values() if table.title == title) for title in titles]
    return [service.name for name in names for service in services().values() if name in service.tables]


@pytest.mark.slow
def test_no_exercise_has_a_fault(bank: list[Exercise]) -> None:
    assert len(bank) == SEEDS * (EACH + ERRORS)
    bad = [(entry.kind, entry.ask, found) for entry in bank for found in faults(entry)]
    assert not bad, (len(bad), bad[:5])


@pytest.mark.slow
def test_most_claims_look_like_those_of_a_practice(bank: list[Exercise]) -> None:
    """The claims that pass are of every payer and every service, and the claim check sees many of the errors."""
    made = [entry for entry in bank if entry.kind == "error"]
    claims = [entry.claim for entry in made if entry.claim]
    payers = Counter(claim.payer for claim in claims)
    seen = sum(1 for claim in claims if any(finding.status != "ok" for finding in check([claim]).findings))
    print(
        len(made),
        payers,
        Counter(name for entry in made for name in billed(entry)),
        seen,
        "seen by the claim check",
    )
    assert (
        set(payers) == {"medical", "medicare", "medical_cdt", "dental"}
        and min(payers.values()) > len(made) / 20
    )
    assert {name for entry in made for name in billed(entry)} >= set(services()) - {"prolonged"}
    assert seen > len(made) / 50


def old_feedback(table: Table, given: object, fallen: list[scenes.Fallen], leads: object) -> str:
    """How a wrong answer was explained before: a condition of one row, said as if it were the only way."""
    reason = min(fallen, key=lambda entry: len(entry.reasons)).reasons[0]
    fact = facts()[reason.fact]
    return f"This answer would follow if “{fact.question}” were answered “{words(fact, reason.wanted)}”; here the answer is “{words(fact, reason.given)}”."


def loose_draw(*arguments: object) -> scenes.Scene | None:
    """Draws each line from a world of its own but for the claim, as it was done before."""
    random, table, row, fixed = arguments
    kept = {name: fixed[name] for name in ("claim", "payer") if name in fixed}  # type: ignore[index, operator]
    return scenes.draw(random, table, row, kept)  # type: ignore[arg-type]


def stray_draw(*arguments: object) -> scenes.Scene | None:
    """Tells the visit's setting and patient from another world as well."""
    random, *_ = arguments
    found, table = scenes.draw(*arguments), tables()["visit-family"]  # type: ignore[arg-type]
    stray = scenes.draw(random, table, table.rows[0])  # type: ignore[arg-type]
    return replace(found, given={**stray.given, **found.given}) if found and stray else None


def each_table_for_itself() -> dict[str, Service]:
    """Every table as a service of its own, so that a visit may be billed by time and by decision making."""
    return {name: Service(name, table.title, table.chapter, (name,)) for name, table in tables().items()}


def scene_of_one_row_among_others(*arguments: object) -> scenes.Scene | None:
    """A scene from which a fact was dropped that decides, so that another option may hold as well."""
    found = scenes.draw(*arguments)  # type: ignore[arg-type]
    if not found or len(found.given) < 2:
        return found
    return replace(found, given=dict(list(found.given.items())[1:]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoilt", "kind", "seen"),
    [
        ([(errors, "blamed_lines", lambda claim: set())], "error", "cdt-on-medical-claim"),
        ([(errors, "blamed_lines", lambda claim: set())], "error", "visit-with-minor|pair-modifier"),
        ([(errors, "blamed_lines", lambda claim: set())], "error", "rendering-base|print-base"),
        ([(errors, "blamed_lines", lambda claim: set())], "error", "further-model"),
        ([(errors, "contradiction", lambda given: "")], "error", "impossible.*implant_stage"),
        ([(errors, "contradiction", lambda given: ""), (scenes, "contradiction", lambda given: "")], "error", "impossible.*place"),
        ([(scenes, "contradiction", lambda given: ""), (kinds, "contradiction", lambda given: "")], "code", "impossible"),
        ([(errors, "services", each_table_for_itself), (errors, "draw", loose_draw), (errors, "blamed_lines", lambda claim: set())],
         "error", "shown twice: evaluation"),
        ([(errors, "draw", stray_draw), (errors, "contradiction", lambda given: "")], "error", "no world: family"),
        ([(scenes, "why_not", old_feedback)], "code", "feedback"),
        ([(kinds, "draw", scene_of_one_row_among_others)], "code", "allowed"),
    ],
)  # fmt: skip
def test_each_old_fault_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, spoilt: list[tuple[object, str, object]], kind: str, seen: str
) -> None:
    """The generator is spoilt as it was before, and the test above turns red."""
    for module, name, value in spoilt:
        monkeypatch.setattr(module, name, value)
    found = []
    for seed in range(160):
        for entry in make_exam(seed, 8, kinds=[kind]):
            found += faults(entry)
            allowed = stands(entry) or set()
            if {choice.text for choice in entry.choices} & allowed != {entry.right.text}:
                found.append("allowed")
        if any(re.search(seen, text) for text in found):
            return
    raise AssertionError(f"no {seen} among {Counter(text[:40] for text in found).most_common(5)}")


def test_question_28_of_seed_6_is_no_more() -> None:
    """It told an established patient at the office, and the family of new patients; and billed one visit twice."""
    old = frozenset({"encounter_setting": "office", "patient": "established", "family": "office_new"}.items())
    assert without_a_world(old) == ("family",)
    assert not [found for entry in make_exam(6, 50) for found in faults(entry)]


def test_feedback_of_decision_making_names_what_would_lead_there() -> None:
    """With high problems and high risk, *low* does follow from other facts too, so no condition is said as the rule."""
    given = {"problems": "high", "data_reviewed": "straightforward", "risk": "high"}
    low = [fallen for fallen in decide("mdm", **given).fallen if fallen.row.concludes["mdm"] == "low"]
    assert any("high" in fallen.row.conditions.get("problems", ()) for fallen in low)
    read = scenes.read_facts(given)
    said = scenes.why_not(tables()["mdm"], read, low, lambda row: row.concludes["mdm"] == "low")
    assert said.startswith(
        "This answer would follow if “How complex are the problems addressed?” were answered “low”"
    )
    low_data = {**given, "data_reviewed": "high"}
    none = [fallen for fallen in decide("mdm", **low_data).fallen if fallen.row.concludes["mdm"] == "low"]
    said = scenes.why_not(
        tables()["mdm"], scenes.read_facts(low_data), none, lambda row: row.concludes["mdm"] == "low"
    )
    assert said == nearest_row(tables()["mdm"], none) and said.startswith("Row ")


def test_every_pair_that_cannot_hold_is_cited_and_used() -> None:
    assert all(pair.guidance and pair.because.endswith(".") for pair in impossible())
    for pair in impossible():
        assert scenes.contradiction({pair.one: pair.one_is, pair.other: pair.other_is})
        assert not scenes.contradiction({pair.one: pair.one_is})


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("impossible.csv", "volume_source=plain_image", "volume_sauce=plain_image", r"data/impossible.csv row \d+, column one: 'volume_sauce' is no fact of facts.csv"),
        ("impossible.csv", "scan=cbct", "scan=xray", r"data/impossible.csv row \d+, column one: scan: 'xray' is not allowed; allowed: ct, cbct"),
        ("impossible.csv", "cur-cbct-01", "cur-cbct-99", r"data/impossible.csv row \d+, column guidance: 'cur-cbct-99' is not known"),
        ("practice-lines.csv", "implant-placement,8", "implant-guide,8", r"data/practice-lines.csv row \d+, column service: the row stands twice, first in row 2"),
        ("practice-lines.csv", "implant-guide,8", "implant-guise,8", r"data/practice-lines.csv row \d+, column service: 'implant-guise' is not allowed"),
        ("practice-lines.csv", "implant-guide,8", "implant-guide,", r"data/practice-lines.csv row \d+, column tooth: is empty, but a value is needed"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_data_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, said: str
) -> None:
    text = (reading.data_folder() / file).read_text(encoding="utf-8")
    assert old in text
    shutil.copytree(reading.data_folder(), tmp_path, dirs_exist_ok=True)  # the loader may read other files, too
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    load = {"impossible.csv": impossible, "practice-lines.csv": errors.teeth}[file]
    load.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "data_folder", lambda: tmp_path)
        with pytest.raises(reading.DataError, match=said):
            load()
    load.cache_clear()


def test_an_exam_is_made_quickly() -> None:
    for kind in ((), ("error",)):
        start = time.process_time()
        make_exam(4711, 20, kinds=kind)
        assert time.process_time() - start < 2


def test_the_claim_goes_with_the_exam_as_data() -> None:
    (entry,) = make_exam(3, 1, kinds=["error"])
    (shown,) = exam_data(3, [entry])["questions"]
    claim = entry.claim
    assert isinstance(claim, Claim)
    assert [row["code"] for row in shown["claim"]] == [line.code for line in claim.lines]
    assert {row["payer"] for row in shown["claim"]} == {claim.payer}


@pytest.mark.slow
def test_exactly_one_choice_is_right_by_the_engine(bank: list[Exercise]) -> None:
    for entry in bank:
        assert sum(choice.right for choice in entry.choices) == 1, entry
        allowed = stands(entry)
        if allowed is not None:
            assert {choice.text for choice in entry.choices} & allowed == {entry.right.text}, entry


@pytest.mark.slow
def test_no_choice_stands_twice_and_every_choice_has_its_reason(bank: list[Exercise]) -> None:
    for entry in bank:
        texts = [choice.text for choice in entry.choices]
        assert len(texts) == len(set(texts)) >= 2, entry
        assert all(choice.why.strip() and choice.text.strip() for choice in entry.choices), entry
        assert set(entry.guidance) <= set(guidance()) and entry.guidance, entry


@pytest.mark.slow
def test_all_kinds_and_chapters_are_there(bank: list[Exercise]) -> None:
    kinds = Counter(entry.kind for entry in bank)
    print(kinds, Counter(entry.chapter for entry in bank), len({entry.key for entry in bank}), "different")
    assert set(kinds) == set(KINDS)
    assert {entry.chapter for entry in bank} == set(CHAPTERS)


@pytest.mark.slow
def test_the_right_answer_has_no_place_of_its_own(bank: list[Exercise]) -> None:
    four = [entry.letter for entry in bank if len(entry.choices) == 4]
    shares = [four.count(letter) / len(four) for letter in "ABCD"]
    assert max(shares) < 0.32 and min(shares) > 0.18


def test_one_seed_gives_one_exam_and_none_asks_twice() -> None:
    one, two = make_exam(7, 60), make_exam(7, 60)
    assert one == two != make_exam(8, 60)
    assert len({entry.key for entry in one}) == 60


def test_one_seed_gives_one_exam_in_every_process() -> None:
    """The order of a set is another one in each process, unless it is fixed; an exam may not hang on it."""
    told = "from omsnb.exercises import make_exam; print([(e.ask, e.choices) for s in (0, 1) for e in make_exam(s, 50)])"
    exams = {
        subprocess.run(
            [sys.executable, "-c", told],
            capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": number, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for number in ("1", "2")
    }  # fmt: skip
    assert len(exams) == 1


@pytest.mark.slow
def test_every_date_is_right(bank: list[Exercise]) -> None:
    """Written from the rule, not from the code: a safe splint is 11 days ahead."""
    seen = 0
    words = {
        in_words(date.fromordinal(day)): day
        for day in range(date(2025, 1, 1).toordinal(), date(2028, 1, 1).toordinal())
    }
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


@pytest.mark.slow
def test_the_year_question_follows_the_code_list(bank: list[Exercise]) -> None:
    for entry in bank:
        if entry.kind == "year":
            said = entry.scene[0][1].split()
            day = f"{said[2]}-{[in_words(date(2026, m, 1)).split()[1] for m in range(1, 13)].index(said[1]) + 1:02}-{int(said[0]):02}"
            for choice in entry.choices:
                code = codes()[choice.text[:5]]
                assert choice.right == (
                    (not code.effective_from or code.effective_from <= day)
                    and (not code.effective_to or day <= code.effective_to)
                ), entry


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
        (
            ["--questions", "200", "--chapter", "V", "--kind", "code"],
            "questions: 200 is too many here; there are ",
        ),
        (["-o", "exam.pdf"], "output: 'exam.pdf' is not allowed; allowed is a file name that ends in .html"),
        (
            ["-o", "no/such/folder/exam.html"],
            "file: 'no/such/folder/exam.html' cannot be written: there is no folder",
        ),
        (["--chapter", "X"], "invalid choice: 'X'"),
    ],
)
def test_bad_input_is_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    try:
        status = main(["exam", *arguments])
    except SystemExit as stop:
        status = int(stop.code or 0)
    problem = capsys.readouterr().err
    assert status == 2 and said in problem and len(problem.strip().splitlines()) == 1
