"""Who withdraws in the middle of a flood in his own name is told from it by his browser."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.identity.claims import Claim
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds
from shared.stores.consent_items import statements
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from tests.unit.ingest.world import NOW, WEB_KEY, World

pytestmark = pytest.mark.unit

MAILBOX = "ayse@example.com"
DAY = timedelta(days=1)
USER, BROWSER = {"userId": "42"}, {"anonymousId": "a-1"}


def key(world: World, identifier: str) -> str:
    return world.keys(parse_identifier(identifier))


def claim(world: World, child: str, owner: str, since: datetime) -> None:
    """As segmentation writes it when both were seen in one event."""
    said = Claim.by(key(world, owner), (milliseconds(since), "e"), trusted=False)
    CustomerStore(world.customers).put_claim(key(world, child), said, previous=0, moving=None)


def full(world: World) -> World:
    """A stranger withdraws so often that every place is taken, also under the address."""
    send(world, USER | {"anonymousId": "stranger"}, 300)
    return world


def send(world: World, who: dict[str, str], many: int, prefix: str = "flood") -> None:
    properties = {"channel": "email", "address": MAILBOX}
    batch = [
        {"type": "track", "event": "Consent Withdrawn", "messageId": f"{prefix}-{number}", "properties": properties}
        | who
        for number in range(many)
    ]
    assert world.post("/v1/batch", {"batch": batch}, WEB_KEY)[0] == 200


def runs(world: World, identifier: str) -> dict[bool, int]:
    """How many statements were folded as somebody's own, and as others'."""
    found: dict[bool, int] = {}
    for said, _ in statements(world.customers, key(world, identifier)):
        if said.run is not None:
            found[said.run.own] = found.get(said.run.own, 0) + said.run.count
    return found


@pytest.mark.parametrize(
    ("since", "own"), [(NOW - DAY, True), (NOW - DAY + timedelta(milliseconds=1), False)], ids=["a day", "less"]
)
def test_a_browser_speaks_for_its_customer_after_a_day(since: datetime, own: bool) -> None:
    """An event may claim the browser that it names, so a new one proves nothing."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:42", since)
    before = runs(world, "user:42")
    send(world, USER | BROWSER, 1, "own")
    assert runs(world, "user:42").get(own, 0) == before.get(own, 0) + 1
    assert runs(world, f"email:{MAILBOX}").get(own, 0) >= 1


def test_a_browser_of_another_customer_speaks_for_nobody() -> None:
    """The stranger's own browser is his for long."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:77", NOW - 30 * DAY)
    send(world, USER | BROWSER, 1, "own")
    assert True not in runs(world, "user:42")


def test_a_browser_of_the_customer_whose_address_it_names_speaks_for_him() -> None:
    """Who is not signed in: the event has no user, the address is the user's."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:42", NOW - 30 * DAY)
    claim(world, f"email:{MAILBOX}", "user:42", NOW - 30 * DAY)
    send(world, BROWSER, 1, "own")
    assert runs(world, f"email:{MAILBOX}")[True] == 1


def test_what_a_browser_says_of_itself_is_its_own() -> None:
    """Nobody else knows its name."""
    world = World()
    batch = [
        {"type": "track", "event": "Consent Withdrawn", "messageId": f"m-{number}", "properties": {"channel": "push"}}
        | BROWSER
        for number in range(60)
    ]
    assert world.post("/v1/batch", {"batch": batch}, WEB_KEY)[0] == 200
    assert set(runs(world, "anonymous:a-1")) == {True}


def test_a_browser_of_another_customer_speaks_for_no_address_that_somebody_has() -> None:
    """A stranger with an account withdraws for the address of others: that is not its owner's own word."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:77", NOW - 30 * DAY)
    claim(world, f"email:{MAILBOX}", "user:42", NOW - 30 * DAY)
    send(world, {"userId": "77"} | BROWSER, 1, "stranger")
    assert True not in runs(world, f"email:{MAILBOX}")


def test_a_browser_alone_speaks_for_no_address_that_nobody_has() -> None:
    """It is somebody's for long, but nothing says that the address is his."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:77", NOW - 30 * DAY)
    send(world, BROWSER, 1, "stranger")
    assert True not in runs(world, f"email:{MAILBOX}")


def test_a_claim_that_is_dated_back_speaks_for_nobody() -> None:
    """A stranger names his browser beside the customer, as if that were long ago. What counts is when it reached us."""
    world = full(World())
    long_ago = NOW - 30 * DAY
    said = {"type": "identify", "messageId": "dated", "timestamp": long_ago.isoformat()} | USER | BROWSER
    assert world.post("/v1/batch", {"batch": [said]}, WEB_KEY)[0] == 200
    [item] = world.customers.query(key(world, "user:42"), prefix="t#2026-10-23").items
    stamp = (milliseconds(long_ago), read_event(item).id)
    browser = Claim.by(key(world, "user:42"), stamp, trusted=False)
    CustomerStore(world.customers).put_claim(key(world, "anonymous:a-1"), browser, previous=0, moving=None)
    send(world, USER | BROWSER, 1, "stranger")
    assert True not in runs(world, "user:42")


def test_claims_are_read_in_the_same_request() -> None:
    """Who speaks for himself costs one request more: when his browser was claimed."""
    world = full(World())
    claim(world, "anonymous:a-1", "user:42", NOW - DAY)
    usage = world.customers.usage
    usage.reset()
    send(world, USER | BROWSER, 1, "own")
    expected: dict[str, Any] = {"conflict": 2, "get_many": 2, "query": 4, "transact": 2, "put_many": 1}
    assert usage.by_operation == expected


def test_a_stranger_who_names_no_browser_speaks_for_nobody() -> None:
    """A script by a server."""
    world = full(World())
    send(world, USER, 1, "own")
    assert True not in runs(world, "user:42")
