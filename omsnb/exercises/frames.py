"""Sentences for vignettes (``data/exercises/frames.csv``): what is told is data, what follows from it is decided."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from random import Random
from types import MappingProxyType

from omsnb.claim_tables import payers
from omsnb.lookups import modifiers
from omsnb.network import requirements
from omsnb.reading import read_lines
from omsnb.records import DAY, Table
from omsnb.tables import facts, tables

KINDS_OF_FRAME = ("story", "circumstance", "would", "right", "payer", "denial", "note", "opening", "loose")
BESIDE_MODIFIERS = ("part", "minor", "none")
"""Circumstances of a visit or a procedure that no modifier speaks of."""

NUMBER = "{n}"


@cache
def frames() -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The sentences by kind and key, in the order of the file.

    ``story``: the key is ``fact=value``, or a fact counted in numbers, whose sentence holds ``{n}``. A fact without a
    sentence is no error: no vignette tells it, and ``untold`` names it. Raises ``DataError`` for a key that is not
    known and for a sentence that stands twice.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for line in read_lines("exercises/frames.csv", ("kind", "key", "text")):
        kind = line.one_of("kind", *KINDS_OF_FRAME)
        key = line.one_of("key", *_keys(kind))
        text = line.wanted("text")
        if (NUMBER in text) != (kind == "story" and "=" not in key):
            raise line.error("text", f"{NUMBER} stands in the sentence of a number, and in no other")
        texts = found.setdefault((kind, key), [])
        if text in texts:
            raise line.error("text", "the sentence stands twice")
        texts.append(text)
    return MappingProxyType({key: tuple(texts) for key, texts in found.items()})


def _keys(kind: str) -> list[str]:
    if kind == "story":
        return [
            key
            for fact in facts().values()
            if fact.name != DAY
            for key in ([f"{fact.name}={value}" for value in fact.values] or [fact.name])
        ]
    if kind in ("circumstance", "would", "right"):
        return [*modifiers(), *BESIDE_MODIFIERS]
    return {
        "opening": list(tables()),
        "loose": list(modifiers()),
        "payer": list(payers()),
        "denial": ["next", "meaning"],
        "note": ["ask"],
    }[kind]


def untold(table: Table) -> tuple[str, ...]:
    """Answers (``fact=value``) that bear on a table and have no sentence; no vignette is made of such a table."""
    return _untold(table.name)


@cache
def _untold(name: str) -> tuple[str, ...]:
    wanted = {fact for fact in requirements(tables()[name]) if fact != DAY}
    told = frames()
    return tuple(
        key for key in _keys("story") if key.partition("=")[0] in wanted and ("story", key) not in told
    )


def sentence(fact: str, value: str) -> str:
    """A fact told as a sentence. Raises ``KeyError`` for one that the data does not know."""
    told = frames().get(("story", f"{fact}={value}"))
    return told[0] if told else frames()["story", fact][0].replace(NUMBER, value)


def story(given: Mapping[str, str], first: Collection[str] = ()) -> str:
    """Facts told as a short story, in the order of the vocabulary: who pays and where comes first.

    ``first``: facts that come before all others.
    """
    names = sorted((name for name in facts() if name in given), key=lambda name: name not in first)
    return " ".join(sentence(name, given[name]) for name in names)


def one_of(random: Random, kind: str, key: str) -> str:
    """One of the sentences of a kind for a key. Raises ``KeyError`` where there is none."""
    return random.choice(frames()[kind, key])
