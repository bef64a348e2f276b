"""The facts that a case gives, as fields of a form: each stated by the story, implied by it, or read from the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from omsnb.answers import words
from omsnb.calculators.form import Field
from omsnb.case_records import Case, CaseFact, CaseService, CaseVariant
from omsnb.coding import facts_asked
from omsnb.records import DAY
from omsnb.tables import facts, parse_allowed

SHARED = "Several services"
"""Heading of what bears on more than one service."""

STORY = " – as the case has it"
"""Marks the answer of a menu that is the case's own, and so the way back to it."""

MARKS: Mapping[str, str] = {
    "stated": "The story states it",
    "implied": "The setting implies it",
    "printed": "Only the paper's printed list has it",
}


@dataclass(frozen=True)
class Given:
    """A fact that the case gives. ``name``: the fact, or ``service.fact`` where it holds for one service alone.

    ``value``: what the case gives under the reading, as text; ``mark``: whether it is stated or implied; ``where``:
    the place of the story that says so; ``heading``: the service that it bears on, or ``SHARED``.
    """

    name: str
    fact: str
    value: str
    mark: str
    where: str
    heading: str
    label: str

    @cached_property
    def said(self) -> str:
        """The case's own answer in words."""
        known = facts()[self.fact]
        return words(known, parse_allowed(known, self.value))

    @cached_property
    def field(self) -> Field:
        """The field that changes it; in a menu the case's own answer is marked, and choosing it is the way back."""
        known = facts()[self.fact]
        if not known.values:
            back = f"{known.bounds[0]} to {known.bounds[-1]} {known.unit}; empty: {self.said}, as the case has it"
            return Field(self.name, self.label, "number", hint=back)
        own = frozenset(self.value.split("|"))
        options = [(f"{self.said}{STORY}", self.value)]
        options += [(one.label, key) for key, one in known.values.items() if {key} != own]
        return Field(self.name, self.label, "choice", tuple(options))

    def note(self, answer: str) -> str:
        """What stands under the field: where the case says it and, after a change, what it says. ``answer``: if any."""
        told = f"{MARKS[self.mark]}: {self.where}"
        return f"Changed; the case has: {self.said}. {told}" if answer else told


def parts_of(case: Case, way: CaseVariant | None) -> tuple[CaseService, ...]:
    """The services of a case done in one way, in the order of the workflow."""
    return (*case.services, *(way.services if way else ()))


def given_facts(case: Case, way: CaseVariant | None, reading: str) -> tuple[Given, ...]:
    """Every fact that a case gives under a reading, by service in the order of the workflow, shared ones first.

    A fact that the reading leaves open is not among them: it is a question.
    """
    parts = parts_of(case, way)
    bearing = {part.name: frozenset(facts_asked(part)) for part in parts}
    shared = {entry.fact: entry for entry in (*case.facts, *(way.facts if way else ()))}
    found: dict[str, list[Given]] = {SHARED: [], **{part.label: [] for part in parts}}
    for entry in shared.values():
        # a service's own word stands over the shared one
        of = [
            p for p in parts if entry.fact in bearing[p.name] and entry.fact not in {o.fact for o in p.facts}
        ]
        value = _value(entry, reading)
        if of and value:
            heading = of[0].label if len(of) == 1 else SHARED
            found[heading].append(_given(entry, entry.fact, value, heading, ""))
    for part in parts:
        for entry in part.facts:
            value = _value(entry, reading)
            if value and entry.fact in bearing[part.name]:
                alone = sum(entry.fact in bearing[one.name] for one in parts) == 1
                name = entry.fact if alone else f"{part.name}.{entry.fact}"
                found[part.label].append(
                    _given(entry, name, value, part.label, "" if alone else f"{part.label}: ")
                )
    return tuple(one for listed in found.values() for one in listed)


def _value(entry: CaseFact, reading: str) -> str:
    return "" if entry.fact == DAY else entry.value if reading == "paper" else entry.narrative


def _given(entry: CaseFact, name: str, value: str, heading: str, before: str) -> Given:
    label = f"{before}{facts()[entry.fact].question}"
    return Given(name, entry.fact, value, entry.basis, entry.where, heading, label)
