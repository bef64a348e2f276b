"""What an X12 claim file calls its parts: segments that are read, those that a claim line does not keep, and payers.

The payer types behind a claim filing indicator stand in ``data/x12-payers.csv``. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.claim_tables import payers
from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import sources

INDICATOR = re.compile(r"[0-9A-Z]{2}")

MOST_ELEMENTS: Mapping[str, int] = {
    "ST": 3, "SE": 2, "HL": 4, "SBR": 9, "PAT": 9, "NM1": 12, "DMG": 11, "CLM": 20, "HI": 12, "DTP": 3,
    "PWK": 9, "NTE": 2, "K3": 3, "LX": 1, "SV1": 21, "SV3": 11, "TOO": 3, "REF": 4,
}  # fmt: skip
"""How many elements a segment may have; one with more has swallowed the next one, whose end was lost."""

KEPT = frozenset("ISA IEA GS GE ST SE BHT HL LX CLM SV1 SV3 TOO HI SBR DMG".split())
"""Segments of which a claim line keeps what matters here."""

NOT_KEPT: Mapping[str, str] = {
    "N2": "names", "N3": "addresses", "N4": "addresses", "PER": "contacts", "PRV": "taxonomies",
    "REF": "reference numbers", "PAT": "relation of the patient", "CUR": "currency",
    "AMT": "amounts already paid", "CN1": "contracts", "K3": "file information", "CR1": "ambulance",
    "CR2": "spinal care", "CR3": "equipment", "CR4": "nutrition", "CR5": "oxygen", "CRC": "conditions",
    "HCP": "repricing", "SVD": "other payers' answers", "CAS": "other payers' answers",
    "MOA": "other payers' answers", "MIA": "other payers' answers", "OI": "other payers' answers",
    "LIN": "drugs", "CTP": "drugs", "MEA": "measurements", "PS1": "purchased services", "SV5": "equipment",
    "SV4": "drugs", "QTY": "counts", "FRM": "forms", "LQ": "forms", "DN1": "orthodontics",
    "DN2": "status of teeth", "UR": "reviews", "DSB": "disability", "CL1": "admission", "NM1": "names",
    "DTP": "other dates", "NTE": "words of notes", "PWK": "numbers of attachments", "SV2": "revenue codes",
    "TST": "tests", "IMM": "immunizations", "EBX": "benefits", "TA1": "acknowledgments", "CRD": "conditions",
}  # fmt: skip
"""Segments, or what of them is left, that a claim line has no column for, and what they tell."""

ENTITIES = frozenset(
    "41 40 85 87 PE IL PR QC GD DN P3 82 77 DQ PW 45 QB DK DD ZZ FA LI 71 72 73 TL AY TT GB S3 QV".split()
)
"""Who a name (NM1) may be; another one is a slip."""


@dataclass(frozen=True, slots=True)
class Filing:
    """A claim filing indicator: the payer type that it stands for on each kind of claim; empty where it tells none."""

    indicator: str
    label: str
    professional: str
    dental: str
    source: str

    def payer(self, form: str) -> str:
        """The payer type on a claim of this form."""
        return self.dental if form == DENTAL else self.professional


PROFESSIONAL, DENTAL = "cms1500", "ada2024"
FORM_OF: Mapping[str, str] = {"SV1": PROFESSIONAL, "SV3": DENTAL}
"""The form by the segment of a service line."""

VERSIONS: Mapping[str, str] = {
    "X222": PROFESSIONAL, "X098": PROFESSIONAL, "X224": DENTAL, "X097": DENTAL, "X223": "", "X096": "",
}  # fmt: skip
"""The form by the version of the transaction; empty: an institutional claim, which is not read."""


@cache
def filings() -> Mapping[str, Filing]:
    """The claim filing indicators (``x12-payers.csv``)."""

    def make(line: Line) -> Filing:
        return Filing(
            line.matching("indicator", INDICATOR, "MB"),
            line.wanted("label"),
            line.one_of("professional", "", *payers()),
            line.one_of("dental", "", *payers()),
            line.listed("source", sources()),
        )

    columns = ("indicator", "label", "professional", "dental", "source")
    return by_id(read_lines("x12-payers.csv", columns), "indicator", make)
