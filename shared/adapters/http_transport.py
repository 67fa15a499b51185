"""HTTP/1.1 to one address, with connections that are kept open: what is below our own requests to AWS.

Python's own ``http.client`` and a small pool: urllib3 costs twice the processor time of a request, and five times the
import (docs/decisions/2026-11-27-a-lean-wire.md).
"""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from typing import IO
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from shared.adapters.proxy import Proxy

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
LINE_BYTES, MOST_HEADERS = 65_536, 100
"""Of an answer's head, as ``http.client`` has them."""
KEPT_OPEN = 16
"""Idle connections that are kept; more may be in use at a time."""


class NoAnswer(Exception):
    """The connection failed, or the answer broke off. ``late`` if time ran out."""

    def __init__(self, kind: str, *, late: bool = False) -> None:
        super().__init__(kind)
        self.late = late


class HttpAnswer(Struct, frozen=True):
    """``headers`` by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Connection:
    """An open connection. ``http.client`` makes it (TLS, the tunnel of a proxy); what goes over it is read here: making
    its objects for each answer, and parsing heads as e-mail has them, takes half of a request's time."""

    def __init__(self, made: http.client.HTTPConnection) -> None:
        self._made = made
        self.sock: socket.socket = made.sock
        self._answers: IO[bytes] = self.sock.makefile("rb")

    def exchange(self, head: bytes, body: bytes) -> tuple[HttpAnswer, bool]:
        """The answer, and whether the connection may be used again."""
        self.sock.sendall(head + body)
        version, status = _read_status(self._answers)
        while status == http.client.CONTINUE:
            _read_lines(self._answers)
            version, status = _read_status(self._answers)
        headers = _Headers(_read_lines(self._answers))
        kept = headers.get("connection", "close" if version == "HTTP/1.0" else "keep-alive").lower() == "keep-alive"
        length = headers.get("content-length", "")
        if status in {http.client.NO_CONTENT, http.client.NOT_MODIFIED}:
            return HttpAnswer(status, headers, b""), kept
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return HttpAnswer(status, headers, _read_chunks(self._answers)), kept
        if length.isascii() and length.isdigit():
            return HttpAnswer(status, headers, _read(self._answers, int(length))), kept
        return HttpAnswer(status, headers, self._answers.read()), False  # it ends with the connection

    def close(self) -> None:
        self._answers.close()
        self._made.close()


def _read_status(answers: IO[bytes]) -> tuple[str, int]:
    line = answers.readline(LINE_BYTES + 1).decode("latin-1")
    if not line:
        raise http.client.RemoteDisconnected("closed without an answer")
    version, _, rest = line.partition(" ")
    status = rest[:3]
    if not version.startswith("HTTP/1.") or len(status) != 3 or not (status.isascii() and status.isdigit()):
        raise http.client.BadStatusLine("no status line")
    return version, int(status)


def _read(answers: IO[bytes], size: int) -> bytes:
    data = answers.read(size)
    if len(data) < size:
        raise http.client.IncompleteRead(data, size - len(data))
    return data


def _read_chunks(answers: IO[bytes]) -> bytes:
    parts: list[bytes] = []
    while True:
        line = answers.readline(LINE_BYTES + 1).partition(b";")[0].strip()
        if not line or not all(sign in b"0123456789abcdefABCDEF" for sign in line):
            raise http.client.IncompleteRead(b"".join(parts))
        size = int(line, 16)
        if size == 0:
            _read_lines(answers)  # trailers
            return b"".join(parts)
        parts.append(_read(answers, size))
        if answers.readline(3) not in {b"\r\n", b"\n"}:
            raise http.client.IncompleteRead(b"".join(parts))


class _Headers(dict[str, str]):
    """Headers by their names in small letters; of several of one name the last counts."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        pairs = (line.decode("latin-1").partition(":") for line in lines)
        super().__init__((name.strip().lower(), value.strip()) for name, _, value in pairs)


def _read_lines(head: IO[bytes]) -> list[bytes]:
    lines = []
    while (line := head.readline(LINE_BYTES + 1)) not in {b"\r\n", b"\n"}:
        if not line:
            raise http.client.IncompleteRead(b"")  # a head that is cut says nothing: its body would seem empty
        if len(line) > LINE_BYTES:
            raise http.client.LineTooLong("header line")
        lines.append(line)
        if len(lines) > MOST_HEADERS:
            raise http.client.HTTPException("more than 100 headers")
    return lines


class HttpTransport:
    """Posts to one address. Threads may share it.

    Parameters
    ----------
    endpoint
        Scheme, host, port and path; without scheme ``http`` or ``https`` it is refused with ValueError.
    ca_bundle
        A file of certificates to believe, for ``https``.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        ca_bundle: str | None = None,
        proxy: Proxy | None = None,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self._url = urlsplit(endpoint)
        if self._url.scheme not in {"http", "https"} or not self._url.hostname:
            raise ValueError(f"the address {endpoint!r} must begin with http:// or https://")
        self.host = host_header(self._url)
        self.path = (self._url.path.rstrip("/") or "") + "/"
        self._port = self._url.port or (443 if self._url.scheme == "https" else 80)
        self._proxy = proxy
        forwarded = proxy if proxy and self._url.scheme == "http" else None
        self._target = f"http://{self.host}{self.path}" if forwarded else self.path
        self._proxy_headers = forwarded.headers if forwarded else {}
        self._ca_bundle = ca_bundle
        self._context: ssl.SSLContext | None = None
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._idle: deque[_Connection] = deque()
        self._lock = threading.Lock()

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        """Send one request and read its whole answer.

        Raises
        ------
        NoAnswer
            Whatever goes wrong below HTTP. The server may have acted all the same.
        """
        said = {"Accept-Encoding": "identity", "Content-Length": str(len(body)), **headers, **self._proxy_headers}
        if "Host" not in said:
            said["Host"] = self.host
        lines = [f"POST {self._target} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header holds a line break")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        connection = None
        try:
            connection = self._connection()
            answer, kept = connection.exchange(head, body)
        except (OSError, http.client.HTTPException) as broken:
            if connection is not None:
                connection.close()
            raise NoAnswer(type(broken).__name__, late=isinstance(broken, TimeoutError)) from broken
        except BaseException:
            if connection is not None:
                connection.close()  # half an answer in it would be taken for the next request's
            raise
        if kept and len(self._idle) < KEPT_OPEN:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _connection(self) -> _Connection:
        """An idle connection that the server has not closed, the last used first, or a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return self._connected()
            if not _readable(connection.sock):
                return connection
            connection.close()

    def _connected(self) -> _Connection:
        address = (self._proxy.host, self._proxy.port) if self._proxy else (str(self._url.hostname), self._port)
        made: http.client.HTTPConnection
        if self._url.scheme == "https":
            made = http.client.HTTPSConnection(*address, timeout=self._connect_seconds, context=self._tls())
            if self._proxy:
                made.set_tunnel(str(self._url.hostname), self._port, self._proxy.headers)
        else:
            made = http.client.HTTPConnection(*address, timeout=self._connect_seconds)
        made.connect()
        made.sock.settimeout(self._read_seconds)
        return _Connection(made)

    def _tls(self) -> ssl.SSLContext:
        with self._lock:
            if self._context is None:
                self._context = ssl.create_default_context(cafile=self._ca_bundle)
            return self._context


def host_header(url: SplitResult) -> str:
    """``Host`` as it is sent and signed: the port only where it is not the scheme's own."""
    name = str(url.hostname)
    host = f"[{name}]" if ":" in name else name
    return host if url.port in {None, 443 if url.scheme == "https" else 80} else f"{host}:{url.port}"


def _readable(sock: socket.socket) -> bool:
    """An idle connection with something to read has been closed by the server."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
