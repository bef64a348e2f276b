"""``{reference-table} NAME``: the reference pages, made from the data whenever the book is built."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from omsnb.site.domain import ManualDomain, domain_of
from omsnb.site.freshness import watch
from omsnb.site.glossary import glossary_text
from omsnb.site.reference_codes import code_sections, crosswalk_table, unit_limit_table
from omsnb.site.reference_edits import edit_sections
from omsnb.site.reference_ledger import (
    discrepancy_sections,
    guidance_sections,
    section_table,
    source_table,
    third_party_table,
)
from omsnb.site.reference_lookups import denial_table, diagnosis_table, modifier_table, place_table
from omsnb.site.reference_payers import payer_kinds, policy_sections
from omsnb.site.reference_tables import decision_index

MAKERS: Mapping[str, Callable[[ManualDomain], list[nodes.Node]]] = {
    "codes": code_sections,
    "mue": unit_limit_table,
    "crosswalk": crosswalk_table,
    "decisions": decision_index,
    "guidance": guidance_sections,
    "discrepancies": discrepancy_sections,
    "sources": source_table,
    "sections": section_table,
    "edits": edit_sections,
    "modifiers": modifier_table,
    "places": place_table,
    "denials": denial_table,
    "payers": payer_kinds,
    "policies": policy_sections,
    "diagnoses": diagnosis_table,
    "third-party": third_party_table,
}
"""What can be shown, by name; the glossary is made apart, from text."""


class ReferenceTable(SphinxDirective):
    """Shows one file of the data in full; every row has an anchor."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """Checks the name and makes the table."""
        name = self.arguments[0].strip()
        watch(self.env)
        if name == "glossary":
            return self.parse_text_to_nodes(glossary_text())
        if name not in MAKERS:
            allowed = ", ".join((*MAKERS, "glossary"))
            return [
                self.state.document.reporter.warning(
                    f"reference table {name!r} is not known; allowed: {allowed}", line=self.lineno
                )
            ]
        made = MAKERS[name](domain_of(self.env))
        for section in made:
            if isinstance(section, nodes.section):
                self.state.document.note_explicit_target(section, section)
        return made


def setup(app: Sphinx) -> None:
    """Registers the directive."""
    app.add_directive("reference-table", ReferenceTable)
