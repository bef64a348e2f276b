"""Command line: ``python -m omsnb``. Exit 0: fine; 1: a difference or nothing found; 2: bad input, said in one line.

Each command is loaded when it is asked for; the help alone loads them all.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from omsnb.streams import BAD_INPUT, complain, run, say_data

GROUPS = (
    ("case_commands", "add_cases", ("cases", "case")),
    ("decide_commands", "add_decisions", ("tables", "decide")),
    ("lookup_commands", "add_lookups", ("code", "diagnosis", "search")),
    (
        "claim_commands",
        "add_commands",
        ("check", "claim", "periods", "audit", "template", "export", "letter"),
    ),
    ("map_commands", "add_commands", ("map",)),
    ("remittance_commands", "add_remittance", ("remittance",)),
    ("cms_commands", "add_cms", ("cms",)),
    ("which", "add_which", ("which-modifier", "which-appliance")),
    ("note_commands", "add_note", ("note",)),
    ("payer_commands", "add_payer", ("payer",)),
    ("pair_commands", "add_pair", ("pair",)),
    ("teaching_commands", "add_teaching", ("exam", "changes")),
)
"""The module of each group of commands, the function in it that adds them, and their names."""

FACTS_READ = ("case_commands", "decide_commands", "claim_commands", "which")
"""Groups with answers of the form ``fact=value``."""

OWN_FILES = ("decide",)
"""Commands that check just the files of ``data/`` which they read; every other one checks all of them first."""

PLANS = "OMSNB_PAYERS"


def _formatter(prog: str) -> argparse.HelpFormatter:
    """Help as wide as the terminal; argparse would load much to find that out, even where no help is shown."""
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(1).columns
    except (ValueError, OSError):
        columns = 0
    return argparse.HelpFormatter(prog, width=(columns or 80) - 2)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"formatter_class": _formatter, **given})

    def print_help(self, file: Any = None) -> None:
        """Shows the help; unlike argparse, it does not hide that it could not be written."""
        print(self.format_help(), end="", file=file)

    def error(self, message: str) -> NoReturn:
        complain(message)
        raise SystemExit(BAD_INPUT)


def read_facts(pairs: Sequence[str]) -> dict[str, object]:
    """Reads ``fact=value`` words; raises ``ValueError`` for a word of another shape or a fact given twice."""
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"fact: {pair!r} is not of the form fact=value")
        if name.strip() in found:
            raise ValueError(f"fact: {name.strip()!r} is given twice")
        found[name.strip()] = value.strip()
    return found


def parser(wanted: str = "") -> Parser:
    """The command line's grammar; of the commands that of ``wanted``'s group alone, where it is a command."""
    from omsnb.edition import edition

    ask = Parser(
        prog="python -m omsnb", description="Codes the digital workflow in oral and maxillofacial surgery."
    )
    ask.add_argument("--version", action="version", version=edition().edition)
    shared = Parser(add_help=False)
    shared.add_argument(
        "--format", choices=("text", "json"), default="text", help="how the answer is written"
    )
    commands = ask.add_subparsers(prog=ask.prog, dest="command", required=True, parser_class=Parser)

    def command(name: str, run: Callable[[argparse.Namespace], int], about: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=about, description=about, parents=[shared])
        sub.set_defaults(run=run)
        return sub

    asked = [group for group in GROUPS if wanted in group[2]] or GROUPS
    for module, adds, _ in asked:
        add = getattr(import_module(f"omsnb.{module}"), adds)
        add(command, show, *([read_facts] if module in FACTS_READ else []))
    return ask


def show(said: argparse.Namespace, data: Any, text: str) -> None:
    """Writes an answer in the format asked for."""
    if said.format == "json":
        say_data(data)
    else:
        print(text)


def _check_files(command: str) -> None:
    """A fault in the data, or in a practice's own files, is told before any answer is given."""
    if command not in OWN_FILES:
        from omsnb.all_data import check_data

        check_data()
    if os.environ.get(PLANS):
        from omsnb.payer_plans import plans

        plans()


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line and runs it; returns the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)

    def command() -> int:
        said = parser(words[0] if words else "").parse_args(words)
        _check_files(said.command)
        status: int = said.run(said)
        return status

    return run(command)


if __name__ == "__main__":
    sys.exit(main())
