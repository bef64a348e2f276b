"""The Sphinx domain of the manual: where each code, statement, table and note stands, and the roles that link there.

Everything in a domain is also an object of the search index, so a reader who types a code number gets the code's own
row as the first result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxRole
from sphinx.util.nodes import make_refnode

from omsnb.edition import edition
from omsnb.site.text import DOMAIN, chip, guidance_link
from omsnb.tables import codes, guidance

KINDS = {
    "code": "code",
    "table": "decision table",
    "guidance": "guidance",
    "discrepancy": "note on the paper",
    "crosswalk": "crosswalk",
    "source": "source",
    "edit": "claim check",
    "modifier": "modifier",
    "place": "place of service",
    "denial": "denial",
    "payer": "kind of payer",
    "policy": "payer's position",
    "diagnosis": "diagnosis",
    "calculator": "calculator",
}
"""What the domain holds, as search results name it."""

PRIORITY = {"code": 0, "source": 2} | dict.fromkeys(set(KINDS) - {"code", "source"}, 1)
"""Rank in the search results: 0 is first."""


class ManualDomain(Domain):
    """Knows the anchors of everything that the data names."""

    name = DOMAIN
    label = "Manual"
    data_version = 2
    object_types = {kind: ObjType(KINDS[kind], kind) for kind in KINDS}  # noqa: RUF012 - the base class declares it so
    initial_data = {"objects": {}}  # noqa: RUF012

    def note(self, kind: str, target: str, shown: str = "") -> str:
        """Notes that a thing stands on the page being read, and returns its anchor.

        ``shown``: its name in search results.
        """
        anchor = anchor_of(kind, target)
        self.data["objects"][kind, target] = (self.env.docname, anchor, shown or target)
        return anchor

    def note_row(self, code: str, shown: str) -> str:
        """Notes a code's row in the code index, where links lead when the code has no page of its own."""
        self.data["objects"]["code-row", code] = (self.env.docname, anchor_of("code", code), shown)
        return anchor_of("code", code)

    def place(self, kind: str, target: str) -> tuple[str, str, str] | None:
        """Page, anchor and shown name of a thing; None where no page holds it."""
        objects = self.data["objects"]
        found = objects.get((kind, target))
        if found is None and kind == "code":
            found = objects.get(("code-row", target))
        return found  # type: ignore[no-any-return]

    def clear_doc(self, docname: str) -> None:
        """Forgets a page that will be read again."""
        objects = self.data["objects"]
        for key in [key for key, place in objects.items() if place[0] == docname]:
            del objects[key]

    def merge_domaindata(self, docnames: Iterable[str], otherdata: dict[str, Any]) -> None:
        """Takes over what a parallel reader found."""
        for key, place in otherdata["objects"].items():
            if place[0] in docnames:
                self.data["objects"][key] = place

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """Turns a reference into a link; None, and so a build warning, where no page holds the target."""
        place = self.place(typ, target)
        if place is None:
            return None
        made = make_refnode(builder, fromdocname, place[0], place[1], contnode, node.get("reftitle") or None)
        if typ == "code":
            made["classes"].append("code-link")
        return made

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.Element]]:
        """Bare references never mean a code."""
        return []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """All objects for the search index."""
        for (kind, target), (docname, anchor, shown) in self.data["objects"].items():
            if kind == "code-row":
                if ("code", target) in self.data["objects"]:
                    continue
                kind = "code"
            # Sphinx cuts a shown name at its full stops, as if it were a Python path; and it would shorten an anchor
            # made of kind and name so that the search page rebuilt it, wrongly, from the shown name.
            yield f"{kind}:{target}", shown.replace(".", " "), kind, docname, anchor, PRIORITY[kind]

    def get_type_name(self, type: ObjType, primary: bool = False) -> str:
        """A kind's name in search results, without the domain's."""
        return type.lname


def anchor_of(kind: str, target: str) -> str:
    """The anchor of a thing on its page, such as ``code-70486``."""
    return f"{kind}-{target}"


def domain_of(env: BuildEnvironment) -> ManualDomain:
    """The manual's domain in a build."""
    found = env.get_domain(DOMAIN)
    assert isinstance(found, ManualDomain)
    return found


class CodeRole(SphinxRole):
    """``{code}`70486```: a code, a code with a modifier (``76377-26``), or a range (``70486-70488``)."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Checks the code against ``codes.csv`` and makes its chips."""
        first, *rest = re.split(r"[-\N{EN DASH}]", self.text.strip())
        ends = [part for part in rest if len(part) == 5]
        for part in (first, *ends):
            if part not in codes():
                return self._refuse(f"code {part!r} is not in data/codes.csv")
        if ends:
            if len(rest) > 1:
                return self._refuse(f"{self.text!r} is neither a code, a code with modifiers, nor a range")
            dash = nodes.inline("", "\N{EN DASH}", classes=["code-to"])
            return [nodes.inline("", "", chip(first), dash, chip(ends[0]), classes=["code-range"])], []
        if not all(re.fullmatch(r"[0-9A-Z]{2}", part) for part in rest):
            return self._refuse(f"{self.text!r} is neither a code, a code with modifiers, nor a range")
        return [chip(first, rest)], []

    def _refuse(self, message: str) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        problem = self.inliner.reporter.warning(message, line=self.lineno)
        return [nodes.literal("", self.text)], [problem]


class GuidanceRole(SphinxRole):
    """``{guidance}`III-04```: a link to one statement of the ledger."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Checks the id against ``guidance.csv`` and makes the link."""
        id = self.text.strip()
        if id not in guidance():
            problem = self.inliner.reporter.warning(
                f"guidance {id!r} is not in data/guidance.csv", line=self.lineno
            )
            return [nodes.literal("", id)], [problem]
        return [guidance_link(id)], []


class EditionRole(SphinxRole):
    """``{edition}`code_year```: one value of ``data/edition.toml``, so that no page repeats it by hand."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Checks the key against the edition and writes its value."""
        key = self.text.strip()
        value = getattr(edition(), key, None)
        if not isinstance(value, str | int):
            problem = self.inliner.reporter.warning(
                f"edition {key!r} is no single value of data/edition.toml", line=self.lineno
            )
            return [nodes.literal("", key)], [problem]
        return [nodes.Text(str(value))], []


def setup(app: Sphinx) -> None:
    """Registers the domain and its roles."""
    app.add_domain(ManualDomain)
    app.add_role("code", CodeRole(), override=True)  # docutils has a role of that name, for program text
    app.add_role("guidance", GuidanceRole())
    app.add_role("edition", EditionRole())
