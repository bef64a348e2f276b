"""Scenarios of the explorer: kept under names, saved to one file, and opened again."""

from __future__ import annotations

import base64
import json
import re

import pytest

from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.scenarios import LARGEST, LONGEST, MOST, Scenarios
from omsnb.calculators.scenarios_view import CHOOSE, scenarios_view
from omsnb.edition import edition
from omsnb.tables import cases


def made() -> Scenarios:
    scenarios = Scenarios(CaseExplorer(case="trauma"))
    scenarios.model.enter("place", "office")
    scenarios.keep("in the office")
    scenarios.model.case = "neonatal-distraction"
    scenarios.model.variant = list(cases()["neonatal-distraction"].variants)[-1]
    scenarios.model.reading = "narrative"
    scenarios.model.enter("claim", "medical")
    scenarios.keep("  medical,   <b>  ")
    return scenarios


def test_a_file_gives_back_the_screen_and_every_scenario() -> None:
    scenarios = made()
    again = Scenarios(CaseExplorer())
    again.open_file(scenarios.file())
    assert again.model.state == scenarios.model.state and again.model.worksheet == scenarios.model.worksheet
    assert list(again.kept) == ["in the office", "medical, <b>"] and again.kept == scenarios.kept
    assert again.model.notice == "" and again.file() == scenarios.file()
    again.open("in the office")
    assert again.model.answers == {"place": "office"} and again.model.case == "trauma"
    again.model.undo()
    assert again.model.state == scenarios.model.state, "nothing that was on the screen is lost"
    said = json.loads(scenarios.file())
    assert (said["omsnb_explorer"], said["edition"], said["case"]) == (
        1,
        edition().edition,
        "neonatal-distraction",
    )


BROKEN = [
    ("", "no JSON"),
    ("[" * 5000, "no JSON"),
    ("[1]", "not one that the explorer saved"),
    ("{}", "not one that the explorer saved"),
    ('{"omsnb_explorer": 2, "case": "tmj"}', "version '2'; this explorer reads 1 to 1"),
    ('{"omsnb_explorer": true, "case": "tmj"}', "version 'True'"),
    ('{"omsnb_explorer": 1}', "the file: case is missing"),
    ('{"omsnb_explorer": 1, "case": 3}', "must be text"),
    ('{"omsnb_explorer": 1, "case": "tmj", "answers": {"claim": 1}}', "must be text"),
    ('{"omsnb_explorer": 1, "case": "tmj", "answers": []}', "must be text"),
    ('{"omsnb_explorer": 1, "case": "tmj", "scenarios": 3}', "scenarios: allowed is a list"),
    ('{"omsnb_explorer": 1, "case": "tmj", "scenarios": [3]}', "entry 1 is no scenario"),
    (
        '{"omsnb_explorer": 1, "case": "tmj", "scenarios": [{"case": "tmj"}]}',
        "name: give the scenario a name",
    ),
    ('{"omsnb_explorer": 1, "case": "tmj", "scenarios": [{"name": "a"}]}', "scenario 1: case is missing"),
    (" " * (LARGEST + 1), f"longer than {LARGEST}"),
]


@pytest.mark.parametrize(("text", "said"), BROKEN)
def test_a_broken_file_says_why_in_one_sentence_and_changes_nothing(text: str, said: str) -> None:
    scenarios = made()
    before = scenarios.file()
    with pytest.raises(ValueError, match=re.escape(said)) as problem:
        scenarios.open_file(text)
    assert "\n" not in str(problem.value) and scenarios.file() == before


def test_another_edition_opens_and_what_is_unknown_is_named() -> None:
    scenarios = Scenarios(CaseExplorer())
    answers = {"claim": "medical", "gone": "yes", "place": "moon"}
    scenarios.open_file(
        json.dumps({"omsnb_explorer": 1, "edition": "0.1", "case": "trauma", "answers": answers})
    )
    assert scenarios.model.answers == {"claim": "medical"} and scenarios.model.worksheet is not None
    assert "saved with edition 0.1; the result is by" in scenarios.model.notice
    assert "gone=yes" in scenarios.model.notice and "place=moon" in scenarios.model.notice


def test_names_and_number_are_bounded() -> None:
    scenarios = made()
    for bad in ("", "  ", "x" * (LONGEST + 1), "a\x00b"):
        with pytest.raises(ValueError, match="1 to"):
            scenarios.keep(bad)
    for number in range(MOST - 2):
        scenarios.keep(str(number))
    with pytest.raises(ValueError, match="no more fit"):
        scenarios.keep("one more")
    scenarios.keep("0")
    scenarios.model.enter("minutes", "many")
    with pytest.raises(ValueError, match="no result to keep"):
        scenarios.keep("0")


def test_the_view_keeps_opens_and_saves() -> None:
    scenarios = Scenarios(CaseExplorer(case="trauma"))
    view = scenarios_view(scenarios)
    unfold, body = view.children
    assert body.children == ()
    unfold.value = True
    name, keep, menu, save, upload, said = body.children
    scenarios.model.enter("claim", "medical")
    name.value = "<i>"
    keep.click()
    assert "Kept: &lt;i&gt;" in said.value and list(menu.options) == [CHOOSE, "<i>"]
    name.value = ""
    keep.click()
    assert "give the scenario a name" in said.value and "problem" in said.value
    scenarios.model.start_over()
    menu.value = "<i>"
    assert scenarios.model.answers == {"claim": "medical"}
    data = re.search(r"base64,([^\"]+)", save.value)
    assert data and base64.b64decode(data[1]).decode() == scenarios.file()

    class Sent:
        content = memoryview(scenarios.file().replace("medical", "dental").encode())

    upload.notify_change({"name": "value", "old": (), "new": (Sent,), "owner": upload, "type": "change"})
    assert scenarios.model.answers == {"claim": "dental"} and "The file was opened." in said.value
