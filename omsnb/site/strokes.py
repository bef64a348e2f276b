"""What every drawing is made of: strokes, boxes and words in the color of the page, light or dark."""

from __future__ import annotations

from textwrap import wrap

from omsnb.site.html import element, tag

Drawn = tuple[int, int, list[tag]]
"""Width, height and the parts of a drawing."""
INK = "currentColor"


def line(x1: float, y1: float, x2: float, y2: float, **more: str) -> tag:
    """A stroke."""
    return element("line", x1=f"{x1:g}", y1=f"{y1:g}", x2=f"{x2:g}", y2=f"{y2:g}", stroke=INK, **more)


def box(x: float, y: float, width: float, height: float, shade: str = "0", **more: str) -> tag:
    """A rectangle with round corners; ``shade``: how strongly it is filled with the colour of the text, 0 to 1."""
    return element(
        "rect", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}", rx="6",
        stroke=INK, fill=INK, fill_opacity=shade, **more,
    )  # fmt: skip


def text(x: float, y: float, said: str, size: int = 13, **more: str) -> tag:
    """A line of text."""
    return element("text", said, x=f"{x:g}", y=f"{y:g}", font_size=str(size), fill=INK, **more)


def lines(x: float, y: float, said: str, letters: int, step: int = 17) -> list[tag]:
    """A paragraph, cut into lines of so many letters."""
    return [text(x, y + step * place, part) for place, part in enumerate(wrap(said, letters))]


def shape(d: str, shade: str = "0", **more: str) -> tag:
    """An outline. ``d``: its path; ``shade``: how strongly it is filled with the color of the text, 0 to 1."""
    return element("path", d=d, stroke=INK, fill=INK, fill_opacity=shade, **more)


def cut(d: str) -> tag:
    """A cut through bone: a thick dashed line. ``d``: its path."""
    return element("path", d=d, stroke=INK, fill="none", stroke_width="3", stroke_dasharray="7 4")


def dot(x: float, y: float, r: float = 2.5, shade: str = "1") -> tag:
    """A screw, a marker or a point."""
    return element("circle", cx=f"{x:g}", cy=f"{y:g}", r=f"{r:g}", stroke=INK, fill=INK, fill_opacity=shade)


def arrow(x: float, y: float, length: float) -> list[tag]:
    """An arrow to the right, or with a negative length to the left."""
    tip, back = x + length, -7 if length > 0 else 7
    return [
        line(x, y, tip, y, stroke_width="2"),
        element(
            "path",
            d=f"M{tip + back:g} {y - 5:g} L{tip:g} {y:g} L{tip + back:g} {y + 5:g}",
            stroke=INK,
            fill="none",
            stroke_width="2",
        ),
    ]


def pointer(x: float, y: float, to_x: float, to_y: float, said: str) -> list[tag]:
    """Words that begin at x, y, with a thin line to what they name; it leaves them on the side that is nearest."""
    width = 6.6 * len(said)
    if abs(to_y - y) > 16:
        start = (min(max(to_x, x), x + width), y - 13 if to_y < y else y + 5)
    else:
        start = (x - 4 if to_x < x else x + width + 4, y - 4)
    return [line(*start, to_x, to_y, stroke_width="0.8"), text(x, y, said)]


def at(x: float, y: float, *parts: tag, turn: str = "") -> tag:
    """Parts moved to a place."""
    return element("g", *parts, transform=f"translate({x:g},{y:g}) {turn}".strip())
