"""A campaign speaks to a person once: addresses change, devices appear, profiles become one, mailboxes are shared."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.notify.campaign_counts import outcome_of
from functions.notify.service import TryAgain
from shared.domain.coupons.definition import CouponDefinition
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.lifecycle import IN_FLIGHT, Busy, Claim, Settled
from shared.domain.messages.message import Reason, Record, Skipped, State
from shared.domain.messages.request import Channel, Give, SendRequest
from shared.ports.sender import Answer, Postponed, Refused, Unreachable
from shared.stores.coupons import CouponCodes
from shared.stores.sends import read_sends
from tests.support.cases import LONG, UNIT
from tests.support.interleaving import Turns, TurnTable
from tests.support.world import KEYS, event
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = UNIT

UNCAPPED = SHOP.model_copy(update={"caps": {}})
MINUTE = timedelta(minutes=1)
CARD = "loyalty:L7"


def sale(*channels: Channel, home: str = "user:42", **more: Any) -> SendRequest:
    told = {"campaign": "spring-sale", "journey": "spring-sale", "enrollment": "campaign", "step": "campaign", **more}
    return request(*channels, home=KEYS(parse_identifier(home)), **told)


def gift(once_per: timedelta | None = timedelta(days=180)) -> dict[str, Any]:
    milliseconds = None if once_per is None else round(once_per.total_seconds() * 1000)
    give = Give(coupon="CART10", percent=10, valid_ms=72 * 3_600_000, once_per_ms=milliseconds)
    return {"template": "cart-offer", "give": give.model_dump(), "release": 2}


def shopping(coupon: CouponDefinition | None = None, tokens: tuple[str, ...] = ("android-1",)) -> Shopping:
    """Ayşe, and her loyalty card with another address, which nobody has linked yet."""
    shop = Shopping(UNCAPPED)
    shop.publish(UNCAPPED, coupons=(coupon,) if coupon else ())
    shop.ayse(tokens=tokens)
    before = MORNING - timedelta(days=2)
    shop.send("identify", at=before, who=CARD, traits={"email": "old@example.com", "language": "tr"})
    shop.send("Product Added", at=before, who=CARD, product_id="p", quantity=1, name="Elbise", price="10")
    shop.consent("email", granted=True, home=CARD)
    return shop


def corrects(shop: Shopping, email: str, at: timedelta = MINUTE) -> None:
    shop.send("identify", at=MORNING + at, traits={"email": email})


def linked(shop: Shopping, at: timedelta = MINUTE) -> None:
    shop.world.send(event("Linked", ["user:42", CARD], at=MORNING + at, trusted=True))


def ask(shop: Shopping, wanted: SendRequest, at: timedelta = timedelta()) -> Record:
    return shop.notifying().handle(wanted, MORNING + at)


def dies(shop: Shopping, wanted: SendRequest, at: timedelta = timedelta()) -> None:
    """The environment dies after the claim and the note, right before the call is recorded."""

    def calling(claimed: Record, now: datetime) -> Record | None:
        raise ConnectionError("the environment dies")

    service = shop.notifying()
    service.ledger.calling = calling  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        service.handle(wanted, MORNING + at)


def test_an_address_that_was_corrected_in_between_gets_no_second_one() -> None:
    """The page was handed over twice. The ledger says why, and it counts as the one customer that he is."""
    shop = shopping()
    assert ask(shop, sale("email")).state is State.SENT
    corrects(shop, "corrected@example.com")
    again = ask(shop, sale("email"), 2 * MINUTE)
    assert again.outcome == Skipped(Reason.ALREADY_SAID)
    assert outcome_of(sale("email"), again, MORNING + 2 * MINUTE) is None
    assert [one.address.to for one in shop.sender.sent] == ["ayse@example.com"]


@pytest.mark.parametrize("tokens", [(), ("android-1",)])
def test_a_new_phone_in_between_gets_no_second_one(tokens: tuple[str, ...]) -> None:
    """Push went to the old one; or nobody had the app, e-mail went out, and the app came afterwards."""
    shop = shopping(tokens=tokens)
    ask(shop, sale("push", "email"))
    for following in shop.queues["email"].requests():
        ask(shop, following)
    device = {"device": {"type": "android", "token": "android-2"}}
    shop.send("Application Opened", at=MORNING + MINUTE, context=device)
    assert ask(shop, sale("push", "email"), 2 * MINUTE).outcome == Skipped(Reason.ALREADY_SAID)
    assert len(shop.sender.sent) == 1


def test_what_was_refused_at_the_old_address_goes_to_the_new_one() -> None:
    """A note of a message that did not go out stands in nobody's way; nor does one that was about to be called."""
    answers: dict[State, Answer] = {
        State.FAILED: Unreachable("provider_invalid_number"),
        State.DEFERRED: Postponed("provider_sending_paused"),
    }
    for state, first in answers.items():
        shop = shopping()
        shop.sender.answers = [first]
        assert ask(shop, sale("email")).state is state
        corrects(shop, "corrected@example.com")
        assert ask(shop, sale("email"), 2 * MINUTE).state is State.SENT
        corrects(shop, "ayse@example.com", 3 * MINUTE)
        ask(shop, sale("email"), 4 * MINUTE)
        assert [one.address.to for one in shop.sender.sent] == ["ayse@example.com", "corrected@example.com"]


def test_an_attempt_that_died_before_its_call_is_taken_up_again_at_its_address() -> None:
    """Superseded by the message to a new address, whose worker died as well; then the old address comes back."""
    shop = shopping()
    for place, email in enumerate(("ayse@example.com", "corrected@example.com")):
        corrects(shop, email, place * MINUTE)
        dies(shop, sale("email"), place * MINUTE)
    corrects(shop, "ayse@example.com", 3 * MINUTE)
    assert ask(shop, sale("email"), 4 * MINUTE).state is State.SENT


def test_while_the_other_is_being_called_nobody_goes_on() -> None:
    """Its answer decides; after two minutes without one it may have gone out."""
    shop = shopping()

    class Asleep:
        def send(self, _outgoing: object) -> Answer:
            raise ConnectionError("the environment dies")

    with pytest.raises(ConnectionError):
        shop.notifying(sender=Asleep()).handle(sale("email"), MORNING)
    corrects(shop, "corrected@example.com")
    with pytest.raises(TryAgain, match=r"^busy$"):
        ask(shop, sale("email"), MINUTE)
    assert ask(shop, sale("email"), IN_FLIGHT).outcome == Skipped(Reason.ALREADY_SAID)


def test_who_read_before_the_other_noted_and_claims_after_it_hears_of_it() -> None:
    """The claim that was lost is made anew, for the old address; but the notes are not as they were read."""
    shop = shopping()
    dies(shop, sale("email"))
    late = shop.notifying()
    begin = late.ledger.begin

    def overtaken(request: SendRequest, root: str, now: datetime, **how: Any) -> Claim | Settled | Busy:
        if not shop.sender.sent:
            corrects(shop, "corrected@example.com")
            assert ask(shop, sale("email"), MINUTE).state is State.SENT
        return begin(request, root, now, **how)

    late.ledger.begin = overtaken  # type: ignore[method-assign]
    assert late.handle(sale("email"), MORNING + 2 * MINUTE).outcome == Skipped(Reason.ALREADY_SAID)
    assert [one.address.to for one in shop.sender.sent] == ["corrected@example.com"]


def test_two_members_who_become_one_get_it_once_and_one_code() -> None:
    """With ``once_per`` and without it: the second is told that the same customer has it, and takes no code."""
    for once_per, reason in ((timedelta(days=180), "same_customer"), (None, "same_customer")):
        shop = shopping(CouponDefinition(coupon="CART10", codes="imported"))
        codes = CouponCodes(shop.messages, shop.chance.randrange)
        codes.add("CART10", ["K1", "K2", "K3"])
        assert ask(shop, sale("email", home=CARD, **gift(once_per))).state is State.SENT
        linked(shop)
        second = ask(shop, sale("email", **gift(once_per)), 2 * MINUTE)
        assert second.outcome == Skipped(reason)
        assert outcome_of(sale("email"), second, MORNING + 2 * MINUTE) == "same_customer"
        assert (len(shop.sender.sent), codes.left("CART10", 10)) == (1, 2)


@pytest.mark.parametrize("coupon", [None, CouponDefinition(coupon="CART10", pattern="CART10-{8}")])
def test_a_refused_message_of_one_profile_leaves_the_other_s_coupon_noted(coupon: CouponDefinition | None) -> None:
    """Both were handed over, hers is refused, then they become one: the card's code counts for ``once_per`` still."""
    shop = shopping(coupon)
    assert ask(shop, sale("email", home=CARD, **gift())).state is State.SENT
    linked(shop)
    shop.sender.answers = [Refused("provider_message_rejected")]
    ask(shop, sale("email", **gift()), 2 * MINUTE)
    summer = sale("email", campaign="summer-sale", **gift())
    assert ask(shop, summer, 3 * MINUTE).outcome == Skipped(Reason.COUPON_ONCE_PER, "2026-11-23T07:00:00.000Z")


def test_a_skip_at_a_corrected_address_gives_away_neither_place_nor_coupon() -> None:
    """He has the message at the old one; the new one never agreed. The day's cap is used up, and so is ``once_per``."""
    shop = shopping()
    shop.publish(SHOP)
    ask(shop, sale("email", **gift() | {"release": 3}))
    corrects(shop, "corrected@example.com")
    shop.consent(
        "email", granted=False, at=MORNING + MINUTE, address_key=KEYS(parse_identifier("email:corrected@example.com"))
    )
    assert ask(shop, sale("email", **gift() | {"release": 3}), 2 * MINUTE).state is State.SKIPPED
    sends = read_sends(shop.customers.get(KEYS(parse_identifier("user:42")), "sends"))
    assert {place.tag for place in sends.places} == {"marketing", "email"}
    assert [given.code for given in sends.given.values()] == ["CART10"]


def test_who_did_not_agree_does_not_silence_who_shares_the_mailbox() -> None:
    """The skip is taken up by the other profile; a message that went out is not."""
    shop = shopping()
    corrects(shop, "old@example.com", -MINUTE)
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1))
    first, second = sale("email"), sale("email", home=CARD)
    assert outcome_of(first, ask(shop, first), MORNING) == "no_consent"
    assert outcome_of(second, ask(shop, second), MORNING) == "sent"
    assert outcome_of(first, ask(shop, first, MINUTE), MORNING + MINUTE) == "same_address"
    assert len(shop.sender.sent) == 1


def listed(shop: Shopping, home: str) -> list[tuple[State, str, tuple[str, ...]]]:
    """What the ledger says to one customer: state, reason, and the messages that are its evidence."""
    ledger = shop.notifying().ledger
    records = [ledger.get(entry["pk"]) for entry in ledger.of_home(KEYS(parse_identifier(home))).items]
    return [
        (one.state, getattr(one.outcome, "reason", ""), tuple(e["id"] for e in getattr(one.outcome, "evidence", ())))
        for one in records
        if one is not None
    ]


def test_who_shares_a_mailbox_is_told_why_nothing_came() -> None:
    """The message is listed under the customer who got it; the other one's list names it, however often it is asked."""
    shop = shopping()
    corrects(shop, "old@example.com", -MINUTE)
    sent = ask(shop, sale("email", home=CARD))
    for again in range(3):
        record = ask(shop, sale("email"), again * MINUTE)
        assert outcome_of(sale("email"), record, MORNING + again * MINUTE) == "same_address"
    assert listed(shop, CARD) == [(State.SENT, "", ())]
    assert listed(shop, "user:42") == [(State.SKIPPED, "same_address", (sent.message_id,))]
    linked(shop)
    ask(shop, sale("email"), 5 * MINUTE)
    assert len(listed(shop, "user:42")) == len(listed(shop, CARD)) == 1


def test_both_who_share_a_mailbox_keep_their_own_reason() -> None:
    """Neither agreed. The second one's skip takes the place of the first one's in the ledger, and both are listed."""
    shop = shopping()
    corrects(shop, "old@example.com", -MINUTE)
    for home in ("user:42", CARD):
        shop.consent("email", granted=False, at=MORNING - timedelta(days=1), home=home)
    assert outcome_of(sale("email"), ask(shop, sale("email")), MORNING) == "no_consent"
    assert outcome_of(sale("email", home=CARD), ask(shop, sale("email", home=CARD)), MORNING) == "no_consent"
    for home in ("user:42", CARD):
        assert [(state, reason) for state, reason, _ in listed(shop, home)] == [(State.SKIPPED, "no_consent")]


@pytest.mark.parametrize("spelling", ["Ayse@Example.com", "AYSE@EXAMPLE.COM", "Ayşe <ayse@example.com>"])
def test_two_spellings_of_a_mailbox_are_one_address(spelling: str) -> None:
    """Two customers wrote one mailbox in two ways: it gets one message, and it goes to the address as written."""
    shop = shopping()
    shop.send("identify", at=MORNING - MINUTE, who=CARD, traits={"email": spelling})
    first, second = sale("email", home=CARD), sale("email")
    assert outcome_of(first, ask(shop, first), MORNING) == "sent"
    assert outcome_of(second, ask(shop, second), MORNING) == "same_address"
    assert [one.address.to for one in shop.sender.sent] == [spelling.removeprefix("Ayşe <").removesuffix(">")]


def test_a_withdrawal_holds_for_every_spelling_of_the_mailbox() -> None:
    """Whoever refused as ``AYSE@...`` gets nothing as ``ayse@...``, though the grant was for the customer."""
    shop = shopping()
    written = KEYS(parse_identifier("email:AYSE@Example.com"))
    shop.consent("email", granted=False, at=MORNING - timedelta(days=1), home=CARD, address_key=written)
    assert outcome_of(sale("email"), ask(shop, sale("email")), MORNING) == "no_consent"
    assert shop.sender.sent == []


def test_a_test_asks_and_takes_no_coupon() -> None:
    """Again and again, after ``once_per`` was used up and before: it shows a sample, and the pool stays whole."""
    shop = shopping(CouponDefinition(coupon="CART10", codes="imported"))
    codes = CouponCodes(shop.messages, shop.chance.randrange)
    codes.add("CART10", ["K1"])
    for number in range(2):
        tried = ask(shop, sale("email", enrollment=f"test-{number}", step="test", test=True, **gift()))
        assert (tried.state, tried.coupon) == (State.SENT, "CART10-TEST")
    assert codes.left("CART10", 10) == 1
    assert ask(shop, sale("email", **gift())).coupon == "K1"
    assert ask(shop, sale("email", enrollment="test-3", step="test", test=True, **gift())).state is State.SENT


@pytest.mark.parametrize("seed", range(300 if LONG else 20))
def test_an_address_that_changes_under_two_workers_sends_one(seed: int) -> None:
    """Whatever the order of their calls, with crashes in every second case: never two, without a crash always one."""
    crash_rate = 0.03 if seed % 2 else 0.0
    shop = shopping()
    table = shop.world.memory
    turns = Turns(random.Random(seed), crash_rate=crash_rate)
    shop.customers, shop.messages = TurnTable(table), TurnTable(shop.messages)  # type: ignore[assignment]
    ended: list[Record] = []

    def worker() -> None:
        for attempt in range(30):
            try:
                ended.append(ask(shop, sale("email", fresh_until_ms=2**42), attempt * (IN_FLIGHT * 2)))
            except TryAgain:
                continue
            return

    def changes() -> None:
        for place in range(3):
            for _ in range(seed % 5 + 1):
                shop.customers.get("nobody", "at all")
            corrects(shop, f"corrected{place}@example.com", place * MINUTE)

    jobs: list[Callable[[], None]] = [worker, worker, changes]
    turns.run(jobs)
    assert len(ended) >= 2
    assert len(shop.sender.sent) <= 1
    if not crash_rate:
        assert len(shop.sender.sent) == 1
