"""X12 835 remittances: what a payer answered to each claim line, and what to do next. Standard library alone.

The codes are looked up in ``denials.csv``; the letters that fit a line stand in ``letters.toml``. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omsnb.claims import Fault, ServiceLine
from omsnb.letters import letters_for
from omsnb.lookups import ANSWERS, GROUPS, Denial, denials
from omsnb.periods import read_date
from omsnb.x12_envelope import Transaction, transactions
from omsnb.x12_lines import NUMBER, day, plain
from omsnb.x12_said import Said
from omsnb.x12_segments import Segment, decoded, segments

REASONS_AT_ONCE = 6
"""Reasons that one CAS segment holds: triples of reason, amount and quantity."""

REMARK_LIST = "HE"
CLAIM = "claim"
UNKNOWN_DAY = "2000-01-01"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reason or remark on a claim or a line, and what the manual says of it.

    ``group``: who owes the amount (CO, PR, OA, PI), empty for a remark. ``denial``: None where ``denials.csv`` does not
    hold the code.
    """

    group: str
    code: str
    amount: str
    denial: Denial | None

    @property
    def known(self) -> str:
        """What it means and the next step, as one text."""
        if self.denial is None:
            return "this code is not in the manual's table; look it up in the payer's list"
        done = ", ".join(ANSWERS[answer] for answer in self.denial.answers)
        return f"{self.denial.label}. Our own advice: {self.denial.next_step} ({done})"


@dataclass
class PaidLine:
    """A line of a remittance, or the claim itself (``code`` empty). Amounts are texts of dollars."""

    claim: str
    line: str
    code: str
    modifiers: tuple[str, ...]
    charge: str
    paid: str
    date: str
    answers: list[Answer]
    letters: tuple[str, ...] = ()


@dataclass
class Remittance:
    """What a file answers, and what of it could not be read."""

    lines: list[PaidLine]
    faults: list[Fault]


def read_remittance(content: bytes) -> Remittance:
    """Reads an 835 file. Raises ``ValueError`` with one sentence where its segments cannot be told apart."""
    said = Said()
    lines: list[PaidLine] = []
    for told in transactions(segments(decoded(content)[0]), said):
        if told.kind == "835":
            lines += _Reader(said).read(told)
        else:
            said.unread("a transaction that is no remittance (835) is not read here", told.control[:40])
    said.finish()
    for line in lines:
        line.letters = _letters(line)
    return Remittance(lines, said.faults)


def _letters(line: PaidLine) -> tuple[str, ...]:
    """The letters that belong to the line's code, where something of it was not paid."""
    if not line.code or not line.answers:
        return ()
    service = ServiceLine(date=read_date(UNKNOWN_DAY), code=line.code, modifiers=line.modifiers)
    return tuple(letter.id for letter in letters_for(service))


class _Reader:
    def __init__(self, said: Said) -> None:
        self.said = said
        self.lines: list[PaidLine] = []
        self.claim: PaidLine | None = None
        self.line: PaidLine | None = None

    def read(self, told: Transaction) -> list[PaidLine]:
        steps = {"CLP": self._clp, "SVC": self._svc, "CAS": self._cas, "LQ": self._lq, "MOA": self._moa,
                 "MIA": self._moa, "DTM": self._dtm, "REF": self._ref}  # fmt: skip
        for segment in told.segments:
            if segment.name in steps:
                steps[segment.name](segment)
            elif segment.name not in OTHERS:
                self.said.fault(segment, "is no segment of a remittance; it may be damaged")
        if told.cut:
            self.said.fault(told.segments[-1] if told.segments else None, "the last line may be half")
        return self.lines

    def _money(self, segment: Segment, place: int) -> str:
        text = segment.at(place)
        if text and not NUMBER.fullmatch(text.removeprefix("-")):
            self.said.fault(segment, f"{text[:20]!a} is no amount")
            return ""
        sign = "-" if text.startswith("-") else ""
        return sign + plain(text.removeprefix("-"))

    def _clp(self, segment: Segment) -> None:
        self.line = None
        charge, paid = self._money(segment, 3), self._money(segment, 4)
        self.claim = PaidLine(segment.at(1), "", "", (), charge, paid, "", [])
        if not segment.at(1):
            self.said.fault(segment, "names no claim")
        self.lines.append(self.claim)

    def _svc(self, segment: Segment) -> None:
        if self.claim is None:
            self.said.fault(segment, "is a line outside of a claim (CLP)")
            return
        # the payer may answer with another code than the one sent, which then stands at the sixth place
        sent = segment.parts(6) if segment.at(6) else segment.parts(1)
        code = sent[1].upper() if len(sent) > 1 else ""
        if not code:
            self.said.fault(segment, "holds no code of a service")
        modifiers = tuple(part.upper() for part in sent[2:6] if part)
        charge, paid = self._money(segment, 2), self._money(segment, 3)
        self.line = PaidLine(self.claim.claim, "", code, modifiers, charge, paid, self.claim.date, [])
        self.lines.append(self.line)

    def _cas(self, segment: Segment) -> None:
        holder = self._holder(segment)
        group = segment.at(1)
        if holder is None:
            return
        if group not in GROUPS:
            self.said.fault(segment, f"group {group[:9]!a} is not known; allowed: {', '.join(GROUPS)}")
        found = False
        for place in range(2, 2 + 3 * REASONS_AT_ONCE, 3):
            if code := segment.at(place).upper():
                found = True
                amount = self._money(segment, place + 1)
                holder.answers.append(Answer(group, code, amount, denials().get(f"CARC-{code}")))
        if not found:
            self.said.fault(segment, "holds no reason")

    def _lq(self, segment: Segment) -> None:
        holder = self._holder(segment)
        if holder is not None and segment.at(1) == REMARK_LIST:
            self._remarks(holder, [segment.at(2)])

    def _moa(self, segment: Segment) -> None:
        """Remarks on the whole claim."""
        holder = self._holder(segment)
        if holder is not None:
            places = range(3, 8) if segment.name == "MOA" else (5, 20, 21, 22, 23)
            self._remarks(holder, [segment.at(place) for place in places])

    def _remarks(self, holder: PaidLine, codes: Iterable[str]) -> None:
        for code in filter(None, (code.upper() for code in codes)):
            holder.answers.append(Answer("", code, "", denials().get(f"RARC-{code}")))

    def _holder(self, segment: Segment) -> PaidLine | None:
        holder = self.line or self.claim
        if holder is None:
            self.said.fault(segment, "stands outside of a claim (CLP)")
        return holder

    def _dtm(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is not None and segment.at(1) in ("472", "150", "232"):
            holder.date = day(segment.at(2))

    def _ref(self, segment: Segment) -> None:
        if self.line is not None and segment.at(1) == "6R":
            self.line.line = segment.at(2)


OTHERS = frozenset("BPR NTE TRN CUR N1 N2 N3 N4 PER RDM LX TS3 TS2 NM1 AMT QTY PLB DTP K3 HL".split())
"""Segments of a remittance that say nothing of a line's denial."""
