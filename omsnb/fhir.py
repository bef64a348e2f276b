"""Claims as FHIR R4 ``Claim`` resources and back, without loss. The names stand in ``data/fhir.toml``.

What a claim does not say is not written, but for what R4 demands: an unknown provider carries R4's data-absent reason,
and the date of creation is the last date of service.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from omsnb.claim_tables import claim_fields, forms
from omsnb.claims import Claim, Reading, ServiceLine, cell_text, read_rows
from omsnb.reading import read_toml
from omsnb.tables import codes

Resource = dict[str, Any]
CURRENCY = "USD"
NAMES = {
    "systems": (
        "CPT CDT HCPCS other modifier diagnosis claim_type priority place tooth area information claim patient "
        "provider payer minutes"
    ).split(),
    "urls": ("form", "absent"),
}
"""The tables of ``fhir.toml`` and what each must name."""

FLAGS = ("narrative", "attachment", "report")


@cache
def fhir_names() -> Mapping[str, Mapping[str, str]]:
    """The names that FHIR wants, by table; raises ``DataError`` for one that is missing, unknown or used twice."""
    raw = read_toml("fhir.toml")
    raw.keys(NAMES)
    found = {}
    for name, wanted in NAMES.items():
        part = raw.table(name)
        part.keys(wanted)
        found[name] = {key: part.text(key) for key in wanted}
        for key, value in found[name].items():
            if list(found[name].values()).count(value) > 1:
                raise part.error(key, f"{value!r} stands twice")
    return found


def _system(name: str) -> str:
    return fhir_names()["systems"][name]


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": _system(system), "code": code}]}


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
        "identifier": [{"system": _system("patient"), "value": claim.patient}],
    }
    if claim.birth_date:
        patient["birthDate"] = claim.birth_date.isoformat()
    resource: Resource = {
        "resourceType": "Claim",
        "contained": [patient],
        "extension": [{"url": fhir_names()["urls"]["form"], "valueCode": claim.form or "unknown"}],
        "identifier": [{"system": _system("claim"), "value": claim.claim}],
        "status": "active",
        "type": _concept("claim_type", form.fhir_type if form else "professional"),
        "use": "claim",
        "patient": {"reference": "#patient"},
        "created": max(line.date for line in claim.lines).isoformat(),
        "provider": _provider(claim.provider),
        "priority": _concept("priority", "normal"),
        "insurance": [{"sequence": 1, "focal": True, "coverage": _coverage(claim.payer)}],
    }
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
        return {"identifier": {"system": _system("provider"), "value": name}}
    return {"extension": [{"url": fhir_names()["urls"]["absent"], "valueCode": "unknown"}]}


def _coverage(payer: str) -> Resource:
    if payer:
        return {"identifier": {"system": _system("payer"), "value": payer}}
    return {"extension": [{"url": fhir_names()["urls"]["absent"], "valueCode": "unknown"}]}


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
    if claim.place:
        item["locationCodeableConcept"] = _concept("place", claim.place)
    sites = [(name, text) for name, text in (("tooth", line.tooth), ("area", line.area)) if text]
    if sites:
        item["bodySite"] = {"coding": [{"system": _system(name), "code": text} for name, text in sites]}
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
            {"valueQuantity": {"value": line.minutes, "system": _system("minutes"), "code": "min"}},
        )


def claims_to_bundle(claims: Iterable[Claim]) -> Resource:
    """Claims as an R4 ``Bundle`` of type collection."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": claim_to_fhir(claim)} for claim in claims],
    }


def claims_from_fhir(resource: Mapping[str, Any]) -> Reading:
    """Reads a ``Claim`` or a ``Bundle`` of claims; what does not fit is listed like a bad row of a file.

    Each line counts as a row, the first as row 1. Raises ``ValueError`` for another resource.
    """
    kind = resource.get("resourceType")
    if kind == "Bundle":
        found = [
            entry.get("resource") or {} for entry in _list(resource, "entry") if isinstance(entry, Mapping)
        ]
        claims = [
            entry for entry in found if isinstance(entry, Mapping) and entry.get("resourceType") == "Claim"
        ]
    elif kind == "Claim":
        claims = [resource]
    else:
        raise ValueError(f"resourceType: {str(kind)[:40]!r} is not allowed; allowed: Claim, Bundle")
    rows = (row for claim in claims for row in _rows(claim))
    return read_rows(enumerate(rows, start=1))


def _list(resource: Mapping[str, Any], name: str) -> list[Any]:
    value = resource.get(name)
    return value if isinstance(value, list) else []


def _at(resource: Any, *path: str | int) -> Any:
    """What stands at a path of a resource; None where a step is missing."""
    for step in path:
        if isinstance(step, int):
            resource = resource[step] if isinstance(resource, list) and len(resource) > step else None
        else:
            resource = resource.get(step) if isinstance(resource, Mapping) else None
    return resource


def _codes(concept: Any, system: str = "") -> list[str]:
    codings = _list(concept, "coding") if isinstance(concept, Mapping) else []
    return [
        str(_at(coding, "code") or "")
        for coding in codings
        if not system or _at(coding, "system") == _system(system)
    ]


def _code(concept: Any, system: str = "") -> str:
    return next(iter(_codes(concept, system)), "")


def _rows(claim: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    patient: Any = next(
        (entry for entry in _list(claim, "contained") if _at(entry, "resourceType") == "Patient"), {}
    )
    form = next(
        (
            _at(entry, "valueCode")
            for entry in _list(claim, "extension")
            if _at(entry, "url") == fhir_names()["urls"]["form"]
        ),
        None,
    )
    if form is None:
        kind = _code(claim.get("type"))
        form = next((name for name, entry in forms().items() if entry.fhir_type == kind), "unknown")
    head = {
        "claim": _at(claim, "identifier", 0, "value") or claim.get("id") or "",
        "patient": _at(patient, "identifier", 0, "value") or _at(claim, "patient", "identifier", "value")
        or _at(claim, "patient", "reference") or "",
        "birth_date": _at(patient, "birthDate") or "",
        "payer": _at(claim, "insurance", 0, "coverage", "identifier", "value") or "",
        "provider": _at(claim, "provider", "identifier", "value") or _at(claim, "provider", "reference") or "",
        "form": "" if form == "unknown" else form,
        "diagnoses": "|".join(_code(_at(entry, "diagnosisCodeableConcept")) for entry in _list(claim, "diagnosis")),
    }  # fmt: skip
    team = {
        _at(entry, "sequence"): _at(entry, "provider", "identifier", "value")
        for entry in _list(claim, "careTeam")
    }
    told = {_at(entry, "sequence"): entry for entry in _list(claim, "supportingInfo")}
    for item in _list(claim, "item"):
        row = {**head, **_line(item, team, told)}
        yield {name: cell_text(row.get(name) if row.get(name) is not None else "") for name in claim_fields()}


def _line(item: Any, team: Mapping[Any, Any], told: Mapping[Any, Any]) -> dict[str, Any]:
    quantity = _at(item, "quantity", "value")
    charge = _at(item, "net", "value")
    letters = [
        chr(ord("A") + number - 1) if isinstance(number, int) and 1 <= number <= 26 else "?"
        for number in _list(item, "diagnosisSequence")
    ]
    line: dict[str, Any] = {
        "line": _at(item, "sequence"),
        "date": _at(item, "servicedDate"),
        "code": _code(_at(item, "productOrService")),
        "modifiers": "|".join(_code(concept) for concept in _list(item, "modifier")),
        "units": int(quantity) if isinstance(quantity, float) and quantity.is_integer() else quantity,
        "pointers": "".join(letters),
        "place": _code(_at(item, "locationCodeableConcept")),
        "tooth": _code(_at(item, "bodySite"), "tooth"),
        "area": _code(_at(item, "bodySite"), "area"),
        "charge": f"{charge:.2f}" if isinstance(charge, int | float) else "",
        "rendering": team.get(_at(item, "careTeamSequence", 0)),
    }
    for sequence in _list(item, "informationSequence"):
        entry = told.get(sequence)
        name = _code(_at(entry, "category"))
        if name in FLAGS:
            line[name] = "yes" if _at(entry, "valueBoolean") else "no"
        elif name == "made_by":
            line[name] = _at(entry, "valueString")
        elif name == "minutes":
            line[name] = _at(entry, "valueQuantity", "value")
    return line
