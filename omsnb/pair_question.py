"""Is one code payable beside another on a day? What the tables of the manual hold of two codes, and how old they are.

The answer is ``unknown`` where the table of pairs does not hold the two, and where it is older than the day: a pair
that is missing may exist, and a pair may have ended.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from omsnb.claim_tables import CodePair, code_pairs, payers, period_kinds
from omsnb.claims import Claim, ServiceLine
from omsnb.edit_rules import edit_rules
from omsnb.edits import Finding, find
from omsnb.edits.units import limit_on, quarter_end
from omsnb.pair_modifiers import PairModifiers, lifted_by
from omsnb.periods import period_of
from omsnb.tables import codes, sources

UNKNOWN, NEVER, LIFTED = "unknown", "not together", "with a modifier"


@dataclass(frozen=True, slots=True)
class OneCode:
    """What holds of one code of the two: its unit limit and its global period on the day, in words."""

    code: str
    label: str
    limit: str
    period: str


@dataclass(frozen=True, slots=True)
class PairAnswer:
    """Whether two codes are payable together.

    ``verdict``: ``unknown``, ``not together`` or ``with a modifier``. ``why``: a sentence. ``pair``: the pair as it is
    held, the denied code second; None where the table does not hold the two. ``lifting``: what lifts it. ``findings``:
    what the claim checks about two lines say of the two on one day. ``table``: source of the pair; ``until``: the last
    day for which it speaks.
    """

    first: str
    second: str
    day: str
    payer: str
    verdict: str
    why: str
    pair: CodePair | None
    lifting: PairModifiers | None
    codes: tuple[OneCode, ...]
    findings: tuple[Finding, ...]
    table: str
    until: str


def ask_pair(first: str, second: str, day: date, payer: str = "") -> PairAnswer:
    """Answers for two codes of the manual, on one day, for one patient and provider.

    ``payer``: a type of payer, or empty. Raises ``ValueError`` for a code that the manual does not hold, two equal
    codes, and an unknown payer.
    """
    first, second = first.strip().upper(), second.strip().upper()
    for code in (first, second):
        if code not in codes() and not any(code in pair for pair in code_pairs()):
            raise ValueError(f"code: {code!r} is not known to the manual")
    if first == second:
        raise ValueError(f"code: {first!r} is given twice; a pair has two codes")
    if payer and payer not in payers():
        raise ValueError(f"payer: {payer!r} is not allowed; allowed: {', '.join(payers())}")
    pair = code_pairs().get((first, second)) or code_pairs().get((second, first))
    lifting = lifted_by(pair) if pair else None
    newest = max(code_pairs().values(), key=lambda held: held.effective)
    table = pair or newest
    until = quarter_end(table.effective)
    verdict, why = _verdict(first, second, day.isoformat(), pair, lifting, table, until)
    return PairAnswer(
        first, second, day.isoformat(), payer, verdict, why, pair, lifting,
        tuple(_one(code, day) for code in (first, second)), _findings(first, second, day, payer), table.source, until,
    )  # fmt: skip


def _verdict(
    first: str, second: str, day: str, pair: CodePair | None, lifting: PairModifiers | None,
    table: CodePair, until: str,
) -> tuple[str, str]:  # fmt: skip
    held = f"the table of {table.effective}"
    if pair is None or lifting is None:
        return (
            UNKNOWN,
            f"{held} as the manual holds it has no pair of {first} and {second}; it is an excerpt.",
        )
    said = f"{pair.second} is denied beside {pair.first} (indicator {pair.indicator}): {lifting.says}"
    if day < pair.effective:
        return UNKNOWN, f"The day lies before {held}, in which {said}."
    if day > until:
        return (
            UNKNOWN,
            f"In {held} {said}. It speaks up to {until}; look into the table of the day's own quarter.",
        )
    return (NEVER if not lifting.modifiers else LIFTED), f"{said[0].upper()}{said[1:]}."


def _one(code: str, day: date) -> OneCode:
    known = codes().get(code)
    if known is None:
        return OneCode(code, "not among the codes of the manual", "unknown", "unknown")
    held = limit_on(code, day.isoformat())
    if held.limit:
        limit = f"{held.limit.units} a day (indicator {held.limit.mai}, table of {held.limit.effective})"
    elif held.differing:
        tables = " and ".join(f"{entry.units} by {entry.effective}" for entry in held.differing)
        limit = f"unknown between two tables: {tables}"
    else:
        limit = "unknown"
    kind = period_kinds().get(known.global_days)
    if kind is None:
        period = f"none that is counted (indicator {known.global_days})" if known.global_days else "unknown"
    else:
        span = period_of(code, day)
        period = f"{kind.label}: {span.first} to {span.last}"
    return OneCode(code, known.label, limit, period)


def _findings(first: str, second: str, day: date, payer: str) -> tuple[Finding, ...]:
    """What the checks about two lines, or about a line and what it rests on, say of a claim with these two alone."""
    form = payers()[payer].form if payer else ""
    lines = (ServiceLine(date=day, code=first), ServiceLine(date=day, code=second))
    claim = Claim(claim="A", patient="A", payer=payer, provider="A", form=form, lines=lines)
    rules = edit_rules()
    found = find([claim], today=day)
    return tuple(replace(entry) for entry in found if rules[entry.rule].shape in ("pair", "companion"))


def pair_data(answer: PairAnswer) -> dict[str, Any]:
    """An answer for JSON."""
    return asdict(answer)


def pair_text(answer: PairAnswer) -> str:
    """An answer for people."""
    about = f" for {payers()[answer.payer].label}" if answer.payer else ""
    lines = [
        f"{answer.first} with {answer.second} on {answer.day}{about}: {answer.verdict}",
        f"  {answer.why}",
    ]
    if answer.lifting and answer.lifting.modifiers:
        lines.append(f"  modifiers: {', '.join(answer.lifting.modifiers)}")
    for entry in answer.codes:
        lines.append(f"  {entry.code}, {entry.label}")
        lines.append(f"      units          {entry.limit}")
        lines.append(f"      global period  {entry.period}")
    for finding in answer.findings:
        lines.append(f"  {finding.status.upper():<8}{finding.because}")
        lines.append(f"          {finding.remedy}")
        lines.append(f"          check {finding.rule}; {'; '.join((*finding.cited, *finding.overruled))}")
    source = sources()[answer.table]
    lines.append(f"  table: {source.title}, {source.edition}; it speaks up to {answer.until}")
    return "\n".join(lines)
