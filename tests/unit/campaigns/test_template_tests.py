"""A test of a template: to a named recipient, through the gates, marked, and counted nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import EmailContent, PushContent, SmsContent, marked_as_test
from tests.unit.campaigns.world import START, Store
from tests.unit.ingest.world import ADMIN_KEY, http_event
from tests.unit.notify.world import SHOP, TEMPLATES

pytestmark = pytest.mark.unit

RECIPIENTS = SHOP.model_copy(update={"test_recipients": {"ayse": "user:p1", "stranger": "user:p9"}})


@pytest.fixture
def store() -> Store:
    """Twelve customers, of whom two names are test recipients; p9 has agreed to nothing."""
    store = Store()
    store.people(8)
    store.person(9, email="p9@example.com", consent=False)
    store.releases.publish(Release(0, RECIPIENTS, templates=tuple(TEMPLATES.values())))
    return store


def ask(store: Store, template: str, **body: Any) -> tuple[int, Any]:
    path, headers = f"/v1/templates/{template}/test", {"authorization": f"Bearer {ADMIN_KEY}"}
    return store.ingest.send(http_event("POST", path, body, headers))


def sent(store: Store) -> list[EmailContent]:
    contents = [outgoing.content for outgoing in store.sender.fake.sent]
    return [content for content in contents if isinstance(content, EmailContent)]


def test_a_template_goes_to_the_recipient_that_is_named(store: Store) -> None:
    """Within the next tick, to nobody else, with a mark, the recipient's own name and made-up products."""
    status, answer = ask(store, "cart-offer", to="ayse", channel="email")
    assert (status, answer["recipient"], answer["channels"]) == (202, "user:p1", ["email"])
    store.until(START.replace(minute=1))
    assert store.addresses == ["p1@example.com"]
    (email,) = sent(store)
    assert email.subject == "[Test] Ayşe, sepetinize özel %10 indirim"
    assert "Keten Gömlek Elbise" in email.html
    assert "TEST10" in email.html


@pytest.mark.parametrize("template", sorted(name for name, one in TEMPLATES.items() if one.languages("email")))
def test_every_ready_template_can_be_tried(store: Store, template: str) -> None:
    """The recipient has neither cart nor order; nothing is skipped as content_missing."""
    assert ask(store, template, to="ayse", channel="email")[0] == 202
    store.until(START.replace(minute=1))
    (email,) = sent(store)
    assert email.subject.startswith("[Test] ")


def test_a_test_takes_no_place_under_the_caps_and_tells_no_event(store: Store) -> None:
    """Three tests in a day, then the campaign goes out as if there had been none. The ledger knows them as tests."""
    for _ in range(3):
        assert ask(store, "welcome", to="ayse", channel="email")[0] == 202
    events = [item for item in store.customers.items() if str(item.get("name", "")).startswith("Email")]
    store.until(START.replace(minute=1))
    assert len(store.addresses) == 3
    records = [item for item in store.ingest.messages.items() if item["sk"] == "message"]
    assert [item["test"] for item in records] == [True] * 3
    assert not [item for item in store.customers.items() if item["sk"] == "sends" and item.get("places")]
    assert events == [item for item in store.customers.items() if str(item.get("name", "")).startswith("Email")]
    status, told = store.ingest.get("/v1/customers/user:p1/messages")
    assert status == 200
    assert [one["test"] for one in told["items"]] == [True] * 3


def test_consent_is_asked_for_a_test_too(store: Store) -> None:
    """The gates are those of every message, and the reason is told."""
    assert ask(store, "welcome", to="stranger", channel="email")[0] == 202
    store.until(START.replace(minute=1))
    assert store.addresses == []
    assert store.reasons() == ["no_consent"]


def test_a_template_of_another_channel_is_tried_there(store: Store) -> None:
    """The code for a phone exists as a text message only."""
    assert ask(store, "confirm-phone", to="ayse")[1]["channels"] == ["sms"]
    store.tick()
    assert [len(queue.bodies) for queue in store.queues.values()] == [0, 1, 0]


def test_each_channel_that_the_template_has_gets_one(store: Store) -> None:
    """Not only the first that reaches; each is handed over by itself."""
    assert ask(store, "cart-offer", to="ayse")[1]["channels"] == ["email", "sms", "push"]
    store.tick()
    assert {channel: len(queue.bodies) for channel, queue in store.queues.items()} == {"email": 1, "sms": 1, "push": 1}


@pytest.mark.parametrize(
    ("template", "body", "status", "says"),
    [
        ("cart-offer", {"to": "nobody"}, 404, "there are: ayse, stranger"),
        ("nothing", {"to": "ayse"}, 404, "no such template"),
        ("welcome", {"to": "ayse", "channel": "sms"}, 400, "the template has no sms"),
        ("welcome", {}, 400, "to is a name of test_recipients"),
        ("welcome", {"to": "ayse", "channel": "fax"}, 400, "channel is email, sms or push"),
        ("welcome", {"to": "ayse", "email": "x@example.com"}, 400, "the body is"),
    ],
)
def test_what_cannot_be_tried_is_told(store: Store, template: str, body: Any, status: int, says: str) -> None:
    """An address is never taken from the request: only names that were published with the definitions."""
    found, answer = ask(store, template, **body)
    assert found == status
    assert says in answer["message"]
    assert store.next_due() is None


def test_a_recipient_is_an_identifier() -> None:
    """A bare address or a name of no kind is refused when it is published."""
    for wrong in ("ayse@example.com", "fax:1", "x"):
        with pytest.raises(ValidationError):
            Shop(name="x", test_recipients={"ayse": wrong})
    assert Shop(name="x", test_recipients={"ayse": "email:a@shop.example"}).test_recipients


def test_every_channel_carries_the_mark() -> None:
    """Where it is read first; a title stays within its length."""
    assert marked_as_test(EmailContent("Merhaba", "h", "t")) == EmailContent("[Test] Merhaba", "h", "t")
    assert marked_as_test(SmsContent("Sepetiniz")) == SmsContent("[Test] Sepetiniz")
    push = marked_as_test(PushContent("x" * 50, "b", "https://x"))
    assert isinstance(push, PushContent)
    assert (push.title[:8], len(push.title)) == ("[Test] x", 50)
    assert sms_length("[Test] ").encoding == "gsm-7"


def test_a_campaigns_test_shows_no_made_up_products(store: Store) -> None:
    """What a campaign's template needs and nobody has is missing in its test as it will be in the campaign."""
    sale = {"campaign": "sale", "segment": "high-value", "send": "cart-reminder", "purpose": "marketing",
            "channels": ["email"], "at": "now", "test": ["user:p1"]}  # fmt: skip
    release = Release(0, RECIPIENTS, segments=store.release.segments, templates=tuple(TEMPLATES.values()))
    store.releases.publish(release)
    assert store.ask("POST", "test", body={"definition": sale})[0] == 202
    store.until(START.replace(minute=1))
    assert store.addresses == []
    assert store.reasons() == ["content_missing"]
