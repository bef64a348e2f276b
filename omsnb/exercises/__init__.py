"""Exercises made by the engine: the right answer is decided, and each wrong one says what it lacks."""

from omsnb.exercises.exam import make_exam
from omsnb.exercises.kinds import KINDS
from omsnb.exercises.outcomes import CHAPTERS
from omsnb.exercises.questions import Choice, Exercise

__all__ = ["CHAPTERS", "KINDS", "Choice", "Exercise", "make_exam"]
