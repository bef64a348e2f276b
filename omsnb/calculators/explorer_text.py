"""The explorer's result as text, to be copied: day, edition, lines, answers, reasons, record list, open points."""

from __future__ import annotations

from omsnb.calculators.copying import Copied, copied_text, place_said
from omsnb.calculators.explorer import READINGS, CaseExplorer
from omsnb.calculators.form import day_copied
from omsnb.calculators.html import answer_words
from omsnb.records import DAY
from omsnb.summary import summary


def explorer_text(model: CaseExplorer) -> str:
    """What a note or a call needs of the result; the one sentence of the problem where there is no result."""
    worksheet = model.worksheet
    if worksheet is None:
        return model.problem
    way = f"{worksheet.variant.label}; " if worksheet.variant else ""
    given = {entry.name: entry for entry in model.given}
    answers = {}
    for name, value in model.answers.items():
        if name == DAY:
            continue
        before = f" (changed; the case has: {given[name].said})" if name in given else ""
        answers[model.question(name)] = f"{answer_words(name, value)}{before}"
    rows = (worksheet.evaluation, *worksheet.rows)
    return copied_text(
        Copied(
            title=f"{worksheet.case.title}: {way}read for {READINGS[model.reading]}",
            answers=answers,
            lines=summary(worksheet),
            why=tuple(f"{row.label}: {reason}" for row in rows for reason in row.because),
            keep=tuple(document.label for document in worksheet.documents),
            open=tuple(question.text for question in worksheet.questions),
            place=place_said({**_settled(model, "place"), **_settled(model, "encounter_setting")}),
            day=day_copied(model.answers),
        )
    )


def _settled(model: CaseExplorer, fact: str) -> dict[str, str]:
    """A fact's one value for all services, where the case and the answers leave one."""
    assert model.worksheet
    rows = (model.worksheet.evaluation, *model.worksheet.rows)
    values = {row.settled(fact) for row in rows if row.known(fact) is not None}
    return {fact: values.pop()} if len(values) == 1 and "" not in values else {}
