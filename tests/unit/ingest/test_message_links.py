"""Links and pixels as they are called: who clicks is sent on, and what happened stands in the customer's log."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from shared.domain.events.event import Event
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.message_links.message_link import LinkTokens, MessageLink
from shared.domain.messages.message import Record, Sent, State
from shared.ports import Throttled
from shared.stores.event_items import read_event
from shared.stores.ledger import write_record
from shared.stores.short_links import ShortLinks
from tests.unit.ingest.world import NOW, World

pytestmark = pytest.mark.unit
TOKENS = LinkTokens(b"s" * 64)
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
MESSAGE = "m-1"
URL = "https://shop.example/p/ayakkabı?a=1&b=2#x"


@pytest.fixture
def world() -> World:
    world = World()
    world.messages.put(write_record(a_record(world)))
    return world


def a_record(world: World, channel: str = "email") -> Record:
    home = world.keys(parse_identifier("user:42"))
    record = Record(
        message_id=MESSAGE, state=State.SENT, home=home, root=home, enrollment="e", journey="cart-recovery", release=1,
        step="reminder", template="cart", purpose="marketing", channel=channel, due_ms=0, clock_ms=0, decided_at=NOW,
        updated_at=NOW, revision=1,
    )  # fmt: skip
    return replace(record, outcome=Sent(NOW, "ses-1"))


def ask(world: World, path: str, method: str = "GET", agent: str = CHROME) -> dict[str, Any]:
    return world.answer(
        {
            "rawPath": path,
            "headers": {"User-Agent": agent},
            "requestContext": {"http": {"method": method, "sourceIp": "192.0.2.7"}, "stage": "$default"},
        }
    )


def events(world: World) -> list[Event]:
    home = world.keys(parse_identifier("user:42"))
    return [read_event(item) for item in world.customers.query(home, prefix="t#").items]


def click(world: World, link: MessageLink | None = None, **how: str) -> dict[str, Any]:
    return ask(world, "/l/" + TOKENS.make(link or MessageLink(MESSAGE, 2, URL, "shoe")), **how)


def test_a_click_sends_on_and_is_an_event(world: World) -> None:
    answer = click(world)
    assert answer["statusCode"] == 302
    assert answer["headers"]["location"] == "https://shop.example/p/ayakkab%C4%B1?a=1&b=2#x"
    assert answer["headers"]["cache-control"] == "no-store, private"
    (event,) = events(world)
    assert (event.name, event.time, event.trusted, event.channel) == ("Email Link Clicked", NOW, True, "email")
    assert event.properties == {
        "message_id": MESSAGE, "journey": "cart-recovery", "enrollment": "e", "step": "reminder", "template": "cart",
        "purpose": "marketing", "channel": "email", "link": URL, "link_number": 2, "product_id": "shoe",
        "repeated": False,
    }  # fmt: skip
    assert event.context == {"ip": "192.0.2.7", "userAgent": CHROME}


def test_a_repeated_click_is_told_apart_and_bounded(world: World) -> None:
    """Twice within a minute is one click; a loop of calls makes one event a minute, each link counts by itself."""
    for seconds in (0, 1, 30, 61, 62, 90, 100, 200):
        world.clock.time = NOW + timedelta(seconds=seconds)
        assert click(world)["statusCode"] == 302
    click(world, MessageLink(MESSAGE, 3, "https://shop.example/other"))
    clicks = [
        (event.time - NOW, event.properties["link_number"], event.properties["repeated"]) for event in events(world)
    ]
    assert sorted(clicks, key=lambda one: (one[1], one[0])) == [
        (timedelta(0), 2, False), (timedelta(minutes=1), 2, True), (timedelta(minutes=3), 2, True),
        (timedelta(seconds=200), 3, False),
    ]  # fmt: skip


def test_a_program_does_not_make_a_persons_click_a_repetition(world: World) -> None:
    """The gateway looks at every link first; the person's own click is still the first."""
    click(world, agent="Barracuda Sentinel (EE)")
    world.clock.advance(timedelta(minutes=10))
    click(world)
    assert [(event.properties.get("machine"), event.properties["repeated"]) for event in events(world)] == [
        ("scanner", False), (None, False),
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["HEAD", "POST", "OPTIONS", "PUT", "DELETE"])
def test_only_a_get_records(world: World, method: str) -> None:
    assert click(world, method=method)["statusCode"] == (302 if method == "HEAD" else 405)
    assert events(world) == []


def test_an_open_is_a_picture_and_an_event(world: World) -> None:
    for hours in (0, 0, 5):
        world.clock.time = NOW + timedelta(hours=hours)
        answer = ask(world, f"/o/{TOKENS.pixel(MESSAGE)}.gif")
        assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "image/gif")
        assert base64.b64decode(answer["body"])[:6] == b"GIF89a"
    assert [(event.name, event.properties["repeated"]) for event in events(world)] == [
        ("Email Opened", False), ("Email Opened", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("channel", "name"), [("sms", "SMS Link Clicked"), ("push", "Push Link Clicked")])
def test_a_link_by_its_short_name(world: World, channel: str, name: str) -> None:
    world.messages.put(write_record(a_record(world, channel)))
    link = MessageLink(MESSAGE, 1, "https://shop.example/c")
    ShortLinks(world.messages).put_all([(TOKENS.short(link), link)], NOW)
    answer = ask(world, "/" + TOKENS.short(link))
    assert (answer["statusCode"], answer["headers"]["location"]) == (302, "https://shop.example/c")
    assert [event.name for event in events(world)] == [name]
    assert len("/" + TOKENS.short(link)) <= 12


@pytest.mark.parametrize(
    "path",
    ["/l/", "/l", "/l/x", "/l/a/b", "/AAAAAAAAAA", "/o/x.gif", "/o/", "/o", "/l/" + "A" * 5_000,
     "/l/%00", "/o/../l/x", "/l/" + TOKENS.make(MessageLink(MESSAGE, 1, URL)) + "x", "/l/" + TOKENS.pixel(MESSAGE)],
)  # fmt: skip
def test_what_was_not_made_here_is_a_plain_page(world: World, path: str) -> None:
    answer = ask(world, path)
    assert answer["statusCode"] == 404
    assert "location" not in answer["headers"]
    assert events(world) == []


def test_a_message_that_is_gone_still_sends_on(world: World) -> None:
    """The ledger forgets; the link does not break."""
    assert click(world, MessageLink("m-unknown", 1, URL))["statusCode"] == 302
    assert events(world) == []


def test_a_busy_table_keeps_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The person is sent on and sees the picture; the log names no address."""

    def busy(*_args: object, **_more: object) -> None:
        raise Throttled

    monkeypatch.setattr(world.customers, "put_many", busy)
    assert click(world)["statusCode"] == 302
    assert ask(world, f"/o/{TOKENS.pixel(MESSAGE)}.gif")["statusCode"] == 200
    assert [record.getMessage() for record in caplog.records] == [
        "a click was not recorded: Throttled", "an open was not recorded: Throttled",
    ]  # fmt: skip
