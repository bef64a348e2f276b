"""What claim checks may ask of a line: each condition declared once, with what it reads.

The validator of ``edits.toml``, the check of one claim, the audit of many, the sentences and the page of checks take
it from here. It says nothing of how many lines there are: one claim asks it of a line, the audit of each different
combination of the cells that it reads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, partial
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import claim_fields, forms
from omsnb.diagnoses import STATES, plain, pointed, state
from omsnb.fees import SCHEDULE_INDICATORS
from omsnb.lookups import unlisted
from omsnb.own_tables import indicator
from omsnb.tables import codes, tables

Asked = frozenset[str] | range
"""What a check asks of a condition: one of some values, or a number within a range."""

YES_NO = ("yes", "no")
OR_UNSAID, UNSAID = "_or_unsaid", "unsaid"
"""After the name of a column: the condition may ask for a cell that is empty, too."""

PLAN, LEFT_TO_PLAN = "plan", "left_to_plan"
"""Conditions on the claim's plan: one of these names; or not one of these plans with its type and one of these codes
(plan|payer|code), which a practice's own file answers."""

PAYER_RULES = "payer_rules"
"""A condition that is open for payers which are like one that the rule names, and met by all others."""

WORKED_OUT = ("position", "any_charge", "age", "days_ahead", "born_late")
"""Cells beside the columns of ``claim-fields.csv``: the line's place on its claim from 1; whether any line of the claim
states a charge; full years of age on the day; days from the day of the run to the service; whether the birth date lies
after the day (None without one)."""

KINDS = ("choice", "number", "days", "codes", "patterns", "diagnoses", "modifiers", "made")
"""How ``edits.toml`` writes what is asked: words of ``allowed``; a number or a range; days; codes and sets of codes;
patterns of codes; patterns of diagnoses; modifiers. ``made``: only the package itself asks it."""


def _among(value: Any, asked: Asked) -> bool | None:
    return None if value is None else value in asked


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a check may ask of a line.

    ``reads``: columns of ``claim-fields.csv`` and cells of ``WORKED_OUT``, in the order of ``value``; a cell
    that is empty is None, an empty text or tuple. ``label``: the field that settles it, in a sentence. ``value``:
    what follows from the cells, None where the claim does not say. ``holds``: whether that is as asked, None where it
    cannot be told. ``allowed``: for a choice, what may be asked.
    """

    name: str
    reads: tuple[str, ...]
    label: str
    value: Callable[..., Any]
    allowed: tuple[str, ...] = ()
    kind: str = "choice"
    holds: Callable[[Any, Asked], bool | None] = _among

    @property
    def of_code(self) -> bool:
        """Whether it hangs on the code alone and may be asked of a third line."""
        return self.reads == ("code",) and self.kind in ("choice", "codes")


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _said(value: Any) -> Any:
    return value or None


def _itself(value: Any) -> Any:
    return value


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


@cache
def least_minutes(code: str) -> int | None:
    """Minutes from which a visit's level may be chosen by time, by the decision table; None for other codes."""
    for row in tables()["visit-by-time"].rows:
        minutes = row.conditions.get("minutes")
        if row.report == code and isinstance(minutes, range):
            return minutes.start
    return None


def time_fits(code: str, minutes: int | None) -> str:
    """Whether the minutes of a visit reach its level: ``yes``, ``no``, or empty where no minutes are given or the code
    has no time."""
    least = least_minutes(code)
    return "" if minutes is None or least is None else _yes(minutes >= least)


def described(narrative: str, attachment: str) -> str:
    """Whether a line is explained by a narrative or an attachment; either is enough.

    Both are ``yes``, ``no`` or empty. Returns ``yes``, ``no`` (neither), ``half`` (one is missing, and of the other the
    claim does not say), or ``unsaid``.
    """
    said = {narrative or "", attachment or ""}
    if "yes" in said:
        return "yes"
    return "unsaid" if said == {""} else "half" if "" in said else "no"


def charge_said(charge: Decimal | None, any_charge: bool) -> str:
    """What a line says of its charge: ``given``, ``zero``, ``missing`` (other lines of the claim have one), or ``none``
    (no line has).

    ``any_charge``: whether any line of the claim states one.
    """
    if charge is None:
        return "missing" if any_charge else "none"
    return "given" if charge else "zero"


def code_like(code: str, patterns: Asked) -> bool:
    """Whether a code as a whole is like one of some patterns."""
    return any(re.fullmatch(str(pattern), code) for pattern in patterns)


def diagnoses_like(name: str, diagnoses: Iterable[str], patterns: Asked) -> bool:
    """Whether the diagnoses of a line are like some patterns of whole codes.

    ``name``: ``diagnosis_any`` (one of them is), ``diagnosis_all`` (each is) or ``diagnosis_none`` (none is). A line
    without a diagnosis meets none of the three; that a diagnosis is missing is a check of its own.
    """
    like = [code_like(plain(diagnosis), patterns) for diagnosis in diagnoses]
    if name == "diagnosis_none":
        return bool(like) and not any(like)
    return any(like) if name == "diagnosis_any" else bool(like) and all(like)


def payer_follows(payer: str, named: Asked) -> bool | None:
    """Whether a rule that names some types of payer holds for one that may be reached by it; None where that is not
    known, since it is only like one of them. No payer at all is for another condition to tell."""
    return None if payer and payer not in named else True


def _of_code(read: Callable[[Any], str]) -> Callable[[str], str]:
    return lambda code: read(codes()[code]) if code in codes() else ""


def _fits(count: Callable[[Any, Any], int], most: str) -> Callable[[Any, Any], str | None]:
    """Whether something fits on the form of a claim; None without a form."""

    def fits(form: str, held: Any) -> str | None:
        known = forms().get(form)
        return None if known is None else _yes(count(known, held) <= getattr(known, most))

    return fits


def _pointers_known(diagnoses: tuple[str, ...], pointers: str) -> str:
    last = chr(ord("A") + len(diagnoses) - 1) if diagnoses else "A"
    return _yes(not diagnoses or all(letter <= last for letter in pointers or ""))


def _declared() -> Iterable[Condition]:
    """The conditions that do not follow from the columns of a claim file, each once."""

    def label(column: str) -> str:
        said = claim_fields()[column].label
        return said[:1].lower() + said[1:]

    def spoken(name: str) -> str:
        return label(name) if name in claim_fields() else name.replace("_", " ")

    def choice(
        name: str, reads: str, value: Callable[..., Any], allowed: tuple[str, ...] = YES_NO
    ) -> Condition:
        return Condition(name, tuple(reads.split()), spoken(name), value, allowed)

    yield Condition("code", ("code",), spoken("code"), _itself, kind="codes")
    yield Condition(
        "code_none",
        ("code",),
        "code none",
        _itself,
        kind="codes",
        holds=lambda code, asked: code not in asked,
    )
    yield Condition(
        "code_like", ("code",), "code like", lambda code: code or "", kind="patterns", holds=code_like
    )
    yield choice("system", "code", _of_code(lambda known: str(known.system)), ("CPT", "CDT", "HCPCS"))
    yield choice("split", "code", partial(indicator, name="split"))
    yield choice("by_report", "code", _of_code(lambda known: _yes(known.by_report)))
    days = ("000", "010", "090", "XXX", "YYY", "ZZZ")
    yield choice("global_days", "code", partial(indicator, name="global_days"), days)
    yield choice("bilateral", "code", partial(indicator, name="bilateral"), ("0", "1", "2", "3", "9"))
    for name in SCHEDULE_INDICATORS:
        more = ("0", "1", "2", "3", "4", "9") if name == "multiple_procedure" else ("0", "1", "2", "9")
        yield choice(name, "code", partial(indicator, name=name), more)
    yield choice("known", "code", lambda code: _yes(code in codes()))
    yield choice(
        "valid", "code date", lambda code, day: validity(code, day.isoformat()), ("before", "yes", "after")
    )
    yield choice("time_fits", "code minutes", time_fits)
    yield choice("charge_said", "charge any_charge", charge_said, ("given", "zero", "missing", "none"))
    yield choice("described", "narrative attachment", described, ("yes", "no", "half", "unsaid"))
    for name, held, count in (
        ("lines_fit", "position", lambda form, position: position),
        ("modifiers_fit", "modifiers", lambda form, modifiers: form.boxes(modifiers or ())),
        ("diagnoses_fit", "diagnoses", lambda form, diagnoses: len(diagnoses or ())),
        ("pointers_fit", "pointers", lambda form, pointers: len(pointers or "")),
    ):
        yield Condition(name, ("form", held), label("form"), _fits(count, name.removesuffix("_fit")), YES_NO)
    yield choice("pointers_known", "diagnoses pointers", _pointers_known)
    yield choice("diagnoses_given", "diagnoses", lambda value: _yes(bool(value)))
    yield choice("provider_given", "provider", lambda value: _yes(bool(value)))
    yield choice("tooth_given", "tooth", lambda value: _yes(bool(value)))
    yield choice("birth_given", "birth_date", lambda value: _yes(value is not None))
    late = {True: "after", False: "before", None: None}
    yield choice("born", "born_late", late.__getitem__, ("before", "after"))
    yield choice("modifiers_known", "modifiers", lambda value: _yes(not unlisted(value or ())))
    yield Condition(
        "diagnoses_are", ("diagnoses", "date"), "diagnoses are",
        lambda diagnoses, day: tuple(state(code, day.isoformat()) for code in diagnoses or ()),
        tuple(STATES), holds=lambda states, asked: any(one in asked for one in states),
    )  # fmt: skip
    for name in ("diagnosis_any", "diagnosis_all", "diagnosis_none"):
        yield Condition(
            name, ("diagnoses", "pointers"), name.replace("_", " "),
            lambda diagnoses, pointers: pointed(diagnoses or (), pointers or ""),
            kind="diagnoses", holds=partial(diagnoses_like, name),
        )  # fmt: skip
    sets: Mapping[str, Callable[[Any, Asked], bool]] = {
        "modifiers_any": lambda value, asked: not set(asked).isdisjoint(value),
        "modifiers_all": lambda value, asked: set(asked) <= set(value),
        "modifiers_none": lambda value, asked: set(asked).isdisjoint(value),
        "modifiers_two": lambda value, asked: len(set(asked) & set(value)) > 1,
    }
    for name, holds in sets.items():
        yield Condition(
            name,
            ("modifiers",),
            name.replace("_", " "),
            lambda value: value or (),
            kind="modifiers",
            holds=holds,
        )
    numbers: Mapping[str, tuple[str, Callable[[Any], int | None]]] = {
        "units": ("units", _itself),
        "minutes": ("minutes", _itself),
        "age": ("age", _itself),
        "pointers": ("pointers", lambda value: len(value or "")),
        "position": ("position", _itself),
        "year": ("date", lambda day: day.year),
        "days_ahead": ("days_ahead", _itself),
    }
    for name, (reads, value) in numbers.items():
        yield Condition(name, (reads,), spoken("birth_date" if name == "age" else name), value, kind="number")
    yield Condition("date", ("date",), spoken("date"), lambda day: day.toordinal(), kind="days")
    yield Condition(PLAN, ("plan",), spoken("plan"), lambda value: value or "", kind="made")
    yield Condition(
        LEFT_TO_PLAN, ("plan", "payer", "code"), "left to plan",
        lambda plan, payer, code: f"{plan or ''}|{payer or ''}|{code}",
        kind="made", holds=lambda value, asked: value not in asked,
    )  # fmt: skip
    yield Condition(
        PAYER_RULES, ("payer",), "payer rules", lambda value: value or "", kind="made", holds=payer_follows
    )


@cache
def conditions() -> Mapping[str, Condition]:
    """Every condition by name: those declared here, and one for each column of choices, which may be empty, too."""
    found = {one.name: one for one in _declared()}
    for name, column in claim_fields().items():
        if column.kind == "choice":
            label = column.label[:1].lower() + column.label[1:]
            found[name] = Condition(name, (name,), label, _said, tuple(column.choices))
            found[name + OR_UNSAID] = Condition(
                name + OR_UNSAID, (name,), label, lambda value: value or UNSAID, (*column.choices, UNSAID)
            )
    return MappingProxyType(found)
