"""What the columns of a file may be called: the project's names, their labels, and the names that others use.

A name is compared by its words, whatever parts them and however they are shortened (``name-words.csv``). A number at
its end counts columns of one kind (``Mod1`` to ``Mod4``). Standard library alone.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from functools import cache

from omsnb.claim_tables import claim_fields
from omsnb.reading import read_lines

PAYER_NAME, DATE_TO, LINE_DIAGNOSIS, OTHER = "payer_name", "date_to", "line_diagnosis", "other"
ROLES = (PAYER_NAME, DATE_TO, LINE_DIAGNOSIS)
"""Columns that are understood but have no place of their own: a plan's name, the last day, a diagnosis of one line."""

LISTS = ("modifiers", "diagnoses", "pointers")
"""Fields that may be spread over several columns."""

MOST_NUMBER = 25
NAMED_COLUMNS = ("name", "field", "yields")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
WORD = re.compile(r"[a-z]+|[0-9]+")
LEFT_OUT = ("of", "the", "for", "a", "and", "s")
LINE_WORDS = (("line",), ("claim", "line"), ("service", "line"), ("charge", "line"), ("detail",))
_OF_A_LINE = tuple("".join(words) for words in LINE_WORDS)
BOX = re.compile(r"[0-9]{1,2}[a-z]?[.):]?\s+(?=\D)", re.IGNORECASE)
"""The number of a form's box before a name."""

NEAR = 0.86
"""How alike two names are that may be the same with a slip of the pen."""


@cache
def word_meanings() -> Mapping[str, str]:
    """Short forms of the words in names of columns (``name-words.csv``)."""
    found = {}
    for line in read_lines("name-words.csv", ("word", "means"), key=("word",)):
        found[line.wanted("word")] = line.wanted("means")
    return found


def known_form(name: str) -> str:
    """A name by its words alone: ``Svc_Dt``, ``service date`` and ``ServiceDate`` are one."""
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    spaced = CAMEL.sub(" ", name.replace("#", " number ").replace("/", " "))
    parts = [part for part in WORD.findall(spaced.lower()) if part not in LEFT_OUT]
    return [word_meanings().get(part, part) for part in parts]


@cache
def column_names() -> Mapping[str, tuple[str, ...]]:
    """For each known form of a name the fields that it may mean; ``OTHER`` among them where it may be none.

    Of names that mean one field the surer ones stand first.
    """
    allowed = (*claim_fields(), *ROLES, OTHER)
    found: dict[str, tuple[str, ...]] = {}
    for entry in claim_fields().values():
        for name in (entry.name, entry.label):
            found[known_form(name)] = (entry.name,)
    for line in read_lines("column-names.csv", NAMED_COLUMNS, key=("name",)):
        fields = line.items("field", allowed)
        if not fields:
            raise line.error("field", f"is empty; allowed: {', '.join(allowed)}")
        form = known_form(line.wanted("name"))
        if not form:
            raise line.error("name", "holds no letter")
        line.one_of("yields", "", "yes")
        if found.get(form, fields) != fields:
            raise line.error("name", f"{line.text('name')!r} means {' or '.join(found[form])} already")
        found[form] = fields
    return found


@cache
def yielding() -> frozenset[str]:
    """Known forms that give way to another column of the same field: a bare ``Patient`` to ``Patient ID``."""
    lines = read_lines("column-names.csv", NAMED_COLUMNS, key=("name",))
    giving_way = [known_form(line.text("name")) for line in lines if line.one_of("yields", "", "yes")]
    return frozenset([*map(known_form, claim_fields()), *giving_way])


def sureness(name: str) -> tuple[bool, int]:
    """A key by which the surer of two names of one field comes first."""
    form = next((form for form in _forms(name) if form in column_names()), "")
    order = [known for known in column_names() if known not in claim_fields()]
    return form in yielding(), order.index(form) if form in order else len(order)


def meanings(name: str) -> tuple[tuple[str, ...], int]:
    """The fields that a column's name may mean, and its number among several (0: it has none). Empty: not known."""
    if name in claim_fields():
        return (name,), 0
    known = column_names()
    forms = _forms(name)
    found = next(((known[form], 0) for form in forms if form in known), None)
    found = found or next(filter(None, map(_numbered, forms)), None) or _number_within(name)
    if found[0] == ("diagnoses",) and known_form(name).startswith(_OF_A_LINE):
        return (LINE_DIAGNOSIS,), found[1]
    return found


def _forms(name: str) -> list[str]:
    """The form of a name, and that without the number of a form's box, or the words for a line, before it."""
    found = [known_form(name)]
    if box := BOX.match(name):
        found.append(known_form(name[box.end() :]))
    words = _words(name)
    for before in LINE_WORDS:
        if tuple(words[: len(before)]) == before:
            found.append("".join(words[len(before) :]))
    return found


def _numbered(form: str) -> tuple[tuple[str, ...], int] | None:
    known = column_names()
    for place in range(len(form) - 1, 0, -1):
        base, number = form[:place], form[place:]
        if not (number.isascii() and number.isdigit()):
            break
        if base in known and 1 <= int(number) <= MOST_NUMBER:
            return known[base], int(number)
    if form[:1].isdigit() and (found := re.fullmatch(r"([0-9]{1,2})(?:st|nd|rd|th)?(\D+)", form)):
        if found[2] in known and 1 <= int(found[1]) <= MOST_NUMBER:
            return known[found[2]], int(found[1])
    return None


def _number_within(name: str) -> tuple[tuple[str, ...], int]:
    """A number among the words: ``Dx 1 Code``, ``MODIFIER_ONE_CODE``."""
    words = _words(name)
    for place in reversed(range(len(words))):
        if words[place].isdigit() and 1 <= int(words[place]) <= MOST_NUMBER:
            form = "".join(words[:place] + words[place + 1 :])
            if form in column_names():
                return column_names()[form], int(words[place])
    return (), 0


def nearly(name: str) -> str:
    """The field whose name a column's name nearly is, as by a slip of the pen; empty where there is none."""
    form = known_form(name)
    if len(form) < 4:
        return ""
    near = difflib.get_close_matches(
        form.rstrip("0123456789"), [known for known in column_names() if len(known) > 3], 1, NEAR
    )
    fields = column_names()[near[0]] if near else ()
    return fields[0] if len(fields) == 1 and fields[0] in claim_fields() else ""
