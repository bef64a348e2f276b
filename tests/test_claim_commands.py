"""The command line's part for claims: output, exit status, one clear line for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from claims import claims_of

from omsnb import claim_commands
from omsnb.__main__ import main
from omsnb.claim_files import read_claims, write_claims

ROOT = Path(__file__).resolve().parent.parent


def answer(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    try:
        status = main([str(argument) for argument in arguments])
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


@pytest.fixture
def good(tmp_path: Path) -> Path:
    write_claims(tmp_path / "good.csv", claims_of({"code": "70486"}))
    return tmp_path / "good.csv"


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    write_claims(tmp_path / "bad.csv", claims_of({"code": "76377", "report": "yes"}, {"code": "76376", "report": "yes"}))
    return tmp_path / "bad.csv"


def test_check(capsys: pytest.CaptureFixture[str], good: Path, bad: Path) -> None:
    status, out, err = answer(capsys, "check", good)
    assert (status, err) == (0, "") and "worst: ok" in out
    status, out, _ = answer(capsys, "check", bad, "--all")
    assert status == 1 and "DENY" in out and "rule pair-never" in out and "Rules that found nothing" in out
    status, out, _ = answer(capsys, "check", bad, "--format", "json")
    data = json.loads(out)
    assert data["worst"] == "deny" and data["findings"][0]["lines"] == [
        {"claim": "C-1", "line": 1}, {"claim": "C-1", "line": 2},
    ]  # fmt: skip
    assert data["findings"][0]["sources"]


def test_check_fills_in_payer_and_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_claims(tmp_path / "a.csv", claims_of({"code": "99244"}, payer="", form=""))
    _, out, _ = answer(capsys, "check", tmp_path / "a.csv", "--payer", "medicare", "--form", "cms1500", "--format=json")
    assert "consultation-medicare" in {finding["rule"] for finding in json.loads(out)["findings"]}


def test_bad_rows_are_said_and_the_others_checked(capsys: pytest.CaptureFixture[str], bad: Path) -> None:
    bad.write_text(bad.read_text() + bad.read_text().splitlines()[1].replace("2026-03-02", "soon") + "\n")
    status, out, err = answer(capsys, "check", bad)
    assert status == 1 and "DENY" in out and err.startswith("omsnb: row 4, column date: 'soon' is not allowed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "none.csv"), "omsnb: file: 'none.csv' cannot be read: No such file or directory"),
        (("check", "a.pdf"), "omsnb: file: 'a.pdf' has no known suffix; allowed: .csv, .txt, .tsv,"),
        (("periods", "00000", "2026-01-01"), "omsnb: code: '00000' is not known to the manual"),
        (("periods", "21085", "tomorrow"), "omsnb: date: 'tomorrow' is not a date; allowed is year-month-day, such as 2026-03-12"),
        (("claim", "tmj", "--payer", "dental", "--dates", "splin=2026-01-01"), "omsnb: dates: 'splin' is no service of case tmj; allowed: *,"),
        (("claim", "tmj", "--payer", "dental", "--dates", "1 May"), "omsnb: dates: *: '1 May' is not a date"),
        (("claim", "tmj", "--payer", "x", "--dates", "2026-01-01"), "omsnb: argument --payer: invalid choice: 'x'"),
        (("claim", "tmj", "claim=dental", "--payer", "medical", "--dates", "2026-01-01"), "omsnb: claim: the worksheet says"),
        (("claim", "tmj", "--payer", "medical", "--place", "98", "--dates", "2026-01-01"), "omsnb: place: '98' is not known; allowed: 01"),
        (("audit", "none.csv", "-o", "x.csv"), "omsnb: file: 'none.csv' is not there"),
        (("template", "-o", "a.doc"), "omsnb: file: 'a.doc' has no known suffix; allowed: .csv, .xlsx"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    status, out, err = answer(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.startswith(said) and err.count("\n") == 1


def test_claim(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    facts = ["scan=ct", "contrast=without", "workstation=independent", "place=office"]
    status, out, _ = answer(
        capsys, "claim", "tmj", *facts, "--payer", "medical", "--dates", "2026-02-02", "splint=2026-03-01",
        "evaluation=2026-01-05", "--diagnoses", "M26.69", "--provider", "B-1", "-o", tmp_path / "c.json", "--format=json",
    )  # fmt: skip
    data = json.loads(out)
    lines = {line["code"]: line for claim in data["claims"] for line in claim["lines"]}
    assert status == 0 and set(lines) == {"99205", "70486", "76377", "21085"}
    assert lines["21085"]["date"] == "2026-03-01" and lines["21085"]["made_by"] == "surgeon"
    assert lines["99205"]["minutes"] == 62 and data["left_out"] and not data["open"]
    assert [claim.claim for claim in read_claims(tmp_path / "c.json").claims] == [c["claim"] for c in data["claims"]]


def test_a_claim_with_open_questions_is_not_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "claim", "tmj", "--payer", "medical", "--dates", "2026-02-02")
    assert status == 1 and "Still open: CT or cone-beam CT: 70486, 70487" in out


def test_a_code_is_not_written_for_a_day_before_it_began(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    early = ("claim", "orthognathic", "--payer", "dental", "--dates", "2022-06-01", "--provider", "B-1")
    status, out, _ = answer(capsys, *early, "-o", tmp_path / "c.csv")
    assert status == 1 and "Left out: D0801. D0801 is valid from 2023-01-01 on, and not on 2022-06-01." in out
    assert "DENY" not in out and "D0801" not in (tmp_path / "c.csv").read_text()
    _, out, _ = answer(capsys, *early, "--format=json")
    data = json.loads(out)
    (entry,) = [entry for entry in data["left_out"] if entry["reason"] == "date"]
    assert entry["what"] == "D0801" and entry["service"] == "surface-scan" and "2023-01-01" in entry["because"]
    assert "D0801" not in {line["code"] for claim in data["claims"] for line in claim["lines"]}
    _, out, _ = answer(capsys, *early[:-3], "2023-01-01", "--format=json")
    assert "D0801" in {line["code"] for claim in json.loads(out)["claims"] for line in claim["lines"]}


def test_a_claim_without_a_line_is_not_written_and_not_called_fine(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = claim_commands.build_claims
    monkeypatch.setattr(claim_commands, "build_claims", lambda *given, **more: replace(built(*given, **more), claims=()))
    status, out, _ = answer(
        capsys, "claim", "orthognathic", "--payer", "dental", "--dates", "2026-02-02", "-o", tmp_path / "c.csv"
    )
    assert status == 1 and "No line can be written." in out and "worst" not in out
    assert not (tmp_path / "c.csv").exists()


def test_periods(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = answer(capsys, "periods", "21196", "2026-03-12", "--format", "json")
    data = json.loads(out)
    assert status == 0 and (data["first"], data["last"], data["length"]) == ("2026-03-11", "2026-06-10", 92)
    assert data["last_safe"]["010"] == "2026-03-01"


def test_template_export_letter_audit(capsys: pytest.CaptureFixture[str], tmp_path: Path, bad: Path) -> None:
    status, out, _ = answer(capsys, "template")
    assert status == 0 and out.startswith("claim,patient,")
    for kind, suffix in (("xlsx", "xlsx"), ("json", "json"), ("fhir", "fhir.json"), ("html", "html")):
        status, _, err = answer(capsys, "export", bad, "--to", kind, "-o", tmp_path / f"x.{suffix}")
        assert (status, err) == (0, "")
    assert read_claims(tmp_path / "x.fhir.json").claims == read_claims(bad).claims
    status, out, _ = answer(capsys, "letter", bad, "--line", "2")
    assert status == 0 and "reported as 76376" in out and "76377" not in out
    status, _, err = answer(capsys, "letter", bad, "--claim", "C-7")
    assert status == 2 and err == "omsnb: line: C-7 line any is not in the file\n"
    status, out, _ = answer(capsys, "audit", bad, "-o", tmp_path / "f.csv")
    assert status == 1 and "1 deny" in out and "pair-never" in (tmp_path / "f.csv").read_text()


def test_claims_need_no_library_but_for_files() -> None:
    script = (
        "import sys, omsnb.claim_commands; "
        "print([m for m in ('pandas', 'numpy', 'jinja2', 'openpyxl', 'pyarrow') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
