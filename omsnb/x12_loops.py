"""The loops of an 837 claim: who it is about, and its lines as cells of claim lines. Standard library alone."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from omsnb.claims import column_name
from omsnb.x12_lines import CDT, LineSegments, Wrong, day, plain, put
from omsnb.x12_names import FORM_OF, PROFESSIONAL, filings
from omsnb.x12_said import Said
from omsnb.x12_segments import Segment


@dataclass
class Person:
    """A subscriber or patient, as far as a key needs it. ``birth``: the segment of the birth date."""

    last: str = ""
    first: str = ""
    member: str = ""
    birth: Segment | None = None

    @property
    def key(self) -> str:
        """A key that names nobody; the same for one person with two payers. Empty where nothing tells who it is."""
        birth = self.birth.at(2) if self.birth else ""
        told = (self.last, self.first, birth) if self.last and birth else (self.last, self.first, self.member)
        if not any(told):
            return ""
        return "P-" + hashlib.sha256("|".join(told).upper().encode(errors="replace")).hexdigest()[:12]


@dataclass
class Level:
    """What a level (HL) and those above it tell."""

    kind: str = ""
    provider: str = ""
    subscriber: Person | None = None
    patient: Person | None = None
    payer: Segment | None = None
    wrong: Wrong = field(default_factory=list)
    above: Level | None = None
    told: bool = False  # a claim under it tells what is wrong


class Claim:
    """A claim, gathered until it ends. ``letters``: the letter of each diagnosis, empty where it cannot be kept."""

    def __init__(self, start: Segment, level: Level) -> None:
        self.start, self.level = start, level
        self.wrong: Wrong = list(level.wrong)
        self.lines: list[LineSegments] = []
        self.dates: list[Segment] = []
        self.diagnoses: list[str] = []
        self.letters: list[str] = []
        self.where = start
        self.rendering = ""
        self.narrative = self.attachment = False


def rows_of_claim(
    claim: Claim, form: str | None, names: Counter[str], said: Said
) -> Iterator[tuple[dict[str, str], Wrong]]:
    """The cells of each line of a claim, and what is wrong with them.

    ``form``: as the transaction tells it; None where it does not. ``names``: how often a claim number stood before.
    """
    name = claim.start.at(1)
    names[name] += 1
    if name and names[name] > 1:
        said.note("a claim number stands before in the file, so #2, #3 and so on is added to it", name)
        name = f"{name}#{names[name]}"
    form = form or next((FORM_OF[line.service.name] for line in claim.lines if line.service), "")
    level, wrong = claim.level, list(claim.wrong)
    person = level.patient or level.subscriber or Person()
    if level.kind == "23" and level.patient is None:
        wrong.append(("patient", f"{claim.start}: the patient is not named (NM1*QC)"))
    head: dict[str, str] = {"form": form}
    put(head, wrong, "claim", name, claim.start)
    put(head, wrong, "patient", person.key, claim.start)
    put(
        head,
        wrong,
        "birth_date",
        day(person.birth.at(2)) if person.birth else "",
        person.birth or claim.start,
    )
    put(head, wrong, "provider", level.provider, claim.start)
    head["payer"] = _payer(claim, form, name, said)
    head["diagnoses"] = "|".join(claim.diagnoses)
    if not claim.lines:
        yield head, [*wrong, ("", f"{claim.start}: claim {column_name(name)} holds no service line")]
        return
    _total(claim, name, said)
    for line in claim.lines:
        line.rendering = line.rendering or claim.rendering
        line.narrative, line.attachment = (
            line.narrative or claim.narrative,
            line.attachment or claim.attachment,
        )
        cells, more = line.cells(claim.dates, claim.letters)
        place = claim.start.part(5, 1)
        own = line.place or place
        put(cells, more, "place", own, line.where if line.place else claim.start)
        yield {**head, **cells}, [*wrong, *more]


def _payer(claim: Claim, form: str, name: str, said: Said) -> str:
    """The payer type; empty, and said, where the file does not tell it."""
    told = claim.level.payer.at(9) if claim.level.payer else ""
    if claim.level.payer is not None and claim.level.payer.at(1) not in ("", "P"):
        said.note("the payer is not the patient's first", column_name(name))
    filing = filings().get(told)
    payer = filing.payer(form) if filing else ""
    if not payer:
        what = (
            f"{told[:9]!a} ({filing.label}) tells none"
            if filing
            else f"{told[:9]!a} is not known"
            if told
            else "is missing"
        )
        said.note(f"the payer type is left empty, since the claim filing indicator {what}", column_name(name))
    elif (
        form == PROFESSIONAL and payer == "medical" and any(CDT.fullmatch(line.code) for line in claim.lines)
    ):
        what = "the payer type is left empty, since the file does not tell whether the medical plan takes CDT codes"
        said.note(what, column_name(name))
        return ""
    return payer


def _total(claim: Claim, name: str, said: Said) -> None:
    charges = [line.charge for line in claim.lines]
    total = plain(claim.start.at(2))
    if None in charges or plain(str(sum(filter(None, charges), Decimal(0)))) == total:
        return
    said.note("the total charge is not the sum of the lines", column_name(name))
