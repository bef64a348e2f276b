"""The claim desk: lines that are pasted, opened or typed, what the checks find in them, and remedies to apply.

The lines stand as text, so that a cell which cannot be read stays on the screen to be mended. A change has only the
claims of its patient checked anew.
"""

from __future__ import annotations

from collections import defaultdict
from html import escape

from traitlets import HasTraits, Int, Unicode

from omsnb.claim_files import claim_bytes, read_given
from omsnb.claim_tables import claim_fields
from omsnb.claims import Claim, Fault, Reading, Row, ServiceLine, Unread, gather, nothing_read, rows_of
from omsnb.edit_rules import STATUSES, edit_rules
from omsnb.edits import Finding, find
from omsnb.edits.report import worst_of
from omsnb.edits.unread import with_unread
from omsnb.letters import letters_for, write_letter
from omsnb.mending import Rows, mended, step_words
from omsnb.preview import claim_html

DESK = "claim-desk"
TITLE = "Claim desk"
UNDONE_MOST = 50
"""Steps that can be taken back."""
KINDS = ("csv", "json", "fhir")


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
        self._before: list[tuple[Rows, Reading]] = []
        self._known: dict[str, tuple[tuple[Claim, ...], tuple[Finding, ...]]] = {}

    # What a reader does.

    def load(self, content: bytes, name: str = "") -> None:
        """Reads pasted lines or a file. Where no line of it can be read all that stands on the desk stays."""
        what = name or "the pasted lines"
        try:
            found = read_given(content, name)
            if not found.lines:
                raise ValueError(nothing_read(what, found.rows, found.faults))
        except ValueError as problem:
            self._say(f"{problem} What stood on the desk is unchanged.")
            return
        rows = tuple(rows_of(found.claims))
        if rows == self.rows and found.faults == self.source.faults:
            self._say(f"{what}: nothing new.")
            return
        self._step(rows, found, f"Read {what}: {found.lines} lines read, {found.refused} rows refused.")

    def enter(self, index: int, column: str, text: str) -> None:
        """Takes a cell as it was typed; one that belongs to the claim is changed on all lines of the claim.

        Raises ``ValueError`` for a line or a column that there is not.
        """
        if not 0 <= index < len(self.rows) or column not in claim_fields():
            raise ValueError(f"cell: {column!r} of row {index + 1} is not on the desk")
        old = self.rows[index]
        if old[column] == text.strip():
            return
        whole = claim_fields()[column].of == "claim" and column != "claim"
        rows = [
            {**row, column: text.strip()}
            if place == index or (whole and row["claim"] == old["claim"])
            else row
            for place, row in enumerate(self.rows)
        ]
        self._step(
            _numbered(rows), self.source, f"Changed {claim_fields()[column].label} of row {index + 1}."
        )

    def add(self, index: int) -> int:
        """Adds a line after another, with what the claim of that one says; returns its place."""
        base = self.rows[index] if 0 <= index < len(self.rows) else dict.fromkeys(claim_fields(), "")
        kept = {"date", "place"} | {name for name, column in claim_fields().items() if column.of == "claim"}
        row = {name: base[name] if name in kept else "" for name in claim_fields()}
        row["claim"], row["units"] = row["claim"] or "1", "1"
        at = min(index + 1, len(self.rows))
        self._step(_numbered([*self.rows[:at], row, *self.rows[at:]]), self.source, f"Added row {at + 1}.")
        return at

    def remove(self, index: int) -> None:
        """Takes a line out."""
        if 0 <= index < len(self.rows):
            rows = (*self.rows[:index], *self.rows[index + 1 :])
            self._step(rows, self.source, f"Took out row {index + 1}. Undo brings it back.")

    def step_of(self, finding: Finding) -> str:
        """The step that carries a finding's remedy out, or empty."""
        rule = edit_rules().get(finding.rule)
        return rule.apply if rule else ""

    def mend(self, finding: Finding) -> None:
        """Carries a finding's remedy out, if it has a step."""
        if step := self.step_of(finding):
            line = finding.lines[-1]
            rows = mended(self.rows, step, line)
            if rows != self.rows:
                self._step(rows, self.source, f"Done: {step_words(step, line)}. Undo takes it back.")

    def undo(self) -> None:
        """Takes the last step back."""
        if not self._before:
            self._say("There is nothing to undo.")
            return
        self.rows, self.source = self._before.pop()
        self._check("The last step was taken back.")

    # What follows.

    def _step(self, rows: Rows, source: Reading, said: str) -> None:
        self._before = [*self._before, (self.rows, self.source)][-UNDONE_MOST:]
        self.rows, self.source = rows, source
        self._check(said)

    def _check(self, said: str) -> None:
        self.reading = gather(Row(place, row) for place, row in enumerate(self.rows, 1))
        unread = _both(self.source.unread, self.reading.unread)
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

    def line_at(self, index: int) -> tuple[Claim, ServiceLine] | None:
        """A row as a line of its claim; None where it cannot be read."""
        if not 0 <= index < len(self.rows):
            return None
        row = self.rows[index]
        for claim in self.reading.claims:
            if claim.claim == row["claim"]:
                return next(((claim, line) for line in claim.lines if str(line.line) == row["line"]), None)
        return None

    def preview(self, index: int) -> str:
        """The claim of a row as its form's lines, in HTML."""
        found = self.line_at(index)
        return (
            f'<div class="omsnb">{claim_html(found[0])}</div>'
            if found
            else "<p>This row cannot be read yet.</p>"
        )

    def letters(self, index: int) -> str:
        """The letters and notes that belong to a row, filled from the claim."""
        found = self.line_at(index)
        written = [write_letter(letter, *found) for letter in letters_for(found[1])] if found else []
        return "\n\n".join(written) or "No letter belongs to this line."

    def export(self, kind: str) -> bytes:
        """The lines that can be read as a file: ``csv``, ``json`` or ``fhir``."""
        return claim_bytes(self.reading.claims, kind)

    def summary_html(self) -> str:
        """What was done last, the control totals and the weights."""
        counts = [(status, sum(one.status == status for one in self.findings)) for status in STATUSES]
        found = ", ".join(f"{count} {status}" for status, count in counts if count) or "nothing found"
        refused = self.source.refused + self.reading.refused
        total = self.reading.lines + refused
        listed = [
            *map(str, self.source.faults[:20]),
            *(f"on the desk, {fault}" for fault in self.faults[:20]),
        ]
        told = "".join(f"<li>{escape(text)}</li>" for text in listed)
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.source.notes[:20])
        return (
            f"<p>{escape(self.said)}</p><p><strong>{total} rows = {self.reading.lines} read + {refused} refused; "
            f"{found}; worst: {self.worst or 'no lines yet'}</strong></p>"
            + (f"<p>Not read, so the check is incomplete:</p><ul>{told}</ul>" if told else "")
            + (f"<details><summary>How it was read</summary><ul>{notes}</ul></details>" if notes else "")
        )


def _numbered(rows: list[dict[str, str]]) -> Rows:
    """Rows of which each has a line number: an empty one gets the next of its claim."""
    most: dict[str, int] = defaultdict(int)
    for row in rows:
        if row["line"].isdecimal():
            most[row["claim"]] = max(most[row["claim"]], int(row["line"]))
    made = []
    for row in rows:
        if not row["line"]:
            most[row["claim"]] += 1
            row = {**row, "line": str(most[row["claim"]])}
        made.append(row)
    return tuple(made)


def _both(one: Unread, other: Unread) -> Unread:
    return Unread(
        one.something or other.something, one.patients | other.patients, one.anyone or other.anyone,
        one.lost | other.lost,
    )  # fmt: skip
