"""How a claim line is written: code, modifiers and units. The one place that knows; everything else asks it."""

from __future__ import annotations

from collections.abc import Iterable


def line_text(code: str, modifiers: Iterable[str] = (), units: int | str = 1) -> str:
    """A line as people write it: ``99223``, ``70486-26``, ``21085-52 ×2``, or ``99417 ×1..4`` while units are open.

    ``code``: the code's number. ``modifiers``: in their order. ``units``: a number, or a range as text.
    """
    return "-".join((code, *modifiers)) + units_text(units)


def units_text(units: int | str) -> str:
    """The units behind a line, with a blank before them; empty text for one unit, which nobody writes."""
    return "" if str(units) == "1" else f" ×{units}"
