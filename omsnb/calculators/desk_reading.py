"""What of the desk was read, claim by claim: a claim whose lines are the same objects is not read anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from omsnb.claims import Claim, Fault, Reading, Row, Unread, gather
from omsnb.mending import Rows


class ReadLines:
    """The lines of a desk as claims. ``of_claim``: the reading of each claim by its name."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Sequence[dict[str, str]], tuple[int, ...], Reading]] = {}

    def read(self, rows: Rows) -> Reading:
        """Reads lines; what was read before of the same objects is taken as it is."""
        by_claim: dict[str, list[tuple[int, dict[str, str]]]] = defaultdict(list)
        for place, row in enumerate(rows, 1):
            by_claim[row["claim"]].append((place, row))
        kept = {}
        for name, given in by_claim.items():
            places, lines = tuple(place for place, _ in given), [row for _, row in given]
            old = self._kept.get(name)
            same = old and len(old[0]) == len(lines) and all(map(_same, old[0], lines))
            if not (old and same and (old[1] == places or not old[2].faults)):
                old = lines, places, gather(Row(place, row) for place, row in given)
            kept[name] = old
        self._kept = kept
        return _joined(entry[2] for entry in kept.values())

    def of_claim(self, name: str) -> Reading | None:
        """What was read last of a claim; None for a claim that is not on the desk."""
        return self._kept[name][2] if name in self._kept else None


def _same(one: object, other: object) -> bool:
    return one is other


def _joined(readings: Iterable[Reading]) -> Reading:
    claims: list[Claim] = []
    faults: list[Fault] = []
    rows = refused = 0
    unread = Unread()
    for one in readings:
        claims += one.claims
        rows, refused = rows + one.rows, refused + one.refused
        if one.faults:
            faults += one.faults
            unread = both(unread, one.unread)
    faults.sort(key=lambda fault: fault.row)
    return Reading(tuple(claims), tuple(faults), rows, refused, unread)


def both(one: Unread, other: Unread) -> Unread:
    """What was not read of two things together."""
    return Unread(
        one.something or other.something, one.patients | other.patients, one.anyone or other.anyone,
        one.lost | other.lost,
    )  # fmt: skip
