"""A download goes into a file, bounded in size and time."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from shared.adapters.guarded_https import GuardedHttps, NeverLeft, NoAnswer, TooMuch
from tests.support.certificates import contexts
from tests.support.https_sender_cases import guarded
from tests.support.provider_wire import CUT, SILENT, Wire, WireAnswer, provider_wire

pytestmark = pytest.mark.contract
URL = "https://sms.example.com/feed.xml?lang=tr"


@pytest.fixture
def wire() -> Iterator[Wire]:
    with provider_wire(tls=contexts()[0]) as made:
        yield made


def test_a_body_is_written_whole(wire: Wire) -> None:
    """Larger than one piece, with the headers of the answer; the question keeps its address and headers."""
    body = b"0123456789" * 30_000
    wire.answer = WireAnswer(200, body, {"ETag": '"v1"'})
    target = io.BytesIO()
    answer = guarded(wire.url).download(URL, {"if-none-match": '"v0"'}, target, at_most=400_000, seconds=20)
    assert (answer.status, answer.headers["etag"], target.getvalue()) == (200, '"v1"', body)
    assert (wire.requests[0].method, wire.requests[0].path) == ("GET", "/feed.xml?lang=tr")
    assert wire.requests[0].headers["if-none-match"] == '"v0"'


def test_a_body_that_is_too_large_is_given_up(wire: Wire) -> None:
    wire.answer = WireAnswer(200, b"x" * 200_000)
    target = io.BytesIO()
    with pytest.raises(TooMuch):
        guarded(wire.url).download(URL, {}, target, at_most=100_000, seconds=20)
    assert len(target.getvalue()) <= 100_000


def test_silence_and_a_cut_are_no_answer(wire: Wire) -> None:
    for fate in (SILENT, CUT):
        wire.answer = fate
        with pytest.raises(NoAnswer):
            guarded(wire.url).download(URL, {}, io.BytesIO(), at_most=1_000, seconds=1)


def test_a_private_address_is_never_connected_to(wire: Wire) -> None:
    port = int(wire.url.rpartition(":")[2])
    https = GuardedHttps(resolve=lambda _host, _port: [("127.0.0.1", port)], context=contexts()[1])
    with pytest.raises(NeverLeft, match="address_not_permitted"):
        https.download(URL, {}, io.BytesIO(), at_most=1_000, seconds=5)
    assert wire.requests == []
