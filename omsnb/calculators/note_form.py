"""The form "From a note": a note in; proposals that a reader decides one by one; a worksheet, gaps and a claim out.

Nothing counts before it is confirmed, and there is no way to confirm several at once. The model keeps the note in
memory alone.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date

from traitlets import HasTraits, Int, Unicode

from omsnb.calculators.entries import mistake
from omsnb.calculators.form import FAULT
from omsnb.claim_building import Building, build_claims
from omsnb.claim_files import csv_bytes
from omsnb.claim_tables import payers
from omsnb.claims import Claim, ServiceLine
from omsnb.coding import Worksheet, facts_asked
from omsnb.decisions import Question
from omsnb.letters import letters_for, write_letter
from omsnb.notes import Held, Lack, Proposal, Proposed, lacking, propose
from omsnb.notes.confirming import evaluated, services_confirmed, worksheet_of
from omsnb.tables import facts, services

NOTE = "from-a-note"
TITLE = "From a note"
MOST = 200_000
"""Characters of a note that are read here; longer ones belong to the command line."""

CONFIRMED, REJECTED = "confirmed", "rejected"
BOTH = "the note gives both"
"""So begins the reason of what is held back because the note contradicts itself."""

PATIENT = "P-1"
"""The key of the one patient whose note is read; the page holds no name."""


class NoteForm(HasTraits):
    """State of the form. ``said``: what the last step did; ``problem``: what is wrong, in one sentence.

    ``revision`` counts the results, ``notes`` the notes that were read. ``found``: what the note gives. ``decided``:
    by the number of a proposal ``confirmed``, ``rejected``, or another value that the reader puts in its place.
    ``answers``: to questions still open, by fact or ``service.fact``. ``added``: services that the reader adds.
    """

    said = Unicode("")
    problem = Unicode("")
    revision = Int(0)
    notes = Int(0)

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.payer = ""
        self.found = Proposed(None, (), ())
        self.decided: dict[int, str] = {}
        self.answers: dict[str, str] = {}
        self.added: tuple[str, ...] = ()
        self.worksheet: Worksheet | None = None

    # What a reader does.

    def read(self, text: str, day: str = "") -> None:
        """Reads a note. ``day``: the day to be coded, such as 2026-03-01, or empty for the note's own.

        A day that is none, or a note that is too long, changes nothing but ``problem``.
        """
        try:
            if len(text) > MOST:
                raise ValueError(f"note: has {len(text):,} characters; allowed here are {MOST:,}")
            found = propose(text, day.strip() or None)
        except ValueError as problem:
            self._say("", str(problem))
            return
        self.text, self.found = text, found
        self.decided, self.answers, self.added = {}, {}, ()
        self.notes += 1
        count = len(found.proposals)
        self._work_out(
            f"Read for {found.day or 'no day: the note names none'}: {count} to decide, one by one."
        )

    def decide(self, number: int, what: str) -> None:
        """Decides a proposal.

        ``what``: ``confirmed``, ``rejected``, empty for not decided, or another value of its fact. Raises
        ``ValueError`` for a number or a value that there is not.
        """
        if not 0 <= number < len(self.found.proposals):
            raise ValueError(f"proposal: {number + 1} is not in the note")
        one = self.found.proposals[number]
        if what not in ("", CONFIRMED, REJECTED):
            fact = facts()[one.fact]
            if fact.kind == "number":
                if not (what.isdecimal() and int(what) in fact.bounds):
                    self._say("", mistake(one.fact, what))
                    return
            elif what not in fact.values:
                raise ValueError(f"{one.fact}: {what!r} is not known; allowed: {', '.join(fact.values)}")
        self.decided = {**self.decided, number: what} if what else self._without(number)
        left = len(self.found.proposals) - len(self.decided)
        self._work_out(f"{self._name(one)}: {self._said_of(number)}. {left} left to decide.")

    def answer(self, name: str, text: str) -> None:
        """Answers a question still open; empty opens it again. What cannot be read is told and changes nothing."""
        fact = facts()[name.rpartition(".")[2]]
        if text and fact.kind == "number" and not (text.isdecimal() and int(text) in fact.bounds):
            self._say("", mistake(fact.name, text))
            return
        self.answers = {key: value for key, value in {**self.answers, name: text}.items() if value}
        self._work_out(f"Answered: {fact.question}" if text else f"Open again: {fact.question}")

    def add(self, service: str) -> None:
        """Adds a service that was done and that the note was not read for. Raises ``ValueError`` for an unknown one."""
        if service not in services():
            raise ValueError(f"service: {service!r} is not known; allowed: {', '.join(services())}")
        self.added = tuple(dict.fromkeys((*self.added, service)))
        self._work_out(f"Added: {services()[service].label}.")

    def pay(self, payer: str) -> None:
        """Sets the type of payer that the claim is for; empty for none."""
        self.payer = payer if payer in payers() else ""
        self._work_out("")

    # What follows.

    @property
    def confirmed(self) -> tuple[Proposal, ...]:
        """What the reader has confirmed, with the values that the reader put in place of the note's."""
        found = []
        for number, one in enumerate(self.found.proposals):
            what = self.decided.get(number, "")
            if what and what != REJECTED:
                found.append(one if what == CONFIRMED else replace(one, value=what))
        return tuple(found)

    @property
    def contradictions(self) -> tuple[Held, ...]:
        """Facts of which the note gives two values; none of them is proposed."""
        return tuple(one for one in self.found.held if one.because.startswith(BOTH))

    @property
    def questions(self) -> tuple[Question, ...]:
        """What the confirmed facts leave open, the one that narrows most first."""
        if self.worksheet is None:
            return ()
        done = [part for part in self.worksheet.case.services if part.service in self.services]
        bearing = {fact for part in done for fact in facts_asked(part)}
        return tuple(one for one in self.worksheet.questions if one.fact.rpartition(".")[2] in bearing)

    @property
    def evaluated(self) -> bool:
        """Whether a visit is part of the worksheet."""
        return self.worksheet is not None and evaluated(self.worksheet, self.confirmed, self.added)

    @property
    def services(self) -> tuple[str, ...]:
        """The services of the worksheet."""
        return services_confirmed(self.confirmed, self.added)

    @property
    def lacks(self) -> tuple[Lack, ...]:
        """What the note lacks for the codes that the confirmed facts settle."""
        return lacking(self.confirmed, self.found.shown, self.found.request)

    def letters(self) -> str:
        """The planning note and the letters that belong to the lines left, with gaps to fill."""
        if self.worksheet is None:
            return ""
        day = self.found.day or date.fromordinal(self.worksheet.on.start)
        claim = Claim("C-1", PATIENT, payer=self.payer)
        written: dict[str, str] = {}
        for row in (
            (self.worksheet.evaluation, *self.worksheet.rows) if self.evaluated else self.worksheet.rows
        ):
            for way in row.alternatives:
                line = ServiceLine(
                    date=day, code=way.code, units=int(way.units) if way.units.isdigit() else 1,
                    modifiers=way.modifiers, made_by=row.settled("fabricated_by"),
                )  # fmt: skip
                for letter in letters_for(line):
                    written.setdefault(letter.id, write_letter(letter, claim, line))
        return "\n\n".join(written.values())

    def building(self) -> Building | None:
        """The claim of the worksheet for the payer; None where there is no worksheet, no payer or no day.

        Raises ``ValueError`` where the answers contradict the payer.
        """
        if self.worksheet is None or not self.payer or self.found.day is None:
            return None
        built = build_claims(self.worksheet, payer=self.payer, dates={"*": self.found.day}, patient=PATIENT)
        if self.evaluated:
            return built
        visit = (
            self.worksheet.evaluation.name
        )  # it stands in every worksheet, and nobody said that there was one
        return replace(
            built,
            open=tuple(one for one in built.open if one.service != visit),
            left_out=tuple(one for one in built.left_out if one.service != visit),
        )

    def claim_text(self) -> str:
        """The claim's lines as the claim desk takes them (CSV), or empty text while there is none."""
        built = self.building()
        return csv_bytes(built.claims).decode() if built and built.claims else ""

    def saved(self) -> str:
        """What was confirmed, as JSON to be kept: facts with their words, answers, services."""
        return json.dumps(
            {
                "on": self.found.day.isoformat() if self.found.day else None,
                "services": list(self.services),
                "facts": [asdict(one) for one in self.confirmed],
                "answers": self.answers,
                "documentation_missing": [{"code": one.code, "element": one.element} for one in self.lacks],
            },
            indent=1,
            ensure_ascii=False,
        )

    def _work_out(self, said: str) -> None:
        self.worksheet = None
        try:
            self.worksheet = worksheet_of(self.confirmed, self.found.day, self.answers, self.added)
        except ValueError as problem:
            self._say(said, str(problem))
        except Exception:
            # an exception in an observer is only logged, and the old answer would stay on the screen
            self._say(said, FAULT)
        else:
            self._say(said)

    def _without(self, number: int) -> dict[int, str]:
        return {key: value for key, value in self.decided.items() if key != number}

    def _name(self, one: Proposal) -> str:
        return facts()[one.fact].question.rstrip("?")

    def _said_of(self, number: int) -> str:
        what = self.decided.get(number, "")
        if what in ("", CONFIRMED, REJECTED):
            return what or "not decided"
        return f"changed to {facts()[self.found.proposals[number].fact].label(what)}"

    def _say(self, said: str, problem: str = "") -> None:
        self.said, self.problem = said, problem
        self.revision += 1
