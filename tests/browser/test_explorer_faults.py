"""The explorer when something fails: the list is hidden in time, the answers come back, and no fault tells a path."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from conftest import ROOT, watch
from explorer_server import START, answered, become, kernels, lines, listed, opened, served
from playwright.sync_api import Browser, Page, expect

from omsnb.calculators import new_form
from omsnb.calculators.catalogue import find_calculator
from omsnb.tables import cases, facts

pytestmark = pytest.mark.browser

NOTICED = 5_000
"""Milliseconds in which a hung kernel or server must be noticed."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    with served("book/apps/case-explorer.ipynb", tmp_path_factory.mktemp("voila") / "log.txt") as running:
        yield running


def answer(page: Page, fact: str, value: str) -> None:
    page.get_by_label(facts()[fact].question, exact=True).select_option(label=facts()[fact].label(value))


def own_kernel(page: Page, server: psutil.Process) -> psutil.Process:
    """The process of the page's kernel, found by the id that the page was given."""
    config = json.loads(page.locator("#jupyter-config-data").text_content() or "")
    (found,) = [
        one for one in server.children(recursive=True) if config["kernelId"] in " ".join(command_of(one))
    ]
    return found


def command_of(process: psutil.Process) -> list[str]:
    """A process's command line; empty for one that ended while it was looked at."""
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def start_again(page: Page, **answers: str) -> None:
    """Presses the button; the second case must stand there with its answers, and the list that belongs to them."""
    page.get_by_role("button", name="Start again").click()
    name = list(cases())[1]
    for fact, value in answers.items():
        menu = page.get_by_label(facts()[fact].question, exact=True)
        expect(menu.locator("option:checked")).to_have_text(facts()[fact].label(value), timeout=START)
    expect(page.get_by_label("Case", exact=True).locator("option:checked")).to_have_text(cases()[name].title)
    expect(listed(page)).to_have_text(lines(name, answers))
    expect(page.locator("#omsnb-lost")).to_be_hidden()


def second_case(page: Page) -> None:
    """The second case with an answer, and the kernel's list for it."""
    name = list(cases())[1]
    page.get_by_label("Case", exact=True).select_option(label=cases()[name].title)
    answer(page, "claim", "medical")
    expect(listed(page)).to_have_text(lines(name, {"claim": "medical"}))


@pytest.mark.parametrize("what", ["kernel", "server"])
@pytest.mark.parametrize("answering", [False, True], ids=["idle", "answering"])
def test_a_stopped_process_is_noticed_and_the_answers_come_back(
    browser: Browser, server: tuple[str, psutil.Process], what: str, answering: bool
) -> None:
    """``answering``: an answer is given to the process that hangs; that one comes back too."""
    address, process = server
    watched = opened(browser, address)
    page = watched.page
    second_case(page)
    page.wait_for_timeout(1000)  # the state is in the tab's memory
    stopped = own_kernel(page, process) if what == "kernel" else process
    stopped.send_signal(signal.SIGSTOP)
    try:
        if answering:
            answer(page, "scan", "ct")
        expect(page.locator("#omsnb-lost")).to_be_visible(timeout=NOTICED)
        expect(page.locator(".omsnb-result")).to_be_hidden()
    finally:
        if what == "server":
            stopped.send_signal(signal.SIGCONT)
    # a kernel stays as it is: the next one must not wait for it, and it must not stay behind
    start_again(page, claim="medical", **({"scan": "ct"} if answering else {}))
    assert what == "server" or become(lambda: stopped.pid not in kernels(process), 10)
    page.context.close()


def test_no_false_alarm(browser: Browser, server: tuple[str, psutil.Process]) -> None:
    """Nothing is lost while all goes well, nor when a page slept for long while its kernel owed it an answer."""
    address, process = server
    watched = opened(browser, address)
    page = watched.page
    page.evaluate("""() => {
      const now = performance.now.bind(performance); let slept = 0;
      performance.now = () => now() + slept;
      window.sleep = () => { slept += 60000; };
    }""")
    page.wait_for_timeout(4000)
    expect(page.locator("#omsnb-lost")).to_be_hidden()
    kernel = own_kernel(page, process)
    kernel.send_signal(signal.SIGSTOP)
    page.wait_for_timeout(1000)  # a question is open for certain
    page.evaluate("sleep()")
    page.wait_for_timeout(600)
    kernel.send_signal(signal.SIGCONT)
    page.wait_for_timeout(1500)
    expect(page.locator("#omsnb-lost")).to_be_hidden()
    expect(answered(page)).to_be_visible()
    watched.check()
    page.context.close()


def test_a_kernel_that_was_culled_gives_its_answers_to_the_next(browser: Browser, tmp_path: Path) -> None:
    cull = ("--MappingKernelManager.cull_idle_timeout=4", "--MappingKernelManager.cull_interval=1")
    with served("book/apps/case-explorer.ipynb", tmp_path / "log.txt", *cull) as (address, _):
        page = opened(browser, address).page
        second_case(page)
        answer(page, "scan", "ct")
        expect(page.locator("#omsnb-lost")).to_be_visible(timeout=30_000)
        start_again(page, claim="medical", scan="ct")
        page.context.close()


def test_start_over_is_kept_too_and_another_tab_starts_fresh(
    browser: Browser, server: tuple[str, psutil.Process]
) -> None:
    page = opened(browser, server[0]).page
    second_case(page)
    page.get_by_role("button", name="Start over").click()
    name = list(cases())[1]
    expect(listed(page)).to_have_text(lines(name))
    page.wait_for_timeout(1000)
    page.reload()
    expect(page.get_by_label("Case", exact=True).locator("option:checked")).to_have_text(cases()[name].title)
    expect(listed(page)).to_have_text(lines(name))
    other = page.context.new_page()
    other.goto(page.url)
    expect(listed(other)).to_have_text(lines(next(iter(cases()))), timeout=START)
    page.context.close()


def test_the_calculators_keep_their_answers(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/calculators.ipynb", tmp_path / "log.txt") as (address, _):
        watched = watch(browser.new_context(viewport={"width": 1280, "height": 1000}), address)
        page = watched.page
        page.goto(f"{address}/")
        menu = page.get_by_label("Calculator", exact=True)
        expect(page.locator(".omsnb-result .omsnb").first).to_be_visible(timeout=START)
        menu.select_option(label=find_calculator("splint").title)
        answer(page, "claim", "dental")
        expect(page.locator(".omsnb-result")).to_contain_text(
            new_form("splint", "claim=dental").decisions[0].rows[0].because
        )
        page.wait_for_timeout(1000)
        page.reload()
        claim = page.get_by_label(facts()["claim"].question, exact=True)
        expect(menu.locator("option:checked")).to_have_text(find_calculator("splint").title, timeout=START)
        expect(claim.locator("option:checked")).to_have_text(facts()["claim"].label("dental"))
        expect(page.locator(".omsnb-result")).to_contain_text(
            new_form("splint", "claim=dental").decisions[0].rows[0].because
        )
        watched.check()
        page.context.close()


HOSTILE = """async () => {
  const id = JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId, said = [];
  const socket = new WebSocket(`ws://${location.host}/api/kernels/${id}/channels?session_id=hostile`);
  await new Promise((done) => { socket.onopen = done; });
  socket.onmessage = ({ data }) => said.push(data);
  let n = 0;
  const say = (type, content, channel = 'shell') => socket.send(JSON.stringify({
    channel, parent_header: {}, metadata: {}, buffers: [], content,
    header: { msg_id: `h${n += 1}`, msg_type: type, session: 'hostile', username: '', version: '5.3', date: '' } }));
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  say('kernel_info_request', {});
  say('comm_info_request', {});
  await wait(700);
  const reply = said.map((one) => JSON.parse(one)).find((one) => one.header.msg_type === 'comm_info_reply');
  const comms = Object.keys(reply.content.comms);
  for (const state of [{ index: 'x' }, { index: 99 }, { value: [] }, { layout: 'IPY_MODEL_nope' }, { children: ['IPY_MODEL_nope'] }])
    for (const comm_id of comms) say('comm_msg', { comm_id, data: { method: 'update', state, buffer_paths: [] } });
  for (const comm_id of comms) say('comm_msg', { comm_id, data: { method: 'nope' } });
  say('comm_msg', { comm_id: comms[0], data: 'no object' });
  say('comm_msg', {});
  say('comm_open', {});
  say('comm_open', { comm_id: 'x', target_name: 'no.such.target', data: {} });
  say('comm_open', { comm_id: 'y', target_name: 'jupyter.widget', data: { state: { _model_name: 'Nope' } } });
  say('comm_close', {});
  say('comm_info_request', { target_name: [] });
  for (const channel of ['shell', 'control', 'stdin', 'iopub', 'nope'])
    for (const type of ['execute', 'complete', 'inspect', 'history', 'is_complete', 'debug', 'create_subshell', 'interrupt', 'usage'])
      say(`${type}_request`, { code: 'raise ValueError(__file__)', cursor_pos: 3, type: 'request', command: 'evaluate' }, channel);
  say('kernel_info_request', 'no object');
  await wait(2500);
  socket.close();
  return [comms.length, said];
}"""


def test_no_fault_tells_a_traceback_or_a_path(browser: Browser, server: tuple[str, psutil.Process]) -> None:
    """Over the socket in both of its forms: the text that we open ourselves, and the binary one of the page."""
    page = opened(browser, server[0]).page
    frames: list[str | bytes] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(data)))
    page.reload()
    expect(answered(page)).to_be_visible(timeout=START)
    comms, said = page.evaluate(HOSTILE)
    everything = [
        one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in (*frames, *said)
    ]
    assert comms > 10 and sum('"stream"' in one or '"error"' in one for one in everything) > 5, (
        "nothing went wrong"
    )
    assert any(isinstance(one, bytes) and b'"stream"' in one for one in frames), (
        "the binary form was not seen"
    )
    for telling in (
        "Traceback",
        'File \\"',
        "site-packages",
        "ipykernel/",
        str(ROOT),
        sys.prefix,
        "ValueError",
    ):
        assert [one[:300] for one in everything if telling in one] == []
    replies = {json.loads(one)["header"]["msg_type"] for one in said}
    assert {kind for kind in replies if kind.endswith("_reply")} == {"kernel_info_reply", "comm_info_reply"}
    page.context.close()


def test_a_tab_that_ends_without_farewell_frees_its_kernel(
    browser: Browser, server: tuple[str, psutil.Process]
) -> None:
    address, process = server
    assert become(lambda: len(kernels(process)) == 2, 40), "the two warm ones"
    page = opened(browser, address).page
    mine = own_kernel(page, process).pid
    page.context.close()  # runs no handler of the page
    assert become(lambda: mine not in kernels(process), 20)


def test_impatient_reloads_leave_no_kernel(browser: Browser, server: tuple[str, psutil.Process]) -> None:
    address, process = server
    assert become(lambda: len(kernels(process)) == 2, 40), "the two warm ones"
    page = opened(browser, address).page
    for _ in range(5):
        page.goto(f"{address}/", wait_until="commit")
        time.sleep(0.12)
    expect(answered(page)).to_be_visible(timeout=START)
    # at once, but for a page that was left before it told its kernel's name: half a minute
    assert become(lambda: len(kernels(process)) == 3, 36), "the page's and two warm ones"
    page.context.close()
