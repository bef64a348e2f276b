"""The ledger covers the decisions and the decisions cover the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

import pytest

from omsnb import standing
from omsnb.decision_texts import decision_data, decision_text
from omsnb.decisions import decide
from omsnb.lookup_texts import code_data, code_text, search_data, search_text
from omsnb.records import DAY
from omsnb.standing import BASIS, INFERENCE, OFFICIAL, SECONDARY, basis, row_basis
from omsnb.tables import (
    cases,
    codes,
    crosswalk,
    discrepancies,
    documents,
    facts,
    guidance,
    mue,
    sections,
    services,
    sources,
    tables,
)

SECTIONS_OF_THE_PAPER = "intro I II III IV V VI".split() + list(cases())


def test_every_decision_row_cites_guidance() -> None:
    assert not [row.id for table in tables().values() for row in table.rows if not row.guidance]


def test_every_rule_of_the_ledger_is_cited_by_a_row() -> None:
    cited = {id for table in tables().values() for row in table.rows for id in row.guidance}
    idle = [entry.id for entry in guidance().values() if entry.kind == "rule" and entry.id not in cited]
    assert not idle


def test_every_documentation_statement_is_in_use() -> None:
    """Statements that ask for something are shown by a decision, a document, a crosswalk pair or a discrepancy."""
    cited = {id for table in tables().values() for row in table.rows for id in row.guidance}
    for records in (documents().values(), crosswalk().values(), discrepancies().values()):
        cited |= {id for entry in records for id in entry.guidance}
    idle = [e.id for e in guidance().values() if e.kind == "documentation" and e.id not in cited]
    assert not idle


@pytest.mark.parametrize("section", SECTIONS_OF_THE_PAPER)
def test_every_section_of_the_paper_has_statements(section: str) -> None:
    assert [e for e in guidance().values() if e.section == section and e.source == "paper"]


def test_ledger_has_the_size_of_the_paper() -> None:
    count = Counter(entry.source == "paper" for entry in guidance().values())
    print(f"guidance: {count[True]} statements of the paper, {count[False]} of current rules")
    assert count[True] >= 90 and count[False] >= 30


def test_contradicted_statements_decide_nothing() -> None:
    """What current rules overrule is kept in the ledger, and no decision rests on it alone."""
    overruled = {entry.id for entry in guidance().values() if entry.confirmed == "contradicted"}
    for table in tables().values():
        for row in table.rows:
            assert set(row.guidance) - overruled, row.id


def test_every_statement_overruled_is_a_discrepancy() -> None:
    named = {id for entry in discrepancies().values() for id in entry.guidance}
    assert not [e.id for e in guidance().values() if e.confirmed == "contradicted" and e.id not in named]


def test_every_reported_code_is_known_and_every_paper_code_is_decided() -> None:
    reported = {row.report for table in tables().values() for row in table.rows if row.report}
    assert reported <= set(codes())
    named = {code.code for code in codes().values() if code.named_by_paper and code.chapter != "surgery"}
    assert not named - reported


def test_deleted_codes_are_never_reported() -> None:
    gone = {code.code for code in codes().values() if code.effective_to}
    assert gone >= {"99201", "99241", "99251", "D0351"}
    assert not [row.id for table in tables().values() for row in table.rows if row.report in gone]


def test_modifiers_fit_the_codes() -> None:
    """26 and TC stand only on codes that CMS splits into components."""
    for table in tables().values():
        for row in table.rows:
            if {"26", "TC"} & set(row.modifiers):
                assert codes()[row.report].component_split, row.id
            assert not {"26", "TC"} <= set(row.modifiers), row.id


def test_units_stay_within_the_current_limit() -> None:
    latest = {limit.code: limit for limit in mue()}
    for table in tables().values():
        for row in table.rows:
            if row.units.isdigit() and row.report in latest and latest[row.report].units:
                assert int(row.units) <= latest[row.report].units, row.id


def test_splint_limit_by_date() -> None:
    limits = [(limit.effective, limit.units, limit.mai) for limit in mue() if limit.code == "21085"]
    assert limits == [
        ("2024-07-01", 1, "3"),
        ("2026-01-01", 2, "3"),
        ("2026-04-01", 2, "3"),
        ("2026-10-01", 2, "3"),
    ]


def test_rows_by_report_ask_for_a_narrative() -> None:
    for table in tables().values():
        for row in table.rows:
            if row.report and codes()[row.report].by_report:
                assert any("narrative" in document for document in row.documents), row.id


def test_every_fact_and_table_is_used() -> None:
    used = {fact for table in tables().values() for fact in (*table.conditions, *table.concludes)}
    assert set(facts()) == {*used, DAY}  # every question has the day
    in_services = {name for service in services().values() for name in service.tables}
    settling = {table.name for table in tables().values() if table.concludes}
    assert set(tables()) == in_services | settling


def test_a_table_that_settles_a_fact_settles_it_in_every_row() -> None:
    for table in tables().values():
        for row in table.rows:
            assert set(row.concludes) == table.concludes, row.id


def test_every_document_is_asked_for() -> None:
    wanted = {id for table in tables().values() for row in table.rows for id in row.documents}
    assert set(documents()) == wanted


def test_discrepancies_name_cases_and_pages_that_exist() -> None:
    pages = {section.page for section in sections().values()}
    for entry in discrepancies().values():
        assert set(entry.cases) <= set(cases()), entry.id
        assert entry.shows_in, entry.id
        assert all(page in pages or f"book/{page}" in pages for page in entry.shows_in), (
            entry.id,
            entry.shows_in,
        )


NOT_ON_THE_WEB = {"paper"}


def unquotable() -> set[str]:
    """Rules that claim a source, and none of their sources can be looked up."""
    found = set()
    for entry in guidance().values():
        behind = {entry.source, *entry.confirmed_by}
        if entry.kind == "rule" and basis(entry.id) != INFERENCE and behind != NOT_ON_THE_WEB:
            if not any(sources()[name].address and sources()[name].looked_at for name in behind):
                found.add(entry.id)
    return found


def test_every_rule_has_an_address_or_the_mark_of_inference() -> None:
    """The paper itself is not on the web; its statements name section and paragraph."""
    assert not unquotable()
    alone = [e for e in guidance().values() if e.source in NOT_ON_THE_WEB and not e.confirmed_by]
    assert all(entry.paragraph for entry in alone if entry.kind == "rule")


def test_a_rule_without_an_address_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = {name: replace(source, address=()) for name, source in sources().items()}
    rules = [entry for entry in guidance().values() if entry.kind == "rule" and basis(entry.id) != INFERENCE]
    elsewhere = {e.id for e in rules if {e.source, *e.confirmed_by} != NOT_ON_THE_WEB}
    monkeypatch.setitem(globals(), "sources", lambda: lost)
    assert unquotable() == elsewhere


def test_a_source_without_an_address_says_so() -> None:
    silent = [s.id for s in sources().values() if not s.address and "address" not in s.note]
    assert silent == ["unconfirmed"]  # general knowledge, which is marked as our inference
    undated = [s.id for s in sources().values() if s.address and not s.looked_at]
    assert not undated


def test_addresses_are_addresses_and_days_are_days() -> None:
    addresses = [url for source in sources().values() for url in source.address]
    for url in addresses:
        parts = urlsplit(url)
        assert parts.scheme in ("http", "https") and "." in parts.netloc and url == url.strip(" .,;"), url
    assert len(addresses) == len(set(addresses)), "one page under two names would confirm itself"
    for source in sources().values():
        assert (
            not source.looked_at or date(2026, 1, 1) <= date.fromisoformat(source.looked_at) <= date.today()
        )


def test_at_most_eight_rows_rest_on_our_inference_alone() -> None:
    marks = {row.id: row_basis(row) for table in tables().values() for row in table.rows}
    print(Counter(marks.values()))
    assert [id for id, mark in marks.items() if mark == INFERENCE] == ["printing:1"]


def test_three_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert basis("cur-print-04") == INFERENCE  # nothing found
    assert basis("cur-splint-02") == SECONDARY  # one guide
    assert basis("cur-em-04") == OFFICIAL  # a table of CMS
    assert basis("cur-time-08") == OFFICIAL  # two guides that agree
    assert basis("III-15") == SECONDARY  # the paper alone
    assert basis("I-05") == SECONDARY  # what contradicts a statement does not confirm it
    entry = guidance()["cur-time-08"]
    for changed, mark in (
        (replace(entry, confirmed_by=()), SECONDARY),
        (replace(entry, confirmed_by=("unconfirmed",)), SECONDARY),
        (replace(entry, confirmed_by=(entry.source,)), SECONDARY),
        (replace(entry, confirmed="no"), SECONDARY),
        (replace(entry, source="unconfirmed"), INFERENCE),
        (replace(entry, source="cms-pfs-2026-07", confirmed_by=()), OFFICIAL),
        (replace(entry, source="ngs-ed-faq", confirmed_by=()), SECONDARY),
    ):
        changed_ledger = {**guidance(), entry.id: changed}
        monkeypatch.setattr(standing, "guidance", lambda ledger=changed_ledger: ledger)
        assert basis(entry.id) == mark, changed


def test_marks_and_addresses_are_shown() -> None:
    (found,) = (entry for entry in search_data("cur-em-04") if entry["kind"] == "guidance")
    assert found["basis"] == OFFICIAL and found["sources"][0]["address"] == list(
        sources()["cms-pfs-2026-07"].address
    )
    assert f"({BASIS[OFFICIAL]})" in search_text([found])
    decision = decide("printing", printed_by="vendor")
    data = decision_data(decision)
    assert data["basis"] == {"printing:1": INFERENCE} and data["inference"] == ["cur-print-04"]
    assert "rests on our inference alone" in decision_text(decision).replace("\n", " ")
    decision = decide("splint", fabricated_by="outside_lab")
    assert set(decision_data(decision)["basis"].values()) <= {OFFICIAL, SECONDARY}
    assert "inference alone" not in decision_text(decision)
    assert all(set(entry) >= {"title", "section", "address"} for entry in decision_data(decision)["cited"])


def test_findings_letters_and_decisions_cite_address_section_and_day() -> None:
    source = sources()["cms-cr-7631"]
    (address,) = source.address
    assert source.cited == f"{source.title}, {source.section}, {address}, looked at on {source.looked_at}"
    assert "looked at" not in replace(source, address=()).cited  # nothing was looked at there
    assert "looked at on" in decision_text(decide("splint", fabricated_by="outside_lab")).replace("\n", " ")


def test_a_code_names_the_source_and_the_edition_of_each_limit() -> None:
    data = code_data(codes()["21085"])
    said = {limit["effective"]: limit["source"] for limit in data["mue"]}
    assert "third quarter of 2024" in said["2024-07-01"]
    assert said["2026-01-01"].startswith("Coding the Digital Workflow")  # the paper, and no table of Medicare
    text = code_text(data)
    assert all(f"from {day} (MAI 3): {source}" in text for day, source in said.items())
    assert f"Source: {sources()[codes()['21085'].source].dated}" in text
