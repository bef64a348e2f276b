"""The reader's licensed wording: shown beside ours, never written, never in a built book."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from omsnb import code_case
from omsnb.__main__ import main
from omsnb.calculators.explorer import CaseExplorer
from omsnb.calculators.explorer_view import explorer_view
from omsnb.calculators.html import worksheet_html
from omsnb.descriptors import DESCRIPTORS, descriptors
from omsnb.notebook import LICENSED, services
from omsnb.tables import codes

ROOT = Path(__file__).resolve().parent.parent
MARK = "Zebra wording <b>& more"


@pytest.fixture
def licensed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a made-up wording for every code."""
    file = tmp_path / "mine.csv"
    lines = ["code,descriptor", *(f'{code},"{MARK} {code}"' for code in codes())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.setenv(DESCRIPTORS, str(file))
    return file


def test_nothing_is_shown_without_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DESCRIPTORS, raising=False)
    assert dict(descriptors()) == {}
    assert LICENSED not in services(code_case("tmj")).columns
    assert "licensed" not in worksheet_html(code_case("tmj"))


def test_command_line_shows_it(licensed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = next(iter(codes()))
    assert main(["code", code]) == 0
    assert f"{MARK} {code}" in capsys.readouterr().out
    assert main(["code", code, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["licensed_descriptor"] == f"{MARK} {code}"


def test_notebook_tables_show_it(licensed: Path) -> None:
    table = services(code_case("tmj"))
    assert all(said == "" or said.startswith(MARK) for said in table[LICENSED])
    assert sum(said != "" for said in table[LICENSED]) >= 5


def test_the_explorer_shows_it_escaped(licensed: Path) -> None:
    shown = explorer_view(CaseExplorer(case="tmj")).children[-1].value
    assert "Zebra wording &lt;b&gt;&amp; more" in shown and MARK not in shown


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot be read"), (b"code,label\n1,2\n", "has no column descriptor"), (b"\xff\xfe\x00", "is no CSV file in UTF-8")],
)  # fmt: skip
def test_a_bad_file_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes | None, said: str
) -> None:
    file = tmp_path / "bad.csv"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(DESCRIPTORS, str(file))
    assert main(["code", next(iter(codes()))]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1
    assert said in explorer_view(CaseExplorer(case="tmj")).children[-1].value


def held(folder: Path) -> list[str]:
    """Files that hold the made-up wording, however it may be escaped."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and b"Zebra" in file.read_bytes()]


@pytest.mark.slow
def test_no_built_file_holds_it(licensed: Path, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "html"
    source.mkdir()
    (source / "conf.py").write_text(
        'extensions = ["myst_nb", "omsnb.site"]\nhtml_theme = "basic"\nomsnb_code_pages = "codes"\n'
        'nb_execution_mode = "force"\nnb_execution_raise_on_error = True\n'
    )
    # a page made of the data, and one whose program runs while the book is built
    (source / "index.md").write_text("# Page\n\n```{reference-table} codes\n```\n", encoding="utf-8")
    (source / "run.md").write_text(
        "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# Run\n\n```{code-cell}\n"
        "from omsnb import code_case\nfrom omsnb.notebook import services\nservices(code_case('tmj'))\n```\n",
        encoding="utf-8",
    )
    assert services(code_case("tmj"))[LICENSED].any(), "the wording is there to be leaked"
    # in a process of its own: the notebook extension leaves traces in Sphinx that other tests would trip over
    command = [sys.executable, "-m", "sphinx", "-q", "-d", tmp_path / "trees", source, target]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    page = (target / "run.html").read_text(encoding="utf-8")
    assert "70486" in page, "the program has run"
    assert held(target) == held(tmp_path / "trees") == []


def test_the_check_can_fail(licensed: Path, tmp_path: Path) -> None:
    assert held(tmp_path) == [str(licensed)]
