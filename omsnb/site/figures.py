"""``{drawing} NAME``: our own drawings, made from the data at build time, in the colours of the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.answers import words
from omsnb.decisions import decide, decide_with
from omsnb.exercises.dates import in_words
from omsnb.exercises.questions import outcome
from omsnb.periods import last_safe_date, period_of
from omsnb.records import Allowed, Row, Table
from omsnb.site.freshness import watch
from omsnb.site.html import element, tag, wide
from omsnb.site.strokes import INK, Drawn, arrow, box, line, lines, text
from omsnb.site.surgery import SURGERY
from omsnb.tables import codes, facts, sections, tables


def joined(found: Iterable[str]) -> str:
    """Codes in words; neighbours in number become a range."""
    runs: list[list[str]] = []
    for code in sorted(dict.fromkeys(found)):
        last = runs[-1][-1] if runs else ""
        if last and last[:-2] == code[:-2] and last[-2:].isdigit() and code[-2:].isdigit():
            if int(code[-2:]) == int(last[-2:]) + 1:
                runs[-1].append(code)
                continue
        runs.append([code])
    said = []
    for run in runs:
        said += [f"{run[0]}–{run[-1]}"] if len(run) > 2 else run
    return ", ".join(said)


def workflow() -> Drawn:
    """The six steps with the codes that their tables report."""
    parts: list[tag] = []
    wide_, high, gap = 290, 210, 35
    for place, chapter in enumerate(("I", "II", "III", "IV", "V", "VI")):
        x, y = (place % 3) * (wide_ + gap) + 1, (place // 3) * (high + gap) + 1
        found = [row.report for table in tables().values() if table.chapter == chapter for row in table.rows]
        medical = joined(code for code in found if code and codes()[code].system != "CDT")
        dental = joined(code for code in found if code and codes()[code].system == "CDT")
        parts += [
            box(x, y, wide_, high, "0.04"),
            text(x + 12, y + 24, f"{chapter}. {sections()[chapter].title}", 15, font_weight="700"),
        ]
        at = y + 48
        for heading, said in (
            ("Medical claim", medical or "no code of its own"),
            ("Dental claim", dental or "none"),
        ):
            shown = lines(x + 12, at + 18, said, 33)
            parts += [text(x + 12, at, heading, 12, font_weight="700"), *shown]
            at += 26 + 17 * len(shown)
        if place % 3 < 2:
            parts += arrow(x + wide_ + 5, y + high / 2, gap - 10)
    parts.append(text(1 + wide_ * 3 + gap * 2 - 150, high + 23, "then IV, below", 13))
    return 3 * wide_ + 2 * gap + 2, 2 * high + gap + 2, parts


FIELDS: Mapping[str, tuple[tuple[int, int, int, int], ...]] = MappingProxyType(
    {
        "limited": ((38, 66, 34, 44),),
        "mandible": ((24, 88, 112, 66),),
        "maxilla": ((34, 36, 92, 50),),
        "both_jaws": ((18, 30, 124, 126),),
        "tmj_series": ((10, 14, 36, 36), (114, 14, 36, 36)),
    }
)
"""Where the dashed frames of each field of view lie on the drawing of the jaws."""


def field_of_view() -> Drawn:
    """The fields of view of cone-beam CT on a drawing of the jaws, with the codes of the table."""
    parts: list[tag] = []
    step = 172
    for place, (name, value) in enumerate(facts()["field_of_view"].values.items()):
        x = place * step
        inside = [_jaws(), *(_frame(*frame) for frame in FIELDS[name])]
        parts.append(element("g", *inside, transform=f"translate({x},0)"))
        parts += lines(x + 8, 190, value.label, 24)
        at = 190 + 17 * 3
        for component, heading in (("capture_and_read", "taken and read"), ("capture_only", "taken only")):
            code = decide("cbct", scan="cbct", claim="dental", component=component, field_of_view=name).codes[
                0
            ]
            parts.append(text(x + 8, at, f"{heading}: {code}", 13, font_weight="700"))
            at += 18
    read = decide("cbct", scan="cbct", claim="dental", component="read_only").codes[0]
    medical = decide(
        "cbct", scan="cbct", claim="medical", component="capture_and_read", place="office"
    ).codes[0]
    parts += lines(8, 300, f"Read only, any field: {read}. Medical claim, any field: {medical}.", 110)
    return step * len(FIELDS), 312, parts


def _jaws() -> tag:
    shapes = (
        "M40 44 Q80 30 120 44 L114 82 Q80 92 46 82 Z",  # maxilla
        "M28 34 L34 84 Q38 148 80 150 Q122 148 126 84 L132 34 L122 34 L112 92 Q104 128 80 128 Q56 128 48 92 L38 34 Z",
    )
    teeth = [line(x, 84, x, 90) for x in range(54, 110, 8)] + [line(x, 94, x, 102) for x in range(58, 106, 8)]
    joints = [
        element("circle", cx=cx, cy="32", r="7", stroke=INK, fill=INK, fill_opacity="0.15")
        for cx in ("30", "130")
    ]
    bones = [element("path", d=d, stroke=INK, fill=INK, fill_opacity="0.1") for d in shapes]
    return element("g", *bones, *teeth, *joints)


def _frame(x: int, y: int, width: int, height: int) -> tag:
    return box(x, y, width, height, "0.22", stroke_dasharray="5 3", stroke_width="2")


def who_bills() -> Drawn:
    """What a practice may bill of an image, in the office and in a hospital."""
    parts: list[tag] = []
    columns = ("office", "inpatient")
    rows = ("capture_and_read", "capture_only", "read_only", "neither")
    left, width, high = 190, 345, 104
    for at, place in enumerate(columns):
        parts.append(text(left + at * (width + 10), 20, facts()["place"].label(place), 15, font_weight="700"))
    for down, component in enumerate(rows):
        y = 34 + down * (high + 8)
        parts += lines(4, y + 30, facts()["component"].label(component), 24)
        for at, place in enumerate(columns):
            row = decide("imaging-component", component=component, place=place).rows[0]
            x = left + at * (width + 10)
            nothing = row.concludes["billed"] == "nothing"
            parts.append(
                box(x, y, width, high, "0" if nothing else "0.1", stroke_dasharray="5 4" if nothing else "")
            )
            billed = facts()["billed"].label(row.concludes["billed"])
            parts.append(text(x + 12, y + 24, f"bills {billed}", 14, font_weight="700"))
            parts += lines(x + 12, y + 48, row.because, 44)
    return left + 2 * width + 14, 34 + len(rows) * (high + 8), parts


def tree(name: str) -> Drawn:
    """A decision table as a tree: each step asks one question, each end is what goes on the claim."""
    table = tables()[name]
    entries = list(_branches(table, table.rows, {}, table.columns, 0))
    parts: list[tag] = []
    high, indent = 27, 30
    for place, (depth, said, leaf) in enumerate(entries):
        x, y = 8 + depth * indent, 22 + place * high
        if depth:
            above = max(at for at in range(place) if entries[at][0] == depth - 1)
            x_line = 8 + (depth - 1) * indent + 8
            parts += [
                line(x_line, 22 + above * high + 8, x_line, y - 4, stroke_opacity="0.6"),
                line(x_line, y - 4, x - 5, y - 4, stroke_opacity="0.6"),
            ]
        words_ = element("tspan", said)
        shown: list[tag] = [words_]
        if leaf:
            shown.append(element("tspan", f"  →  {leaf}", font_weight="700"))
        parts.append(element("text", *shown, x=f"{x:g}", y=f"{y:g}", font_size="14", fill=INK))
    return 900, 16 + len(entries) * high, parts


def _branches(
    table: Table, rows: Sequence[Row], told: Mapping[str, Allowed], left: Sequence[str], depth: int
) -> Iterator[tuple[int, str, str]]:
    """Lines of the tree below these rows: depth, words, and the outcome where one is left."""
    fact = next((name for name in left if any(name in row.conditions for row in rows)), "")
    if not fact:
        return
    groups: dict[tuple[str, ...], list[str]] = {}
    for value in facts()[fact].values:
        kept = decide_with(table, {**told, fact: frozenset({value})}).rows
        groups.setdefault(tuple(row.id for row in kept), []).append(value)
    yield depth, facts()[fact].question, ""
    for values in groups.values():
        now = {**told, fact: frozenset(values)}
        kept = decide_with(table, now).rows
        found = {outcome(table, row) for row in kept}
        yield depth + 1, words(facts()[fact], frozenset(values)), found.pop() if len(found) == 1 else ""
        if len({row.outcome for row in kept}) > 1:
            yield from _branches(table, kept, now, left[left.index(fact) + 1 :], depth + 2)


def global_period() -> Drawn:
    """Two splints before one operation: one whose period has ended, and one whose period has not."""
    surgery = date(2026, 3, 12)
    code = next(entry for entry in codes().values() if entry.global_days == "010" and entry.named_by_paper)
    start, day_wide, left = date(2026, 3, 1), 50, 150
    parts: list[tag] = []
    for place in range(13):
        day = start + timedelta(place)
        parts.append(text(left + place * day_wide + 15, 20, str(day.day), 13))
    parts.append(text(4, 20, "March 2026", 13, font_weight="700"))
    safe = last_safe_date(code.global_days, surgery)
    for row, day in enumerate((safe, safe + timedelta(1))):
        y = 34 + row * 66
        period = period_of(code.code, day)
        x, length = left + (period.first - start).days * day_wide, period.length * day_wide
        parts += [
            text(4, y + 22, f"{code.code} on {day.day} March", 13, font_weight="700"),
            box(x, y, length - 3, 34, "0.15"),
            text(x + 10, y + 22, f"period: to {in_words(period.last)}", 13),
        ]
        verdict = "operation outside" if not period.holds(surgery) else "operation inside: may be denied"
        parts.append(text(left, y + 52, verdict, 13))
    x = left + (surgery - start).days * day_wide
    parts += [
        line(x + 22, 28, x + 22, 166, stroke_width="2", stroke_dasharray="6 4"),
        text(x + 60, 184, f"operation: {in_words(surgery)}", 13, font_weight="700", text_anchor="end"),
    ]
    return left + 13 * day_wide + 30, 196, parts


DRAWINGS: Mapping[str, tuple[str, str, Callable[[], Drawn]]] = MappingProxyType(
    {
        "workflow": (
            "The digital workflow with its codes",
            "Six boxes in order: clinical evaluation, diagnostics, imaging, virtual planning, 3D printing and "
            "supplemental products. Each lists the codes that its tables report on a medical and a dental claim.",
            workflow,
        ),
        "field-of-view": (
            "The field of view chooses the cone-beam code",
            "Five drawings of the jaws. A dashed frame marks part of a jaw, the mandible, the maxilla, both jaws, or "
            "both joints; under each stand its two codes.",
            field_of_view,
        ),
        "who-bills": (
            "Who bills what of an image",
            "A grid. Columns: the practice's own office, and a hospital ward. Rows: what the practice did. Each cell "
            "says which part the practice bills, and why.",
            who_bills,
        ),
        "splint-tree": (
            "How a splint is reported",
            "A tree of questions, made from the splint table: whether one is made, the claim, who makes it, the "
            "payer's way, and how many. Each end names what goes on the claim.",
            lambda: tree("splint"),
        ),
        "global-period": (
            "A splint before an operation",
            "Two bars of eleven days over a calendar. The upper one ends on the day before the operation; the "
            "lower one ends on the day of the operation.",
            global_period,
        ),
        **SURGERY,
    }
)
"""Drawings by name: title, description and what draws them."""


class Drawing(SphinxDirective):
    """Shows one of ``DRAWINGS``."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the name and makes the figure."""
        name = self.arguments[0].strip()
        if name not in DRAWINGS:
            said = f"drawing {name!r} is not known; allowed: {', '.join(DRAWINGS)}"
            return [self.state.document.reporter.warning(said, line=self.lineno)]
        watch(self.env)
        return [figure(name)]


def figure(name: str) -> tag:
    """A drawing with its title and description, in a frame that scrolls on a narrow screen."""
    title, description, drawer = DRAWINGS[name]
    width, height, parts = drawer()
    ids = (f"drawing-{name}-title", f"drawing-{name}-description")
    drawn = element(
        "svg",
        element("title", title, id=ids[0]),
        element("desc", description, id=ids[1]),
        *parts,
        viewBox=f"0 0 {width} {height}", width=str(width), height=str(height), role="img",
        aria_labelledby=ids[0], aria_describedby=ids[1], font_family="inherit",
        style=f"min-width: {min(width, 620)}px; max-width: 100%; height: auto;",
    )  # fmt: skip
    caption = element("figcaption", f"{title}.")
    return element(
        "figure", wide(f"Drawing: {title}", drawn), caption, class_="drawing", id=f"drawing-{name}"
    )


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("drawing", Drawing)
