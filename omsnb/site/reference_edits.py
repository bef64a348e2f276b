"""The claim checks, kind by kind: what each one finds, what to do, and on whose word."""

from __future__ import annotations

import re

from docutils import nodes

from omsnb.edit_rules import KINDS, EditRule, edit_rules
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.reference_codes import section
from omsnb.site.text import cite, paragraph, rich

KIND_TITLES = {
    "exclusive": "Never together",
    "inherent": "Part of another service",
    "requires": "What a service rests on",
    "unit_limit": "Units by the day",
    "global_period": "Global periods",
    "component": "Components of an image",
    "same_service_twice": "The same work twice",
    "valid_on": "Dates of codes",
    "form": "Forms",
    "narrative": "Narratives, supplies, who made it",
    "separate_evaluation": "Visits beside procedures",
    "diagnosis": "Diagnosis and service",
    "patient": "Patient, side and payer",
}
"""Kinds of checks in words."""

STATUS_WORDS = {
    "deny": "deny: a payer that follows the rule refuses the line",
    "review": "review: a person must look",
    "warn": "warn: a payer's habit, or a risk",
    "unknown": "unknown: the claim does not say enough",
    "ok": "ok: fine, though it may look wrong",
}
"""Statuses in words."""


def edit_sections(domain: ManualDomain) -> list[nodes.Node]:
    """One section a kind, one row a check."""
    made: list[nodes.Node] = []
    for kind in KINDS:
        rules = [rule for rule in edit_rules().values() if rule.kind == kind]
        title = KIND_TITLES[kind]
        heads = [head(text) for text in ("Check", "Status", "What it says", "What to do")]
        rows = [_row(domain, rule) for rule in rules]
        made.append(
            section(f"edits-{kind.replace('_', '-')}", title, wide(title, table(title, heads, rows, "edits")))
        )
    return made


def _row(domain: ManualDomain, rule: EditRule) -> tag:
    said = re.sub(r"\{(\w+)\}", lambda found: f"[{found[1].replace('_', ' ')}]", rule.because)
    return element(
        "tr",
        element("th", element("p", rule.title), element("small", rule.id), scope="row"),
        element("td", STATUS_WORDS[rule.status]),
        element("td", *rich(said)),
        element(
            "td",
            paragraph(rule.remedy),
            *(paragraph(f"MAI {indicator}: {remedy}") for indicator, remedy in rule.remedies.items()),
            element(
                "p", element("span", "Guidance: ", class_="term"), *cite(rule.guidance), class_="documents"
            ),
        ),
        id=domain.note("edit", rule.id, f"{rule.title}, claim check"),
    )
