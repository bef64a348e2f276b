"""The claim lines of the explorer's case: payer, days, place and diagnoses in; lines, findings and what is open out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from traitlets import Dict, HasTraits, Int

from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.form import Field, read_day
from omsnb.claim_building import ANY, Building, build_claims
from omsnb.claim_files import claim_bytes
from omsnb.claim_tables import claim_fields, payers, places
from omsnb.claims import parse_cell
from omsnb.edit_rules import STATUSES
from omsnb.edits import Finding, find
from omsnb.line_text import line_text
from omsnb.periods import read_date
from omsnb.records import DAY
from omsnb.tables import codes

PAYER, PLACE, DIAGNOSES, PATIENT = "payer", "place", "diagnoses", "patient"
KEY = "P-1"
"""Stands where no key of the patient's is given: no name belongs in a draft."""
OWN_DAY = "day:"


@dataclass(frozen=True)
class Draft:
    """What the claim lines are. ``building`` is None where ``problem`` says in one sentence why there are none."""

    building: Building | None
    findings: tuple[Finding, ...]
    problem: str = ""


class ClaimDraft(HasTraits):
    """Entries for the claim of what the explorer shows; ``draft`` follows from them and from the explorer.

    ``entries``: field to text; allowed fields are those of ``fields``. A day of a service's own goes before the
    explorer's day, which goes for all others. ``revision`` counts the results.
    """

    entries = Dict()
    revision = Int(0)

    def __init__(self, model: CaseExplorer) -> None:
        super().__init__()
        self.model = model
        self.refused: dict[str, str] = {}
        self.draft = Draft(None, ())

    def fields(self) -> tuple[Field, ...]:
        """The fields in order; those for a service's own day follow the explorer's case."""
        known = claim_fields()
        fixed = (
            Field(
                PAYER,
                "Who pays this claim?",
                "choice",
                tuple((kind.label, name) for name, kind in payers().items()),
            ),
            Field(
                PLACE,
                "Place of service, where the case leaves it open",
                "choice",
                tuple((f"{code} {entry.label}", code) for code, entry in places().items()),
            ),
            Field(
                DIAGNOSES,
                known[DIAGNOSES].label,
                "text",
                hint=f"such as {known[DIAGNOSES].example.replace('|', ', ')}",
            ),
            Field(PATIENT, "Your own key for the patient, no name", "text", hint=KEY),
        )
        return (*fixed, *self._days())

    def _days(self) -> tuple[Field, ...]:
        sheet = self.model.worksheet
        rows = (sheet.evaluation, *sheet.rows) if sheet else ()
        return tuple(Field(f"{OWN_DAY}{row.name}", f"Date of service: {row.label}", "date") for row in rows)

    def enter(self, name: str, text: str) -> None:
        """Takes an entry as typed or chosen; empty takes it back. A fault is kept in ``refused`` for its field."""
        self.refused.pop(name, None)
        entries = {**self.entries, name: text.strip()}
        if not text.strip():
            del entries[name]
        else:
            try:
                self._read(name, text.strip())
            except ValueError as problem:
                self.refused[name] = str(problem)
                entries.pop(name)
        self.entries = entries
        self.refresh()

    def _read(self, name: str, text: str) -> None:
        if name.startswith(OWN_DAY):
            read_date(text)
        elif name in (DIAGNOSES, PATIENT):
            self._parsed(name, text)
        elif text not in {PAYER: payers(), PLACE: places()}[name]:
            raise ValueError(f"{name}: {text!r} is not known")

    @staticmethod
    def _parsed(name: str, text: str) -> Any:
        """A cell of the claim; diagnoses may stand with commas between them, as people write them."""
        return parse_cell(claim_fields()[name], text.replace(",", "|") if name == DIAGNOSES else text)

    def refresh(self, change: object = None) -> None:
        """Builds the lines anew from the explorer as it stands."""
        self.draft = self._built()
        self.revision += 1

    def _dates(self) -> Mapping[str, date]:
        sheet = self.model.worksheet
        named = {row.name for row in (sheet.evaluation, *sheet.rows)} if sheet else set()
        found: dict[str, date] = {}
        if text := self.model.answers.get(DAY, ""):
            allowed = read_day(text)
            if allowed is not None:
                found[ANY] = date.fromordinal(int(min(allowed)))
        for name, text in self.entries.items():
            if name.startswith(OWN_DAY) and (service := name.removeprefix(OWN_DAY)) in named:
                found[service] = read_date(text)
        return found

    def _built(self) -> Draft:
        if self.model.worksheet is None:
            return Draft(None, (), self.model.problem)
        if PAYER not in self.entries:
            return Draft(None, (), "Choose who pays: the payer settles form, code set and rules.")
        diagnoses = self._parsed(DIAGNOSES, self.entries.get(DIAGNOSES, ""))
        try:
            building = build_claims(
                self.model.worksheet,
                payer=self.entries[PAYER],
                dates=self._dates(),
                patient=self.entries.get(PATIENT, KEY),
                place=self.entries.get(PLACE, ""),
                diagnoses=diagnoses or (),
            )
        except ValueError as problem:
            return Draft(None, (), str(problem))
        found = sorted(find(building.claims), key=lambda finding: STATUSES.index(finding.status))
        return Draft(building, tuple(found))

    @property
    def csv(self) -> str:
        """The lines as a claim file in CSV; empty where there is none."""
        building = self.draft.building
        if building is None or not any(claim.lines for claim in building.claims):
            return ""
        return claim_bytes(building.claims, "csv").decode("utf-8")


def draft_html(draft: Draft) -> str:
    """The lines, what is open and left out, and the findings, the worst first. Every text is escaped."""
    if draft.building is None:
        return f'<p class="problem">{escape(draft.problem)}</p>'
    building = draft.building
    count = sum(len(claim.lines) for claim in building.claims)
    parts = [f'<p role="status"><strong>{_said(count, len(building.open), draft.findings)}</strong></p>']
    if count:
        parts.append(_lines(building))
    parts += _listed("Still open, so not on the claim", (entry.because for entry in building.open))
    parts += _listed("Left out", (f"{entry.what}: {entry.because}" for entry in building.left_out))
    parts += _listed("To know", building.notes)
    if draft.findings:
        shown = "".join(f"<li>{_finding(finding)}</li>" for finding in draft.findings)
        parts.append(f"<h3>What the claim checks say</h3><ul>{shown}</ul>")
    return "".join(parts)


def _said(lines: int, still: int, findings: tuple[Finding, ...]) -> str:
    told = [f"{lines} claim line{'' if lines == 1 else 's'}", f"{still} still open"]
    told += [
        f"{count} {status}"
        for status in STATUSES
        if status != "ok" and (count := sum(one.status == status for one in findings))
    ]
    return f"{', '.join(told)}."


def _lines(building: Building) -> str:
    rows = []
    for claim in building.claims:
        where = f"{claim.place} {places()[claim.place].label}" if claim.place else "place not given"
        for line in claim.lines:
            cells = (
                claim.claim,
                line.date.isoformat(),
                where,
                line_text(line.code, line.modifiers, str(line.units)),
            )
            rows.append((*cells, codes()[line.code].label, line.pointers or "–"))
    names = ("Claim", "Date of service", "Place", "Code", "What it is", "Diagnosis")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td><span class="whose">{escape(name)}: </span>{escape(cell)}</td>'
            for name, cell in zip(names, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<table class="compared"><caption>Claim lines</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _listed(heading: str, texts: Iterable[str]) -> list[str]:
    shown = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return [f"<h3>{heading}</h3><ul>{shown}</ul>"] if shown else []


def _finding(finding: Finding) -> str:
    lines = ", ".join(f"{claim} line {line}" for claim, line in finding.lines)
    cited = "; ".join(finding.cited)
    return (
        f"<strong>{escape(finding.status)}</strong> {escape(lines)}: {escape(finding.because)} "
        f'{escape(finding.remedy)} <span class="quiet">Rule {escape(finding.rule)}. {escape(cited)}</span>'
    )
