"""Every dated row has its life: pairs, documents and positions beside decision rows, answers and claim checks.

And the laws over every day on which anything of the data changes, and the day before.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from claims import TODAY, claims_of

from omsnb import pair_tables, policies, reading
from omsnb.audit import audit, findings_frame
from omsnb.changes import all_changes
from omsnb.claim_building import build_claims
from omsnb.claim_tables import code_pairs, payers
from omsnb.claims import rows_of
from omsnb.coding import code_case
from omsnb.completeness import table_faults
from omsnb.decisions import decide
from omsnb.edit_rules import edit_rules, pair_table
from omsnb.edition import edition
from omsnb.edits import Report, find
from omsnb.of_rows import documents_of
from omsnb.plans import representatives
from omsnb.reading import DataError
from omsnb.records import DAY
from omsnb.tables import cases, codes, documents, facts, tables
from omsnb.tables.vocabulary import day_text, life

ROOT = Path(__file__).resolve().parents[1]


def days_of_change() -> list[str]:
    """Every day on which anything of the data changes, and the day before, as far as the manual knows days."""
    known = facts()[DAY].bounds
    found = {date.fromisoformat(change.date).toordinal() for change in all_changes()}
    for table in tables().values():
        found |= {days.start for days in representatives((table,), DAY, known) if isinstance(days, range)}
    for entry in codes().values():
        found |= {date.fromisoformat(entry.effective_to).toordinal() + 1 for _ in [0] if entry.effective_to}
    found |= {known.start, date.fromisoformat(edition().valid_until).toordinal() + 1}
    return [day_text(day) for at in sorted(found) for day in (at - 1, at) if day in known]


@pytest.mark.slow
def test_no_claim_is_built_that_a_check_denies_for_its_date() -> None:
    """Tables complete and free of overlap, every case coded, and each line within its code's days."""
    assert [fault for table in tables() for fault in table_faults(table)] == []
    dated = {rule.id for rule in edit_rules().values() if rule.kind == "valid_on"}
    assert dated
    days = days_of_change()
    coded = built = lines = 0
    for name, case in cases().items():
        for variant in list(case.variants) or [None]:
            for text in days:
                worksheet = code_case(name, {DAY: text}, variant=variant)
                assert worksheet.rows, (name, text)
                coded += 1
                for payer in payers():
                    day = date.fromisoformat(text)
                    building = build_claims(worksheet, payer=payer, dates={"*": day}, patient="P", place="22")
                    denied = [entry for entry in find(building.claims, day) if entry.rule in dated and entry.status == "deny"]
                    assert denied == [], (name, payer, text)
                    built += len(building.claims)
                    lines += sum(len(claim.lines) for claim in building.claims)
    assert built > len(days) * len(payers())
    print(f"{len(days)} days, {coded} cases coded, {built} claims of {lines} lines built, none denied for its date")


ENDED = "2026-05-31"


@pytest.mark.parametrize(("day", "held"), [("2026-05-31", True), ("2026-06-01", False)])
def test_a_pair_that_has_ended_is_none_in_both_forms(monkeypatch: pytest.MonkeyPatch, day: str, held: bool) -> None:
    pair = next(
        key for key, entry in code_pairs().items()
        if entry.indicator == "0" and set(key) <= set(codes()) and entry.effective <= "2026-05-31"
    )  # fmt: skip

    def ended(name: str) -> dict[tuple[str, str], tuple[str, str]]:
        return {key: (since, ENDED if key == pair else until) for key, (since, until) in pair_table(name).items()}

    # with a store of its own, since the kept tables are those of the data; both forms ask through here
    monkeypatch.setattr(pair_tables, "pair_table", ended)
    monkeypatch.setattr(pair_tables, "_pairs_of", lru_cache(pair_tables._pairs_of.__wrapped__))
    claims = claims_of(*({"code": code, "date": day} for code in pair), payer="medicare")
    found = find(claims, TODAY)
    speaks = {entry.rule for entry in found if edit_rules()[entry.rule].pairs == "ncci:0"}
    assert bool(speaks) is held
    frame = audit(pd.DataFrame(list(rows_of(claims))).fillna(""), today=TODAY).findings
    pd.testing.assert_frame_equal(frame, findings_frame([Report(claims, found, ())]))


def test_a_pair_cannot_end_before_it_begins() -> None:
    text = reading.read_text("ncci.csv").splitlines()
    dated = [f"{text[0]},until", f"{text[1]},2020-01-01", *(f"{line}," for line in text[2:])]
    with reading.instead("ncci.csv", "\n".join(dated).encode()), pytest.raises(DataError, match="row 2, column until: 2020-01-01"):
        code_pairs.__wrapped__()


def test_a_document_is_wanted_on_its_days_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    row = next(row for table in tables().values() for row in table.rows if row.documents)
    name = row.documents[0]
    dated = {**documents(), name: replace(documents()[name], life=life("2026-03-01", "2026-03-31"))}
    monkeypatch.setattr("omsnb.of_rows.documents", lambda: dated)
    for text, wanted in (("2026-02-28", False), ("2026-03-01", True), ("2026-03-31", True), ("2026-04-01", False)):
        day = date.fromisoformat(text).toordinal()
        assert (name in {entry.id for entry in documents_of((row,), range(day, day + 1))}) is wanted, text
        decided = decide(row.table, on=text)
        assert (name in {entry.id for entry in documents_of(decided.rows, decided.on)}) is wanted, text


def test_dated_columns_may_follow_and_are_checked() -> None:
    text = reading.read_text("documents.csv").splitlines()
    for first, last, said in (("2026-03-01", "2026-02-01", "column until"), ("soon", "", "column from")):
        dated = [f"{text[0]},from,until", f"{text[1]},{first},{last}", *(f"{line},," for line in text[2:])]
        with reading.instead("documents.csv", "\n".join(dated).encode()), pytest.raises(DataError, match=said):
            documents.__wrapped__()
    dated = [f"{text[0]},from,until", f"{text[1]},2026-03-01,", *(f"{line},," for line in text[2:])]
    with reading.instead("documents.csv", "\n".join(dated).encode()):
        assert sum(entry.life is not None for entry in documents.__wrapped__().values()) == 1


def test_a_position_that_has_ended_is_known_no_more() -> None:
    policy = replace(next(entry for entry in policies.policies().values() if entry.date), date="2024", until="2026-05-31")
    assert [policy.known_on(day) for day in ("2023-12-31", "2024-01-01", "2026-05-31", "2026-06-01")] == [False, True, True, False]


def test_no_sentence_names_the_edition_but_from_its_file() -> None:
    """The code year and the edition's dates stand in data/edition.toml; a new edition changes no sentence elsewhere."""
    own = edition()
    named = [re.escape(text) for text in (own.edition, own.day, own.valid_until, own.reviewed_shown)]
    told = re.compile("|".join((*(rf"(?<!\.\.){text}" for text in named), rf"code year {own.code_year}", rf"(?:CPT|CDT) {own.code_year}(?!\d)")))
    found = []
    for path in sorted((ROOT / "omsnb").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and told.search(node.value):
                found.append(f"{path.name}:{node.lineno} {told.search(node.value)}")
    pages = [*(ROOT / "book").rglob("*.md"), *ROOT.glob("*.md"), *(ROOT / "live").glob("*.mjs"), *ROOT.glob("*.cff"), *ROOT.glob("*.yml")]
    for path in pages:
        if path.name != "CHANGELOG.md" and "_build" not in path.parts:
            found += [f"{path.name}: {entry[0]}" for entry in told.finditer(path.read_text(encoding="utf-8"))]
    assert found == []
