"""Opens ``data/`` and reads it into frozen records. The only module that reads the manual's data.

Every file is checked as it is loaded; an error names the file, the row (the header is row 1), the column and
what is allowed there. Loaders are cached: each file is read once, when it is first wanted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from omsnb.reading import DataError, Line, by_id, data_folder, read_lines
from omsnb.records import (
    Allowed,
    Case,
    CaseFact,
    CaseService,
    CaseVariant,
    Code,
    Crosswalk,
    Discrepancy,
    Document,
    Fact,
    FactValue,
    Guidance,
    PaperLine,
    Row,
    Section,
    Service,
    Source,
    Table,
    UnitLimit,
)

OUTCOME_COLUMNS = ("report", "modifiers", "units", "concludes", "because", "documents", "guidance")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
UNITS = re.compile(r"[1-9][0-9]*|per [1-9][0-9]* from [1-9][0-9]*")


@cache
def sources() -> Mapping[str, Source]:
    """All sources by id."""
    columns = "id title publisher edition date kind confidence note".split()

    def make(line: Line) -> Source:
        kinds = "paper cms-table cms-manual code-set publication payer-policy form general-knowledge".split()
        line.one_of("kind", *kinds)
        line.one_of("confidence", "high", "medium", "low")
        return Source(**line.cells)

    return by_id(read_lines("sources.csv", columns), "id", make)


@cache
def sections() -> Mapping[str, Section]:
    """The sections of the paper by id: ``intro``, ``I`` to ``VII``, each case, ``end``."""
    lines = read_lines("sections.csv", ("section", "title", "page", "paragraphs"))
    return by_id(lines, "section", lambda line: Section(**line.cells))


@cache
def guidance() -> Mapping[str, Guidance]:
    """The ledger of statements by id."""
    columns = "id section paragraph kind statement source confirmed confirmed_by".split()

    def make(line: Line) -> Guidance:
        line.one_of("section", *sections())
        line.one_of("kind", "rule", "definition", "documentation", "payer-dependent", "tip", "disclaimer")
        line.one_of("confirmed", "yes", "no", "contradicted")
        line.one_of("source", *sources())
        return Guidance(
            id=line.text("id"),
            section=line.text("section"),
            paragraph=line.text("paragraph"),
            kind=line.text("kind"),
            statement=line.wanted("statement"),
            source=line.text("source"),
            confirmed=line.text("confirmed"),
            confirmed_by=line.items("confirmed_by", sources()),
        )

    return by_id(read_lines("guidance.csv", columns), "id", make)


@cache
def documents() -> Mapping[str, Document]:
    """What records and claims must hold, by id."""

    def make(line: Line) -> Document:
        return Document(line.text("id"), line.wanted("label"), line.items("guidance", guidance()))

    return by_id(read_lines("documents.csv", ("id", "label", "guidance")), "id", make)


@cache
def codes() -> Mapping[str, Code]:
    """All codes the manual knows, by code."""
    columns = (
        "code system chapter label by_report component_split global_days medicare_status bilateral "
        "effective_from effective_to named_by_paper synonyms note source confirmed"
    ).split()

    def make(line: Line) -> Code:
        return Code(
            code=line.text("code"),
            system=line.one_of("system", "CPT", "CDT", "HCPCS"),
            chapter=line.one_of("chapter", "I", "II", "III", "IV", "V", "VI", "surgery", "neighbour"),
            label=line.wanted("label"),
            by_report=line.yes("by_report"),
            component_split=line.yes("component_split"),
            global_days=line.one_of("global_days", "", "000", "010", "090", "XXX", "YYY", "ZZZ"),
            medicare_status=line.one_of("medicare_status", "", "A", "B", "C", "I", "R"),
            bilateral=line.one_of("bilateral", "", "0", "1", "2", "3", "9"),
            effective_from=line.date("effective_from"),
            effective_to=line.date("effective_to"),
            named_by_paper=line.yes("named_by_paper"),
            synonyms=line.items("synonyms"),
            note=line.text("note"),
            source=line.one_of("source", *sources()),
            confirmed=line.yes("confirmed"),
        )

    return by_id(read_lines("codes.csv", columns), "code", make)


@cache
def mue() -> tuple[UnitLimit, ...]:
    """Unit limits, oldest first within a code."""
    columns = ("code", "effective", "units", "mai", "rationale", "source")
    limits = [
        UnitLimit(
            code=line.one_of("code", *codes()),
            effective=line.date("effective"),
            units=line.whole("units"),
            mai=line.one_of("mai", "1", "2", "3"),
            rationale=line.text("rationale"),
            source=line.one_of("source", *sources()),
        )
        for line in read_lines("mue.csv", columns)
    ]
    return tuple(sorted(limits, key=lambda limit: (limit.code, limit.effective)))


@cache
def crosswalk() -> Mapping[str, Crosswalk]:
    """Pairs of medical and dental codes for the same work, by id."""
    columns = ("id", "service", "medical", "dental", "condition", "note", "guidance")

    def make(line: Line) -> Crosswalk:
        for column in ("medical", "dental"):
            line.items(
                column, {part for code in codes() for part in (code, *_with_modifiers(line, column, code))}
            )
        return Crosswalk(
            id=line.text("id"),
            service=line.wanted("service"),
            medical=line.items("medical"),
            dental=line.items("dental"),
            condition=line.text("condition"),
            note=line.text("note"),
            guidance=line.items("guidance", guidance()),
        )

    return by_id(read_lines("crosswalk.csv", columns), "id", make)


def _with_modifiers(line: Line, column: str, code: str) -> tuple[str, ...]:
    """The cells of a crosswalk column that name this code with one modifier, such as ``70486-26``."""
    return tuple(
        part
        for part in line.items(column)
        if part.startswith(f"{code}-") and MODIFIER.fullmatch(part.removeprefix(f"{code}-"))
    )


@cache
def facts() -> Mapping[str, Fact]:
    """The vocabulary of facts by name, in the order of the file."""
    columns = ("fact", "kind", "unit", "question", "value", "label", "help", "about")
    grouped: dict[str, list[Line]] = {}
    for line in read_lines("facts.csv", columns):
        grouped.setdefault(line.wanted("fact"), []).append(line)
    return MappingProxyType({name: _fact(name, lines) for name, lines in grouped.items()})


def _fact(name: str, lines: list[Line]) -> Fact:
    first = lines[0]
    kind = first.one_of("kind", "choice", "number")
    question = first.wanted("question")
    values: dict[str, FactValue] = {}
    bounds = range(0)
    for line in lines:
        line.one_of("kind", kind)
        if line is not first and line.text("question"):
            raise line.error("question", "stands on the first row of a fact only")
        value = line.wanted("value")
        if kind == "number":
            found = re.fullmatch(r"(\d+)\.\.(\d+)", value)
            if len(lines) > 1 or not found:
                raise line.error("value", f"{value!r}: a number has one row, with its bounds, such as 0..120")
            bounds = range(int(found[1]), int(found[2]) + 1)
        elif value in values:
            raise line.error("value", f"{value!r} stands twice for {name}")
        else:
            values[value] = FactValue(value, line.wanted("label"), line.text("help"))
    return Fact(
        name, kind, first.text("unit"), question, first.text("about"), MappingProxyType(values), bounds
    )


def parse_allowed(fact: Fact, text: str) -> Allowed:
    """Reads a table cell or an answer: ``ct``, ``ct|cbct``, ``62``, ``60..74``, ``75..`` or ``..74``.

    Returns a set of choices or a range. Raises ``ValueError`` with one sentence that names the fact, the value
    and what is allowed.
    """
    if fact.kind == "number":
        low, high = fact.bounds[0], fact.bounds[-1]
        found = re.fullmatch(r"(?P<one>\d+)|(?P<from>\d*)\.\.(?P<to>\d*)", text.strip(), re.ASCII)
        if found:
            first = int(found["one"] or found["from"] or low)
            last = int(found["one"] or found["to"] or high)
            if low <= first <= last <= high:
                return range(first, last + 1)
        raise ValueError(
            f"{fact.name}: {text!r} is not allowed; allowed is a whole number of {fact.unit} from {low} to {high}, "
            f"or a range such as {low}..{high}"
        )
    parts = [part.strip() for part in text.split("|")]
    for part in parts:
        if part not in fact.values:
            raise ValueError(f"{fact.name}: {part!r} is not allowed; allowed: {', '.join(fact.values)}")
    return frozenset(parts)


@cache
def tables() -> Mapping[str, Table]:
    """All decision tables by name, in the order of ``decisions.csv``."""
    columns = ("table", "title", "chapter", "applies", "about")
    return by_id(read_lines("decisions.csv", columns), "table", _table)


def _table(entry: Line) -> Table:
    name = entry.text("table")
    scope = {}
    for part in entry.items("applies"):
        fact, _, value = part.partition("=")
        scope[fact] = _cell(entry, "applies", fact, value)
    file = f"decisions/{name}.csv"
    lines = read_lines(file)
    if not lines:
        raise DataError(f"data/{file} has no rows")
    header = tuple(lines[0].cells)
    columns = header[: -len(OUTCOME_COLUMNS)]
    if header[-len(OUTCOME_COLUMNS) :] != OUTCOME_COLUMNS:
        raise DataError(f"data/{file} row 1: the last columns must be {', '.join(OUTCOME_COLUMNS)}")
    for column in columns:
        if column not in facts():
            raise DataError(f"data/{file} row 1: column {column!r} is no fact of facts.csv")
        if column in scope and len(scope[column]) == 1:
            raise DataError(f"data/{file} row 1: column {column!r} is settled by the scope in decisions.csv")
    rows = tuple(_row(name, number, scope, columns, line) for number, line in enumerate(lines, 1))
    return Table(
        name,
        entry.wanted("title"),
        entry.wanted("chapter"),
        entry.text("about"),
        MappingProxyType(scope),
        columns,
        rows,
    )


def _cell(line: Line, column: str, fact: str, text: str) -> Allowed:
    if fact not in facts():
        raise line.error(column, f"{fact!r} is no fact of facts.csv")
    try:
        return parse_allowed(facts()[fact], text)
    except ValueError as problem:
        raise line.error(column, str(problem)) from None


def _row(
    table: str, number: int, scope: Mapping[str, Allowed], columns: tuple[str, ...], line: Line
) -> Row:
    conditions = dict(scope)
    for column in columns:
        if line.text(column):
            conditions[column] = _cell(line, column, column, line.text(column))
    concludes = {}
    for part in line.items("concludes"):
        fact, _, value = part.partition("=")
        settled = _cell(line, "concludes", fact, value)
        if len(settled) != 1:
            raise line.error("concludes", f"{part!r} must settle one value")
        concludes[fact] = value
    report = line.text("report")
    if report:
        line.items("report", codes())
    for modifier in line.items("modifiers"):
        if not report or not MODIFIER.fullmatch(modifier):
            raise line.error("modifiers", f"{modifier!r} is not a modifier of a reported code")
    units = line.text("units")
    if bool(units) != bool(report) or (units and not UNITS.fullmatch(units)):
        raise line.error(
            "units", f"{units!r}: a reported code has units such as 1 or 'per 15 from 75', others have none"
        )
    return Row(
        table=table,
        number=number,
        conditions=MappingProxyType(conditions),
        report=report,
        modifiers=line.items("modifiers"),
        units=units,
        concludes=MappingProxyType(concludes),
        because=line.wanted("because"),
        documents=line.items("documents", documents()),
        guidance=line.items("guidance", guidance()),
    )


@cache
def services() -> Mapping[str, Service]:
    """The services of the workflow by name, in the order of the chapters."""

    def make(line: Line) -> Service:
        return Service(
            line.text("service"), line.wanted("label"), line.wanted("chapter"), line.items("tables", tables())
        )

    return by_id(read_lines("services.csv", ("service", "label", "chapter", "tables")), "service", make)


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
