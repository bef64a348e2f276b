"""Claims as FHIR R4 ``Claim`` resources, to be read back without loss. The names stand in ``data/fhir.toml``.

What a claim does not say is not written, but for what R4 demands: an unknown provider carries R4's data-absent reason,
and the date of creation is the last date of service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from omsnb.claim_tables import forms
from omsnb.claims import Claim, ServiceLine, place_of
from omsnb.fhir_names import CURRENCY, FLAGS, OF_CLAIM, names, system
from omsnb.tables import codes

Resource = dict[str, Any]


def _concept(name: str, code: str) -> Resource:
    return {"coding": [{"system": system(name), "code": code}]}


def claim_to_fhir(claim: Claim) -> Resource:
    """A claim as an R4 ``Claim``: ``professional`` for the medical form, ``oral`` for the dental one.

    Raises ``ValueError`` for a claim without a line, since R4 needs a date.
    """
    if not claim.lines:
        raise ValueError(f"claim: {claim.claim!r} has no line")
    form = forms().get(claim.form)
    providers = list(dict.fromkeys(line.rendering for line in claim.lines if line.rendering))
    patient: Resource = {
        "resourceType": "Patient",
        "id": "patient",
        "identifier": [{"system": system("patient"), "value": claim.patient}],
    }
    if claim.birth_date:
        patient["birthDate"] = claim.birth_date.isoformat()
    resource: Resource = {
        "resourceType": "Claim",
        "contained": [patient],
        "extension": [{"url": names()["urls"]["form"], "valueCode": claim.form or "unknown"}],
        "identifier": [{"system": system("claim"), "value": claim.claim}],
        "status": "active",
        "type": _concept("claim_type", form.fhir_type if form else "professional"),
        "use": "claim",
        "patient": {"reference": "#patient"},
        "created": max(line.date for line in claim.lines).isoformat(),
        "provider": _provider(claim.provider),
        "priority": _concept("priority", "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _coverage(claim.payer)}],
    }
    resource["extension"] += [
        {"url": names()["urls"][name], "valueString": value}
        for name in OF_CLAIM
        if (value := getattr(claim, name))
    ]
    if providers:
        resource["careTeam"] = [
            {"sequence": number, "provider": _provider(name)}
            for number, name in enumerate(providers, start=1)
        ]
    if claim.diagnoses:
        resource["diagnosis"] = [
            {"sequence": number, "diagnosisCodeableConcept": _concept("diagnosis", code)}
            for number, code in enumerate(claim.diagnoses, start=1)
        ]
    information: list[Resource] = []
    resource["item"] = [_item(line, claim, providers, information) for line in claim.lines]
    if information:
        resource["supportingInfo"] = information
    return resource


def _provider(name: str) -> Resource:
    if name:
        return {"identifier": {"system": system("provider"), "value": name}}
    return {"extension": [{"url": names()["urls"]["absent"], "valueCode": "unknown"}]}


def _coverage(payer: str) -> Resource:
    if payer:
        return {"identifier": {"system": system("payer"), "value": payer}}
    return {"extension": [{"url": names()["urls"]["absent"], "valueCode": "unknown"}]}


def _item(line: ServiceLine, claim: Claim, providers: list[str], information: list[Resource]) -> Resource:
    known = codes().get(line.code)
    item: Resource = {
        "sequence": line.line,
        "productOrService": _concept(known.system if known else "other", line.code),
        "servicedDate": line.date.isoformat(),
        "quantity": {"value": line.units},
    }
    if line.rendering:
        item["careTeamSequence"] = [providers.index(line.rendering) + 1]
    if line.pointers:
        item["diagnosisSequence"] = [ord(letter) - ord("A") + 1 for letter in line.pointers]
    if line.modifiers:
        item["modifier"] = [_concept("modifier", modifier) for modifier in line.modifiers]
    if place := place_of(claim, line):
        item["locationCodeableConcept"] = _concept("place", place)
    sites = [(name, text) for name, text in (("tooth", line.tooth), ("area", line.area)) if text]
    if sites:
        item["bodySite"] = {"coding": [{"system": system(name), "code": text} for name, text in sites]}
    if line.charge is not None:
        item["net"] = {"value": float(line.charge), "currency": CURRENCY}
    told = list(_told(line))
    if told:
        item["informationSequence"] = []
        for name, value in told:
            sequence = len(information) + 1
            information.append({"sequence": sequence, "category": _concept("information", name), **value})
            item["informationSequence"].append(sequence)
    return item


def _told(line: ServiceLine) -> Iterator[tuple[str, Resource]]:
    for name in FLAGS:
        if getattr(line, name):
            yield name, {"valueBoolean": getattr(line, name) == "yes"}
    if line.made_by:
        yield "made_by", {"valueString": line.made_by}
    if line.minutes is not None:
        yield (
            "minutes",
            {"valueQuantity": {"value": line.minutes, "system": system("minutes"), "code": "min"}},
        )


def claims_to_bundle(claims: Iterable[Claim]) -> Resource:
    """Claims as an R4 ``Bundle`` of type collection."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": claim_to_fhir(claim)} for claim in claims],
    }
