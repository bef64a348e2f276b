"""Tables to look things up in: modifiers, and the reason and remark codes of a payer's answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import sources

MODIFIER = re.compile(r"[0-9A-Z]{2}")
LABEL_WORDS = 12
STANDS_ON = (
    "any", "visit", "procedure", "imaging", "anesthesia", "laboratory", "drug", "equipment", "facility",
)  # fmt: skip
"""Kinds of lines; ``facility``: a line of a hospital's or surgical center's own claim."""

ANSWERS: Mapping[str, str] = {
    "correct": "correct and send again",
    "appeal": "appeal",
    "records": "send records",
    "authorization": "ask for authorization afterwards",
    "other_payer": "send to another payer",
    "patient": "bill the patient",
    "write_off": "write off",
    "status": "ask for the status",
    "amount": "check the amount",
    "remark": "as the remark says",
    "wait": "wait",
}
"""What may be done after a denial, in words."""

DENIAL = re.compile(r"(CARC|RARC)-([A-Z]{0,2}[0-9]{1,3})")
GROUPS = ("CO", "PR", "OA", "PI")
"""Who owes an adjustment, as it stands before a reason code on a payer's answer (CO-97). It is no part of the code."""


@dataclass(frozen=True, slots=True)
class Modifier:
    """A modifier (``modifiers.csv``). ``stands_on``: kinds of lines that may carry it, of ``STANDS_ON``."""

    modifier: str
    label: str
    stands_on: tuple[str, ...]
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Denial:
    """A reason or remark code (``denials.csv``). ``usual_case`` and ``next_step`` are our own general knowledge.

    ``code``: ``CARC-97`` (a claim adjustment reason) or ``RARC-N425`` (a remark). ``answers``: keys of ``ANSWERS``.
    """

    code: str
    label: str
    usual_case: str
    next_step: str
    answers: tuple[str, ...]
    source: str

    @property
    def number(self) -> str:
        """The code as it stands on a payer's answer, such as 97."""
        return self.code.partition("-")[2]

    @property
    def names(self) -> tuple[str, ...]:
        """Every way in which it is written: 97, CARC-97, and with the groups CO-97, CO97."""
        grouped = [f"{group}{dash}{self.number}" for group in GROUPS for dash in ("-", "")]
        return (self.number, self.code, *(grouped if self.code.startswith("CARC") else ()))


@cache
def modifiers() -> Mapping[str, Modifier]:
    """The modifiers by their two characters. It holds those met around oral surgery, and not all there are."""

    def make(line: Line) -> Modifier:
        label = line.wanted("label")
        if len(label.split()) > LABEL_WORDS:
            raise line.error("label", f"{label!r} has more than {LABEL_WORDS} words")
        stands_on = line.items("stands_on", STANDS_ON)
        if not stands_on:
            raise line.error("stands_on", f"is empty; allowed: {', '.join(STANDS_ON)}")
        return Modifier(
            line.matching("modifier", MODIFIER, "59"),
            label,
            stands_on,
            line.text("note"),
            line.listed("source", sources()),
        )

    columns = ("modifier", "label", "stands_on", "note", "source")
    return by_id(read_lines("modifiers.csv", columns), "modifier", make)


@cache
def denials() -> Mapping[str, Denial]:
    """The reason and remark codes by list and number (``CARC-97``)."""

    def make(line: Line) -> Denial:
        answers = line.items("answer", ANSWERS)
        if not answers:
            raise line.error("answer", f"is empty; allowed: {', '.join(ANSWERS)}")
        return Denial(
            line.matching("code", DENIAL, "CARC-97 or RARC-N425"),
            line.wanted("label"),
            line.wanted("usual_case"),
            line.wanted("next_step"),
            answers,
            line.listed("source", sources()),
        )

    columns = ("code", "label", "usual_case", "next_step", "answer", "source")
    return by_id(read_lines("denials.csv", columns), "code", make)


def unlisted(given: Iterable[str]) -> tuple[str, ...]:
    """Those of a line's modifiers that the table does not hold."""
    return tuple(modifier for modifier in given if modifier not in modifiers())
