"""A misspelled word is read as the cue's word that it is one letter away from: long words only, and only slips.

A slip is a letter left out, a letter too many, two letters that changed places, or one vowel for another. The first
letter and the last two must be right, so that an ending never turns a plan into a deed. A word that cues know, or that
begins like one of their stems, is never changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

SHORTEST = 7
"""Letters of the shortest word that is looked for; a shorter one is too near to others."""

VOWELS = frozenset("aeiouy")
_KNOWN_AT_MOST = 8_192


class Speller:
    """Reads slips of some words. ``words``: as they should be; ``stems``: beginnings that are right as they are."""

    def __init__(self, words: Iterable[str], stems: Iterable[str]) -> None:
        self._right = frozenset(words)
        self._stems = tuple(stems)
        self._slips: dict[str, str] = {}
        self._known: dict[str, str] = {}
        for word in sorted(self._right):
            if len(word) >= SHORTEST and word.isascii() and word.isalpha():
                for slip in _slips(word):
                    # a slip of two different words stays as it stands
                    self._slips[slip] = "" if self._slips.get(slip, word) != word else word

    def read(self, word: str) -> str:
        """The word that is meant, or the word itself where none is."""
        if len(word) < SHORTEST - 1 or word in self._right:
            return word
        known = self._known.get(word)
        if known is None:
            known = word if word.startswith(self._stems) else self._slips.get(word) or word
            if len(self._known) > _KNOWN_AT_MOST:
                self._known.clear()
            self._known[word] = known
        return known


def _slips(word: str) -> Iterator[str]:
    last = len(word) - 2
    for at in range(1, last):
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at] + word[at:]
        if at + 1 < last:
            yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if word[at] in VOWELS:
            for vowel in sorted(VOWELS - {word[at]}):
                yield word[:at] + vowel + word[at + 1 :]
