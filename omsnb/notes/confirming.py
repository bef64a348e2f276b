"""From confirmed facts to a coded worksheet: what a reader has confirmed goes to ``code_case`` as answers, no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from omsnb.case_records import Case, CaseService
from omsnb.coding import EVALUATION, PROLONGED, Worksheet, code_case, facts_asked
from omsnb.notes.lacking import VISIT, services_of, spoken_services
from omsnb.notes.propose import Proposal
from omsnb.records import DAY
from omsnb.tables import services

TITLE = "From a note"


def services_confirmed(confirmed: Iterable[Proposal], added: Collection[str] = ()) -> tuple[str, ...]:
    """The services of a worksheet, in the manual's order.

    Those that the practice did if ``confirmed`` is right, those of which documents are wanted although others had a
    part, and ``added``: names of services that a reader adds.
    """
    given = list(confirmed)
    found = {*services_of(given), *spoken_services(given), *added}
    return tuple(name for name in services() if name in found and name != PROLONGED)


def parts_of(
    confirmed: Iterable[Proposal], added: Collection[str] = ()
) -> tuple[tuple[CaseService, ...], Mapping[str, str]]:
    """The services as parts of a case, and the confirmed facts as answers to them.

    A service with two values of one fact, such as two scans, is two parts. Where a second fact has two values, too,
    nothing says which belongs to which, so that it stays open.
    """
    given = list(confirmed)
    parts: list[CaseService] = []
    answers: dict[str, str] = {one.fact: one.value for one in given if one.service == VISIT}
    for name in services_confirmed(given, added):
        own: dict[str, dict[str, None]] = {}
        for one in given:
            if one.service == name:
                own.setdefault(one.fact, {})[one.value] = None
        double = next((fact for fact, values in own.items() if len(values) > 1), "")
        values = list(own.get(double, {})) or [""]
        for place, value in enumerate(values, 1):
            label = services()[name].label + (f" ({place})" if len(values) > 1 else "")
            part = CaseService(f"{name}-{place}" if len(values) > 1 else name, name, label, ())
            parts.append(part)
            for fact, said in own.items():
                if fact == double:
                    answers[f"{part.name}.{fact}"] = value
                elif len(said) == 1:
                    answers[f"{part.name}.{fact}"] = next(iter(said))
    return tuple(parts), answers


def worksheet_of(
    confirmed: Iterable[Proposal],
    day: date | None = None,
    answers: Mapping[str, str] | None = None,
    added: Collection[str] = (),
) -> Worksheet | None:
    """The worksheet of confirmed facts; None where no service follows from them.

    ``answers``: what a reader answers to questions still open, by fact or ``service.fact``; ``added``: services that
    the reader adds. An answer that no service asks is left out. Raises ``ValueError`` where answers contradict a table.
    """
    parts, known = parts_of(confirmed, added)
    if not parts:
        return None
    every = parts
    if all(part.service != EVALUATION for part in parts):
        every = (CaseService(EVALUATION, EVALUATION, services()[EVALUATION].label, ()), *parts)
    case = Case(name="", title=TITLE, story="", page="", facts=(), services=every, variants={})
    asked = {name for part in parts for fact in facts_asked(part) for name in (fact, f"{part.name}.{fact}")}
    given = {name: value for name, value in {**known, **(answers or {})}.items() if value and name in asked}
    if day is not None:
        given[DAY] = day.isoformat()
    return code_case(case, given)


def evaluated(worksheet: Worksheet, confirmed: Iterable[Proposal], added: Collection[str] = ()) -> bool:
    """Whether a visit is part of the worksheet."""
    return EVALUATION in services_confirmed(confirmed, added)
