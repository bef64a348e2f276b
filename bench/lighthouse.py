"""Lighthouse over the built book, for desktop and phone, and what each page transfers.

    python bench/lighthouse.py [PAGE ...] [--html _build/html]

Needs node and npm: a pinned Lighthouse is installed into _build/lighthouse at the first run. Ends with status 1 when a
score is below 95 or a page transfers more than 400 kB.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from omsnb.site.serve import HOST, open_server

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "_build" / "lighthouse"
VERSION = "12.8.2"
PAGES = ("book/index", "book/chapters/imaging", "book/cases/tmj", "book/codes/21085")
SCORES = ("performance", "accessibility", "best-practices", "seo")
LEAST, MOST = 95, 400_000
TRIES = 3


def installed() -> Path:
    """Lighthouse's program, installed when it is not there yet."""
    program = TOOL / "node_modules" / ".bin" / "lighthouse"
    if not program.exists():
        command = ["npm", "install", "--prefix", TOOL, "--no-audit", "--no-fund", f"lighthouse@{VERSION}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return program


def measured(program: Path, address: str, preset: str) -> dict[str, Any]:
    """Lighthouse's report on one page. ``preset``: desktop or mobile."""
    command: list[str | Path] = [program, address, "--output=json", "--output-path=stdout", "--quiet"]
    command += ["--chrome-flags=--headless=new --no-sandbox --disable-gpu"]
    command += ["--preset=desktop"] if preset == "desktop" else []
    chromium = os.environ.get("CHROME_PATH") or shutil.which("chromium") or ""
    for _ in range(TRIES):
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "CHROME_PATH": chromium})
        if done.returncode == 0:
            report: dict[str, Any] = json.loads(done.stdout)
            return report
        print(f"    Lighthouse lost its browser on {address}, so the page is measured again.", file=sys.stderr)
    raise SystemExit(f"Lighthouse failed {TRIES} times on {address}: {done.stderr.strip()[-400:]}")


def performance(report: dict[str, Any]) -> float:
    """The score for speed, the one that differs from run to run."""
    return float(report["categories"]["performance"]["score"])


def main() -> int:
    """Prints a line a page and preset, with whatever cost points; returns 0, or 1 when something is too low."""
    parser = argparse.ArgumentParser(description="Lighthouse over the built book.")
    parser.add_argument("pages", nargs="*", default=PAGES, metavar="PAGE")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("--preset", choices=("desktop", "mobile"), action="append")
    parser.add_argument("--runs", type=int, default=3, help="each page this often; the median run counts (default 3)")
    wanted = parser.parse_args()
    program = installed()
    server = open_server(wanted.html, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    low = False
    for page in wanted.pages:
        for preset in wanted.preset or ("desktop", "mobile"):
            address = f"http://{HOST}:{server.server_address[1]}/{page}.html"
            runs = sorted((measured(program, address, preset) for _ in range(wanted.runs)), key=performance)
            report = runs[len(runs) // 2]
            scores = {name: round(report["categories"][name]["score"] * 100) for name in SCORES}
            sent = sum(item["transferSize"] for item in report["audits"]["network-requests"]["details"]["items"])
            low |= min(scores.values()) < LEAST or sent > MOST
            print(f"{page:24} {preset:8}", *(f"{name} {score}" for name, score in scores.items()), f"{sent // 1000} kB")
            print(f"    performance in {wanted.runs} runs:", *(round(performance(run) * 100) for run in runs))
            for category in SCORES:
                for entry in report["categories"][category]["auditRefs"]:
                    audit = report["audits"][entry["id"]]
                    if entry["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                        print(f"    {category}: {audit['title']} {audit.get('displayValue', '')}")
    server.shutdown()
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
