"""Keeps pages and notebook outputs in step with the data.

Sphinx reads a page again when a file that it depends on has changed, and ``jupyter-cache`` runs a notebook again when
its own text has changed. Neither sees that a row of ``data/`` or a module of ``omsnb`` changed, and a stale answer
would stand on the page. So: pages that show data depend on all of it, and the cache of outputs is emptied whenever
the data or the code has changed since it was filled.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

import omsnb
from omsnb.reading import data_folder

STAMP = "omsnb-inputs.sha256"


@cache
def inputs() -> tuple[Path, ...]:
    """Every file that a calculated page rests on: the data and the modules that interpret it."""
    package = Path(omsnb.__file__).parent
    site = Path(__file__).parent
    data = Path(str(data_folder()))
    modules = (file for file in package.rglob("*.py") if site not in file.parents)
    found: Iterator[Path] = (file for file in data.rglob("*") if file.suffix in (".csv", ".toml"))
    return tuple(sorted((*found, *modules)))


def digest() -> str:
    """A fingerprint of all inputs."""
    total = hashlib.sha256()
    for file in inputs():
        total.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def watch(env: BuildEnvironment) -> None:
    """Makes the page being read depend on all inputs, and on the modules that draw it."""
    for file in (*inputs(), *Path(__file__).parent.glob("*.py")):
        env.note_dependency(str(file))


def empty_stale_cache(app: Sphinx) -> None:
    """Empties the cache of notebook outputs when the inputs have changed since it was filled."""
    given = getattr(app.config, "nb_execution_cache_path", "")
    folder = Path(given or Path(app.outdir).parent / ".jupyter_cache")
    stamp = folder / STAMP
    now = digest()
    if stamp.is_file() and stamp.read_text(encoding="ascii") == now:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    stamp.write_text(now, encoding="ascii")


def outdated(app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """Reads notebooks again when the inputs have changed since the last build of this environment."""
    now = digest()
    before = getattr(env, "omsnb_inputs", "")
    env.omsnb_inputs = now  # type: ignore[attr-defined]
    if before == now:
        return []
    return [name for name in env.found_docs if str(env.doc2path(name)).endswith(".ipynb")]


def setup(app: Sphinx) -> None:
    """Connects the checks to the start of a build."""
    app.connect("builder-inited", empty_stale_cache)
    app.connect("env-get-outdated", outdated)
