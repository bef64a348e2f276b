"""Between a page and the calculators' widgets: the Jupyter comm protocol as JSON texts, without a kernel.

The page calls ``start``, ``receive`` and ``close``; each returns a JSON text that holds the messages for the page. The
bridge holds no object of the browser, so that the interpreter's memory can be saved and restored.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from typing import Any

import comm
from comm.base_comm import BaseComm, CommManager

_comms = CommManager()
_outgoing: list[dict[str, Any]] = []
_faults: list[str] = []


class PageComm(BaseComm):
    """A comm whose messages wait until the page fetches them."""

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        """Queues a message. Raises ``ValueError`` for binary buffers, which no calculator uses."""
        if buffers:
            raise ValueError(f"{msg_type}: a page takes no binary buffers")
        _outgoing.append(
            {
                "type": msg_type, "comm_id": self.comm_id, "data": data or {}, "metadata": metadata or {},
                "target_name": self.target_name,
            }
        )  # fmt: skip


class _Faults(logging.Handler):
    """ipywidgets logs, and swallows, what an observer raises; the page must hear of it."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            _faults.append("".join(traceback.format_exception(*record.exc_info)))


def connect() -> None:
    """Makes ipywidgets speak to the page. Must run before ipywidgets is imported."""
    os.environ["JUPYTER_WIDGETS_ECHO"] = "0"  # echoes serve pages that several readers share
    comm.create_comm = PageComm
    comm.get_comm_manager = lambda: _comms
    for name in ("traitlets", "comm", "Comm"):
        logging.getLogger(name).addHandler(_Faults(logging.WARNING))


def warm() -> None:
    """Reads all data and imports all code once, so that a saved memory needs no file any more."""
    from omsnb.calculators import EXPLORER, calculator
    from omsnb.calculators.catalogue import calculators
    from omsnb.calculators.desk import DESK
    from omsnb.calculators.note_form import NOTE
    from omsnb.notes import propose

    for name in (*calculators(), DESK, EXPLORER, NOTE):
        calculator(name).close_all()
    propose("New patient.")
    _outgoing.clear()


def start(name: str, state: str, links: str) -> str:
    """Makes a calculator; the answer holds its ``model_id``, or ``fault`` with what went wrong.

    ``name``, ``state``, ``links``: as for ``omsnb.calculators.calculator``.
    """
    from omsnb.calculators import calculator

    _faults.clear()
    try:
        return _answer(model_id=calculator(name, state, links).model_id)
    except Exception:
        return _answer(fault=traceback.format_exc())


def receive(comm_id: str, data: str, buffers: Any = ()) -> str:
    """Hands a widget the page's message; ``fault`` tells what its code raised.

    ``data``: the message's data as JSON. ``buffers``: its binary parts, such as a file that was opened.
    A message to a widget that is gone changes nothing.
    """
    found = _comms.get_comm(comm_id)
    if found is None:
        return _answer()
    _faults.clear()
    try:
        found.handle_msg(
            {
                "content": {"comm_id": comm_id, "data": json.loads(data)},
                "buffers": [memoryview(bytes(part)) for part in buffers],
                "metadata": {},
            }
        )
    except Exception:
        _faults.append(traceback.format_exc())
    return _answer(fault="\n".join(_faults))


def _answer(**more: str) -> str:
    answer = {"messages": list(_outgoing), "fault": "", **more}
    _outgoing.clear()
    return json.dumps(answer, default=str)
