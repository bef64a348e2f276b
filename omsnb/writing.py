"""Writes a file whole or not at all. Every command that makes a file makes it here; the standard library is enough.

The content goes into a file beside its place, reaches the disk, and takes the place in one step. A full disk, Ctrl-C or
the end of the process leaves what stood there before.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

TEMPORARY = ".omsnb-"
"""How the name of an unfinished file begins, where the system cannot hold one without a name."""


def check_target(path: str | Path, reads: Iterable[str | Path] = ()) -> Path:
    """The place where a file may be written; symbolic links are followed to the file that they name.

    ``reads``: files that the command reads; none of them is written over, by whatever name or link. Raises
    ``ValueError`` with one sentence for one of these, for a folder, for a device or pipe, for a file that is protected
    against writing, and for a folder that is missing. Call it before long work.
    """
    named = Path(path)
    said = f"file: {str(path)!r}"
    try:
        if not named.name or str(path).endswith(os.sep):
            raise ValueError(f"{said} is a folder; name a file in it")
        target = named.resolve()
        try:
            found = target.stat()
        except FileNotFoundError:
            found = None
        if found is not None:
            _check_existing(target, found, said, reads)
        folder = target.parent.stat()
    except FileNotFoundError:
        raise ValueError(f"{said} cannot be written: there is no folder {str(named.parent)!r}") from None
    except RuntimeError:  # Python 3.11 and 3.12 tell of a loop of links this way
        raise ValueError(f"{said} cannot be written: its links lead in a circle") from None
    except OSError as problem:
        raise ValueError(f"{said} cannot be written: {problem.strerror}") from None
    if not stat.S_ISDIR(folder.st_mode):
        raise ValueError(f"{said} cannot be written: {str(named.parent)!r} is no folder")
    return target


def _check_existing(target: Path, found: os.stat_result, said: str, reads: Iterable[str | Path]) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise ValueError(f"{said} is a folder; name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(f"{said} is a device or a pipe; name an ordinary file")
    for read in reads:
        with suppress(OSError):
            if target.samefile(read):
                raise ValueError(f"{said} is the file that is read; give the output another name")
    if not os.access(target, os.W_OK):
        raise ValueError(f"{said} cannot be written: it is protected against writing")


@contextmanager
def whole_file(path: str | Path, reads: Iterable[str | Path] = ()) -> Iterator[BinaryIO]:
    """A file to write bytes into, which takes its place when the block ends, and is gone when the block fails.

    A file that is replaced keeps its mode, and its owner where the system lets us; a new one gets what the umask
    allows. Raises ``ValueError`` with one sentence as ``check_target`` does, and when the disk is full or the block
    meets another fault of the system.
    """
    target = check_target(path, reads)
    try:
        with _unnamed_or_beside(target) as (file, name):
            _take_mode(file.fileno(), target)
            yield file
            file.flush()
            os.fsync(file.fileno())
            _put(file, name, target)
    except OSError as problem:
        raise ValueError(f"file: {str(path)!r} cannot be written: {problem.strerror or problem}") from None


def write_whole(path: str | Path, content: bytes, reads: Iterable[str | Path] = ()) -> None:
    """Writes ``content`` as a file, whole or not at all; raises ``ValueError`` as ``whole_file`` does."""
    with whole_file(path, reads) as file:
        file.write(content)


@contextmanager
def _unnamed_or_beside(target: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An open file in the target's folder, and the name it has or may take.

    Linux can hold a file without a name, which vanishes even when the process is killed. Elsewhere it has a name from
    the start, and is removed when the block ends.
    """
    name = target.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
    try:
        with os.fdopen(_open(target, name), "w+b") as file:
            yield file, name
    finally:
        name.unlink(missing_ok=True)


def _open(target: Path, name: Path) -> int:
    if hasattr(os, "O_TMPFILE") and Path("/proc/self/fd").is_dir():
        with suppress(OSError):  # not every file system can; a real fault comes again below
            return os.open(target.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    # 0600 until the mode is known: nobody else reads an unfinished file
    return os.open(name, os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_CLOEXEC", 0), 0o600)


def _take_mode(file: int, target: Path) -> None:
    if not hasattr(os, "fchmod"):
        return
    try:
        old = target.stat()
    except FileNotFoundError:
        mask = os.umask(0o077)
        os.umask(mask)
        os.fchmod(file, 0o666 & ~mask)
        return
    mode = stat.S_IMODE(old.st_mode) & 0o777
    try:
        os.fchown(file, old.st_uid, old.st_gid)
    except OSError:
        if os.fstat(file).st_gid != old.st_gid:
            mode &= ~0o070  # the rights were another group's
    os.fchmod(file, mode)


def _put(file: BinaryIO, name: Path, target: Path) -> None:
    """Moves a finished file to its place."""
    if not name.exists():
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            # a folder's descriptor makes Python follow the link in /proc to the file itself
            os.link(f"/proc/self/fd/{file.fileno()}", name.name, dst_dir_fd=folder, follow_symlinks=True)
        except OSError:
            _copy(file, name)
        finally:
            os.close(folder)
    os.replace(name, target)  # noqa: PTH105 - Path.replace does the same
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # the file is in its place; some file systems cannot sync a folder
                os.fsync(folder)
        finally:
            os.close(folder)


def _copy(file: BinaryIO, name: Path) -> None:
    """Gives an unnamed file a name by copying it, where the system refuses to link it."""
    handle = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        os.fsync(handle)
        old = os.fstat(file.fileno())
        with suppress(OSError):
            os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))
