"""Reads every file of ``data/`` at once, so that a fault anywhere is told before any answer is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from importlib.resources.abc import Traversable

from omsnb import reading
from omsnb.calculators.catalogue import calculators
from omsnb.cell_words import words
from omsnb.changes import all_changes
from omsnb.claim_tables import (
    areas,
    claim_fields,
    code_pairs,
    forms,
    payers,
    period_kinds,
    places,
    studies,
)
from omsnb.claims import read_rows
from omsnb.cms_files import datings, layouts
from omsnb.column_maps import ready_maps
from omsnb.column_names import column_names, word_meanings
from omsnb.diagnoses import diagnoses
from omsnb.edit_rules import edit_rules
from omsnb.edition import edition
from omsnb.exercises.errors import teeth
from omsnb.exercises.frames import frames
from omsnb.exercises.outcomes import outcomes
from omsnb.exercises.possible import impossible
from omsnb.fees import fee_releases, rvus
from omsnb.fhir_names import names as fhir_names
from omsnb.letters import letters
from omsnb.lookups import denials, modifiers
from omsnb.notes.tables import classes, cues, headings, proofs, signs, silent, triggers
from omsnb.pair_modifiers import pair_modifiers
from omsnb.paper import read_printed
from omsnb.plan_fields import plan_fields
from omsnb.policies import policies, topics
from omsnb.reading import DataError
from omsnb.sheets import sheets
from omsnb.tables import (
    cases,
    codes,
    crosswalk,
    discrepancies,
    documents,
    facts,
    guidance,
    mue,
    sections,
    services,
    sources,
    tables,
)
from omsnb.tables.book_tables import conveyed, glossary, third_party, visit_examples
from omsnb.x12_names import filings

READERS: Mapping[str, Callable[[], object]] = {
    "sources.csv": sources,
    "sections.csv": sections,
    "guidance.csv": guidance,
    "documents.csv": documents,
    "facts.csv": facts,
    "codes.csv": codes,
    "mue.csv": mue,
    "diagnoses.csv": diagnoses,
    "fee-releases.csv": fee_releases,
    "rvus.csv": rvus,
    "changes.csv": all_changes,
    "ncci.csv": code_pairs,
    "decisions.csv": tables,
    "decisions/*.csv": tables,
    "services.csv": services,
    "crosswalk.csv": crosswalk,
    "discrepancies.csv": discrepancies,
    "cases/*.toml": cases,
    "paper-lists.csv": read_printed,
    "modifiers.csv": modifiers,
    "denials.csv": denials,
    "places.csv": places,
    "areas.csv": areas,
    "forms.csv": forms,
    "payers.csv": payers,
    "policy-topics.csv": topics,
    "policies.csv": policies,
    "periods.csv": period_kinds,
    "studies.csv": studies,
    "claim-fields.csv": claim_fields,
    "name-words.csv": word_meanings,
    "column-names.csv": column_names,
    "cell-words.csv": words,
    "maps/*.toml": ready_maps,
    "x12-payers.csv": filings,
    "edits.toml": edit_rules,
    "plan-fields.toml": plan_fields,
    "pair-modifiers.csv": pair_modifiers,
    "fhir.toml": fhir_names,
    "impossible.csv": impossible,
    "exercises/frames.csv": frames,
    "outcomes.csv": outcomes,
    "practice-lines.csv": teeth,
    "letters.toml": letters,
    "sheets.toml": sheets,
    "cms-layouts.csv": layouts,
    "cms-dates.csv": datings,
    "calculators.csv": calculators,
    "edition.toml": edition,
    "glossary.csv": glossary,
    "conveyed.csv": conveyed,
    "visit-examples.csv": visit_examples,
    "third-party.csv": third_party,
    "cues/classes.csv": classes,
    "cues/triggers.csv": triggers,
    "cues/headings.csv": headings,
    "cues/facts.csv": cues,
    "cues/documents.csv": proofs,
    "cues/services.csv": signs,
    "cues/silent.csv": silent,
}
"""What reads each file of ``data/``; a star stands for any name. What a file refers to is read before it."""


def check_data() -> None:
    """Reads every file of ``data/``, those already read excepted.

    Raises ``DataError`` with one sentence for the first fault: file, row, and column or key. A file that nothing reads
    is a fault, too.
    """
    for reader in dict.fromkeys(READERS.values()):
        reader()
    for file in _files(reading.data_folder(), ""):
        if not any(fnmatch(file, pattern) for pattern in READERS):
            raise DataError(f"data/{file} is no file that the manual reads")
        name = file.removeprefix("decisions/").removesuffix(".csv")
        if file.startswith("decisions/") and name not in tables():
            raise DataError(f"data/{file}: {name!r} is no table of decisions.csv")
    _check_example()


def _files(folder: Traversable, before: str) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry, f"{before}{entry.name}/")
        elif not entry.name.startswith("."):
            yield before + entry.name


def _check_example() -> None:
    """The examples of ``claim-fields.csv`` are the template's row, so they must be a claim line that can be read."""
    row = {name: entry.example for name, entry in claim_fields().items()}
    for fault in read_rows([(2, row)]).faults:
        at = list(claim_fields()).index(fault.column) + 2 if fault.column in claim_fields() else 1
        raise DataError(f"data/claim-fields.csv row {at}, column example: {fault.message}")
