"""Our own line drawings of the surgery, for readers who have never seen it: plain outlines, no rule and no code."""

# The paths of the outlines are longer than a line.
# ruff: noqa: E501

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from omsnb.site.html import element, tag
from omsnb.site.strokes import INK, Drawn, arrow, at, box, cut, dot, line, pointer, shape, text

UPPER = "M112 78 L150 64 L214 58 Q226 84 250 100 L238 106 Q242 120 238 136 L146 136 Q126 126 122 104 Z"
"""Upper jaw and cheek bone from the side; the face looks to the right."""
TOOTH_BEARING = "M122 110 L241 106 Q242 120 238 136 L146 136 Q128 128 122 110 Z"
"""The part of the upper jaw below a Le Fort I cut."""
ABOVE = "M112 78 L150 64 L214 58 Q226 84 250 100 L238 106 L122 110 L121 104 Z"
LOWER = (
    "M62 94 Q70 82 80 92 Q86 100 80 112 Q92 122 104 108 Q112 92 118 104 Q124 130 140 160 L234 160 "
    "Q244 178 236 206 Q226 222 204 218 L112 204 Q80 198 72 176 Z"
)
"""Lower jaw: condyle, notch, coronoid process, teeth, chin, lower border, angle."""
BEHIND = "M62 94 Q70 82 80 92 Q86 100 80 112 Q92 122 104 108 Q112 92 118 104 Q122 124 132 144 L150 176 L150 210 L112 204 Q80 198 72 176 Z"
BODY = "M132 144 L140 160 L234 160 Q244 178 236 206 Q226 222 204 218 L150 210 L150 176 Z"
NO_CONDYLE = (
    "M66 122 L80 122 Q92 126 104 108 Q112 92 118 104 Q124 130 140 160 L234 160 "
    "Q244 178 236 206 Q226 222 204 218 L112 204 Q80 198 72 176 Z"
)
FOSSA = "M34 84 Q50 74 58 84 Q70 66 86 82 L112 78"
"""The skull base with the hollow of the joint."""


def _teeth(y: float, first: int = 148, last: int = 232) -> list[tag]:
    return [
        element(
            "rect",
            x=str(x),
            y=f"{y:g}",
            width="9",
            height="12",
            rx="3",
            stroke=INK,
            fill=INK,
            fill_opacity="0.04",
        )
        for x in range(first, last, 12)
    ]


def _upper(d: str = UPPER, shade: str = "0.08") -> tag:
    return element("g", shape(d, shade), *_teeth(136))


def _lower(d: str = LOWER, shade: str = "0.08") -> tag:
    return element("g", shape(d, shade), *_teeth(148))


def _titles(*said: str, width: int = 320) -> list[tag]:
    return [text(place * width + 10, 20, words, 15, font_weight="700") for place, words in enumerate(said)]


def splints() -> Drawn:
    """An intermediate splint that places the upper jaw, and a final one when both jaws have moved."""
    parts = _titles("Intermediate splint", "Final splint")
    for place, moved in enumerate((0, 12)):
        ghost = [shape(TOOTH_BEARING, stroke_dasharray="3 3", stroke_width="0.8")]
        splint = box(142 + 12, 147, 96, 12, "0.5")
        upper = at(12, 0, shape(TOOTH_BEARING, "0.2"), *_teeth(136))
        lower = at(moved, 11, _lower(shade="0.2" if moved else "0.04"))
        parts.append(at(place * 320, 20, shape(FOSSA), shape(ABOVE, "0.04"), *ghost, upper, lower, splint))
    parts += [
        *arrow(258, 138, 26),
        *arrow(578, 138, 26),
        *arrow(578, 210, 26),
        *pointer(30, 262, 170, 176, "splint between the teeth"),
        text(216, 262, "lower jaw not moved yet", 13),
        *pointer(400, 262, 490, 176, "splint holds the end bite"),
    ]
    return 640, 276, parts


def osteotomies() -> Drawn:
    """The cut through the upper jaw and the split of the lower jaw."""
    parts = _titles("Le Fort I osteotomy", "Sagittal split of the ramus")
    first = [
        shape(FOSSA),
        shape(ABOVE, "0.04"),
        shape(TOOTH_BEARING, "0.2"),
        *_teeth(136),
        cut("M116 111 L250 105"),
        _lower(shade="0.04"),
    ]
    second = [shape(FOSSA), _upper(shade="0.04"), shape(BEHIND, "0.04"), shape(BODY, "0.2"), *_teeth(148)]
    second.append(cut("M74 128 L118 128 L132 146 L150 176 L150 214"))
    parts += [
        at(0, 20, *first),
        at(320, 20, *second),
        *pointer(262, 92, 246, 124, "cut"),
        *pointer(262, 160, 232, 146, "moves"),
        *pointer(20, 90, 62, 112, "condyle"),
        *pointer(10, 160, 78, 170, "ramus"),
        *pointer(330, 258, 400, 190, "stays with the joint"),
        *pointer(500, 262, 540, 206, "slides with the teeth"),
        *pointer(580, 130, 444, 150, "cut"),
    ]
    return 660, 276, parts


def distractor() -> Drawn:
    """A lower jaw that is being lengthened, before and after."""
    parts = _titles("On the day of the cut", "After some weeks")
    for place, gap in enumerate((4, 30)):
        front = "M140 160 L234 160 Q244 178 236 206 Q226 222 204 218 L128 207 Z"
        back = "M62 94 Q70 82 80 92 Q86 100 80 112 Q92 122 104 108 Q112 92 118 104 Q124 130 140 160 L128 207 L112 204 Q80 198 72 176 Z"
        new = f"M140 160 L{140 + gap} 160 L{128 + gap} 207 L128 207 Z"
        rod = [box(112, 180, 66 + gap, 6, "0.5"), line(178 + gap, 183, 196 + gap, 183, stroke_width="3")]
        feet = [box(98, 172, 20, 22, "0.3"), box(150 + gap, 172, 20, 22, "0.3")]
        screws = [dot(x, y) for x in (104, 112, 156 + gap, 164 + gap) for y in (177, 189)]
        shown = [
            shape(FOSSA),
            _upper(shade="0.04"),
            shape(back, "0.12"),
            shape(new, "0.45", stroke_dasharray="3 3"),
        ]
        shown += [at(gap, 0, shape(front, "0.12"), *_teeth(148)), *rod, *feet, *screws]
        parts.append(at(place * 320, 20, *shown))
    parts += [
        *pointer(20, 258, 104, 212, "plate with screws"),
        *pointer(176, 262, 194, 206, "rod, turned each day"),
        *pointer(400, 262, 466, 216, "new bone in the gap"),
        *arrow(600, 220, 30),
    ]
    return 640, 276, parts


def joint() -> Drawn:
    """A joint prosthesis of two parts in place of the condyle."""
    fossa = shape("M42 82 Q56 76 62 88 Q72 72 86 88 L104 84 L104 92 L88 97 Q72 84 62 98 L44 92 Z", "0.55")
    stem = shape("M66 102 Q72 90 82 100 L84 118 L94 130 L104 186 L84 186 L74 128 Z", "0.35")
    screws = [dot(x, y) for x, y in ((84, 136), (90, 150), (86, 162), (96, 174), (88, 180))]
    own = at(0, 20, shape(FOSSA), _upper(shade="0.04"), _lower(shade="0.12"))
    new = at(320, 20, shape(FOSSA), _upper(shade="0.04"), _lower(NO_CONDYLE, "0.12"), fossa, stem, *screws)
    parts = [
        *_titles("The joint", "Joint prosthesis"), own, new,
        *pointer(20, 70, 70, 100, "fossa, in the skull base"),
        *pointer(10, 150, 66, 120, "condyle"),
        *pointer(130, 190, 108, 160, "ramus"),
        *pointer(330, 70, 378, 106, "fossa part"),
        *pointer(470, 84, 400, 124, "condyle part"),
        *pointer(330, 258, 408, 196, "screwed to the ramus"),
    ]  # fmt: skip
    return 640, 276, parts


def _drill(x: float, y: float) -> list[tag]:
    """A drill that points down; its tip is at x, y."""
    return [
        box(x - 9, y - 150, 18, 64, "0.15"),
        box(x - 3, y - 86, 6, 70, "0.4"),
        shape(f"M{x - 3} {y - 16} L{x} {y} L{x + 3} {y - 16} Z", "1"),
    ]


def guides() -> Drawn:
    """A drill led by a sleeve, and a drill led by a camera."""
    parts = _titles("Static guide", "Dynamic navigation")
    for place in (0, 1):
        left = place * 330
        parts.append(box(left + 30, 216, 240, 50, "0.1"))
        parts += [
            element("rect", x=str(left + x), y="180", width="30", height="40", rx="9", stroke=INK, fill=INK, fill_opacity="0.04")
            for x in (42, 80, 190, 228)
        ]  # fmt: skip
        parts += _drill(left + 150, 250)
    parts += [
        shape("M34 172 L266 172 L266 192 L172 192 L172 206 L128 206 L128 192 L34 192 Z", "0.3"),
        box(138, 166, 7, 42, "0.9"), box(155, 166, 7, 42, "0.9"),
        *pointer(196, 150, 164, 168, "sleeve"),
        *pointer(10, 150, 60, 176, "guide on the teeth"),
        *pointer(196, 110, 160, 120, "drill"),
        *pointer(10, 290, 60, 250, "jaw"),
        *(dot(480 + x, 96, 5, "0.2") for x in (-24, 24)),
        line(456, 96, 504, 96), dot(392, 170, 5, "0.2"), dot(412, 156, 5, "0.2"), line(392, 170, 412, 156),
        line(402, 163, 414, 182),
        box(560, 36, 66, 22, "0.3"), dot(578, 47, 5), dot(608, 47, 5),
        box(556, 96, 94, 66, "0.06"), line(603, 102, 603, 156, stroke_dasharray="3 3"),
        line(562, 130, 644, 130, stroke_dasharray="3 3"), dot(608, 124, 3),
        line(572, 58, 512, 92, stroke_dasharray="2 4"), line(562, 56, 420, 152, stroke_dasharray="2 4"),
        text(560, 80, "camera", 13), text(556, 180, "screen with the scan", 13),
        *pointer(340, 134, 388, 164, "marker on the jaw"),
        *pointer(350, 80, 452, 94, "marker on the drill"),
        text(530, 240, "no sleeve", 13), line(526, 236, 488, 220, stroke_width="0.8"),
    ]  # fmt: skip
    return 700, 300, parts


def scans() -> Drawn:
    """A surface of triangles, and a volume of slices."""
    tooth = "M60 90 Q80 60 110 76 Q140 58 164 86 Q176 120 150 150 Q150 200 130 216 Q118 190 112 166 Q100 190 90 216 Q72 196 74 150 Q48 120 60 90 Z"
    mesh = [
        line(x1, y1, x2, y2, stroke_width="0.8")
        for x1, y1, x2, y2 in (
            (60, 90, 90, 112), (90, 112, 110, 76), (110, 76, 134, 110), (134, 110, 164, 86), (90, 112, 134, 110),
            (74, 150, 90, 112), (74, 150, 112, 144), (112, 144, 90, 112), (112, 144, 134, 110), (150, 150, 134, 110),
            (112, 144, 150, 150), (112, 144, 112, 166), (74, 150, 100, 180), (150, 150, 126, 186), (112, 166, 88, 196),
            (112, 166, 134, 204),
        )
    ]  # fmt: skip
    slices = [
        shape(f"M{360 + step * 9} {84 + step * 26} l150 0 l44 -26 l-150 0 Z", "0.06") for step in range(6)
    ]
    inside = [
        element("ellipse", cx=f"{457 + step * 9}", cy=f"{71 + step * 26}", rx="42", ry="8", stroke=INK, fill=INK, fill_opacity="0.3")
        for step in range(6)
    ]  # fmt: skip
    pulp = [dot(457 + step * 9, 71 + step * 26, 3) for step in range(6)]
    parts = [
        *_titles("Surface (STL)", "Volume (DICOM)"), shape(tooth, "0.06"), *mesh, *slices, *inside, *pulp,
        text(10, 250, "many triangles: the outside alone", 13),
        text(330, 250, "many slices: bone, tooth and nerve", 13),
    ]  # fmt: skip
    return 640, 264, parts


def flap() -> Drawn:
    """A jaw with a part cut out, rebuilt with two pieces of the fibula and a plate."""
    front = "M208 160 L234 160 Q244 178 236 206 Q226 222 204 218 Z"
    back = "M62 94 Q70 82 80 92 Q86 100 80 112 Q92 122 104 108 Q112 92 118 104 Q122 124 128 138 L108 203 Q80 198 72 176 Z"
    gone = "M128 138 L140 160 L208 160 L204 218 L112 204 Z"
    first = [
        shape(FOSSA),
        _upper(shade="0.04"),
        shape(back, "0.12"),
        shape(front, "0.12"),
        shape(gone, stroke_dasharray="4 3"),
    ]
    plate = element(
        "path",
        d="M84 150 L96 186 Q104 200 122 203 L226 212",
        stroke=INK,
        fill="none",
        stroke_width="7",
        stroke_opacity="0.7",
    )
    pieces = [
        shape("M118 172 L158 178 L160 204 L110 199 Z", "0.4"),
        shape("M161 178 L205 184 L203 214 L162 206 Z", "0.4"),
    ]
    vessel = element(
        "path", d="M160 206 Q150 236 110 238 Q84 238 70 228", stroke=INK, fill="none", stroke_width="2"
    )
    screws = [
        dot(x, y, 2, "0") for x, y in ((87, 160), (93, 177), (136, 204), (180, 208), (216, 211), (224, 212))
    ]
    second = [
        shape(FOSSA),
        _upper(shade="0.04"),
        shape(back, "0.12"),
        shape(front, "0.12"),
        *pieces,
        plate,
        vessel,
        *screws,
    ]
    parts = [
        *_titles("Resection", "Flap and plate"), at(0, 20, *first), at(320, 20, *second),
        *pointer(20, 262, 140, 212, "cut out, with its margins"),
        *pointer(196, 262, 212, 224, "stays"),
        *pointer(334, 262, 412, 258, "vessels"),
        *pointer(570, 180, 508, 206, "fibula, two pieces"),
        *pointer(520, 264, 512, 236, "plate with screws"),
    ]  # fmt: skip
    return 700, 280, parts


SURGERY: Mapping[str, tuple[str, str, Callable[[], Drawn]]] = MappingProxyType(
    {
        "splint-pair": (
            "Intermediate and final splint",
            "Two drawings of the jaws from the side. In the first the upper jaw has moved forward, and a splint between "
            "the teeth places it against the lower jaw, which has not. In the second both jaws have moved.",
            splints,
        ),
        "jaw-cuts": (
            "Where the jaws are cut",
            "Two drawings of the jaws from the side. A level cut above the teeth of the upper jaw; and a stepped cut "
            "through the ramus of the lower jaw that parts the joint from the teeth.",
            osteotomies,
        ),
        "distractor": (
            "A distractor lengthens the lower jaw",
            "Two drawings of the jaws from the side. A device with two plates spans a cut in the lower jaw; later its rod "
            "has driven the ends apart, and new bone fills the gap.",
            distractor,
        ),
        "joint-prosthesis": (
            "The jaw joint and its prosthesis",
            "Two drawings of the jaws from the side: the joint with fossa and condyle; and a prosthesis of two parts, one "
            "on the skull base and one screwed to the ramus.",
            joint,
        ),
        "drill-guides": (
            "Two ways of leading a drill",
            "On the left a guide rests on the teeth, and its sleeve leads the drill. On the right markers on drill and "
            "jaw are seen by a camera, a screen shows the tip in the scan, and there is no sleeve.",
            guides,
        ),
        "surface-volume": (
            "Surface and volume",
            "On the left a tooth as a surface of triangles. On the right a tooth as a stack of slices that show what is "
            "inside.",
            scans,
        ),
        "flap-plate": (
            "A jaw is cut out and rebuilt",
            "Two drawings of the jaws from the side. A part of the lower jaw is cut out; two pieces of the fibula with "
            "their vessels fill the gap, and a plate with screws bridges it.",
            flap,
        ),
    }
)  # fmt: skip
"""Drawings of the surgery by name: title, description and what draws them."""
