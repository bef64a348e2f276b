"""Kinds of payers, and what named payers have published, on one page."""

from __future__ import annotations

from docutils import nodes

from omsnb.claim_tables import forms, payers
from omsnb.payer_commands import tables_said
from omsnb.policies import Policy, newest, policies, topics
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.reference_codes import section
from omsnb.site.text import paragraph, rich
from omsnb.standing import marked


def payer_kinds(domain: ManualDomain) -> list[nodes.Node]:
    """Every kind of payer: its form, what it takes, and whether Medicare's tables hold for it."""
    rows = []
    for kind in payers().values():
        anchor = domain.note("payer", kind.name, f"Payer kind {kind.label}")
        takes = {"yes": "takes CDT codes", "no": "takes no CDT codes", "": "CDT codes: ask"}
        medical = kind.claim == "medical"
        rule = f"prolonged time: {kind.prolonged_rule or 'ask'}"
        rows.append(
            element(
                "tr",
                element("th", kind.label, scope="row"),
                element("td", forms()[kind.form].label),
                element("td", "; ".join((takes[kind.accepts_cdt], rule)) if medical else "CDT codes alone"),
                element("td", tables_said(kind) if medical else "none"),
                element("td", *(element("p", *rich(f"{marked(id)} [{id}]")) for id in kind.guidance)),
                id=anchor,
            )
        )
    heads = ("Kind", "Form", "Takes", "Medicare's pairs, limits and periods", "What is known")
    return [wide("Kinds of payers", table("Kinds of payers", [head(text) for text in heads], rows))]


def policy_sections(domain: ManualDomain) -> list[nodes.Node]:
    """What named payers have published, a section for each topic, the newest first."""
    sections: list[nodes.Node] = []
    for topic in topics().values():
        found = newest(policy for policy in policies().values() if policy.topic == topic.topic)
        if not found:
            continue
        rows = [_row(domain, policy) for policy in found]
        heads = ("Payer", "Date", "Position, in our words", "Where")
        shown = wide(topic.label, table(topic.label, [head(text) for text in heads], rows))
        sections.append(section(f"policies-{topic.topic}", topic.label, shown))
    return sections


def _row(domain: ManualDomain, policy: Policy) -> tag:
    kinds = ", ".join(payers()[kind].label for kind in policy.kinds)
    link = element("a", policy.title, href=policy.address, rel="noreferrer")
    return element(
        "tr",
        element("th", paragraph(policy.payer), element("small", kinds), scope="row"),
        element("td", policy.said_of),
        element("td", *rich(policy.position)),
        element("td", link),
        id=domain.note("policy", policy.policy, f"{policy.payer}: {topics()[policy.topic].label}"),
    )
