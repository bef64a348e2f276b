"""Worksheets as HTML for a reader. Every text is escaped; what is shown is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from omsnb.answers import words
from omsnb.coding import Alternative, ServiceRow, Worksheet
from omsnb.descriptors import descriptor
from omsnb.paper import changed_by_answers, compare
from omsnb.presenting import MAY_GO
from omsnb.summary import SummaryEntry, summary
from omsnb.tables import codes, documents, facts, guidance, parse_allowed, sources

STYLE = """<style>
.omsnb{font:15px/1.5 system-ui,sans-serif;color:#1b2733;max-width:62rem;overflow-wrap:break-word}
.omsnb h2{font-size:1.1rem;margin:1.2rem 0 .3rem}.omsnb table{border-collapse:collapse;width:100%}
.omsnb th,.omsnb td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #aab4be}
@media(min-width:40rem){.omsnb tbody th{width:22%}}
.omsnb .code{font-weight:600;font-variant-numeric:tabular-nums;border:1px solid #50606f;border-radius:.3rem;
padding:0 .35rem;white-space:nowrap}.omsnb .CDT{border-style:dashed}.omsnb .quiet{color:#42505d}
.omsnb ul{margin:.2rem 0;padding-left:1.2rem}
.omsnb ul.claim-lines{list-style:none;padding:0}.omsnb .claim-lines>li{margin:.35rem 0}
.omsnb .claim-lines .code{font-size:1.6rem;display:inline-block;margin:.1rem 0}
.omsnb .whose{display:none}.omsnb caption{text-align:left;font-weight:600}
.omsnb summary{padding:.75rem 0}
.omsnb .problem{border-left:4px solid #a32020;padding:.4rem .8rem}
@media(max-width:40rem){.omsnb table,.omsnb tbody,.omsnb tr,.omsnb th,.omsnb td{display:block;border:0}
.omsnb thead{display:none}.omsnb .whose{display:inline;color:#42505d}
.omsnb tr{border-bottom:1px solid #aab4be;padding:.4rem 0}.omsnb th,.omsnb td{padding:.1rem 0}}
@media(prefers-color-scheme:dark){.omsnb{color:#e6ebf0}
.omsnb :is(.quiet,.whose){color:#b6c1cc}.omsnb .code{border-color:#93a3b3}
.omsnb th,.omsnb td{border-color:#4a5866}}
</style>"""


def chip(code: str, text: str = "") -> str:
    """A code as a small label; its border tells the code set without colour too."""
    record = codes()[code]
    return (
        f'<span class="code {escape(record.system)}" title="{escape(record.system)}: {escape(record.label)}">'
        f"{escape(text or code)}</span>"
    )


def code_mark(code: str, text: str = "", links: str = "") -> str:
    """A code's chip; with ``links`` (see ``frame``) it leads to the code's page."""
    mark = chip(code, text)
    if not links:
        return mark
    page = f"{escape(links)}../codes/{escape(code)}.html#code-{escape(code)}"
    return f'<a class="code-link" href="{page}"{_beside(links)}>{mark}</a>'


def _beside(links: str) -> str:
    """A page on another server opens beside the form, whose state would be lost with it."""
    return ' target="_blank" rel="noopener"' if _elsewhere(links) else ""


def _elsewhere(links: str) -> bool:
    return links.startswith(("http://", "https://"))


def items(texts: Iterable[str]) -> str:
    """A list of texts."""
    return "<ul>" + "".join(f"<li>{escape(text)}</li>" for text in texts) + "</ul>"


def _way(way: Alternative, links: str) -> str:
    claims = " or ".join(way.claims)
    licensed = descriptor(way.code)
    theirs = f'<div class="licensed">Your licensed wording: {escape(licensed)}</div>' if licensed else ""
    return (
        f"<div>{code_mark(way.code, str(way), links)} {escape(codes()[way.code].label)} "
        f'<span class="quiet">({escape(claims)} claim)</span>{theirs}</div>'
    )


def _row(row: ServiceRow, links: str) -> str:
    ways = "".join(_way(way, links) for way in row.alternatives) or '<span class="quiet">not reported</span>'
    reasons = items(row.because) if row.alternatives or row.not_reported else ""
    return f'<tr><th scope="row">{escape(row.label)}</th><td>{ways}</td><td>{reasons}</td></tr>'


def problem_html(problem: str) -> str:
    """One sentence in place of a result."""
    return f'{STYLE}<div class="omsnb" role="alert"><p class="problem">{escape(problem)}</p></div>'


def frame(body: str, links: str) -> str:
    """A result's frame. ``links``: address of the reference pages, ending in a slash, or empty for no links.

    A page of the book gives a relative one, and has its own style.
    """
    return f'{"" if links and not _elsewhere(links) else STYLE}<div class="omsnb">{body}</div>'


def notice_html(notice: str, problem: str = "") -> str:
    """What a restored state could not hold, and what went wrong, a sentence each."""
    said = f'<p class="problem">{escape(notice)}</p>' if notice else ""
    return said + (f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else "")


def next_html(question: str) -> str:
    """The best question to answer next; nothing where none is open."""
    return f'<p class="next"><strong>Next best question:</strong> {escape(question)}</p>' if question else ""


def not_needed_html(settled_by: Mapping[str, Iterable[str]], answers: Mapping[str, str]) -> str:
    """The questions that no longer matter, folded, each with the answers that made it so; nothing where all matter."""
    if not settled_by:
        return ""
    listed = not_needed_items(settled_by, answers)
    return f"<details><summary>{not_needed_count(settled_by)}: why</summary><ul>{listed}</ul></details>"


def not_needed_count(settled_by: Mapping[str, Iterable[str]]) -> str:
    """How many questions no longer matter."""
    return (
        "1 question no longer matters"
        if len(settled_by) == 1
        else f"{len(settled_by)} questions no longer matter"
    )


def not_needed_items(settled_by: Mapping[str, Iterable[str]], answers: Mapping[str, str]) -> str:
    """The questions that no longer matter as items of a list, each with the answers that made it so."""

    def why(names: Iterable[str]) -> str:
        return "; ".join(f"{_question(name)} {answer_words(name, answers[name])}" for name in names)

    return "".join(
        f"<li><strong>{escape(_question(fact))}</strong> settled by your answer: {escape(why(names))}</li>"
        for fact, names in settled_by.items()
    )


def _question(name: str) -> str:
    """The question of a fact, or of a ``service.fact``."""
    return facts()[name.rpartition(".")[2]].question


def answer_words(fact: str, text: str) -> str:
    """An answer as it reads in a form: the label of a choice, or a number with its unit."""
    known = facts()[fact.rpartition(".")[2]]
    return words(known, parse_allowed(known, text))


def worksheet_html(worksheet: Worksheet, links: str = "") -> str:
    """The whole worksheet of a case: list, comparison, services, evaluation, documents, notes and sources.

    ``links``: see ``frame``.
    """
    return frame("".join(worksheet_parts(worksheet, links=links)), links)


def worksheet_parts(
    worksheet: Worksheet, *, evaluated: bool = True, level: str = "h2", links: str = ""
) -> list[str]:
    """A worksheet's parts in order, the lines that may go on the claim first.

    ``evaluated``: whether the visit belongs to it; ``level``: of its headings; ``links``: see ``frame``.
    """

    def heading(text: str) -> str:
        return f"<{level}>{text}</{level}>"

    rows = (worksheet.evaluation, *worksheet.rows) if evaluated else worksheet.rows
    parts = [heading(MAY_GO) + _summary(summary(worksheet, evaluated=evaluated), links)]
    if worksheet.case.name:  # a case of the paper has a printed list to stand beside
        parts.append(heading("Beside the paper") + _comparison(worksheet))
    if worksheet.departures:
        told = (
            f"{facts()[entry.fact.rpartition('.')[2]].question} "
            f"The case has: {entry.stated}; you answered: {entry.answered}"
            for entry in worksheet.departures
        )
        parts.append(heading("Against the story") + items(told))
    wanted = dict.fromkeys(id for row in rows for way in row.alternatives for id in way.documents)
    if wanted:
        parts.append(
            _folded("Keep in the record", len(wanted), items(documents()[id].label for id in wanted))
        )
    services = [
        "<table><thead><tr><th>Service</th><th>Report</th><th>Why</th></tr></thead><tbody>",
        *(_row(row, links) for row in worksheet.rows),
        "</tbody></table>",
    ]
    if evaluated:
        services += [
            f"{heading('Evaluation')}<table><tbody>",
            _row(worksheet.evaluation, links),
            "</tbody></table>",
            items(_prolonged(worksheet)),
        ]
    parts.append(_folded("Service by service, and why", len(rows), "".join(services)))
    if worksheet.discrepancies:
        notes = "".join(
            f"<li>{_page_link(links, f'discrepancies.html#discrepancy-{entry.id}', f'Note {entry.number}')}: "
            f"{escape(entry.paper_says)} {escape(entry.manual_does)}</li>"
            for entry in worksheet.discrepancies
        )
        parts.append(_folded("Where the paper needs care", len(worksheet.discrepancies), f"<ul>{notes}</ul>"))
    found = _sources(rows)
    cited = "".join(
        f"<li>{_page_link(links, f'sources.html#source-{id}', sources()[id].title)}</li>" for id in found
    )
    parts.append(_folded("Sources", len(found), f"<ul>{cited}</ul>"))
    return parts


def _folded(title: str, count: int, body: str) -> str:
    """What stands behind the lines, one click away. By ``data-fold`` the page keeps it open over the next answers."""
    shown = escape(title)
    return f'<details data-fold="{shown}"><summary>{shown} ({count})</summary>{body}</details>'


MENU = 8
"""Lines of one service that are shown unfolded; a longer menu is folded, so that what is settled stays in sight."""


def _summary(entries: Iterable[SummaryEntry], links: str) -> str:
    shown = "".join(f"<li>{_entry(entry, links)}</li>" for entry in entries)
    return f'<ul class="claim-lines">{shown}</ul>' if shown else "<p>none</p>"


def _entry(entry: SummaryEntry, links: str) -> str:
    label = f'<span class="quiet">{escape(entry.label)}</span>'
    ways = " or ".join(code_mark(line.code, line.text, links) for line in entry.lines) + (
        " or none" if entry.or_none else ""
    )
    if len(entry.lines) > MENU:
        return f"<details><summary>{label}: open, {len(entry.lines)} lines are left</summary>{ways}</details>"
    return f"{label}<br>{ways}" + ("" if entry.settled else ' <span class="quiet">(open)</span>')


def _prolonged(worksheet: Worksheet) -> Iterable[str]:
    for entry in worksheet.prolonged:
        rule = facts()["prolonged_rule"].label(entry.rule)
        units = (
            "depends on facts still open"
            if entry.units is None
            else f"{entry.units} unit(s) {entry.code}".rstrip()
        )
        yield f"Prolonged time by {rule}'s rule: {units}"


def _comparison(worksheet: Worksheet) -> str:
    found = compare(worksheet)
    printed = " ".join(found.printed)
    if found.equal:
        text = "The list equals the one that the paper prints."
        if found.modifiers_added:
            text += f" The rules add modifiers that it does not print: {', '.join(found.modifiers_added)}."
    elif found.equal is False:
        text = f"The list differs from the paper's: {printed}."
    else:
        parts = changed_by_answers(worksheet)
        text = f"The paper prints {printed}."
        if parts.settled:
            text += f" Settled by your answers, so no longer open: {', '.join(parts.settled)}."
        if parts.missing:
            text += f" Differs from the paper, which prints them: {', '.join(parts.missing)}."
        if parts.surplus:
            text += f" Differs from the paper, which does not print them: {', '.join(parts.surplus)}."
        if not (parts.settled or parts.missing or parts.surplus):
            text += " The list holds the same codes."
    return f"<p>{escape(text)}</p>"


def _sources(rows: Iterable[ServiceRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(guidance()[id].source for row in rows for id in row.guidance))


def _page_link(links: str, page: str, text: str) -> str:
    """Text that leads to a reference page; without ``links`` the text alone."""
    shown = escape(text)
    return f'<a href="{escape(links)}{escape(page)}"{_beside(links)}>{shown}</a>' if links else shown
