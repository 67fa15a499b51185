"""One message from the hand-over to its outcome, over tables in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from functions.notify.service import TryAgain
from shared.domain.consent.recipient_tokens import RecipientTokens
from shared.domain.identity.keys import IdentifierKeys, time_text
from shared.domain.messages.controls import Controls
from shared.domain.messages.message import Deferred, Failed, Reason, Sent, Skipped, State, Unknown
from shared.domain.templates.content import EmailContent, PushContent, SmsContent
from shared.ports.sender import Accepted, Ambiguous, Postponed, Refused, Unreachable
from shared.stores.controls import ControlStore
from shared.stores.journey_controls import JourneyControls
from tests.support.world import KEYS
from tests.unit.notify.world import GIVE, MORNING, SECRET, Shopping, request

pytestmark = pytest.mark.unit


@pytest.fixture
def shop() -> Shopping:
    made = Shopping()
    made.ayse()
    return made


def test_an_email_is_sent_with_the_cart_of_now_and_a_way_to_refuse(shop: Shopping) -> None:
    """The reminder shows the product, has one-click headers with a readable token, and is SENT in the ledger."""
    record = shop.notifying().handle(request("email"), MORNING)
    assert record.state is State.SENT
    assert record.outcome == Sent(MORNING, "provider-1")
    (sent,) = shop.sender.sent
    assert isinstance(sent.content, EmailContent)
    assert sent.content.subject == "Ayşe, sepetiniz sizi bekliyor"
    assert "Keten Elbise" in sent.content.html
    assert "1.299,90 TL" in sent.content.text
    assert sent.address.to == "ayse@example.com"
    assert sent.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = sent.headers["List-Unsubscribe"].strip("<>")
    assert link in sent.content.html
    refusal = RecipientTokens(SECRET).read(link.rpartition("/")[2])
    assert (refusal.channel, refusal.message_id) == ("email", record.message_id)


def test_the_ledger_holds_no_address(shop: Shopping) -> None:
    """The stored message has the subject, and of the address only a digest."""
    shop.notifying().handle(request("email"), MORNING)
    (item,) = shop.messages.items()
    assert item["text"] == "Ayşe, sepetiniz sizi bekliyor"
    assert "@" not in repr(item)


def test_a_message_that_was_sent_is_in_the_timeline(shop: Shopping) -> None:
    """After SENT the customer's log holds one Email Sent with a deterministic id, however often the queue repeats."""
    service = shop.notifying()
    for _ in range(3):
        service.handle(request("email"), MORNING)
    log = [event for event in service.follow_up.customers.events(request().home) if event.name == "Email Sent"]
    assert [event.message_id for event in log] == [f"{request('email').message_id}-sent"]
    assert log[0].properties["step"] == "reminder"
    assert len(shop.sender.sent) == 1


def test_each_channel_gets_its_own_form(shop: Shopping) -> None:
    """Push has a title, SMS one GSM-7 part to the number in E.164."""
    shop.notifying().handle(request("push"), MORNING)
    shop.notifying().handle(request("sms"), MORNING)
    push, sms = shop.sender.sent
    assert isinstance(push.content, PushContent)
    assert push.content.title == "Sepetiniz sizi bekliyor"
    assert [token.token for token in push.address.tokens] == ["android-1"]
    assert isinstance(sms.content, SmsContent)
    assert sms.content.text.startswith("Sepetiniz sizi bekliyor, Ayse: Keten Elbise.")
    assert sms.address.to == "+905321112233"


def test_the_offer_shows_its_code_and_its_end(shop: Shopping) -> None:
    """The code of ``give`` and the local end of its validity are in the mail."""
    shop.notifying().handle(request("email", step="offer", template="cart-offer", give=GIVE.model_dump()), MORNING)
    (sent,) = shop.sender.sent
    assert isinstance(sent.content, EmailContent)
    assert "CART10" in sent.content.html
    assert "26 Kasım 2026, 10:00" in sent.content.html
    assert sent.content.subject == "Ayşe, sepetinize özel %10 indirim"


def test_at_night_it_waits_for_the_morning_and_arms_a_timer(shop: Shopping) -> None:
    """At 20:30 local the message is deferred to 09:00 and the journey is woken then; nothing is sent."""
    evening = MORNING + timedelta(hours=10, minutes=30)
    record = shop.notifying().handle(request("email", due=evening), evening)
    nine = MORNING + timedelta(hours=23)
    assert record.outcome == Deferred(nine, Reason.QUIET_HOURS)
    assert [item["sk"].split("#")[0] for item in shop.timers.items()] == [time_text(nine)]
    assert shop.sender.sent == []


def test_a_deferral_beyond_freshness_is_a_skip(shop: Shopping) -> None:
    """If 09:00 is too late, the message is skipped with the reason that made it wait."""
    evening = MORNING + timedelta(hours=10, minutes=30)
    short = request("email", due=evening - timedelta(hours=3))
    assert shop.notifying().handle(short, evening).outcome == Skipped(Reason.QUIET_HOURS)


def test_what_is_late_is_stale(shop: Shopping) -> None:
    """At the very end of freshness it is too late."""
    late = MORNING + timedelta(hours=2)
    old = request("email", fresh_until_ms=request(due=late).due_ms)
    assert shop.notifying().handle(old, late).outcome == Skipped(Reason.STALE)


def test_an_order_in_the_store_stops_it(shop: Shopping) -> None:
    """An order on another channel between hand-over and worker: skipped as stopped_ordered."""
    shop.send("Order Completed", at=MORNING, order_id="o1", total="100", currency="TRY")
    assert shop.notifying().handle(request("email"), MORNING).outcome == Skipped(Reason.STOPPED_ORDERED)
    assert shop.sender.sent == []


def test_an_emptied_cart_stops_it(shop: Shopping) -> None:
    """The cart is looked at again in the moment of sending."""
    shop.send("Product Removed", at=MORNING, product_id="p1")
    assert shop.notifying().handle(request("email"), MORNING).outcome == Skipped(Reason.STOPPED_CART_EMPTY)


def test_a_changed_cart_is_shown_as_it_is_now(shop: Shopping) -> None:
    """A product added after the hand-over is in the mail."""
    shop.add("p2", at=MORNING - timedelta(minutes=1), name="Şile Bezi Bluz", price="749.50")
    shop.notifying().handle(request("email"), MORNING)
    content = shop.sender.sent[0].content
    assert isinstance(content, EmailContent)
    assert "Şile Bezi Bluz" in content.html
    assert "2.049,40 TL" in content.html


@pytest.mark.parametrize("channel", ["email", "sms", "push"])
def test_without_consent_the_next_channel_is_tried_at_once(shop: Shopping, channel: Any) -> None:
    """A withdrawal skips this channel and hands the rest of the channels over."""
    shop.consent(channel, granted=False, at=MORNING - timedelta(days=1))
    other: Any = "push" if channel == "email" else "email"
    record = shop.notifying().handle(request(channel, other), MORNING)
    assert record.outcome == Skipped(Reason.NO_CONSENT)
    (handed,) = shop.queues[other].requests()
    assert handed.channels == (other,)
    assert handed.unit == request(channel, other).unit


def test_who_never_agreed_gets_nothing(shop: Shopping) -> None:
    """No statement is no consent; a grant by a source that may not grant is none either."""
    other = Shopping()
    other.send("identify", at=MORNING, traits={"email": "x@example.com"})
    other.add("p1", at=MORNING)
    other.consent("email", granted=True, may_grant=False)
    assert other.notifying().handle(request("email"), MORNING).outcome == Skipped(Reason.NO_CONSENT)


def test_a_withdrawal_by_somebody_who_only_named_the_address_counts(shop: Shopping) -> None:
    """Consent is per address: a withdrawal under the address, made in a stranger's name, stops mail to it."""
    address = KEYS(parse("email:ayse@example.com"))
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1), address_key=address, home="user:stranger")
    assert shop.notifying().handle(request("email"), MORNING).outcome == Skipped(Reason.NO_CONSENT)


def test_transactional_messages_need_no_consent_and_know_no_hours(shop: Shopping) -> None:
    """At night and without consent a transactional message goes out, and takes no place under the caps."""
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1))
    night = MORNING + timedelta(hours=14)
    record = shop.notifying().handle(request("email", purpose="transactional", due=night), night)
    assert record.state is State.SENT
    assert all(item["sk"] != "sends" for item in shop.world.memory.items())


def test_an_address_that_refused_everything_gets_no_order_notice(shop: Shopping) -> None:
    """A hard bounce suppresses the address whatever the purpose, until a later grant."""
    address = KEYS(parse("email:ayse@example.com"))
    shop.consent("email", granted=False, at=MORNING - timedelta(days=2), purpose="all", address_key=address)
    notice = request("email", purpose="transactional")
    assert shop.notifying().handle(notice, MORNING).outcome == Skipped(Reason.SUPPRESSED)
    shop.consent("email", granted=True, at=MORNING - timedelta(days=1), address_key=address)
    again = request("email", purpose="transactional", due=MORNING + timedelta(minutes=1))
    assert shop.notifying().handle(again, MORNING + timedelta(minutes=1)).state is State.SENT


def test_one_marketing_message_a_day(shop: Shopping) -> None:
    """The second waits for the next local day's send hours."""
    assert shop.notifying().handle(request("email"), MORNING).state is State.SENT
    later = MORNING + timedelta(hours=1)
    record = shop.notifying().handle(
        request("email", step="offer", template="cart-offer", give=GIVE.model_dump(), fresh_until_ms=2**42), later
    )
    assert record.outcome == Deferred(MORNING + timedelta(hours=23), Reason.DAILY_CAP)


def test_a_fallback_to_the_next_channel_costs_no_second_place(shop: Shopping) -> None:
    """The same step may go by push and, without a reaction, by e-mail on the same day."""
    assert shop.notifying().handle(request("push", "email"), MORNING).state is State.SENT
    assert shop.notifying().handle(request("email"), MORNING + timedelta(hours=4)).state is State.SENT


def test_a_definite_failure_gives_the_place_back(shop: Shopping) -> None:
    """A refused message does not use up the day."""
    shop.sender.answers = [Refused("provider_message_rejected")]
    first = shop.notifying().handle(request("email"), MORNING)
    assert first.outcome == Failed("provider_message_rejected")
    second = request("email", step="last", template="cart-last")
    assert shop.notifying().handle(second, MORNING).state is State.SENT


def test_no_answer_keeps_the_place_and_is_never_sent_again(shop: Shopping) -> None:
    """An ambiguous answer is UNKNOWN for good, and counts under the cap as if it had gone out."""
    shop.sender.answers = [Ambiguous("provider_read_timeout")]
    service = shop.notifying()
    assert service.handle(request("email"), MORNING).outcome == Unknown("provider_read_timeout")
    assert service.handle(request("email"), MORNING + timedelta(hours=1)).state is State.UNKNOWN
    assert len(shop.sender.sent) == 1
    again = request("email", step="last", template="cart-last")
    assert service.handle(again, MORNING).outcome == Skipped(Reason.DAILY_CAP)


def test_a_throttle_is_tried_again(shop: Shopping) -> None:
    """What the provider did not take after a moment either waits by a timer, and holds no place of the day."""
    shop.sender.answers = [Postponed("throttled")] * 3
    service = shop.notifying()
    record = service.handle(request("email"), MORNING)
    assert record.outcome == Deferred(MORNING + timedelta(minutes=1), Reason.THROTTLED, "throttled")
    assert service.contexts.read(request("email"), MORNING).sends.places == frozenset()
    assert service.handle(request("email"), MORNING + timedelta(minutes=1)).state is State.SENT


def test_dead_tokens_are_skipped_from_then_on(shop: Shopping) -> None:
    """A token that the provider gave up makes an event, hands over to e-mail, and rests until seen anew."""
    shop.sender.answers = [Unreachable(Reason.DEAD_TOKEN, ("android-1",))]
    service = shop.notifying()
    assert service.handle(request("push", "email"), MORNING).outcome == Failed(Reason.DEAD_TOKEN)
    assert [one.channels for one in shop.queues["email"].requests()] == [("email",)]
    names = [event.name for event in service.follow_up.customers.events(request().home)]
    assert names.count("Push Notification Bounced") == 1
    later = MORNING + timedelta(minutes=1)
    assert service.handle(request("push", step="last", template="cart-last"), later).outcome == Skipped(
        Reason.DEAD_TOKEN
    )
    context = {"device": {"type": "android", "token": "android-1"}}
    shop.send("Application Opened", at=MORNING + timedelta(minutes=2), context=context)
    newer = request("push", step="last", template="cart-last", due=MORNING + timedelta(minutes=3))
    assert service.handle(newer, MORNING + timedelta(minutes=3)).state is State.SENT


def test_sent_to_a_second_phone_after_the_first_died(shop: Shopping) -> None:
    """The provider's word on a token that died on the way is kept beside the success."""
    shop.sender.answers = [Accepted("p", ("android-1",))]
    service = shop.notifying()
    assert service.handle(request("push"), MORNING).state is State.SENT
    assert service.contexts.read(request("push"), MORNING).context.address is None


def test_without_a_sender_everything_is_decided_and_recorded(shop: Shopping) -> None:
    """Sending off: rendered, recorded with its subject as skipped(sending_off), nothing sent, no place taken."""
    record = shop.notifying(off=True).handle(request("email"), MORNING)
    assert record.outcome == Skipped(Reason.SENDING_OFF)
    assert record.text == "Ayşe, sepetiniz sizi bekliyor"
    assert all(item["sk"] != "sends" for item in shop.world.memory.items())


def test_switches_act_at_once(shop: Shopping) -> None:
    """Shadow mode skips, the global stop and a paused journey defer, a stopped journey and the allow-list skip."""
    controls, service = ControlStore(shop.catalog), shop.notifying()
    controls.write(Controls(shadow=True))
    assert service.handle(request("email", step="a"), MORNING).outcome == Skipped(Reason.SHADOW_MODE)
    controls.write(Controls(global_stop=True))
    assert service.handle(request("email", step="b"), MORNING).outcome == Deferred(
        MORNING + timedelta(minutes=15), Reason.GLOBAL_STOP
    )
    controls.write(Controls(allow_list=frozenset({"u.somebody"})))
    assert service.handle(request("email", step="c"), MORNING).outcome == Skipped(Reason.NOT_ON_ALLOW_LIST)
    controls.write(Controls(allow_list=frozenset({request().home})))
    assert service.handle(request("email", step="d"), MORNING).state is State.SENT
    JourneyControls(shop.catalog).set("cart-recovery", "stopped", MORNING)
    assert shop.notifying().handle(request("email", step="e"), MORNING).outcome == Skipped(Reason.JOURNEY_STOPPED)


def test_a_commercial_mail_without_a_way_to_refuse_is_not_sent(shop: Shopping) -> None:
    """If the deployment does not know its own address, commercial e-mail is skipped, not sent without a link."""
    record = shop.notifying(url="").handle(request("email"), MORNING)
    assert record.outcome == Skipped(Reason.CONTENT_MISSING)


def test_an_unknown_customer_and_an_unknown_template(shop: Shopping) -> None:
    """Nobody there is ``erased``; a template that the release lacks is ``template_missing``."""
    other = IdentifierKeys(b"x" * 32)(parse("user:nobody"))
    assert shop.notifying().handle(request("email", home=other), MORNING).outcome == Skipped(Reason.ERASED)
    assert shop.notifying().handle(request("email", template="no-such"), MORNING).outcome == Skipped(
        Reason.TEMPLATE_MISSING
    )


def test_a_skipped_step_may_be_handed_over_again_by_a_restarted_clock(shop: Shopping) -> None:
    """The same hand-over stays skipped; one with a later due time is taken up."""
    service = shop.notifying(off=True)
    assert service.handle(request("email"), MORNING).state is State.SKIPPED
    on = shop.notifying()
    assert on.handle(request("email"), MORNING).state is State.SKIPPED
    later = MORNING + timedelta(minutes=30)
    assert on.handle(request("email", due=later), later).state is State.SENT


def parse(text: str) -> Any:
    from shared.domain.identity.identifiers import parse_identifier

    return parse_identifier(text)


def test_a_place_reserved_before_a_crash_is_given_back_when_the_message_is_not_sent(shop: Shopping) -> None:
    """Its worker died before the call; if it is stopped before the next attempt, the day is free for another."""
    service = shop.notifying()
    calling = service.ledger.calling
    service.ledger.calling = lambda claimed, now: None  # type: ignore[method-assign]
    with pytest.raises(TryAgain):
        service.handle(request("email"), MORNING)
    service.ledger.calling = calling  # type: ignore[method-assign]
    other = request("email", step="last", template="cart-last", purpose="marketing")
    assert service.handle(other, MORNING).outcome == Skipped(Reason.DAILY_CAP)
    shop.consent("email", granted=False, at=MORNING - timedelta(hours=3))
    assert service.handle(request("email"), MORNING).outcome == Skipped(Reason.NO_CONSENT)
    assert service.contexts.read(request("email"), MORNING).sends.places == frozenset()
