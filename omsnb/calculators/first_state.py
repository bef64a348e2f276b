"""A calculator as it stands before anything is answered, in plain HTML: for a page before its script runs."""

from __future__ import annotations

from html import escape

from omsnb.calculators import new_form
from omsnb.calculators.form import Field


def first_state_html(name: str, links: str = "") -> str:
    """Every question with the answers it takes, and the whole menu. ``links``: see ``Form.html``."""
    form = new_form(name)
    questions = "".join(f"<li>{_question(field)}</li>" for field in form.fields)
    return (
        f"<p>{escape(form.calculator.about)}</p><details><summary>The {len(form.fields)} questions and their answers"
        f"</summary><ul>{questions}</ul></details>{form.html(links)}"
    )


def _question(field: Field) -> str:
    answers = "; ".join(label for label, _ in field.options) or field.hint
    return f"<strong>{escape(field.question)}</strong> {escape(answers)}"
