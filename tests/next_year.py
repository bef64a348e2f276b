"""A made-up code year 2027: the edits that CONTRIBUTING asks of a maintainer, made in a copy of the project.

One code takes another's place in a decision row, one is deleted, a unit limit, a claim check and the answers to a fact
change, and the edition moves on. Python stays as it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, (file.name, old, text.count(old))
    file.write_text(text.replace(old, new), encoding="utf-8")


def _add(file: Path, line: str) -> None:
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n") + f"\n{line}\n", encoding="utf-8")


def _line(file: Path, part: str) -> str:
    found = [line for line in file.read_text(encoding="utf-8").splitlines() if part in line]
    assert len(found) == 1, (file.name, part, len(found))
    return found[0]


def new_code(data: Path) -> None:
    """D0396 ends; D0397 begins."""
    old = _line(data / "codes.csv", "D0396,")
    _change(data / "codes.csv", old, old.replace("2024-01-01,,", "2024-01-01,2026-12-31,"))
    _add(data / "codes.csv", old.replace("D0396", "D0397").replace("2024-01-01,,", "2027-01-01,,"))


def new_code_decides(data: Path) -> None:
    """A row for D0397, without dates: it lives as long as its code."""
    table = data / "decisions" / "printing.csv"
    _add(table, _line(table, ",D0396,").replace("D0396", "D0397"))


def deleted_code(data: Path) -> None:
    """D7939 ends and nothing takes its place."""
    old = _line(data / "codes.csv", "D7939,")
    _change(data / "codes.csv", old, old.replace("2024-01-01,,", "2024-01-01,2026-12-31,"))


def deletion_decides(data: Path) -> None:
    """From then on nothing is reported for what the deleted code stood for: a row with a first day."""
    table = data / "decisions" / "implant-guide.csv"
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    row = 'dynamic_navigation|robotic,,,,,"The code has ended, and none took its place.",,cur-guide-01,2027-01-01,'
    dated = [f"{header},from,until", *(f"{line},," for line in lines), row]
    table.write_text("\n".join(dated) + "\n", encoding="utf-8")
    table = data / "decisions" / "appliance-guide.csv"
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    row = 'implant_position,dental,navigation,,,,,line=ask,"The code has ended, and none took its place.",,cur-guide-01,2027-01-01,'
    dated = [f"{header},from,until", *(f"{line},," for line in lines), row]
    table.write_text("\n".join(dated) + "\n", encoding="utf-8")


def new_answer(data: Path) -> None:
    """A surface may be printed from photographs from 2027 on."""
    old = _line(data / "facts.csv", "print_source,choice,,,tomographic_volume,")
    new = "print_source,choice,,,photographs,photographs,,,2027-01-01,"
    _change(data / "facts.csv", old, f"{old}\n{new}")


def new_answer_decides(data: Path) -> None:
    """The row for the new answer."""
    _add(
        data / "decisions" / "printing.csv",
        "practice,photographs,,,,,,,,A print from photographs has no code of its own.,,cur-print-01",
    )


def new_limit(data: Path) -> None:
    """Three splints a day from 2027 on."""
    _add(data / "mue.csv", f"21085,2027-01-01,3,3,CMS Policy,{_mue_source(data)}")


def _mue_source(data: Path) -> str:
    return (data / "mue.csv").read_text(encoding="utf-8").splitlines()[1].rpartition(",")[2]


def changed_check(data: Path) -> None:
    """The check of a print's scan ends with the old code; from 2027 on it only warns."""
    file = data / "edits.toml"
    text = file.read_text(encoding="utf-8")
    start = text.index('[[edit]]\nid = "print-base"')
    stop = text.index("[[edit]]", start + 1)
    old = text[start:stop]
    status = next(line for line in old.splitlines() if line.startswith("status = "))
    new = (
        old.replace('id = "print-base"', 'id = "print-base-2027"')
        .replace('"D0396"', '"D0397"')
        .replace(status, 'status = "warn"\nfrom = "2027-01-01"')
    )
    ended = old.replace(status, f'{status}\nuntil = "2026-12-31"')
    file.write_text(text[:start] + ended + new + text[stop:], encoding="utf-8")


def new_edition(data: Path) -> None:
    """The edition of the new code year."""
    file = data / "edition.toml"
    lines = {
        "edition": '"2027.1"', "code_year": "2027", "day": '"2027-01-15"', "valid_until": '"2027-12-31"',
    }  # fmt: skip
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        key = line.partition(" = ")[0]
        found.append(f"{key} = {lines[key]}" if key in lines else line)
    file.write_text("\n".join(found) + "\n", encoding="utf-8")


STEPS: Mapping[str, Callable[[Path], None]] = {
    step.__name__: step
    for step in (
        new_code, new_code_decides, deleted_code, deletion_decides, new_answer, new_answer_decides, new_limit,
        changed_check, new_edition,
    )
}  # fmt: skip


def make(folder: Path, without: str = "") -> Path:
    """Copies package and data to ``folder`` and takes the steps there, but for the one named; returns the folder."""
    for name in ("omsnb", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name, step in STEPS.items():
        if name != without:
            step(folder / "data")
    return folder
