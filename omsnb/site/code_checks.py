"""What a code's page says of the claim checks: the rules that touch the code, and the code's correct coding pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from docutils import nodes

from omsnb.claim_tables import CodePair, code_pairs
from omsnb.edit_rules import Condition, EditRule, edit_rules, pair_table
from omsnb.pair_modifiers import PairModifiers, lifted_by
from omsnb.records import Code
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import chip, cite, paragraph, reference
from omsnb.tables import codes, sources


def touching(code: Code) -> Iterator[EditRule]:
    """The claim checks that name a code, list it in a pair, or ask for one of its indicators."""
    for rule in edit_rules().values():
        if code.code in rule.codes:
            yield rule
        elif rule.pairs:
            if any(code.code in pair for pair in pair_table(rule.pairs)):
                yield rule
        elif _by_indicator(rule.first, code) or _by_indicator(rule.second, code):
            yield rule


def _by_indicator(conditions: Mapping[str, Condition], code: Code) -> bool:
    """Whether conditions ask for indicators of a code and the code has them all; those that name codes are no match."""
    has = {
        "split": "yes" if code.component_split else "no",
        "by_report": "yes" if code.by_report else "no",
        "global_days": code.global_days,
        "bilateral": code.bilateral,
    }
    asked = [name for name in has if name in conditions]
    if not asked or "code" in conditions or code.system not in conditions.get("system", {code.system}):
        return False
    return all(has[name] in conditions[name] for name in asked)


def _statuses(rule: EditRule) -> str:
    return " or ".join(dict.fromkeys((rule.status, *rule.by_indicator.values())))


def checks_of(name: str) -> Iterator[nodes.Node]:
    """The checks that touch a code, each linked to its row, and the code's correct coding pairs."""
    items = [
        element("li", reference("edit", rule.id, nodes.inline("", rule.title)), f" ({_statuses(rule)})")
        for rule in touching(codes()[name])
    ]
    if items:
        yield element("ul", *items)
    grouped: dict[tuple[bool, CodePair, PairModifiers], list[str]] = {}
    for pair in code_pairs().values():
        if name not in (pair.first, pair.second):
            continue
        leads = pair.first == name
        # pairs that differ in the other code alone share a row
        same = CodePair("", "", pair.indicator, pair.effective, pair.since, pair.source)
        grouped.setdefault((leads, same, lifted_by(pair)), []).append(pair.second if leads else pair.first)
    if grouped:
        title = f"Correct coding pairs of {name} (NCCI): codes of one patient, provider and day"
        heads = [head(text) for text in ("What happens", "Exception", "Other codes", "Known from", "Source")]
        rows = [_pairs(name, leads, pair, lifts, others) for (leads, pair, lifts), others in grouped.items()]
        yield wide(title, table(title, heads, rows, "pairs"))


def _pairs(name: str, leads: bool, pair: CodePair, lifts: PairModifiers, others: list[str]) -> tag:
    said = f"{name} is paid, the others are denied" if leads else f"{name} is denied beside any of these"
    shown: list[nodes.Node | str] = []
    for other in sorted(others):
        shown += [", "] if shown else []
        shown.append(chip(other) if other in codes() else other)
    return element(
        "tr",
        element("th", said, scope="row"),
        element("td", lifts.says, element("p", *cite(lifts.guidance), class_="documents")),
        element("td", *shown),
        element("td", pair.since or pair.effective or "not known"),
        element(
            "td", paragraph(reference("source", pair.source, nodes.inline("", sources()[pair.source].dated)))
        ),
    )
