"""The kernels of the explorer: so many at once, a few warm before a reader comes, none kept without a reader."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server._tz import utcnow
from tornado.ioloop import PeriodicCallback

AWAITED = 30.0
"""Seconds in which a page that was sent must have opened its socket; a crawler or a page that was left never does."""

LEFT = 12.0
"""Seconds that a kernel outlives the last socket to it: a tab that ended without a farewell."""

visit: ContextVar[dict[str, str] | None] = ContextVar("visit", default=None)
"""The request that is being answered; its kernel's id is put in under ``kernel``."""


class FullError(Exception):
    """Every place is taken."""


def limited(factory: Callable[..., type], most: int, spare: int) -> Callable[..., type]:
    """Voilà's factory of kernel managers, for one that keeps a limit.

    ``most``: kernels at once, warm ones included, 1 or more. ``spare``: kernels kept warm while there is room. Readers
    come first: warm kernels are started only in places that no reader holds.
    """

    def make(*given: Any, **named: Any) -> type:
        base: Any = factory(*given, **named)

        class Places(base):
            """Counts readers, fills the pool within the limit and ends kernels that nobody holds."""

            def __init__(self, **settings: Any) -> None:
                self.readers: set[str] = set()
                self.coming = 0  # readers who were let in and have no kernel yet
                self.met: set[str] = set()
                self.alone: dict[str, float] = {}
                self.ending: set[asyncio.Future[None]] = set()
                super().__init__(**settings)
                self.round = PeriodicCallback(self.look_after, 2000)
                self.round.start()

            async def _let_in(self, start: Any) -> Any:
                # checked and counted without a pause between, so that two readers cannot have the last place
                if len(self.readers) + self.coming >= most:
                    raise FullError
                self.coming += 1
                try:
                    started = await start()
                    kernel = started if isinstance(started, str) else started[-1]
                    self.readers.add(kernel)
                    # one that was warm for long would otherwise count as idle for long
                    self.get_kernel(kernel).last_activity = utcnow()
                finally:
                    self.coming -= 1
                request = visit.get()
                if request is not None:
                    request["kernel"] = kernel
                return started

            async def start_kernel(self, **settings: Any) -> str:
                """A cold kernel for a reader; the pool starts its own beneath this. Raises ``FullError``."""
                return await self._let_in(lambda: ensure_async(base.start_kernel(self, **settings)))

            async def get_rendered_notebook(self, *given: Any, **named: Any) -> Any:
                """A warm kernel and its page for a reader. Raises ``FullError``."""
                return await self._let_in(lambda: base.get_rendered_notebook(self, *given, **named))

            def fill_if_needed(self, *given: Any, **named: Any) -> None:
                """Warms kernels in the places that are free."""
                free = most - len(self.readers) - self.coming
                self.kernel_pools_config = {"default": {"pool_size": max(0, min(spare, free))}}
                super().fill_if_needed(*given, **named)

            async def shutdown_kernel(self, kernel_id: str, now: bool = False, restart: bool = False) -> None:
                """Ends a kernel at once: it holds nothing to be saved, and one that hangs would not listen."""
                for kept in (self.readers, self.met):
                    kept.discard(kernel_id)
                self.alone.pop(kernel_id, None)
                await ensure_async(super().shutdown_kernel(kernel_id, now=True, restart=restart))

            async def _is_dead(self, kernel: str) -> bool:
                return kernel not in self or not await ensure_async(self.get_kernel(kernel).is_alive())

            async def drop_dead(self) -> None:
                """Takes kernels that died while they waited out of the pool."""
                for pool in getattr(self, "_pools", {}).values():
                    for task in [task for task in pool if task.done()]:
                        failed = task.cancelled() or task.exception() is not None
                        kernel = "" if failed else task.result()["kernel_id"]
                        if not failed and not await self._is_dead(kernel):
                            continue
                        if task in pool:
                            pool.remove(task)
                        if kernel in self:
                            await self._end(kernel)

            def notify_connect(self, kernel_id: str) -> None:
                """A page has opened its socket."""
                self.met.add(kernel_id)
                super().notify_connect(kernel_id)

            def end_soon(self, kernel: str) -> None:
                """Ends a kernel without making the caller wait."""
                task = asyncio.ensure_future(self._end(kernel))
                self.ending.add(task)
                task.add_done_callback(self.ending.discard)

            async def _end(self, kernel: str) -> None:
                try:
                    await self.shutdown_kernel(kernel)
                except Exception:
                    self.log.warning("Kernel %s could not be ended", kernel, exc_info=True)

            async def look_after(self) -> None:
                """Ends what died and what nobody holds, and fills the pool again."""
                await self.drop_dead()
                now = time.monotonic()
                for kernel in list(self.readers):
                    if self._kernel_connections.get(kernel, 0) > 0:
                        self.alone.pop(kernel, None)
                        since = now
                    else:
                        since = self.alone.setdefault(kernel, now)
                    patience = LEFT if kernel in self.met else AWAITED
                    if kernel not in self:
                        self.readers.discard(kernel)
                    elif now - since > patience or await self._is_dead(kernel):
                        await self._end(kernel)
                for notebook in list(getattr(self, "_pools", {})):
                    self.fill_if_needed(delay=0, notebook_name=notebook)

            async def shutdown_all(self, *given: Any, **named: Any) -> None:
                """Ends every kernel, the warm ones too; those still starting are waited for."""
                self.round.stop()
                await ensure_async(super().shutdown_all(*given, **named))

        return Places

    return make
