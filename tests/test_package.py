"""The package's own laws: what it imports, in which direction, and that no rule hides in Python."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import omsnb
from omsnb.claim_tables import payers
from omsnb.edition import edition
from omsnb.tables import facts

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "omsnb"
ROOMS = (
    "streams writing records case_records reading line_text tables lookups fees diagnoses claim_tables cms_files own_tables standing descriptors edition policies answers of_rows network plans decisions completeness coding summary paper notes note_commands decision_texts lookup_texts presenting periods timeline claims "
    "conditions edit_rules pair_tables changes plan_fields payer_plans plan_rules pair_modifiers edits pair_question notebook claim_building cell_dates cell_words column_names column_maps column_plan column_choice table_plan map_proposal text_encoding csv_rows workbook_rows table_rows json_rows json_tables fhir_names fhir_nodes fhir_parties fhir_decided fhir_claim fhir fhir_reading x12_names x12_segments x12_said x12_envelope x12_lines x12_loops x12_claims x12_reading file_kinds claim_files mending audit csv_blocks table_tidy audit_work audit_files audit_summary letters sheets preview x12_remittance charts claim_commands map_commands remittance_commands cms_proposal cms_commands pair_commands payer_commands "
    "calculators which exercises all_data live site decide_commands case_commands lookup_commands teaching_commands __main__"
).split()
CODE = re.compile(r"\b(?:\d{5}|\d{4}T|[DG]\d{4})\b")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_import_needs_the_standard_library_alone() -> None:
    script = (
        "import sys; before = set(sys.modules); import omsnb; omsnb.code_case('tmj'); "
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(new - set(sys.stdlib_module_names) - {'omsnb'}))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert found.stdout.strip() == "[]"


def test_heavy_libraries_are_not_imported() -> None:
    script = "import omsnb, sys; print([m for m in ('pandas', 'numpy', 'ipywidgets', 'traitlets') if m in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_downwards(path: Path) -> None:
    here = room(path)
    if here == "__init__":
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("omsnb."):
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("omsnb.")]
        for name in names:
            there = name.split(".")[1]
            assert there == here or ROOMS.index(there) < ROOMS.index(here), f"{here} imports {there}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_code_number_in_python(path: Path) -> None:
    """Codes stand in ``data/``. Docstrings may name one as an example."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None
        and isinstance(node.body[0], ast.Expr)
    }  # fmt: skip
    found = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and id(node) not in docs
        and (isinstance(node.value, str) and CODE.search(node.value)
             or type(node.value) is int and 10_000 <= node.value <= 99_999)
    ]  # fmt: skip
    # a bare string after an attribute documents it, as ``help`` does
    bare = {
        id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)
    }
    assert not [value for value in found if id(value) not in bare]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_kind_of_payer_in_python(path: Path) -> None:
    """What a kind of payer wants stands in ``data/``; the names that a claim's value shares are left out."""
    kinds = set(payers()) - set(facts()["claim"].values)
    constants = [
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    ]
    assert not kinds & {value for value in constants if isinstance(value, str)}


def test_every_public_function_has_a_docstring() -> None:
    missing = []
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    missing.append(f"{room(path)}.{node.name}")
    assert not missing


def test_importing_the_package_loads_nothing_else_of_it() -> None:
    """Each command then loads what it needs, and a page in the browser starts sooner."""
    said = subprocess.run(
        [sys.executable, "-c", "import sys, omsnb; print([m for m in sys.modules if m.startswith('omsnb.')])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == "[]"
    said = subprocess.run(
        [sys.executable, "-c", "import omsnb; print([getattr(omsnb, n).__name__ for n in omsnb.__all__])"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert said.stdout.strip() == str(omsnb.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        omsnb.nothing  # noqa: B018


def test_the_version_stands_once() -> None:
    """The edition is the version of the package, of its built distribution, and of the citation."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    version = project["tool"]["hatch"]["version"]
    found = re.search(version["pattern"], (ROOT / version["path"]).read_text(encoding="utf-8"))
    assert found and found["version"] == edition().edition == omsnb.__version__
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert "\nversion:" not in cited, (
        "CITATION.cff names no version: the edition stands in data/edition.toml alone"
    )
    assert f'"{edition().edition}"' not in (PACKAGE / "__init__.py").read_text(encoding="utf-8")


def test_every_pin_is_locked_by_its_hash() -> None:
    """`make` installs from the lock alone: each version that requirements.txt names stands there, with hashes."""
    locked: dict[str, str] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements-lock.txt").read_text(encoding="utf-8")):
        found = re.match(r"([A-Za-z0-9._-]+)==(\S+)", entry)
        if found:
            assert "--hash=sha256:" in entry, f"{found[1]} has no hash"
            locked.setdefault(re.sub(r"[-_.]+", "-", found[1]).lower(), found[2])
    wanted = re.findall(
        r"(?m)^([A-Za-z0-9._-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8")
    )
    assert len(wanted) > 20
    for name, version in wanted:
        assert locked[re.sub(r"[-_.]+", "-", name).lower()] == version, name


def test_no_two_test_files_share_a_name() -> None:
    """Collected in one run, as ``make test`` does, the second of them could not be imported."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert [name for name in sorted(set(names)) if names.count(name) > 1] == []
