"""The command line's part for claims: check, claim, periods, audit, template, export, letter."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from omsnb.cell_dates import ORDERS
from omsnb.claim_building import ANY, build_claims
from omsnb.claim_files import read_claims, template_bytes, write_claims
from omsnb.claim_tables import forms, payers, period_kinds
from omsnb.claims import Claim, Fault, Reading, ServiceLine, form_of, nothing_read
from omsnb.coding import READINGS, code_case
from omsnb.column_maps import own_map
from omsnb.edits import Finding, Report, check
from omsnb.letters import FORMATS, letters, letters_for, write_letter
from omsnb.own_tables import FOLDER, OwnTables, own_data, own_folder, own_text, read_own_tables
from omsnb.payer_plans import find_plan, plans
from omsnb.periods import last_safe_date, period_of, read_date
from omsnb.plan_rules import plan_data
from omsnb.preview import claims_page
from omsnb.standing import source_data, standing_data
from omsnb.streams import complain
from omsnb.table_rows import Options
from omsnb.tables import codes
from omsnb.writing import check_target, write_whole

FINE, FOUND = 0, 1
REFUSED, NOTE = "REFUSED", "NOTE"
LISTED = ("deny", "review", "warn", "ok")
"""Findings that an audit lists one by one where nothing else is said; unknown ones are summed."""

MANY = 20
"""Faults that are said one by one; the rest are counted."""

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]
ReadFacts = Callable[[Sequence[str]], dict[str, Any]]


def add_commands(add: Add, show: Show, read_facts: ReadFacts) -> None:
    """Adds the commands to the command line. ``add``, ``show`` and ``read_facts`` are the command line's own."""
    checked = add("check", lambda said: _check(said, show), "Checks a claim file line by line.")
    checked.add_argument(
        "file", help="claim lines: a table, .xlsx, .json, FHIR .json, or X12 837 under any name"
    )
    _add_reading(checked)
    checked.add_argument("--payer", choices=list(payers()), help="for claims that name none")
    checked.add_argument("--plan", metavar="NAME", help="a plan of your own files, for claims that name none")
    checked.add_argument("--form", choices=list(forms()), help="for claims that name none")
    _add_tables(checked)
    checked.add_argument("--all", action="store_true", help="tell of the rules that found nothing, too")

    built = add("claim", lambda said: _claim(said, show, read_facts), "Turns a coded case into claim lines.")
    built.add_argument("name")
    built.add_argument(
        "facts", nargs="*", metavar="fact=value", help="answers: fact=value or service.fact=value"
    )
    built.add_argument("--payer", choices=list(payers()), help="wanted, unless --plan says it")
    built.add_argument("--plan", metavar="NAME", help="a plan of your own files (OMSNB_PAYERS)")
    built.add_argument(
        "--dates", required=True, nargs="+", metavar="service=date", help="or one date for all services"
    )
    built.add_argument("--place", default="", help="two-digit place of service where the case leaves it open")
    built.add_argument("--patient", default="P-1", help="a key of your own")
    built.add_argument("--provider", default="", help="a key of your own")
    built.add_argument("--diagnoses", default="", metavar="ICD|ICD", help="ICD-10-CM codes joined by a bar")
    built.add_argument("--pointers", nargs="+", default=[], metavar="service=letters")
    built.add_argument("--reading", choices=READINGS, default=READINGS[0])
    built.add_argument("--variant")
    built.add_argument("-o", "--out", metavar="FILE", help="write a claim file, too: .csv, .xlsx or .json")

    period = add("periods", lambda said: _periods(said, show), "Counts the days of a code's global period.")
    period.add_argument("code")
    period.add_argument("date", help="day of the procedure, such as 2026-03-12")

    audited = add("audit", lambda said: _audit(said, show), "Checks a large file of claim lines.")
    audited.add_argument(
        "file", help="claim lines: .csv or .parquet of any size, or any other file that check reads"
    )
    audited.add_argument(
        "--only", default="", metavar="STATUSES", help="findings to write, such as deny,review"
    )
    audited.add_argument(
        "--summary", default="", metavar="FILE", help="write the summary, too: .txt, .json or .html"
    )
    _add_reading(audited)
    _add_tables(audited)
    audited.add_argument("-o", "--out", required=True, help="findings: .csv or .parquet")
    audited.add_argument("--engine", default="pandas", help="pandas or dask")
    audited.add_argument("--scheduler", default="", help="address of a Dask scheduler")
    audited.add_argument("--quiet", action="store_true", help="no progress bar")

    template = add("template", _template, "Writes an empty claim file with one example row.")
    template.add_argument("-o", "--out", metavar="FILE", help=".csv or .xlsx; without it the text is shown")

    exported = add("export", lambda said: _export(said, show), "Writes a claim file in another form.")
    exported.add_argument("file")
    _add_reading(exported)
    exported.add_argument("--to", required=True, choices=("csv", "xlsx", "json", "fhir", "html"))
    exported.add_argument("-o", "--out", required=True, metavar="FILE")

    letter = add(
        "letter", _letter, "Writes the narratives and notes that a claim's lines want, for you to finish."
    )
    letter.add_argument("file")
    _add_reading(letter)
    letter.add_argument("--claim", default="", help="one claim only")
    letter.add_argument("--line", type=int, default=0, help="one line only")
    letter.add_argument("--kind", choices=list(letters()), help="one kind of letter only")
    letter.add_argument(
        "--as", dest="form_of", choices=FORMATS, default=FORMATS[0], help="plain text or a page"
    )
    letter.add_argument("-o", "--out", metavar="FILE")


def _add_reading(command: argparse.ArgumentParser) -> None:
    """Adds what a user may say about a table."""
    command.add_argument(
        "--map", metavar="COLUMNS.toml", help="which column is which; `map FILE` proposes one"
    )
    command.add_argument("--dates", choices=ORDERS, help="order of month and day in dates such as 03/04/2026")

    command.add_argument("--sheet", default="", help="the sheet of a workbook")


def _add_tables(command: argparse.ArgumentParser) -> None:
    """Adds what a user may say about the tables of CMS."""
    command.add_argument(
        "--cms", metavar="FOLDER", help=f"your own quarter's files of CMS, in place of {FOLDER}"
    )


def reading_options(said: argparse.Namespace) -> Options:
    """What the user says about a table. Raises ``ValueError`` for a mapping that cannot be read."""
    return Options(own_map(said.map) if said.map else None, said.dates or "", said.sheet)


def _read(said: argparse.Namespace) -> Reading:
    """What a file holds. Raises ``ValueError`` where no line of it can be read, before anything is written."""
    options = reading_options(said)
    reading = read_claims(said.file, mapping=options.mapping, dates=options.dates, sheet=options.sheet)
    if not reading.lines:
        raise ValueError(nothing_read(Path(said.file).name, reading.rows, reading.faults))
    return reading


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def totals(rows: int, refused: int, faults: Sequence[Fault], notes: Sequence[str] = ()) -> dict[str, Any]:
    """The control totals of a reading for JSON: every row of the file is either read or refused."""
    return {
        "notes": list(notes),
        "rows": rows,
        "lines": rows - refused,
        "refused": refused,
        "incomplete": bool(faults),
        "faults": [asdict(fault) for fault in faults],
    }


def totals_text(rows: int, refused: int) -> str:
    """The control totals for people."""
    return f"{_many(rows, 'row')} in the file = {rows - refused} read + {refused} refused"


def faults_text(faults: Sequence[Fault]) -> list[str]:
    """What was not read, a line each; beyond ``MANY`` they are counted."""
    shown = [f"{REFUSED:<8}{fault}" for fault in faults[:MANY]]
    return shown + ([f"{REFUSED:<8}and {len(faults) - MANY} more"] if len(faults) > MANY else [])


def notes_text(notes: Sequence[str]) -> list[str]:
    """How the file was read, and what of it claim lines do not keep, a line each; beyond ``MANY`` they are counted."""
    shown = [f"{NOTE:<8}{note}" for note in notes[:MANY]]
    return shown + ([f"{NOTE:<8}and {len(notes) - MANY} more"] if len(notes) > MANY else [])


def _say_faults(reading: Reading) -> None:
    for fault in reading.faults[:MANY]:
        complain(str(fault))
    if len(reading.faults) > MANY:
        complain(f"and {len(reading.faults) - MANY} more")


def finding_data(finding: Finding) -> dict[str, Any]:
    """A finding for JSON."""
    lines = [{"claim": claim, "line": line} for claim, line in finding.lines]
    return {
        **asdict(finding),
        "lines": lines,
        "sources": source_data(finding.guidance),
        "standing": standing_data(finding.guidance),
    }


def report_text(report: Report, everything: bool = False, before: str = "") -> str:
    """A report for people. ``before``: what its last line begins with."""
    parts = []
    for finding in report.findings:
        lines = ", ".join(f"{claim} line {line}" for claim, line in finding.lines)
        parts.append(f"{finding.status.upper():<8}{lines}: {finding.because}")
        parts.append(f"        {finding.remedy}")
        parts.append(f"        rule {'; '.join((finding.rule, *finding.cited, *finding.overruled))}")
    if everything:
        parts += ["", "Rules that found nothing:"]
        parts += [f"  {entry.rule}: {entry.because}" for entry in report.considered]
    count = sum(len(claim.lines) for claim in report.claims)
    parts.append(
        f"{before}{_many(count, 'line')} on {_many(len(report.claims), 'claim')}; "
        f"{_many(len(report.findings), 'finding')}; worst: {report.worst}"
    )
    return "\n".join(parts)


def _check(said: argparse.Namespace, show: Show) -> int:
    with own_folder(said.cms):
        return _checked(said, show, read_own_tables())


def _checked(said: argparse.Namespace, show: Show, own: OwnTables) -> int:
    reading = _read(said)
    named = find_plan(said.plan).name if said.plan is not None else ""
    claims = [
        _with_plan(replace(claim, payer=payer, form=claim.form or said.form or form_of(payer, "")), named)
        for claim in reading.claims
        for payer in [claim.payer or said.payer or ""]
    ]
    report = check(claims, unread=reading.unread)
    data = {
        "worst": report.worst,
        "tables": own_data(own),
        **totals(reading.rows, reading.refused, reading.faults, reading.notes),
        "findings": [finding_data(finding) for finding in report.findings],
        "considered": [asdict(entry) for entry in report.considered],
    }
    totals_said = f"{totals_text(reading.rows, reading.refused)}; "
    text = [
        *own_text(own),
        *notes_text(reading.notes),
        *faults_text(reading.faults),
        report_text(report, said.all, totals_said),
    ]
    show(said, data, "\n".join(text))
    _say_faults(reading)
    return FINE if report.worst == "ok" else FOUND


def _with_plan(claim: Claim, named: str) -> Claim:
    """The claim with the plan where it names none, and with the type of its plan where it names no payer."""
    plan = plans().get(claim.plan or named)
    return replace(claim, plan=claim.plan or named, payer=claim.payer or (plan.payer if plan else ""))


def _pairs(words: Sequence[str], field: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            name, value = ANY, word
        if name in found:
            raise ValueError(f"{field}: {name!r} is given twice")
        found[name] = value
    return found


def claim_data(claim: Claim) -> dict[str, Any]:
    """A claim for JSON."""
    data = asdict(claim)
    data["birth_date"] = claim.birth_date.isoformat() if claim.birth_date else None
    for line, shown in zip(claim.lines, data["lines"], strict=True):
        shown["text"] = str(line)
        shown["date"] = line.date.isoformat()
        shown["charge"] = str(line.charge) if line.charge is not None else None
    return data


def _claim(said: argparse.Namespace, show: Show, read_facts: ReadFacts) -> int:
    if said.out:
        check_target(said.out)
    plan = find_plan(said.plan) if said.plan is not None else None
    if not said.payer and plan is None:
        raise ValueError(f"payer: is wanted (--payer or --plan); allowed: {', '.join(payers())}")
    worksheet = code_case(said.name, read_facts(said.facts), reading=said.reading, variant=said.variant)
    building = build_claims(
        worksheet,
        payer=said.payer or (plan.payer if plan else ""),
        overlay=plan,
        dates={name: read_date(text, f"dates: {name}") for name, text in _pairs(said.dates, "dates").items()},
        patient=said.patient,
        provider=said.provider,
        place=said.place,
        diagnoses=[code for code in said.diagnoses.upper().split("|") if code],
        pointers=_pairs(said.pointers, "pointers"),
    )
    report = check(building.claims)
    text = []
    if plan:
        text += [f"{plan.by}: {entry}." for entry in plan.says]
    for claim in building.claims:
        text.append(f"Claim {claim.claim} ({forms()[claim.form].label}, place {claim.place or 'not given'})")
        text += [
            f"  {line.line:>2} {line.date} {line!s:<14} {codes()[line.code].label}" for line in claim.lines
        ]
    text += [f"Left out: {entry.what}. {entry.because}" for entry in building.left_out]
    text += [f"Mind: {note}" for note in building.notes]
    text += [f"Still open: {entry.because}" for entry in building.open]
    text += ["", report_text(report)] if building.claims else ["", "No line can be written."]
    data = {
        "plan": plan_data(plan, {}, plan.says) if plan else None,
        "claims": [claim_data(claim) for claim in building.claims],
        "left_out": [asdict(entry) for entry in building.left_out],
        "notes": list(building.notes),
        "open": [asdict(entry) for entry in building.open],
        "findings": [finding_data(finding) for finding in report.findings],
    }
    if said.out and building.claims:
        write_claims(said.out, building.claims)
    show(said, data, "\n".join(text))
    by_date = any(entry.reason == "date" for entry in building.left_out)
    return FOUND if building.open or by_date or not building.claims or report.of_status("deny") else FINE


def _periods(said: argparse.Namespace, show: Show) -> int:
    day = read_date(said.date)
    code = said.code.strip().upper()
    period = period_of(code, day)
    kind = period_kinds()[period.days]
    safe = last_safe_date(period.days, day)
    data = {
        "code": code, "days": period.days, "procedure": day.isoformat(), "first": period.first.isoformat(),
        "last": period.last.isoformat(), "first_free": period.first_free.isoformat(), "length": period.length,
        "last_safe": {
            name: last_safe_date(name, day).isoformat() for name in period_kinds()
        },
        "guidance": list(kind.guidance),
    }  # fmt: skip
    text = (
        f"{code}, {codes()[code].label}, on {day}: {kind.label}\n"
        f"  first day inside  {period.first}\n  last day inside   {period.last}\n"
        f"  first day free    {period.first_free}\n"
        f"  {period.length} calendar days\n"
        f"A procedure with the same period must be done by {safe} to leave {day} free."
    )
    if period.days != "010":
        text += f"\nA splint with 10 days must be made by {last_safe_date('010', day)}."
    show(said, data, text)
    return FINE


def _audit(said: argparse.Namespace, show: Show) -> int:
    with own_folder(said.cms):
        return _audited(said, show, read_own_tables())


def _audited(said: argparse.Namespace, show: Show, own: OwnTables) -> int:
    try:
        from omsnb.audit_files import audit_file
        from omsnb.audit_summary import summary_data, summary_page, summary_text
    except ImportError as problem:
        raise ValueError(f"audit: needs pandas and pyarrow; {problem.name} is not installed") from None
    kind = Path(said.summary).suffix.lower()
    if said.summary:
        if kind not in (".txt", ".json", ".html"):
            raise ValueError(f"file: {said.summary!r} has no known suffix; allowed: .txt, .json, .html")
        if check_target(said.summary, [said.file]) == check_target(said.out, [said.file]):
            raise ValueError(
                f"file: {said.summary!r} is the file of the findings; give the summary another name"
            )
    only = [status.strip() for status in said.only.split(",") if status.strip()] or LISTED
    summary = audit_file(
        said.file, said.out, engine=said.engine, scheduler=said.scheduler,
        progress=not said.quiet and sys.stderr is not None and sys.stderr.isatty(),
        only=only, options=reading_options(said),
    )  # fmt: skip
    data = {
        "worst": summary.worst,
        "tables": own_data(own),
        **totals(summary.rows, summary.refused, summary.faults, summary.notes),
        "findings": summary.findings,
        "statuses": summary.statuses,
        **summary_data(summary.totals),
    }
    counted = ", ".join(f"{count} {status}" for status, count in sorted(summary.statuses.items())) or "none"
    text = [
        *own_text(own),
        *notes_text(summary.notes),
        *faults_text(summary.faults),
        *summary_text(summary.totals),
        f"{totals_text(summary.rows, summary.refused)}; findings: {counted}; worst: {summary.worst}",
    ]
    if said.summary:
        pages = {
            ".txt": lambda: "\n".join(text) + "\n",
            ".json": lambda: json.dumps(data, indent=2, ensure_ascii=False) + "\n",
            ".html": lambda: summary_page(
                summary.totals, Path(said.file).name, [text[-1], *faults_text(summary.faults)]
            ),
        }
        write_whole(said.summary, pages[kind]().encode(errors="replace"), [said.file])
    show(said, data, "\n".join(text))
    _say_faults(Reading((), tuple(summary.faults), summary.rows))
    return FINE if summary.worst == "ok" else FOUND


def _template(said: argparse.Namespace) -> int:
    if not said.out:
        print(template_bytes("csv").decode(), end="")
        return FINE
    kind = Path(said.out).suffix.lower().removeprefix(".")
    if kind not in ("csv", "xlsx"):
        raise ValueError(f"file: {Path(said.out).name!r} has no known suffix; allowed: .csv, .xlsx")
    write_whole(said.out, template_bytes(kind))
    return FINE


def _export(said: argparse.Namespace, show: Show) -> int:
    check_target(said.out, [said.file])
    reading = _read(said)
    if said.to == "html":
        write_whole(said.out, claims_page(reading.claims).encode(), [said.file])
    else:
        write_claims(said.out, reading.claims, said.to, [said.file])
    written = f"{_many(reading.lines, 'line')} on {_many(len(reading.claims), 'claim')} written"
    text = [
        *notes_text(reading.notes),
        *faults_text(reading.faults),
        f"{totals_text(reading.rows, reading.refused)}; {written}{_partly(reading)}",
    ]
    data = {
        "claims": len(reading.claims),
        **totals(reading.rows, reading.refused, reading.faults, reading.notes),
    }
    show(said, data, "\n".join(text))
    _say_faults(reading)
    return FOUND if reading.faults else FINE


def _partly(reading: Reading) -> str:
    return "; incomplete" if reading.faults else ""


def _letter(said: argparse.Namespace) -> int:
    if said.out:
        check_target(said.out, [said.file])
    reading = _read(said)
    chosen = [
        (claim, line)
        for claim in reading.claims
        for line in claim.lines
        if said.claim in ("", claim.claim) and said.line in (0, line.line)
    ]
    if (said.claim or said.line) and not chosen:
        where = "among the lines that were read" if reading.faults else "in the file"
        raise ValueError(f"line: {said.claim or 'any claim'} line {said.line or 'any'} is not {where}")
    written = [text for claim, line in chosen for text in _letters(said, claim, line)]
    none = "No line that was read wants a letter." if reading.faults else "No line of these wants a letter."
    content = "\n\n".join(written) if written else f"{none}\n"
    said_last = (
        f"{totals_text(reading.rows, reading.refused)}; {_many(len(written), 'letter')}{_partly(reading)}"
    )
    if said.out:
        write_whole(said.out, content.encode(), [said.file])
        print("\n".join([*notes_text(reading.notes), *faults_text(reading.faults), said_last]))
    else:
        print(content, end="")
        complain(said_last)
    _say_faults(reading)
    return FINE if written and not reading.faults else FOUND


def _letters(said: argparse.Namespace, claim: Claim, line: ServiceLine) -> list[str]:
    wanted = [letter for letter in letters_for(line) if said.kind in (None, letter.id)]
    return [write_letter(letter, claim, line, said.form_of) for letter in wanted]
