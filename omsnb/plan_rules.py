"""The claim checks with those that the plans of some claims bring: a practice's own files, and published positions.

Both become rules like those of ``edits.toml``, so that one claim and a table of claims are checked alike. A file's
answer takes the place of the checks that ask the same, for its plan's lines alone; a published position never does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from omsnb.claim_tables import payers
from omsnb.conditions import LEFT_TO_PLAN, PLAN
from omsnb.edit_rules import Condition, EditRule, edit_rules
from omsnb.payer_plans import PLANS, Plan, plans
from omsnb.plan_fields import CODES, LIMITS, PlanAnswer, plan_fields
from omsnb.policies import Policy, named_payers, topics
from omsnb.tables import codes

KIND = "patient"
DAYS_IN_A_MONTH = 365.2425 / 12


def rules_for(named: Iterable[str]) -> tuple[EditRule, ...]:
    """All claim checks for claims whose plans are ``named`` (empty texts among them count for nothing)."""
    wanted = frozenset(named) - {""}
    if not wanted:
        return tuple(edit_rules().values())
    held = plans()
    return _rules(wanted, tuple(held[name] for name in sorted(wanted) if name in held))


def _rules(wanted: frozenset[str], own: tuple[Plan, ...]) -> tuple[EditRule, ...]:
    left = _left_to_plans(own)
    rules = [
        replace(rule, first=MappingProxyType({**rule.first, LEFT_TO_PLAN: left[rule.id]}))
        if rule.id in left
        else rule
        for rule in edit_rules().values()
    ]
    for plan in own:
        rules += _of_plan(plan)
    others = wanted - {plan.name for plan in own}
    for name in sorted(others & set(named_payers())):
        rules += _published(name)
    if unknown := others - set(named_payers()):
        rules.append(_unknown(unknown))
    return tuple(rules)


def _rule(
    id: str,
    title: str,
    status: str,
    because: str,
    remedy: str,
    first: Mapping[str, Condition],
    **more: object,
) -> EditRule:
    shape = "pair" if "second" in more else "line"
    parts: dict[str, object] = {"second": MappingProxyType({}), **more}
    return EditRule(
        id=id, kind=KIND, title=title, status=status, shape=shape, first=MappingProxyType(dict(first)),
        because=because, remedy=remedy, guidance=(), **parts,  # type: ignore[arg-type]
    )  # fmt: skip


def _of_plan(plan: Plan) -> Iterator[EditRule]:
    """The checks that a file brings. Names and files hold no brace, so that a sentence may be filled in."""
    fields = plan_fields()
    of_plan: Mapping[str, Condition] = {PLAN: frozenset({plan.name})}
    by = plan.by.replace("{", "(").replace("}", ")")

    def of_line(name: str, answer: PlanAnswer, when: Mapping[str, Condition]) -> EditRule:
        because = f"{by}: {answer.says}; {{code}} on {{date}}."
        return _rule(f"plan:{plan.name}:{name}", f"{by}: {answer.says}", answer.status, because, answer.remedy,
                     {**of_plan, **when})  # fmt: skip

    others = frozenset(payers()) - {plan.payer}
    yield _rule(
        f"plan:{plan.name}:payer", f"{by}: another type of payer", "review",
        f"{by} the plan is of type {payers()[plan.payer].label}; the claim says {{payer}}.",
        "Correct the type of payer on the claim, or the file.",
        {**of_plan, "payer": others, "position": range(1, 2)},
    )  # fmt: skip
    for name, value in plan.choices.items():
        yield of_line(name, fields[name].answers[value], fields[name].answers[value].when)
    for name, own in plan.lists.items():
        if own:
            yield of_line(name, fields[name].answers[CODES], {"code": frozenset(own)})
    for number, limit in enumerate(plan.limits, start=1):
        field = next(name for name, entry in fields.items() if entry.kind == LIMITS)
        answer, own_codes = fields[field].answers[LIMITS], frozenset(limit.codes)
        when: Mapping[str, Condition] = {**of_plan, "code": own_codes}
        yield _rule(
            f"plan:{plan.name}:{field}-{number}", f"{by}: {answer.says}", answer.status,
            f"{by}: it pays one of {', '.join(limit.codes)} in {limit.months} months; "
            "{second} on {second_date} follows {first} on {first_date}.",
            answer.remedy, when, second=MappingProxyType(dict(when)), across="patient", days="day",
            offsets=MappingProxyType({"": (1, int(limit.months * DAYS_IN_A_MONTH) - 1)}),
        )  # fmt: skip


def _left_to_plans(own: Iterable[Plan]) -> Mapping[str, frozenset[str]]:
    """For each check the plans with their type and codes (``plan|payer|code``) of which a file answers what it asks."""
    found: dict[str, set[str]] = {}
    for plan in own:
        for name, value in plan.choices.items():
            field = plan_fields()[name]
            spoken = {f"{plan.name}|{plan.payer}|{code}" for code in _codes_of(field.answers[value].when)}
            for rule in field.settles:
                found.setdefault(rule, set()).update(spoken)
    return {rule: frozenset(entries) for rule, entries in found.items()}


def _codes_of(when: Mapping[str, Condition]) -> frozenset[str]:
    """The codes of which conditions speak: those named, or all of the code set."""
    if "code" in when:
        return frozenset(map(str, when["code"]))
    systems = when.get("system", frozenset())
    return frozenset(code.code for code in codes().values() if code.system in systems)


@lru_cache(maxsize=256)
def _published(name: str) -> tuple[EditRule, ...]:
    """The checks that a named payer's published positions bring: each of them asks, and none denies."""
    return tuple(
        _asking(name, policy)
        for policy in named_payers().get(name, ())
        if policy.asks and topics()[policy.topic].codes
    )


def _asking(name: str, policy: Policy) -> EditRule:
    when: dict[str, Condition] = {PLAN: frozenset({name}), "code": frozenset(topics()[policy.topic].codes)}
    if policy.date or policy.until:
        whole = policy.date + "0001-01-01"[len(policy.date) :]
        first, last = date.fromisoformat(whole), date.fromisoformat(policy.until or date.max.isoformat())
        when["date"] = range(first.toordinal(), last.toordinal() + 1)
    said = f"{policy.payer}, {policy.title} ({policy.said_of})".replace("{", "(").replace("}", ")")
    return _rule(
        f"published:{policy.policy}", f"Published position of {said}", "review" if policy.firm else "unknown",
        f"{{code}} on {{date}}: a published position may bear on it. {said}: {policy.position} ({policy.address})",
        "Look whether it still stands and holds for this plan, and ask; the manual makes no rule of it.",
        when,
    )  # fmt: skip


def _unknown(named: frozenset[str]) -> EditRule:
    return _rule(
        "plan-not-known", "A plan that neither a file of yours nor a published position names", "unknown",
        "The claim names a plan of which the manual knows nothing, so its own rules were not checked.",
        f"Leave the name out, or write a file on the plan into the folder that {PLANS} names.",
        {PLAN: named, "position": range(1, 2)},
    )  # fmt: skip


def said_of(plan: Plan, named: Iterable[str], settled: Iterable[str] = ()) -> tuple[str, ...]:
    """What a file says of some codes beyond the facts that it has ``settled``, a sentence each that names the file."""
    wanted, used = frozenset(named), frozenset(settled)
    fields = plan_fields()
    said = [
        answer.says
        for name, value in plan.choices.items()
        if fields[name].fact not in used and wanted & _codes_of((answer := fields[name].answers[value]).when)
    ]
    for name, own in plan.lists.items():
        if touched := [code for code in own if code in wanted]:
            said.append(f"{fields[name].answers[CODES].says}: {', '.join(touched)}")
    said += [
        f"it pays one of {', '.join(limit.codes)} in {limit.months} months"
        for limit in plan.limits
        if wanted & set(limit.codes)
    ]
    return tuple(f"{plan.by}: {entry}." for entry in said)


def plan_data(plan: Plan, settled: Mapping[str, str], said: Iterable[str]) -> dict[str, object]:
    """A file in an answer for JSON: the facts that it settled, and what else it says of the answer's codes."""
    return {
        "plan": plan.name,
        "file": plan.file,
        "told": plan.told or None,
        "facts": dict(settled),
        "says": list(said),
    }


def plan_lines(plan: Plan, settled: Mapping[str, str], said: Iterable[str]) -> list[str]:
    """The same for people, a line each."""
    facts_said = ", ".join(f"{fact} = {value}" for fact, value in settled.items())
    return [f"{plan.by}: {facts_said or 'it settles no fact that is asked here'}.", *said]
