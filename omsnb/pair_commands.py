"""The command line's part for two codes: is one payable with the other?"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import date
from typing import Any

from omsnb.claim_tables import payers
from omsnb.edition import edition
from omsnb.own_tables import FOLDER, own_folder
from omsnb.pair_question import UNKNOWN, ask_pair, pair_data, pair_text
from omsnb.periods import read_date

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Show = Callable[[argparse.Namespace, Any, str], None]


def add_pair(add: Add, show: Show) -> None:
    """Adds the command ``pair``. ``add`` and ``show`` are the command line's own."""

    def run(said: argparse.Namespace) -> int:
        day = read_date(said.day, "on") if said.day else date.fromisoformat(edition().day)
        with own_folder(said.cms):
            answer = ask_pair(said.first, said.second, day, said.payer or "")
        show(said, pair_data(answer), pair_text(answer))
        return 1 if answer.verdict == UNKNOWN or answer.findings else 0

    asked = add("pair", run, "Says whether one code is payable with another, and what may lift their edit.")
    asked.add_argument("first")
    asked.add_argument("second")
    asked.add_argument("--payer", choices=list(payers()))
    asked.add_argument(
        "--cms", metavar="FOLDER", help=f"your own quarter's files of CMS, in place of {FOLDER}"
    )
    asked.add_argument("--on", dest="day", metavar="DAY", help="day of service; by default the edition's day")
