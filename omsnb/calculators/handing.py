"""A claim handed from one page of the book to the claim desk: a link that carries its lines.

The page's script (``book/_static/live.js``) puts the lines into the tab's own memory when the link is followed, and the
desk takes them from there; nothing of them stands in an address or is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape

from omsnb.calculators.desk import DESK
from omsnb.claim_building import ANY, build_claims
from omsnb.claim_files import csv_bytes
from omsnb.claim_tables import payers
from omsnb.coding import Worksheet
from omsnb.edition import edition
from omsnb.records import DAY
from omsnb.tables import facts

PAGE = f"../tools/claim-desk.html#calculator={DESK}"
"""The desk's page, from the reference pages."""


def hand_over_html(lines: str, source: str, links: str) -> str:
    """The link. ``lines``: claim lines as CSV. ``source``: what they come from, for the desk's first sentence."""
    return (
        f'<p><a class="omsnb-hand" href="{escape(links)}{PAGE}" data-claim="{escape(lines)}" '
        f'data-from="{escape(source)}">Check these lines on the claim desk</a> '
        "They go there within this tab; nothing leaves your browser.</p>"
    )


def payer_told(answers: Mapping[str, str]) -> str:
    """The first kind of payer that the answers to *which claim* and *which payer* fit; empty where they do not tell."""
    if "claim" not in answers:
        return ""
    fitting = [
        name for name, payer in payers().items()
        if payer.claim == answers["claim"]
        and (payer.medical_payer == answers.get("payer", "") or (not payer.medical_payer and not payer.like))
    ]  # fmt: skip
    return next(iter(fitting), "")


def worksheet_html(sheet: Worksheet, answers: Mapping[str, str], links: str) -> str:
    """The link for what a worksheet settles, or what is still to be answered for it; nothing without ``links``."""
    if not links:
        return ""
    payer = payer_told(answers)
    if not payer:
        asked = " ".join(facts()[name].question for name in ("claim", "payer") if name not in answers)
        return f'<p class="quiet">To check this as a claim, answer: {escape(asked)}</p>'
    given = answers.get(DAY, "")
    day = given or edition().day
    built = build_claims(sheet, payer=payer, dates={ANY: date.fromisoformat(day)}, patient="P-1")
    if not built.claims:
        return '<p class="quiet">To check this as a claim, answer until a line stands alone.</p>'
    assumed = f"; payer taken as {payers()[payer].label}" + (
        "" if given else f", day as {day}: none was given"
    )
    return hand_over_html(csv_bytes(built.claims).decode(), f"the worksheet{assumed}", links)
