"""Lists what the published book holds of others' work: ``third_party.py`` writes ``data/third-party.csv``.

The list is made from what the build really took in: the bundler's own account, the npm packages' and the Python
packages' metadata. A test compares it with the file, so that a new version cannot go unlisted.
"""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import build_live

FILE = build_live.ROOT / "data" / "third-party.csv"
COLUMNS = ("part", "version", "licence", "origin", "files")
THEME = {
    "sphinx": "_static/basic.css, doctools.js, documentation_options.js, language_data.js, searchtools.js and others",
    "sphinx-book-theme": "_static/styles, _static/scripts, _static/images",
    "pydata-sphinx-theme": "_static/styles, scripts and vendor (Bootstrap and Font Awesome: MIT, OFL-1.1)",
    "sphinx-design": "_static/sphinx-design.min.css, design-tabs.js",
    "sphinx-copybutton": "_static/copybutton.js, copybutton.css, clipboard.min.js (clipboard.js, MIT)",
    "sphinx-togglebutton": "_static/togglebutton.js, togglebutton.css",
    "sphinx-thebe": "_static/sphinx-thebe.js, sphinx-thebe.css",
    "myst-nb": "_static/mystnb.*.css",
    "pygments": "_static/pygments.css",
}
"""Python packages that copy files into every book, and where these lie."""
SHORT = re.compile(r"(BSD|MIT|Apache|MPL|PSF)[^\n]{0,24}", re.IGNORECASE)


def licence_of(name: str) -> str:
    """The licence of a Python package, in a few words."""
    found = distribution(name).metadata
    text = found.get("License-Expression") or ""
    if not text:
        classified = [one for one in found.get_all("Classifier") or [] if one.startswith("License ::")]
        text = classified[0].rsplit("::", 1)[-1].strip() if classified else str(found.get("License") or "")
    return text.splitlines()[0][:40] if text else "not stated"


def python_parts() -> Iterator[tuple[str, ...]]:
    """Python packages: those that run in the page, and those of the theme."""
    for name in build_live.PACKAGES:
        yield name, distribution(name).version, licence_of(name), "PyPI", "live/*/site.zip"
    for name, files in THEME.items():
        yield name, distribution(name).version, licence_of(name), "PyPI", files


def npm_parts() -> Iterator[tuple[str, ...]]:
    """npm packages: the runtime, and all that the bundle took in."""
    modules = build_live.WORK / "npm" / "node_modules"
    meta = json.loads((build_live.WORK / "npm" / "meta.json").read_text())
    held: dict[str, set[str]] = {"pyodide": {*build_live.RUNTIME, "pyodide-lock.json"}}
    for output, account in meta["outputs"].items():
        for source, share in account["inputs"].items():
            found = re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)", source)
            if found and share["bytesInOutput"]:
                held.setdefault(found[-1], set()).add(Path(output).name)
    for name, files in sorted(held.items()):
        package = json.loads((modules / name / "package.json").read_text())
        yield (
            name,
            package["version"],
            package["license"],
            "npm",
            ", ".join(f"live/*/{one}" for one in sorted(files)),
        )
    runtime = json.loads((modules / "pyodide" / "pyodide-lock.json").read_text())["info"]["python"]
    yield (
        "CPython",
        runtime,
        "PSF-2.0",
        "npm (in pyodide)",
        "live/*/pyodide.asm.wasm, live/*/python_stdlib.zip",
    )


def listed() -> str:
    """The whole list as the text of its file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([*npm_parts(), *python_parts()])
    return out.getvalue()


if __name__ == "__main__":
    build_live.runtime()
    FILE.write_text(listed(), encoding="utf-8")
    print(f"{FILE.relative_to(build_live.ROOT)} written", file=sys.stderr)
