"""What the command line says and how it ends: full disks, closed pipes, narrow terminals, signals.

Statuses as shells know them: 130 after Ctrl-C, 143 after a request to stop, 141 when the reader of a pipe has gone.
"""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

PIPE_CLOSED = 128 + 13
BAD_INPUT = 2


class Stopped(KeyboardInterrupt):
    """The system asked the process to stop; unfinished files are removed on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.status = 128 + number


def say_data(data: Any) -> None:
    """Writes an answer as JSON that any reader takes: what stdout cannot encode is escaped as JSON does it."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=2)
    print(text)


def complain(text: str) -> None:
    """Writes one sentence for people on stderr; where that cannot be written there is nobody to tell."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(f"omsnb: {text}", file=sys.stderr)


def run(command: Callable[[], int]) -> int:
    """Runs a command and flushes its answer; returns the exit status.

    Bad input is one sentence on stderr. A reader of a pipe who has gone, and Ctrl-C, are no faults: nothing is said.
    """
    _escape_what_cannot_be_shown()
    try:
        with _stoppable():
            try:
                return command()
            finally:
                if sys.stdout is not None:
                    sys.stdout.flush()
    except ValueError as problem:
        complain(str(problem))
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except OSError as problem:
        _forget_stdout()
        what = "the answer cannot be written" if problem.filename is None else f"file: {problem.filename!r}"
        complain(f"{what}: {problem.strerror or problem}")
    except KeyboardInterrupt as stop:
        return stop.status if isinstance(stop, Stopped) else 128 + signal.SIGINT
    return BAD_INPUT


def _escape_what_cannot_be_shown() -> None:
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")


def _forget_stdout() -> None:
    """Sends what is still unwritten to nowhere, so that Python's own flush at the end does not fail as well."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def _stoppable() -> Iterator[None]:
    """Lets a request to stop unwind the program as Ctrl-C does, so that it cleans up."""
    before = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped(number)
