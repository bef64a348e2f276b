"""The registry of conditions: one declaration and one row make a check, in every size, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest
from claims import TODAY, claims_of

from omsnb import conditions as module
from omsnb import reading
from omsnb.audit import audit, findings_frame
from omsnb.claim_tables import claim_fields
from omsnb.claims import rows_of
from omsnb.conditions import KINDS, WORKED_OUT, Condition, age_on, conditions
from omsnb.edit_rules import edit_rules
from omsnb.edits import Report, find
from omsnb.edits.facts import line_facts
from omsnb.reading import DataError

MADE_UP = Condition(
    "rendered_apart", ("rendering", "provider"), "rendering provider",
    lambda rendering, provider: None if not rendering else "yes" if rendering != provider else "no", ("yes", "no"),
)  # fmt: skip
ROW = """
[[edit]]
id = "made-up"
kind = "form"
title = "Another person rendered it"
status = "warn"
when = { rendered_apart = ["yes"] }
because = "{code} on {date}: another person rendered it."
remedy = "Look."
guidance = ["cur-form-08"]
"""


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A made-up condition and a check that asks it: one declaration, one row."""
    declared = tuple(module._declared())
    monkeypatch.setattr(module, "_declared", lambda: (*declared, MADE_UP))
    text = reading.read_text("edits.toml")
    with reading.instead("edits.toml", (text + ROW).encode()):
        conditions.cache_clear()
        edit_rules.cache_clear()
        try:
            yield
        finally:
            monkeypatch.undo()
    conditions.cache_clear()
    edit_rules.cache_clear()


@pytest.mark.usefixtures("made_up")
def test_a_new_condition_is_one_declaration_and_one_row() -> None:
    rows = ({"code": "70486", "rendering": who} for who in ("R-1", "B-1", ""))
    claims = claims_of(*rows)
    found = [entry for entry in find(claims, TODAY) if entry.rule == "made-up"]
    assert [(entry.status, entry.lines[0][1]) for entry in found] == [("warn", 1), ("unknown", 3)]
    assert "the claim does not say: rendering provider" in found[1].because
    many = audit(pd.DataFrame(list(rows_of(claims))).fillna(""), today=TODAY).findings
    pd.testing.assert_frame_equal(many, findings_frame([Report(claims, find(claims, TODAY), ())]))


@pytest.mark.usefixtures("made_up")
def test_a_new_condition_is_checked_where_it_is_asked() -> None:
    text = reading.read_text("edits.toml").replace('rendered_apart = ["yes"]', 'rendered_apart = ["maybe"]')
    with reading.instead("edits.toml", text.encode()), pytest.raises(DataError, match="'maybe' is not allowed; allowed: yes, no"):
        edit_rules.__wrapped__()


def test_what_only_the_package_asks_no_row_may_ask() -> None:
    text = reading.read_text("edits.toml") + ROW.replace("rendered_apart", "payer_rules")
    with reading.instead("edits.toml", text.encode()), pytest.raises(DataError, match="'payer_rules' is no condition"):
        edit_rules.__wrapped__()


def test_every_condition_reads_what_there_is_and_has_words() -> None:
    for name, one in conditions().items():
        assert one.name == name and one.label and one.kind in KINDS and one.reads
        assert set(one.reads) <= {*claim_fields(), *WORKED_OUT}, name
        assert bool(one.allowed) is (one.kind == "choice"), name
    asked = {name for rule in edit_rules().values() for part in (rule.first, rule.second, rule.unless) for name in part}
    assert asked <= set(conditions())


def test_a_birth_after_the_day_gives_no_age() -> None:
    day = date(2026, 3, 2)
    assert [age_on(born, day) for born in (day, date(2026, 3, 3), date(2025, 3, 2), date(2025, 3, 3), None)] == [0, None, 1, 0, None]
    told = [
        line_facts(claims_of({"code": "70486"}, birth_date=born), TODAY)[0] for born in ("2026-03-02", "2026-03-03", "")
    ]
    assert [(facts.value("age"), facts.value("born")) for facts in told] == [(0, "before"), (None, "after"), (None, None)]
