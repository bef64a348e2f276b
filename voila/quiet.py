"""What the kernel's socket tells a page: the answers, and of a fault one sentence, never a traceback or a path."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

SENTENCE = "This could not be worked out. Please start again."


class Quiet(ZMQChannelsWebsocketConnection):
    """The socket between a page and its kernel.

    A kernel tells of a fault in three ways: as ``error``, as a reply whose status is an error, and as text on its
    standard error, which is where ipykernel puts a traceback of a widget message that it could not handle. The
    server's own ``allow_tracebacks`` covers the first alone. Each goes to the server's terminal instead.
    """

    def connect(self) -> Any:
        """Small messages leave at once: waiting to fill a packet costs up to 40 ms an answer."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()

    def _on_error(self, channel: str | None, msg: dict[str, Any], msg_list: list[Any]) -> None:
        """The hook of the server through which each message from the kernel goes before it is sent."""
        msg["header"] = self.get_part("header", msg["header"], msg_list)
        kind = msg["header"]["msg_type"]
        if kind not in ("error", "stream") and not kind.endswith("_reply"):
            return
        msg["content"] = content = self.get_part("content", msg["content"], msg_list)
        if kind == "stream":
            self.log.warning("Kernel %s wrote: %s", self.kernel_id, content.get("text", ""))
            quiet = {"name": content.get("name", "stderr"), "text": SENTENCE}
        elif kind == "error" or content.get("status") in ("error", "aborted", "abort"):
            self.log.warning("Kernel %s: %s", self.kernel_id, "\n".join(content.get("traceback") or ()))
            quiet = {"ename": "Fault", "evalue": SENTENCE, "traceback": []}
            if kind != "error":
                quiet["status"] = "error"
        else:
            return
        content.clear()
        content.update(quiet)
        if self.subprotocol == "v1.kernel.websocket.jupyter.org":
            msg_list[3] = self.session.pack(content)
