"""From a chart note to proposed facts: offline, by rules that are rows of ``data/cues``, each with its words.

``propose`` proposes and holds back; ``lacking`` says what the codes want that the note does not show. No fact counts
before a reader has confirmed it.
"""

from omsnb.notes.lacking import Lack, lacking, services_of
from omsnb.notes.propose import Held, Proposal, Proposed, propose

__all__ = ["Held", "Lack", "Proposal", "Proposed", "lacking", "propose", "services_of"]
