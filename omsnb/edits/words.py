"""What findings say: the sentence of a rule with the facts of the lines in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from omsnb.claim_tables import claim_fields, forms, payers, places
from omsnb.edit_rules import EditRule
from omsnb.edits.units import least_minutes, prolonged_units
from omsnb.records import UnitLimit
from omsnb.tables import codes


def sentence(rule: EditRule, missing: tuple[str, ...], words: Mapping[str, Any]) -> str:
    """What a finding says: the rule's sentence with the facts in it, or what is not known.

    ``missing``: names of the conditions that the claim leaves open. ``words``: what the braces of the sentence hold.
    """
    if not missing:
        return rule.because.format_map(words)
    subject = words.get("second") or words["code"]
    day = words.get("second_date") or words["date"]
    lacking = [name for name in missing if name in NOT_IN_THE_MANUAL]
    if lacking:
        return f"{subject} on {day}: this manual does not hold {NOT_IN_THE_MANUAL[lacking[0]]}. The rule: {rule.title}."
    said = ", ".join(dict.fromkeys(_in_words(name.removeprefix("second ")) for name in missing))
    return f"{subject} on {day}: it cannot be told; the claim does not say: {said}. The rule: {rule.title}."


NO_LIMIT, NO_PAIRS, NO_CODE = "no limit", "no pairs", "no code"
NOT_IN_THE_MANUAL = {
    NO_LIMIT: "the unit limit of that day",
    NO_PAIRS: "the pairs of that quarter",
    NO_CODE: "another code near that day, on which it depends",
}
"""What keeps a rule from telling though the claim says all."""


def _in_words(name: str) -> str:
    """A condition that a claim leaves open, as the field that would settle it is called."""
    settled_by = "form" if name.endswith("_fit") else {"age": "birth_date"}.get(name, name)
    column = claim_fields().get(settled_by)
    label = column.label if column else settled_by.replace("_", " ")
    return label[:1].lower() + label[1:]


def line_words(
    claim_place: str, payer: str, form_name: str, diagnoses: int, line: Mapping[str, Any]
) -> dict[str, Any]:
    """The words of a sentence about one line.

    ``line``: code, date, units, modifiers, age, minutes, position and pointers.
    """
    known = codes().get(line["code"])
    form = forms().get(form_name)
    return {
        "code": line["code"],
        "date": line["date"],
        "units": line["units"],
        "modifiers": ", ".join(line["modifiers"]) or "no modifier",
        "place": places()[claim_place].code if claim_place else "not given",
        "payer": payers()[payer].label if payer else "not given",
        "age": line["age"],
        "minutes": line["minutes"],
        "position": line["position"],
        "diagnoses": diagnoses,
        "pointers": len(line["pointers"]),
        "pointer_letters": line["pointers"],
        "least_minutes": least_minutes(line["code"]),
        "valid_from": known.effective_from if known else "",
        "valid_to": known.effective_to if known else "",
        "form_lines": form.lines if form else "",
        "form_modifiers": form.modifiers if form else "",
        "form_diagnoses": form.diagnoses if form else "",
        "form_pointers": form.pointers if form else "",
    }


def pair_words(
    rule: EditRule,
    first: str,
    second: str,
    first_date: date,
    second_date: date,
    second_units: int,
    minutes: int | None,
) -> dict[str, Any]:
    """The words of a sentence about two lines."""
    span = rule.span(first) or (0, 0)
    words: dict[str, Any] = {
        "first": first,
        "second": second,
        "first_date": first_date.isoformat(),
        "second_date": second_date.isoformat(),
        "second_units": second_units,
        "minutes": minutes,
        "allowed": prolonged_units(first, second, minutes)
        if rule.pairs == "prolonged" and minutes is not None
        else 0,
        "safe_date": "",
        "last_day": "",
    }
    if rule.days == "after":
        words["safe_date"] = (second_date - timedelta(span[1] + 1)).isoformat()
        words["last_day"] = (first_date + timedelta(span[1])).isoformat()
    return words


def limit_words(code: str, day: str, units: int, limit: UnitLimit | None) -> dict[str, Any]:
    """The words of a sentence about a day's units."""
    return {
        "code": code,
        "date": day,
        "units": units,
        "limit": limit.units if limit else "",
        "indicator": limit.mai if limit else "",
        "effective": limit.effective if limit else "",
    }
