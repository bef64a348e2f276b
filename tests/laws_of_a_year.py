"""Run in a copy of the project whose data hold two code years: laws over every day on which something changes.

Prints what it went through; ends with a traceback where a law is broken.
"""

from __future__ import annotations

from datetime import date

from omsnb.claim_building import build_claims
from omsnb.claim_tables import payers
from omsnb.claims import Claim, ServiceLine
from omsnb.coding import code_case
from omsnb.completeness import table_faults
from omsnb.edit_rules import edit_rules
from omsnb.edits import find
from omsnb.exercises import CHAPTERS, make_exam
from omsnb.network import requirements
from omsnb.paper import compare
from omsnb.plans import representatives
from omsnb.records import DAY
from omsnb.tables import cases, codes, facts, tables
from omsnb.tables.vocabulary import day_text


def days_of_change() -> list[str]:
    """Every day on which a table's answer may change, and the day before."""
    found: set[int] = set()
    for table in tables().values():
        if DAY not in requirements(table):
            continue
        for days in representatives((table,), DAY, facts()[DAY].every):
            assert isinstance(days, range)
            if days.start != facts()[DAY].bounds.start:
                found |= {days.start - 1, days.start}
    return [day_text(day) for day in sorted(found)]


def valid(code: str, day: str) -> bool:
    """Whether a code is valid on a day."""
    known = codes()[code]
    return known.effective_from <= day and (not known.effective_to or day <= known.effective_to)


def main() -> None:
    """Goes through the laws."""
    assert [fault for table in tables() for fault in table_faults(table)] == []
    days = days_of_change()
    coded = 0
    for name, case in cases().items():
        for variant in list(case.variants) or [None]:
            for reading in ("paper", "narrative"):
                for day in days:
                    worksheet = code_case(name, {DAY: day}, reading=reading, variant=variant)
                    assert all(valid(code, day) for code in worksheet.codes), (name, day, worksheet.codes)
                    assert all(row.decisions and row.because for row in worksheet.rows), (name, day)
                    if reading == "paper":
                        assert compare(worksheet).equal is compare(code_case(name, variant=variant)).equal
                    coded += 1
    exercises = 0
    for seed in range(4):
        exercises += len(make_exam(seed, 20, CHAPTERS, ()))
    print(f"{len(days)} days of change: {', '.join(days)}; {coded} cases coded; {exercises} exercises")
    built = 0
    for name in cases():
        for payer in payers():
            for text in days:
                day = date.fromisoformat(text)
                building = build_claims(code_case(name), payer=payer, dates={"*": day}, patient="P", place="22")
                for claim in building.claims:
                    assert all(valid(line.code, text) for line in claim.lines), (name, payer, text)
                assert not [
                    finding for finding in find(building.claims, day) if edit_rules()[finding.rule].kind == "valid_on"
                ]
                assert not [entry for entry in building.left_out if entry.reason == "date"], (name, payer, text)
                built += len(building.claims)
    print(f"{built} claims built, no line outside its code's days")
    for code, text in (("D0396", "2026-12-31"), ("D0397", "2027-01-01"), ("21085", "2026-12-31"), ("21085", "2027-01-01")):
        line = ServiceLine(date.fromisoformat(text), code, units=3 if code == "21085" else 1, pointers="A")
        claim = Claim("C", "P", payer="medicare" if code == "21085" else "dental", provider="B", lines=(line,))
        print(code, text, sorted({finding.rule for finding in find([claim], line.date)}))


if __name__ == "__main__":
    main()
