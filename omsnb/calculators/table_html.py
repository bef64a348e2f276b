"""A calculator's result as HTML. Every text is escaped; what is shown is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from omsnb.calculators.html import chip, frame, items, notice_html
from omsnb.calculators.table_form import TableForm
from omsnb.decisions import Decision
from omsnb.descriptors import descriptor
from omsnb.presenting import ON_THE_WAY, VERIFY, outcome_text, settled_text, to_verify
from omsnb.records import Row
from omsnb.tables import codes, documents, guidance, mue, sources


def result_html(model: TableForm, links: str = "") -> str:
    """The result of a calculator: rows left, the next question, documents, what fell away and why, sources.

    ``links``: address of the reference pages from the page that shows it, ending in a slash; empty for no links.
    """
    if model.problem:
        return frame(notice_html(model.notice, model.problem), links)
    parts = [notice_html(model.notice)]
    question = model.next_question
    if question:
        parts.append(f'<p class="next"><strong>Next best question:</strong> {escape(question)}</p>')
    for decision in model.decisions:
        parts.append(_decision(decision, links))
    settled = model.on_the_way()
    if settled:
        listed = "".join(_settled(fact, row, links) for fact, row in settled.items())
        parts.append(f"<h3>{escape(ON_THE_WAY)}</h3><ul class='outcomes'>{listed}</ul>")
    wanted = dict.fromkeys(id for row in model.used for id in row.documents)
    if wanted:
        parts.append("<h3>Keep in the record</h3>" + items(documents()[id].label for id in wanted))
    fallen = model.why_not()
    if fallen:
        listed = "".join(
            f"<li><strong>{escape(name)}</strong>: {escape(reason)}</li>" for name, reason in fallen
        )
        parts.append(
            f"<details><summary>Why not …? ({len(fallen)} fell away)</summary><ul>{listed}</ul></details>"
        )
    cited = dict.fromkeys(sources()[guidance()[id].source].title for row in model.used for id in row.guidance)
    parts.append(f'<p class="quiet">Sources: {escape("; ".join(cited))}</p>')
    if doubtful := to_verify(model.used):
        parts.append(f'<p class="quiet">{escape(VERIFY)} {", ".join(_cited(doubtful, links))}</p>')
    return frame("".join(parts), links)


def _decision(decision: Decision, links: str) -> str:
    rows: dict[str, list[Row]] = {}
    for row in decision.rows:
        rows.setdefault(outcome_text(row, decision.state), []).append(row)
    shown = "".join(_outcome(name, same, links) for name, same in rows.items())
    said = "one result is left" if len(rows) == 1 else f"{len(rows)} results are left"
    return f"<h3>{escape(decision.table.title)} <small>({said})</small></h3><ul class='outcomes'>{shown}</ul>"


def _outcome(name: str, rows: list[Row], links: str) -> str:
    first = rows[0]
    if first.report:
        label = codes()[first.report].label
        mark = chip(first.report, name)
        if links:
            page = f"{escape(links)}../codes/{escape(first.report)}.html#code-{escape(first.report)}"
            mark = f'<a class="code-link" href="{page}">{mark}</a>'
        licensed = descriptor(first.report)
        theirs = f'<br><span class="licensed">Your licensed wording: {escape(licensed)}</span>' if licensed else ""
        head = f"{mark} {escape(label)}{_limits(first.report)}{theirs}"
    else:
        head = f"<strong>{escape(name)}</strong>"
    reasons = " ".join(dict.fromkeys(row.because for row in rows))
    cited = ", ".join(_cited(dict.fromkeys(id for row in rows for id in row.guidance), links))
    return f"<li>{head}<br>{escape(reasons)} <small>[{cited}]</small></li>"


def _settled(fact: str, row: Row, links: str) -> str:
    cited = ", ".join(_cited(row.guidance, links))
    return f"<li>{escape(settled_text(fact, row))}<br>{escape(row.because)} <small>[{cited}]</small></li>"


def _limits(code: str) -> str:
    """The units a day that CMS lets pass, with the tables that give each number; none is a status at Medicare."""
    days: dict[int, list[str]] = {}
    for limit in mue():
        if limit.code == code:
            days.setdefault(limit.units, []).append(limit.effective)
    known = []
    for units, held in days.items():
        by = f"by the table of {held[0]}" if len(held) == 1 else f"by the tables of {held[0]} to {held[-1]}"
        known.append(f"{units} {by}" if units else f"none paid, {by}: a matter of its status, not of units")
    text = escape(", ".join(known))
    return f'<br><span class="quiet">Medicare\'s unit limit a day (MUE): {text}</span>' if known else ""


def _cited(ids: Iterable[str], links: str) -> Iterable[str]:
    for id in ids:
        yield (
            f'<a href="{escape(links)}guidance.html#guidance-{escape(id)}">{escape(id)}</a>'
            if links
            else escape(id)
        )
