"""One request to a host that somebody else named: over TLS, to public addresses only, within a fixed time.

The name is resolved here and the connection goes to the address that was checked, so that a name cannot lead to another
address a moment later. No redirect is followed, no proxy is used, no connection is kept.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from shared.domain.senders.public_hosts import check_https, is_public

PORT = 443
CONNECT_SECONDS = 3.0
"""For the connection, and the same again for all of the handshake: each part of it alone may be slow for ever."""
MOST_BYTES = 65_536
"""Of an answer; the rest is not read."""
SILENT_SECONDS = 30.0
"""A download that says nothing for so long is given up."""


class NeverLeft(Exception):
    """Nothing of the request was sent: no address, no connection, no trust. The kind, never an address."""


class TooMuch(Exception):
    """The body of the answer is larger than was asked for."""


class NoAnswer(Exception):
    """The request left, wholly or in part, and no whole answer came."""


@dataclass(frozen=True, slots=True)
class HttpsAnswer:
    """Names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Resolve = Callable[[str, int], Sequence[tuple[str, int]]]
"""Addresses and ports of a host."""


def resolve(host: str, port: int) -> list[tuple[str, int]]:
    """As the machine resolves names."""
    return [(str(entry[4][0]), port) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedHttps:
    """Threads may share it.

    Parameters
    ----------
    permitted
        Whether an IP address may be connected to; tests permit loopback.
    resolve
        Gives the addresses of a host; tests name their own server.
    context
        Whom to trust; by default the machine's certificates.
    most_bytes
        Of an answer; the rest is not read.
    """

    def __init__(
        self,
        *,
        permitted: Callable[[str], bool] = is_public,
        resolve: Resolve = resolve,
        context: ssl.SSLContext | None = None,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._most_bytes = most_bytes
        self._permitted = permitted
        self._resolve = resolve
        self._context = context

    def request(self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float) -> HttpsAnswer:
        """Send once and read the answer; all of it takes ``seconds`` at most, beside the connecting, which takes
        twice ``CONNECT_SECONDS`` at most.

        Raises
        ------
        NeverLeft
            If nothing was sent.
        NoAnswer
            If it may have arrived.
        """
        connection = self._connected(url)
        late = threading.Event()
        watch = threading.Timer(seconds, _hang_up, (connection.sock, late))
        watch.daemon = True
        watch.start()
        try:
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.sock.settimeout(seconds)
            connection.request(method, target, body=body, headers={"Connection": "close", **headers})
            response = connection.getresponse()
            body = response.read(self._most_bytes)
            if late.is_set():  # a head that was cut reads like a whole one
                raise NoAnswer("timed_out")
            said = {name.lower(): value for name, value in response.getheaders()}
            return HttpsAnswer(response.status, said, body)
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise NoAnswer(type(broken).__name__) from broken
        finally:
            watch.cancel()
            connection.close()

    def download(
        self, url: str, headers: Mapping[str, str], target: BinaryIO, *, at_most: int, seconds: float
    ) -> HttpsAnswer:
        """GET into a file that is opened for writing; the answer has no body. A body that is compressed with gzip is
        written as it is.

        Raises
        ------
        NeverLeft, NoAnswer
            As ``request``.
        TooMuch
            If the body is larger than ``at_most`` bytes; so much of it is written.
        """
        connection = self._connected(url)
        late = threading.Event()
        watch = threading.Timer(seconds, _hang_up, (connection.sock, late))
        watch.daemon = True
        watch.start()
        try:
            parts = urlsplit(url)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.sock.settimeout(min(seconds, SILENT_SECONDS))
            connection.request("GET", path, headers={"Connection": "close", **headers})
            response = connection.getresponse()
            size = 0
            while piece := response.read(MOST_BYTES):
                size += len(piece)
                if size > at_most:
                    raise TooMuch
                target.write(piece)
            if late.is_set():
                raise NoAnswer("timed_out")
            if response.length:  # fewer bytes came than the head announced
                raise NoAnswer("IncompleteRead")
            return HttpsAnswer(response.status, {name.lower(): value for name, value in response.getheaders()}, b"")
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise NoAnswer(type(broken).__name__) from broken
        finally:
            watch.cancel()
            connection.close()

    def _connected(self, url: str) -> http.client.HTTPConnection:
        """A connection to a permitted address of the host, with the host's name checked by TLS."""
        try:
            host = check_https(url)
            plain = socket.create_connection(self._address(host), timeout=CONNECT_SECONDS)
        except (OSError, ValueError) as broken:  # UnicodeError of a name that cannot be resolved is a ValueError
            raise NeverLeft(type(broken).__name__) from broken
        # Not HTTPSConnection: it reads the machine's certificates for each connection, most of a call's time.
        # The port is said, and is no part of the header Host then: else the end of an IPv6 address is read as one.
        connection = http.client.HTTPConnection(host, http.client.HTTP_PORT)
        connection.sock = self._secured(plain, host)
        return connection

    def _secured(self, plain: socket.socket, host: str) -> ssl.SSLSocket:
        """The connection after the handshake. It is given up after a fixed time, however many signs of life it shows:
        the time-out of a socket is one for each part."""
        late, held = threading.Event(), plain
        try:
            held = secured = self._trusted().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
            watch = threading.Timer(CONNECT_SECONDS, _hang_up, (secured, late))
            watch.daemon = True
            watch.start()
            try:
                secured.do_handshake()
            finally:
                watch.cancel()
            if late.is_set():  # hung up just when it was done
                raise TimeoutError
        except (OSError, ValueError) as broken:
            held.close()
            over = late.is_set() or isinstance(broken, TimeoutError)
            raise NeverLeft("timed_out" if over else type(broken).__name__) from broken
        return secured

    def _address(self, host: str) -> tuple[str, int]:
        """The first address of the host; every one must be permitted, so that no lucky order lets one through."""
        found = self._resolve(host, PORT)
        if not found or not all(self._permitted(address) for address, _ in found):
            raise NeverLeft("address_not_permitted")
        return found[0]

    def _trusted(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context()
        return self._context


def _hang_up(sock: socket.socket, late: threading.Event) -> None:
    """Ends a conversation that takes too long: whoever reads from it reads its end."""
    late.set()
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
