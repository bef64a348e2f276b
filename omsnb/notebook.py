"""Tables for notebooks: a worksheet, a decision or claims as a pandas table, labels for people. Presents only.

pandas is imported when a table is asked for, so that importing this module needs the standard library alone.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from omsnb.answers import words
from omsnb.claims import Claim, place_of, read_rows
from omsnb.coding import Worksheet
from omsnb.decision_texts import outcome_text
from omsnb.decisions import Decision
from omsnb.descriptors import descriptors
from omsnb.edits import Report
from omsnb.paper import compare
from omsnb.summary import summary, summary_lines
from omsnb.tables import codes, facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pandas import DataFrame


LICENSED = "Your licensed wording"


def _table(rows: Iterable[dict[str, str]], columns: Iterable[str]) -> DataFrame:
    from pandas import DataFrame, set_option

    set_option("display.max_colwidth", None)
    first = next(iter(columns))
    # the name stands on the columns, since a named index would get a header row of its own
    return (
        DataFrame(list(rows), columns=list(columns)).set_index(first).rename_axis(index=None, columns=first)
    )


def services(worksheet: Worksheet, *names: str) -> DataFrame:
    """The alternatives of a worksheet's services, one a row.

    ``names``: the services wanted, in the worksheet's words; none means all but the evaluation.
    Raises ``ValueError`` for a service that the case does not have.
    """
    known = {row.name: row for row in (worksheet.evaluation, *worksheet.rows)}
    for name in names:
        if name not in known:
            raise ValueError(
                f"service: {name!r} is not in case {worksheet.case.name}; allowed: {', '.join(known)}"
            )
    chosen = [known[name] for name in names] or list(worksheet.rows)
    found = []
    for row in chosen:
        for way in row.alternatives:
            found.append(
                {
                    "Service": row.label,
                    "Report": str(way),
                    "Claim": " or ".join(way.claims),
                    "What it is": codes()[way.code].label,
                    "Why": " ".join(way.because),
                }
            )
        if not row.alternatives:
            for entry in row.not_reported:
                found.append(
                    {
                        "Service": row.label,
                        "Report": "–",
                        "Claim": "",
                        "What it is": "not reported",
                        "Why": entry.because,
                    }
                )
    columns = ["Service", "Report", "Claim", "What it is", "Why"]
    if licensed := descriptors():
        # beside our label, in this table alone: nothing is stored
        columns.insert(4, LICENSED)
        for made in found:
            made[LICENSED] = licensed.get(made["Report"][:5], "")
    return _table(found, columns)


def summary_table(worksheet: Worksheet) -> DataFrame:
    """The lines that may go on the claim, a service a row, the visit first."""
    found = [
        {
            "Service": entry.label,
            "May go on the claim": str(entry),
            "State": "settled" if entry.settled else "open",
        }
        for entry in summary(worksheet)
    ]
    return _table(found, ("Service", "May go on the claim", "State"))


def given_facts(worksheet: Worksheet) -> DataFrame:
    """The facts of a case in both readings, with what each rests on."""
    case, way = worksheet.case, worksheet.variant
    parts = [("", entry) for entry in (*case.facts, *(way.facts if way else ()))]
    for service in (*case.services, *(way.services if way else ())):
        parts += [(service.label, entry) for entry in service.facts]
    found = [
        {
            "Question": facts()[entry.fact].question + (f" ({where})" if where else ""),
            "For the printed list": _said(entry.fact, entry.value),
            "By the story alone": _said(entry.fact, entry.narrative),
            "Rests on": f"{entry.basis}: {entry.where}",
        }
        for where, entry in parts
    ]
    return _table(found, ("Question", "For the printed list", "By the story alone", "Rests on"))


def _said(fact: str, text: str) -> str:
    return " or ".join(facts()[fact].label(value) for value in text.split("|")) if text else "open"


def open_questions(worksheet: Worksheet) -> DataFrame:
    """The questions that still narrow a worksheet, the one that narrows most first."""
    found = [
        {
            "Question": question.text,
            "Answers": ", ".join(facts()[question.fact].label(value) for value in question.answers)
            or f"a number of {facts()[question.fact].unit}",
        }
        for question in worksheet.questions
    ]
    return _table(found, ("Question", "Answers"))


def fallen(decision: Decision) -> DataFrame:
    """The rows that the facts ruled out, and by which fact."""
    found = [
        {
            "Fell away": outcome_text(entry.row),
            "Because": "; ".join(
                f"{facts()[reason.fact].question} {words(facts()[reason.fact], reason.given)}"
                for reason in entry.reasons
            ),
        }
        for entry in decision.fallen
    ]
    return _table(found, ("Fell away", "Because"))


def lines(worksheet: Worksheet) -> str:
    """The lines that may go on the claim as plain text, each once, one a line, for checked cells.

    The visit stands first; while it is open one line counts what is left of it.
    """
    entries = summary(worksheet)
    visit = [entry for entry in entries if entry.service == worksheet.evaluation.name]
    menu = [f"visit: open, {len(visit[0].lines)} lines are left"] if visit and not visit[0].settled else []
    found = summary_lines(entry for entry in entries if not (menu and entry in visit))
    return "\n".join([*menu, *found]) or "no line"


def beside_the_paper(worksheet: Worksheet) -> str:
    """The derived and the printed list as plain text, one code a line, with ``=`` where they agree."""
    comparison = compare(worksheet)
    longest = max(len(comparison.derived), len(comparison.printed))
    padded = [(*found, *[""] * (longest - len(found))) for found in (comparison.derived, comparison.printed)]
    return "\n".join(
        f"{derived:<7}{'=' if derived == printed else 'x'} {printed}"
        for derived, printed in zip(*padded, strict=True)
    )


def claims_from(text: str, **head: str) -> tuple[Claim, ...]:
    """Claims from lines of CSV with a header, for an example.

    ``head``: cells that all lines share, by the names of ``claim-fields.csv``. Raises ``ValueError`` with every fault.
    """
    rows = enumerate(csv.DictReader(io.StringIO(text.strip())), start=2)
    cells = ((number, {**head, **{name: cell or "" for name, cell in row.items()}}) for number, row in rows)
    reading = read_rows(cells)
    if reading.faults:
        raise ValueError("; ".join(map(str, reading.faults)))
    return reading.claims


def claim_lines(claims: Iterable[Claim]) -> DataFrame:
    """Claims as a table, one line a row."""
    found = [
        {
            "Line": f"{claim.claim}, line {line.line}",
            "Date": line.date.isoformat(),
            "Code": str(line),
            "Place": place_of(claim, line),
            "What it is": codes()[line.code].label if line.code in codes() else "not known to the manual",
        }
        for claim in claims
        for line in claim.lines
    ]
    return _table(found, ("Line", "Date", "Code", "Place", "What it is"))


def findings(report: Report, *statuses: str) -> str:
    """Findings as plain text for checked cells: a line that says what is wrong, and one with the remedy.

    ``statuses`` keeps only those.
    """
    kept = report.of_status(*statuses) if statuses else report.findings
    told = (
        f"{entry.status:<8}{entry.rule}: {entry.because}\n        Remedy: {entry.remedy}" for entry in kept
    )
    return "\n".join(told) or "nothing found"
