"""What changed between code years, from the dates that the data holds. Decides nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from omsnb.claim_tables import code_pairs
from omsnb.edit_rules import edit_rules
from omsnb.reading import read_lines
from omsnb.records import DAY, UnitLimit
from omsnb.tables import codes, documents, facts, guidance, mue, sources, tables
from omsnb.tables.vocabulary import day_text

FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class Change:
    """One dated change. ``kind``: new, ended, units, meaning, rule or pair; ``source``: an id of ``sources.csv``.

    ``code``: the code, or for a rule without one the decision table, the fact, the document or the claim check.
    """

    date: str
    code: str
    kind: str
    text: str
    source: str


@cache
def all_changes() -> tuple[Change, ...]:
    """Every change that the data can date, oldest first."""
    return tuple(
        sorted(
            (*_validity(), *_units(), *_meaning(), *_rows(), *_values(), *_documents(), *_checks(), *_pairs()),
            key=lambda change: (change.date, change.code),
        )
    )


def _validity() -> Iterator[Change]:
    for code in codes().values():
        if code.effective_from:
            yield Change(
                code.effective_from, code.code, "new", f"valid from this day: {code.label}", code.source
            )
        if code.effective_to:
            yield Change(code.effective_to, code.code, "ended", f"last valid day: {code.label}", code.source)


def _units() -> Iterator[Change]:
    before: dict[str, UnitLimit] = {}
    for limit in mue():
        older = before.get(limit.code)
        if older and older.units != limit.units:
            # the tables between the two were not all read, so the day of the change itself may be earlier
            text = (
                f"unit limit (MUE) is {limit.units}; in the table of {older.effective} it was {older.units}"
            )
            yield Change(limit.effective, limit.code, "units", text, limit.source)
        before[limit.code] = limit


def _meaning() -> Iterator[Change]:
    columns = ("date", "code", "change", "source")
    for line in read_lines("changes.csv", columns, key=("date", "code")):
        yield Change(
            line.day("date"),
            line.listed("code", codes()),
            "meaning",
            line.wanted("change"),
            line.listed("source", sources()),
        )


def _rows() -> Iterator[Change]:
    """Rows of decision tables that begin or end on a day of their own, not with their code."""
    for table in tables().values():
        for row in table.rows:
            days = row.conditions.get(DAY)
            if not isinstance(days, range):
                continue
            known = codes().get(row.report)
            source = guidance()[row.guidance[0]].source
            first, last = (day_text(day) for day in (days[0], days[-1]))
            if days[0] != facts()[DAY].bounds[0] and first != (known and known.effective_from):
                text = f"{table.title}: from this day {row.because}"
                yield Change(first, row.report or table.name, "rule", text, source)
            if days[-1] != facts()[DAY].bounds[-1] and last != (known and known.effective_to):
                text = f"{table.title}: until this day {row.because}"
                yield Change(last, row.report or table.name, "rule", text, source)


def _values() -> Iterator[Change]:
    """Answers that begin or end."""
    for fact in facts().values():
        for value in fact.values.values():
            if value.life is None:
                continue
            if value.life[0] > facts()[DAY].bounds[0]:
                yield Change(day_text(value.life[0]), fact.name, "rule", f"new answer: {value.label}", "")
            if value.life[-1] < facts()[DAY].bounds[-1]:
                yield Change(
                    day_text(value.life[-1]), fact.name, "rule", f"last day of the answer: {value.label}", ""
                )


def _documents() -> Iterator[Change]:
    """What the record must hold from a day on, or up to one."""
    for document in documents().values():
        source = guidance()[document.guidance[0]].source if document.guidance else ""
        yield from lived(document.life, document.id, "wanted in the record", document.label, source)


def _checks() -> Iterator[Change]:
    """Claim checks that begin or end."""
    for rule in edit_rules().values():
        days = rule.first.get("date")
        if isinstance(days, range):
            source = guidance()[rule.guidance[0]].source if rule.guidance else ""
            yield from lived(days, rule.id, "checked", rule.title, source)


def _pairs() -> Iterator[Change]:
    """Correct coding pairs whose first or last day was read."""
    for pair in code_pairs().values():
        text = f"{pair.second} beside {pair.first} (indicator {pair.indicator})"
        if pair.since:
            yield Change(pair.since, pair.second, "pair", f"from this day a pair: {text}", pair.source)
        if pair.until:
            yield Change(pair.until, pair.second, "pair", f"last day a pair: {text}", pair.source)


def lived(days: range | None, name: str, what: str, text: str, source: str) -> Iterator[Change]:
    """The first and the last day of something that has them. ``days``: None for always."""
    if days is not None:
        known = facts()[DAY].bounds
        if days[0] > known[0]:
            yield Change(day_text(days[0]), name, "rule", f"from this day {what}: {text}", source)
        if days[-1] < known[-1]:
            yield Change(day_text(days[-1]), name, "rule", f"last day {what}: {text}", source)


def code_history(code: str) -> tuple[Change, ...]:
    """The dated changes of one code, oldest first; its pairs have a table of their own."""
    return tuple(change for change in all_changes() if change.code == code and change.kind != "pair")


def changes(first: int, last: int) -> tuple[Change, ...]:
    """What differs in code year ``last`` from the start of code year ``first``.

    A change on 1 January of ``first`` is part of that year already, so it is not listed; quarterly changes within
    ``last`` are. Raises ``ValueError`` for years outside 2000 to 2100 or in the wrong order.
    """
    for name, year in (("first year", first), ("second year", last)):
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValueError(
                f"{name}: {year} is not allowed; allowed is a year from {FIRST_YEAR} to {LAST_YEAR}"
            )
    if first >= last:
        raise ValueError(f"second year: {last} is not allowed; it must be later than {first}")
    return tuple(change for change in all_changes() if f"{first}-01-01" < change.date <= f"{last}-12-31")


def oldest_limit() -> str:
    """The first day from which unit limits are held; what they were before is unknown here."""
    return min(limit.effective for limit in mue() if limit.effective)
