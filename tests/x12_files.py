"""X12 files for tests, made here: claims (837P, 837D) and remittances (835) of made-up persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Line:
    code: str = "70486"
    charge: str = "450"
    modifiers: str = ""
    units: str = "1"
    place: str = ""
    pointers: str = "1"
    date: str = "D8*20260302"
    area: str = ""
    after: tuple[str, ...] = ()


@dataclass
class Claim:
    number: str = "C-1"
    lines: Sequence[Line] = field(default_factory=lambda: [Line()])
    place: str = "11"
    frequency: str = "1"
    last: str = "DOE"
    birth: str = "19800506"
    indicator: str = "CI"
    dependent: str = ""
    diagnoses: str = "ABK:M2669"
    after: tuple[str, ...] = ()


def charge_of(claim: Claim) -> str:
    return str(sum(int(line.charge) for line in claim.lines))


def claim_segments(claim: Claim, dental: bool, number: int) -> list[str]:
    made = [
        f"HL*{number}*1*22*{1 if claim.dependent else 0}", f"SBR*P*18*******{claim.indicator}",
        f"NM1*IL*1*{claim.last}*ANN****MI*W{claim.last}", f"DMG*D8*{claim.birth}*F", "NM1*PR*2*PLAN*****PI*60054",
    ]  # fmt: skip
    if claim.dependent:
        made += [
            f"HL*{number + 1}*{number}*23*0",
            "PAT*19",
            f"NM1*QC*1*{claim.last}*TED",
            f"DMG*D8*{claim.dependent}*M",
        ]
    made.append(f"CLM*{claim.number}*{charge_of(claim)}***{claim.place}:B:{claim.frequency}*Y*A*Y*Y")
    made += [f"HI*{claim.diagnoses}"] if claim.diagnoses else []
    made += ["NM1*82*1*ROE*ANN****XX*1999999999", *claim.after]
    for place, line in enumerate(claim.lines, start=1):
        code = ":".join(part for part in (line.code, line.modifiers) if part)
        made.append(f"LX*{place}")
        if dental:
            made.append(
                f"SV3*AD:{code}*{line.charge}*{line.place}*{line.area}**{line.units}*****{line.pointers}"
            )
        else:
            made.append(f"SV1*HC:{code}*{line.charge}*UN*{line.units}*{line.place}**{line.pointers}")
        made += [f"DTP*472*{line.date}"] if line.date else []
        made += line.after
    return made


def transaction(kind: str, version: str, body: Sequence[str], number: int = 1) -> list[str]:
    return [f"ST*{kind}*{number:04}*{version}", *body, f"SE*{len(body) + 2}*{number:04}"]


def claims_837(claims: Sequence[Claim], dental: bool = False, version: str = "") -> list[str]:
    """The segments of one interchange with one transaction."""
    version = version or ("005010X224A2" if dental else "005010X222A1")
    body = ["BHT*0019*00*1*20260302*1200*CH", "NM1*41*2*SENDER*****46*S1", "NM1*40*2*PLAN*****46*P1"]
    body += [
        "HL*1**20*1",
        "NM1*85*2*PRACTICE*****XX*1888888888",
        "N3*1 MAIN ST",
        "N4*CITY*IL*60000",
        "REF*EI*999999999",
    ]
    number = 2
    for claim in claims:
        body += claim_segments(claim, dental, number)
        number += 2 if claim.dependent else 1
    return interchange([transaction("837", version, body)], "HC", version)


def interchange(told: Sequence[Sequence[str]], group: str, version: str) -> list[str]:
    head = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260302*1200*^*00501*000000001*0*T*:"
    middle = [segment for part in told for segment in part]
    return [
        head,
        f"GS*{group}*S*R*20260302*1200*1*X*{version}",
        *middle,
        f"GE*{len(told)}*1",
        "IEA*1*000000001",
    ]


def text_of(made: Sequence[str], end: str = "~", between: str = "\n") -> str:
    return "".join(f"{segment}{end}{between}" for segment in made)


def remittance_835(body: Sequence[str]) -> list[str]:
    version = "005010X221A1"
    head = [
        "BPR*I*100*C*ACH************20260401",
        "TRN*1*1*1",
        "N1*PR*PLAN",
        "N1*PE*PRACTICE*XX*1888888888",
        "LX*1",
    ]
    return interchange([transaction("835", version, [*head, *body])], "HP", version)
