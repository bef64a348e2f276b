"""Reads one FHIR R4 ``Claim`` or ``ExplanationOfBenefit``.

A code is chosen by its code system, never by its place; a coding that names no system counts where no other names one
of ours. Diagnoses stand in the order of their ``sequence``, by which the items refer to them. What an item holds and a
claim line cannot say (another currency, a price that does not come to cents, more than one day) refuses the item with a
sentence; a diagnosis, a place or a tooth that cannot be read is said, and the line stays without it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from omsnb.claim_tables import areas, forms
from omsnb.claims import CODE, DIAGNOSIS, column_name
from omsnb.fhir_decided import decided, submitted
from omsnb.fhir_names import (
    CURRENCY,
    FLAGS,
    OF_CLAIM,
    PROCEDURES,
    is_of,
    names,
    plain_address,
    system,
    systems_read,
)
from omsnb.fhir_nodes import (
    Node,
    Wrong,
    as_r4,
    by_sequence,
    code_of,
    codes_in,
    day_of,
    decimal_of,
    is_sequence,
    numbers_of,
    object_of,
    objects,
    plain,
    short,
    text_of,
)
from omsnb.fhir_parties import Coverages, Known, party_key, tooth_of

Line = tuple[dict[str, str], Wrong, Wrong]
"""The cells of a line, what refuses it, and which cells are left empty because they could not be read."""

_TOLD = "says nothing that is read here; allowed: true or false, a maker's name, or minutes, each once"
_LETTERS = 26


class ClaimReader:
    """Reads one claim: ``head`` holds the cells that all its lines share, ``wrong`` what refuses all of them.

    ``lost``: cells of the claim that are left empty because they could not be read. ``notes``: a list to which
    sentences on what is told but not used are added.
    """

    def __init__(self, claim: Node, known: Known, notes: list[str]) -> None:
        wrong: Wrong = []
        self.lost: Wrong = []
        self.notes = notes
        self.claim = claim
        self.dropped: Counter[str] = Counter()
        self.known = known.with_contained(objects(claim, "contained", wrong))
        own = self._own_number(objects(claim, "identifier", wrong, "claim"), wrong)
        key = own or text_of(claim, "id", wrong, "claim")
        self.name = f"claim {column_name(key)}" if key else "a claim without a name"
        self.head: dict[str, str] = {"claim": key}
        self.refused = refused = self._not_ours(claim)
        self.decided = claim.get("resourceType") in names()["read"]["adjudicated"]
        self.team = by_sequence(claim, "careTeam", wrong)
        told_in = "supportingInfo" if "supportingInfo" in claim else "information"  # as STU3 calls it
        self.told = by_sequence(claim, told_in, wrong)
        self.used: set[int] = set()
        diagnoses = by_sequence(claim, "diagnosis", wrong)
        read = {number: self._diagnosis(entry) for number, entry in diagnoses.items()}
        self.listed = list(diagnoses)
        self.diagnoses = [number for number, code in read.items() if code]
        told = object_of(claim, "patient", wrong, "patient")
        patient = self.known.find(text_of(told, "reference", wrong, "patient"))
        self.head |= {
            "patient": party_key(told, self.known, key, wrong, "patient"),
            "birth_date": text_of(patient, "birthDate", wrong, "birth_date"),
            **{name: self._own(claim, name, wrong) for name in OF_CLAIM},
            "payer": Coverages(claim, self.known, self.name, wrong, notes).payer,
            "provider": party_key(
                object_of(claim, "provider", wrong, "provider"), self.known, key, wrong, "provider"
            ),
            "form": self._form(claim, wrong),
            "diagnoses": "|".join(dict.fromkeys(code for code in read.values() if code)),
        }
        said = [("", refused)] if refused else wrong
        if refused:
            self.head, self.lost = {"claim": key, "patient": self.head["patient"]}, []
        self.wrong = tuple((column, text if column else f"{self.name}: {text}") for column, text in said)

    @staticmethod
    def _own_number(entries: list[Node], wrong: Wrong) -> str:
        ordered = sorted(entries, key=lambda entry: entry.get("system") != system("claim"))
        return next((text for entry in ordered if (text := text_of(entry, "value", wrong, "claim"))), "")

    def _not_ours(self, claim: Node) -> str:
        """Why no line of this claim is read, in a sentence; empty where it is one of ours."""
        for key in ("status", "use"):
            allowed = names()["read"][key]
            if claim.get(key) not in allowed:
                told = f"{key} {short(claim.get(key))} is not counted; allowed: {', '.join(allowed)}"
                return f"{told}; to check it as a bill, give it {key} {allowed[0]}"
        kind = claim.get("type")
        codings = objects(kind, "coding", []) if isinstance(kind, dict) else []
        for code in codes_in(codings, systems_read("claim_type")):
            if code in names()["not_ours"]:
                return f"type {short(code)} is not read: {names()['not_ours'][code]}"
        return ""

    def _own(self, claim: Node, name: str, wrong: Wrong) -> str:
        """A field of the claim that R4 has no place for."""
        url = names()["urls"][name]
        told = (entry for entry in objects(claim, "extension", wrong) if entry.get("url") == url)
        return next((text_of(entry, "valueString", wrong, name) for entry in told), "")

    def _form(self, claim: Node, wrong: Wrong) -> str:
        for entry in objects(claim, "extension", wrong):
            if entry.get("url") == names()["urls"]["form"]:
                told = text_of(entry, "valueCode", wrong, "form")
                return "" if told == "unknown" else told
        kind = code_of(claim.get("type"), "type", systems_read("claim_type"), wrong, "form")
        fitting = [name for name, form in forms().items() if form.fhir_type == kind]
        if kind and not fitting:
            allowed = ", ".join(dict.fromkeys(form.fhir_type for form in forms().values()))
            wrong.append(("form", f"type {short(kind)} is not read; allowed: {allowed}"))
        return fitting[0] if fitting else ""

    def _diagnosis(self, entry: Node) -> str:
        """The ICD-10-CM code of a diagnosis; one that cannot be read is lost, and its line stays."""
        wrong: Wrong = []
        concept = entry.get("diagnosisCodeableConcept")
        if concept is None:
            told = object_of(entry, "diagnosisReference", wrong, "diagnoses")
            concept = self.known.find(text_of(told, "reference", wrong, "diagnoses")).get("code")
        code = code_of(concept, "diagnosis", systems_read("diagnosis"), wrong, "diagnoses").strip().upper()
        if code and "." not in code and len(code) > 3:
            code = f"{code[:3]}.{code[3:]}"
        if not code and not wrong:
            wrong.append(("diagnoses", "a diagnosis holds no code, or its reference leads to none"))
        elif code and not DIAGNOSIS.fullmatch(code):
            wrong.append(("diagnoses", f"diagnosis {short(code)} is no ICD-10-CM code, such as M26.69"))
        self.lost += wrong
        return "" if wrong else code

    def lines(self, item: Node) -> Iterator[Line]:
        """The lines of an item: itself, or the services of a group.

        The services of a group count where they name codes that are read here; else the item counts, and what is
        within it is said to be left out.
        """
        wrong: Wrong = []
        item = as_r4(item)
        parts = [as_r4(part) for part in objects(item, "detail", wrong)]
        if self.refused:
            yield {}, [], []
            return
        inner = [part for entry in parts for part in (objects(entry, "subDetail", wrong) or [entry])]
        coded = [part for part in inner if CODE.fullmatch(self._procedure(part).upper())]
        own = self._procedure(item)
        own = own if CODE.fullmatch(own.upper()) else ""  # what a group is called is no service
        if not coded:
            self.dropped["detail"] += len(inner)
            yield self._line(item, item, wrong)
            return
        if own and own not in {self._procedure(part) for part in coded}:
            text = (
                "detail names services, and so does the item itself; write each service as an item of its own"
            )
            yield self._line(item, item, [*wrong, ("", text)])
            return
        group = {
            key: value for key, value in item.items() if key not in ("net", "unitPrice", "quantity", "factor")
        }
        for part in inner:
            yield self._line({**group, **part, "sequence": None}, item, list(wrong))

    @staticmethod
    def _procedure(item: Node) -> str:
        concept = item.get("productOrService")
        codings = objects(concept, "coding", []) if isinstance(concept, dict) else []
        return next(iter(codes_in(codings, systems_read(*PROCEDURES))), "")

    def _line(self, item: Node, group: Node, wrong: Wrong) -> Line:
        lost: Wrong = []
        number = item.get("sequence")
        if number is not None and not is_sequence(number):
            wrong.append(("line", "sequence is no whole number from 1 on"))
        units = self._units(item, wrong)
        cells = {
            "line": str(number) if is_sequence(number) else "",
            "date": self._date(item, wrong),
            "code": code_of(
                item.get("productOrService"), "productOrService", systems_read(*PROCEDURES), wrong, "code"
            ),
            "modifiers": "|".join(
                code_of(entry, "modifier", systems_read("modifier", "CPT", "HCPCS"), wrong, "modifiers")
                for entry in objects(item, "modifier", wrong, "modifiers")
            ),
            "units": plain(units),
            "pointers": self._pointers(item, wrong),
            "place": code_of(
                item.get("locationCodeableConcept"),
                "locationCodeableConcept",
                systems_read("place"),
                lost,
                "place",
            ),
            "charge": self._charge(item, units, wrong),
            "rendering": self._rendering(item, wrong),
            **self._site(item, lost),
            **self._information(item, wrong),
        }
        self.dropped["subSite (surfaces of a tooth)"] += len(objects(item, "subSite", wrong))
        if self.decided and (said := decided(item)):
            self.notes.append(
                f"{self.name}, line {cells['line'] or 'of a group'}, as the payer decided: {said}"
            )
        return cells, wrong, lost

    def _date(self, item: Node, wrong: Wrong) -> str:
        for holder, name in ((item, "serviced"), (self.claim, "billable")):
            period = object_of(holder, f"{name}Period", wrong, "date")
            if not period and holder.get(f"{name}Date") is not None:
                return day_of(text_of(holder, f"{name}Date", wrong, "date"))
            if not period:
                continue
            first, last = (day_of(text_of(period, end, wrong, "date")) for end in ("start", "end"))
            if first != last and last:
                said = "is more than one day; write each day as an item of its own"
                wrong.append(("date", f"{name}Period {said}"))
            return first
        return ""

    def _units(self, item: Node, wrong: Wrong) -> Decimal:
        """The quantity; by the standard one where none is given."""
        if item.get("quantity") is None:
            return Decimal(1)
        number = decimal_of(object_of(item, "quantity", wrong, "units").get("value"))
        if number is None:
            wrong.append(("units", "quantity holds no number"))
        return Decimal(1) if number is None else number

    def _charge(self, item: Node, units: Decimal, wrong: Wrong) -> str:
        """The charge of the whole line: what the item names, or else its price by units and factor."""
        amounts: dict[str, Decimal] = {}
        for name in ("net", "unitPrice"):
            if item.get(name) is None:
                continue
            money = object_of(item, name, wrong, "charge")
            amount = decimal_of(money.get("value"))
            if amount is None:
                wrong.append(("charge", f"{name} holds no amount"))
            elif money.get("currency") not in (None, CURRENCY):
                said = f"{name} is in {short(money.get('currency'))}; allowed: {CURRENCY}"
                wrong.append(("charge", said))
            else:
                amounts[name] = amount
        factor = decimal_of(item.get("factor", 1))
        if factor is None:
            wrong.append(("charge", "factor is no number"))
        if "net" in amounts:
            return plain(amounts["net"])
        if "unitPrice" in amounts:
            return plain(amounts["unitPrice"] * units * (1 if factor is None else factor))
        asked = submitted(item) if self.decided else None
        return "" if asked is None else plain(asked)

    def _pointers(self, item: Node, wrong: Wrong) -> str:
        """Letters of the diagnoses by their sequence. Where these count from 1 on, one more is a letter without one."""
        places = {number: place for place, number in enumerate(self.diagnoses)}
        counted = self.listed == list(range(1, len(self.listed) + 1)) and self.diagnoses == self.listed
        letters = ""
        for number in numbers_of(item, "diagnosisSequence", wrong, "pointers"):
            if number in self.listed and number not in places:
                continue  # the diagnosis is lost, and said to be
            place = places.get(number, number - 1 if counted else _LETTERS)
            if place < _LETTERS:
                letters += chr(ord("A") + place)
            else:
                wrong.append(("pointers", f"diagnosisSequence {number} is no sequence of a diagnosis"))
        return letters

    def _rendering(self, item: Node, wrong: Wrong) -> str:
        """Who did the service; of several members of the team the one whose role says so."""
        found: dict[str, list[str]] = {}
        for number in numbers_of(item, "careTeamSequence", wrong, "rendering"):
            member = self.team.get(number)
            if member is None:
                wrong.append(("rendering", f"careTeamSequence {number} is no sequence of the care team"))
                continue
            told = object_of(member, "provider", wrong, "rendering")
            name = party_key(told, self.known, self.head["claim"], wrong, "rendering")
            codings = objects(object_of(member, "role", wrong, "rendering"), "coding", wrong, "rendering")
            if name:
                found.setdefault(name, []).extend(str(coding.get("code")) for coding in codings)
        for role in names()["read"]["rendering"]:
            doing = [name for name, roles in found.items() if role in roles]
            if len(found) > 1 and len(doing) == 1:
                return doing[0]
        if len(found) > 1:
            wrong.append(("rendering", "careTeamSequence names more than one provider; a line has one"))
        return next(iter(found), "")

    def _site(self, item: Node, lost: Wrong) -> dict[str, str]:
        site = object_of(item, "bodySite", lost, "tooth")
        codings = objects(site, "coding", lost, "tooth")
        teeth = [tooth for coding in codings if (tooth := tooth_of(coding))]
        found = [
            coding["code"] for coding in codings
            if is_of(coding.get("system"), "area") and isinstance(coding.get("code"), str)
        ]  # fmt: skip
        spans = [code for code in found if code in areas()]
        if site and not teeth and not spans:
            named = ", ".join(
                f"{short(entry.get('code'))} of {short(entry.get('system'))}" for entry in codings[:3]
            )
            lost.append(
                (
                    "tooth",
                    f"bodySite holds no tooth or area that is read here; it names: {named or 'nothing'}",
                )
            )
        if len(set(spans)) > 1:
            lost.append(("area", "bodySite holds more than one area"))
            spans = []
        return {"tooth": "|".join(dict.fromkeys(teeth)), "area": spans[0] if spans else ""}

    def _information(self, item: Node, wrong: Wrong) -> dict[str, str]:
        """What supporting information says of a line: of our own kinds, and that something is attached."""
        found: dict[str, str] = {}
        for number in numbers_of(item, "informationSequence", wrong):
            entry = self.told.get(number)
            if entry is None:
                wrong.append(("", f"informationSequence {number} is no sequence of supporting information"))
                continue
            for coding in objects(object_of(entry, "category", wrong), "coding", wrong):
                name = coding.get("code")
                if is_of(coding.get("system"), "kind") and name in names()["read"]["attachment"]:
                    self.used.add(number)
                    found.setdefault("attachment", "yes")
                if coding.get("system") != system("information"):
                    continue
                self.used.add(number)
                value = _told(name, entry)
                if value is None or name in found:
                    wrong.append(("", f"supportingInfo {number} {_TOLD}"))
                else:
                    found[str(name)] = value
        return found

    def left_out(self) -> Iterator[str]:
        """What the claim says and no check uses, a sentence each."""
        kinds: Counter[str] = Counter()
        for number, entry in self.told.items():
            if number not in self.used:
                category = entry.get("category")
                codings = objects(category, "coding", []) if isinstance(category, dict) else []
                kinds[
                    ascii(str(next((coding.get("code") for coding in codings), "of no kind"))[:40]).strip("'")
                ] += 1
        if kinds:
            said = ", ".join(f"{kind} ({count})" for kind, count in sorted(kinds.items()))
            yield f"{self.name}: supporting information is not used by the checks: {said}"
        for what, count in self.dropped.items():
            if count:
                yield f"{self.name}: {what} is not used by the checks ({count})"
        for address, label in _LOOSE.items():
            entries = objects(self.claim, "diagnosis", [])
            concepts = [entry.get("diagnosisCodeableConcept") for entry in entries]
            codings = [
                coding
                for concept in concepts
                if isinstance(concept, dict)
                for coding in objects(concept, "coding", [])
            ]
            named = [coding.get("system") for coding in codings if isinstance(coding.get("system"), str)]
            if self.diagnoses and any(plain_address(str(name)) == address for name in named):
                yield f"{self.name}: diagnoses are named {label} and were read as ICD-10-CM"


_LOOSE = {"hl7.org/fhir/sid/icd-10": "ICD-10"}
"""A code system that many name where they mean another, and its name."""


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
        number = decimal_of(quantity.get("value")) if isinstance(quantity, dict) else None
        return None if number is None else plain(number)
    return None
