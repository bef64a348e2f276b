"""The paper's seven cases, what it prints for them, and where it is ambiguous or outdated."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.reading import DataError, Line, by_id, data_folder, read_lines
from omsnb.records import Case, CaseFact, CaseService, CaseVariant, Discrepancy, PaperLine
from omsnb.tables.code_tables import codes
from omsnb.tables.decision_tables import services, tables
from omsnb.tables.ledger import guidance, sections
from omsnb.tables.vocabulary import facts, parse_allowed


@cache
def discrepancies() -> Mapping[str, Discrepancy]:
    """The places where the paper is ambiguous, outdated or at odds with itself, by id."""
    columns = (
        "id number kind section cases tables paper_says current_rule manual_does shows_in guidance"
    ).split()

    def make(line: Line) -> Discrepancy:
        return Discrepancy(
            id=line.text("id"),
            number=line.whole("number"),
            kind=line.one_of("kind", "outdated", "list-against-text", "ambiguous"),
            section=line.one_of("section", *sections()),
            cases=line.items("cases", sections()),
            tables=line.items("tables", tables()),
            paper_says=line.wanted("paper_says"),
            current_rule=line.text("current_rule"),
            manual_does=line.wanted("manual_does"),
            shows_in=line.items("shows_in"),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("discrepancies.csv", columns), "id", make)


@cache
def cases() -> Mapping[str, Case]:
    """The paper's seven cases by name, in the paper's order."""
    folder = data_folder() / "cases"
    found = {
        entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    order = [name for name in sections() if name in found]
    if len(order) != len(found):
        raise DataError(
            f"data/cases: {', '.join(sorted(set(found) - set(order)))} is no section of sections.csv"
        )
    return MappingProxyType({name: _case(name, found[name].read_text(encoding="utf-8")) for name in order})


def _case(name: str, text: str) -> Case:
    file = f"data/cases/{name}.toml"
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise DataError(f"{file}: {problem}") from None
    _keys(file, raw, {"title", "story", "page"}, {"facts", "services", "variants"})
    variants = {
        key: CaseVariant(
            key,
            value["label"],
            _case_facts(file, value.get("facts", {})),
            _case_services(file, value.get("services", [])),
        )
        for key, value in raw.get("variants", {}).items()
    }
    return Case(
        name=name,
        title=raw["title"],
        story=raw["story"],
        page=raw["page"],
        facts=_case_facts(file, raw.get("facts", {})),
        services=_case_services(file, raw.get("services", [])),
        variants=MappingProxyType(variants),
    )


def _keys(where: str, raw: Mapping[str, Any], wanted: set[str], optional: set[str]) -> None:
    for key in wanted - set(raw):
        raise DataError(f"{where}: {key} is missing")
    for key in set(raw) - wanted - optional:
        raise DataError(f"{where}: {key!r} is not known; allowed: {', '.join(sorted(wanted | optional))}")


def _case_services(file: str, raw: Iterable[Mapping[str, Any]]) -> tuple[CaseService, ...]:
    found = []
    for entry in raw:
        _keys(f"{file} services", entry, {"service"}, {"name", "label", "facts"})
        if entry["service"] not in services():
            raise DataError(f"{file} services: {entry['service']!r} is no service of services.csv")
        service = services()[entry["service"]]
        name = entry.get("name", service.name)
        label = entry.get("label", service.label)
        found.append(CaseService(name, service.name, label, _case_facts(file, entry.get("facts", {}))))
    return tuple(found)


def _case_facts(file: str, raw: Mapping[str, Mapping[str, Any]]) -> tuple[CaseFact, ...]:
    found = []
    for fact, entry in raw.items():
        where = f"{file} facts.{fact}"
        if fact not in facts():
            raise DataError(f"{where}: no fact of facts.csv")
        _keys(where, entry, {"value", "basis", "where"}, {"narrative", "discrepancy"})
        if entry["basis"] not in ("stated", "implied", "printed"):
            raise DataError(
                f"{where}: basis {entry['basis']!r} is not allowed; allowed: stated, implied, printed"
            )
        if (entry["basis"] == "printed") != ("narrative" in entry and "discrepancy" in entry):
            raise DataError(f"{where}: a printed basis, and no other, wants narrative and discrepancy")
        if entry.get("discrepancy", "") and entry["discrepancy"] not in discrepancies():
            raise DataError(f"{where}: {entry['discrepancy']!r} is not in discrepancies.csv")
        narrative = entry.get("narrative", entry["value"])
        for text in filter(None, (entry["value"], narrative)):
            try:
                parse_allowed(facts()[fact], text)
            except ValueError as problem:
                raise DataError(f"{where}: {problem}") from None
        found.append(
            CaseFact(
                fact, entry["value"], narrative, entry["basis"], entry["where"], entry.get("discrepancy", "")
            )
        )
    return tuple(found)


@cache
def paper_lists() -> Mapping[str, tuple[PaperLine, ...]]:
    """What the paper prints for each case, in its order. Only ``omsnb.paper`` may read this."""
    printed: dict[str, list[PaperLine]] = {}
    for line in read_lines("paper-lists.csv", ("case", "position", "code", "modifiers", "joined")):
        case = line.one_of("case", *cases())
        entry = PaperLine(
            case,
            line.whole("position"),
            line.one_of("code", *codes()),
            line.items("modifiers"),
            line.one_of("joined", "", "or"),
        )
        printed.setdefault(case, []).append(entry)
        if entry.position != len(printed[case]):
            raise line.error("position", f"{entry.position} breaks the order of {case}")
    return MappingProxyType({case: tuple(entries) for case, entries in printed.items()})
