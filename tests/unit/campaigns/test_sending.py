"""A campaign from the word to the outbox: each once, whatever crashes, doubles, merges or is cancelled on the way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from functions.schedule.campaign_walk import PAGE, WATCH
from shared.domain.messages.request import SendRequest
from tests.support.cases import LONG, UNIT
from tests.unit.campaigns.world import SALE, START, Store, local, numbers_in

pytestmark = UNIT
MANY = 5_000 if LONG else 160


def test_everybody_gets_it_once_at_its_time_and_not_before() -> None:
    """40 members, five of whom never agreed: 35 messages at 10:30, five reasons, and the sums agree."""
    store = Store()
    store.people(35)
    for n in range(35, 40):
        store.person(n, email=f"p{n}@example.com", consent=False)
    planned = store.plan()
    assert (planned["state"], planned["estimate"]) == ("scheduled", 40)
    store.until(local(10, 30))
    assert store.addresses == []
    store.until(local(11))
    assert sorted(store.addresses) == sorted(f"p{n}@example.com" for n in range(35))
    assert {at for _, at in store.sender.sent} == {local(10, 30)}
    shown = store.shown()
    assert shown["outcomes"] == {"no_consent": 5, "sent": 35}
    assert (shown["state"], shown["walked"], shown["handed_over"], shown["open"]) == ("done", 40, 40, 0)
    assert store.next_due() is None


def test_two_profiles_with_one_address_get_one_message() -> None:
    """The message is made of campaign and address, not of the profile."""
    store = Store()
    store.people(2, email="home@example.com")
    store.plan()
    store.until(local(11))
    assert store.addresses == ["home@example.com"]
    assert store.shown()["outcomes"] == {"same_address": 1, "sent": 1}


def test_who_shares_an_address_is_counted_for_himself() -> None:
    """The one who never agreed by the reason, the one who did gets it; both by the last channel if neither did."""
    store = Store()
    for n, consent in ((0, False), (1, True)):
        store.person(n, email="home@example.com", consent=consent)
    store.plan()
    store.until(local(11))
    assert store.addresses == ["home@example.com"]
    assert sum(store.shown()["outcomes"].values()) == 2
    store = Store()
    for n in range(2):
        store.person(n, email="home@example.com", consent=False)
    store.notify["sms"] = store._notify("sms")
    store.plan(channels=["email", "sms"])
    store.until(local(11))
    assert (store.shown()["outcomes"], store.shown()["open"]) == ({"no_address": 2}, 0)


def test_every_pack_and_every_message_may_come_twice() -> None:
    """Queues deliver at least once; a person gets one."""
    store = Store()
    store.people(30)
    store.plan()
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    batches, store.work.bodies = store.work.bodies, []
    store.worker([*batches, *batches])
    store.worker(batches)
    handed, store.queues["email"].bodies = store.queues["email"].bodies, []
    store.deliver("email", [*handed, *handed])
    store.clock.time += timedelta(seconds=30)
    store.deliver("email", handed)
    store.until(local(12))
    assert Counter(store.addresses) == {f"p{n}@example.com": 1 for n in range(30)}
    assert store.shown()["outcomes"] == {"sent": 30}


def test_a_lost_pack_is_found_by_its_watch() -> None:
    """The walk's timer stands until the walk was gone on with."""
    store = Store()
    store.people(20)
    store.plan()
    store.until(local(10, 30))
    store.clock.time = local(10, 30)
    store.tick()
    store.work.bodies = []  # nobody ever gets them
    store.until(local(10, 30) + 2 * WATCH)
    assert len(store.addresses) == 20


def test_cancelled_in_the_middle_the_rest_get_none() -> None:
    """What is queued and unclaimed is skipped with the reason, what is not walked yet is never handed over."""
    store = Store()
    store.people(30)
    store.plan(throttle={"per_minute": 10})
    store.until(local(10, 31))
    sent = len(store.addresses)
    assert 5 < sent <= 10  # a shard without members wastes its share
    store.clock.time = local(10, 31)
    store.tick()
    batches, store.work.bodies = store.work.bodies, []
    store.worker(batches)
    queued = len(store.queues["email"].bodies)
    assert 5 < queued <= 10
    status, answer = store.ask("POST", "spring-sale", "cancel", body={})
    assert (status, answer["state"]) == (200, "cancelled")
    store.settle()
    store.until(local(15))
    assert len(store.addresses) == sent
    assert store.reasons() == ["campaign_cancelled"] * queued
    shown = store.shown()
    assert shown["outcomes"] == {"campaign_cancelled": queued, "sent": sent}
    assert (shown["state"], shown["walked"]) == ("cancelled", sent + queued)
    assert store.next_due() is None


def test_many_get_it_once_and_after_a_cancel_the_rest_get_none() -> None:
    """5,000 in ``make test-long``: progress is shown on the way, and the sums agree at every look."""
    store = Store()
    store.people(MANY)
    store.plan(throttle={"per_minute": MANY // 4})
    looks = []
    for minute in range(1, 4):
        store.until(local(10, 30 + minute))
        shown = store.shown()
        looks.append(shown["sent"])
        assert (shown["state"], shown["open"]) == ("running", 0)
        assert shown["walked"] == shown["handed_over"] == shown["sent"] == len(store.addresses)
        assert shown["sent"] <= minute * (MANY // 4)
    assert looks == sorted(set(looks))
    store.ask("POST", "spring-sale", "cancel", body={})
    store.until(local(12))
    assert len(store.addresses) == len(set(store.addresses)) == looks[-1] < MANY
    assert store.shown()["state"] == "cancelled"


def test_a_throttle_is_kept_in_every_minute_and_used_up() -> None:
    """Never more than so many in a minute, over all shards together, even where there are fewer than shards."""
    for most in (5, 21):
        store = Store()
        store.people(40)
        store.plan(throttle={"per_minute": most}, campaign=f"sale-{most}")
        store.until(local(12))
        minutes = Counter(at.replace(second=0, microsecond=0) for _, at in store.sender.sent)
        assert sum(minutes.values()) == 40
        assert max(minutes.values()) <= most
        assert minutes[local(10, 30)] >= min(most, 5) - 1


def test_a_walk_of_many_pages_goes_on_in_packs() -> None:
    """More than one page in a shard: the cursor is saved after each."""
    store = Store()
    for n in numbers_in(3, PAGE + 20):
        store.person(n, email=f"p{n}@example.com")
    store.plan()
    store.until(local(11))
    assert len(store.addresses) == PAGE + 20
    assert store.shown()["walked"] == PAGE + 20


def test_the_global_stop_holds_a_campaign_back() -> None:
    """Nothing is handed over while it is on; afterwards the campaign goes on, if it is still fresh."""
    store = Store()
    store.people(3)
    store.plan()
    from shared.domain.messages.controls import Controls
    from shared.stores.controls import ControlStore

    ControlStore(store.catalog).write(Controls(global_stop=True))
    store.until(local(11))
    assert (store.addresses, store.shown()["handed_over"]) == ([], 0)
    ControlStore(store.catalog).write(Controls())
    store.until(local(12))
    assert len(store.addresses) == 3


def test_a_deferred_message_comes_back_by_its_timer() -> None:
    """A second campaign on the same day meets the cap: its messages go out the next morning, still fresh."""
    store = Store()
    store.people(2)
    store.plan()
    store.plan(campaign="second", at="2026-11-24T12:00", fresh_for="48h")
    store.until(local(13))
    assert len(store.addresses) == 2
    assert store.shown("second")["open"] == 2
    store.until(local(48))
    assert len(store.addresses) == 4
    assert store.sender.sent[-1][1] == local(33)  # 09:00 of the next day
    assert store.shown("second")["outcomes"] == {"sent": 2}


def test_a_test_is_sent_at_once_through_the_same_gate_and_counted_nowhere() -> None:
    """Who agreed gets it, who did not gets none; the campaign's own message still comes, and no cap was used."""
    store = Store()
    store.people(1)
    store.person(1, email="p1@example.com", consent=False)
    definition = SALE | {"test": ["user:p0", "user:p1"]}
    status, answer = store.ask("POST", "test", body={"definition": definition})
    assert (status, answer["recipients"]) == (202, ["user:p0", "user:p1"])
    store.until(START + timedelta(minutes=1))
    assert store.addresses == ["p0@example.com"]
    assert store.reasons() == ["no_consent"]
    events = store.customers.query(store.person(99, email="x@example.com"), prefix="t#").items
    assert events == []
    assert store.ask("GET", "spring-sale")[0] == 404
    store.plan()
    store.until(local(11))
    assert store.addresses.count("p0@example.com") == 2
    assert store.shown()["outcomes"]["sent"] >= 1


def test_old_requests_still_parse_and_keep_their_ids() -> None:
    """What was queued before campaigns existed is read as it was meant."""
    body = {
        "home": "u.abc", "enrollment": "e1", "journey": "cart-recovery", "release": 1, "step": "reminder",
        "template": "cart-reminder", "purpose": "marketing", "channels": ["email"], "due_ms": 1, "fresh_until_ms": 2,
        "clock_ms": 0,
    }  # fmt: skip
    request = SendRequest.model_validate(body)
    assert request.campaign is None
    assert request.addressed("e.xyz") is request
    assert request.timer_ref == "cart-recovery#e1"
