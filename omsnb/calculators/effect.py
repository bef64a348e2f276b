"""What a change did to a worksheet, in one sentence for the ear and the eye: lines fewer, more, and changed."""

from __future__ import annotations

from omsnb.coding import Worksheet
from omsnb.summary import summary

NOTHING = "No line changes"


def effect(before: Worksheet, after: Worksheet) -> str:
    """One sentence, such as ``1 line fewer: 99204; 1 line changed: 70486 → 70486-26; 5 questions are open.``

    A line counts for its service. It is changed, and not gone, where its code stays with other modifiers or units, or
    where it was the service's one line and another takes its place.
    """
    old, new = _by_service(before), _by_service(after)
    fewer: list[str] = []
    more: list[str] = []
    changed: list[str] = []
    for place in dict.fromkeys((*old, *new)):
        was, is_now = old.get(place, {}), new.get(place, {})
        gone = [text for text in was if text not in is_now]
        come = [text for text in is_now if text not in was]
        for text in tuple(gone):
            same = [other for other in come if is_now[other] == was[text]]
            other = same[0] if same else come[0] if len(was) == len(is_now) == 1 and come else ""
            if other:
                changed.append(f"{text} → {other}")
                gone.remove(text)
                come.remove(other)
        fewer += gone
        more += come
    told = [
        f"{_count(len(lines))} {what}: {', '.join(lines)}"
        for what, lines in (("fewer", fewer), ("more", more), ("changed", changed))
        if lines
    ]
    return f"{'; '.join((*(told or [NOTHING]), _open(after)))}."


def _by_service(worksheet: Worksheet) -> dict[str, dict[str, str]]:
    """The lines of each service, text to code; prolonged time belongs to its visit, by whatever payer's rule."""
    found: dict[str, dict[str, str]] = {}
    for entry in summary(worksheet):
        found.setdefault(entry.service, {}).update({line.text: line.code for line in entry.lines})
    return found


def _open(worksheet: Worksheet) -> str:
    left = len(worksheet.questions)
    return "nothing is open" if not left else f"{left} question{'s are' if left > 1 else ' is'} open"


def _count(lines: int) -> str:
    return f"{lines} line{'s' if lines > 1 else ''}"
