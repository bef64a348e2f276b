"""Changes a module in a copy of the project, one small change at a time, and lists the changes that no test notices.

    make mutants [MODULES="periods network"]

cosmic-ray makes the changes and runs the tests; its settings are written anew for each module. A change that survives
is killed by a test or explained in ``bench/mutants.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {
    "periods": ("test_periods",),
    "network": ("test_decisions",),
    "of_rows": ("test_decisions", "test_dates"),
    "decisions": ("test_decisions", "test_plan"),
    "plans": ("test_decisions", "test_plan"),
    "claim_building": ("test_claim_building",),
    "conditions": ("test_conditions", "test_edits"),
}
"""The test files of each module that is changed; without the slow ones."""

SETTINGS = """[cosmic-ray]
module-path = "omsnb/{module}.py"
timeout = 60.0
excluded-modules = []
test-command = "{python} -m pytest -q -x -p no:cacheprovider {files} -m 'not slow'"
[cosmic-ray.distributor]
name = "local"
"""


def survivors(module: str, tool: str) -> tuple[int, list[str]]:
    """How many changes of a module were tried, and those after which every test passed, each as a diff."""
    with tempfile.TemporaryDirectory() as made:
        copy, settings, session = (
            Path(made) / "copy",
            Path(made) / "settings.toml",
            Path(made) / "session.sqlite",
        )
        copy.mkdir()
        for name in ("omsnb", "data", "tests", "book", "live", "tools"):
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
            )
        for path in ROOT.iterdir():
            if path.is_file():
                shutil.copy(path, copy)
        files = " ".join(f"tests/{name}.py" for name in TESTS[module])
        settings.write_text(
            SETTINGS.format(module=module, python=sys.executable, files=files), encoding="utf-8"
        )
        environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}

        def run(*words: str) -> str:
            done = subprocess.run(
                [tool, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise SystemExit(f"cosmic-ray {words[0]}: {done.stderr.strip()}")
            return done.stdout

        run("init", str(settings), str(session))
        run("exec", str(settings), str(session))
        entries = [json.loads(line) for line in run("dump", str(session)).splitlines()]
        lived = [result["diff"] for _, result in entries if result and result["test_outcome"] == "survived"]
        ran = [result["diff"] for _, result in entries if result and not in_types(result["diff"])]
        return len(ran), [diff for diff in lived if not in_types(diff)]


def in_types(diff: str) -> bool:
    """Whether a change stands in the types of a signature, which never run."""
    added = [
        line[1:].strip() for line in diff.splitlines() if line.startswith("+") and not line.startswith("+++")
    ]
    return bool(added) and all(line.startswith("def ") and line.endswith(":") for line in added)


def main() -> None:
    """Prints the survivors and the score of each module."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    ask.add_argument("tool", help="the cosmic-ray program")
    ask.add_argument("modules", nargs="*", help=f"of {', '.join(TESTS)}; by default all")
    said = ask.parse_args()
    if unknown := set(said.modules) - set(TESTS):
        raise SystemExit(f"modules: {', '.join(sorted(unknown))} is not allowed; allowed: {', '.join(TESTS)}")
    for module in said.modules or TESTS:
        count, lived = survivors(module, said.tool)
        for diff in lived:
            print(diff)
        print(f"{module}: {count - len(lived)} of {count} changes noticed")


if __name__ == "__main__":
    main()
