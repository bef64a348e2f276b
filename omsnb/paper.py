"""Sets a derived worksheet beside the list that the paper prints. The only reader of ``paper-lists.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from omsnb.coding import Worksheet, code_case
from omsnb.edition import edition
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
        f"{line.code}-{modifier}"
        for line in lines
        for modifier in line.modifiers
        if not carried.get(line.code) or not all(modifier in way for way in carried[line.code])
    )
    added = tuple(
        f"{line.code}-{modifier}"
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
