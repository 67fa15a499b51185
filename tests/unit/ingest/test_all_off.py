""" "Unsubscribe from all" on the page of preferences: no other address, channel or older word goes round it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlencode

import pytest

from functions.ingest.unsubscribe import refusal_items
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.recipient_tokens import RecipientLink
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.message import Reason, Skipped, State
from shared.ports import Table, Throttled
from shared.stores.consent_items import consent_items, statements
from shared.stores.customers import CustomerStore
from tests.support.world import KEYS
from tests.unit.ingest.test_preferences import LATER, Recipient, asked, handle, received
from tests.unit.notify.world import MORNING, SHOP, Shopping, request

pytestmark = pytest.mark.unit

HOME, MAILBOX, NUMBER = (
    KEYS(parse_identifier(one)) for one in ("user:42", "email:ayse@example.com", "phone:+905321112233")
)
TOMORROW = MORNING + timedelta(days=1)
CHANNELS = ("email", "sms", "push")


def test_it_speaks_for_other_mailboxes_though_this_one_was_refused_before() -> None:
    """One click refused for the mailbox of the mail; then everything was refused on the page that it led to."""
    shop, who = received()
    refusal = RecipientLink(HOME, "m-1", "email", "marketing", MAILBOX)
    shop.customers.put_many(refusal_items(refusal, CustomerStore(shop.customers), KEYS, LATER))
    who.post({**who.fields(), "all": "off"}, LATER + timedelta(minutes=1))
    shop.send("identify", at=LATER + timedelta(minutes=2), traits={"email": "new@example.com"})
    assert handle(shop, "email", TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_it_speaks_for_another_number_that_agreed_by_itself() -> None:
    """The number of the account was refused by a reply; an older one of hers is written to no more either."""
    shop, who = received()
    older = KEYS(parse_identifier("phone:+905321112244"))
    shop.consent("sms", granted=True, at=MORNING, address_key=older)
    shop.consent("sms", granted=False, at=MORNING, address_key=NUMBER)
    who.post({**who.fields(), "all": "off"})
    shop.send("identify", at=LATER + timedelta(minutes=2), traits={"phone": "+905321112244"})
    assert handle(shop, "sms", TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_it_speaks_for_an_address_that_agreed_after_all_others_were_refused() -> None:
    """An older number of hers, and her mailbox, which bounces for now."""
    shop, who = received()
    older = KEYS(parse_identifier("phone:+905321112244"))
    for channel, address in (("sms", older), ("email", MAILBOX)):
        shop.consent(channel, granted=False, at=MORNING - timedelta(days=2))
        shop.consent(channel, granted=True, at=MORNING - timedelta(days=1), address_key=address)
    for granted, origin, at in ((False, "hard_bounce", MORNING), (True, "suppression_lifted", TOMORROW)):
        said = Consent("email", "all", granted, at, at, False, "kervan", origin, MAILBOX, "", origin)
        shop.customers.put_many(consent_items(ConsentRecord((MAILBOX,), said), trusted=True))
    who.post({**who.fields(), "all": "off"})
    shop.send("identify", at=LATER + timedelta(minutes=2), traits={"phone": "+905321112244"})
    for channel in ("sms", "email"):
        assert handle(shop, channel, TOMORROW + timedelta(minutes=1)) == Skipped(Reason.NO_CONSENT)


def test_it_speaks_for_channels_on_which_nobody_can_be_reached_for_now() -> None:
    """She took the app away and refused everything; the app that comes back brings no advertising."""
    shop = Shopping(SHOP.model_copy(update={"caps": {}}))
    shop.ayse(tokens=())
    assert shop.notifying().handle(request("email"), MORNING).state is State.SENT
    who = Recipient(shop)
    assert "was.push.marketing" not in who.fields()
    who.post({**who.fields(), "all": "off"})
    who.post({**who.fields(), "was.push.marketing": "0", "push.marketing": "1"}, LATER + timedelta(minutes=1))
    device = {"type": "android", "token": "android-2"}
    shop.send("Application Opened", at=LATER + timedelta(minutes=2), context={"device": device})
    assert handle(shop, "push", TOMORROW) == Skipped(Reason.NO_CONSENT)


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_it_beats_an_older_consent_that_is_imported_later(channel: Any) -> None:
    """Nothing was known of the channel on the day of the refusal."""
    shop, who = received()
    for item in shop.world.memory.items():
        if item.get("channel") == channel and "granted" in item:
            shop.customers.delete(item["pk"], item["sk"])
    who.post({**who.fields(), "all": "off"})
    before = shop.world.memory.items()
    who.post({**who.fields(), "all": "off"}, LATER + timedelta(minutes=1))
    assert shop.world.memory.items() == before
    shop.consent(channel, granted=True, at=MORNING - timedelta(days=90))
    assert handle(shop, channel, TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_the_link_of_a_mail_does_not_revive_a_number_that_bounced() -> None:
    """The number may belong to somebody else now: refused with everything and then ticked, it stays suppressed."""
    shop, who = received()
    said = Consent("sms", "all", False, MORNING, MORNING, False, "kervan", "b-1", NUMBER, "", "hard_bounce")
    shop.customers.put_many(consent_items(ConsentRecord((NUMBER,), said), trusted=True))
    who.post({**who.fields(), "all": "off"})
    later = LATER + timedelta(minutes=1)
    assert "was.sms.marketing" not in who.fields(later)
    who.post({**who.fields(later), "was.sms.marketing": "0", "sms.marketing": "1"}, later)
    assert handle(shop, "sms", TOMORROW).reason in {Reason.SUPPRESSED, Reason.NO_CONSENT}


class Breaking:
    """A table that stores ``some`` of the items of its ``call``-th write, and says that it could not."""

    def __init__(self, table: Table, call: int, some: int) -> None:
        self.table, self.calls, self.some = table, call, some

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    def put_many(self, items: Iterable[dict[str, Any]]) -> None:
        self.calls -= 1
        kept = list(items)
        self.table.put_many(kept if self.calls else kept[: self.some] if self.some >= 0 else kept[self.some :])
        if not self.calls:
            raise Throttled


@pytest.mark.parametrize("some", [-1, -3, -6, 0, 1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("call", [1, 2])
def test_what_was_stored_by_half_is_taken_again(call: int, some: int) -> None:
    """She is told that it failed and asks again: then it holds for her and for the mailbox, whoever has it."""
    shop, who = received()
    form = {**who.fields(), "all": "off"}
    breaking = replace(who.pages, customers=cast("Any", Breaking(shop.customers, call, some)))
    with suppress(Throttled):
        breaking.answer(asked("POST", urlencode(form)), who.token, LATER)
    who.post(form, LATER + timedelta(minutes=1))
    for place, channel in ((HOME, "email"), (MAILBOX, "email"), (HOME, "sms"), (NUMBER, "sms"), (HOME, "push")):
        said = [one for one, _ in statements(shop.customers, place) if one.channel == channel]
        assert any(not one.granted for one in said), (place, channel)


def test_twice_is_once() -> None:
    """The page says that nothing was changed."""
    shop, who = received()
    who.post({**who.fields(), "all": "off"})
    before = shop.world.memory.items()
    answer = who.post({**who.fields(), "all": "off"}, LATER + timedelta(minutes=1))
    assert answer["headers"]["location"] == "?saved=0&lang=tr"
    assert shop.world.memory.items() == before
    assert {handle(shop, channel, TOMORROW).reason for channel in CHANNELS} == {Reason.NO_CONSENT}
