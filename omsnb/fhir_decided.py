"""What a payer decided, from a FHIR ``ExplanationOfBenefit``: amounts and reasons, told a sentence for each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from omsnb.fhir_names import CURRENCY, is_of, names
from omsnb.fhir_nodes import Node, decimal_of
from omsnb.lookups import denials

LISTS = {"reason": "CARC", "remark": "RARC"}
CENTS = Decimal("0.01")


def submitted(item: Node) -> Decimal | None:
    """The charge of an item that a payer decided on, where the item names none itself."""
    for name, amount, _ in _decisions(item):
        if name == names()["amounts"]["submitted"] and amount is not None:
            return amount
    return None


def decided(item: Node) -> str:
    """What the payer decided on an item, in words; empty where nothing is said."""
    amounts: list[str] = []
    reasons: list[str] = []
    for name, amount, codes in _decisions(item):
        if amount is not None:
            amounts.append(f"{name} {amount}")
        reasons += [text for text in codes if text not in reasons]
    return "; ".join([*([", ".join(dict.fromkeys(amounts))] if amounts else []), *reasons])


def _decisions(item: Node) -> Iterator[tuple[str, Decimal | None, list[str]]]:
    for entry in _listed(item.get("adjudication")):
        name = next(_codes(entry.get("category")), ("", ""))[1].rpartition("/")[2]
        label = names()["amounts"].get(name, ascii(name[:40]).strip("'") or "amount")
        money = entry.get("amount")
        amount = decimal_of(money.get("value")) if isinstance(money, Mapping) else None
        if (
            amount is not None
            and isinstance(money, Mapping)
            and money.get("currency") not in (None, CURRENCY)
        ):
            amount = None
        named = [
            *_codes(entry.get("reason")),
            *(pair for pair in _codes(entry.get("category")) if is_of(pair[0], *LISTS)),
        ]
        reasons = [_reason(address, code) for address, code in named]
        yield label, None if amount is None else amount.quantize(CENTS), reasons


def _reason(address: str, code: str) -> str:
    """A reason of denial, with our words and the next step where the tables hold it."""
    listed = next((prefix for name, prefix in LISTS.items() if is_of(address, name)), "")
    known = denials().get(f"{listed}-{code}")
    if known is None:
        return f"reason {listed}{'-' if listed else ''}{code[:40]!a}"
    return f"reason {known.code}, {known.label}; next: {known.next_step}"


def _codes(concept: Any) -> Iterator[tuple[str, str]]:
    if isinstance(concept, Mapping):
        for coding in _listed(concept.get("coding")):
            if isinstance(coding.get("code"), str):
                address = coding.get("system")
                yield (address if isinstance(address, str) else ""), coding["code"]


def _listed(value: Any) -> list[Node]:
    return [entry for entry in value if isinstance(entry, Mapping)] if isinstance(value, list) else []
