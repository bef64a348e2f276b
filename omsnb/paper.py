"""Sets a derived worksheet beside the list that the paper prints. The only reader of ``paper-lists.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from omsnb.coding import Worksheet, against_reading, code_case
from omsnb.edition import edition
from omsnb.line_text import line_text
from omsnb.records import DAY
from omsnb.tables import paper_lists


@dataclass(frozen=True, slots=True)
class Comparison:
    """The printed and the derived list of a case.

    ``equal``: the codes agree, exactly and in order, and every modifier that the paper prints is derived; None where
    answers were given or the narrative was read strictly, since the paper prints no list for those.
    ``modifiers_added``: modifiers that follow from the rules though the paper does not print them, as
    ``code-modifier``.
    """

    printed: tuple[str, ...]
    derived: tuple[str, ...]
    equal: bool | None
    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    modifiers_missing: tuple[str, ...]
    modifiers_added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """Why an answered worksheet's codes are not those that the paper prints.

    ``settled``: codes that answers to open questions took away, as such answers are meant to. ``missing`` and
    ``surplus``: codes in which the worksheet differs from the paper, by its reading or by an answer that goes against
    what the case gives.
    """

    settled: tuple[str, ...]
    missing: tuple[str, ...]
    surplus: tuple[str, ...]


def changed_by_answers(worksheet: Worksheet) -> Change:
    """Parts what the reader's answers settled from what differs from the paper's list; see ``Change``.

    An answer that only narrows what the case leaves open can take codes away and add none, so that the list without
    such answers tells the two apart.
    """
    against = against_reading(worksheet)
    variant = worksheet.variant.name if worksheet.variant else None
    kept = {name: answer for name, answer in worksheet.answers.items() if name in against}
    before = code_case(worksheet.case, kept, reading=worksheet.reading, variant=variant)
    found = compare(worksheet)
    return Change(
        settled=tuple(code for code in before.codes if code not in worksheet.codes),
        missing=tuple(code for code in found.missing if code not in before.codes),
        surplus=found.surplus,
    )


def compare(worksheet: Worksheet) -> Comparison:
    """Compares a worksheet with the paper's list for its case, on the paper's day; see ``Comparison``.

    Whatever day the worksheet is for, the list is compared by the codes and rules of the paper's day: so it stays right
    in later code years.
    """
    lines = paper_lists()[worksheet.case.name]
    worksheet = _on_the_papers_day(worksheet)
    printed = tuple(line.code for line in lines)
    derived = worksheet.codes
    carried = {
        code: [set(way.modifiers) for row in worksheet.rows for way in row.alternatives if way.code == code]
        for code in derived
    }
    missing = tuple(
        line_text(line.code, (modifier,))
        for line in lines
        for modifier in line.modifiers
        if not carried.get(line.code) or not all(modifier in way for way in carried[line.code])
    )
    added = tuple(
        line_text(line.code, (modifier,))
        for line in lines
        if carried.get(line.code)
        for modifier in sorted(set.intersection(*carried[line.code]) - set(line.modifiers))
    )
    comparable = worksheet.reading == "paper" and set(worksheet.answers) == {DAY}
    return Comparison(
        printed=printed,
        derived=derived,
        equal=(printed == derived and not missing) if comparable else None,
        missing=tuple(code for code in printed if code not in derived),
        surplus=tuple(code for code in derived if code not in printed),
        modifiers_missing=missing,
        modifiers_added=added,
    )


def _on_the_papers_day(worksheet: Worksheet) -> Worksheet:
    answers = {name: given for name, given in worksheet.answers.items() if name.rpartition(".")[2] != DAY}
    return code_case(
        worksheet.case,
        {**answers, DAY: edition().paper_day},
        reading=worksheet.reading,
        variant=worksheet.variant.name if worksheet.variant else None,
    )


read_printed = paper_lists
"""Reads what the paper prints, so that a fault in the file is told; for nothing else."""
