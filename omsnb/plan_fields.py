"""What a practice's own file on a plan may say, and what follows from it (``plan-fields.toml``)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from omsnb.edit_rules import STATUSES, Condition, conditions_of, edit_rules
from omsnb.reading import Block, read_toml
from omsnb.tables import facts

FILE = "plan-fields.toml"
CHOICE, CODES, LIMITS = "choice", "codes", "limits"
KINDS = (CHOICE, CODES, LIMITS)
NAME = re.compile(r"[a-z][a-z_]*")


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """One value of a field: what it says of the plan, and what a check finds on lines that meet ``when``."""

    value: str
    says: str
    status: str
    when: Mapping[str, Condition]
    remedy: str


@dataclass(frozen=True, slots=True)
class PlanField:
    """A key of a practice's file. ``hint``: for a field without a menu, the form of what is typed.

    ``fact``: the fact that it settles, or empty. ``settles``: checks that leave such lines of the plan to the answer.
    """

    name: str
    label: str
    help: str
    kind: str
    hint: str
    fact: str
    settles: tuple[str, ...]
    answers: Mapping[str, PlanAnswer]


@cache
def plan_fields() -> Mapping[str, PlanField]:
    """The fields by name. Raises ``DataError`` for a field without answers, or with others than its fact has."""
    raw = read_toml(FILE)
    raw.keys(("field", "answer"))
    answers: dict[str, dict[str, PlanAnswer]] = {}
    fields = {}
    for entry in raw.tables("field"):
        field = _field(entry, answers)
        if field.name in fields:
            raise entry.error("field", f"{field.name!r} stands twice")
        fields[field.name] = field
    for entry in raw.tables("answer"):
        entry.keys(("field", "value", "says", "status", "when", "remedy"))
        field = fields[entry.one_of("field", *fields)]
        answer = _answer(entry, field)
        if answer.value in answers[field.name]:
            raise entry.error("value", f"{answer.value!r} stands twice")
        answers[field.name][answer.value] = answer
    for entry, field in zip(raw.tables("field"), fields.values(), strict=True):
        wanted = set(facts()[field.fact].values) if field.fact else set(field.answers)
        if not field.answers or set(field.answers) != wanted:
            raise entry.error("field", f"{field.name!r} lacks answers; wanted: {', '.join(sorted(wanted))}")
    return MappingProxyType(fields)


def _field(entry: Block, answers: dict[str, dict[str, PlanAnswer]]) -> PlanField:
    entry.keys(("field", "label", "help", "kind", "settles"), ("fact", "hint"))
    name = entry.text("field")
    if not NAME.fullmatch(name):
        raise entry.error("field", f"{name!r} is not allowed; allowed is the form of cone_beam")
    kind = entry.one_of("kind", *KINDS)
    return PlanField(
        name=name,
        label=entry.text("label"),
        help=entry.text("help"),
        kind=kind,
        hint=entry.text("hint") if kind != CHOICE or "hint" in entry.raw else "",
        fact=entry.one_of("fact", *facts()) if "fact" in entry.raw else "",
        settles=entry.texts("settles", edit_rules(), "edits.toml"),
        answers=answers.setdefault(name, {}),
    )


def _answer(entry: Block, field: PlanField) -> PlanAnswer:
    value = entry.text("value")
    if field.kind != CHOICE and value != field.kind:
        raise entry.error("value", f"{value!r} is not allowed; allowed: {field.kind}")
    for key in ("says", "remedy"):
        if "{" in entry.text(key) or "}" in entry.text(key):
            raise entry.error(key, "holds a brace, but nothing is filled in there")
    when = entry.table("when")
    for key in when.raw:
        when.texts(key)
    where = f"data/{FILE} row {entry.row('when')}, key when"
    return PlanAnswer(
        value, entry.text("says"), entry.one_of("status", *STATUSES), conditions_of(where, when.raw),
        entry.text("remedy"),
    )  # fmt: skip
