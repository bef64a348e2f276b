"""A claim as a table to look at or print: our own layout, no form art. Presents only; every text is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from omsnb.claim_tables import areas, forms, payers, places
from omsnb.claims import Claim, ServiceLine, place_of

STYLE = """<style>
.claim{font:15px/1.4 system-ui,sans-serif;margin:1rem 0;overflow-x:auto}
.claim table{border-collapse:collapse;width:100%}.claim caption{text-align:left;font-weight:600;padding:.3rem 0}
.claim th,.claim td{border:1px solid #8a97a3;padding:.25rem .5rem;text-align:left;vertical-align:top}
.claim .wrong{border-left:4px solid #a32020;padding-left:.6rem}
@media print{.claim{break-inside:avoid}}
</style>"""

Cells = tuple[tuple[str, Callable[[Claim, ServiceLine], str]], ...]


def _money(line: ServiceLine) -> str:
    return f"{line.charge:.2f}" if line.charge is not None else ""


def _unboxed(claim: Claim, line: ServiceLine) -> str:
    """The modifiers that the form has no box for, as they are written before the description."""
    return " ".join(f"{modifier}#" for modifier in line.modifiers if modifier in forms()[claim.form].unboxed)


MEDICAL: Cells = (
    ("Line", lambda claim, line: str(line.line)),
    ("24A Date", lambda claim, line: line.date.isoformat()),
    ("24B Place", place_of),
    ("24D Code", lambda claim, line: line.code),
    ("Modifiers", lambda claim, line: " ".join(line.modifiers)),
    ("24E Pointers", lambda claim, line: line.pointers),
    ("24F Charge", lambda claim, line: _money(line)),
    ("24G Units", lambda claim, line: str(line.units)),
    ("24J Rendering provider", lambda claim, line: line.rendering),
)
DENTAL: Cells = (
    ("Line", lambda claim, line: str(line.line)),
    ("24 Date", lambda claim, line: line.date.isoformat()),
    ("25 Area", lambda claim, line: line.area),
    ("27 Tooth", lambda claim, line: line.tooth),
    ("29 Code", lambda claim, line: line.code),
    ("29a Pointers", lambda claim, line: line.pointers),
    ("29b Quantity", lambda claim, line: str(line.units)),
    ("30 Before the description", lambda claim, line: _unboxed(claim, line)),
    ("31 Fee", lambda claim, line: _money(line)),
)


def beyond_the_form(claim: Claim) -> tuple[str, ...]:
    """What a claim holds that its form has no room for, one sentence each."""
    form = forms().get(claim.form)
    if form is None:
        return ("The claim names no form.",)
    said = []
    if len(claim.lines) > form.lines:
        said.append(f"{len(claim.lines)} lines, but the form holds {form.lines}.")
    if len(claim.diagnoses) > form.diagnoses:
        said.append(f"{len(claim.diagnoses)} diagnoses, but the form holds {form.diagnoses}.")
    for line in claim.lines:
        if form.boxes(line.modifiers) > form.modifiers:
            said.append(
                f"Line {line.line}: modifiers {', '.join(line.modifiers)}; a line holds {form.modifiers}."
            )
        if len(line.pointers) > form.pointers:
            said.append(f"Line {line.line}: {len(line.pointers)} pointers; a line holds {form.pointers}.")
        if not form.areas and (line.area or line.tooth):
            said.append(f"Line {line.line}: the form has no field for area and tooth.")
    return tuple(said)


def cells_of(claim: Claim) -> Cells:
    """The boxes of a line on the claim's form: each has a name and how a line fills it."""
    form = forms().get(claim.form)
    return DENTAL if form and form.areas else MEDICAL


def claim_html(claim: Claim) -> str:
    """One claim as a table."""
    form = forms().get(claim.form)
    cells = cells_of(claim)
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name, _ in cells)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(read(claim, line))}</td>" for _, read in cells) + "</tr>"
        for line in claim.lines
    )
    facts = [
        ("Form", form.label if form else "not given"),
        ("Payer", payers()[claim.payer].label if claim.payer else "not given"),
        ("Patient key", claim.patient),
        ("Birth date", claim.birth_date.isoformat() if claim.birth_date else "not given"),
        ("Billing provider", claim.provider or "not given"),
        ("Place of service", f"{claim.place} {places()[claim.place].label}" if claim.place else "not given"),
        ("Diagnoses", ", ".join(claim.diagnoses) or "not given"),
    ]
    used = {line.area for line in claim.lines if line.area}
    if used:
        facts.append(("Areas", ", ".join(f"{area} {areas()[area]}" for area in sorted(used))))
    listed = "<br>".join(f"{escape(name)}: {escape(text)}" for name, text in facts)
    wrong = "".join(f'<p class="wrong">{escape(text)}</p>' for text in beyond_the_form(claim))
    return (
        f'<div class="claim"><p>{listed}</p>{wrong}<table><caption>Claim {escape(claim.claim)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def claims_page(claims: Iterable[Claim]) -> str:
    """Claims as a page of their own, without script and without another host."""
    shown = "".join(claim_html(claim) for claim in claims)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Claims</title>'
        '<meta name="viewport" content="width=device-width">'
        f"{STYLE}</head><body><main><h1>Claims</h1>{shown}</main></body></html>"
    )
