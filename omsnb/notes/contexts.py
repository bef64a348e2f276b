"""Who, when and whether: which words of a sentence are denied, planned, past, conditional, or somebody else's.

The method is ConText (Harkema, Dowling, Thornblade and Chapman, Journal of Biomedical Informatics 42, 2009), which grew
out of NegEx (2001): a trigger sets a state on the words after it, before it, or both, up to a word that ends its reach,
or so many words on. Triggers and their reach are rows of ``data/cues/triggers.csv``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from omsnb.notes.dates import dates_in
from omsnb.notes.patterns import Matcher
from omsnb.notes.sections import Stretch
from omsnb.notes.tables import Trigger
from omsnb.notes.words import UNTICKED, Word

_AIMS = frozenset("operation surgery or procedure ship ships shipped delivery deliver".split())
"""A later day near one of these says what a thing is for, not when it is done."""

_NEAR = 4
"""So many words before a later day such a word is looked for."""

_LEADER = re.compile(r"\.{3}")

States = list[dict[str, str]]
"""For each word of a note its states, each with the words that set it."""


def set_states(
    text: str,
    words: Sequence[Word],
    sentences: Sequence[tuple[int, int]],
    clauses: Sequence[int],
    triggers: Sequence[Trigger],
    matcher: Matcher,
    ends: Matcher,
    day: date | None,
    stretches: Iterable[Stretch],
) -> States:
    """Sets the states of every word.

    ``clauses``: for each word the number of the first word of its clause. ``ends``: words that end a trigger's reach.
    ``day``: the note's; another date makes its clause one of another day. ``stretches``: parts of the text whose state
    a heading or an entry's date sets.
    """
    states: States = [{} for _ in words]
    for start, stop in sentences:
        _boxes(states, words, start, stop)
        ending = {at for _, at, _ in ends.found(words, start, stop)}
        longest: dict[int, int] = {}
        for number, at, end in sorted(
            matcher.found(words, start, stop), key=lambda found: found[1] - found[2]
        ):
            for place in range(at, end):
                longest[place] = max(longest.get(place, 0), end - at)
            if all(longest[place] > end - at for place in range(at, end)):
                continue  # a longer trigger holds these words already
            if "unticked" in states[at]:
                continue  # what an empty box offers says nothing of the other boxes
            _reach(states, words, clauses, triggers[number], at, end, start, stop, ending)
    _dates(text, words, clauses, states, day)
    _fill(words, states, stretches)
    return states


def _reach(
    states: States, words: Sequence[Word], clauses: Sequence[int], trigger: Trigger,
    at: int, end: int, start: int, stop: int, ending: set[int],
) -> None:  # fmt: skip
    if trigger.state == "none":
        return
    said = " ".join(word.text for word in words[at:end])
    if trigger.clause:
        low, high = clauses[at], end
        while high < stop and clauses[high] == clauses[end - 1]:
            high += 1
    else:
        low, high = start, stop
    span: set[int] = set(range(at, end))
    if trigger.direction in ("after", "both"):
        for place in range(end, min(high, end + trigger.reach)):
            if place in ending:
                break
            span.add(place)
    if trigger.direction in ("before", "both"):
        for place in range(at - 1, max(low, at - trigger.reach) - 1, -1):
            if place in ending:
                break
            span.add(place)
    for place in span:
        states[place].setdefault(trigger.state, said)


def _boxes(states: States, words: Sequence[Word], start: int, stop: int) -> None:
    """What stands after an empty box, up to the next box, is not asserted."""
    at = start
    while at < stop:
        if words[at].text != UNTICKED:
            at += 1
            continue
        if _LEADER.search(words[at].before):  # a field and its box: the box speaks of what stands before it
            place = at - 1
            while place >= start and words[place].text not in ("[x]", UNTICKED):
                states[place].setdefault("unticked", "an empty box")
                place -= 1
        at += 1
        while at < stop and words[at].text not in ("[x]", UNTICKED) and "\n" not in words[at].before:
            states[at].setdefault("unticked", "an empty box")
            at += 1


def _dates(
    text: str, words: Sequence[Word], clauses: Sequence[int], states: States, day: date | None
) -> None:
    """Another date than the note's belongs to its clause, and in brackets to the clause before."""
    if day is None:
        return
    at = 0
    for dated in dates_in(text, day):
        if dated.day == day:
            continue
        while at < len(words) and words[at].end <= dated.start:
            at += 1
        if at == len(words):
            return
        first = clauses[at]
        if first and "(" in words[first].before:
            first = clauses[first - 1]
        if dated.day > day and not _AIMS.isdisjoint(
            word.text for word in words[max(clauses[at], at - _NEAR) : at]
        ):
            continue
        state = "past_day" if dated.day < day else "later_day"
        place = first
        while place < len(words) and (clauses[place] in (first, clauses[at])):
            states[place].setdefault(state, dated.day.isoformat())
            place += 1


def _fill(words: Sequence[Word], states: States, stretches: Iterable[Stretch]) -> None:
    at = 0
    for stretch in sorted(stretches, key=lambda one: one.start):
        while at and words[min(at, len(words) - 1)].start > stretch.start:
            at -= 1
        while at < len(words) and words[at].start < stretch.start:
            at += 1
        place = at
        while place < len(words) and words[place].start < stretch.end:
            states[place].setdefault(stretch.state, stretch.note)
            place += 1


def states_of(states: States, at: int, end: int) -> Mapping[str, str]:
    """The states of some words together."""
    found: dict[str, str] = {}
    for place in range(at, end):
        for state, said in states[place].items():
            found.setdefault(state, said)
    return found
