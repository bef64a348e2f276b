"""The global-period calculator: a code and days in; the period, and the last safe day, out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from typing import TypeVar

from traitlets import Tuple

from omsnb.calculators.form import Field, Form
from omsnb.calculators.html import frame, next_html, notice_html
from omsnb.claim_tables import period_kinds
from omsnb.edition import edition
from omsnb.periods import Period, day_offsets, global_period, last_safe_date, read_date
from omsnb.standing import marked
from omsnb.tables import codes
from omsnb.timeline import timeline_svg

Counted = TypeVar("Counted")

CODE, PROCEDURE, SURGERY = "code", "procedure", "surgery"


@dataclass(frozen=True, slots=True)
class PeriodAnswer:
    """What is known for one length of period. ``period`` and ``last_safe`` are None while their day is not given."""

    days: str
    label: str
    period: Period | None
    last_safe: date | None
    inside: bool | None
    order: str
    """What is wrong with the two days as an order of events; empty where nothing is, or one is not given."""


WRONG_ORDER = (
    "The dates are in the wrong order: the procedure on {procedure} comes after the operation on {surgery}, which was "
    "to follow it. Check both days."
)
SAME_DAY = "Both are on {surgery}, which is the same session: the operation falls INSIDE the period."


class PeriodForm(Form):
    """Which code, on which day, and when is the operation? ``found``: an answer for each period still possible."""

    found = Tuple()
    copies = "dates, rules, open questions"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The code, and the two days."""
        timed = tuple(
            (f"{code.code} {code.label}", code.code)
            for code in codes().values()
            if day_offsets(code.global_days) and not code.effective_to
        )
        hint = "year-month-day, such as 2026-03-12"
        return (
            Field(CODE, "Which code was, or will be, reported?", "choice", timed),
            Field(PROCEDURE, "On which day is it done?", "date", hint=hint),
            Field(SURGERY, "When is the operation that follows?", "date", hint=hint),
        )

    def read(self, field: str, text: str) -> str | date | None:
        """See ``Form.read``."""
        if field == CODE:
            allowed = dict(self.fields[0].options).values()
            if text not in allowed:
                raise ValueError(
                    f"code: {text!r} has no period of days in this manual; allowed: {', '.join(allowed)}"
                )
            return text
        if field in (PROCEDURE, SURGERY):
            return read_date(text, field) if text else None
        allowed_names = ", ".join(one.name for one in self.fields)
        raise ValueError(f"field: {field!r} is not asked by {self.calculator.name}; allowed: {allowed_names}")

    def clear(self) -> None:
        """See ``Form.clear``."""
        self.found = ()

    def work_out(self) -> None:
        """Counts the days of each period that the code leaves possible."""
        code = self.answers.get(CODE)
        days = [codes()[code].global_days] if code else list(period_kinds())
        procedure, surgery = self._day(PROCEDURE), self._day(SURGERY)
        found = []
        for kind in days:
            period = self._counted(global_period, kind, procedure)
            found.append(
                PeriodAnswer(
                    days=kind,
                    label=period_kinds()[kind].label,
                    period=period,
                    last_safe=self._counted(last_safe_date, kind, surgery),
                    inside=_inside(period, surgery),
                    order=_order(procedure, surgery),
                )
            )
        self.found = tuple(found)

    def _day(self, field: str) -> date | None:
        text = self.answers.get(field, "")
        return read_date(text, field) if text else None

    @staticmethod
    def _counted(count: Callable[[str, date], Counted], kind: str, day: date | None) -> Counted | None:
        try:
            return count(kind, day) if day else None
        except ValueError:
            raise ValueError(f"{day} is too near an end of the calendar to count days from it.") from None

    def _next(self) -> str:
        """The code, then one of the days: with either of them something is known."""
        if CODE in self.answers and (PROCEDURE in self.answers or SURGERY in self.answers):
            return ""
        return next(field.question for field in self.fields if field.name not in self.answers)

    def lines(self, answer: PeriodAnswer) -> list[str]:
        """What is known of one period, a sentence each."""
        said = [f"{int(answer.days)} days: {answer.label}."]
        if answer.period:
            said.append(
                f"The period runs from {answer.period.first} to {answer.period.last}; "
                f"the first day after it is {answer.period.first_free}."
            )
        if answer.last_safe:
            said.append(f"The last day that keeps the operation out of the period is {answer.last_safe}.")
        if answer.inside is not None and not answer.order:
            surgery = self.answers[SURGERY]
            said.append(
                f"The operation on {surgery} falls {'INSIDE' if answer.inside else 'outside'} the period."
            )
        return said

    def _orders(self) -> list[str]:
        return list(dict.fromkeys(answer.order for answer in self.found if answer.order))

    def html(self, links: str = "") -> str:
        """See ``Form.html``."""
        if self.problem:
            return frame(notice_html(self.notice, self.problem), links)
        parts = [notice_html(self.notice), next_html(self._next())]
        parts += [f'<p class="problem">{escape(order)}</p>' for order in self._orders()]
        for answer in self.found:
            parts.append(f"<p>{'<br>'.join(escape(line) for line in self.lines(answer))}</p>")
        only = self.found[0] if len(self.found) == 1 else None
        if only and only.period:
            surgery = self._day(SURGERY)
            marks = [(surgery, "operation")] if surgery and only.inside is not None else []
            parts.append(timeline_svg(only.period, marks, f"Global period of {self.answers[CODE]}"))
        rules = "".join(f"<li>{escape(marked(id))} <small>[{_cited(id, links)}]</small></li>"
                        for id in self.calculator.guidance)  # fmt: skip
        parts.append(f"<h3>Why</h3><ul>{rules}</ul>")
        return frame("".join(parts), links)

    @property
    def text(self) -> str:
        """See ``Form.text``."""
        known = edition()
        said = [
            f"{field.question} {self.answers[field.name]}"
            for field in self.fields
            if field.name in self.answers
        ]
        lines = [
            self.calculator.title,
            f"Edition {known.edition}, code year {known.code_year}",
            "",
            *said,
            "",
        ]
        if self.problem:
            return "\n".join([*lines, self.problem])
        lines += self._orders()
        for answer in self.found:
            lines += self.lines(answer)
        lines += ["", *(f"[{id}] {marked(id)}" for id in self.calculator.guidance)]
        still = [field.question for field in self.fields if field.name not in self.answers]
        return "\n".join([*lines, *(f"Still open: {question}" for question in still)])


def _inside(period: Period | None, surgery: date | None) -> bool | None:
    """Whether the operation lies in the period; None where a day is missing or the order of the two is wrong."""
    return period.holds(surgery) if period and surgery and period.procedure <= surgery else None


def _order(procedure: date | None, surgery: date | None) -> str:
    if not procedure or not surgery or procedure < surgery:
        return ""
    return (SAME_DAY if procedure == surgery else WRONG_ORDER).format(procedure=procedure, surgery=surgery)


def _cited(id: str, links: str) -> str:
    if not links:
        return escape(id)
    return f'<a href="{escape(links)}guidance.html#guidance-{escape(id)}">{escape(id)}</a>'
