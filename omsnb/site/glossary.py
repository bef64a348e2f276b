"""The glossary: terms of the field in our own words, from ``data/glossary.csv``."""

from __future__ import annotations

from omsnb.tables.book_tables import glossary


def glossary_text() -> str:
    """The glossary as MyST text, so that ``{term}`` links lead to it."""
    lines = ["```{glossary}"]
    for entry in glossary().values():
        lines += [entry.term, f"  {entry.definition}"]
        if entry.see:
            lines += ["", "  See " + ", ".join(f"{{term}}`{term}`" for term in entry.see) + "."]
        lines.append("")
    return "\n".join([*lines, "```"])
