"""A small server for the built book: this machine only, strict headers, no listing of folders, no hidden files.

``python -m omsnb.site.serve FOLDER [--port 8000]`` prints the address and serves until it is stopped.
"""

from __future__ import annotations

import argparse
import errno
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedReader, BytesIO, RawIOBase
from pathlib import Path
from socket import socket
from time import monotonic
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from omsnb.site.compressing import keeping, squeezed

HOST = "127.0.0.1"
LAST_PORT = 2**16 - 1
PATIENCE = 20
"""Seconds that a browser may be silent within a request, or between two of them."""

TRIES = 50
"""How many ports are tried, one after the other, when the wanted one is taken."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self'; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Sent with every answer. The theme's inline scripts need ``unsafe-inline``; nothing may come from another host."""


class _Hurried(RawIOBase):
    """What comes over a connection, until the time is up."""

    def __init__(self, connection: socket, seconds: float) -> None:
        self.connection, self.until = connection, monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.until - monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self.connection.settimeout(left)
        return self.connection.recv_into(buffer)


class Handler(SimpleHTTPRequestHandler):
    """Serves files of one folder. Only GET and HEAD; what is not there gets the book's own page.

    A request that is no HTTP is answered with a status from 400 on, or with nothing; it is never a fault of ours.
    """

    timeout = PATIENCE
    path = ""  # the base sets it once it has read a request line that makes sense
    default_request_version = "HTTP/1.0"  # so that a line which makes none is answered with a status, too
    index_pages = ("index.html", "index.htm")

    def setup(self) -> None:
        """Gives the whole request, and not each byte of it, the time in which it must come."""
        super().setup()
        self.rfile = BufferedReader(_Hurried(self.connection, PATIENCE))

    server_version = "omsnb"
    sys_version = ""
    # Python asks the system for these, and systems differ.
    extensions_map = {  # noqa: RUF012 - the base class declares it so
        "": "application/octet-stream",
        ".css": "text/css; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".inv": "application/octet-stream",
        ".ipynb": "application/x-ipynb+json",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".wasm": "application/wasm",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
    }

    def end_headers(self) -> None:
        """Adds the strict headers; pages are asked for anew, so that a fresh build shows."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", keeping(self.path))
        self.send_header("Vary", "Accept-Encoding")
        super().end_headers()

    def send_head(self) -> BytesIO | BinaryIO | None:
        """Answers with the file in gzip where the browser takes it and has no current copy; else as the base does."""
        self.connection.settimeout(PATIENCE)
        if not self._may_be_shown():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        file = Path(self.translate_path(self.path))
        body = squeezed(file, self.headers.get("Accept-Encoding", ""))
        if body is None or "Range" in self.headers or "If-Modified-Since" in self.headers:
            return super().send_head()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(file.stat().st_mtime))
        self.end_headers()
        return BytesIO(body)

    def _may_be_shown(self) -> bool:
        """Whether the address leads to a file or folder within ours, by no hidden name and by no link out of it."""
        try:
            asked = unquote(urlsplit(self.path).path)
            if "\0" in asked:
                return False
            found = Path(self.translate_path(self.path))
            shown = [found, *(found / name for name in self.index_pages)] if found.is_dir() else [found]
            return all(self._within(path) for path in shown)
        except (OSError, RuntimeError, ValueError):  # too long, links in a circle, or no address at all
            return False

    def _within(self, path: Path) -> bool:
        """Whether a path, and what it links to, lies in our folder under names that are not hidden."""
        folder = Path(self.directory)
        for inside, named in ((folder, path), (folder.resolve(), path.resolve())):
            if not named.is_relative_to(inside):
                return False
            if any(part.startswith(".") for part in named.relative_to(inside).parts):
                return False
        return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answers a missing page with the book's ``404.html``."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not self._within(page) or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", self.extensions_map[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def list_directory(self, path: Any) -> None:
        """Lists no folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet about every single file."""


class Server(ThreadingHTTPServer):
    """Serves several requests at a time, and keeps quiet about a browser that hung up."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who leaves a page while it loads, or falls silent, is no fault; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def open_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Opens a server for a folder on this machine.

    ``port``: 1 to ``LAST_PORT``, the first of up to ``TRIES`` ports tried, or 0 for any free one. Raises ``OSError``
    when none is free, and ``FileNotFoundError`` when the folder holds no ``index.html``.
    """
    if not (folder / "index.html").is_file():
        raise FileNotFoundError(f"{folder} holds no index.html; build the book first")
    handler = partial(Handler, directory=str(folder))
    last = min(port + TRIES, LAST_PORT + 1) if port else 1
    for candidate in range(port, last):
        try:
            return Server((HOST, candidate), handler)
        except OSError as problem:
            if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise OSError(errno.EADDRINUSE, f"no port from {port} to {last - 1} is free")


def main(arguments: list[str] | None = None) -> int:
    """Serves a built book until it is stopped; returns 0, or 1 after saying why it could not start."""
    parser = argparse.ArgumentParser(
        prog="omsnb.site.serve", description="Serves the built manual on this machine."
    )
    parser.add_argument("folder", type=Path, help="the folder of the built pages")
    parser.add_argument("--port", type=int, default=8000, help="the first port to try (0: any)")
    wanted = parser.parse_args(arguments)
    if not 0 <= wanted.port <= LAST_PORT:
        parser.error(f"--port {wanted.port} is not allowed; allowed: 0 to {LAST_PORT}")
    try:
        server = open_server(wanted.folder, wanted.port)
    except OSError as problem:
        print(f"The manual cannot be served: {problem.strerror or problem}", file=sys.stderr)
        return 1
    with server:
        print(f"The manual is at http://{HOST}:{server.server_address[1]}/  (stop with Ctrl+C)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
