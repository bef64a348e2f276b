"""Both forms agree on the ends of every check's window of days, and one day outside: chance seldom hits these."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from claims import ORDINARY, PAYERS, TODAY, _codes_that_meet, _related

import omsnb.audit.lines as lines_of_many
from omsnb.audit import audit, findings_frame
from omsnb.claims import read_rows
from omsnb.edit_rules import edit_rules
from omsnb.edits import Report, find

START = date(2026, 3, 2)


def placed() -> Iterator[tuple[str, int, list[dict[str, str]]]]:
    """For each check over days: two lines so many days apart as its window begins or ends, and one day outside."""
    for rule in edit_rules().values():
        if rule.shape not in ("pair", "companion"):
            continue
        pairs = _related(rule.id)[0]
        spans: dict[tuple[int, int], tuple[str, str]] = {}
        for one, other in pairs:
            if (span := rule.span(one)) is not None:
                spans.setdefault(span, (one, other))
        if not spans:  # what is missing is found without the other line
            continue
        asked = {name: next(iter(sorted(map(str, value)))) for name, value in rule.first.items() if name in ("form", "place")}
        for (low, high), (one, other) in spans.items():
            for apart in dict.fromkeys((low - 1, low, high, high + 1)):
                for payer in dict.fromkeys((*sorted(map(str, rule.first.get("payer", ()))), *PAYERS[:3])):
                    key = f"{rule.id}/{one}/{other}/{apart}/{payer}"
                    head = {**ORDINARY, **asked, "patient": key, "payer": payer}
                    day = START + timedelta(apart)
                    yield rule.id, apart, [
                        {**head, "claim": f"{key}-1", "code": one, "date": START.isoformat()},
                        {**head, "claim": f"{key}-2", "code": other, "date": day.isoformat()},
                    ]


def both(rows: list[dict[str, str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the form for one claim and the form for many find."""
    claims = read_rows(enumerate(rows, start=2)).claims
    return findings_frame([Report(claims, find(claims, TODAY), ())]), audit(pd.DataFrame(rows), today=TODAY).findings


def test_one_claim_and_many_agree_on_the_ends_of_every_window(monkeypatch: pytest.MonkeyPatch) -> None:
    made = list(placed())
    rows = [row for _, _, two in made for row in two]
    one, many = both(rows)
    pd.testing.assert_frame_equal(many, one)
    over_days = {rule for rule, apart, _ in made if apart not in (-1, 0, 1)}
    assert len(over_days) > 5 and len({rule for rule, _, _ in made}) > 30
    print(f"{len(rows)} lines on {len({rule for rule, _, _ in made})} checks, {len(one)} findings: equal")

    # a window that is a day short in one of the forms is seen
    window = lines_of_many.window

    def short(timeline, ordered, lines, low, high):  # type: ignore[no-untyped-def]
        return window(timeline, ordered, lines, low, np.maximum(high - 1, low))

    for module in ("line_checks", "pair_checks"):
        monkeypatch.setattr(f"omsnb.audit.{module}.window", short)
        assert not both(rows)[1].equals(one), module
        monkeypatch.undo()


def test_codes_of_every_check_are_found() -> None:
    """The placing above rests on codes that meet a check's conditions; none may be without."""
    assert all(_codes_that_meet(rule.first) for rule in edit_rules().values() if rule.shape in ("pair", "companion"))
