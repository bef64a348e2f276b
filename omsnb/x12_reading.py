"""X12 files read into claims, or row by row for the audit. Standard library alone.

Why the segments are told apart here and not by a library: see CONTRIBUTING.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from omsnb.claims import Reading, Row, gather
from omsnb.x12_claims import rows_of_x12
from omsnb.x12_said import Said
from omsnb.x12_segments import decoded

LATIN_1 = "the file is no UTF-8, so it was read as Latin-1"


class X12Rows:
    """The rows of an X12 file; ``said`` is complete once they were gone through."""

    def __init__(self, content: bytes) -> None:
        self.said = Said()
        self._text, self._latin = decoded(content)

    def __iter__(self) -> Iterator[Row]:
        return rows_of_x12(self._text, self.said)

    def notes(self) -> tuple[str, ...]:
        """What a person should know of how the file was read."""
        return (*((LATIN_1,) if self._latin else ()), *self.said.notes())


def claims_from_x12(content: bytes) -> Reading:
    """Reads the professional and dental claims (837) of an X12 file; each service line counts as a row.

    ``content``: begins as ``looks_like_x12`` wants it. Raises ``ValueError`` with one sentence where its segments
    cannot be told apart, and ``TooLongError`` for more lines than are read at once.
    """
    rows = X12Rows(content)
    reading = gather(rows, rows.said.faults)
    return replace(reading, notes=rows.notes())
