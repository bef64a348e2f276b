"""The parts of a FHIR resource, taken out with a sentence for each part that is not what it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from omsnb.fhir_names import plain_address, system

Node = Mapping[str, Any]
Wrong = list[tuple[str, str]]
"""What is wrong: pairs of a column (empty: the whole row) and a sentence."""

TIMED = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}.*", re.ASCII)


def short(value: Any) -> str:
    """A value as it may be shown in a sentence."""
    if isinstance(value, str):
        return ascii(value[:80])
    return "something that is no text" if value is not None else "none"


def objects(node: Node, name: str, wrong: Wrong, column: str = "") -> list[Node]:
    """The objects of a list; what is no list or no object is wrong."""
    value = node.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        wrong.append((column, f"{name} is no list of objects"))
        return []
    return value


def object_of(node: Node, name: str, wrong: Wrong, column: str = "") -> Node:
    """The object under a name, empty where there is none."""
    value = node.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        wrong.append((column, f"{name} is no object"))
        return {}
    return value


def text_of(node: Node, name: str, wrong: Wrong, column: str = "") -> str:
    """The text under a name, empty where there is none."""
    value = node.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong.append((column, f"{name} is no text"))
        return ""
    return value


def numbers_of(node: Node, name: str, wrong: Wrong, column: str = "") -> list[int]:
    """A list of sequence numbers, such as ``diagnosisSequence``."""
    value = node.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(is_sequence, value)):
        wrong.append((column, f"{name} is no list of whole numbers"))
        return []
    return value


def is_sequence(value: Any) -> TypeGuard[int]:
    """Whether a value is a whole number from 1 on."""
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def by_sequence(node: Node, name: str, wrong: Wrong) -> dict[int, Node]:
    """The objects of a list by their ``sequence``, in its order."""
    found: dict[int, Node] = {}
    for entry in objects(node, name, wrong):
        number = entry.get("sequence")
        if not is_sequence(number):
            wrong.append(("", f"{name} holds an entry whose sequence is no whole number from 1 on"))
        elif number in found:
            wrong.append(("", f"{name}: sequence {number} stands twice"))
        else:
            found[number] = entry
    return dict(sorted(found.items()))


def decimal_of(value: Any) -> Decimal | None:
    """A number, also one that stands as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and -12 < number.adjusted() < 12 else None


def plain(number: Decimal) -> str:
    """A number without an exponent or needless zeros."""
    whole = number == number.to_integral_value()
    return str(int(number)) if whole else format(number.normalize(), "f")


def day_of(text: str) -> str:
    """The day of a date or of a time; a time's own day, as it was written where the service was done."""
    timed = TIMED.fullmatch(text.strip())
    return timed[1] if timed else text


def codes_in(codings: list[Node], systems: frozenset[str]) -> list[str]:
    """The different codes in the systems, or else those that name no system."""
    given = [(entry.get("system"), entry["code"]) for entry in codings if isinstance(entry.get("code"), str)]
    fitting = [code for name, code in given if isinstance(name, str) and plain_address(name) in systems]
    return list(dict.fromkeys(fitting or [code for name, code in given if name is None]))


def code_of(concept: Any, name: str, systems: frozenset[str], wrong: Wrong, column: str) -> str:
    """The code of a concept in one of the systems; empty where there is no concept."""
    if concept is None:
        return ""
    if not isinstance(concept, Mapping):
        wrong.append((column, f"{name} is no object"))
        return ""
    codings = objects(concept, "coding", wrong, column)
    codes = codes_in(codings, systems)
    if len(codes) == 1:
        return codes[0]
    if codes:
        wrong.append((column, f"{name} holds more than one code: {', '.join(map(short, codes[:4]))}"))
    elif codings:
        found = ", ".join(
            f"{short(entry.get('code'))} of {short(entry.get('system'))}" for entry in codings[:3]
        )
        said = f"{name} holds no code of a code system that is read here; it names: {found}"
        if column == "code":
            said += f"; name a CPT, CDT or HCPCS code by its system, such as {system('CPT')}"
        wrong.append((column, said))
    elif concept.get("text") is not None:
        wrong.append((column, f"{name} holds words but no code"))
    return ""


OLDER = {
    "service": "productOrService",
    "diagnosisLinkId": "diagnosisSequence",
    "careTeamLinkId": "careTeamSequence",
    "informationLinkId": "informationSequence",
}
"""Names of STU3 for parts of an item, and those of R4."""


def as_r4(item: Node) -> Node:
    """An item as R4 names its parts: what STU3 calls otherwise, and the one site of the body of R5."""
    found = {
        OLDER.get(name, name) if OLDER.get(name) not in item else name: value for name, value in item.items()
    }
    sites = found.get("bodySite")
    if isinstance(sites, list) and len(sites) == 1 and isinstance(sites[0], Mapping):
        inner = sites[0].get("site")
        concepts = [
            entry["concept"]
            for entry in (inner if isinstance(inner, list) else [])
            if isinstance(entry, Mapping) and isinstance(entry.get("concept"), Mapping)
        ]
        codings = [concept.get("coding") for concept in concepts]
        if codings and all(isinstance(given, list) for given in codings):
            found["bodySite"] = {"coding": [coding for given in codings for coding in given or ()]}
            found.setdefault("subSite", sites[0].get("subSite"))
    return found
