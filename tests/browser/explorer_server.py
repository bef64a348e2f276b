"""The explorer as ``make explore`` serves it, and a page of it: for the tests that need one."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
from conftest import ROOT, Watched, watch
from playwright.sync_api import Browser, Locator, Page, expect

from omsnb import code_case
from omsnb.summary import summary

START = 60_000
"""Milliseconds a kernel may take to start on a busy machine."""


@contextmanager
def served(
    notebook: str, said: Path, *words: str, folder: Path = ROOT / "voila", **settings: str
) -> Iterator[tuple[str, psutil.Process]]:
    """Serves a notebook as ``make explore`` does; gives its address and its process.

    ``words``: further ones for the command line; ``folder``: other server settings; ``settings``: for the environment.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    made = re.search(
        r"\$\(BIN\)/voila \$\(APP\) (\S+) --port", (ROOT / "Makefile").read_text(encoding="utf-8")
    )
    assert made, "the Makefile starts the explorer in another way: test that one"
    assert made[1] == "--Voila.config_file_paths=voila"
    command = ["voila", notebook, f"--Voila.config_file_paths={folder}", "--port", str(port), *words]
    with said.open("w") as log:
        process = subprocess.Popen(
            [Path(sys.executable).parent / command[0], *command[1:]],
            cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", **settings},
        )  # fmt: skip
        try:
            for _ in range(120):
                with socket.socket() as tried:
                    if tried.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None, said.read_text()
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}", psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(20)


def kernels(server: psutil.Process) -> set[int]:
    """The processes of a server's kernels, warm ones included."""
    return {child.pid for child in server.children(recursive=True) if _runs(child)}


def _runs(child: psutil.Process) -> bool:
    try:
        return child.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:  # it ended while it was looked at
        return False


def become(wanted: Callable[[], bool], seconds: float) -> bool:
    """Waits until something holds; false if it does not within the time."""
    end = time.monotonic() + seconds
    while not wanted():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def opened(browser: Browser, address: str, width: int = 1280, scheme: str = "light") -> Watched:
    """The explorer, ready to be used."""
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)  # type: ignore[arg-type]
    watched = watch(context, address)
    watched.page.goto(f"{address}/")
    expect(watched.page.locator(".omsnb-result h2").first).to_be_visible(timeout=START)
    return watched


def listed(page: Page) -> Locator:
    """The lines of the summary on the screen; wait for them, since the old ones stay until the kernel has answered."""
    return page.locator(".omsnb-result .claim-lines .code")


def answered(page: Page) -> Locator:
    """The summary itself: a long menu within it is folded, so that its lines may be hidden."""
    return page.locator(".omsnb-result .claim-lines").first


def lines(name: str, answers: Mapping[str, str] | None = None) -> list[str]:
    """What the summary of a case holds, service by service."""
    return [line.text for entry in summary(code_case(name, answers)) for line in entry.lines]
