"""``{filled-claim} tmj``: a claim filled in step by step from a case, by the tables, when the book is built.

Its options hold what a case leaves open, as an office would answer it: ``reading``, ``answers`` (fact=value),
``payer``, ``place``, ``born``, ``dates`` (service=day, ``*`` for all others) and ``diagnoses``. No code is typed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.claim_building import ANY, Building, build_claims
from omsnb.claim_tables import forms, payers, places
from omsnb.claims import Claim
from omsnb.coding import ServiceRow, Worksheet, code_case
from omsnb.edits import find
from omsnb.preview import beyond_the_form, cells_of
from omsnb.site.freshness import watch
from omsnb.site.html import element, head, table, tag, wide
from omsnb.site.text import chip, cite, paragraph
from omsnb.tables import codes, facts


class FilledClaim(SphinxDirective):
    """Shows how a case becomes the lines of a claim, and the claim."""

    required_arguments = 1
    has_content = False
    option_spec: ClassVar[dict[str, Any]] = {
        "reading": directives.unchanged,
        "answers": str.split,
        "payer": directives.unchanged_required,
        "place": directives.unchanged,
        "born": directives.unchanged,
        "dates": str.split,
        "diagnoses": str.split,
    }

    def run(self) -> list[nodes.Node]:
        """Builds the claim; a wrong option, or a claim with an open question, is a build warning."""
        try:
            sheet, built = build(self.arguments[0].strip(), self.options)
        except ValueError as problem:
            return [self.state.document.reporter.warning(f"filled claim: {problem}", line=self.lineno)]
        watch(self.env)
        return render(sheet, built, self.options)


def build(case: str, options: Mapping[str, Any]) -> tuple[Worksheet, Building]:
    """Codes a case and writes its claim.

    ``case``: a name of ``data/cases``. ``options``: those of the directive, as read. Raises ``ValueError`` for what is
    not known, and for a claim that still has an open question.
    """
    told = _pairs("answers", options.get("answers", ()))
    dates = {name: _day(name, said) for name, said in _pairs("dates", options.get("dates", ())).items()}
    sheet = code_case(case, told, reading=options.get("reading", "narrative"))
    built = build_claims(
        sheet,
        payer=options.get("payer", ""),
        dates=dates,
        patient="P-1",
        claim="C-1",
        provider="B-1",
        place=options.get("place", ""),
        birth_date=_day("born", options["born"]) if "born" in options else None,
        diagnoses=options.get("diagnoses", ()),
        pointers={ANY: "A"},
    )
    if built.open:
        raise ValueError(" ".join(entry.because for entry in built.open))
    return sheet, built


def _pairs(option: str, given: Sequence[str]) -> dict[str, str]:
    broken = [part for part in given if part.count("=") != 1]
    if broken:
        raise ValueError(f"{option}: {broken[0]!r} is not of the form name=value")
    return dict(part.split("=") for part in given)


def _day(option: str, said: str) -> date:
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError(f"{option}: {said!r} is no day; allowed: a day such as 2026-03-01") from None


def render(sheet: Worksheet, built: Building, options: Mapping[str, Any]) -> list[nodes.Node]:
    """What the case tells, the line of each service with its reason, and the forms with what the check says."""
    told = [
        part
        for name, value in _pairs("answers", options.get("answers", ())).items()
        for fact in (facts()[name.rpartition(".")[2]],)
        for part in (element("dt", fact.question), element("dd", fact.label(value)))
    ]
    parts: list[nodes.Node] = [
        paragraph(nodes.strong("", "The story. "), " ".join(sheet.case.story.split())),
        paragraph(nodes.strong("", "What the office adds.")),
        element("dl", *told),
        _services(sheet, built),
    ]
    for claim in built.claims:
        parts += form(claim)
    findings = find(built.claims)
    said = [f"{found.because} {found.remedy}".strip() for found in findings]
    if not said:
        said = ["The claim check has nothing against these lines."]
    parts.append(paragraph(nodes.strong("", "What the claim check says. "), " ".join(dict.fromkeys(said))))
    return [element("div", *parts, class_="filled-claim")]


def _services(sheet: Worksheet, built: Building) -> tag:
    heads = [head("What was done"), head("On the claim"), head("Why"), head("Guidance")]
    written = {line.code: line for claim in built.claims for line in claim.lines}
    rows = [_service(row, written) for row in (sheet.evaluation, *sheet.rows)]
    title = "From what was done to the line"
    return wide(title, table(title, heads, rows, "rows"))


def _service(row: ServiceRow, written: Mapping[str, Any]) -> tag:
    reasons: str
    cited: Sequence[str]
    ways = [way for way in row.alternatives if way.code in written]
    if ways:
        line = written[ways[0].code]
        shown: list[nodes.Node | str] = [
            chip(line.code, line.modifiers, line.units),
            " ",
            codes()[line.code].label,
        ]
        reasons, cited = " ".join(ways[0].because), ways[0].guidance
    else:
        shown = ["no line"]
        silent = row.not_reported[:1]
        reasons, cited = (
            " ".join(way.because for way in silent),
            [id for way in silent for id in way.guidance],
        )
    return element(
        "tr",
        element("th", row.label, scope="row"),
        element("td", *shown),
        element("td", *paragraph(reasons).children),
        element("td", *cite(cited[:2])),
    )


def form(claim: Claim) -> list[nodes.Node]:
    """A claim as its form: the head, and its lines under the numbers of the boxes."""
    known = forms()[claim.form]
    place = f"{claim.place} {places()[claim.place].label}" if claim.place else "not given"
    listed = (
        ("Form", known.label),
        ("Payer", payers()[claim.payer].label),
        ("Patient, by a key", claim.patient),
        ("Billing provider, by a key", claim.provider),
        ("Place of service", place),
        (
            "Diagnoses",
            ", ".join(
                f"{letter} {code}" for letter, code in zip("ABCDEFGHIJKL", claim.diagnoses, strict=False)
            ),
        ),
    )
    top = [part for name, said in listed for part in (element("dt", name), element("dd", said))]
    cells = cells_of(claim)
    heads = [head(name) for name, _ in cells]
    rows = [element("tr", *(element("td", read(claim, line)) for _, read in cells)) for line in claim.lines]
    title = f"Claim {claim.claim} as its form shows it"
    return [
        element("dl", *top, class_="claim-head"),
        wide(title, table(title, heads, rows, "rows")),
        *(paragraph(said) for said in beyond_the_form(claim)),
    ]


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("filled-claim", FilledClaim)
