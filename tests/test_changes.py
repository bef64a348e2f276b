"""What differs between code years, the edition, and its end."""

from __future__ import annotations

import json
from datetime import date

import pytest

from omsnb import edition as module
from omsnb import reading
from omsnb.__main__ import main
from omsnb.changes import all_changes, changes, code_history
from omsnb.edition import edition, run_out_text
from omsnb.reading import DataError
from omsnb.tables import codes, mue, sources


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = main(list(arguments))
    except SystemExit as stop:
        status = int(stop.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_every_dated_code_has_a_history() -> None:
    dated = {code.code for code in codes().values() if code.effective_from or code.effective_to}
    assert dated <= {change.code for change in all_changes()}
    for change in all_changes():
        assert (change in code_history(change.code)) is (change.kind != "pair")
        assert date.fromisoformat(change.date) and change.text and change.source in sources()


def test_a_unit_limit_that_changed_is_a_change() -> None:
    limits: dict[str, list[int]] = {}
    for limit in mue():
        limits.setdefault(limit.code, []).append(limit.units)
    moved = {code for code, units in limits.items() if len(set(units)) > 1}
    assert moved == {change.code for change in all_changes() if change.kind == "units"}


def test_known_changes_from_2023_to_2026() -> None:
    found = {(change.code, change.kind) for change in changes(2023, 2026)}
    # the CDT of 2024 brought the printing of models; the AMA's scheme for visits changed in 2021 and 2023 already
    assert ("D0396", "new") in found
    assert ("D0801", "new") not in found, "valid from 1 January 2023, so it is part of code year 2023"
    assert ("D0801", "new") in {(change.code, change.kind) for change in changes(2022, 2023)}


def test_spans_add_up() -> None:
    assert {*changes(2020, 2023), *changes(2023, 2026)} >= set(changes(2020, 2026))
    assert changes(2020, 2026) == tuple(sorted(changes(2020, 2026), key=lambda entry: (entry.date, entry.code)))


@pytest.mark.parametrize("years", [("2023",), ("2026", "2023"), ("2023", "2023"), ("1999", "2026"), ("2023", "2101"), ("2023", "next")])  # fmt: skip
def test_bad_years_are_said_in_one_line(capsys: pytest.CaptureFixture[str], years: tuple[str, ...]) -> None:
    status, out, err = answer(capsys, "changes", *years)
    assert (status, out, len(err.strip().splitlines())) == (2, "", 1), err


def test_changes_on_the_command_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, _ = answer(capsys, "changes", "2023", "2026")
    assert status == 0 and "D0396" in out and "Unit limits before" in out and "unknown to this edition" not in out
    status, out, _ = answer(capsys, "changes", "2023", "2027", "--format", "json")
    assert {entry["code"] for entry in json.loads(out)} >= {"D0396"}
    _, out, _ = answer(capsys, "changes", "2023", "2027")
    assert "Code years after 2026 are unknown to this edition." in out
    status, out, _ = answer(capsys, "changes", "2090", "2091")
    assert status == 1 and "nothing" in out


def test_the_edition_runs_out_after_its_last_day(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    last = date.fromisoformat(edition().valid_until)
    assert run_out_text(last) == ""
    assert str(edition().code_year) in run_out_text(date(last.year + 1, 1, 1))

    class Later(date):
        @classmethod
        def today(cls) -> date:  # type: ignore[override]
            return date(last.year + 1, 1, 1)

    monkeypatch.setattr("omsnb.teaching_commands.date", Later)
    _, _, err = answer(capsys, "changes", "2023", "2026")
    assert "may be out of date" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('edition = "1"\n', "data/edition.toml row 1, key code_year: is missing"),
        ('edition="1"\ncode_year=2026\nday="2026-11-28"\npaper_day="2026-01-15"\nvalid_until="soon"\nreviewed="2026-11"\nreviewed_shown="x"\nsources=[]\n', "is not a date"),
        ('edition="1"\ncode_year=2026\nday="2026-11-28"\npaper_day="2026-01-15"\nvalid_until="2026-12-31"\nreviewed="2026-11"\nreviewed_shown="x"\nsources=["no"]\n', "is not in sources.csv"),
    ],
)  # fmt: skip
def test_a_wrong_edition_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch, text: str, said: str) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "edition.toml").write_text(text)
    monkeypatch.setattr(reading, "data_folder", lambda: tmp_path)
    with pytest.raises(DataError, match=said):
        module.edition.__wrapped__()
