"""The paper's seven cases, what it prints for them, and where it is ambiguous or outdated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from omsnb import reading
from omsnb.case_records import Case, CaseFact, CaseService, CaseVariant, Discrepancy, PaperLine
from omsnb.reading import Block, DataError, Line, by_id, read_lines, read_toml
from omsnb.tables.code_tables import MODIFIER, codes
from omsnb.tables.decision_tables import services, tables
from omsnb.tables.ledger import guidance, pages, sections
from omsnb.tables.vocabulary import facts, parse_allowed

CASES = "book/cases/"
BASES = ("stated", "implied", "printed")


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
            section=line.listed("section", sections()),
            cases=line.items("cases", [s.section for s in sections().values() if s.page.startswith(CASES)]),
            tables=line.items("tables", tables()),
            paper_says=line.wanted("paper_says"),
            current_rule=line.text("current_rule"),
            manual_does=line.wanted("manual_does"),
            shows_in=line.items("shows_in", pages()),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("discrepancies.csv", columns, unique=["number"]), "id", make)


@cache
def cases() -> Mapping[str, Case]:
    """The paper's seven cases by name, in the paper's order."""
    folder = reading.data_folder() / "cases"
    if not folder.is_dir():
        raise DataError("data/cases is missing")
    found = {entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    order = [name for name, section in sections().items() if section.page.startswith(CASES)]
    for name in sorted(found.difference(order)):
        raise DataError(
            f"data/cases/{name}.toml: {name!r} is no section of sections.csv with a page of cases"
        )
    return MappingProxyType({name: _case(name) for name in order})


def _case(name: str) -> Case:
    raw = read_toml(f"cases/{name}.toml")
    raw.keys(("title", "story", "page"), ("facts", "services", "variants"))
    listed = raw.table("variants", missing=True)
    variants: dict[str, CaseVariant] = {}
    for key in listed.raw:
        variant = listed.table(key)
        variant.keys(("label",), ("facts", "services"))
        variants[key] = CaseVariant(key, variant.text("label"), _case_facts(variant), _case_services(variant))
    if raw.text("page") != sections()[name].page:
        raise raw.error("page", f"{raw.text('page')!r} is not the page that sections.csv names")
    return Case(
        name=name,
        title=raw.text("title"),
        story=raw.text("story"),
        page=raw.text("page"),
        facts=_case_facts(raw),
        services=_case_services(raw),
        variants=MappingProxyType(variants),
    )


def _case_services(raw: Block) -> tuple[CaseService, ...]:
    found: list[CaseService] = []
    for entry in raw.tables("services", missing=True):
        entry.keys(("service",), ("name", "label", "facts"))
        if entry.text("service") not in services():
            raise entry.error("service", f"{entry.text('service')!r} is no service of services.csv")
        service = services()[entry.text("service")]
        name = entry.text("name") if "name" in entry.raw else service.name
        label = entry.text("label") if "label" in entry.raw else service.label
        if name in (other.name for other in found):
            raise entry.error("name" if "name" in entry.raw else "service", f"{name!r} stands twice")
        found.append(CaseService(name, service.name, label, _case_facts(entry)))
    return tuple(found)


def _case_facts(raw: Block) -> tuple[CaseFact, ...]:
    found = []
    given = raw.table("facts", missing=True)
    for fact in given.raw:
        entry = given.table(fact)
        if fact not in facts():
            raise entry.error("", "no fact of facts.csv")
        entry.keys(("value", "basis", "where"), ("narrative", "discrepancy"))
        basis = entry.one_of("basis", *BASES)
        if (basis == "printed") != ("narrative" in entry.raw and "discrepancy" in entry.raw):
            raise entry.error("basis", "a printed basis, and no other, wants narrative and discrepancy")
        discrepancy = entry.one_of("discrepancy", *discrepancies()) if "discrepancy" in entry.raw else ""
        value = entry.text("value", empty=True)
        narrative = entry.text("narrative", empty=True) if "narrative" in entry.raw else value
        for key, text in (("value", value), ("narrative", narrative)):
            try:
                if text:
                    parse_allowed(facts()[fact], text)
            except ValueError as problem:
                raise entry.error(key, str(problem)) from None
        found.append(CaseFact(fact, value, narrative, basis, entry.text("where"), discrepancy))
    return tuple(found)


def _modifiers(line: Line) -> tuple[str, ...]:
    for part in line.items("modifiers"):
        if not MODIFIER.fullmatch(part):
            raise line.error("modifiers", f"{part!r} is no modifier")
    return line.items("modifiers")


@cache
def paper_lists() -> Mapping[str, tuple[PaperLine, ...]]:
    """What the paper prints for each case, in its order. Only ``omsnb.paper`` may read this."""
    printed: dict[str, list[PaperLine]] = {}
    for line in read_lines("paper-lists.csv", ("case", "position", "code", "modifiers", "joined")):
        case = line.listed("case", cases())
        entry = PaperLine(
            case,
            line.whole("position"),
            line.listed("code", codes()),
            _modifiers(line),
            line.one_of("joined", "", "or"),
        )
        printed.setdefault(case, []).append(entry)
        if entry.position != len(printed[case]):
            raise line.error("position", f"{entry.position} breaks the order of {case}")
    return MappingProxyType({case: tuple(entries) for case, entries in printed.items()})
