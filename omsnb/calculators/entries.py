"""What a form and the explorer have in common: answers, and entries that cannot be read as one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from traitlets import Dict, HasTraits, Int, Unicode

from omsnb.tables import facts


class Entries(HasTraits):
    """Answers by question, and what a reader entered that is no answer.

    ``answers``: question to text; a missing one is open. ``refused``: question to the sentence that says why its entry
    cannot be read. While there is one no result stands, whatever else is answered, and the entry itself stays to be
    mended. ``revision`` counts the results; a view follows it alone, so that it shows each result once and whole.
    """

    answers = Dict()
    refused = Dict()
    problem = Unicode("")
    revision = Int(0)

    def read(self, field: str, text: str) -> object:
        """What an answer means; None for an open question. Raises ``ValueError`` naming what is allowed."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Works the result out anew."""
        raise NotImplementedError

    def places(self) -> Collection[str]:
        """The questions that have a place on the screen just now, in order."""
        raise NotImplementedError

    def asked(self) -> frozenset[str]:
        """The questions whose answer can still change the result, and those answered; all while there is no result."""
        raise NotImplementedError

    def open_with(self, answers: Mapping[str, str]) -> Collection[str]:
        """The questions that would be open if these were the answers."""
        raise NotImplementedError

    def settled_by(self) -> Mapping[str, tuple[str, ...]]:
        """Each question that no longer matters, with the answers that made it so.

        An answer is named if opening it alone would make the question matter again; where it takes several, all are.
        """
        idle = [name for name in self.places() if name not in self.asked()]
        if not idle or self.problem:
            return {}
        found: dict[str, list[str]] = {name: [] for name in idle}
        for name in self.answers:
            back = self.open_with({one: value for one, value in self.answers.items() if one != name})
            for one in idle:
                if one in back:
                    found[one].append(name)
        every = [name for name in self.answers if name.rpartition(".")[2] in facts()]
        return {one: tuple(names or every) for one, names in found.items()}

    def answer(self, field: str, value: str) -> None:
        """Answers one question; an empty value opens it again."""
        kept = {name: given for name, given in self.answers.items() if name != field}
        self.answers = {**kept, field: value} if value else kept

    def enter(self, field: str, text: str) -> None:
        """Takes what a reader typed or chose; what cannot be read is refused with a sentence, and no result stays."""
        before = dict(self.refused)
        self.refused = {name: said for name, said in before.items() if name != field}
        if text:
            try:
                self.read(field, text)
            except ValueError as problem:
                self.refused = {**self.refused, field: mistake(field, text) or str(problem)}
        if field not in self.refused and text != self.answers.get(field, ""):
            self.answer(field, text)
        elif self.refused != before:
            self.refresh()

    def start_over(self) -> None:
        """Opens every question again; what could not be read goes with its sentence."""
        self.refused = {}
        if self.answers:
            self.answers = {}
        else:
            self.refresh()


def mistake(field: str, text: str) -> str:
    """Why a typed number cannot be read, in the reader's words; empty for a question that takes no number."""
    fact = facts().get(field)
    if fact is None or fact.kind != "number":
        return ""
    return (
        f"“{text}” does not answer “{fact.question}” Give a whole number from {fact.bounds[0]} to {fact.bounds[-1]} "
        f"({fact.unit})."
    )
