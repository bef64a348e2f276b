"""The command ``payer``: what the manual knows of a kind of payer, and what named payers have published."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from datetime import date
from textwrap import fill
from typing import Any

from omsnb.claim_tables import Payer, forms, payers
from omsnb.payer_plans import PLANS, Plan, plans
from omsnb.periods import read_date
from omsnb.policies import (
    Policy,
    named_payers,
    newest,
    payers_called,
    policies,
    position_data,
    topics,
)
from omsnb.standing import marked, source_data

FINE, NOTHING = 0, 1
ASK = "Positions are dated and may have changed; none of them is a rule of this manual. Ask the plan."
Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_payer(add: Add, show: Show) -> None:
    """Adds the command to the command line. ``add`` and ``show`` are the command line's own."""
    command = add(
        "payer",
        lambda said: _payer(said, show),
        "Shows a kind of payer, or what a named payer has published; without a name, all of them.",
    )
    command.add_argument("name", nargs="*", help="a kind such as medicaid, or words of a payer's name")
    command.add_argument("--topic", choices=list(topics()), help="only positions on this")
    command.add_argument("--on", metavar="DAY", help="only what was published by that day")


def kind_data(kind: Payer) -> dict[str, Any]:
    """A kind of payer for JSON: its form, what it settles, whose rules it is like, and the statements on it."""
    return {
        "kind": kind.name,
        "label": kind.label,
        "form": kind.form,
        "claim": kind.claim,
        "takes_cdt": kind.accepts_cdt or None,
        "prolonged_rule": kind.prolonged_rule or None,
        "like": kind.like or None,
        "statements": [{"id": id, "statement": marked(id)} for id in kind.guidance],
        "sources": source_data(kind.guidance),
    }


def kind_text(kind: Payer) -> list[str]:
    """A kind of payer for people, a line each."""
    medical = kind.claim == "medical"
    shown = {
        "form": forms()[kind.form].label,
        "CDT codes": {"yes": "taken", "no": "not taken", "": "not known: ask"}[kind.accepts_cdt]
        if medical
        else "its own code set",
        "prolonged time": (kind.prolonged_rule or "not known: ask") if medical else "",
        "Medicare's tables": tables_said(kind),
    }
    lines = [f"{kind.name}  {kind.label}", *(f"  {name:<18} {text}" for name, text in shown.items() if text)]
    return [*lines, *(fill(f"[{id}] {marked(id)}", 110, initial_indent="  ", subsequent_indent="    ")
                      for id in kind.guidance)]  # fmt: skip


def tables_said(kind: Payer) -> str:
    """Whether pairs, unit limits and global periods of Medicare's tables hold for a kind of payer; empty for dental."""
    if kind.claim != "medical":
        return ""
    if not kind.like:
        return "checked"
    like = payers()[kind.like].label
    return f"open: checked as for {like}, and what comes of it is unknown unless a rule names this kind"


def _payer(said: argparse.Namespace, show: Show) -> int:
    day = read_date(said.on).isoformat() if said.on else date.max.isoformat()
    words = " ".join(said.name)
    if words in plans():
        plan = plans()[words]
        show(said, own_data(plan), "\n".join(own_text(plan)))
        return FINE
    kind = payers().get(words.casefold().replace(" ", "_"))
    if kind:
        found: Iterable[Policy] = (policy for policy in policies().values() if kind.name in policy.kinds)
    elif words:
        found = (policy for name in payers_called(words) for policy in named_payers()[name])
    else:
        found = policies().values()
    positions = newest(
        policy for policy in found if policy.known_on(day) and said.topic in (None, policy.topic)
    )
    if not words and not said.topic:
        show(said, _all_data(), "\n".join(_all_text()))
        return FINE
    data = {
        "kind": kind_data(kind) if kind else None,
        "positions": [position_data(policy) for policy in positions],
        "note": ASK,
    }
    lines = [*kind_text(kind), ""] if kind else []
    lines += positions_text(positions) if positions else ["No published position is held."]
    show(said, data, "\n".join(lines))
    return FINE if kind or positions else NOTHING


def own_data(plan: Plan) -> dict[str, Any]:
    """A practice's own file on a plan for JSON."""
    return {
        "plan": plan.name, "file": plan.file, "told": plan.told or None, "payer": plan.payer, "says": list(plan.says),
    }  # fmt: skip


def own_text(plan: Plan) -> list[str]:
    """A practice's own file on a plan for people."""
    lines = [f"{plan.name}  ({payers()[plan.payer].label}; your own file {plan.file} in {PLANS})"]
    lines += [f"  {entry}" for entry in plan.says] or ["  it says nothing"]
    return [*lines, f"  told on {plan.told}" if plan.told else "  the day on which it was told is not given"]


def positions_text(positions: Iterable[Policy]) -> list[str]:
    """Positions for people, by payer and topic."""
    lines = []
    for policy in positions:
        lines.append(f"{policy.payer}: {topics()[policy.topic].label} ({policy.said_of})")
        lines.append(fill(policy.position, 110, initial_indent="  ", subsequent_indent="  "))
        lines.append(f"  {policy.title}: {policy.address}")
    return [*lines, "", ASK]


def _all_data() -> dict[str, Any]:
    return {
        "kinds": [kind_data(kind) for kind in payers().values()],
        "payers": {name: len(own) for name, own in named_payers().items()},
        "plans": list(plans()),
        "topics": {topic.topic: topic.label for topic in topics().values()},
    }


def _all_text() -> list[str]:
    lines = ["Kinds of payers (payer KIND)"]
    lines += [f"  {kind.name:<20} {kind.label}" for kind in payers().values()]
    if plans():
        lines += ["", f"Plans of your own files ({PLANS})", *(f"  {name}" for name in plans())]
    lines += ["", "Payers with published positions (payer NAME)"]
    lines += [f"  {name} ({len(own)})" for name, own in named_payers().items()]
    lines += ["", "Topics (payer --topic TOPIC)"]
    return [*lines, *(f"  {topic.topic:<18} {topic.label}" for topic in topics().values())]
