"""The reader's own licensed descriptors, read from a file that ``OMSNB_DESCRIPTORS`` names and kept in memory alone.

The manual holds no official descriptor. Who has a licence shows the licensed wording beside ours on his own machine;
nothing is written, and the published book is built without the variable.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

DESCRIPTORS = "OMSNB_DESCRIPTORS"
COLUMNS = ("code", "descriptor")


def descriptors() -> Mapping[str, str]:
    """Code to licensed wording; empty when the variable is not set.

    The file is CSV in UTF-8 with the columns ``code`` and ``descriptor``; codes that the manual does not know are kept
    and never shown. Raises ``ValueError`` with one sentence when the file cannot be read or lacks a column.
    """
    named = os.environ.get(DESCRIPTORS, "").strip()
    return _read(named) if named else MappingProxyType({})


def descriptor(code: str) -> str:
    """The licensed wording of one code, or an empty text."""
    return descriptors().get(code, "")


@cache
def _read(named: str) -> Mapping[str, str]:
    try:
        with Path(named).expanduser().open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
                raise ValueError(
                    f"{DESCRIPTORS}: {named!r} has no column {' or '.join(missing)}; needed are {', '.join(COLUMNS)}"
                )
            found = {
                (row["code"] or "").strip().upper(): (row["descriptor"] or "").strip() for row in reader
            }
    except OSError as problem:
        raise ValueError(f"{DESCRIPTORS}: {named!r} cannot be read ({problem.strerror})") from None
    except (UnicodeDecodeError, csv.Error):
        raise ValueError(f"{DESCRIPTORS}: {named!r} is no CSV file in UTF-8") from None
    return MappingProxyType({code: text for code, text in found.items() if code and text})
