"""Who gets into the explorer: no other site, no more readers than places, and warm kernels for those who come."""

from __future__ import annotations

import re
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPMessage
from pathlib import Path

import psutil
import pytest
from conftest import ROOT
from explorer_server import START, answered, become, kernels, opened, served
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """A server whose two warm kernels wait."""
    with served("book/apps/case-explorer.ipynb", tmp_path_factory.mktemp("voila") / "log.txt") as running:
        assert become(lambda: len(kernels(running[1])) == 2, 20)
        yield running


def got(address: str, **headers: str) -> tuple[int, str, HTTPMessage]:
    """Status, text and headers of an answer, whatever the status."""
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode(), problem.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1", **NAVIGATE},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "script"},
        {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch;prerender", **NAVIGATE},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_no_other_site_and_no_part_of_a_page_starts_a_kernel(
    server: tuple[str, psutil.Process], headers: dict[str, str]
) -> None:
    address, process = server
    before = kernels(process)
    status, text, _ = got(f"{address}/", **headers)
    assert status == 403
    assert '<a href="/">Open the explorer</a>' in text, "a reader who followed a link can go on"
    time.sleep(0.8)  # a warm kernel that was used would be replaced by now
    assert kernels(process) == before


def test_a_link_on_another_site_leads_to_a_page_that_opens_the_explorer(
    browser: Browser, server: tuple[str, psutil.Process]
) -> None:
    """In a real browser, whose own words say where a reader comes from: localhost is another site than 127.0.0.1."""
    address, process = server
    context = browser.new_context()
    page = context.new_page()
    page.route("http://elsewhere.test/", lambda route: route.fulfill(
        body=f'<a href="{address}/">the explorer</a><img src="{address}/">', content_type="text/html"))  # fmt: skip
    before = kernels(process)
    page.goto("http://elsewhere.test/")
    with page.expect_response(f"{address}/") as answer:
        page.get_by_role("link", name="the explorer").click()
    assert answer.value.status == 403
    time.sleep(0.8)
    assert kernels(process) == before
    page.get_by_role("link", name="Open the explorer").click()
    expect(answered(page)).to_be_visible(timeout=START)
    page.reload()
    expect(answered(page)).to_be_visible(timeout=START)
    context.close()


@pytest.mark.parametrize(
    "headers", [{}, *({"Sec-Fetch-Site": site, **NAVIGATE} for site in ("none", "same-origin", "same-site"))]
)
def test_a_reader_comes_in(server: tuple[str, psutil.Process], headers: dict[str, str]) -> None:
    status, text, _ = got(f"{server[0]}/", **headers)
    assert status == 200 and "omsnb-lost" in text


def test_the_cookie_ends_with_the_browser_and_stays_on_the_site(server: tuple[str, psutil.Process]) -> None:
    _, _, headers = got(f"{server[0]}/")
    cookies = headers.get_all("Set-Cookie") or []
    assert [cookie.split("=")[0] for cookie in cookies] == ["_xsrf"]
    assert "SameSite=Strict" in cookies[0]
    assert "expires" not in cookies[0].lower() and "max-age" not in cookies[0].lower()


@pytest.mark.parametrize(
    "path",
    [
        "logout", "login", "voila/templates/", "voila/templates/x", "voila/templates/omsnb", "voila/templates/x/y",
        "voila/templates/x/y/z", "voila/templates/no-such/static/a.js", "voila/static/", "voila/query/x",
        "voila/query/11111111-1111-1111-1111-111111111111", "voila/tree", "api/kernels", "nope", "favicon.ico",
    ],
)  # fmt: skip
def test_an_unknown_address_is_not_found(server: tuple[str, psutil.Process], path: str) -> None:
    status, text, _ = got(f"{server[0]}/{path}")
    assert status in (403, 404) and text.strip()
    assert "Traceback" not in text and str(ROOT) not in text


def test_warm_kernels_wait_and_go_with_the_server(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/case-explorer.ipynb", tmp_path / "log.txt") as (address, process):
        assert become(lambda: len(kernels(process)) == 2, 20)
        warm = kernels(process)
        page = opened(browser, address).page
        assert become(lambda: len(kernels(process) - warm) == 1, 10), "the one that was used is replaced"
        assert warm <= kernels(process), "the page uses one that was there"
        assert "Using pre-heated kernel" in (tmp_path / "log.txt").read_text()
        for one in warm:
            psutil.Process(one).kill()  # the page's, and one that waits
        expect(page.locator("#omsnb-lost")).to_be_visible(timeout=10_000)
        page.get_by_role("button", name="Start again").click()
        expect(answered(page)).to_be_visible(timeout=START)
        assert not warm & kernels(process)
        running = kernels(process)
    assert become(lambda: not any(psutil.pid_exists(one) for one in running), 5)
    page.context.close()


def test_a_reader_too_many_waits_and_is_let_in(browser: Browser, tmp_path: Path) -> None:
    with served("book/apps/case-explorer.ipynb", tmp_path / "log.txt", OMSNB_PLACES="1") as (
        address,
        process,
    ):
        first = opened(browser, address).page
        assert len(kernels(process)) == 1, "the warm ones keep to the limit"
        second = browser.new_context().new_page()
        answer = second.goto(f"{address}/")
        assert answer is not None and answer.status == 503 and int(answer.headers["retry-after"]) > 0
        expect(second.get_by_role("heading")).to_have_text("All places are taken")
        expect(second.get_by_role("link")).to_have_attribute(
            "href", "http://localhost:8000/book/chapters/cases.html"
        )
        time.sleep(1)
        assert len(kernels(process)) == 1
        first.close(run_before_unload=True)
        expect(answered(second)).to_be_visible(timeout=START)
        assert become(lambda: len(kernels(process)) == 1, 5)
        for page in (first, second):
            page.context.close()


@pytest.mark.parametrize("places", ["0", "many"])
def test_a_number_of_places_that_cannot_be_is_refused(tmp_path: Path, places: str) -> None:
    said = f"OMSNB_PLACES: {places!r} is not allowed; allowed: a whole number from 1 to 120"
    with (
        pytest.raises(
            AssertionError, match=re.escape(said)
        ),  # which holds what the server said before it ended
        served("book/apps/case-explorer.ipynb", tmp_path / "log.txt", OMSNB_PLACES=places),
    ):
        pass
    assert (tmp_path / "log.txt").read_text().strip() == said


@pytest.mark.parametrize("warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize("fault", ["{{ 1 / 0 }}", "{% nope %}"], ids=["division", "syntax"])
def test_a_fault_in_the_template_ends_in_a_sentence(tmp_path: Path, fault: str, warm: bool) -> None:
    folder = tmp_path / "voila"
    shutil.copytree(ROOT / "voila", folder)
    template = folder / "templates" / "omsnb" / "index.html.j2"
    template.write_text(template.read_text().replace("{{ super() }}\n<style>", fault + "<style>"))
    assert fault in template.read_text()
    with served(
        "book/apps/case-explorer.ipynb",
        tmp_path / "log.txt",
        f"--VoilaConfiguration.preheat_kernel={warm}",
        folder=folder,
    ) as (address, _):
        begun = time.monotonic()
        status, text, _ = got(f"{address}/")
        assert time.monotonic() - begun < 25
        assert "This page could not be worked out. Please reload it." in text
        assert status in (200, 500) and "Traceback" not in text and str(tmp_path) not in text
