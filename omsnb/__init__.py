"""Coding the digital workflow in oral and maxillofacial surgery: a code list is a decision with facts still open.

``decide`` asks one decision table, ``code_case`` codes a whole case, ``compare`` sets the result beside the
paper's printed list. Importing this package needs the standard library alone, so that it also runs in a browser,
and it reads nothing: each name is loaded when it is first used. ``__version__`` is the edition of
``data/edition.toml``.
"""

from __future__ import annotations

TYPE_CHECKING = False  # `typing` itself would double the time that this import takes
if TYPE_CHECKING:
    from omsnb.coding import Worksheet, code_case
    from omsnb.decisions import Decision, decide
    from omsnb.paper import Comparison, compare

    __version__: str

__all__ = ["Comparison", "Decision", "Worksheet", "code_case", "compare", "decide"]

_HOMES = {
    "Comparison": "paper",
    "Decision": "decisions",
    "Worksheet": "coding",
    "code_case": "coding",
    "compare": "paper",
    "decide": "decisions",
}


def __getattr__(name: str) -> object:
    """Loads a public name from its module when it is first asked for."""
    if name == "__version__":
        from omsnb.edition import edition

        found: object = edition().edition
    elif name in _HOMES:
        from importlib import import_module

        found = getattr(import_module(f"omsnb.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, "__version__"})
