"""A stand-in for IPython: ipywidgets imports five of its names, and none of them is used outside a notebook.

Leaving IPython out spares the reader more than a megabyte and a second.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def stand_in_ipython() -> None:
    """Puts the stand-in in place, unless IPython has been imported."""
    if "IPython" in sys.modules:
        return
    shell = _module("IPython.core.interactiveshell", InteractiveShell=type("InteractiveShell", (), {}))
    core = _module("IPython.core", __path__=[], interactiveshell=shell)
    display = _module("IPython.display", display=_nothing, clear_output=_nothing)
    _module(
        "IPython", __path__=[], version_info=(9, 0, 0), __version__="9", get_ipython=_nothing, core=core,
        display=display,
    )  # fmt: skip


def _module(name: str, **names: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(names)
    sys.modules[name] = made
    return made


def _nothing(*given: object, **named: object) -> None:
    """Stands for what a notebook would do here."""
