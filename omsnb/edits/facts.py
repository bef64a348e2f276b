"""The facts of a claim line, and whether it meets the conditions of an edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, ServiceLine, place_of
from omsnb.conditions import Asked, age_on, conditions
from omsnb.edits.report import LineKey


@dataclass(frozen=True, slots=True)
class LineFacts:
    """A line with everything that conditions ask about.

    ``worked_out``: the cells of ``conditions.WORKED_OUT``.
    """

    order: int
    key: LineKey
    claim: Claim
    line: ServiceLine
    worked_out: Mapping[str, Any]
    told: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def cell(self, name: str) -> Any:
        """What the claim says in a column, or what is worked out of its place; empty where it does not say."""
        if name in self.worked_out:
            return self.worked_out[name]
        if name == "place":
            return place_of(self.claim, self.line)
        return getattr(self.claim if claim_fields()[name].of == "claim" else self.line, name)

    def value(self, name: str) -> Any:
        """What follows for a condition; None where the claim does not say."""
        if name not in self.told:
            known = conditions()[name]
            self.told[name] = known.value(*map(self.cell, known.reads))
        return self.told[name]


def line_facts(claims: Iterable[Claim], today: date) -> list[LineFacts]:
    """Every line of the claims in order, with the facts that follow from its code, claim and form.

    ``today``: the day of the run, for services that lie ahead of it.
    """
    found: list[LineFacts] = []
    for claim in claims:
        any_charge = any(line.charge is not None for line in claim.lines)
        born = claim.birth_date
        for position, line in enumerate(claim.lines, start=1):
            worked_out = {
                "position": position,
                "any_charge": any_charge,
                "age": age_on(born, line.date),
                "days_ahead": (line.date - today).days,
                "born_late": None if born is None else born > line.date,
            }
            found.append(LineFacts(len(found), (claim.claim, line.line), claim, line, worked_out))
    return found


def meets(facts: LineFacts, name: str, asked: Asked) -> bool | None:
    """Whether a line meets one condition; None when the claim does not say."""
    return conditions()[name].holds(facts.value(name), asked)


def met(facts: LineFacts, asked: Mapping[str, Asked]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether a line meets all conditions (None: as far as the claim says), and which ones the claim leaves open."""
    missing = []
    for name, wanted in asked.items():
        answer = meets(facts, name, wanted)
        if answer is False:
            return False, ()
        if answer is None:
            missing.append(name)
    return (None if missing else True), tuple(missing)
