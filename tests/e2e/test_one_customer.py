"""One person on the desktop, the phone and in the store is one customer, in the API and in the command."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.deployment.api import quoted
from cli.main import run
from tests.e2e.conftest import Kervan

pytestmark = pytest.mark.e2e
DAYS_AGO = 6
"""Too long ago for the last message of any journey: what is compared does not depend on messages."""
SHIRT = {
    "product_id": "p-1", "name": "Keten gömlek", "price": 899.9, "quantity": 2, "currency": "TRY", "variant": "M",
    "image_url": "https://shop.example/i/p-1.jpg", "category": "gömlek",
}  # fmt: skip
SOCKS = {"product_id": "p-2", "name": "Çorap", "price": 49.5, "quantity": 1, "currency": "TRY", "category": "çorap"}
SHOES = {"product_id": "p-3", "name": "Ayakkabı", "price": 2499, "quantity": 1, "currency": "TRY"}
Sent = tuple[str, str, dict[str, Any]]
"""The channel, the kind, and the event."""


@dataclass(frozen=True)
class Person:
    """All names of one person. Two whose ``name`` has the same length have names of the same lengths."""

    name: str

    @property
    def user(self) -> str:
        return f"user:{self.name}"

    @property
    def phone(self) -> str:
        return "+90555" + str(int(hashlib.sha256(self.name.encode()).hexdigest(), 16))[:7]

    @property
    def browser(self) -> dict[str, Any]:
        return {"anonymousId": f"browser-{self.name}"}

    @property
    def app(self) -> dict[str, Any]:
        device = {"id": f"phone-{self.name}", "type": "ios", "token": f"token-{self.name}"}
        return {"anonymousId": f"app-{self.name}", "context": {"device": device, "locale": "tr-TR"}}

    @property
    def card(self) -> dict[str, Any]:
        return {"externalIds": [{"type": "loyalty", "id": f"L-{self.name}"}]}

    @property
    def identifiers(self) -> list[str]:
        name = self.name
        return [
            self.user, f"email:{name}@example.com", f"phone:{self.phone}", f"loyalty:L-{name}", f"device:phone-{name}",
            f"anonymous:app-{name}", f"anonymous:browser-{name}",
        ]  # fmt: skip

    def renamed(self, text: str, other: Person) -> str:
        return text.replace(self.name, other.name).replace(self.phone, other.phone)


def story(person: Person, start: datetime) -> list[Sent]:
    """Unknown on the desktop, unknown on the phone, with the card in the store; then what makes them one."""
    browser, app = person.browser, person.app
    shopper = {"context": {**person.card, "traits": {"phone": person.phone}}}
    order = {"order_id": f"o-{person.name}", "total": 2499, "currency": "TRY", "products": [SHOES]}
    sms = {"channel": "sms", "purpose": "marketing", "source": "till", "text_version": "2026-11"}
    address = {"email": f"{person.name}@example.com", "phone": person.phone}
    traits = {**address, "name": "Ayşe Yılmaz", "city": "İzmir", "birthday": "1991-02-03"}
    happened: list[Sent] = [
        ("web", "page", {**browser, "name": "Home"}),
        ("web", "track", {**browser, "event": "Product Viewed", "properties": SHIRT}),
        ("web", "track", {**browser, "event": "Product Added", "properties": SHIRT}),
        ("mobile", "screen", {**app, "name": "Socks"}),
        ("mobile", "track", {**app, "event": "Product Added to Wishlist", "properties": SHOES}),
        ("store", "track", {"context": person.card, "event": "Order Completed", "properties": order}),
        ("store", "track", {**shopper, "event": "Consent Granted", "properties": sms}),
        ("mobile", "track", {**app, "event": "Product Added", "properties": SOCKS}),
        ("web", "identify", {**browser, "userId": person.name, "traits": {"city": "Iğdır"}}),
        ("mobile", "identify", {**app, "userId": person.name}),
        ("server", "identify", {"userId": person.name, "traits": traits, "context": person.card}),
        ("web", "track", {**browser, "userId": person.name, "event": "Product Added", "properties": SHIRT}),
    ]
    return [
        (channel, kind, {**event, "messageId": f"{place}-{person.name}", "timestamp": at(start, place)})
        for place, (channel, kind, event) in enumerate(happened)
    ]


def at(start: datetime, place: int) -> str:
    return (start + timedelta(minutes=7 * place)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def begun(kervan: Kervan) -> datetime:
    """The same minute for two stories that are compared, whenever the test runs."""
    return (kervan.now() - timedelta(days=DAYS_AGO)).astimezone(UTC).replace(hour=9, minute=0, second=0, microsecond=0)


def tell(kervan: Kervan, sent: Iterable[Sent]) -> None:
    """One request each, with the channel's own key, and each is folded before the next one comes."""
    for channel, kind, event in sent:
        kervan.channel(channel).send(kind, **event)
        kervan.settle()


def command(kervan: Kervan, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What the command says with --json."""
    capsys.readouterr()
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def token(secret: str, subject: str) -> str:
    """As the shop's server signs it for its visitor, by hand."""
    now = int(time.time())

    def part(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    claims = {"sub": subject, "iat": now, "exp": now + 600}
    header = {"alg": "HS256", "typ": "JWT", "kid": "server"}
    signed = f"{part(json.dumps(header).encode())}.{part(json.dumps(claims).encode())}"
    return f"{signed}.{part(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())}"


def basket(kervan: Kervan, name: str, key: str, query: str = "") -> Any:
    status, _headers, answer = kervan.http("GET", f"/v1/{name}{query}", headers={"authorization": f"Bearer {key}"})
    assert status == 200, answer
    return answer


def without(said: Any, names: set[str]) -> Any:
    """JSON without the fields of these names, at any depth."""
    if isinstance(said, dict):
        return {name: without(part, names) for name, part in said.items() if name not in names}
    return [without(part, names) for part in said] if isinstance(said, list) else said


def comparable(kervan: Kervan, person: Person) -> dict[str, str]:
    """JSON in the order in which it came; without ids (digests of names), journeys and processing times."""
    customer = without(kervan.customer(person.user), {"id", "journeys"})
    customer["segments"] = list(customer["segments"])
    server = kervan.write_keys["server"]
    found = kervan.api.items(f"/v1/customers/{quoted(person.user)}/links")
    links = sorted(found, key=lambda item: str(item["identifier"]))  # they lie in the order of their ids
    told = {
        "customer": customer,
        "cart": basket(kervan, "cart", server, f"?user={person.name}"),
        "wishlist": basket(kervan, "wishlist", server, f"?user={person.name}"),
        "timeline": without(kervan.timeline(person.user), {"received_at"}),
        "links": without(links, {"id", "owner_id", "received_at"}),
    }
    return {what: json.dumps(said, ensure_ascii=False) for what, said in told.items()}


def test_desktop_phone_and_store_become_one_customer(
    kervan: Kervan, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three strangers before the sign-in; then one customer, one timeline, one cart, whoever asks and however."""
    person = Person(name)
    sent = story(person, begun(kervan))
    tell(kervan, sent[:8])
    strangers = [
        kervan.customer(who) for who in (f"anonymous:browser-{name}", f"device:phone-{name}", f"loyalty:L-{name}")
    ]
    assert len({stranger["id"] for stranger in strangers}) == 3
    assert [stranger["orders"]["count"] for stranger in strangers] == [0, 0, 1]
    tell(kervan, sent[8:])

    customers = [kervan.customer(who) for who in person.identifiers]
    for found in customers:
        assert found == customers[0]
    customer = command(kervan, capsys, "customer", "show", f"loyalty:L-{name}")
    assert customer == customers[0]
    assert customer["identifiers"] == person.identifiers
    assert (customer["traits"]["city"], customer["traits"]["email"]) == ("İzmir", f"{name}@example.com")
    assert customer["consent"]["sms"]["marketing"]["granted"] is True
    assert (customer["orders"]["count"], customer["orders"]["total"]) == (1, 2499)
    assert [(line["product_id"], line["quantity"]) for line in customer["cart"]["items"]] == [("p-2", 1), ("p-1", 4)]

    timeline = kervan.timeline(f"device:phone-{name}")
    assert [line["messageId"] for line in timeline] == [event["messageId"] for _channel, _kind, event in sent[::-1]]
    assert {line["channel"] for line in timeline} == {"web", "mobile", "store", "server"}
    assert command(kervan, capsys, "customer", "timeline", person.user, "--all")["items"] == timeline

    links = list(kervan.api.items(f"/v1/customers/{quoted(person.user)}/links"))
    assert {item["identifier"] for item in links if item["member"]} == set(person.identifiers)
    assert command(kervan, capsys, "customer", "links", person.user)["items"] == links

    secret = command(kervan, capsys, "keys", "token-secret", "server")["secret"]
    for what, products in (("cart", ["p-2", "p-1"]), ("wishlist", ["p-3"])):
        by_server = basket(kervan, what, kervan.write_keys["server"], f"?user={name}")
        assert [line["product_id"] for line in by_server["items"]] == products
        assert basket(kervan, what, token(secret, person.user)) == by_server
    assert basket(kervan, "cart", token(secret, person.user))["items"][1]["image_url"] == SHIRT["image_url"]
    signed_out = basket(kervan, "cart", token(secret, f"anonymous:browser-{name}"))
    assert [(line["product_id"], line["quantity"]) for line in signed_out["items"]] == [("p-1", 2)]


def test_the_same_events_in_reverse_order_give_the_same_bytes(kervan: Kervan, name: str) -> None:
    """Twice the same story, of two people with names of the same length, the second one told backwards: after renaming,
    customer, cart, wishlist, timeline and links are the same text."""
    forward, backward = Person(f"a{name}"), Person(f"b{name}")
    start = begun(kervan)
    tell(kervan, story(forward, start))
    tell(kervan, story(backward, start)[::-1])
    expected, found = comparable(kervan, forward), comparable(kervan, backward)
    assert {what: backward.renamed(text, forward) for what, text in found.items()} == expected
    assert expected["customer"].count(forward.name) > 5


@pytest.mark.parametrize("by", ["command", "api"])
def test_a_wrong_link_is_taken_back(kervan: Kervan, name: str, by: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A stranger's browser and card, linked by mistake, are as if they had never met the customer, but for the release
    in both timelines; relinking brings everything back."""
    mistaken, stranger = Person(f"a{name}"), Person(f"b{name}")
    start = begun(kervan)
    browser, card = f"anonymous:browser-{stranger.name}", f"loyalty:L-{stranger.name}"
    order = {"order_id": f"o-{stranger.name}", "total": 100, "currency": "TRY", "products": [SOCKS]}
    tell(kervan, story(mistaken, start))
    before = kervan.customer(mistaken.user)
    wrong: list[Sent] = [
        ("web", "track", {**stranger.browser, "event": "Product Added", "properties": SHOES}),
        ("store", "track", {"context": stranger.card, "event": "Order Completed", "properties": order}),
        ("web", "identify", {**stranger.browser, "userId": mistaken.name}),
        ("server", "identify", {"userId": mistaken.name, "context": stranger.card}),
    ]
    tell(kervan, [(by_whom, kind, {**event, "timestamp": at(start, 20)}) for by_whom, kind, event in wrong])
    joined = kervan.customer(mistaken.user)
    assert joined["orders"]["count"] == 2
    assert {browser, card} <= set(joined["identifiers"])

    def say(word: str) -> None:
        for child in (browser, card):
            if by == "command":
                reason = ["--owner", mistaken.user, "--reason", "his brother's"]
                assert command(kervan, capsys, "customer", word, child, *reason)["messageId"]
            else:
                body = {"owner": mistaken.user, "reason": "his brother's"}
                assert kervan.api.post(f"/v1/customers/{quoted(child)}/{word}", body)["messageId"]
        kervan.settle()

    say("release")
    after = kervan.customer(mistaken.user)
    for what in ("id", "identifiers", "traits", "orders", "wishlist", "consent"):
        assert after[what] == before[what], what
    assert after["cart"]["items"] == before["cart"]["items"]
    assert kervan.customer(card)["orders"]["count"] == 1
    assert [line["product_id"] for line in kervan.customer(browser)["cart"]["items"]] == ["p-3"]
    for who, releases in ((mistaken.user, 2), (browser, 1), (card, 1)):
        told = [line for line in kervan.timeline(who) if line["event"] == "Link Released"]
        assert len(told) == releases, who
        assert told[0]["properties"]["reason"] == "his brother's"
    links = {item["identifier"]: item for item in kervan.api.items(f"/v1/customers/{quoted(mistaken.user)}/links")}
    assert [links[child]["links"][0]["state"] for child in (browser, card)] == ["released", "released"]

    say("relink")
    again = kervan.customer(mistaken.user)
    assert (again["identifiers"], again["orders"], again["cart"]["items"]) == (
        joined["identifiers"], joined["orders"], joined["cart"]["items"],
    )  # fmt: skip
