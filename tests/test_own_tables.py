"""A practice's own files of CMS: checks go by them over all codes, name them, and never mix them in unseen."""

from __future__ import annotations

import json
import os
import random
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from claims import TODAY, random_rows

from omsnb.__main__ import main
from omsnb.audit import audit, findings_frame
from omsnb.audit_files import audit_file
from omsnb.claims import Claim, ServiceLine, read_rows
from omsnb.edits import Finding, Report, find
from omsnb.edits.units import limit_on
from omsnb.own_tables import FOLDER, own_tables, read_own_tables
from omsnb.pair_question import LIFTED, NEVER, TOGETHER, UNKNOWN, ask_pair
from omsnb.tables import codes

LIMITS, PAIRS = "MCR_MUE_Eff_07-01-2026.csv", "ccipra-v322r0-f1.txt"
FEES = "PPRRVU2026_Jul_nonQPP.csv"
MAI = {"1": "1 Line Edit", "2": "2 Date of Service Edit: Policy", "3": "3 Date of Service Edit: Clinical"}
ABROAD, PART_ABROAD = "11042", "97597"
"""Codes that the manual does not hold."""


def limits(rows: Iterable[tuple[str, int, str]]) -> bytes:
    head = '"A title with \u00ae",,,\n"HCPCS/\nCPT Code",Practitioner Services MUE Values,MUE Adjudication Indicator,'
    body = "".join(f"{code},{units},{MAI[mai]},Policy\n" for code, units, mai in rows)
    return f"{head}MUE Rationale\n{body}".encode("latin-1")


def pairs(rows: Iterable[tuple[str, str, str, str, str]]) -> bytes:
    head = "CPT only.\t\t\t\t\t\t\nColumn 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tRationale\n"
    head += (
        "\t\t\tDate\tDate\t0=not allowed\t\n\t\t\t\t*=no data\t1=allowed\t\n\t\t\t\t\t9=not applicable\t\n"
    )
    return (
        head + "".join(f"{a}\t{b}\t\t{since}\t{until}\t{kind}\tMisuse\n" for a, b, since, until, kind in rows)
    ).encode()


def fees(rows: Iterable[tuple[str, str, str]]) -> bytes:
    head = (
        "HCPCS,MOD,STATUS CODE,PCTC IND,GLOB DAYS,BILAT SURG,WORK RVU,NON-FAC PE RVU,NON-FAC NA INDICATOR,"
        "FACILITY PE RVU,FACILITY NA INDICATOR,MP RVU,MULT PROC,ASST SURG,CO-SURG,TEAM SURG,CONV FACTOR\n"
    )
    return (head + "".join(f"{code},,A,0,{days},{sides},1.00,1.00,,1.00,,0.10,2,0,0,0,33.4009\n" for code, days, sides in rows)).encode()  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv(FOLDER, str(own))
    return own


def claim(
    *lines: tuple[str, str, int] | tuple[str, str, int, tuple[str, ...]], payer: str = "medicare"
) -> Claim:
    made = tuple(
        ServiceLine(date=date.fromisoformat(day), code=code, units=units, modifiers=tuple(*more), line=number)
        for number, (code, day, units, *more) in enumerate(lines, start=1)
    )
    return Claim(claim="A", patient="P", payer=payer, provider="D", form="cms1500", place="11", lines=made)


def of_kind(found: Iterable[Finding], *rules: str) -> list[Finding]:
    return [finding for finding in found if finding.rule in rules]


def test_limits_hold_for_all_codes_from_the_day_of_the_file_on(folder: Path) -> None:
    (folder / LIMITS).write_bytes(limits([("21085", 1, "3"), (ABROAD, 1, "2")]))
    (finding,) = of_kind(find([claim(("21085", "2026-08-03", 2))], TODAY), "units-medicare")
    assert (
        f'Table: your file "{LIMITS}" (OMSNB_CMS), 2026-07-01.' in finding.because
        and "limit is 1" in finding.because
    )
    assert not of_kind(
        find([claim(("21085", "2026-06-30", 2))], TODAY), "units-medicare"
    )  # ours of April: two
    (abroad,) = of_kind(find([claim((ABROAD, "2026-08-03", 3))], TODAY), "units-medicare")
    assert abroad.status == "deny" and LIMITS in abroad.because
    (left_out,) = of_kind(find([claim(("21076", "2026-08-03", 3))], TODAY), "units-medicare")
    assert (
        left_out.status == "unknown"
        and f'your file "{LIMITS}" (OMSNB_CMS), 2026-07-01, has none' in left_out.because
    )
    (later,) = of_kind(find([claim(("21085", "2026-11-02", 2))], TODAY), "units-medicare")
    assert "limit is 1" in later.because and "the last one known for that day" in later.because
    assert limit_on("21085", "2026-08-03").limit.units == 2  # type: ignore[union-attr]  # outside of a check: ours


def test_each_quarter_of_limits_holds_in_its_own_time(folder: Path) -> None:
    (folder / LIMITS).write_bytes(limits([(ABROAD, 1, "2")]))
    (folder / "MCR_MUE_Eff_10-01-2026.csv").write_bytes(limits([(ABROAD, 4, "2")]))
    for day, said in (("2026-08-03", "limit is 1"), ("2026-10-05", "")):
        found = of_kind(find([claim((ABROAD, day, 3))], date(2026, 12, 1)), "units-medicare")
        assert [said in finding.because for finding in found] == ([True] if said else [])


PAIR_RULES = ("pair-never", "pair-modifier", "pair-visit", "pair-visits")


def test_pairs_hold_for_all_codes_on_their_days(folder: Path) -> None:
    rows = [
        ("10000", PART_ABROAD, "19960101", "*", "0"),
        (ABROAD, PART_ABROAD, "20130101", "*", "1"),
        (ABROAD, "97598", "20130101", "20260630", "0"),
        (ABROAD, "97602", "20260901", "*", "0"),
        (ABROAD, "97605", "20130101", "*", "9"),
        ("79999", PART_ABROAD, "19960101", "*", "0"),
    ]
    (folder / PAIRS).write_bytes(pairs(rows))
    day = "2026-08-03"

    def said(first: str, second: str, on: str = day, marks: tuple[str, ...] = ()) -> list[Finding]:
        return of_kind(find([claim((first, on, 1), (second, on, 1, marks))], TODAY), *PAIR_RULES)

    (lifted,) = said(ABROAD, PART_ABROAD)
    assert (
        f'Table: your file "{PAIRS}" (OMSNB_CMS), 2026-07-01.' in lifted.because and lifted.status == "deny"
    )
    assert not said(ABROAD, PART_ABROAD, marks=("59",)) and not said(PART_ABROAD, "10001")
    assert said(ABROAD, "97598", "2026-06-30") and not said(ABROAD, "97598", "2026-07-01")  # ended
    assert not said(ABROAD, "97602") and said(ABROAD, "97602", "2026-09-01")  # not begun
    assert not said(ABROAD, "97605")
    (old,) = said(ABROAD, PART_ABROAD, "2026-10-05")
    assert "It is older than the service, and no later one is held here." in old.because
    # 76376 and 76377 are a pair of the manual; the file speaks of first codes up to 79999 and does not hold it
    assert not said("76376", "76377")
    (folder / PAIRS).write_bytes(pairs(rows[:-1]))
    (ours,) = said("76376", "76377")
    assert "NCCI" in ours.because and "your file" not in ours.because


def test_global_periods_and_indicators_go_by_the_file(folder: Path) -> None:
    lines = claim((ABROAD, "2026-08-03", 1), ("99213", "2026-08-23", 1))
    rules = {}
    for days in ("XXX", "090"):
        (folder / FEES).write_bytes(fees([(ABROAD, days, "0"), ("21085", "090", "1")]))
        found = [
            finding
            for finding in find([lines], TODAY)
            if ABROAD in finding.because and "99213" in finding.because
        ]
        rules[days] = {finding.rule: finding.because for finding in found}
    (new,) = set(rules["090"]) - set(rules["XXX"])
    assert f'Table: your file "{FEES}" (OMSNB_CMS), from 2026-07-01' in rules["090"][new]
    sides = of_kind(find([claim(("21085", "2026-08-03", 2))], TODAY), "both-sides-units")
    assert sides and FEES in sides[0].because  # the manual's own indicator of 21085 is 0


def random_files(folder: Path, seed: int, used: Sequence[str]) -> None:
    pick = random.Random(seed)
    some = sorted({*used, "10000", "99999"})
    (folder / LIMITS).write_bytes(
        limits((code, pick.randrange(4), pick.choice("123")) for code in some if pick.random() < 0.7)
    )
    chosen = {(pick.choice(some), pick.choice(some)) for _ in range(1500)}
    days = ("19960101", "20250101", "20260401", "20260801")
    (folder / PAIRS).write_bytes(
        pairs(
            (one, two, pick.choice(days), pick.choice(("*", "*", "20260501", "20261231")), pick.choice("0119"))
            for one, two in sorted(chosen) if one != two
        )
    )  # fmt: skip
    (folder / FEES).write_bytes(
        fees((code, pick.choice(("000", "010", "090", "XXX", "ZZZ")), pick.choice("01239")) for code in some)
    )


@pytest.mark.parametrize("seed", range(3))
def test_one_claim_and_a_table_of_claims_agree(folder: Path, seed: int) -> None:
    rows = list(random_rows(random.Random(seed), 120))
    random_files(folder, seed, [row["code"] for row in rows])
    claims = read_rows(enumerate(rows, start=2)).claims
    expected = findings_frame([Report(claims, find(claims, TODAY), ())])
    found = audit(pd.DataFrame(rows), today=TODAY).findings
    pd.testing.assert_frame_equal(found, expected)
    said = " ".join(expected["because"])
    assert all(f'your file "{name}"' in said for name in (LIMITS, PAIRS, FEES))


def test_an_audit_in_parts_goes_by_the_files(folder: Path, tmp_path: Path) -> None:
    rows = list(random_rows(random.Random(7), 60))
    random_files(folder, 7, [row["code"] for row in rows])
    source = tmp_path / "lines.csv"
    pd.DataFrame(rows).to_csv(source, index=False)
    audit_file(source, tmp_path / "whole.csv")
    audit_file(source, tmp_path / "parts.csv", part_bytes=10_000)
    whole, parts = (pd.read_csv(tmp_path / name, dtype=str).fillna("") for name in ("whole.csv", "parts.csv"))
    assert sorted(map(tuple, whole.to_numpy())) == sorted(map(tuple, parts.to_numpy()))
    assert whole["because"].str.contains("your file").any()


def test_nothing_of_a_file_is_left_after_the_check(folder: Path) -> None:
    (folder / LIMITS).write_bytes(limits([("21085", 1, "3")]))
    find([claim(("21085", "2026-08-03", 2))], TODAY)
    assert own_tables().files == ()
    (folder / LIMITS).write_bytes(
        limits([("21085", 9, "3"), ("21086", 1, "3")])
    )  # a changed file is read anew
    assert not of_kind(find([claim(("21085", "2026-08-03", 2))], TODAY), "units-medicare")


def test_a_zip_may_hold_several_tables(folder: Path) -> None:
    with zipfile.ZipFile(folder / "quarter.zip", "w") as packed:
        packed.writestr(LIMITS, limits([("21085", 1, "3")]))
        packed.writestr(PAIRS, pairs([(ABROAD, PART_ABROAD, "20130101", "*", "1")]))
        packed.writestr("read me.pdf", b"x")
    assert [(file.name, file.kind, file.effective, file.rows) for file in read_own_tables().files] == [
        (LIMITS, "limits", "2026-07-01", 1), (PAIRS, "pairs", "2026-07-01", 1)
    ]  # fmt: skip


LINES = "claim,patient,payer,date,code,units\n1,P,medicare,2026-08-03,21085,2\n"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no file of CMS"),
        ({LIMITS: limits([("21085", 1, "3"), ("21085", 2, "3")])}, "'21085' stands twice"),
        ({LIMITS: limits([("21085", -1, "3")])}, f"{LIMITS} row 4"),
        ({"limits.csv": limits([("21085", 1, "3")])}, "'limits.csv' does not say from which day it holds"),
        ({LIMITS: b"code,units\n21085,1\n"}, "no header of a known kind"),
        ({LIMITS: b"\0\1"}, "is no text"),
        ({"q.zip": b"PK\3\4 broken"}, "is a broken zip"),
        ({LIMITS: limits([("21085", 1, "3")]), "b_Eff_07-01-2026.csv": limits([("21085", 2, "3")])}, "are both unit limits; keep one"),
        ({FEES: fees([("21085", "010", "0")]), "PPRRVU2026_Jan_nonQPP.csv": fees([("21085", "010", "0")])}, "are both the fee schedule; keep one"),
        ({PAIRS: pairs([(ABROAD, PART_ABROAD, "20130101", "*", "1")]), "ccipra-v321r0-f1.txt": pairs([(ABROAD, PART_ABROAD, "20130101", "*", "1")])}, "are both pairs; keep one"),
        ({PAIRS: pairs([(ABROAD, PART_ABROAD, "2013", "*", "1")])}, "Effective Date"),
    ],
)  # fmt: skip
def test_a_broken_folder_is_refused_in_one_sentence(
    files: dict[str, bytes], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    for name, content in files.items():
        (own / name).write_bytes(content)
    lines = tmp_path / "lines.csv"
    lines.write_text(LINES)
    out = tmp_path / "findings.csv"
    for words in (
        ["check", str(lines)], ["audit", str(lines), "-o", str(out)], ["pair", "76376", "76377"]
    ):  # fmt: skip
        assert main([*words, "--cms", str(own)]) == 2
        told = capsys.readouterr()
        assert said in told.err and told.err.count("\n") == 1 and not told.out and "Traceback" not in told.err
        assert not out.exists() and FOLDER not in os.environ
    assert main(["check", str(lines), "--cms", str(tmp_path / "none")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_the_commands_name_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / LIMITS).write_bytes(limits([("21085", 1, "3")]))
    lines, out = tmp_path / "lines.csv", tmp_path / "findings.csv"
    lines.write_text(LINES)
    assert main(["check", str(lines), "--cms", str(own)]) == 1
    text = capsys.readouterr().out
    assert f'TABLE   unit limits by your file "{LIMITS}" (OMSNB_CMS), from 2026-07-01, 1 rows' in text
    main(["check", str(lines), "--cms", str(own), "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert data["tables"] == [{"file": LIMITS, "kind": "limits", "effective": "2026-07-01", "rows": 1}]
    main(["audit", str(lines), "-o", str(out), "--cms", str(own)])
    assert f'your file "{LIMITS}"' in capsys.readouterr().out and f'your file ""{LIMITS}""' in out.read_text()
    main(["check", str(lines), "--format", "json"])
    plain = json.loads(capsys.readouterr().out)
    assert plain["tables"] == [] and "your file" not in json.dumps(plain) and FOLDER not in os.environ


def test_is_one_code_payable_with_another_by_the_file(folder: Path) -> None:
    (folder / PAIRS).write_bytes(
        pairs(
            [
                (ABROAD, PART_ABROAD, "20130101", "*", "1"), (ABROAD, "97598", "20130101", "20260630", "0"),
                (ABROAD, "97602", "20130101", "*", "0"), ("99999", ABROAD, "20130101", "*", "0"),
            ]
        )
    )  # fmt: skip
    day = date(2026, 8, 3)
    (folder / FEES).write_bytes(fees([(PART_ABROAD, "XXX", "0")]))
    for second, verdict in ((PART_ABROAD, LIFTED), ("97598", TOGETHER), ("97602", NEVER), ("99999", NEVER)):
        answer = ask_pair(ABROAD, second, day)
        assert answer.verdict == verdict and f'your file "{PAIRS}"' in answer.table_said, second
    assert ask_pair(ABROAD, "21085", day).verdict == TOGETHER  # the file is whole
    assert ask_pair(ABROAD, "21085", date(2026, 11, 2)).verdict == UNKNOWN
    assert ask_pair(ABROAD, "97602", date(2026, 11, 2)).verdict == UNKNOWN
    with pytest.raises(ValueError, match="is not known to the manual or to your files"):
        ask_pair(ABROAD, "00001", day)


def test_the_codes_of_these_tests_are_not_of_the_manual() -> None:
    assert not {ABROAD, PART_ABROAD} & set(codes())
