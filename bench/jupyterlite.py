"""The same calculator as others would put it on a page: jupyterlite-sphinx, its ``replite`` directive in an iframe.

``build`` makes a small Sphinx site whose one page runs ``calculator("splint")`` in a JupyterLite console. Everything
that the page asks for lies in the site. The console starts and runs by itself, without a click, and Pyodide loads all
packages at once while it starts, which is quicker than the kernel's own way, one after the other: the comparison is to
be fair. All else is as it comes, the service worker included. The server lets the browser keep nothing without asking
anew, as for the bare Pyodide, save files that Sphinx marks with their hash.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from collections.abc import Callable, Sequence
from email.parser import Parser
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import build_live  # noqa: E402

from omsnb.site.serve import HEADERS, Handler, open_server  # noqa: E402

VERSIONS = ROOT / "requirements-lock.txt"
TOOLS = (
    "jupyterlite-sphinx==0.23.0", "jupyterlite-core==0.8.6", "jupyterlite-pyodide-kernel==0.8.6",
    "doit==0.37.0", "pkginfo==2.0", "jupyterlab_widgets", "sphinx",
)  # fmt: skip
"""What builds the site; a version that is not given here stands in ``requirements-lock.txt``."""

WHEELS = (
    "micropip==0.11.1", "asttokens", "comm", "executing", "ipython", "ipython_pygments_lexers", "ipywidgets", "jedi",
    "matplotlib-inline", "parso", "prompt_toolkit", "pure_eval", "pygments", "stack-data", "traitlets", "wcwidth",
)  # fmt: skip
"""What the kernel and the widgets import in the browser; versions as above."""

KERNEL_WHEELS = ("ipykernel-6*", "piplite-*", "pyodide_kernel-*", "widgetsnbextension-4*")
"""What the kernel brings along; two of them stand in for packages that only a server needs."""

RUNTIME = (*build_live.RUNTIME, "python_stdlib.zip")
IN_BROWSER = "--only-binary=:all: --python-version 3.14 --implementation py --abi none --platform any".split()
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"

SETTINGS = """project = "calculator"
extensions = ["jupyterlite_sphinx"]
html_theme = "basic"


def setup(app):
    # the extension asks Google for a font that its buttons alone use
    app.registry.css_files = [file for file in app.registry.css_files if "//" not in file[0]]
"""
PAGE = """Calculator
==========

.. replite::
   :kernel: python
   :height: 900px
   :hide_code_input: True
   :show_banner: False

   from omsnb.calculators import calculator
   calculator("{name}")
"""
FRAMED = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"]
    .replace("'wasm-unsafe-eval'", "'unsafe-eval' 'wasm-unsafe-eval'")
    .replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "X-Frame-Options": "SAMEORIGIN",
}
"""Where JupyterLite needs more than the book's headers allow: it stands in an iframe and makes functions of texts."""


class FramedHandler(Handler):
    """The book's own server in all but two headers."""

    def send_header(self, keyword: str, value: str) -> None:
        """Sends a header, or what JupyterLite needs in its place."""
        super().send_header(keyword, FRAMED.get(keyword, value))


def open_framed(folder: Path, port: int) -> ThreadingHTTPServer:
    """Opens a server as ``open_server`` does, whose pages may stand in an iframe of their own host."""
    server = open_server(folder, port)
    server.RequestHandlerClass = partial(FramedHandler, directory=str(folder))
    return server


def build(folder: Path, name: str) -> Path:
    """The site with the calculator of that name, built in the folder unless it is there already."""
    kept("environment", folder, [VERSIONS.read_bytes(), repr(TOOLS).encode()], make_environment)
    inputs = [*build_live.inputs(), VERSIONS.read_bytes(), Path(__file__).read_bytes(), name.encode()]
    make = partial(make_site, environment=folder / "environment", name=name)
    return kept("site", folder, inputs, make) / "html"


def kept(part: str, folder: Path, inputs: Sequence[bytes], make: Callable[[Path], None]) -> Path:
    """A part of the folder, made anew when what it is made of has changed."""
    target, made_for = folder / part, folder / f"{part}-for.txt"
    wanted = build_live.digest(inputs)
    if not made_for.is_file() or made_for.read_text() != wanted:
        made_for.unlink(missing_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        make(target)
        made_for.write_text(wanted)
    return target


def run(*words: str | Path) -> None:
    """Runs a program; ends with its words when it fails."""
    build_live.run(build_live.command, *words, cwd=ROOT)


def make_environment(folder: Path) -> None:
    """An environment of its own for the tools, so that the book's stays what its lists say."""
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "--constraint", VERSIONS, *TOOLS)


def make_site(folder: Path, environment: Path, name: str) -> None:
    """Writes the Sphinx project and builds it."""
    source = folder / "source"
    runtime = source / "static" / "pyodide"  # where the kernel's build step looks for a runtime
    runtime.mkdir(parents=True)
    packages = make_runtime(runtime, environment)
    settings = {"litePluginSettings": {KERNEL: {"loadPyodideOptions": {"packages": packages}}}}
    lite = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (source / "jupyter-lite.json").write_text(json.dumps(lite))
    (source / "conf.py").write_text(SETTINGS)
    (source / "index.rst").write_text(PAGE.format(name=name))
    run(environment / "bin" / "python", "-m", "sphinx", "-b", "html", source, folder / "html")


def make_runtime(folder: Path, environment: Path) -> list[str]:
    """Puts Pyodide and all wheels into the folder; returns the packages' names."""
    stock = build_live.node_modules() / "pyodide"
    for name in RUNTIME:
        shutil.copy(stock / name, folder / name)
    collect_wheels(folder, environment)
    lock = json.loads((stock / "pyodide-lock.json").read_text())
    # these packages and no others, so that none can be asked of any host
    lock["packages"] = dict(map(lock_entry, sorted(folder.glob("*.whl"))))
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, sort_keys=True))
    return sorted(lock["packages"])


def collect_wheels(folder: Path, environment: Path) -> None:
    """The wheels of PyPI, those that the kernel brings, and our own with its data."""
    pip = (sys.executable, "-m", "pip")
    run(*pip, "download", "--no-deps", *IN_BROWSER, "--constraint", VERSIONS, "--dest", folder, *WHEELS)
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    brought = environment / "share/jupyter/labextensions/@jupyterlite/pyodide-kernel-extension/static/pypi"
    for pattern in KERNEL_WHEELS:
        (wheel,) = brought.glob(f"{pattern}.whl")
        shutil.copy(wheel, folder)


def lock_entry(wheel: Path) -> tuple[str, dict[str, object]]:
    """A wheel as Pyodide's lock file names it. All are loaded together, so none says what it depends on."""
    marked = "-".join(wheel.name.split("-")[:2])
    with zipfile.ZipFile(wheel) as opened:
        about = Parser().parsestr(opened.read(f"{marked}.dist-info/METADATA").decode())
    name = about["Name"].lower().replace("_", "-")
    return name, {
        "name": name, "version": about["Version"], "file_name": wheel.name, "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(), "package_type": "package",
        "imports": [], "depends": [], "unvendored_tests": False,
    }  # fmt: skip
