"""Who was erased and writes again: he is answered, what was on its way stays refused, and he can be erased again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from functions.support.erased_people import ErasedPeople
from functions.support.receiving import Became, Receiving
from shared.adapters.memory import MemoryTable
from shared.domain.conversations.message import Inbound
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.privacy.erasure import CONFIRM_AFTER
from shared.operators.agent_actions import Busy
from shared.operators.service_levels import no_levels
from shared.ports import Table
from shared.stores.conversations import Conversations
from shared.stores.customers import CustomerStore
from shared.stores.erasures import Erasures
from shared.stores.timers import Timers
from tests.support.crashes import Crash, CrashesAt
from tests.unit.admin.test_questions import told
from tests.unit.ingest.world import ADMIN_KEY, STORE_KEY
from tests.unit.privacy.person import Person
from tests.unit.privacy.shop import MARK, Shop42

pytestmark = pytest.mark.unit
WHO = "email:canary@example.com"


@pytest.fixture
def shop() -> Shop42:
    return Shop42()


def write(
    shop: Shop42, id_: str, *, at: datetime | None = None, who: str = WHO, automatic: bool = False,
    wrap: CrashesAt | None = None,
) -> Became:  # fmt: skip
    """As a channel delivers it now; ``at``: when it was written."""

    def wrapped(table: MemoryTable) -> Table:
        found: Table = table if wrap is None else wrap(table)
        return found

    customers = wrapped(shop.world.customers)
    receiving = Receiving(
        Conversations(wrapped(shop.conversations)),
        CustomerStore(customers),
        shop.world.keys,
        lambda _attempt: None,
        no_levels(Timers(MemoryTable())),
        ErasedPeople(customers, Erasures(shop.world.catalog).get),
    )
    now = shop.world.clock.now()
    home = shop.world.keys(parse_identifier(who))
    said = Inbound("email", id_, home, who, at or now, f"{MARK} again", verified=True, automatic=automatic)
    return receiving.receive(said, now)[0]


def erased(shop: Shop42) -> str:
    """The id of the erasure, when it was looked through twice."""
    id_: str = shop.ask()[1]["id"]
    shop.work()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert shop.world.get(f"/v1/erasures/{id_}")[1]["state"] == "confirmed"
    return id_


def test_what_is_written_after_the_erasure_is_taken(shop: Shop42) -> None:
    """With a tag, so that the agent knows why nothing else is known; the customer is not known again by it."""
    erased(shop)
    shop.world.clock.advance(timedelta(days=3))
    assert write(shop, "m9") == "taken"
    home = shop.world.keys(parse_identifier(WHO))
    store = Conversations(shop.conversations)
    [one] = store.get_many(store.newest([home])[home].ids)
    assert (one.tags, one.messages) == (("erased",), 1)
    shop.fold()
    assert CustomerStore(shop.world.customers).control(home).facts is None


def test_what_was_written_before_stays_refused(shop: Shop42) -> None:
    """However late its channel delivers it, or repeats it. What a machine wrote is no word of his."""
    before = shop.world.clock.now()
    shop.world.clock.advance(timedelta(minutes=1))
    erased(shop)
    shop.world.clock.advance(timedelta(days=1))
    assert write(shop, "m1", at=before) == "erased"
    assert write(shop, "m2", automatic=True) == "erased"
    assert MARK not in shop.everything()


def test_while_the_erasure_runs_the_channel_comes_again(shop: Shop42) -> None:
    """What was kept now would go with the second look."""
    shop.ask()
    shop.world.clock.advance(timedelta(seconds=30))
    shop.work()
    written = shop.world.clock.now()
    with pytest.raises(Busy):
        write(shop, "m9")
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert write(shop, "m9", at=written) == "taken"


def test_events_stay_refused_although_he_wrote(shop: Shop42) -> None:
    """A late webhook of her order changes nothing."""
    erased(shop)
    shop.world.clock.advance(timedelta(days=1))
    write(shop, "m9")
    told(shop.world, event="Order Completed", properties={"order_id": "late", "total": 9})
    assert shop.fold() >= 1
    assert shop.world.get("/v1/customers/user:42")[0] == 404


@pytest.mark.parametrize("by", [WHO, "user:42"])
def test_who_wrote_anew_can_be_erased_anew(shop: Shop42, by: str) -> None:
    """By any of his identifiers; nobody is erased twice for nothing, and nothing of what he wrote is left."""
    first = erased(shop)
    assert shop.ask(by)[1]["id"] == first
    shop.world.clock.advance(timedelta(days=3))
    write(shop, "m9")
    assert MARK in shop.everything()
    status, second = shop.ask(by)
    assert (status, second["state"]) == (202, "running")
    assert second["id"] != first
    shop.work()
    assert MARK not in shop.everything()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    assert shop.ask(by)[1]["id"] == second["id"]
    cases = shop.world.get("/v1/customers/user:42/cases", ADMIN_KEY)[1]["items"]
    assert {one["state"] for one in cases} == {"done"}
    assert write(shop, "m10", at=shop.world.clock.now()) == "taken"


@pytest.mark.parametrize("days", [1, 40])
def test_what_he_wrote_anew_is_shown_copied_and_erased(shop: Shop42, days: int) -> None:
    """Also when events are refused no more: no event tells of him then, only the mark."""
    erased(shop)
    shop.world.clock.advance(timedelta(days=3))
    write(shop, "m9")
    shop.fold()
    shop.world.clock.advance(timedelta(days=days))
    status, found = shop.world.get(f"/v1/customers/{WHO}/conversations")
    assert (status, [one["messages"][0]["text"] for one in found["items"]]) == (200, [f"{MARK} again"])
    assert shop.world.get(f"/v1/customers/{WHO}")[0] == 200
    assert shop.world.post(f"/v1/customers/{WHO}/cases", {"right": "export"}, ADMIN_KEY)[0] == 201
    mark = shop.of(WHO)["erased"]
    assert "expires" not in mark
    assert shop.ask(WHO)[0] == 202
    shop.work()
    assert MARK not in shop.everything()
    assert "expires" in shop.of(WHO)["erased"]


def test_whose_address_he_only_typed_is_left_alone() -> None:
    """Ayşe proves her mailbox and is erased; the number in her record was Can's. He writes a message, then she writes,
    and is erased again: his message and his number stay."""
    person, number = Person(), "phone:+905321112233"
    shop = person.shop
    told(shop.world, STORE_KEY, type="identify", traits={"email": "canary@example.com", "phone": number[6:]})
    shop.fold()
    person.do("erase")
    person.privacy()
    shop.world.clock.advance(CONFIRM_AFTER)
    shop.work()
    shop.world.clock.advance(timedelta(days=2))
    assert (write(shop, "p1", who=number), write(shop, "m9")) == ("taken", "taken")
    shop.fold()
    home, store = shop.world.keys(parse_identifier(number)), Conversations(shop.conversations)
    his = store.newest([home])[home].ids
    assert len(his) == 1
    assert shop.ask(WHO)[0] == 202
    for _ in range(2):
        shop.work()
        shop.world.clock.advance(CONFIRM_AFTER)
    assert store.newest([home])[home].ids == his
    assert not CustomerStore(shop.world.customers).control(home).refuses(shop.world.clock.now())
    hers = shop.world.keys(parse_identifier(WHO))
    assert store.newest([hers])[hers].ids == ()


@pytest.mark.parametrize("after", [False, True])
def test_nothing_is_kept_that_cannot_be_erased(after: bool) -> None:
    """Whatever call it dies at: if his words are stored, another erasure takes them away."""
    for at in range(1, 40):
        shop = Shop42()
        erased(shop)
        crash = CrashesAt(at, after=after)
        with suppress(Crash):
            write(shop, "m9", wrap=crash)
        if MARK in shop.everything():
            shop.ask()
            shop.work()
            assert MARK not in shop.everything(), at
        if not crash.met:
            return
    raise AssertionError("every call was tried to crash")
