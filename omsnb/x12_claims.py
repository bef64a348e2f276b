"""X12 837 professional and dental claims read as rows of claim lines. Standard library alone, so pages can run it.

Loops are followed by their segments: levels (HL) for billing provider, subscriber and patient, then claims (CLM), what
other payers did (a second SBR), and service lines (LX). What is damaged refuses its own line, claim or level with the
segment's number; the others are kept. A patient gets a key made from name and birth date, so that neither a name nor an
insurance number goes further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from omsnb.claims import Row, column_name
from omsnb.x12_envelope import Transaction, transactions
from omsnb.x12_lines import LineSegments, Wrong, diagnosis, put
from omsnb.x12_loops import Claim, Level, Person, rows_of_claim
from omsnb.x12_names import (
    ENTITIES,
    FORM_OF,
    KEPT,
    MOST_ELEMENTS,
    NOT_KEPT,
    VERSIONS,
)
from omsnb.x12_said import Said
from omsnb.x12_segments import Segment, segments

ICD_10, ICD_9 = ("ABK", "ABF"), ("BK", "BF")
OTHER_HEALTH_CODES = frozenset("ABJ ABN APR BE BG BH BI BJ BN BO BP BQ BR BBQ BBR DR LOI PR TC TQ".split())
NOTES = ("ADD", "DCP")
"""Notes that say in words what was done."""

OF_A_VISIT = "check the professional or the dental claim of the same visit"

VOID, REPLACING = "8", ("6", "7")
IDS = frozenset("EI SY TJ 0B 1A 1B 1C 1D 1G G2 LU".split())
"""Reference numbers that name a provider who has no national number."""


class _Transaction:
    """Reads the segments of one transaction."""

    def __init__(self, told: Transaction, said: Said, names: Counter[str]) -> None:
        self.told, self.said, self.names = told, said, names
        self.form = next((form for key, form in VERSIONS.items() if key in told.version), None)
        self.levels: dict[str, Level] = {}
        self.every: list[Level] = []
        self.level: Level | None = None
        self.claim: Claim | None = None
        self.line: LineSegments | None = None
        self.beside = False  # inside the loop of another payer
        self.named = ""  # who the last name was
        self.done: list[Claim] = []
        self.steps = {
            "HL": self._hl, "SBR": self._sbr, "NM1": self._nm1, "REF": self._ref, "DMG": self._dmg, "CLM": self._clm,
            "HI": self._hi, "DTP": self._dtp, "PWK": self._pwk, "NTE": self._nte, "LX": self._lx, "SV1": self._sv,
            "SV2": self._sv, "SV3": self._sv, "TOO": self._too,
        }  # fmt: skip

    def claims(self) -> Iterator[Claim]:
        for segment in self.told.segments:
            most = MOST_ELEMENTS.get(segment.name, 99)
            if segment.name not in KEPT and segment.name not in NOT_KEPT:
                self._wrong(segment, "is no segment of a claim; it may be damaged")
            elif len(segment.elements) - 1 > most:
                count = len(segment.elements) - 1
                said = f"has {count} elements, but {most} are the most; the mark that ends it may be missing"
                self._wrong(segment, said)
            elif segment.name in self.steps:
                self.steps[segment.name](segment)
            elif segment.name in NOT_KEPT:
                self.said.not_kept(segment)
            yield from self.done
            self.done.clear()
        if self.told.cut and self.claim is not None:
            last = self.told.segments[-1]
            said = f"{last}: the file breaks off here, so that this line may be half"
            (self.line.wrong if self.line else self.claim.wrong).append(("", said))
        self._end()
        yield from self.done
        untold = dict.fromkeys(said for level in self.every if not level.told for _, said in level.wrong)
        for said in untold:
            self.said.fault(None, said)

    def _wrong(self, segment: Segment, message: str, column: str = "") -> None:
        """Says what is wrong of the line, claim or level that the segment belongs to."""
        if self.line is not None:
            self.line.wrong.append((column, f"{segment}: {message}"))
        elif self.claim is not None:
            self.claim.wrong.append((column, f"{segment}: {message}"))
        elif self.level is not None:
            self.level.wrong.append((column, f"{segment}: {message}"))
        else:
            self.said.fault(segment, message)

    def _end(self) -> None:
        if self.claim is not None:
            self.done.append(self.claim)
        self.claim = self.line = None
        self.beside, self.named = False, ""

    def _hl(self, segment: Segment) -> None:
        self._end()
        kind, above = segment.at(3), self.levels.get(segment.at(2))
        wanted = {"20": None, "22": "20", "23": "22"}
        level = Level(kind)
        if kind not in wanted:
            level.wrong.append(("", f"{segment}: level {kind[:9]!a} is not read; allowed: 20, 22, 23"))
        elif wanted[kind] is not None:
            if above is None or above.kind != wanted[kind]:
                said = f"names {segment.at(2)[:9]!a} as the level above it, which is not there"
                level.wrong.append(("", f"{segment}: {said}"))
            else:
                level = replace(above, kind=kind, wrong=list(above.wrong), above=above, told=False)
        if segment.at(1) in self.levels:
            level.wrong.append(("", f"{segment}: the number {segment.at(1)[:9]!a} stands twice"))
        self.level = self.levels[segment.at(1)] = level
        self.every.append(level)

    def _lost(self, segment: Segment) -> None:
        """A segment that begins a level, where none begins: what follows belongs to nobody that is known."""
        self._end()
        said = "stands where no level begins; the segment HL before it may be missing"
        self.level = Level("22", wrong=[("", f"{segment}: {said}")])
        self.every.append(self.level)

    def _sbr(self, segment: Segment) -> None:
        if self.claim is not None and self.line is None:
            self.beside = True
            self.said.note("another payer is named, which a claim line does not keep", self._name())
            return
        if (
            self.line is not None
            or self.level is None
            or self.level.kind != "22"
            or self.level.payer is not None
        ):
            self._lost(segment)
        assert self.level is not None
        self.level.payer = segment
        if not segment.at(1):
            self._wrong(segment, "does not tell whether the payer is the first")

    def _name(self) -> str:
        return column_name(self.claim.start.at(1)) if self.claim else ""

    def _nm1(self, segment: Segment) -> None:
        who = segment.at(1)
        self.named = who
        if who not in ENTITIES:
            self._wrong(segment, f"entity {who[:9]!a} is not known")
        elif self.beside and self.line is None:
            self.said.not_kept(segment)
        elif self.claim is not None:
            if who in ("85", "IL", "QC"):
                self._lost(segment)
                self._person(segment, who)
            elif who == "82":
                (self.line or self.claim).rendering = segment.at(9)
            else:
                self.said.not_kept(segment)
        else:
            self._person(segment, who)

    def _person(self, segment: Segment, who: str) -> None:
        level = self.level
        kinds = {"85": "20", "IL": "22", "QC": "23"}
        if level is None or who not in kinds:
            self.said.not_kept(segment)
            return
        held = {"85": level.provider, "IL": level.subscriber, "QC": level.patient}[who]
        if level.kind != kinds[who] or held:
            self._lost(segment)
            level = self.level
            assert level is not None
        if who == "85":
            level.provider = segment.at(9)
            return
        person = Person(segment.at(3), segment.at(4), segment.at(9))
        if who == "IL":
            level.subscriber = person
        else:
            person.member = level.subscriber.member if level.subscriber else ""
            level.patient = person

    def _ref(self, segment: Segment) -> None:
        self.said.not_kept(segment)
        if segment.at(1) not in IDS or (self.beside and self.line is None):
            return
        holder = self.line or self.claim
        if self.named == "82" and holder is not None and not holder.rendering:
            holder.rendering = segment.at(2)
        elif self.named == "85" and self.claim is None and self.level is not None and not self.level.provider:
            self.level.provider = segment.at(2)

    def _dmg(self, segment: Segment) -> None:
        person = None
        if self.claim is None and self.level is not None:
            person = self.level.patient if self.named == "QC" else self.level.subscriber
        if person is not None and segment.at(1) == "D8":
            person.birth = segment
        elif not self.beside:
            self._wrong(
                segment, "is no birth date of a person who is named before it; allowed: D8", "birth_date"
            )

    def _clm(self, segment: Segment) -> None:
        self._end()
        level = self.level or Level()
        self.claim = claim = Claim(segment, level)
        above: Level | None = level
        while above is not None:
            above.told, above = True, above.above
        if level.kind not in ("22", "23"):
            self._wrong(segment, "stands under no subscriber or patient (HL)")
        if segment.part(5, 3) == VOID:
            self._wrong(segment, "takes back an earlier claim (frequency 8), so its lines are not counted")
        elif segment.part(5, 3) in REPLACING:
            what = "an earlier claim is replaced (frequency 6 or 7); if that one is in the file, its lines count, too"
            self.said.note(what, self._name())
        if segment.at(19) == "PB":
            self._wrong(segment, "asks what would be paid (predetermination), so its lines are not counted")
        if segment.part(5, 2) == "A":
            self._wrong(segment, "holds a type of bill and no place of service", "place")
        claim.where = segment

    def _hi(self, segment: Segment) -> None:
        claim = self.claim
        if claim is None or self.line is not None:
            self._wrong(segment, "stands outside of a claim's own segments")
            return
        if not segment.at(1):
            self._wrong(segment, "holds no diagnosis")
        for place in range(1, len(segment.elements)):
            kind, code = segment.part(place, 1), segment.part(place, 2)
            if kind in ICD_10:
                name = diagnosis(code)
                if name not in claim.diagnoses:
                    claim.diagnoses.append(name)
                claim.letters.append(chr(ord("A") + claim.diagnoses.index(name)))
                wrong: Wrong = []
                put({}, wrong, "diagnoses", name or "-", segment)
                claim.wrong += wrong
            elif kind in ICD_9:
                claim.letters.append("")
                what = "diagnoses in ICD-9-CM are left out with their pointers"
                self.said.incomplete(what, self._name())
            elif kind not in OTHER_HEALTH_CODES and segment.at(place):
                self._wrong(segment, f"list {kind[:9]!a} of a diagnosis is not read; allowed: ABK, ABF")

    def _dtp(self, segment: Segment) -> None:
        if not (len(segment.at(1)) == 3 and segment.at(1).isdecimal()):
            self._wrong(segment, f"kind of date {segment.at(1)[:9]!a} is not known", "date")
        elif segment.at(1) == "472" and self.line is not None:
            self.line.dates.append(segment)
        elif segment.at(1) == "472" and self.claim is not None and not self.beside:
            self.claim.dates.append(segment)
        else:
            self.said.not_kept(segment)

    def _pwk(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is not None and segment.at(2) not in ("", "AA"):  # AA: only kept ready
            holder.attachment = True
        self.said.not_kept(segment)

    def _nte(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is not None and segment.at(1) in NOTES and segment.at(2):
            holder.narrative = True
        self.said.not_kept(segment)

    def _lx(self, segment: Segment) -> None:
        if self.claim is None:
            self._wrong(segment, "begins a service line outside of a claim")
            return
        self.line = LineSegments(segment)
        if not segment.at(1):
            self._wrong(segment, "holds no line number", "line")
        if segment.at(1) in {line.start.at(1) for line in self.claim.lines}:
            self._wrong(segment, f"line number {segment.at(1)[:9]!a} stands twice on its claim", "line")
        self.claim.lines.append(self.line)

    def _sv(self, segment: Segment) -> None:
        form = FORM_OF.get(segment.name)
        if self.line is None:
            self._wrong(segment, "is a service without the number of its line (LX)")
        elif form is None:
            self._wrong(segment, "is a line of an institutional claim, which is not read")
        elif self.line.service is not None:
            self._wrong(segment, "is a second service on one line; a segment LX before it may be missing")
        elif self.form is not None and form != self.form:
            self._wrong(
                segment, f"does not belong to a transaction of version {column_name(self.told.version)}"
            )
        else:
            self.line.service = segment

    def _too(self, segment: Segment) -> None:
        if self.line is None:
            self._wrong(segment, "is a tooth outside of a service line", "tooth")
        else:
            self.line.teeth.append(segment)

    def rows(self) -> Iterator[tuple[dict[str, str], Wrong]]:
        """The cells of each line of the transaction, and what is wrong with them."""
        for claim in self.claims():
            yield from rows_of_claim(claim, self.form, self.names, self.said)


def rows_of_x12(text: str, said: Said) -> Iterator[Row]:
    """The service lines of all claims in a file, each as a row, the first as row 1, and so does a claim without lines.

    ``said`` takes up what is wrong with the file and what is not kept. Raises ``ValueError`` with one sentence where
    the segments of the file cannot be told apart.
    """
    number = 0
    names: Counter[str] = Counter()
    for told in transactions(segments(text), said):
        what = _not_read(told)
        if what:
            said.unread(what, column_name(told.control))
            continue
        for cells, wrong in _Transaction(told, said, names).rows():
            number += 1
            yield Row(number, cells, tuple(wrong))
    said.finish()


def _not_read(told: Transaction) -> str:
    """Why a transaction is not read; empty where it is."""
    if told.kind == "835":
        return "a remittance (835) answers claims and holds none; read it with the command remittance"
    if told.kind != "837":
        said = "allowed: 837 professional and dental; ask for the claims themselves"
        return f"kind {column_name(told.kind)} is not read; {said}"
    if any(key in told.version and not form for key, form in VERSIONS.items()):
        return f"institutional claims (837I) are not read; allowed: 837 professional and dental; {OF_A_VISIT}"
    return ""
