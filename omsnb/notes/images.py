"""Who took and who read each image: from what is said of it in one or more sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from omsnb.notes.found import Found
from omsnb.notes.note import Note
from omsnb.notes.tables import IMAGES

BACK = 3
"""So many sentences back an image is looked for, where a sentence speaks of a report alone."""

ALL_BACK = 8
"""So many sentences back they are looked for, where it speaks of all images."""

DEAD = frozenset("denied planned conditional asked unticked later_day other_entry history plan".split())
"""States in which an image is none of today's, whoever took it."""

OLD = frozenset("past past_day".split())


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words of a note that say something of an image."""

    at: int
    end: int


@dataclass(slots=True)
class Image:
    """What a note says of one kind of image: the acts, each with its words, and where it is named."""

    kind: str
    acts: dict[str, Evidence]
    named: list[Evidence]
    others: bool = False

    @property
    def service(self) -> str:
        """The service that it is."""
        return IMAGES[self.kind]


def images_of(note: Note, acts: Iterable[Found]) -> Mapping[str, Image]:
    """Each kind of image that the note speaks of, with the acts that stand."""
    images: dict[str, Image] = {}
    for found in acts:
        for kind, at, end in _meant(note, found):
            image = images.setdefault(kind, Image(kind, {}, []))
            image.acts.setdefault(found.cue.value, Evidence(found.at, found.end))
            image.named.append(Evidence(at, end))
            image.others = image.others or bool(_theirs(note, at, end))
    return images


def _theirs(note: Note, at: int, end: int) -> bool:
    low, high = note.sentence_at(at)
    return "others" in note.states_at(at, end) or bool(note.within("handed_over", low, high))


def _meant(note: Note, found: Found) -> Iterator[tuple[str, int, int]]:
    """The images that words such as "a signed report" are about: those of the sentence, else of the one before."""
    everything = note.within("all_images", *note.sentence_at(found.at))
    for before in [ALL_BACK] if everything else range(BACK + 1):
        low, high = note.sentence_at(found.at, before)
        hits = list(_mentions(note, low, high))
        if hits:
            live = [hit for hit in hits if _alive(note, found, hit)]
            if before and not everything:  # the nearest sentence that names one
                last = max(note.sentence[at] for _, at, _ in hits)
                live = [hit for hit in live if note.sentence[hit[1]] == last]
            yield from live
            return


def _mentions(note: Note, low: int, high: int) -> Iterator[tuple[str, int, int]]:
    seen: set[int] = set()
    for at, end in note.within("not_face", low, high):
        seen.update(range(at, end))
    for kind in IMAGES:
        for at, end in note.within(kind, low, high):
            if seen.isdisjoint(range(at, end)):
                seen.update(range(at, end))
                yield kind, at, end


def _alive(note: Note, found: Found, hit: tuple[str, int, int]) -> bool:
    states = set(note.states_at(hit[1], hit[2]))
    if states & DEAD:
        return False
    if found.cue.value == "captured" and note.clause[hit[1]] != note.clause[found.at]:
        if note.within("looked_at", *note.clause_at(hit[1])):
            return False
    return found.cue.value in ("others_report", "own_report", "no_report") or not states & (OLD | {"others"})


def component_of(image: Image) -> tuple[str, Evidence] | None:
    """Which part of an image the practice did, with the words for it; None where it stays open."""
    acts = image.acts
    if "failed" in acts:
        return None
    if "captured" in acts:
        if "own_report" not in acts and (away := acts.get("sent_out") or acts.get("others_report")):
            return "capture_only", away
        if "own_report" in acts and not {"sent_out", "others_report"} & set(acts):
            return "capture_and_read", acts["own_report"]
        return None
    if "sent_out" in acts and not image.others and "own_report" not in acts:
        return "capture_only", acts["sent_out"]
    if "own_report" in acts and "others_report" not in acts and image.others:
        return "read_only", acts["own_report"]
    if "others_report" in acts and "own_report" not in acts:
        return "neither", acts["others_report"]
    return None
