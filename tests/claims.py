"""Claims for tests: an ordinary claim, the examples of ``edits/*.toml``, and random claims."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from omsnb.claims import Claim, read_rows
from omsnb.conditions import conditions as declared
from omsnb.edit_rules import Condition, edit_rules, pair_table
from omsnb.edits.facts import LineFacts, line_facts, meets
from omsnb.tables import codes

TODAY = date(2026, 11, 28)
"""The day of the run in tests: services after it lie in the future."""

DIAGNOSES = (
    "", "M26.69", "M26.69|M26.01", "M26.69|M26.01|M26.02|M26.03|M26.04", "M26.2", "A41.9", "M86.8X8|J34.830",
    "K02.9|M26.212", "F45.8", "G47.33", "S02.609D", "S02.609A|W19.XXXA", "W19.XXXA", "C41.1", "M26.611|M26.612",
    "S02.612A", "P07.30|Q35.5",
)  # fmt: skip
"""Diagnoses of random claims: sound ones, incomplete ones, and such as do not go with every service."""

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
    "charge": "100.00",
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


UNKNOWN_CODES = ("D1352", "00000", "21499", "D7999")
STUDIES = ("70450", "70496", "70544", "76536", "70540")
"""Studies that only ``studies.csv`` holds."""

MODIFIERS = (
    "26", "TC", "25", "57", "24", "58", "59", "79", "52", "22", "50", "76", "GC", "78", "LT", "RT", "XE", "KX", "GY",
    "77", "53", "80", "AS", "GA", "GZ", "ZZ", "Q7",
)  # fmt: skip
ODD_DAYS = ("0001-01-01", "0001-01-06", "1899-12-31", "9999-12-30", "9999-12-31", "2026-11-29")


PAYERS = ("medical", "medicare", "medical_cdt", "dental", "medicaid", "medicare_advantage", "")
KNOWN = [*codes(), *UNKNOWN_CODES, *STUDIES]


@cache
def _one_line_each() -> tuple[LineFacts, ...]:
    return tuple(line_facts(claims_of(*({"code": code} for code in KNOWN)), TODAY))


def _codes_that_meet(conditions: Mapping[str, Condition]) -> list[str]:
    """Codes that meet those of the conditions that hang on the code alone."""
    asked = {name: conditions[name] for name, one in declared().items() if one.of_code and name in conditions}
    return [
        facts.line.code for facts in _one_line_each() if all(meets(facts, name, value) for name, value in asked.items())
    ]


@cache
def _related(id: str) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """What a rule about several lines speaks of: pairs of codes, codes that make them right, and modifiers."""
    rule = edit_rules()[id]
    first, second = (_codes_that_meet(conditions) for conditions in (rule.first, rule.second))
    if rule.shape == "line":
        second = first[:1]
    pairs = sorted(pair_table(rule.pairs)) if rule.pairs else [(one, other) for one in first for other in second]
    pairs = [pair for pair in pairs if pair[0] in first and pair[1] in second]
    if "code" in rule.equal:
        pairs = [pair for pair in pairs if pair[0] == pair[1]]
    able = _codes_that_meet(rule.unless) if rule.unless else []
    third = [*able, *UNKNOWN_CODES * (len(able) // len(UNKNOWN_CODES)), *sorted(rule.beside | rule.beside_not)]
    modifiers = {
        str(value)
        for conditions in (rule.first, rule.second)
        for name, asked in conditions.items()
        if declared()[name].kind == "modifiers"
        for value in asked
    }
    return pairs, third, sorted(modifiers)


def _favourites(chance: random.Random) -> tuple[list[str], list[str]]:
    """Six codes of a patient and modifiers: any, or, more often, those of one rule about several lines."""
    if chance.random() < 0.3:
        return chance.sample(KNOWN, 6), []
    rules = [
        rule.id
        for rule in edit_rules().values()
        if rule.shape in ("pair", "companion")
        or (rule.kind == "diagnosis" and "code" in rule.first)
        or (rule.kind == "component" and {"modifiers_any", "modifiers_all"} & rule.first.keys())
    ]
    pairs, third, modifiers = _related(chance.choice(rules))
    return [*chance.choice(pairs), *chance.choice(pairs), chance.choice(third or KNOWN), chance.choice(KNOWN)], modifiers


def random_rows(chance: random.Random, patients: int) -> Iterator[dict[str, str]]:
    """Rows of random claims: few patients, codes and days, so that rules about several lines are met often."""
    for patient in range(patients):
        favourites, favoured = _favourites(chance)
        alike = chance.random() < 0.3
        payer = chance.choice(PAYERS)
        start = date(chance.choice((2022, 2024, 2025, 2026)), chance.randint(1, 12), chance.randint(1, 28))
        for claim in range(chance.randint(1, 4)):
            head = {
                "claim": f"C{patient}-{claim}",
                "patient": f"P{patient}",
                "payer": payer if alike else chance.choice(PAYERS),
                "provider": "B-1" if alike else chance.choice(("B-1", "B-1", "B-2", "")),
                "form": chance.choice(("cms1500", "cms1500", "ada2024", "")),
                "place": chance.choice(("11", "11", "21", "22", "24", "31", "32", "")),
                "birth_date": chance.choice(("", "1980-05-06", (start - timedelta(chance.randint(-3, 2000))).isoformat())),
                "plan": chance.choice(("", "", "", "Plan X")),
                "order_of_benefits": chance.choice(("", "", "primary", "secondary", "secondary_with_statement")),
                "diagnoses": chance.choice(DIAGNOSES),
            }
            for _ in range(chance.choice((1, 1, 2, 3, 8))):
                day = start + timedelta(chance.choice((0, 0, 0, 0, 1, 9, 10, 11, 90, 91, -1)))
                yield {
                    **head,
                    "date": day.isoformat() if chance.random() < 0.98 else chance.choice(ODD_DAYS),
                    "code": chance.choice(favourites) if chance.random() < 0.8 else chance.choice(KNOWN),
                    "modifiers": "|".join(
                        chance.sample(
                            sorted({*favoured, chance.choice(MODIFIERS)})
                            if favoured and chance.random() < 0.7
                            else MODIFIERS,
                            chance.choice((0, 0, 0, 1, 1, 2) if len(favoured) > 1 else (0, 0, 1, 1)),
                        )
                    ),
                    "units": str(chance.choice((1, 1, 1, 1, 2, 3))),
                    "pointers": chance.choice(("A", "A", "", "AB", "ABCDE")),
                    "tooth": chance.choice(("", "", "19", "30")),
                    "narrative": chance.choice(("yes", "no", "")),
                    "attachment": chance.choice(("yes", "no", "")),
                    "report": chance.choice(("yes", "no", "")),
                    "made_by": chance.choice(("surgeon", "surgeon_and_vendor", "outside_lab", "")),
                    "charge": chance.choice(("100.00", "100.00", "0", "")),
                    "minutes": chance.choice(("", "", "12", "40", "60", "74", "75", "90", "110")),
                }
