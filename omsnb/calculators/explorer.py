"""The case explorer's model: a case, a variant, a reading and answers in; a coded worksheet, or one sentence, out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traitlets import Instance, Tuple, Unicode, observe

from omsnb.answers import read_answer
from omsnb.calculators.effect import effect
from omsnb.calculators.entries import Entries
from omsnb.calculators.form import Field, fact_field, read_day
from omsnb.calculators.given import SHARED, Given, given_facts, parts_of
from omsnb.coding import Worksheet, against_reading, code_case, facts_asked, find_case
from omsnb.records import DAY, Allowed
from omsnb.tables import cases, facts

FAULT = "This case could not be worked out. Start over; if that does not help, reload the page."
READINGS = {"paper": "the paper's printed list", "narrative": "the story alone"}
MORE = "Beyond what the case leaves open"
"""Heading of the questions that come up only since the reader changed what the case gives."""
HISTORY = 50
"""Changes that can be undone."""

Group = tuple[str, tuple[str, ...]]
"""A heading, and the facts asked under it."""


class CaseExplorer(Entries):
    """State and result of the explorer.

    Set ``case``, ``variant``, ``reading`` or ``answers`` (fact to value, ``""`` for open); ``worksheet`` follows. When
    something goes wrong ``worksheet`` is None and ``problem`` says so in one sentence, so that no list stays that does
    not belong to the answers. ``groups`` is the list of questions in its fixed order: it changes with case, variant
    and reading, and with an answer against what the case gives, which may add questions at its end; no other answer
    changes it. ``given`` are the facts that the case gives, each of which may be answered otherwise. ``notice`` tells
    what a restored state could not hold, ``said`` what the last change did, in one sentence; ``undo`` and ``redo`` go
    back and forth among the states.
    """

    case = Unicode(next(iter(cases())))
    variant = Unicode("")
    reading = Unicode("paper")
    worksheet = Instance(Worksheet, allow_none=True)
    groups = Tuple()
    given = Tuple()
    notice = Unicode("")
    said = Unicode("")

    def __init__(self, case: str = next(iter(cases())), **traits: Any) -> None:
        self._undo: list[str] = []
        self._redo: list[str] = []
        self._held, self._last = True, ""
        self._shown: Worksheet | None = None
        super().__init__(case=case)
        self.variant = self._first_variant()
        for name, value in traits.items():  # after the case, which forgets the rest
            setattr(self, name, value)
        self._held = False
        self.refresh()

    def _first_variant(self) -> str:
        return next(iter(cases()[self.case].variants), "") if self.case in cases() else ""

    def read(self, field: str, text: str) -> Allowed | None:
        """See ``Entries.read``. ``field``: a fact, or ``service.fact``; the day of the service is one day."""
        if field == DAY:
            return read_day(text)
        return read_answer(facts()[field.rpartition(".")[2]], text)

    def enter(self, field: str, text: str) -> None:
        """See ``Entries.enter``. The case's own answer to a fact that it gives is no answer of the reader's."""
        for entry in self.given:
            if entry.name == field and text == entry.value:
                text = ""
        super().enter(field, text)

    @observe("case")
    def _other_case(self, change: object) -> None:
        with self.hold_trait_notifications():
            self.variant = self._first_variant()
            self.refused = {}
            self.answers = {}
        self.refresh()

    @observe("variant", "reading", "answers")
    def _changed(self, change: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Works the case out anew, once for all that changes together."""
        if self._held:
            return
        self.worksheet, self.problem = None, ""
        try:
            start = self._coded({})
            self.given = self._given(start)
            if self.refused:
                raise ValueError(" ".join(self.refused.values()))
            self.worksheet = self._coded(self.answers)
            self.groups = _groups(start, self._further(self.worksheet))
            self._tell(self.worksheet)
        except ValueError as problem:
            self.problem = str(problem)
        except Exception:
            # an exception in an observer is only logged, and the old list would stay on the screen
            self.problem = FAULT
        self.revision += 1

    def _given(self, start: Worksheet) -> tuple[Given, ...]:
        """The facts that the case gives; one that it gives in part and still asks for stays a question."""
        asked = _open(start)
        every = given_facts(start.case, start.variant, start.reading)
        return tuple(entry for entry in every if entry.fact not in asked)

    def _further(self, worksheet: Worksheet) -> tuple[str, ...]:
        """Questions that answers against the case bring up, in an order that no answer to one of them changes."""
        told = {entry.name for entry in self.given}
        against = {*told, *against_reading(worksheet)}
        changed = {name: value for name, value in self.answers.items() if name in against}
        opened = _open(self._coded(changed)) if changed else ()
        rest = sorted(name for name in (*self.answers, *_open(worksheet)) if name not in opened)
        return tuple(name for name in (*opened, *rest) if name not in told and name != DAY)

    def _tell(self, worksheet: Worksheet) -> None:
        """Says what the last change did, and keeps the state before it for ``undo``."""
        shown, self._shown = self._shown, worksheet
        state, self._last = self._last, self.state
        if not state or state == self._last:
            return
        self._undo = [*self._undo, state][-HISTORY:]
        self._redo = []
        self.said = self._effect(shown, worksheet)

    def _effect(self, before: Worksheet | None, after: Worksheet) -> str:
        if before is None or before.case is not after.case:
            return f"{after.case.title}."
        return effect(before, after)

    def undo(self) -> None:
        """Goes one change back; ``said`` tells when there is none."""
        self._step(self._undo, self._redo, "Undone", "There is nothing to undo.")

    def redo(self) -> None:
        """Takes back one ``undo``."""
        self._step(self._redo, self._undo, "Done again", "There is nothing to do again.")

    def _step(self, source: list[str], other: list[str], done: str, none: str) -> None:
        if not source:
            self.said = none
            self.revision += 1
            return
        before, state = self._shown, self._last
        target = source.pop()
        other.append(state)
        undo, redo = self._undo, self._redo
        self.restore(target)
        self._undo, self._redo = undo, redo  # going back and forth is no change of its own
        after = self.worksheet
        self.said = f"{done}. {self._effect(before, after)}" if after else done
        self.revision += 1

    def _coded(self, answers: Mapping[str, str]) -> Worksheet:
        known = find_case(self.case)
        variant = self.variant if self.variant in known.variants else None
        return code_case(known, dict(answers), reading=self.reading, variant=variant)

    def places(self) -> tuple[str, ...]:
        """See ``Entries.places``: the questions, without the facts that the case gives."""
        return tuple(fact for _, listed in self.groups for fact in listed)

    def field(self, name: str) -> Field:
        """The field that asks a fact, or a ``service.fact``."""
        return replace(fact_field(name.rpartition(".")[2]), name=name, question=self.question(name))

    def question(self, name: str) -> str:
        """The question of a fact, or of ``service.fact`` with the service before it."""
        service, _, fact = name.rpartition(".")
        known = find_case(self.case)
        parts = parts_of(known, known.variants.get(self.variant))
        label = next((f"{part.label}: " for part in parts if part.name == service), "")
        return f"{label}{facts()[fact].question}"

    def asked(self) -> frozenset[str]:
        """See ``Entries.asked``."""
        if self.worksheet is None:
            return frozenset(self.places())
        return frozenset((*self.answers, *_open(self.worksheet)))

    def open_with(self, answers: Mapping[str, str]) -> tuple[str, ...]:
        """See ``Entries.open_with``."""
        return _open(self._coded(answers))

    @property
    def state(self) -> str:
        """Case, variant, reading and answers as one text, such as ``case=tmj&reading=paper&claim=medical``."""
        return urlencode(
            {"case": self.case, "variant": self.variant, "reading": self.reading, **self.answers}
        )

    def restore(self, state: str) -> None:
        """Takes a state as ``state`` writes it; what it cannot read is left out and named in ``notice``."""
        given = dict(parse_qsl(state))
        bad = []

        def taken(name: str, allowed: Mapping[str, object], usual: str) -> str:
            value = given.pop(name, usual)
            if value and value not in allowed:
                bad.append(f"{name}={value}"[:60])
                return usual
            return value

        held, self._held = self._held, True
        self.case = taken("case", cases(), self.case)
        known = find_case(self.case)
        self.variant = taken("variant", known.variants, self._first_variant()) or self._first_variant()
        self.reading = taken("reading", READINGS, "paper")
        way = known.variants.get(self.variant)
        bearing = {
            name
            for part in parts_of(known, way)
            for fact in facts_asked(part)
            for name in (fact, f"{part.name}.{fact}")
        }
        good = {}
        for name, value in given.items():
            try:
                if name not in bearing or self.read(name, value) is None:
                    raise ValueError(name)
                good[name] = value
            except ValueError:
                bad.append(f"{name}={value}"[:60])
        self.notice = f"Something unknown was left out: {', '.join(bad)}" if bad else ""
        self.refused = {}
        self.answers = good
        self._held = held
        self.refresh()


def _open(worksheet: Worksheet) -> tuple[str, ...]:
    return tuple(question.fact for question in worksheet.questions)


def _groups(start: Worksheet, wanted: tuple[str, ...]) -> tuple[Group, ...]:
    """The questions of a case before any answer, by the services that they bear on; then what else is ``wanted``.

    Answers to these questions only narrow, so that no further one can come to matter.
    """
    services = (start.evaluation, *start.rows)
    bearing = {
        question.fact: [row.label for row in services if question.fact in {one.fact for one in row.open}]
        for question in start.questions
    }
    found: dict[str, list[str]] = {SHARED: [], **{row.label: [] for row in services}, MORE: []}
    for fact, labels in bearing.items():
        found[labels[0] if len(labels) == 1 else SHARED].append(fact)
    found[MORE] = [fact for fact in dict.fromkeys(wanted) if fact not in bearing]
    return tuple((label, tuple(listed)) for label, listed in found.items() if listed)
