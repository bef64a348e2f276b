"""Opens ``data/`` and reads it into frozen records. The only module that reads the manual's data.

Every file is checked as it is loaded; an error names the file, the row (the header is row 1), the column and
what is allowed there. Loaders are cached: each file is read once, when it is first wanted.
"""

from __future__ import annotations

from omsnb.tables.case_files import cases, discrepancies, paper_lists
from omsnb.tables.code_tables import codes, mue
from omsnb.tables.crosswalk_table import crosswalk
from omsnb.tables.decision_tables import services, tables
from omsnb.tables.ledger import documents, guidance, sections, sources
from omsnb.tables.vocabulary import facts, parse_allowed

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
