"""The case explorer's model: a case, a variant, a reading and answers in; a coded worksheet, or one sentence, out."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl, urlencode

from traitlets import Dict, HasTraits, Instance, Unicode, observe

from omsnb.answers import read_answer
from omsnb.coding import Worksheet, code_case, find_case
from omsnb.tables import cases, facts

OPEN = ""
"""The answer that leaves a question open."""

READINGS = ("paper", "narrative")
"""What a case is read for: the paper's printed list, or what its story alone supports."""

FAULT = "This case could not be worked out. Start over; if that does not help, reload the page."


class CaseExplorer(HasTraits):
    """State and result of the explorer.

    Set ``case``, ``variant``, ``reading`` or ``answers`` (fact to value, ``""`` for open); ``worksheet`` follows. When
    something goes wrong ``worksheet`` is None and ``problem`` says so in one sentence, so that no list stays that does
    not belong to the answers. ``notice`` tells what a restored state could not hold.
    """

    case = Unicode(next(iter(cases())))
    variant = Unicode("")
    reading = Unicode("paper")
    answers = Dict()
    worksheet = Instance(Worksheet, allow_none=True)
    problem = Unicode("")
    notice = Unicode("")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.refresh()

    def answer(self, fact: str, value: str) -> None:
        """Answers one question; an empty value opens it again."""
        kept = {name: given for name, given in self.answers.items() if name != fact}
        self.answers = {**kept, fact: value} if value else kept

    def start_over(self) -> None:
        """Opens every question of the case again."""
        self.answers = {}

    @property
    def state(self) -> str:
        """Case, variant, reading and answers as one text, such as ``case=tmj&reading=paper&claim=medical``."""
        chosen = {"case": self.case, "variant": self.variant, "reading": self.reading}
        return urlencode({name: value for name, value in chosen.items() if value} | self.answers)

    def restore(self, state: str) -> None:
        """Takes a state as ``state`` writes it; what it cannot read is left out and named in ``notice``."""
        given, bad, good = dict(parse_qsl(state)), [], {}

        def taken(name: str, allowed: Collection[str], usual: str) -> str:
            value = given.pop(name, usual)
            if value not in allowed:
                bad.append(f"{name}={value}"[:60])
                return usual
            return value

        self.case = taken("case", cases(), self.case)
        variant = taken("variant", ("", *find_case(self.case).variants), "")
        reading = taken("reading", READINGS, READINGS[0])
        for name, value in given.items():
            try:
                if name not in facts() or read_answer(facts()[name], value) is None:
                    raise ValueError(name)
                good[name] = value
            except ValueError:
                bad.append(f"{name}={value}"[:60])
        self.notice = f"Something unknown was left out: {', '.join(bad)}" if bad else ""
        self.variant, self.reading, self.answers = variant, reading, good

    @observe("case")
    def _other_case(self, change: object) -> None:
        with self.hold_trait_notifications():
            self.variant = ""
            self.answers = {}
        self.refresh()

    @observe("variant", "reading", "answers")
    def _changed(self, change: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Works the case out anew."""
        self.worksheet, self.problem = None, ""
        try:
            known = find_case(self.case)
            variant = self.variant if self.variant in known.variants else None
            self.worksheet = code_case(known, dict(self.answers), reading=self.reading, variant=variant)
        except ValueError as problem:
            self.problem = str(problem)
        except Exception:
            # an exception in an observer is only logged, and the old list would stay on the screen
            self.problem = FAULT
