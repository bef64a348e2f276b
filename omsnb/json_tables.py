"""Claim lines in JSON that is neither FHIR nor our own form: records, alone or within claims, as rows of a table.

What stands around the records (a claim's number, its patient, its diagnoses) belongs to each of them. Which names mean
what is then found out as for every table. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omsnb.claims import Row
from omsnb.column_names import meanings
from omsnb.json_rows import load_json

CODE = ("code",)
DEEPEST = 12
Path = tuple[str, ...]
Cells = dict[str, str]


def lines_of_json(content: bytes) -> tuple[list[Any], list[tuple[int, str]]]:
    """What stands in a file that holds a JSON object on each line, and the lines that hold none, each with why.

    Raises ``ValueError`` with one sentence where not even the first line is one.
    """
    found: list[Any] = []
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            data = load_json(line)
            if not isinstance(data, Mapping):
                raise ValueError("is no object")
            found.append(data)
        except ValueError as problem:
            if not found:
                raise
            wrong.append((number, str(problem).partition(":")[0]))
    return found, wrong


def records_of(data: Any) -> tuple[list[str], list[Row]] | None:
    """The names and the rows of the claim lines in JSON data; None where no list of records names procedure codes.

    The first record is row 1. A claim that holds no list of lines is a row without a code, which is then refused.
    """
    top = data if isinstance(data, list) else [data]
    lists: dict[Path, set[str]] = {}
    _look(top, (), lists, 0)
    known = {
        path: {means for name in names if len(means := meanings(name)[0]) == 1}
        for path, names in lists.items()
    }
    lines = [path for path, fields in known.items() if CODE in fields]
    if not lines:
        return None
    chosen = max(lines, key=lambda path: (len(known[path]), len(path)))
    rows = [Row(number, cells) for number, cells in enumerate(_rows(top, (), chosen, {}), start=1)]
    header = list(dict.fromkeys(name for row in rows for name in row.cells))
    return header, [Row(row.number, {name: row.cells.get(name, "") for name in header}) for row in rows]


def _look(nodes: list[Any], path: Path, lists: dict[Path, set[str]], deep: int) -> None:
    """Gathers for each list of objects, by the keys that lead to it, the names of its cells."""
    for node in nodes:
        if not isinstance(node, Mapping) or deep > DEEPEST:
            continue
        own = {key: value for key, value in node.items() if not _is_records(value)}
        lists.setdefault(path, set()).update(_cells(own, path, ()))
        for key, value in node.items():
            if _is_records(value):
                _look(value, (*path, key), lists, deep + 1)


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)


def _rows(nodes: list[Any], path: Path, chosen: Path, above: Cells) -> Iterator[Cells]:
    """The cells of each record at the end of the chosen path, with those of what it stands in."""
    for node in nodes:
        if not isinstance(node, Mapping):
            yield dict(above)
            continue
        cells = {**above, **_cells(node, path, chosen)}
        if path == chosen:
            yield cells
            continue
        held = node.get(chosen[len(path)])
        if isinstance(held, list) and held:
            yield from _rows(held, (*path, chosen[len(path)]), chosen, cells)
        else:
            yield cells


def _cells(node: Mapping[str, Any], path: Path, chosen: Path) -> Cells:
    """The cells of one object: its own, those of objects within it, and lists joined by bars."""
    found: Cells = {}
    within = path[-1] if path else ""
    for key, value in node.items():
        if chosen and (*path, key) == chosen[: len(path) + 1]:
            continue
        if isinstance(value, Mapping):
            for inner, text in value.items():
                if not isinstance(text, Mapping | list):
                    found[_name(key, inner, True)] = _text(text)
        elif _is_records(value):
            parts: dict[str, list[str]] = {}
            for entry in value:
                for inner, text in entry.items() if isinstance(entry, Mapping) else ():
                    if not isinstance(text, Mapping | list):
                        parts.setdefault(_name(key, inner, True), []).append(_text(text))
            found |= {name: "|".join(filter(None, texts)) for name, texts in parts.items()}
        elif isinstance(value, list):
            found[_name(within, key, False)] = "|".join(
                _text(entry) for entry in value if not isinstance(entry, list)
            )
        else:
            found[_name(within, key, False)] = _text(value)
    return found


def _name(within: str, key: str, apart: bool) -> str:
    """The name of a cell: with what it stands in where that says more. ``apart``: it stands in an object of its own."""
    longer = f"{within.removesuffix('s')} {key}"
    if within and len(meanings(longer)[0]) == 1:
        return longer
    return longer if apart and meanings(key)[0] in ((), CODE) else key


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else ""
