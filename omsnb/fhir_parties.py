"""Who stands in a FHIR claim: patient, providers and coverage, found in the claim or elsewhere in its Bundle.

A key is taken from an identifier, never from a name, and never from a number that belongs to the person (Social
Security, license, passport); where nothing else is there, the reference itself is the key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omsnb.claim_tables import payers
from omsnb.fhir_names import is_of, names, plain_address, system
from omsnb.fhir_nodes import Node, Wrong, object_of, objects, short, text_of

KEYS = {"patient": "patient", "provider": "provider", "rendering": "provider"}
"""The system of our own by which a column's key is known."""


class Known:
    """The resources that a reference may lead to."""

    def __init__(self, *parts: Mapping[str, Node]) -> None:
        self.by_name = {name: node for part in parts for name, node in part.items()}

    def add(self, entry: Node, resource: Node) -> None:
        """Takes in a resource of a Bundle by its full address, and by its kind and id."""
        if isinstance(entry.get("fullUrl"), str):
            self.by_name[entry["fullUrl"]] = resource
        if isinstance(resource.get("id"), str):
            self.by_name[f"{resource.get('resourceType')}/{resource['id']}"] = resource

    def with_contained(self, contained: list[Node]) -> Known:
        """The same, and the resources that a claim carries itself."""
        return Known(
            self.by_name, {f"#{part['id']}": part for part in contained if isinstance(part.get("id"), str)}
        )

    def find(self, reference: str) -> Node:
        """What a reference leads to: by itself, or by kind and id at its end; empty where it leads nowhere."""
        bare = reference.partition("/_history/")[0]
        return self.by_name.get(reference) or self.by_name.get("/".join(bare.split("/")[-2:])) or {}


def _private(entry: Node) -> bool:
    """Whether an identifier is a number of the person's own, which is no key for a practice."""
    private = names()["read"]["private"]
    kind = entry.get("type")
    codings = kind.get("coding") if isinstance(kind, Mapping) else None
    told = (
        [coding.get("code") for coding in codings if isinstance(coding, Mapping)]
        if isinstance(codings, list)
        else []
    )
    address = entry.get("system")
    own = {plain_address(name) for name in private}
    return any(code in private for code in told) or (
        isinstance(address, str) and plain_address(address) in own
    )


def identifier_of(entries: list[Node], own: str, wrong: Wrong, column: str) -> str:
    """The value of our own identifier, or else of the first that has one and is no number of a person."""
    ordered = sorted(
        (entry for entry in entries if not _private(entry)),
        key=lambda entry: entry.get("system") != system(own),
    )
    return next((text for entry in ordered if (text := text_of(entry, "value", wrong, column))), "")


def party_key(told: Node, known: Known, claim: str, wrong: Wrong, column: str) -> str:
    """The key of a provider or patient: an identifier, or else the text of the reference.

    ``claim``: the claim's name; a resource within a claim has an id that holds in that claim alone.
    """
    own = object_of(told, "identifier", wrong, column)
    value = "" if _private(own) else text_of(own, "value", wrong, column)
    reference = text_of(told, "reference", wrong, column)
    target = known.find(reference)
    found = identifier_of(objects(target, "identifier", wrong, column), KEYS[column], wrong, column) or value
    if found or not reference.startswith("#"):
        return found or reference
    if not target:
        wrong.append((column, f"reference {short(reference)} leads to nothing in the file"))
        return ""
    return f"{claim}{reference}"


class Coverages:
    """What a claim's coverages say: the type of payer where they settle it, and the order of benefits."""

    def __init__(self, claim: Node, known: Known, name: str, wrong: Wrong, notes: list[str]) -> None:
        entries = objects(claim, "insurance", wrong, "payer")
        first = sorted(entries, key=lambda entry: entry.get("focal") is not True)[:1]
        self.payer = self._payer(first[0], known, name, wrong, notes) if first else ""
        if len(entries) > 1 or (first and self._order(first[0], known) > 1):
            place = self._order(first[0], known) or next(
                (number for number, entry in enumerate(entries, start=1) if entry is first[0]), 1
            )
            notes.append(
                f"{name}: {len(entries)} coverages; the claim goes to number {place} in the order of benefits"
            )

    def _order(self, entry: Node, known: Known) -> int:
        order = self._coverage(entry, known, []).get("order")
        return order if isinstance(order, int) and not isinstance(order, bool) and order > 0 else 0

    def _coverage(self, entry: Node, known: Known, wrong: Wrong) -> Node:
        told = object_of(entry, "coverage", wrong, "payer")
        return known.find(text_of(told, "reference", wrong, "payer"))

    def _payer(self, entry: Node, known: Known, name: str, wrong: Wrong, notes: list[str]) -> str:
        told = object_of(entry, "coverage", wrong, "payer")
        own = object_of(told, "identifier", wrong, "payer")
        if own.get("system") == system("payer"):
            return text_of(own, "value", wrong, "payer")
        if own.get("system") is None and own.get("value") in payers():
            return str(own["value"])
        coverage = self._coverage(entry, known, wrong)
        said = [*_words(told), *_words(coverage), *_words(entry)]
        settled = names()["coverage"]
        kinds = {settled[word.upper()] for word in said if word.upper() in settled}
        if len(kinds) == 1:
            return str(kinds.pop())
        if coverage or said:
            kind = f" ({', '.join(map(short, said[:2]))})" if said else ""
            notes.append(
                f"{name}: the coverage{kind} does not say which type of payer it is; allowed: {', '.join(payers())}; "
                "`check --payer` gives it"
            )
        return ""


def _words(coverage: Node) -> list[str]:
    """The codes and words by which a coverage names its kind; names of persons are not among them."""
    found: list[Any] = [coverage.get("display")] if "reference" in coverage or len(coverage) == 1 else []
    kind = coverage.get("type")
    if isinstance(kind, Mapping):
        codings = kind.get("coding")
        found += (
            [entry.get("code") for entry in codings if isinstance(entry, Mapping)]
            if isinstance(codings, list)
            else []
        )
        found.append(kind.get("text"))
    payors = coverage.get("payor")
    if isinstance(payors, list):
        found += [entry.get("display") for entry in payors if isinstance(entry, Mapping)]
    return list(dict.fromkeys(word for word in found if isinstance(word, str) and word.strip()))


def tooth_of(coding: Node) -> str | None:
    """The universal tooth of a coding; None where it names no tooth of a system that is read here."""
    code = coding.get("code")
    if is_of(coding.get("system"), "tooth"):
        return code if isinstance(code, str) else None
    if is_of(coding.get("system"), "tooth_fdi"):
        found: str | None = names()["teeth"].get(code) if isinstance(code, str) else None
        return found
    return None
