"""Every file of ``data/``, spoiled in every way there is: each time one sentence with file and row, column or key.

Which columns hold dates and references is found from the files as they are, so a new column is tried, too.
"""

from __future__ import annotations

import csv
import functools
import gc
import re
import shutil
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from omsnb import reading
from omsnb.__main__ import OWN_FILES, main
from omsnb.all_data import READERS, check_data
from omsnb.completeness import table_faults
from omsnb.reading import DataError
from omsnb.tables import facts

DATA = Path(__file__).resolve().parent.parent / "data"
FILES = sorted(str(path.relative_to(DATA)) for path in DATA.rglob("*") if path.is_file())
TABLES = [name for name in FILES if name.endswith(".csv")]
TOML = [name for name in FILES if name.endswith(".toml")]
PLACE = re.compile(
    r"data/(?P<file>[\w/.-]+) row \d+(, (column|key|edit|set) \S|: \d+ cells, but|: the columns are)"
)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
KEYLESS = ("changes.csv", "third-party.csv", "mue.csv", "ncci.csv", "paper-lists.csv")
FREE = {
    "guidance.csv paragraph", "sections.csv paragraphs", "sources.csv title", "sources.csv publisher",
    "sources.csv edition", "sources.csv note", "sections.csv page", "codes.csv synonyms", "codes.csv note", "mue.csv rationale",
    "crosswalk.csv label", "services.csv label", "facts.csv unit", "facts.csv label", "facts.csv help",
    "calculators.csv title", "claim-fields.csv label", "claim-fields.csv help", "claim-fields.csv example",
    "third-party.csv version", "ncci.csv first", "discrepancies.csv number",
}  # fmt: skip
"""Columns of free words, or of codes beyond the manual, which may look like references."""


def rows_of(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def parts(cell: str) -> list[str]:
    return [
        part.partition("-")[0] if re.fullmatch(r"[0-9D]\d{4}-..", part) else part
        for part in cell.split("|")
        if part
    ]


@functools.cache
def keys() -> dict[str, frozenset[str]]:
    """What may be referred to: the first column of each file with keys, and the answers of the facts."""
    found = {
        file: frozenset(next(iter(row.values())) for row in rows_of(file))
        for file in TABLES if "/" not in file and file not in KEYLESS
    }  # fmt: skip
    found["facts.csv answers"] = frozenset(value for fact in facts().values() for value in fact.values)
    found["pages"] = frozenset(row["page"] for row in rows_of("sections.csv"))
    return found


def references() -> Iterator[tuple[str, str]]:
    """Columns whose every cell is made of keys of one file, or that hold the answers of a fact."""
    for file in TABLES:
        table = rows_of(file)
        for column in table[0]:
            used = {part for row in table for part in parts(row[column])}
            own = file if column == next(iter(table[0])) else ""  # an id refers to nothing but itself
            leads = any(used <= known for name, known in keys().items() if name != own)
            if used and leads and f"{file} {column}" not in FREE:
                yield file, column


def dates() -> Iterator[tuple[str, str]]:
    """Columns that hold a day somewhere."""
    for file in TABLES:
        table = rows_of(file)
        for column in table[0]:
            cells = [row[column] for row in table if row[column]]
            if any(map(DAY.fullmatch, cells)) and all(re.match(r"\d{4}\b", cell) for cell in cells):
                yield file, column


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the data that is read in place of it; all that was read is forgotten at the end."""
    folder = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(DATA, folder)
    forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "data_folder", lambda: folder)
        check_data()
        yield folder
    forget()


def forget(*loaders: Any) -> None:
    """Empties the caches of some loaders, or of everything that the package has read."""
    every = (
        () if loaders else gc.get_objects()
    )  # a walk over all objects, so only when all is to be forgotten
    cached = [entry for entry in every if isinstance(entry, functools._lru_cache_wrapper)]
    for loader in loaders or [entry for entry in cached if entry.__module__.startswith("omsnb")]:
        loader.cache_clear()


def loader_of(file: str) -> Any:
    return next(reader for pattern, reader in READERS.items() if fnmatch(file, pattern))


def refused(copy: Path, file: str, spoiled: str | bytes, what: str) -> str:
    """What is said of a spoiled file; whether it is one sentence with its place. The file is mended afterwards."""
    path = copy / file
    good = path.read_bytes()
    path.write_bytes(spoiled.encode() if isinstance(spoiled, str) else spoiled)
    assert path.read_bytes() != good, f"{what}: nothing was spoiled"
    loader = loader_of(file)
    try:
        forget(loader)
        with pytest.raises(DataError) as problem:
            loader()
    except BaseException as other:
        raise AssertionError(f"{file}, {what}: {other!r}") from None
    finally:
        path.write_bytes(good)
        forget(loader)
    said = str(problem.value)
    found = PLACE.match(said)
    assert found and found["file"] == file and "\n" not in said, f"{file}, {what}: {said}"
    return said


def replaced(file: str, number: int, column: str, cell: str, quoted: bool = True) -> str:
    """The file with another cell; row 1 is the header."""
    with (DATA / file).open(encoding="utf-8", newline="") as opened:
        table = list(csv.reader(opened))
    table[number - 1][table[0].index(column)] = "\0"
    lines = (DATA / file).read_text(encoding="utf-8").split("\n")
    shown = ",".join(f'"{text}"'.replace('"\0"', "\0") if "," in text else text for text in table[number - 1])
    lines[number - 1] = shown.replace("\0", f'"{cell}"' if quoted and "," in cell else cell)
    return "\n".join(lines)


def first_filled(file: str, column: str) -> int:
    return next(number for number, row in enumerate(rows_of(file), start=2) if row[column])


def test_every_file_has_a_reader(copy: Path) -> None:
    assert all(any(fnmatch(file, pattern) for pattern in READERS) for file in FILES)
    for stray in ("spare.csv", "decisions/spare.csv", "cases/spare.toml"):
        (copy / stray).write_text((copy / "decisions" / "ct.csv").read_text())
        forget(loader_of("cases/tmj.toml"))
        with pytest.raises(DataError, match=f"data/{stray}"):
            check_data()
        (copy / stray).unlink()


def no_condition_less(copy: Path, file: str, fewer: str) -> None:
    """A decision table without a column of conditions is one with a gap or an overlap, if it can be read at all."""
    good = (copy / file).read_bytes()
    (copy / file).write_text(fewer, encoding="utf-8")
    forget(loader_of(file))
    try:
        found = str(table_faults(file.removeprefix("decisions/").removesuffix(".csv")))
    except DataError as problem:
        found = str(problem)
    finally:
        (copy / file).write_bytes(good)
        forget(loader_of(file))
    assert "overlap" in found or "gap" in found or f"data/{file} row" in found, found


@pytest.mark.slow
@pytest.mark.parametrize("file", TABLES)
def test_a_table_with_a_broken_cell_or_row(copy: Path, file: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    lines = text.removesuffix("\n").split("\n")
    last = len(lines)
    for column in rows_of(file)[0]:
        said = refused(copy, file, replaced(file, 2, column, '"open'), f"open quote in {column}")
        assert f"row 2, column {column}: a quotation mark" in said
        said = refused(copy, file, replaced(file, last, column, 'stray " here'), f"stray quote in {column}")
        assert f"row {last}, column {column}: a quotation mark" in said
        spoiled = replaced(file, 2, column, "M\xfcller").encode("latin-1", errors="ignore")
        said = refused(copy, file, spoiled, f"Latin-1 in {column}")
        assert "holds a byte that is not UTF-8" in said
        character = "\0\x1b\u202e\u200b\ufeff"[len(column) % 5]
        said = refused(
            copy, file, replaced(file, 2, column, f"a{character}b"), f"hidden character in {column}"
        )
        assert f"row 2, column {column}: holds the character U+" in said
        said = refused(copy, file, text.replace(column, f"{column}x", 1), f"column {column} renamed")
        assert " row 1" in said
    said = refused(copy, file, "\n".join([*lines, lines[1]]) + "\n", "row doubled")
    assert f"row {last + 1}" in said and ("twice" in said or "stands apart" in said or "order" in said)
    if last > 3:
        said = refused(copy, file, "\n".join([*lines[:3], lines[1], *lines[3:]]) + "\n", "row doubled within")
        assert "row 4" in said or "row 5" in said, said
    cells = len(rows_of(file)[0])
    assert f"row {last}: {cells + 1} cells" in refused(
        copy, file, "\n".join([*lines[:-1], lines[-1] + ",x"]), "a cell more"
    )
    short = [*lines[:1], ",".join(["x"] * (cells - 1)), *lines[1:]]
    assert f"row 2: {cells - 1} cells" in refused(copy, file, "\n".join(short), "a cell less")
    refused(
        copy,
        file,
        "\n".join(f"{line},{'extra' if at == 0 else 'x'}" for at, line in enumerate(lines)),
        "a column more",
    )
    refused(copy, file, "\n".join([*lines[:1], "", *lines[1:]]), "an empty row")
    refused(copy, file, text.replace(lines[0], "", 1), "no header")
    refused(copy, file, b"\xff\xfe" + text.encode("utf-16-le"), "UTF-16")
    refused(copy, file, "", "empty file")
    with_table = [row.split(",") for row in lines]
    if not any('"' in row for row in lines):
        fewer = "\n".join(",".join(row[1:]) for row in with_table)
        if not file.startswith("decisions/"):
            refused(copy, file, fewer, "a column less")
        elif next(iter(rows_of(file)[0])) != "report":
            no_condition_less(copy, file, fewer)


@pytest.mark.parametrize(("file", "column"), [*dates()], ids=lambda value: str(value))
def test_an_impossible_date(copy: Path, file: str, column: str) -> None:
    number = next(n for n, row in enumerate(rows_of(file), start=2) if DAY.fullmatch(row[column]))
    for wrong in ("2024-02-31", "2024-99", "2026-13-01", "2023-02-29", "2026-00-10", "2026-1-1", "20260101", "2026-W10-1",
                  "soon", "2026-01-01T00:00"):  # fmt: skip
        said = refused(copy, file, replaced(file, number, column, wrong), f"{column} {wrong}")
        assert f"row {number}, column {column}: {wrong!r} is not a" in said


@pytest.mark.slow
@pytest.mark.parametrize(("file", "column"), [*references()], ids=lambda value: str(value))
def test_a_reference_that_leads_nowhere(copy: Path, file: str, column: str) -> None:
    number = first_filled(file, column)
    good = rows_of(file)[number - 2][column]
    for wrong in ("zzz", f"{good}|zzz", f"zzz|{good}", f"{good}x"):
        said = refused(copy, file, replaced(file, number, column, wrong), f"{column} {wrong}")
        assert f"row {number}, column {column}: " in said


def test_the_columns_tried_are_those_that_matter() -> None:
    """The columns are found by looking; these must be among them."""
    found = {f"{file} {column}" for file, column in references()}
    assert len(found) >= 150
    for name in (
        "crosswalk.csv service, crosswalk.csv medical, services.csv chapter, services.csv tables, glossary.csv see, "
        "guidance.csv source, guidance.csv section, guidance.csv confirmed_by, changes.csv code, changes.csv source, "
        "mue.csv code, mue.csv source, ncci.csv second, ncci.csv source, codes.csv source, calculators.csv page, "
        "calculators.csv tables, calculators.csv guidance, decisions.csv chapter, discrepancies.csv cases, "
        "discrepancies.csv shows_in, documents.csv guidance, paper-lists.csv code, paper-lists.csv case, payers.csv form, "
        "places.csv place, forms.csv guidance, periods.csv guidance, decisions/ct.csv report, decisions/ct.csv documents, "
        "decisions/ct.csv contrast, decisions/visit-family.csv guidance"
    ).split(", "):
        assert name in found, name
    assert {f"{file} {column}" for file, column in dates()} >= {
        "changes.csv date", "codes.csv effective_from", "codes.csv effective_to", "mue.csv effective", "ncci.csv effective",
        "sources.csv date",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "column", "wrong"),
    [
        ("claim-fields.csv", "allowed", "zzz"),
        ("claim-fields.csv", "allowed", "9..1"),
        ("claim-fields.csv", "kind", "zzz"),
        ("facts.csv", "fact", "Zzz zzz"),
        ("facts.csv", "kind", "zzz"),
        ("decisions.csv", "applies", "zzz=medical"),
        ("decisions.csv", "applies", "claim=zzz"),
        ("decisions.csv", "applies", "claim"),
        ("decisions/mdm.csv", "concludes", "mdm=zzz"),
        ("decisions/mdm.csv", "concludes", "zzz=low"),
        ("decisions/ct.csv", "units", "some"),
        ("decisions/ct.csv", "report", "70486|70487"),
        ("decisions/ct.csv", "guidance", ""),
        ("decisions/ct.csv", "modifiers", "TCX"),
        ("paper-lists.csv", "modifiers", "TCX"),
        ("paper-lists.csv", "position", "one"),
        ("codes.csv", "code", "9920"),
        ("codes.csv", "system", "CDT"),
        ("codes.csv", "global_days", "091"),
        ("codes.csv", "by_report", "maybe"),
        ("mue.csv", "units", "-1"),
        ("mue.csv", "units", "1.5"),
        ("mue.csv", "mai", "4"),
        ("ncci.csv", "first", "7637"),
        ("ncci.csv", "indicator", "2"),
        ("ncci.csv", "effective", ""),
        ("mue.csv", "effective", ""),
        ("changes.csv", "date", ""),
        ("guidance.csv", "confirmed", "perhaps"),
        ("glossary.csv", "see", "3D rendering"),
        ("glossary.csv", "linked", "maybe"),
        ("discrepancies.csv", "cases", "intro"),
        ("periods.csv", "days", "091"),
        ("places.csv", "code", "1"),
        ("areas.csv", "area", "1"),
        ("sections.csv", "page", "chapters/zzz zzz"),
        ("third-party.csv", "licence", ""),
    ],
)
def test_a_cell_of_the_wrong_kind(copy: Path, file: str, column: str, wrong: str) -> None:
    numbers = [n for n, row in enumerate(rows_of(file), start=2) if row[column]]
    if wrong == "9..1":
        numbers = [n for n, row in enumerate(rows_of(file), start=2) if row["kind"] == "whole"]
    said = refused(copy, file, replaced(file, numbers[0], column, wrong), f"{column} {wrong}")
    assert re.search(r"row \d+(, column \w+)?: ", said)


def test_keys_stand_once(copy: Path) -> None:
    """A second row with another content but the same key."""
    for file, column in (("changes.csv", "change"), ("mue.csv", "units"), ("ncci.csv", "indicator"), ("areas.csv", "label"),
                         ("third-party.csv", "files"), ("glossary.csv", "definition"), ("sources.csv", "title")):  # fmt: skip
        lines = (DATA / file).read_text(encoding="utf-8").removesuffix("\n").split("\n")
        other = replaced(file, 2, column, "1" if column in ("units", "indicator") else "other").split("\n")[1]
        other = other if other != lines[1] else replaced(file, 2, column, "0").split("\n")[1]
        said = refused(copy, file, "\n".join([*lines, other]) + "\n", "key doubled")
        assert f"row {len(lines) + 1}" in said and "stands twice" in said


def toml_values(text: str) -> Iterator[tuple[int, str, str]]:
    """Each simple ``key = value`` line: its number, what stands before the value, and the value."""
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        found = re.match(r"^([\w-]+ = )(.+)$", line)
        if found and not inside and not found[2].startswith('"""'):
            yield number, found[1], found[2]
        inside ^= line.count('"""') % 2 == 1


@pytest.mark.slow
@pytest.mark.parametrize("file", TOML)
def test_a_broken_toml_file(copy: Path, file: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    lines = text.split("\n")
    values = list(toml_values(text))
    tried: dict[str, int] = {}
    for number, key, value in values:
        kind = "{" if value.startswith("{") else key  # one fact of a case is like the other
        tried[kind] = tried.get(kind, 0) + 1
        if tried[kind] > 1:
            continue

        def at(new: str, number: int = number) -> str:
            return "\n".join([*lines[: number - 1], new, *lines[number:]])

        wrongs = ["5.5", "true", "{ zzz = 1 }", "[1]", "[[]]", "2026-01-01"]
        if key.strip(" =") == "symmetric":
            wrongs.remove("true")
        for wrong in [*wrongs, '""', '"x"'][: None if value.isdigit() else 7]:
            if not (wrong == '""' and value.startswith("{")):
                refused(copy, file, at(f"{key}{wrong}"), f"row {number} {key}{wrong}")
        if not value.isdigit():
            said = refused(copy, file, at(f"{key}{value[:-1]}"), f"row {number} cut short")
            assert re.search(r"row \d+, column", said) and int(said.split("row ")[1].split(",")[0]) >= number
        assert "row " in refused(copy, file, at(f"{key}{value}\n{key}{value}"), f"row {number} key doubled")
        refused(copy, file, at(f"zz{key}{value}"), f"row {number} key renamed")
        assert f"row {number}" in refused(copy, file, at(f'{key}"open'), f"row {number} open quote")
        said = refused(
            copy, file, at(f'{key}"M\xfc"').encode("latin-1", errors="replace"), f"row {number} Latin-1"
        )
        assert "is not UTF-8" in said
        assert f"row {number}, column" in refused(copy, file, at(f"{key}\x01{value}"), f"row {number} hidden")
    for number, line in enumerate(lines, start=1):
        if line.startswith("["):
            refused(
                copy, file, "\n".join([*lines[: number - 1], line.replace("[", "", 1), *lines[number:]]), line
            )
            if not line.startswith("[variants.") and not line.startswith("[[letter.checklist"):
                renamed = re.sub(r"(\w)(\]+)$", r"\1zz\2", line)
                refused(copy, file, "\n".join([*lines[: number - 1], renamed, *lines[number:]]), renamed)
    refused(copy, file, text + "\n[[broken", "syntax at the end")
    refused(copy, file, text + '\nzzz = "unknown key"\n', "unknown key")


@pytest.mark.parametrize("file", ["edits.toml", "letters.toml"])
def test_a_doubled_entry_of_a_list(copy: Path, file: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    head = "[[edit]]" if file == "edits.toml" else "[[letter]]"
    entry = text[text.index(head) :].split(f"\n{head}")[0]
    assert "stands twice" in refused(copy, file, f"{text}\n{entry}\n", "entry doubled")


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("edits.toml", "{first} and", "{first and"),
        ("edits.toml", "{first} and", "{first:d} and"),
        ("edits.toml", "{first} and", "{first!r} and"),
        ("edits.toml", "{first} and", "{first.x} and"),
        ("edits.toml", '"99202..99205"', '"99205..99202"'),
        ("edits.toml", '"99202..99205"', '"99202..99206"'),
        ("edits.toml", 'splint = ["21085"]', 'splint = ["@splint"]'),
        ("edits.toml", 'splint = ["21085"]', 'splint = ["99999"]'),
        ("letters.toml", "{{ date }}", "{{ datum }}"),
        ("letters.toml", "{{ date }}", "{{ date"),
        ("letters.toml", "{{ date }}", "{% date %}"),
        ("letters.toml", '"76376"', '"76378"'),
        ("letters.toml", '"IV-07"', '"IV-99"'),
        ("letters.toml", '["52"]', '["052"]'),
        ("edition.toml", "2026-12-31", "2026-02-30"),
        ("edition.toml", "2026-12-31", "2027-12-31"),
        ("edition.toml", '"2026-11"', '"2026-13"'),
        ("edition.toml", "code_year = 2026", 'code_year = "x"'),
        ("edition.toml", '"paper"', '"papers"'),
        ("fhir.toml", "[systems]", "[system]"),
        ("fhir.toml", '"urn:omsnb:code"', '"urn:omsnb:modifier"'),
        ("cases/tmj.toml", 'page = "book/cases/tmj"', 'page = "book/cases/trauma"'),
        ("cases/tmj.toml", 'discrepancy = "tmj-cbct-code"', 'discrepancy = "zzz"'),
    ],
)
def test_a_value_that_does_not_fit(copy: Path, file: str, old: str, new: str) -> None:
    text = (DATA / file).read_text(encoding="utf-8")
    assert old in text
    refused(copy, file, text.replace(old, new, 1), f"{old} -> {new}")


def test_the_examples_of_the_claim_columns_are_a_claim_line(copy: Path) -> None:
    number = next(n for n, row in enumerate(rows_of("claim-fields.csv"), start=2) if row["field"] == "date")
    good = (copy / "claim-fields.csv").read_text()
    (copy / "claim-fields.csv").write_text(replaced("claim-fields.csv", number, "example", "2026-02-30"))
    loader = loader_of("claim-fields.csv")
    forget(loader)
    try:
        with pytest.raises(DataError, match=rf"data/claim-fields.csv row {number}, column example: "):
            check_data()
    finally:
        (copy / "claim-fields.csv").write_text(good)
        forget(loader)


COMMANDS: list[tuple[str, ...]] = [
    ("cases",), ("case", "tmj"), ("tables",), ("decide", "ct"), ("code", "21085"), ("search", "splint"),
    ("changes", "2023", "2026"), ("exam", "--questions", "1"), ("template",), ("periods", "21085", "2026-03-12"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_no_command_answers_from_broken_data(
    copy: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]
) -> None:
    """Whatever file is broken, each command says so in one sentence, status 2, and gives no answer.

    ``decide`` opens few files and starts soon for it; it tells of every fault in those.
    """
    opened = ("codes.csv", "decisions/ct.csv")
    for file in (
        "glossary.csv",
        "third-party.csv",
        "ncci.csv",
        "codes.csv",
        "decisions/ct.csv",
        "edits.toml",
        "cases/tmj.toml",
    ):
        good = (copy / file).read_bytes()
        (copy / file).write_bytes(good.replace(b"e", b"\xe9", 1))
        forget(loader_of(file), loader_of(opened[-1]))
        try:
            status = main(list(command))
            said = capsys.readouterr()
        finally:
            (copy / file).write_bytes(good)
            forget(loader_of(file), loader_of(opened[-1]))
        if command[0] in OWN_FILES and file not in opened:
            assert status == 0 and said.out and not said.err, file
            continue
        assert (status, said.out) == (2, ""), file
        assert re.fullmatch(rf"omsnb: data/{file} row \d+, column .+\n", said.err), said.err


def test_data_that_cannot_be_opened(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    loader: Callable[[], object] = loader_of("areas.csv")
    forget(loader)
    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(DataError, match=r"^data/areas.csv cannot be read: Permission denied$"):
        loader()
    monkeypatch.undo()
