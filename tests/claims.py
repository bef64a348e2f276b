"""Claims for tests: an ordinary claim, the examples of ``edits/*.toml``, and random claims."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from omsnb.claims import Claim, read_rows
from omsnb.tables import codes

TODAY = date(2026, 11, 28)
"""The day of the run in tests: services after it lie in the future."""

FOLDER = Path(__file__).parent / "edits"
ORDINARY = {
    "claim": "C-1",
    "patient": "P-1",
    "payer": "medical",
    "provider": "B-1",
    "form": "cms1500",
    "place": "11",
    "diagnoses": "M26.69",
    "date": "2026-03-02",
    "units": "1",
    "pointers": "A",
}


@dataclass(frozen=True)
class Example:
    """A claim with what one rule must say of it."""

    rule: str
    fires: bool
    status: str
    claims: tuple[Claim, ...]
    name: str


def claims_of(*lines: Mapping[str, str], **head: str) -> tuple[Claim, ...]:
    """Claims from lines that say only what matters."""
    reading = read_rows((number, {**ORDINARY, **head, **line}) for number, line in enumerate(lines, start=2))
    assert reading.faults == (), [str(fault) for fault in reading.faults]
    return reading.claims


def examples() -> Iterator[Example]:
    """The examples of all rules."""
    for path in sorted(FOLDER.glob("*.toml")):
        for number, entry in enumerate(tomllib.loads(path.read_text(encoding="utf-8"))["example"], start=1):
            assert set(entry) <= {"rule", "fires", "status", "note", "claim", "lines"}, (path.name, number)
            yield Example(
                rule=entry["rule"],
                fires=entry["fires"],
                status=entry.get("status", ""),
                claims=claims_of(*entry["lines"], **entry.get("claim", {})),
                name=f"{path.stem}-{number}-{entry['rule']}",
            )


UNKNOWN_CODES = ("D1352", "00000")
STUDIES = ("70450", "70496", "70544", "76536", "70540")
"""Studies that only ``studies.csv`` holds."""

MODIFIERS = ("26", "TC", "25", "57", "24", "58", "59", "79", "52", "22", "50", "76", "GC", "RT", "LT")
ODD_DAYS = ("0001-01-01", "0001-01-06", "1899-12-31", "9999-12-30", "9999-12-31", "2026-11-29")


def random_rows(chance: random.Random, patients: int) -> Iterator[dict[str, str]]:
    """Rows of random claims: few patients, codes and days, so that rules about several lines are met often."""
    known = [*codes(), *UNKNOWN_CODES, *STUDIES]
    for patient in range(patients):
        favourites = chance.sample(known, 6)
        start = date(chance.choice((2022, 2024, 2026)), chance.randint(1, 12), chance.randint(1, 28))
        for claim in range(chance.randint(1, 3)):
            head = {
                "claim": f"C{patient}-{claim}",
                "patient": f"P{patient}",
                "payer": chance.choice(("medical", "medicare", "medical_cdt", "dental", "")),
                "provider": chance.choice(("B-1", "B-1", "B-2", "")),
                "form": chance.choice(("cms1500", "cms1500", "ada2024", "")),
                "place": chance.choice(("11", "11", "22", "24", "")),
                "birth_date": chance.choice(("", "1980-05-06", (start - timedelta(chance.randint(-3, 2000))).isoformat())),
                "diagnoses": chance.choice(("", "M26.69", "M26.69|M26.01", "M26.69|M26.01|M26.02|M26.03|M26.04")),
            }
            for _ in range(chance.choice((1, 1, 2, 3, 8))):
                day = start + timedelta(chance.choice((0, 0, 0, 0, 1, 9, 10, 11, 90, 91, -1)))
                yield {
                    **head,
                    "date": day.isoformat() if chance.random() < 0.98 else chance.choice(ODD_DAYS),
                    "code": chance.choice(favourites) if chance.random() < 0.8 else chance.choice(known),
                    "modifiers": "|".join(chance.sample(MODIFIERS, chance.choice((0, 0, 0, 1, 1, 2)))),
                    "units": str(chance.choice((1, 1, 1, 1, 2, 3))),
                    "pointers": chance.choice(("A", "A", "", "AB", "ABCDE")),
                    "tooth": chance.choice(("", "", "19", "30")),
                    "narrative": chance.choice(("yes", "no", "")),
                    "attachment": chance.choice(("yes", "no", "")),
                    "report": chance.choice(("yes", "no", "")),
                    "made_by": chance.choice(("surgeon", "surgeon_and_vendor", "outside_lab", "")),
                    "minutes": chance.choice(("", "", "60", "74", "75", "90", "110")),
                }
