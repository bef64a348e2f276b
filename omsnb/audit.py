"""``audit``: the claim checks over a table of many claims, vectorised; it finds what ``edits.check`` finds.

Each column is read once for each different cell it holds, so that a million lines cost little more than their reading.
Needs pandas and numpy; ``omsnb`` itself imports neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from omsnb.claim_tables import claim_fields, forms
from omsnb.claims import TEXT_MOST, Fault, cell_text, parse_cell
from omsnb.edit_rules import NUMBERS, Condition, EditRule, edit_rules, pair_table
from omsnb.edits import (
    LINE_LIMIT,
    NO_LIMIT,
    NO_PAIRS,
    OVER,
    Report,
    judge_units,
    limit_on,
    limit_words,
    line_words,
    pair_words,
    prolonged_units,
    sentence,
)
from omsnb.tables import codes

Array = np.ndarray[Any, Any]
FINDING_COLUMNS = ("patient", "rule", "status", "lines", "because", "remedy", "guidance")
EPOCH = date(1970, 1, 1).toordinal()
NOT_A_NUMBER = np.iinfo(np.int64).min
LINE_NUMBERS = claim_fields()["line"].bounds.stop


@dataclass(frozen=True)
class Audit:
    """Findings on a table of claim lines, and what could not be read. ``findings`` has the columns FINDING_COLUMNS."""

    findings: pd.DataFrame
    faults: tuple[Fault, ...]
    lines: int


def findings_frame(reports: Iterable[Report]) -> pd.DataFrame:
    """The findings of ``check`` as the table that ``audit`` gives."""
    rows = []
    for report in reports:
        patients = {claim.claim: claim.patient for claim in report.claims}
        for finding in report.findings:
            rows.append(
                (
                    patients[finding.lines[0][0]],
                    finding.rule,
                    finding.status,
                    "|".join(f"{claim}:{line}" for claim, line in finding.lines),
                    finding.because,
                    finding.remedy,
                    "|".join(finding.guidance),
                )
            )
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS), dtype=object)


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


def audit(frame: pd.DataFrame, *, first_row: int = 2, rows: Array | None = None) -> Audit:
    """Checks a table of claim lines of many patients.

    ``frame``: text or categorical columns as in ``claim-fields.csv``; wanted columns must be there, others may. All
    lines of a patient must be in it, since units of a day and global periods run over them. ``first_row``: number of
    its first row in its file, for faults; ``rows`` gives the number of each row instead. Raises ``ValueError`` for a
    missing or unknown column.
    """
    known = claim_fields()
    for name in frame.columns:
        if name not in known:
            raise ValueError(f"column: {name!r} is not known; allowed: {', '.join(known)}")
    for entry in known.values():
        if entry.wanted and entry.name not in frame.columns:
            raise ValueError(f"column: {entry.name!r} is missing; wanted: {', '.join(_wanted())}")
    count = len(frame)
    numbers = np.arange(first_row, first_row + count) if rows is None else rows
    columns = {name: _column(name, frame[name] if name in frame.columns else None, count) for name in known}
    good, faults = _readable(columns, numbers, count)
    good, more = _agreeing(columns, numbers, good)
    ordered = _in_claims(columns, good)
    lines = _Lines({name: column.take(ordered) for name, column in columns.items()}, numbers[ordered])
    found = _Findings(lines)
    for rule in edit_rules().values():
        _SHAPES[rule.shape](rule, lines, found)
    faults = sorted((*faults, *more), key=lambda fault: fault.row)
    return Audit(found.frame(), tuple(faults), count)


def _wanted() -> list[str]:
    return [entry.name for entry in claim_fields().values() if entry.wanted]


def _column(name: str, series: pd.Series | None, count: int) -> Column:
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


def _readable(columns: Mapping[str, Column], numbers: Array, count: int) -> tuple[Array, list[Fault]]:
    good = np.ones(count, dtype=bool)
    faults = []
    for name, column in columns.items():
        if not column.problems:
            continue
        bad = np.zeros(max(len(column.values), 1), dtype=bool)
        bad[list(column.problems)] = True
        for line in np.flatnonzero(bad[column.places]):
            faults.append(Fault(int(numbers[line]), name, column.problems[int(column.places[line])]))
            good[line] = False
    return good, faults


def _agreeing(columns: Mapping[str, Column], numbers: Array, good: Array) -> tuple[Array, list[Fault]]:
    """Leaves out rows that disagree with the first good row of their claim, and line numbers that stand twice."""
    claim = columns["claim"]
    kept = np.flatnonzero(good)
    first = np.full(len(claim.values) or 1, -1, dtype=np.int64)
    first[claim.places[kept][::-1]] = kept[::-1]
    faults = []
    leading = first[claim.places[kept]]
    bad = np.zeros(len(kept), dtype=bool)
    for name, entry in claim_fields().items():
        if entry.of != "claim" or name == "claim":
            continue
        column = columns[name]
        differs = column.places[kept] != column.places[leading]
        for place in np.flatnonzero(differs):
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
    for place in given[twice]:
        name_of = claim.values[claim.places[kept[place]]]
        faults.append(
            Fault(int(numbers[kept[place]]), "line", f"{line[place]} stands twice on claim {name_of!r}")
        )
    return np.delete(kept, given[twice]), faults


def _in_claims(columns: Mapping[str, Column], kept: Array) -> Array:
    """Lines claim by claim, in the order in which the claims begin."""
    places = columns["claim"].places[kept]
    if len(kept) == 0 or (np.diff(places) >= 0).all():
        return kept
    begins, order = pd.factorize(places)[0], None
    order = np.argsort(begins, kind="stable")
    return kept[order]


class _Lines:
    """All lines, with what conditions and sentences ask about, worked out when it is first wanted."""

    def __init__(self, columns: Mapping[str, Column], numbers: Array) -> None:
        self.columns = columns
        self.count = len(numbers)
        self.every = np.arange(self.count)
        self.code = columns["code"]
        day = columns["date"].spread(lambda value: value.toordinal() - EPOCH if value else 0, np.int64)
        self.day = day
        claim = columns["claim"].places
        starts = np.flatnonzero(np.r_[True, claim[1:] != claim[:-1]]) if self.count else self.every
        sizes = np.diff(np.r_[starts, self.count])
        self.position = self.every - np.repeat(starts, sizes) + 1
        self.number = self._numbered(starts, sizes)
        provider = columns["provider"]
        self.group = columns["patient"].places * max(len(provider.values), 1) + provider.places
        self.units = columns["units"].spread(lambda value: value or 0, np.int64)
        self._conditions: dict[tuple[str, Condition], tuple[Array, Array | None]] = {}
        self.numbers: dict[str, Array] = {
            "units": self.units,
            "minutes": columns["minutes"].spread(
                lambda value: NOT_A_NUMBER if value is None else value, np.int64
            ),
            "pointers": columns["pointers"].spread(lambda value: len(value or ""), np.int64),
            "position": self.position,
            "age": self._ages(),
        }

    def _numbered(self, starts: Array, sizes: Array) -> Array:
        """Line numbers; a line without one gets the lowest that its claim has left."""
        given = self.columns["line"].spread(lambda value: value or 0, np.int64)
        if not given.any():
            return self.position
        number = np.where(given > 0, given, self.position)
        gaps = np.add.reduceat(given == 0, starts) if self.count else starts
        for place in np.flatnonzero((gaps > 0) & (gaps < sizes)):
            own = slice(starts[place], starts[place] + sizes[place])
            taken, following = set(given[own][given[own] > 0].tolist()), 1
            for at in range(own.start, own.stop):
                if given[at] == 0:
                    while following in taken:
                        following += 1
                    taken.add(following)
                    number[at] = following
        return number

    def _ages(self) -> Array:
        def parts(name: str) -> tuple[Array, Array]:
            column = self.columns[name]
            year = column.spread(lambda value: value.year if value else 0, np.int64)
            return year, column.spread(lambda value: value.month * 100 + value.day if value else 0, np.int64)

        (born, birthday), (year, today) = parts("birth_date"), parts("date")
        age = year - born - (today < birthday)
        return np.where((born == 0) | (age < 0), NOT_A_NUMBER, age)

    def condition(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        """For all lines: whether they meet a condition, and where the claim does not say (None: it always says)."""
        key = (name, asked)
        if key not in self._conditions:
            self._conditions[key] = self._condition(name, asked)
        return self._conditions[key]

    def _condition(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        if name in NUMBERS:
            assert isinstance(asked, range)
            number = self.numbers[name]
            missing = number == NOT_A_NUMBER
            return (number >= asked.start) & (number < asked.stop), missing if missing.any() else None
        tests: dict[str, Callable[[tuple[str, ...]], bool]] = {
            "modifiers_any": lambda value: not set(asked).isdisjoint(value),
            "modifiers_none": lambda value: set(asked).isdisjoint(value),
            "modifiers_all": lambda value: set(asked) <= set(value),
        }
        if name in tests:
            return self.columns["modifiers"].spread(lambda value: tests[name](value or ()), bool), None
        if name in _OF_CODE:
            return self.code.spread(lambda code: _OF_CODE[name](code) in asked, bool), None
        if name == "valid":
            return self._valid(asked), None
        if name in _OF_FORM:
            return self._fits(name, asked)
        if name in ("diagnoses_given", "provider_given"):
            column = self.columns[name.removesuffix("_given")]
            return column.spread(lambda value: ("yes" if value else "no") in asked, bool), None
        if name == "pointers_known":
            return np.where(self._pointers_known(), "yes" in asked, "no" in asked), None
        column = self.columns[name]
        missing = column.spread(lambda value: not value, bool)
        return column.spread(lambda value: value in asked, bool), missing if missing.any() else None

    def _valid(self, asked: Condition) -> Array:
        def edge(read: Callable[[Any], str], open_end: int) -> Array:
            def day(code: str) -> int:
                known = codes().get(code)
                text = read(known) if known else ""
                return date.fromisoformat(text).toordinal() - EPOCH if text else open_end

            return self.code.spread(day, np.int64)

        before = self.day < edge(lambda known: known.effective_from, -(10**7))
        after = ~before & (self.day > edge(lambda known: known.effective_to, 10**7))
        known = self.code.spread(lambda code: code in codes(), bool)
        return known & np.where(before, "before" in asked, np.where(after, "after" in asked, "yes" in asked))

    def _fits(self, name: str, asked: Condition) -> tuple[Array, Array | None]:
        form = self.columns["form"]
        most = form.spread(lambda value: getattr(forms()[value], _OF_FORM[name]) if value else 0, np.int64)
        counted: dict[str, Callable[[], Array]] = {
            "lines_fit": lambda: self.position,
            "modifiers_fit": lambda: self.columns["modifiers"].spread(
                lambda value: len(value or ()), np.int64
            ),
            "diagnoses_fit": lambda: self.columns["diagnoses"].spread(
                lambda value: len(value or ()), np.int64
            ),
            "pointers_fit": lambda: self.numbers["pointers"],
        }
        held = counted[name]()
        missing = form.spread(lambda value: not value, bool)
        answer = np.where(held <= most, "yes" in asked, "no" in asked) & ~missing
        return answer, missing if missing.any() else None

    def _pointers_known(self) -> Array:
        last = self.columns["pointers"].spread(
            lambda value: ord(max(value)) - ord("A") if value else -1, np.int64
        )
        given = self.columns["diagnoses"].spread(lambda value: len(value or ()), np.int64)
        known: Array = (given == 0) | (last < given)
        return known

    def met(self, conditions: Mapping[str, Condition]) -> tuple[Array, Array]:
        """Lines that meet all conditions or may, and for each the open conditions as bits in their order."""
        chosen, open_bits = self.every, np.zeros(self.count, dtype=np.int64)
        for bit, (name, asked) in enumerate(conditions.items()):
            answer, missing = self.condition(name, asked)
            if missing is None:
                chosen = chosen[answer[chosen]]
            else:
                chosen = chosen[(answer | missing)[chosen]]
                unsure = chosen[missing[chosen]]
                open_bits[unsure] |= 1 << bit
        return chosen, open_bits[chosen]

    def window(self, sorted_lines: Array, lines: Array, low: Array, high: Array) -> tuple[Array, Array]:
        """Where in ``sorted_lines`` (by group and day) the lines of the same group stand whose day is within bounds."""
        key = self.timeline[sorted_lines]
        at = self.timeline[lines]
        return np.searchsorted(key, at + low, "left"), np.searchsorted(key, at + high, "right")

    @cached_property
    def timeline(self) -> Array:
        """Group and day in one number; groups stand so far apart that no window reaches the next."""
        first, last = (int(self.day.min()), int(self.day.max())) if self.count else (0, 0)
        apart: Array = self.group * (last - first + 2 * _REACH) + (self.day - first + _REACH)
        return apart

    def by_time(self, lines: Array) -> Array:
        """Lines sorted by group and day, the order of the file within a day."""
        return lines[np.argsort(self.timeline[lines], kind="stable")]

    def key(self, line: int) -> str:
        """A line as ``claim:number``."""
        claim = self.columns["claim"]
        return f"{claim.values[claim.places[line]]}:{self.number[line]}"

    def value(self, name: str, line: int) -> Any:
        """The value of a column on a line."""
        column = self.columns[name]
        return column.values[column.places[line]]


_REACH = 5000
"""Days that no rule's window exceeds."""


def _of_code(read: Callable[[Any], str]) -> Callable[[str], str]:
    return lambda code: read(codes()[code]) if code in codes() else ""


_OF_CODE: Mapping[str, Callable[[str], str]] = {
    "code": lambda code: code,
    "system": _of_code(lambda known: str(known.system)),
    "split": _of_code(lambda known: "yes" if known.component_split else "no"),
    "by_report": _of_code(lambda known: "yes" if known.by_report else "no"),
    "global_days": _of_code(lambda known: str(known.global_days)),
    "bilateral": _of_code(lambda known: str(known.bilateral)),
    "known": lambda code: "yes" if code in codes() else "no",
}
_OF_FORM = {
    "lines_fit": "lines",
    "modifiers_fit": "modifiers",
    "diagnoses_fit": "diagnoses",
    "pointers_fit": "pointers",
}


class _Findings:
    """Collects findings and writes their sentences, each different one once."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.parts: list[dict[str, Any]] = []

    def add(
        self,
        rule: EditRule,
        shown: Sequence[str],
        statuses: Sequence[str],
        because: Sequence[str],
        first: Array,
    ) -> None:
        """Adds findings of one rule, in the order of their lines."""
        if not len(shown):
            return
        patient = self.lines.columns["patient"]
        self.parts.append(
            {
                "patient": [patient.values[place] for place in patient.places[first]],
                "rule": [rule.id] * len(shown),
                "status": list(statuses),
                "lines": list(shown),
                "because": list(because),
                "remedy": [rule.remedy] * len(shown),
                "guidance": ["|".join(rule.guidance)] * len(shown),
            }
        )

    def frame(self) -> pd.DataFrame:
        """All findings as one table."""
        joined = {name: [cell for part in self.parts for cell in part[name]] for name in FINDING_COLUMNS}
        return pd.DataFrame(joined, columns=list(FINDING_COLUMNS), dtype=object)


def _names(conditions: Mapping[str, Condition], bits: int) -> tuple[str, ...]:
    return tuple(name for bit, name in enumerate(conditions) if bits >> bit & 1)


def _statuses(rule: EditRule, open_bits: Array) -> list[str]:
    return ["unknown" if bits else rule.status for bits in open_bits.tolist()]


def _audit_line(rule: EditRule, lines: _Lines, found: _Findings) -> None:
    chosen, bits = lines.met(rule.first)
    _add_lines(rule, lines, found, chosen, bits)


def _audit_companion(rule: EditRule, lines: _Lines, found: _Findings) -> None:
    chosen, bits = lines.met(rule.first)
    span = _spans(rule, lines, chosen)
    chosen, bits, low, high = chosen[span.any_], bits[span.any_], span.low, span.high
    if not len(chosen):
        return
    companions, companion_bits = lines.met(rule.second)
    counts = []
    for wanted in (companions[companion_bits == 0], companions[companion_bits != 0]):
        ordered = lines.by_time(wanted)
        left, right = lines.window(ordered, chosen, low, high)
        itself = np.isin(chosen, wanted) & (low <= 0) & (high >= 0)
        counts.append(right - left - itself)
    sure, unsure = counts
    lonely = sure == 0
    perhaps = np.where(unsure > 0, 1 << len(rule.first), 0)
    _add_lines(rule, lines, found, chosen[lonely], (bits | perhaps)[lonely], ("companion",))


def _add_lines(
    rule: EditRule, lines: _Lines, found: _Findings, chosen: Array, bits: Array, extra: tuple[str, ...] = ()
) -> None:
    """Adds findings that concern one line each; a sentence is written once for the same facts."""
    if not len(chosen):
        return
    names = {**rule.first, **dict.fromkeys(extra, frozenset[str]())}
    words = _words_of(rule, lines, chosen)
    written: dict[tuple[Any, ...], str] = {}
    because = []
    for line, bit, *used in zip(chosen.tolist(), bits.tolist(), *words, strict=True):
        key = (bit, *used)
        text = written.get(key)
        if text is None:
            text = written[key] = sentence(rule, _names(names, bit), _line_words(lines, line))
        because.append(text)
    shown = [lines.key(line) for line in chosen.tolist()]
    found.add(rule, shown, _statuses(rule, bits), because, chosen)


def _words_of(rule: EditRule, lines: _Lines, chosen: Array) -> list[list[int]]:
    """For each fact that the rule's sentences use, a number for each line: equal numbers, equal words."""
    used = {"code", "date"} | {name for name in _WORD_COLUMNS if "{" + name + "}" in rule.because}
    return [
        (lines.numbers[name] if name in lines.numbers else lines.columns[column].places)[chosen].tolist()
        for name, column in _WORD_COLUMNS.items()
        if name in used
    ]


_WORD_COLUMNS = {
    "code": "code", "date": "date", "units": "units", "modifiers": "modifiers", "place": "place", "payer": "payer",
    "age": "", "minutes": "minutes", "position": "", "diagnoses": "diagnoses", "pointers": "pointers",
    "pointer_letters": "pointers", "form_lines": "form", "form_modifiers": "form", "form_diagnoses": "form",
    "form_pointers": "form",
}  # fmt: skip


def _line_words(lines: _Lines, line: int) -> dict[str, Any]:
    def number(name: str) -> int | None:
        value = int(lines.numbers[name][line])
        return None if value == NOT_A_NUMBER else value

    return line_words(
        lines.value("place", line),
        lines.value("payer", line),
        lines.value("form", line),
        len(lines.value("diagnoses", line)),
        {
            "code": lines.value("code", line),
            "date": lines.value("date", line).isoformat(),
            "units": number("units"),
            "modifiers": lines.value("modifiers", line),
            "age": number("age"),
            "minutes": number("minutes"),
            "position": number("position"),
            "pointers": lines.value("pointers", line),
        },
    )


@dataclass(frozen=True)
class _Span:
    any_: Array
    low: Array
    high: Array


def _spans(rule: EditRule, lines: _Lines, chosen: Array) -> _Span:
    """For each line the days to the second; ``any_`` tells which lines have such days at all."""
    spans = [rule.span(code) for code in lines.code.values]
    has = np.array([span is not None for span in spans], dtype=bool)
    low = np.array([span[0] if span else 0 for span in spans], dtype=np.int64)
    high = np.array([span[1] if span else 0 for span in spans], dtype=np.int64)
    places = lines.code.places[chosen]
    any_ = has[places]
    return _Span(any_, low[places][any_], high[places][any_])


def _audit_pair(rule: EditRule, lines: _Lines, found: _Findings) -> None:
    wanted = pair_table(rule.pairs) if rule.pairs else None
    firsts, first_bits = lines.met(rule.first)
    seconds, second_bits = lines.met(rule.second)
    if wanted is not None:
        one = lines.code.table(lambda code: any(code == pair[0] for pair in wanted), bool)[lines.code.places]
        other = lines.code.table(lambda code: any(code == pair[1] for pair in wanted), bool)[
            lines.code.places
        ]
        firsts, first_bits = firsts[one[firsts]], first_bits[one[firsts]]
        seconds, second_bits = seconds[other[seconds]], second_bits[other[seconds]]
    span = _spans(rule, lines, firsts)
    firsts, first_bits = firsts[span.any_], first_bits[span.any_]
    if not len(firsts) or not len(seconds):
        return
    bits_of_second = np.zeros(lines.count, dtype=np.int64)
    bits_of_second[seconds] = second_bits
    one_of, two_of, first_bits = _meetings(rule, lines, firsts, first_bits, seconds, span)
    keep = one_of != two_of
    if rule.symmetric:
        keep &= one_of < two_of
    for name in (*rule.equal, *rule.different):
        places = lines.columns[name].places
        keep &= (places[one_of] == places[two_of]) == (name in rule.equal)
    one_of, two_of, first_bits = one_of[keep], two_of[keep], first_bits[keep]
    extra = np.zeros(len(one_of), dtype=np.int64)
    if wanted is not None and len(one_of):
        since = _since(lines, wanted)
        pair = since[lines.code.places[one_of], lines.code.places[two_of]]
        keep = pair != NOT_A_NUMBER
        extra = np.where(lines.day[two_of] < pair, 1, 0)
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    if rule.pairs == "prolonged" and len(one_of):
        keep, unsure = _prolonged(lines, one_of, two_of)
        extra |= np.where(unsure, 2, 0)
        one_of, two_of, first_bits, extra = one_of[keep], two_of[keep], first_bits[keep], extra[keep]
    _add_pairs(rule, lines, found, one_of, two_of, first_bits, bits_of_second[two_of], extra)


def _meetings(
    rule: EditRule, lines: _Lines, firsts: Array, first_bits: Array, seconds: Array, span: _Span
) -> tuple[Array, Array, Array]:
    """All pairs of a first and a second line of one group whose days fit."""
    if len(rule.equal) > 1:  # few lines are alike: only those need be set side by side
        many = _alike_elsewhere(rule, lines)
        chosen = many[firsts]
        firsts, first_bits = firsts[chosen], first_bits[chosen]
        span = _Span(span.any_, span.low[chosen], span.high[chosen])
        seconds = seconds[many[seconds]]
    ordered = lines.by_time(seconds)
    left, right = lines.window(ordered, firsts, span.low, span.high)
    counts = right - left
    one_of = np.repeat(firsts, counts)
    steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    two_of = ordered[np.repeat(left, counts) + steps]
    return one_of, two_of, np.repeat(first_bits, counts)


def _alike_elsewhere(rule: EditRule, lines: _Lines) -> Array:
    """Which lines have another of the same group and day that is like them in what the rule compares."""
    key, most = lines.timeline, int(lines.timeline.max()) + 1 if lines.count else 1
    for name in rule.equal:
        column = lines.columns[name]
        size = max(len(column.values), 1)
        if size == 1:
            continue
        if most * size > MOST:
            key, found = pd.factorize(key)
            most = len(found)
        key, most = key * size + column.places, most * size
    alike: Array = pd.Series(key).duplicated(keep=False).to_numpy()
    return alike


MOST = 2**62
"""Keys that are put together from several columns stay below this, well inside 64 bits."""


def _since(lines: _Lines, wanted: Mapping[tuple[str, str], str]) -> Array:
    """For each pair of codes the day from which it is known; a pair that is not in the table has none."""
    size = len(lines.code.values)
    since = np.full((size, size), NOT_A_NUMBER, dtype=np.int64)
    place = {code: at for at, code in enumerate(lines.code.values)}
    for (one, other), day in wanted.items():
        if one in place and other in place:
            start = date.fromisoformat(day).toordinal() - EPOCH if day else -(10**7)
            since[place[one], place[other]] = start
    return since


def _prolonged(lines: _Lines, one_of: Array, two_of: Array) -> tuple[Array, Array]:
    """Which pairs of a visit and its prolonged time are over, or may be since the minutes are not given."""
    minutes = lines.numbers["minutes"]
    keep = []
    for one, two in zip(one_of.tolist(), two_of.tolist(), strict=True):
        given = int(minutes[one])
        most = (
            prolonged_units(lines.value("code", one), lines.value("code", two), given) if given >= 0 else -1
        )
        keep.append(given < 0 or int(lines.units[two]) > most)
    kept = np.array(keep, dtype=bool)
    return kept, minutes[one_of] == NOT_A_NUMBER


def _add_pairs(
    rule: EditRule,
    lines: _Lines,
    found: _Findings,
    one_of: Array,
    two_of: Array,
    first_bits: Array,
    second_bits: Array,
    extra: Array,
) -> None:
    order = np.lexsort((two_of, one_of))
    one_of, two_of = one_of[order], two_of[order]
    bits = np.stack([first_bits[order], second_bits[order], extra[order]])
    written: dict[tuple[int, ...], str] = {}
    because, shown = [], []
    code, day, minutes = lines.code.places, lines.columns["date"].places, lines.numbers["minutes"]
    keys = zip(
        one_of.tolist(), two_of.tolist(), *bits.tolist(),
        code[one_of].tolist(), code[two_of].tolist(), day[one_of].tolist(), day[two_of].tolist(),
        lines.units[two_of].tolist(), minutes[one_of].tolist(), strict=True,
    )  # fmt: skip
    for one, two, *key in keys:
        text = written.get(tuple(key))
        if text is None:
            text = written[tuple(key)] = _pair_sentence(rule, lines, one, two, *key[:3])
        because.append(text)
        shown.append(f"{lines.key(one)}|{lines.key(two)}")
    found.add(rule, shown, _statuses(rule, np.asarray(bits.any(axis=0))), because, one_of)


def _pair_sentence(
    rule: EditRule, lines: _Lines, one: int, two: int, first_bits: int, second_bits: int, extra: int
) -> str:
    missing = (
        *_names(rule.first, first_bits),
        *(f"second {name}" for name in _names(rule.second, second_bits)),
        *(name for bit, name in ((1, NO_PAIRS), (2, "minutes")) if extra & bit),
    )
    minutes = int(lines.numbers["minutes"][one])
    words = pair_words(
        rule, lines.value("code", one), lines.value("code", two), lines.value("date", one), lines.value("date", two),
        int(lines.units[two]), None if minutes == NOT_A_NUMBER else minutes,
    )  # fmt: skip
    return sentence(rule, missing, words)


def _audit_limit(rule: EditRule, lines: _Lines, found: _Findings) -> None:
    chosen, bits = lines.met(rule.first)
    if not len(chosen):
        return
    key = lines.timeline[chosen] * max(len(lines.code.values), 1) + lines.code.places[chosen]
    order = np.argsort(key, kind="stable")
    chosen, bits, key = chosen[order], bits[order], key[order]
    starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    possible = np.add.reduceat(lines.units[chosen], starts)
    sizes = np.diff(np.r_[starts, len(chosen)])
    lowest = lines.code.table(lambda code: _lowest_limit(rule, code), np.int64)[
        lines.code.places[chosen[starts]]
    ]
    rows = []
    for place in np.flatnonzero(possible > lowest).tolist():
        members = slice(int(starts[place]), int(starts[place] + sizes[place]))
        rows += _over(rule, lines, chosen[members], bits[members])
    rows.sort(key=lambda row: row[0])
    found.add(
        rule, [row[1] for row in rows], [row[2] for row in rows], [row[3] for row in rows],
        np.array([row[0][0] for row in rows], dtype=np.int64),
    )  # fmt: skip


def _lowest_limit(rule: EditRule, code: str) -> int:
    """Units up to which a code is surely fine on any day, to pass over most lines at once."""
    limit = limit_on(code, "9999-12-31")
    return (
        min(limit.units, 1) - (limit.units == 0)
        if limit and limit.units >= rule.least
        else 1
        if not limit
        else 0
    )


def _over(
    rule: EditRule, lines: _Lines, members: Array, bits: Array
) -> list[tuple[tuple[int, ...], str, str, str]]:
    """The findings of one patient, provider, code and day."""
    code, day = lines.value("code", members[0]), lines.value("date", members[0]).isoformat()
    limit = limit_on(code, day)
    counted = (
        [[place] for place in range(len(members))]
        if limit and limit.mai == LINE_LIMIT
        else [range(len(members))]
    )
    rows = []
    for places in counted:
        own, open_bits = members[list(places)], bits[list(places)]
        sure = int(lines.units[own[open_bits == 0]].sum())
        possible = int(lines.units[own].sum())
        verdict = judge_units(rule, limit, sure, possible)
        if not verdict:
            continue
        over = verdict == OVER
        missing = (
            ()
            if over
            else tuple(dict.fromkeys(name for bit in open_bits for name in _names(rule.first, int(bit))))
        )
        if limit is None:
            missing = (NO_LIMIT,)
        words = limit_words(code, day, sure if over else possible, limit)
        told = own[open_bits == 0] if over else own
        status = "unknown" if missing else rule.by_indicator[limit.mai] if limit else rule.status
        shown = "|".join(lines.key(line) for line in told.tolist())
        rows.append((tuple(told.tolist()), shown, status, sentence(rule, missing, words)))
    return rows


_SHAPES = {"line": _audit_line, "companion": _audit_companion, "pair": _audit_pair, "limit": _audit_limit}
