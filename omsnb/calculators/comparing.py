"""Two or three ways of a case side by side: by a question, the way of doing it, the reading, or kept scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import parse_qsl, urlencode

from omsnb.calculators.explorer import READINGS, CaseExplorer
from omsnb.coding import Worksheet, find_case
from omsnb.summary import summary
from omsnb.tables import facts

MOST = 3
"""Columns side by side; more would not be read on a desk, let alone on a phone."""
WAY, READING, KEPT = "way", "reading", "kept"
HERE = "What is on the screen"
NONE = "no line"
NOTHING_MORE = "nothing more"


@dataclass(frozen=True, slots=True)
class Column:
    """One of the ways compared. ``worksheet``: None where it could not be worked out, and ``problem`` says why."""

    label: str
    worksheet: Worksheet | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing compared: its name, and what stands in each column."""

    label: str
    cells: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether all columns hold the same."""
        return len(set(self.cells)) == 1


def axes(model: CaseExplorer, kept: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What may be compared by, as label and key: ``way``, ``reading``, ``kept``, or a question with choices."""
    known = find_case(model.case)
    found = [("The way of doing it", WAY)] if len(known.variants) > 1 else []
    found.append(("What it is read for", READING))
    if kept:
        found.append(("Kept scenarios", KEPT))
    names = dict.fromkeys((*(entry.name for entry in model.given), *model.places()))
    found += [
        (model.question(name), name) for name in names if len(facts()[name.rpartition(".")[2]].values) > 1
    ]
    return tuple(found)


def ways(model: CaseExplorer, axis: str, kept: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What stands to choose from on an axis, as label and state; all else is as on the screen.

    Raises ``ValueError`` for an axis that the case does not have.
    """
    state = dict(parse_qsl(model.state))
    if axis not in {key for _, key in axes(model, kept)}:
        raise ValueError(f"{axis!r} is nothing that this case can be compared by")
    if axis == KEPT:
        return ((HERE, model.state), *kept.items())
    if axis == READING:
        return tuple((label, urlencode({**state, "reading": name})) for name, label in READINGS.items())
    if axis == WAY:
        variants = find_case(model.case).variants
        return tuple((way.label, urlencode({**state, "variant": name})) for name, way in variants.items())
    values = facts()[axis.rpartition(".")[2]].values
    return tuple((known.label, urlencode({**state, axis: value})) for value, known in values.items())


def column(label: str, state: str) -> Column:
    """A way worked out from its state."""
    model = CaseExplorer()
    model.restore(state)
    return Column(label, model.worksheet, model.problem)


def compared(columns: Sequence[Column]) -> tuple[Line, ...]:
    """Line by line what each column brings to the claim, then what it asks and wants; those that differ first."""
    sheets = [one.worksheet for one in columns]
    found = list(_services(sheets))
    found.append(Line("Questions still open", tuple(_count(sheet) for sheet in sheets)))
    found.append(Line("To keep in the record, beyond what all want", _documents(sheets)))
    return tuple(sorted(found, key=lambda line: line.same))


def _services(sheets: Sequence[Worksheet | None]) -> Iterable[Line]:
    """By the label, since prolonged time stands beside its visit under a label of its own."""
    texts: list[dict[str, str]] = []
    for sheet in sheets:
        told: dict[str, str] = {}
        for entry in summary(sheet) if sheet else ():
            told[entry.label] = str(entry) if entry.settled else f"{entry} (open)"
        texts.append(told)
    for label in dict.fromkeys(label for told in texts for label in told):
        yield Line(label, tuple(told.get(label, NONE) for told in texts))


def _count(sheet: Worksheet | None) -> str:
    return str(len(sheet.questions)) if sheet else "–"


def _documents(sheets: Sequence[Worksheet | None]) -> tuple[str, ...]:
    wanted = [{one.label for one in sheet.documents} if sheet else set() for sheet in sheets]
    shared = set.intersection(*wanted)
    return tuple("; ".join(sorted(labels - shared)) or NOTHING_MORE for labels in wanted)


def compared_html(columns: Sequence[Column]) -> str:
    """The comparison as a table: differences first, what is the same folded beneath. Every text is escaped."""
    faults = "".join(
        f'<p class="problem">{escape(one.label)}: {escape(one.problem)}</p>' for one in columns if one.problem
    )
    lines = compared(columns)
    differ, same = [one for one in lines if not one.same], [one for one in lines if one.same]
    said = f"{len(differ)} of {len(lines)} lines differ." if differ else "No line differs."
    head = "".join(f'<th scope="col">{escape(one.label)}</th>' for one in columns)
    table = _table(differ, head, "What differs", columns) if differ else ""
    rest = (
        f"<details><summary>{len(same)} {'is' if len(same) == 1 else 'are'} the same</summary>"
        f"{_table(same, head, 'What is the same', columns)}</details>"
        if same
        else ""
    )
    return f'{faults}<p role="status"><strong>{said}</strong></p>{table}{rest}'


def _table(lines: Iterable[Line], head: str, caption: str, columns: Sequence[Column]) -> str:
    body = "".join(
        f'<tr><th scope="row">{escape(line.label)}</th>'
        + "".join(
            # on a phone, where the table is a list, each cell says whose it is
            f'<td><span class="whose">{escape(one.label)}: </span>{escape(cell)}</td>'
            for one, cell in zip(columns, line.cells, strict=True)
        )
        + "</tr>"
        for line in lines
    )
    return (
        f'<table class="compared"><caption>{escape(caption)}</caption><thead><tr><th scope="col">Service</th>'
        f"{head}</tr></thead><tbody>{body}</tbody></table>"
    )
