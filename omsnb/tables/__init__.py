"""Opens ``data/`` and reads it into frozen records. The only module that reads the manual's data.

Every file is checked as it is loaded; an error names the file, the row (the header is row 1), the column and
what is allowed there. Loaders are cached: each file is read once, when it is first wanted. What no decision needs is
imported when it is first wanted, too.
"""

from __future__ import annotations

from omsnb.tables.code_tables import codes, mue
from omsnb.tables.decision_tables import services, tables
from omsnb.tables.ledger import documents, guidance, sections, sources
from omsnb.tables.vocabulary import facts, parse_allowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from omsnb.tables.case_files import cases, discrepancies, paper_lists
    from omsnb.tables.crosswalk_table import crosswalk

__all__ = [
    "cases",
    "codes",
    "crosswalk",
    "discrepancies",
    "documents",
    "facts",
    "guidance",
    "mue",
    "paper_lists",
    "parse_allowed",
    "sections",
    "services",
    "sources",
    "tables",
]

_HOMES = {
    "cases": "case_files",
    "discrepancies": "case_files",
    "paper_lists": "case_files",
    "crosswalk": "crosswalk_table",
}


def __getattr__(name: str) -> object:
    """Loads a reader that no decision needs when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
