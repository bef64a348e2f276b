"""Which services a note seems to report, and which documents their codes want that the note does not show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from omsnb.decisions import decide, find_table
from omsnb.network import requirements
from omsnb.notes.propose import Proposal
from omsnb.notes.tables import proofs, signs
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

SPOKEN_OF: Mapping[str, str] = {"fabricated_by": "", "seen_by": "evaluation"}
"""Facts of services that are none of this practice's of the day, or not yet: a splint that others made, a visit that
staff alone gave. Their documents are wanted all the same. With a service: that of a fact of the visit."""

ASSUMED: Mapping[str, str] = {"consultation": "no", "workstation": "independent"}
"""What is taken for this list where a note is silent: nobody asked for an opinion, and no scanner's computer is named.
It proposes nothing; the reader is asked for the fact all the same."""

OPEN_STILL: Mapping[str, str] = {"supervision": "no"}
"""Answers that close a code only because a document is missing: the list names it."""

OFFICE = {"patient": {"encounter_setting": "office"}}
"""New or established is asked of visits in an office alone, so a note that says it is taken for one."""


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
    spoken = {SPOKEN_OF[one.fact] or one.service for one in proposals if one.fact in SPOKEN_OF}
    for service in [one for one in services() if one in done or one in spoken]:
        own = [one for one in proposals if one.service in (service, VISIT)]
        answers: dict[str, set[str]] = {}
        for one in own:
            if OPEN_STILL.get(one.fact) != one.value:
                answers.setdefault(one.fact, set()).add(one.value)
        for name in services()[service].tables:
            if _passed_over(name, answers):
                continue
            asked = requirements(find_table(name))
            given = {
                fact: value
                for fact, value in ASSUMED.items()
                if fact in asked and not (request and fact == "consultation" and "encounter_setting" in asked)
            }
            for fact in OFFICE:
                if fact in answers and fact in asked:
                    given.update({name: value for name, value in OFFICE[fact].items() if name in asked})
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
