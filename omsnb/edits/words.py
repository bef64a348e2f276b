"""What findings say: the sentence of a rule with the facts of the lines in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from omsnb.claim_tables import claim_fields, forms, payers, places
from omsnb.conditions import PAYER_RULES, conditions, least_minutes
from omsnb.diagnoses import ENDED, INCOMPLETE, MALFORMED, NOT_YET, UNKNOWN, in_state, pointed
from omsnb.edit_rules import EditRule
from omsnb.edition import edition
from omsnb.edits.units import HeldLimit, prolonged_units, quarter_end
from omsnb.fees import SCHEDULE_INDICATORS
from omsnb.lookups import unlisted
from omsnb.own_tables import CODE_INDICATORS, indicator_source, table_named
from omsnb.pair_tables import pair_source
from omsnb.tables import codes

INDICATORS = frozenset((*CODE_INDICATORS, *SCHEDULE_INDICATORS))
"""Conditions on what the fee schedule says of a code."""


def indicator_table(
    asked: Mapping[str, Any], code: str, other: Mapping[str, Any], other_code: str = ""
) -> str:
    """The table from which a rule takes the indicators that it asks of one or two codes; empty where it asks none."""
    named = [*_held(asked, code), *(_held(other, other_code) if other_code else ())]
    held = [table_named(source) for source in dict.fromkeys(named)]
    tables = dict.fromkeys(f"{table.title}, {table.edition}" for table in held if table.official)
    return f"Table: {'; '.join(tables)}." if tables else ""


def _held(asked: Mapping[str, Any], code: str) -> Iterator[str]:
    """The sources of the indicators of a code that some conditions ask."""
    for name in asked:
        if name in INDICATORS and (source := indicator_source(code, name)):
            yield source


def sentence(rule: EditRule, missing: tuple[str, ...], words: Mapping[str, Any]) -> str:
    """What a finding says: the rule's sentence with the facts in it, or what is not known.

    ``missing``: names of the conditions that the claim leaves open. ``words``: what the braces of the sentence hold;
    a finding that rests on a table names it, and one on more than two lines counts them.
    """
    parts = [_told(rule, missing, words)]
    if words.get("count", 0) > 2 and (missing or "{times}" not in rule.because):
        parts.append(f"{words['count']} lines are concerned.")
    if "second" in words:
        parts += [indicator_table(rule.first, words["first"], rule.second, words["second"])]
    else:
        parts += [indicator_table(rule.first, words["code"], rule.second)]
    parts.append(words.get("table", ""))
    return " ".join(filter(None, parts))


def _told(rule: EditRule, missing: tuple[str, ...], words: Mapping[str, Any]) -> str:
    if not missing:
        return rule.because.format_map(words)
    subject = words.get("second") or words["code"]
    day = words.get("second_date") or words["date"]
    lacking = [bare for name in missing if (bare := name.removeprefix("second ")) in NOT_IN_THE_MANUAL]
    if lacking:
        units = (
            f", {words['units']} units"
            if "units" in words and lacking[0] in (NO_LIMIT, LIMITS_DIFFER)
            else ""
        )
        return f"{subject} on {day}{units}: {NOT_IN_THE_MANUAL[lacking[0]]}. The rule: {rule.title}."
    said = ", ".join(dict.fromkeys(_in_words(name.removeprefix("second ")) for name in missing))
    return f"{subject} on {day}: it cannot be told; the claim does not say: {said}. The rule: {rule.title}."


NO_LIMIT, LIMITS_DIFFER, NO_PAIRS, NO_CODE = "no limit", "limits differ", "no pairs", "no code"
NOT_IN_THE_MANUAL = {
    NO_LIMIT: "this manual does not hold the unit limit of that day",
    LIMITS_DIFFER: "two tables of this manual, before and after that day, differ, so its unit limit is not known",
    NO_PAIRS: "this manual does not hold the pairs of that quarter",
    PAYER_RULES: "whether this kind of payer follows the rule is not known to this manual; ask it",
    NO_CODE: "it depends on another code near that day, which this manual does not know",
}
"""What keeps a rule from telling though the claim says all."""


def _in_words(name: str) -> str:
    """A condition that a claim leaves open, as the field that would settle it is called."""
    if name in conditions():
        return conditions()[name].label
    column = claim_fields().get(name)
    label = column.label if column else name.replace("_", " ")
    return label[:1].lower() + label[1:]


def line_words(
    claim_place: str, payer: str, form_name: str, diagnoses: tuple[str, ...], line: Mapping[str, Any]
) -> dict[str, Any]:
    """The words of a sentence about one line.

    ``line``: code, date, units, modifiers, age, minutes, position, pointers and birth_date.
    """
    known = codes().get(line["code"])
    form = forms().get(form_name)
    return {
        "code": line["code"],
        "date": line["date"],
        "units": line["units"],
        "unlisted": ", ".join(unlisted(line["modifiers"])),
        "modifiers": ", ".join(line["modifiers"]) or "no modifier",
        "place": places()[claim_place].code if claim_place else "not given",
        "payer": payers()[payer].label if payer else "not given",
        "age": line["age"],
        "minutes": line["minutes"],
        "position": line["position"],
        "diagnoses": len(diagnoses),
        **{
            name: ", ".join(in_state(diagnoses, line["date"], name))
            for name in (MALFORMED, INCOMPLETE, ENDED, NOT_YET, UNKNOWN)
        },
        "pointed": ", ".join(pointed(diagnoses, line["pointers"])),
        "pointers": len(line["pointers"]),
        "pointer_letters": line["pointers"],
        "least_minutes": least_minutes(line["code"]),
        "birth_date": line["birth_date"],
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
    count: int,
) -> dict[str, Any]:
    """The words of a sentence about two lines, or two groups of equal ones. ``count``: how many lines they are."""
    span = rule.span(first) or (0, 0)
    words: dict[str, Any] = {
        "first": first,
        "second": second,
        "first_date": first_date.isoformat(),
        "second_date": second_date.isoformat(),
        "second_units": second_units,
        "minutes": minutes,
        "allowed": prolonged_units(first, second, minutes, second_date.toordinal())
        if rule.pairs == "prolonged" and minutes is not None
        else 0,
        "safe_date": "",
        "last_day": "",
        "count": count,
        "times": "twice" if count == 2 else f"{count} times",
        "table": pair_table_words(rule.pairs, first, second, second_date.isoformat()),
    }
    if rule.days == "after":
        words["safe_date"] = _day_from(second_date, -span[1] - 1)
        words["last_day"] = _day_from(first_date, span[1])
    return words


def _day_from(day: date, days: int) -> str:
    """The day so many days later; at either end of the calendar, in words."""
    try:
        return (day + timedelta(days)).isoformat()
    except OverflowError:
        return f"a day {'before' if days < 0 else 'after'} the calendar's {'first' if days < 0 else 'last'}"


def pair_table_words(pairs: str, first: str, second: str, day: str) -> str:
    """The table on which a finding about two codes rests, with its date; empty where it rests on none."""
    if not pairs:
        return ""
    if pairs == "crosswalk":
        return f"Table: this manual's crosswalk of both code sets, reviewed in {edition().reviewed}."
    if pairs == "prolonged":
        return f"Table: this manual's decision table for prolonged time, reviewed in {edition().reviewed}."
    effective, source = pair_source(first, second)
    said = f"Table: {table_named(source).title}, {effective}."
    if day > quarter_end(effective):  # each pair stands once, by the newest table of it
        said += " It is older than the service, and no later one is held here."
    return said


def limit_words(code: str, day: str, units: int, held: HeldLimit) -> dict[str, Any]:
    """The words of a sentence about a day's units."""
    limit = held.limit
    return {
        "code": code,
        "date": day,
        "units": units,
        "limit": limit.units if limit else "",
        "indicator": limit.mai if limit else "",
        "table": _limit_table(held, day),
    }


def _limit_table(held: HeldLimit, day: str) -> str:
    """The table on which a finding about units rests, with its date; both tables where two differ."""
    if held.differing:
        said = (
            f"{table_named(limit.source).title}, {limit.effective}: {limit.units}" for limit in held.differing
        )
        return f"Sources: {'; '.join(said)}."
    if held.limit is None:
        return f"{table_named(held.without).title}, {held.since}, has none of it." if held.without else ""
    named = table_named(held.limit.source)
    said_of = f"{'Table' if named.official else 'Source'}: {named.title}, {held.limit.effective}"
    return said_of + (
        ", the last one known for that day." if day > quarter_end(held.limit.effective) else "."
    )
