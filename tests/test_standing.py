"""Statements that current rules overrule, or that a note is about, are marked wherever they are shown."""

from __future__ import annotations

import json

import pytest

from omsnb.__main__ import main
from omsnb.calculators.desk_page import cited_data
from omsnb.calculators.period_form import PeriodForm
from omsnb.claim_commands import finding_data, report_text
from omsnb.edits.report import Finding, Report
from omsnb.lookup_texts import search_data
from omsnb.standing import marked, sources_behind, standing
from omsnb.tables import discrepancies, guidance, sources

OVERRULED = [id for id, entry in guidance().items() if entry.confirmed == "contradicted"]
NOTED = sorted(
    {id for note in discrepancies().values() for id in note.guidance if guidance()[id].source == "paper"}
)


def test_every_overruled_statement_points_to_what_holds_instead() -> None:
    assert OVERRULED
    for id in OVERRULED:
        mark = standing(id)
        assert mark is not None and mark.overruled and mark.notes, id
        assert mark.instead and all(guidance()[other].source != "paper" for other in mark.instead), id


def test_what_holds_today_has_no_mark() -> None:
    assert {id for id in guidance() if standing(id)} == {*OVERRULED, *NOTED}
    assert marked("cur-units-02") == guidance()["cur-units-02"].statement


@pytest.mark.parametrize("id", OVERRULED)
def test_search_marks_an_overruled_statement(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    statement = guidance()[id].statement
    found = next(entry for entry in search_data(statement) if entry["id"] == id)
    mark = standing(id)
    assert mark is not None
    assert found["standing"]["overruled"] is True and found["standing"]["instead"] == list(mark.instead)
    main(["search", statement])
    out = capsys.readouterr().out
    line = next(line for line in out.splitlines() if line.endswith(statement))
    assert "[Overruled by current rules: " in line
    for other in mark.instead:
        assert f"instead: {other}" in out and guidance()[other].statement in out


def test_the_wrong_name_of_mai_is_not_taught_by_search(capsys: pytest.CaptureFixture[str]) -> None:
    main(["search", "Administrative"])
    out = capsys.readouterr().out
    assert "[Overruled by current rules: cur-units-02; note 2]" in out and "MUE Adjudication Indicator" in out


@pytest.mark.parametrize(
    "arguments", [["decide", "splint"], ["case", "orthognathic"], ["decide", "printing"], ["case", "trauma"]]
)
def test_json_marks_the_statements_that_it_cites(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main([*arguments, "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    rows = [*data["rows"], *([data["evaluation"]] if "evaluation" in data else [])]
    cited = {id for row in rows for id in row["guidance"]}
    assert set(data["standing"]) == {id for id in cited if standing(id)}


def test_a_calculator_that_shows_a_statement_shows_its_mark() -> None:
    form = PeriodForm("global-period", "code=21085")
    assert marked("VI-19") in form.text and "[Read it with the note on the paper: " in form.html()


def test_the_ledger_and_a_code_page_show_the_mark_with_the_statement() -> None:
    from omsnb.site.code_pages import statements_on
    from omsnb.site.domain import ManualDomain
    from omsnb.site.reference_ledger import guidance_sections

    class Anchors(ManualDomain):
        def __init__(self) -> None:
            pass

        def note(self, kind: str, name: str, title: str) -> str:
            return f"{kind}-{name}"

    pages = " ".join(node.astext() for node in guidance_sections(Anchors()))
    for id in OVERRULED:
        behind = pages.partition(guidance()[id].statement)[2].lstrip()
        assert behind.startswith("Overruled by current rules: "), id
    shown = " ".join(node.astext() for node in statements_on("99205"))
    assert (
        f"{guidance()['I-07'].statement} [Overruled by current rules: cur-em-01, cur-em-02, note 1]" in shown
    )


def finding(*ids: str) -> Finding:
    return Finding("a-rule", "warn", (("1", 1),), "Why.", "What next.", ids)


def test_a_finding_marks_the_overruled_statement_that_it_cites() -> None:
    shown = finding(OVERRULED[0], "cur-units-02")
    said = str(standing(OVERRULED[0]))
    assert shown.overruled == (f"{OVERRULED[0]}: {said}",)
    data = finding_data(shown)
    assert data["standing"][OVERRULED[0]]["overruled"] is True and "cur-units-02" not in data["standing"]
    report = Report((), (shown,), ())
    assert said in report_text(report)
    assert any(said in str(one["title"]) for one in cited_data(shown))
    assert "Overruled" not in report_text(Report((), (finding("cur-units-02"),), ()))


def test_where_a_source_has_no_address_the_sources_that_confirm_it_are_quoted() -> None:
    for id, entry in guidance().items():
        quoted = sources_behind([id])
        assert quoted[0] is not None and quoted[0].id == entry.source
        found = {source.id for source in quoted[1:]}
        if sources()[entry.source].address or entry.confirmed != "yes":
            assert not found, id
        else:
            assert found == {name for name in entry.confirmed_by if sources()[name].address}, id
    assert any(len(sources_behind([id])) > 1 for id in guidance())
    (hit,) = (entry for entry in search_data("VI-14") if entry["id"] == "VI-14")
    assert any(source["address"] for source in hit["sources"])
