"""Files as the server sends them: squeezed with gzip where that pays, kept in memory until the file changes."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

SQUEEZED = frozenset(".css .csv .html .inv .ipynb .js .json .mjs .svg .txt .wasm".split())
"""Kinds of files that shrink; pictures, fonts and archives are squeezed already."""

LEAST = 1024
"""Bytes below which squeezing costs more than it saves."""

STAMP = "v="
"""How Sphinx marks an address with the file's own hash: what lies there never changes. The theme's mark (``digest=``)
is that of its version, and the book trims those files."""

LASTING = re.compile(r"/live/[0-9a-f]{12}/")
"""The calculators' runtime lies in a folder named by its content."""


def squeezed(file: Path, accepted: str) -> bytes | None:
    """The file's bytes in gzip; None where the browser does not take it, or where it does not pay."""
    if file.suffix not in SQUEEZED or "gzip" not in accepted or not file.is_file():
        return None
    state = file.stat()
    return _squeeze(file, state.st_mtime_ns) if state.st_size >= LEAST else None


@lru_cache(maxsize=512)
def _squeeze(file: Path, changed: int) -> bytes:
    # 6 is gzip's own default; mtime=0, so that the same file gives the same bytes
    return gzip.compress(file.read_bytes(), 6, mtime=0)


def keeping(address: str) -> str:
    """How long a browser may keep an answer: for good where the address holds a hash of the content, else ask anew."""
    path, _, query = address.partition("?")
    stamped = LASTING.match(path) or any(part.startswith(STAMP) for part in query.split("&"))
    return "public, max-age=31536000, immutable" if stamped else "no-cache"
