"""Chart notes: our own invented notes with labels, changed words, hostile text, and the command."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from omsnb.__main__ import main
from omsnb.notes import propose
from omsnb.notes.dates import dates_in
from omsnb.tables import facts, services

NOTES = sorted((Path(__file__).parent / "notes").glob("*.txt"))
DAY = "2026-03-03"


def found_in(text: str, day: str = DAY) -> set[tuple[str, str, str]]:
    return {(one.service, one.fact, one.value) for one in propose(text, day).proposals}


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.stem)
def test_a_note_of_our_own(path: Path) -> None:
    label = json.loads(path.with_suffix(".json").read_text())
    text = path.read_text()
    made = propose(text, label["day"])
    found = {(one.service, one.fact, one.value) for one in made.proposals}
    wanted = {tuple(fact) for fact in label["facts"]}
    assert wanted <= found, wanted - found
    tempting = {tuple(entry) for entry in label["open"]}
    assert not [one for one in found if one[:2] in tempting]
    for one in made.proposals:
        assert text[one.start : one.start + len(one.quote)] == one.quote and one.quote
        assert one.service in {*services(), "visit"} and one.basis in ("stated", "implied")
        assert one.value in facts()[one.fact].values or facts()[one.fact].kind == "number"
    assert propose(text).day == propose(text, label["day"]).day
    assert propose(text, label["day"]) == made


LEADS = ("", "Pt seen. ", "Exam unchanged. ", "Healthy otherwise. ", "Swelling is down. ")
CHANGED: list[tuple[tuple[str, str, str], str, tuple[str, ...]]] = [
    (("photographs", "photographs", "two_dimensional"), "We took eight photographs.",
     ("We will take eight photographs.", "We took no photographs.", "Radiology took eight photographs.",
      "Eight photographs were taken by her dentist.", "[ ] eight photographs", "Eight photographs were not taken.")),
    (("volume-scan", "component", "capture_and_read"), "A CBCT was taken in our office; my signed report is filed.",
     ("A CBCT will be taken in our office; my signed report will follow.",
      "A CBCT was taken at an outside office; their signed report is filed.",
      "No CBCT was taken in our office; no signed report is filed.", "If a CBCT is taken, my signed report follows.")),
    (("volume-scan", "contrast", "without"), "CT of the face without contrast, read by radiology.",
     ("CT of the face with contrast, read by radiology.", "CT of the face without contrast is planned.")),
    (("surface-scan", "scan_subject", "mouth"), "An intraoral scan of both arches was made.",
     ("An intraoral scan of both arches will be made.", "An intraoral scan of both arches was made by the orthodontist.",
      "No intraoral scan of both arches was made.", "An intraoral scan of both arches was made last year.")),
    (("planning", "planning_act", "treatment_simulated"), "In the virtual session I moved the maxilla 4 mm.",
     ("In the virtual session I will move the maxilla 4 mm.", "In the virtual session the engineer moved the maxilla.",
      "In the virtual session radiology moved the maxilla.", "Last week in the virtual session I moved the maxilla.",
      "If a virtual session is held, I moved nothing.")),
    (("splint", "splint_made", "yes"), "I designed and made the splint.",
     ("I will design and make the splint.", "No splint was made.", "If needed, a splint is made.",
      "I designed and made the night guard splint for bruxism.")),
    (("printing", "printed_by", "practice"), "The model was printed in our office.",
     ("The model will be printed in our office.", "The model was printed by the company.",
      "The model was not printed in our office.", "The handout was printed in our office.")),
    (("implant-placement", "implant_stage", "body_placed"), "Two implants were placed.",
     ("Two implants will be placed.", "Two implants were not placed.", "Two virtual implants were placed.",
      "Two implants were placed by another office.")),
    (("implant-guide", "guidance_method", "dynamic_navigation"), "Dynamic navigation was used.",
     ("Dynamic navigation will be used.", "Dynamic navigation was not used.", "No dynamic navigation was used.")),
    (("devices", "cost_borne_by", "facility"), "The plate was bought by the hospital.",
     ("The plate was not bought by the hospital.", "The plate was bought by our practice.")),
    (("casts", "cast", "physical"), "Both arches were poured in stone.",
     ("Both arches will be poured in stone.", "Both arches were poured in stone by the lab.",
      "Neither arch was poured in stone.")),
]  # fmt: skip


def variants() -> list[tuple[tuple[str, str, str], str]]:
    return [(fact, lead + changed) for fact, _, words in CHANGED for changed in words for lead in LEADS]


def test_a_changed_word_changes_the_proposal_or_holds_it_back() -> None:
    for fact, plain, _ in CHANGED:
        assert all(fact in found_in(lead + plain) for lead in LEADS), plain
    assert len(variants()) >= 200
    survived = [(fact, text) for fact, text in variants() if fact in found_in(text)]
    assert not survived


def test_what_is_held_back_says_why() -> None:
    held = propose("We will take eight photographs.", DAY).held
    assert [one for one in held if one.fact == "photographs" and "planned" in one.because]


def test_two_values_of_one_fact_are_a_contradiction() -> None:
    made = propose("New patient, healthy. Established patient, doing well.", DAY)
    assert not [one for one in made.proposals if one.fact == "patient"]
    assert [one for one in made.held if "both" in one.because]


HOSTILE = ["\x00\x01\x1b[31m", "<script>alert(1)</script><b>New patient</b>", "‮txet siht‬ שלום", "((((((", "[x][ ]" * 50,
           "no " * 400, "12/12/" * 200, "....!!!!;;;;", "\n" * 3000, "a" * 5000, "9" * 5000, "=== " * 500]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_any_text_is_taken_as_text_alone(text: str) -> None:
    for one in propose(text, DAY).proposals:
        assert text[one.start : one.start + len(one.quote)] == one.quote


def note_of(length: int) -> str:
    text = "\n".join(path.read_text() for path in NOTES)
    return (text * (length // len(text) + 1))[:length]


@pytest.mark.slow
@pytest.mark.parametrize("part", [note_of(2_000), "no photographs ", "x", ". "], ids=["note", "denied", "one word", "stops"])
def test_time_grows_with_length_alone(part: str) -> None:
    """Four times the text takes about four times as long; sixteen times would be the square. `bench/notes.py` measures."""

    def took(length: int) -> float:
        text = (part * (length // len(part) + 1))[:length]
        taken = []
        for _ in range(3):
            begun = time.process_time()
            propose(text, DAY)
            taken.append(time.process_time() - begun)
        return min(taken)

    assert took(80_000) < 9 * took(20_000)


@pytest.mark.parametrize(
    ("text", "day"),
    [("02/11/2026", "2026-02-11"), ("3/7/26", "2026-03-07"), ("14 May 2026", "2026-05-14"), ("Jan. 28, 2026", "2026-01-28"),
     ("03-Mar-2026", "2026-03-03"), ("2026-12-01", "2026-12-01"), ("5-5-26", "2026-05-05")],
)  # fmt: skip
def test_dates_as_they_are_written(text: str, day: str) -> None:
    assert [one.day.isoformat() for one in dates_in(f"Seen {text}, well.")] == [day]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["note", str(NOTES[0]), "--format", "json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said) == {"on", "services", "facts", "held_back", "documentation_missing"}
    assert set(said["facts"][0]) == {"service", "fact", "value", "quote", "start", "basis"}
    assert main(["note", str(NOTES[0])]) == 0
    assert "To be confirmed, one by one" in capsys.readouterr().out
    assert main(["note", str(tmp_path / "none.txt")]) == 2
    assert "file: " in capsys.readouterr().err
    assert main(["note", str(NOTES[0]), "--on", "soon"]) == 2
    assert "day: 'soon' is not a date" in capsys.readouterr().err
    (tmp_path / "bytes.txt").write_bytes(bytes(range(256)) * 20)
    assert main(["note", str(tmp_path / "bytes.txt")]) == 1
