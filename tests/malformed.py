"""Malformed claim files by mutation of good ones: tables in text, workbooks, FHIR, and X12 claims and remittances.

Each file comes with the claims that the damage did not touch, where that is known; ``tried`` reads one and tells what
is wrong with the reading. Everything follows from a seed.
"""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from claims import ORDINARY, claims_of
from x12_files import Claim, Line, claims_837, remittance_835, text_of

from omsnb.__main__ import main
from omsnb.audit_files import audit_file
from omsnb.claim_files import read_claims
from omsnb.claims import Reading
from omsnb.edits import check
from omsnb.fhir import claims_to_bundle
from omsnb.x12_remittance import read_remittance

CELLS = (
    "=cmd()", "\0", "x" * 5000, "\udcff", '"', '""', "a\"b", ",", ";", "\t", "|", "\r", "3/2/26", "03/04/2026", "2026-13-01", "\uff12\uff10\uff12\uff16",
    "-1", "1e3", "NaN", "null", "26|26|26|26|26", "'", "\u202e", "é", "9" * 30, " ", "", "Total", "21085-XX", "21085 word", "[]", "{", "ISA*",
)  # fmt: skip
HEADERS = (
    [*list(ORDINARY), "code"],
    [
        "Claim #",
        "Patient ID",
        "Payer",
        "Billing NPI",
        "Form",
        "POS",
        "ICD-10",
        "DOS",
        "Qty",
        "Fee",
        "Dx Ptr",
        "CPT",
    ],
    [
        "CLM_ID",
        "BENE_ID",
        "PAYER",
        "PROVIDER",
        "FORM",
        "PLACE",
        "DX",
        "SVC_DT",
        "UNITS",
        "CHARGES",
        "PTR",
        "HCPCS_CD",
    ],
)
VALUES: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    {"value": []},
    "2026-99-99",
    10**30,
    "\udcff",
    "\0",
)


@dataclass(frozen=True)
class Made:
    """A malformed file. ``whole``: claims that the damage did not touch and that must be read, or None where the file
    as a whole may be refused; ``told``: claims that must be read where nothing is said."""

    name: str
    content: bytes
    whole: frozenset[str]
    told: frozenset[str]


def _row(claim: str) -> list[str]:
    return list({**ORDINARY, "claim": claim, "patient": f"P-{claim}", "code": "70486"}.values())


def table(chance: random.Random) -> Made:
    """A table in text with damaged rows, header, quotes, line ends, or bytes."""
    delimiter = chance.choice(",,,;\t")
    header = chance.choice(HEADERS)
    rows = [_row(f"G-{number}") for number in range(chance.randint(1, 6))]
    good = {row[0] for row in rows}
    lines = [delimiter.join(cells) for cells in (header, *rows)]
    sure = True
    for _ in range(chance.randint(1, 3)):
        kind, at = chance.randrange(12), chance.randint(1, len(lines) - 1)
        if kind < 4:  # a cell of one row
            cells = lines[at].split(delimiter)
            good.discard(lines[at][:3])
            cells[chance.randrange(len(cells))] = text = chance.choice(CELLS)
            sure = sure and '"' not in text and "\r" not in text
            lines[at] = delimiter.join(cells)
        elif kind == 4:  # a row cut, lengthened, doubled
            good.discard(lines[at][:3])
            lines[at] = chance.choice(
                [
                    lines[at][: chance.randrange(len(lines[at]) + 1)],
                    lines[at] + delimiter * 3,
                    f"{lines[at]}{lines[at]}",
                ]
            )
        elif kind == 5:
            lines.insert(
                at, chance.choice(["", " ", delimiter * 5, "Total", delimiter.join(header), "--", "Page 2"])
            )
        elif kind == 6:
            lines.insert(at, lines[at])
            good.discard(lines[at][:3])
        elif kind == 7:  # bytes of a row
            good.discard(lines[at][:3])
            place = chance.randrange(len(lines[at]) + 1)
            byte = chr(
                chance.choice([0, 9, 10, 13, 34, 39, 44, 0xDC81, 0xDCFF, 0x2028, chance.randrange(32, 127)])
            )
            sure = sure and byte not in '"\r\n'
            lines[at] = lines[at][:place] + byte + lines[at][place + chance.randrange(3) :]
        elif kind == 8:  # the header
            names = lines[0].split(delimiter)
            change = chance.randrange(4)
            place = chance.randrange(len(names))
            if change == 0:
                names.pop(place)
            elif change == 1:
                names[place] = chance.choice(CELLS)
            elif change == 2:
                names.insert(place, chance.choice([*names, "x", ""]))
            else:
                chance.shuffle(names)
            lines[0] = delimiter.join(names)
            sure, good = False, set()
        elif kind == 9:
            lines.insert(0, chance.choice(["Title", "", "sep=;", "a,b,c", '"', "Report;2026", "\ufeff"]))
            sure = False
        elif kind == 10:
            lines[at] = lines[at].replace(delimiter, chance.choice(",;\t|"))
            good.discard(lines[at][:3])
            sure = False
        else:  # bytes anywhere
            text = "\n".join(lines)
            place = chance.randrange(len(text))
            text = (
                text[:place]
                + chance.choice(["\0", '"', "\n", "\udcff", "é", ""])
                + text[place + chance.randrange(4) :]
            )
            lines, sure, good = text.split("\n"), False, set()
            if len(lines) < 2:
                break
    content = chance.choice(["\n", "\n", "\r\n", "\r"]).join(lines).encode("utf-8", "surrogateescape")
    if chance.random() < 0.06:
        content, sure = content[: chance.randrange(len(content) + 1)], False
        good = set()
    if chance.random() < 0.04:
        content, sure = (
            content.decode("latin-1").encode(chance.choice(["utf-16", "utf-16-le", "utf-32"])),
            False,
        )
    intact = frozenset(good)
    return Made(f"t{chance.choice(['.csv', '.txt'])}", content, intact if sure else frozenset(), intact)


def _bytes(chance: random.Random, content: bytes) -> bytes:
    spoiled = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if not spoiled:
            break
        at = chance.randrange(len(spoiled))
        kind = chance.randrange(4)
        if kind == 0:
            spoiled[at] = chance.randrange(256)
        elif kind == 1:
            del spoiled[at : at + chance.randint(1, 20)]
        elif kind == 2:
            spoiled[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        else:
            del spoiled[len(spoiled) - chance.randrange(1, max(2, len(spoiled) // 4)) :]
    return bytes(spoiled)


X12_CLAIMS = [
    Claim(f"C-{n}", [Line(), Line("21085", "900", after=("PWK*OZ*EL***AC*1", "NTE*ADD*N"))], last=f"N{n}")
    for n in range(4)
]
X12_TEXTS = (
    text_of(claims_837(X12_CLAIMS)),
    text_of(claims_837([Claim(f"C-{n}", [Line("D7240", "300", after=("TOO*JP*17*M:O",)), Line("D7880", "9", area="10")], last=f"N{n}") for n in range(4)], True)),
)  # fmt: skip
ANSWER = text_of(remittance_835([
    "CLP*C-1*1*450*100*50*12*P1*11", "NM1*QC*1*DOE*ANN", "SVC*HC:70486*450*100**1", "DTM*472*20260302", "CAS*CO*45*300**97*50", "LQ*HE*N20",
    "CLP*C-2*4*450*0**12*P2*11", "SVC*AD:D7240*300*0**1", "DTM*472*20260302", "CAS*PR*96*300", "MOA***MA01",
]))  # fmt: skip


def x12(chance: random.Random) -> Made:
    """X12 claims with segments or bytes that are lost, spoiled, doubled or moved."""
    text = chance.choice(X12_TEXTS)
    if chance.random() < 0.4:
        content = _bytes(chance, text.encode())
    else:
        content = _segments(chance, text).encode("utf-8", "surrogateescape")
    return Made("t.edi", content, frozenset(), frozenset(f"C-{n}" for n in range(4)))


def _segments(chance: random.Random, text: str) -> str:
    made = text.split("~\n")
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(1, len(made))
        kind = chance.randrange(7)
        if kind == 0:
            del made[at]
        elif kind == 1:
            made.insert(at, made[at])
        elif kind == 2:
            parts = made[at].split("*")
            parts[chance.randrange(len(parts))] = chance.choice(
                ["", "x", ":", "99999999", "\0", "é", "*", "\udcff", "-1", "ZZ"]
            )
            made[at] = "*".join(parts)
        elif kind == 3:
            made[at] = made[at].replace("*", chance.choice(["", "**", "|"]), 1)
        elif kind == 4:
            other = chance.randrange(1, len(made))
            made[at], made[other] = made[other], made[at]
        elif kind == 5:
            made[at : at + 2] = ["".join(made[at : at + 2])]
        else:
            made = made[: max(2, at)]
        if len(made) < 3:
            break
    return "~\n".join(made)


def answer(chance: random.Random) -> Made:
    """A remittance with damage."""
    content = (
        _bytes(chance, ANSWER.encode())
        if chance.random() < 0.5
        else _segments(chance, ANSWER).encode("utf-8", "surrogateescape")
    )
    return Made("t.835", content, frozenset(), frozenset())


FHIR = claims_to_bundle(
    tuple(
        claims_of({"code": "70486"}, {"code": "21085", "modifiers": "52"}, claim=f"C-{n}", patient=f"P-{n}")[
            0
        ]
        for n in range(3)
    )
)


def fhir(chance: random.Random) -> Made:
    """FHIR with parts that are lost or of another kind, or with damaged bytes."""
    data = copy.deepcopy(FHIR)
    whole = {f"C-{n}" for n in range(3)}
    if chance.random() < 0.25:
        return Made(
            "t.json",
            _bytes(chance, json.dumps(data, indent=chance.choice([None, 1])).encode()),
            frozenset(),
            frozenset(whole),
        )
    for _ in range(chance.randint(1, 3)):
        number = chance.randrange(3)
        whole.discard(f"C-{number}")
        _spoil(chance, data["entry"][number]["resource"])
    wrapping = chance.randrange(4)
    claims = [entry["resource"] for entry in data["entry"]]
    if wrapping == 0:
        text = "\n".join(map(json.dumps, claims))
    elif wrapping == 1:
        text = json.dumps(claims)
    elif wrapping == 2:
        text = json.dumps({"resourceType": "Parameters", "parameter": [{"name": "x", "resource": data}]})
    else:
        text = json.dumps(data)
    return Made(f"t{chance.choice(['.json', '.ndjson'])}", text.encode(), frozenset(whole), frozenset(whole))


def _spoil(chance: random.Random, node: Any) -> None:
    """Spoils one part of a resource, deep in it or at its top; its kind and number stay."""
    while True:
        keys = (
            [key for key in node if key not in ("resourceType", "id", "identifier", "contained")]
            if isinstance(node, dict)
            else list(range(len(node)))
        )
        if not keys:
            return
        key = chance.choice(keys)
        value = node[key]
        if isinstance(value, dict | list) and value and chance.random() < 0.75:
            node = value
            continue
        kind = chance.randrange(3)
        if kind == 0:
            del node[key]
        elif kind == 1:
            node[key] = copy.deepcopy(chance.choice(VALUES))
        elif isinstance(node, list):
            node.insert(key, copy.deepcopy(value))
        else:
            node[chance.choice(["x", "sequence", "value", "coding"])] = copy.deepcopy(value)
        return


def _book() -> bytes:
    book = openpyxl.Workbook()
    book.active.append([*list(ORDINARY), "code"])
    for number in range(4):
        book.active.append(_row(f"G-{number}"))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


BOOK = _book()


def workbook(chance: random.Random) -> Made:
    """A workbook with damaged bytes, or whose parts are damaged within it."""
    told = frozenset(f"G-{number}" for number in range(4))
    if chance.random() < 0.3:
        return Made("t.xlsx", _bytes(chance, BOOK), frozenset(), told)
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as old, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        wrong = chance.choice(
            [name for name in names if "sheet1" in name or "shared" in name.lower() or "workbook" in name] * 3
            + names
        )
        for name in names:
            held = old.read(name)
            if name != wrong:
                new.writestr(name, held)
            elif chance.random() < 0.9:
                new.writestr(name, _xml(chance, held))
    return Made("t.xlsx", content.getvalue(), frozenset(), told)


def _xml(chance: random.Random, held: bytes) -> bytes:
    text = held.decode()
    parts = text.split("<")
    at = chance.randrange(1, len(parts))
    kind = chance.randrange(5)
    if kind == 0:
        del parts[at]
    elif kind == 1:
        parts.insert(at, parts[at])
    elif kind == 2:
        parts[at] = parts[at].replace('"', chance.choice(["", "'", '"x']), 1)
    elif kind == 3:
        digits = [place for place, mark in enumerate(parts[at]) if mark.isdigit()]
        if digits:
            place = chance.choice(digits)
            parts[at] = (
                parts[at][:place] + chance.choice(["9", "-1", "99999999", "x", ""]) + parts[at][place + 1 :]
            )
    else:
        return _bytes(chance, held)
    return "<".join(parts).encode()


MAKERS: dict[str, Callable[[random.Random], Made]] = {
    "table": table, "x12": x12, "answer": answer, "fhir": fhir, "workbook": workbook,
}  # fmt: skip


def tried(made: Made, folder: Path, deep: bool) -> str:
    """What is wrong with how a malformed file is read, in a word or a sentence; empty where nothing is.

    ``deep``: the commands write files from it, too, and the audit reads it.
    """
    file = folder / made.name
    file.write_bytes(made.content)
    if made.name.endswith(".835"):
        return _answered(made)
    try:
        reading = read_claims(file)
    except ValueError as problem:
        wrong = _sentence(str(problem))
        return (
            wrong
            or (f"refused, though {sorted(made.whole)} are whole" if made.whole else "")
            or (_commands(file, None, folder) if deep else "")
        )
    wrong = _of_reading(made, reading)
    return wrong or (_commands(file, reading, folder) if deep else "")


def _answered(made: Made) -> str:
    try:
        read = read_remittance(made.content)
    except ValueError as problem:
        return _sentence(str(problem))
    return "" if read.lines or read.faults else "no line, and nothing is said"


def _sentence(text: str) -> str:
    if "\n" in text or len(text) > 3000 or not text.strip():
        return f"no sentence: {text[:200]!r}"
    try:
        text.encode()
    except UnicodeEncodeError:
        return f"a sentence that cannot be shown: {text[:200]!r}"
    return ""


def _of_reading(made: Made, reading: Reading) -> str:
    found = {claim.claim for claim in reading.claims}
    if reading.rows != reading.lines + reading.refused:
        return f"{reading.rows} rows are not {reading.lines} read and {reading.refused} refused"
    if not made.whole <= found:
        return f"lost whole claims {sorted(made.whole - found)}; said: {list(map(str, reading.faults))[:4]}"
    said = reading.faults or any("passed over" in note for note in reading.notes)
    if not made.told <= found and not said:
        return f"lost {sorted(made.told - found)} without a word"
    if reading.rows and not reading.lines and not reading.faults:
        return "nothing was read, and nothing is said"
    for fault in reading.faults:
        if wrong := _sentence(str(fault)):
            return wrong
    report = check(reading.claims, unread=reading.unread)
    if reading.faults and report.worst != "incomplete":
        return f"worst is {report.worst}, though not all was read: {reading.faults[0]}"
    return ""


def _commands(file: Path, reading: Reading | None, folder: Path) -> str:
    """What is wrong with the files that the commands write: whole and right, or as they were."""
    lines = reading.lines if reading else 0
    target, findings = folder / "out.csv", folder / "out.f.csv"
    for kept in (target, findings):
        kept.write_text("kept")
    before = file.read_bytes()
    status = main(["export", str(file), "--to", "csv", "-o", str(target)])
    if file.read_bytes() != before:
        return "the input was written over"
    if not lines and (status, target.read_text()) != (2, "kept"):
        return f"export of nothing ended with {status} and touched its target"
    if reading and lines:
        again = read_claims(target)
        if status not in (0, 1) or again.lines != lines or again.faults:
            return f"export ended with {status}; its {again.lines} lines are not the {lines} read: {again.faults[:2]}"
    try:
        summary = audit_file(file, findings)
    except ValueError as problem:
        if lines:
            return f"the audit refuses what check reads: {problem}"
        return _sentence(str(problem)) or (
            "" if findings.read_text() == "kept" else "the audit touched its target"
        )
    if not reading or (summary.lines, summary.refused, bool(summary.faults)) != (
        lines,
        reading.refused,
        bool(reading.faults),
    ):
        return f"the audit read {summary.lines} and refused {summary.refused}; check {lines} and {reading.refused if reading else 0}"
    left = {path.name for path in folder.iterdir()} - {file.name, target.name, findings.name}
    return f"left behind: {sorted(left)}" if left else ""
