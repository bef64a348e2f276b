"""Coding the digital workflow in oral and maxillofacial surgery: a code list is a decision with facts still open.

``decide`` asks one decision table, ``code_case`` codes a whole case, ``compare`` sets the result beside the
paper's printed list. Importing this package needs the standard library alone, so that it also runs in a browser.
"""

from omsnb.coding import Worksheet, code_case
from omsnb.decisions import Decision, decide
from omsnb.paper import Comparison, compare

__all__ = ["Comparison", "Decision", "Worksheet", "code_case", "compare", "decide"]
__version__ = "2026.2"
