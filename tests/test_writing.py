"""Output files appear whole or not at all; what the command line says survives closed pipes, full disks and signals."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claims_of

from omsnb import lookup_commands, writing
from omsnb.__main__ import main
from omsnb.claim_files import write_claims
from omsnb.streams import PIPE_CLOSED
from omsnb.writing import check_target, whole_file, write_whole

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
FULL = Path("/dev/full")


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A claim file with a finding, in a folder of its own."""
    (tmp_path / "in").mkdir()
    write_claims(
        tmp_path / "in" / "lines.csv",
        claims_of({"code": "76377", "report": "yes"}, {"code": "76376", "report": "yes"}),
    )
    return tmp_path / "in" / "lines.csv"


Writer = Callable[[object, object], list[str]]
WRITERS: dict[str, Writer] = {
    "export csv": lambda source, out: ["export", str(source), "--to", "csv", "-o", f"{out}.csv"],
    "export xlsx": lambda source, out: ["export", str(source), "--to", "xlsx", "-o", f"{out}.xlsx"],
    "export json": lambda source, out: ["export", str(source), "--to", "json", "-o", f"{out}.json"],
    "export fhir": lambda source, out: ["export", str(source), "--to", "fhir", "-o", f"{out}.json"],
    "export html": lambda source, out: ["export", str(source), "--to", "html", "-o", f"{out}.html"],
    "letter": lambda source, out: ["letter", str(source), "-o", f"{out}.txt"],
    "template csv": lambda source, out: ["template", "-o", f"{out}.csv"],
    "template xlsx": lambda source, out: ["template", "-o", f"{out}.xlsx"],
    "exam": lambda source, out: ["exam", "--questions", "1", "-o", f"{out}.html"],
    "claim": lambda source, out: ["claim", "tmj", "--payer", "medical", "--dates", "2026-02-02", "-o", f"{out}.json"],
    "audit csv": lambda source, out: ["audit", str(source), "-o", f"{out}.csv", "--quiet"],
    "audit parquet": lambda source, out: ["audit", str(source), "-o", f"{out}.parquet", "--quiet"],
}  # fmt: skip
writers = pytest.mark.parametrize("writer", WRITERS.values(), ids=WRITERS)


def ran(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> tuple[int, str]:
    status = main(arguments)
    return status, capsys.readouterr().err


def refused(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> str:
    """What a command said that wrote nothing: one sentence, status 2."""
    status, err = ran(capsys, arguments)
    assert status == 2 and err.startswith("omsnb: ") and err.count("\n") == 1, (status, err)
    return err


@writers
def test_every_writer_keeps_the_mode_and_the_umask(
    capsys: pytest.CaptureFixture[str], lines: Path, tmp_path: Path, writer: Writer
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    arguments = writer(lines, folder / "x")
    before = os.umask(0o027)
    try:
        assert ran(capsys, arguments)[0] in (0, 1)
        made = folder / Path(arguments[-1] if arguments[-1] != "--quiet" else arguments[-2]).name
        assert mode(made) == 0o640
        for old in (0o600, 0o664):  # neither widened nor narrowed
            made.write_text("old")
            made.chmod(old)
            assert ran(capsys, arguments)[0] in (0, 1)
            assert mode(made) == old and made.read_bytes() != b"old"
    finally:
        os.umask(before)
    assert set(names(folder)) <= {made.name, "x-key.html"}


@writers
def test_every_writer_refuses_what_is_no_place_for_a_file(
    capsys: pytest.CaptureFixture[str], lines: Path, tmp_path: Path, writer: Writer
) -> None:
    assert "there is no folder" in refused(capsys, writer(lines, tmp_path / "missing" / "x"))
    for suffix in (".csv", ".xlsx", ".json", ".html", ".txt", ".parquet"):
        (tmp_path / f"folder{suffix}").mkdir()
        os.mkfifo(tmp_path / f"pipe{suffix}")
        (tmp_path / f"device{suffix}").symlink_to("/dev/null")
    assert "is a folder" in refused(capsys, writer(lines, tmp_path / "folder"))
    assert "is a device or a pipe" in refused(capsys, writer(lines, tmp_path / "pipe"))
    assert "is a device or a pipe" in refused(capsys, writer(lines, tmp_path / "device"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@writers
def test_a_full_disk_leaves_the_old_file(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    lines: Path,
    tmp_path: Path,
    writer: Writer,
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    for suffix in (".csv", ".xlsx", ".json", ".html", ".txt", ".parquet"):
        (folder / f"x{suffix}").write_text("old")

    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writing.os, "fsync", full)
    before = names(folder)
    assert "cannot be written: No space left on device" in refused(capsys, writer(lines, folder / "x"))
    assert names(folder) == before and {(folder / name).read_text() for name in before} == {"old"}


def test_a_file_that_cannot_grow_is_said(lines: Path, tmp_path: Path) -> None:
    """The real limit of the system, met in the middle of writing, for text and for Parquet."""
    head, *rows = lines.read_text().splitlines(True)
    lines.write_text(
        head
        + "".join(row.replace("C-1", f"C-{n}").replace("P-1", f"P-{n}") for n in range(99) for row in rows)
    )
    for arguments in (
        ["export", lines, "--to", "csv", "-o", tmp_path / "x.csv"],
        ["audit", lines, "-o", tmp_path / "x.csv"],
        ["audit", lines, "-o", tmp_path / "x.parquet"],
    ):
        Path(arguments[-1]).write_text("old")
        found = subprocess.run(
            [sys.executable, "-m", "omsnb", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)),
        )  # fmt: skip
        assert found.returncode == 2 and found.stderr.count("\n") == 1, found.stderr
        assert "cannot be written: File too large" in found.stderr
        assert Path(arguments[-1]).read_text() == "old"
    assert names(tmp_path) == ["in", "x.csv", "x.parquet"]


@pytest.mark.parametrize("kind", ["export", "letter", "audit"])
@pytest.mark.parametrize("link", ["itself", "symbolic link", "hard link", "other path"])
def test_the_source_is_never_written_over(
    capsys: pytest.CaptureFixture[str], lines: Path, tmp_path: Path, kind: str, link: str
) -> None:
    out = tmp_path / "other.csv"
    if link == "itself":
        out = lines
    elif link == "symbolic link":
        out.symlink_to(lines)
    elif link == "hard link":
        out.hardlink_to(lines)
    else:
        out = lines.parent / ".." / "in" / lines.name
    more = ["--to", "csv"] if kind == "export" else []
    before = lines.read_bytes()
    assert "is the file that is read" in refused(capsys, [kind, str(lines), *more, "-o", str(out)])
    assert lines.read_bytes() == before and names(lines.parent) == [lines.name]


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"
    (tmp_path / "new-link").symlink_to("to-be")
    write_whole(tmp_path / "new-link", b"new")
    assert (tmp_path / "to-be").read_bytes() == b"new"
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ValueError, match="cannot be written"):
        write_whole(tmp_path / "loop", b"new")


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x").write_text("old")
    monkeypatch.setattr(writing.os, "access", lambda path, way: False)  # as for a reader who is not root
    with pytest.raises(ValueError, match="protected against writing"):
        check_target(tmp_path / "x")


@pytest.fixture(params=["without a name", "with a name", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The three ways in which an unfinished file is held."""
    if request.param == "with a name":
        monkeypatch.delattr(writing.os, "O_TMPFILE", raising=False)
    elif request.param == "copied":

        def no_link(*names: object, **more: object) -> None:
            raise OSError(errno.EPERM, "no")

        monkeypatch.setattr(writing.os, "link", no_link)
    return request.param


def stop_in_the_middle(path: Path, fault: type[BaseException]) -> None:
    with whole_file(path) as file:
        file.write(b"three")
        raise fault


def test_each_way_of_holding_an_unfinished_file(way: str, tmp_path: Path) -> None:
    write_whole(tmp_path / "x", b"one")
    (tmp_path / "x").chmod(0o604)
    with whole_file(tmp_path / "x") as file:
        file.write(b"two")
        assert (tmp_path / "x").read_bytes() == b"one"
    assert (tmp_path / "x").read_bytes() == b"two" and mode(tmp_path / "x") == 0o604
    for fault in (KeyboardInterrupt, SystemExit, ZeroDivisionError):
        with pytest.raises(fault):
            stop_in_the_middle(tmp_path / "x", fault)
    assert (tmp_path / "x").read_bytes() == b"two" and names(tmp_path) == ["x"]


def test_runs_at_once_do_not_mix(way: str, tmp_path: Path) -> None:
    contents = [bytes([65 + number]) * 300_000 for number in range(4)]

    def write(content: bytes) -> None:
        for _ in range(5):
            with whole_file(tmp_path / "x") as file:
                for first in range(0, len(content), 50_000):
                    file.write(content[first : first + 50_000])

    threads = [threading.Thread(target=write, args=(content,)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "x").read_bytes() in contents and names(tmp_path) == ["x"]


def test_a_killed_writer_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("old")
    script = (
        "import sys, time\nfrom omsnb.writing import whole_file\n"
        "with whole_file(sys.argv[1]) as file:\n"
        "    file.write(b'x' * 100_000); file.flush(); print(file.name, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path / "x"], cwd=ROOT, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None and child.stdout.readline()
        held = [name for name in names(tmp_path) if name != "x"]
        child.kill()
    assert (tmp_path / "x").read_text() == "old"
    if held:
        pytest.skip("this file system cannot hold a file without a name")
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_in_the_middle_cleans_up_and_is_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: Path, tmp_path: Path, way: str,
    number: signal.Signals, status: int,
) -> None:  # fmt: skip
    import omsnb.audit_files as audit_files

    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "x.csv").write_text("old")

    def stopped(*given: object) -> None:
        os.kill(os.getpid(), number)

    monkeypatch.setattr(audit_files, "_write", stopped)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert main(["audit", str(lines), "-o", str(folder / "x.csv"), "--quiet"]) == status
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")
    assert names(folder) == ["x.csv"] and (folder / "x.csv").read_text() == "old"
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]


def test_a_split_audit_leaves_no_folder(monkeypatch: pytest.MonkeyPatch, lines: Path, tmp_path: Path) -> None:
    import omsnb.audit_files as audit_files

    def full(*given: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(audit_files, "audit_part", full)
    with pytest.raises(ValueError, match="cannot be written: No space left on device"):
        audit_files.audit_file(lines, lines.parent / "x.csv", part_bytes=100)
    assert names(lines.parent) == [lines.name]


# What is said


def module(*arguments: str, **more: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "omsnb", *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False, **more  # type: ignore[call-overload]
    )  # fmt: skip


@pytest.mark.parametrize(
    "arguments", [("cases",), ("template",), ("--help",), ("search", "e", "--format", "json")]
)
def test_a_closed_pipe_is_quiet(arguments: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        found = module(*arguments, stdout=writer)
    finally:
        os.close(writer)
    assert (found.returncode, found.stderr) == (PIPE_CLOSED, "")


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize(
    "arguments", [("cases",), ("template",), ("--help",), ("search", "e", "--format", "json")]
)
def test_a_full_stdout_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with FULL.open("w") as full:
        found = module(*arguments, stdout=full)
    assert found.returncode == 2
    assert found.stderr == "omsnb: the answer cannot be written: No space left on device\n"


def test_no_stdout_and_no_stderr() -> None:
    for closed, status in (("template >&-", 0), ("case knee 2>&-", 2), ("case knee 2>/dev/full", 2)):
        found = subprocess.run(
            f"{sys.executable} -m omsnb {closed}",
            cwd=ROOT,
            shell=True,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (found.returncode, found.stdout, found.stderr) == (status, "", ""), closed


def test_a_narrow_terminal_gets_escapes() -> None:
    narrow = {**os.environ, "PYTHONIOENCODING": "ascii:strict"}
    text = module("decide", "splint", stdout=subprocess.PIPE, env=narrow)
    assert (text.returncode, text.stderr) == (0, "") and "\\xd7" in text.stdout
    asked = ("search", "e", "--format", "json")
    data = module(*asked, stdout=subprocess.PIPE, env=narrow)
    assert (data.returncode, data.stderr) == (0, "") and data.stdout.isascii()
    wide = module(*asked, stdout=subprocess.PIPE, env={**narrow, "PYTHONIOENCODING": "utf-8"})
    assert json.loads(data.stdout) == json.loads(wide.stdout) and not wide.stdout.isascii()


def test_a_lone_surrogate_is_escaped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is no text in the system's encoding comes in as half a character."""
    monkeypatch.setattr(
        lookup_commands, "search_data", lambda words: [{"kind": "x", "id": words, "text": words, "standing": None, "basis": None}]
    )
    assert main(["search", "\udcfc", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["id"] == "\udcfc"
    assert main(["search", "\udcfc"]) == 0
    assert "\\udcfc" in capsys.readouterr().out
