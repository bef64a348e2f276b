"""The names that the FHIR form of a claim uses, from ``data/fhir.toml``. Standard library alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.reading import Block, read_toml

CURRENCY = "USD"
FLAGS = ("narrative", "attachment", "report")
PROCEDURES = ("CPT", "CDT", "HCPCS", "other")
"""Code systems of procedure codes."""

SYSTEMS = (
    *PROCEDURES, "modifier", "diagnosis", "claim_type", "priority", "place", "tooth", "area", "information", "claim",
    "patient", "provider", "payer", "minutes",
)  # fmt: skip
OF_CLAIM = ("plan", "order_of_benefits")
"""Fields of a claim that R4 has no place for: extensions of ours."""

URLS = ("form", *OF_CLAIM, "absent")
READ = ("status", "use", "not_read")
"""What each table of the file must name."""


@cache
def names() -> Mapping[str, Mapping[str, Any]]:
    """All tables of ``fhir.toml``; raises ``DataError`` for a name that is missing, unknown or used twice."""
    raw = read_toml("fhir.toml")
    raw.keys(("systems", "urls", "also_read", "read"))
    systems, others, read = raw.table("systems"), raw.table("also_read"), raw.table("read")
    read.keys(READ)
    others.keys((), SYSTEMS)
    found: dict[str, Mapping[str, Any]] = {
        "systems": _once(systems, SYSTEMS),
        "urls": _once(raw.table("urls"), URLS),
        "also_read": {key: others.texts(key) for key in others.raw},
        "read": {key: read.texts(key) for key in READ},
    }
    taken = list(found["systems"].values())
    for key, addresses in found["also_read"].items():
        for address in addresses:
            if address in taken:
                raise others.error(key, f"{address!r} stands twice")
            taken.append(address)
    return MappingProxyType(found)


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


@cache
def systems_read(*of: str) -> frozenset[str]:
    """The addresses by which code systems are known when they are read: the one that is written, and others."""
    others = names()["also_read"]
    return frozenset(address for name in of for address in (system(name), *others.get(name, ())))
