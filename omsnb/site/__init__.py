"""The book's own Sphinx pieces: roles and directives that show the manual's data, search by number, page mending.

Importing this package needs the standard library alone, so that ``python -m omsnb.site.serve`` runs without Sphinx;
``setup`` loads the rest when Sphinx asks for it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from omsnb.descriptors import DESCRIPTORS

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata


def setup(app: Sphinx) -> ExtensionMetadata:
    """Registers the pieces with Sphinx; each module registers its own.

    Takes the reader's licensed descriptors out of the environment first, so that no page and no notebook that the
    build runs can hold one.
    """
    os.environ.pop(DESCRIPTORS, None)
    from omsnb.site import (
        cards,
        case_statements,
        case_table,
        code_pages,
        decision_table,
        discrepancy,
        domain,
        figures,
        filled_claim,
        finish,
        freshness,
        html,
        live_calculator,
        office_sheets,
        pages,
        practice,
        quiz,
        reference,
        slides,
        terms,
        trimming,
        visit_tables,
    )

    shown = (
        html,
        domain,
        decision_table,
        discrepancy,
        case_table,
        case_statements,
        quiz,
        practice,
        figures,
        filled_claim,
        terms,
        visit_tables,
        live_calculator,
        office_sheets,
        slides,
        reference,
    )
    for module in (*shown, code_pages, pages, freshness, cards, finish, trimming):
        module.setup(app)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
