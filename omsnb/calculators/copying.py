"""A calculator's result as the text that *Copy as text* puts on the clipboard: all that a note or a call needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from omsnb.edition import edition
from omsnb.presenting import MAY_GO, summary_text
from omsnb.summary import SummaryEntry
from omsnb.tables import facts

COPIES = "lines, record list, open questions"
"""What the button says of the text."""

PLACES = ("place", "encounter_setting")
"""The facts that tell where a service was given."""

NO_DATE = "not given; check each code and unit limit for the date of service"


@dataclass(frozen=True, slots=True)
class Copied:
    """What is copied. ``answers``: question to answer; ``why``: a reason a line; ``keep``: what the record must hold.

    ``lines``: None where the calculator is about something else than lines.
    ``place``: where the service was given, where that is known. ``day``: the date of service, where it is known.
    """

    title: str
    answers: Mapping[str, str]
    lines: tuple[SummaryEntry, ...] | None
    why: tuple[str, ...]
    keep: tuple[str, ...]
    open: tuple[str, ...]
    verify: str = ""
    place: str = ""
    day: str = ""


def copied_text(result: Copied) -> str:
    """The text: head, lines with modifiers and units, answers, reasons, what to keep, what is still open."""
    known = edition()
    parts = [
        result.title,
        f"Edition {known.edition}, code year {known.code_year}",
        f"Place: {result.place or 'not given'}",
        f"Date of service: {result.day or NO_DATE}",
        *(["", MAY_GO, *summary_text(result.lines)] if result.lines is not None else []),
    ]
    for heading, entries in (
        ("Answers", [f"{question} {answer}" for question, answer in result.answers.items()]),
        ("Why", result.why),
        ("Keep in the record", result.keep),
        ("Still open", result.open or ("nothing that is asked here",)),
    ):
        if entries:
            parts += ["", heading, *(f"  - {entry}" for entry in entries)]
    return "\n".join([*parts, *(["", result.verify] if result.verify else [])])


def place_said(answers: Mapping[str, str]) -> str:
    """Where the service was given, if the answers tell; two places that differ are both told."""
    said = (facts()[name].label(answers[name]) for name in PLACES if name in answers)
    return ", ".join(dict.fromkeys(said))


def labels(answers: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The answers to facts as question and answer; ``names`` are the facts that count here."""
    return {facts()[name].question: facts()[name].label(answers[name]) for name in names if name in answers}
