"""What the reading of an X12 file tells of the whole of it: what is wrong beside its lines, and what lines do not keep.

Everything of one kind is said once, with a count. Standard library alone.
"""

from __future__ import annotations

from collections import Counter

from omsnb.claims import MOST_FAULTS, Fault
from omsnb.x12_names import NOT_KEPT
from omsnb.x12_segments import Segment

MOST_NAMED = 3
"""Claims that one sentence names."""


class Said:
    """Gathers what is told of a file; ``faults`` are those that make its reading incomplete."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._not_kept: Counter[str] = Counter()
        self._unread: dict[str, list[str]] = {}
        self._notes: dict[str, list[str]] = {}
        self._lost: dict[str, list[str]] = {}

    def fault(self, where: Segment | None, message: str) -> None:
        """Something is wrong with the file itself."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(0, "", f"{where}: {message}" if where else message))

    def unread(self, what: str, where: str) -> None:
        """A whole transaction is not read: what it is, and which one."""
        self._unread.setdefault(what, []).append(where)

    def incomplete(self, what: str, claim: str) -> None:
        """Something that a claim line holds cannot be read of a claim."""
        named = self._lost.setdefault(what, [])
        if claim not in named[-1:]:
            named.append(claim)

    def note(self, what: str, claim: str) -> None:
        """Something of a claim is read in a way that a person should know of."""
        named = self._notes.setdefault(what, [])
        if claim not in named[-1:]:
            named.append(claim)

    def not_kept(self, segment: Segment) -> None:
        """A segment that claim lines have no column for."""
        self._not_kept[segment.name] += 1

    def finish(self) -> None:
        """Adds a fault for each kind of transaction that is not read, and of what is left out of claims."""
        self.faults += [
            Fault(0, "", f"{what}: {_listed(named, 'claim')}") for what, named in self._lost.items()
        ]
        for what, where in self._unread.items():
            self.faults.append(Fault(0, "", f"{what}: {_listed(where, 'transaction')}"))

    def notes(self) -> tuple[str, ...]:
        """What a person should know of a file that was read."""
        said = [f"{what}: {_listed(named, 'claim')}" for what, named in self._notes.items()]
        told: dict[str, list[str]] = {}
        for name, count in sorted(self._not_kept.items()):
            told.setdefault(NOT_KEPT[name], []).append(f"{name} ×{count}")
        if told:
            listed = "; ".join(f"{what} ({', '.join(names)})" for what, names in told.items())
            said.append(f"claim lines have no column for, and do not keep: {listed}")
        return tuple(said)


def _listed(names: list[str], word: str) -> str:
    """The first names of many, with what they are."""
    if len(names) == 1:
        return f"1 {word} ({names[0]})"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{len(names)} {word}s ({', '.join(names[:MOST_NAMED])}{more})"
