"""A global period as a picture: an inline SVG that reads in light and dark, with its facts as text for every reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from omsnb.periods import Period

WIDTH, HEIGHT, MARGIN = 720, 152, 24
LINE = 66
LEVELS = (26, 112, 136)
"""Heights of the labels: a day takes the first at which no neighbour stands."""
LABEL = 300
"""Widest a label may be, with its neighbour's, in the picture's own units."""


def timeline_svg(period: Period, marks: Sequence[tuple[date, str]] = (), label: str = "Global period") -> str:
    """A timeline of one period with other days marked on it.

    ``marks``: days with a short label each, such as the surgery. The picture's title and description say all of it in
    words, so that nothing is lost to a reader who does not see it.
    """
    shown = [period.first, period.procedure, period.last, period.first_free, *(day for day, _ in marks)]
    start, end = min(shown) - timedelta(1), max(shown) + timedelta(1)
    step = (WIDTH - 2 * MARGIN) / max((end - start).days, 1)

    def at(day: date) -> float:
        return round(MARGIN + (day - start).days * step, 1)

    words = [f"{label}: from {period.first} to {period.last}; the procedure on {period.procedure}."]
    words += [f"{text} on {day}: {'inside' if period.holds(day) else 'outside'}." for day, text in marks]
    width = round((period.last - period.first).days * step + step, 1)
    labels = [(at(period.procedure), f"procedure {period.procedure}", True)]
    labels += [(at(period.last), f"last day {period.last}", True)]
    labels += [(at(day), f"{text} {day}", period.holds(day)) for day, text in marks]
    parts = [
        f'<rect x="{at(period.first)}" y="{LINE - 14}" width="{width}" height="28" rx="4" fill="currentColor" '
        'fill-opacity=".16" stroke="currentColor"/>',
        f'<line x1="{MARGIN}" y1="{LINE}" x2="{WIDTH - MARGIN}" y2="{LINE}" stroke="currentColor"/>',
    ]
    taken: dict[int, list[float]] = {}
    for x, text, inside in labels:
        free = [level for level in LEVELS if all(abs(x - other) > LABEL for other in taken.get(level, []))]
        level = (free or LEVELS)[0]
        if text.startswith("last day") and LEVELS[1] in free:
            level = LEVELS[1]  # its usual place, so that pictures look alike
        taken.setdefault(level, []).append(x)
        parts.append(_mark(x + step / 2, text, level, inside))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="100%" role="img" '
        f'style="max-width:{WIDTH}px;color:inherit" aria-label="{escape(" ".join(words))}">'
        f"<title>{escape(label)}</title><desc>{escape(' '.join(words))}</desc>{''.join(parts)}</svg>"
    )


def _mark(x: float, text: str, level: int, inside: bool) -> str:
    """A day with its label at a height; filled inside the period, hollow outside."""
    anchor = "start" if x < WIDTH * 0.2 else "end" if x > WIDTH * 0.8 else "middle"
    fill = "currentColor" if inside else "none"
    edge = level + 6 if level < LINE else level - 14
    x = round(x, 1)
    return (
        f'<line x1="{x}" y1="{edge}" x2="{x}" y2="{LINE}" stroke="currentColor" stroke-dasharray="3 3"/>'
        f'<circle cx="{x}" cy="{LINE}" r="6" fill="{fill}" stroke="currentColor" stroke-width="2"/>'
        f'<text x="{x}" y="{level}" font-size="14" fill="currentColor" text-anchor="{anchor}">{escape(text)}</text>'
    )
