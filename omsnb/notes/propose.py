"""``propose``: from the text of a note to proposed facts, each with the words it rests on. It decides nothing.

Nothing that is proposed counts until a reader confirms it. What was held back is told with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from omsnb.notes.found import Found, found_in
from omsnb.notes.images import Evidence, Image, component_of, images_of
from omsnb.notes.note import Note, read_note
from omsnb.notes.sections import day_of_note
from omsnb.notes.tables import proofs
from omsnb.notes.values import number_of
from omsnb.tables import facts

SEVERAL = frozenset(
    "scan_subject printed_by printed_object print_number guidance_method component scan print_source".split()
)
"""Facts of which a note may rightly give two values: two prints, two scans, two sites."""

STRONGER = {"planning_act": "treatment_simulated"}
"""Of several values this one holds the others: merging volumes is a step of simulating."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A fact that a note seems to give. ``quote``: its exact words, from ``start``. ``basis``: stated or implied."""

    service: str
    fact: str
    value: str
    quote: str
    start: int
    basis: str


@dataclass(frozen=True, slots=True)
class Held:
    """A fact that words of the note suggest, and why it is not proposed."""

    service: str
    fact: str
    value: str
    quote: str
    start: int
    because: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a note gives: the day it was read for, proposals in the order of the text, and what was held back.

    ``shown``: documents that its words show; ``request``: whether it speaks of a request for an opinion.
    """

    day: date | None
    proposals: tuple[Proposal, ...]
    held: tuple[Held, ...]
    shown: frozenset[str] = frozenset()
    request: bool = False


def propose(text: str, day: date | str | None = None) -> Proposed:
    """Reads a note and proposes facts.

    ``text``: the note; whatever it holds is taken as text alone. ``day``: the day that is to be coded (a date, or text
    such as 2026-03-01); None takes it from the note. Entries of other days propose nothing.

    Raises ``ValueError`` for a day that is none.
    """
    chosen = _day(day) if day is not None else day_of_note(text)
    note = read_note(text, chosen)
    found = list(found_in(note))
    live = [one for one in found if not one.held]
    acts = [one for one in live if one.cue.fact == "act"]
    images = images_of(note, acts)
    made = [*_of_images(note, images), *_of_cues(note, live, images)]
    held = [_held(note, one, one.held) for one in found if one.held and one.cue.fact != "act"]
    proposals, against = _settled(made)
    kept = _linked(proposals, against)
    shown = {(one.service, one.fact, one.value) for one in kept}
    held = [one for one in held if (one.service, one.fact, one.value) not in shown]
    return Proposed(
        chosen,
        tuple(sorted(kept, key=lambda one: (one.start, one.service, one.fact, one.value))),
        tuple(
            sorted(_once([*held, *against]), key=lambda one: (one.start, one.service, one.fact, one.value))
        ),
        frozenset(
            row.of
            for row in proofs()
            if row.words and note.said_anywhere(row.words) and not note.said_anywhere("vendor_voice")
        ),
        note.said_anywhere("request"),
    )


def _day(day: date | str) -> date:
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise ValueError(f"day: {day!r} is not a date such as 2026-03-01") from None


def _once(held: Iterable[Held]) -> Iterator[Held]:
    seen = set()
    for one in held:
        key = (one.service, one.fact, one.value, one.start)
        if key not in seen:
            seen.add(key)
            yield one


def _held(note: Note, found: Found, because: str) -> Held:
    quote, start = note.quote(found.at, found.end)
    return Held(found.cue.service, found.cue.fact, found.cue.value, quote, start, because)


def _proposal(note: Note, service: str, fact: str, value: str, words: Evidence, basis: str) -> Proposal:
    quote, start = note.quote(words.at, words.end)
    return Proposal(service, fact, value, quote, start, basis)


def _of_images(note: Note, images: Mapping[str, Image]) -> Iterator[Proposal]:
    for image in images.values():
        component = component_of(image)
        if component:
            yield _proposal(note, image.service, "component", component[0], component[1], "stated")
        if (
            image.kind in facts()["scan"].values
            and (component or "captured" in image.acts)
            and "failed" not in image.acts
        ):
            fresh = [one for one in image.named if "past" not in note.states_at(one.at, one.end)]
            if fresh and not (
                component and component[0] == "neither" and note.said_anywhere("no_new_imaging")
            ):
                yield _proposal(note, image.service, "scan", image.kind, fresh[0], "stated")


def _of_cues(note: Note, live: Sequence[Found], images: Mapping[str, Image]) -> Iterator[Proposal]:
    for one in live:
        cue = one.cue
        if cue.fact == "act":
            continue
        value = number_of(note, one) if cue.value == "#" else cue.value
        if not value:
            continue
        services: Iterable[str] = (cue.service,)
        if cue.service == "image":
            low, high = note.sentence_at(one.at)
            services = dict.fromkeys(
                image.service
                for image in images.values()
                if "captured" in image.acts and any(low <= named.at < high for named in image.named)
            )
        for service in services:
            yield _proposal(note, service, cue.fact, value, Evidence(one.at, one.end), cue.basis)


def _settled(made: Iterable[Proposal]) -> tuple[list[Proposal], list[Held]]:
    """Each fact once. Where a note gives two values of a fact that has one, neither is proposed."""
    groups: dict[tuple[str, str], list[Proposal]] = {}
    for one in made:
        groups.setdefault((one.service, one.fact), []).append(one)
    kept: list[Proposal] = []
    against: list[Held] = []
    for (_, fact), group in groups.items():
        if any(one.basis == "stated" for one in group):
            group = [one for one in group if one.basis == "stated"]
        group = [one for one in group if not _held_within(one, group)]
        values: dict[str, Proposal] = {}
        for one in sorted(group, key=lambda one: (-len(one.quote), one.start)):
            values.setdefault(one.value, one)
        if len(values) > 1 and STRONGER.get(fact) in values and "none" not in values:
            values = {STRONGER[fact]: values[STRONGER[fact]]}
        if fact == "planning_act" and set(values) == {"none", "volumes_fused"}:
            del values["none"]  # nothing was simulated; volumes were merged all the same
        if len(values) == 1 or fact in SEVERAL:
            kept += values.values()
            continue
        said = " and ".join(f"“{value}”" for value in sorted(values))
        against += [
            Held(one.service, one.fact, one.value, one.quote, one.start, f"the note gives both {said}")
            for one in values.values()
        ]
    return kept, against


def _held_within(one: Proposal, group: Sequence[Proposal]) -> bool:
    """Whether the words of a number are parts of longer ones: "5 min" in "1 h 5 min" is no other time."""
    if facts()[one.fact].kind != "number":
        return False
    end = one.start + len(one.quote)
    return any(
        other.start <= one.start < other.start + len(other.quote)
        and (other.start < one.start or end < other.start + len(other.quote))
        for other in group
    )


RESTS_ON: Mapping[str, Mapping[str, str]] = {
    "contrast": {"scan": "ct"},
    "field_of_view": {"scan": "cbct"},
    "hospital_visit": {"encounter_setting": "hospital"},
    "volume_source": {"planning_act": "treatment_simulated|volumes_fused", "supervision": "yes|no"},
    "workstation": {"planning_act": "treatment_simulated|volumes_fused", "supervision": "yes|no"},
    "print_source": {"printed_by": "practice|vendor"},
    "printed_object": {"printed_by": "practice|vendor"},
    "fabricated_by": {"splint_made": "yes"},
    "splints_same_day": {"splint_made": "yes"},
    "lab_route": {"splint_made": "yes"},
}
"""A fact of the left means something only where a fact of the right is proposed, too."""


def _linked(proposals: Sequence[Proposal], against: list[Held]) -> list[Proposal]:
    given = {(one.fact, one.value) for one in proposals}
    kept = []
    for one in proposals:
        wanted = RESTS_ON.get(one.fact)
        if wanted and not any(
            (fact, value) in given for fact, values in wanted.items() for value in values.split("|")
        ):
            listed = " or ".join(wanted)
            because = f"the note does not settle {listed} that it belongs to"
            against.append(Held(one.service, one.fact, one.value, one.quote, one.start, because))
        else:
            kept.append(one)
    return kept
