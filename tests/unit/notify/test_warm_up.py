"""The daily volumes of a new sender: never more than the day's, whatever workers do; confirmations go out."""

from __future__ import annotations

import random
import threading
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.notify.coupons import Coupons
from functions.notify.service import Notifying, TryAgain
from shared.adapters.memory import MemoryTable
from shared.domain.definitions.shop import Shop
from shared.domain.definitions.warm_up import WarmUp
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.domain.messages.warm_up import block_of, daily_limit
from shared.ports import Conflict
from shared.ports.sender import Postponed
from shared.stores.allowances import Allowances, Waiting, of_day
from shared.stores.ledger import Ledger
from tests.support.cases import UNIT, cases
from tests.unit.notify.outage import ALL_DAY, HOUR, REFUSED, Channels, Provider
from tests.unit.notify.world import MORNING, SHOP

pytestmark = UNIT

DATE = date(2026, 11, 23)
TODAY = of_day(DATE)
DAILY = {"started": "2026-11-23", "daily": [2, 3]}


def shop(daily: dict[str, Any] | None = None, base: Shop = ALL_DAY) -> Shop:
    return Shop.model_validate({**base.model_dump(), "warm_up": {"email": daily or DAILY}})


def warming(customers: int, base: Shop = ALL_DAY, daily: dict[str, Any] | None = None) -> Channels:
    channels = Channels(customers, Provider())
    channels.shop.publish(shop(daily, base))
    return channels


def handle(channels: Channels, number: int, **more: Any) -> Any:
    wanted = channels.expect(number, MORNING, 48 * HOUR, release=2, **more)
    return channels.service.handle(wanted, MORNING).outcome


@cases(120, 1_500)
@given(
    limit=st.integers(1, 700),
    workers=st.integers(1, 12),
    seed=st.integers(0, 2**16),
    steps=st.integers(0, 1500),
)
def test_no_interleaving_sends_more_than_the_day(limit: int, workers: int, seed: int, steps: int) -> None:
    """Workers that take, give back, count confirmations and die in any order: commercial messages stay within the
    volume, and a day that is asked for often enough loses at most a block for each worker that died or has one left."""
    table, chance = MemoryTable(), random.Random(seed)
    alive, died, confirmed = [Allowances(table, "email") for _ in range(workers)], 0, 0
    sent = 0
    for _ in range(steps):
        place = chance.randrange(workers)
        match chance.randrange(20):
            case 0:
                alive[place], died = Allowances(table, "email"), died + 1
            case 1:
                alive[place].count(TODAY, limit, MORNING)
                if chance.random() < 0.5:
                    alive[place].give_back(TODAY, counted=True)
                else:
                    confirmed += 1
            case 2:
                if alive[place].spend(TODAY, limit, MORNING):
                    alive[place].give_back(TODAY)
            case _:
                sent += alive[place].spend(TODAY, limit, MORNING)
    assert sent <= limit
    for worker in alive:
        while worker.spend(TODAY, limit, MORNING):
            sent += 1
    lost = died + confirmed + workers  # a place that a confirmation gave back waits for another confirmation
    assert limit - lost * block_of(limit) <= sent <= limit


def test_threads_share_a_day() -> None:
    """Sixteen workers at once, without a lock of their own."""
    table, taken = MemoryTable(), list[int]()

    def work() -> None:
        worker = Allowances(table, "email")
        taken.append(sum(worker.spend(TODAY, 1_000, MORNING) for _ in range(200)))

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(taken) == 1_000


def test_a_block_saves_writes() -> None:
    """A day of 5,000 messages costs a hundred writes; without a warm-up there is none."""
    table = MemoryTable()
    worker = Allowances(table, "email")
    assert all(worker.spend(TODAY, 5_000, MORNING) for _ in range(5_000))
    assert table.usage.write_units == 100
    channels = Channels(1, Provider())
    before = channels.shop.catalog.items()
    channels.expect(0, MORNING, HOUR)
    channels.run(MORNING)
    assert channels.shop.catalog.items() == before


@pytest.mark.parametrize(
    ("day", "limit"), [("2026-11-20", 2), ("2026-11-23", 2), ("2026-11-24", 3), ("2026-11-25", None)]
)
def test_each_day_has_its_volume(day: str, limit: int | None) -> None:
    """The first one holds before the start too; after the last there is none."""
    assert daily_limit(WarmUp.model_validate(DAILY), date.fromisoformat(day)) == limit
    assert daily_limit(None, DATE) is None


def test_what_the_day_has_no_room_for_waits_for_the_next_morning() -> None:
    """With the volume as evidence. A confirmation goes out, and what is not fresh in the morning is skipped."""
    channels = warming(6, SHOP.model_copy(update={"caps": {}}))
    assert handle(channels, 0).at == MORNING
    assert handle(channels, 1).at == MORNING
    told = handle(channels, 2)
    assert isinstance(told, Deferred)
    assert told == Deferred(MORNING + 23 * HOUR, Reason.WARM_UP, "2")  # nine in the morning in Istanbul
    assert told.evidence[0]["limit"] == "2"
    assert handle(channels, 3, purpose="transactional").at == MORNING
    wanted = channels.expect(4, MORNING, 10 * HOUR, release=2)
    assert channels.service.handle(wanted, MORNING).outcome == Skipped(Reason.WARM_UP, "2")
    tomorrow = channels.service.handle(channels.expected[2], MORNING + 23 * HOUR)
    assert tomorrow.state is State.SENT


def test_confirmations_count() -> None:
    """They take the place of commercial messages, and are not held back when the day is full."""
    channels = warming(5)
    for number in range(3):
        assert handle(channels, number, purpose="transactional").at == MORNING
    assert isinstance(handle(channels, 3), Deferred)


def test_the_most_engaged_of_a_campaign_come_first() -> None:
    """Who ordered lately at once; who did nothing lately two hours later, if it is fresh then."""
    channels = warming(3, daily={"started": "2026-11-23", "daily": [100]})
    channels.shop.send(
        "Order Completed", at=MORNING - timedelta(days=3), who="user:c0", order_id="o", total="10", currency="TRY"
    )
    sale = {"campaign": "sale", "journey": "sale", "enrollment": "campaign", "step": "campaign"}
    channels.shop.send(
        "Product Added",
        at=MORNING,
        who="user:c0",
        product_id="p",
        quantity=1,
        name="Elbise",
        price="10",
        currency="TRY",
    )
    assert handle(channels, 1, **sale) == Deferred(MORNING + 2 * HOUR, Reason.WARM_UP, "100")
    short = channels.expect(2, MORNING, HOUR, release=2, **sale)
    assert channels.service.handle(short, MORNING).state is State.SENT
    assert handle(channels, 0, **sale).at == MORNING
    later = channels.service.handle(channels.expected[0], MORNING + 2 * HOUR)
    assert later.state is State.SENT


def test_what_the_provider_did_not_take_leaves_its_place() -> None:
    """The day has room for another message in its place."""
    channels = warming(3)
    answers = [Postponed("provider_sending_paused")]

    class Paused:
        def send(self, outgoing: Any) -> Any:
            return answers.pop() if answers else channels.provider.send(outgoing)

    channels.service = notifying(channels, Paused())
    assert handle(channels, 0).reason == Reason.PROVIDER_DOWN
    assert handle(channels, 1).at == MORNING
    assert handle(channels, 2).at == MORNING


def test_confirmations_that_wait_in_an_outage_take_no_place() -> None:
    """However often they ask: the day counts what was called."""
    channels = warming(20, daily={"started": "2026-11-23", "daily": [200, 400]})
    channels.provider.bad = [(MORNING, MORNING + 2 * HOUR, REFUSED)]
    for number in range(20):
        channels.expect(number, MORNING, 72 * HOUR, release=2, purpose="transactional")
    channels.run(MORNING + 4 * HOUR)
    assert len(channels.provider.taken) == 20
    assert 20 <= Allowances(channels.shop.catalog, "email").reserved(TODAY) <= 24


def test_a_place_that_a_confirmation_gives_back_is_none_of_a_full_day() -> None:
    """It lay beyond the volume."""
    worker = Allowances(MemoryTable(), "email")
    assert worker.spend(TODAY, 1, MORNING)
    worker.count(TODAY, 1, MORNING)
    worker.give_back(TODAY, counted=True)
    assert not worker.spend(TODAY, 1, MORNING)


@pytest.mark.parametrize(("hour", "waits"), [(14, True), (15, False)])
def test_nobody_of_an_evening_campaign_waits_into_the_night(hour: int, waits: bool) -> None:
    """Whose later turn lies beyond the send hours is sent at once: at night the message would be skipped."""
    channels = warming(1, SHOP.model_copy(update={"caps": {}}), {"started": "2026-11-23", "daily": [1_000]})
    at = MORNING.replace(hour=hour, minute=30)  # 17:30 or 18:30 in Istanbul, two hours before the turn
    sale = {"campaign": "sale", "journey": "sale", "enrollment": "campaign", "step": "campaign"}
    wanted = channels.expect(0, at, 12 * HOUR, release=2, **sale)
    first = channels.service.handle(wanted, at)
    assert first.state is (State.DEFERRED if waits else State.SENT)
    assert channels.service.handle(wanted, at + 2 * HOUR).state is State.SENT
    assert len(channels.provider.taken) == 1


@pytest.mark.parametrize("purpose", ["marketing", "transactional"])
@pytest.mark.parametrize("lost", ["calling", "code", "place"])
def test_who_loses_a_race_takes_no_place(lost: str, purpose: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that was admitted, and was not called because another one was quicker."""
    channels = warming(4)

    def conflict(*_: object, **__: object) -> Any:
        raise Conflict("another attempt")

    with monkeypatch.context() as patch:
        match lost:
            case "calling":
                patch.setattr(Ledger, "calling", lambda *_: None)
            case "code":
                patch.setattr(Coupons, "claim", conflict)
            case _:
                patch.setattr(Notifying, "_reserve", conflict)
        for _ in range(3):
            with pytest.raises(TryAgain):
                handle(channels, 0, purpose=purpose)
    assert Allowances(channels.shop.catalog, "email").reserved(TODAY) == 1
    assert handle(channels, 1, purpose=purpose).at == MORNING
    assert handle(channels, 2).at == MORNING
    assert isinstance(handle(channels, 3), Deferred)


def test_an_objection_after_the_admission_takes_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody withdrew, or had another message, while the attempt was on its way."""
    channels = warming(3)
    answers = [None, Skipped(Reason.NO_CONSENT)]

    def conflict(*_: object, **__: object) -> Any:
        raise Conflict("another attempt")

    with monkeypatch.context() as patch:
        patch.setattr("functions.notify.service.decide", lambda _: answers.pop(0))
        patch.setattr(Notifying, "_reserve", conflict)
        assert handle(channels, 0) == Skipped(Reason.NO_CONSENT)
    assert handle(channels, 1).at == MORNING
    assert handle(channels, 2).at == MORNING


def notifying(channels: Channels, sender: Any) -> Notifying:
    return channels.shop.notifying(sender=sender)


def test_a_volume_that_is_none_is_refused() -> None:
    """Zero, none at all, an unknown channel."""
    for wrong in ({"started": "2026-12-01", "daily": []}, {"started": "2026-12-01", "daily": [0]}, {"daily": [5]}):
        with pytest.raises(ValueError, match=r"daily|started"):
            shop(wrong)
    with pytest.raises(ValueError, match="fax"):
        Shop.model_validate({"name": "Moda", "warm_up": {"fax": DAILY}})


def test_a_campaign_of_many_days_is_decided_about_once_for_each_message() -> None:
    """Three hundred messages, twenty a day: they wait for the day that has room for them, not for each morning. No day
    goes beyond its volume, none is idle, and each message is decided twice or a little more."""
    daily = {"started": "2026-11-23", "daily": [20] * 60}
    channels = warming(300, SHOP.model_copy(update={"caps": {}}), daily)
    for number in range(300):
        channels.expect(number, MORNING, 24 * 30 * HOUR, release=2)
    channels.run_by_outcomes()
    by_day = Counter(at.date() for at, _ in channels.provider.taken)
    assert sum(by_day.values()) == 300
    assert max(by_day.values()) <= 20
    assert len(by_day) <= 17
    assert channels.handled <= 2.2 * 300


def test_what_has_no_day_while_it_is_fresh_asks_once_more_on_its_last_morning() -> None:
    """Not each morning; a place that others left is used then."""
    channels = warming(12, SHOP.model_copy(update={"caps": {}}), {"started": "2026-11-23", "daily": [2] * 30})
    for number in range(12):
        channels.expect(number, MORNING, 72 * HOUR, release=2)
    channels.run_by_outcomes()
    by_day = Counter(at.day for at, _ in channels.provider.taken)
    assert by_day == {23: 2, 24: 1, 25: 1, 26: 2}
    assert channels.handled <= 3 * 12


@cases(26, 800)
@given(
    limits=st.lists(st.integers(1, 400), min_size=1, max_size=8),
    workers=st.integers(1, 6),
    messages=st.integers(0, 900),
    seed=st.integers(0, 2**16),
)
def test_who_waits_is_spread_over_days_as_their_volumes_say(
    limits: list[int], workers: int, messages: int, seed: int
) -> None:
    """Whatever workers do: no day gets more than its share, the first days are filled first, and only messages beyond
    all days find none."""
    table, chance = MemoryTable(), random.Random(seed)
    alive = [Waiting(table, "email") for _ in range(workers)]
    days = [(f"day#{number}", limit) for number, limit in enumerate(limits)]
    told: Counter[str | None] = Counter()
    for _ in range(messages):
        told[alive[chance.randrange(workers)].first(days, MORNING)] += 1
    room = sum(limits) - sum(workers * block_of(limit) for limit in limits)
    assert all(told[day] <= limit for day, limit in days)
    assert told[None] <= max(0, messages - room)
    assert Waiting(table, "email").first([*days, ("day#free", None)], MORNING) is not None
