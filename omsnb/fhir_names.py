"""The names that the FHIR form of a claim uses, from ``data/fhir.toml``. Standard library alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import payers
from omsnb.reading import Block, read_toml

CURRENCY = "USD"
FLAGS = ("narrative", "attachment", "report")
PROCEDURES = ("CPT", "CDT", "HCPCS", "other")
"""Code systems of procedure codes."""

SYSTEMS = (
    *PROCEDURES, "modifier", "diagnosis", "claim_type", "priority", "place", "tooth", "area", "information", "claim",
    "patient", "provider", "payer", "minutes", "tooth_fdi", "surface", "kind", "reason", "remark",
)  # fmt: skip
OF_CLAIM = ("plan", "order_of_benefits")
"""Fields of a claim that R4 has no place for: extensions of ours."""

URLS = ("form", *OF_CLAIM, "absent")
READ = ("status", "use", "not_read", "adjudicated", "rendering", "private", "attachment")
WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "not_ours": ("institutional", "pharmacy", "vision"),
        "coverage": ("DENTAL", "DENTPRG", "MEDICARE"),
        "teeth": tuple(
            f"{quadrant}{tooth}" for quadrant in range(1, 9) for tooth in range(1, 9 if quadrant < 5 else 6)
        ),
        "amounts": (
            "submitted", "allowed", "eligible", "benefit", "paidtoprovider", "paidtopatient", "paidbypatient",
            "priorpayerpaid", "deductible", "copay", "coinsurance", "noncovered", "memberliability", "discount",
            "line_sbmtd_chrg_amt", "line_alowd_chrg_amt", "line_prvdr_pmt_amt", "line_bene_ptb_ddctbl_amt",
            "line_coinsrnc_amt", "line_nch_pmt_amt",
        ),
    }
)  # fmt: skip
"""Tables whose keys are names of FHIR, and whose values are ours."""

_FDI = re.compile(r"[1-8][1-8]")
_UNIVERSAL = re.compile(r"[1-9]|[12][0-9]|3[0-2]|[A-T]")


@cache
def names() -> Mapping[str, Mapping[str, Any]]:
    """All tables of ``fhir.toml``; raises ``DataError`` for a name that is missing, unknown or used twice."""
    raw = read_toml("fhir.toml")
    raw.keys(("systems", "urls", "also_read", "read", *WORDS))
    systems, others, read = raw.table("systems"), raw.table("also_read"), raw.table("read")
    read.keys(READ)
    others.keys((), SYSTEMS)
    found: dict[str, Mapping[str, Any]] = {
        "systems": _once(systems, SYSTEMS),
        "urls": _once(raw.table("urls"), URLS),
        "also_read": {key: others.texts(key) for key in others.raw},
        "read": {key: read.texts(key) for key in READ},
        **{part: {key: raw.table(part).text(key) for key in raw.table(part).raw} for part in WORDS},
    }
    for part, wanted in WORDS.items():
        raw.table(part).keys(wanted)
    _check_words(raw, found)
    taken = [plain_address(address) for address in found["systems"].values()]
    for key, addresses in found["also_read"].items():
        for address in addresses:
            if plain_address(address) in taken:
                raise others.error(key, f"{address!r} stands twice")
            taken.append(plain_address(address))
    return MappingProxyType(found)


def _check_words(raw: Block, found: Mapping[str, Mapping[str, Any]]) -> None:
    for key in found["coverage"]:
        raw.table("coverage").one_of(key, *payers())
    teeth = found["teeth"]
    for key, tooth in teeth.items():
        if not _FDI.fullmatch(key) or not _UNIVERSAL.fullmatch(tooth):
            raise raw.table("teeth").error(key, f"{tooth!r} is no universal tooth of an FDI number")
        if list(teeth.values()).count(tooth) > 1:
            raise raw.table("teeth").error(key, f"{tooth!r} stands twice")


def _once(part: Block, wanted: tuple[str, ...]) -> dict[str, str]:
    part.keys(wanted)
    found = {key: part.text(key) for key in wanted}
    for key, value in found.items():
        if list(found.values()).count(value) > 1:
            raise part.error(key, f"{value!r} stands twice")
    return found


def system(name: str) -> str:
    """The address of a code system as it is written."""
    address: str = names()["systems"][name]
    return address


def plain_address(address: str) -> str:
    """An address without what people write in different ways: capitals, ``http``, ``www.``, version, last slash."""
    short = re.sub(r"^https?://(www\.)?", "", address.partition("|")[0].strip().lower())
    short = f"urn:oid:{short}" if re.fullmatch(r"[0-2](\.[0-9]+)+", short) else short
    return short.rstrip("/").removesuffix(".html")


@cache
def systems_read(*of: str) -> frozenset[str]:
    """The plain addresses by which code systems are known when they are read."""
    others = names()["also_read"]
    return frozenset(
        plain_address(address) for name in of for address in (system(name), *others.get(name, ()))
    )


def is_of(address: object, *of: str) -> bool:
    """Whether what a coding names as its system is one of these code systems."""
    return isinstance(address, str) and plain_address(address) in systems_read(*of)
