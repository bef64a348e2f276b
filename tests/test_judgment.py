"""Items of judgment: each answer worked out anew by the engine, no option right on another reading, every outcome asked."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from omsnb import reading
from omsnb.answers import words
from omsnb.claims import Claim, ServiceLine
from omsnb.decisions import decide
from omsnb.edit_rules import edit_rules
from omsnb.edits import check
from omsnb.exercises import Exercise, frames, make_exam, outcomes, payment, vignettes, visits
from omsnb.exercises.dates import in_words
from omsnb.exercises.questions import outcome
from omsnb.lookups import ANSWERS, denials
from omsnb.pair_question import ask_pair
from omsnb.records import Row
from omsnb.tables import documents, facts, tables

JUDGED = ("vignette", "note", "which", "pair", "denial", "appeal", "table")
SEEDS, EACH = 100, 100
CHAPTERS = Path(__file__).resolve().parent.parent / "book" / "chapters"
DAYS = {
    in_words(date.fromordinal(day)): date.fromordinal(day)
    for day in range(date(2023, 1, 1).toordinal(), date(2028, 1, 1).toordinal())
}
DAY = re.compile(r"\d{1,2} [A-Z][a-z]+ 20\d\d")
CODE = re.compile(r"\b(?:\d{4}[0-9T]|[DG]\d{4})\b")
NEEDS = {
    "sore tongue": "24", "salivary gland": "24", "another area": "25", "swelling of the neck": "25",
    "decide on the operation": "57", "decision to operate": "57", "wound and finds": "part", "doing well": "part",
    "nothing else": "part", "this one problem": "part", "next stage": "58", "later stage": "58",
    "unplanned return": "78", "bleeds": "78", "another problem": "79", "A fall": "79",
}  # fmt: skip
"""What each circumstance means, written from the surgery: words of the sentence, and the modifier."""


def faults(entry: Exercise) -> list[str]:
    """Everything that is wrong with an item of judgment."""
    texts = [choice.text for choice in entry.choices]
    found = [] if len(set(texts)) == len(texts) and 2 <= len(texts) <= 4 else ["options"]
    found += [] if sum(choice.right for choice in entry.choices) == 1 else ["not one right"]
    found += [] if all(choice.why.strip() for choice in entry.choices) else ["no reason"]
    judge = {
        "vignette": vignette,
        "note": note,
        "which": which,
        "pair": pair,
        "denial": denial,
        "appeal": appeal,
        "table": table,
    }
    return found + judge[entry.kind](entry)


def vignette(entry: Exercise) -> list[str]:
    (decided,) = {outcome(tables()[entry.table], row) for row in decide(entry.table, **entry.given).rows}
    found = [] if decided == entry.right.text else [f"decided {decided}"]
    ((_, told),) = entry.scene
    if told.count(". ") + 1 < len(entry.given) or any(
        frames.sentence(*fact) not in told for fact in entry.given.items()
    ):
        found.append("not told")
    for choice in entry.choices:
        swap = re.search(r"if the story said (.+) in place of “(.+)”$", choice.why)
        if swap:
            (name,) = [name for name, value in entry.given.items() if frames.sentence(name, value) == swap[2]]
            for said in re.findall("“(.+?)”", swap[1]):
                (value,) = [value for value in facts()[name].values if frames.sentence(name, value) == said]
                rows = decide(entry.table, **{**entry.given, name: value}).rows
                if {outcome(tables()[entry.table], row) for row in rows} != {choice.text}:
                    found.append(f"feedback: {choice.why}")
        _, _, other = choice.why.partition(" belongs to another story, one that ")
        if other and not any(wanted(row, entry.given) == other for row in leading(entry, choice.text)):
            found.append(f"feedback: {choice.why}")
    return found


def leading(entry: Exercise, text: str) -> list[Row]:
    """The rows of the table that lead to an answer."""
    return [row for row in tables()[entry.table].rows if outcome(tables()[entry.table], row) == text]


def wanted(row: Row, given: Mapping[str, str]) -> str:
    """What a row asks that the facts told, with all that follows from them, do not give, as sentences of a story."""
    (fallen,) = [entry for entry in decide(row.table, **given).fallen if entry.row.id == row.id]
    parts = []
    for reason in fallen.reasons:
        asked, fact = {**tables()[row.table].scope, **row.conditions}[reason.fact], facts()[reason.fact]
        if fact.values and len(asked) <= vignettes.MOST:
            told = [frames.sentence(fact.name, value) for value in fact.values if value in asked]
            parts.append("says " + " or ".join(f"“{text}”" for text in told))
        elif fact.values:
            parts.append(f"answers “{fact.question}” with {words(fact, asked)}.")
        else:
            parts.append(f"gives {words(fact, asked)}.")
    return ", and ".join(parts)


def note(entry: Exercise) -> list[str]:
    (row,) = decide(entry.table, **entry.given).rows
    asked = {documents()[name].label for name in row.documents}
    held = {label for label in asked if label in entry.scene[0][1].partition("it holds: ")[2]}
    missing = {choice.text for choice in entry.choices} & (asked - held)
    return [] if missing == {entry.right.text} else [f"missing {missing}"]


def which(entry: Exercise) -> list[str]:
    ((_, told),) = entry.scene
    (meant,) = {mark for words, mark in NEEDS.items() if words in told}
    codes, days = CODE.findall(told), [DAYS[day] for day in DAY.findall(told)]
    payer = "medicare" if "Medicare" in told.partition(". ")[0] else "medical"

    def blamed(marks: tuple[str, ...]) -> bool:
        lines = [
            ServiceLine(
                date=day,
                code=code,
                modifiers=mine,
                pointers="A",
                narrative="yes",
                attachment="yes",
                report="yes",
                made_by="surgeon",
            )
            for code, day, mine in zip(codes, days, ((), marks), strict=True)
        ]
        claim = Claim(
            "A",
            "P",
            payer=payer,
            provider="X",
            form="cms1500",
            place="11",
            birth_date=date(1990, 1, 1),
            diagnoses=("M26.04",),
            lines=tuple(lines),
        )
        kinds = {"global_period", "separate_evaluation"}
        return any(
            finding.status in ("deny", "review", "warn") and edit_rules()[finding.rule].kind in kinds
            for finding in check([claim]).findings
        )

    answer = entry.right.text.removeprefix("modifier ")
    if answer == visits.PART:
        return [] if meant == "part" else [f"part, though {meant}"]
    if answer == visits.NONE:
        return [] if not blamed(()) else ["the period is not over"]
    found = [] if answer == meant else [f"{answer}, though {meant}"]
    found += ["refused"] if blamed((answer,)) else []
    return found + ([] if blamed(()) else ["no modifier is needed"])


def pair(entry: Exercise) -> list[str]:
    ((_, told),) = entry.scene
    first, second = CODE.findall(told)[:2]
    (day,) = [DAYS[found] for found in DAY.findall(told)]
    answer = ask_pair(first, second, day)
    lifting = set(answer.lifting.modifiers) if answer.lifting else set()
    found = []
    for choice in entry.choices:
        marks = set(re.findall(r"\b(?:\d\d|X[EPSU])\b", choice.text))
        if choice.right != (marks == lifting):
            found.append(f"{choice.text}, lifting {lifting}")
    for choice in entry.choices:
        for mark in set(re.findall(r"\b(?:\d\d|X[EPSU])\b", choice.text)):
            refused = all(pair_denied(first, second, day, mark, at) for at in (0, 1))
            if refused == choice.right:
                found.append(f"{choice.text}: check {refused}")
    return found


def pair_denied(first: str, second: str, day: date, mark: str, at: int) -> bool:
    """Whether the claim check has something against the two with that modifier on one of them."""
    lines = [
        ServiceLine(date=day, code=code, modifiers=(mark,) if place == at else ())
        for place, code in enumerate((first, second))
    ]
    claim = Claim("A", "P", payer="medical", provider="X", form="cms1500", lines=tuple(lines))
    about = (
        "pair-",
        "visit-with-",
        "decision-with-minor",
        "visit-modifier-on",
        "procedure-modifier-on",
        "two-visits",
    )
    found = check([claim]).findings
    return any(finding.rule.startswith(about) and finding.status in ("deny", "review") for finding in found)


def denial(entry: Exercise) -> list[str]:
    held = denials()[re.search(r"(?:CARC|RARC)-\w+", entry.ask)[0]]  # type: ignore[index]
    wrong = [
        other
        for other in denials().values()
        for choice in entry.choices
        if not choice.right and choice.text == other.label
    ]
    found = [] if held.label == entry.right.text else ["another label"]
    return found + [f"alike: {other.code}" for other in wrong if set(other.answers) & set(held.answers)]


def appeal(entry: Exercise) -> list[str]:
    held = denials()[re.search(r"(?:CARC|RARC)-\w+", entry.scene[0][1])[0]]  # type: ignore[index]
    (right,) = held.answers
    found = [] if ANSWERS[right] == entry.right.text else ["another step"]
    for choice in entry.choices:
        if not choice.right and choice.text in ("appeal", "write off", "bill the patient"):
            if (
                choice.text.rpartition(" ")[2] in held.next_step.lower()
                or choice.text[:5] in held.next_step.lower()
            ):
                found.append(f"{choice.text} is right as well: {held.next_step}")
    return found


def table(entry: Exercise) -> list[str]:
    day, begun = (DAYS[found] for found in DAY.findall(entry.scene[0][1]))
    same = (day.year, (day.month - 1) // 3) == (begun.year, (begun.month - 1) // 3)
    return [] if entry.right.text.startswith("Yes") == same else ["another quarter"]


@pytest.fixture(scope="module")
def bank() -> list[Exercise]:
    """10,000 items of judgment."""
    return [entry for seed in range(SEEDS) for entry in make_exam(seed, EACH, kinds=JUDGED)]


@pytest.mark.slow
def test_no_item_of_judgment_has_a_fault(bank: list[Exercise]) -> None:
    assert len(bank) == SEEDS * EACH and {entry.kind for entry in bank} == set(JUDGED)
    bad = [(entry.kind, entry.scene, found) for entry in bank for found in faults(entry)]
    print(len(bank), Counter(entry.kind for entry in bank))
    assert not bad, (len(bad), Counter(kind for kind, _, _ in bad), bad[:5])


@pytest.mark.slow
def test_the_modifiers_of_judgment_are_all_asked(bank: list[Exercise]) -> None:
    asked = Counter(entry.right.text for entry in bank if entry.kind == "which")
    assert set(asked) == {f"modifier {mark}" for mark in (*visits.VISITS, *visits.STAGES)} | {
        visits.PART,
        visits.NONE,
    }
    assert min(asked.values()) > 10


def some(kind: str, seeds: int = 12, each: int = 30) -> list[Exercise]:
    """A few items of one kind, without the rest of an exam."""
    return [entry for seed in range(seeds) for entry in make_exam(seed, each, kinds=[kind])]


@pytest.mark.parametrize("kind", JUDGED)
def test_a_few_items_of_each_kind_have_no_fault(kind: str) -> None:
    assert not [(entry.scene, found) for entry in some(kind, 2, 20) for found in faults(entry)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "name", "value", "kind", "seen"),
    [
        (payment, "_alike", lambda one, other: False, "denial", "alike"),
        (payment, "named", lambda step, entry: False, "appeal", "right as well"),
        (payment, "quarter_end", lambda day: f"{day[:4]}-12-31", "table", "another quarter"),
        (vignettes, "_asked_by", lambda table, row: set(), "note", "missing|options"),
        (vignettes, "instead_of", lambda table, given, name, fallen, leads: fallen[0].row.conditions.get(name), "vignette", "feedback"),
        (vignettes, "story", lambda given, first=(): frames.story(dict(list(given.items())[1:]), first), "vignette", "not told"),
        (visits, "one_of", lambda random, kind, key: frames.one_of(random, kind, "58" if kind == "circumstance" else key), "which", "though 58"),
    ],
)  # fmt: skip
def test_each_fault_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: object, kind: str, seen: str
) -> None:
    """The generator is spoilt, and the look at the items finds it."""
    monkeypatch.setattr(module, name, value)
    found = [text for entry in some(kind) for text in faults(entry)]
    assert any(re.search(seen, text) for text in found), Counter(text[:40] for text in found)


# --- outcomes


def test_the_outcomes_are_those_of_the_chapters() -> None:
    """Each numbered chapter's opening lists what its rows in ``outcomes.csv`` say."""
    stated = []
    for path in CHAPTERS.glob("*.md"):
        page = path.read_text(encoding="utf-8")
        if not re.search(r"^# [IVX]+\. ", page, re.MULTILINE):
            continue  # the pages without a number have no decision tables to draw from
        opening = page.partition("**After this chapter you can**")[2].partition("\n## ")[0]
        stated += [line.removeprefix("- ") for line in opening.splitlines() if line.startswith("- ")]
    assert sorted(stated) == sorted(entry.text for entry in outcomes.outcomes().values())


@pytest.mark.slow
def test_each_outcome_has_at_least_five_items() -> None:
    """Counted over the different items of sixty exams of each chapter."""
    counted: Counter[str] = Counter()
    for chapter in outcomes.CHAPTERS:
        seen = {entry.key: entry for seed in range(60) for entry in make_exam(seed, 15, [chapter])}
        counted.update(entry.id for item in seen.values() for entry in outcomes.outcomes_of(item))
    for entry in outcomes.outcomes().values():
        print(entry.id, counted[entry.id], entry.text)
    assert min(counted[id] for id in outcomes.outcomes()) >= 5, counted


NOT_TOLD: set[str] = set()
"""Tables with facts that have no sentence, so that no vignette is made of them."""


def test_facts_without_a_sentence_are_named() -> None:
    """A new fact breaks nothing; its table is not told, and this test says so."""
    silent = {name: keys for name, table in tables().items() if (keys := frames.untold(table))}
    assert set(silent) <= NOT_TOLD, f"no sentence in data/exercises/frames.csv for {silent}"
    assert set(silent) >= NOT_TOLD, f"told by now: {NOT_TOLD - set(silent)}"


def test_a_fact_without_a_sentence_silences_its_tables_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (reading.data_folder() / "exercises/frames.csv").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith("story,contrast=with,")]
    shutil.copytree(reading.data_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "exercises/frames.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    frames.frames.cache_clear()
    frames._untold.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "data_folder", lambda: tmp_path)
        told = frames.frames()  # read before the other files are asked for
    silent = {name for name, table in tables().items() if "contrast=with" in frames.untold(table)}
    assert ("story", "contrast=with") not in told and "ct" in silent and "cbct" not in silent
    assert all(entry.table != "ct" for entry in make_exam(1, 30, ["III"], ["vignette", "note"]))
    frames.frames.cache_clear()
    frames._untold.cache_clear()


def test_there_are_enough_sentences() -> None:
    assert sum(map(len, frames.frames().values())) >= 120


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "story,claim=medical,",
            "story,claim=medicine,",
            r"row 2, column key: 'claim=medicine' is not allowed",
        ),
        ("{n} minutes", "many minutes", r"row \d+, column text: \{n\} stands in the sentence of a number"),
        ("would,24", "wood,24", r"row \d+, column kind: 'wood' is not allowed"),
    ],
)
def test_a_mistake_in_the_sentences_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, said: str
) -> None:
    text = (reading.data_folder() / "exercises/frames.csv").read_text(encoding="utf-8")
    assert old in text
    shutil.copytree(reading.data_folder(), tmp_path, dirs_exist_ok=True)
    (tmp_path / "exercises/frames.csv").write_text(text.replace(old, new, 1), encoding="utf-8")
    frames.frames.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "data_folder", lambda: tmp_path)
        with pytest.raises(reading.DataError, match=said):
            frames.frames()
    frames.frames.cache_clear()
