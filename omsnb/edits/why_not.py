"""Why an edit found nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from omsnb.conditions import LEFT_TO_PLAN, OR_UNSAID, conditions
from omsnb.edit_rules import Condition, EditRule
from omsnb.edits.facts import LineFacts, meets, met


def why_not(rule: EditRule, lines: Sequence[LineFacts]) -> str:
    """Why a rule found nothing: the condition that the nearest line does not meet."""
    if not lines:
        return "There is no line."
    for wanted_of, whose in ((rule.first, ""), (rule.second, " for the other line")):
        if rule.shape in ("companion", "limit") and whose:
            break
        if not any(met(facts, wanted_of)[0] is not False for facts in lines):
            return _nearest(wanted_of, lines) + whose + "."
    if rule.shape == "companion":
        if rule.beside:
            return "The line that it needs is there, or none of those that it speaks of."
        return "The line that it needs is there, or another check speaks of what is there instead."
    if rule.shape == "limit":
        return "No day's units are over the limit."
    whose = "patient and provider" if rule.across == "provider" else "patient"
    return f"No two lines of one {whose} stand in this relation."


def _nearest(wanted_of: Mapping[str, Condition], lines: Sequence[LineFacts]) -> str:
    def unmet(facts: LineFacts) -> list[str]:
        return [name for name, asked in wanted_of.items() if meets(facts, name, asked) is False]

    facts, lacking = lines[0], unmet(lines[0])
    for entry in lines[1:]:
        if len(lacking) == 1:
            break
        other = unmet(entry)
        if len(other) < len(lacking):
            facts, lacking = entry, other
    name = lacking[0]
    asked = wanted_of[name]
    if name.startswith("modifiers_"):
        value = ", ".join(facts.line.modifiers) or "none"
        name = name.replace("_", ", ")
    elif name == LEFT_TO_PLAN:
        return f"Your own file on the plan {facts.claim.plan!r} answers it."
    elif name.startswith("code_"):
        value = facts.line.code
        name = name.replace("_", ", ")
    elif isinstance(facts.value(name), tuple):
        value = ", ".join(dict.fromkeys(facts.value(name))) or "none"
        name = "diagnosis" if conditions()[name].kind == "diagnoses" else "diagnoses"
    else:
        name = name.removesuffix(OR_UNSAID)
        value = str(facts.value(name) or "")
    if name == "date" and isinstance(asked, range):
        value = facts.line.date.isoformat()
        wanted = f"{date.fromordinal(asked[0])} to {date.fromordinal(asked[-1])}"
    elif isinstance(asked, range):
        wanted = f"{asked[0]} and more" if len(asked) > 1 else str(asked[0])
    else:
        listed = sorted(asked)
        wanted = ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")
    return f"Line {facts.key[1]} of {facts.key[0]} comes nearest: {name} is {value or 'empty'}, the rule asks {wanted}"
