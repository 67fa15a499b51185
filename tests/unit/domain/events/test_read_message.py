"""Messages of SDKs into events: event_names, identifiers, what is kept and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.adapters.phones import phone_reader
from shared.domain.events import event_names
from shared.domain.events.event import Event, Source
from shared.domain.events.event_names import canonical_name
from shared.domain.events.read_message import read_message
from shared.domain.events.refusals import Refused
from shared.domain.identity.identifiers import IdentifierType

pytestmark = pytest.mark.unit

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WEB = Source("web", "web", trusted=False)
SHOP = Source("store", "store", trusted=True)
EVERYTHING: dict[str, Any] = {
    "userId": 42,
    "anonymousId": "a-1",
    "traits": {"email": "Ayse@Example.COM", "phone": "0555 111 22 33"},
    "context": {
        "device": {"id": "D1", "token": "T", "type": "ios"},
        "externalIds": [
            {"type": "Loyalty", "id": "L7"},
            {"type": "instagram", "id": "ayse"},
            {"type": "tiktok", "id": 7},
        ],
    },
}


def read(source: Source = WEB, **message: Any) -> Event:
    body = {"type": "track", "event": "Quiz Finished", "messageId": "m1"} | message
    return read_message(body, source, NOW, phone=phone_reader("TR"))


def carried(**message: Any) -> list[str]:
    return [str(one) for one in read(**message).identifiers]


def test_all_identifiers_in_the_order_of_rank() -> None:
    """An event carries every name that is in it, strongest first; its owner is the first."""
    event = read(type="identify", **EVERYTHING)
    assert [str(one) for one in event.identifiers] == [
        "user:42", "email:ayse@example.com", "phone:+905551112233", "loyalty:L7", "device:D1",
        "external:instagram/ayse", "external:tiktok/7", "anonymous:a-1",
    ]  # fmt: skip
    assert str(event.owner) == "user:42"


def test_public_sources_claim_little() -> None:
    """A key that everybody can read ties browsers and devices only, unless the source's settings say more."""
    loyal = Source("app", "mobile", trusted=False, may_claim=frozenset({IdentifierType.LOYALTY}))
    claims = {
        source.name: [one.type.value for one in read(source, type="identify", **EVERYTHING).claimable]
        for source in (WEB, SHOP, loyal)
    }
    assert claims == {
        "web": ["device", "anonymous"],
        "store": ["email", "phone", "loyalty", "device", "external", "external", "anonymous"],
        "app": ["loyalty"],
    }


def test_equals_claim_each_other_never() -> None:
    """Of two external ids the owner is the smaller one, and the other is not claimed: owners rank strictly higher."""
    listed = [{"type": "tiktok", "id": "b"}, {"type": "instagram", "id": "a"}]
    event = read(SHOP, context={"externalIds": listed})
    assert (str(event.owner), event.claimable) == ("external:instagram/a", ())


def test_traits_in_the_context_name_somebody_too() -> None:
    """An address in context.traits of any event is carried; the traits of identify itself come first."""
    context = {"traits": {"email": "one@example.com", "phone": None}}
    assert carried(anonymousId="a-1", context=context) == ["email:one@example.com", "anonymous:a-1"]
    assert carried(type="identify", traits={"email": "two@example.com"}, context=context) == ["email:two@example.com"]


def test_a_groups_traits_are_not_the_persons() -> None:
    """A company's e-mail address is no identifier of who joined it; its traits stay with the event."""
    event = read(type="group", userId="42", groupId=7, traits={"email": "info@acme.example"})
    assert [str(one) for one in event.identifiers] == ["user:42"]
    assert event.properties == {"groupId": "7", "traits": {"email": "info@acme.example"}}
    assert event.traits == {}


@pytest.mark.parametrize(
    "nobody",
    [
        "",
        " ",
        "0",
        "00000000-0000-0000-0000-000000000000",
        "-1",
        "null",
        "undefined",
        "anonymous",
        None,
        "n/a",
        "#N/A",
        "Guest",
        "unknown",
        "Misafir",
        "MİSAFİR",
        "yok",
        "[]",
    ],
)
def test_names_that_mean_nobody_are_dropped(nobody: str | None) -> None:
    """A placeholder joins nobody to anybody; with a real name beside it the event is kept under that."""
    assert carried(userId=nobody, anonymousId="a-1") == ["anonymous:a-1"]
    assert carried(userId="42", anonymousId=nobody) == ["user:42"]
    with pytest.raises(Refused, match="names nobody"):
        read(userId=nobody, anonymousId=nobody)


@pytest.mark.parametrize(
    "address",
    ["noemail@example.com", "No-Email@shop.example", "no_mail@x.example", "mailyok@example.com", "e-postayok@a.example",
     "noreply@market.example", "do-not-reply@market.example", "none@none.example", "YOK <yok@yok.example>"],
)  # fmt: skip
def test_an_address_that_many_share_joins_nobody(address: str) -> None:
    """What cashiers write into a form that asks for an address would make one customer of many telephones."""
    event = read(SHOP, type="identify", traits={"email": address, "phone": "+905551112233"})
    assert [str(one) for one in event.identifiers] == ["phone:+905551112233"]


@pytest.mark.parametrize("address", ["nora@example.com", "yokus@example.com", "noel.mail@example.com"])
def test_an_address_of_a_person_stays(address: str) -> None:
    """Names that only begin like a placeholder."""
    assert [str(one) for one in read(SHOP, type="identify", traits={"email": address}).identifiers] == [
        f"email:{address}"
    ]


@pytest.mark.parametrize("broken", ["a\x00b", "a\u202e\x1fb", "x" * 257, "x\ufffd", {}, [], True, float("inf")])
def test_broken_ids_are_refused(broken: Any) -> None:
    """What cannot be an id refuses the event, because guessing could give it to somebody else."""
    for name in ("userId", "anonymousId"):
        with pytest.raises(Refused):
            read(**{"userId": "42", name: broken})


@pytest.mark.parametrize(
    "text", ["a#b", "a/b", "İstanbul", "ayse@example.com", "user:42", "__proto__", "x" * 256, "日本", "'; --"]
)
def test_odd_ids_are_ids(text: str) -> None:
    """Whatever letters a shop uses are stored as they are."""
    assert carried(userId=text) == [f"user:{text}"]


@pytest.mark.parametrize(("number", "text"), [(42, "42"), (42.0, "42"), (4.5, "4.5"), (10**15, "1000000000000000")])
def test_numbers_are_ids_as_text(number: float, text: str) -> None:
    """An id sent as a number is the same as its text."""
    assert carried(userId=number) == [f"user:{text}"]


def test_an_address_that_is_none_stays_a_trait() -> None:
    """A mistyped address is not a reason to lose what else was said."""
    event = read(type="identify", userId="42", traits={"email": "ayse", "phone": "12", "name": "Ayşe"})
    assert [str(one) for one in event.identifiers] == ["user:42"]
    assert event.traits == {"email": "ayse", "phone": "12", "name": "Ayşe"}


def test_alias_means_what_its_source_may_say() -> None:
    """A browser says which anonymous visitor the user was; a server says which user, or any other by type."""
    assert str(read(WEB, type="alias", userId="42", previousId="old").alias_of) == "anonymous:old"
    assert str(read(WEB, type="alias", userId="42", previousId="user:7").alias_of) == "anonymous:user:7"
    assert str(read(SHOP, type="alias", userId="42", previousId="old").alias_of) == "user:old"
    assert str(read(SHOP, type="alias", userId="42", previousId="email:a@b.co").alias_of) == "email:a@b.co"
    assert str(read(SHOP, type="alias", userId="42", previousId="x:y").alias_of) == "user:x:y"


@pytest.mark.parametrize(
    "message",
    [
        {"userId": "42"},
        {"userId": "42", "previousId": None},
        {"userId": "42", "previousId": "null"},
        {"userId": "42", "previousId": {}},
        {"anonymousId": "a-1", "previousId": "old"},
        {"userId": "42", "previousId": "42"},
        {"userId": "42", "previousId": "a\x00"},
    ],
)
def test_half_an_alias_is_refused(message: dict[str, Any]) -> None:
    """An alias needs two different names of one person."""
    with pytest.raises(Refused):
        read(SHOP, type="alias", **message)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "order"},
        {"type": None},
        {"type": []},
        {"event": None},
        {"event": "  "},
        {"event": 7},
        {"event": "a\nb"},
        {"event": "x" * 201},
        {"properties": []},
        {"properties": "x"},
        {"context": "x"},
        {"type": "identify", "traits": 7},
        {"type": "group"},
        {"type": "group", "groupId": ""},
        {"messageId": "x" * 101},
        {"messageId": {}},
        {"messageId": "x\ufffd"},
        {"timestamp": "later"},
    ],
)
def test_what_says_nothing_is_refused(message: dict[str, Any]) -> None:
    """Each thing that is missing or wrong is one sentence, in which the value does not appear."""
    with pytest.raises(Refused) as refused:
        read(userId="42", **message)
    assert "xxx" not in str(refused.value)
    assert str(refused.value).count(".") <= 1


def test_nulls_are_absent() -> None:
    """Explicit nulls, as some SDKs send them, are the same as nothing."""
    absent = ["anonymousId", "context", "properties", "timestamp", "sentAt", "integrations", "traits"]
    nothing: dict[str, Any] = dict.fromkeys(absent)
    event = read(userId="42", **nothing)
    assert (event.properties, event.context, event.timed) == ({}, {}, False)


def test_only_useful_context_is_kept() -> None:
    """Where and on what it happened is kept; what the SDK says about itself, and odd types, are not."""
    context = {
        "timezone": "Europe/Istanbul",
        "locale": "tr-TR",
        "ip": "192.0.2.1",
        "userAgent": "Mozilla",
        "channel": "browser",
        "campaign": {"name": "kasim", "source": "ig", "bid": 7},
        "device": {"id": "D1", "token": "T", "type": "ios", "name": "x"},
        "page": {"url": "https://shop.example/", "title": 7},
        "library": {"name": "sdk"},
        "active": False,
        "screen": [1],
        "os": {"name": "iOS", "version": "18"},
        "app": "x",
        "traits": {"email": "a@b.co"},
    }
    assert read(userId="42", context=context).context == {
        "timezone": "Europe/Istanbul",
        "locale": "tr-TR",
        "ip": "192.0.2.1",
        "userAgent": "Mozilla",
        "channel": "browser",
        "campaign": {"name": "kasim", "source": "ig"},
        "device": {"id": "D1", "type": "ios", "token": "T"},
        "page": {"url": "https://shop.example/"},
        "active": False,
        "os": {"name": "iOS"},
    }


def test_a_digest_stands_for_a_missing_id() -> None:
    """The same message without an id has the same digest however often it is sent; another one has another."""

    def digest(**message: Any) -> str:
        return read(userId="42", messageId=None, **message).message_id

    assert digest() == digest(sentAt="2026-11-22T10:00:00Z")
    assert digest() != digest(properties={"a": 1})
    assert digest(properties={"a": 1, "b": 2}) == digest(properties={"b": 2, "a": 1})
    assert len(digest()) <= 100


@pytest.mark.parametrize(("alias", "name"), list(event_names.V1_ALIASES.items()))
def test_old_names_are_todays(alias: str, name: str) -> None:
    """Each v1 name is its v2 event, and all of them are in the table of v2."""
    assert canonical_name(alias) == name
    assert name in event_names.ECOMMERCE


def test_names_have_no_case_and_no_underscores() -> None:
    """Known events are known however they are spelt; the shop's own names stay as they are."""
    spelt = ["order completed", "ORDER_COMPLETED", " Order  Completed "]
    assert {read(userId="42", event=name).name for name in spelt} == {"Order Completed"}
    assert read(userId="42", event="ankete_katıldı").name == "ankete_katıldı"


def test_old_properties_are_todays() -> None:
    """v1's ids are found under v2's names; an event under its v2 name is left alone."""
    old = read(userId="42", event="Completed Order", properties={"orderId": "o", "products": [{"id": "p"}, "x"]})
    assert old.properties["order_id"] == "o"
    assert old.properties["products"] == [{"id": "p", "product_id": "p"}, "x"]
    assert read(userId="42", event="Added Product", properties={"id": "p"}).properties["product_id"] == "p"
    assert read(userId="42", event="Product Added", properties={"id": "line-1"}).properties == {"id": "line-1"}


def test_pages_keep_their_name() -> None:
    """Name and category of a page or screen are among its properties."""
    event = read(type="page", userId="42", name="Home", category="Shop", properties={"url": "u", "name": "other"})
    assert (event.name, event.properties) == ("Page Viewed", {"url": "u", "name": "Home", "category": "Shop"})
