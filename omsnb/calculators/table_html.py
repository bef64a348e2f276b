"""A calculator's result as HTML. Every text is escaped; what is shown is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from omsnb.calculators.form import day_said
from omsnb.calculators.html import (
    code_mark,
    frame,
    items,
    next_html,
    not_needed_count,
    not_needed_items,
    notice_html,
)
from omsnb.calculators.table_form import TableForm
from omsnb.decision_texts import ALONE, ON_THE_WAY, VERIFY, outcome_text, settled_text, to_verify
from omsnb.decisions import Decision, decide_with
from omsnb.descriptors import descriptor
from omsnb.records import Row
from omsnb.standing import INFERENCE, row_basis
from omsnb.tables import codes, guidance, mue, sources


def result_html(model: TableForm, links: str = "") -> str:
    """The result of a calculator: rows left, the next question, documents, what fell away and why, sources.

    ``links``: address of the reference pages from the page that shows it, ending in a slash; empty for no links.
    """
    if model.problem:
        return frame(notice_html(model.notice, model.problem), links)
    parts = [notice_html(model.notice), next_html(model.next_question)]
    for decision in model.decisions:
        parts.append(_decision(decision, links))
    settled = model.on_the_way()
    if settled:
        listed = "".join(_settled(fact, row, links) for fact, row in settled.items())
        parts.append(f"<h3>{escape(ON_THE_WAY)}</h3><ul class='outcomes'>{listed}</ul>")
    if model.documents:
        parts.append("<h3>Keep in the record</h3>" + items(model.documents))
    parts.append(_why_not(model))
    parts.append(f'<p class="quiet">{escape(day_said(model.answers))}</p>')
    cited = dict.fromkeys(sources()[guidance()[id].source].title for row in model.used for id in row.guidance)
    parts.append(f'<p class="quiet">Sources: {escape("; ".join(cited))}</p>')
    if any(row_basis(row) == INFERENCE for row in model.used):
        parts.append(f'<p class="quiet">{escape(ALONE)}</p>')
    if doubtful := to_verify(model.used):
        parts.append(f'<p class="quiet">{escape(VERIFY)} {", ".join(_cited(doubtful, links))}</p>')
    return frame("".join(parts), links)


def _why_not(model: TableForm) -> str:
    """What the answers ruled out and what they settled, folded together, each with the answers that did it."""
    fallen, settled = model.why_not(), model.settled_by()
    if not fallen and not settled:
        return ""
    listed = "".join(f"<li><strong>{escape(name)}</strong>: {escape(reason)}</li>" for name, reason in fallen)
    said = [f"{len(fallen)} fell away"] if fallen else []
    said += [not_needed_count(settled)] if settled else []
    return (
        f"<details><summary>Why not …? ({', '.join(said)})</summary>"
        f"<ul>{listed}{not_needed_items(settled, model.answers)}</ul></details>"
    )


def _decision(decision: Decision, links: str) -> str:
    rows: dict[str, list[Row]] = {}
    for row in decision.rows:
        rows.setdefault(outcome_text(row, decision.state), []).append(row)
    shown = "".join(_outcome(name, same, links) for name, same in rows.items())
    left = _left(decision, len(rows))
    return f"<h3>{escape(decision.table.title)} <small>({left})</small></h3><ul class='outcomes'>{shown}</ul>"


def _left(decision: Decision, left: int) -> str:
    """How many of the table's results are left, so that a reader sees what an answer did."""
    start = decide_with(decision.table, {})
    of = len({outcome_text(row, start.state) for row in start.rows})
    if left >= of:
        return "one result" if left == 1 else f"{left} results are possible"
    return f"{'one' if left == 1 else left} of {of} results {'is' if left == 1 else 'are'} left"


def _outcome(name: str, rows: list[Row], links: str) -> str:
    first = rows[0]
    if first.report:
        label = codes()[first.report].label
        mark = code_mark(first.report, name, links)
        licensed = descriptor(first.report)
        theirs = (
            f'<br><span class="licensed">Your licensed wording: {escape(licensed)}</span>' if licensed else ""
        )
        head = f"{mark} {escape(label)}{_limits(first.report)}{theirs}"
    else:
        head = f"<strong>{escape(name)}</strong>"
    cited: dict[str, dict[str, None]] = {}
    for row in rows:
        cited.setdefault(row.because, {}).update(dict.fromkeys(row.guidance))
    reasons = [
        f"{escape(because)} <small>[{', '.join(_cited(ids, links))}]</small>"
        for because, ids in cited.items()
    ]
    if len(reasons) == 1:
        return f"<li>{head}<br>{reasons[0]}</li>"
    return f"<li>{head}<ul>{''.join(f'<li>{reason}</li>' for reason in reasons)}</ul></li>"


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
