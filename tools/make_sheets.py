"""Prints the office's sheets, a PDF each, with the system's Chromium; fails if one needs more than one page.

python tools/make_sheets.py OUTPUT_FOLDER
"""

from __future__ import annotations

import os
import shutil
import sys
from io import BytesIO
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from omsnb.sheets import sheet_html, sheets


def main(folder: Path) -> int:
    """Writes HTML and PDF of each sheet; returns 0, or 1 after saying what is wrong."""
    chromium = (
        os.environ.get("OMSNB_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not chromium:
        print("No Chromium was found; name one in OMSNB_CHROMIUM.", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    long = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], headless=True)
        page = browser.new_page(java_script_enabled=False)
        for id, sheet in sheets().items():
            text = sheet_html(sheet)
            (folder / f"{id}.html").write_text(text, encoding="utf-8")
            page.set_content(text)
            for paper in ("Letter", "A4"):
                printed = page.pdf(
                    format=paper, print_background=True,
                    margin=dict.fromkeys(("top", "bottom", "left", "right"), "12mm"),
                )  # fmt: skip
                count = len(PdfReader(BytesIO(printed)).pages)
                if count > 1:
                    long.append(f"{id} ({paper}, {count} pages)")
            (folder / f"{id}.pdf").write_bytes(printed)
        browser.close()
    if long:
        print(f"Longer than one page: {', '.join(long)}", file=sys.stderr)
        return 1
    print(f"{folder}: {len(sheets())} sheets, one page each")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make_sheets.py OUTPUT_FOLDER")
    sys.exit(main(Path(sys.argv[1])))
