"""The explorer's door: no kernel for another site, a waiting page when all places are taken, a sentence for a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from html import escape
from typing import Any

import places
import tornado.web
import voila.app
import voila.handler
import voila.voila_kernel_manager
from tornado.iostream import StreamClosedError

PATIENCE = 40.0
"""Seconds that making a page may take; Voilà itself would wait without end."""

RETRY = 5
"""Seconds between two looks of the waiting page."""

BROKEN = '<p role="alert">This page could not be worked out. Please reload it.</p>'

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:;base64,=">{head}<title>{title}</title>
<style>:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}
a {{ display: inline-block; padding: .6rem 0; color: LinkText }}</style></head>
<body><main><h1>{title}</h1>{text}</main></body></html>
"""


class Renderer(voila.handler.NotebookRenderer):
    """Ends a page whose template is at fault with a sentence. Voilà drops the exception, and the page hangs."""

    async def generate_content_generator(self, *given: Any, **named: Any) -> AsyncIterator[tuple[str, Any]]:
        """The page in pieces, as Voilà's."""
        try:
            async for piece in super().generate_content_generator(*given, **named):
                yield piece
        except Exception:
            self.log.exception("The page could not be made")
            yield BROKEN, {}


class Templates(voila.app.TemplateStaticFileHandler):
    """Files of the templates; an address that names none is not found rather than a fault of the server."""

    def parse_url_path(self, url_path: str) -> str:
        """See Tornado's; raises ``HTTPError`` 404."""
        if url_path.split("/")[1:2] != ["static"] or url_path.count("/") < 2:
            raise tornado.web.HTTPError(404)
        return super().parse_url_path(url_path)


class NotFound(tornado.web.RequestHandler):
    """Stands for a socket of Voilà's over which a notebook may ask who its reader is; ours asks nothing."""

    def prepare(self) -> None:
        """Always raises ``HTTPError`` 404."""
        raise tornado.web.HTTPError(404)

    @staticmethod
    def send_updates(word: Any) -> None:
        """Voilà would keep each request's address and host for it, as long as the server runs."""


class Door(voila.app.TornadoVoilaHandler):
    """The explorer's page, for those who come in by the door. ``most`` and ``manual`` are set by ``install``."""

    most = 0
    manual = ""
    left = False

    @tornado.web.authenticated
    async def get(self, path: str | None = None) -> None:
        """The page; 403 and no kernel for another site, 503 when full, 404 for any other address."""
        if path:
            self.answer(404, "There is no such page", '<p><a href="/">Open the explorer</a></p>')
        elif not welcome(self.request.headers):
            # a link on another site leads here too: a press on a link of our own is what opens the explorer
            self.answer(
                403, "The explorer", '<p>Another site led here. <a href="/">Open the explorer</a></p>'
            )
        else:
            try:
                await asyncio.wait_for(self.send_page(), PATIENCE)
            except places.FullError:
                self.set_header("Retry-After", str(RETRY))
                self.answer(
                    503,
                    "All places are taken",
                    self.waiting(),
                    f'<meta http-equiv="refresh" content="{RETRY}">',
                )
            except StreamClosedError:
                self.log.info("The reader left before the page was there")
            except Exception:
                self.log.exception("The page could not be made")
                if self._headers_written:
                    self.finish(BROKEN)
                else:
                    self.answer(500, "The explorer", BROKEN)

    async def send_page(self) -> None:
        """Sends the page piece by piece. When that fails, or nobody waits for it, its kernel is ended."""
        manager, request = self.kernel_manager, {}
        places.visit.set(request)
        done = False
        try:
            async for html in self.get_generator():
                if self.left:
                    raise StreamClosedError
                self.write(html)
                await self.flush()
            done = True
        finally:
            if not done and request.get("kernel") in manager:
                manager.end_soon(request["kernel"])

    def should_use_rendered_notebook(self, notebook_data: Any, pool_size: int, *rest: Any) -> bool:
        """A warm kernel whenever there is one; words of the address choose no template here."""
        return pool_size > 0

    def on_connection_close(self) -> None:
        """The reader left."""
        self.left = True

    def waiting(self) -> str:
        """What the waiting page says."""
        return (
            f"<p>The explorer serves {self.most} at once. This page looks for a free place every {RETRY} seconds; the "
            "answers that you gave in this tab are kept.</p><p>The manual asks the same questions and needs no place: "
            f'<a href="{escape(self.manual)}">the worksheet in the manual</a>.</p>'
        )

    def answer(self, status: int, title: str, text: str, head: str = "") -> None:
        """Sends a page of a few words."""
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(PAGE.format(title=title, text=text, head=head))

    def write_error(self, status_code: int, **more: Any) -> None:
        """A sentence; the stock page wants a template that this server has not."""
        self.answer(status_code, "The explorer", f"<p>{escape(self._reason)}.</p>")


def welcome(headers: Mapping[str, str]) -> bool:
    """Whether a request may open the explorer: a page that a reader opens, by an address or by a link of this host.

    A browser says in ``Sec-Fetch-…`` who asks and for what; another site, a picture, a frame, a script or a page
    fetched in advance gets no kernel. What sends no such words is no browser, and no other site can send it.
    """
    return (
        headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin", "same-site")
        and headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and headers.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in headers.get("Sec-Purpose", headers.get("Purpose", ""))
    )


def install(most: int, spare: int, manual: str) -> None:
    """Puts the door before Voilà's page; for the configuration file, which runs before Voilà makes its handlers.

    ``most``: kernels at once; ``spare``: those kept warm; ``manual``: address of the manual's page with the worksheet.
    """
    Door.most, Door.manual = most, manual
    voila.app.TornadoVoilaHandler = Door
    voila.app.TemplateStaticFileHandler = Templates
    voila.app.RequestInfoSocketHandler = voila.handler.RequestInfoSocketHandler = NotFound
    voila.app.voila_kernel_manager_factory = places.limited(
        voila.app.voila_kernel_manager_factory, most, spare
    )
    voila.handler.NotebookRenderer = voila.voila_kernel_manager.NotebookRenderer = Renderer
