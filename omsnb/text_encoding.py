"""In which encoding a file of text is written, found out from its bytes. Standard library alone."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterable
from typing import BinaryIO

BLOCK = 2**20
UTF_8, MIXED, WINDOWS = "utf-8", "utf-8 with other bytes", "cp1252"
SHOWN = {
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
    WINDOWS: "Windows-1252",
}
MARKS = (
    (codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
NO_TEXT = "is no text that can be read; save the file as CSV in UTF-8"


def encoding_of(blocks: Iterable[bytes]) -> str:
    """The encoding of a file: ``UTF_8``, one of ``SHOWN``, or ``MIXED``, where single rows are no UTF-8.

    Windows-1252 is read only where no character of the file is UTF-8 and every byte means something in it.
    Raises ``ValueError`` with one sentence for what is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    first = True
    good = bad = False
    every: set[int] = set()
    for block in blocks:
        if first:
            first = False
            for mark, name in MARKS:
                if block.startswith(mark) and name != UTF_8:
                    return name
            if name := _by_zeros(block):
                return name
        if block.isascii() and not decoder.getstate()[0]:
            continue
        text = decoder.decode(block)
        high = {mark for mark in set(text) if mark > "\x7f" and mark != "\ufeff"}
        bad = bad or any("\udc80" <= mark <= "\udcff" for mark in high)
        good = good or any(not "\udc80" <= mark <= "\udcff" for mark in high)
        every |= {ord(mark) - ord("\udc00") for mark in high if "\udc80" <= mark <= "\udcff"}
    bad = bad or bool(decoder.decode(b"", final=True))
    if not bad:
        return UTF_8
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    return MIXED if good or every & undefined else WINDOWS


def _by_zeros(block: bytes) -> str:
    """UTF-16 without a mark, told by the zeros beside plain letters; raises for other zeros in line 1."""
    start = block[:4096]
    zeros = start.count(0)
    if not zeros:
        return ""
    for name, step, at in (
        ("utf-32-le", 4, 0),
        ("utf-32-be", 4, 3),
        ("utf-16-le", 2, 0),
        ("utf-16-be", 2, 1),
    ):
        own = start[at::step]
        rest = len(start) - len(own)
        if own and not own.count(0) and zeros >= rest * 0.9:
            return name
    if 0 in block.split(b"\n", 1)[0]:
        raise ValueError(NO_TEXT)
    return ""


def blocks_of(file: BinaryIO) -> Iterable[bytes]:
    """The bytes of a file, block by block."""
    while block := file.read(BLOCK):
        yield block


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file and its encoding; bytes that mean nothing come back as lone surrogates, each for one byte.

    Raises ``ValueError`` with one sentence for what is no text.
    """
    encoding = encoding_of(blocks_of(io.BytesIO(content)))
    name = UTF_8 if encoding == MIXED else encoding
    text = content.decode(name, errors="surrogateescape" if name == UTF_8 else "replace")
    return text.removeprefix("\ufeff"), encoding


class AsUtf8:
    """A file that gives its bytes in UTF-8, whatever encoding it is in."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder(encoding)(errors="replace")
        self._begun = False

    def read(self, size: int) -> bytes:
        """Up to about ``size`` bytes; empty at the end of the file."""
        while True:
            block = self._file.read(size)
            text = self._decoder.decode(block, final=not block)
            if not self._begun and text:
                text, self._begun = text.removeprefix("\ufeff"), True
            if text or not block:
                return text.encode("utf-8", errors="replace")
