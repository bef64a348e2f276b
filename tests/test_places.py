"""The limit on the explorer's kernels, without a server: who is let in, what is warmed, what is ended."""

from __future__ import annotations

import asyncio
import sys
import types
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "voila"))

places = pytest.importorskip("places")


class Manager:
    """Stands for Voilà's manager: kernels that start after a moment, and a pool that is filled on demand."""

    def __init__(self) -> None:
        self._kernels: dict[str, types.SimpleNamespace] = {}
        self._kernel_connections: dict[str, int] = {}
        self._pools: dict[str, list[asyncio.Task[Any]]] = {}
        self.made = 0
        self.fill_if_needed(notebook_name="n")

    def __contains__(self, kernel: str) -> bool:
        return kernel in self._kernels

    def get_kernel(self, kernel: str) -> types.SimpleNamespace:
        return self._kernels[kernel]

    async def start_kernel(self, **settings: Any) -> str:
        self.made += 1
        name = f"k{self.made}"
        await asyncio.sleep(0.01)
        alive = asyncio.Future[bool]()
        self._kernels[name] = types.SimpleNamespace(is_alive=lambda: not alive.done(), kill=alive.set_result)
        return name

    async def _initialize(self) -> dict[str, str]:
        return {"kernel_id": await Manager.start_kernel(self)}

    def fill_if_needed(self, delay: float = 0, notebook_name: str = "") -> None:
        size = self.kernel_pools_config["default"]["pool_size"]
        pool = self._pools.setdefault(notebook_name, [])
        pool += [asyncio.ensure_future(self._initialize()) for _ in range(size - len(pool))]

    async def get_rendered_notebook(self, notebook_name: str = "n") -> tuple[None, None, str]:
        kernel = (await self._pools[notebook_name].pop(0))["kernel_id"]
        self.fill_if_needed(notebook_name=notebook_name)
        return None, None, kernel

    def notify_connect(self, kernel: str) -> None:
        self._kernel_connections[kernel] = self._kernel_connections.get(kernel, 0) + 1

    async def shutdown_kernel(self, kernel: str, now: bool = False, restart: bool = False) -> None:
        assert now
        del self._kernels[kernel]
        self._pools = {
            name: [task for task in pool if not task.done() or task.result()["kernel_id"] != kernel]
            for name, pool in self._pools.items()
        }


async def made(most: int, spare: int) -> Any:
    """A manager with its pool filled."""
    manager = places.limited(lambda: Manager, most, spare)()()
    await asyncio.sleep(0.05)
    return manager


async def let_in(manager: Any) -> str:
    """A reader as the page lets one in: warm where it can be. Gives the kernel, or an empty text when full."""
    try:
        if manager._pools["n"]:
            return (await manager.get_rendered_notebook())[-1]
        return await manager.start_kernel()
    except places.FullError:
        return ""


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Runs it in a thread of its own: a browser test before this one may have left a loop running in this thread."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


@pytest.mark.slow
@pytest.mark.parametrize(("most", "spare"), [(1, 2), (2, 2), (3, 1), (5, 2), (5, 0), (4, 9)])
@pytest.mark.parametrize("at_once", [True, False])
def test_never_more_readers_or_kernels_than_places(most: int, spare: int, at_once: bool) -> None:
    async def run() -> None:
        manager = await made(most, spare)
        assert len(manager._kernels) == min(most, spare)
        if at_once:
            kernels = await asyncio.gather(*(let_in(manager) for _ in range(most + 3)))
        else:
            kernels = [await let_in(manager) for _ in range(most + 3)]
        await asyncio.sleep(0.05)
        inside = [kernel for kernel in kernels if kernel]
        assert len(set(inside)) == len(inside) == most
        assert all(manager.get_kernel(kernel).last_activity for kernel in inside), (
            "none counts as idle for long"
        )
        assert len(manager._kernels) == most
        await manager.shutdown_kernel(inside[0])
        await manager.look_after()  # which warms one in the free place
        await asyncio.sleep(0.05)
        assert len(manager._kernels) == most - (1 if spare == 0 else 0)
        assert await let_in(manager) and not await let_in(manager)

    finish(run())


def test_a_start_that_fails_gives_its_place_back() -> None:
    async def run() -> None:
        manager = await made(1, 0)
        with pytest.raises(TypeError):
            await manager._let_in(lambda: None)
        assert await let_in(manager)

    finish(run())


def test_a_kernel_without_a_page_is_ended_and_one_with_a_page_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "AWAITED", 0.3)
    monkeypatch.setattr(places, "LEFT", 0.1)

    async def run() -> None:
        manager = await made(9, 1)
        held, left, never = [await let_in(manager) for _ in range(3)]
        manager.notify_connect(held)
        manager.notify_connect(left)
        manager._kernel_connections[left] = 0
        await manager.look_after()
        await asyncio.sleep(0.15)
        await manager.look_after()
        assert (held in manager, left in manager, never in manager) == (True, False, True)
        await asyncio.sleep(0.2)
        await manager.look_after()
        assert (held in manager, never in manager) == (True, False)
        await asyncio.sleep(0.5)
        await manager.look_after()
        assert held in manager and len(manager._kernels) == 2, "and the warm one, which waits for a reader"

    finish(run())


def test_the_dead_give_their_places_back() -> None:
    async def run() -> None:
        manager = await made(3, 1)
        reader = await let_in(manager)
        await asyncio.sleep(0.05)
        for kernel in list(manager._kernels):
            manager.get_kernel(kernel).kill(True)
        await manager.look_after()
        await asyncio.sleep(0.05)
        assert reader not in manager and not manager.readers
        assert len(manager._kernels) == 1 and manager.get_kernel(await let_in(manager)).is_alive()

    finish(run())
