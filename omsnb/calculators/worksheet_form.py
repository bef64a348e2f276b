"""The calculator that builds a whole worksheet: what was done, and the facts of it; service by service, a code list."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from html import escape

from traitlets import Instance

from omsnb.answers import day_of, read_answer
from omsnb.calculators.copying import Copied, copied_text, labels, place_said
from omsnb.calculators.form import Field, Form, day_copied, day_said, fact_field, read_day
from omsnb.calculators.html import frame, next_html, not_needed_html, notice_html, worksheet_parts
from omsnb.case_records import Case, CaseService
from omsnb.coding import EVALUATION, PROLONGED, Worksheet, code_case, facts_asked
from omsnb.decisions import Question
from omsnb.records import DAY, Allowed
from omsnb.summary import summary
from omsnb.tables import documents, facts, services

DONE, NOT_DONE = "yes", "no"
PREFIX = "done-"
"""Sets a service's question apart from a fact of the same name."""
YES_NO = (("yes", DONE), ("no", NOT_DONE))


class WorksheetForm(Form):
    """First what was done, then the facts that bear on it. ``worksheet``: None until a service was done."""

    worksheet = Instance(Worksheet, allow_none=True)

    @cached_property
    def parts(self) -> tuple[CaseService, ...]:
        """Every service of the manual."""
        return tuple(
            CaseService(name=service.name, service=service.name, label=service.label, facts=())
            for service in services().values()
            if service.name != PROLONGED  # it is worked out beside the evaluation
        )

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """A question for each service, then one for each fact that can matter."""
        done = tuple(
            Field(f"{PREFIX}{part.name}", f"Was this done? {part.label}", "choice", YES_NO)
            for part in self.parts
        )
        asked = dict.fromkeys(fact for part in self.parts for fact in facts_asked(part))
        matter = self.open_with({f"{PREFIX}{part.name}": DONE for part in self.parts})
        return (*done, *(fact_field(name) for name in asked if name in matter), fact_field(DAY))

    def read(self, field: str, text: str) -> str | Allowed | None:
        """See ``Form.read``."""
        known = {one.name: one for one in self.fields}
        if field not in known:
            raise ValueError(
                f"field: {field!r} is not asked by {self.calculator.name}; allowed: {', '.join(known)}"
            )
        if field.startswith(PREFIX):
            if text not in ("", DONE, NOT_DONE):
                raise ValueError(f"{field}: {text!r} is not allowed; allowed: {DONE}, {NOT_DONE}")
            return text or None
        if field == DAY:
            return read_day(text)
        return read_answer(facts()[field], text, day_of(read_day(self.answers.get(DAY, ""))))

    def clear(self) -> None:
        """See ``Form.clear``."""
        self.worksheet = None

    def _done(self, answers: Mapping[str, str] | None = None) -> tuple[CaseService, ...]:
        given = self.answers if answers is None else answers
        return tuple(part for part in self.parts if given.get(f"{PREFIX}{part.name}") == DONE)

    def work_out(self) -> None:
        """Codes the services that were done."""
        self.worksheet = self._coded(self.answers)

    def _coded(self, answers: Mapping[str, str]) -> Worksheet | None:
        done = self._done(answers)
        if not done:
            return None
        evaluated = any(part.service == EVALUATION for part in done)
        every = done if evaluated else (next(p for p in self.parts if p.service == EVALUATION), *done)
        case = Case(
            name="", title=self.calculator.title, story="", page="", facts=(), services=every, variants={}
        )
        given = {name: value for name, value in answers.items() if name in self._bearing(done)}
        return code_case(case, given)

    def open_with(self, answers: Mapping[str, str]) -> frozenset[str]:
        """See ``Entries.open_with``."""
        worksheet = self._coded(answers)
        found = () if worksheet is None else self._questions_of(worksheet, self._done(answers))
        return self._services_asked() | frozenset(question.fact for question in found)

    @staticmethod
    def _bearing(done: tuple[CaseService, ...]) -> frozenset[str]:
        return frozenset(fact for part in done for fact in facts_asked(part))

    @property
    def evaluated(self) -> bool:
        """Whether a visit is part of the worksheet."""
        return any(part.service == EVALUATION for part in self._done())

    def shown(self) -> frozenset[str]:
        """See ``Form.shown``: every service; and the facts that matter for those that were done, or were answered."""
        done = self._done()
        at_first = self.open_with({f"{PREFIX}{part.name}": DONE for part in done})
        return self._services_asked() | at_first | {DAY} | (self._bearing(done) & frozenset(self.answers))

    def asked(self) -> frozenset[str]:
        """See ``Form.asked``."""
        if self.worksheet is None:
            return self.shown()
        return (
            self._services_asked()
            | frozenset(self.answers)
            | {question.fact for question in self.questions()}
            | {DAY}
        )

    def _services_asked(self) -> frozenset[str]:
        return frozenset(f"{PREFIX}{part.name}" for part in self.parts)

    def questions(self) -> tuple[Question, ...]:
        """Open questions of the services that were done, the one that narrows most first."""
        return () if self.worksheet is None else self._questions_of(self.worksheet, self._done())

    def _questions_of(self, worksheet: Worksheet, done: tuple[CaseService, ...]) -> tuple[Question, ...]:
        bearing = self._bearing(done)
        return tuple(question for question in worksheet.questions if question.fact in bearing)

    def _open_services(self) -> list[str]:
        return [part.label for part in self.parts if f"{PREFIX}{part.name}" not in self.answers]

    def html(self, links: str = "") -> str:
        """See ``Form.html``."""
        if self.problem:
            return frame(notice_html(self.notice, self.problem), links)
        questions = self.questions()
        parts = [notice_html(self.notice), next_html(questions[0].text if questions else "")]
        if self.worksheet is None:
            parts.append("<p>Say what was done. Each service brings its questions and its lines.</p>")
        else:
            parts.append(f'<p class="quiet">{escape(day_said(self.answers))}</p>')
            parts += worksheet_parts(self.worksheet, evaluated=self.evaluated, level="h3", links=links)
        if still := self._open_services():
            parts.append(f'<p class="quiet">Not yet said whether done: {escape(", ".join(still))}.</p>')
        parts.append(not_needed_html(self.settled_by(), self.answers))
        return frame("".join(parts), links)

    @property
    def text(self) -> str:
        """See ``Form.text``."""
        if self.problem:
            return f"{self.calculator.title}\n\n{self.problem}"
        if self.worksheet is None:
            return f"{self.calculator.title}\n\nNothing was said to have been done."
        rows = ((self.worksheet.evaluation,) if self.evaluated else ()) + self.worksheet.rows
        wanted = dict.fromkeys(id for row in rows for way in row.alternatives for id in way.documents)
        still = self._open_services()
        told = (field.name for field in self.fields if field.name in facts())
        done = {
            field.question: self.answers[field.name]
            for field in self.fields
            if field.name.startswith(PREFIX) and field.name in self.answers
        }
        return copied_text(
            Copied(
                self.calculator.title,
                answers={**done, **labels(self.answers, told)},
                lines=summary(self.worksheet, evaluated=self.evaluated),
                why=tuple(f"{row.label}: {reason}" for row in rows for reason in row.because),
                keep=tuple(documents()[id].label for id in wanted),
                open=(
                    *(question.text for question in self.questions()),
                    *([f"Not yet said whether done: {', '.join(still)}"] if still else []),
                ),
                place=place_said(self.answers),
                day=day_copied(self.answers),
            )
        )
