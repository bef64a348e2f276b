"""The envelopes of an X12 file: interchanges, groups and transactions, with their counts checked.

A count that is wrong may be a segment that was lost, so it makes the reading incomplete; what is there is read all the
same. Standard library alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from omsnb.x12_said import Said
from omsnb.x12_segments import ISA_ELEMENTS, Segment

KINDS = {"HC": "837", "HP": "835"}
"""The kind of transaction by the kind of its group, where its own header is missing."""


@dataclass
class Transaction:
    """The segments between ST and SE. ``cut``: the file breaks off inside it, so that its last line may be half."""

    kind: str
    version: str
    control: str
    segments: list[Segment] = field(default_factory=list)
    cut: bool = False


class _Envelopes:
    def __init__(self, said: Said) -> None:
        self.said = said
        self.interchange: Segment | None = None
        self.group: Segment | None = None
        self.current: Transaction | None = None
        self.groups = self.transactions = 0

    def isa(self, segment: Segment) -> None:
        if len(segment.elements) != ISA_ELEMENTS + 1:
            said = f"has {len(segment.elements) - 1} elements, but {ISA_ELEMENTS} are wanted"
            self.said.fault(segment, said)
        if self.interchange is not None:
            self.said.fault(
                segment, "begins although the interchange before it does not end (IEA is missing)"
            )
        self.interchange, self.group, self.groups = segment, None, 0

    def gs(self, segment: Segment) -> None:
        if self.group is not None:
            self.said.fault(segment, "begins although the group before it does not end (GE is missing)")
        self.group, self.transactions = segment, 0
        self.groups += 1

    def st(self, segment: Segment) -> None:
        version = segment.at(3) or (self.group.at(8) if self.group else "")
        self.current = Transaction(segment.at(1), version, segment.at(2))
        self.transactions += 1

    def implied(self, segment: Segment) -> Transaction:
        """A transaction whose header is missing."""
        self.said.fault(segment, "stands outside of a transaction (ST is missing or damaged)")
        group = self.group
        self.transactions += 1
        self.current = Transaction(
            KINDS.get(group.at(1), "") if group else "", group.at(8) if group else "", "without a number"
        )
        return self.current

    def se(self, segment: Segment) -> None:
        current = self.current
        if current is None:
            self.said.fault(segment, "ends a transaction that does not begin")
            return
        count = len(current.segments) + 2
        if segment.at(1) != str(count) and segment.at(1).lstrip("0") != str(count):
            self.said.fault(segment, f"tells of {segment.at(1) or 'no'} segments, but there are {count}")
        if segment.at(2) != current.control:
            self.said.fault(segment, f"has another number than its transaction, {current.control!a}")

    def ge(self, segment: Segment) -> None:
        if self.group is None:
            self.said.fault(segment, "ends a group that does not begin")
            return
        if segment.at(1).lstrip("0") != str(self.transactions):
            said = f"tells of {segment.at(1) or 'no'} transactions, but there are {self.transactions}"
            self.said.fault(segment, said)
        self.group = None

    def iea(self, segment: Segment) -> None:
        if self.interchange is None:
            self.said.fault(segment, "ends an interchange that does not begin")
            return
        if self.group is not None:
            self.said.fault(segment, "comes although the group before it does not end (GE is missing)")
        if segment.at(1).lstrip("0") != str(self.groups):
            self.said.fault(segment, f"tells of {segment.at(1) or 'no'} groups, but there are {self.groups}")
        self.interchange = self.group = None


def transactions(segments: Iterable[Segment], said: Said) -> Iterator[Transaction]:
    """The transactions of a file, one by one. ``said`` takes up what is wrong with their envelopes."""
    inside = _Envelopes(said)
    steps = {"ISA": inside.isa, "GS": inside.gs, "ST": inside.st, "GE": inside.ge, "IEA": inside.iea}
    segment: Segment | None = None
    for segment in segments:
        if segment.name == "SE":
            inside.se(segment)
            if inside.current is not None:
                yield inside.current
            inside.current = None
            continue
        if segment.name not in steps:
            current = inside.current or inside.implied(segment)
            current.segments.append(segment)
            continue
        if inside.current is not None:
            said.fault(segment, "comes although the transaction before it does not end (SE is missing)")
            yield inside.current
            inside.current = None
        steps[segment.name](segment)
    if inside.current is not None or inside.group is not None or inside.interchange is not None:
        whole = segment is not None and segment.name == "IEA"
        if not whole:
            wanted = "SE" if inside.current is not None else "GE" if inside.group is not None else "IEA"
            said.fault(segment, f"is the last of the file, which breaks off here ({wanted} is missing)")
    if inside.current is not None:
        inside.current.cut = True
        yield inside.current
