"""``build_claims``: a coded case whose questions are answered, with dates and a payer, becomes claim lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from omsnb.answers import words
from omsnb.claim_tables import Form, Payer, forms, payers, places, prolonged_rule_of
from omsnb.claims import Claim, ServiceLine
from omsnb.coding import Alternative, ServiceRow, Worksheet, code_case, facts_asked
from omsnb.conditions import validity
from omsnb.decisions import decide
from omsnb.line_text import line_text
from omsnb.payer_plans import Plan, plan_facts
from omsnb.records import DAY
from omsnb.tables import codes, facts

ANY = "*"
"""In dates and pointers: for every service that has no entry of its own."""

READING = "read_only"
"""The answer to ``component`` that leaves the taking of the image to others."""

OWN_OFFICE = "office"
"""The answer to ``place`` for the practice itself."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that the claim cannot carry, and why.

    ``reason``: ``not_reported`` (the tables report nothing for it), ``form`` (the form or the payer does not take it),
    ``payer`` (what this kind of payer takes is not known), or ``date`` (the code is not valid on the date of service).
    """

    service: str
    what: str
    because: str
    reason: str


@dataclass(frozen=True, slots=True)
class StillOpen:
    """Something that must be known before a line can be written: a service, and one sentence."""

    service: str
    because: str


@dataclass(frozen=True, slots=True)
class Building:
    """Claims built from a worksheet, what they leave out, and what is still open."""

    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...]
    open: tuple[StillOpen, ...]
    notes: tuple[str, ...] = ()
    """What else is to be known of the lines, a sentence each."""


def build_claims(
    worksheet: Worksheet,
    *,
    payer: str,
    dates: Mapping[str, date],
    patient: str,
    claim: str = "C-1",
    provider: str = "",
    place: str = "",
    birth_date: date | None = None,
    diagnoses: Sequence[str] = (),
    pointers: Mapping[str, str] | None = None,
    overlay: Plan | None = None,
) -> Building:
    """Turns a worksheet into claims; each service is coded by the rules of its own date.

    ``payer``: a type of ``payers.csv``; it settles which claim the case is coded for. ``dates``: date of service by the
    worksheet's name of the service, or ``*`` for all others. ``place``: place of service (two digits) of lines whose
    place the case does not settle. ``pointers``: diagnosis letters by service, or ``*``; with one diagnosis all lines
    point to it. ``overlay``: a practice's own file on the plan; it settles the facts that it names, and its type must
    be the payer's.

    Lines are grouped by place of service and spread over as many forms as they need. A service with more than one way
    left is not guessed at: it is listed as open. A code that is not valid on its date of service is left out, with a
    sentence. Raises ``ValueError`` for an unknown payer or place, for dates that name no service, and where the
    worksheet's answers contradict the payer.
    """
    if payer not in payers():
        raise ValueError(f"payer: {payer!r} is not known; allowed: {', '.join(payers())}")
    if place and place not in places():
        raise ValueError(f"place: {place!r} is not known; allowed: {', '.join(places())}")
    if overlay and overlay.payer != payer:
        raise ValueError(
            f"payer: {payer!r} is not the type of {overlay.name!r}; file {overlay.file} says {overlay.payer}"
        )
    plan = payers()[payer]
    if overlay and "cdt" in overlay.choices:
        plan = replace(plan, accepts_cdt=overlay.choices["cdt"])
    known = facts()[DAY].bounds.start
    earlier = sorted(day for day in dates.values() if day.toordinal() < known)
    coded = _for_payer(worksheet, plan, dates, overlay)
    rows = (coded.evaluation, *coded.rows)
    for given, field in ((dates, "dates"), (pointers or {}, "pointers")):
        for name in given:
            if name != ANY and name not in {row.name for row in rows}:
                allowed = ", ".join((ANY, *(row.name for row in rows)))
                raise ValueError(
                    f"{field}: {name!r} is no service of case {coded.case.name}; allowed: {allowed}"
                )
    writer = _Writer(plan, dates, place, pointers or {}, len(diagnoses))
    for row in rows:
        writer.write(row)
    writer.write_prolonged(coded)
    claims = _on_forms(
        writer.lines,
        forms()[plan.form],
        Claim(
            claim, patient, payer=payer, plan=overlay.name if overlay else "", provider=provider, form=plan.form,
            birth_date=birth_date, diagnoses=tuple(diagnoses),
        ),
    )  # fmt: skip
    notes = (
        f"The rules before {date.fromordinal(known)} are unknown to this manual; lines dated {earlier[0]} "
        f"{'to ' + str(earlier[-1]) + ' ' if earlier[-1] != earlier[0] else ''}were chosen by those of that day."
        if earlier
        else "",
    )
    return Building(claims, tuple(writer.left_out), tuple(writer.open), tuple(filter(None, notes)))


def _for_payer(
    worksheet: Worksheet, plan: Payer, dates: Mapping[str, date], overlay: Plan | None
) -> Worksheet:
    """The worksheet coded anew for the claim that the payer wants, each service for its own day."""
    way = worksheet.variant
    parts = (*worksheet.case.services, *(way.services if way else ()))
    asked = {fact for part in parts for fact in facts_asked(part)}
    settled = {"claim": plan.claim, "payer": plan.medical_payer}
    if overlay:
        settled |= plan_facts(overlay, asked, {})
    answers: dict[str, object] = dict(worksheet.answers)
    for fact, value in settled.items():
        if not value or fact not in asked:
            continue
        known = worksheet.answers.get(fact)
        if known is not None and value not in known:
            said, whose = words(facts()[fact], known), _whose(overlay, fact, plan)
            raise ValueError(
                f"{fact}: the worksheet says {said}, but {whose} wants {facts()[fact].label(value)}"
            )
        answers[fact] = value
    named = {part.name for part in parts}
    known_from = facts()[DAY].bounds.start
    for name, day in dates.items():
        if name == ANY or name in named:
            # the manual knows no rules before its first day; codes that began later are left out by their dates
            known_day = date.fromordinal(max(day.toordinal(), known_from)).isoformat()
            answers[DAY if name == ANY else f"{name}.{DAY}"] = known_day
    return code_case(worksheet.case, answers, reading=worksheet.reading, variant=way.name if way else None)


def _whose(overlay: Plan | None, fact: str, plan: Payer) -> str:
    """Who wants an answer: the type of payer, or a practice's own file."""
    if overlay is None or fact in ("claim", "payer"):
        return f"payer {plan.name!r}"
    return f'your overlay "{overlay.name}" (file {overlay.file})'


class _Writer:
    """Collects lines with their places, what is left out, and what is open."""

    def __init__(
        self,
        plan: Payer,
        dates: Mapping[str, date],
        place: str,
        pointers: Mapping[str, str],
        diagnoses: int,
    ) -> None:
        self.plan, self.dates, self.place, self.pointers, self.diagnoses = (
            plan,
            dates,
            place,
            pointers,
            diagnoses,
        )
        self.lines: list[tuple[str, ServiceLine]] = []
        self.left_out: list[LeftOut] = []
        self.open: list[StillOpen] = []

    def write(self, row: ServiceRow) -> None:
        """Writes the line of one service."""
        ways = [way for way in row.alternatives if self.plan.claim in way.claims]
        outside = {way.code: said for way in ways if (said := self._outside(row, way.code))}
        is_open = len(ways) > 1 or bool(ways and row.not_reported)
        if is_open and len(outside) == len(
            {way.code for way in ways}
        ):  # no answer can lead to a line on that day
            self.left_out += [LeftOut(row.name, code, said, "date") for code, said in outside.items()]
        elif row.not_reported and ways:
            depends = f"{row.label}: whether it is reported depends on {_asked(row)}."
            self.open.append(StillOpen(row.name, " ".join((depends, *outside.values()))))
        elif len(ways) > 1:
            menu = ", ".join(str(way) for way in ways)
            depends = f"{row.label}: {menu} are left; it depends on {_asked(row)}."
            self.open.append(StillOpen(row.name, " ".join((depends, *outside.values()))))
        elif ways:
            self._write_way(row, ways[0])
        elif row.not_reported:
            reasons = " ".join(entry.because for entry in row.not_reported)
            self.left_out.append(LeftOut(row.name, row.label, reasons, "not_reported"))

    def write_prolonged(self, coded: Worksheet) -> None:
        """Writes prolonged time by the payer's rule, if there is any."""
        if self.plan.claim != "medical":
            return
        row = coded.evaluation
        rule = self.plan.prolonged_rule
        if not self.plan.medical_payer:
            rule = prolonged_rule_of(row.settled("payer"))
        if not rule:
            self._prolonged_unknown(coded)
            return
        entry = next((found for found in coded.prolonged if found.rule == rule), None)
        chosen_by = row.settled("level_by")
        if entry is None or not entry.code or chosen_by == "mdm":
            return
        if entry.units is None or len(row.codes) != 1:
            self.open.append(StillOpen(row.name, "Prolonged time: its units depend on facts still open."))
        elif entry.units:
            self._add(row, entry.code, entry.units, ())

    def _prolonged_unknown(self, coded: Worksheet) -> None:
        """Says of prolonged time that the payer's rule is not known, where any rule would add a unit."""
        by_mdm = coded.evaluation.settled("level_by") == "mdm"
        if not by_mdm and any(entry.code and entry.units != 0 for entry in coded.prolonged):
            because = f"Whose rule {self.plan.label} follows for prolonged time is not known: ask, and add the line."
            self.left_out.append(LeftOut(coded.evaluation.name, "Prolonged time", because, "payer"))

    def _write_way(self, row: ServiceRow, way: Alternative) -> None:
        told = {"payer_accepts_cdt": self.plan.accepts_cdt} if self.plan.accepts_cdt else {}
        verdict = decide(
            "claim-form", code_system=codes()[way.code].system.lower(), form=self.plan.form, **told
        )
        verdicts = {entry.concludes.get("form_verdict") for entry in verdict.rows}
        if len(verdicts) > 1:
            because = f"Whether {self.plan.label} takes CDT codes for this service is not known: ask, and add the line."
            self.left_out.append(LeftOut(row.name, str(way), because, "payer"))
        elif "refused" in verdicts:
            self.left_out.append(LeftOut(row.name, str(way), " ".join(verdict.because), "form"))
        elif not way.units.isdigit():
            self.open.append(
                StillOpen(row.name, f"{row.label}: the units of {way.code} are open ({way.units}).")
            )
        else:
            self._add(row, way.code, int(way.units), way.modifiers)

    def _add(self, row: ServiceRow, code: str, units: int, modifiers: tuple[str, ...]) -> None:
        day = self._day(row)
        if day is None:
            self.open.append(StillOpen(row.name, f"{row.label}: the date of service is not given."))
            return
        outside = self._outside(row, code)
        if outside:
            self.left_out.append(LeftOut(row.name, code, outside, "date"))
            return
        place = self._place(row)
        if place is None:
            return
        kept = modifiers[: forms()[self.plan.form].modifiers]
        for modifier in modifiers[len(kept) :]:
            because = "The form has no room for this modifier."
            self.left_out.append(LeftOut(row.name, line_text(code, (modifier,)), because, "form"))
        minutes = row.settled("minutes")
        line = ServiceLine(
            date=day,
            code=code,
            units=units,
            modifiers=kept,
            pointers=self.pointers.get(row.name, self.pointers.get(ANY, "A" if self.diagnoses == 1 else "")),
            made_by=row.settled("fabricated_by"),
            minutes=int(minutes) if minutes and row.settled("level_by") == "time" else None,
        )
        self.lines.append((place, line))

    def _day(self, row: ServiceRow) -> date | None:
        return self.dates.get(row.name, self.dates.get(ANY))

    def _outside(self, row: ServiceRow, code: str) -> str:
        """Why a code cannot be reported for the day of a service, in a sentence; empty where it can, or on no day."""
        day = self._day(row)
        valid = validity(code, day.isoformat()) if day else "yes"
        if valid == "before":
            return f"{code} is valid from {codes()[code].effective_from} on, and not on {day}."
        if valid == "after":
            return f"{code} was valid until {codes()[code].effective_to}, and is not on {day}."
        return ""

    def _place(self, row: ServiceRow) -> str | None:
        """The place of service of a line; None after noting that it is open.

        Of a reading alone it is where others scanned the patient, which the practice's own office does not answer.
        """
        said = row.known("place")
        if row.settled("component") == READING and said is not None and OWN_OFFICE in said:
            if self.place:
                return self.place
            where = "where the patient was scanned, and the answers name the practice's own office"
            self.open.append(
                StillOpen(row.name, f"{row.label}: the place of a reading alone is {where}; name the place.")
            )
            return None
        fitting = [code for code, entry in places().items() if said is None or entry.place in said]
        if self.place in fitting:
            return self.place
        if said is None:
            return ""
        if len(fitting) == 1:
            return fitting[0]
        menu = ", ".join(f"{code} ({places()[code].label})" for code in fitting)
        self.open.append(StillOpen(row.name, f"{row.label}: the place of service may be {menu}."))
        return None


def _asked(row: ServiceRow) -> str:
    return "; ".join(question.text for question in row.open) or "facts that the case does not settle"


def _on_forms(lines: Sequence[tuple[str, ServiceLine]], form: Form, head: Claim) -> tuple[Claim, ...]:
    """Spreads lines over forms: one place of service and no more lines than it holds on each."""
    parts: list[tuple[str, list[ServiceLine]]] = []
    for place in dict.fromkeys(place for place, _ in lines):
        of_place = [line for where, line in lines if where == place]
        parts += [
            (place, of_place[start : start + form.lines]) for start in range(0, len(of_place), form.lines)
        ]
    return tuple(
        Claim(
            claim=head.claim if len(parts) == 1 else f"{head.claim}-{number}",
            patient=head.patient,
            payer=head.payer,
            plan=head.plan,
            provider=head.provider,
            form=head.form,
            place=place,
            birth_date=head.birth_date,
            diagnoses=head.diagnoses,
            lines=tuple(part),
        )
        for number, (place, part) in enumerate(parts, start=1)
    )
