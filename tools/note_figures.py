"""Measures the note reader on sets of labelled notes, and writes the figures into the page that publishes them.

``python tools/note_figures.py`` writes the tables of the repository's own sets; ``python tools/note_figures.py FOLDER``
writes those of labelled notes that lie elsewhere. A test compares the first with what the reader does today.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omsnb.notes import propose
from omsnb.notes.propose import SEVERAL
from omsnb.tables import facts

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "book" / "reference" / "notes.md"
OWN = ("fresh", "kept", "varied", "last")
HOME = ROOT / "tests" / "notes"
VISIT = "visit"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A note with its labels: each fact with whether it is stated, and what must stay open (no value: any)."""

    text: str
    day: str
    facts: Mapping[Key, bool]
    open: Sequence[tuple[str, str, str]]


def read_set(folder: Path) -> Iterator[Labelled]:
    """The labelled notes of a folder: ``NAME.txt`` with ``NAME.json``. Raises ``ValueError`` where there is none."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ValueError(f"folder: {str(folder)!r} holds no labelled note")
    for file in files:
        label = json.loads(file.read_text(encoding="utf-8"))
        text = file.with_suffix(".txt").read_text(encoding="utf-8")
        if "day" in label:
            given = {(one[0], one[1], one[2]): one[3] == "stated" for one in label["facts"]}
            still = [(one[0], one[1], one[2] or "") for one in label["open"]]
        else:
            given = {
                (one["service"], one["fact"], str(one["value"])): one["basis"] == "stated"
                for one in label["facts"]
                if one["fact"] in facts()
            }
            still = [(one["service"], one["fact"], one.get("value") or "") for one in label["must_stay_open"]]
        yield Labelled(text, label.get("day") or label["today"], given, still)


def measure(notes: Sequence[Labelled]) -> Mapping[str, Counter[str]]:
    """By fact, and for ``all``: how many are labelled, stated, proposed, right, found, false, not judged."""
    found: dict[str, Counter[str]] = {"all": Counter(notes=len(notes))}

    def count(fact: str, what: str) -> None:
        for name in ("all", fact):
            found.setdefault(name, Counter())[what] += 1

    for note in notes:
        proposed = {(one.service, one.fact, one.value) for one in propose(note.text, note.day).proposals}
        offered = {(fact, value) for _, fact, value in proposed}
        known = {(service, fact) for service, fact, _ in note.facts}
        wide = {(fact, value) for service, fact, value in note.facts if service == VISIT}
        for (service, fact, value), stated in note.facts.items():
            count(fact, "labelled")
            if stated:
                count(fact, "stated")
                if (service, fact, value) in proposed or (service == VISIT and (fact, value) in offered):
                    count(fact, "found")
        for service, fact, value in proposed:
            count(fact, "proposed")
            against = (service, fact) in known and fact not in SEVERAL
            tempted = any(one[:2] == (service, fact) and one[2] in ("", value) for one in note.open)
            if (service, fact, value) in note.facts or (fact, value) in wide:
                count(fact, "right")
            else:
                count(fact, "false" if against or tempted else "not judged")
    return found


def rate(part: int, whole: int) -> str:
    """A share with two digits; empty where there is nothing to share."""
    return f"{part / whole:.2f}" if whole else ""


def row_of(name: str, total: Mapping[str, int]) -> str:
    """The row of a set."""
    judged = total["right"] + total["false"]
    shares = f"{rate(total['right'], judged)} | {rate(total['found'], total['stated'])}"
    counts = " | ".join(str(total[what]) for what in ("notes", "proposed", "right", "false", "not judged"))
    return f"| {name} | {counts} | {shares} |"


def own_tables() -> str:
    """The tables of the repository's own sets: a row a set, then a row a fact over all of them."""
    lines = [
        "| set | notes | proposals | right | false | not judged | precision | recall, stated |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    together: list[Labelled] = []
    for name in OWN:
        notes = list(read_set(HOME / name))
        together += notes
        lines.append(row_of(f"`{name}`", measure(notes)["all"]))
    by_fact = measure(together)
    lines += [row_of("all four", by_fact["all"]), "", *fact_rows(by_fact)]
    return "\n".join(lines)


def other_tables(folder: Path) -> str:
    """The tables of labelled notes that lie elsewhere."""
    found = measure(list(read_set(folder)))
    head = (
        "| notes | proposals | right | false | not judged | precision | recall, stated |\n"
        "| --- | --- | --- | --- | --- | --- | --- |"
    )
    row = row_of("", found["all"]).removeprefix("|  ")
    return "\n".join([head, row, "", *fact_rows(found)])


def fact_rows(found: Mapping[str, Counter[str]]) -> list[str]:
    """A row a fact: the question, how many are labelled, proposed, right and false."""
    lines = [
        "| fact | labelled | stated | found of these | proposed | right | false |",
        "| --- | " + "--- | " * 6,
    ]
    lines[1] = lines[1].rstrip()
    for name in facts():
        if name in found:
            one = found[name]
            counts = " | ".join(
                str(one[what]) for what in ("labelled", "stated", "found", "proposed", "right", "false")
            )
            lines.append(f"| {facts()[name].question} | {counts} |")
    return lines


def put(page: str, mark: str, tables: str) -> str:
    """The page with the tables between its two marks. Raises ``ValueError`` where a mark is missing."""
    opening, closing = f"<!-- {mark} -->", f"<!-- end {mark} -->"
    if opening not in page or closing not in page:
        raise ValueError(f"mark: {opening} and {closing} are not in the page")
    before, _, rest = page.partition(opening)
    _, _, after = rest.partition(closing)
    return f"{before}{opening}\n\n{tables}\n\n{closing}{after}"


def main(arguments: Sequence[str]) -> int:
    """Writes the page."""
    page = PAGE.read_text(encoding="utf-8")
    page = put(page, "own figures", own_tables())
    if arguments:
        page = put(page, "other figures", other_tables(Path(arguments[0])))
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
