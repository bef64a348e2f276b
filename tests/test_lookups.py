"""Modifiers, places of service and denials: looked up, searched, and read on claims."""

from __future__ import annotations

import json
import tomllib

import pytest

from omsnb.__main__ import main
from omsnb.claim_tables import forms, places
from omsnb.claims import read_rows
from omsnb.edits import find
from omsnb.lookup_texts import search_data
from omsnb.lookups import denials, modifiers, unlisted
from omsnb.reading import data_folder
from omsnb.tables import facts, tables


def listed(name: str) -> list[str]:
    text = data_folder().joinpath("edits.toml").read_text(encoding="utf-8")
    found: list[str] = tomllib.loads(text)["lists"][name]
    return found


@pytest.mark.parametrize(
    ("query", "kind", "id"),
    [
        ("59", "modifier", "59"),
        ("modifier 59", "modifier", "59"),
        ("Modifier xe", "modifier", "XE"),
        ("place 22", "place", "22"),
        ("POS 31", "place", "31"),
        ("CO-97", "denial", "CARC-97"),
        ("pr-1", "denial", "CARC-1"),
        ("co4", "denial", "CARC-4"),
        ("denial N425", "denial", "RARC-N425"),
        ("21085", "code", "21085"),
    ],
)
def test_search_finds_it_first(query: str, kind: str, id: str) -> None:
    first = search_data(query)[0]
    assert (first["kind"], first["id"], first["standing"]) == (kind, id, None)


def test_search_in_text_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["search", "CO-97"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("denial    CARC-97") and "Our own advice:" in told
    assert main(["search", "place", "22", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "22"
    assert main(["search", "CO-998"]) == 1


def test_a_remark_has_no_group() -> None:
    assert "CO-N425" not in denials()["RARC-N425"].names
    assert {"97", "CARC-97", "CO-97", "PR97"} <= set(denials()["CARC-97"].names)


def test_every_modifier_in_use_is_in_the_table() -> None:
    """Those that decision tables conclude, that checks and forms name."""
    used = {modifier for table in tables().values() for row in table.rows for modifier in row.modifiers}
    used |= {modifier for form in forms().values() for modifier in form.unboxed}
    raw = tomllib.loads(data_folder().joinpath("edits.toml").read_text(encoding="utf-8"))
    for name in ("distinct", "lifting", "of_visits", "of_procedures", "staged", "repeated", "linked"):
        used |= {value for value in raw["lists"][name] if not value.startswith("@")}
    assert len(used) > 20 and unlisted(sorted(used)) == ()
    assert unlisted(("59", "ZZ", "LT", "00")) == ("ZZ", "00")
    assert modifiers()["25"].stands_on == ("visit",)


def test_facilities_of_the_checks_are_those_of_the_rate() -> None:
    """Telehealth and ambulances are paid at the facility rate, but no image is taken at the one and hardly in the other."""
    named = [*listed("facilities"), *listed("other_facilities")]
    assert len(named) == len(set(named))
    assert set(named) | {"02", "41", "42"} == {
        code for code, place in places().items() if place.rate == "facility"
    }
    assert {code for code, place in places().items() if place.rate == "unknown"} == {
        "05",
        "06",
        "07",
        "08",
        "18",
        "66",
    }


def test_places_that_the_tables_tell_apart_stay_six() -> None:
    told = {code: place.place for code, place in places().items() if place.place}
    assert list(told) == ["11", "19", "21", "22", "23", "24"] and len(places()) == 52
    assert set(told.values()) == set(facts()["place"].values)


ROW = {
    "claim": "C1",
    "patient": "P1",
    "payer": "medical",
    "date": "2026-03-02",
    "code": "99213",
    "units": "1",
}


@pytest.mark.parametrize("place", ["12", "31", "66", "99"])
def test_a_claim_at_any_place_is_read_and_checked(place: str) -> None:
    """A visit there is checked like one in the office: no rule of a hospital or an office fires by mistake."""
    read, office = (read_rows([(2, ROW | {"place": code})]) for code in (place, "11"))
    assert not read.faults and read.claims[0].place == place
    assert [finding.rule for finding in find(read.claims)] == [
        finding.rule for finding in find(office.claims)
    ]


def test_a_place_that_does_not_exist_is_refused() -> None:
    read = read_rows([(2, ROW | {"place": "98"})])
    assert [fault.column for fault in read.faults] == ["place"] and "allowed: 01, 02" in read.faults[
        0
    ].message


def test_a_modifier_that_is_not_in_the_table_is_named() -> None:
    found = find(read_rows([(2, ROW | {"place": "11", "modifiers": "25|ZZ|00"})]).claims)
    said = [finding for finding in found if finding.rule == "modifier-not-known"]
    assert len(said) == 1 and said[0].status == "review"
    assert "carries ZZ, 00: not in this manual's table of modifiers" in said[0].because


def test_a_modifier_of_two_letters_is_found_first() -> None:
    for name in ("AI", "GC"):
        assert [(entry["kind"], entry["id"]) for entry in search_data(name)][:1] == [("modifier", name)]
