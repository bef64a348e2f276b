"""X12 claims and remittances: every line is read or refused with its segment, and damage stays where it is."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from x12_files import Claim, Line, claims_837, interchange, remittance_835, text_of, transaction

from omsnb.__main__ import main
from omsnb.audit_files import audit_file
from omsnb.claim_files import read_claims
from omsnb.claims import Reading, cell_text, rows_of
from omsnb.edits import check
from omsnb.x12_names import filings
from omsnb.x12_segments import looks_like_x12, segments

MANY = int(os.environ.get("OMSNB_FUZZ", "2000"))


def read(folder: Path, content: str | bytes, name: str = "claims.txt") -> Reading:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    reading = read_claims(file)
    assert reading.rows == reading.lines + reading.refused
    assert (check(reading.claims, unread=reading.unread).worst == "incomplete") == bool(reading.faults)
    return reading


def cells(reading: Reading) -> list[dict[str, str]]:
    return [{name: cell for name, cell in row.items() if cell} for row in rows_of(reading.claims)]


TWO = [
    Claim("C-1", [Line(modifiers="26", pointers="1:2", charge="40"), Line("21085", "900", units="2.00")],
          diagnoses="ABK:M2669*ABF:K0889"),
    Claim("C-2", [Line("99213", "100", place="11")], indicator="MB", last="ROE", dependent="20100101", diagnoses="ABK:I10"),
]  # fmt: skip


def test_a_professional_claim_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path, text_of(claims_837(TWO)))
    assert not reading.faults
    first, second, third = cells(reading)
    key = first.pop("patient")
    assert key.startswith("P-") and "DOE" not in str(cells(reading)) and "WDOE" not in str(cells(reading))
    assert first == {
        "claim": "C-1", "birth_date": "1980-05-06", "payer": "medical", "provider": "1888888888", "form": "cms1500",
        "place": "11", "diagnoses": "M26.69|K08.89", "line": "1", "date": "2026-03-02", "code": "70486", "modifiers": "26",
        "units": "1", "pointers": "AB", "charge": "40.00", "rendering": "1999999999",
    }  # fmt: skip
    assert (second["code"], second["units"], second["patient"]) == ("21085", "2", key)
    assert (third["payer"], third["birth_date"]) == ("medicare", "2010-01-01") and third["patient"] != key


def test_a_dental_claim_is_read(tmp_path: Path) -> None:
    line = Line("D7240", "300", units="", after=("TOO*JP*17", "TOO*JP*32"))
    reading = read(
        tmp_path, text_of(claims_837([Claim(lines=[line, Line("D9999", "50", area="10")])], dental=True))
    )
    assert not reading.faults
    first, second = cells(reading)
    assert (first["tooth"], first["units"], first["form"], first["payer"]) == (
        "17|32",
        "1",
        "ada2024",
        "dental",
    )
    assert second["area"] == "10" and first["pointers"] == "A"


@pytest.mark.parametrize(
    ("change", "said", "line"),
    [
        (Line(date="RD8*20260302-20260304"), "more than one day", 0),
        (Line(date="D8*20260231"), "segment 22 (DTP*472*D8*20260231)", 0),
        (Line(date=""), "DTP 472", 0),
        (Line(units="1.5"), "whole number", 0),
        (Line(pointers="3"), "leads to none", 0),
        (Line("7048"), "five characters", 0),
        (Line(after=("XXX*1",)), "no segment of a claim", 0),
        (Line(date="RD8*20260302-20260302"), "", 1),
        (Line(charge="450"), "", 1),
    ],
)
def test_a_bad_line_is_refused_with_its_segment_and_the_others_stay(
    tmp_path: Path, change: Line, said: str, line: int
) -> None:
    reading = read(tmp_path, text_of(claims_837([Claim("C-1", [change]), Claim("C-2", last="ROE")])))
    assert reading.lines == 1 + line and reading.refused == 1 - line
    assert all("segment" in str(fault) for fault in reading.faults)
    assert said in " ".join(map(str, reading.faults))
    assert "C-2" in [claim.claim for claim in reading.claims]


def test_a_claim_that_is_no_bill_is_refused(tmp_path: Path) -> None:
    void = read(tmp_path, text_of(claims_837([Claim(frequency="8"), Claim("C-2")])))
    assert void.refused == 1 and "frequency 8" in str(void.faults[0])
    replaced = read(tmp_path, text_of(claims_837([Claim(frequency="7")])))
    assert not replaced.faults and "frequency 6 or 7" in " ".join(replaced.notes)


def test_payer_types_are_told_and_never_guessed(tmp_path: Path) -> None:
    for indicator, payer in (
        ("MB", "medicare"),
        ("CI", "medical"),
        ("MC", ""),
        ("16", ""),
        ("Q9", ""),
        ("", ""),
    ):
        reading = read(tmp_path, text_of(claims_837([Claim(indicator=indicator)])))
        assert reading.claims[0].payer == payer
        assert any("payer type is left empty" in note for note in reading.notes) == (not payer)
    mixed = read(tmp_path, text_of(claims_837([Claim(lines=[Line("D5988")])])))
    assert mixed.claims[0].payer == "" and "takes CDT codes" in " ".join(mixed.notes)
    assert all(not entry.professional or entry.dental for entry in filings().values())


def test_notes_attachments_places_and_what_is_not_kept(tmp_path: Path) -> None:
    lines = [Line(after=("NTE*ADD*what was done", "PWK*OB*FX")), Line("70486", place="22"), Line()]
    reading = read(
        tmp_path,
        text_of(claims_837([Claim(lines=lines, after=("PWK*OB*AA", "SBR*S*18*******MB", "NM1*IL*1*X*Y"))])),
    )
    assert not reading.faults
    found = {(claim.claim, line.line): (claim, line) for claim in reading.claims for line in claim.lines}
    assert found["C-1", 1][1].narrative == found["C-1", 1][1].attachment == "yes"
    assert found["C-1", 3][1].narrative == found["C-1", 3][1].attachment == ""
    assert [claim.place for claim in reading.claims] == ["11"]
    assert [line.place for line in reading.claims[0].lines] == ["", "22", ""]
    said = " ".join(reading.notes)
    assert "another payer" in said and "another place" not in said and "addresses (N3" in said


def test_other_transactions_are_named(tmp_path: Path) -> None:
    made = claims_837([Claim()], version="005010X223A2")
    with_good = text_of(made) + text_of(claims_837([Claim("C-2")]))
    reading = read(tmp_path, with_good)
    assert reading.lines == 1 and "837I" in str(reading.faults[0])
    for alone_made, word in ((made, "837I"), (remittance_835(["CLP*C*1*1*1"]), "remittance")):
        assert not (alone := read(tmp_path, text_of(alone_made))).lines and word in str(alone.faults[0])
    assert main(["check", str(tmp_path / "claims.txt")]) == 2


def test_any_name_marks_encoding_and_line_ends(tmp_path: Path) -> None:
    good = cells(read(tmp_path, text_of(claims_837(TWO))))
    made = claims_837(TWO)
    wrapped = text_of(made, between="")
    ways: dict[str, str | bytes] = {
        "a.837": text_of(made, between=""), "b.edi": text_of(made, between="\r\n"), "c.x12": "\ufeff\n  " + text_of(made),
        "d.csv": text_of(made, end="\n", between=""), "e": text_of(made, end="\r\n", between=""),
        "f.json": text_of(made).replace("*", "|").replace("~", "!"), "g.txt": text_of(made).rstrip()[:-1],
        "h.dat": "\n".join(wrapped[at : at + 80] for at in range(0, len(wrapped), 80)),
    }  # fmt: skip
    for name, content in ways.items():
        reading = read(tmp_path, content, name)
        assert not reading.faults and cells(reading) == good, name
    latin = read(tmp_path, text_of(made).replace("PRACTICE", "PRÄXIS").encode("latin-1"))
    assert cells(latin) == good and "Latin-1" in latin.notes[0]
    twice = text_of(made) + text_of(claims_837([Claim("C-9")])).replace("*", "|").replace("~", "\x1c")
    assert read(tmp_path, twice).lines == 4
    assert not looks_like_x12(b"ISABEL,claim\n")


def test_counts_and_cuts_are_told(tmp_path: Path) -> None:
    made = claims_837(TWO)
    whole = text_of(made)
    wrong = read(tmp_path, whole.replace("SE*", "SE*9"))
    assert wrong.lines == 3 and "there are" in str(wrong.faults[0])
    cut = read(tmp_path, text_of(made[: made.index("LX*2") + 3]))
    assert (cut.lines, cut.refused) == (1, 1) and "breaks off" in " ".join(map(str, cut.faults))
    no_se = read(tmp_path, text_of([segment for segment in made if not segment.startswith("SE*")]))
    assert no_se.lines == 3 and "SE is missing" in str(no_se.faults[0])
    no_st = read(tmp_path, text_of([segment for segment in made if not segment.startswith("ST*")]))
    assert no_st.lines == 3 and no_st.faults
    no_level = read(tmp_path, text_of([segment for segment in made if not segment.startswith("HL*3")]))
    assert no_level.lines == 2 and no_level.refused == 1  # never read as the subscriber before


def test_one_number_twice_and_old_diagnoses(tmp_path: Path) -> None:
    twice = read(tmp_path, text_of(claims_837([Claim(), Claim(last="ROE")])))
    assert [claim.claim for claim in twice.claims] == ["C-1", "C-1#2"] and not twice.faults
    old = read(tmp_path, text_of(claims_837([Claim(diagnoses="BK:0340*BF:V7389")])))
    assert old.lines == 1 and old.claims[0].diagnoses == () and "ICD-9-CM" in str(old.faults[0])


def agree(file: Path, reading: Reading) -> None:
    target = file.with_name("findings.csv")
    try:
        summary = audit_file(file, target)
    except ValueError:
        assert not reading.lines
        return
    assert (summary.rows, summary.refused) == (reading.rows, reading.refused)
    assert (
        sorted(map(str, summary.faults)) == sorted(map(str, reading.faults))
        and summary.notes == reading.notes
    )
    findings = check(reading.claims, unread=reading.unread).findings
    counted: dict[str, int] = {}
    for finding in findings:
        counted[finding.status] = counted.get(finding.status, 0) + 1
    assert summary.statuses == counted


def mutated(chance: random.Random, text: str) -> str:
    made = text.split("~\n")
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(made) - 1) if chance.random() < 0.9 else 0
        kind = chance.randrange(8)
        if kind == 0:
            del made[at]
        elif kind == 1:
            made.insert(at, chance.choice(made))
        elif kind == 2:
            made[at : at + 2] = ["".join(made[at : at + 2])]
        elif kind == 3 and made[at]:
            spot = chance.randrange(len(made[at]))
            made[at] = made[at][:spot] + chance.choice("*:~^\n\0Zé9- ") + made[at][spot + 1 :]
        elif kind == 4:
            parts = made[at].split("*")
            parts[chance.randrange(len(parts))] = chance.choice(
                ("", "X" * 300, "-1", "1e9", "٣", ":", "\u202e")
            )
            made[at] = "*".join(parts)
        elif kind == 5:
            return "~\n".join(made)[: chance.randrange(len(text))]
        elif kind == 6:
            made[at] = made[at].replace("*", "**", 1)
        else:
            other = chance.randrange(len(made))
            made[at], made[other] = made[other], made[at]
        if len(made) < 3:
            break
    return "~\n".join(made)


@pytest.mark.slow
def test_mutated_files_lose_nothing_without_a_word(tmp_path: Path) -> None:
    chance = random.Random(13)
    claims = [Claim(f"C-{n}", [Line(), Line("21085", "900")], last=f"N{n}", indicator="CI") for n in range(4)]
    files = [
        text_of(claims_837(claims)),
        text_of(
            claims_837(
                [Claim(f"D-{n}", [Line("D7240", "300", after=("TOO*JP*17",))]) for n in range(4)], True
            )
        ),
    ]
    whole = [cells(read(tmp_path, text)) for text in files]
    for number in range(MANY):
        place = number % 2
        text = mutated(chance, files[place])
        if not looks_like_x12(text.encode()):
            continue
        reading = read(tmp_path, text)
        for fault in reading.faults:
            assert "\n" not in str(fault) and len(str(fault)) < 1000
        if reading.lines < len(whole[place]):
            assert reading.faults, text
        if number % 40 == 0:
            agree(tmp_path / "claims.txt", reading)


def test_damage_in_one_claim_leaves_the_others(tmp_path: Path) -> None:
    """Each segment of the second claim in turn is lost or spoiled; the first and the third are read as before."""
    claims = [Claim(f"C-{n}", last=f"N{n}") for n in range(3)]
    made = claims_837(claims)
    whole = {claim.claim: claim for claim in read(tmp_path, text_of(made)).claims}
    first = made.index("NM1*IL*1*N1*ANN****MI*WN1")
    last = made.index("HL*4*1*22*0")
    for at in range(first, last):
        for spoiled in ([], [f"Z{made[at][1:]}"], [made[at].partition("*")[0]], [made[at], made[at]]):
            reading = read(tmp_path, text_of([*made[:at], *spoiled, *made[at + 1 :]]))
            found = {claim.claim: claim for claim in reading.claims}
            assert found.get("C-0") == whole["C-0"] and found.get("C-2") == whole["C-2"], (made[at], spoiled)
            assert reading.faults, (made[at], spoiled)


def test_the_audit_reads_the_same_lines(tmp_path: Path) -> None:
    for made in (
        claims_837(TWO),
        claims_837([*TWO, Claim("C-3", [Line(units="x")])]),
        claims_837([Claim(diagnoses="BK:1")]),
    ):
        agree(tmp_path / "claims.txt", read(tmp_path, text_of(made)))


def test_every_command_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "day.x12"
    file.write_text(text_of(claims_837(TWO)))
    out = tmp_path / "out.csv"
    assert main(["export", str(file), "--to", "csv", "-o", str(out)]) == 0
    assert [cell_text(line.code) for claim in read_claims(out).claims for line in claim.lines] == [
        "70486",
        "21085",
        "99213",
    ]
    assert main(["letter", str(file)]) == 0
    capsys.readouterr()
    main(["check", str(file), "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert data["lines"] == 3 and any("addresses" in note for note in data["notes"])
    (tmp_path / "x.edi").write_text("no claim")
    assert main(["check", str(tmp_path / "x.edi")]) == 2
    assert "begins with ISA" in capsys.readouterr().err


BODY = [
    "CLP*C-1*4*940*0*0*12*9", "NM1*QC*1*DOE*ANN", "MOA***MA130", "SVC*HC:70486:26*40*0**1", "DTM*472*20260302",
    "CAS*CO*97*40", "REF*6R*1", "LQ*HE*M15", "SVC*HC:21085*900*100**2", "CAS*PR*1*300**2*500", "CAS*CO*9999*0",
]  # fmt: skip


def test_a_remittance_gives_the_next_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answer.txt"
    file.write_text(text_of(remittance_835(BODY)))
    assert main(["remittance", str(file), "--format", "json"]) == 1
    data = json.loads(capsys.readouterr().out)
    claim, first, second = data["answers"]
    assert (data["claims"], data["lines"], data["incomplete"]) == (1, 2, False)
    assert [entry["code"] for entry in claim["answers"]] == ["MA130"]
    assert [(e["group"], e["code"], e["amount"]) for e in first["answers"]] == [
        ("CO", "97", "40"),
        ("", "M15", ""),
    ]
    assert first["answers"][0]["next_step"] and first["answers"][0]["means"]
    assert (first["date"], first["line"], first["modifiers"]) == ("2026-03-02", "1", ["26"])
    assert [entry["code"] for entry in second["answers"]] == ["1", "2", "9999"]
    assert second["answers"][2]["means"] is None and "two-splints" in second["letters"]
    assert main(["remittance", str(file)]) == 1
    said = capsys.readouterr().out
    assert "CO-97 40: Payment for another service includes it" in said and "not in the manual's table" in said


def test_a_bad_remittance_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "answer.835"
    for content, status in (
        (text_of(claims_837([Claim()])), 2),
        ("hello", 2),
        (text_of(remittance_835([])), 2),
    ):
        file.write_text(content)
        assert main(["remittance", str(file)]) == status
    file.write_text(text_of(remittance_835(BODY)).replace("CAS*CO*97*40", "CAS*XX*97*4O"))
    assert main(["remittance", str(file)]) == 1
    assert "incomplete" in capsys.readouterr().out


def test_marks_that_cannot_be_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="segment 1"):
        list(segments("ISA*00*nothing more"))
    broken = interchange([transaction("837", "005010X222A1", [])], "HC", "005010X222A1")
    broken[0] = broken[0].replace("*00501*", "*")
    found = read(tmp_path, text_of([*broken[:2], *claims_837([Claim()])[2:]]))
    assert found.lines == 1 and "16 are wanted" in str(found.faults[0])
