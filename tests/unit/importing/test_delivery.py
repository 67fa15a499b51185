"""One batch and an endpoint that is busy, silent, wrong, or refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from cli.failure import Failure, WrongUse
from cli.importing.delivery import PATIENCE_SECONDS, Abandoned, Delivery
from cli.importing.endpoint import Answer, endpoint

pytestmark = pytest.mark.unit


class World:
    """Answers in turn (the last one for ever), and a clock that pauses move."""

    def __init__(self, *answers: Answer, stop_after: int = 10**9) -> None:
        self.answers = list(answers)
        self.sent: list[list[int]] = []
        self.pauses: list[float] = []
        self.stop_after = stop_after

    def post(self, body: bytes) -> Answer:
        self.sent.append(json.loads(body)["batch"])
        given = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return given if given.status != 200 or given.body else took(len(self.sent[-1]))

    def now(self) -> float:
        return sum(self.pauses)

    def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        return len(self.pauses) >= self.stop_after

    def deliver(self, count: int = 3) -> dict[int, str]:
        return Delivery(self.post, self).deliver([str(number).encode() for number in range(count)])


def took(accepted: int, *refused: tuple[int, str]) -> Answer:
    said = [{"index": index, "messageId": None, "reason": reason} for index, reason in refused]
    return Answer(200, json.dumps({"success": True, "accepted": accepted, "rejected": said}).encode())


OK = Answer(200, b"")


def test_refused_events_are_told_by_place() -> None:
    """The rest of the batch is in."""
    assert World(took(2, (1, "no name"))).deliver() == {1: "no name"}
    assert World(OK).deliver(0) == {}


@pytest.mark.parametrize("status", [0, 429, 500, 502, 503, 504])
def test_trouble_is_tried_again_with_growing_pauses(status: int) -> None:
    """The same bytes go out until they are taken."""
    world = World(*[Answer(status, b"")] * 4, OK)
    assert world.deliver() == {}
    assert world.sent == [[0, 1, 2]] * 5
    assert world.pauses == sorted(world.pauses)
    assert world.pauses[-1] > 4 * world.pauses[0]


def test_the_pause_that_is_asked_for_is_kept() -> None:
    """``Retry-After`` in seconds or as a date; what cannot be read is as if it were not there."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    world = World(Answer(429, b"", "7"), Answer(503, b"", soon), Answer(503, b"", "soon"), Answer(503, b"", "-3"), OK)
    world.deliver()
    assert world.pauses[0] == 7
    assert 15 < world.pauses[1] <= 20
    assert all(pause < 10 for pause in world.pauses[2:])


def test_patience_ends() -> None:
    """After five minutes the import ends with the endpoint's own sentence, and no pause goes beyond them."""
    world = World(Answer(503, b'{"message":"table busy"}', "40"))
    with pytest.raises(Failure, match=r"answered 503 for 5 minutes \(table busy\)"):
        world.deliver()
    assert sum(world.pauses) <= PATIENCE_SECONDS


def test_a_stop_ends_the_pause() -> None:
    """Ctrl-C during a pause is no failure of the batch; it goes out again next time."""
    with pytest.raises(Abandoned):
        World(Answer(503, b""), stop_after=2).deliver()


@pytest.mark.parametrize("status", [301, 401, 403, 404, 418])
def test_what_will_not_get_better_ends_at_once(status: int) -> None:
    """A wrong key or address is said with the answer's sentence, without a second try."""
    world = World(Answer(status, b'{"error":"x","message":"the write key\\nis unknown"}'))
    with pytest.raises(Failure, match=f"answered {status}: the write key is unknown"):
        world.deliver()
    assert len(world.sent) == 1


def test_a_batch_refused_as_a_whole_is_halved() -> None:
    """An event that a proxy does not let through costs itself only, and its place is right."""
    world = World(Answer(200, b""))

    def post(body: bytes) -> Answer:
        batch = json.loads(body)["batch"]
        return Answer(413, b"<html>too large</html>") if 5 in batch else took(len(batch))

    assert Delivery(post, world).deliver([str(number).encode() for number in range(8)]) == {5: "<html>too large</html>"}


@pytest.mark.parametrize(
    "body",
    [b"hello", b"{}", b'{"success":true}', b'{"accepted":3,"rejected":[{"index":0,"reason":"x"}]}', b"[]", b"null",
     b'{"accepted":2,"rejected":[{"index":9,"reason":"x"}]}', b'{"accepted":"3","rejected":[]}', b"[" * 9999],
)  # fmt: skip
def test_an_answer_that_does_not_add_up_is_no_answer(body: bytes) -> None:
    """Rows count as in only if the endpoint says so of each of them."""
    with pytest.raises(Failure, match="not that of Kervan"):
        World(Answer(200, body)).deliver()


@pytest.mark.parametrize("url", ["shop", "ftp://a", "http://api.example", "https://", "http://[", "https://a:99999"])
def test_addresses_that_cannot_be_right(url: str) -> None:
    """The key does not travel in the clear, and not to nowhere."""
    with pytest.raises(WrongUse):
        endpoint(url, "key")


def test_an_address_needs_its_key() -> None:
    """A real deployment is never written to with the local stack's key."""
    with pytest.raises(WrongUse, match="KERVAN_WRITE_KEY"):
        endpoint("https://api.example", None)
    assert endpoint("https://api.example/", "k").url == "https://api.example"
    assert endpoint("http://127.0.0.1:9/x", "k").url == "http://127.0.0.1:9/x"
