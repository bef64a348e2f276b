"""Reads ``data/edits.toml``: the claim checks as typed, checked records. Standard library alone."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import code_pairs, forms, payers, period_kinds, studies
from omsnb.claims import MODIFIER
from omsnb.conditions import PAYER_RULES, Asked
from omsnb.conditions import conditions as declared
from omsnb.own_tables import indicator
from omsnb.reading import Block, DataError, read_toml
from omsnb.tables import codes, crosswalk, guidance, tables

FILE = "edits.toml"
STATUSES = ("deny", "review", "unknown", "warn", "ok")
"""What a finding may be, the worst first."""

KINDS = (
    "exclusive", "inherent", "requires", "unit_limit", "global_period", "component", "same_service_twice",
    "valid_on", "form", "narrative", "separate_evaluation", "patient", "diagnosis",
)  # fmt: skip
APPLIED = re.compile(r"add [A-Z0-9]{2}|drop [A-Z0-9]{2}(?: [A-Z0-9]{2})*|units [1-9]|form (\w+)|remove|split")
"""What ``apply`` may say: a modifier to add, modifiers to drop, the units, the form of the claim, to take the line
out, or to put the lines that the form has no room for on a second one."""

NUMBER_MOST = 4_000_000
CODING_PAIRS = "ncci:"
"""Before the indicator of the correct coding edits in the name of a table of pairs."""

PAIR_TABLES = (f"{CODING_PAIRS}0", f"{CODING_PAIRS}1", "crosswalk", "prolonged")
EQUALS = ("code", "modifiers", "area", "tooth")
EQUALS_OF_CLAIM = ("claim", "payer", "plan")
BASES = "base:"
"""Before the number of a prolonged code: the visits that it may be added to, by the decision table."""

ACROSS = ("provider", "patient", "others")
"""Whose lines a rule sets side by side: one billing provider's, all of the patient, or those of two providers."""

INDICATORS = ("1", "2", "3")
LINE_WORDS = frozenset(
    "code date units modifiers place payer age minutes position diagnoses pointers pointer_letters birth_date "
    "valid_from valid_to least_minutes form_lines form_modifiers form_diagnoses form_pointers unlisted "
    "malformed incomplete ended not_yet unknown pointed".split()
)
COMPANION_WORDS = LINE_WORDS | {"other", "other_date"}
PAIR_WORDS = frozenset(
    "first second first_date second_date second_units minutes allowed safe_date last_day times".split()
)
LIMIT_WORDS = frozenset("code date units limit indicator".split())
Condition = Asked
"""What a check asks of one of ``omsnb.conditions``."""


@dataclass(frozen=True, slots=True)
class EditRule:
    """A claim check.

    ``shape``: ``line``, ``companion``, ``pair`` or ``limit``. ``first`` holds the conditions on the line (or the first
    of two), ``second`` those on the second line or on the companion. ``offsets``: under the key ``""`` days from the
    first line to the second; empty for the days of the first's global period. ``unless``: conditions on a third line
    which, within ``unless_days`` of the second, makes the two right. ``not_pairs``: leaves out the pairs of a table, in
    either order. ``across``: whose lines are set side by side. ``beside``: codes of which one must stand in the days of
    a companion, ``beside_not``: of which none may. ``least``, ``most``: the limits of units that the rule speaks of.
    ``by_indicator``, ``remedies``: status and remedy by the indicator of a limit. ``yields_to``: rules after which this
    one is silent on the lines that they name. ``apply``: a step of ``APPLIED`` that carries the remedy out on the last
    line that a finding names, where that needs nothing which only the record can show; empty for none.
    """

    id: str
    kind: str
    title: str
    status: str
    shape: str
    first: Mapping[str, Condition]
    second: Mapping[str, Condition]
    because: str
    remedy: str
    guidance: tuple[str, ...]
    days: str = "day"
    offsets: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pairs: str = ""
    equal: tuple[str, ...] = ()
    different: tuple[str, ...] = ()
    symmetric: bool = False
    unless: Mapping[str, Condition] = field(default_factory=dict)
    unless_days: tuple[int, int] = (0, 0)
    not_pairs: str = ""
    across: str = "provider"
    beside: frozenset[str] = frozenset()
    beside_not: frozenset[str] = frozenset()
    least: int = 0
    most: int | None = None
    by_indicator: Mapping[str, str] = field(default_factory=dict)
    remedies: Mapping[str, str] = field(default_factory=dict)
    yields_to: tuple[str, ...] = ()
    apply: str = ""

    def span(self, code: str) -> tuple[int, int] | None:
        """Days from the first line to the second, both ends in; None where the first has no such period."""
        if "" in self.offsets:
            return self.offsets[""]
        kind = period_kinds().get(indicator(code, "global_days"))
        return (1, kind.after) if kind and kind.after else None

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the manual that the rule names, for the pages of codes."""
        named = (*(rule.get("code", frozenset()) for rule in (self.first, self.second)), self.beside)
        found = {code for group in named for code in group if isinstance(code, str)}
        return tuple(sorted(found & set(codes())))

    def speaks_of(self, units: int) -> bool:
        """Whether the rule is about a limit of so many units."""
        return self.least <= units and (self.most is None or units <= self.most)

    def remedy_for(self, indicator: str) -> str:
        """What to do where the limit has this indicator (empty: no limit is known)."""
        return self.remedies.get(indicator, self.remedy)


@cache
def edit_rules() -> Mapping[str, EditRule]:
    """All claim checks by id, in the order of the file. Raises ``DataError`` naming the rule and the key."""
    raw = read_toml(FILE)
    raw.keys(("sets", "lists", "edit"))
    names, sets = _names(raw), raw.table("sets")
    for name in sets.raw:
        names.codes([f"@{name}"], f"data/{FILE} row {sets.row(name)}, set {name}")
    rules: dict[str, EditRule] = {}
    for entry in raw.tables("edit"):
        _check_types(entry)
        rule = _rule(
            entry.raw, names, f"data/{FILE} row {entry.row()}, edit {entry.raw.get('id', '(no id)')}"
        )
        if rule.id in rules:
            raise DataError(f"data/{FILE} row {entry.row()}, edit {rule.id}: stands twice")
        for other in rule.yields_to:
            _one_of(f"data/{FILE} row {entry.row()}, edit {rule.id}", "yields_to", other, rules)
        rules[rule.id] = rule
    return MappingProxyType(rules)


def _names(raw: Block) -> _Names:
    parts = (raw.table("sets"), raw.table("lists"))
    return _Names(*({name: list(part.texts(name)) for name in part.raw} for part in parts))


def _check_types(entry: Block) -> None:
    """Refuses a value of another type than its key has; which keys there may be is for ``_rule`` to say."""
    for key, value in entry.raw.items():
        if key in ("days", "unless_days") and isinstance(value, list):
            continue
        if key in ("first", "second", "when", "needs", "unless"):
            conditions = entry.table(key)
            for name, asked in conditions.raw.items():
                if name not in declared() or declared()[name].kind not in ("number", "days"):
                    conditions.texts(name)
                elif not isinstance(asked, str | int) or isinstance(asked, bool):
                    raise conditions.error(name, f"{asked!r} is neither a number nor a range such as 3..")
        elif key in ("guidance", "equal", "different", "beside", "beside_not", "yields_to"):
            entry.texts(key)
        elif key in ("by_indicator", "remedies"):
            indicators = entry.table(key)
            for name in indicators.raw:
                indicators.text(name)
        elif key == "symmetric":
            if not isinstance(value, bool):
                raise entry.error(key, f"{value!r} is not allowed; allowed: true, false")
        elif key in ("least", "most"):
            entry.whole(key)
        elif key in ("from", "until"):
            entry.day(key)
        elif key in (
            "id", "kind", "title", "status", "because", "remedy", "days", "pairs", "not_pairs", "limit", "across",
            "apply",
        ):  # fmt: skip
            entry.text(key)


STUDY = "study:"
"""Before a kind of study in a set of codes: the numbers of ``studies.csv``, most of which have no row in codes.csv."""


class _Names:
    """Named sets of codes and named lists of other values."""

    def __init__(self, sets: Mapping[str, list[str]], lists: Mapping[str, list[str]]) -> None:
        self.sets, self.lists = sets, lists

    def codes(self, items: Iterable[str], where: str, within: tuple[str, ...] = ()) -> frozenset[str]:
        found: set[str] = set()
        for item in items:
            if item in within:
                raise DataError(f"{where}: {item!r} is a set that holds itself")
            first, dots, last = item.partition("..")
            if item.startswith("@"):
                if item[1:] not in self.sets:
                    raise DataError(f"{where}: {item!r} is no set")
                found |= self.codes(self.sets[item[1:]], where, (*within, item))
            elif item.startswith(BASES):
                add_on = item.removeprefix(BASES)
                bases = {base for base, other in pair_table("prolonged") if other == add_on}
                if not bases:
                    raise DataError(f"{where}: {add_on!r} is no prolonged code of the decision table")
                found |= bases
            elif item.startswith(STUDY):
                named = studies().get(item.removeprefix(STUDY))
                if named is None:
                    raise DataError(f"{where}: {item!r} is no kind of study; allowed: {', '.join(studies())}")
                found |= named
            elif dots:
                among = {code for code in codes() if len(code) == len(first) and first <= code <= last}
                if not {first, last} <= among:
                    raise DataError(
                        f"{where}: {item!r} does not run from one code of codes.csv up to another"
                    )
                found |= among
            elif item in codes():
                found.add(item)
            else:
                raise DataError(f"{where}: code {item!r} is not in codes.csv")
        return frozenset(found)

    def values(self, items: Iterable[str], where: str) -> tuple[str, ...]:
        found: list[str] = []
        for item in items:
            if item.startswith("@"):
                if item[1:] not in self.lists:
                    raise DataError(f"{where}: {item!r} is no list")
                found += self.values(self.lists[item[1:]], where)
            else:
                found.append(item)
        return tuple(found)


def _rule(entry: Mapping[str, Any], names: _Names, where: str) -> EditRule:
    wanted = {"id", "kind", "title", "status", "because", "remedy", "guidance"}
    shapes = {
        "pair": (
            {"first", "second", "days"},
            {"pairs", "not_pairs", "equal", "different", "symmetric", "across", "unless", "unless_days"},
        ),
        "companion": ({"when", "needs", "days"}, {"across", "beside", "beside_not"}),
        "limit": ({"when", "limit", "least", "by_indicator"}, {"most", "remedies"}),
        "line": ({"when"}, set()),
    }
    shape = next((name for name, (keys, _) in shapes.items() if keys <= set(entry)), "line")
    needed, optional = shapes[shape][0], shapes[shape][1] | {"yields_to", "from", "until", "apply"}
    for key in (wanted | needed) - set(entry):
        raise DataError(f"{where}: {key} is missing")
    for key in set(entry) - wanted - needed - optional:
        raise DataError(
            f"{where}: {key!r} is not known; allowed: {', '.join(sorted(wanted | needed | optional))}"
        )
    _one_of(where, "kind", entry["kind"], KINDS)
    _one_of(where, "status", entry["status"], STATUSES)
    for id in entry["guidance"] or ["(none)"]:
        _one_of(where, "guidance", id, guidance())
    _one_of(where, "pairs", entry.get("pairs", ""), ("", *PAIR_TABLES))
    for key in entry.get("unless", {}):
        _one_of(where, "unless", key, [name for name, one in declared().items() if one.of_code])
    _one_of(where, "not_pairs", entry.get("not_pairs", ""), ("", "ncci"))
    _one_of(where, "limit", entry.get("limit", "mue"), ("mue",))
    for key in ("equal", "different"):
        for name in entry.get(key, ()):
            _one_of(where, key, name, (*EQUALS, *EQUALS_OF_CLAIM))
    _one_of(where, "across", entry.get("across", "provider"), ACROSS[:2] if shape == "companion" else ACROSS)
    for value in entry.get("by_indicator", {}).values():
        _one_of(where, "by_indicator", value, STATUSES)
    for key in entry.get("remedies", {}):
        _one_of(where, "remedies", key, INDICATORS)
    words = {"pair": PAIR_WORDS, "limit": LIMIT_WORDS}.get(shape, LINE_WORDS)
    if "beside" in entry:
        words = COMPANION_WORDS
    for remedy in (entry["remedy"], *entry.get("remedies", {}).values()):
        if "{" in remedy:
            raise DataError(f"{where}: remedy holds a brace, but nothing is filled in there")
    try:
        filled = list(string.Formatter().parse(entry["because"]))
    except ValueError as problem:
        raise DataError(f"{where}: because holds a brace that does not fit: {problem}") from None
    for _, word, form, turned in filled:
        if word is not None:
            _one_of(where, "because", word, sorted(words))
        if form or turned:
            raise DataError(f"{where}: because {word!r} has a format, but none may be given")
    return EditRule(
        id=entry["id"],
        kind=entry["kind"],
        title=entry["title"],
        status=entry["status"],
        shape=shape,
        first=_conditions(
            f"{where} when", {**entry.get("first", entry.get("when", {})), **_lived(entry)}, names
        ),
        second=_conditions(f"{where} second", entry.get("second", entry.get("needs", {})), names),
        because=entry["because"],
        remedy=entry["remedy"],
        guidance=tuple(entry["guidance"]),
        days=str(entry.get("days", "day")),
        offsets=_offsets(where, entry.get("days", "day")),
        pairs=entry.get("pairs", ""),
        equal=tuple(entry.get("equal", ())),
        different=tuple(entry.get("different", ())),
        symmetric=bool(entry.get("symmetric", False)),
        unless=_conditions(f"{where} unless", entry.get("unless", {}), names),
        unless_days=_offsets(f"{where} unless", entry.get("unless_days", [0, 0]))[""],
        not_pairs=entry.get("not_pairs", ""),
        across=entry.get("across", "provider"),
        beside=names.codes(entry.get("beside", ()), f"{where}: beside"),
        beside_not=names.codes(entry.get("beside_not", ()), f"{where}: beside_not"),
        least=int(entry.get("least", 0)),
        most=int(entry["most"]) if "most" in entry else None,
        by_indicator=MappingProxyType(dict(entry.get("by_indicator", {}))),
        remedies=MappingProxyType(dict(entry.get("remedies", {}))),
        yields_to=tuple(entry.get("yields_to", ())),
        apply=_applied(where, entry.get("apply", "")),
    )


def _applied(where: str, step: str) -> str:
    found = APPLIED.fullmatch(step)
    if step and not found:
        said = "add MODIFIER, drop MODIFIERS, units NUMBER, form FORM, remove, split"
        raise DataError(f"{where}: apply {step!r} is not allowed; allowed: {said}")
    if found and found[1]:
        _one_of(where, "apply", found[1], forms())
    return step


def _lived(entry: Mapping[str, Any]) -> Mapping[str, str]:
    """The days of service on which a rule holds, as a condition on the date of its first line; empty for always."""
    first, last = entry.get("from", ""), entry.get("until", "")
    return {"date": f"{first}..{last}"} if first or last else {}


def _one_of(where: str, key: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise DataError(f"{where}: {key} {value!r} is not allowed; allowed: {', '.join(allowed)}")


def _conditions(where: str, raw: Mapping[str, Any], names: _Names) -> Mapping[str, Condition]:
    found: dict[str, Condition] = {}
    for key, asked in raw.items():
        here, known = f"{where}: {key}", declared().get(key)
        if known is None or known.kind == "made":
            raise DataError(f"{where}: {key!r} is no condition")
        if known.kind == "days":
            found[key] = _dates(here, str(asked))
        elif known.kind == "number":
            found[key] = _number(here, str(asked))
        elif known.kind == "codes":
            found[key] = names.codes(asked, here)
        elif known.kind in ("patterns", "diagnoses"):
            patterns = names.values(asked, here) if known.kind == "diagnoses" else asked
            found[key] = frozenset(_pattern(here, text) for text in patterns)
        else:
            values = names.values(asked, here)
            found[key] = frozenset(values)
            for value in values:
                if known.kind == "choice":
                    _one_of(where, key, value, known.allowed)
                elif not MODIFIER.fullmatch(value):
                    raise DataError(f"{here} {value!r} is no modifier")
            if key == "payer":
                found |= _with_likes(frozenset(values))
    return MappingProxyType(found)


def conditions_of(where: str, raw: Mapping[str, Any]) -> Mapping[str, Condition]:
    """Conditions on a line as ``edits.toml`` writes them, for other data. ``where`` begins an error's sentence."""
    return _conditions(where, raw, _names(read_toml(FILE)))


def _with_likes(named: frozenset[str]) -> Mapping[str, Condition]:
    """The payers that a rule names, and those that are like one of them, for which it is open."""
    likes = {name for name, payer in payers().items() if payer.like in named} - named
    return {"payer": named | likes, PAYER_RULES: named} if likes else {"payer": named}


def _number(where: str, text: str) -> range:
    found = re.fullmatch(r"(\d+)(\.\.)?(\d+)?", text)
    if not found:
        raise DataError(f"{where}: {text!r} is neither a number nor a range such as 3..")
    low = int(found[1])
    high = int(found[3]) if found[3] else NUMBER_MOST if found[2] else low
    if low > high:
        raise DataError(f"{where}: {text!r} runs from the higher to the lower number")
    return range(low, high + 1)


def _dates(where: str, text: str) -> range:
    """Days from a date on, up to one, or between two, as their ordinal numbers."""
    first, dots, last = text.partition("..")
    try:
        days = [date.fromisoformat(day).toordinal() if day else None for day in (first, last)]
    except ValueError:
        days = []
    if not dots or days in ([], [None, None]):
        raise DataError(f"{where}: {text!r} is no span of dates such as 2025-07-01.. or ..2025-06-30")
    return range(days[0] or 1, (days[1] or date.max.toordinal()) + 1)


def _pattern(where: str, text: str) -> str:
    try:
        return re.compile(text).pattern
    except re.error:
        raise DataError(f"{where}: {text!r} is no pattern") from None


def _offsets(where: str, days: Any) -> Mapping[str, tuple[int, int]]:
    if isinstance(days, list):
        if len(days) != 2 or not all(isinstance(day, int) for day in days) or days[0] > days[1]:
            raise DataError(f"{where}: days {days} must be two whole numbers, the lower first")
        return MappingProxyType({"": (days[0], days[1])})
    _one_of(where, "days", days, ("day", "after"))
    if days == "day":
        return MappingProxyType({"": (0, 0)})
    return MappingProxyType({})  # the days of the global period, which hang on the code


@cache
def pair_table(name: str) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Code pairs of a table, each with the day from which it is known and its last day (empty: always).

    ``name``: ``ncci:0`` or ``ncci:1`` (correct coding pairs by modifier indicator), ``crosswalk`` (a medical and a
    dental code for one service), ``prolonged`` (a visit and the code that prolongs it).
    """
    if name.startswith(CODING_PAIRS):
        return {
            key: (pair.since or pair.effective, pair.until)
            for key, pair in code_pairs().items()
            if pair.indicator == name.removeprefix(CODING_PAIRS)
        }
    if name == "crosswalk":
        return {
            (medical.partition("-")[0], dental): ("", "")
            for entry in crosswalk().values()
            for medical in entry.medical
            for dental in entry.dental
        }
    return {
        (base, row.report): ("", "")
        for row in tables()["prolonged"].rows
        if row.report
        for base in sorted(map(str, row.conditions["em_code"]))
    }


@cache
def code_set(name: str) -> frozenset[str]:
    """The codes of one named set of ``edits.toml``, such as ``visits``; ``DataError`` for a name that is no set."""
    return _names(read_toml(FILE)).codes([f"@{name}"], f"data/{FILE} sets")
