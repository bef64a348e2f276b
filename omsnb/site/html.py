"""HTML elements as nodes of the document tree.

Docutils' own table has no ``scope`` on its headers and no focusable frame. A ``tag`` writes any element, and what it
holds are real nodes, so that search indexes the text and the codes in it become links.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator


class tag(nodes.General, nodes.TextElement):  # noqa: N801 - docutils names its node classes in small letters
    """An HTML element: ``name`` (such as ``td``) and ``attributes`` (name to text)."""


def element(name: str, *children: nodes.Node | str, **attributes: str) -> tag:
    """Makes an HTML element.

    ``children``: nodes, or texts, which are escaped when written. ``attributes``: HTML attributes; an underscore
    stands for a hyphen and a trailing one is dropped (``class_``, ``aria_label``). Empty texts are left out.
    """
    made = tag()
    made["name"] = name
    made["attributes"] = {
        key.rstrip("_").replace("_", "-"): value for key, value in attributes.items() if value
    }
    made += [nodes.Text(child) if isinstance(child, str) else child for child in children]
    return made


def wide(label: str, table: tag) -> tag:
    """Frames a wide table so that it scrolls by itself, also by keyboard. ``label``: its name for screen readers."""
    return element("div", table, class_="wide", role="region", aria_label=label, tabindex="0")


def table(caption: str, heads: list[tag], rows: list[tag], class_: str = "") -> tag:
    """A table with a caption, one row of headers, and a body of rows (or bodies of its own: ``tbody``)."""
    bodies = rows if rows and rows[0]["name"] == "tbody" else [element("tbody", *rows)]
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *heads)),
        *bodies,
        class_=f"manual-table {class_}".strip(),
    )


def head(*children: nodes.Node | str) -> tag:
    """A column's header."""
    return element("th", *children, scope="col")


def _visit(translator: HTML5Translator, node: nodes.Element) -> None:
    # The translator's starttag() escapes the values, but moves ids and classes about; here they are plain attributes.
    written = "".join(f' {name}="{translator.attval(value)}"' for name, value in node["attributes"].items())
    translator.body.append(f"<{node['name']}{written}>")


def _depart(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append(f"</{node['name']}>\n")


def setup(app: Sphinx) -> None:
    """Registers the node."""
    app.add_node(tag, html=(_visit, _depart))
