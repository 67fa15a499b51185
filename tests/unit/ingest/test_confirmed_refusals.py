"""Who says himself what a stranger said for him: his own word is stored, and outlives the stranger's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.forged_withdrawals import take_back
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.message import Reason, Sent, Skipped
from shared.stores.consent_items import consent_items, statements
from tests.support.world import KEYS
from tests.unit.ingest.test_preferences import LATER, Recipient, handle, received
from tests.unit.ingest.test_sms_hooks import PHONE, agree, consents, hooked, permitted, post, reply
from tests.unit.ingest.world import NOW, WEB_KEY, World
from tests.unit.notify.world import MORNING, Shopping

pytestmark = pytest.mark.unit
HOME = KEYS(parse_identifier("user:42"))
MINUTE = timedelta(minutes=1)
TOMORROW = MORNING + timedelta(days=1)


def forge(shop: Shopping, channel: str = "email", *, public: bool = True, home: str = HOME) -> Consent:
    """A withdrawal for her whole channel, by whoever knows a key."""
    said = Consent(channel, "marketing", False, LATER, LATER, False, "web", "forged", public=public)
    shop.customers.put_many(consent_items(ConsentRecord((home,), said), trusted=not public))
    return said


def undo(shop: Shopping, said: Consent, *, home: str = HOME) -> None:
    word = take_back(said, "ops", "a script", "t1", LATER + 3 * MINUTE)
    shop.customers.put_many(consent_items(ConsentRecord((home,), word), trusted=True))


def own_words(shop: Shopping) -> list[Consent]:
    return [one for one, _ in statements(shop.customers, HOME) if one.origin == "preference_page" and not one.granted]


def test_what_nobody_confirmed_is_sent_again() -> None:
    """Looking at the page says nothing; saving another choice elsewhere on it, with the box ticked before, neither."""
    shop, who = received()
    stale = who.fields()
    said = forge(shop)
    who.get(LATER + MINUTE)
    who.post({**stale, "language": "en"}, LATER + 2 * MINUTE)  # the page still showed that mails come
    assert handle(shop, "email", LATER + 2 * MINUTE) == Skipped(Reason.NO_CONSENT)
    undo(shop, said)
    assert own_words(shop) == []
    assert isinstance(handle(shop, "email", TOMORROW, step="more"), Sent)


@pytest.mark.parametrize("more", [{}, {"language": "en"}, {"all": "off"}])
def test_who_saves_the_page_with_the_channel_off_has_said_so(more: dict[str, str]) -> None:
    """He saw that it is off, and left it so. Once is enough: saving again stores nothing more."""
    shop, who = received()
    said = forge(shop)
    after = LATER + MINUTE
    who.post({**who.fields(after), **more}, after)
    mine = [one for one in own_words(shop) if one.channel == "email"]
    assert [(one.purpose, one.link) for one in mine] == [("marketing", mine[0].link)]
    before = shop.world.memory.items()
    who.post({**who.fields(after + MINUTE), **more}, after + MINUTE)
    assert shop.world.memory.items() == before
    undo(shop, said)
    assert handle(shop, "email", TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_a_bounce_that_came_after_hides_no_forged_one() -> None:
    """He saves the page with the channel off. The bounce is lifted and the forged withdrawal taken back: his word
    stays."""
    shop, who = received()
    said = forge(shop)
    after = LATER + MINUTE
    mailbox = KEYS(parse_identifier("email:ayse@example.com"))

    def of_the_address(word: str, *, granted: bool, at: datetime) -> None:
        one = Consent("email", "all", granted, at, at, granted, "kervan", word, mailbox, origin=word)
        shop.customers.put_many(consent_items(ConsentRecord((mailbox,), one), trusted=True))

    of_the_address("soft_bounces", granted=False, at=after)
    who.post(who.fields(after + MINUTE), after + MINUTE)
    of_the_address("suppression_lifted", granted=True, at=after + 2 * MINUTE)
    undo(shop, said)
    assert handle(shop, "email", TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_a_no_of_somebody_else_with_the_mailbox_is_not_his_own() -> None:
    """The other one's no is of the mailbox alone. Who refuses everything on the page gets nothing at another address
    either."""
    shop, other = received()
    shop.send("identify", who="user:43", at=LATER, traits={"email": "ayse@example.com"})
    shop.send("Product Added", who="user:43", at=LATER, product_id="p1", quantity=1, name="A", price="1")
    shop.consent("email", granted=True, home="user:43")
    home = KEYS(parse_identifier("user:43"))
    assert isinstance(handle(shop, "email", LATER, step="more", home=home), Sent)
    who = Recipient(shop)
    said = forge(shop, home=home)
    other.post({**other.fields(LATER + MINUTE), "all": "off"}, LATER + MINUTE)
    who.post({**who.fields(LATER + 2 * MINUTE), "all": "off"}, LATER + 2 * MINUTE)
    before = shop.world.memory.items()
    who.post({**who.fields(LATER + 3 * MINUTE), "all": "off"}, LATER + 3 * MINUTE)
    assert shop.world.memory.items() == before
    undo(shop, said, home=home)
    shop.send("identify", who="user:43", at=LATER + 4 * MINUTE, traits={"email": "new@example.com"})
    assert handle(shop, "email", TOMORROW, home=home) == Skipped(Reason.NO_CONSENT)


def test_who_turns_it_off_on_a_page_that_showed_it_on_has_said_so() -> None:
    """It was withdrawn between loading and saving."""
    shop, who = received()
    stale = who.fields()
    said = forge(shop)
    form = {name: value for name, value in stale.items() if name != "email.marketing"}
    who.post(form, LATER + MINUTE)
    assert len(own_words(shop)) == 1
    undo(shop, said)
    assert handle(shop, "email", TOMORROW) == Skipped(Reason.NO_CONSENT)


def test_what_a_trusted_source_or_he_himself_said_is_not_said_again() -> None:
    """It is proven as it is, so saving the page costs nothing."""
    shop, who = received()
    forge(shop, public=False)
    after = LATER + MINUTE
    who.post(who.fields(after), after)
    assert own_words(shop) == []


def test_another_channel_that_is_on_is_not_refused_with_it() -> None:
    shop, who = received()
    forge(shop)
    after = LATER + MINUTE
    who.post(who.fields(after), after)
    assert {one.channel for one in own_words(shop)} == {"email"}
    assert isinstance(handle(shop, "sms", TOMORROW), Sent)


def test_a_stop_is_stored_beside_a_forged_one() -> None:
    """Replies without ids: a stranger's withdrawal that claims to be a reply hides no real one."""
    world = hooked(World(), replies={"from": "from", "text": "msg"})
    agree(world)
    forged = {"channel": "sms", "address": PHONE, "source": "sms_reply"}
    event = {"userId": "42", "event": "Consent Withdrawn", "messageId": "forged", "properties": forged}
    assert world.post("/v1/track", event, key=WEB_KEY)[0] == 200
    world.clock.advance(MINUTE)
    assert post(world, reply("STOP")) == (200, {"success": True})
    assert [one.public for one in consents(world) if one.origin == "sms_reply"] == [True, False]
    [said] = [one for one in consents(world) if one.public]
    key = world.keys(parse_identifier(f"phone:{PHONE}"))
    word = take_back(said, "ops", "a script", "t1", NOW + 2 * MINUTE)
    world.customers.put_many(consent_items(ConsentRecord((key,), word), trusted=True))
    world.clock.advance(2 * MINUTE)
    assert not permitted(world)
