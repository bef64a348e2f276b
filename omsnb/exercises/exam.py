"""Puts exercises together: balanced over chapters and kinds, the same for one seed, none twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from omsnb.exercises.kinds import KINDS, all_tables
from omsnb.exercises.outcomes import CHAPTERS, borrowed, outcomes
from omsnb.exercises.questions import Exercise
from omsnb.records import Table

MOST = 200
DRAWS = 60
"""Draws without a new exercise after which a chapter counts as used up."""

HOME = {
    "error": ("VII",), "year": ("IX",), "date": ("VI",), "units": ("I",), "which": ("I", "VI"), "pair": ("VII",),
    "denial": ("VIII",), "appeal": ("VIII",), "table": ("IX",),
}  # fmt: skip
"""Kinds that belong to one chapter alone."""


def make_exam(
    seed: int,
    count: int,
    chapters: Sequence[str] = CHAPTERS,
    kinds: Sequence[str] = (),
    names: Sequence[str] = (),
) -> tuple[Exercise, ...]:
    """A set of different exercises.

    ``seed``: a whole number; the same one gives the same exam. ``count``: 1 to 200. ``chapters``: of ``CHAPTERS``.
    ``kinds``: of ``KINDS``; none means all. ``names``: tables to ask about, whatever their chapter; none means all of
    the chapters. Raises ``ValueError`` naming what is allowed, or how many different exercises there are.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"questions: {count} is not allowed; allowed: 1 to {MOST}")
    for given, allowed, what in ((chapters, CHAPTERS, "chapter"), (kinds, tuple(KINDS), "kind")):
        for entry in given:
            if entry not in allowed:
                raise ValueError(f"{what}: {entry!r} is not known; allowed: {', '.join(allowed)}")
    known = {table.name: table for table in all_tables()}
    for name in names:
        if name not in known:
            raise ValueError(f"table: {name!r} is not known; allowed: {', '.join(known)}")
    places = _places(chapters, kinds or tuple(KINDS), [known[name] for name in names])
    found = _draw(seed, count, places)
    if len(found) < count:
        raise ValueError(f"questions: {count} is too many here; there are {len(found)} different ones")
    return found


def make_bank(seed: int, most: int) -> tuple[Exercise, ...]:
    """Different exercises of each chapter in turn: ``most`` of it, or as many as were found."""
    return tuple(
        entry for chapter in CHAPTERS for entry in _draw(seed, most, _places((chapter,), tuple(KINDS), ()))
    )


def _draw(seed: int, count: int, places: list[tuple[str, Sequence[Table], str]]) -> tuple[Exercise, ...]:
    """Up to ``count`` different exercises, from the places in turn; a place that yields nothing new is left."""
    random = Random(f"omsnb {seed}")
    random.shuffle(places)
    found: dict[tuple[object, ...], Exercise] = {}
    turn = 0
    while places and len(found) < count:
        kind, pool, chapter = places[turn % len(places)]
        for _ in range(DRAWS):
            made = KINDS[kind][1](random, pool)
            if made and made.key not in found:
                found[made.key] = replace(made, chapter=chapter or made.chapter)
                turn += 1
                break
        else:
            places.pop(turn % len(places))
    return tuple(found.values())


def _places(
    chapters: Sequence[str], kinds: Sequence[str], named: Sequence[Table]
) -> list[tuple[str, Sequence[Table], str]]:
    """What may be drawn: a kind, the tables it draws from, and the chapter that asks; empty for the table's own."""
    if named:
        return [(kind, named, "") for kind in kinds]
    places: list[tuple[str, Sequence[Table], str]] = []
    for chapter in chapters:
        pool = [table for table in all_tables() if table.chapter == chapter]
        for kind in kinds:
            if chapter in HOME.get(kind, (chapter,) if pool else ()):
                places.append((kind, pool or all_tables(), ""))
        asked = {kind for entry in outcomes().values() if entry.chapter == chapter for kind in entry.kinds}
        lent = [table for table in all_tables() if table.name in borrowed(chapter)]
        places += [(kind, lent, chapter) for kind in kinds if lent and kind in asked and kind not in HOME]
    return places
