"""The names that the FHIR form of a claim uses, from ``data/fhir.toml``. Standard library alone."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from omsnb.reading import data_folder

CURRENCY = "USD"
FLAGS = ("narrative", "attachment", "report")
PROCEDURES = ("CPT", "CDT", "HCPCS", "other")
"""Code systems of procedure codes."""


@cache
def names() -> Mapping[str, Mapping[str, Any]]:
    """All tables of ``fhir.toml``."""
    return tomllib.loads(data_folder().joinpath("fhir.toml").read_text(encoding="utf-8"))


def system(name: str) -> str:
    """The address of a code system as it is written."""
    address: str = names()["systems"][name]
    return address


@cache
def systems_read(*of: str) -> frozenset[str]:
    """The addresses by which code systems are known when they are read: the one that is written, and others."""
    others: Mapping[str, Sequence[str]] = names()["also_read"]
    return frozenset(address for name in of for address in (system(name), *others.get(name, ())))
