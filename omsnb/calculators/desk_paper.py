"""The desk on paper: claims on their forms, findings, their sources, the edition and the day. Escapes all text."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from omsnb.calculators.desk import ClaimDesk
from omsnb.claims import Claim
from omsnb.edition import edition
from omsnb.edits import Finding
from omsnb.preview import claim_html

CLAIMS_MOST = 40
FINDINGS_MOST = 300


def printed(model: ClaimDesk, day: str) -> str:
    """The sheet as HTML. ``day``: the day on which it is printed, as the reader's machine knows it."""
    claims, findings = model.reading.claims, model.findings
    refused = model.source.refused + model.reading.refused
    total = f"{model.reading.lines + refused} rows = {model.reading.lines} read + {refused} refused"
    known = edition()
    return (
        "<h1>Claim check</h1>"
        f"<p>Edition {escape(known.edition)}, code year {known.code_year}. "
        f"Printed {escape(day) or 'on a day not given'}. {total}; "
        f"worst: {escape(model.worst or 'no lines')}. For training; no billing advice.</p>"
        + _refused(model)
        + "".join(map(claim_html, claims[:CLAIMS_MOST]))
        + _beyond(claims, CLAIMS_MOST, "claims")
        + f"<h2>Findings</h2>{_findings(findings)}"
        + _beyond(findings, FINDINGS_MOST, "findings")
    )


def _refused(model: ClaimDesk) -> str:
    told = [*map(str, model.source.faults), *map(str, model.faults)]
    listed = "".join(f"<li>{escape(text)}</li>" for text in told[:FINDINGS_MOST])
    return f"<h2>Not read, so the check is incomplete</h2><ul>{listed}</ul>" if told else ""


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "<p>Nothing was found in the lines that were read.</p>"
    rows = "".join(
        f"<tr><th scope='row'>{escape(one.status)}</th>"
        f"<td>{escape(', '.join(f'{claim} line {line}' for claim, line in one.lines))}</td>"
        f"<td>{escape(one.because)} <strong>{escape(one.remedy)}</strong></td>"
        f"<td>{escape('; '.join(one.cited))}</td></tr>"
        for one in findings[:FINDINGS_MOST]
    )
    heads = "".join(
        f'<th scope="col">{name}</th>' for name in ("Weight", "Lines", "Finding and remedy", "Sources")
    )
    return f'<div class="claim"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _beyond(entries: Sequence[Claim] | Sequence[Finding], most: int, what: str) -> str:
    return f"<p>{len(entries) - most} more {what} are not printed.</p>" if len(entries) > most else ""
