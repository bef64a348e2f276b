"""Plain data and plain text of decisions and worksheets, for the command line and for notebooks.

Presents only: what is shown is decided in ``decisions`` and ``coding``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import fill
from typing import Any

from omsnb.answers import words
from omsnb.claim_tables import payers, places
from omsnb.coding import Alternative, NotReported, Prolonged, ServiceRow, Worksheet, units_of
from omsnb.decisions import Decision, Question
from omsnb.diagnoses import STATES, VALID, diagnoses, headings, longer, plain, state
from omsnb.fees import NOT_APPLIED, factors_text, worth_data, worth_text
from omsnb.line_text import line_text
from omsnb.lookups import ANSWERS, denials, modifiers
from omsnb.paper import Comparison
from omsnb.policies import known_lines, named_payers, position_data, positions_on, topics
from omsnb.records import DAY, Allowed, Code, Fact, Row
from omsnb.standing import BASIS, INFERENCE, basis, cited, row_basis, source_data, standing, standing_data
from omsnb.summary import SummaryEntry, decided, summary
from omsnb.tables import codes, crosswalk, facts, guidance, mue, sources, tables
from omsnb.tables.vocabulary import day_text

WIDTH = 100


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
        "on": _allowed(facts()[DAY], worksheet.on),
        "answers": _answers(worksheet.answers),
        "lines": [_summary(entry) for entry in summary(worksheet)],
        "codes": list(worksheet.codes),
        "evaluation": {
            **_service(worksheet.evaluation),
            "prolonged": {entry.rule: _prolonged(entry) for entry in worksheet.prolonged},
        },
        "rows": [_service(row) for row in worksheet.rows],
        "open": [_question(question, day_text(worksheet.on[-1])) for question in worksheet.questions],
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


def _answers(given: Mapping[str, Allowed]) -> dict[str, str]:
    return {name: _allowed(facts()[name.rpartition(".")[2]], allowed) for name, allowed in given.items()}


def _allowed(fact: Fact, allowed: Allowed) -> str:
    if isinstance(allowed, range) and fact.kind == "day":
        return "..".join(dict.fromkeys((day_text(allowed[0]), day_text(allowed[-1]))))
    if isinstance(allowed, range):
        return str(allowed[0]) if len(allowed) == 1 else f"{allowed[0]}..{allowed[-1]}"
    return "|".join(sorted(allowed))


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
        "open": [_asked(question) for question in row.open],
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


def _asked(question: Question) -> dict[str, Any]:
    return {"fact": question.fact, "question": question.text, "answers": list(question.answers)}


def _question(question: Question, day: str) -> dict[str, Any]:
    """A question with what payers had published on it by a day."""
    return {
        **_asked(question),
        "positions": [position_data(policy) for policy in positions_on(question.fact, day)],
    }


PUBLISHED = "What payers have published on it (dated, not your plan's word; ask it)"


def known_text(asked: Iterable[Question], days: range) -> list[str]:
    """What payers have published on the questions that are open, for the days of an answer; empty where nothing is."""
    found = known_lines((question.fact for question in asked), day_text(days[-1]))
    shown = [
        fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)
        for line in found
    ]
    return ["", PUBLISHED, *shown] if shown else []


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


def decision_data(decision: Decision) -> dict[str, Any]:
    """A decision as plain lists and dictionaries, ready for JSON."""
    return {
        "table": decision.table.name,
        "title": decision.table.title,
        "on": _allowed(facts()[DAY], decision.on),
        "given": _answers(decision.given),
        "lines": [line.text for line in decided(decision).lines],
        "codes": list(decision.codes),
        "settled": decision.settled,
        "rows": [_row(row, decision.state) for row in decision.rows],
        "on_the_way": {fact: _row(row) for fact, row in decision.on_the_way.items()},
        "open": [_question(question, day_text(decision.on[-1])) for question in decision.questions],
        "fallen": [
            {**_row(entry.row), "ruled_out_by": [str(reason) for reason in entry.reasons]}
            for entry in decision.fallen
        ],
        "sources": list(decision.sources),
        "cited": source_data(id for row in decision.used for id in row.guidance),
        "basis": {row.id: row_basis(row) for row in decision.used},
        "inference": list(to_verify(decision.used)),
        "standing": standing_data(id for row in decision.used for id in row.guidance),
    }


def _row(row: Row, state: Mapping[str, Allowed] | None = None) -> dict[str, Any]:
    return {
        "row": row.id,
        "line": outcome_text(row, state) if row.report else None,
        "report": row.report or None,
        "modifiers": list(row.modifiers),
        "units": row.units or None,
        "concludes": dict(row.concludes),
        "because": row.because,
        "guidance": list(row.guidance),
    }


def code_data(code: Code) -> dict[str, Any]:
    """All that the manual knows of a code: indicators, unit limits, and the rows and pairs that name it."""
    return {
        "code": code.code,
        "system": code.system,
        "chapter": code.chapter,
        "label": code.label,
        "by_report": code.by_report,
        "component_split": code.component_split,
        "global_days": code.global_days or None,
        "medicare_status": code.medicare_status or None,
        "effective_from": code.effective_from or None,
        "effective_to": code.effective_to or None,
        "note": code.note or None,
        "source": sources()[code.source].dated,
        "confirmed": code.confirmed,
        "synonyms": list(code.synonyms),
        "mue": [
            {
                "effective": limit.effective,
                "units": limit.units,
                "mai": limit.mai,
                "source": sources()[limit.source].dated,
            }
            for limit in mue()
            if limit.code == code.code
        ],
        "worth": worth_data(code.code),
        "rows": [row.id for table in tables().values() for row in table.rows if row.report == code.code],
        "crosswalk": [
            entry.id
            for entry in crosswalk().values()
            if code.code in {part.partition("-")[0] for part in (*entry.medical, *entry.dental)}
        ],
    }


def outcome_text(row: Row, state: Mapping[str, Allowed] | None = None) -> str:
    """What a row leads to, in one phrase: ``70486-26``, ``not reported`` or what it concludes.

    ``state``: what the facts may be, for units that follow from them: ``99417 ×2``, or ``99417 ×1..4`` while facts are
    open. Without it such units are left out.
    """
    if row.report:
        units = row.units if row.units.isdigit() else units_of(row, state) if state is not None else 1
        return line_text(row.report, row.modifiers, units)
    if row.concludes:
        concluded = ((facts()[fact], value) for fact, value in row.concludes.items())
        return "; ".join(f"{fact.question} {fact.label(value)}" for fact, value in concluded)
    return "not reported"


ON_THE_WAY = "Worked out on the way"
VERIFY = "Our inference, not checked against a source; verify before you rely on it:"
ALONE = "This answer rests on our inference alone."


def to_verify(rows: Iterable[Row]) -> tuple[str, ...]:
    """Statements behind rows that are our inference, each once."""
    ids = dict.fromkeys(id for row in rows for id in row.guidance)
    return tuple(id for id in ids if basis(id) == INFERENCE)


def verify_text(rows: Iterable[Row]) -> str:
    """What of rows is our inference, as a sentence that says so where one rests on nothing else; empty for none."""
    rows = tuple(rows)
    doubtful = to_verify(rows)
    alone = (
        [f"{ALONE} ({', '.join(ids)})"]
        if (ids := [row.id for row in rows if row_basis(row) == INFERENCE])
        else []
    )
    return " ".join([*alone, *([f"{VERIFY} {', '.join(doubtful)}"] if doubtful else [])])


def settled_text(fact: str, row: Row) -> str:
    """What a row of another table settles, as question and answer."""
    return f"{facts()[fact].question} {facts()[fact].label(row.concludes[fact])}"


def _paragraph(text: str, indent: str = "  ") -> str:
    return fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _question_text(question: Question) -> str:
    fact = facts()[question.fact]
    number = "a day such as 2026-03-01" if fact.kind == "day" else f"a whole number of {fact.unit}"
    answers = ", ".join(f"{value} ({fact.label(value)})" for value in question.answers) or number
    return _paragraph(f"{question.text} {question.fact} = {answers}")


def _ways(row: ServiceRow) -> Iterable[str]:
    for way in row.alternatives:
        yield f"  {way!s:<12} {'|'.join(way.claims):<15} {codes()[way.code].label}"
    for reason in dict.fromkeys(entry.because for entry in row.not_reported):
        yield _paragraph(f"not reported: {reason}")


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


def on_text(given: Mapping[str, Allowed], days: range) -> str:
    """For which day an answer is, in one sentence; ``days``: those it is for, ``given``: what was answered."""
    shown = words(facts()[DAY], days)
    if DAY in given:
        return f"For a service on {shown}." if len(days) == 1 else f"For a service: {shown}."
    return f"For a service on {shown}, the day of this edition, since none is given (on = a day)."


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
    lines += [_paragraph(text) for text in dict.fromkeys(value_text(way) for way in ways)]
    lines.append(_paragraph(NOT_APPLIED))
    if worksheet.questions:
        lines += ["", "Still open", *(_question_text(question) for question in worksheet.questions)]
        lines += known_text(worksheet.questions, worksheet.on)
    if worksheet.documents:
        lines += ["", "Keep", *(_paragraph(f"- {document.label}") for document in worksheet.documents)]
    for departure in worksheet.departures:
        lines += [
            "",
            _paragraph(
                f"Against the case: {departure.fact} is {departure.stated}; answered {departure.answered}.",
                "",
            ),
        ]
    if worksheet.discrepancies:
        lines += ["", "Where the paper needs care"]
        lines += [_paragraph(f"{entry.number}. {entry.manual_does}") for entry in worksheet.discrepancies]
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


def decision_text(decision: Decision) -> str:
    """A decision as text for a terminal: rows left with reasons, what is still open, what fell away and why."""
    lines = [decision.table.title, on_text(decision.given, decision.on), ""]
    for row in decision.rows:
        lines += [
            f"  {outcome_text(row, decision.state)}",
            _paragraph(f"{row.because} [{', '.join(row.guidance)}]", "      "),
        ]
    if decision.on_the_way:
        lines += ["", ON_THE_WAY]
        lines += [
            _paragraph(f"{settled_text(fact, row)}: {row.because} [{', '.join(row.guidance)}]")
            for fact, row in decision.on_the_way.items()
        ]
    if not decision.rows:
        lines.append("  no row is left: the facts lie outside what this table decides")
    if decision.questions:
        lines += ["", "Still open", *(_question_text(question) for question in decision.questions)]
        lines += known_text(decision.questions, decision.on)
    if decision.fallen:
        lines += ["", "Fell away"]
        for entry in decision.fallen:
            lines.append(_paragraph(f"{outcome_text(entry.row)}: {'; '.join(str(r) for r in entry.reasons)}"))
    lines += [
        "",
        *(
            f"Source: {source}"
            for source in cited(dict.fromkeys(id for row in decision.used for id in row.guidance))
        ),
    ]
    if verify := verify_text(decision.used):
        lines += ["", _paragraph(verify, "")]
    return "\n".join(lines)


def units_text(limit: Mapping[str, Any]) -> str:
    """A unit limit as text; 0 is a status at Medicare, which says nothing of other payers."""
    if not limit["units"]:
        return f"none paid by Medicare, a matter of status, from {limit['effective']}: {limit['source']}"
    return f"{limit['units']} from {limit['effective']} (MAI {limit['mai']}): {limit['source']}"


def code_text(data: Mapping[str, Any]) -> str:
    """A code as text for a terminal."""
    lines = [f"{data['code']}  {data['label']}  ({data['system']})"]
    shown = {
        "by report": "yes" if data["by_report"] else "no",
        "26/TC split": "yes" if data["component_split"] else "no",
        "global days": data["global_days"] or "not given",
        "Medicare status": data["medicare_status"] or "not given",
        "valid": f"{data['effective_from'] or 'before 2021'} to {data['effective_to'] or 'today'}",
        "decided by": ", ".join(data["rows"]) or "no table",
        "crosswalk": ", ".join(data["crosswalk"]) or "none",
    }
    lines += [f"  {name:<16} {value}" for name, value in shown.items()]
    lines += [f"  {'units a day':<16} {units_text(limit)}" for limit in data["mue"]]
    lines += [f"  {'Medicare value':<16} {worth_text(row)}" for row in data["worth"]]
    for release in dict.fromkeys(row["release"] for row in data["worth"]):
        lines.append(_paragraph(factors_text(release)))
    if data["note"]:
        lines.append(_paragraph(data["note"]))
    lines.append(f"  Source: {data['source']}" + ("" if data["confirmed"] else " (unconfirmed)"))
    return "\n".join(lines)


def diagnosis_data(code: str, day: str) -> dict[str, Any]:
    """What the manual knows of a diagnosis on a day (``2026-03-01``); ``state`` is a key of ``diagnoses.STATES``."""
    known = diagnoses().get(plain(code))
    return {
        "code": plain(code),
        "on": day,
        "state": state(code, day),
        "billable": True if state(code, day) == VALID else None if state(code, day) == "unknown" else False,
        "title": known.title if known else None,
        "group": known.group if known else None,
        "from": (known.begins or None) if known else None,
        "until": (known.ends or None) if known else None,
        "longer": [{"code": other, "title": diagnoses()[other].title} for other in longer(code)]
        if plain(code) in headings()
        else [],
        "source": sources()[known.source].title if known else None,
        "edition": sources()[known.source].edition if known else None,
    }


def diagnosis_text(data: Mapping[str, Any]) -> str:
    """A diagnosis as text for a terminal."""
    lines = [
        f"{data['code']}  {data['title'] or ''}".rstrip(),
        f"  On {data['on']} it {STATES[data['state']]}.",
    ]
    if data["from"] or data["until"]:
        lines.append(f"  Valid from {data['from'] or 'before'} to {data['until'] or 'today'}.")
    lines += [f"  {other['code']:<10} {other['title']}" for other in data["longer"]]
    if data["source"]:
        lines.append(f"  Source: {data['source']}, {data['edition']}")
    return "\n".join(lines)


def search_data(query: str) -> list[dict[str, Any]]:
    """What holds every word of the query: codes, tables, modifiers, places, denials and statements, in this order.

    What a word with a digit, or of two capitals, names exactly (``59``, ``CO-97``, ``AI``) comes first. A code number
    or a synonym (``panorex``) finds its code. A statement that current rules overrule, or that a note is about, has its
    mark as ``standing`` (see ``omsnb.standing``); for others that is None.
    """
    wanted = query.casefold().split()
    named = {
        word.casefold()
        for word in query.split()
        if any(character.isdigit() for character in word) or (len(word) == 2 and word.isupper())
    }
    found = [
        (named.isdisjoint(name.casefold() for name in names), kind, names[0], text)
        for kind, names, text, words_in in _searched()
        if wanted and all(word in words_in.casefold() for word in wanted)
    ]
    return [
        {
            "kind": kind,
            "id": id,
            "text": text,
            "standing": standing_data([id]).get(id) if kind == "guidance" else None,
            "basis": basis(id) if kind == "guidance" else None,
            "sources": source_data([id]) if kind == "guidance" else [],
        }
        for _, kind, id, text in sorted(found, key=lambda entry: entry[0])
    ]


def _searched() -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    """All that can be found: its kind, its names (the first is its id), what is shown, and the words to look in.

    A question that chooses between tables comes before the codes where a name alone does not settle one.
    """
    for name in dict.fromkeys(fact for table in tables().values() for fact in table.scope):
        if facts()[name].about:
            labels = "; ".join(value.label for value in facts()[name].values.values())
            yield "question", (name,), f"{facts()[name].question} ({labels})", facts()[name].about
    for code in codes().values():
        yield "code", (code.code,), code.label, " ".join((code.code, code.label, *code.synonyms, code.note))
    for table in tables().values():
        yield "table", (table.name,), table.title, " ".join((table.name, table.title, table.about))
    for mark in modifiers().values():
        text = f"{mark.label}. On lines: {', '.join(mark.stands_on)}." + (
            f" {mark.note}" if mark.note else ""
        )
        yield "modifier", (mark.modifier,), text, f"modifier {mark.modifier} {text}"
    for place in places().values():
        text = f"{place.label}. Medicare rate: {place.rate}."
        yield "place", (place.code,), text, f"place of service POS {place.code} {text}"
    for denial in denials().values():
        done = ", ".join(ANSWERS[answer] for answer in denial.answers)
        text = f"{denial.label}. Our own advice: {denial.next_step} ({done})"
        looked_in = " ".join(("denial reason remark", *denial.names, text, denial.usual_case))
        yield "denial", (denial.code, *denial.names), text, looked_in
    for kind in payers().values():
        yield "payer", (kind.name,), kind.label, f"payer plan {kind.name} {kind.label}"
    for name, own in named_payers().items():
        about = ", ".join(dict.fromkeys(topics()[policy.topic].label for policy in own))
        text = f"Published positions on: {about} (payer {name})"
        yield "payer", (name,), text, f"payer plan {name} {text}"
    for diagnosis in diagnoses().values():
        text = f"{diagnosis.title} ({diagnosis.group})"
        yield "diagnosis", (diagnosis.code,), text, f"diagnosis ICD {diagnosis.code} {text}"
    for entry in guidance().values():
        yield "guidance", (entry.id,), entry.statement, f"{entry.id} {entry.statement}"


def search_text(found: Iterable[Mapping[str, Any]]) -> str:
    """What a search found, an entry a line; a statement's mark stands before it, and what holds instead beneath it."""
    lines = []
    for entry in found:
        mark = standing(entry["id"]) if entry["standing"] else None
        said = f"[{mark}] " if mark else ""
        rests = f" ({BASIS[entry['basis']]})" if entry["basis"] and not (mark and mark.overruled) else ""
        lines.append(f"{entry['kind']:<9} {entry['id']:<18} {said}{entry['text']}{rests}")
        if mark and mark.overruled:
            lines += [f"{'':<9} {'instead: ' + id:<18} {guidance()[id].statement}" for id in mark.instead]
    return "\n".join(lines) or "nothing found"


__all__ = [
    "code_data",
    "code_text",
    "decision_data",
    "decision_text",
    "outcome_text",
    "search_data",
    "search_text",
    "words",
    "worksheet_data",
    "worksheet_text",
]
