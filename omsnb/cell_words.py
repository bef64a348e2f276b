"""Cells as people and programs write them, turned into the one form in which claim files are read.

Every function gives the text that ``parse_cell`` reads, or raises ``ValueError`` with one sentence. Nothing is guessed:
a cell with two readings is refused, and the sentence names both. Standard library alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from omsnb.claim_tables import ClaimField, areas, claim_fields, forms, payers, places
from omsnb.claims import CODE, DIAGNOSIS, MODIFIER, MODIFIERS_MOST, TEXT_MOST
from omsnb.lookups import modifiers as known_modifiers
from omsnb.reading import read_lines
from omsnb.tables import facts

EMPTY = frozenset(("null", "none", "nan", "n/a", "#n/a", "na", "nil", "\\n", "-", "--", "(null)", "(blank)"))
"""What programs write for an empty cell; text cells keep all but ``null`` and its like."""

NO_VALUE = frozenset(("null", "\\n", "(null)", "nan"))

BETWEEN = re.compile(r"[\s|,;:/+&.-]+")
QUALIFIER = re.compile(r"^(?:CPT-?4?|HCPCS|CDT|ADA|HC|AD|CODE|[A-Z]{2}(?=:))[^0-9A-Z]{0,3}(?=[0-9A-Z])")
TIMES = re.compile(r"\s*[x×*]\s*([0-9]{1,3})$", re.IGNORECASE)
WHOLE = re.compile(r"(-?)([0-9]+)(?:[.,]0+)?(-?)")
MONEY = re.compile(r"[0-9]+(?:\.[0-9]+)?")
GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
GROUPED_BY_DOTS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+),([0-9]{2})")
COMMA = re.compile(r"([0-9]+),([0-9]{2})")
ZEROS = re.compile(r"\.0+$")


def is_empty(column: ClaimField, text: str) -> bool:
    """Whether a cell says nothing; ``text`` without blanks around it."""
    return not text or text.lower() in (NO_VALUE if column.kind == "text" else EMPTY)


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """Words for the values of choices by column (``cell-words.csv``), in small letters."""
    fields = {name: entry for name, entry in claim_fields().items() if entry.kind == "choice"}
    found: dict[str, dict[str, str]] = {name: {} for name in fields}
    for line in read_lines("cell-words.csv", ("field", "word", "value"), key=("field", "word")):
        name = line.one_of("field", *fields)
        word = line.wanted("word")
        if word != word.lower() or word in fields[name].choices:
            raise line.error("word", f"{word!r} is a value itself, or holds capitals")
        found[name][word] = line.one_of("value", *fields[name].choices)
    labels: dict[str, Mapping[str, str]] = {
        "area": areas(),
        "place": {code: place.label for code, place in places().items()},
        "payer": {name: payer.label for name, payer in payers().items()},
        "form": {name: form.label for name, form in forms().items()},
    }
    for name, entry in fields.items():
        told = labels.get(name, {})
        if entry.allowed.startswith("fact:"):
            fact = facts()[entry.allowed.removeprefix("fact:")]
            told = {value: fact.label(value) for value in entry.choices}
        for value in entry.choices:
            found[name].setdefault(value.lower(), value)
            found[name].setdefault(value.lower().replace("_", " "), value)
            if label := str(told.get(value, "") if isinstance(told, Mapping) else ""):
                found[name].setdefault(label.lower(), value)
    return found


def choice_text(column: ClaimField, text: str) -> str:
    """The value of a choice: itself, a word for it, a number without its zero, or both (``11 - office``)."""
    known = words()[column.name]
    bare = " ".join(text.lower().split())
    if bare in known:
        return known[bare]
    parts = [part for part in re.split(r"\s*[-–:=()]\s*|\s{2,}|(?<=^[0-9]{2})\s", bare) if part]
    values = {known.get(part) for part in parts}
    if len(parts) > 1 and len(values) == 1 and None not in values:
        return str(values.pop())
    if len(parts) > 1 and parts[0] in known and parts[0].isdigit():
        return known[parts[0]]  # the number decides, and what stands behind it is somebody's own name for it
    number = ZEROS.sub("", bare)
    if number.isascii() and number.isdigit():
        padded = number.zfill(2)
        if column.name == "area" and number in ("1", "2"):
            raise ValueError(
                f"{text!r} can be the arch {padded} ({areas()[padded]}) or the quadrant {number}0 "
                f"({areas()[number + '0']}); write two digits"
            )
        if padded in known:
            return known[padded]
    raise ValueError(f"{text!r} is not allowed; allowed: {', '.join(column.choices)}")


def whole_text(column: ClaimField, text: str) -> str:
    """A whole number without zeros behind its point; a sign before or behind it is kept."""
    found = WHOLE.fullmatch(text.replace("\u2212", "-").replace("(", "-").replace(")", ""))
    if not found:
        return text
    sign = "-" if found[1] or found[3] else ""
    return f"{sign}{found[2].lstrip('0') or '0'}"


def money_text(column: ClaimField, text: str) -> str:
    """An amount in dollars without its mark and the commas of thousands; parentheses or a minus take back."""
    bare = (
        text.replace("\u2212", "-")
        .replace("US$", "$")
        .replace("USD", "")
        .replace("$", "")
        .replace(" ", "")
        .replace("\u00a0", "")
    )
    sign = ""
    if bare.startswith("(") and bare.endswith(")"):
        bare, sign = bare[1:-1], "-"
    if bare.startswith("-") or bare.endswith("-"):
        bare, sign = bare.strip("-"), "-"
    if bare.upper().endswith("CR"):
        bare, sign = bare[:-2], "-"
    bare = bare.removeprefix("+")
    if GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif found := GROUPED_BY_DOTS.fullmatch(bare):
        bare = f"{found[1].replace('.', '')}.{found[2]}"
    elif found := COMMA.fullmatch(bare):
        bare = f"{found[1]}.{found[2]}"
    if bare.startswith("."):
        bare = f"0{bare}"
    if not MONEY.fullmatch(bare):
        return text
    dollars, _, cents = bare.partition(".")
    if len(cents) == 3 and len(dollars) < 4:
        raise ValueError(f"{text!r} can be thousands or thousandths; write dollars and two digits of cents")
    if cents[2:].strip("0"):
        raise ValueError(f"{text!r} is not allowed; allowed: an amount in dollars such as 450.00")
    return f"{sign}{dollars.lstrip('0') or '0'}{'.' + cents[:2] if cents[:2] else ''}"


def code_parts(text: str) -> tuple[str, tuple[str, ...], str]:
    """A procedure cell as its code, the modifiers that stand with it, and its units (empty: not said).

    Raises ``ValueError`` where it is no code with modifiers.
    """
    bare = text.upper().strip()
    units = ""
    if found := TIMES.search(bare):
        bare, units = bare[: found.start()], found[1]
    bare = ZEROS.sub("", QUALIFIER.sub("", bare, count=1)).replace("®", "").strip()
    if CODE.fullmatch(bare):
        return bare, (), units
    if bare.isdigit() and len(bare) > 7:
        raise ValueError(
            f"{text!r} is no procedure code; a number of so many digits is of another system, such as SNOMED CT: "
            "put the CPT, CDT or HCPCS code in its place"
        )
    first, *rest = [part for part in BETWEEN.split(bare.replace("(", " ").replace(")", " ")) if part] or [""]
    if not CODE.fullmatch(first[:5]) or len(first) % 2 == 0:
        raise ValueError(f"{text!r} is not allowed; allowed: five characters of a CPT, CDT or HCPCS code")
    pieces = [first[5:], *rest]
    modifiers = [piece[at : at + 2] for piece in pieces for at in range(0, len(piece), 2)]
    joined = [first[at : at + 2] for at in range(5, len(first), 2)]
    if (
        not all(MODIFIER.fullmatch(modifier) for modifier in modifiers)
        or not set(joined)
        <= known_modifiers().keys()  # a longer number is no code that a modifier was run into
        or len(modifiers) > MODIFIERS_MOST
    ):
        raise ValueError(
            f"{text!r} is not allowed; allowed: a code of five characters, with up to {MODIFIERS_MOST} modifiers behind it"  # noqa: E501
        )
    return first[:5], tuple(modifiers), units


def modifier_parts(text: str) -> tuple[str, ...]:
    """The modifiers in one cell: parted by anything, or run together."""
    bare = ZEROS.sub("", text.upper().strip())
    pieces = [piece for piece in BETWEEN.split(bare) if piece]
    found = tuple(piece[at : at + 2] for piece in pieces for at in range(0, len(piece), 2))
    if not all(MODIFIER.fullmatch(modifier) for modifier in found):
        raise ValueError(f"{text!r} is not allowed; allowed: modifiers of two characters")
    return found


def diagnosis_parts(text: str) -> tuple[str, ...]:
    """The diagnoses in one cell, each with its dot."""
    bare = re.sub(r"ICD-?10(-?CM)?\s*[:#]?|\bABK:|\bABF:", " ", text.upper())
    bare = re.sub(r"(?:(?<=[\s|,;/])|^)[A-L1-9][):]\s*", " ", bare)  # a list's own letters: A) M26.69 B) …
    found = []
    for piece in re.split(r"[\s|,;/+^]+", bare.strip()):
        if not piece:
            continue
        code = piece if "." in piece or len(piece) < 4 else f"{piece[:3]}.{piece[3:]}"
        if not DIAGNOSIS.fullmatch(code.rstrip(".")):
            raise ValueError(f"{piece!r} is not allowed; allowed: ICD-10-CM codes such as M26.69")
        found.append(code.rstrip("."))
    return tuple(found)


def pointer_parts(text: str, diagnoses: int) -> str:
    """The letters of diagnosis pointers that are written as letters or as numbers.

    ``diagnoses``: how many the claim lists, which settles whether 12 is one diagnosis or two.
    """
    bare = ZEROS.sub("", text.upper().strip())
    pieces = [piece for piece in re.split(r"[\s|,;:/+&-]+", bare) if piece]
    letters = ""
    for piece in pieces:
        if not piece.isdigit():
            letters += piece
        elif len(piece) == 1 or piece in ("10", "11"):
            letters += _letter(piece, text)
        elif piece == "12":
            if not diagnoses:
                raise ValueError(f"{text!r} can be diagnoses 1 and 2 or the twelfth; write letters: AB")
            letters += "L" if diagnoses >= 12 else "AB"
        else:
            letters += "".join(_letter(digit, text) for digit in piece)
    return letters


def _letter(number: str, text: str) -> str:
    if not 1 <= int(number) <= 12:
        raise ValueError(f"{text!r} is not allowed; allowed: diagnoses 1 to 12 or letters from A to L")
    return chr(ord("A") + int(number) - 1)


def plain_problem(text: str) -> str:
    """What keeps any cell from being read; empty where nothing does."""
    if len(text) > TEXT_MOST:
        return f"{text[:20]!r} and more: {len(text)} characters, but {TEXT_MOST} are the most"
    if not text.isprintable():
        return f"{text!r} holds a character that cannot be printed"
    return ""


def tooth_text(text: str) -> str:
    """Teeth joined by bars: numbers of the universal system without a mark before them, letters in capitals."""
    bare = ZEROS.sub("", text.strip())
    pieces = [piece.removeprefix("#").upper() for piece in re.split(r"[\s|,;/&+]+", bare) if piece.strip("#")]
    if all(re.fullmatch(r"[0-9]{1,2}|[A-T]|[A-T]S", piece) for piece in pieces):
        return "|".join(piece.lstrip("0") or piece for piece in pieces)
    return text
