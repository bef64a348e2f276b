"""The book's server under requests that make no sense, slow clients, hidden files and links."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omsnb.site import serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A served folder beside a secret."""
    (tmp_path / "secret.html").write_text("SECRET")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "index.html").write_text("SECRET")
    book = tmp_path / "book"
    (book / "folder").mkdir(parents=True)
    (book / "index.html").write_text("<p>here</p>")
    (book / "404.html").write_text("<p>not here</p>")
    (book / "folder" / "page.html").write_text("<p>page</p>")
    return book


@pytest.fixture
def port(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(serve, "PATIENCE", 1)
    monkeypatch.setattr(serve.Handler, "timeout", 1)
    server = serve.open_server(folder, 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def asked(port: int, request: bytes, close: bool = False) -> bytes:
    """What comes back for raw bytes; ``close``: the client is gone before it can."""
    with socket.create_connection((serve.HOST, port), timeout=20) as connection:
        connection.sendall(request)
        if close:
            return b""
        connection.shutdown(socket.SHUT_WR)
        parts = []
        try:
            while part := connection.recv(65_536):
                parts.append(part)
        except ConnectionError:  # more was sent than was read
            pass
        return b"".join(parts)


def got(port: int, path: str) -> bytes:
    return asked(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET\r\n\r\n", 400),
        (b"GET / more words here\r\n\r\n", 400),
        (b"GET / HTTP/9\r\n\r\n", 400),
        (b"GET / HTTP/x.y\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 400),
        (b"\xff\xfe\x00\r\n", 400),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\n\r\n", 404),
        (b"GET /%00 HTTP/1.1\r\n\r\n", 404),
        (b"GET /index.html%00.css HTTP/1.1\r\n\r\n", 404),
        (b"GET http://[ HTTP/1.1\r\n\r\n", 404),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: a\r\n" * 200 + b"\r\n", 431),
        (b"BREW / HTTP/1.1\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nIf-Modified-Since: never\r\nRange: x\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\n\r\n", 200),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_request_that_makes_no_sense(
    port: int, capfd: pytest.CaptureFixture[str], request_line: bytes, status: int
) -> None:
    answer = asked(port, request_line)
    assert answer.startswith(b"HTTP/1.0 %d " % status), answer[:80]
    assert b"SECRET" not in answer
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "request_line", [b"", b"G", b"GET /index", b"GET / HTTP/1.1\r\nHost", b"GET / HTTP/1.1\r\n\r\n", b"\r\n"]
)
def test_a_client_that_is_gone(port: int, capfd: pytest.CaptureFixture[str], request_line: bytes) -> None:
    for _ in range(5):
        asked(port, request_line, close=True)
    assert b"here" in got(port, "/")
    time.sleep(0.1)
    assert capfd.readouterr() == ("", "")


def drip(connection: socket.socket, port: int) -> None:
    for _ in range(200):
        connection.sendall(b"G")
        assert b"here" in got(port, "/")
        time.sleep(0.1)


@pytest.mark.slow
def test_a_slow_client_is_let_go(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Silent, or one byte at a time: after the time the connection ends, and others were served meanwhile."""
    with socket.create_connection((serve.HOST, port), timeout=20) as silent:
        with socket.create_connection((serve.HOST, port), timeout=20) as dripping:
            began = time.monotonic()
            with pytest.raises(ConnectionError):
                drip(dripping, port)
            assert time.monotonic() - began < 10
        assert silent.recv(10) == b""
    assert capfd.readouterr() == ("", "")


def test_no_hidden_file_and_no_link_out_of_the_folder(port: int, folder: Path) -> None:
    (folder / ".git").mkdir()
    for name in (".secret.html", ".git/config", "folder/.env", "link-target.html"):
        (folder / name).write_text("SECRET")
    (folder / "out.html").symlink_to(folder.parent / "secret.html")
    (folder / "out").symlink_to(folder.parent / "outside")
    (folder / "indexed").mkdir()
    (folder / "indexed" / "index.html").symlink_to(folder.parent / "secret.html")
    (folder / "hidden.html").symlink_to(".secret.html")
    (folder / "loop.html").symlink_to("loop.html")
    for path in (
        "/.secret.html", "/%2esecret.html", "/.git/config", "/folder/.env", "/folder/%2e%65nv", "/out.html", "/out/",
        "/out/index.html", "/indexed/", "/indexed/index.html", "/hidden.html", "/loop.html", "/../secret.html",
        "/%2e%2e/secret.html", "/folder/../../secret.html", "//../secret.html",
    ):  # fmt: skip
        answer = got(port, path)
        assert answer.startswith(b"HTTP/1.0 404 ") and b"SECRET" not in answer and b"not here" in answer, path
    (folder / "in.html").symlink_to("folder/page.html")
    assert b"page" in got(port, "/in.html") and b"page" in got(port, "/folder/../folder/page.html")
    (folder / "404.html").unlink()
    (folder / "404.html").symlink_to(folder.parent / "secret.html")
    answer = got(port, "/nothing")
    assert answer.startswith(b"HTTP/1.0 404 ") and b"SECRET" not in answer
