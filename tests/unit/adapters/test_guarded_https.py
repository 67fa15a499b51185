"""Requests to hosts that somebody else named reach public addresses only, once, within a time."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from functools import partial

import pytest

from shared.adapters.guarded_https import GuardedHttps, NeverLeft, NoAnswer
from tests.support.certificates import contexts
from tests.support.https_sender_cases import guarded
from tests.support.provider_wire import Wire, WireAnswer, provider_wire

pytestmark = pytest.mark.unit

URL = "https://sms.example.com/send?a=b"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with provider_wire(tls=contexts()[0]) as made:
        yield made


def _found(addresses: list[tuple[str, int]], _host: str, _port: int) -> list[tuple[str, int]]:
    return addresses


def post(https: GuardedHttps, url: str = URL) -> int:
    return https.request("POST", url, {"X-A": "1"}, b"body", seconds=1).status


def test_a_request_arrives_whole(wire: Wire) -> None:
    """Method, path with query, headers and body; the host is the one that was named."""
    assert post(guarded(wire.url)) == 200
    (request,) = wire.requests
    assert (request.method, request.path, request.body) == ("POST", "/send?a=b", b"body")
    assert (request.headers["host"], request.headers["x-a"]) == ("sms.example.com", "1")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:127.0.0.1"])
def test_a_name_that_leads_inside_is_not_called(wire: Wire, address: str) -> None:
    """A public name may resolve to a private address: nothing is sent, even if another address is public."""
    port = int(wire.url.rpartition(":")[2])
    for found in ([(address, port)], [("93.184.215.14", port), (address, port)]):
        https = GuardedHttps(resolve=partial(_found, found), context=contexts()[1])
        with pytest.raises(NeverLeft, match="address_not_permitted"):
            post(https)
    assert wire.requests == []


def test_a_name_is_resolved_once(wire: Wire) -> None:
    """The connection goes to the address that was checked, whatever the name leads to a moment later."""
    port = int(wire.url.rpartition(":")[2])
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[tuple[str, int]]:
        asked.append(host)
        return [("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port)]

    https = GuardedHttps(permitted=lambda address: address == "127.0.0.1", resolve=resolve, context=contexts()[1])
    assert post(https) == 200
    assert asked == ["sms.example.com"]


def test_a_host_may_be_an_address_of_ipv6(wire: Wire) -> None:
    """Its end is no port."""
    port = int(wire.url.rpartition(":")[2])
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    https = GuardedHttps(permitted=lambda _: True, resolve=partial(_found, [("127.0.0.1", port)]), context=anybody)
    assert post(https, "https://[2a00:1450:4001::abcd]/send") == 200
    assert wire.requests[0].headers["host"] == "[2a00:1450:4001::abcd]"


def test_a_stranger_with_another_certificate_gets_nothing(wire: Wire) -> None:
    """Neither an unknown issuer nor another host's certificate is believed; the body stays here."""
    port = int(wire.url.rpartition(":")[2])
    unknown = GuardedHttps(
        permitted=lambda _: True,
        resolve=lambda _h, _p: [("127.0.0.1", port)],
        context=ssl.create_default_context(),
    )
    with pytest.raises(NeverLeft):
        post(unknown)
    with pytest.raises(NeverLeft):
        post(guarded(wire.url), "https://other.example.com/")
    assert wire.requests == []


def test_no_redirect_is_followed(wire: Wire) -> None:
    """An answer that points elsewhere is an answer."""
    wire.answer = WireAnswer(302, headers={"location": "https://169.254.169.254/"})
    assert post(guarded(wire.url)) == 302
    assert len(wire.requests) == 1


def test_a_server_that_answers_byte_by_byte_is_left() -> None:
    """A byte now and then keeps no function busy: the whole answer has its time."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        try:
            with contexts()[0].wrap_socket(server.accept()[0], server_side=True) as connection:
                connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.2):
                    connection.sendall(b"X-Slow: 1\r\n")
        except OSError:
            return

    thread = threading.Thread(target=drip)
    thread.start()
    begun = time.monotonic()
    try:
        with pytest.raises(NoAnswer):
            guarded(f"https://127.0.0.1:{server.getsockname()[1]}").request("POST", URL, {}, b"x", seconds=0.5)
    finally:
        over.set()
        thread.join()
        server.close()
    assert time.monotonic() - begun < 10


def test_a_long_answer_is_cut(wire: Wire) -> None:
    """No more than 64 KB of an answer are read."""
    wire.answer = WireAnswer(200, b"x" * 300_000)
    assert len(guarded(wire.url).request("POST", URL, {}, b"x", seconds=2).body) == 65_536


def test_a_handshake_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then, before there is any trust: nothing of the request has left."""
    monkeypatch.setattr("shared.adapters.guarded_https.CONNECT_SECONDS", 0.6)
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection = server.accept()[0]
        with connection:
            try:
                connection.sendall(b"\x16\x03\x03\x3f\xff")  # a record of 16 KB, of which the rest comes in years
                while not over.wait(0.1):
                    connection.sendall(b"\x02")
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    begun = time.monotonic()
    try:
        with pytest.raises(NeverLeft, match="timed_out"):
            post(guarded(f"https://127.0.0.1:{server.getsockname()[1]}"))
        assert time.monotonic() - begun < 5
    finally:
        over.set()
        server.close()
        thread.join(5)
