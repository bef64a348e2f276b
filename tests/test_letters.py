"""Letters and previews: filled from the claim, gaps where it is silent, everything escaped."""

from __future__ import annotations

import re

import pytest
from claims import claims_of

from omsnb.edit_rules import edit_rules
from omsnb.letters import letters, letters_for, write_letter
from omsnb.preview import beyond_the_form, claims_page
from omsnb.tables import codes


@pytest.mark.parametrize("name", list(letters()))
@pytest.mark.parametrize("format", ["text", "html"])
def test_every_letter_can_be_written(name: str, format: str) -> None:
    letter = letters()[name]
    head = {"payer": "dental", "form": "ada2024"} if letter.codes[0].startswith("D") else {}
    claim = claims_of({"code": letter.codes[0], "modifiers": "|".join(letter.modifiers[:1])}, **head)[0]
    text = write_letter(letter, claim, claim.lines[0], format)
    assert claim.lines[0].code in text and "2026-03-02" in text and "[" in text
    assert "{{" not in text and "{%" not in text
    for item in letter.checklist:
        assert item.item[:20] in text and item.guidance


def test_every_code_that_wants_words_has_a_letter() -> None:
    wanted = {code.code for code in codes().values() if code.by_report}
    wanted |= set(edit_rules()["rendering-note"].codes) | set(edit_rules()["supplies-invoice"].codes)
    assert wanted <= {code for letter in letters().values() for code in letter.codes}


def test_a_reduced_splint_gets_its_own_letter_first() -> None:
    claim = claims_of({"code": "21085", "modifiers": "52", "made_by": "outside_lab"})[0]
    first = letters_for(claim.lines[0])[0]
    assert first.id == "splint-reduced"
    text = write_letter(first, claim, claim.lines[0])
    assert "21085-52" in text and "an outside laboratory does both" in text
    assert [letter.id for letter in letters_for(claims_of({"code": "21085"})[0].lines[0])] == ["two-splints"]


def test_what_is_not_known_is_a_gap() -> None:
    claim = claims_of({"code": "D6190"}, payer="dental", form="ada2024")[0]
    text = write_letter(letters()["implant-guide"], claim, claim.lines[0])
    assert "[tooth or area]" in text and "[who designed it and who made it]" in text
    given = claims_of({"code": "D6190", "tooth": "19", "made_by": "surgeon"}, payer="dental", form="ada2024")[0]
    text = write_letter(letters()["implant-guide"], given, given.lines[0])
    assert "tooth 19" in text and "[tooth or area]" not in text


def test_hostile_text_is_escaped() -> None:
    evil = "<script>alert(1)</script>{{7*7}}"
    claim = claims_of({"code": "76377", "rendering": evil}, provider=evil, patient=evil, claim=evil)[0]
    page = write_letter(letters()["planning-note"], claim, claim.lines[0], "html")
    assert "<script>" not in page and "{{7*7}}" in page
    assert "<script>" not in claims_page([claim])


def test_a_letter_for_another_line_is_refused() -> None:
    claim = claims_of({"code": "70486"})[0]
    with pytest.raises(ValueError, match="letter: 'supplies' does not belong to 70486"):
        write_letter(letters()["supplies"], claim, claim.lines[0])
    with pytest.raises(ValueError, match="format: 'pdf' is not known; allowed: text, html"):
        write_letter(letters()["supplies"], claim, claim.lines[0], "pdf")


def test_a_preview_shows_every_line_and_what_the_form_cannot_hold() -> None:
    seven = [{"code": "70355", "claim": "A", "units": str(number + 1)} for number in range(7)]
    claim = claims_of(*seven, {"code": "D6190", "tooth": "19", "claim": "A"})[0]
    page = claims_page([claim])
    assert len(re.findall(r"<tr>", page)) == 9 and "<script" not in page and "http" not in page
    assert beyond_the_form(claim) == ("8 lines, but the form holds 6.", "Line 8: the form has no field for area and tooth.")
    dental = claims_of({"code": "D0330", "modifiers": "26"}, payer="dental", form="ada2024")[0]
    assert beyond_the_form(dental) == ("Line 1: modifiers 26; a line holds 0.",)
    linked = claims_of({"code": "D0330", "modifiers": "KX"}, payer="medicare", form="ada2024")[0]
    assert beyond_the_form(linked) == () and "<td>KX#</td>" in claims_page([linked])
    assert beyond_the_form(claims_of({"code": "D0330"}, form="", payer="")[0]) == ("The claim names no form.",)
