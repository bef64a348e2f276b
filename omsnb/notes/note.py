"""A note that has been read: its words, sentences, clauses, states, and where each class of words stands."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from omsnb.notes.contexts import States, set_states, states_of
from omsnb.notes.patterns import Matcher, Pattern
from omsnb.notes.sections import headed, other_days
from omsnb.notes.sentences import clause_starts, sentence_starts
from omsnb.notes.spelling import Speller
from omsnb.notes.tables import classes, cues, headings, triggers
from omsnb.notes.words import Word, words_of

HEAD = 4
"""Sentences at the beginning of a note's own entry that count as its head."""


DENYING = frozenset("no not nothing never without neither none".split())
"""A phrase that holds one of these is said although it is a denial."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note that has been read. ``sentence`` and ``clause`` give for each word the number of the first word of it."""

    text: str
    day: date | None
    words: tuple[Word, ...]
    sentences: tuple[tuple[int, int], ...]
    sentence: tuple[int, ...]
    clause: tuple[int, ...]
    states: States
    hits: Mapping[str, tuple[tuple[int, int], ...]]

    def states_at(self, at: int, end: int) -> Mapping[str, str]:
        """The states of some words."""
        return states_of(self.states, at, end)

    def quote(self, at: int, end: int) -> tuple[str, int]:
        """The exact text of some words, and where it begins."""
        start = self.words[at].start
        return self.text[start : self.words[end - 1].end], start

    def within(self, name: str, low: int, high: int) -> tuple[tuple[int, int], ...]:
        """Where a class of words stands between two words."""
        hits = self.hits.get(name, ())
        return hits[bisect_left(hits, (low, 0)) : bisect_left(hits, (high, 0))]

    def sentence_at(self, at: int, before: int = 0) -> tuple[int, int]:
        """The sentence of a word, together with so many sentences before it of the same paragraph."""
        place = bisect_right(self.sentences, (self.sentence[at], len(self.words) + 1)) - 1
        start, stop = self.sentences[place]
        for one in range(place - 1, max(-1, place - 1 - before), -1):
            if self.words[start].before.count("\n") > 1:
                break
            start = self.sentences[one][0]
        return start, stop

    def clause_at(self, at: int) -> tuple[int, int]:
        """The clause of a word."""
        first, stop = self.clause[at], at + 1
        while stop < len(self.words) and self.clause[stop] == first:
            stop += 1
        return first, stop

    def said_anywhere(self, name: str) -> bool:
        """Whether a class of words is plainly said somewhere: not denied, planned, or of another day."""
        weak = {"asked", "others", "past_day", "later_day", "history", "past", "plan"}
        for at, end in self.hits.get(name, ()):
            denying = any(word.text in DENYING for word in self.words[at:end])
            if set(self.states_at(at, end)) <= (weak | {"denied"} if denying else weak):
                return True
        return False


@cache
def _class_finder() -> tuple[Matcher, tuple[str, ...]]:
    names: list[str] = []
    patterns: list[Pattern] = []
    for name, matcher in classes().items():
        names += [name] * len(matcher.patterns)
        patterns += matcher.patterns
    return Matcher(patterns), tuple(names)


@cache
def _trigger_finder() -> tuple[tuple[int, ...], Matcher, Matcher]:
    setting = [number for number, one in enumerate(triggers()) if one.state != "ends"]
    ending = [one.pattern for one in triggers() if one.state == "ends"]
    return tuple(setting), Matcher(triggers()[number].pattern for number in setting), Matcher(ending)


@cache
def _speller() -> Speller:
    """Reads slips of the words of cues. Endings of stems are not known, so only whole words are corrected."""
    patterns = [cue.pattern for cue in cues()]
    patterns += [pattern for matcher in classes().values() for pattern in matcher.patterns]
    patterns += [one.pattern for one in triggers()]
    elements = [element for pattern in patterns for element in pattern.elements]
    words = {word for element in elements for word in element.words}
    stems = {stem for element in elements for stem in element.stems if len(stem) > 5}
    return Speller(words, sorted(stems))


def _spelled(words: list[Word]) -> Iterator[Word]:
    speller = _speller()
    for word in words:
        meant = speller.read(word.text)
        yield word if meant == word.text else replace(word, text=meant)


@cache
def _heading_finder() -> tuple[Matcher, Mapping[int, tuple[str, str]]]:
    rows = headings()
    return Matcher(row.pattern for row in rows), {n: (row.state, row.reach) for n, row in enumerate(rows)}


def read_note(text: str, day: date | None) -> Note:
    """Reads a note. ``day``: the day that it is for, or None where it is not known. Any text is taken as text alone."""
    words = tuple(_spelled(words_of(text)))
    starts = sentence_starts(text, words)
    sentences = tuple(zip(starts, [*starts[1:], len(words)], strict=True)) if words else ()
    sentence, clause = [], []
    for start, stop in sentences:
        sentence += [start] * (stop - start)
        firsts = clause_starts(words, start, stop)
        for first, after in zip(firsts, [*firsts[1:], stop], strict=True):
            clause += [first] * (after - first)
    setting, matcher, ends = _trigger_finder()
    heads, reaches = _heading_finder()
    stretches = [*other_days(text, day), *headed(text, words, starts, heads, reaches)]
    chosen = [triggers()[number] for number in setting]
    states = set_states(text, words, sentences, clause, chosen, matcher, ends, day, stretches)
    finder, names = _class_finder()
    hits: dict[str, list[tuple[int, int]]] = {}
    for start, stop in sentences:
        for number, at, end in finder.found(words, start, stop):
            hits.setdefault(names[number], []).append((at, end))
    sorted_hits = {name: tuple(sorted(set(found))) for name, found in hits.items()}
    return Note(text, day, words, sentences, tuple(sentence), tuple(clause), states, sorted_hits)
