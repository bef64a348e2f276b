"""The built book, a server for it, and a browser that may ask no other host.

``OMSNB_HTML`` names a folder of built pages; without it the book is built once, in a folder of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright

from omsnb.site.serve import HOST, open_server

ROOT = Path(__file__).resolve().parents[2]

CHROMIUM = os.environ.get("OMSNB_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
AXE_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""With the size of what a finger has to hit, which WCAG 2.2 asks for and axe by itself leaves out."""
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built pages."""
    if given := os.environ.get("OMSNB_HTML"):
        return Path(given).resolve()
    target = tmp_path_factory.mktemp("book")
    command = [
        sys.executable,
        "-m",
        "jupyter_book",
        "build",
        ".",
        "-n",
        "-W",
        "--keep-going",
        "--path-output",
        target,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target / "_build" / "html"


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """The address of the served book, without a slash at its end."""
    server = open_server(html, 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://{HOST}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium as the system ships it."""
    if not CHROMIUM:
        pytest.fail(
            "No Chromium was found. Install it (Debian: apt-get install chromium) or name it in OMSNB_CHROMIUM."
        )
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=True)
        yield opened
        opened.close()


@dataclass
class Watched:
    """A page together with everything that went wrong on it."""

    page: Page
    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Fails if the page asked another host, raised an error, or missed a file."""
        assert (self.foreign, self.errors, self.missing) == ([], [], [])


def watch(context: BrowserContext, site: str) -> Watched:
    """Opens a page that cannot reach another host, and notes each try, each error and each missing file."""
    watched = Watched(context.new_page())

    def gate(route: Route) -> None:
        if route.request.url.startswith((f"{site}/", "data:", "blob:")):
            route.continue_()
        else:
            watched.foreign.append(route.request.url)
            route.abort()

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            watched.errors.append(message.text)

    context.route("**/*", gate)
    watched.page.on("console", console)
    watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
    watched.page.on(
        "response", lambda answer: watched.missing.append(answer.url) if answer.status >= 400 else None
    )
    return watched


@pytest.fixture
def watched(browser: Browser, site: str) -> Iterator[Watched]:
    """A watched page of ordinary size, in light colours."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield watch(context, site)
    context.close()
