"""Tables to look things up in: modifiers, places of service, and denials."""

from __future__ import annotations

from collections.abc import Iterable

from docutils import nodes

from omsnb.claim_tables import places
from omsnb.diagnoses import diagnoses
from omsnb.lookups import ANSWERS, denials, modifiers
from omsnb.site.domain import ManualDomain
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import paragraph, reference, rich
from omsnb.tables import facts, sources

RATES = {"facility": "facility", "office": "office (non-facility)", "unknown": "not known to this manual"}
"""Medicare rates in words."""

LISTS = {"CARC": "reason", "RARC": "remark"}


def modifier_table(domain: ManualDomain) -> list[nodes.Node]:
    """Every modifier: what it says and on which kind of line it may stand."""
    rows = [
        _row(
            domain.note("modifier", mark.modifier, f"Modifier {mark.modifier}"),
            mark.modifier,
            [paragraph(mark.label), *([element("p", *rich(mark.note))] if mark.note else [])],
            [nodes.Text(", ".join(mark.stands_on))],
            [_source(mark.source)],
        )
        for mark in modifiers().values()
    ]
    return _shown("Modifiers", ("Modifier", "Says", "Stands on", "Source"), rows)


def place_table(domain: ManualDomain) -> list[nodes.Node]:
    """Every place of service: its rate, and the answer of the decision tables for which it stands."""
    told = facts()["place"].values
    rows = [
        _row(
            domain.note("place", place.code, f"Place of service {place.code}"),
            place.code,
            [nodes.Text(place.label)],
            [nodes.Text(RATES[place.rate])],
            [nodes.Text(str(told[place.place]) if place.place else "not told apart")],
        )
        for place in places().values()
    ]
    return _shown("Places of service", ("Place", "Is", "Medicare rate", "In the decision tables"), rows)


def denial_table(domain: ManualDomain) -> list[nodes.Node]:
    """Every reason and remark code, with its usual case here and the next step."""
    rows = [
        _row(
            domain.note("denial", denial.code, f"Denial {denial.number}"),
            f"{denial.number} ({LISTS[denial.code.partition('-')[0]]})",
            [nodes.Text(denial.label)],
            list(rich(denial.usual_case)),
            [
                element("p", *rich(denial.next_step)),
                element("small", ", ".join(ANSWERS[answer] for answer in denial.answers)),
            ],
        )
        for denial in denials().values()
    ]
    return _shown(
        "Denials", ("Code", "Means", "Usual case (our knowledge)", "Next step (our knowledge)"), rows
    )


def diagnosis_table(domain: ManualDomain) -> list[nodes.Node]:
    """Every diagnosis, with the days on which it may be billed."""
    rows = [
        _row(
            domain.note("diagnosis", entry.code, f"Diagnosis {entry.code}"),
            entry.code,
            [nodes.Text(entry.title)],
            [nodes.Text(entry.group)],
            [nodes.Text(f"{entry.begins or 'before 2026'} to {entry.ends or 'today'}")],
        )
        for entry in diagnoses().values()
    ]
    return _shown("Diagnoses", ("Code", "Title", "Group", "May be billed"), rows)


def _shown(title: str, heads: Iterable[str], rows: list[tag]) -> list[nodes.Node]:
    return [wide(title, table(title, [head(text) for text in heads], rows))]


def _row(anchor: str, name: str, *cells: Iterable[nodes.Node]) -> tag:
    return element(
        "tr", element("th", name, scope="row"), *(element("td", *cell) for cell in cells), id=anchor
    )


def _source(id: str) -> nodes.Node:
    return reference("source", id, nodes.inline("", sources()[id].title))
