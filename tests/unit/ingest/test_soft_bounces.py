"""Five soft bounces in a row over a week give an address up; a delivery or an operator takes that back."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.ingest.feedback import Feedback
from shared.domain.consent.consent import Consent, consent_state
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.soft_bounces import SoftBounces
from shared.domain.consent.suppression import suppressed
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.identity.keys import milliseconds, time_text
from shared.domain.messages.lifecycle import Claim
from shared.domain.messages.message import Sent
from shared.domain.messages.request import SendRequest
from shared.stores.consent_items import consent_items, statements
from shared.stores.ledger import Ledger
from tests.support.cases import also_long, cases
from tests.unit.ingest.world import ADMIN_KEY, NOW, World, http_event

pytestmark = pytest.mark.unit

HOUR = timedelta(hours=1)
BOUNCE, DELIVERY = "bounce", "delivery"
Report = tuple[str, int]
"""What, and how many hours after the beginning."""


@dataclass
class Mailbox:
    """Mail of user:42 to one address; reports come in whatever order, the clock goes on with each."""

    world: World = field(default_factory=World)
    came: int = 0

    def __post_init__(self) -> None:
        self.home = self.world.keys(parse_identifier("user:42"))
        self.address = self.world.keys(parse_identifier("email:ayse@example.com"))
        self.other = self.world.keys(parse_identifier("email:other@example.com"))
        self.ledger = Ledger(self.world.messages)
        self.feedback = Feedback(self.world.customers, self.ledger, self.world.keys)
        self.messages = {self.address: self._sent("s1", self.address), self.other: self._sent("s2", self.other)}
        self.clock = NOW + timedelta(days=60)
        statement = Consent("email", "marketing", True, NOW, NOW, True, "shop", "yes", self.address)
        self.world.customers.put_many(consent_items(ConsentRecord((self.home, self.address), statement), trusted=True))

    def _sent(self, step: str, address: str) -> str:
        asked = SendRequest(
            home=self.home, enrollment="e1", journey="j", release=1, step=step, template="t", purpose="marketing",
            channels=("email",), due_ms=1, fresh_until_ms=milliseconds(NOW + timedelta(days=1)), clock_ms=1,
        )  # fmt: skip
        begun = self.ledger.begin(asked, self.home, NOW)
        assert isinstance(begun, Claim)
        calling = self.ledger.calling(replace(begun.record, address_key=address), NOW)
        assert calling is not None
        self.ledger.settle(calling, Sent(NOW, "ses-1"), NOW)
        return asked.message_id

    def report(
        self, what: str, at: datetime, *, address: str = "", kind: str = "Transient", sub: str = "General"
    ) -> None:
        self.came += 1
        name = {"bounce": "Bounce", "delivery": "Delivery"}[what]
        about: dict[str, Any] = {"timestamp": time_text(at)}
        if what == BOUNCE:
            about |= {"bounceType": kind, "bounceSubType": sub, "feedbackId": f"f{milliseconds(at)}"}
        tags = {"kervan_message": [self.messages[address or self.address]]}
        mail = {"messageId": "ses-1", "timestamp": time_text(at), "tags": tags}
        assert self.feedback.record({"eventType": name, "mail": mail, what: about}, self.now)

    @property
    def now(self) -> datetime:
        return self.clock + timedelta(seconds=self.came)

    @property
    def said(self) -> list[Consent]:
        return [one for one, _ in statements(self.world.customers, self.address)]

    @property
    def given_up(self) -> str:
        found = suppressed(self.said, "email", self.address, self.now)
        assert consent_state(self.said, "email", "marketing", self.address, self.now).granted == (found is None)
        return "" if found is None else found.origin

    def lift(self, address: str = "email:ayse@example.com", because: str = "she emptied it") -> tuple[int, Any]:
        self.came += 1
        self.world.clock.time = self.now
        path = f"/v1/customers/{address}/lift-suppression"
        return self.world.send(http_event("POST", path, {"because": because}, {"authorization": f"Bearer {ADMIN_KEY}"}))


def expected(reports: list[Report]) -> str:
    """Brute force: the bounces behind the last delivery, five or more, over seven days or more."""
    last = max((hour for what, hour in reports if what == DELIVERY), default=-1)
    row = sorted({hour for what, hour in reports if what == BOUNCE and hour > last})
    return "soft_bounces" if len(row) >= 5 and row[-1] - row[0] >= 7 * 24 else ""


REPORTS = st.lists(
    st.tuples(st.sampled_from((BOUNCE, BOUNCE, BOUNCE, BOUNCE, DELIVERY)), st.integers(0, 400)), max_size=14
)


@also_long
@cases(60)
@given(REPORTS, st.randoms(use_true_random=False))
def test_reports_in_any_order_and_repetition_say_the_same(reports: list[Report], chance: random.Random) -> None:
    """After each report the address is given up if and only if the reports until then say so."""
    mailbox = Mailbox()
    shuffled = [*reports, *(chance.choice(reports) for _ in range(len(reports) // 2))]
    chance.shuffle(shuffled)
    heard: list[Report] = []
    for what, hour in shuffled:
        mailbox.report(what, NOW + hour * HOUR)
        heard.append((what, hour))
        assert mailbox.given_up == expected(heard)


@also_long
@cases(60)
@given(st.lists(st.tuples(st.sampled_from((BOUNCE, DELIVERY)), st.integers(0, 500)), max_size=40), st.randoms())
def test_what_is_remembered_does_not_depend_on_the_order(reports: list[Report], chance: random.Random) -> None:
    """The state is a join."""

    def state(order: list[Report]) -> SoftBounces:
        held = SoftBounces()
        for what, hour in order:
            held = held.with_bounce(hour, str(hour)) if what == BOUNCE else held.with_delivery(hour)
        return held

    other = [*reports, *reports]
    chance.shuffle(other)
    assert state(reports) == state(other)


def test_many_bounces_keep_their_beginning() -> None:
    """A thousand bounces do not fill the item, and still span their time."""
    held = SoftBounces()
    for minute in range(20_000):
        held = held.with_bounce(minute * 60_000, str(minute))
    assert len(held.bounces) <= 64
    assert held.to_suppress is not None


@pytest.mark.parametrize(
    ("hours", "given_up"),
    [
        ((0, 24, 48, 72, 168), "soft_bounces"),
        ((0, 24, 48, 72, 167), ""),
        ((0, 24, 48, 168), ""),
        ((0, 1, 2, 3, 4), ""),
    ],
)
def test_five_over_seven_days(hours: tuple[int, ...], given_up: str) -> None:
    """Neither four nor less than a week are enough."""
    mailbox = Mailbox()
    for hour in hours:
        mailbox.report(BOUNCE, NOW + hour * HOUR)
    assert mailbox.given_up == given_up


@pytest.mark.parametrize(
    ("kind", "sub", "counts"),
    [
        ("Transient", "MailboxFull", True),
        ("Undetermined", "Undetermined", True),
        ("Transient", "MessageTooLarge", False),
        ("Transient", "ContentRejected", False),
        ("Transient", "AttachmentRejected", False),
    ],
)
def test_what_says_nothing_of_the_address_does_not_count(kind: str, sub: str, *, counts: bool) -> None:
    """A message that was too large would be refused by anybody."""
    mailbox = Mailbox()
    for day in range(8):
        mailbox.report(BOUNCE, NOW + timedelta(days=day), kind=kind, sub=sub)
    assert bool(mailbox.given_up) == counts


def test_a_delivery_to_another_address_is_no_sign_of_life() -> None:
    """Nor are bounces there a reason."""
    mailbox = Mailbox()
    for day in range(8):
        mailbox.report(BOUNCE, NOW + timedelta(days=day))
        mailbox.report(DELIVERY, NOW + timedelta(days=day, hours=1), address=mailbox.other)
    assert mailbox.given_up == "soft_bounces"


def test_the_statement_names_the_message_and_the_home_has_it_too() -> None:
    """Segments read the customer's own copy."""
    mailbox = Mailbox()
    for day in range(8):
        mailbox.report(BOUNCE, NOW + timedelta(days=day))
    for key in (mailbox.home, mailbox.address):
        (found,) = [one for one, _ in statements(mailbox.world.customers, key) if one.bounced]
        assert (found.link, found.purpose, found.granted) == (mailbox.messages[mailbox.address], "all", False)


def test_an_operator_lifts_a_bounce_with_proof() -> None:
    """Consent from before holds again; who and why stand in the log; the next hard bounce counts again."""
    mailbox = Mailbox()
    mailbox.report(BOUNCE, NOW, kind="Permanent")
    assert mailbox.given_up == "hard_bounce"
    status, answer = mailbox.lift("AYSE@example.com")
    assert (status, answer["lifted"], answer["by"]) == (200, 1, "admin")
    assert mailbox.given_up == ""
    for key in (mailbox.home, mailbox.address):
        assert any(one.lifts for one, _ in statements(mailbox.world.customers, key))
    rows = [item for item in mailbox.world.customers.items() if item.get("name") == "Suppression Lifted"]
    assert [item["pk"] for item in rows] == [mailbox.home]
    mailbox.report(BOUNCE, NOW, kind="Permanent")  # the same report again
    assert mailbox.given_up == ""
    mailbox.report(BOUNCE, mailbox.now, kind="Permanent")
    assert mailbox.given_up == "hard_bounce"


def test_after_a_lift_soft_bounces_are_counted_anew() -> None:
    """One more bounce does not give the address up again at once."""
    mailbox = Mailbox()
    for day in range(8):
        mailbox.report(BOUNCE, NOW + timedelta(days=day))
    assert mailbox.lift()[0] == 200
    mailbox.report(BOUNCE, NOW + timedelta(days=9))
    assert mailbox.given_up == ""
    for _ in range(8):
        mailbox.clock += timedelta(days=1)
        mailbox.report(BOUNCE, mailbox.now)
    assert mailbox.given_up == "soft_bounces"


@pytest.mark.parametrize("origin", ["complaint", "unsubscribe_link", "hard_bounce"])
def test_nothing_that_a_person_said_is_lifted(origin: str) -> None:
    """A complaint, a refusal of everything, and a refusal that an event from outside calls a bounce."""
    mailbox = Mailbox()
    source = "ses" if origin == "complaint" else "shop"
    refusal = Consent("email", "all", False, NOW, NOW, False, source, "no", mailbox.address, origin=origin)
    mailbox.world.customers.put_many(consent_items(ConsentRecord((mailbox.address,), refusal), trusted=True))
    status, answer = mailbox.lift()
    assert (status, answer["error"]) == (409, "nothing_to_lift")
    assert mailbox.given_up == origin
    mailbox.report(BOUNCE, NOW + HOUR, kind="Permanent")
    assert mailbox.lift()[0] == 200
    assert mailbox.given_up == origin


def test_who_withdrew_stays_withdrawn_after_a_lift() -> None:
    """A lift is no grant."""
    mailbox = Mailbox()
    mailbox.report(BOUNCE, NOW, kind="Permanent")
    said = Consent("email", "marketing", False, NOW, NOW, False, "web", "no", mailbox.address)
    mailbox.world.customers.put_many(consent_items(ConsentRecord((mailbox.address,), said), trusted=False))
    assert mailbox.lift()[0] == 200
    assert not consent_state(mailbox.said, "email", "marketing", mailbox.address, mailbox.now).granted


@pytest.mark.parametrize(
    ("address", "because", "status"),
    [
        ("nobody", "x", 400),
        ("user:42", "x", 400),
        ("email:", "x", 400),
        ("a@example.com", " ", 400),
        ("a@example.com", "x" * 501, 400),
        ("a@example.com", "x", 409),
    ],
)
def test_what_cannot_be_lifted_is_refused(address: str, because: str, status: int) -> None:
    """With a sentence, and nothing stored."""
    mailbox = Mailbox()
    before = mailbox.world.customers.items()
    assert mailbox.lift(address, because)[0] == status
    assert mailbox.world.customers.items() == before
