"""Malformed files of every kind: no traceback, nothing lost or called ok without a word, no output half-written.

``OMSNB_MALFORMED=20000`` tries as many tables as for a release, and a quarter as many files of the other kinds;
``OMSNB_MALFORMED_SEED`` begins elsewhere.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from claims import ORDINARY
from malformed import MAKERS, Made, tried

COUNT = int(os.environ.get("OMSNB_MALFORMED", "400"))
SEED = int(os.environ.get("OMSNB_MALFORMED_SEED", "0"))
DEEP = 25
"""One file in so many goes through the commands that write, too."""

SHARES = {"table": COUNT, **{kind: max(1, COUNT // 16) for kind in MAKERS if kind != "table"}}


@pytest.mark.parametrize("kind", MAKERS)
def test_no_malformed_file_is_lost_or_called_ok(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong: Counter[str] = Counter()
    first: dict[str, int] = {}
    for number in range(SHARES[kind]):
        seed = SEED + number
        made = MAKERS[kind](random.Random(f"{kind} {seed}"))
        folder = tmp_path / "one"
        folder.mkdir()
        try:
            said = tried(made, folder, number % DEEP == 0)
        except Exception as problem:  # every one is a fault here
            said = f"{type(problem).__name__}: {problem}"
        if said:
            wrong[said[:160]] += 1
            first.setdefault(said[:160], seed)
        shutil.rmtree(folder)
        capsys.readouterr()
    with capsys.disabled():
        if COUNT > 1000:
            print(f"\n{kind}: {SHARES[kind]} files from seed {SEED}; {sum(wrong.values())} wrong")
    assert not wrong, [(first[said], count, said) for said, count in wrong.most_common(8)]


def test_the_trial_notices_what_is_lost(tmp_path: Path) -> None:
    """A file that lacks a claim that should be whole, and one of which nothing is read, are told."""
    text = "\n".join([",".join([*ORDINARY, "code"]), ",".join([*ORDINARY.values(), "70486"])]).encode()
    assert tried(Made("t.csv", text, frozenset({"C-1"}), frozenset({"C-1"})), tmp_path, True) == ""
    assert "lost whole claims ['C-2']" in tried(
        Made("t.csv", text, frozenset({"C-2"}), frozenset()), tmp_path, False
    )
    assert "lost ['C-2'] without a word" in tried(
        Made("t.csv", text, frozenset(), frozenset({"C-2"})), tmp_path, False
    )
    assert "refused, though" in tried(
        Made("t.csv", b"%PDF", frozenset({"C-2"}), frozenset()), tmp_path, False
    )


KILLED = """
import sys, time
from pathlib import Path
import omsnb.writing as writing
before = writing.os.replace
def slow(*args):
    print("written", flush=True)
    time.sleep(60)
    before(*args)
writing.os.replace = slow
from omsnb.__main__ import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize(
    "command",
    [
        ["export", "{}", "--to", "xlsx", "-o", "{}/out"],
        ["audit", "{}", "-o", "{}/out.csv"],
        ["letter", "{}", "-o", "{}/out"],
    ],
)
def test_a_kill_in_mid_write_leaves_the_old_file_whole(command: list[str], tmp_path: Path) -> None:
    """The process is killed after its result was written and before it takes the place of the old file."""
    source = tmp_path / "a.csv"
    source.write_text(
        "\n".join([",".join([*ORDINARY, "code", "narrative"]), ",".join([*ORDINARY.values(), "21299", "no"])])
    )
    target = tmp_path / command[-1].rpartition("/")[2]
    target.write_text("kept")
    arguments = [command[0], str(source), *(part.format(tmp_path) for part in command[2:])]
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, *arguments], stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert any("written" in line for line in running.stdout), "it never came to write"
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert target.read_text() == "kept" and source.read_text().startswith("claim")
