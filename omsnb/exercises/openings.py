"""How a vignette begins: what the line is, with a code of the manual that has the indicators that the story tells."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from random import Random

from omsnb.exercises.dates import first_day
from omsnb.exercises.frames import frames, one_of
from omsnb.exercises.possible import contradiction
from omsnb.exercises.scenes import read_facts
from omsnb.exercises.visits import MAJOR, MINOR, office_visits
from omsnb.records import Code, Table
from omsnb.tables import codes, facts, tables
from omsnb.which import LINE, code_facts

IMAGING = "III"
UNLISTED = "YYY"
PERIODS = ("000", MINOR, MAJOR, UNLISTED)
CHAIR = "chair_or_bedside"


def has_opening(table: Table) -> bool:
    """Whether there are opening sentences for a table."""
    return ("opening", table.name) in frames()


def opening(random: Random, table: Table, told: Mapping[str, str]) -> str | None:
    """An opening sentence for a story.

    ``{visit}``, ``{procedure}`` or ``{image}`` in it becomes a code whose kind and indicators do not contradict the
    facts told; None where there is no such code. Raises ``KeyError`` for a table without such sentences.
    """
    text = one_of(random, "opening", table.name)
    for kind, held in _by_kind().items():
        if f"{{{kind}}}" in text:
            fitting = [code for code in held if _fits(code, told)]
            if not fitting:
                return None
            code = random.choice(fitting)
            text = text.replace(f"{{{kind}}}", f"{code.code} ({code.label})")
    return text


@cache
def _by_kind() -> Mapping[str, tuple[Code, ...]]:
    """Codes in force at the beginning of the code year, by the kind of their line, in a fixed order."""
    day = first_day().isoformat()
    alive = sorted(
        (code for code in codes().values() if not code.effective_to and code.effective_from <= day),
        key=lambda code: code.code,
    )
    alive = [code for code in alive if not code.by_report]
    kinds = {code.code: code_facts(code)["line_kind"] for code in alive}
    made = {row.report for table in tables().values() if LINE in table.concludes for row in table.rows}
    return {
        "visit": office_visits(),
        "procedure": tuple(
            code
            for code in alive
            if kinds[code.code] == "procedure" and code.global_days in PERIODS and code.code not in made
        ),
        "image": tuple(code for code in alive if kinds[code.code] == "test" and code.chapter == IMAGING),
    }


def _fits(code: Code, told: Mapping[str, str]) -> bool:
    known = code_facts(code)
    if code.global_days == MAJOR and told.get("room") == CHAIR:
        return False  # no 90-day operation is done in a dental chair
    if code.global_days == UNLISTED and "code_period" not in told:
        return False
    if any(told.get(fact, value) != value for fact, value in known.items()):
        return False
    silent = [fact for fact in told if fact.endswith("_indicator") and fact not in known]
    return not silent and not contradiction(read_facts({**_asked(known), **told}))


def _asked(known: Mapping[str, str]) -> dict[str, str]:
    return {fact: value for fact, value in known.items() if fact in facts()}
