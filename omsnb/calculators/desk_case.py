"""A case's lines for the desk: its open questions, and the claim that its facts and the answers settle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from omsnb.claim_building import ANY, Building, build_claims
from omsnb.claim_tables import payers
from omsnb.coding import code_case
from omsnb.decisions import Question
from omsnb.tables import cases, facts

SETTLED = ("claim", "payer", "on")
"""Facts that the payer and the day settle."""


class CaseOnDesk:
    """A case that is being made into lines. ``answers``: to its open questions, by fact."""

    def __init__(self, name: str, payer: str, day: str, place: str, answers: Mapping[str, str]) -> None:
        """Raises ``ValueError`` for a case, payer or place that is not known, for no day, and for a wrong answer."""
        if name not in cases():
            raise ValueError(f"case: {name!r} is not known; allowed: {', '.join(cases())}.")
        if payer not in payers():
            raise ValueError(f"payer: {payer!r} is not known; allowed: {', '.join(payers())}.")
        try:
            self.day = date.fromisoformat(day)
        except ValueError:
            raise ValueError("Give the day of the services as year-month-day, such as 2026-03-02.") from None
        self.name, self.payer, self.place = name, payer, place
        self.answers = {fact: text for fact, text in answers.items() if text}
        self.sheet = code_case(name, {**self.answers, **self._settled(name)})

    def _settled(self, name: str) -> dict[str, str]:
        """What the payer settles of the questions that the case asks."""
        plan = payers()[self.payer]
        told = {"claim": plan.claim, "payer": plan.medical_payer}
        asked = {question.fact for question in code_case(name).questions}
        return {fact: value for fact, value in told.items() if value and fact in asked}

    @property
    def title(self) -> str:
        """The case's title."""
        return cases()[self.name].title

    def built(self) -> Building:
        """The claim lines that stand, and what is left out or still open."""
        return build_claims(
            self.sheet, payer=self.payer, dates={ANY: self.day}, patient="P-1", place=self.place
        )

    def state(self) -> dict[str, Any]:
        """What is still to be asked, as the page shows it, with the answers so far."""
        built = self.built()
        asked = {question.fact: question for question in self.sheet.questions if question.fact not in SETTLED}
        return {
            "name": self.name,
            "asked": [
                _asked(fact, asked.get(fact), self.answers) for fact in dict.fromkeys((*self.answers, *asked))
            ],
            "lines": [str(line) for claim in built.claims for line in claim.lines],
            "told": list(told(built)),
        }


def told(built: Building) -> tuple[str, ...]:
    """What of a case is not on its claim, a sentence each."""
    return (
        *(f"still open: {entry.because}" for entry in built.open),
        *(f"not on the claim: {entry.what}: {entry.because}" for entry in built.left_out),
        *built.notes,
    )


def _asked(name: str, question: Question | None, answers: Mapping[str, str]) -> dict[str, Any]:
    fact = facts()[name.rpartition(".")[2]]
    return {
        "fact": name,
        "text": question.text if question else fact.question,
        "answer": answers.get(name, ""),
        "options": [[value, fact.label(value)] for value in fact.values],
    }
