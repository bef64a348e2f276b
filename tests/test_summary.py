"""The lines that may go on the claim: the same, whole, wherever a result is shown, and the ones that a claim then carries."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from html import unescape
from random import Random

import pytest

from omsnb import code_case, compare
from omsnb.__main__ import main
from omsnb.calculators.html import worksheet_html
from omsnb.calculators.table_form import TableForm
from omsnb.calculators.worksheet_form import PREFIX, WorksheetForm
from omsnb.claim_building import build_claims
from omsnb.claim_tables import payers
from omsnb.coding import READINGS, Worksheet, facts_asked
from omsnb.edition import edition
from omsnb.line_text import line_text
from omsnb.network import settling_tables
from omsnb.notebook import summary_table
from omsnb.presenting import MAY_GO, worksheet_data, worksheet_text
from omsnb.summary import decided, summary, summary_lines
from omsnb.tables import cases, facts, services

EVERY = [
    (name, way, reading)
    for name, case in cases().items()
    for way in (case.variants or {None: None})
    for reading in READINGS
]


def expected(worksheet: Worksheet) -> list[list[str]]:
    """The lines of each service as the coding gives them, spelt out here by hand; the visit first."""
    return [
        [
            way.code
            + "".join(f"-{m}" for m in way.modifiers)
            + ("" if way.units == "1" else f" ×{way.units}")
            for way in row.alternatives
        ]
        for row in (worksheet.evaluation, *worksheet.rows)
        if row.alternatives
    ]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def head_of(text: str) -> list[str]:
    """The entries of the summary in a text: from its heading to the next empty line."""
    shown = text.split(MAY_GO + "\n", 1)[1].split("\n\n", 1)[0]
    return re.split(r"\n(?=  \S)", shown)


def ways_in(entry: str) -> list[str]:
    said = squeezed(entry).strip().removesuffix(" (open)").rpartition(": ")[2]
    return [way for way in said.split(" or ") if way != "none"]


@pytest.mark.parametrize(("name", "way", "reading"), EVERY)
def test_the_summary_is_the_lines_of_the_coding_wherever_it_is_shown(
    name: str, way: str | None, reading: str
) -> None:
    worksheet = code_case(name, variant=way, reading=reading)
    wanted = expected(worksheet)
    entries = summary(worksheet)
    assert [[line.text for line in entry.lines] for entry in entries] == wanted
    assert entries[0].service == "evaluation"
    assert list(summary_lines(entries)) == list(dict.fromkeys(itertools.chain(*wanted)))
    data = worksheet_data(worksheet, compare(worksheet))
    assert [entry["lines"] for entry in data["lines"]] == wanted
    every = (data["evaluation"], *data["rows"])
    assert [[w["line"] for w in row["alternatives"]] for row in every if row["alternatives"]] == wanted
    assert [ways_in(entry) for entry in head_of(worksheet_text(worksheet, compare(worksheet)))] == wanted
    page = worksheet_html(worksheet).split(MAY_GO, 1)[1].split("</ul>", 1)[0]
    shown = re.findall(r'class="code [^>]*>([^<]*)</span>', page)
    assert [unescape(text) for text in shown] == list(itertools.chain(*wanted))
    table = summary_table(worksheet)
    assert [ways_in(str(entry)) for entry in table["May go on the claim"]] == wanted


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), [(n, w) for n, w, reading in EVERY if reading == "paper"])
@pytest.mark.parametrize("payer", ["medicare", "medical", "medical_cdt", "dental"])
def test_what_is_settled_is_what_the_claim_carries(name: str, way: str | None, payer: str) -> None:
    """With every question answered at random the settled lines are the lines of the claims that are then written."""
    random = Random(f"{name} {way} {payer}")
    plan = payers()[payer]
    for _ in range(12):
        answers: dict[str, object] = {"claim": plan.claim}
        case = cases()[name]
        parts = (*case.services, *(case.variants[way].services if way else ()))
        asked = {fact for part in parts for fact in facts_asked(part)}
        if plan.medical_payer and "payer" in asked:
            answers["payer"] = plan.medical_payer
        while questions := code_case(name, answers, variant=way).questions:
            question = random.choice(questions)
            fact = facts()[question.fact]
            chosen = random.choice(question.answers) if question.answers else str(random.randint(10, 130))
            if settling_tables(question.fact):
                break
            answers[fact.name] = chosen
        worksheet = code_case(name, answers, variant=way)
        built = build_claims(worksheet, payer=payer, dates={"*": date(2026, 11, 2)}, patient="p1", place="")
        carried = {str(line) for claim in built.claims for line in claim.lines}
        left = {entry.what for entry in built.left_out}
        entries = summary(worksheet)
        settled = {entry.lines[0].text for entry in entries if entry.settled}
        assert carried <= set(summary_lines(entries)), (answers, carried, entries)
        if not built.open:
            assert settled - carried <= left, (answers, settled, carried, left)


def test_prolonged_time_stands_behind_its_visit_by_the_payers_rule() -> None:
    told = {"minutes": "95", "claim": "medical"}

    def lines(**more: str) -> tuple[str, ...]:
        return summary_lines(summary(code_case("tmj", {**told, **more})))[:3]

    assert lines(payer="other")[:2] == ("99205", "99417 ×2")
    assert lines(payer="medicare")[:2] == ("99205", "G2212")
    assert lines() == ("99205", "99417 ×2", "G2212")
    still = summary(code_case("tmj", {"minutes": "60..95", "claim": "medical", "payer": "other"}))
    assert str(still[1]) == "99417 ×1..2 or none" and not still[1].settled


def test_a_worksheet_without_a_visit_shows_none() -> None:
    state = f"{PREFIX}splint=yes&claim=medical&splint_made=yes&fabricated_by=outside_lab&lab_route=reduced_service"
    form = WorksheetForm("worksheet", f"{state}&splints_same_day=intermediate_and_final")
    assert "21085-52 ×2" in form.html().split("</ul>")[0]
    assert [ways_in(entry) for entry in head_of(form.text)] == [["21085-52 ×2"]]
    assert services()["evaluation"].label not in form.text.split("Answers")[0]


def test_the_copied_text_holds_what_a_note_and_a_call_need() -> None:
    state = "claim=medical&splint_made=yes&fabricated_by=outside_lab&splints_same_day=intermediate_and_final"
    form = TableForm("splint", state)
    assert ways_in(head_of(form.text)[0]) == ["99070", "21085-52 ×2"]
    for said in (
        f"Edition {edition().edition}, code year {edition().code_year}",
        "Place: not given",
        "Date of service: not given",
        "Keep in the record\n  - The laboratory's invoice",
        "Still open\n  - Which way does the payer want",
        "Who designs and makes the splint? an outside laboratory does both",
    ):
        assert said in form.text, said
    whole = WorksheetForm("worksheet", f"{PREFIX}splint=yes&{state}&place=office")
    for said in (
        "Place: the practice's own office",
        "Keep in the record\n  - ",
        "Not yet said whether done: ",
        "Who designs and makes the splint? an outside laboratory does both",
    ):
        assert said in whole.text, said
    assert form.copies.split(", ") == ["lines", "record list", "open questions"]


def test_one_function_writes_a_line() -> None:
    assert line_text("99223") == "99223"
    assert line_text("70486", ("26",)) == "70486-26"
    assert line_text("21085", ("52", "RT"), 2) == "21085-52-RT ×2"
    form = TableForm("visit", "claim=medical&minutes=95&prolonged_rule=cpt")
    texts = {line.text for decision in form.decisions for line in decided(decision).lines}
    assert {text for text in texts if "×" in text} and all("per" not in text for text in texts)


def test_the_command_line_shows_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    lab = [
        "claim=medical",
        "splint_made=yes",
        "fabricated_by=outside_lab",
        "splints_same_day=intermediate_and_final",
    ]
    main(["decide", "splint", *lab, "--format", "json"])
    data = json.loads(capsys.readouterr().out)
    assert data["lines"] == ["99070", "21085-52 ×2"]
    assert [row["line"] for row in data["rows"]] == ["99070", None, "21085-52 ×2"]
    main(["decide", "prolonged", "minutes=95", "em_code=99205", "prolonged_rule=cpt"])
    assert "\n  99417 ×2\n" in capsys.readouterr().out
    told = [
        "scan=ct",
        "contrast=without",
        "component=read_only",
        "place=inpatient",
        "workstation=independent",
    ]
    dates = ["--dates", "*=2026-11-02", "--payer", "medical", "--format", "json"]
    main(["claim", "tmj", *told, *dates])
    made = json.loads(capsys.readouterr().out)["claims"]
    assert {line["text"] for claim in made for line in claim["lines"]} >= {"99205", "70486-26", "76377-26"}
