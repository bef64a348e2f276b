"""What a page keeps of a form while its kernel lives, and gives to the next kernel when that one is lost."""

from __future__ import annotations

from collections.abc import Callable

from ipywidgets import Layout, Text


class Kept:
    """A box that nobody sees. It always holds the form's state, and a state that is put in is restored.

    ``read``: gives the form's state as text; ``restore``: takes such a text and raises nothing. ``box``: the widget to
    be placed. The script of Voilà's page copies its text into the tab's memory (voila/templates/omsnb/watch.js).
    """

    def __init__(self, read: Callable[[], str], restore: Callable[[str], None]) -> None:
        self._read, self._restore, self._telling = read, restore, False
        self.box = Text(description="State", layout=Layout(display="none"), continuous_update=False)
        self.box.add_class("omsnb-kept")
        self.box.observe(self._given, "value")

    def tell(self, change: object = None) -> None:
        """Takes the form's state anew; an observer of what belongs to it."""
        if not self._telling:
            self._telling = True
            self.box.value = self._read()
            self._telling = False

    def _given(self, change: object) -> None:
        if self._telling:
            return
        self._telling = True
        try:
            self._restore(self.box.value)
        finally:
            self._telling = False
        self.tell()
