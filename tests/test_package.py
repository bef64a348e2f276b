"""The package's own laws: what it imports, in which direction, and that no rule hides in Python."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "omsnb"
ROOMS = (
    "streams writing records reading line_text tables lookups claim_tables standing descriptors edition changes answers decisions completeness coding summary paper presenting periods timeline claims "
    "edit_rules pair_modifiers edits notebook claim_building csv_rows workbook_rows json_rows fhir_names fhir fhir_reading claim_files audit csv_blocks audit_files letters preview claim_commands cms_files cms_proposal cms_commands exercises "
    "calculators which all_data live site __main__"
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


def test_every_public_function_has_a_docstring() -> None:
    missing = []
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                if not ast.get_docstring(node):
                    missing.append(f"{room(path)}.{node.name}")
    assert not missing
