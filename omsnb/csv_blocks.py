"""Blocks of whole lines of a large CSV file, and a quick look at whether each line is a row by itself. Needs numpy."""

from __future__ import annotations

from typing import Protocol

import numpy as np

BLOCK_BYTES = 8 * 2**20
MOST_LINE = 64 * 2**20
"""Bytes of one line; a longer one is no line of cells."""


class Bytes(Protocol):
    """What gives bytes."""

    def read(self, size: int, /) -> bytes:
        """Up to about so many bytes; empty at the end."""
        ...


class Blocks:
    """Whole lines of a file, block by block, each ended by one ``\\n``. ``more``: the file goes on after the block."""

    def __init__(self, file: Bytes, name: str, size: int = 0) -> None:
        self._file, self._name, self._size = file, name, size or BLOCK_BYTES
        self._held = b""
        self._half = b""  # the end of what was read, of which the line or its end may still be open
        self.more = True

    def take(self, lines: int = 0) -> bytes:
        """The next block, or only its first ``lines``; empty at the end. Raises ``ValueError`` for an endless line."""
        while self.more and (not self._held or not lines):
            self._fill()
            if self._held:
                break
        block = self._held
        if lines:
            at = -1
            for _ in range(lines):
                at = block.find(b"\n", at + 1)
                if at < 0:
                    break
            block = block if at < 0 else block[: at + 1]
        self._held = self._held[len(block) :]
        return block

    def give_back(self, lines: bytes) -> None:
        """Puts lines back before the next block."""
        self._held = lines + self._held

    def _fill(self) -> None:
        read = self._file.read(self._size)
        self.more = bool(read)
        content = self._half + read
        self._half = b""
        if self.more and content.endswith(b"\r"):
            content, self._half = content[:-1], b"\r"
        if b"\r" in content:
            content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if self.more:
            end = content.rfind(b"\n") + 1
            content, self._half = content[:end], content[end:] + self._half
            if len(self._half) > MOST_LINE:
                raise ValueError(
                    f"file: {self._name!r} cannot be read: a line has more than {MOST_LINE} bytes"
                )
        self._held += content


def is_utf_8(block: bytes) -> bool:
    """Whether a block is text in UTF-8."""
    try:
        block.decode()
    except UnicodeDecodeError:
        return False
    return True


def quotes_in_order(block: bytes, delimiter: str) -> bool:
    """Whether every quotation mark opens or closes a cell of its line, or is one of two that stand for one."""
    if b'"' not in block:
        return True
    marks = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(marks == ord('"'))
    breaks = np.flatnonzero(marks == ord("\n"))
    if len(quotes) % 2 or (np.searchsorted(quotes, breaks) % 2).any():
        return False
    opening, closing = quotes[::2], quotes[1::2]
    edge = np.zeros(256, dtype=bool)
    edge[[ord(delimiter), ord("\n"), ord('"')]] = True
    before = np.where(opening > 0, marks[opening - 1], ord("\n"))
    after = np.where(closing + 1 < len(marks), marks[np.minimum(closing + 1, len(marks) - 1)], ord("\n"))
    return bool(edge[before].all() and edge[after].all())
