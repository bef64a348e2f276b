"""The claim desk: lines that are pasted, opened or typed, what the checks find in them, and remedies to apply.

The lines stand as text, so that a cell which cannot be read stays on the screen to be mended. A change has only its
claim read, and only the claims of its patient checked, anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from traitlets import HasTraits, Int, Unicode

from omsnb.calculators.desk_cells import block_of, entered, many, new_row, numbered, own_plan, tidied
from omsnb.calculators.desk_reading import ReadLines, both
from omsnb.claim_files import claim_bytes, read_given
from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, Fault, Reading, ServiceLine, nothing_read, rows_of
from omsnb.edit_rules import STATUSES, edit_rules
from omsnb.edits import Finding, find
from omsnb.edits.report import worst_of
from omsnb.edits.unread import UNSURE, with_unread
from omsnb.letters import letters_for, write_letter
from omsnb.mending import Rows, mended, step_words
from omsnb.preview import claim_html
from omsnb.table_rows import Options

DESK = "claim-desk"
TITLE = "Claim desk"
UNDONE_MOST = 50
"""Steps that can be taken back."""
MOST_LINES = 5_000
"""Lines that the desk holds; the command line takes more."""
MOST_BYTES = 8 * 2**20
KINDS = ("csv", "xlsx", "json", "fhir")
SUFFIX = {"csv": "csv", "xlsx": "xlsx", "json": "json", "fhir": "fhir.json"}
LETTERS_MOST = 12

Held = tuple[Rows, Reading]
"""What a step changes: the lines, and what was read last."""


class ClaimDesk(HasTraits):
    """State of the desk. ``said``: what the last step did, in one sentence. ``revision`` counts the results.

    ``rows``: the lines. ``reading``: the lines as claims, with what cannot be read of them. ``source``: what was read
    last, whose refused rows keep the check incomplete. ``findings``: the worst first.
    """

    said = Unicode("")
    revision = Int(0)

    def __init__(self) -> None:
        super().__init__()
        self.rows: Rows = ()
        self.source = Reading((), (), 0)
        self.reading = self.source
        self.findings: tuple[Finding, ...] = ()
        self._before: list[Held] = []
        self._after: list[Held] = []
        self._cell: tuple[int, str] | None = None
        self._lines = ReadLines()
        self._known: dict[str, tuple[tuple[Claim, ...], tuple[Finding, ...]]] = {}

    # What a reader does.

    def load(self, content: bytes, name: str = "", options: Options | None = None) -> bool:
        """Reads pasted lines or a file in place of what stands there; returns whether a line of it could be read.

        ``options``: what the user says of a table. Where no line can be read, or it holds more than the desk does, all
        that stands on the desk stays.
        """
        what = name or "the pasted lines"
        try:
            if len(content) > MOST_BYTES:
                raise ValueError(
                    f"{what}: {len(content)} bytes, but the desk reads {MOST_BYTES} at the most."
                )
            found = read_given(content, name, options or Options())
            if not found.lines:
                raise ValueError(nothing_read(what, found.rows, found.faults))
            if found.lines > MOST_LINES:
                raise ValueError(
                    f"{what}: {found.lines} lines, but the desk holds {MOST_LINES}. Check it with the command line."
                )
        except ValueError as problem:
            self._say(f"{str(problem).rstrip('.')}. What stood on the desk is unchanged.")
            return False
        self.take(
            found,
            f"Read {what}: {many(found.lines, 'line')} read, {many(found.refused, 'row')} refused.",
            what,
        )
        return True

    def take(self, found: Reading, said: str, what: str = "") -> None:
        """Puts claims in place of what stands on the desk. ``said``: of the step; ``what``: what they come from."""
        rows = tuple(rows_of(found.claims))
        if rows == self.rows and found.faults == self.source.faults:
            self._say(f"{what}: nothing new.")
            return
        self._step(rows, found, said)

    def enter(self, index: int, column: str, text: str) -> None:
        """Takes a cell as it was typed; one that belongs to the claim is changed on all lines of the claim.

        Raises ``ValueError`` for a line or a column that there is not.
        """
        if not 0 <= index < len(self.rows) or column not in claim_fields():
            raise ValueError(f"cell: {column!r} of row {index + 1} is not on the desk")
        made = tidied({column: text})
        if all(self.rows[index][name] == cell for name, cell in made.items()):
            return
        said = f"Changed {claim_fields()[column].label} of row {index + 1}."
        rows = list(self.rows)
        entered(rows, index, made)
        self._step(numbered(rows), self.source, said, (index, column))

    def paste(self, index: int, column: str, text: str, columns: Sequence[str]) -> None:
        """Lays a block of cells from a spreadsheet over the lines, from one cell on; lines are added as it needs them.

        ``columns``: those on the screen, in their order, over which the block runs; cells beyond them are an error.
        Raises ``ValueError`` where the block does not fit.
        """
        block = block_of(text)
        if column not in columns or not set(columns) <= claim_fields().keys():
            raise ValueError(f"cell: {column!r} is not on the desk")
        names = list(columns)[list(columns).index(column) :]
        wide = max(map(len, block), default=0)
        if wide > len(names):
            raise ValueError(f"The block is {wide} columns wide, but only {len(names)} stand from here on.")
        if index + len(block) > MOST_LINES:
            raise ValueError(f"The block would make {index + len(block)} lines; the desk holds {MOST_LINES}.")
        rows, plan = list(self.rows), own_plan()
        for place, cells in enumerate(block, index):
            if place >= len(rows):
                rows.append(new_row(rows[-1] if rows else None))
            entered(rows, place, tidied(dict(zip(names, cells, strict=False)), plan))
        said = f"Pasted {many(len(block), 'row')} of {many(wide, 'cell')} from row {index + 1} on."
        self._step(numbered(rows), self.source, said)

    def add(self, index: int, *, copy: bool = False) -> int:
        """Adds a line after another: with what its claim says, or a whole copy; returns its place."""
        base = self.rows[index] if 0 <= index < len(self.rows) else None
        row = {**base, "line": ""} if base and copy else new_row(base)
        at = min(index + 1, len(self.rows))
        if len(self.rows) >= MOST_LINES:
            raise ValueError(f"The desk holds {MOST_LINES} lines.")
        said = f"Added row {at + 1}, a copy of row {at}." if base and copy else f"Added row {at + 1}."
        self._step(numbered([*self.rows[:at], row, *self.rows[at:]]), self.source, said)
        return at

    def remove(self, index: int) -> None:
        """Takes a line out."""
        if 0 <= index < len(self.rows):
            rows = (*self.rows[:index], *self.rows[index + 1 :])
            self._step(rows, self.source, f"Took out row {index + 1}. Undo brings it back.")

    def clear(self) -> None:
        """Takes all lines out."""
        if self.rows or self.incomplete:
            self._step((), Reading((), (), 0), "The desk is empty. Undo brings the lines back.")

    def step_of(self, finding: Finding) -> str:
        """The step that carries a finding's remedy out, or empty: what is not known to be wrong has none."""
        rule = edit_rules().get(finding.rule)
        return rule.apply if rule and finding.status != UNSURE else ""

    def mend(self, finding: Finding) -> None:
        """Carries a finding's remedy out, if it has a step."""
        if step := self.step_of(finding):
            line = finding.lines[-1]
            rows = mended(self.rows, step, line)
            if rows != self.rows:
                self._step(rows, self.source, f"Done: {step_words(step, line)}. Undo takes it back.")

    def undo(self) -> None:
        """Takes the last step back."""
        self._back(self._before, self._after, "The last step was taken back.", "There is nothing to undo.")

    def redo(self) -> None:
        """Takes the last step that was taken back again."""
        self._back(self._after, self._before, "The step was done again.", "There is nothing to do again.")

    def _back(self, steps: list[Held], others: list[Held], said: str, nothing: str) -> None:
        if not steps:
            self._say(nothing)
            return
        others.append((self.rows, self.source))
        self.rows, self.source = steps.pop()
        self._cell = None
        self._check(said)

    @property
    def steps(self) -> tuple[int, int]:
        """How many steps can be taken back, and how many can be done again."""
        return len(self._before), len(self._after)

    # What follows.

    def _step(self, rows: Rows, source: Reading, said: str, cell: tuple[int, str] | None = None) -> None:
        """Makes a step that can be taken back; typing on in one ``cell`` is one step."""
        if cell is None or cell != self._cell:
            self._before = [*self._before, (self.rows, self.source)][-UNDONE_MOST:]
        self._after, self._cell = [], cell
        self.rows, self.source = rows, source
        self._check(said)

    def _check(self, said: str) -> None:
        self.reading = self._lines.read(self.rows)
        unread = both(self.source.unread, self.reading.unread)
        by_patient: dict[str, list[Claim]] = defaultdict(list)
        for claim in self.reading.claims:
            by_patient[claim.patient].append(claim)
        known = {}
        found: list[Finding] = []
        for patient, claims in by_patient.items():
            given = tuple(claims)
            before = self._known.get(patient)
            known[patient] = before if before and before[0] == given else (given, find(given))
            found += with_unread(known[patient][1], given, unread)
        self._known = known
        self.findings = tuple(sorted(found, key=lambda finding: STATUSES.index(finding.status)))
        self._say(said)

    def _say(self, said: str) -> None:
        self.said = said
        self.revision += 1

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What cannot be read of the lines on the desk."""
        return self.reading.faults

    @property
    def incomplete(self) -> bool:
        """Whether something was refused, so that the check does not cover everything."""
        return self.source.unread.something or self.reading.unread.something

    @property
    def worst(self) -> str:
        """``incomplete``, the worst status, or ``ok``; empty where there is no line to check."""
        if not self.reading.lines and not self.incomplete:
            return ""
        return worst_of((finding.status for finding in self.findings), self.incomplete)

    def claim_of(self, index: int) -> Claim | None:
        """The claim of a row; None where none of its lines can be read."""
        if not 0 <= index < len(self.rows):
            return None
        known = self._lines.of_claim(self.rows[index]["claim"])
        return known.claims[0] if known and known.claims else None

    def line_at(self, index: int) -> tuple[Claim, ServiceLine] | None:
        """A row as a line of its claim; None where it cannot be read."""
        claim = self.claim_of(index)
        if claim is None:
            return None
        said = self.rows[index]["line"]
        return next(((claim, line) for line in claim.lines if str(line.line) == said), None)

    def preview(self, index: int) -> str:
        """The claim of a row as its form's lines, in HTML."""
        claim = self.claim_of(index)
        return claim_html(claim) if claim else "<p>No line of this claim can be read yet.</p>"

    def letters(self, index: int) -> list[tuple[str, str]]:
        """The letters and notes that belong to the claim of a row, filled from it: a title and the text of each."""
        claim = self.claim_of(index)
        found = [(line, letter) for line in (claim.lines if claim else ()) for letter in letters_for(line)]
        return [
            (f"{letter.title} (line {line.line})", write_letter(letter, claim, line))
            for line, letter in found[:LETTERS_MOST]
            if claim
        ]

    def export(self, kind: str) -> bytes:
        """The lines that can be read as a file, of ``KINDS``. Raises ``ValueError`` for another kind."""
        return claim_bytes(self.reading.claims, kind)
