"""Worksheets as plain data and as text for people, for the command line and for notebooks.

Presents only: what is shown is decided in ``coding``.
"""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import Any

from omsnb.coding import Alternative, NotReported, Prolonged, ServiceRow, Worksheet
from omsnb.decision_texts import (
    WIDTH,
    allowed_text,
    answers_data,
    asked_data,
    known_text,
    on_text,
    paragraph,
    question_data,
    question_text,
)
from omsnb.fees import NOT_APPLIED, worth_data, worth_text
from omsnb.line_text import line_text
from omsnb.paper import Comparison
from omsnb.records import DAY
from omsnb.standing import standing_data
from omsnb.summary import SummaryEntry, summary
from omsnb.tables import codes, facts, mue
from omsnb.tables.vocabulary import day_text


def worksheet_data(worksheet: Worksheet, comparison: Comparison) -> dict[str, Any]:
    """A worksheet as plain lists and dictionaries, ready for JSON.

    ``lines`` is what may go on the claim, the visit first. ``codes`` is the list as the paper prints it, numbers alone;
    ``evaluation`` stands apart from it, as in the paper.
    """
    return {
        "case": worksheet.case.name,
        "title": worksheet.case.title,
        "variant": worksheet.variant.name if worksheet.variant else None,
        "reading": worksheet.reading,
        "on": allowed_text(facts()[DAY], worksheet.on),
        "answers": answers_data(worksheet.answers),
        "lines": [_summary(entry) for entry in summary(worksheet)],
        "codes": list(worksheet.codes),
        "evaluation": {
            **_service(worksheet.evaluation),
            "prolonged": {entry.rule: _prolonged(entry) for entry in worksheet.prolonged},
        },
        "rows": [_service(row) for row in worksheet.rows],
        "open": [question_data(question, day_text(worksheet.on[-1])) for question in worksheet.questions],
        "not_reported": [_not_reported(entry) for entry in worksheet.not_reported],
        "documents": [
            {"id": document.id, "label": document.label, "guidance": list(document.guidance)}
            for document in worksheet.documents
        ],
        "discrepancies": [
            {
                "id": entry.id,
                "number": entry.number,
                "kind": entry.kind,
                "paper_says": entry.paper_says,
                "current_rule": entry.current_rule,
                "manual_does": entry.manual_does,
            }
            for entry in worksheet.discrepancies
        ],
        "departures": [
            {"fact": entry.fact, "stated": entry.stated, "answered": entry.answered}
            for entry in worksheet.departures
        ],
        "paper": {
            "codes": list(comparison.printed),
            "missing": list(comparison.missing),
            "surplus": list(comparison.surplus),
            "modifiers_missing": list(comparison.modifiers_missing),
            "modifiers_added": list(comparison.modifiers_added),
        },
        "equal": comparison.equal,
        "standing": standing_data(
            id for row in (worksheet.evaluation, *worksheet.rows) for id in row.guidance
        ),
    }


def _summary(entry: SummaryEntry) -> dict[str, Any]:
    return {
        "service": entry.service,
        "label": entry.label,
        "lines": [line.text for line in entry.lines],
        "or_none": entry.or_none,
        "settled": entry.settled,
    }


def _service(row: ServiceRow) -> dict[str, Any]:
    return {
        "service": row.name,
        "label": row.label,
        "alternatives": [_alternative(way) for way in row.alternatives],
        "open": [asked_data(question) for question in row.open],
        "because": list(row.because),
        "guidance": list(row.guidance),
    }


def _alternative(way: Alternative) -> dict[str, Any]:
    return {
        "line": str(way),
        "code": way.code,
        "modifiers": list(way.modifiers),
        "units": int(way.units) if way.units.isdigit() else way.units,
        "claim": "|".join(way.claims),
        "label": codes()[way.code].label,
        "value": value_data(way.code, way.modifiers),
        "because": list(way.because),
        "guidance": list(way.guidance),
        "rows": list(way.rows),
    }


def value_data(code: str, modifiers: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a claim line may hold and what a unit is worth: newest unit limit, global period, Medicare value."""
    limits = [limit for limit in mue() if limit.code == code]
    return {
        "unit_limit": limits[-1].units if limits else None,
        "unit_limit_of": limits[-1].effective if limits else None,
        "global_days": codes()[code].global_days or None,
        "worth": worth_data(code, modifiers or ("",)),
    }


def value_text(way: Alternative) -> str:
    """The value of a line in one sentence, for people."""
    data = value_data(way.code, way.modifiers)
    limit = (
        f"limit {data['unit_limit']} (table of {data['unit_limit_of']})"
        if data["unit_limit_of"]
        else "unit limit not held"
    )
    worth = worth_text(data["worth"][0]) if data["worth"] else "not in the fee schedule held here"
    return f"{way!s}: units {way.units}; {limit}; global {data['global_days'] or 'not given'}; {worth}"


def _not_reported(entry: NotReported) -> dict[str, Any]:
    return {
        "service": entry.service,
        "label": entry.label,
        "because": entry.because,
        "guidance": list(entry.guidance),
        "unless": list(entry.unless),
    }


def _prolonged(entry: Prolonged) -> dict[str, Any]:
    return {
        "lines": [line_text(code, (), units) for code, units in entry.lines],
        "code": entry.code or None,
        "units": entry.units,
        "because": list(entry.because),
    }


def _ways(row: ServiceRow) -> Iterable[str]:
    for way in row.alternatives:
        yield f"  {way!s:<12} {'|'.join(way.claims):<15} {codes()[way.code].label}"
    for reason in dict.fromkeys(entry.because for entry in row.not_reported):
        yield paragraph(f"not reported: {reason}")


MAY_GO = "Lines that may go on the claim"


def summary_text(entries: Iterable[SummaryEntry]) -> list[str]:
    """A summary for people, a service a line: what is settled, and what one of its lines hangs on."""
    shown = [
        fill(
            f"{entry.label}: {entry}{'' if entry.settled else ' (open)'}",
            WIDTH,
            initial_indent="  ",
            subsequent_indent="      ",
            break_on_hyphens=False,
        )
        for entry in entries
    ]
    return shown or ["  none"]


def worksheet_text(worksheet: Worksheet, comparison: Comparison) -> str:
    """A worksheet as text for a terminal."""
    variant = f" ({worksheet.variant.label})" if worksheet.variant else ""
    lines = [
        f"{worksheet.case.title}{variant}",
        on_text(worksheet.answers, worksheet.on),
        "",
        MAY_GO,
        *summary_text(summary(worksheet)),
        "",
    ]
    lines += ["Evaluation", *_ways(worksheet.evaluation)]
    for entry in worksheet.prolonged:
        rule = facts()["prolonged_rule"].label(entry.rule)
        units = (
            "depends on facts still open"
            if entry.units is None
            else f"{entry.units} unit(s) {entry.code}".rstrip()
        )
        lines.append(f"  prolonged time, {rule} rule: {units}")
    for row in worksheet.rows:
        lines += ["", row.label, *_ways(row)]
    lines += ["", "What is it worth? (Medicare)"]
    ways = [way for row in (worksheet.evaluation, *worksheet.rows) for way in row.alternatives]
    lines += [paragraph(text) for text in dict.fromkeys(value_text(way) for way in ways)]
    lines.append(paragraph(NOT_APPLIED))
    if worksheet.questions:
        lines += ["", "Still open", *(question_text(question) for question in worksheet.questions)]
        lines += known_text(worksheet.questions, worksheet.on)
    if worksheet.documents:
        lines += ["", "Keep", *(paragraph(f"- {document.label}") for document in worksheet.documents)]
    for departure in worksheet.departures:
        lines += [
            "",
            paragraph(
                f"Against the case: {departure.fact} is {departure.stated}; answered {departure.answered}.",
                "",
            ),
        ]
    if worksheet.discrepancies:
        lines += ["", "Where the paper needs care"]
        lines += [paragraph(f"{entry.number}. {entry.manual_does}") for entry in worksheet.discrepancies]
    lines += ["", f"Paper: {' '.join(comparison.printed)}", f"Equal: {_verdict(comparison)}"]
    return "\n".join(lines)


def _verdict(comparison: Comparison) -> str:
    if comparison.equal is None:
        return "not compared, since answers were given or the story was read strictly"
    if not comparison.equal:
        parts = {
            "missing": comparison.missing,
            "beyond the paper": comparison.surplus,
            "modifiers missing": comparison.modifiers_missing,
        }
        return "no; " + (
            "; ".join(f"{name}: {' '.join(found)}" for name, found in parts.items() if found) or "order"
        )
    added = comparison.modifiers_added
    return "yes" + (
        f"; modifiers that follow though the paper prints none: {' '.join(added)}" if added else ""
    )
