"""Patterns of words, and where they fit. They know no repetition without bound, so time grows with the text alone.

A pattern is a few elements with spaces between: ``word``; ``word*`` for any ending; ``a/b`` either; ``<class>`` a
phrase of ``data/cues/classes.csv``; ``#`` a whole number; ``~3`` up to three words of any kind; ``?word`` a word that
may be missing. A pattern fits within one sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from omsnb.notes.words import Word

WIDEST = 12
"""The most words that ``~`` may leap over."""

Phrases = Mapping[str, "Matcher"]


@dataclass(frozen=True, slots=True)
class Element:
    """One element of a pattern. ``words`` fit as they are, ``stems`` as a beginning; ``leap`` is the reach of ``~``."""

    words: frozenset[str]
    stems: tuple[str, ...]
    number: bool
    leap: int
    optional: bool
    phrases: Matcher | None

    def ends(self, words: Sequence[Word], at: int, stop: int) -> Iterator[int]:
        """Where the element may end if it begins at a word."""
        if self.leap:
            yield from range(at, min(at + self.leap, stop) + 1)
            return
        if self.optional:
            yield at
        if at >= stop:
            return
        word = words[at]
        fits = word.text in self.words or (self.number and word.number)
        if fits or (self.stems and word.text.startswith(self.stems)):
            yield at + 1
        elif self.phrases:
            yield from self.phrases.ends(words, at, stop)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern that has been read."""

    text: str
    elements: tuple[Element, ...]

    def end(self, words: Sequence[Word], at: int, stop: int) -> int:
        """The nearest end of the pattern if it begins at a word, or -1; a last word that may be missing is taken."""
        places = {at}
        for element in self.elements:
            places = {end for place in places for end in element.ends(words, place, stop)}
            if not places:
                return -1
        return max(places) if self.elements[-1].optional else min(places)


class Matcher:
    """Many patterns, found by their first word."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._words: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._any: list[int] = []
        self._known: dict[str, tuple[int, ...]] = {}
        self.patterns = tuple(patterns)
        for number, pattern in enumerate(self.patterns):
            self._file(number, pattern)
        self._lengths = sorted({len(stem) for stem in self._stems})

    def _file(self, number: int, pattern: Pattern) -> None:
        first = pattern.elements[0]
        if first.number or first.optional or first.leap:
            self._any.append(number)
            return
        for word in first.words:
            self._words.setdefault(word, []).append(number)
        for stem in first.stems:
            self._stems.setdefault(stem, []).append(number)
        if first.phrases:
            for word, known in first.phrases._words.items():
                if known:
                    self._words.setdefault(word, []).append(number)
            for stem in first.phrases._stems:
                self._stems.setdefault(stem, []).append(number)

    def candidates(self, word: str) -> tuple[int, ...]:
        """Numbers of the patterns that may begin with a word."""
        if word not in self._known:
            found = [*self._any, *self._words.get(word, ())]
            for length in self._lengths:
                if length <= len(word):
                    found += self._stems.get(word[:length], ())
            if len(self._known) > 8_192:
                self._known.clear()
            self._known[word] = tuple(sorted(set(found)))
        return self._known[word]

    def ends(self, words: Sequence[Word], at: int, stop: int) -> Iterator[int]:
        """Where any of the patterns may end if it begins at a word."""
        for number in self.candidates(words[at].text):
            end = self.patterns[number].end(words, at, stop)
            if end > at:
                yield end

    def found(self, words: Sequence[Word], start: int, stop: int) -> Iterator[tuple[int, int, int]]:
        """Every place within a sentence where a pattern fits: its number, first word and end."""
        for at in range(start, stop):
            for number in self.candidates(words[at].text):
                end = self.patterns[number].end(words, at, stop)
                if end > at:
                    yield number, at, end


def read_pattern(text: str, classes: Phrases) -> Pattern:
    """Reads a pattern. Raises ``ValueError`` that names the element at fault."""
    elements = tuple(_element(part, classes) for part in text.split())
    if not elements or all(element.leap or element.optional for element in elements):
        raise ValueError(f"{text!r} holds no word that must stand there")
    if elements[0].leap or elements[0].optional or elements[-1].leap:
        raise ValueError(f"{text!r} begins with what may be missing, or ends with a leap")
    return Pattern(text, elements)


def _element(part: str, classes: Phrases) -> Element:
    optional = part.startswith("?") and len(part) > 1
    body = part[1:] if optional else part
    if body.startswith("~"):
        reach = body[1:]
        if not (reach.isascii() and reach.isdigit() and 0 < int(reach) <= WIDEST):
            raise ValueError(f"{part!r} must be ~ and a number from 1 to {WIDEST}")
        return Element(frozenset(), (), False, int(reach), False, None)
    if body.startswith("<"):
        name = body[1:-1]
        if not body.endswith(">") or name not in classes:
            raise ValueError(f"{part!r} names no class; allowed: {', '.join(classes) or 'none before it'}")
        return Element(frozenset(), (), False, 0, optional, classes[name])
    if body == "#":
        return Element(frozenset(), (), True, 0, optional, None)
    choices = [body] if body in ("[x]", "[]") else body.split("/")
    if not all(choice.rstrip("*") and choice == choice.lower() for choice in choices):
        raise ValueError(f"{part!r} must be words in small letters")
    whole = frozenset(choice for choice in choices if not choice.endswith("*"))
    stems = tuple(choice[:-1] for choice in choices if choice.endswith("*"))
    return Element(whole, stems, False, 0, optional, None)
