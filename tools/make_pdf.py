"""Prints the built book to one PDF with the system's Chromium.

    python tools/make_pdf.py HTML_FOLDER OUTPUT [PAGE ...]

Pages come in the order of the table of contents, the code pages last; every dropdown is opened, so solutions stand in
print. Scripts stay off: quizzes and calculators print as the lists and tables that stand there without them.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from io import BytesIO
from pathlib import Path

from playwright.sync_api import sync_playwright
from pypdf import PdfWriter

from omsnb.edition import edition
from omsnb.site.serve import HOST, open_server
from omsnb.tables import codes

ROOT = Path(__file__).resolve().parents[1]
OPENED = """() => {
  document.documentElement.dataset.theme = document.documentElement.dataset.mode = "light";
  document.querySelectorAll("details").forEach(one => { one.open = true; });
  document.querySelectorAll("img[loading=lazy]").forEach(one => { one.loading = "eager"; });
}"""


def contents() -> list[str]:
    """The pages in the order of the table of contents, the code pages last."""
    listed = re.findall(r"(?:file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
    return [*listed, *(f"book/codes/{code}" for code in codes())]


def main(folder: Path, output: Path, pages: list[str]) -> int:
    """Writes the PDF; returns 0, or 1 after saying why there is none."""
    missing = [page for page in pages if not (folder / f"{page}.html").is_file()]
    if missing:
        print(f"The book in {folder} lacks {missing[0]}.html; build it first.", file=sys.stderr)
        return 1
    chromium = (
        os.environ.get("OMSNB_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not chromium:
        print("No Chromium was found; name one in OMSNB_CHROMIUM.", file=sys.stderr)
        return 1
    server = open_server(folder, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    site = f"http://{HOST}:{server.server_address[1]}"
    writer = PdfWriter()
    foot = (
        '<div style="width:100%;font-size:7px;padding:0 15mm;display:flex;justify-content:space-between">'
        f"<span>Edition {edition().edition}, code year {edition().code_year}</span><span class='title'></span></div>"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"], headless=True)
        page = browser.new_page(color_scheme="light", java_script_enabled=False)
        for name in pages:
            page.goto(f"{site}/{name}.html", wait_until="load")
            page.evaluate(OPENED)
            printed = page.pdf(
                format="A4", print_background=True, display_header_footer=True,
                header_template="<span></span>", footer_template=foot,
                margin={"top": "15mm", "bottom": "16mm", "left": "14mm", "right": "14mm"},
            )  # fmt: skip
            title = page.title().split(" — ")[0].split(" - Coding")[0]
            writer.append(BytesIO(printed), outline_item=title, import_outline=False)
        browser.close()
    server.shutdown()
    server.server_close()
    writer.add_metadata({"/Title": "Coding the Digital Workflow in OMS: the open manual"})
    writer.compress_identical_objects()
    writer.write(output)
    print(f"{output}: {len(writer.pages)} pages")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: make_pdf.py HTML_FOLDER OUTPUT [PAGE ...]")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:] or contents()))
