"""Amounts as text, and what of an accepted event is told to its sender."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.events.amounts import read_amount
from shared.domain.events.warnings import AMOUNTS, FIELDS, MOST, NAMES_A_PRODUCT, warnings_of
from shared.domain.facts.values import money
from tests.support.world import event

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("99,90", "99.90"), ("1.299,90", "1299.90"), ("1.999,00", "1999.00"), ("1,299.90", "1299.90"),
        ("199.90", "199.90"), ("₺199,90", "199.90"), ("199.90 TL", "199.90"), ("TRY 1.299.900,5", "1299900.50"),
        ("$ 5", "5.00"), ("1.299.900", "1299900.00"), (" 12 ", "12.00"), (12.5, "12.50"), (7, "7.00"),
        ("0.299", "0.30"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_shops_write_it(written: object, meant: str) -> None:
    """Decimal comma or point, thousands, a currency before or after."""
    assert money(written) == meant


@pytest.mark.parametrize("written", ["1.299", "1,299", "₺1.299", "12.000 TL"])
def test_what_can_be_read_in_two_ways_is_not_guessed(written: str) -> None:
    """1299 in Turkey, a little more than one elsewhere."""
    assert (read_amount(written), money(written)) == ("two_ways", None)


@pytest.mark.parametrize("written", ["abc", "", "1.2.3", "1,2,3", "--1", "1e3", "٣", True, None, [], "1" * 50, 1e300,
                                     float("nan"), "12 elma"])  # fmt: skip
def test_what_is_no_amount_is_none(written: object) -> None:
    """Without an exception, whatever it is."""
    assert (read_amount(written), money(written)) == ("no_amount", None)


@given(st.decimals(min_value=0, max_value=10**9, places=2), st.sampled_from(["TR", "EN"]), st.booleans())
def test_every_way_of_writing_gives_the_amount_back(amount: Decimal, country: str, grouped: bool) -> None:
    """With and without a sign for thousands, by the rules of either country."""
    text = format(amount, ",.2f" if grouped else ".2f")
    if country == "TR":
        text = text.translate(str.maketrans(",.", ".,"))
    assert read_amount(text) == amount


@given(st.text() | st.floats() | st.integers())
def test_any_value_is_an_amount_or_none(value: Any) -> None:
    """Nothing that a stranger sends raises."""
    money(value)


def told(name: str, **properties: Any) -> list[tuple[str, str]]:
    return [(one.field, one.reason) for one in warnings_of(event(name, ["user:1"], **properties))]


def test_amounts_that_cannot_be_used_are_told() -> None:
    """By their place, and without the value."""
    found = told("Order Completed", order_id="o", total="1.299", tax="abc", discount=-5,
                 products=[{"product_id": "p", "price": "99,90"}, {"sku": "q", "price": "x"}, 3])  # fmt: skip
    assert found == [
        ("properties.total", "can be read in two ways; write 1299 or 1.30, without a sign for thousands"),
        ("properties.tax", "is not an amount; write it as 1299.90"),
        ("properties.discount", "is negative; send what is given back as Order Refunded"),
        ("properties.products.1.price", "is not an amount; write it as 1299.90"),
        ("properties.products.2", "is not an object"),
    ]


def test_addresses_and_orders_that_cannot_be_used_are_told() -> None:
    """An address that is none joins nobody; an order without a number cannot be refunded."""
    found = warnings_of(event("identify", ["user:1"], traits={"email": "nobody", "phone": "12"}))
    assert [one.field for one in found] == ["traits.email", "traits.phone"]
    assert told("Order Completed", total=5) == [
        ("properties.order_id", "is missing; later events cannot speak of this order")
    ]
    assert told("Order Completed", order_id="o", total="199,90 TL", products="none")[0][0] == "properties.products"


def test_a_good_event_is_told_nothing_and_a_hostile_one_not_everything() -> None:
    """At most twenty warnings an event."""
    assert told("Order Completed", order_id="o", total=5, products=[{"product_id": "p", "price": 5}]) == []
    assert told("Order Completed", order_id="o", revenue="0") == told("Order Updated", order_id="o") == []
    assert len(told("Order Completed", order_id="o", products=[{"price": "x"}] * 100)) == MOST


@pytest.mark.parametrize(
    ("name", "properties", "field", "code"),
    [
        ("Product Added", {}, "properties.product_id", "missing"),
        ("Product Viewed", {"product_id": ["p"]}, "properties.product_id", "missing"),
        ("Product Added", {"product_id": "p", "quantity": "iki"}, "properties.quantity", "not_a_quantity"),
        ("Product Added", {"product_id": "p", "quantity": -1}, "properties.quantity", "not_a_quantity"),
        ("Product Added", {"product_id": "p", "quantity": 0.5}, "properties.quantity", "not_a_quantity"),
        ("Product Added", {"product_id": "p", "currency": "lira"}, "properties.currency", "not_a_currency"),
        ("Product Added", {"product_id": "p", "currency": 949}, "properties.currency", "not_a_currency"),
        ("Cart Updated", {}, "properties.products", "missing"),
        ("Order Completed", {"order_id": "o"}, "properties.total", "missing"),
        ("Order Completed", {"order_id": "o", "total": "", "value": 5}, "properties.total", "missing"),
        ("Cart Updated", {"products": [{"price": 5}]}, "properties.products.0.product_id", "missing"),
    ],
)
def test_what_would_be_left_out_in_silence_is_told(name: str, properties: Any, field: str, code: str) -> None:
    """Products without an id, odd quantities, and currencies that are none are accepted, and told."""
    assert [(one.field, one.code) for one in warnings_of(event(name, ["user:1"], **properties))] == [(field, code)]


@pytest.mark.parametrize("quantity", [0, 1, 3, "2", " 2 ", 2.0, None])
def test_quantities_that_are_read_are_told_nothing(quantity: Any) -> None:
    """A number or its text, whole and not below zero."""
    assert told("Product Added", product_id="p", quantity=quantity, currency="try") == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*AMOUNTS, "quantity", "currency", "product_id", "order_id", "products"]) | st.text(max_size=8)
PRODUCT = st.dictionaries(NAMES, VALUES, max_size=4)


@given(
    st.sampled_from(sorted(NAMES_A_PRODUCT | {"Order Completed", "Cart Updated", "Quiz Finished"})),
    st.dictionaries(NAMES, VALUES, max_size=6),
    st.lists(PRODUCT | VALUES, max_size=3),
)
def test_a_warning_names_known_fields_only(name: str, properties: dict[str, Any], products: list[Any]) -> None:
    """Whatever is sent under whatever names: no field of the sender's own is named, and nothing is raised."""
    said = replace(event(name, ["user:1"]), properties=properties | {"products": products})
    for one in warnings_of(said):
        assert re.sub(r"\.\d+(?=\.|$)", "[]", one.field) in FIELDS
