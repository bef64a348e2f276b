"""Next year, rehearsed: with rows alone both code years are right, and every law holds on every day of change."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import next_year
import pytest

from omsnb.tables import cases

pytestmark = pytest.mark.slow

LAWS = Path(__file__).with_name("laws_of_a_year.py")


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project in a made-up 2027."""
    return next_year.make(tmp_path_factory.mktemp("year"))


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command in the copy."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def ask(year: Path) -> Callable[..., Any]:
    """The command line of the copy; gives what it prints as JSON."""

    def asked(*words: str) -> Any:
        done = run(year, "-m", "omsnb", *words, "--format", "json")
        assert done.returncode in (0, 1), done.stderr
        return json.loads(done.stdout)

    return asked


PRINT = ("printed_by=practice", "print_source=surface_scan", "printed_object=model")


@pytest.mark.parametrize(
    ("day", "code"),
    [("2026-11-28", "D0396"), ("2026-12-31", "D0396"), ("2027-01-01", "D0397"), ("2030-02-28", "D0397"), ("", "D0397")],
)
def test_each_day_has_its_code(ask: Callable[..., Any], day: str, code: str) -> None:
    given = ask("decide", "printing", *PRINT, *(["--on", day] if day else []))
    assert given["codes"] == [code]
    assert given["on"] == (day or "2027-01-15")


def test_an_open_day_leaves_both_codes_and_asks_for_the_day(ask: Callable[..., Any]) -> None:
    given = ask("decide", "printing", *PRINT, "on=2026-12-01..2027-02-01")
    assert given["codes"] == ["D0396", "D0397"]
    assert [question["fact"] for question in given["open"]] == ["on"]


def test_a_row_falls_for_its_day_and_says_so(ask: Callable[..., Any]) -> None:
    fallen = {row["report"]: row["ruled_out_by"] for row in ask("decide", "printing", *PRINT, "on=2027-03-01")["fallen"]}
    assert fallen["D0396"] == ["on is 2027-03-01; the row wants up to 2026-12-31"]


def test_a_deleted_code_leaves_nothing_to_report(ask: Callable[..., Any]) -> None:
    assert ask("decide", "implant-guide", "guidance_method=robotic", "on=2026-12-31")["codes"] == ["D7939"]
    after = ask("decide", "implant-guide", "guidance_method=robotic", "on=2027-01-01")
    assert after["codes"] == [] and [row["because"] for row in after["rows"]] == ["The code has ended, and none took its place."]


def test_an_answer_of_another_time_is_refused_by_name(year: Path, ask: Callable[..., Any]) -> None:
    asked = ("printed_by=practice", "print_source=photographs")
    done = run(year, "-m", "omsnb", "decide", "printing", *asked, "--on", "2026-12-31")
    assert done.returncode == 2
    assert done.stderr == "omsnb: print_source: 'photographs' begins on 2027-01-01; on is 2026-12-31\n"
    assert ask("decide", "printing", *asked, "--on", "2027-01-01")["rows"][0]["because"].startswith("A print from photographs")
    early = ask("decide", "printing", "printed_by=practice", "on=2026-12-31")
    assert "photographs" not in {answer for question in early["open"] for answer in question["answers"]}
    late = ask("decide", "printing", "printed_by=practice", "on=2027-01-01")
    assert "photographs" in {answer for question in late["open"] for answer in question["answers"]}


@pytest.mark.parametrize("case", list(cases()))
def test_the_papers_list_stays_equal(ask: Callable[..., Any], case: str) -> None:
    assert ask("case", case)["equal"] is True
    assert ask("case", case, "--on", "2027-06-01")["equal"] is True


def test_a_case_is_coded_for_the_day_of_each_service(ask: Callable[..., Any]) -> None:
    worksheet = ask("case", "implants", "on=2026-05-01", "printing.on=2027-02-01")
    printed = next(row for row in worksheet["rows"] if row["service"] == "printing")
    assert [way["code"] for way in printed["alternatives"]] == ["D0397"]


def test_what_changed_is_listed(ask: Callable[..., Any]) -> None:
    listed = {(entry["date"], entry["code"], entry["kind"]) for entry in ask("changes", "2026", "2027")}
    assert {
        ("2026-12-31", "D0396", "ended"), ("2027-01-01", "D0397", "new"), ("2026-12-31", "D7939", "ended"),
        ("2027-01-01", "21085", "units"), ("2027-01-01", "implant-guide", "rule"), ("2027-01-01", "print_source", "rule"),
    } <= listed  # fmt: skip


def test_every_law_holds_on_every_day_of_change(year: Path) -> None:
    done = run(year, str(LAWS))
    assert done.returncode == 0, done.stdout + done.stderr
    told = {line.partition(" [")[0]: line for line in done.stdout.splitlines()}
    assert "'print-base'" in told["D0396 2026-12-31"] and "2027" not in told["D0396 2026-12-31"].partition("[")[2]
    assert "'print-base-2027'" in told["D0397 2027-01-01"] and "'print-base'" not in told["D0397 2027-01-01"]
    assert "'units-medicare'" in told["21085 2026-12-31"] and "'units-medicare'" not in told["21085 2027-01-01"]


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("new_code_decides", "table printing: gap at"),
        ("deletion_decides", "table implant-guide: gap at"),
        ("new_answer_decides", "table printing: gap at"),
    ],
)
def test_a_forgotten_row_is_named(tmp_path: Path, without: str, said: str) -> None:
    folder = next_year.make(tmp_path, without)
    done = run(folder, "-m", "omsnb", "tables")
    assert done.returncode == 1
    assert said in done.stderr and "2027-01-01" in done.stderr


def test_the_pages_evaluator_knows_both_years(year: Path, tmp_path: Path) -> None:
    """Values that begin or end, and rows that do, as the page reads them before Python has started."""
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]);"
        "import test_plan as t; t.ROOT = Path(sys.argv[1]).parent;"
        "plan = t.plan_data(words=False); assert any('a' in fact for fact in plan['f'].values());"
        "assert any('on' in table['m'] for table in plan['t'].values());"
        "wrong = t.differences(Path(sys.argv[2]), t.drawn() + t.small(), plan); print(len(wrong), wrong[:2])"
    )
    done = run(year, "-c", script, str(Path(__file__).parent), str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0 []"


def test_a_calculator_answers_for_the_day_of_the_service(year: Path) -> None:
    script = (
        "from omsnb.calculators import new_form; form = new_form('printing'); told = [];"
        "form.answers = {'printed_by': 'practice', 'print_source': 'surface_scan', 'printed_object': 'model', 'claim': 'dental', 'on': '2026-11-01'};"
        "told.append([d.codes for d in form.decisions]);"
        "form.answer('on', '2027-03-01'); told.append([d.codes for d in form.decisions]); print(told)"
    )
    done = run(year, "-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[[('D0396',)], [('D0397',)]]"
