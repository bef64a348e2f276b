"""What of the desk stands on the screen, as plain data, and the words by which the page asks for a change.

The page's script (``book/_static/desk.js``) shows the data and sends the words; it decides nothing. The same holds in
the book, where Python runs in the page, and in Voilà.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any

from omsnb.calculators.desk import KINDS, MOST_BYTES, MOST_LINES, SUFFIX, ClaimDesk
from omsnb.calculators.desk_case import CaseOnDesk, told
from omsnb.calculators.desk_cells import many
from omsnb.calculators.desk_mapping import ColumnQuestion, mapping_of
from omsnb.calculators.desk_paper import printed
from omsnb.claim_files import template_bytes
from omsnb.claim_tables import ClaimField, areas, claim_fields, forms, payers, places
from omsnb.claims import Reading
from omsnb.edit_rules import STATUSES
from omsnb.edition import edition
from omsnb.edits import Finding
from omsnb.mending import step_words
from omsnb.tables import cases, facts, guidance, sources

PAGE = 25
"""Lines on the screen at once."""
FINDINGS = 20
"""Findings on the screen at once."""
SAID_MOST = 20
WORDS = (
    "claim",
    "patient",
    "payer",
    "place",
    "diagnoses",
    "date",
    "code",
    "modifiers",
    "units",
    "pointers",
    "charge",
)
"""Columns that are always on the screen; another one is if a line fills it, or the reader asks for all."""


class DeskPage:
    """The desk with what the reader looks at. ``do`` changes it, ``state`` tells it."""

    def __init__(self, model: ClaimDesk) -> None:
        self.model = model
        self.first = self.offset = self.hand = 0
        self.status, self.every = "", False
        self.question: ColumnQuestion | None = None
        self.case: CaseOnDesk | None = None
        self._parts: list[str] = []
        self._once: dict[str, Any] = {}

    # What the page asks for.

    def do(self, word: Mapping[str, Any]) -> None:
        """Carries one word of the page out. What cannot be done is said and changes nothing; it raises nothing."""
        actions: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "load": self._load, "part": self._part, "enter": self._enter, "paste": self._paste, "add": self._add,
            "remove": self._remove, "mend": self._mend, "show": self._show, "map": self._map, "case": self._case,
            "export": self._export, "print": self._print, "template": self._template,
            "undo": lambda word: self.model.undo(), "redo": lambda word: self.model.redo(),
            "clear": lambda word: self.model.clear(),
        }  # fmt: skip
        try:
            action = actions.get(str(word.get("do")))
            if action is None:
                raise ValueError(f"The desk does not know {word.get('do')!r}.")
            action(word)
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            self.model._say(f"{problem} Nothing was changed.")
        except Exception as problem:  # whatever a strange file brings about, the lines on the desk stay
            self.model._say(f"This could not be done ({type(problem).__name__}). Nothing was changed.")

    def _load(self, word: Mapping[str, Any]) -> None:
        self.take(str(word["text"]).encode("utf-8", "surrogatepass"), str(word.get("name", "")))

    def _part(self, word: Mapping[str, Any]) -> None:
        """A piece of a file in base64; the last one has it read."""
        if word.get("first"):
            self._parts = []
        if sum(map(len, self._parts)) > 2 * MOST_BYTES:
            raise ValueError("The file is too large.")
        self._parts.append(str(word["data"]))
        if word.get("last"):
            content = b64decode("".join(self._parts))
            self._parts = []
            self.take(content, str(word.get("name", "")))

    def take(self, content: bytes, name: str) -> None:
        """Reads text or a file; where its columns do not tell, the question about them is put."""
        self.first = self.offset = self.hand = 0
        done = self.model.load(content, name)
        refused = not done or self.model.source.refused or self.model.source.faults
        self.question = mapping_of(content, name) if refused and content.strip() else None

    def _map(self, word: Mapping[str, Any]) -> None:
        if word.get("close") or self.question is None:
            self.question = None
            return
        self.question.answer(dict(word["fields"]), dict(word["fixed"]), str(word["dates"]))
        if word.get("read"):
            asked = self.question
            if self.model.load(asked.content, asked.name, asked.options()):
                self.question = None
                self.first = self.offset = self.hand = 0
        else:
            self.model._say("Looked at with these columns; the lines on the desk are unchanged.")

    def _enter(self, word: Mapping[str, Any]) -> None:
        if not self.model.rows:
            self.model.add(-1)
        self.model.enter(int(word["row"]), str(word["column"]), str(word["text"]))

    def _paste(self, word: Mapping[str, Any]) -> None:
        text, columns = str(word["text"]), [str(name) for name in word["columns"]]
        self.model.paste(int(word["row"]), str(word["column"]), text, columns)

    def _add(self, word: Mapping[str, Any]) -> None:
        at = self.model.add(int(word["row"]), copy=bool(word.get("copy")))
        self._look(at, "code" if not word.get("column") else str(word["column"]))

    def _remove(self, word: Mapping[str, Any]) -> None:
        row = int(word["row"])
        self.model.remove(row)
        if self.model.rows:
            self._look(min(row, len(self.model.rows) - 1), str(word.get("column") or "code"))

    def _mend(self, word: Mapping[str, Any]) -> None:
        """Carries out the remedy of a finding, known by its key: the one on the screen may have gone meanwhile."""
        for finding in self.model.findings:
            if _key(finding) == word["key"]:
                return self.model.mend(finding)
        raise ValueError("That finding is no longer there.")

    def _show(self, word: Mapping[str, Any]) -> None:
        """Looks elsewhere: at a row, at findings of a weight, at the next ones, at all columns."""
        if "row" in word:
            self._look(int(word["row"]), str(word.get("column") or "code"), bool(word.get("focus")))
        if "status" in word:
            self.status, self.offset = str(word["status"]) if word["status"] in STATUSES else "", 0
        if "offset" in word:
            self.offset = max(0, int(word["offset"]))
        if "first" in word:
            self.first = max(0, int(word["first"]))
        if "every" in word:
            self.every = bool(word["every"])

    def _look(self, row: int, column: str, focus: bool = True) -> None:
        row = max(0, min(row, len(self.model.rows) - 1))
        self.hand, self.first = row, row - row % PAGE
        if focus:
            self._once["focus"] = {"row": row, "column": column}

    def _case(self, word: Mapping[str, Any]) -> None:
        """Asks what a case leaves open; ``write`` puts the lines on the desk that its facts and the answers settle."""
        given = {str(fact): str(text) for fact, text in dict(word.get("answers") or {}).items()}
        case = CaseOnDesk(str(word["case"]), str(word["payer"]), str(word["date"]), str(word["place"]), given)
        built = case.built()
        lines = sum(len(claim.lines) for claim in built.claims)
        if not word.get("write"):
            self.case = case
            self.model._say(
                f"Case {case.title}: {many(lines, 'line')} so far; {many(len(built.open), 'service')} still open."
            )
            return
        if not lines:
            raise ValueError("No line of the case stands yet; answer its questions.")
        self.first = self.offset = self.hand = 0
        self.case = None
        said = f"Case {case.title}: {many(lines, 'line')}; {many(len(built.open), 'service')} still open."
        self.model.take(Reading(built.claims, (), lines, notes=told(built)), said, case.title)

    def _export(self, word: Mapping[str, Any]) -> None:
        kind = str(word["kind"])
        if kind not in KINDS:
            raise ValueError(f"kind: {kind!r} is not allowed; allowed: {', '.join(KINDS)}")
        if not self.model.reading.lines:
            raise ValueError("There is no line that can be written yet.")
        left = self.model.reading.refused + self.model.source.refused
        beside = f" {many(left, 'row')} that cannot be read: not in it." if left else ""
        name = f"claims.{SUFFIX[kind]}"
        self._save(
            name, self.model.export(kind), f"{name}: {many(self.model.reading.lines, 'line')}.{beside}"
        )

    def _template(self, word: Mapping[str, Any]) -> None:
        self._save("lines.csv", template_bytes("csv"), "lines.csv: every column and an example row.")

    def _save(self, name: str, content: bytes, said: str) -> None:
        self._once["file"] = {"name": name, "data": b64encode(content).decode()}
        self.model._say(said)

    def _print(self, word: Mapping[str, Any]) -> None:
        self._once["print"] = printed(self.model, str(word.get("day", "")))
        self.model._say("The sheet is ready to be printed.")

    # What the page shows.

    def state(self) -> dict[str, Any]:
        """All that is on the screen; what is to happen once (a file, a focus, a print) is told once."""
        model = self.model
        self.first = min(self.first, max(0, len(model.rows) - 1)) // PAGE * PAGE
        self.hand = max(0, min(self.hand, len(model.rows) - 1))
        once, self._once = self._once, {}
        claim = model.claim_of(self.hand)
        return {
            "said": on_desk(model.said),
            "total": len(model.rows),
            "first": self.first,
            "page": PAGE,
            "hand": self.hand,
            "every": self.every,
            "shown": self._columns(),
            "rows": self._rows(),
            "summary": self._summary(),
            "findings": self._findings(),
            "undo": model.steps[0],
            "redo": model.steps[1],
            "claim": claim.claim if claim else "",
            "preview": model.preview(self.hand) if model.rows else "",
            "letters": [{"title": title, "text": text} for title, text in model.letters(self.hand)],
            "question": _plain(self.question.state()) if self.question else None,
            "case": self.case.state() if self.case else None,
            **once,
        }

    def _columns(self) -> list[str]:
        rows = self.model.rows
        return [
            name for name in claim_fields()
            if self.every or name in WORDS or (name != "line" and any(row[name] for row in rows))
        ]  # fmt: skip

    def _rows(self) -> list[dict[str, Any]]:
        model, worst = self.model, self._worst()
        bad: dict[int, dict[str, str]] = {}
        for fault in model.faults:
            bad.setdefault(fault.row, {})[fault.column] = fault.message
        return [
            {
                "cells": row,
                "bad": bad.get(place + 1, {}),
                "worst": worst.get((row["claim"], row["line"]), ""),
            }
            for place, row in enumerate(model.rows[self.first : self.first + PAGE], self.first)
        ]

    def _worst(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for finding in self.model.findings:
            for claim, line in finding.lines:
                found.setdefault((claim, str(line)), finding.status)
        return found

    def _summary(self) -> dict[str, Any]:
        model = self.model
        refused = model.source.refused + model.reading.refused
        said = [*map(str, model.source.faults), *(f"on the desk, {fault}" for fault in model.faults)]
        return {
            "lines": model.reading.lines,
            "refused": refused,
            "worst": model.worst,
            "counts": {
                status: sum(finding.status == status for finding in model.findings) for status in STATUSES
            },
            "faults": list(map(on_desk, said[:SAID_MOST])),
            "more": max(0, len(said) - SAID_MOST),
            "notes": list(map(on_desk, model.source.notes[:SAID_MOST])),
        }

    def _findings(self) -> dict[str, Any]:
        every = [one for one in self.model.findings if not self.status or one.status == self.status]
        if self.offset >= len(every):
            self.offset = 0
        places_of = {(row["claim"], row["line"]): place for place, row in enumerate(self.model.rows)}
        return {
            "total": len(every),
            "offset": self.offset,
            "status": self.status,
            "list": [self._told(one, places_of) for one in every[self.offset : self.offset + FINDINGS]],
        }

    def _told(self, finding: Finding, places_of: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        step = self.model.step_of(finding)
        return {
            "key": _key(finding),
            "rule": finding.rule,
            "status": finding.status,
            "because": finding.because,
            "remedy": finding.remedy,
            "step": step_words(step, finding.lines[-1]) if step else "",
            "lines": [
                {"claim": claim, "line": line, "row": places_of.get((claim, str(line)), -1)}
                for claim, line in finding.lines
            ],
            "guidance": list(finding.guidance),
            "sources": cited_data(finding),
        }


def cited_data(finding: Finding) -> list[dict[str, Any]]:
    """What stands behind a finding: each source with title, section and addresses, and what current rules overrule."""
    cited = dict.fromkeys(sources()[guidance()[id].source] for id in finding.guidance)
    told = [
        {
            "title": f"{one.title}, {one.section}" if one.section else one.title,
            "address": list(one.address),
        }
        for one in cited
    ]
    return told + [{"title": said, "address": []} for said in finding.overruled]


OPTION = re.compile(
    r"; (?:say|name it|give it|give)\b[^;]*--(?:map|sheet|payer)\b"
    r"(?: which(?: is which| one is read)?| what it is)?[^.;]*"
)


def on_desk(text: str) -> str:
    """A sentence without the advice that is for the command line: on the desk the question stands below."""
    return OPTION.sub("", text)


def _plain(asked: dict[str, Any]) -> dict[str, Any]:
    return {**asked, **{name: list(map(on_desk, asked[name])) for name in ("asked", "said")}}


def _key(finding: Finding) -> str:
    return f"{finding.rule} {finding.lines}"


def fixed_data(links: str, served: bool) -> dict[str, Any]:
    """What never changes while the desk stands: its columns, the weights, the cases, where the lines go."""
    return {
        "links": links,
        "served": served,
        "day": edition().day,
        "limits": {"lines": MOST_LINES, "bytes": MOST_BYTES},
        "statuses": list(STATUSES),
        "kinds": list(KINDS),
        "columns": [_column(column) for column in claim_fields().values()],
        "cases": [[name, case.title] for name, case in cases().items()],
        "payers": [[name, payer.label] for name, payer in payers().items()],
        "places": [[name, place.label] for name, place in places().items()],
    }


def _column(column: ClaimField) -> dict[str, Any]:
    choices: list[list[str]] = []
    if column.kind == "choice":
        choices = [[value, _label(column, value)] for value in column.choices]
    return {
        "name": column.name, "label": column.label, "help": column.help, "wanted": column.wanted, "of": column.of,
        "kind": column.kind, "example": column.example, "choices": choices,
    }  # fmt: skip


def _label(column: ClaimField, value: str) -> str:
    if column.allowed.startswith("fact:"):
        return facts()[column.allowed.removeprefix("fact:")].label(value)
    named: dict[str, Mapping[str, Any]] = {
        "payers": payers(),
        "forms": forms(),
        "places": places(),
        "areas": areas(),
    }
    entry = named.get(column.allowed, {}).get(value, value)
    return entry if isinstance(entry, str) else str(entry.label)
