"""What the hover cards say, and the synonyms that the search knows: one small script, loaded when first wanted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from omsnb.site.reference_codes import rules
from omsnb.tables import codes
from omsnb.tables.book_tables import glossary

FILE = "omsnb-cards.js"


def cards() -> dict[str, Any]:
    """Codes with label, system, rules and synonyms; glossary terms with their meaning."""
    return {
        "codes": {
            code.code: {
                "system": code.system,
                "label": code.label,
                "rules": list(rules(code)),
                "synonyms": list(code.synonyms),
            }
            for code in codes().values()
        },
        "terms": {term.term: term.definition for term in glossary().values()},
    }


def write(app: Sphinx, problem: Exception | None) -> None:
    """Writes the script beside the book's own."""
    if problem or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(exist_ok=True)
    text = json.dumps(cards(), ensure_ascii=False, separators=(",", ":"))
    (folder / FILE).write_text(f"window.omsnbCards={text};\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Connects to the end of a build."""
    app.connect("build-finished", write)
