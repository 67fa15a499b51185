"""Coupons in messages: one code per step and customer, whatever crashes; none lost, none given twice."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from functions.notify.service import TryAgain
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.lifecycle import IN_FLIGHT
from shared.domain.messages.message import Reason, Record, Skipped, State
from shared.domain.messages.request import Give, SendRequest
from shared.ports.sender import Accepted, Ambiguous, Answer, Postponed, Refused, Unreachable
from shared.stores.coupons import CouponCodes
from tests.support.cases import LONG, UNIT
from tests.support.interleaving import Crash, Turns, TurnTable
from tests.support.world import KEYS, event
from tests.unit.notify.test_crashes import ATTEMPTS, Fragile, Fuse
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = UNIT

POOL = CouponDefinition(coupon="CART10", codes="imported")
MADE = CouponDefinition(coupon="CART10", pattern="CART10-{8}")
YEAR = 180 * 86_400_000
UNCAPPED = SHOP.model_copy(update={"caps": {}})


def offer(*channels: str, once_per: int | None = None, **more: object) -> SendRequest:
    give = Give(coupon="CART10", percent=10, valid_ms=72 * 3_600_000, once_per_ms=once_per)
    told = {"step": "offer", "template": "cart-offer", "give": give.model_dump(), **more}
    return request(*(channels or ("email",)), **told)  # type: ignore[arg-type]


def codes(shop: Shopping) -> CouponCodes:
    return CouponCodes(shop.messages, shop.chance.randrange)


def selling(definition: CouponDefinition = POOL, stock: tuple[str, ...] = ("KIS-1", "KIS-2")) -> Shopping:
    shop = Shopping(UNCAPPED)
    shop.publish(UNCAPPED, coupons=(definition,))
    shop.ayse()
    if definition.made is None:
        codes(shop).add("CART10", stock)
    return shop


def ask(shop: Shopping, wanted: SendRequest, at: timedelta = timedelta()) -> Record:
    """With the release that holds the coupon."""
    return shop.notifying().handle(wanted.model_copy(update={"release": 2}), MORNING + at)


def test_the_code_is_in_the_message_in_the_ledger_and_on_the_timeline() -> None:
    """And nobody else gets it."""
    shop = selling(stock=("KIS-1",))
    record = ask(shop, offer())
    assert record.state is State.SENT
    assert record.coupon == "KIS-1"
    assert "KIS-1" in shop.sender.sent[0].content.html  # type: ignore[union-attr]
    assert "26 Kasım 2026, 10:00" in shop.sender.sent[0].content.html  # type: ignore[union-attr]
    (told,) = [event for event in shop.world.store.events(record.home) if event.name == "Email Sent"]
    assert told.properties["coupon"] == "KIS-1"
    assert ask(shop, offer(enrollment="e2")).outcome == Skipped(Reason.COUPON_POOL_EMPTY, "CART10")
    held = codes(shop).find("CART10", "KIS-1")
    assert held is not None
    assert (held.holder.message_id, held.percent) == (record.message_id, 10)
    assert held.valid_until == MORNING + timedelta(hours=72)


def test_a_made_code_is_the_customers_own() -> None:
    """Two steps show two codes of the pattern."""
    shop = selling(MADE)
    first, second = ask(shop, offer()), ask(shop, offer(enrollment="e2"))
    assert first.coupon != second.coupon
    assert {len(one.coupon) for one in (first, second)} == {15}
    assert first.coupon in shop.sender.sent[0].content.html  # type: ignore[union-attr]


def test_the_next_channel_shows_the_same_code_and_the_same_end() -> None:
    """Push was sent and nobody reacted: four hours later the e-mail gives no second code, and no longer one."""
    shop = selling()
    push = ask(shop, offer("push", "email"))
    mail = ask(shop, offer("email"), timedelta(hours=4))
    assert push.coupon == mail.coupon
    assert "26 Kasım 2026, 10:00" in shop.sender.sent[1].content.html  # type: ignore[union-attr]
    assert codes(shop).left("CART10", 10) == 1


def test_what_is_definitely_not_sent_gives_its_code_back() -> None:
    """Refused by the provider on the last channel: the code is the next customer's."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Refused("provider_message_rejected")]
    assert ask(shop, offer()).state is State.FAILED
    assert codes(shop).left("CART10", 10) == 1
    assert ask(shop, offer(enrollment="e2")).coupon == "KIS-1"


def test_between_two_channels_the_code_stays() -> None:
    """The number was wrong, the e-mail follows: nobody takes the code in between, and it is the same one."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Unreachable("provider_invalid_number")]
    first = ask(shop, offer("sms", "email"))
    assert codes(shop).left("CART10", 10) == 0
    (following,) = shop.queues["email"].requests()
    assert first.coupon == ask(shop, following).coupon == "KIS-1"


def test_a_message_of_unknown_fate_keeps_its_code() -> None:
    """It may have been read."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Ambiguous("timeout")]
    assert ask(shop, offer()).state is State.UNKNOWN
    assert codes(shop).left("CART10", 10) == 0


def test_an_enrollment_that_stops_gives_its_unsent_code_back() -> None:
    """Its worker died before the call, then the customer bought in the store: the message is skipped, and the code is
    free."""
    shop = selling(stock=("KIS-1",))
    service = shop.notifying()
    service.ledger.calling = lambda claimed, now: None  # type: ignore[method-assign]
    with pytest.raises(TryAgain):
        service.handle(offer(release=2), MORNING)
    assert codes(shop).left("CART10", 10) == 0
    shop.send("Order Completed", at=MORNING, order_id="o1", total="100", currency="TRY")
    assert ask(shop, offer(), timedelta(minutes=5)).outcome == Skipped(Reason.STOPPED_ORDERED)
    assert codes(shop).left("CART10", 10) == 1


def test_a_message_that_the_provider_did_not_take_holds_no_code() -> None:
    """It waits for as long as the outage lasts, and may come to nothing: somebody else can have the code."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Postponed("provider_sending_paused")]
    assert ask(shop, offer()).state is State.DEFERRED
    assert codes(shop).left("CART10", 10) == 1


def test_nothing_is_taken_before_the_gates_have_let_it_pass() -> None:
    """Deferred, skipped, in shadow mode: the pool is as it was, with not one write to it."""
    shop = selling()
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1))
    before = [item for item in shop.messages.items() if item["pk"].startswith("coupon#")]
    assert ask(shop, offer()).outcome == Skipped(Reason.NO_CONSENT)
    assert ask(shop, offer("sms", due=MORNING + timedelta(hours=12)), timedelta(hours=12)).state is State.DEFERRED
    assert [item for item in shop.messages.items() if item["pk"].startswith("coupon#")] == before


def test_a_customer_gets_the_coupon_once_in_its_time() -> None:
    """Two enrollments within 180 days: the second is skipped with the day of the first; after 180 days it is given
    again."""
    shop = selling()
    ask(shop, offer(once_per=YEAR))
    later = timedelta(days=100)
    second = ask(shop, offer(enrollment="e2", once_per=YEAR, due=MORNING + later), later)
    assert second.outcome == Skipped(Reason.COUPON_ONCE_PER, "2026-11-23T07:00:00.000Z")
    again = timedelta(days=180)
    assert ask(shop, offer(enrollment="e3", once_per=YEAR, due=MORNING + again), again).state is State.SENT


def test_a_code_for_everybody_keeps_to_its_time_too_and_an_unsent_one_does_not_count() -> None:
    """No definition: CART10 itself. Refused by the provider, it was not given."""
    shop = Shopping(UNCAPPED)
    shop.ayse()
    shop.sender.answers = [Refused("provider_message_rejected")]
    assert shop.notifying().handle(offer(once_per=YEAR), MORNING).state is State.FAILED
    second = shop.notifying().handle(offer(enrollment="e2", once_per=YEAR), MORNING)
    assert (second.state, second.coupon) == (State.SENT, "CART10")
    third = shop.notifying().handle(offer(enrollment="e3", once_per=YEAR), MORNING)
    assert third.outcome == Skipped(Reason.COUPON_ONCE_PER, "2026-11-23T07:00:00.000Z")


def test_who_became_one_customer_gets_it_once() -> None:
    """A browser that was given the coupon signs in as Ayşe: hers is skipped."""
    shop = selling()
    visitor = "anonymous:browser"
    shop.send("Product Added", at=MORNING, who=visitor, product_id="p1", quantity=1, name="Elbise", price="10")
    shop.send("identify", at=MORNING, who=visitor, traits={"email": "ayse@example.com"})
    shop.consent("email", granted=True, home=visitor)
    home = KEYS(parse_identifier(visitor))
    assert ask(shop, offer(home=home, once_per=YEAR)).state is State.SENT
    shop.world.send(event("identify", ["user:42", visitor], at=MORNING, trusted=True))
    second = ask(shop, offer(enrollment="e2", once_per=YEAR))
    assert second.outcome == Skipped(Reason.COUPON_ONCE_PER, "2026-11-23T07:00:00.000Z")


@pytest.mark.parametrize("blow", range(1, 20))
def test_a_crash_after_any_call_shows_one_code_and_loses_none(blow: int) -> None:
    """Delivered again until it ends: SENT or UNKNOWN with its code claimed, or not sent with the pool whole."""
    shop = selling(stock=("KIS-1", "KIS-2", "KIS-3"))
    table = shop.messages
    fuse = Fuse([blow])
    shop.customers, shop.messages = Fragile(shop.customers, fuse), Fragile(table, fuse)  # type: ignore[assignment]
    shop.sender.answers = [Refused("provider_message_rejected")] if blow % 2 else []
    sender = Fragile(shop.sender, fuse)
    record = None
    for attempt in range(ATTEMPTS):
        try:
            wanted = offer(fresh_until_ms=2**42).model_copy(update={"release": 2})
            record = shop.notifying(sender=sender).handle(wanted, MORNING + attempt * timedelta(minutes=10))
        except (Crash, TryAgain):
            continue
        break
    assert record is not None
    assert record.final
    shop.messages = table
    claimed = [code for code in ("KIS-1", "KIS-2", "KIS-3") if codes(shop).find("CART10", code)]
    assert claimed == ([record.coupon] if record.delivered_or_unknown else [])
    free = {item["sk"].partition("#")[2] for item in table.items() if "#free#" in item["pk"]}
    assert free | set(claimed) == {"KIS-1", "KIS-2", "KIS-3"}


@pytest.mark.parametrize("blow", range(1, 20))
def test_the_only_code_came_back_and_a_crash_loses_it_for_nobody(blow: int) -> None:
    """The next message takes it, also if the first attempt dies between the note of the code and its claim."""
    shop = selling(stock=("KIS-1",))
    shop.sender.answers = [Refused("provider_message_rejected")]
    assert ask(shop, offer()).state is State.FAILED
    fuse = Fuse([blow])
    shop.customers, shop.messages = Fragile(shop.customers, fuse), Fragile(shop.messages, fuse)  # type: ignore[assignment]
    for attempt in range(ATTEMPTS):
        wanted = offer(enrollment="e2", fresh_until_ms=2**42)
        try:
            record = ask(shop, wanted, attempt * timedelta(minutes=10))
        except (Crash, TryAgain):
            continue
        assert record.state in {State.SENT, State.UNKNOWN}
        assert record.coupon == "KIS-1"
        return
    pytest.fail("it never ended")


@pytest.mark.parametrize("seed", range(200 if LONG else 3))
def test_many_takers_with_crashes_share_a_small_pool(seed: int) -> None:
    """Messages of several customers at once, answers of every kind, environments that die: no code in two messages,
    every code free or with a message that went out or may have, and who got none was told so."""
    rng = random.Random(seed)
    stock = tuple(f"KIS-{n}" for n in range(4))
    shop = selling(stock=stock)
    table = shop.messages
    turns = Turns(rng, crash_rate=0.04)
    shop.messages = TurnTable(table)  # type: ignore[assignment]
    people = [f"user:p{n}" for n in range(5)]
    for who in people:
        shop.send("identify", at=MORNING - timedelta(hours=2), who=who, traits={"email": f"{who[5:]}@example.com"})
        shop.send(
            "Product Added", at=MORNING - timedelta(hours=1), who=who, product_id="p", quantity=1, name="E", price="1"
        )
        shop.consent("email", granted=True, home=who)
    kinds: list[Callable[[], Answer]] = [
        lambda: Accepted("ok"), lambda: Ambiguous("timeout"), lambda: Refused("provider_message_rejected"),
        lambda: Postponed("throttled"),
    ]  # fmt: skip
    shown: list[tuple[str, str, bool]] = []
    ended: dict[str, Record] = {}

    class Provider:
        def send(self, outgoing):  # type: ignore[no-untyped-def]
            answer = rng.choice(kinds)()
            code = next(code for code in stock if code in outgoing.content.html)
            shown.append((outgoing.message_id, code, isinstance(answer, Accepted | Ambiguous)))
            return answer

    def worker(who: str) -> Callable[[], None]:
        def run() -> None:
            wanted = offer(home=KEYS(parse_identifier(who)), fresh_until_ms=2**42).model_copy(update={"release": 2})
            for attempt in range(60):
                try:
                    service = shop.notifying(sender=Provider())
                    ended[who] = service.handle(wanted, MORNING + attempt * IN_FLIGHT * 2)
                except TryAgain:
                    continue
                return

        return run

    turns.run([worker(who) for who in people for _ in range(2)])
    table_codes = CouponCodes(table, rng.randrange)
    assert len(ended) == len(people)
    out = {(message, code) for message, code, left in shown if left}
    assert len({code for _, code in out}) == len(out)
    claims = {code: found.holder.message_id for code in stock if (found := table_codes.find("CART10", code))}
    assert all(claims[code] == message for message, code in out)
    free = {item["sk"].partition("#")[2] for item in table.items() if "#free#" in item["pk"]}
    assert free | claims.keys() == set(stock)
    kept = {record.message_id for record in ended.values() if record.delivered_or_unknown}
    assert set(claims.values()) == kept
