"""While nothing was sent a change of the cart starts an enrollment over, and the new round is looked at in its own
time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.domain.messages.lifecycle import Claim
from shared.domain.messages.message import Deferred, Failed, Outcome, Sent, Skipped
from shared.domain.messages.request import SendRequest
from tests.unit.schedule.short_journeys import EMAIL, ist, journey, send, sent
from tests.unit.schedule.world import Delivery, World

pytestmark = pytest.mark.unit


class Refusing(World):
    """Providers refuse what goes to these channels, after they were called; the next channel is tried at once."""

    refused: dict[str, str]

    def send(self, request: SendRequest) -> None:
        begun = self.ledger.begin(request, self.key, self.now)
        record = getattr(begun, "record", None)
        assert record is not None
        if isinstance(begun, Claim):
            outcome: Outcome = self.decide(request)
            if isinstance(outcome, Sent):
                called = self.ledger.calling(record, self.now)
                assert called is not None
                record = called
                if request.channel in self.refused:
                    outcome = Failed(self.refused[request.channel])
                else:
                    self.deliveries.append(Delivery(request.step, request.channel, self.now, request.message_id))
            record = self.ledger.settle(record, outcome, self.now)
        if isinstance(record.outcome, Deferred):
            self.timers.arm("journey", record.outcome.until, request.home, f"{request.journey}#{request.enrollment}")
        following = request.for_next_channel()
        reason = record.outcome.reason if isinstance(record.outcome, Failed | Skipped) else ""
        if reason in ("no_address", "dead_token") and following is not None:
            self.send(following)


@pytest.mark.parametrize("back", [12, 13, 14, 16, 18])
def test_who_leaves_an_address_and_changes_the_cart_is_reminded_an_hour_later(back: int) -> None:
    """The reminder of 11:00 reached nobody. What was armed then is the old round's fallback, or its offer: later."""
    world = World(reachable=frozenset())
    world.add(ist(2, 10))
    world.until(ist(2, back))
    world.reachable = EMAIL
    world.add(ist(2, back), "p2")
    world.until(ist(8, 9))
    assert [step for step, _ in sent(world)] == ["reminder", "offer", "last"]
    assert sent(world)[0] == ("reminder", ist(2, back + 1))


def test_a_new_round_is_armed_once() -> None:
    """Two writes when the first change of the cart finds something to forget, none for the next changes."""
    world = World(reachable=frozenset())
    world.add(ist(2, 10))
    world.until(ist(2, 12))
    world.customers.usage.reset()
    world.timer_table.usage.reset()
    before = world.enrollments[0].version
    for minute in range(5):
        world.add(ist(2, 12, minute), f"p{minute}")
    assert world.timer_table.usage.write_units == 1
    assert world.enrollments[0].version == before + 1


def test_the_email_that_waits_after_a_dead_token_of_an_earlier_round_is_sent() -> None:
    """The provider gave the token up for good; that was another round, and the e-mail of this one waits for its cap."""
    world = Refusing(reachable=frozenset({"push"}))
    world.refused = {"push": "dead_token"}
    world.add(ist(2, 10))
    world.until(ist(2, 14))
    assert world.sent == []
    world.reachable = frozenset({"push", "email"})
    world.add(ist(2, 14), "p2")
    world.caps_until = ist(2, 17)
    world.until(ist(3, 2))
    assert world.sent == [("reminder", "email", ist(2, 17))]


def test_a_message_that_was_refused_freezes_no_clock() -> None:
    """Nothing was sent, so the offer counts from the last change of the cart."""
    world = Refusing(reachable=EMAIL)
    world.refused = {"email": "provider_message_rejected"}
    world.add(ist(2, 10))
    world.until(ist(2, 12))
    world.refused = {}
    for hour in (12, 15, 18):
        world.until(ist(2, hour))
        world.add(ist(2, hour), f"p{hour}")
    world.until(ist(9, 0))
    assert sent(world)[0] == ("offer", ist(3, 18))


def test_a_hand_over_that_got_lost_frees_the_clock_once_it_is_stale() -> None:
    """It held the clock because it might have become the first message; fourteen hours later it cannot any more."""
    world = World(reachable=EMAIL)
    send = world.send
    world.send = lambda request: None  # type: ignore[method-assign]
    world.add(ist(2, 10))
    world.until(ist(3, 2))
    world.send = send  # type: ignore[method-assign]
    world.add(ist(3, 9), "p2")
    world.until(ist(9, 0))
    assert sent(world)[0] == ("reminder", ist(3, 10))


def test_a_cart_that_changes_while_the_message_lies_in_the_queue_is_looked_at_again() -> None:
    """The message holds the clock and then reaches nobody: the new round's reminder comes, an hour after the change."""
    definition = journey(
        journey="c", start={"when": "cart_changed", "if": {"cart": {"items": {"at_least": 1}}}},
        clock={"from": "last_cart_change", "freezes_at": "first_send"},
        steps=[send("reminder", at="1h", fresh_for="14h"), send("offer", at="24h", fresh_for="24h")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=frozenset())
    held, real = list[SendRequest](), world.send
    world.send = held.append  # type: ignore[method-assign,assignment]
    world.add(ist(2, 10))
    world.until(ist(2, 11, 1))
    world.add(ist(2, 11, 1), "p2")
    world.until(ist(2, 11, 2))
    world.send = real  # type: ignore[method-assign]
    for request in held:
        real(request)
    world.reachable = EMAIL
    world.until(ist(8, 9))
    assert sent(world) == [("reminder", ist(2, 12, 1)), ("offer", ist(3, 11, 1))]


def test_timers_do_not_pile_up_while_a_cart_is_filled() -> None:
    """Changed every twenty seconds, with a holdout in front that is decided in each round: a tick has as many timers
    after half an hour as after a minute."""
    definition = journey(
        journey="c", start={"when": "cart_changed", "if": {"cart": {"items": {"at_least": 1}}}},
        clock={"from": "last_cart_change", "freezes_at": "first_send"},
        steps=[{"holdout": {"percent": 1}}, send("reminder", at="1h", fresh_for="14h"), send("offer", at="24h")],
    )  # fmt: skip
    world = World(journeys=(definition,), reachable=EMAIL)
    world.add(ist(2, 10))
    fired = []
    for number in range(1, 91):
        world.now = ist(2, 10) + timedelta(seconds=20 * number, milliseconds=number)
        world.add(world.now, f"p{number}")
        if number % 3 == 0:
            fired.append(world.tick().fired)
    assert max(fired) <= 3
