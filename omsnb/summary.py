"""What a worksheet may bring to a claim: the lines, with modifiers and units, the visit first.

A worksheet's ``codes`` are the paper's way of listing it, numbers alone and without the visit, for the comparison
with the paper. What a reader is shown as the result is this summary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omsnb.claim_tables import prolonged_rule_of
from omsnb.coding import Prolonged, ServiceRow, Worksheet
from omsnb.decisions import Decision
from omsnb.line_text import line_text
from omsnb.of_rows import units_of
from omsnb.tables import facts


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line that may go on a claim. ``text`` is the whole of it: code, modifiers and units."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SummaryEntry:
    """A service with the lines that are left for it. ``or_none``: it may also turn out that none is reported."""

    service: str
    label: str
    lines: tuple[SummaryLine, ...]
    or_none: bool

    @property
    def settled(self) -> bool:
        """Whether this one line stands."""
        return len(self.lines) == 1 and not self.or_none and ".." not in self.lines[0].text

    def __str__(self) -> str:
        return " or ".join((*(line.text for line in self.lines), *(["none"] if self.or_none else [])))


def summary(worksheet: Worksheet, *, evaluated: bool = True) -> tuple[SummaryEntry, ...]:
    """The lines that may go on the claim, service by service; services that bring no line are left out.

    ``evaluated``: whether the visit belongs to the worksheet; it then stands first, with its prolonged time.
    """
    visit = (_entry(worksheet.evaluation), *_prolonged(worksheet)) if evaluated else ()
    every = (*visit, *(_entry(row) for row in worksheet.rows))
    return tuple(entry for entry in every if entry.lines)


def decided(decision: Decision) -> SummaryEntry:
    """The lines that one decision leaves; no lines where its table reports none."""
    shown = (
        SummaryLine(row.report, line_text(row.report, row.modifiers, units_of(row, decision.state)))
        for row in decision.rows
        if row.report
    )
    silent = any(not row.report for row in decision.rows)
    return SummaryEntry(decision.table.name, decision.table.title, tuple(dict.fromkeys(shown)), silent)


def summary_lines(entries: Iterable[SummaryEntry]) -> tuple[str, ...]:
    """The lines of a summary as text, each once."""
    return tuple(dict.fromkeys(line.text for entry in entries for line in entry.lines))


def _entry(row: ServiceRow) -> SummaryEntry:
    lines = tuple(SummaryLine(way.code, str(way)) for way in row.alternatives)
    return SummaryEntry(row.name, row.label, lines, bool(row.not_reported))


def _prolonged(worksheet: Worksheet) -> Iterable[SummaryEntry]:
    """Prolonged time beside the one visit that is left: by the payer's rule, or by each while the payer is open."""
    visit = worksheet.evaluation
    medical = {way.code for way in visit.alternatives if "medical" in way.claims}
    if len(medical) != 1 or visit.settled("level_by") == "mdm":
        return
    payer = visit.settled("payer")
    chosen = [entry for entry in worksheet.prolonged if not payer or entry.rule == prolonged_rule_of(payer)]
    for entry in chosen:
        yield SummaryEntry(visit.name, _prolonged_label(entry, len(chosen)), _lines(entry), entry.or_none)


def _prolonged_label(entry: Prolonged, rules: int) -> str:
    return "Prolonged time" + (
        f" by {facts()['prolonged_rule'].label(entry.rule)}'s rule" if rules > 1 else ""
    )


def _lines(entry: Prolonged) -> tuple[SummaryLine, ...]:
    return tuple(SummaryLine(code, line_text(code, (), units)) for code, units in entry.lines)
