"""``check``: reads claims line by line against the edits and says what a payer would refuse, and why.

Limits by the day and global periods are counted over all claims given, for one patient and one billing provider.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from omsnb.claim_tables import claim_fields, forms, payers, places
from omsnb.claims import Claim, ServiceLine
from omsnb.coding import units_of
from omsnb.edit_rules import (
    NUMBERS,
    STATUSES,
    Condition,
    EditRule,
    edit_rules,
    pair_table,
)
from omsnb.records import UnitLimit
from omsnb.tables import codes, guidance, mue, sources, tables

LineKey = tuple[str, int]
"""A claim and the number of a line on it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one or more lines."""

    rule: str
    status: str
    lines: tuple[LineKey, ...]
    because: str
    remedy: str
    guidance: tuple[str, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Titles of the authorities behind the rule."""
        return tuple(dict.fromkeys(sources()[guidance()[id].source].title for id in self.guidance))


@dataclass(frozen=True, slots=True)
class Considered:
    """A rule that found nothing, and why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Report:
    """Findings on claims, and the rules that found nothing."""

    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]
    considered: tuple[Considered, ...]

    def of_status(self, *statuses: str) -> tuple[Finding, ...]:
        """The findings of these statuses."""
        return tuple(finding for finding in self.findings if finding.status in statuses)

    @property
    def worst(self) -> str:
        """The worst status there is; ``ok`` when nothing was found."""
        found = {finding.status for finding in self.findings}
        return next((status for status in STATUSES if status in found), "ok")


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with everything that conditions ask about; None where the claim does not say."""

    order: int
    key: LineKey
    group: tuple[str, str]
    claim: Claim
    line: ServiceLine
    choices: Mapping[str, str | None]
    numbers: Mapping[str, int | None]


def line_facts(claims: Iterable[Claim]) -> list[LineFacts]:
    """Every line of the claims in order, with the facts that follow from its code, claim and form."""
    found: list[LineFacts] = []
    for claim in claims:
        for position, line in enumerate(claim.lines, start=1):
            found.append(
                LineFacts(
                    order=len(found),
                    key=(claim.claim, line.line),
                    group=(claim.patient, claim.provider),
                    claim=claim,
                    line=line,
                    choices=_choices(claim, line, position),
                    numbers={
                        "units": line.units,
                        "minutes": line.minutes,
                        "age": age_on(claim.birth_date, line.date),
                        "pointers": len(line.pointers),
                        "position": position,
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


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"


def _choices(claim: Claim, line: ServiceLine, position: int) -> dict[str, str | None]:
    known = codes().get(line.code)
    form = forms().get(claim.form)
    last = "A" if not claim.diagnoses else chr(ord("A") + len(claim.diagnoses) - 1)
    return {
        "code": line.code,
        "system": known.system if known else "",
        "split": _yes(known.component_split) if known else "",
        "by_report": _yes(known.by_report) if known else "",
        "global_days": known.global_days if known else "",
        "bilateral": known.bilateral if known else "",
        "known": _yes(known is not None),
        "valid": validity(line.code, line.date.isoformat()),
        "payer": claim.payer or None,
        "form": claim.form or None,
        "place": claim.place or None,
        "area": line.area or None,
        "narrative": line.narrative or None,
        "attachment": line.attachment or None,
        "report": line.report or None,
        "made_by": line.made_by or None,
        "lines_fit": _yes(position <= form.lines) if form else None,
        "modifiers_fit": _yes(len(line.modifiers) <= form.modifiers) if form else None,
        "diagnoses_fit": _yes(len(claim.diagnoses) <= form.diagnoses) if form else None,
        "pointers_fit": _yes(len(line.pointers) <= form.pointers) if form else None,
        "pointers_known": _yes(not claim.diagnoses or all(letter <= last for letter in line.pointers)),
        "diagnoses_given": _yes(bool(claim.diagnoses)),
        "provider_given": _yes(bool(claim.provider)),
    }


def meets(facts: LineFacts, name: str, asked: Condition) -> bool | None:
    """Whether a line meets one condition; None when the claim does not say."""
    if name == "modifiers_any":
        return not asked.isdisjoint(facts.line.modifiers) if isinstance(asked, frozenset) else None
    if name == "modifiers_none":
        return asked.isdisjoint(facts.line.modifiers) if isinstance(asked, frozenset) else None
    if name == "modifiers_all":
        return set(asked) <= set(facts.line.modifiers)
    value = facts.numbers[name] if name in NUMBERS else facts.choices[name]
    return None if value is None else value in asked


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


def check(claims: Iterable[Claim]) -> Report:
    """Checks claims against all edits.

    ``claims``: all claims that belong together, since units of a day and global periods run over them. Returns a
    ``Report``; its findings stand in the order of the rules, then of the lines.
    """
    given = tuple(claims)
    findings = find(given)
    fired = {finding.rule for finding in findings}
    lines = line_facts(given)
    considered = [
        Considered(rule.id, _why_not(rule, lines)) for rule in edit_rules().values() if rule.id not in fired
    ]
    return Report(given, findings, tuple(considered))


def find(claims: Iterable[Claim]) -> tuple[Finding, ...]:
    """The findings of ``check`` alone, without the reasons of the rules that found nothing."""
    groups: dict[tuple[str, str], list[LineFacts]] = defaultdict(list)
    for entry in line_facts(claims):
        groups[entry.group].append(entry)
    findings: list[Finding] = []
    for rule in edit_rules().values():
        placed = sorted(_SHAPES[rule.shape](rule, groups.values()), key=lambda pair: pair[0])
        findings += [finding for _, finding in placed]
    return tuple(findings)


Placed = tuple[tuple[int, ...], Finding]
"""A finding with the order of its lines."""


def _finding(
    rule: EditRule,
    lines: Sequence[LineFacts],
    missing: tuple[str, ...],
    words: Mapping[str, Any],
    status: str = "",
) -> Placed:
    return tuple(line.order for line in lines), Finding(
        rule=rule.id,
        status="unknown" if missing else status or rule.status,
        lines=tuple(line.key for line in lines),
        because=sentence(rule, missing, words),
        remedy=rule.remedy,
        guidance=rule.guidance,
    )


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


NO_LIMIT, NO_PAIRS = "no limit", "no pairs"
NOT_IN_THE_MANUAL = {NO_LIMIT: "the unit limit of that day", NO_PAIRS: "the pairs of that quarter"}
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
        "valid_from": known.effective_from if known else "",
        "valid_to": known.effective_to if known else "",
        "form_lines": form.lines if form else "",
        "form_modifiers": form.modifiers if form else "",
        "form_diagnoses": form.diagnoses if form else "",
        "form_pointers": form.pointers if form else "",
    }


def _words(facts: LineFacts) -> dict[str, Any]:
    line = facts.line
    return line_words(
        facts.claim.place,
        facts.claim.payer,
        facts.claim.form,
        len(facts.claim.diagnoses),
        {
            "code": line.code,
            "date": line.date.isoformat(),
            "units": line.units,
            "modifiers": line.modifiers,
            "age": facts.numbers["age"],
            "minutes": line.minutes,
            "position": facts.numbers["position"],
            "pointers": line.pointers,
        },
    )


def _check_line(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        for facts in group:
            answer, missing = met(facts, rule.first)
            if answer is not False:
                yield _finding(rule, [facts], missing, _words(facts))


def _check_companion(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        for facts in group:
            answer, missing = met(facts, rule.first)
            span = rule.span(facts.line.code)
            if answer is False or span is None:
                continue
            answers = [
                met(other, rule.second)[0]
                for other in group
                if other is not facts and span[0] <= (other.line.date - facts.line.date).days <= span[1]
            ]
            if True in answers:
                continue
            open_companion = ("companion",) if None in answers else ()
            yield _finding(rule, [facts], (*missing, *open_companion), _words(facts))


def _check_pair(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    wanted = pair_table(rule.pairs) if rule.pairs else None
    for group in groups:
        firsts = [(facts, met(facts, rule.first)) for facts in group]
        seconds = [(facts, met(facts, rule.second)) for facts in group]
        for first, (one, one_missing) in firsts:
            span = rule.span(first.line.code)
            if one is False or span is None:
                continue
            for second, (other, other_missing) in seconds:
                if other is False or first is second or (rule.symmetric and first.order > second.order):
                    continue
                apart = (second.line.date - first.line.date).days
                if not span[0] <= apart <= span[1] or not _alike(rule, first.line, second.line):
                    continue
                missing = (*one_missing, *(f"second {name}" for name in other_missing))
                if wanted is not None:
                    since = wanted.get((first.line.code, second.line.code))
                    if since is None:
                        continue
                    if second.line.date.isoformat() < since:
                        missing = (*missing, NO_PAIRS)
                words = pair_words(
                    rule, first.line.code, second.line.code, first.line.date, second.line.date,
                    second.line.units, first.line.minutes,
                )  # fmt: skip
                if rule.pairs == "prolonged":
                    if first.line.minutes is None:
                        missing = (*missing, "minutes")
                    elif second.line.units <= words["allowed"]:
                        continue
                yield _finding(rule, [first, second], missing, words)


def _alike(rule: EditRule, first: ServiceLine, second: ServiceLine) -> bool:
    same = all(getattr(first, name) == getattr(second, name) for name in rule.equal)
    return same and all(getattr(first, name) != getattr(second, name) for name in rule.different)


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
    if rule.days in ("period", "after"):
        words["safe_date"] = (second_date - timedelta(span[1] + 1)).isoformat()
        words["last_day"] = (first_date + timedelta(span[1])).isoformat()
    return words


@cache
def prolonged_units(base: str, add_on: str, minutes: int) -> int:
    """Units of a prolonged-service code that a top-level visit of so many minutes gives, by the decision table.

    ``base``: the visit's code. ``add_on``: the prolonged code. ``minutes``: clinician's time on the day.
    """
    for row in tables()["prolonged"].rows:
        if (
            row.report == add_on
            and base in row.conditions["em_code"]
            and minutes in row.conditions["minutes"]
        ):
            return int(units_of(row, {"minutes": range(minutes, minutes + 1)}))
    return 0


@cache
def limits_of(code: str) -> tuple[tuple[str, ...], tuple[UnitLimit, ...]]:
    """The unit limits of a code with the days from which they hold, oldest first."""
    found = tuple(limit for limit in mue() if limit.code == code)
    return tuple(limit.effective for limit in found), found


def limit_on(code: str, day: str) -> UnitLimit | None:
    """The unit limit of a code on a day (``2026-10-15``); None where the manual holds none for that day."""
    days, found = limits_of(code)
    place = bisect_right(days, day)
    return found[place - 1] if place else None


def _check_limit(rule: EditRule, groups: Iterable[list[LineFacts]]) -> Iterator[Placed]:
    for group in groups:
        parts: dict[tuple[str, date], list[tuple[LineFacts, tuple[str, ...]]]] = defaultdict(list)
        for facts in group:
            answer, missing = met(facts, rule.first)
            if answer is not False:
                parts[facts.line.code, facts.line.date].append((facts, missing))
        for (code, day), members in parts.items():
            limit = limit_on(code, day.isoformat())
            for counted in _counted(members, limit):
                sure = sum(facts.line.units for facts, missing in counted if not missing)
                possible = sum(facts.line.units for facts, _ in counted)
                verdict = judge_units(rule, limit, sure, possible)
                if not verdict:
                    continue
                over = verdict == OVER
                missing = () if over else tuple(dict.fromkeys(name for _, names in counted for name in names))
                if limit is None:
                    missing = (NO_LIMIT,)
                words = limit_words(code, day.isoformat(), sure if over else possible, limit)
                lines = [facts for facts, names in counted if not over or not names]
                yield _finding(rule, lines, missing, words, rule.by_indicator[limit.mai] if limit else "")


def _counted(
    members: list[tuple[LineFacts, tuple[str, ...]]], limit: UnitLimit | None
) -> list[list[tuple[LineFacts, tuple[str, ...]]]]:
    """The lines whose units are added up: each by itself where the limit is one of the line."""
    if limit and limit.mai == LINE_LIMIT:
        return [[member] for member in members]
    return [members]


LINE_LIMIT = "1"
"""The adjudication indicator of a limit for each claim line; the others are limits of the day."""


OVER, PERHAPS = "over", "perhaps"


def judge_units(rule: EditRule, limit: UnitLimit | None, sure: int, possible: int) -> str:
    """Judges units against a limit: ``over``, ``perhaps`` (it cannot be told), or empty where all is well.

    ``sure``: units of the lines that surely fall under the rule; ``possible``: with those that may. Without a limit for
    that day more than one unit cannot be judged.
    """
    if limit is None:
        return PERHAPS if possible > 1 else ""
    if limit.units < rule.least or possible <= limit.units:
        return ""
    return OVER if sure > limit.units else PERHAPS


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


_SHAPES = {"line": _check_line, "companion": _check_companion, "pair": _check_pair, "limit": _check_limit}


def _why_not(rule: EditRule, lines: Sequence[LineFacts]) -> str:
    """Why a rule found nothing: the condition that the nearest line does not meet."""
    if not lines:
        return "There is no line."
    for conditions, whose in ((rule.first, ""), (rule.second, " for the other line")):
        if rule.shape in ("companion", "limit") and whose:
            break
        if not any(met(facts, conditions)[0] is not False for facts in lines):
            return _nearest(conditions, lines) + whose + "."
    if rule.shape == "companion":
        return "The line that it needs is there."
    if rule.shape == "limit":
        return "No day's units are over the limit."
    return "No two lines of one patient and provider stand in this relation."


def _nearest(conditions: Mapping[str, Condition], lines: Sequence[LineFacts]) -> str:
    def unmet(facts: LineFacts) -> list[str]:
        return [name for name, asked in conditions.items() if meets(facts, name, asked) is False]

    facts = min(lines, key=lambda entry: len(unmet(entry)))
    name = unmet(facts)[0]
    asked = conditions[name]
    if name.startswith("modifiers_"):
        value = ", ".join(facts.line.modifiers) or "none"
        name = name.replace("_", ", ")
    else:
        value = str(facts.numbers[name] if name in NUMBERS else facts.choices[name])
    if isinstance(asked, range):
        wanted = f"{asked[0]} and more" if len(asked) > 1 else str(asked[0])
    else:
        listed = sorted(asked)
        wanted = ", ".join(listed[:6]) + (f" and {len(listed) - 6} more" if len(listed) > 6 else "")
    return f"Line {facts.key[1]} of {facts.key[0]} comes nearest: {name} is {value or 'empty'}, the rule asks {wanted}"
