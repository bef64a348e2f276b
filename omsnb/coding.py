"""``code_case``: from the facts of a case to a worksheet, service by service.

The worksheet holds each service's alternatives (medical and dental), what is not reported apart and why, the
documents to keep, the questions still open, and the places where the paper is at odds with itself or with current
rules. It derives everything from ``data/decisions`` and ``data/cases`` and never reads what the paper prints.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from omsnb.answers import day_of, meet, read_answer, words
from omsnb.case_records import Case, CaseFact, CaseService, CaseVariant, Discrepancy
from omsnb.decisions import Decision, Question, decide_with, find_table, open_questions
from omsnb.line_text import line_text
from omsnb.network import requirements
from omsnb.of_rows import documents_of, units_of
from omsnb.records import DAY, Allowed, Document, Row
from omsnb.tables import cases, discrepancies, documents, facts, parse_allowed, services

READINGS = ("paper", "narrative")
EVALUATION = "evaluation"
PROLONGED = "prolonged"


@dataclass(frozen=True, slots=True)
class Alternative:
    """One way to report a service: the code with its modifiers and units, on which claim, and why."""

    code: str
    modifiers: tuple[str, ...]
    units: str
    claims: tuple[str, ...]
    because: tuple[str, ...]
    documents: tuple[str, ...]
    guidance: tuple[str, ...]
    rows: tuple[str, ...]

    def __str__(self) -> str:
        return line_text(self.code, self.modifiers, self.units)


@dataclass(frozen=True, slots=True)
class NotReported:
    """Work that is not reported apart. ``unless``: codes that other answers would still allow."""

    service: str
    label: str
    because: str
    guidance: tuple[str, ...]
    unless: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service of the case with its alternatives and the decisions behind them."""

    name: str
    service: str
    label: str
    decisions: tuple[Decision, ...]
    alternatives: tuple[Alternative, ...]
    open: tuple[Question, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the alternatives, each once."""
        return tuple(dict.fromkeys(alternative.code for alternative in self.alternatives))

    @property
    def because(self) -> tuple[str, ...]:
        """The reasons of all rows left, those without a code too."""
        return tuple(dict.fromkeys(reason for decision in self.decisions for reason in decision.because))

    @property
    def guidance(self) -> tuple[str, ...]:
        """Ids of the statements that the rows left rest on."""
        return tuple(dict.fromkeys(id for decision in self.decisions for id in decision.guidance))

    @property
    def not_reported(self) -> tuple[NotReported, ...]:
        """The rows left that report nothing."""
        silent = (row for decision in self.decisions for row in decision.rows if not row.report)
        return tuple(
            NotReported(self.name, self.label, row.because, row.guidance, self.codes) for row in silent
        )

    def known(self, fact: str) -> Allowed | None:
        """What the service's facts say of one fact; None where none of its tables asks for it."""
        found: Allowed | None = None
        for decision in self.decisions:
            if decision.rows and fact in decision.state:
                state = decision.state[fact]
                found = state if found is None else meet(found, state)
        return found

    def settled(self, fact: str) -> str:
        """The one value of a fact, or empty text while it is open or does not matter."""
        known = self.known(fact)
        return str(next(iter(known))) if known is not None and len(known) == 1 else ""


@dataclass(frozen=True, slots=True)
class Prolonged:
    """Prolonged units under one rule: ``units`` is None while facts are missing."""

    rule: str
    code: str
    units: int | None
    because: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    """Codes with their units, which are a range such as ``1..3`` while facts are missing."""
    or_none: bool
    """Whether it may also be that there is no prolonged time."""


@dataclass(frozen=True, slots=True)
class Departure:
    """An answer that goes against what the case states."""

    fact: str
    stated: str
    answered: str


@dataclass(frozen=True, slots=True)
class Worksheet:
    """A coded case."""

    case: Case
    variant: CaseVariant | None
    reading: str
    answers: Mapping[str, Allowed]
    evaluation: ServiceRow
    prolonged: tuple[Prolonged, ...]
    rows: tuple[ServiceRow, ...]
    departures: tuple[Departure, ...]

    @property
    def on(self) -> range:
        """The days that the case is coded for, where a service has no day of its own: as given, else the edition's."""
        return day_of(self.answers.get(DAY))

    @property
    def codes(self) -> tuple[str, ...]:
        """The case's code list in order, each code once; the evaluation stands outside it, as in the paper."""
        return tuple(dict.fromkeys(code for row in self.rows for code in row.codes))

    @property
    def not_reported(self) -> tuple[NotReported, ...]:
        """What is not reported apart, and why."""
        return tuple(entry for row in self.rows for entry in row.not_reported)

    @property
    def documents(self) -> tuple[Document, ...]:
        """What record and claim must hold for the rows left."""
        wanted = (
            id for row in (self.evaluation, *self.rows) for way in row.alternatives for id in way.documents
        )
        return tuple(documents()[id] for id in dict.fromkeys(wanted))

    @property
    def discrepancies(self) -> tuple[Discrepancy, ...]:
        """Places of the paper that touch this case, by number."""
        touching = (entry for entry in discrepancies().values() if self.case.name in entry.cases)
        return tuple(sorted(touching, key=lambda entry: entry.number))

    @property
    def questions(self) -> tuple[Question, ...]:
        """Open questions of all services, each fact once; the one that narrows the whole worksheet most comes first."""
        gains: dict[str, float] = {}
        found: dict[str, Question] = {}
        for row in (self.evaluation, *self.rows):
            for question in row.open:
                gains[question.fact] = gains.get(question.fact, 0.0) + question.gain
                kept = found.setdefault(question.fact, question)
                both = {*kept.answers, *question.answers}
                answers = tuple(value for value in facts()[question.fact].values if value in both)
                found[question.fact] = replace(kept, answers=answers)
        return tuple(sorted(found.values(), key=lambda question: -gains[question.fact]))


def code_case(
    case: str | Case,
    answers: Mapping[str, object] | None = None,
    *,
    reading: str = "paper",
    variant: str | None = None,
) -> Worksheet:
    """Codes a case of the paper.

    ``case``: a name of ``data/cases``. ``answers``: facts by name, or by ``service.fact`` for one service alone; they
    take the place of what the case says (a departure is recorded). ``on`` is the day of the service (2026-03-01), and
    ``service.on`` that of one service; without it the edition's day holds. ``reading``: ``paper``, the facts under
    which the printed list follows, or ``narrative``, what the story alone supports. ``variant``: one of the case's ways
    of doing it; None takes the first.

    Returns a ``Worksheet``. Raises ``ValueError`` for an unknown case, reading, variant, fact or value.
    """
    chosen = find_case(case)
    if reading not in READINGS:
        raise ValueError(f"reading: {reading!r} is not known; allowed: {', '.join(READINGS)}")
    way = find_variant(chosen, variant)
    parts = (*chosen.services, *(way.services if way else ()))
    shared = {entry.fact: entry for entry in (*chosen.facts, *(way.facts if way else ()))}
    read = _read_case_answers(chosen, parts, answers or {})
    rows = {part.name: _code_service(part, _facts_of(part, shared, read, reading)) for part in parts}
    evaluation = next(part for part in parts if part.service == EVALUATION)
    return Worksheet(
        case=chosen,
        variant=way,
        reading=reading,
        answers=read,
        evaluation=rows.pop(evaluation.name),
        prolonged=_prolonged(_bearing(evaluation, _facts_of(evaluation, shared, read, reading))),
        rows=tuple(rows.values()),
        departures=_departures(parts, shared, read),
    )


def against_reading(worksheet: Worksheet) -> frozenset[str]:
    """The answers of a worksheet, by name, that go against what its reading gives for any service of the case."""
    case, way = worksheet.case, worksheet.variant
    parts = (*case.services, *(way.services if way else ()))
    shared = {entry.fact: entry for entry in (*case.facts, *(way.facts if way else ()))}
    found = set()
    for part in parts:
        given = _facts_of(part, shared, {}, worksheet.reading)
        for name, answer in worksheet.answers.items():
            place, _, fact = name.rpartition(".")
            if place in ("", part.name) and fact in given and not meet(given[fact], answer):
                found.add(name)
    return frozenset(found)


def find_case(case: str | Case) -> Case:
    """The case of that name; ``ValueError`` names the cases there are."""
    if isinstance(case, Case):
        return case
    if case not in cases():
        raise ValueError(f"case: {case!r} is not known; allowed: {', '.join(cases())}")
    return cases()[case]


def find_variant(case: Case, variant: str | None) -> CaseVariant | None:
    """The variant of that name, the first where none is named, or None where the case has but one way."""
    if variant is None:
        return next(iter(case.variants.values()), None)
    if variant not in case.variants:
        allowed = ", ".join(case.variants) or "none, the case has but one way"
        raise ValueError(f"variant: {variant!r} is not known for {case.name}; allowed: {allowed}")
    return case.variants[variant]


@cache
def facts_asked(part: CaseService) -> tuple[str, ...]:
    """Every fact that bears on a service of a case."""
    names = [*services()[part.service].tables, *([PROLONGED] if part.service == EVALUATION else [])]
    bearing = (fact for name in names for fact in requirements(find_table(name)))
    return tuple(dict.fromkeys((*bearing, DAY)))


def _read_case_answers(
    case: Case, parts: Iterable[CaseService], answers: Mapping[str, object]
) -> dict[str, Allowed]:
    asked: dict[str, None] = {}
    for part in parts:
        for fact in facts_asked(part):
            asked.update({fact: None, f"{part.name}.{fact}": None})
    days = {
        name: day_of(read_answer(facts()[DAY], answer))
        for name, answer in answers.items()
        if name.rpartition(".")[2] == DAY and name in asked
    }
    read = {}
    for name, answer in answers.items():
        if name not in asked:
            plain = ", ".join(fact for fact in asked if "." not in fact)
            raise ValueError(
                f"fact: {name!r} is not asked by case {case.name}; allowed, alone or as service.fact: {plain}"
            )
        service, dot, fact = name.rpartition(".")
        own_day = days.get(f"{service}{dot}{DAY}", days.get(DAY, day_of(None)))
        allowed = read_answer(facts()[fact], answer, None if fact == DAY else own_day)
        if allowed is not None:
            read[name] = allowed
    return read


def _facts_of(
    part: CaseService, shared: Mapping[str, CaseFact], answers: Mapping[str, Allowed], reading: str
) -> dict[str, Allowed]:
    """The facts of one service: the case's, then the service's own, then the reader's answers over them."""
    given: dict[str, Allowed] = {}
    for entry in {**shared, **{own.fact: own for own in part.facts}}.values():
        text = entry.value if reading == "paper" else entry.narrative
        if text:
            given[entry.fact] = parse_allowed(facts()[entry.fact], text)
    given.update({name: allowed for name, allowed in answers.items() if "." not in name})
    own = f"{part.name}."
    given.update({name.removeprefix(own): value for name, value in answers.items() if name.startswith(own)})
    return given


Given = tuple[tuple[str, Allowed], ...]


def _bearing(part: CaseService, given: Mapping[str, Allowed]) -> Given:
    return tuple((fact, given[fact]) for fact in facts_asked(part) if fact in given)


def _code_service(part: CaseService, given: Mapping[str, Allowed]) -> ServiceRow:
    return _coded(part, _bearing(part, given))


@lru_cache(maxsize=8192)  # one answer changes few services; the others are coded already
def _coded(part: CaseService, bearing: Given) -> ServiceRow:
    given = dict(bearing)
    decisions = tuple(decide_with(find_table(name), given) for name in services()[part.service].tables)
    ways: dict[tuple[object, ...], Alternative] = {}
    for decision in decisions:
        for row in decision.rows:
            if not row.report:
                continue
            way = Alternative(
                code=row.report,
                modifiers=row.modifiers,
                units=units_of(row, decision.state),
                claims=_claims(row, decision),
                because=(row.because,),
                documents=tuple(document.id for document in documents_of((row,), decision.on)),
                guidance=row.guidance,
                rows=(row.id,),
            )
            key = (way.code, way.modifiers, way.units)
            ways[key] = _merged(ways[key], way) if key in ways else way
    questions = open_questions([decision.table for decision in decisions], given)
    return ServiceRow(part.name, part.service, part.label, decisions, tuple(ways.values()), questions)


def _claims(row: Row, decision: Decision) -> tuple[str, ...]:
    claim = facts()["claim"]
    allowed = meet(row.conditions.get("claim", claim.every), decision.state.get("claim", claim.every))
    return tuple(value for value in claim.values if value in allowed)


def _merged(one: Alternative, other: Alternative) -> Alternative:
    def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*a, *b)))

    order = tuple(facts()["claim"].values)
    return replace(
        one,
        claims=tuple(claim for claim in order if claim in {*one.claims, *other.claims}),
        because=both(one.because, other.because),
        documents=both(one.documents, other.documents),
        guidance=both(one.guidance, other.guidance),
        rows=both(one.rows, other.rows),
    )


def facts_of_case(name: str, variant: str | None = None) -> frozenset[str]:
    """The facts that bear on any service of a case, by the case's name; of a way of doing it, with that one's."""
    if name not in cases():
        raise ValueError(f"case: {name!r} is not known; allowed: {', '.join(cases())}")
    case = cases()[name]
    way = case.variants.get(variant) if variant else None
    return frozenset(
        fact for part in (*case.services, *(way.services if way else ())) for fact in facts_asked(part)
    )


@lru_cache(maxsize=8192)
def _prolonged(bearing: Given) -> tuple[Prolonged, ...]:
    """Prolonged units under each rule, side by side."""
    given = dict(bearing)
    table = find_table(PROLONGED)
    found = []
    for rule in facts()["prolonged_rule"].values:
        decision = decide_with(table, {**given, "prolonged_rule": frozenset({rule})})
        codes = decision.codes
        units: int | None = None
        if not codes:
            units = 0
        elif len(decision.rows) == 1:
            text = units_of(decision.rows[0], decision.state)
            units = int(text) if text.isdigit() else None
        lines = tuple((row.report, units_of(row, decision.state)) for row in decision.rows if row.report)
        silent = any(not row.report for row in decision.rows)
        found.append(Prolonged(rule, " or ".join(codes), units, decision.because, lines, silent))
    return tuple(found)


def _departures(
    parts: Sequence[CaseService], shared: Mapping[str, CaseFact], answers: Mapping[str, Allowed]
) -> tuple[Departure, ...]:
    found = []
    for name, answered in answers.items():
        place, _, fact = name.rpartition(".")
        # an answer to a fact alone holds for every service, so also for those with a word of their own
        own = [
            entry for part in parts if place in ("", part.name) for entry in part.facts if entry.fact == fact
        ]
        stated = own if place and own else [*([shared[fact]] if fact in shared else []), *own]
        for entry in stated:
            said = parse_allowed(facts()[fact], entry.narrative) if entry.narrative else None
            if said is not None and not meet(said, answered):
                found.append(Departure(name, words(facts()[fact], said), words(facts()[fact], answered)))
                break
    return tuple(found)
