"""The tables behind claims: columns of a claim file, forms, payers, places, areas, periods, code pairs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from omsnb.lookups import modifiers
from omsnb.reading import Line, by_id, read_lines
from omsnb.tables import codes, facts, guidance, sources
from omsnb.tables.code_tables import CODE, GLOBAL_DAYS


@dataclass(frozen=True, slots=True)
class ClaimField:
    """A column of a claim file (``claim-fields.csv``): what it holds, of the claim, of a line, or of both."""

    name: str
    of: str
    kind: str
    wanted: bool
    allowed: str
    label: str
    help: str
    example: str

    @property
    def bounds(self) -> range:
        """For a whole number: what is allowed."""
        low, _, high = self.allowed.partition("..")
        return range(int(low), int(high) + 1)

    @property
    def choices(self) -> tuple[str, ...]:
        """For a choice: the allowed values."""
        known = {"payers": payers, "forms": forms, "places": places, "areas": areas}
        if self.allowed in NAMED:
            return tuple(known[self.allowed]())
        if self.allowed.startswith("fact:"):
            return tuple(facts()[self.allowed.removeprefix("fact:")].values)
        return tuple(self.allowed.split("|"))


@dataclass(frozen=True, slots=True)
class Form:
    """A claim form and what it holds (``forms.csv``).

    ``modifiers``: boxes for modifiers on a line. ``unboxed``: modifiers that are written elsewhere on the form.
    """

    name: str
    label: str
    lines: int
    modifiers: int
    diagnoses: int
    pointers: int
    areas: bool
    fhir_type: str
    unboxed: tuple[str, ...]
    guidance: tuple[str, ...]

    def boxes(self, modifiers: Iterable[str]) -> int:
        """How many of a line's modifiers need a box of the form."""
        return sum(modifier not in self.unboxed for modifier in modifiers)


@dataclass(frozen=True, slots=True)
class Payer:
    """A type of payer: its form, and the facts that it settles (``payers.csv``).

    ``medical_payer``: the value of the fact ``payer``; empty for a dental plan, and where the plan must be asked.
    ``accepts_cdt``: yes, no, or empty where it is not known. ``prolonged_rule``: whose rule for prolonged time it
    follows; empty where that is not known. ``like``: the type whose rules it follows as far as is known, so that each
    rule of that type which does not name this one is open for it.
    """

    name: str
    label: str
    form: str
    claim: str
    medical_payer: str
    accepts_cdt: str
    prolonged_rule: str
    like: str
    guidance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of service by its two-digit number (``places.csv``).

    ``place``: the value of the fact ``place`` that it stands for; empty where the decision tables do not tell it from
    others. ``rate``: the Medicare rate paid there, of ``RATES``.
    """

    code: str
    label: str
    place: str
    rate: str
    source: str


@dataclass(frozen=True, slots=True)
class PeriodKind:
    """What an indicator of the fee schedule means in calendar days before and after (``periods.csv``)."""

    days: str
    before: int
    after: int
    label: str
    guidance: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodePair:
    """A pair of the correct coding edits: the second is denied beside the first (``ncci.csv``).

    ``indicator``: 0 never together, 1 a modifier may lift it. ``effective``: the day of the table that was read.
    ``since``: the first day on which the pair holds by that table; empty where that was not read.
    """

    first: str
    second: str
    indicator: str
    effective: str
    since: str
    source: str
    until: str = ""
    """The last day on which the pair holds; empty where it is not known to have ended."""


NAMED = ("payers", "forms", "places", "areas")
"""Tables whose keys a column may allow."""

RATES = ("facility", "office", "unknown")
TWO_DIGITS = re.compile(r"[0-9]{2}")
KINDS = ("text", "date", "choice", "list", "whole", "quantity", "code", "modifiers", "pointers", "money")


@cache
def claim_fields() -> Mapping[str, ClaimField]:
    """The columns of a claim file by name, in the order of the template."""
    columns = ("field", "of", "kind", "wanted", "allowed", "label", "help", "example")

    def make(line: Line) -> ClaimField:
        field = ClaimField(
            name=line.text("field"),
            of=line.one_of("of", "claim", "line", "both"),
            kind=line.one_of("kind", *KINDS),
            wanted=line.yes("wanted"),
            allowed=line.text("allowed"),
            label=line.wanted("label"),
            help=line.text("help"),
            example=line.text("example"),
        )
        _check_allowed(line, field)
        return field

    return by_id(read_lines("claim-fields.csv", columns), "field", make)


def _check_allowed(line: Line, field: ClaimField) -> None:
    fact = field.allowed.removeprefix("fact:")
    if field.kind in ("whole", "quantity"):
        found = re.fullmatch(r"([0-9]{1,6})\.\.([0-9]{1,6})", field.allowed)
        if not found or int(found[1]) > int(found[2]):
            raise line.error(
                "allowed", f"{field.allowed!r} is not allowed; a whole number has bounds, such as 1..999"
            )
    elif field.kind != "choice":
        line.one_of("allowed", "")
    elif field.allowed.startswith("fact:"):
        if fact not in facts() or facts()[fact].kind != "choice":
            raise line.error("allowed", f"{fact!r} is no choice of facts.csv")
    elif field.allowed not in NAMED and len(line.items("allowed")) < 2:
        said = f"{', '.join(NAMED)}, fact:NAME, or values joined by bars"
        raise line.error("allowed", f"{field.allowed!r} is not allowed; a choice is one of {said}")


@cache
def forms() -> Mapping[str, Form]:
    """The claim forms by name."""
    columns = "form label lines modifiers diagnoses pointers areas fhir_type unboxed guidance".split()

    def make(line: Line) -> Form:
        return Form(
            name=line.one_of("form", *facts()["form"].values),
            label=line.wanted("label"),
            lines=line.whole("lines"),
            modifiers=line.whole("modifiers"),
            diagnoses=line.whole("diagnoses"),
            pointers=line.whole("pointers"),
            areas=line.yes("areas"),
            fhir_type=line.one_of("fhir_type", "professional", "oral"),
            unboxed=line.items("unboxed", modifiers()),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("forms.csv", columns), "form", make)


@cache
def payers() -> Mapping[str, Payer]:
    """The types of payer by name."""
    columns = (
        "payer", "label", "form", "claim", "medical_payer", "accepts_cdt", "prolonged_rule", "like", "guidance",
    )  # fmt: skip
    rules: dict[str, str] = {}
    firm: list[str] = []

    def make(line: Line) -> Payer:
        fact, rule = line.text("medical_payer"), line.text("prolonged_rule")
        if fact and rule and rules.setdefault(fact, rule) != rule:
            raise line.error(
                "prolonged_rule", f"{rule!r} is not what an earlier row says of {fact!r}: {rules[fact]!r}"
            )
        like = line.one_of("like", "", *firm)
        if not like:
            firm.append(line.wanted("payer"))
        return Payer(
            name=line.wanted("payer"),
            label=line.wanted("label"),
            form=line.listed("form", forms()),
            claim=line.one_of("claim", *facts()["claim"].values),
            medical_payer=line.one_of("medical_payer", "", *facts()["payer"].values),
            accepts_cdt=line.one_of("accepts_cdt", "", "yes", "no"),
            prolonged_rule=line.one_of("prolonged_rule", "", *facts()["prolonged_rule"].values),
            like=like,
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("payers.csv", columns), "payer", make)


@cache
def prolonged_rule_of(payer: str) -> str:
    """Whose rule for prolonged time a value of the fact ``payer`` follows, by ``payers.csv``; empty where unknown."""
    named = (plan for plan in payers().values() if plan.medical_payer == payer and plan.prolonged_rule)
    return next((plan.prolonged_rule for plan in named), "")


@cache
def places() -> Mapping[str, Place]:
    """Places of service by number."""

    def make(line: Line) -> Place:
        return Place(
            line.matching("code", TWO_DIGITS, "11"),
            line.wanted("label"),
            line.one_of("place", "", *facts()["place"].values),
            line.one_of("rate", *RATES),
            line.listed("source", sources()),
        )

    return by_id(read_lines("places.csv", ("code", "label", "place", "rate", "source")), "code", make)


@cache
def areas() -> Mapping[str, str]:
    """Areas of the oral cavity as the dental form numbers them, with our labels."""

    def make(line: Line) -> str:
        line.matching("area", TWO_DIGITS, "10")
        return line.wanted("label")

    return by_id(read_lines("areas.csv", ("area", "label")), "area", make)


@cache
def period_kinds() -> Mapping[str, PeriodKind]:
    """The indicators that mean a countable global period."""
    columns = ("days", "before", "after", "label", "guidance")

    def make(line: Line) -> PeriodKind:
        return PeriodKind(
            line.one_of("days", *GLOBAL_DAYS),
            line.whole("before"),
            line.whole("after"),
            line.wanted("label"),
            line.items("guidance", guidance()),
        )

    return by_id(read_lines("periods.csv", columns), "days", make)


@cache
def code_pairs() -> Mapping[tuple[str, str], CodePair]:
    """The correct coding pairs that touch a code of the manual, by first and second code."""
    found: dict[tuple[str, str], CodePair] = {}
    columns = ("first", "second", "indicator", "effective", "since", "source")
    for line in read_lines("ncci.csv", columns, key=("first", "second"), dated=("until",)):
        pair = CodePair(
            first=line.matching("first", CODE, "a code"),
            second=line.listed("second", codes()),
            indicator=line.one_of("indicator", "0", "1"),
            effective=line.day("effective"),
            since=line.date("since"),
            source=line.listed("source", sources()),
            until=line.date("until"),
        )
        if pair.until and pair.until < (pair.since or pair.effective):
            raise line.error("until", f"{pair.until} is earlier than the pair's first day")
        found[pair.first, pair.second] = pair
    return found


STUDY_KINDS = ("ct", "mri", "ultrasound", "angiography")
STUDIES_MOST = 1000
"""Numbers that a row of ``studies.csv`` may span, so that a slip of a digit is noticed."""


@cache
def studies() -> Mapping[str, frozenset[str]]:
    """Numbers of imaging studies by kind (``studies.csv``), for checks that only ask whether such a study was billed.

    A row spans numbers from ``first`` to ``last``, both in. They need no row in ``codes.csv``: their own rules are
    then not checked, and a claim with them says so.
    """
    found: dict[str, set[str]] = {kind: set() for kind in STUDY_KINDS}
    for line in read_lines("studies.csv", ("first", "last", "kind", "label", "source")):
        first, last = line.wanted("first"), line.wanted("last")
        line.wanted("label")
        line.listed("source", sources())
        letter = first[:1] if first[:1].isalpha() else ""
        digits = [text.removeprefix(letter) for text in (first, last)]
        if len(first) != 5 or len(last) != 5 or not all(text.isascii() and text.isdigit() for text in digits):
            raise line.error("last", f"{first} to {last} is no span of five-character codes")
        low, high = map(int, digits)
        if not low <= high < low + STUDIES_MOST:
            raise line.error("last", f"{first} to {last} is no span of up to {STUDIES_MOST} numbers")
        found[line.one_of("kind", *STUDY_KINDS)] |= {
            f"{letter}{number:0{5 - len(letter)}d}" for number in range(low, high + 1)
        }
    return {kind: frozenset(numbers) for kind, numbers in found.items()}
