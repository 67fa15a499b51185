"""A provider's server on loopback: it answers as told, stays silent or hangs up, and counts what it was sent."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal


@dataclass(frozen=True)
class WireAnswer:
    """What the server says: an HTTP answer, nothing at all (``silent``), or the end of the connection (``cut``)."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fate: Literal["answer", "silent", "cut"] = "answer"


SILENT, CUT = WireAnswer(fate="silent"), WireAnswer(fate="cut")


@dataclass(frozen=True)
class WireRequest:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Wire:
    url: str
    answer: WireAnswer = field(default_factory=WireAnswer)
    requests: list[WireRequest] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def seen(self, count: int, seconds: float = 10.0) -> int:
        """How many requests came, once there are ``count`` of them or the time is over: on a busy machine a sender
        may stop waiting before the server has read what it sent."""
        deadline = time.monotonic() + seconds
        while len(self.requests) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return len(self.requests)


@contextmanager
def provider_wire(*, tls: ssl.SSLContext | None = None) -> Iterator[Wire]:
    """A server that gives ``wire.answer`` to every request; with ``tls`` by HTTPS. Silent connections end with it."""
    wire = Wire("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            wire.requests.append(WireRequest(self.command, self.path, headers, body))
            said = wire.answer
            if said.fate == "silent":
                wire.over.wait(20)
            if said.fate != "answer":
                self.close_connection = True
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(said.status)
            for name, value in {**said.headers, "content-length": str(len(said.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    wire.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield wire
    finally:
        wire.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
