"""The facts of a claim line, and whether it meets the conditions of an edit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from omsnb.claim_tables import forms
from omsnb.claims import Claim, ServiceLine, place_of
from omsnb.diagnoses import plain, pointed, state
from omsnb.edit_rules import (
    DIAGNOSIS_TESTS,
    LEFT_TO_PLAN,
    NUMBERS,
    OR_UNSAID,
    PAYER_RULES,
    PLAN,
    UNSAID,
    Condition,
)
from omsnb.edits.report import LineKey
from omsnb.edits.units import least_minutes
from omsnb.fees import SCHEDULE_INDICATORS
from omsnb.lookups import unlisted
from omsnb.own_tables import indicator
from omsnb.tables import codes


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with everything that conditions ask about; None where the claim does not say."""

    order: int
    key: LineKey
    claim: Claim
    line: ServiceLine
    choices: Mapping[str, str | None]
    numbers: Mapping[str, int | None]


def line_facts(claims: Iterable[Claim], today: date) -> list[LineFacts]:
    """Every line of the claims in order, with the facts that follow from its code, claim and form.

    ``today``: the day of the run, for services that lie ahead of it.
    """
    found: list[LineFacts] = []
    for claim in claims:
        any_charge = any(line.charge is not None for line in claim.lines)
        for position, line in enumerate(claim.lines, start=1):
            found.append(
                LineFacts(
                    order=len(found),
                    key=(claim.claim, line.line),
                    claim=claim,
                    line=line,
                    choices=_choices(claim, line, position, any_charge),
                    numbers={
                        "units": line.units,
                        "minutes": line.minutes,
                        "age": age_on(claim.birth_date, line.date),
                        "pointers": len(line.pointers),
                        "position": position,
                        "date": line.date.toordinal(),
                        "year": line.date.year,
                        "days_ahead": (line.date - today).days,
                    },
                )
            )
    return found


def age_on(birth_date: date | None, day: date) -> int | None:
    """Full years of age on a day; None when the birth date is not given or lies after the day."""
    if birth_date is None or birth_date > day:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def validity(code: str, day: str) -> str:
    """Whether a code was valid on a day (``2026-03-01``): ``before`` its first day, ``yes``, ``after`` its last, or
    empty for a code that the manual does not know."""
    known = codes().get(code)
    if known is None:
        return ""
    if known.effective_from and day < known.effective_from:
        return "before"
    return "after" if known.effective_to and day > known.effective_to else "yes"


def described(narrative: str, attachment: str) -> str:
    """Whether a line is explained by a narrative or an attachment; either is enough.

    Both are ``yes``, ``no`` or empty. Returns ``yes``, ``no`` (neither), ``half`` (one is missing, and of the other the
    claim does not say), or ``unsaid``.
    """
    said = {narrative, attachment}
    if "yes" in said:
        return "yes"
    return "unsaid" if said == {""} else "half" if "" in said else "no"


def time_fits(code: str, minutes: int | None) -> str:
    """Whether the minutes of a visit reach its level: ``yes``, ``no``, or empty where no minutes are given or the code
    has no time."""
    least = least_minutes(code)
    return "" if minutes is None or least is None else _yes(minutes >= least)


def diagnoses_are(diagnoses: Iterable[str], day: str, asked: Condition) -> bool:
    """Whether one of a claim's diagnoses is in one of the states on a day."""
    return any(state(code, day) in asked for code in diagnoses)


def diagnoses_like(name: str, diagnoses: Iterable[str], patterns: Condition) -> bool:
    """Whether the diagnoses of a line are like some patterns of whole codes.

    ``name``: ``diagnosis_any`` (one of them is), ``diagnosis_all`` (each is) or ``diagnosis_none`` (none is). A line
    without a diagnosis meets none of the three; that a diagnosis is missing is a check of its own.
    """
    like = [code_like(plain(diagnosis), patterns) for diagnosis in diagnoses]
    if name == "diagnosis_none":
        return bool(like) and not any(like)
    return any(like) if name == "diagnosis_any" else bool(like) and all(like)


def charge_said(charge: Decimal | None, any_charge: bool) -> str:
    """What a line says of its charge: ``given``, ``zero``, ``missing`` (other lines of the claim have one), or ``none``
    (no line has).

    ``any_charge``: whether any line of the claim states one.
    """
    if charge is None:
        return "missing" if any_charge else "none"
    return "given" if charge else "zero"


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _choices(claim: Claim, line: ServiceLine, position: int, any_charge: bool) -> dict[str, str | None]:
    known = codes().get(line.code)
    form = forms().get(claim.form)
    last = "A" if not claim.diagnoses else chr(ord("A") + len(claim.diagnoses) - 1)
    return {
        "code": line.code,
        "system": known.system if known else "",
        "split": indicator(line.code, "split"),
        "by_report": _yes(known.by_report) if known else "",
        "global_days": indicator(line.code, "global_days"),
        "bilateral": indicator(line.code, "bilateral"),
        **{name: indicator(line.code, name) for name in SCHEDULE_INDICATORS},
        "known": _yes(known is not None),
        "valid": validity(line.code, line.date.isoformat()),
        "payer": claim.payer or None,
        "plan": claim.plan,
        "order_of_benefits": claim.order_of_benefits or None,
        "form": claim.form or None,
        "place": place_of(claim, line) or None,
        "area": line.area or None,
        "narrative": line.narrative or None,
        "attachment": line.attachment or None,
        "report": line.report or None,
        "made_by": line.made_by or None,
        "modifiers_known": _yes(not unlisted(line.modifiers)),
        "tooth_given": _yes(bool(line.tooth)),
        "time_fits": time_fits(line.code, line.minutes),
        "charge_said": charge_said(line.charge, any_charge),
        "described": described(line.narrative, line.attachment),
        "lines_fit": _yes(position <= form.lines) if form else None,
        "modifiers_fit": _yes(form.boxes(line.modifiers) <= form.modifiers) if form else None,
        "diagnoses_fit": _yes(len(claim.diagnoses) <= form.diagnoses) if form else None,
        "pointers_fit": _yes(len(line.pointers) <= form.pointers) if form else None,
        "pointers_known": _yes(not claim.diagnoses or all(letter <= last for letter in line.pointers)),
        "diagnoses_given": _yes(bool(claim.diagnoses)),
        "provider_given": _yes(bool(claim.provider)),
        "birth_given": _yes(claim.birth_date is not None),
        "born": None if claim.birth_date is None else "after" if claim.birth_date > line.date else "before",
    }


def code_like(code: str, patterns: Condition) -> bool:
    """Whether a code as a whole is like one of some patterns."""
    return any(re.fullmatch(str(pattern), code) for pattern in patterns)


def meets(facts: LineFacts, name: str, asked: Condition) -> bool | None:
    """Whether a line meets one condition; None when the claim does not say."""
    if name == "modifiers_any":
        return not asked.isdisjoint(facts.line.modifiers) if isinstance(asked, frozenset) else None
    if name == "modifiers_none":
        return asked.isdisjoint(facts.line.modifiers) if isinstance(asked, frozenset) else None
    if name == "modifiers_all":
        return set(asked) <= set(facts.line.modifiers)
    if name == "modifiers_two":
        return len(set(asked) & set(facts.line.modifiers)) > 1
    if name == "diagnoses_are":
        return diagnoses_are(facts.claim.diagnoses, facts.line.date.isoformat(), asked)
    if name in DIAGNOSIS_TESTS:
        return diagnoses_like(name, pointed(facts.claim.diagnoses, facts.line.pointers), asked)
    if name == "code_none":
        return facts.line.code not in asked
    if name == "code_like":
        return code_like(facts.line.code, asked)
    if name == PLAN:
        return facts.claim.plan in asked
    if name == LEFT_TO_PLAN:
        return f"{facts.claim.plan}|{facts.claim.payer}|{facts.line.code}" not in asked
    if name == PAYER_RULES:
        return payer_follows(facts.claim.payer, asked)
    if name.endswith(OR_UNSAID):
        return (facts.choices[name.removesuffix(OR_UNSAID)] or UNSAID) in asked
    value = facts.numbers[name] if name in NUMBERS else facts.choices[name]
    return None if value is None else value in asked


def payer_follows(payer: str, named: Condition) -> bool | None:
    """Whether a rule that names some types of payer holds for one that may be reached by it; None where that is not
    known, since it is only like one of them. No payer at all is for another condition to tell."""
    return None if payer and payer not in named else True


def met(facts: LineFacts, conditions: Mapping[str, Condition]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether a line meets all conditions (None: as far as the claim says), and which ones the claim leaves open."""
    missing = []
    for name, asked in conditions.items():
        answer = meets(facts, name, asked)
        if answer is False:
            return False, ()
        if answer is None:
            missing.append(name)
    return (None if missing else True), tuple(missing)
