"""Every cue on both sides, and against input made to be slow."""

from __future__ import annotations

import time
from datetime import date

import pytest

from omsnb.notes.found import found_in
from omsnb.notes.note import read_note
from omsnb.notes.patterns import Pattern
from omsnb.notes.tables import Cue, cues, triggers

DAY = date(2026, 3, 3)


def stands(cue: Cue, text: str) -> bool:
    # by its number: the tables may have been read anew since the cues were listed
    return any(found.cue.number == cue.number and not found.held for found in found_in(read_note(text, DAY)))


def test_every_cue_has_a_number_of_its_own() -> None:
    assert [cue.number for cue in cues()] == list(range(len(cues())))


@pytest.mark.parametrize("cue", cues(), ids=lambda cue: f"{cue.number}-{cue.fact}-{cue.value}")
def test_a_cue_fires_on_one_example_and_not_on_the_other(cue: Cue) -> None:
    assert stands(cue, cue.fires), f"{cue.pattern.text!r} does not fire on {cue.fires!r}"
    assert not stands(cue, cue.silent), f"{cue.pattern.text!r} fires on {cue.silent!r}"


def fits(pattern: Pattern) -> list[str]:
    """Words that a pattern begins with, to be repeated."""
    made = []
    for element in pattern.elements:
        if element.phrases:
            made += fits(element.phrases.patterns[0])
        elif element.number:
            made.append("7")
        elif element.words or element.stems:
            made.append(next(iter([*sorted(element.words), *element.stems])))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("part", [1, 2, 3], ids=["beginning", "most", "all"])
def test_no_cue_is_slow_on_its_own_words_repeated(part: int) -> None:
    """Text made of a cue's own words, without a stop: four times as much takes about four times as long."""

    def took(text: str) -> float:
        begun = time.process_time()
        list(found_in(read_note(text, DAY)))
        return time.process_time() - begun

    for pattern in [cue.pattern for cue in cues()] + [one.pattern for one in triggers()][:60]:
        own = fits(pattern)
        text = (" ".join(own[: max(1, len(own) * part // 3)]) + " ") * 40
        long = (text * (1_000 // len(text) + 1))[:1_000]
        most = 9 * max(0.005, took(long[:250]))
        assert any(took(long) < most for _ in range(4)), pattern.text  # a busy machine gets another try
