"""Which services a note seems to report, and which documents their codes want that the note does not show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from omsnb.decisions import decide, find_table
from omsnb.network import requirements
from omsnb.notes.propose import Proposal
from omsnb.notes.tables import proofs, signs
from omsnb.tables import documents, services

VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Lack:
    """A document that a code wants and the note does not show."""

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


def lacking(proposals: Sequence[Proposal]) -> tuple[Lack, ...]:
    """What the note lacks for the codes that the proposals, if they are confirmed, leave possible."""
    found: dict[tuple[str, str], Lack] = {}
    for service in services_of(proposals):
        own = [one for one in proposals if one.service in (service, VISIT)]
        answers: dict[str, set[str]] = {}
        for one in own:
            answers.setdefault(one.fact, set()).add(one.value)
        for name in services()[service].tables:
            asked = requirements(find_table(name))
            given = {fact: "|".join(sorted(said)) for fact, said in answers.items() if fact in asked}
            if any("|" in said and said.replace("|", "").isdigit() for said in given.values()):
                continue
            for row in decide(name, **given).rows:
                for document in row.documents if row.report else ():
                    if not _shown(document, own):
                        element = documents()[document].label
                        found.setdefault((row.report, document), Lack(row.report, document, element))
    return tuple(found.values())


def _shown(document: str, proposals: Iterable[Proposal]) -> bool:
    """Whether a proposed fact shows a document; one that no fact can show is not asked for here."""
    rows = [row for row in proofs() if row.of == document]
    return not rows or any(
        one.fact == row.fact and (not row.values or one.value in row.values)
        for row in rows
        for one in proposals
    )
