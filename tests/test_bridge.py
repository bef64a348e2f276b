"""The page's side of the calculators without a browser: texts in, texts out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from omsnb.calculators import new_form
from omsnb.tables import facts

ROOT = Path(__file__).resolve().parent.parent
HELP = """
import json, sys
from omsnb.live.stand_in import stand_in_ipython
if {stand_in}: stand_in_ipython()
from omsnb.live import bridge
bridge.connect()
def said(text): print(text)
"""


def spoken(script: str, stand_in: bool = True) -> list[Any]:
    """What a script prints, a JSON text a line. In a process of its own, since a connected ipywidgets stays so."""
    done = subprocess.run(
        [sys.executable, "-c", HELP.format(stand_in=stand_in) + script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def results(messages: list[dict[str, Any]]) -> list[str]:
    """Every result that the messages hold."""
    states = [message["data"].get("state", {}) for message in messages]
    return [state["value"] for state in states if str(state.get("value", "")).startswith('<div class="omsnb">')]


@pytest.mark.parametrize("stand_in", [True, False])
def test_a_calculator_opens_with_its_result(stand_in: bool) -> None:
    (answer,) = spoken("said(bridge.start('splint', 'claim=medical', 'x/'))", stand_in)
    assert answer["fault"] == ""
    opened = {message["comm_id"]: message["data"]["state"]["_model_name"] for message in answer["messages"] if message["type"] == "comm_open"}
    assert opened[answer["model_id"]] == "VBoxModel"
    assert results(answer["messages"])[-1] == new_form("splint", "claim=medical").html("x/")


def test_an_answer_from_the_page_changes_the_result_and_nothing_is_echoed() -> None:
    question = facts()["claim"].question
    first, second, gone = spoken(
        f"""
text = bridge.start('splint', '', 'x/'); said(text)
models = [m for m in json.loads(text)['messages'] if m['data'].get('state', {{}}).get('description') == {question!r}]
said(bridge.receive(models[0]['comm_id'], json.dumps({{'method': 'update', 'state': {{'index': 2}}, 'buffer_paths': []}})))
said(bridge.receive('no-such-comm', '{{}}'))
"""
    )
    assert first["fault"] == second["fault"] == ""
    claim = list(facts()["claim"].values)[1]
    assert results(second["messages"]) == [new_form("splint", f"claim={claim}").html("x/")]
    assert all(message["data"]["method"] == "update" for message in second["messages"])
    assert gone == {"messages": [], "fault": ""}


def test_what_goes_wrong_is_told() -> None:
    unknown, broken, swallowed = spoken(
        """
said(bridge.start('no-such', '', ''))
text = bridge.start('splint', '', ''); models = json.loads(text)['messages']
menu = next(m for m in models if m['data'].get('state', {}).get('_model_name') == 'DropdownModel')
said(bridge.receive(menu['comm_id'], json.dumps({'method': 'update', 'state': {'index': 'x'}, 'buffer_paths': []})))
import omsnb.calculators.form as form
def fail(self): raise RuntimeError('not caught')
form.Form.refresh = fail
said(bridge.receive(menu['comm_id'], json.dumps({'method': 'update', 'state': {'index': 1}, 'buffer_paths': []})))
"""
    )
    assert "calculator: 'no-such' is not known" in unknown["fault"]
    assert "TraitError" in broken["fault"]
    assert "not caught" in swallowed["fault"]


def test_binary_buffers_are_refused() -> None:
    script = """
try:
    bridge.PageComm(target_name='t', primary=False).publish_msg('comm_msg', buffers=[b'1'])
except ValueError as problem:
    said(json.dumps(str(problem)))
"""
    assert spoken(script) == ["comm_msg: a page takes no binary buffers"]


def test_warming_leaves_no_message_and_no_widget() -> None:
    (left,) = spoken(
        "bridge.warm(); from ipywidgets import Widget; said(json.dumps([len(Widget.widgets), json.loads(bridge.receive('x', ''))]))"
    )
    assert left == [0, {"messages": [], "fault": ""}]
