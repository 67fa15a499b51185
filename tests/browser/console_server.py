"""The console over tables in memory, behind a socket of the loopback interface, for a real browser."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from functions.console.api import route
from shared.domain.identity.console_link import PATH, ConsoleLinks
from shared.http.request import read_request
from tests.unit.console.console_world import SECRET, ConsoleWorld

LOCAL = "http://127.0.0.1/console"


class Console:
    """``link`` is an address that signs in with a role."""

    def __init__(self, world: ConsoleWorld, address: str) -> None:
        self.world = world
        self.address = address
        self.rest: threading.Event | None = None
        self.first_part = 0.0

    @contextmanager
    def in_two_parts(self, first_part: float) -> Iterator[threading.Event]:
        """Pages come in two parts, as over a slow line: the second one when the event is set."""
        self.rest, self.first_part = threading.Event(), first_part
        try:
            yield self.rest
        finally:
            self.rest.set()
            self.rest = None

    def link(self, role: str) -> str:
        return self.address + PATH + ConsoleLinks(SECRET).make("deniz", role, self.world.wall.now())


@contextmanager
def served(world: ConsoleWorld) -> Iterator[Console]:
    """Requests come as API Gateway hands them on."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            answer = route(read_request(self._event(method, body)), lambda: world.console)
            raw = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
            self.send_response(answer["statusCode"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            for cookie in answer.get("cookies", []):
                self.send_header("set-cookie", cookie)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            rest = console.rest if answer["headers"]["content-type"].startswith("text/html") else None
            cut = int(len(raw) * console.first_part) if rest else len(raw)
            self.wfile.write(raw[:cut])
            if rest:
                rest.wait(60)
                self.wfile.write(raw[cut:])

        def _event(self, method: str, body: bytes) -> dict[str, Any]:
            parts = urlsplit(self.path)
            given = {name.lower(): value for name, value in self.headers.items() if name.lower() != "cookie"}
            if console.rest:
                given.pop("accept-encoding", None)  # half of a packed page shows nothing
            return {
                "rawPath": parts.path,
                "requestContext": {"http": {"method": method}, "stage": "$default"},
                "headers": given,
                "cookies": [part.strip() for part in (self.headers.get("cookie") or "").split(";") if part.strip()],
                "queryStringParameters": dict(parse_qsl(parts.query, keep_blank_values=True)),
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            }

        def log_message(self, *_: Any) -> None:
            """Nothing: the test says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    console = Console(world, f"http://127.0.0.1:{server.server_port}")
    thread.start()
    try:
        yield console
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
