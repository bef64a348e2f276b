"""Is one code payable beside another on a day? What the tables of the manual hold of two codes, and how old they are.

The answer is ``unknown`` where the table of pairs does not hold the two, and where it is older than the day: a pair
that is missing may exist, and a pair may have ended. A practice's own file of the quarter is whole and settles both.
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
from omsnb.own_tables import OwnTables, indicator, own_tables, own_tables_read, table_named
from omsnb.pair_modifiers import PairModifiers, lifted_by
from omsnb.periods import global_period
from omsnb.reading import DataError
from omsnb.tables import codes

UNKNOWN, NEVER, LIFTED, TOGETHER = "unknown", "not together", "with a modifier", "no pair"


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

    ``verdict``: ``unknown``, ``not together``, ``with a modifier``, or ``no pair`` by a whole file of the practice.
    ``why``: a sentence. ``pair``: the pair as it is held, the denied code second; None where no table holds the two.
    ``lifting``: what lifts it. ``findings``: what the claim checks about two lines say of the two on one day.
    ``table``: source of the pair, in words ``table_said``; ``until``: the last day for which it speaks.
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
    table_said: str
    until: str


def ask_pair(first: str, second: str, day: date, payer: str = "") -> PairAnswer:
    """Answers for two codes of the manual or of the practice's own files, on one day, for one patient and provider.

    ``payer``: a type of payer, or empty. Raises ``ValueError`` for a code that neither holds, two equal codes, an
    unknown payer, and a file of the practice that cannot be read.
    """
    first, second = first.strip().upper(), second.strip().upper()
    with own_tables_read() as own:
        for code in (first, second):
            held = code in codes() or any(code in pair for pair in code_pairs()) or _own_knows(own, code)
            if not held:
                raise ValueError(
                    f"code: {code!r} is not known to the manual{' or to your files' if own.files else ''}"
                )
        if first == second:
            raise ValueError(f"code: {first!r} is given twice; a pair has two codes")
        if payer and payer not in payers():
            raise ValueError(f"payer: {payer!r} is not allowed; allowed: {', '.join(payers())}")
        whole = all(own.pairs_file(code) for code in (first, second))
        pair = _pair_held(own, first, second) or _pair_held(own, second, first)
        lifting = _lifting(pair) if pair else None
        if pair:
            source, effective = pair.source, pair.effective
        elif file := own.pairs_file(first) or own.pairs_file(second):
            source, effective = file.source, file.effective
        else:
            newest = max(code_pairs().values(), key=lambda held: held.effective)
            source, effective = newest.source, newest.effective
        until = quarter_end(effective)
        verdict, why = _verdict(first, second, day.isoformat(), pair, lifting, effective, until, whole)
        named = table_named(source)
        return PairAnswer(
            first, second, day.isoformat(), payer, verdict, why, pair, lifting,
            tuple(_one(code, day) for code in (first, second)), _findings(first, second, day, payer), source,
            f"{named.title}, {named.edition}", until,
        )  # fmt: skip


def _own_knows(own: OwnTables, code: str) -> bool:
    tables = (own.indicators, own.pairs, *own.pairs.values(), *(held for _, held in own.limits))
    return any(code in held for held in tables)


def _pair_held(own: OwnTables, first: str, second: str) -> CodePair | None:
    """The pair in this order: by the practice's file where one speaks of the first code, else by the manual."""
    file = own.pairs_file(first)
    if file is None:
        return code_pairs().get((first, second))
    held = own.pairs.get(first, {}).get(second)
    return CodePair(first, second, held.indicator, file.effective, held.first, held.source) if held else None


def _lifting(pair: CodePair) -> PairModifiers | None:
    """What lifts a pair; None where it hangs on a global period that no table tells."""
    try:
        return lifted_by(pair)
    except DataError:
        if all(code in codes() for code in (pair.first, pair.second)):
            raise
        return None


def _verdict(
    first: str, second: str, day: str, pair: CodePair | None, lifting: PairModifiers | None,
    effective: str, until: str, whole: bool,
) -> tuple[str, str]:  # fmt: skip
    held = f"the table of {effective}"
    if pair is None:
        if whole and day <= until:
            return TOGETHER, f"Your file, {held}, has no pair of {first} and {second}."
        said = f"{held} as the manual holds it has no pair of {first} and {second}; it is an excerpt."
        return (
            UNKNOWN,
            f"Your file, {held}, has no pair of the two, and is older than the day." if whole else said,
        )
    if lifting is None:
        return UNKNOWN, (
            f"{pair.second} is denied beside {pair.first} in {held} (indicator {pair.indicator}); which modifier lifts "
            "it hangs on a global period that no table here tells."
        )
    said = f"{pair.second} is denied beside {pair.first} (indicator {pair.indicator}): {lifting.says}"
    own = own_tables().pairs_file(pair.first)
    if own:
        days = own_tables().pairs[pair.first][pair.second]
        if day < days.known:
            return UNKNOWN, f"In {held} {said}; how it was before {days.known} it does not say."
        if day < days.first or (days.last and day > days.last):
            ends = f"to {days.last}" if days.last else "on"
            return TOGETHER, f"In {held} the pair holds from {days.first} {ends}, and not on that day."
    elif pair.until and day > pair.until:
        return UNKNOWN, f"By {held} the pair ended on {pair.until}; until then {said}."
    elif day < pair.effective:
        return UNKNOWN, f"The day lies before {held}, in which {said}."
    if day > until:
        return (
            UNKNOWN,
            f"In {held} {said}. It speaks up to {until}; look into the table of the day's own quarter.",
        )
    return (NEVER if not lifting.modifiers else LIFTED), f"{said[0].upper()}{said[1:]}."


def _one(code: str, day: date) -> OneCode:
    known = codes().get(code)
    held = limit_on(code, day.isoformat())
    if held.limit:
        table = table_named(held.limit.source).title
        limit = f"{held.limit.units} a day (indicator {held.limit.mai}, {table}, {held.limit.effective})"
    elif held.differing:
        tables = " and ".join(f"{entry.units} by {entry.effective}" for entry in held.differing)
        limit = f"unknown between two tables: {tables}"
    else:
        limit = f"none in {table_named(held.without).title}" if held.without else "unknown"
    days = indicator(code, "global_days")
    kind = period_kinds().get(days)
    if kind is None:
        period = f"none that is counted (indicator {days})" if days else "unknown"
    else:
        span = global_period(days, day)
        period = f"{kind.label}: {span.first} to {span.last}"
    return OneCode(code, known.label if known else "not among the codes of the manual", limit, period)


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
    lines.append(f"  table: {answer.table_said}; it speaks up to {answer.until}")
    return "\n".join(lines)
