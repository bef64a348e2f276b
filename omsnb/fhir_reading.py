"""FHIR R4 ``Claim`` resources read as rows of claim lines: what does not fit is said, and nothing is passed over.

Only an active claim counts, and only one that asks for payment. A code is chosen by its code system, never by its
place; a coding that names no system counts where no other names one of ours. Diagnoses stand in the order of their
``sequence``, by which the items refer to them. What an item holds and a claim line cannot say (lines within a line,
another currency, a price that does not come to cents) refuses the item with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from omsnb.claim_tables import forms
from omsnb.claims import MOST_FAULTS, Fault, Reading, Row, column_name, gather
from omsnb.fhir_names import CURRENCY, FLAGS, OF_CLAIM, PROCEDURES, names, system, systems_read

Node = Mapping[str, Any]
Wrong = list[tuple[str, str]]
"""What is wrong: pairs of a column (empty: the whole row) and a sentence."""


def claims_from_fhir(resource: Node) -> Reading:
    """Reads a ``Claim`` or a ``Bundle`` of claims; what does not fit is listed like a bad row of a file.

    Each item counts as a row, the first as row 1, and so does a claim without items. Raises ``ValueError`` with one
    sentence for another resource.
    """
    kind = resource.get("resourceType")
    if kind == "Claim":
        return gather(_rows([resource], {}))
    if kind != "Bundle":
        raise ValueError(f"resourceType: {_short(kind)} is not allowed; allowed: Claim, Bundle")
    entries = resource.get("entry", [])
    if not isinstance(entries, list):
        raise ValueError("is a Bundle whose entry is no list")
    claims: list[Node] = []
    known: dict[str, Node] = {}
    faults: list[Fault] = []
    for number, entry in enumerate(entries, start=1):
        held = entry.get("resource") if isinstance(entry, Mapping) else None
        kind = held.get("resourceType") if isinstance(held, Mapping) else None
        if not isinstance(held, Mapping) or not isinstance(kind, str):
            _add(faults, f"entry {number} holds no resource")
        elif kind == "Claim":
            claims.append(held)
        elif kind in names()["read"]["not_read"] or "item" in held:
            _add(faults, f"entry {number}: {column_name(kind)} is not read; allowed: Claim")
        else:
            if isinstance(entry.get("fullUrl"), str):
                known[entry["fullUrl"]] = held
            if isinstance(held.get("id"), str):
                known[f"{kind}/{held['id']}"] = held
    if not claims:
        faults.insert(0, Fault(0, "", "is a Bundle without a Claim"))
    return gather(_rows(claims, known), faults)


def _add(faults: list[Fault], message: str) -> None:
    if len(faults) < MOST_FAULTS:
        faults.append(Fault(0, "", message))


def _rows(claims: list[Node], known: Mapping[str, Node]) -> Iterator[Row]:
    number = 0
    for claim in claims:
        reader = _ClaimReader(claim, known)
        items = claim.get("item")
        if not isinstance(items, list) or not items:
            number += 1
            yield Row(number, reader.head, (*reader.wrong, ("", f"{reader.name} holds no list of items")))
            continue
        for item in items:
            number += 1
            if isinstance(item, Mapping):
                cells, wrong = reader.line(item)
                yield Row(number, {**reader.head, **cells}, (*reader.wrong, *wrong))
            else:
                yield Row(number, reader.head, (*reader.wrong, ("", f"{reader.name}: item is no object")))


def _short(value: Any) -> str:
    return (
        ascii(value[:40])
        if isinstance(value, str)
        else "something that is no text"
        if value is not None
        else "none"
    )


def _objects(node: Node, name: str, wrong: Wrong, column: str = "") -> list[Node]:
    """The objects of a list; what is no list or no object is wrong."""
    value = node.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        wrong.append((column, f"{name} is no list of objects"))
        return []
    return value


def _object(node: Node, name: str, wrong: Wrong, column: str = "") -> Node:
    value = node.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        wrong.append((column, f"{name} is no object"))
        return {}
    return value


def _text(node: Node, name: str, wrong: Wrong, column: str = "") -> str:
    value = node.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        wrong.append((column, f"{name} is no text"))
        return ""
    return value


def _numbers(node: Node, name: str, wrong: Wrong, column: str = "") -> list[int]:
    """A list of sequence numbers, such as ``diagnosisSequence``."""
    value = node.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(map(_is_sequence, value)):
        wrong.append((column, f"{name} is no list of whole numbers"))
        return []
    return value


def _is_sequence(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _by_sequence(node: Node, name: str, wrong: Wrong) -> dict[int, Node]:
    """The objects of a list by their ``sequence``, in its order."""
    found: dict[int, Node] = {}
    for entry in _objects(node, name, wrong):
        number = entry.get("sequence")
        if not _is_sequence(number):
            wrong.append(("", f"{name} holds an entry whose sequence is no whole number from 1 on"))
        elif number in found:
            wrong.append(("", f"{name}: sequence {number} stands twice"))
        else:
            found[number] = entry
    return dict(sorted(found.items()))


def _decimal(value: Any) -> Decimal | None:
    """A number, also one that stands as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(value.strip() if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and -12 < number.adjusted() < 12 else None


def _plain(number: Decimal) -> str:
    whole = number == number.to_integral_value()
    return str(int(number)) if whole else format(number.normalize(), "f")


def _code(concept: Any, name: str, systems: frozenset[str], wrong: Wrong, column: str) -> str:
    """The code of a concept in one of the systems; empty where there is no concept."""
    if concept is None:
        return ""
    if not isinstance(concept, Mapping):
        wrong.append((column, f"{name} is no object"))
        return ""
    codings = _objects(concept, "coding", wrong, column)
    codes = _codes(codings, systems)
    if len(codes) == 1:
        return codes[0]
    if codes:
        wrong.append((column, f"{name} holds more than one code: {', '.join(map(_short, codes[:4]))}"))
    elif codings:
        found = ", ".join(_short(coding.get("system")) for coding in codings[:3])
        wrong.append((column, f"{name} holds no code of a code system that is read here; it names: {found}"))
    elif concept.get("text") is not None:
        wrong.append((column, f"{name} holds words but no code"))
    return ""


def _codes(codings: list[Node], systems: frozenset[str]) -> list[str]:
    """The different codes in the systems, or else those that name no system."""
    given = [(entry.get("system"), entry["code"]) for entry in codings if isinstance(entry.get("code"), str)]
    fitting = [code for name, code in given if isinstance(name, str) and name in systems]
    return list(dict.fromkeys(fitting or [code for name, code in given if name is None]))


def _identifier(entries: list[Node], own: str, wrong: Wrong, column: str) -> str:
    """The value of our own identifier, or else of the first that has one."""
    ordered = sorted(entries, key=lambda entry: entry.get("system") != system(own))
    return next((text for entry in ordered if (text := _text(entry, "value", wrong, column))), "")


_KEYS = {"patient": "patient", "provider": "provider", "rendering": "provider"}


class _ClaimReader:
    """Reads one claim: ``head`` holds the cells that all its lines share, ``wrong`` what refuses all of them."""

    def __init__(self, claim: Node, known: Mapping[str, Node]) -> None:
        wrong: Wrong = []
        contained = _objects(claim, "contained", wrong)
        own_parts = {f"#{entry['id']}": entry for entry in contained if isinstance(entry.get("id"), str)}
        self.known = {**known, **own_parts}
        own = _identifier(_objects(claim, "identifier", wrong, "claim"), "claim", wrong, "claim")
        name = own or _text(claim, "id", wrong, "claim")
        self.name = f"claim {column_name(name)}" if name else "a claim without a name"
        for key in ("status", "use"):
            allowed = names()["read"][key]
            if claim.get(key) not in allowed:
                said = f"{key} {_short(claim.get(key))} is not counted; allowed: {', '.join(allowed)}"
                wrong.append(("", said))
        self.team = _by_sequence(claim, "careTeam", wrong)
        self.told = _by_sequence(claim, "supportingInfo", wrong)
        diagnoses = _by_sequence(claim, "diagnosis", wrong)
        self.diagnoses = list(diagnoses)
        patient, birth_date = self._patient(claim, wrong)
        self.head = {
            "claim": name,
            "patient": patient,
            "birth_date": birth_date,
            "payer": self._payer(claim, wrong),
            **{name: self._own(claim, name, wrong) for name in OF_CLAIM},
            "provider": self._party(_object(claim, "provider", wrong, "provider"), wrong, "provider"),
            "form": self._form(claim, wrong),
            "diagnoses": "|".join(self._diagnosis(entry, wrong) for entry in diagnoses.values()),
        }
        self.wrong = tuple((column, said if column else f"{self.name}: {said}") for column, said in wrong)

    def _patient(self, claim: Node, wrong: Wrong) -> tuple[str, str]:
        told = _object(claim, "patient", wrong, "patient")
        reference = _text(told, "reference", wrong, "patient")
        found = self.known.get(reference, {})
        return self._party(told, wrong, "patient"), _text(found, "birthDate", wrong, "birth_date")

    def _party(self, told: Node, wrong: Wrong, column: str) -> str:
        """The key of a provider or patient: an identifier, or else the text of the reference."""
        own = _text(_object(told, "identifier", wrong, column), "value", wrong, column)
        reference = _text(told, "reference", wrong, column)
        held = _objects(self.known.get(reference, {}), "identifier", wrong, column)
        found = _identifier(held, _KEYS[column], wrong, column) or own
        if not found and reference.startswith("#"):
            wrong.append((column, f"reference {_short(reference)} leads to no identifier"))
            return ""
        return found or reference

    def _payer(self, claim: Node, wrong: Wrong) -> str:
        """The type of payer, where the claim's first coverage names it in our own way."""
        entries = _objects(claim, "insurance", wrong, "payer")
        first = sorted(entries, key=lambda entry: entry.get("focal") is not True)[:1]
        coverage = _object(first[0], "coverage", wrong, "payer") if first else {}
        told = _object(coverage, "identifier", wrong, "payer")
        return _text(told, "value", wrong, "payer") if told.get("system") in (None, system("payer")) else ""

    def _own(self, claim: Node, name: str, wrong: Wrong) -> str:
        """A field of the claim that R4 has no place for."""
        url = names()["urls"][name]
        told = (entry for entry in _objects(claim, "extension", wrong) if entry.get("url") == url)
        return next((_text(entry, "valueString", wrong, name) for entry in told), "")

    def _form(self, claim: Node, wrong: Wrong) -> str:
        for entry in _objects(claim, "extension", wrong):
            if entry.get("url") == names()["urls"]["form"]:
                told = _text(entry, "valueCode", wrong, "form")
                return "" if told == "unknown" else told
        kind = _code(claim.get("type"), "type", systems_read("claim_type"), wrong, "form")
        fitting = [name for name, form in forms().items() if form.fhir_type == kind]
        if kind and not fitting:
            allowed = ", ".join(dict.fromkeys(form.fhir_type for form in forms().values()))
            wrong.append(("form", f"type {_short(kind)} is not read; allowed: {allowed}"))
        return fitting[0] if fitting else ""

    def _diagnosis(self, entry: Node, wrong: Wrong) -> str:
        concept = entry.get("diagnosisCodeableConcept")
        if concept is None:
            reference = _text(
                _object(entry, "diagnosisReference", wrong, "diagnoses"), "reference", wrong, "diagnoses"
            )
            concept = self.known.get(reference, {}).get("code")
        code = _code(concept, "diagnosis", systems_read("diagnosis"), wrong, "diagnoses")
        if not code:
            wrong.append(("diagnoses", "a diagnosis holds no code, or its reference leads to none"))
        return code

    def line(self, item: Node) -> tuple[dict[str, str], Wrong]:
        """The cells of an item, and what is wrong with it."""
        wrong: Wrong = []
        if item.get("detail") not in (None, []):
            wrong.append(("", "detail is not read; write each service as an item of its own"))
        number = item.get("sequence")
        if number is not None and not _is_sequence(number):
            wrong.append(("line", "sequence is no whole number from 1 on"))
        units = self._units(item, wrong)
        place = item.get("locationCodeableConcept")
        cells = {
            "line": str(number) if _is_sequence(number) else "",
            "date": self._date(item, wrong),
            "code": _code(
                item.get("productOrService"), "productOrService", systems_read(*PROCEDURES), wrong, "code"
            ),
            "modifiers": "|".join(
                _code(entry, "modifier", systems_read("modifier", "CPT", "HCPCS"), wrong, "modifiers")
                for entry in _objects(item, "modifier", wrong, "modifiers")
            ),
            "units": _plain(units),
            "pointers": self._pointers(item, wrong),
            "place": _code(place, "locationCodeableConcept", systems_read("place"), wrong, "place"),
            "charge": self._charge(item, units, wrong),
            "rendering": self._rendering(item, wrong),
            **self._site(item, wrong),
            **self._information(item, wrong),
        }
        return cells, wrong

    def _date(self, item: Node, wrong: Wrong) -> str:
        period = _object(item, "servicedPeriod", wrong, "date")
        if not period:
            return _text(item, "servicedDate", wrong, "date")
        first, last = (_text(period, name, wrong, "date") for name in ("start", "end"))
        if first != last:
            wrong.append(
                ("date", "servicedPeriod is more than one day; write each day as an item of its own")
            )
        return first

    def _units(self, item: Node, wrong: Wrong) -> Decimal:
        """The quantity; by the standard one where none is given."""
        if item.get("quantity") is None:
            return Decimal(1)
        number = _decimal(_object(item, "quantity", wrong, "units").get("value"))
        if number is None:
            wrong.append(("units", "quantity holds no number"))
        return Decimal(1) if number is None else number

    def _charge(self, item: Node, units: Decimal, wrong: Wrong) -> str:
        amounts: dict[str, Decimal] = {}
        for name in ("net", "unitPrice"):
            if item.get(name) is None:
                continue
            money = _object(item, name, wrong, "charge")
            amount = _decimal(money.get("value"))
            if amount is None:
                wrong.append(("charge", f"{name} holds no amount"))
            elif money.get("currency") not in (None, CURRENCY):
                said = f"{name} is in {_short(money.get('currency'))}; allowed: {CURRENCY}"
                wrong.append(("charge", said))
            else:
                amounts[name] = amount
        factor = _decimal(item.get("factor", 1))
        if factor is None or factor != 1:
            wrong.append(("charge", "factor is not read"))
        if "net" in amounts:
            return _plain(amounts["net"])
        return _plain(amounts["unitPrice"] * units) if "unitPrice" in amounts else ""

    def _pointers(self, item: Node, wrong: Wrong) -> str:
        """Letters of the diagnoses by their sequence. Where these count from 1 on, one more is a letter without one."""
        places = {number: place for place, number in enumerate(self.diagnoses)}
        counted = self.diagnoses == list(range(1, len(self.diagnoses) + 1))
        letters = ""
        for number in _numbers(item, "diagnosisSequence", wrong, "pointers"):
            place = places.get(number, number - 1 if counted else 26)
            if place < 26:
                letters += chr(ord("A") + place)
            else:
                wrong.append(("pointers", f"diagnosisSequence {number} is no sequence of a diagnosis"))
        return letters

    def _rendering(self, item: Node, wrong: Wrong) -> str:
        found: list[str] = []
        for number in _numbers(item, "careTeamSequence", wrong, "rendering"):
            member = self.team.get(number)
            if member is None:
                wrong.append(("rendering", f"careTeamSequence {number} is no sequence of the care team"))
                continue
            name = self._party(_object(member, "provider", wrong, "rendering"), wrong, "rendering")
            if name and name not in found:
                found.append(name)
        if len(found) > 1:
            wrong.append(("rendering", "careTeamSequence names more than one provider; a line has one"))
        return found[0] if found else ""

    def _site(self, item: Node, wrong: Wrong) -> dict[str, str]:
        site = _object(item, "bodySite", wrong, "tooth")
        codings = _objects(site, "coding", wrong, "tooth")
        found: dict[str, str] = {}
        for name in ("tooth", "area"):
            own = [entry.get("code") for entry in codings if entry.get("system") in tuple(systems_read(name))]
            codes = [code for code in own if isinstance(code, str)]
            if len(codes) < len(own):
                wrong.append((name, "bodySite holds a code that is no text"))
            found[name] = "|".join(codes)
        if site and not any(found.values()):
            wrong.append(("tooth", "bodySite holds no code of a code system that is read here"))
        return found

    def _information(self, item: Node, wrong: Wrong) -> dict[str, str]:
        """What supporting information of our own kinds says of a line."""
        found: dict[str, str] = {}
        for number in _numbers(item, "informationSequence", wrong):
            entry = self.told.get(number)
            if entry is None:
                wrong.append(("", f"informationSequence {number} is no sequence of supporting information"))
                continue
            category = _object(entry, "category", wrong)
            codings = _objects(category, "coding", wrong)
            for coding in codings:
                if coding.get("system") != system("information"):
                    continue
                name = coding.get("code")
                value = _told(name, entry)
                if value is None or name in found:
                    wrong.append(("", f"supportingInfo {number} {_TOLD}"))
                else:
                    found[str(name)] = value
        return found


_TOLD = "says nothing that is read here; allowed: true or false, a maker's name, or minutes, each once"


def _told(name: Any, entry: Node) -> str | None:
    """The cell that a piece of supporting information fills; None where it says nothing that is read."""
    if name in FLAGS:
        value = entry.get("valueBoolean")
        if isinstance(value, bool):
            return "yes" if value else "no"
        return entry["valueString"] if entry.get("valueString") in ("yes", "no") else None
    if name == "made_by":
        return entry["valueString"] if isinstance(entry.get("valueString"), str) else None
    if name == "minutes":
        quantity = entry.get("valueQuantity")
        number = _decimal(quantity.get("value")) if isinstance(quantity, Mapping) else None
        return None if number is None else _plain(number)
    return None
