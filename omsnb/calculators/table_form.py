"""A calculator over decision tables: facts in; for each of its tables a decision out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from traitlets import Tuple

from omsnb.answers import day_of, read_answer, words
from omsnb.calculators.copying import Copied, copied_text, labels, place_said
from omsnb.calculators.form import Field, Form, day_copied, fact_field, read_day
from omsnb.decision_texts import outcome_text, settled_text, verify_text
from omsnb.decisions import Decision, Question, decide_with, fits, open_questions
from omsnb.of_rows import documents_of
from omsnb.records import DAY, Allowed, Row
from omsnb.summary import decided
from omsnb.tables import facts


class TableForm(Form):
    """The form of a calculator that names tables. ``decisions``: one for each table that still applies."""

    decisions = Tuple()
    questions: tuple[Question, ...] = ()

    @cached_property
    def _asked_first(self) -> tuple[str, ...]:
        """The facts that matter before any is answered, the best one to ask first. Answers bring no other."""
        return tuple(question.fact for question in open_questions(self.calculator.tables, {}))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """A field for each fact that bears on its tables, in the order of the questions; then the day."""
        names = dict.fromkeys((*self._asked_first, *self.calculator.facts, DAY))
        return tuple(fact_field(name) for name in names)

    def shown(self) -> frozenset[str]:
        """See ``Form.shown``: what no answer makes matter has no place, unless an address brought its answer."""
        return frozenset(
            (*self._asked_first, *self.answers, *(question.fact for question in self.questions), DAY)
        )

    def open_with(self, answers: Mapping[str, str]) -> frozenset[str]:
        """See ``Entries.open_with``."""
        read = {
            name: allowed for name, text in answers.items() if (allowed := self.read(name, text)) is not None
        }
        live = [table for table in self.calculator.tables if fits(table, read)]
        return frozenset(question.fact for question in open_questions(live, read))

    def read(self, field: str, text: str) -> Allowed | None:
        """See ``Form.read``."""
        if field == DAY:
            return read_day(text)
        if field not in self.calculator.facts:
            allowed = ", ".join((*self.calculator.facts, DAY))
            raise ValueError(f"fact: {field!r} is not asked by {self.calculator.name}; allowed: {allowed}")
        return read_answer(facts()[field], text, day_of(self._day))

    @property
    def _day(self) -> Allowed | None:
        return read_day(self.answers.get(DAY, ""))

    def given(self) -> Mapping[str, Allowed]:
        """The answers as the decision core reads them."""
        read = ((name, self.read(name, value)) for name, value in self.answers.items())
        return {name: allowed for name, allowed in read if allowed is not None}

    def clear(self) -> None:
        """See ``Form.clear``."""
        self.decisions, self.questions = (), ()

    def work_out(self) -> None:
        """Asks each table, and what is still worth asking."""
        given = self.given()
        decisions = tuple(decide_with(table, given) for table in self.calculator.tables)
        left = tuple(decision for decision in decisions if decision.rows)
        if not left:
            raise ValueError("No row fits these answers together; open one of them again.")
        self.questions = open_questions([decision.table for decision in left], given)
        self.decisions = left

    @property
    def next_question(self) -> str:
        """The open question that narrows most, or empty text when one result is left for each table."""
        return self.questions[0].text if self.questions else ""

    def asked(self) -> frozenset[str]:
        """See ``Form.asked``. With no result to narrow every question may be answered."""
        if not self.decisions:
            return super().asked()
        return frozenset((*self.answers, *(question.fact for question in self.questions), DAY))

    def ruled_out(self, field: str) -> Mapping[str, str]:
        """See ``Form.ruled_out``."""
        if self.problem:
            return {}
        others = {name: value for name, value in self.given().items() if name != field}
        found = {}
        for value in facts()[field].values:
            tried = {**others, field: frozenset({value})}
            if not any(fits(table, tried) for table in self.calculator.tables):
                found[value] = self._clash([decide_with(t, tried) for t in self.calculator.tables], field)
        return found

    @staticmethod
    def _clash(decisions: list[Decision], fact: str) -> str:
        reasons = dict.fromkeys(
            f"{facts()[reason.fact].question} {words(facts()[reason.fact], reason.given)}"
            for decision in decisions
            for fallen in decision.fallen
            for reason in fallen.reasons
            if reason.fact != fact
        )
        return "; ".join(list(reasons)[:2]) or "nothing in this calculator fits it"

    def on_the_way(self) -> Mapping[str, Row]:
        """Facts that other tables settle from the answers, each with the row that does."""
        return {fact: row for decision in self.decisions for fact, row in decision.on_the_way.items()}

    @property
    def used(self) -> tuple[Row, ...]:
        """The rows behind the result, those of other tables included; the rows left come first."""
        left = (row for decision in self.decisions for row in decision.rows)
        return (*left, *self.on_the_way().values())

    @property
    def documents(self) -> tuple[str, ...]:
        """What the record must hold for the result on its day, in words."""
        days = self.decisions[0].on if self.decisions else day_of(None)
        return tuple(document.label for document in documents_of(self.used, days))

    def why_not(self) -> list[tuple[str, str]]:
        """Results that fell away, each once, with the facts that ruled them out."""
        found: dict[str, str] = {}
        left = {outcome_text(row) for decision in self.decisions for row in decision.rows}
        for decision in self.decisions:
            for fallen in decision.fallen:
                name = outcome_text(fallen.row)
                if name not in left and name not in found:
                    found[name] = "; ".join(
                        f"{facts()[reason.fact].question} {words(facts()[reason.fact], reason.given)}"
                        for reason in fallen.reasons
                    )
        return list(found.items())

    def html(self, links: str = "") -> str:
        """See ``Form.html``."""
        from omsnb.calculators.table_html import result_html

        return result_html(self, links)

    @property
    def text(self) -> str:
        """See ``Form.text``."""
        if self.problem:
            return f"{self.calculator.title}\n\n{self.problem}"
        shown = [(outcome_text(row, of.state), row) for of in self.decisions for row in of.rows]
        shown += [(settled_text(fact, row), row) for fact, row in self.on_the_way().items()]
        coding = any(row.report for table in self.calculator.tables for row in table.rows)
        lines = tuple(entry for entry in map(decided, self.decisions) if entry.lines)
        return copied_text(
            Copied(
                self.calculator.title,
                answers=labels(self.answers, self.calculator.facts),
                lines=lines if coding else None,
                why=tuple(f"{name}: {row.because} [{', '.join(row.guidance)}]" for name, row in shown),
                keep=self.documents,
                open=tuple(question.text for question in self.questions),
                verify=verify_text(self.used),
                place=place_said(self.answers),
                day=day_copied(self.answers),
            )
        )
