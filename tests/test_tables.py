"""Loading ``data/``: every mistake is refused with file, row and column."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omsnb import reading, tables

DATA = Path(__file__).resolve().parent.parent / "data"
LOADERS = [
    value
    for value in (getattr(tables, name) for name in tables.__all__)
    if callable(getattr(value, "cache_clear", None)) and value.__module__.startswith(tables.__name__)
]


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data that a test may spoil; the caches are emptied before and after."""
    shutil.copytree(DATA, tmp_path / "data")

    def forget() -> None:
        for loader in LOADERS:
            loader.cache_clear()

    forget()
    monkeypatch.setattr(reading, "data_folder", lambda: tmp_path / "data")
    yield tmp_path / "data"
    monkeypatch.undo()
    forget()


def spoil(path: Path, old: str, new: str, count: int = 1) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def test_all_files_load() -> None:
    for loader in LOADERS:
        assert loader() is not None
    assert len(tables.guidance()) >= 130
    assert len(tables.discrepancies()) >= 31
    assert {entry.number for entry in tables.discrepancies().values()} >= set(range(1, 32))


@pytest.mark.parametrize(
    ("file", "old", "new", "load", "said"),
    [
        ("codes.csv", "\n21085,CPT,", "\n21085,CTP,", tables.codes, r"data/codes.csv row \d+, column system: 'CTP' is not allowed; allowed: CPT, CDT, HCPCS"),
        ("codes.csv", "\n70486,", "\n70487,", tables.codes, r"data/codes.csv row \d+, column code: '70487' stands twice"),
        ("codes.csv", "code,system", "code,sort", tables.codes, r"data/codes.csv row 1: the columns are"),
        ("mue.csv", "\n21085,", "\n99999,", tables.mue, r"data/mue.csv row \d+, column code: '99999' is not allowed"),
        ("decisions/ct.csv", "70487", "70497", tables.tables, r"data/decisions/ct.csv row \d+, column report: '70497' is not known"),
        ("decisions/ct.csv", "without_then_with", "now_and_then", tables.tables, r"data/decisions/ct.csv row \d+, column contrast: contrast: 'now_and_then' is not allowed; allowed: without, with"),
        ("decisions/ct.csv", "contrast", "contrasst", tables.tables, r"data/decisions/ct.csv row 1, column contrasst: is no fact"),
        ("decisions/visit-by-time.csv", "15..29", "29..15", tables.tables, r"visit-by-time.csv row \d+, column minutes: minutes: '29..15' is not allowed"),
        ("decisions/cbct.csv", ",TC,", ",TCX,", tables.tables, r"cbct.csv row \d+, column modifiers: 'TCX' is not a modifier"),
        ("decisions/splint.csv", ",21085,,1,", ",21085,,,", tables.tables, r"splint.csv row \d+, column units"),
        ("decisions/mdm.csv", "mdm=low", "mdm=lower", tables.tables, r"mdm.csv row \d+, column concludes: mdm: 'lower' is not allowed"),
        ("decisions.csv", "scan=ct", "scan=xray", tables.tables, r"decisions.csv row \d+, column applies: scan: 'xray' is not allowed"),
        ("services.csv", "ct|cbct", "ct|cbt", tables.services, r"services.csv row \d+, column tables: 'cbt' is not known"),
        ("facts.csv", "0..600", "many", tables.facts, r"facts.csv row \d+, column value: 'many': a number has one row"),
        ("facts.csv", "scan,choice,,,cbct", "scan,choice,,,ct", tables.facts, r"facts.csv row \d+, column value: 'ct' stands twice"),
        ("guidance.csv", ",rule,", ",ruel,", tables.guidance, r"guidance.csv row \d+, column kind: 'ruel' is not allowed; allowed: rule, definition"),
        ("paper-lists.csv", "tmj,2,", "tmj,3,", tables.paper_lists, r"paper-lists.csv row \d+, column position: 3 breaks the order of tmj"),
        ("cases/tmj.toml", 'value = "62"', 'value = "sixty"', tables.cases, r"data/cases/tmj.toml row 21, key facts.minutes.value: minutes: 'sixty' is not allowed"),
        ("cases/tmj.toml", "minutes = {", "minutex = {", tables.cases, r"data/cases/tmj.toml row 21, key facts.minutex: no fact"),
        ("cases/tmj.toml", 'service = "splint"', 'service = "splitn"', tables.cases, r"data/cases/tmj.toml row \d+, key services 4.service: 'splitn' is no service"),
        ("cases/tmj.toml", 'basis = "stated"', 'basis = "guessed"', tables.cases, r"facts.age_years.basis: 'guessed' is not allowed; allowed: stated, implied, printed"),
        ("cases/tmj.toml", 'title = "', 'title = ', tables.cases, r"data/cases/tmj.toml row 3, column 9: Invalid value"),
    ],
)  # fmt: skip
def test_a_mistake_names_its_place(
    copy: Path, file: str, old: str, new: str, load: Callable[[], object], said: str
) -> None:
    spoil(copy / file, old, new)
    with pytest.raises(reading.DataError, match=said) as problem:
        load()
    assert re.match(r"data/", str(problem.value)) and "\n" not in str(problem.value)


def test_a_row_with_too_many_cells(copy: Path) -> None:
    with (copy / "services.csv").open("a", encoding="utf-8") as file:
        file.write("x,y,I,ct,surplus\n")
    with pytest.raises(reading.DataError, match=r"data/services.csv row \d+: 5 cells, but 4 columns"):
        tables.services()


def test_a_missing_file(copy: Path) -> None:
    (copy / "mue.csv").unlink()
    with pytest.raises(reading.DataError, match=r"data/mue.csv is missing"):
        tables.mue()


def test_records_cannot_be_changed() -> None:
    code = next(iter(tables.codes().values()))
    with pytest.raises(AttributeError):
        code.label = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        tables.codes()["x"] = code  # type: ignore[index]


def named_rows(name: str, names: Callable[[int], str]) -> bytes:
    """A decision table with a last column of names; the first row is put to the end of the table and keeps its name."""
    header, *lines = reading.read_text(f"decisions/{name}.csv").splitlines()
    first, *rest = [f"{line},{names(at)}" for at, line in enumerate(lines, 1)]
    return "\n".join([f"{header},row", *rest, first]).encode()


def test_a_row_with_a_name_keeps_it_wherever_it_stands() -> None:
    before = {row.id: row.because for row in tables.tables()["splint"].rows}
    with reading.instead("decisions/splint.csv", named_rows("splint", str)):
        moved = tables.tables.__wrapped__()["splint"].rows
    assert {row.id: row.because for row in moved} == before and moved[-1].id == "splint:1"
    with reading.instead("decisions/splint.csv", named_rows("splint", lambda at: f"way-{at}")):
        assert tables.tables.__wrapped__()["splint"].rows[-1].id == "splint:way-1"


@pytest.mark.parametrize(("name", "said"), [("1", "column row: '1' stands twice"), ("", "column row: '' is not allowed"), ("A b", "column row: 'A b' is not")])
def test_a_name_of_a_row_stands_once_and_is_plain(name: str, said: str) -> None:
    with reading.instead("decisions/splint.csv", named_rows("splint", lambda at: name)), pytest.raises(reading.DataError, match=said):
        tables.tables.__wrapped__()
