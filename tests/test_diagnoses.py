"""Diagnoses: what may be billed on a day, what only heads others, and what is not judged."""

from __future__ import annotations

import json

import pytest

from omsnb.__main__ import main
from omsnb.diagnoses import diagnoses, headings, plain, state
from omsnb.lookup_texts import search_data


@pytest.mark.parametrize(
    ("code", "day", "wanted"),
    [
        ("M26.212", "2026-03-01", "valid"),
        ("m26212", "2026-03-01", "valid"),
        ("M26.2", "2026-03-01", "incomplete"),
        ("M26", "2026-03-01", "incomplete"),
        ("S02.600", "2026-03-01", "incomplete"),  # wants its seventh character
        ("M86.8X8", "2026-09-30", "valid"),
        ("M86.8X8", "2026-10-01", "ended"),
        ("M86.8X81", "2026-09-30", "not_yet"),
        ("M86.8X81", "2026-10-01", "valid"),
        ("A41.9", "2026-03-01", "unknown"),
        ("26.212", "2026-03-01", "malformed"),
        ("", "2026-03-01", "malformed"),
        ("M26.21234", "2026-03-01", "malformed"),
    ],
)
def test_states(code: str, day: str, wanted: str) -> None:
    assert state(code, day) == wanted


def test_no_code_heads_another() -> None:
    """In ICD-10-CM only the last code of a branch is billed, so a heading beside its codes is an error of the table."""
    for day in ("2026-09-30", "2026-10-01"):
        valid = {code for code in diagnoses() if state(code, day) == "valid"}
        assert not [code for code in valid if any(o != code and o.startswith(code) for o in valid)]
    assert headings().isdisjoint(diagnoses())
    assert all(plain(code) == code for code in diagnoses()) and len(diagnoses()) > 350


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diagnosis", "M26.2"]) == 1
    out = capsys.readouterr().out
    assert "only heads longer codes" in out and "M26.212" in out
    assert main(["diagnosis", "M86.8X8", "--on", "2026-10-01", "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out)["state"] == "ended"
    assert main(["diagnosis", "M86.8X8", "--on", "2026-09-30"]) == 0
    assert "Source: ICD-10-CM" in capsys.readouterr().out
    assert main(["diagnosis", "M26.2", "--on", "soon"]) == 2
    assert "on" in capsys.readouterr().err


def test_search_finds_it_by_number_and_word() -> None:
    assert search_data("M26.212")[0]["kind"] == "diagnosis"
    assert any(entry["kind"] == "diagnosis" for entry in search_data("cleft palate"))
