"""The transport against a real socket: connections that stay open, that break, and answers that are cut short."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from moto import mock_aws

from shared.adapters.aws_json import DYNAMODB, AwsJson
from shared.adapters.aws_settings import EnvironmentCredentials
from shared.adapters.dynamo import DynamoTable
from shared.adapters.http_transport import HttpTransport, NoAnswer
from shared.adapters.proxy import Proxy
from tests.support.moto_wire import KEYS, boto3_client, moto_server

pytestmark = pytest.mark.contract

WHOLE = b"HTTP/1.1 200 OK\r\nX-Amz-Test: A\r\nContent-Length: 2\r\n\r\n{}"
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"
CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"

Behaviour = Callable[[socket.socket, int], bool]
"""What the server does with request number so-and-so; False ends the connection."""


class Server:
    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""


@contextmanager
def serving(behave: Behaviour) -> Iterator[Server]:
    """A server of a few lines: requests are small, so each arrives with its body in one or two pieces."""
    found = Server()
    listening = socket.create_server(("127.0.0.1", 0))
    found.url = f"http://127.0.0.1:{listening.getsockname()[1]}"

    def talk(one: socket.socket) -> None:
        with one:
            received = b""
            while data := one.recv(65536):
                received += data
                head, blank, body = received.partition(b"\r\n\r\n")
                if not blank or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0):
                    continue
                found.requests.append(received)
                received = b""
                if not behave(one, len(found.requests)):
                    return

    def accept() -> None:
        while True:
            try:
                one, _ = listening.accept()
            except OSError:
                return
            found.connections += 1
            threading.Thread(target=talk, args=(one,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield found
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def always(answer: bytes, *, keep: bool = True) -> Behaviour:
    def behave(one: socket.socket, _number: int) -> bool:
        one.sendall(answer)
        return keep

    return behave


def test_a_connection_is_used_again() -> None:
    """Three requests, one connection; header names arrive in small letters."""
    with serving(always(WHOLE)) as server:
        transport = HttpTransport(server.url)
        for _ in range(3):
            answer = transport.post({"Host": transport.host}, b"{}")
        assert (answer.status, answer.headers["x-amz-test"], answer.body) == (200, "A", b"{}")
        assert (server.connections, len(server.requests)) == (1, 3)
        assert server.requests[0].count(b"Host:") == 1


def test_a_connection_that_the_server_closed_is_not_used_again() -> None:
    """With or without ``Connection: close``, the next request takes a new one, and nobody hears of it."""
    for answer in (CLOSING, WHOLE):
        with serving(always(answer, keep=False)) as server:
            transport = HttpTransport(server.url)
            for number in (1, 2, 3):
                assert transport.post({}, b"{}").status == 200
                threading.Event().wait(0.05)  # until the end of the connection has come
                assert server.connections == number


def cut_short(one: socket.socket, _number: int) -> bool:
    one.sendall(CUT)
    return False


def reset(one: socket.socket, _number: int) -> bool:
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    return False


def silent(_one: socket.socket, _number: int) -> bool:
    threading.Event().wait(1.0)
    return False


@pytest.mark.parametrize(
    "behave",
    [
        cut_short, reset, silent, always(b"no HTTP at all\r\n\r\n"), always(b"", keep=False),
        always(b"HTTP/1.1 200 OK", keep=False), always(b"HTTP/1.1 200 OK\r\n", keep=False),
        always(b"HTTP/1.1 200 OK\r\nContent-Le", keep=False), always(b"HTTP/1.1 200 OK\r\nX: y\r\n", keep=False),
    ],
)  # fmt: skip
def test_whatever_breaks_is_no_answer(behave: Behaviour) -> None:
    """An answer whose body or head is cut short, a reset, silence, what is no HTTP; the connection is not kept."""
    with serving(behave) as server:
        transport = HttpTransport(server.url, read_seconds=0.2)
        with pytest.raises(NoAnswer) as lost:
            transport.post({}, b"{}")
        assert lost.value.late == (behave is silent)
        assert not transport._idle


def test_a_length_of_other_digits_is_none() -> None:
    """The answer ends with its connection then."""
    with serving(always(b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n{}", keep=False)) as server:
        assert HttpTransport(server.url).post({}, b"{}").body == b"{}"


def test_nobody_listens() -> None:
    """A refused connection, and a name that does not exist."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for address in (url, "http://nobody.invalid"):
        with pytest.raises(NoAnswer):
            HttpTransport(address).post({}, b"{}")


def test_a_broken_first_answer_is_made_good_by_the_second() -> None:
    """From socket to table: the client's retry is a new connection."""

    def behave(one: socket.socket, number: int) -> bool:
        return cut_short(one, number) if number == 1 else always(WHOLE)(one, number)

    with serving(behave) as server:
        client = AwsJson(
            DYNAMODB, "eu-central-1", HttpTransport(server.url), EnvironmentCredentials(KEYS), sleep=lambda _: None
        )
        assert DynamoTable(client, "t").get("p", "s") is None
        assert server.connections == 2


def test_plain_http_goes_through_the_proxy_as_a_whole_address() -> None:
    """With the proxy's password, which is for the proxy alone."""
    with serving(always(WHOLE)) as server:
        port = int(server.url.rpartition(":")[2])
        proxy = Proxy("127.0.0.1", port, {"Proxy-Authorization": "Basic x"})
        HttpTransport("http://far.example:8000/base", proxy=proxy).post({}, b"{}")
    assert server.requests[0].startswith(b"POST http://far.example:8000/base/ HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic x\r\n" in server.requests[0]


def test_https_asks_the_proxy_for_a_tunnel() -> None:
    """Nothing of the request is seen by the proxy, not even when it refuses."""
    with serving(always(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", keep=False)) as server:
        port = int(server.url.rpartition(":")[2])
        transport = HttpTransport("https://far.example", proxy=Proxy("127.0.0.1", port))
        with pytest.raises(NoAnswer):
            transport.post({"X": "secret"}, b"secret")
    assert [request.partition(b" HTTP")[0] for request in server.requests] == [b"CONNECT far.example:443"]
    assert b"secret" not in server.requests[0]


def test_a_certificate_that_nobody_vouches_for_is_no_answer() -> None:
    """The other side does not speak TLS: nothing is sent in the clear."""
    with serving(always(WHOLE)) as server:
        with pytest.raises(NoAnswer):
            HttpTransport(server.url.replace("http://", "https://"), read_seconds=0.5, connect_seconds=0.5).post(
                {}, b"x"
            )
        assert server.requests == []


@mock_aws
def test_threads_share_a_client() -> None:
    """Eight threads write and read 200 items side by side, and each gets its own answers."""
    client = boto3_client("dynamodb")
    client.create_table(
        TableName="plain",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    with moto_server() as served:
        table = DynamoTable(served, "plain")

        def work(number: int) -> bool:
            item = {"pk": "p", "sk": str(number), "data": "x" * number}
            table.put(item)
            return table.get("p", str(number)) == item

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(work, range(200)))


@pytest.mark.parametrize(
    ("answer", "body", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\n",
         b"abc0123456789", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!", b"!", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok", False),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", b"ok", True),
    ],
)  # fmt: skip
def test_answers_of_every_form(answer: bytes, body: bytes, again: bool) -> None:
    """Chunked, without a body, after a 100, of HTTP/1.0: read whole, and the connection kept where it may be."""
    with serving(always(answer)) as server:
        transport = HttpTransport(server.url)
        assert [transport.post({}, b"x").body for _ in range(2)] == [body, body]
        assert server.connections == (1 if again else 2)


def test_an_answer_that_ends_with_its_connection() -> None:
    """Without a length the end of the connection is the end of the answer."""
    with serving(always(b"HTTP/1.1 200 OK\r\n\r\nwhole", keep=False)) as server:
        assert HttpTransport(server.url).post({}, b"x").body == b"whole"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 2x0 OK\r\n\r\n", b"HTTP/1.1 20\r\n\r\n", b"ICY 200 OK\r\n\r\n", b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200 + b"\r\n", b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000,
    ],
)  # fmt: skip
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    """Whatever the server says, it is an answer or NoAnswer."""
    with serving(always(answer, keep=False)) as server, pytest.raises(NoAnswer):
        HttpTransport(server.url).post({}, b"x")


def test_a_header_cannot_begin_another() -> None:
    """A line break in a value would be a header of somebody else's."""
    with serving(always(WHOLE)) as server, pytest.raises(ValueError, match="line break"):
        HttpTransport(server.url).post({"x": "a\r\nEvil: 1"}, b"x")
