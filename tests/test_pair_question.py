"""Is A payable with B? The answer follows the tables, and is unknown where they do not speak."""

from __future__ import annotations

import json
from datetime import date

import pytest

from omsnb.__main__ import main
from omsnb.claim_tables import code_pairs
from omsnb.edits.units import quarter_end
from omsnb.pair_modifiers import lifted_by
from omsnb.pair_question import LIFTED, NEVER, UNKNOWN, ask_pair
from omsnb.tables import codes


@pytest.mark.slow
def test_every_pair_says_its_indicator_on_the_days_of_its_table_and_unknown_after() -> None:
    seen = set()
    for pair in code_pairs().values():
        if (pair.second, pair.first) in code_pairs():
            continue
        inside = ask_pair(pair.second.lower(), pair.first, date.fromisoformat(pair.effective))
        assert inside.pair == pair and inside.lifting == lifted_by(pair)
        assert inside.verdict == (LIFTED if lifted_by(pair).modifiers else NEVER)
        assert f"{pair.second} is denied beside {pair.first}" in inside.why
        seen.add(inside.verdict)
        for day in (date.fromisoformat(quarter_end(pair.effective)), date(2099, 1, 1), date(2001, 1, 1)):
            answer = ask_pair(pair.first, pair.second, day)
            held = pair.effective <= day.isoformat() <= quarter_end(pair.effective)
            assert (answer.verdict == UNKNOWN) == (not held)
    assert seen == {LIFTED, NEVER}


def test_two_codes_that_the_table_does_not_hold_are_unknown() -> None:
    known = list(codes())
    first, second = next(
        (a, b) for a in known for b in known if a != b and not {(a, b), (b, a)} & set(code_pairs())
    )
    answer = ask_pair(first, second, date(2024, 8, 1))
    assert answer.verdict == UNKNOWN and answer.pair is None and "excerpt" in answer.why


def test_what_the_checks_say_of_the_two_comes_along() -> None:
    answer = ask_pair("76376", "76377", date(2026, 3, 1), "medical")
    assert any(len(finding.lines) == 2 for finding in answer.findings)


@pytest.mark.parametrize(
    ("words", "said"),
    [(["21085", "21085"], "given twice"), (["21085", "ZZZZZ"], "'ZZZZZ' is not known"), (["21085", "70486", "--on", "x"], "on")],
)  # fmt: skip
def test_bad_input_is_one_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        raise SystemExit(main(["pair", *words]))
    out = capsys.readouterr()
    assert stop.value.code == 2 and said in out.err and out.err.count("\n") == 1 and not out.out


def test_the_command_tells_table_and_age(capsys: pytest.CaptureFixture[str]) -> None:
    pair = next(iter(code_pairs().values()))
    main(["pair", pair.first, pair.second, "--on", pair.effective, "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert data["table"] == pair.source and data["until"] == quarter_end(pair.effective)
    main(["pair", pair.first, pair.second, "--on", pair.effective])
    assert f"speaks up to {data['until']}" in capsys.readouterr().out
