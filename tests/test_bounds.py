"""What no input may do to the checks: grow without bound, end in a traceback, or hide the table that a finding rests on."""

from __future__ import annotations

import functools
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd
import pytest
from claims import ORDINARY, TODAY, claims_of
from hypothesis import given, settings
from hypothesis import strategies as st

from omsnb import edits
from omsnb.audit import audit
from omsnb.claim_tables import claim_fields, studies
from omsnb.claims import parse_cell
from omsnb.edit_rules import edit_rules
from omsnb.edits import Finding
from omsnb.edits.units import limit_on, quarter_end
from omsnb.periods import read_date
from omsnb.tables import codes, mue, sources

check = functools.partial(edits.check, today=TODAY)
PROBE = """
import json, sys, time
from claims import ORDINARY, TODAY, claims_of
rows = [{**ORDINARY, **row} for row in json.load(sys.stdin)]
start = time.perf_counter()
if sys.argv[1] == "check":
    from omsnb.edits import check
    found = [(entry.rule, len(entry.lines)) for entry in check(claims_of(*rows), TODAY).findings]
else:
    import pandas
    from omsnb.audit import audit
    frame = audit(pandas.DataFrame(rows), today=TODAY).findings
    found = [(rule, lines.count("|") + 1) for rule, lines in zip(frame["rule"], frame["lines"])]
# not ru_maxrss, which a process takes over from the one that started it
most = int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) // 1024
json.dump({"found": found, "megabytes": most, "seconds": time.perf_counter() - start}, sys.stdout)
"""
"""Checks lines in a process of its own, so that its memory is its own."""

N = 9000
FEWER = 2500
"""Lines of the kinds that differ from one another; each costs a sentence of its own."""


def day(offset: int) -> str:
    return (date(2015, 1, 1) + timedelta(offset)).isoformat()


OPERATIONS = [entry.code for entry in codes().values() if entry.global_days in ("010", "090")]
"""Every operation that the manual knows; each differs from each other on its day."""
MANY: Mapping[str, list[dict[str, str]]] = {
    "equal": [{"code": "70355"}] * N,
    "equal, without charges": [{"code": "70355", "charge": ""}] * N,
    "both code sets, a claim for each line": [
        {"code": ("70486", "D0367")[at % 2], "claim": f"C-{at}", "payer": "medical_cdt"} for at in range(N)
    ],
    "58 on many days": [
        {"code": ("21085", "21196")[at % 2], "modifiers": ("", "58")[at % 2], "date": day(100 * (at // 2))}
        for at in range(FEWER)
    ],
    "two codes of a pair": [{"code": ("76377", "76376")[at % 2]} for at in range(N)],
    "a pair on many days": [
        {"code": ("76377", "99070")[at % 2], "date": day(at // 2)} for at in range(FEWER)
    ],
    "operations": [
        {"code": OPERATIONS[at % len(OPERATIONS)], "date": day(at // len(OPERATIONS))} for at in range(FEWER)
    ],
    "unknown codes": [{"code": str(10000 + at)} for at in range(FEWER)],
    "teeth": [{"code": "D6190", "tooth": str(at)} for at in range(FEWER)],
}


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["check", "audit"])
@pytest.mark.parametrize("name", list(MANY))
def test_many_lines_of_one_claim_take_little_memory_and_time(name: str, engine: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROBE, engine], input=json.dumps(MANY[name]), capture_output=True, text=True, check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    told = json.loads(run.stdout)
    assert told["megabytes"] < 450 and told["seconds"] < 100, (told["megabytes"], told["seconds"])
    if name == "equal":
        assert [lines for rule, lines in told["found"] if rule == "duplicate"] == [N]
    if name == "both code sets, a claim for each line":
        assert [lines for rule, lines in told["found"] if rule == "both-code-sets-one-payer"] == [N]
    if name == "two codes of a pair":
        pairs = [lines for rule, lines in told["found"] if rule == "pair-never"]
        assert pairs == [N]


@pytest.mark.parametrize("count", [2, 3, 40])
def test_equal_lines_are_one_finding_that_counts_them(count: int) -> None:
    (found,) = (
        entry
        for entry in check(claims_of(*[{"code": "70355"}] * count)).findings
        if entry.rule == "duplicate"
    )
    assert found.lines == tuple(("C-1", line) for line in range(1, count + 1))
    assert (f"stands {count} times on" if count > 2 else "stands twice on") in found.because


def test_every_rule_about_two_lines_gives_one_finding_on_equal_ones() -> None:
    """Three first and four second lines of a day: one finding that names all seven."""
    lines = [{"code": "76377"}] * 3 + [{"code": "99070"}] * 4
    (found,) = (entry for entry in check(claims_of(*lines)).findings if entry.rule == "device-in-rendering")
    assert len(found.lines) == 7 and "7 lines are concerned" in found.because


def test_the_nearest_of_several_first_lines_is_named() -> None:
    lines = [{"code": "21196", "date": f"2026-0{month}-02", "place": "22"} for month in (1, 2)]
    visit = {"code": "99213", "date": "2026-02-20", "place": "22"}
    found = [entry for entry in check(claims_of(*lines, visit)).findings if entry.rule == "visit-in-period"]
    assert len(found) == 1 and "of 21196 on 2026-02-02" in found[0].because


def test_where_claims_must_differ_only_lines_beside_another_claim_are_named() -> None:
    """A claim's own scan in the other code set is told by another check, not beside itself."""

    def named(*lines: tuple[str, str]) -> list[tuple[tuple[str, int], ...]]:
        rows = [{"claim": claim, "code": code, "payer": "medical_cdt"} for claim, code in lines]
        report = check(claims_of(*rows))
        frame = audit(pd.DataFrame([{**ORDINARY, **row} for row in rows]), today=TODAY).findings
        assert list(frame["because"]) == [finding.because for finding in report.findings]
        return [finding.lines for finding in report.findings if finding.rule == "both-code-sets-one-payer"]

    assert named(("A", "70486"), ("A", "D0367")) == []
    assert named(("A", "70486"), ("A", "D0367"), ("B", "D0367")) == [(("A", 1), ("B", 1))]
    assert named(("A", "70486"), ("A", "D0367"), ("B", "70486")) == [(("B", 1), ("A", 2))]
    both = [("A", "70486"), ("A", "D0367"), ("B", "70486"), ("B", "D0367")]
    assert named(*both) == [(("A", 1), ("B", 1), ("A", 2), ("B", 2))]


# --- dates

DAYS = st.one_of(
    st.dates(), st.sampled_from([date.min, date.min + timedelta(5), date.max, date.max - timedelta(1), TODAY])
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["21085", "21196", "99213", "76377", "D0145", "70355", "99417"]), DAYS),
        min_size=1,
        max_size=6,
    ),
    DAYS,
    DAYS,
)
def test_no_date_of_the_calendar_ends_a_check(
    lines: list[tuple[str, date]], birth: date, today: date
) -> None:
    rows = [{"code": code, "date": on.isoformat(), "birth_date": birth.isoformat()} for code, on in lines]
    report = edits.check(claims_of(*rows), today)
    frame = audit(pd.DataFrame([{**ORDINARY, **row} for row in rows]), today=today).findings
    assert list(frame["because"]) == [finding.because for finding in report.findings]
    impossible = [on for _, on in lines if on.year < 1900 or on.year > 2099 or on < birth]
    assert not impossible or report.worst == "deny"
    ahead = {finding for finding in report.findings if finding.rule == "service-ahead"}
    assert bool(ahead) == any(on > today and 1900 <= on.year < 2100 for _, on in lines)


def test_two_splints_at_the_end_of_the_calendar() -> None:
    report = check(
        claims_of({"code": "21085", "date": "9999-12-30"}, {"code": "21085", "date": "9999-12-31"})
    )
    assert {finding.rule for finding in report.of_status("deny")} >= {"service-far-ahead"}
    assert any("after the calendar's last" in finding.because for finding in report.findings)
    report = check(
        claims_of({"code": "21085", "date": "0001-01-01"}, {"code": "21196", "date": "0001-01-05"})
    )
    assert any("before the calendar's first" in finding.because for finding in report.findings)


@pytest.mark.parametrize(
    "text", ["2026-W10-1", "2026-066", "20260302", "2026-3-02", "2026-02-30", "\uff12026-03-02", "0000-01-01"]
)
def test_a_date_is_year_month_day(text: str) -> None:
    with pytest.raises(ValueError, match="year-month-day"):
        read_date(text)
    with pytest.raises(ValueError, match="allowed: a date as year-month-day"):
        parse_cell(claim_fields()["date"], text)


# --- tables


def test_a_finding_that_rests_on_a_table_names_it_and_its_date() -> None:
    resting = {rule.id for rule in edit_rules().values() if rule.pairs or rule.shape == "limit"}
    seen = set()
    for finding in _all_findings():
        if finding.rule in resting:
            seen.add(finding.rule)
            unheld = "does not hold the unit limit of that day" in finding.because
            assert unheld or "Table: " in finding.because or "Source" in finding.because, finding
            assert unheld or any(
                year in re.split("Sources?:|Table:", finding.because)[-1] for year in ("2024-", "2026-")
            )
    assert seen == resting


def test_a_finding_that_rests_on_an_indicator_names_the_fee_schedule() -> None:
    asked = {"global_days", "split", "bilateral"}
    resting = {  # a companion that is not there has no indicator
        rule.id
        for rule in edit_rules().values()
        if asked & {*rule.first, *(rule.second if rule.shape == "pair" else ())}
    }
    found = [finding for finding in _all_findings() if finding.rule in resting]
    assert {finding.rule for finding in found} == resting
    for finding in found:
        text = finding.because
        told = [codes()[word].source for word in re.findall(r"[A-Z0-9]{5}", text) if word in codes()]
        if "does not know" in text:  # then one of the two codes goes unnamed
            told += ["cms-pfs-2024-07", "cms-pfs-2026-07"]
        years = {sources()[source].edition for source in told if "pfs" in source}
        (named,) = [
            table
            for year in years
            if (table := f"Table: Physician fee schedule, indicators (CMS), {year}.") in text
        ]
        paired = bool(edit_rules()[finding.rule].pairs)  # then the table of the pairs follows
        assert named in finding.because and finding.because.endswith(named) is not paired, finding


def test_pairs_say_that_no_later_table_is_held() -> None:
    on = {"2024-07-15": False, "2024-09-30": False, "2024-10-01": True, "2026-03-02": True}
    for text, later in on.items():
        found = check(claims_of({"code": "76377", "date": text}, {"code": "76376", "date": text})).findings
        (pair,) = (entry for entry in found if entry.rule == "pair-never")
        assert "2024-07-01" in pair.because and ("no later one is held" in pair.because) is later


def _all_findings() -> list[Finding]:
    from claims import examples

    return [finding for example in examples() for finding in check(example.claims).findings]


@pytest.mark.parametrize(
    ("code", "on", "units"),
    [("21085", "2024-07-01", 1), ("21085", "2024-09-30", 1), ("21085", "2024-10-01", None), ("21085", "2025-12-31", None),
     ("21085", "2026-01-01", 2), ("21085", "2030-01-01", 2), ("21085", "2024-06-30", None), ("0560T", "2024-12-01", None),
     ("0560T", "2026-03-31", None), ("0560T", "2026-04-01", 5), ("0562T", "2026-07-01", 2), ("21141", "2025-06-01", 1),
     ("99223", "2026-04-01", 1), ("99223", "2026-03-31", None)],
)  # fmt: skip
def test_the_limit_of_a_day(code: str, on: str, units: int | None) -> None:
    held = limit_on(code, on)
    assert (held.limit.units if held.limit else None) == units


def test_a_quarter_ends() -> None:
    ends = [quarter_end(f"2026-{month:02d}-15") for month in range(1, 13)]
    assert ends == ["2026-03-31"] * 3 + ["2026-06-30"] * 3 + ["2026-09-30"] * 3 + ["2026-12-31"] * 3


def test_a_limit_of_no_unit_gets_no_talk_of_appeals() -> None:
    for limit in mue():
        if limit.units == 0 and limit.effective == "2026-04-01":
            report = check(
                claims_of({"code": limit.code, "date": "2026-05-04", "attachment": "yes"}, payer="medicare")
            )
            said = [entry for entry in report.findings if entry.status == "deny"]
            assert [entry for entry in said if "Medicare" in entry.because and "pay" in entry.because], (
                limit.code
            )
            for entry in report.findings:
                if entry.rule.startswith(("units", "status", "supplies-medicare", "consultation")):
                    assert (
                        "appeal" not in entry.remedy
                        and "split" not in entry.remedy
                        and entry.rule != "units-medicare"
                    )


def test_each_indicator_of_a_limit_has_its_own_remedy() -> None:
    rule = edit_rules()["units-medicare"]
    said = {mai: rule.remedy_for(mai) for mai in "123"}
    assert len(set(said.values())) == 3
    assert (
        "lines of their own" in said["1"]
        and "no modifier" in said["2"]
        and "appeal" in said["2"]
        and "appeal" in said["3"]
    )
    found = {
        code: next(entry for entry in check(claims_of({"code": code, "units": "9", "date": "2026-05-04"}, payer="medicare")).findings if entry.rule == "units-medicare")
        for code in ("21141", "0560T")
    }  # fmt: skip
    assert found["21141"].remedy == said["2"] and found["0560T"].remedy == said["3"]
    frame = audit(
        pd.DataFrame(
            [{**ORDINARY, "payer": "medicare", "code": "21141", "units": "9", "date": "2026-05-04"}]
        ),
        today=TODAY,
    ).findings
    assert said["2"] in set(frame["remedy"])


# --- studies


@pytest.mark.parametrize(
    "base",
    [
        "70450",
        "70470",
        "70480",
        "70492",
        "70336",
        "70540",
        "70543",
        "76536",
        "76380",
        "D0364",
        "D0384",
        "D0385",
        "D0386",
        "D0369",
    ],
)
@pytest.mark.parametrize("provider", ["B-1", "B-9"])
def test_every_tomographic_study_of_the_patient_is_a_base(base: str, provider: str) -> None:
    report = check(
        claims_of({"code": "76377", "report": "yes"}, {"code": base, "claim": "C-2", "provider": provider})
    )
    assert not [entry for entry in report.findings if entry.rule.startswith("rendering-")]


@pytest.mark.parametrize("code", ["70496", "70498", *map(str, range(70544, 70550))])
@pytest.mark.parametrize("on", ["2026-03-02", "2026-02-20"])
@pytest.mark.parametrize("provider", ["B-1", "B-9"])
def test_an_angiography_is_told_for_what_it_is_once(code: str, on: str, provider: str) -> None:
    lines = (
        {"code": "76377", "report": "yes"},
        {"code": code, "claim": "C-2", "date": on, "provider": provider},
    )
    found = [
        entry for entry in check(claims_of(*lines)).findings if entry.status in ("deny", "review", "warn")
    ]
    assert (
        len(found) == 1
        and found[0].rule in ("rendering-angiography", "pair-never")
        and code in found[0].because
    )
    assert "hold none" not in found[0].because


@pytest.mark.parametrize("code", ["70355", "D0330", "D0340", "D0801", "D0802", "D0803", "D0350"])
def test_a_plain_image_or_a_surface_scan_is_named(code: str) -> None:
    found = check(claims_of({"code": "76377", "report": "yes"}, {"code": code}, payer="medical_cdt")).findings
    (told,) = (entry for entry in found if entry.rule.startswith("rendering-"))
    assert told.rule == "rendering-wrong-base" and code in told.because


def test_kinds_of_studies_are_apart() -> None:
    kinds = list(studies().values())
    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))
    assert "70486" in studies()["ct"] and "70496" not in studies()["ct"]
    assert {limit.source for limit in mue()} <= set(sources())
