"""Questions to DNS, against a name server on this machine that answers prepared packets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.doctor import dns
from cli.doctor.dns import Dns, DnsUnavailable

pytestmark = pytest.mark.unit
Answer = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns, "TIMEOUT_SECONDS", 0.3)


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], Dns]]:
    """Starts a name server with this answer to every question."""
    running: list[socket.socket] = []

    def start(answer: Answer) -> Dns:
        served = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        served.bind(("127.0.0.1", 0))
        running.append(served)

        def loop() -> None:
            while True:
                try:
                    question, who = served.recvfrom(4_096)
                    served.sendto(answer(question), who)
                except OSError:
                    return

        threading.Thread(target=loop, daemon=True).start()
        return Dns("127.0.0.1", served.getsockname()[1])

    yield start
    for one in running:
        one.close()


def reply(question: bytes, *records: tuple[int, bytes], code: int = 0) -> bytes:
    """An answer that repeats the question; each record's name points to it."""
    head = question[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(records), 0, 0)
    rest = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for kind, data in records)
    return head + question[12:] + rest


def test_texts_are_joined_and_others_left_out(serve: Callable[[Answer], Dns]) -> None:
    """A text may come in pieces; a name's CNAME in the same answer is no text."""
    pieces = b"\x06v=spf1" + b"\x05 ~all"
    names = serve(lambda question: reply(question, (5, b"\x01a\x00"), (16, pieces), (16, b"\x02hi")))
    assert names.ask("shop.example", "TXT") == ("v=spf1 ~all", "hi")


def test_names_are_read_through_pointers(serve: Callable[[Answer], Dns]) -> None:
    """Of CNAME and MX, in lower case."""
    names = serve(lambda question: reply(question, (5, b"\x03ABC\xc0\x0c")))
    assert names.ask("shop.example", "CNAME") == ("abc.shop.example",)
    names = serve(lambda question: reply(question, (15, b"\x00\x0a\x02mx\xc0\x0c")))
    assert names.ask("shop.example", "MX") == ("mx.shop.example",)


def test_a_name_that_is_not_there_has_no_records(serve: Callable[[Answer], Dns]) -> None:
    """That is an answer; a name server that fails gives none."""
    assert serve(lambda question: reply(question, code=3)).ask("none.example", "TXT") == ()
    assert serve(lambda question: reply(question)).ask("none.example", "TXT") == ()
    with pytest.raises(DnsUnavailable):
        serve(lambda question: reply(question, code=2)).ask("shop.example", "TXT")


def test_silence_and_answers_to_others_are_trouble(serve: Callable[[Answer], Dns]) -> None:
    """Whoever guesses a packet must guess its number, too."""
    forged = serve(lambda question: reply(bytes([question[0] ^ 1]) + question[1:], (16, b"\x02no")))
    with pytest.raises(DnsUnavailable):
        forged.ask("shop.example", "TXT")
    with pytest.raises(DnsUnavailable):
        Dns("127.0.0.1", 9).ask("shop.example", "TXT")
    with pytest.raises(DnsUnavailable):
        serve(lambda question: reply(question, (16, b"\x02ok"))).ask("a" * 70 + ".example", "TXT")


@given(st.binary(max_size=120))
def test_any_packet_is_an_answer_or_trouble(packet: bytes) -> None:
    """It is read to its end or refused; no pointer leads in a circle."""
    try:
        dns._read(b"\x00\x01" + packet, 1, 16)
        dns._read(b"\x00\x01" + packet, 1, 5)
    except (OSError, IndexError, struct.error, UnicodeError):
        pass
