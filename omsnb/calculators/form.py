"""What all calculators have in common: fields, answers, a result or one sentence, and a state for an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traitlets import Instance, Unicode, observe

from omsnb.answers import read_answer
from omsnb.calculators.catalogue import Calculator, find_calculator
from omsnb.calculators.copying import COPIES
from omsnb.calculators.entries import Entries
from omsnb.edition import edition, run_out_text
from omsnb.records import DAY, Allowed
from omsnb.tables import facts

FAULT = "This calculator could not work that out. Start over; if that does not help, reload the page."
STATE_LENGTH = 4000
"""Characters of an address that are read; the longest that a calculator writes is far shorter."""


@dataclass(frozen=True, slots=True)
class Field:
    """A question of a form. ``kind``: choice, number, text or date; ``options``: label and value of each answer."""

    name: str
    question: str
    kind: str
    options: tuple[tuple[str, str], ...] = ()
    hint: str = ""


def fact_field(name: str) -> Field:
    """The field that asks a fact."""
    fact = facts()[name]
    if fact.kind == "day":
        hint = f"year-month-day, such as {edition().day}; without it the answer is for that day"
        return Field(name, fact.question, "date", hint=hint)
    if fact.kind == "number":
        hint = f"{fact.bounds[0]} to {fact.bounds[-1]} {fact.unit}"
        return Field(name, fact.question, "number", hint=hint)
    options = tuple((value.label, key) for key, value in fact.values.items())
    return Field(name, fact.question, "choice", options)


def read_day(text: str) -> Allowed | None:
    """Reads the one day of the service that a form takes; raises ``ValueError`` naming what is allowed."""
    days = read_answer(facts()[DAY], text)
    if days is not None and len(days) != 1:
        raise ValueError(f"{DAY}: {text!r} is a span; allowed here is one day, such as {edition().day}")
    return days


def day_said(answers: Mapping[str, str]) -> str:
    """For which day a result is, in one sentence, with a warning where this edition's code year does not reach it."""
    text = answers.get(DAY, "")
    if not text:
        return f"For a service on {edition().day}, the day of this edition, since none is given."
    return " ".join(filter(None, (f"For a service on {text}.", run_out_text(date.fromisoformat(text)))))


def day_copied(answers: Mapping[str, str]) -> str:
    """The day of the service as it goes into the copied text; empty where none is given."""
    text = answers.get(DAY, "")
    return f"{text}. {run_out_text(date.fromisoformat(text))}".rstrip(". ") if text else ""


class Form(Entries):
    """State and result of a calculator.

    Set ``answers`` (field to text; a missing field is open), and the result follows. When something goes wrong the
    result is empty and ``problem`` says so in one sentence: no result stays that does not belong to the answers.
    ``notice`` tells what a restored state could not hold.
    """

    calculator = Instance(Calculator)
    notice = Unicode("")
    copies = COPIES
    """What the text to be copied holds, in the words of its button."""

    def __init__(self, name: str, state: str = "", **traits: Any) -> None:
        super().__init__(calculator=find_calculator(name), **traits)
        self.restore(state)
        self.refresh()

    # What each calculator says for itself.

    @property
    def fields(self) -> tuple[Field, ...]:
        """All its questions, in order."""
        raise NotImplementedError

    def clear(self) -> None:
        """Takes the result away."""
        raise NotImplementedError

    def work_out(self) -> None:
        """Makes the result. May raise ``ValueError`` with the sentence for the reader."""
        raise NotImplementedError

    def html(self, links: str = "") -> str:
        """The result for a page. ``links``: address of the reference pages, ending in a slash, or empty."""
        raise NotImplementedError

    @property
    def text(self) -> str:
        """The result as plain text, to be copied."""
        raise NotImplementedError

    def asked(self) -> frozenset[str]:
        """The fields whose answer can still change the result, and those answered."""
        return frozenset(field.name for field in self.fields)

    def shown(self) -> frozenset[str]:
        """The fields that have a place in the form just now."""
        return frozenset(field.name for field in self.fields)

    def places(self) -> tuple[str, ...]:
        """See ``Entries.places``."""
        shown = self.shown()
        return tuple(field.name for field in self.fields if field.name in shown)

    def open_with(self, answers: Mapping[str, str]) -> frozenset[str]:
        """See ``Entries.open_with``."""
        return frozenset(field.name for field in self.fields)

    def ruled_out(self, field: str) -> Mapping[str, str]:
        """Answers that nothing fits beside the others, each with the reason."""
        return {}

    # What is the same for all.

    def start_over(self) -> None:
        """See ``Entries.start_over``."""
        self.notice = ""
        super().start_over()

    @property
    def state(self) -> str:
        """The answers as they stand in an address, such as ``claim=medical&minutes=62``."""
        return urlencode(self.answers)

    def restore(self, state: str) -> None:
        """Takes answers from an address; what it cannot read is left out and named in ``notice``."""
        good, bad = {}, []
        for name, value in parse_qsl(state[:STATE_LENGTH], keep_blank_values=True):
            try:
                if self.read(name, value) is None:
                    raise ValueError(name)
                good[name] = value
            except ValueError:
                bad.append(f"{name}={value}"[:60])
        self.notice = (
            f"The address held something unknown, which was left out: {', '.join(bad)}" if bad else ""
        )
        self.refused = {}
        self.answers = good

    @observe("answers")
    def _changed(self, change: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """See ``Entries.refresh``."""
        self.clear()
        self.problem = ""
        try:
            if self.refused:
                raise ValueError(" ".join(self.refused.values()))
            for name, value in self.answers.items():
                self.read(name, value)
            self.work_out()
        except ValueError as problem:
            self.clear()
            self.problem = str(problem)
        except Exception:
            # an exception in an observer is only logged, and the old result would stay on the screen
            self.clear()
            self.problem = FAULT
        self.revision += 1
