"""A service line of an 837 claim: its segments turned into the cells of a claim line. Standard library alone.

A cell that cannot be read names its segment, and what is allowed. What a line says and a claim line cannot (several
days, minutes of anesthesia, several areas) refuses the line with a sentence.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from omsnb.cell_words import choice_text
from omsnb.claim_tables import claim_fields
from omsnb.claims import parse_cell
from omsnb.tables import codes
from omsnb.x12_segments import Segment

Wrong = list[tuple[str, str]]
"""What is wrong: pairs of a column (empty: the whole row) and a sentence."""

NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
DAY = re.compile(r"[0-9]{8}")
QUALIFIERS = ("HC", "AD")
"""Code lists of a service: HCPCS with CPT, and CDT."""

MINUTES, ANESTHESIA = "MJ", "anesthesia"
CDT = re.compile(r"D[0-9]{4}")
MOST_POINTER = 12


@lru_cache(maxsize=2**14)
def _fault(column: str, text: str) -> str:
    """What is wrong with a cell; empty where nothing is."""
    try:
        parse_cell(claim_fields()[column], text)
    except ValueError as problem:
        return str(problem)
    return ""


def put(cells: dict[str, str], wrong: Wrong, column: str, text: str, where: Segment) -> None:
    """Sets a cell, and says what is wrong with it and in which segment."""
    cells[column] = text
    if said := _fault(column, text):
        wrong.append((column, f"{where}: {said}"))


def plain(text: str) -> str:
    """A number without needless digits; other text as it is."""
    if not NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    return f"{number:f}" if number != number.to_integral_value() else f"{number.to_integral_value():f}"


def day(text: str) -> str:
    """Eight digits as a date; other text as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if DAY.fullmatch(text) else text


def days_of(segment: Segment, wrong: Wrong) -> str:
    """The day of a DTP segment. A span of several days is wrong, since a claim line has one."""
    form, text = segment.at(2), segment.at(3)
    if form == "RD8":
        first, _, last = text.partition("-")
        if first != last:
            said = f"{segment}: covers more than one day, but a claim line has one; send each day as a line"
            wrong.append(("date", said))
        return day(first)
    if form == "DT":
        return day(text[:8])
    if form != "D8":
        wrong.append(("date", f"{segment}: {form!a} is no form of a date that is read; allowed: D8, RD8, DT"))
    return day(text)


def diagnosis(code: str) -> str:
    """An ICD-10-CM code with its dot."""
    code = code.upper()
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code


def _area(text: str) -> str:
    """An area of the mouth by its number, also where its letters stand; other text as it is."""
    try:
        return choice_text(claim_fields()["area"], text) if text else ""
    except ValueError:
        return text


class LineSegments:
    """The segments of one service line (LX), gathered until it ends."""

    def __init__(self, start: Segment) -> None:
        self.start = start
        self.service: Segment | None = None
        self.dates: list[Segment] = []
        self.teeth: list[Segment] = []
        self.rendering = ""
        self.narrative = self.attachment = self.minutes = False
        self.wrong: Wrong = []

    @property
    def where(self) -> Segment:
        """The segment that stands for the line in sentences."""
        return self.service or self.start

    @property
    def place(self) -> str:
        """The line's own place of service; empty where it has none."""
        if self.service is None:
            return ""
        return self.service.at(5 if self.service.name == "SV1" else 3)

    @property
    def code(self) -> str:
        """The code of the service."""
        return self.service.part(1, 2).upper() if self.service else ""

    @property
    def charge(self) -> Decimal | None:
        """The line's charge, where it can be read."""
        text = self.service.at(2) if self.service else ""
        return Decimal(text) if NUMBER.fullmatch(text) else None

    def cells(self, claim_dates: list[Segment], letters: list[str]) -> tuple[dict[str, str], Wrong]:
        """The line's cells and what is wrong with them.

        ``claim_dates``: the claim's own days of service, for a line without one. ``letters``: the letter of each
        diagnosis by its place; empty where the claim file cannot hold that diagnosis.
        """
        cells: dict[str, str] = {}
        wrong = list(self.wrong)
        put(cells, wrong, "line", self.start.at(1), self.start)
        self._date(cells, wrong, claim_dates)
        if self.service is None:
            wrong.append(("", f"{self.start}: holds no service (SV1 or SV3)"))
            return cells, wrong
        dental = self.service.name == "SV3"
        if self.service.part(1, 1) not in QUALIFIERS:
            said = f"{self.service}: code list {self.service.part(1, 1)!a} is not read; allowed: HC, AD"
            wrong.append(("code", said))
        put(cells, wrong, "code", self.code, self.service)
        modifiers = [part for part in self.service.parts(1)[2:6] if part]
        put(cells, wrong, "modifiers", "|".join(modifiers), self.service)
        put(cells, wrong, "charge", plain(self.service.at(2)), self.service)
        self._units(cells, wrong, dental)
        self._pointers(cells, wrong, self.service.parts(11 if dental else 7), letters)
        self._site(cells, wrong, dental)
        put(cells, wrong, "rendering", self.rendering, self.service)
        described = bool(self.service.part(1, 7)) or (dental and bool(self.service.at(7)))
        cells["narrative"] = "yes" if self.narrative or described else ""
        cells["attachment"] = "yes" if self.attachment else ""
        return cells, wrong

    def _date(self, cells: dict[str, str], wrong: Wrong, claim_dates: list[Segment]) -> None:
        dates = self.dates or claim_dates
        if not dates:
            wrong.append(
                ("date", f"{self.where}: neither the line nor its claim has a day of service (DTP 472)")
            )
            return
        found = {days_of(segment, wrong) for segment in dates}
        if len(found) > 1:
            wrong.append(("date", f"{dates[-1]}: is a second day of service; send each day as a line"))
        put(cells, wrong, "date", min(found), dates[0])

    def _units(self, cells: dict[str, str], wrong: Wrong, dental: bool) -> None:
        service = self.service
        assert service is not None
        unit = "" if dental else service.at(3)
        known = codes().get(self.code)
        if unit == MINUTES and known is not None and known.chapter != ANESTHESIA:
            said = f"{service}: counts minutes ({MINUTES}), but this code counts units; send it with UN"
            wrong.append(("units", said))
        elif unit == MINUTES:
            self.minutes = True  # of anesthesia, which the professional form has in the box of units
        elif unit not in ("", "UN"):
            wrong.append(("units", f"{service}: unit {unit!a} is not read; allowed: UN"))
        # the dental segment may leave out a quantity of one
        put(cells, wrong, "units", plain(service.at(6)) or "1" if dental else plain(service.at(4)), service)

    def _pointers(self, cells: dict[str, str], wrong: Wrong, given: list[str], letters: list[str]) -> None:
        service = self.service
        assert service is not None
        found: list[str] = []
        for text in given:
            if not text:
                continue
            if not text.isdecimal() or not 1 <= int(text) <= MOST_POINTER:
                said = f"{service}: pointer {text[:20]!a} is no number of a diagnosis; allowed: 1 to {MOST_POINTER}"
                wrong.append(("pointers", said))
                continue
            place = int(text) - 1
            letter = (
                letters[place] if place < len(letters) else chr(ord("A") + place) if not letters else None
            )
            if letter is None:
                said = f"{service}: pointer {text} leads to none of the claim's {len(letters)} diagnoses"
                wrong.append(("pointers", said))
            elif letter and letter not in found:
                found.append(letter)
        put(cells, wrong, "pointers", "".join(found), service)

    def _site(self, cells: dict[str, str], wrong: Wrong, dental: bool) -> None:
        for segment in self.teeth:
            if segment.at(1) != "JP":
                said = f"{segment}: teeth are not numbered as here (JP); write the universal numbers"
                wrong.append(("tooth", said))
        put(
            cells,
            wrong,
            "tooth",
            "|".join(t.at(2) for t in self.teeth),
            self.teeth[0] if self.teeth else self.where,
        )
        service = self.service
        assert service is not None
        areas = [part for part in service.parts(4) if part] if dental else []
        if len(areas) > 1:
            said = f"{service}: names {len(areas)} areas of the mouth, but a claim line has one; send a line for each"
            wrong.append(("area", said))
        else:
            put(cells, wrong, "area", _area("".join(areas)), service)
