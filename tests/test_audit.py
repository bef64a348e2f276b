"""The audit of tables and files: the findings of ``check``, whatever the order, the file, and the number of workers."""

from __future__ import annotations

import os
import random
from datetime import date
from pathlib import Path

import pandas as pd
import psutil
import pytest
from claims import ORDINARY, TODAY, examples, random_rows

from omsnb.audit import FINDING_COLUMNS, audit, findings_frame
from omsnb.audit_files import Summary, audit_file
from omsnb.claim_tables import claim_fields
from omsnb.claims import read_rows, rows_of
from omsnb.edit_rules import edit_rules
from omsnb.edits import Report, check, find

PATIENTS = int(os.environ.get("OMSNB_PATIENTS", "1500"))
"""Patients with random claims, two claims each; a release tries 50,000, which is 100,000 claims."""


def one_by_one(rows: list[dict[str, str]], today: date = TODAY) -> pd.DataFrame:
    claims = read_rows(enumerate(rows, start=2)).claims
    return findings_frame([Report(claims, find(claims, today), ())])


def sorted_rows(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(map(tuple, frame[list(FINDING_COLUMNS)].fillna("").to_numpy()))


@pytest.mark.slow
def test_one_claim_and_table_agree() -> None:
    rules: set[str] = set()
    claims = findings = 0
    for seed in range(max(1, PATIENTS // 500)):
        rows = list(random_rows(random.Random(seed), 500))
        found = audit(pd.DataFrame(rows), today=TODAY)
        assert found.faults == ()
        expected = one_by_one(rows)
        pd.testing.assert_frame_equal(found.findings, expected)
        rules |= set(expected["rule"])
        claims += len({row["claim"] for row in rows})
        findings += len(expected)
    assert len(rules) > 0.95 * len(edit_rules()), set(edit_rules()) - rules
    print(f"{claims} random claims, {findings} findings of {len(rules)} rules: equal")


@pytest.mark.slow
def test_the_examples_of_all_rules_agree() -> None:
    for example in examples():
        rows = [{key: cell for key, cell in row.items() if cell} for row in rows_of(example.claims)]
        pd.testing.assert_frame_equal(audit(pd.DataFrame(rows).fillna(""), today=TODAY).findings, one_by_one(rows))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_bad_rows_and_mixed_claims_agree(seed: int) -> None:
    chance = random.Random(seed)
    rows = list(random_rows(chance, 60))
    for row in chance.sample(rows, 40):
        row.update(chance.choice([
            {"units": "0"}, {"date": "yesterday"}, {"code": "7"}, {"patient": ""}, {"payer": "medicad"}, {"line": "3"},
            {"patient": "other"}, {"modifiers": " 26 "}, {"line": "1"}, {"code": "d0330"}, {"birth_date": "2200-01-01"},
        ]))  # fmt: skip
    chance.shuffle(rows)
    reading = read_rows(enumerate(rows, start=2))
    found = audit(pd.DataFrame(rows).fillna(""), today=TODAY)
    assert sorted(map(str, found.faults)) == sorted(map(str, reading.faults))
    pd.testing.assert_frame_equal(
        found.findings, findings_frame([check(reading.claims, TODAY, unread=reading.unread)])
    )
    assert (found.rows, found.refused) == (reading.rows, reading.refused) == (len(rows), len(rows) - reading.lines)


def test_columns() -> None:
    frame = pd.DataFrame([{**ORDINARY, "code": "70486"}])
    with pytest.raises(ValueError, match="column: 'price' is not known; allowed: claim, patient"):
        audit(frame.assign(price="1"))
    with pytest.raises(ValueError, match="column: 'code' is missing"):
        audit(frame.drop(columns="code"))
    assert audit(frame.iloc[:0]).findings.empty


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = list(random_rows(random.Random(11), 400))
    random.Random(12).shuffle(rows)
    file = tmp_path_factory.mktemp("lines") / "lines.csv"
    pd.DataFrame(rows, columns=[*dict.fromkeys(key for row in rows for key in row)]).to_csv(file, index=False)
    return file


def read_findings(file: Path) -> list[tuple[str, ...]]:
    frame = pd.read_csv(file, dtype=str) if file.suffix == ".csv" else pd.read_parquet(file)
    return sorted_rows(frame)


@pytest.mark.slow
def test_whole_and_in_parts_and_as_parquet_agree(lines: Path, tmp_path: Path) -> None:
    rows = pd.read_csv(lines, dtype=str, keep_default_na=False).to_dict("records")
    expected = sorted_rows(one_by_one(rows, date.today()))
    pd.DataFrame(rows).to_parquet(tmp_path / "lines.parquet")
    for source, target, part in [
        (lines, "a.csv", 10**9), (lines, "b.csv", 20_000), (lines, "c.parquet", 20_000),
        (tmp_path / "lines.parquet", "d.parquet", 10**9), (tmp_path / "lines.parquet", "e.csv", 2_000),
    ]:  # fmt: skip
        summary = audit_file(source, tmp_path / target, part_bytes=part)
        assert read_findings(tmp_path / target) == expected
        assert summary.lines == len(rows) and summary.findings == len(expected) and not summary.faults
    assert {path.name for path in tmp_path.iterdir()} == {"lines.parquet", "a.csv", "b.csv", "c.parquet", "d.parquet", "e.csv"}


def test_typed_parquet_is_read(tmp_path: Path) -> None:
    row = {**ORDINARY, "code": "70355", "units": 2, "charge": 450.5, "date": pd.Timestamp("2026-03-02").date(), "minutes": None}
    pd.DataFrame([row]).astype({"minutes": "Int64"}).to_parquet(tmp_path / "a.parquet")
    summary = audit_file(tmp_path / "a.parquet", tmp_path / "b.csv")
    assert not summary.faults and summary.statuses == {"review": 1}


def test_bad_rows_of_a_file_are_named(tmp_path: Path) -> None:
    head = [*ORDINARY, "code"]
    good = [{**ORDINARY, "code": "70486"}[name] for name in head]
    bad = [*good[:-2], "x", "70486"]
    text = [head, good, good[:-1], good, bad]
    (tmp_path / "a.csv").write_text("\n".join(map(",".join, text)) + "\n")
    summary = audit_file(tmp_path / "a.csv", tmp_path / "b.csv")
    assert [(fault.row, fault.column) for fault in summary.faults] == [(3, ""), (5, "pointers")]
    assert (summary.rows, summary.refused, summary.lines) == (4, 2, 2) and summary.statuses == {"deny": 1, "review": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"claim,patient\n", "row 1, column date: is missing"),
        (b"\xff\xfe\x00a", "cannot be read"),
        (b"", "column claim: is missing"),
    ],
)
def test_a_file_that_is_none(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    (tmp_path / "b.csv").write_text("before")
    with pytest.raises(ValueError, match=said):
        audit_file(tmp_path / "a.csv", tmp_path / "b.csv")
    assert (tmp_path / "b.csv").read_text() == "before"
    assert len(list(tmp_path.iterdir())) == 2


def test_names(lines: Path, tmp_path: Path) -> None:
    for arguments, said in [((lines, tmp_path / "a.txt"), "no known suffix"), ((tmp_path / "no.csv", tmp_path / "a.csv"), "not there")]:
        with pytest.raises(ValueError, match=said):
            audit_file(*arguments)
    with pytest.raises(ValueError, match="engine: 'spark' is not known; allowed: pandas, dask"):
        audit_file(lines, tmp_path / "a.csv", engine="spark")


@pytest.mark.slow
def test_two_workers_and_one_killed_in_mid_run(lines: Path, tmp_path: Path) -> None:
    from distributed import Client, LocalCluster

    expected = audit_file(lines, tmp_path / "a.csv")
    assert lines.stat().st_size > 5 * 10_000, "too small a file: no part would be left when the worker is killed"
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        workers = {worker["pid"] for worker in client.run(lambda: {"pid": os.getpid()}).values()}

        killed: list[int] = []

        class Watching(Summary):
            def add(self, part: object) -> None:
                if not killed:
                    killed.append(next(iter(workers)))
                    psutil.Process(killed[0]).kill()
                super().add(part)  # type: ignore[arg-type]

        import omsnb.audit_files as module

        original, module.Summary = module.Summary, Watching  # type: ignore[misc]
        try:
            summary = audit_file(
                lines, tmp_path / "b.csv", engine="dask", scheduler=cluster.scheduler_address, part_bytes=10_000
            )
        finally:
            module.Summary = original  # type: ignore[misc]
        assert killed and not psutil.pid_exists(killed[0])
    assert summary.findings == expected.findings and summary.statuses == expected.statuses
    assert read_findings(tmp_path / "b.csv") == read_findings(tmp_path / "a.csv")


def test_the_columns_of_a_table_are_those_of_the_template() -> None:
    assert set(ORDINARY) < set(claim_fields())
