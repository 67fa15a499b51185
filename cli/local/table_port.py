"""A port of the local stack where DynamoDB alone answers, for the functions of the stack.

Through the emulator's own port a read costs seven times what DynamoDB's own code takes for it: routing between a
hundred services, ASGI, and headers that nobody reads. Here a request goes straight to the same code, on the same
event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

Answer = tuple[int, Mapping[str, str], bytes | str]
Handle = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Coroutine[Any, Any, Answer | None]]
"""MiniStack's entry into a service: method, path, headers with names in small letters, body, query. None: no answer
comes, as in an outage."""

HEAD_BYTES = 16 * 1024
BODY_BYTES = 20 * 1024 * 1024
"""Larger than any request that DynamoDB takes (16 MB)."""
_END = b"\r\n\r\n"


class TableProtocol(asyncio.Protocol):
    """One connection: requests of HTTP/1.1, one after the other, each with ``content-length``.

    Parameters
    ----------
    handle
        DynamoDB of the emulator. It must not wait for anything: it is run to its end at once.
    begin
        Told the headers of a connection's first request, and of each with another credential: whose account, which
        region. What it sets in context variables stays for the connection.
    """

    def __init__(self, handle: Handle, begin: Callable[[dict[str, str]], None]) -> None:
        self._handle, self._begin = handle, begin
        self._transport: asyncio.Transport | None = None
        self._data = bytearray()
        self._credential: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP server makes no other
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while self._transport is not None and not self._transport.is_closing():
            end = self._data.find(_END)
            if end < 0:
                if len(self._data) > HEAD_BYTES:
                    self._refuse(431)
                return
            headers = _headers(bytes(self._data[:end]))
            length = headers.get("content-length", "")
            if not (length.isascii() and length.isdigit()) or int(length) > BODY_BYTES:
                self._refuse(413 if length.isascii() and length.isdigit() else 411)
                return
            whole = end + len(_END) + int(length)
            if len(self._data) < whole:
                return
            body = bytes(self._data[end + len(_END) : whole])
            del self._data[:whole]
            self._answer(headers, body)

    def _answer(self, headers: dict[str, str], body: bytes) -> None:
        credential = headers.get("authorization", "").partition(",")[0]
        if credential != self._credential:  # what was said last holds for this connection
            self._begin(headers)
            self._credential = credential
        answer = _finished(self._handle("POST", "/", headers, body, {}))
        if answer is None:
            return
        status, said, content = answer
        payload = content.encode() if isinstance(content, str) else content
        lines = [f"HTTP/1.1 {status} x", f"content-length: {len(payload)}"]
        lines += [f"{name}: {value}" for name, value in said.items() if name.lower() != "content-length"]
        assert self._transport is not None  # noqa: S101 - data came over it
        self._transport.write("\r\n".join(lines).encode("latin-1") + _END + payload)

    def _refuse(self, status: int) -> None:
        assert self._transport is not None  # noqa: S101 - data came over it
        self._transport.write(f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        self._transport.close()


async def serve(handle: Handle, begin: Callable[[dict[str, str]], None]) -> tuple[asyncio.Server, int]:
    """Listens on the loopback interface; the server and its port."""
    server = await asyncio.get_running_loop().create_server(lambda: TableProtocol(handle, begin), "127.0.0.1", 0)
    return server, int(server.sockets[0].getsockname()[1])


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _finished(work: Coroutine[Any, Any, Answer | None]) -> Answer | None:
    """What a coroutine returns that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        found: Answer | None = done.value
        return found
    work.close()
    raise RuntimeError("DynamoDB of the emulator waits for something: it cannot be called at once")
