"""Taking forged withdrawals back through the API: who is written to again, who is not, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.segment.batch import Batch
from functions.segment.service import Segmentation
from shared.domain.consent.consent import consent_state
from shared.domain.identity.identifiers import parse_identifier
from shared.stores.consent_items import statements
from shared.stores.customers import CustomerStore
from shared.stores.event_items import read_event
from tests.support.world import Rules, Timers
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY, WEB_KEY, World, http_event

pytestmark = pytest.mark.unit
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


class Attacked:
    """Customers who agreed in the shop; from ``begin`` on somebody withdraws with the key of the web shop."""

    def __init__(self, customers: int = 6) -> None:
        self.world = World()
        self.numbers = 0
        for number in range(customers):
            self.tell(STORE_KEY, number, "Consent Granted", channel="email", address=address(number))
        self.world.clock.advance(HOUR)
        self.begin = self.world.clock.now()

    def tell(self, key: str, number: int, event: str, *, anonymous: str = "", **properties: Any) -> str:
        self.numbers += 1
        who = {"userId": f"u{number}", **({"anonymousId": anonymous} if anonymous else {})}
        message = {"type": "track", "event": event, "messageId": f"m{self.numbers}", "properties": properties, **who}
        at = self.world.clock.now().isoformat()
        assert self.world.post("/v1/batch", {"batch": [message | {"timestamp": at}]}, key=key)[0] == 200
        return f"m{self.numbers}"

    def forge(self, number: int, **more: Any) -> str:
        said = {"channel": "email", "address": address(number), **more}
        return self.tell(WEB_KEY, number, "Consent Withdrawn", **said)

    def later(self, minutes: float = 30) -> None:
        self.world.clock.advance(minutes * MINUTE)

    def ask(self, **more: Any) -> Any:
        return self.refused(200, **more)

    def refused(self, status: int, source: str = "web", **more: Any) -> Any:
        body = {
            "from": self.begin.isoformat(),
            "to": (self.world.clock.now() - 2 * MINUTE).isoformat(),
            "because": "a script",
            **more,
        }
        event = http_event("POST", f"/v1/sources/{source}/take-back", body, {"authorization": f"Bearer {ADMIN_KEY}"})
        found, answer = self.world.send(event)
        assert found == status, answer
        return answer

    def take_back(self) -> Any:
        """All of it, as the command does; the dry run before it said the same."""
        self.later()
        span: dict[str, Any] = {"to": (self.world.clock.now() - 2 * MINUTE).isoformat()}
        before = self.world.customers.items()
        dry = self.ask(dry_run=True, **span)
        assert dry["done"]
        assert self.world.customers.items() == before
        operation = self.ask(**span)["operation"]
        answer = self.ask(operation=operation, **span)
        assert answer["done"]
        assert answer["counts"] == dry["counts"]
        return answer

    def granted(self, number: int, purpose: str = "marketing") -> bool:
        home, key = self.key(f"user:u{number}"), self.key(f"email:{address(number)}")
        said = [one for place in (home, key) for one, _ in statements(self.world.customers, place)]
        return consent_state(said, "email", purpose, key, self.world.clock.now()).granted

    def key(self, written: str) -> str:
        return self.world.keys(parse_identifier(written))


def address(number: int) -> str:
    return f"a{number}@example.com"


def counted(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer["counts"].items() if value}


def test_forged_withdrawals_hold_until_they_are_taken_back() -> None:
    """Whoever was not attacked, or withdrew in another source or time, is as before."""
    shop = Attacked()
    for number in range(3):
        shop.forge(number)
    shop.tell(STORE_KEY, 3, "Consent Withdrawn", channel="email", address=address(3))
    assert [shop.granted(number) for number in range(6)] == [False, False, False, False, True, True]
    answer = shop.take_back()
    assert counted(answer) == {"withdrawals": 3, "taken_back": 3, "granted_again": 3}
    assert [shop.granted(number) for number in range(6)] == [True, True, True, False, True, True]
    shop.forge(0)
    assert not shop.granted(0)


def test_what_is_left_of_it_as_proof() -> None:
    """A statement that names the withdrawal in each partition that holds it, an event, a change with the operator."""
    shop = Attacked(1)
    forged = shop.forge(0)
    answer = shop.take_back()
    home, key = shop.key("user:u0"), shop.key(f"email:{address(0)}")
    words = [one for place in (home, key) for one, trusted in statements(shop.world.customers, place) if one.takes_back]
    assert [(one.source, one.origin, one.granted, one.may_grant) for one in words] == [
        ("kervan", "withdrawal_taken_back", True, False)
    ] * 2
    for one in words:
        assert one.takes_back is not None
        assert (one.takes_back.message_id, one.takes_back.by, one.takes_back.because) == (forged, "admin", "a script")
    told = {
        item["pk"]: read_event(item)
        for item in shop.world.customers.items()
        if item["sk"].startswith("t#") and item["name"] == "Withdrawal Taken Back"
    }
    assert set(told) == {home, key}  # nothing links the two: either may be a customer of its own
    event = told[home]
    assert (event.source, event.history, event.properties["withdrawal"]) == ("admin", True, forged)
    assert event.context["active"] is False
    [change] = shop.world.catalog.query("changes#2026-11").items
    assert (change["by"], change["what"], change["outcome"]) == ("admin", "withdrawals.taken_back", "done")
    assert change["about"] == {
        "source": "web", "from": "2026-11-22T11:00:00.000Z", "to": "2026-11-22T11:28:00.000Z", "because": "a script",
        "taken_back": "1",
    }  # fmt: skip
    assert answer["by"] == "admin"


def test_again_and_by_another_operation_nothing_more_happens() -> None:
    shop = Attacked(2)
    shop.forge(0)
    first = shop.take_back()
    before = shop.world.customers.items()
    to: dict[str, Any] = {"to": (shop.world.clock.now() - 2 * MINUTE).isoformat()}
    assert shop.ask(operation=first["operation"], **to) == first
    assert counted(shop.take_back()) == {"withdrawals": 1, "already": 1}
    assert shop.world.customers.items() == before


@pytest.mark.parametrize("named", [True, False])
def test_who_withdrew_in_his_own_browser_stays_withdrawn(named: bool) -> None:
    """It was linked to him before the attack; a stranger's browser that says the same is not, and neither is one that
    claims him in the attack with a time of before."""
    shop = Attacked(3)
    shop.world.clock.time = shop.begin - 30 * MINUTE
    shop.tell(WEB_KEY, 0, "Product Viewed", anonymous="own", product_id="p")
    shop.world.clock.time = shop.begin + MINUTE
    dated = {"userId": "u2", "anonymousId": "late", "type": "identify", "messageId": "claim",
             "timestamp": (shop.begin - HOUR).isoformat()}  # fmt: skip
    assert shop.world.post("/v1/batch", {"batch": [dated]}, key=WEB_KEY)[0] == 200
    more = {} if named else {"address": None}
    for number, browser in ((0, "own"), (1, "stranger"), (2, "late")):
        shop.forge(number, anonymous=browser, **more)
    _fold(shop)
    assert counted(shop.take_back()) == {
        "withdrawals": 3, "taken_back": 2, "granted_again": 2, "left_out": {"himself": 1},
    }  # fmt: skip
    assert [shop.granted(number) for number in range(3)] == [False, True, True]


@pytest.mark.parametrize("owned", [True, False])
@pytest.mark.parametrize("spoke", [True, False])
def test_a_customer_of_his_own_cannot_speak_for_others_addresses(owned: bool, spoke: bool) -> None:
    """His browser is his, the address is not: if somebody else has it, or if it only agreed by itself. Only of an
    address that nobody has, and of which he spoke before, his withdrawal is his own word."""
    shop = Attacked(2)
    shop.world.clock.time = shop.begin - 30 * MINUTE
    if spoke:
        shop.tell(STORE_KEY, 0, "Consent Granted", channel="email", address=address(1))
    shop.tell(WEB_KEY, 0, "Product Viewed", anonymous="own", product_id="p")
    if owned:
        identify = {"type": "identify", "userId": "u1", "messageId": "i", "traits": {"email": address(1)}}
        assert shop.world.post("/v1/batch", {"batch": [identify]}, key=STORE_KEY)[0] == 200
    shop.world.clock.time = shop.begin + MINUTE
    shop.forge(0, anonymous="own", address=address(1))
    _fold(shop)
    his = spoke and not owned
    answer = counted(shop.take_back())
    assert answer == ({"withdrawals": 1, "left_out": {"himself": 1}} if his else answer | {"taken_back": 1})
    assert shop.granted(1) is not his


def _fold(shop: Attacked) -> None:
    """The stream: claims and facts of what was sent."""
    world = shop.world
    service = Segmentation(CustomerStore(world.customers), Timers(), world.keys, Rules())
    for pk in sorted({item["pk"] for item in world.customers.items()}):
        events = [read_event(item) for item in world.customers.query(pk, prefix="t#").items]
        service.fold([Batch(pk, events)], world.clock.now())
