"""Which services a note seems to report, and which documents their codes want that the note does not show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from omsnb.decisions import decide, find_table
from omsnb.network import requirements
from omsnb.notes.propose import Proposal
from omsnb.notes.tables import proofs, signs, silent
from omsnb.of_rows import documents_of
from omsnb.tables import documents, facts, services

VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Lack:
    """A document that a code, or each of a span such as the levels of a visit, wants and the note lacks."""

    code: str
    document: str
    element: str


def services_of(proposals: Iterable[Proposal]) -> tuple[str, ...]:
    """The services that the practice itself did that day, if the proposals are right; in the manual's order."""
    given = list(proposals)
    found = [
        service
        for service, rows in signs().items()
        if any(
            one.fact == row.fact
            and (not row.values or one.value in row.values)
            and one.service in (service, VISIT)
            for row in rows
            for one in given
        )
    ]
    return tuple(service for service in services() if service in found)


FEW = 8
"""So many codes may be left; of more the note settles too little for a list of documents to help."""


def spoken_services(proposals: Iterable[Proposal]) -> frozenset[str]:
    """Services that others gave, or staff alone, and whose documents are wanted all the same."""
    elsewhere = {row.fact: row.service for row in silent() if row.kind == "elsewhere"}
    return frozenset(elsewhere[one.fact] or one.service for one in proposals if one.fact in elsewhere)


def lacking(
    proposals: Sequence[Proposal], shown: Collection[str] = (), request: bool = False
) -> tuple[Lack, ...]:
    """What the note lacks for the codes that the proposals, if they are confirmed, settle.

    ``shown``: documents that the note's own words show; ``request``: whether it speaks of a request for an
    opinion, so that the codes of a consultation are in play (both as ``propose`` gives them). A table that the
    proposals leave with more than a few codes is not looked at, nor one that asks a fact of which the note gives two
    values.
    """
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    done = services_of(proposals)
    spoken = spoken_services(proposals)
    missing = {(row.fact, row.value) for row in silent() if row.kind == "missing"}
    assumed = [row for row in silent() if row.kind == "assumed"]
    for service in [one for one in services() if one in done or one in spoken]:
        own = [one for one in proposals if one.service in (service, VISIT)]
        answers: dict[str, set[str]] = {}
        for one in own:
            if (one.fact, one.value) not in missing:
                answers.setdefault(one.fact, set()).add(one.value)
        for name in services()[service].tables:
            if _passed_over(name, answers):
                continue
            asked = requirements(find_table(name))
            given = {
                row.fact: row.value
                for row in assumed
                if row.fact in asked
                and (not row.beside or (row.beside in answers and row.beside in asked))
                and not (request and row.fact == "consultation" and "encounter_setting" in asked)
            }
            given.update({fact: next(iter(said)) for fact, said in answers.items() if fact in asked})
            if any(len(answers.get(fact, ())) > 1 for fact in asked):
                continue
            decision = decide(name, **given)
            rows = [row for row in decision.rows if row.report]
            if len({row.report for row in rows}) > FEW:
                continue
            wanted: dict[str, dict[str, None]] = {}
            for row in rows:
                for document in documents_of((row,), decision.on):
                    if document.id not in shown and not _shown(document.id, own):
                        wanted.setdefault(document.id, {})[row.report] = None
            found.update({(document, tuple(codes)): None for document, codes in wanted.items()})
    return tuple(
        Lack(span, document, documents()[document].label)
        for document, codes in found
        for span in _spans(codes)
    )


def _spans(codes: Sequence[str]) -> Iterator[str]:
    """Codes one after the other as a span, such as the levels of one family of visits; any other code alone."""
    run: list[str] = []
    for code in codes:
        if run and not (code.isdigit() and run[-1].isdigit() and int(code) == int(run[-1]) + 1):
            yield run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"
            run = []
        run.append(code)
    if run:
        yield run[0] if len(run) == 1 else f"{run[0]}-{run[-1]}"


def _passed_over(name: str, answers: Mapping[str, set[str]]) -> bool:
    """Whether the note itself says that another table decides: the other scanner, or the other way to a level."""
    if name == "oral-evaluation":  # a dental claim's way; the words of a visit alone do not lead there
        return "evaluation_scope" not in answers and "dental" not in answers.get("claim", ())
    if name in facts()["scan"].values:
        return answers.get("scan", {name}) != {name}
    by_time = "time" in answers.get("level_by", ()) or (
        "minutes" in answers and "mdm" not in answers.get("level_by", ())
    )
    return (name == "visit-by-mdm" and by_time) or (name == "visit-by-time" and not by_time)


def _shown(document: str, proposals: Iterable[Proposal]) -> bool:
    """Whether a proposed fact shows a document; one that no fact can show is not asked for here."""
    rows = [row for row in proofs() if row.of == document]
    return not rows or any(
        row.fact and one.fact == row.fact and (not row.values or one.value in row.values)
        for row in rows
        for one in proposals
    )
