"""An audit's summary to act on: by check, code, provider and month, with the amount at stake, and what is unknown.

As data, as text, and as a page with bars that needs no other file and asks no host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from omsnb.audit.totals import AT_STAKE, GROUPS, SUMMED, Totals

SHOWN = 20
"""Rows of a group that are shown; the rest is counted. The data holds all."""

TITLES: Mapping[str, str] = {
    "check": "By check", "code": "By code", "provider": "By billing provider", "month": "By month of service",
}  # fmt: skip


def summary_data(totals: Totals) -> dict[str, Any]:
    """The totals for JSON, each group with the most at stake first (months in their order)."""
    whole = totals.get("all", {}).get("all", [0, 0, 0])
    shown: dict[str, Any] = {"at_stake": _row("", whole)}
    for group in GROUPS[1:]:
        shown[f"by_{group}"] = [_row(key, numbers) for key, numbers in _ordered(totals, group)]
    shown[SUMMED] = [
        {"check": key.partition("|")[0], "code": key.partition("|")[2], "findings": numbers[0]}
        for key, numbers in _ordered(totals, SUMMED)
    ]
    return shown


def _row(key: str, numbers: Sequence[int]) -> dict[str, Any]:
    findings, lines, cents = numbers
    return {"key": key, "findings": findings, "lines": lines, "amount": dollars(cents)}


def dollars(cents: int) -> str:
    """Cents as dollars, such as 1234.50."""
    return f"{cents // 100}.{cents % 100:02d}"


def _ordered(totals: Totals, group: str) -> list[tuple[str, list[int]]]:
    rows = list(totals.get(group, {}).items())
    if group == "month":
        return sorted(rows)
    return sorted(rows, key=lambda row: (-row[1][2], -row[1][0], row[0]))


def summary_text(totals: Totals) -> list[str]:
    """The summary for people, a line each."""
    findings, lines, cents = totals.get("all", {}).get("all", [0, 0, 0])
    text = [f"At stake ({' and '.join(AT_STAKE)}): {findings} findings on {lines} lines, ${dollars(cents)}"]
    for group, title in TITLES.items():
        rows = _ordered(totals, group)
        if not rows:
            continue
        text.append(f"{title}: findings, lines, charges at stake")
        text += [
            f"  {_plain(key):<28}{numbers[0]:>9}{numbers[1]:>9}{dollars(numbers[2]):>14}"
            for key, numbers in rows[:SHOWN]
        ]
        text += [f"  and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    rows = _ordered(totals, SUMMED)
    if rows:
        text.append("Unknown, summed by check and code: findings")
        text += [f"  {_plain(key.replace('|', ' ')):<28}{numbers[0]:>9}" for key, numbers in rows[:SHOWN]]
        text += [f"  and {len(rows) - SHOWN} more"] if len(rows) > SHOWN else []
    return text


def _plain(key: str) -> str:
    return (key if key.isprintable() else ascii(key)) or "(none)"


def summary_page(totals: Totals, file: str, said: Sequence[str]) -> str:
    """The summary as a page with bars. ``file``: the name of the audited file; ``said``: control totals and faults."""
    findings, lines, cents = totals.get("all", {}).get("all", [0, 0, 0])
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Audit of {escape(file)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>Audit of {escape(file)}</h1>",
        *(f"<p>{escape(sentence)}</p>" for sentence in said),
        f"<p><strong>At stake: ${dollars(cents)}</strong> on {lines} lines with {findings} findings to "
        f"{' or '.join(AT_STAKE)}.</p>",
    ]
    for group, title in TITLES.items():
        rows = _ordered(totals, group)
        parts += _section(title, ("Key", "Findings", "Lines", "At stake, $"), [
            (_plain(key), [str(numbers[0]), str(numbers[1]), dollars(numbers[2])], numbers[2] or numbers[0])
            for key, numbers in rows[:SHOWN]
        ], len(rows))  # fmt: skip
    rows = _ordered(totals, SUMMED)
    parts += _section("Unknown, by check and code", ("Check and code", "Findings"), [
        (_plain(key.replace("|", " ")), [str(numbers[0])], numbers[0]) for key, numbers in rows[:SHOWN]
    ], len(rows))  # fmt: skip
    return "\n".join([*parts, "</main></body></html>\n"])


_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;margin:1rem;color:#1b1b1b;background:#fff}"
    "main{max-width:60rem;margin:auto}"
    "table{border-collapse:collapse;width:100%}th,td{padding:.2rem .5rem;text-align:right;border-bottom:1px solid #ccc}"
    "th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}svg{display:block}"
)


def _section(
    title: str, head: Sequence[str], rows: list[tuple[str, list[str], int]], count: int
) -> list[str]:
    if not rows:
        return []
    most = max(1, *(size for _, _, size in rows))
    cells = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    parts = [f"<h2>{escape(title)}</h2><table><thead><tr>{cells}<td></td></tr></thead><tbody>"]
    for key, numbers, size in rows:
        bar = (
            '<svg width="120" height="12" aria-hidden="true" focusable="false">'
            f'<rect width="{max(1, round(120 * size / most))}" height="12" fill="#2b6cb0"/></svg>'
        )
        told = "".join(f"<td>{escape(number)}</td>" for number in numbers)
        parts.append(f'<tr><th scope="row">{escape(key)}</th>{told}<td>{bar}</td></tr>')
    parts.append("</tbody></table>")
    return [*parts, f"<p>and {count - len(rows)} more</p>"] if count > len(rows) else parts
