"""CMS's quarterly files: made here in every layout and encoding, compared with a copy of the data, and accepted."""

from __future__ import annotations

import errno
import functools
import gc
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsnb import cms_proposal, reading
from omsnb.__main__ import main
from omsnb.cms_files import read_cms
from omsnb.fees import fee_releases, rvus
from omsnb.reading import read_lines
from omsnb.tables import codes

pytestmark = pytest.mark.slow

DATA = Path(__file__).resolve().parent.parent / "data"
LIMITS = "Limits_Eff_04-01-2026.csv"
PAIRS = "ccipra-v322r0-f1.txt"
FEES = "PPRRVU2026_Jul_nonQPP.csv"
MAI = {
    "1": "1 Line Edit",
    "2": "2 Date of Service Edit: Policy",
    "3": "3 Date of Service Edit: Clinical",
}
Rows = list[list[str]]


def forget() -> None:
    for entry in [entry for entry in gc.get_objects() if isinstance(entry, functools._lru_cache_wrapper)]:
        if entry.__module__.startswith("omsnb"):
            entry.cache_clear()


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data that the commands read and write in place of it."""
    folder = tmp_path / "checkout" / "data"
    shutil.copytree(DATA, folder)
    forget()
    monkeypatch.setattr(reading, "data_folder", lambda: folder)
    yield folder
    monkeypatch.undo()
    forget()


def cells(rows: Rows, delimiter: str) -> str:
    quoted = [[f'"{cell}"' if delimiter in cell or "\n" in cell else cell for cell in row] for row in rows]
    return "".join(delimiter.join(row) + "\n" for row in quoted)


def limit_rows() -> Rows:
    """The held limits of the newest whole table, as CMS writes them, and rows of codes that are not ours."""
    return [["0001U", "1", MAI["2"], "Policy"]] + [
        [line.text("code"), line.text("units"), MAI[line.text("mai")], line.text("rationale")]
        for line in read_lines("mue.csv") if line.text("effective") == "2026-04-01"
    ]  # fmt: skip


def limits(rows: Rows) -> bytes:
    """A title of several lines with a Latin-1 sign, and a line break in the first header cell."""
    head = "CPT\u00ae, copyright 2025.\n\nAll rights reserved."
    table = [
        [
            "HCPCS/\nCPT Code",
            "Practitioner Services MUE Values",
            "MUE Adjudication Indicator",
            "MUE Rationale",
        ]
    ]
    return (f'"{head}",,,\n' + cells(table + rows, ",")).encode("latin-1")


def pair_rows() -> Rows:
    return [["0001U", "0030U", "", "20180701", "*", "1", "Misuse"]] + [
        [line.text("first"), line.text("second"), "", "20200101", "*", line.text("indicator"), "Misuse"]
        for line in read_lines("ncci.csv") if line.text("first") in codes()
    ]  # fmt: skip


def pairs(rows: Rows) -> bytes:
    """Tabs, a header of four lines, and line ends of Windows."""
    head = [
        ["CPT only copyright 2025.", "", "", "", "", "", ""],
        ["Column1/Column2 Edits", "", "", "", "", "", ""],
        ["Column 1", "Column 2", "*=in existence", "Effective", "Deletion", "Modifier", "PTP Edit Rationale"],
        ["", "", "prior to 1996", "Date", "Date", "0=not allowed", ""],
        ["", "", "", "", "*=no data", "1=allowed", ""],
        ["", "", "", "", "", "9=not applicable", ""],
    ]
    return cells(head + rows, "\t").replace("\n", "\r\n").encode()


UNITS = (
    "work", "office", "office_priced", "facility", "facility_priced", "malpractice", "multiple_procedure",
    "assistant", "co_surgeon", "team",
)  # fmt: skip
NOTHING = ["0.00", "0.00", "", "0.00", "", "0.00", "9", "9", "9", "9"]


def fee_rows(factor: str = "33.4009") -> Rows:
    """Every row of units that is held, the whole service with the indicators of its code; and one of another code."""
    held = {line.text("code"): line for line in read_lines("codes.csv")}
    rows = [["0001U", "", "", "X", "9", "XXX", "9", *NOTHING, factor]]
    for line in read_lines("rvus.csv"):
        code, component = line.text("code"), line.text("component")
        own = held[code]
        split = "1" if own.text("component_split") == "yes" else "0"
        units = [line.text(name) for name in UNITS]
        for place in (2, 4):
            units[place] = "" if units[place] == "yes" else "NA"
        rows.append(
            [code, component, "", own.text("medicare_status"), split, own.text("global_days"), own.text("bilateral"),
             *units, factor]
        )  # fmt: skip
    return rows


def fees(rows: Rows) -> bytes:
    """Title lines with cells before them, and a header of three lines with the year in the title alone."""
    head = [
        ["", "", "2026 National Physician Fee Schedule Relative Value File July Release", *[""] * 15],
        ["", "", "RELEASED 06/30/2026", *[""] * 15],
        [*[""] * 9, "NON-FAC", "", "FACILITY", *[""] * 6],
        ["", "", "", "STATUS", "PCTC", "GLOB", "BILAT", "WORK", "NON-FAC", "NA", "FACILITY", "NA", "MP",
         "MULT", "ASST", "CO-", "TEAM", "CONV"],
        ["HCPCS", "MOD", "DESCRIPTION", "CODE", "IND", "DAYS", "SURG", "RVU", "PE RVU", "INDICATOR", "PE RVU",
         "INDICATOR", "RVU", "PROC", "SURG", "SURG", "SURG", "FACTOR"],
    ]  # fmt: skip
    return cells(head + rows, ",").encode()


KINDS = {
    "limits": (LIMITS, limits, limit_rows, "mue.csv", "cms-mue-2026-04", 1, "units"),
    "pairs": (PAIRS, pairs, pair_rows, "ncci.csv", "cms-ptp-2024-07", 5, "indicator"),
    "fees": (FEES, fees, fee_rows, "codes.csv", "cms-pfs-2026-07", 6, "bilateral"),
}


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    status = main(["cms", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def proposed(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, object]]:
    status, out, err = run(capsys, *arguments, "--format", "json")
    found = json.loads(out)["changes"]
    assert (status, err) == (1 if found else 0, "")
    return found


def sentence(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    status, out, err = run(capsys, *arguments)
    assert (status, out) == (2, "") and err.count("\n") == 1 and "Traceback" not in err
    return err


def changed(rows: Rows, column: int, number: int = 1) -> Rows:
    row = list(rows[number])
    row[column] = "0" if row[column] == "1" else "1"
    return [*rows[:number], row, *rows[number + 1 :]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_held_is_not_proposed_and_a_changed_row_is_alone(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    name, made, rows, target, source, column, field = KINDS[kind]
    file = tmp_path / name
    file.write_bytes(made(rows()))
    assert proposed(capsys, file) == []
    file.write_bytes(made(changed(rows(), column)))
    (change,) = proposed(capsys, file)
    assert change["change"] == "changed" and change["key"][0] == rows()[1][0]  # type: ignore[index]
    assert {n for n in change["new"] if change["new"][n] != change["old"][n]} == {field}  # type: ignore[attr-defined,index]
    status, out, _ = run(capsys, file)
    assert status == 1 and out.count("\n~ ") == 1 and f"{field} {rows()[1][column]} → " in out
    before = (copy / target).read_text().split("\n")
    status, out, err = run(capsys, file, "--accept", "--source", source)
    assert (status, err) == (0, "") and "written" in out
    after = (copy / target).read_text().split("\n")
    assert len(before) == len(after) and sum(a != b for a, b in zip(before, after, strict=True)) == 1
    forget()
    assert proposed(capsys, file) == []
    status, out, _ = run(capsys, file, "--accept", "--source", source)
    assert status == 0 and "nothing to change" in out


@pytest.mark.parametrize("kind", KINDS)
def test_encodings_line_ends_and_zip(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    name, made, rows, *_, column, _ = KINDS[kind]
    text = made(changed(rows(), column)).decode("latin-1").replace("\r\n", "\n")
    file = tmp_path / name
    seen = []
    for encoding in ("latin-1", "utf-8", "utf-8-sig", "utf-16"):
        for end in ("\n", "\r\n"):
            file.write_bytes(text.replace("\n", end).encode(encoding))
            seen.append(proposed(capsys, file)[0]["new"])
            packed = tmp_path / "quarter.zip"
            with zipfile.ZipFile(packed, "w") as out:
                out.write(file, f"folder/{name}")
                out.writestr("read me.pdf", b"x")
            seen.append(proposed(capsys, packed)[0]["new"])
    assert all(one == seen[0] for one in seen) and len(seen) == 16


def test_a_byte_of_latin_1_is_a_character(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / LIMITS
    rows = limit_rows()
    rows[1][3] = "Clinical \u00ae"
    file.write_bytes(limits(rows))
    (change,) = proposed(capsys, file)
    assert change["new"]["rationale"] == "Clinical \u00ae"  # type: ignore[index]


def test_the_date_comes_from_name_or_title_or_is_asked_for(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, made, rows, *_ in KINDS.values():
        file = tmp_path / name
        file.write_bytes(made(rows()))
        assert read_cms(file).effective == ("2026-04-01" if name == LIMITS else "2026-07-01")
    plain = tmp_path / "limits.csv"
    plain.write_bytes(limits(limit_rows()))
    assert "--effective 2026-07-01" in sentence(capsys, plain)
    assert proposed(capsys, plain, "--effective", "2026-04-01") == []
    assert "holds from 2026-04-01" in sentence(capsys, tmp_path / LIMITS, "--effective", "2026-07-01")
    assert "soon" in sentence(capsys, plain, "--effective", "soon")


def test_a_limit_that_repeats_is_new_in_the_first_table_of_its_date_alone(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "limits.csv"
    rows = limit_rows()
    file.write_bytes(limits(rows))
    first = proposed(capsys, file, "--effective", "2026-07-01")
    assert len(first) == len(rows) - 1 and {change["change"] for change in first} == {"added"}
    second = proposed(capsys, file, "--effective", "2026-10-01")
    assert second == []  # that date is held already, and every limit repeats an older one
    file.write_bytes(limits(changed(rows, 1)))
    (one,) = proposed(capsys, file, "--effective", "2026-10-01")
    assert (one["change"], one["key"]) == ("added", [rows[1][0], "2026-10-01"])
    assert one["old"]["effective"] == "2026-04-01"  # type: ignore[index]
    file.write_bytes(limits(rows))
    assert run(capsys, file, "--effective", "2026-07-01", "--accept", "--source", "cms-mue-2026-10")[0] == 0
    forget()
    assert proposed(capsys, file, "--effective", "2026-07-01") == []
    held = [(line.text("code"), line.text("effective")) for line in read_lines("mue.csv")]
    assert held == sorted(held) and len(held) == len(set(held))


def test_what_is_gone(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / LIMITS
    rows = limit_rows()
    file.write_bytes(limits(rows[:3] + rows[4:]))
    assert [(c["change"], c["key"]) for c in proposed(capsys, file)] == [("gone", [rows[3][0], "2026-04-01"])]
    assert proposed(capsys, file, "--part") == []
    named = tmp_path / f"wide-Excerpt.{LIMITS}"
    named.write_bytes(file.read_bytes())
    assert proposed(capsys, named) == []
    file = tmp_path / PAIRS
    rows = pair_rows()
    ended = list(rows[3])
    ended[4] = "20260630"
    file.write_bytes(pairs([*rows[:3], ended, *rows[4:]]))
    for more in ((), ("--part",)):
        assert [(c["change"], c["key"]) for c in proposed(capsys, file, *more)] == [("gone", ended[:2])]
    assert run(capsys, file, "--accept", "--source", "cms-ptp-2024-07")[0] == 0
    assert ",".join(ended[:2]) + "," not in (copy / "ncci.csv").read_text()
    last = list(rows[3])
    last[4] = "20260701"  # still in force on that day
    file.write_bytes(pairs([*rows[:3], last, *rows[4:]]))
    assert [(c["change"], c["key"]) for c in proposed(capsys, file)] == [("added", last[:2])]


@pytest.mark.parametrize(
    ("kind", "column", "wrong", "said"),
    [
        ("limits", 0, "2108", "HCPCS/CPT Code"),
        ("limits", 1, "two", "Practitioner Services MUE Values"),
        ("limits", 1, "-1", "Practitioner Services MUE Values"),
        ("limits", 2, "4 Other", "MUE Adjudication Indicator"),
        ("limits", 3, '"open', "quotation mark"),
        ("pairs", 0, "", "Column 1"),
        ("pairs", 1, "x", "Column 2"),
        ("pairs", 3, "20261301", "Effective Date"),
        ("pairs", 4, "never", "Deletion Date"),
        ("pairs", 5, "2", "Modifier"),
        ("fees", 0, "abc", "HCPCS"),
        ("fees", 3, "Z", "STATUS CODE"),
        ("fees", 4, "", "PCTC IND"),
        ("fees", 5, "091", "GLOB DAYS"),
        ("fees", 6, "7", "BILAT SURG"),
        ("fees", 7, "x", "WORK RVU"),
        ("fees", 7, "", "WORK RVU"),
        ("fees", 7, "1.234", "WORK RVU"),
        ("fees", 9, "yes", "NON-FAC NA INDICATOR"),
        ("fees", 13, "8", "MULT PROC"),
        ("fees", 17, "33", "CONV FACTOR"),
    ],
)
def test_a_broken_cell(
    copy: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    column: int,
    wrong: str,
    said: str,
) -> None:
    name, made, rows, target, source, *_ = KINDS[kind]
    broken = rows()
    broken[5] = [*broken[5][:column], wrong, *broken[5][column + 1 :]]
    content = made(broken)
    file = tmp_path / name
    file.write_bytes(content)
    before = (copy / target).read_bytes()
    # the row is the line of the file, title and header counted
    row = made(broken[:5]).count(b"\n") + 1
    for more in ((), ("--accept", "--source", source)):
        err = sentence(capsys, file, *more)
        assert f"{name} row {row}, column" in err and said in err, err
    assert (copy / target).read_bytes() == before


def test_broken_files(copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / LIMITS
    rows = limit_rows()
    for content, said in (
        (b"", "no header of a known kind"),
        (b"\0\1\2", "is no text"),
        (b"\xff\xfea", "UTF-16"),
        (b"code,units\n0001U,1\n", "no header of a known kind"),
        (limits(rows).replace(b"Practitioner Services", b"DME Supplier"), "no header of a known kind"),
        (limits([]), "the header is the last row"),
        (limits([*rows, rows[2]]), f"row {len(rows) + 6}, column 'code': {rows[2][0]!r} stands twice"),
        (limits([*rows, rows[2][:3]]), "the row has 3 cells"),
        (limits([*rows, [*rows[2], "more"]]), "the row has 5 cells"),
        (b"PK\3\4 broken", "is a broken zip"),
    ):
        file.write_bytes(content)
        assert said in sentence(capsys, file), content[:40]
    assert "cannot be read" in sentence(capsys, tmp_path / "none.csv")
    assert "cannot be read" in sentence(capsys, tmp_path)
    packed = tmp_path / "two.zip"
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr(LIMITS, limits(rows))
        out.writestr(PAIRS, pairs(pair_rows()))
    err = sentence(capsys, packed)
    assert "several tables" in err and LIMITS in err and PAIRS in err
    assert proposed(capsys, packed, "--member", PAIRS) == []
    assert "holds no x.csv" in sentence(capsys, packed, "--member", "x.csv")
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("manual.pdf", b"x")
    assert "holds no .csv or .txt" in sentence(capsys, packed)


def test_nothing_half_written(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / LIMITS
    file.write_bytes(limits(changed(limit_rows(), 1)))
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    def unchanged() -> bool:
        return before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}

    accept = (file, "--accept", "--source", "cms-mue-2026-04")
    assert "needs --source" in sentence(capsys, file, "--accept")
    assert "sources.csv" in sentence(capsys, file, "--accept", "--source", "zzz") and unchanged()
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(os, "fsync", full)
        assert "No space left" in sentence(capsys, *accept) and unchanged()
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda *_: False)
        assert "protected against writing" in sentence(capsys, *accept) and unchanged()
    with monkeypatch.context() as patch:
        patch.setattr(cms_proposal, "files", lambda _: copy.parent)  # as if the data were the package's own
        assert "installed package" in sentence(capsys, *accept) and unchanged()
    assert run(capsys, *accept)[0] == 0 and not unchanged()


def test_a_value_that_the_manual_does_not_know_is_not_written(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / FEES
    rows = fee_rows()
    rows[1][5] = "MMM"
    rows[1][7] = "1.11"
    file.write_bytes(fees(rows))
    before = (copy / "codes.csv").read_bytes()
    assert [change["target"] for change in proposed(capsys, file)] == ["codes.csv", "rvus.csv"]
    err = sentence(capsys, file, "--accept", "--source", "cms-pfs-2026-07")
    assert "data/codes.csv row" in err and "global_days" in err and "MMM" in err
    assert (copy / "codes.csv").read_bytes() == before


def test_units_of_value_are_proposed_with_their_indicators(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / FEES
    rows = fee_rows()
    places = {(row[0], row[1]): at for at, row in enumerate(rows)}
    reading = places["70486", "26"]
    for column, (name, new) in enumerate(
        [("work", "0.84"), ("office", "9.99"), ("office_priced", "NA"), ("facility", "9.99"), ("facility_priced", "NA"),
         ("malpractice", "9.99"), ("multiple_procedure", "3"), ("assistant", "1"), ("co_surgeon", "1"), ("team", "2")],
        start=7,
    ):  # fmt: skip
        file.write_bytes(fees([*rows[:reading], [*rows[reading][:column], new, *rows[reading][column + 1 :]],
                               *rows[reading + 1 :]]))  # fmt: skip
        (change,) = proposed(capsys, file)
        assert (change["target"], change["key"]) == ("rvus.csv", ["70486", "26"])
        differing = {n for n in change["new"] if change["new"][n] != change["old"][n]}  # type: ignore[attr-defined,index]
        assert differing == {name}
    assert run(capsys, file, "--accept", "--source", "cms-pfs-2026-07")[0] == 0
    forget()
    assert rvus()["70486", "26"].team == "2" and proposed(capsys, file) == []


def test_a_new_release_wants_its_factors_first_and_then_takes_every_row(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    file.write_bytes(fees(fee_rows("33.5000")).replace(b"July Release", b"October Release"))
    before = {path: path.read_bytes() for path in copy.rglob("*.csv")}
    assert (
        proposed(capsys, file) == []
    )  # the units are the same, and no release is held that would say otherwise
    rows = fee_rows("33.5000")
    rows[1][7] = "1.11"
    file.write_bytes(fees(rows).replace(b"July Release", b"October Release"))
    assert len(proposed(capsys, file)) == 1
    err = sentence(capsys, file, "--accept", "--source", "cms-pfs-2026-07")
    assert "fee-releases.csv begins on 2026-10-01" in err
    assert before == {path: path.read_bytes() for path in copy.rglob("*.csv")}
    releases = copy / "fee-releases.csv"
    (held,) = releases.read_text().splitlines()[1:]
    releases.write_text(releases.read_text() + held.replace("RVU26C,2026-07-01", "RVU26D,2026-10-01") + "\n")
    forget()
    found = proposed(capsys, file)
    assert {c["target"] for c in found} == {"rvus.csv", "fee-releases.csv"}
    assert (
        len([c for c in found if c["target"] == "rvus.csv"]) == len(rows) - 1
    )  # each row moves to the release
    assert run(capsys, file, "--accept", "--source", "cms-pfs-2026-07")[0] == 0
    forget()
    assert {entry.release for entry in rvus().values()} == {"RVU26D"}
    assert (
        str(fee_releases()["RVU26D"].factor) == "33.5000"
        and str(fee_releases()["RVU26C"].factor) == "33.4009"
    )
    assert proposed(capsys, file) == []


def test_the_second_file_of_a_release_has_the_other_factor(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "PPRRVU2026_Jul_QPP.csv"
    file.write_bytes(fees(fee_rows("33.5675")))
    assert proposed(capsys, file) == []
    file.write_bytes(fees(fee_rows("33.0000")))
    (change,) = proposed(capsys, file)
    assert (change["target"], change["new"]) == ("fee-releases.csv", {"factor": "33.0000"})
    two = fee_rows()
    two[3][17] = "33.0000"
    file.write_bytes(fees(two))
    assert "several conversion factors: 33.0000, 33.4009" in sentence(capsys, file)


def test_several_files_of_the_data_are_written_together_or_not_at_all(
    copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / FEES
    rows = fee_rows()
    rows[1][6] = "3" if rows[1][6] != "3" else "0"
    rows[1][7] = "1.11"
    file.write_bytes(fees(rows))
    assert [change["target"] for change in proposed(capsys, file)] == ["codes.csv", "rvus.csv"]
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    write, written = cms_proposal.write_whole, []

    def full(path: Path, content: bytes) -> None:  # room for the first file alone
        if written:
            raise ValueError(f"file: {str(path)!r} cannot be written: {os.strerror(errno.ENOSPC)}")
        written.append(path)
        write(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(cms_proposal, "write_whole", full)
        assert "No space left" in sentence(capsys, file, "--accept", "--source", "cms-pfs-2026-07")
    assert written and before == {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert run(capsys, file, "--accept", "--source", "cms-pfs-2026-07")[0] == 0
