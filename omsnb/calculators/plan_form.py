"""The form that writes a practice's own file on a plan: what the plan has said in, the file's text out."""

from __future__ import annotations

import re
from functools import cached_property
from html import escape

from traitlets import Unicode

from omsnb.calculators.form import Field, Form
from omsnb.calculators.html import frame, next_html, notice_html
from omsnb.claim_tables import payers
from omsnb.payer_plans import PLANS, Limit, Plan, plan_kinds, plan_text, read_plan
from omsnb.periods import read_date
from omsnb.plan_fields import CHOICE, CODES, plan_fields
from omsnb.tables import codes, facts

NAME, PAYER, TOLD = "plan", "payer", "told"
LIMIT = re.compile(r"([0-9A-Za-z ]+?)\s*:\s*([0-9]{1,3})")
NEEDED = (NAME, PAYER)


class PlanForm(Form):
    """What has the plan said? ``written``: the file's text, or empty while its name or type is not given."""

    written = Unicode("")
    copies = "the file"

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The plan's name and type, the day on which it answered, and what it may have said."""
        kinds = tuple((payers()[name].label, name) for name in plan_kinds())
        asked = [
            Field(NAME, "What do you call the plan?", "text", hint="as on your claims, such as Plan X"),
            Field(PAYER, "What kind of payer is it?", "choice", kinds),
            Field(TOLD, "On which day did it answer?", "date", hint="year-month-day, such as 2026-03-12"),
        ]
        for name, field in plan_fields().items():
            if field.kind != CHOICE:
                asked.append(Field(name, field.label, "text", hint=field.hint))
                continue
            known = facts()[field.fact].values if field.fact else {}
            options = tuple(
                (known[value].label if value in known else answer.says, value)
                for value, answer in field.answers.items()
            )
            asked.append(Field(name, field.label, "choice", options))
        return tuple(asked)

    def read(self, field: str, text: str) -> object:
        """See ``Form.read``."""
        if not text:
            return None
        asked = {one.name: one for one in self.fields}
        if field not in asked:
            allowed = ", ".join(asked)
            raise ValueError(f"field: {field!r} is not asked by {self.calculator.name}; allowed: {allowed}")
        if asked[field].kind == "choice":
            values = [value for _, value in asked[field].options]
            if text not in values:
                raise ValueError(f"{field}: {text!r} is not allowed; allowed: {', '.join(values)}")
            return text
        if field == TOLD:
            return read_date(text, field)
        if field == NAME:
            return read_plan(
                plan_text(Plan(text, plan_kinds()[0], "", "", {}, {}, ())), "the plan's name"
            ).name
        return _codes(field, text) if plan_fields()[field].kind == CODES else _limits(field, text)

    def clear(self) -> None:
        """See ``Form.clear``."""
        self.written = ""

    def work_out(self) -> None:
        """Writes the file's text and reads it back, as it will be read from the folder."""
        if any(name not in self.answers for name in NEEDED):
            self.written = ""
            return
        own = {name: field for name, field in plan_fields().items() if name in self.answers}
        plan = Plan(
            name=self.answers[NAME],
            payer=self.answers[PAYER],
            told=self.answers.get(TOLD, ""),
            file=self.file,
            choices={name: self.answers[name] for name, field in own.items() if field.kind == CHOICE},
            lists={
                name: _codes(name, self.answers[name]) for name, field in own.items() if field.kind == CODES
            },
            limits=tuple(
                limit
                for name, field in own.items()
                if field.kind not in (CHOICE, CODES)
                for limit in _limits(name, self.answers[name])
            ),
        )
        read_plan(plan_text(plan), self.file)
        self.written = plan_text(plan)

    @property
    def file(self) -> str:
        """A name for the file, made from the plan's."""
        return (re.sub(r"[^a-z0-9]+", "-", self.answers.get(NAME, "").lower()).strip("-") or "plan") + ".toml"

    def _next(self) -> str:
        return next(
            (one.question for one in self.fields if one.name in NEEDED and one.name not in self.answers), ""
        )

    def html(self, links: str = "") -> str:
        """See ``Form.html``."""
        if self.problem:
            return frame(notice_html(self.notice, self.problem), links)
        parts = [notice_html(self.notice), next_html(self._next())]
        if self.written:
            parts.append(
                f"<p>Save this as <strong>{escape(self.file)}</strong> in a folder of your own, and name the folder in "
                f"{PLANS}. Each answer that rests on it will say so.</p><pre>{escape(self.written)}</pre>"
            )
        return frame("".join(parts), links)

    @property
    def text(self) -> str:
        """The file, with comments that say what it is."""
        lines = [f"# {self.calculator.title}: save as {self.file} in the folder that {PLANS} names."]
        if self.problem:
            lines.append(f"# {self.problem}")
        elif self._next():
            lines.append(f"# Still open: {self._next()}")
        return "\n".join([*lines, self.written])


def _codes(field: str, text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(text.upper().replace(",", " ").split()))
    for code in found:
        if code not in codes():
            raise ValueError(
                f"{field}: {code!r} is no code of this manual; allowed are {plan_fields()[field].hint}"
            )
    return found


def _limits(field: str, text: str) -> tuple[Limit, ...]:
    found = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        said = LIMIT.fullmatch(part)
        if not said:
            raise ValueError(f"{field}: {part!r} is not allowed; allowed are {plan_fields()[field].hint}")
        limit = Limit(_codes(field, said[1]), int(said[2]))
        sample = Plan("x", plan_kinds()[0], "", "", {}, {}, (limit,))
        read_plan(plan_text(sample), field)
        found.append(limit)
    return tuple(found)
