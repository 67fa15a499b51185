"""The page of preferences: it shows without changing, changes only what was touched, and the gates obey at once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from functions.ingest.api import route
from functions.ingest.page_texts import TEXTS
from functions.ingest.preferences import PreferencePages
from shared.adapters.phones import phone_reader
from shared.domain.consent.consent import Consent
from shared.domain.consent.consent_events import ConsentRecord
from shared.domain.consent.recipient_tokens import RecipientLink, RecipientTokens
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.messages.message import Deferred, Reason, Skipped, State
from shared.http.answers import Problem
from shared.http.request import Request, read_request
from shared.stores.consent_items import consent_items
from tests.support.world import KEYS
from tests.unit.ingest.world import World, http_event
from tests.unit.notify.world import MORNING, SECRET, SHOP, Shopping, request

pytestmark = pytest.mark.unit

TOKENS = RecipientTokens(SECRET)
LATER = MORNING + timedelta(minutes=1)


class Recipient:
    """Somebody who got a message and follows the link to the page of preferences in it."""

    def __init__(self, shop: Shopping) -> None:
        self.shop = shop
        html = getattr(shop.sender.sent[-1].content, "html", "")
        found = re.search(r"https://api\.example/p/([A-Za-z0-9_-]+)", html)
        assert found is not None
        self.token = found[1]
        self.pages = PreferencePages(shop.customers, shop.catalog, TOKENS, KEYS, phone_reader("TR"))

    def get(self, at: Any = LATER, **query: str) -> dict[str, Any]:
        return self.pages.answer(asked("GET", query=query), self.token, at)

    def post(self, form: dict[str, str], at: Any = LATER) -> dict[str, Any]:
        return self.pages.answer(asked("POST", urlencode(form)), self.token, at)

    def fields(self, at: Any = LATER) -> dict[str, str]:
        """What a browser would send if nothing was touched."""
        body = self.get(at)["body"]
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', body))
        ticked = dict(re.findall(r'name="([^"]+)" value="([^"]*)" checked', body))
        return hidden | ticked


def asked(method: str, body: str = "", query: dict[str, str] | None = None) -> Request:
    return Request(method, ("p", "token"), {}, query or {}, body, encoded=False)


def received() -> tuple[Shopping, Recipient]:
    shop = Shopping(SHOP.model_copy(update={"caps": {}}))
    shop.ayse()
    assert shop.notifying().handle(request("email"), MORNING).state is State.SENT
    return shop, Recipient(shop)


def handle(shop: Shopping, channel: Any, at: Any, step: str = "last", **more: Any) -> Any:
    sent = request(channel, step=step, template="cart-last", due=at, **more)
    return shop.notifying().handle(sent, at).outcome


def test_unsubscribing_from_all_is_taken_on_a_channel_that_is_no_choice() -> None:
    """The number bounced, so the page only says that SMS is off; when the bounce is taken back, the no stands."""
    shop, who = received()
    number = KEYS(parse_identifier("phone:+905321112233"))

    def say(granted: bool, origin: str, at: Any) -> None:
        said = Consent("sms", "all", granted, at, at, False, "kervan", origin, number, "", origin)
        shop.customers.put_many(consent_items(ConsentRecord((number,), said), trusted=True))

    say(False, "hard_bounce", MORNING)
    fields = who.fields()
    assert "was.sms.marketing" not in fields
    assert handle(shop, "sms", LATER).reason == Reason.SUPPRESSED
    who.post({**fields, "all": "off"}, LATER)
    say(True, "suppression_lifted", LATER + timedelta(minutes=1))
    told = handle(shop, "sms", LATER + timedelta(minutes=2), step="later")
    assert isinstance(told, Skipped)
    assert told.reason == Reason.NO_CONSENT
    assert told.evidence[0]["because"] == "preference_page"


def test_reading_the_page_changes_nothing() -> None:
    """A scanner may fetch it as often as it likes; nothing of the person but yes and no is in it."""
    shop, who = received()
    before = shop.world.memory.items()
    answer = who.get()
    assert answer["statusCode"] == 200
    assert shop.world.memory.items() == before
    assert "ayse" not in answer["body"].lower()
    assert "532" not in answer["body"]
    assert 'name="email.marketing" value="1" checked' in answer["body"]
    headers = answer["headers"]
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in answer["body"] + headers["content-security-policy"]


def test_a_form_that_was_not_touched_changes_nothing() -> None:
    """Saving the page as it is writes no statement and no event."""
    shop, who = received()
    before = shop.world.memory.items()
    answer = who.post(who.fields())
    assert (answer["statusCode"], answer["headers"]["location"]) == (303, "?saved=0&lang=tr")
    assert shop.world.memory.items() == before


@pytest.mark.parametrize(
    "body", ["List-Unsubscribe=One-Click", "", "%ff%fe=1", "\xff", "a&" * 1000, "often=99&pause=x"]
)
def test_what_is_not_the_form_changes_nothing(body: str) -> None:
    """The POST of a mail program, or of anything else, is no choice."""
    shop, who = received()
    before = shop.world.memory.items()
    assert who.pages.answer(asked("POST", body), who.token, LATER)["statusCode"] == 303
    assert shop.world.memory.items() == before


def test_a_form_that_is_too_long_is_refused() -> None:
    """Ours has a few hundred bytes."""
    _, who = received()
    with pytest.raises(Problem) as refused:
        who.pages.answer(asked("POST", "a=" + "b" * 5000), who.token, LATER)
    assert refused.value.status == 400


def test_a_channel_that_is_unticked_gets_nothing_more() -> None:
    """SMS only: e-mail goes on. The evidence names the event on the page and the message whose link was used."""
    shop, who = received()
    form = who.fields()
    del form["sms.marketing"]
    assert who.post(form)["headers"]["location"] == "?saved=1&lang=tr"
    tomorrow = MORNING + timedelta(days=1)
    refused = handle(shop, "sms", tomorrow)
    assert refused == Skipped(Reason.NO_CONSENT)
    (found,) = refused.evidence
    assert found["because"] == "preference_page"
    assert found["message"] == request("email").message_id
    events = {event.message_id: event for event in shop.world.store.events(request().home)}
    told = events[found["id"]]
    assert (told.name, told.properties["channel"]) == ("Consent Withdrawn", "sms")
    assert told.properties["text_version"].startswith("preferences-")
    assert handle(shop, "email", tomorrow).at == tomorrow
    assert who.fields(tomorrow)["was.sms.marketing"] == "0"


def test_a_withdrawal_speaks_for_every_address_of_the_customer_and_a_grant_for_one() -> None:
    """Who says "no e-mail" and then writes another address into the account gets none there."""
    shop, who = received()
    form = who.fields()
    del form["email.marketing"]
    who.post(form)
    shop.send("identify", at=LATER, traits={"email": "other@example.com"})
    tomorrow = MORNING + timedelta(days=1)
    assert handle(shop, "email", tomorrow) == Skipped(Reason.NO_CONSENT)
    who.post({**who.fields(tomorrow), "email.marketing": "1"}, tomorrow)
    assert handle(shop, "email", tomorrow + timedelta(hours=1), step="more") == Skipped(Reason.NO_CONSENT)
    shop.send("identify", at=tomorrow, traits={"email": "ayse@example.com"})
    assert handle(shop, "email", tomorrow + timedelta(hours=2), step="again").at is not None


def test_a_withdrawal_holds_for_the_mailbox_whoever_has_it() -> None:
    """Another customer with the same mailbox gets nothing there either, however the address is written."""
    shop, who = received()
    form = who.fields()
    del form["email.marketing"]
    who.post(form)
    shop.send("identify", who="user:43", at=LATER, traits={"email": "AYSE@Example.com"})
    shop.send("Product Added", who="user:43", at=LATER, product_id="p1", quantity=1, name="A", price="1")
    shop.consent("email", granted=True, home="user:43")
    home = KEYS(parse_identifier("user:43"))
    assert handle(shop, "email", MORNING + timedelta(days=1), home=home) == Skipped(Reason.NO_CONSENT)


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_the_link_of_a_mail_agrees_to_no_other_channel(channel: str) -> None:
    """Who never agreed there, or refused there in another way, is not asked; a form that says so all the same changes
    nothing. The page says that the channel is off."""
    shop, who = received()
    shop.consent(channel, granted=False, at=LATER)
    body = who.get()["body"]
    assert f'name="{channel}.marketing"' not in body
    assert TEXTS["tr"]["elsewhere"] in body
    before = shop.world.memory.items()
    who.post({**who.fields(), f"was.{channel}.marketing": "0", f"{channel}.marketing": "1"})
    assert shop.world.memory.items() == before
    assert handle(shop, channel, MORNING + timedelta(days=1)) == Skipped(Reason.NO_CONSENT)


@pytest.mark.parametrize("channel", ["sms", "push"])
def test_what_the_page_took_away_it_gives_back(channel: str) -> None:
    """Unticked by mistake, ticked again; but not after a refusal elsewhere in between."""
    shop, who = received()
    form = who.fields()
    del form[f"{channel}.marketing"]
    who.post(form)
    later = LATER + timedelta(minutes=5)
    again = {**who.fields(later), f"{channel}.marketing": "1"}
    assert who.post(again, later)["headers"]["location"] == "?saved=1&lang=tr"
    tomorrow = MORNING + timedelta(days=1)
    assert handle(shop, channel, tomorrow).at == tomorrow
    who.post(form, tomorrow)
    shop.consent(channel, granted=False, at=tomorrow + timedelta(minutes=1))
    who.post(again, tomorrow + timedelta(minutes=2))
    assert handle(shop, channel, tomorrow + timedelta(days=1), step="more") == Skipped(Reason.NO_CONSENT)


def test_all_off_withdraws_everything_that_was_shown() -> None:
    """One button for every channel; twice is harmless."""
    shop, who = received()
    who.post({**who.fields(), "all": "off"})
    before = shop.world.memory.items()
    who.post({**who.fields(), "all": "off"}, LATER + timedelta(minutes=1))
    assert shop.world.memory.items() == before
    tomorrow = MORNING + timedelta(days=1)
    assert {handle(shop, channel, tomorrow).reason for channel in ("email", "sms", "push")} == {Reason.NO_CONSENT}


def test_a_page_that_was_left_open_grants_nothing() -> None:
    """Loaded, then refused elsewhere, then saved for the language: consent stays withdrawn."""
    shop, who = received()
    stale = who.fields()
    shop.consent("email", granted=False, at=LATER)
    who.post({**stale, "language": "en"}, LATER + timedelta(minutes=5))
    assert handle(shop, "email", MORNING + timedelta(days=1)) == Skipped(Reason.NO_CONSENT)


def test_a_pause_holds_commercial_messages_for_30_days_and_no_other() -> None:
    """What is stale by then is skipped, what is fresh waits; order notices go out; ending the pause ends it."""
    shop, who = received()
    who.post({**who.fields(), "pause": "30"})
    end = LATER + timedelta(days=30)
    tomorrow = MORNING + timedelta(days=1)
    skipped = handle(shop, "email", tomorrow)
    assert skipped == Skipped(Reason.PAUSED_BY_CUSTOMER)
    (found,) = skipped.evidence
    assert (found["kind"], found["message"]) == ("preference", request("email").message_id)
    assert found["id"] in {event.message_id for event in shop.world.store.events(request().home)}
    long = request(
        "email", step="long", template="cart-last", due=tomorrow,
        fresh_until_ms=int((end + timedelta(days=9)).timestamp() * 1000),
    )  # fmt: skip
    assert shop.notifying().handle(long, tomorrow).outcome == Deferred(end, Reason.PAUSED_BY_CUSTOMER)
    notice = request("email", step="note", template="cart-last", due=tomorrow, purpose="transactional")
    assert shop.notifying().handle(notice, tomorrow).state is State.SENT
    assert "29 " not in who.get(end)["body"]
    assert "Aralık 2026" in who.get(tomorrow)["body"]
    assert handle(shop, "email", end, step="end").at == end
    who.post({**who.fields(tomorrow), "pause": "0"}, tomorrow)
    assert handle(shop, "email", tomorrow + timedelta(hours=1), step="free").at is not None


@pytest.mark.parametrize("days", [7, 30])
def test_at_most_one_message_in_so_many_days(days: int) -> None:
    """On all channels together; the first instant at which the last one is so old is free again."""
    shop, who = received()
    who.post({**who.fields(), "often": str(days)})
    free = MORNING + timedelta(days=days)
    just_before = free - timedelta(minutes=1)
    refused = shop.notifying().handle(
        request("push", step="last", due=just_before, fresh_until_ms=int(free.timestamp() * 1000)), just_before
    )
    assert isinstance(refused.outcome, Skipped)
    assert refused.outcome == Skipped(Reason.PERSONAL_CAP)
    kinds = [found["kind"] for found in refused.outcome.evidence]
    assert kinds == ["preference", "message"]
    assert handle(shop, "email", free, step="free").at == free
    between = free + timedelta(days=days - 1)
    assert handle(shop, "sms", between, step="between") == Skipped(Reason.PERSONAL_CAP)
    assert handle(shop, "sms", free + timedelta(days=days), step="next").at is not None


def test_the_language_of_messages_changes() -> None:
    """The event carries it as a trait of a trusted source; the page answers in it at once."""
    shop, who = received()
    answer = who.post({**who.fields(), "language": "en"})
    assert answer["headers"]["location"] == "?saved=1&lang=en"
    (event,) = [one for one in shop.world.store.events(request().home) if one.name == "Preferences Changed"]
    assert event.traits == {"language": "en"}
    assert TEXTS["en"]["title"] in who.get(saved="1")["body"]
    assert who.fields()["was.language"] == "en"


def test_choices_survive_the_merging_of_identifiers() -> None:
    """Chosen by the mail of a mailbox, obeyed for the account that the mailbox turns out to belong to."""
    shop, who = received()
    who.post({**who.fields(), "pause": "30"})
    shop.send("identify", who="user:44", at=LATER, traits={"email": "ayse@example.com", "first_name": "A"})
    shop.send("Product Added", who="user:44", at=LATER, product_id="p1", quantity=1, name="A", price="1")
    shop.consent("email", granted=True, home="user:44")
    refused = handle(shop, "email", MORNING + timedelta(days=1), home=KEYS(parse_identifier("user:44")))
    assert refused == Skipped(Reason.PAUSED_BY_CUSTOMER)


def test_an_erased_customer_can_still_refuse() -> None:
    """Without a log there is no event; the statement under the address stays."""
    shop = Shopping()
    link = RecipientLink("u.gone", "message", "email", "marketing", "e.address")
    pages = PreferencePages(shop.customers, shop.catalog, TOKENS, KEYS, phone_reader("TR"))
    token = TOKENS.make_preferences(link)
    form = urlencode({"was.email.marketing": "1", "all": "off"})
    pages.answer(asked("POST", form), token, LATER)
    assert [item for item in shop.world.memory.items() if item["sk"].startswith("t#")] == []


def test_the_http_api_routes_the_page() -> None:
    """The page, a wrong token (a plain page, nothing read or stored), a method that is not allowed."""
    world = World()
    token = RecipientTokens(b"s" * 64).make_preferences(RecipientLink("u.home", "message", "email", "marketing", "e.a"))

    def answer(method: str, path: str, body: str = "") -> tuple[int, str]:
        try:
            made = route(read_request(http_event(method, path, body, {})), lambda: world.environment)
        except Problem as problem:
            made = problem.answer()
        return made["statusCode"], made["headers"].get("content-type", "")

    assert answer("GET", f"/p/{token}") == (200, "text/html; charset=utf-8")
    assert answer("HEAD", f"/p/{token}")[0] == 200
    assert world.customers.items() == []
    assert answer("GET", "/p/nonsense") == (404, "text/html; charset=utf-8")
    assert answer("POST", "/p/nonsense", "all=off") == (404, "text/html; charset=utf-8")
    assert answer("PUT", f"/p/{token}")[0] == 405
    assert answer("GET", f"/p/{token}/more")[0] == 404
    assert answer("POST", f"/p/{token}", "was.email.marketing=1")[0] == 303
