"""The command line: output, exit status, one clear line for bad input."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from omsnb.__main__ import GROUPS, OWN_FILES, main, parser
from omsnb.reading import DataError
from omsnb.tables import cases, codes, tables

ROOT = Path(__file__).resolve().parent.parent


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = main(list(arguments))
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.mark.parametrize("name", list(cases()))
def test_case_json(capsys: pytest.CaptureFixture[str], name: str) -> None:
    status, out, err = answer(capsys, "case", name, "--format", "json")
    data = json.loads(out)
    assert (status, err, data["equal"], data["case"]) == (0, "", True, name)
    assert {
        "codes",
        "rows",
        "not_reported",
        "documents",
        "discrepancies",
        "paper",
        "evaluation",
        "open",
    } <= set(data)
    for row in data["rows"]:
        assert {"service", "alternatives", "open", "because", "guidance"} <= set(row)
        for way in row["alternatives"]:
            assert {"code", "modifiers", "units", "claim"} <= set(way)
    assert (
        list(dict.fromkeys(w["code"] for row in data["rows"] for w in row["alternatives"])) == data["codes"]
    )
    assert not set(data["codes"]) & {way["code"] for way in data["evaluation"]["alternatives"]}


def test_case_with_answers(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(
        capsys, "case", "tmj", "claim=medical", "scan=ct", "contrast=with", "--format=json"
    )
    data = json.loads(out)
    assert (status, data["equal"], data["answers"]["contrast"]) == (0, None, "with")
    assert data["codes"] == ["70487", "76376", "76377", "21085"]
    status, out, _ = answer(capsys, "case", "tmj", "contrast=with")
    assert status == 0 and "70487" in out and "not compared" in out


def test_case_text_and_variant(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "case", "trauma")
    assert status == 0 and "Equal: yes; modifiers that follow" in out and "70486-26" in out
    status, out, _ = answer(capsys, "case", "neonatal-distraction", "--variant", "custom-devices")
    assert status == 0 and "cutting guides and custom distractors" in out
    status, out, _ = answer(capsys, "case", "tmj", "--reading", "narrative", "--format", "json")
    assert json.loads(out)["equal"] is None


def test_lists(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "cases")
    assert status == 0 and [line.split()[0] for line in out.splitlines()] == list(cases())
    status, out, err = answer(capsys, "tables", "--format", "json")
    assert (status, err) == (0, "") and [entry["table"] for entry in json.loads(out)] == list(tables())


def test_decide(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(
        capsys, "decide", "ct", "component=read_only", "claim=medical", "--format", "json"
    )
    data = json.loads(out)
    assert status == 0 and data["codes"] == ["70486", "70487", "70488"] and not data["settled"]
    assert [entry["fact"] for entry in data["open"]] == ["contrast"]
    assert any(
        "billed is the professional component" in " ".join(row["ruled_out_by"]) for row in data["fallen"]
    )
    status, out, _ = answer(capsys, "decide", "cbct", "scan=ct")
    assert status == 1 and "no row is left" in out


@pytest.mark.slow
@pytest.mark.parametrize("code", list(codes()))
def test_every_code_is_shown_and_found(capsys: pytest.CaptureFixture[str], code: str) -> None:
    status, out, _ = answer(capsys, "code", code.lower(), "--format", "json")
    assert status == 0 and json.loads(out)["code"] == code
    status, out, _ = answer(capsys, "search", code, "--format", "json")
    assert status == 0 and json.loads(out)[0]["id"] == code


def test_search(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "search", "panorex")
    assert status == 0 and "70355" in out and "D0330" in out
    status, out, _ = answer(capsys, "search", "zebra")
    assert status == 1 and "nothing found" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["case", "knee"], "case: 'knee' is not known; allowed: orthognathic"),
        (["case", "tmj", "minutes"], "fact: 'minutes' is not of the form fact=value"),
        (["case", "tmj", "claim=a"], "claim: 'a' is not allowed; allowed: medical, dental"),
        (["case", "tmj", "claim=dental", "claim=medical"], "fact: 'claim' is given twice"),
        (["case", "tmj", "--reading", "mine"], "invalid choice"),
        (["decide", "nothing"], "table: 'nothing' is not known; allowed: visit-family"),
        (["decide", "ct", "hat=red"], "fact: 'hat' is not asked by table ct"),
        (["code", "12345"], "code: '12345' is not known"),
        (["frobnicate"], "invalid choice"),
        ([], "required"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    status, out, err = answer(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said in err and err.startswith("omsnb: ") and err.count("\n") == 1


def test_runs_as_a_module_and_stands_a_closed_pipe() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "omsnb", "case", "tmj", "claim=maybe"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 2 and "Traceback" not in found.stderr
    piped = subprocess.run(
        f"{sys.executable} -m omsnb search e --format json | head -c 10", cwd=ROOT, shell=True, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in piped.stderr


@pytest.mark.parametrize(
    ("words", "wanted", "never"),
    [
        ("night guard", {"D9944", "D9945", "D9946"}, {"D7880", "21085"}),
        ("TMJ splint", {"D7880"}, {"21085", "D9944"}),
        ("ameloblastoma", {"21046", "21047"}, {"21045"}),
        ("malignant mandible tumor", {"21045"}, {"21046", "21047"}),
        ("mandible segment", {"21198"}, {"21206"}),
        ("maxilla segment", {"21206"}, {"21198"}),
        ("photographs taking alone", {"D0703"}, {"D0350"}),
        ("distractor", set(), {"20696"}),
    ],
)
def test_a_plain_word_leads_to_its_code_and_not_to_a_neighbour(
    words: str, wanted: set[str], never: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = answer(capsys, "search", *words.split(), "--format", "json")
    found = {entry["id"] for entry in json.loads(out) if entry["kind"] == "code"}
    assert wanted <= found and not found & never


def test_labels_say_which_jaw_and_what_is_captured(capsys: pytest.CaptureFixture[str]) -> None:
    for code, word in (
        ("21198", "mandible"),
        ("21199", "mandible"),
        ("21206", "maxilla"),
        ("D0394", "images or"),
    ):
        assert word in answer(capsys, "code", code)[1].splitlines()[0].casefold(), code
    for code in ("D0701", "D0702", "D0703"):
        assert json.loads(answer(capsys, "code", code, "--format", "json")[1])["component_split"] is True


def test_every_command_is_loaded_by_the_group_that_names_it() -> None:
    """The grammar of one command is that of the whole command line, cut to its group."""
    whole = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
    assert [name for _, _, names in GROUPS for name in names] == list(whole)
    for _, _, names in GROUPS:
        for name in names:
            alone = next(
                a for a in parser(name)._actions if isinstance(a, argparse._SubParsersAction)
            ).choices
            assert list(alone) == list(names) and alone[name].format_help() == whole[name].format_help()


def test_a_decision_loads_what_it_needs_and_no_more() -> None:
    """A start is short because the other commands stay unread: neither their modules nor their files are opened."""
    said = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "omsnb", "decide", "splint"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = {
        line.rpartition("|")[2].strip()
        for line in said.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert "omsnb.decisions" in loaded
    for other in (
        "all_data",
        "calculators",
        "exercises",
        "claims",
        "coding",
        "edits",
        "notes",
        "case_records",
        "paper",
    ):
        assert not {
            name for name in loaded if name == f"omsnb.{other}" or name.startswith(f"omsnb.{other}.")
        }, other
    for slow in ("importlib.resources", "tempfile", "json", "csv", "shutil", "numpy", "pandas"):
        assert slow not in loaded, slow


def test_only_short_commands_leave_other_files_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault anywhere in the data is told by every command but those that open few files."""

    def broken() -> None:
        raise DataError("data/letters.toml row 1: broken")

    monkeypatch.setattr("omsnb.all_data.check_data", broken)
    assert main(["decide", "splint"]) == 0
    assert set(OWN_FILES) < {name for _, _, names in GROUPS for name in names}
    for words in (
        ["code", "21085"],
        ["tables"],
        ["search", "splint"],
        ["pair", "76376", "76377"],
        ["template"],
    ):
        assert main(words) == 2, words
