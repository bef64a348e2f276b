"""A table's columns, each different cell read once; rows that cannot be read, and the order by claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from omsnb.claim_tables import claim_fields
from omsnb.claims import MOST_FAULTS, TEXT_MOST, Fault, Unread, cell_text, form_of, parse_cell

Array = np.ndarray[Any, Any]

LINE_NUMBERS = claim_fields()["line"].bounds.stop


@dataclass
class Column:
    """A column as different values, and for each line the place of its value among them."""

    places: Array
    texts: list[str]
    values: list[Any]
    problems: dict[int, str] = field(default_factory=dict)

    def table(self, make: Callable[[Any], Any], dtype: Any) -> Array:
        """For each different value what ``make`` gives of it."""
        return np.array([make(value) for value in self.values], dtype=dtype)

    def spread(self, make: Callable[[Any], Any], dtype: Any) -> Array:
        """For each line what ``make`` gives of its value."""
        return self.table(make, dtype)[self.places]

    def take(self, lines: Array) -> Column:
        """The column of these lines alone."""
        return Column(self.places[lines], self.texts, self.values)


def column_of(name: str, series: pd.Series | None, count: int) -> Column:
    """A column of the table, read; a missing one is empty on every line."""
    if series is None:
        places, texts = np.zeros(count, dtype=np.int64), [""]
    elif isinstance(series.dtype, pd.CategoricalDtype):
        places = series.cat.codes.to_numpy().astype(np.int64)
        texts = np.asarray(series.cat.categories, dtype=object).tolist()
        if (places < 0).any():
            places = np.where(places < 0, len(texts), places)
            texts.append("")
    else:
        places, found = pd.factorize(series.fillna("").astype(str), sort=False)
        places, texts = places.astype(np.int64), np.asarray(found, dtype=object).tolist()
    entry = claim_fields()[name]
    if entry.kind == "text" and _plain(texts, entry.wanted):
        return Column(places, texts, texts)
    column = Column(places, texts, [])
    for place, text in enumerate(texts):
        try:
            column.values.append(parse_cell(entry, text))
        except ValueError as problem:
            column.values.append(None)
            column.problems[place] = str(problem)
    return _merged(column)


def _plain(texts: list[str], wanted: bool) -> bool:
    """Whether ``parse_cell`` would give all these texts back as they are; there may be as many as there are claims."""
    joined = "".join(texts)
    short = max(map(len, texts), default=0) <= TEXT_MOST
    return (
        short
        and " " not in joined
        and joined.isascii()
        and joined.isprintable()
        and not (wanted and "" in texts)
    )


def _merged(column: Column) -> Column:
    """One place for each value: ``26`` and `` 26`` are the same modifier."""
    seen: dict[Any, int] = {}
    target = np.empty(len(column.values), dtype=np.int64)
    for place, value in enumerate(column.values):
        key = (place,) if place in column.problems else ("value", value)
        target[place] = seen.setdefault(key, len(seen))
    if len(seen) == len(column.values):
        return column
    values: list[Any] = [None] * len(seen)
    problems = {}
    for place, value in enumerate(column.values):
        values[target[place]] = value
        if place in column.problems:
            problems[int(target[place])] = column.problems[place]
    return Column(target[column.places], [], values, problems)


def with_form(columns: dict[str, Column]) -> None:
    """Gives lines that name no form the form of their payer."""
    form, payer = columns["form"], columns["payer"]
    empty = form.spread(lambda value: value == "", bool)
    wanting = empty & payer.spread(bool, bool)
    if not wanting.any():
        return
    values = [*form.values, *(form_of(value, "") if value else "" for value in payer.values)]
    places = np.where(wanting, len(form.values) + payer.places, form.places)
    columns["form"] = _merged(Column(places, [], values, dict(form.problems)))


def readable(columns: Mapping[str, Column], numbers: Array, count: int) -> tuple[Array, list[Fault]]:
    """Which rows have no cell that cannot be read, and a fault for each cell that cannot."""
    good = np.ones(count, dtype=bool)
    faults = []
    for name, column in columns.items():
        if not column.problems:
            continue
        bad = np.zeros(max(len(column.values), 1), dtype=bool)
        bad[list(column.problems)] = True
        spoilt = np.flatnonzero(bad[column.places])
        good[spoilt] = False
        for line in spoilt[:MOST_FAULTS]:
            faults.append(Fault(int(numbers[line]), name, column.problems[int(column.places[line])]))
    return good, faults


def agreeing(columns: Mapping[str, Column], numbers: Array, good: Array) -> tuple[Array, list[Fault]]:
    """Leaves out rows that disagree with the first good row of their claim, and line numbers that stand twice.

    A cell that a row leaves empty is filled from that first row.
    """
    claim = columns["claim"]
    kept = np.flatnonzero(good)
    first = np.full(len(claim.values) or 1, -1, dtype=np.int64)
    first[claim.places[kept][::-1]] = kept[::-1]
    faults = []
    leading = first[claim.places[kept]]
    bad = np.zeros(len(kept), dtype=bool)
    for name, entry in claim_fields().items():
        if entry.of == "line" or name == "claim":
            continue
        column = columns[name]
        differs = column.places[kept] != column.places[leading]
        if differs.any():
            # what a line leaves empty is as in the first line of its claim
            filled = differs & column.spread(lambda value: value in ("", None, ()), bool)[kept]
            column.places[kept[filled]] = column.places[leading[filled]]
            differs &= ~filled
        if entry.of == "both":
            continue
        for place in np.flatnonzero(differs)[:MOST_FAULTS]:
            own, other = (cell_text(column.values[column.places[at]]) for at in (kept[place], leading[place]))
            name_of = claim.values[claim.places[kept[place]]]
            message = f"{own!r} is not what claim {name_of!r} has in its other rows: {other!r}"
            faults.append(Fault(int(numbers[kept[place]]), name, message))
        bad |= differs
    kept = kept[~bad]
    line = columns["line"].spread(lambda value: value or 0, np.int64)[kept]
    given = np.flatnonzero(line > 0)
    key = claim.places[kept][given] * LINE_NUMBERS + line[given]
    if (np.diff(key) > 0).all():  # claim by claim with rising numbers, as most files are
        return kept, faults
    twice = np.flatnonzero(pd.Series(key).duplicated())
    for place in given[twice][:MOST_FAULTS]:
        name_of = claim.values[claim.places[kept[place]]]
        faults.append(
            Fault(int(numbers[kept[place]]), "line", f"{line[place]} stands twice on claim {name_of!r}")
        )
    return np.delete(kept, given[twice]), faults


def unread_of(columns: Mapping[str, Column], kept: Array, count: int, known: Unread) -> Unread:
    """What was not read: what is ``known`` already, and whose lines are not among those that are kept."""
    refused = np.ones(count, dtype=bool)
    refused[kept] = False
    if not refused.any():
        return known
    patient, claim = columns["patient"], columns["claim"]
    places = np.unique(patient.places[refused])
    patients = {patient.values[place] for place in places.tolist()}
    claims = np.unique(claim.places[refused])
    kin = kept[np.isin(claim.places[kept], claims)]
    patients |= {patient.values[place] for place in np.unique(patient.places[kin]).tolist()}
    anyone = known.anyone or not all(patients)
    return Unread(True, known.patients | {name for name in patients if name}, anyone, known.lost)


def charged(columns: Mapping[str, Column], kept: Array) -> Array:
    """The lines that take no earlier one back; no rule speaks of the others."""
    below = columns["units"].spread(lambda value: (value or 0) < 0, bool)
    below |= columns["charge"].spread(lambda value: (value or 0) < 0, bool)
    return kept[~below[kept]] if below.any() else kept


def in_claims(columns: Mapping[str, Column], kept: Array) -> Array:
    """Lines claim by claim, in the order in which the claims begin."""
    places = columns["claim"].places[kept]
    if len(kept) == 0 or (np.diff(places) >= 0).all():
        return kept
    begins, order = pd.factorize(places)[0], None
    order = np.argsort(begins, kind="stable")
    return kept[order]
