"""FHIR R4 claims read as rows of claim lines: what does not fit is said, and nothing is passed over.

Read are ``Claim``, and ``ExplanationOfBenefit`` as a claim on which the payer has decided; one that belongs to a
``Claim`` of the same Bundle only tells what was decided on its lines. Only an active one that asks for payment counts.
How one of them is read stands in ``fhir_claim``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from omsnb.claims import MOST_FAULTS, Fault, Reading, Row, column_name, gather
from omsnb.fhir_claim import ClaimReader
from omsnb.fhir_decided import decided
from omsnb.fhir_names import names
from omsnb.fhir_nodes import Node, short
from omsnb.fhir_parties import Known


def claims_from_fhir(resource: Node) -> Reading:
    """Reads a ``Claim``, an ``ExplanationOfBenefit``, or a ``Bundle`` of them; what does not fit is listed as a fault.

    Each item counts as a row, the first as row 1, and so does a claim without items; of an item that is a group of
    services each service. Raises ``ValueError`` with one sentence for another resource.
    """
    kinds = ("Claim", *names()["read"]["adjudicated"])
    kind = resource.get("resourceType")
    notes: list[str] = []
    if kind in kinds:
        return gather(_rows([resource], Known(), notes), (), lambda: notes)
    if kind != "Bundle":
        raise ValueError(f"resourceType: {short(kind)} is not allowed; allowed: {', '.join(kinds)}, Bundle")
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        raise ValueError("is a Bundle whose entry is no list")
    claims: list[Node] = []
    known = Known()
    faults: list[Fault] = []
    for number, entry in enumerate(entries, start=1):
        held = entry.get("resource") if isinstance(entry, Mapping) else None
        kind = held.get("resourceType") if isinstance(held, Mapping) else None
        if not isinstance(held, Mapping) or not isinstance(kind, str):
            _add(faults, f"entry {number} holds no resource")
            continue
        if kind in kinds:
            claims.append(held)
        elif kind in names()["read"]["not_read"] or "item" in held:
            _add(faults, f"entry {number}: {column_name(kind)} is not read; allowed: {', '.join(kinds)}")
        known.add(entry, held)
    if not claims:
        faults.insert(0, Fault(0, "", "is a Bundle without a Claim or an ExplanationOfBenefit"))
    return gather(_rows(claims, known, notes), faults, lambda: notes)


def _add(faults: list[Fault], message: str) -> None:
    if len(faults) < MOST_FAULTS:
        faults.append(Fault(0, "", message))


def _rows(claims: list[Node], known: Known, notes: list[str]) -> Iterator[Row]:
    number = 0
    answered = _answers(claims, known)
    for claim in claims:
        if any(claim is answer for answers in answered.values() for answer in answers):
            continue
        reader = ClaimReader(claim, known, notes)
        items = claim.get("item")
        if not isinstance(items, list) or not items:
            number += 1
            yield Row(number, reader.head, (*reader.wrong, ("", f"{reader.name} holds no list of items")))
            continue
        for item in items:
            if not isinstance(item, Mapping):
                number += 1
                yield Row(number, reader.head, (*reader.wrong, ("", f"{reader.name}: item is no object")))
                continue
            for cells, wrong, lost in reader.lines(item):
                number += 1
                yield Row(number, {**reader.head, **cells}, (*reader.wrong, *wrong), (*reader.lost, *lost))
        for answer in () if reader.refused else answered.get(id(claim), ()):
            _tell(reader.name, answer, notes)
        notes += () if reader.refused else reader.left_out()


def _answers(claims: list[Node], known: Known) -> dict[int, list[Node]]:
    """For each claim the decisions on it that stand in the same Bundle, by the identity of the claim's node."""
    found: dict[int, list[Node]] = {}
    asked = {id(claim): claim for claim in claims if claim.get("resourceType") == "Claim"}
    numbers = {value: name for name, claim in asked.items() for value in _numbers(claim)}
    for answer in claims:
        told = answer.get("claim")
        if (
            id(answer) in asked
            or not isinstance(told, Mapping)
            or not isinstance(answer.get("item", []), list)
        ):
            continue
        reference, own = told.get("reference"), told.get("identifier")
        target = id(known.find(reference)) if isinstance(reference, str) else 0
        value = own.get("value") if isinstance(own, Mapping) else None
        target = target if target in asked else numbers.get(value, 0) if isinstance(value, str) else 0
        if target:
            found.setdefault(target, []).append(answer)
    return found


def _numbers(claim: Node) -> list[str]:
    entries = claim.get("identifier")
    listed = entries if isinstance(entries, list) else []
    return [
        entry["value"]
        for entry in listed
        if isinstance(entry, Mapping) and isinstance(entry.get("value"), str)
    ]


def _tell(name: str, answer: Node, notes: list[str]) -> None:
    """Tells what was decided on each line of a claim."""
    items: list[Any] = answer.get("item") or []
    for item in items:
        if isinstance(item, Mapping) and (said := decided(item)):
            number = item.get("sequence")
            where = f"line {number}" if isinstance(number, int) else "a line"
            notes.append(f"{name}, {where}, as the payer decided: {said}")
