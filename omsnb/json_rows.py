"""JSON: loaded so that nothing is read past, and the rows of our own form of claims. Standard library alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import MOST_FAULTS, Fault, Reading, Row, column_name, gather

JSON_FORMAT = "omsnb-claims"
MOST_DIGITS = 20


def load_json(content: bytes) -> Any:
    """The data of a JSON file. Raises ``ValueError`` with one sentence: no JSON, or a key that stands twice."""
    try:
        return json.loads(
            content, parse_constant=_no_constant, parse_int=_whole, object_pairs_hook=_each_once
        )
    except _TwiceError:
        raise
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8; save the file in UTF-8") from None
    except json.JSONDecodeError as problem:
        raise ValueError(f"is no JSON: line {problem.lineno} cannot be read") from None
    except (ValueError, RecursionError):
        raise ValueError("is no JSON that can be read") from None


class _TwiceError(ValueError):
    pass


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _TwiceError(
                f"holds {name[:40]!a} twice in one object, and only one of the two could be read"
            )
        found[name] = value
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _whole(text: str) -> Any:
    """A whole number; one of many digits stays text, which no cell takes for a number."""
    return int(text) if len(text) <= MOST_DIGITS else text


def claims_from_json(data: Any) -> Reading:
    """Reads our own form of claims; each line counts as a row, the first as row 1, and so does a claim without lines.

    Raises ``ValueError`` with one sentence for data of another form.
    """
    if (
        not isinstance(data, dict)
        or data.get("format") != JSON_FORMAT
        or not isinstance(data.get("claims"), list)
    ):
        raise ValueError(f'is neither FHIR nor {{"format": "{JSON_FORMAT}", "claims": [ … ]}}')
    faults = [
        Fault(0, column_name(name), "does not belong to the file; allowed: format, claims")
        for name in data
        if name not in ("format", "claims")
    ]
    return gather(_rows(data["claims"], faults), faults)


def _rows(claims: list[Any], faults: list[Fault]) -> Iterator[Row]:
    own = claim_fields()
    number = 0
    for claim in claims:
        lines = claim.get("lines") if isinstance(claim, dict) else None
        if not isinstance(lines, list) or not lines:
            number += 1
            cells, _ = _cells(claim if isinstance(claim, dict) else {}, "claim")
            yield Row(number, cells, (("", "is no claim with a list of lines"),))
            continue
        head, wrong = _cells(claim, "claim")
        extra = [name for name in claim if name != "lines" and (name not in own or own[name].of == "line")]
        _add(faults, number + 1, extra, "does not belong to a claim")
        for line in lines:
            number += 1
            if not isinstance(line, dict):
                yield Row(number, head, (*wrong, ("", "is no line")))
                continue
            cells, problems = _cells(line, "line")
            extra = [name for name in line if name not in own or own[name].of == "claim"]
            _add(faults, number, extra, "does not belong to a line")
            yield Row(number, {**head, **cells}, (*wrong, *problems))


def _add(faults: list[Fault], number: int, names: list[str], message: str) -> None:
    room = max(0, MOST_FAULTS - len(faults))
    faults += [Fault(number, column_name(name), message) for name in names[:room]]


def _cells(entry: dict[str, Any], of: str) -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    """The cells of a claim or a line as text, and which of them hold no text."""
    cells, problems = {}, []
    for name, column in claim_fields().items():
        if column.of not in (of, "both") or name not in entry:
            continue
        text = _text(entry[name])
        if text is None:
            problems.append((name, "holds neither text nor a number"))
        else:
            cells[name] = text
    return cells, tuple(problems)


def _text(value: Any) -> str | None:
    if value is None:
        return ""
    if isinstance(value, list):
        parts = [_text(part) for part in value if not isinstance(part, list)]
        return (
            "|".join(part or "" for part in parts) if len(parts) == len(value) and None not in parts else None
        )
    return str(value) if isinstance(value, str | int | float) else None
