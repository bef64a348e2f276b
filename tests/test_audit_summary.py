"""The audit's summary, its other inputs, and what is left of a run that was killed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import omsnb.audit_files as audit_files
from omsnb.__main__ import main
from omsnb.audit_files import audit_file
from omsnb.audit_summary import summary_page, summary_text
from omsnb.claim_files import read_claims, write_claims
from omsnb.edits import check
from tests.claims import claims_of

CLAIMS = [
    claim
    for number in range(30)
    for claim in claims_of(
        {"code": "76377", "charge": "100.10", "date": f"2026-0{number % 3 + 1}-02"},
        {"code": "76376", "charge": "50.05", "date": f"2026-0{number % 3 + 1}-02"},
        {"code": "70355", "charge": "7.00", "date": f"2026-0{number % 3 + 1}-02"},
        claim=f"C-{number}", patient=f"P-{number}", provider=f"B-{number % 2}",
    )
]  # fmt: skip


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    write_claims(tmp_path / "lines.csv", CLAIMS)
    return tmp_path / "lines.csv"


def test_the_amount_at_stake_is_the_charge_of_each_line_once(lines: Path, tmp_path: Path) -> None:
    whole = audit_file(lines, tmp_path / "a.csv")
    split = audit_file(lines, tmp_path / "b.csv", part_bytes=300)
    assert whole.totals == split.totals and whole.statuses == split.statuses
    report = check(read_claims(lines).claims)
    named = {key for entry in report.findings if entry.status in ("deny", "review") for key in entry.lines}
    charges = {(claim.claim, line.line): line.charge for claim in CLAIMS for line in claim.lines}
    cents = sum(int((charges[key] or 0) * 100) for key in named)
    assert cents and whole.totals["all"]["all"][1:] == [len(named), cents]
    for group in ("provider", "month", "code"):
        assert sum(numbers[2] for numbers in whole.totals[group].values()) == cents
    assert set(whole.totals["provider"]) == {"B-0", "B-1"} and set(whole.totals["month"]) == {
        "2026-01",
        "2026-02",
        "2026-03",
    }
    unknown = sum(entry.status == "unknown" for entry in report.findings)
    assert sum(numbers[0] for numbers in whole.totals["unknown"].values()) == unknown


def test_only_these_statuses_are_written_and_all_are_counted(lines: Path, tmp_path: Path) -> None:
    every = audit_file(lines, tmp_path / "a.csv")
    some = audit_file(lines, tmp_path / "b.csv", only=("deny",))
    assert some.statuses == every.statuses and every.statuses["deny"]
    assert (tmp_path / "b.csv").read_text().count("\n") == 1 + every.statuses["deny"]
    with pytest.raises(ValueError, match="only: 'bad' is not allowed"):
        audit_file(lines, tmp_path / "c.csv", only=("bad",))


@pytest.mark.parametrize("kind", ["json", "fhir", "xlsx"])
def test_what_check_reads_audit_reads(kind: str, lines: Path, tmp_path: Path) -> None:
    file = tmp_path / f"x.{'json' if kind == 'fhir' else kind}"
    write_claims(file, CLAIMS, kind)
    audit_file(lines, tmp_path / "a.csv")
    summary = audit_file(file, tmp_path / "b.csv")
    assert (summary.rows, summary.refused) == (len(CLAIMS) * 3, 0)
    assert (tmp_path / "a.csv").read_text() == (tmp_path / "b.csv").read_text()


def test_a_summary_file_in_each_form(lines: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("txt", "json", "html"):
        main(
            [
                "audit",
                str(lines),
                "-o",
                str(tmp_path / "f.csv"),
                "--summary",
                str(tmp_path / f"s.{kind}"),
                "--quiet",
            ]
        )
    assert ",unknown," not in (tmp_path / "f.csv").read_text()
    assert "At stake" in (tmp_path / "s.txt").read_text() and "<svg" in (tmp_path / "s.html").read_text()
    assert json.loads((tmp_path / "s.json").read_text())["by_month"][0]["key"] == "2026-01"
    capsys.readouterr()
    assert (
        main(["audit", str(lines), "-o", str(tmp_path / "f.csv"), "--summary", str(tmp_path / "f.csv")]) == 2
    )


def test_keys_are_escaped_in_the_page_and_plain_in_the_text() -> None:
    totals = {"all": {"all": [1, 1, 5]}, "provider": {"<script>\x1b": [1, 1, 5]}}
    page = summary_page(totals, "<b>.csv", ["<i>"])
    assert "<script" not in page and "<b>" not in page and "<i>" not in page and "http" not in page
    assert "\x1b" not in "".join(summary_text(totals))


def test_a_killed_audit_goes_on_and_leaves_nothing(
    lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = audit_files.audit_part
    all_parts: list[Path] = []
    monkeypatch.setattr(
        audit_files, "audit_part", lambda file, *more: all_parts.append(file) or make(file, *more)
    )
    audit_file(lines, tmp_path / "whole.csv", part_bytes=300)
    child = os.fork()
    if not child:
        done: list[Path] = []

        def dies(file: Path, *more: object) -> object:
            if len(done) == 2:
                os._exit(9)
            done.append(file)
            return make(file, *more)

        audit_files.audit_part = dies
        audit_file(lines, tmp_path / "f.csv", part_bytes=300)
        os._exit(0)
    assert os.waitpid(child, 0)[1]
    (left,) = tmp_path.glob(".audit-*")
    assert len(list(left.glob("*.found"))) == 2 and not (tmp_path / "f.csv").exists()
    asked: list[Path] = []
    monkeypatch.setattr(
        audit_files, "audit_part", lambda file, *more: asked.append(file) or make(file, *more)
    )
    audit_file(lines, tmp_path / "f.csv", part_bytes=300)
    assert len(asked) == len(all_parts) - 2 > 1
    assert (tmp_path / "f.csv").read_text() == (tmp_path / "whole.csv").read_text()
    assert not list(tmp_path.glob(".audit-*"))


def test_folders_of_dead_processes_are_removed_and_those_of_living_ones_stay(
    lines: Path, tmp_path: Path
) -> None:
    for name, owner in (("dead", "999999999"), ("living", "1")):
        (tmp_path / f".audit-{name}").mkdir()
        (tmp_path / f".audit-{name}" / "owner").write_text(owner)
    audit_file(lines, tmp_path / "f.csv", part_bytes=300)
    assert [folder.name for folder in tmp_path.glob(".audit-*")] == [".audit-living"]
