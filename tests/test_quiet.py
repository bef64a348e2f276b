"""What the explorer's socket lets through: every kind of message, in both forms, with a fault and without."""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "voila"))

pytest.importorskip("jupyter_server")
quiet = pytest.importorskip("quiet")

V1 = "v1.kernel.websocket.jupyter.org"
SECRET = "Traceback (most recent call last): File /srv/omsnb/secret.py"


def passed(kind: str, content: dict[str, Any], form: str) -> dict[str, Any]:
    """The content as it is sent on."""
    socket = SimpleNamespace(
        subprotocol=form, kernel_id="k", log=logging.getLogger("quiet"),
        session=SimpleNamespace(pack=lambda value: json.dumps(value).encode(), unpack=json.loads),
    )  # fmt: skip
    socket.get_part = lambda field, value, parts: quiet.Quiet.get_part(socket, field, value, parts)
    header = {"msg_type": kind}
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    if form == V1:
        message: dict[str, Any] = {"header": None, "parent_header": None, "content": None}
        quiet.Quiet._on_error(socket, "iopub", message, parts)
        return dict(json.loads(parts[3]))
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": dict(content)}
    quiet.Quiet._on_error(socket, "iopub", message, [])
    return dict(message["content"])


FAULT = {"ename": "KeyError", "evalue": SECRET, "traceback": [SECRET], "user_expressions": {"x": SECRET}}


@pytest.mark.parametrize("form", [V1, ""], ids=["binary", "text"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("error", FAULT),
        ("stream", {"name": "stderr", "text": SECRET}),
        ("stream", {"name": "stdout", "text": SECRET}),
        *((kind, {"status": status, **FAULT})
          for kind in ("execute_reply", "comm_info_reply", "kernel_info_reply", "shutdown_reply")
          for status in ("error", "aborted")),
    ],
)  # fmt: skip
def test_a_fault_is_one_sentence(kind: str, content: dict[str, Any], form: str) -> None:
    sent = passed(kind, content, form)
    assert (
        "secret" not in json.dumps(sent)
        and "Traceback" not in json.dumps(sent)
        and "KeyError" not in json.dumps(sent)
    )
    assert quiet.SENTENCE in sent.values()
    assert sent.get("status", "error") == "error"


@pytest.mark.parametrize("form", [V1, ""], ids=["binary", "text"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("comm_msg", {"comm_id": "x", "data": {"method": "update", "state": {"value": "error"}}}),
        ("status", {"execution_state": "idle"}),
        ("kernel_info_reply", {"status": "ok", "protocol_version": "5.3"}),
    ],
)
def test_an_answer_is_sent_as_it_is(kind: str, content: dict[str, Any], form: str) -> None:
    assert passed(kind, content, form) == content
