"""The mappings of docs/mappings.md read the deliveries that it shows; any other mapping is bounded and never fails."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.definitions.connectors import check_connectors
from shared.adapters.jmespath_search import search
from shared.adapters.yaml_text import documents
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.delivery import translate
from shared.domain.definitions.bundle import Document
from tests.support.cases import also_long, cases
from tests.unit.connectors.shop_world import SECRET, ShopWorld, signature
from tests.unit.ingest.world import http_event

pytestmark = pytest.mark.unit
PAGE = (Path(__file__).parents[3] / "docs" / "mappings.md").read_text("utf-8")
NAMES = ("ikas", "ideasoft", "ticimax", "tsoft")


def examples() -> dict[str, tuple[Any, Any]]:
    """By name the definition and the delivery beneath it."""
    found = re.findall(r"```yaml\n(connector: .*?)```\s+```json\n(.*?)```", PAGE, re.DOTALL)
    pairs = [(documents(text)[0], json.loads(body)) for text, body in found]
    return {definition["connector"]: (definition, body) for definition, body in pairs}


def example(name: str) -> tuple[Connector, Any]:
    definition, body = examples()[name]
    found = check_connectors([Document(f"connectors/{name}.yaml", definition)])
    assert found.problems == ()
    return found.connectors[0], body


def deliver(shop: ShopWorld, connector: Connector, content: Any) -> tuple[int, Any]:
    """As the platform proves itself, on the day after that of the examples."""
    shop.clock.time = datetime(2026, 12, 1, tzinfo=UTC)
    if connector.signed is not None:
        signed = hmac.new(SECRET.encode(), content["data"].encode(), hashlib.sha256).hexdigest()
        content = content | {"signature": signed}
    body = json.dumps(content, ensure_ascii=False).encode()
    headers = {"x-ideashop-hmac-sha256": signature(body, SECRET), "x-token": SECRET}
    return shop.send(http_event("POST", f"/v1/hooks/shops/{connector.connector}", body.decode(), headers))


def test_every_example_is_tried() -> None:
    assert tuple(sorted(examples())) == tuple(sorted(NAMES))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_reads_its_delivery(name: str) -> None:
    """One order of one customer, with its product and its sum, and no warning."""
    connector, body = example(name)
    shop = ShopWorld(connector)
    status, said = deliver(shop, connector, body)
    assert (status, said["warnings"]) == (200, [])
    [order] = shop.customer().orders
    assert (order.total, order.products) == (Decimal("349.90"), (("bere", 1, ""),))
    assert {str(one.identifiers[-1 if name == "tsoft" else 1]) for one in shop.log() if len(one.identifiers) > 1} <= {
        "email:ayse@example.com", "phone:+905321112233",
    }  # fmt: skip
    before = shop.log()
    deliver(shop, connector, body)
    assert shop.log() == before


@pytest.mark.parametrize(
    ("name", "member", "expected"),
    [
        ("ticimax", 12, "user:12"), ("ticimax", 0, "email:ayse@example.com"),
        ("ticimax", "0", "email:ayse@example.com"), ("ticimax", None, "email:ayse@example.com"),
        ("ideasoft", None, "email:ayse@example.com"),
    ],
)  # fmt: skip
def test_an_order_names_the_account_or_one_typed_address(name: str, member: Any, expected: str) -> None:
    """Typed addresses may be two people's, and whoever is named beside another is one person with him for good."""
    connector, body = example(name)
    if name == "ticimax":
        body["placed"]["WebSiparis"][0]["UyeID"] = member
    shop = ShopWorld(connector)
    assert deliver(shop, connector, body)[1]["warnings"] == []
    orders = [one for one in shop.log() if one.name.startswith("Order ")]
    assert orders
    assert {str(who) for one in orders for who in one.identifiers} == {expected}


@pytest.mark.parametrize("name", NAMES)
def test_only_the_shop_is_heard(name: str) -> None:
    """A token, a signature of the body or of a text in it: with another secret it is 401."""
    connector, body = example(name)
    shop = ShopWorld(connector)
    shop.hook_secrets[connector.secrets] = {"secret": "another"}
    assert deliver(shop, connector, body)[0] == 401
    assert shop.log() == []
    shop.hook_secrets[connector.secrets] = {"secret": "another", "secret_next": SECRET}
    assert deliver(shop, connector, body)[0] == 200


def test_a_signed_text_that_was_changed_is_refused() -> None:
    connector, body = example("ikas")
    shop = ShopWorld(connector)
    signed = hmac.new(SECRET.encode(), body["data"].encode(), hashlib.sha256).hexdigest()
    tried: tuple[Any, ...] = (
        body | {"signature": signed, "data": body["data"].replace("349.9", "0.01")},
        body | {"signature": signed[:-1]}, body | {"signature": None}, {"signature": signed}, [], "x",
    )  # fmt: skip
    for wrong in tried:
        event = http_event("POST", "/v1/hooks/shops/ikas", json.dumps(wrong), {})
        assert shop.send(event)[0] == 401
    assert shop.log() == []


def test_a_product_of_ikas_brings_its_variants_and_their_stock() -> None:
    """The name stands outside of the list of variants, the levels inside of it."""
    connector, _ = example("ikas")
    shop = ShopWorld(connector)
    product = {
        "id": "p-1", "name": "Yün bere", "updatedAt": 1796029200000, "brand": {"name": "Kervan"},
        "categories": [{"name": "Bere"}],
        "variants": [{"id": "v-1", "sku": "bere", "prices": [{"sellPrice": 399.9, "discountPrice": 349.9}],
                      "stocks": [{"locationId": "loc-1", "stockCount": 6, "updatedAt": 1796029200000}]}],
    }  # fmt: skip
    status, said = deliver(shop, connector, {"data": json.dumps(product)})
    assert (status, said["products"], said["levels"], said["warnings"]) == (200, 1, 1, [])
    shop.work()
    stored = shop.product("bere")
    assert stored is not None
    assert (stored.product.name, stored.product.sale_price) == ("Yün bere", Decimal("349.9"))
    assert shop.on_hand("bere") == {"kadikoy": 6}


@pytest.mark.parametrize(("word", "names"), [("SUBSCRIBED", "Consent Granted"), ("UNSUBSCRIBED", "Consent Withdrawn")])
def test_consent_is_what_the_words_say(word: str, names: str) -> None:
    """Any other word says nothing."""
    connector, _ = example("ikas")
    customer = {
        "id": "c-1", "firstName": "Ayşe", "email": "ayse@example.com", "updatedAt": 1796029200000,
        "subscriptionStatus": word, "subscriptionStatusUpdatedAt": 1796029200000,
    }  # fmt: skip
    for said, expected in ((word, [names]), ("NOT_SUBSCRIBED", []), (True, ["Consent Granted"]), (1, [])):
        shop = ShopWorld(connector)
        deliver(shop, connector, {"data": json.dumps(customer | {"subscriptionStatus": said})})
        assert [one.name for one in shop.log() if "Consent" in one.name] == expected


@pytest.mark.parametrize(("word", "expected"), [("SUBSCRIBED", []), ("UNSUBSCRIBED", ["Consent Withdrawn"])])
def test_a_consent_without_a_time_of_its_own_is_not_given_by_each_change(word: str, expected: list[str]) -> None:
    """It would be given again after a refusal. A refusal counts, however old it is."""
    connector, _ = example("ikas")
    customer = {
        "id": "c-1", "firstName": "Ayşe", "email": "ayse@example.com", "updatedAt": 1796029200000,
        "subscriptionStatus": word, "subscriptionStatusUpdatedAt": None,
    }  # fmt: skip
    shop = ShopWorld(connector)
    deliver(shop, connector, {"data": json.dumps(customer)})
    assert [one.name for one in shop.log() if "Consent" in one.name] == expected


def mapped(**rules: Any) -> Connector:
    base = {"connector": "own", "platform": "mapping", "currency": "TRY", "check": {"secret": "secret", "header": "X"}}
    return Connector.model_validate(base | {"mapping": rules})


def test_two_mapped_shops_that_count_from_one_have_no_customer_in_common() -> None:
    """In what they did, in what they are and in what they agreed to."""
    who = {"user": "customer"}
    rules = {
        "events": [{"event": "Order Completed", "id": "id", "time": "at", "who": who}],
        "people": [{"id": "id", "time": "at", "who": who, "traits": {"firstName": "name"}}],
        "consents": [{"channel": "sms", "granted": "sms", "id": "id", "time": "at", "who": who}],
    }
    body = {"id": 1, "at": "2026-11-30T10:00:00Z", "customer": 42, "name": "Ayşe", "sms": True}
    for prefix, expected in (("", {"42"}), ("b-", {"b-42"})):
        shop = mapped(**rules).model_copy(update={"user_prefix": prefix})
        told = translate(shop, {}, body, search)
        assert len(told.events) == 3
        assert {one["userId"] for one in told.events} == expected
    world = ShopWorld(mapped(**rules).model_copy(update={"user_prefix": "b-", "connector": "own"}))
    for guest in (0, "0", "null", "undefined", "", None):  # nobody is not the person of the prefix
        event = http_event("POST", "/v1/hooks/shops/own", json.dumps(body | {"customer": guest}), {"x": SECRET})
        assert world.send(event)[0] == 200
    assert world.log() == []


def test_what_an_expression_does_not_find_is_told() -> None:
    """Nobody, no time, no id, an expression that does not suit, too many objects; the rest is taken."""
    who = {"email": "mail"}
    rule = {"event": "Order Completed", "id": "id", "time": "at", "who": who, "each": "rows"}
    right = {"id": 1, "at": "2026-11-30T10:00:00Z", "mail": "ayse@example.com"}
    rows = [right, right | {"mail": None}, right | {"at": "soon"}, right | {"id": None}]
    told = translate(mapped(events=[rule]), {}, {"rows": rows}, search)
    assert [one.code for one in told.unusable] == ["names_nobody", "not_a_time", "missing"]
    assert len(told.events) == 1
    unsuited = mapped(events=[rule | {"id": "length(id)"}])
    assert [one.code for one in translate(unsuited, {}, {"rows": [right]}, search).unusable] == ["bad_expression"]
    many = translate(mapped(events=[rule]), {}, {"rows": [right | {"id": n} for n in range(1, 1_500)]}, search)
    assert (len(many.events), many.unusable[0].code) == (1_000, "too_many")


def test_expressions_are_read_when_definitions_are_checked() -> None:
    """With the place of each mistake."""
    rule = {"event": "X", "id": "id[", "time": "at", "who": {"email": "mail"}, "properties": {"a": "b ||"}}
    document = {
        "connector": "own", "platform": "mapping", "currency": "TRY", "check": {"secret": "secret", "header": "X"},
        "mapping": {"events": [rule]},
    }  # fmt: skip
    found = check_connectors([Document("connectors/own.yaml", document)])
    assert {one.path for one in found.problems} == {"mapping.events.0.id", "mapping.events.0.properties.a"}
    assert check_connectors([Document("connectors/own.yaml", document | {"mapping": {}})]).problems


_KEYS = st.sampled_from(["id", "at", "mail", "rows", "data", "sku", "stocks", "variants"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "at", "mail", "rows", "data", "sku", "stocks", "variants"]), inner, max_size=4
        )
    ),
    max_leaves=10,
)


@given(content=_JSON, name=st.sampled_from(NAMES))
@also_long
@cases(20, 600)
def test_no_body_breaks_a_mapping(content: Any, name: str) -> None:
    connector, _ = example(name)
    body = {"data": json.dumps(content)} if name == "ikas" else content
    translate(connector, {}, body, search)


@pytest.mark.parametrize("name", ["ticimax", "tsoft"])
def test_an_order_that_was_cancelled_is_told_apart(name: str) -> None:
    """What the shop's program posts as cancelled ends the order that it posted as placed, and places none."""
    connector, body = example(name)
    shop = ShopWorld(connector)
    ended = {"cancelled": body["placed"]} | {key: value for key, value in body.items() if key == "at"}
    assert deliver(shop, connector, ended)[1]["warnings"] == []
    assert [one.name for one in shop.log()] == ["Order Cancelled"]
    deliver(shop, connector, body)
    assert [order.state for order in shop.customer().orders] == ["cancelled"]
