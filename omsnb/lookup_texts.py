"""What the manual knows of a code, of a diagnosis and of a word that is searched for, as data and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from omsnb.claim_tables import payers, places
from omsnb.decision_texts import paragraph
from omsnb.diagnoses import STATES, VALID, diagnoses, headings, longer, plain, state
from omsnb.fees import factors_text, worth_data, worth_text
from omsnb.lookups import ANSWERS, denials, modifiers
from omsnb.policies import named_payers, topics
from omsnb.records import Code
from omsnb.standing import BASIS, basis, source_data, standing, standing_data
from omsnb.tables import codes, crosswalk, facts, guidance, mue, sources, tables


def units_text(limit: Mapping[str, Any]) -> str:
    """A unit limit as text; 0 is a status at Medicare, which says nothing of other payers."""
    if not limit["units"]:
        return f"none paid by Medicare, a matter of status, from {limit['effective']}: {limit['source']}"
    return f"{limit['units']} from {limit['effective']} (MAI {limit['mai']}): {limit['source']}"


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
        lines.append(paragraph(factors_text(release)))
    if data["note"]:
        lines.append(paragraph(data["note"]))
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
