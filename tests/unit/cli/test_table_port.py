"""DynamoDB at a port of its own: whole requests, in pieces or several at once, and nothing that is no request."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cli.local.outage import ERRORS, NONE, SILENCE, Outage
from cli.local.table_port import HEAD_BYTES, serve
from shared.adapters.http_transport import HttpTransport

pytestmark = pytest.mark.unit


class Dynamo:
    """Answers with what it was asked; remembers whose requests began."""

    def __init__(self) -> None:
        self.regions: list[str] = []

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[int, dict[str, str], bytes]:
        said = f"{method} {path} {headers['x-amz-target']} ".encode() + body
        return (400 if body == b"bad" else 200), {"x-amz-crc32": "7"}, said

    def begin(self, headers: dict[str, str]) -> None:
        self.regions.append(headers.get("authorization", ""))


def exchange(pieces: list[bytes], dynamo: Dynamo | None = None) -> bytes:
    """What the server answers to these pieces; the connection is closed after them."""
    found = dynamo or Dynamo()

    async def run() -> bytes:
        server, port = await serve(found.handle, found.begin)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        server.close()
        return answer

    return asyncio.run(run())


def request(body: bytes, target: str = "DynamoDB_20120810.GetItem") -> bytes:
    return f"POST / HTTP/1.1\r\nX-Amz-Target: {target}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def answered(body: bytes, status: int = 200) -> bytes:
    said = b"POST / DynamoDB_20120810.GetItem " + body
    return f"HTTP/1.1 {status} x\r\ncontent-length: {len(said)}\r\nx-amz-crc32: 7\r\n\r\n".encode() + said


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_requests_come_in_any_pieces(size: int) -> None:
    """Two requests on one connection, cut anywhere, are answered in order; a refusal is an answer like any other."""
    whole = request(b'{"a": "\xc3\xa7"}') + request(b"bad")
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert exchange(pieces) == answered(b'{"a": "\xc3\xa7"}') + answered(b"bad", 400)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n", 413),
        (b"x" * (HEAD_BYTES + 1), 431),
    ],
)
def test_what_is_no_request_ends_the_connection(data: bytes, status: int) -> None:
    """Nothing is guessed, and nothing grows without bound."""
    assert exchange([data]).startswith(f"HTTP/1.1 {status} ".encode())


def test_our_own_client_speaks_to_it() -> None:
    """The transport of the functions keeps its connection, and whose request it is is told before each."""
    dynamo = Dynamo()

    async def run() -> list[bytes]:
        server, port = await serve(dynamo.handle, dynamo.begin)
        transport = HttpTransport(f"http://127.0.0.1:{port}")
        headers = {"x-amz-target": "T.GetItem", "authorization": "me"}
        answers = [await asyncio.to_thread(transport.post, headers, body) for body in (b"1", b"22")]
        server.close()
        return [answer.body for answer in answers]

    assert asyncio.run(run()) == [b"POST / T.GetItem 1", b"POST / T.GetItem 22"]
    assert dynamo.regions == ["me"]  # once for the connection


def test_a_length_of_other_digits_is_refused() -> None:
    """``²`` counts as a digit in Python, and is none in HTTP."""
    assert exchange([b"POST / HTTP/1.1\r\ncontent-length: \xb2\r\n\r\n{}"]).startswith(b"HTTP/1.1 411 ")


def test_an_outage_is_met_by_every_request_until_it_ends() -> None:
    """With errors each is answered with 500, in silence none is; what comes after the end is answered as ever."""
    outage = Outage()

    class Faulty(Dynamo):
        async def handle(  # type: ignore[override]
            self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> tuple[int, dict[str, str], bytes] | None:
            if outage.kind != NONE:
                return outage.answer()
            return await super().handle(method, path, headers, body, query)

    outage.begin(ERRORS)
    refused = exchange([request(b"a")], Faulty())
    assert refused.startswith(b"HTTP/1.1 500 x\r\n")
    assert b"InternalServerError" in refused
    outage.begin(SILENCE)
    assert exchange([request(b"a"), request(b"b")], Faulty()) == b""
    assert outage.begin(NONE) == {"kind": NONE, "met": {ERRORS: 1, SILENCE: 2}}
    assert exchange([request(b"a")], Faulty()) == answered(b"a")
    with pytest.raises(ValueError, match="flood"):
        outage.begin("flood")
