"""The claim checks over a table of many claims, vectorised; they find what ``edits.check`` finds.

Each column is read once for each different cell it holds, so that a million lines cost little more than their reading.
Needs pandas and numpy; ``omsnb`` itself imports neither.
"""

from omsnb.audit.findings import FINDING_COLUMNS
from omsnb.audit.run import Audit, audit, findings_frame

__all__ = ["FINDING_COLUMNS", "Audit", "audit", "findings_frame"]
