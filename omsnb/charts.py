"""From chart to claim, for exercises: what a note gives, what it lacks, the lines it leads to, and the claim of them.

Every function reads the note anew and takes its proposals for confirmed, as a learner does who agrees with each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from omsnb.claim_building import build_claims
from omsnb.claims import Claim
from omsnb.coding import Worksheet
from omsnb.letters import letters_for, write_letter
from omsnb.lookups import denials
from omsnb.notes import lacking, propose
from omsnb.notes.confirming import evaluated, worksheet_of
from omsnb.summary import summary
from omsnb.tables import facts

NOTHING = "nothing"


def marked(note: str, day: str) -> str:
    """The words of a note that give a fact, one a line: service, question, answer, words, stated or implied."""
    return (
        "\n".join(
            f"{one.service}: {facts()[one.fact].question} {facts()[one.fact].label(one.value)}\n"
            f"        “{' '.join(one.quote.split())}”, {one.basis}"
            for one in propose(note, day).proposals
        )
        or NOTHING
    )


def held(note: str, day: str) -> str:
    """What words of the note suggest and the reader holds back, one a line, with the reason."""
    return (
        "\n".join(
            f"{one.service}: {one.fact} = {one.value}, “{' '.join(one.quote.split())}”: {one.because}"
            for one in propose(note, day).held
        )
        or NOTHING
    )


def _worksheet(note: str, day: str, answers: Mapping[str, str]) -> Worksheet | None:
    return worksheet_of(propose(note, day).proposals, date.fromisoformat(day), answers)


def menu(note: str, day: str, **answers: str) -> str:
    """The lines that a note leaves, service by service. ``answers``: to questions that it leaves open."""
    made = _worksheet(note, day, answers)
    if made is None:
        return NOTHING
    found = []
    for entry in summary(made, evaluated=evaluated(made, propose(note, day).proposals)):
        ways = " or ".join(line.text for line in entry.lines) + (" or none" if entry.or_none else "")
        found.append(f"{entry.label}: {ways}")
    return "\n".join(found) or NOTHING


def lacks(note: str, day: str) -> str:
    """What a note lacks for the codes that it leads to, one a line."""
    found = propose(note, day)
    return (
        "\n".join(
            f"{one.code}: {one.element}" for one in lacking(found.proposals, found.shown, found.request)
        )
        or NOTHING
    )


def claim_of(
    note: str,
    day: str,
    payer: str,
    diagnosis: str,
    cells: Mapping[str, Any] | None = None,
    *,
    line_place: str = "",
    **answers: str,
) -> tuple[Claim, ...]:
    """The claim that a note leads to, with a charge on each line.

    ``payer``: a type of ``payers.csv``; ``line_place``: place of service (two digits) of lines whose place the note
    does not settle; ``cells``: what every line says besides, such as ``report="yes"``;
    ``answers``: to questions that the note leaves open. Raises ``ValueError`` for a note that leads to no line.
    """
    made = _worksheet(note, day, answers)
    if made is None:
        raise ValueError("note: it leads to no service")
    built = build_claims(
        made,
        payer=payer,
        dates={"*": date.fromisoformat(day)},
        patient="P-1",
        provider="B-1",
        place=line_place,
        diagnoses=[diagnosis],
    )
    claims = tuple(changed(claim, charge=Decimal("100.00"), **(cells or {})) for claim in built.claims)
    if not claims:
        raise ValueError(f"note: no line is settled; {' '.join(one.because for one in built.open)}")
    return claims


def changed(claim: Claim, **cells: Any) -> Claim:
    """A claim of which every line says something else. ``cells``: fields of ``ServiceLine``."""
    return replace(claim, lines=tuple(replace(line, **cells) for line in claim.lines))


def denied(code: str) -> str:
    """A denial, and its next step. ``code``: a reason such as ``CARC-252``.

    Raises ``ValueError`` for an unknown one.
    """
    if code not in denials():
        raise ValueError(f"denial: {code!r} is not known; allowed: {', '.join(denials())}")
    one = denials()[code]
    return f"{code}: {one.label}\nNext step: {one.next_step}"


def letter_of(claims: tuple[Claim, ...]) -> str:
    """The first letter that belongs to a claim's lines, with gaps to fill."""
    for claim in claims:
        for line in claim.lines:
            for letter in letters_for(line):
                return write_letter(letter, claim, line)
    return NOTHING
