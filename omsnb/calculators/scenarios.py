"""Scenarios of the explorer under names, and the one file that keeps them with what is on the screen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from omsnb.calculators.explorer import CaseExplorer
from omsnb.edition import edition

VERSION = 1
"""Of the file's form. A file of an earlier version must open; one of a later version is refused with a sentence."""
MOST, LONGEST, LARGEST = 40, 60, 100_000
"""Scenarios that are kept; characters of a name; characters of a file."""

HEAD = ("case", "variant", "reading")


class Scenarios:
    """The scenarios that a reader has named, name to state (see ``CaseExplorer.state``), in the order of keeping."""

    def __init__(self, model: CaseExplorer) -> None:
        self.model = model
        self.kept: dict[str, str] = {}

    def keep(self, name: str) -> None:
        """Keeps what is on the screen under a name; the same name takes the newer. Raises ``ValueError``."""
        name = _name(name)
        if self.model.worksheet is None:
            raise ValueError("There is no result to keep: mend the entry first.")
        if name not in self.kept and len(self.kept) >= MOST:
            raise ValueError(
                f"{MOST} scenarios are kept, and no more fit; use the name of one to replace it."
            )
        self.kept = {**self.kept, name: self.model.state}

    def open(self, name: str) -> None:
        """Brings a scenario back; what was on the screen can be had again by ``undo``."""
        if name not in self.kept:
            raise ValueError(f"No scenario is kept as {name!r}.")
        self.model.restore(self.kept[name])

    def file(self) -> str:
        """The file: version, edition, what is on the screen, and the scenarios, as JSON."""
        return json.dumps(
            {
                "omsnb_explorer": VERSION,
                "edition": edition().edition,
                **_entry(self.model.state),
                "scenarios": [{"name": name, **_entry(state)} for name, state in self.kept.items()],
            },
            ensure_ascii=False,
            indent=2,
        )

    def open_file(self, text: str) -> None:
        """Opens a file as ``file`` writes it. Raises ``ValueError`` with one sentence, and then changes nothing.

        An answer that this edition does not know is left out and named in the model's ``notice``, which also says
        where the file was saved with another edition.
        """
        if len(text) > LARGEST:
            raise ValueError(f"The file is longer than {LARGEST} characters; it is no file of the explorer.")
        try:
            raw = json.loads(text)
        except (ValueError, RecursionError):
            raise ValueError("The file is no JSON, so it is no file of the explorer.") from None
        if not isinstance(raw, dict) or "omsnb_explorer" not in raw:
            raise ValueError("The file is not one that the explorer saved: it has no omsnb_explorer.")
        version = raw["omsnb_explorer"]
        if type(version) is not int or not 1 <= version <= VERSION:
            raise ValueError(
                f"The file has version {str(version)[:20]!r}; this explorer reads 1 to {VERSION}."
            )
        state = _state(raw, "the file")
        listed = raw.get("scenarios", [])
        if not isinstance(listed, list) or len(listed) > MOST:
            raise ValueError(f"scenarios: allowed is a list of at most {MOST}.")
        kept = {}
        for number, entry in enumerate(listed, start=1):
            if not isinstance(entry, dict):
                raise ValueError(f"scenarios: entry {number} is no scenario.")
            kept[_name(entry.get("name"))] = _state(entry, f"scenario {number}")
        self.kept = kept
        self.model.restore(state)
        saved = str(raw.get("edition", ""))[:20]
        if saved != edition().edition:
            said = (
                f"The file was saved with edition {saved or 'unknown'}; the result is by {edition().edition}."
            )
            self.model.notice = " ".join(filter(None, (said, self.model.notice)))
            self.model.revision += 1


def _name(name: object) -> str:
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not 1 <= len(text) <= LONGEST or not text.isprintable():
        raise ValueError(f"name: give the scenario a name of 1 to {LONGEST} characters.")
    return text


def _entry(state: str) -> dict[str, Any]:
    given = dict(parse_qsl(state, keep_blank_values=True))
    answers = {name: value for name, value in given.items() if name not in HEAD}
    return {**{name: given.get(name, "") for name in HEAD}, "answers": answers}


def _state(entry: Mapping[str, Any], where: str) -> str:
    answers = entry.get("answers", {})
    head = {name: entry.get(name, "") for name in HEAD}
    if not isinstance(answers, dict) or not all(
        isinstance(one, str) for one in (*head.values(), *answers.values())
    ):
        raise ValueError(f"{where}: case, variant, reading and each answer must be text.")
    if not head["case"]:
        raise ValueError(f"{where}: case is missing.")
    return urlencode({**head, **{name: value for name, value in answers.items() if name not in HEAD}})
