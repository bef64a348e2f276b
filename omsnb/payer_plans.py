"""A practice's own files on its plans: TOML in the folder that ``OMSNB_PAYERS`` names, one plan a file.

What a plan has told a practice stands beside what the manual knows and never in its place unseen: each answer, finding
and fact that rests on such a file names the plan and the file. Nothing is read where the variable is not set.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from omsnb.claim_tables import payers
from omsnb.plan_fields import CHOICE, CODES, LIMITS, plan_fields
from omsnb.reading import DATE, Block, toml_block
from omsnb.tables import codes

PLANS = "OMSNB_PAYERS"
NAME = re.compile(r"[\w&.,'/() -]{1,80}")
"""A plan's name: no quotation marks, bars or braces, since it stands in claim files and in sentences."""

FILES_MOST, BYTES_MOST, LIMITS_MOST, MONTHS = 500, 100_000, 100, range(1, 121)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often a plan pays: one of the codes in so many months."""

    codes: tuple[str, ...]
    months: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A practice's own file on a plan. ``payer``: its type; ``told``: the day on which the plan said so, or empty."""

    name: str
    payer: str
    told: str
    file: str
    choices: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    limits: tuple[Limit, ...]

    @property
    def by(self) -> str:
        """How an answer that rests on it begins."""
        told = f", told on {self.told}" if self.told else ""
        return f'By your overlay "{self.name}" (file {self.file}{told})'

    @property
    def says(self) -> tuple[str, ...]:
        """All that the file says of the plan, a clause each."""
        fields = plan_fields()
        said = [fields[name].answers[value].says for name, value in self.choices.items()]
        said += [f"{fields[name].answers[CODES].says}: {', '.join(own)}" for name, own in self.lists.items()]
        said += [f"it pays one of {', '.join(limit.codes)} in {limit.months} months" for limit in self.limits]
        return tuple(said)


def plans() -> Mapping[str, Plan]:
    """The plans of the folder by name; empty where the variable is not set.

    Raises ``ValueError`` with one sentence that names file, row, key and value and says what is allowed, for a folder
    or a file that cannot be read and for a name that stands twice.
    """
    named = os.environ.get(PLANS, "").strip()
    if not named:
        return MappingProxyType({})
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise ValueError(f"{PLANS}: {named!r} is no folder")
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
        stamps = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    except OSError as problem:
        raise ValueError(f"{PLANS}: {named!r} cannot be read ({problem.strerror})") from None
    if len(stamps) > FILES_MOST:
        raise ValueError(f"{PLANS}: {named!r} holds {len(stamps)} files; at most {FILES_MOST} are read")
    return _read(stamps)


def find_plan(name: str) -> Plan:
    """The plan of that name; ``ValueError`` names those there are."""
    found = plans()
    if name not in found:
        allowed = ", ".join(found) or f"none, since {PLANS} names no folder with such files"
        raise ValueError(f"plan: {name!r} is not known; allowed: {allowed}")
    return found[name]


@cache
def _read(stamps: tuple[tuple[str, int, int], ...]) -> Mapping[str, Plan]:
    found: dict[str, Plan] = {}
    for path, _, size in stamps:
        file = Path(path).name
        if size > BYTES_MOST:
            raise ValueError(f"{file}: has {size} bytes; at most {BYTES_MOST} are read")
        try:
            content = Path(path).read_bytes().decode("utf-8", errors="surrogateescape")
        except OSError as problem:
            raise ValueError(f"{file}: cannot be read ({problem.strerror})") from None
        plan = read_plan(content, file)
        if plan.name in found:
            raise ValueError(f"{file}: plan {plan.name!r} stands in {found[plan.name].file}, too")
        found[plan.name] = plan
    return MappingProxyType(found)


def read_plan(content: str, file: str) -> Plan:
    """Reads the text of one file. Raises ``DataError``, a ``ValueError``, for anything that is not allowed."""
    raw = toml_block(content.removeprefix("\ufeff"), file)
    fields = plan_fields()
    raw.keys(("plan", "payer"), ("told", *fields))
    name = raw.text("plan").strip()
    if not NAME.fullmatch(name):
        raise raw.error(
            "plan",
            f"{name!r} is not allowed; allowed are up to 80 letters, digits, spaces and & . , ' / ( ) -",
        )
    own = {key: fields[key] for key in fields if key in raw.raw}
    return Plan(
        name=name,
        payer=raw.one_of("payer", *plan_kinds()),
        told=_day(raw),
        file=file,
        choices={key: raw.one_of(key, *field.answers) for key, field in own.items() if field.kind == CHOICE},
        lists={
            key: raw.texts(key, codes(), "codes.csv") for key, field in own.items() if field.kind == CODES
        },
        limits=tuple(
            _limit(part) for key, field in own.items() if field.kind == LIMITS for part in _limits(raw, key)
        ),
    )


def plan_kinds() -> tuple[str, ...]:
    """The types of payer that a file may be about: all but Medicare itself, whose rules are published."""
    return tuple(name for name, kind in payers().items() if kind.medical_payer != name)


def _day(raw: Block) -> str:
    value = raw.raw.get("told", "")
    text = value.isoformat() if hasattr(value, "isoformat") else value
    if text and not (isinstance(text, str) and DATE.fullmatch(text)):
        raise raw.error("told", f"{text!r} is not a date such as 2026-01-31")
    return text or ""


def _limits(raw: Block, key: str) -> list[Block]:
    parts = raw.tables(key)
    if len(parts) > LIMITS_MOST:
        raise raw.error(key, f"stands {len(parts)} times; at most {LIMITS_MOST} are read")
    return parts


def _limit(part: Block) -> Limit:
    part.keys(("codes", "months"))
    months = part.whole("months")
    if months not in MONTHS:
        raise part.error("months", f"{months} is not allowed; allowed: {MONTHS[0]} to {MONTHS[-1]}")
    own = part.texts("codes", codes(), "codes.csv")
    if not own:
        raise part.error("codes", "is empty; allowed are codes of codes.csv")
    return Limit(own, months)


def plan_facts(plan: Plan, asked: Iterable[str], given: Mapping[str, Any]) -> dict[str, str]:
    """The facts of ``asked`` that the plan settles, by the names of ``given``'s answers.

    Raises ``ValueError`` where an answer contradicts the file: neither takes the other's place unseen.
    """
    kind = payers()[plan.payer]
    fields = plan_fields()
    settled = {"claim": kind.claim, "payer": kind.medical_payer}
    settled |= {fields[name].fact: value for name, value in plan.choices.items() if fields[name].fact}
    found = {fact: value for fact, value in settled.items() if value and fact in set(asked)}
    for fact, value in found.items():
        said = given.get(fact, value)
        if str(said) != value:
            raise ValueError(
                f'{fact}: you answer {said}, but your overlay "{plan.name}" (file {plan.file}) says {value}'
            )
    return found


def plan_text(plan: Plan) -> str:
    """A file's content from its answers, so that ``read_plan`` gives the plan back."""

    def text(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def listed(values: Iterable[str]) -> str:
        return f"[{', '.join(map(text, values))}]"

    lines = [f"plan = {text(plan.name)}", f"payer = {text(plan.payer)}"]
    lines += [f"told = {plan.told}"] if plan.told else []
    lines += [f"{name} = {text(value)}" for name, value in plan.choices.items()]
    lines += [f"{name} = {listed(own)}" for name, own in plan.lists.items()]
    for limit in plan.limits:
        lines += ["", "[[limits]]", f"codes = {listed(limit.codes)}", f"months = {limit.months}"]
    written = "\n".join(lines) + "\n"
    tomllib.loads(written)
    return written
