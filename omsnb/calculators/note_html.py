"""What the form "From a note" shows: the note with its words lit, contradictions, what is held back, gaps.

All text of a note is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from omsnb.calculators.html import chip, frame, items, worksheet_parts
from omsnb.calculators.note_form import CONFIRMED, REJECTED, NoteForm
from omsnb.notes import Held, Proposal
from omsnb.notes.propose import SEVERAL
from omsnb.tables import codes, facts, services

STYLE = """<style>
.note-text{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid currentColor;border-radius:4px;padding:.6rem;
max-height:24rem;overflow:auto}
.note-text mark{color:#1b2733;background:#fff0a8;padding:0 .1em;border-radius:2px}
.note-text mark.confirmed{background:#bfe8c8}.note-text mark.changed{background:#c9dcff}
.note-text mark.rejected{background:#e3e6ea;text-decoration:line-through}
.note-card{border-left:4px solid #a77b00;padding-left:.6rem}.note-card.confirmed{border-color:#2c7a43}
.note-card.changed{border-color:#3061b8}.note-card.rejected{border-color:#6b7683}.note-card p{margin:.2rem 0}
</style>"""
"""Marks bring both their colors, so that they read alike on a light and on a dark page."""

STATES = {"": "to be decided", CONFIRMED: "confirmed", REJECTED: "rejected"}


def scope(service: str) -> str:
    """The label of a service, or of the visit."""
    return services()[service].label if service in services() else "Visit"


def state_of(model: NoteForm, number: int) -> str:
    """``open``, ``confirmed``, ``changed`` or ``rejected``, for a style."""
    what = model.decided.get(number, "")
    return {"": "open", CONFIRMED: "confirmed", REJECTED: "rejected"}.get(what, "changed")


def proposal_html(model: NoteForm, number: int) -> str:
    """One proposal: its number in the text, the question, the value, its words, and whether they state or imply it."""
    one = model.found.proposals[number]
    what = model.decided.get(number, "")
    value = facts()[one.fact].label(one.value)
    told = STATES.get(what) or f"changed to {facts()[one.fact].label(what)}"
    basis = (
        "The note states it"
        if one.basis == "stated"
        else "Only implied: confirm it from the patient's record"
    )
    return (
        f'<div class="omsnb note-card {state_of(model, number)}">'
        f"<p><strong>{number + 1}. {escape(scope(one.service))}: {escape(facts()[one.fact].question)}</strong> "
        f"{escape(value)}</p>"
        f'<p>{escape(basis)}: <q>{escape(one.quote)}</q></p><p class="quiet">{escape(told)}</p></div>'
    )


def note_html(model: NoteForm) -> str:
    """The note with the words of each proposal lit; its number stands after them, so that color is not all there is."""
    if not model.text:
        return ""
    text = model.text
    marks = sorted(enumerate(model.found.proposals), key=lambda entry: (entry[1].start, -len(entry[1].quote)))
    parts, at = [], 0
    place = 0
    while place < len(marks):
        number, one = marks[place]
        end = one.start + len(one.quote)
        numbers = [number]
        place += 1
        while (
            place < len(marks) and marks[place][1].start < end
        ):  # words that several facts rest on are lit once
            numbers.append(marks[place][0])
            end = max(end, marks[place][1].start + len(marks[place][1].quote))
            place += 1
        states = {state_of(model, each) for each in numbers}
        state = states.pop() if len(states) == 1 else "open"
        told = "; ".join(_told(model.found.proposals[each]) for each in numbers)
        parts += [
            escape(text[at : one.start]),
            f'<mark class="{state}" title="{escape(told)}">{escape(text[one.start : end])}'
            f"<sup>{', '.join(str(each + 1) for each in numbers)}</sup></mark>",
        ]
        at = end
    parts.append(escape(text[at:]))
    return (
        f'{STYLE}<div class="omsnb"><h2>The note, with the words that the proposals rest on</h2>'
        f'<div class="note-text" tabindex="0" role="region" aria-label="The note">{"".join(parts)}</div></div>'
    )


def _told(one: Proposal) -> str:
    return f"{facts()[one.fact].question} {facts()[one.fact].label(one.value)}"


def _held(one: Held) -> str:
    value = facts()[one.fact].label(one.value)
    return f"{scope(one.service)}: {facts()[one.fact].question} {value}: “{one.quote}”; {one.because}."


def held_html(model: NoteForm) -> str:
    """Contradictions in sight; what else was held back, folded."""
    against = model.contradictions
    rest = [one for one in model.found.held if one not in against]
    parts = []
    if against:
        parts.append("<h2>The note contradicts itself</h2>" + items(_held(one) for one in against))
    if two := _two_values(model):
        parts.append("<h2>Two of one kind</h2>" + items(two))
    if rest:
        listed = items(_held(one) for one in rest)
        parts.append(
            f"<details><summary>Held back, with the reason ({len(rest)})</summary>{listed}</details>"
        )
    return f'<div class="omsnb">{"".join(parts)}</div>' if parts else ""


def _two_values(model: NoteForm) -> Iterable[str]:
    """Facts of which the note rightly may give two values: each makes a line of its own."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in model.found.proposals:
        if one.fact in SEVERAL:
            found.setdefault((one.service, one.fact), []).append(facts()[one.fact].label(one.value))
    return [
        f"{scope(service)}: {facts()[fact].question} {' and '.join(values)}. "
        "Each that you confirm makes a line of its own."
        for (service, fact), values in found.items()
        if len(values) > 1
    ]


def result_html(model: NoteForm, links: str = "") -> str:
    """The answer card of what is confirmed; then what the note lacks for each code."""
    left = len(model.found.proposals) - len(model.decided)
    said = f"<p>{escape(model.said)}</p>" if model.said else ""
    if model.problem:
        return frame(f'{said}<p class="problem">{escape(model.problem)}</p>', links)
    if not model.notes:
        return frame("<p>No note has been read.</p>", links)
    if not model.found.proposals:
        return frame(
            f"{said}<p>The note gives no fact that its words settle. Add what was done below.</p>", links
        )
    if model.worksheet is None:
        return frame(f"{said}<p>Nothing that is confirmed names a service yet.</p>", links)
    waits = f'<p class="quiet">{left} proposals are not decided and do not count.</p>' if left else ""
    parts = worksheet_parts(model.worksheet, evaluated=model.evaluated, level="h2")
    why = f"<details><summary>Why, what to keep, and the sources</summary>{''.join(parts[1:])}</details>"
    return frame(said + waits + parts[0] + _lacks(model) + why, links)


def _lacks(model: NoteForm) -> str:
    wanted: dict[str, list[str]] = {}
    for one in model.lacks:
        wanted.setdefault(one.code, []).append(one.element)
    if not wanted:
        return ""
    listed = "".join(
        f"<li>{_code(code)}: {escape('; '.join(elements))}</li>" for code, elements in wanted.items()
    )
    return f"<h2>What this note lacks</h2><ul>{listed}</ul>"


def _code(code: str) -> str:
    """A code as a chip; a span of codes as text."""
    return chip(code) if code in codes() else f"<strong>{escape(code)}</strong>"
