"""The case explorer's model: a case, a variant, a reading and answers in; a coded worksheet, or one sentence, out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traitlets import Instance, Tuple, Unicode, observe

from omsnb.answers import read_answer
from omsnb.calculators.entries import Entries
from omsnb.coding import Worksheet, code_case, facts_asked, find_case
from omsnb.records import Allowed
from omsnb.tables import cases, facts

FAULT = "This case could not be worked out. Start over; if that does not help, reload the page."
READINGS = {"paper": "the paper's printed list", "narrative": "the story alone"}
SHARED, MORE = "Several services", "Beyond what the case leaves open"
"""Headings of the questions that bear on several services, and of answers that the case's own list does not ask."""

Group = tuple[str, tuple[str, ...]]
"""A heading, and the facts asked under it."""


class CaseExplorer(Entries):
    """State and result of the explorer.

    Set ``case``, ``variant``, ``reading`` or ``answers`` (fact to value, ``""`` for open); ``worksheet`` follows. When
    something goes wrong ``worksheet`` is None and ``problem`` says so in one sentence, so that no list stays that does
    not belong to the answers. ``groups`` is the list of questions in its fixed order: it changes with case, variant
    and reading, and with no answer to one of its questions. ``notice`` tells what a restored state could not hold.
    """

    case = Unicode(next(iter(cases())))
    variant = Unicode("")
    reading = Unicode("paper")
    worksheet = Instance(Worksheet, allow_none=True)
    groups = Tuple()
    notice = Unicode("")

    def __init__(self, case: str = next(iter(cases())), **traits: Any) -> None:
        super().__init__(case=case)
        self.variant = self._first_variant()
        for name, value in traits.items():  # after the case, which forgets the rest
            setattr(self, name, value)
        self.refresh()

    def _first_variant(self) -> str:
        return next(iter(cases()[self.case].variants), "") if self.case in cases() else ""

    def read(self, field: str, text: str) -> Allowed | None:
        """See ``Entries.read``."""
        return read_answer(facts()[field], text)

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
        """Works the case out anew."""
        self.worksheet, self.problem = None, ""
        try:
            start = self._coded({})
            if self.refused:
                raise ValueError(" ".join(self.refused.values()))
            self.worksheet = self._coded(self.answers)
            self.groups = _groups(start, (*self.answers, *_open(self.worksheet)))
        except ValueError as problem:
            self.problem = str(problem)
        except Exception:
            # an exception in an observer is only logged, and the old list would stay on the screen
            self.problem = FAULT
        self.revision += 1

    def _coded(self, answers: Mapping[str, str]) -> Worksheet:
        known = find_case(self.case)
        variant = self.variant if self.variant in known.variants else None
        return code_case(known, dict(answers), reading=self.reading, variant=variant)

    def places(self) -> tuple[str, ...]:
        """See ``Entries.places``."""
        return tuple(fact for _, listed in self.groups for fact in listed)

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

        self.case = taken("case", cases(), self.case)
        known = find_case(self.case)
        self.variant = taken("variant", known.variants, self._first_variant()) or self._first_variant()
        self.reading = taken("reading", READINGS, "paper")
        way = known.variants.get(self.variant)
        bearing = {
            fact for part in (*known.services, *(way.services if way else ())) for fact in facts_asked(part)
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
