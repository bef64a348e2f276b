"""Runs notebooks anew and stores their outputs, without timings and versions that would differ on each machine.

python tools/run_notebooks.py book/cases/*.ipynb
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

os.environ.pop("OMSNB_DESCRIPTORS", None)  # what is stored must never hold licensed wording


def run(file: Path) -> None:
    """Runs one notebook where it lies; when a cell fails the stored file stays as it was."""
    book = nbformat.read(file, as_version=4)
    kept = dict(book.metadata)
    where = {"metadata": {"path": str(file.parent)}}
    NotebookClient(book, timeout=120, record_timing=False, coalesce_streams=True, resources=where).execute()
    book.metadata = nbformat.from_dict(kept)
    nbformat.write(book, file)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(Path(name))
        print(name)
