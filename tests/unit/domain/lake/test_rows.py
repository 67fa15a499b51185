"""What the lake keeps of events, customers, orders and outcomes, and what it never keeps."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.definitions.shop import Shop
from shared.domain.facts.facts import Facts
from shared.domain.facts.features import features
from shared.domain.facts.fold import fold
from shared.domain.identity.keys import milliseconds
from shared.domain.journeys.enrollment import ChosenBranch, End, Enrollment, HandedOver, Progress, SkippedStep, Trigger
from shared.domain.lake.customer_rows import absorbed_row, customer_row, order_rows
from shared.domain.lake.event_rows import event_row
from shared.domain.lake.outcome_rows import enrollment_row, message_row
from shared.domain.lake.tables import CUSTOMERS, EVENTS, ORDERS, OUTCOMES, Kind, Row, Table
from shared.domain.messages.message import Record, Sent, Skipped, State
from shared.domain.profile.customer_item import Customer
from shared.domain.profile.profile_from_facts import profile_of
from shared.domain.segments.subject import Subject
from tests.support.cases import UNIT
from tests.support.world import NOW, event

pytestmark = UNIT
HOME, ROOT = "u.home", "u.root"
SHOP = Shop(name="Test")
MESSAGE = "abcdefghijklmnopqrstuvwx23"


def fits(kind: Kind, value: Any) -> bool:
    """Whether a value is written as its kind says."""
    match kind:
        case "text":
            return isinstance(value, str)
        case "instant" | "count":
            return isinstance(value, int) and not isinstance(value, bool)
        case "money" | "number":
            return isinstance(value, str) and Decimal(value).is_finite()
        case "flag":
            return value is True
        case "texts":
            return all(isinstance(one, str) for one in value)
        case "times":
            return all(isinstance(one, int) for one in value.values())
        case "products":
            return all(set(one) <= {"product_id", "category", "price", "quantity"} for one in value)
        case "steps":
            return all(set(one) - {"by"} == {"step", "became", "which", "at"} for one in value)


def check(table: Table, row: Row) -> None:
    """The row has columns of the table only, each of its kind, and all that name and file it."""
    kinds = {column.name: column.kind for column in table.columns}
    assert set(row) <= set(kinds)
    assert {name for name, value in row.items() if not fits(kinds[name], value)} == set()
    assert set(row) >= {*table.key, table.newest, table.day}
    json.dumps(row)


def test_an_order_is_told_with_its_listed_properties() -> None:
    """Ids, amounts and products; the currency in capitals."""
    listed = [{"product_id": "p1", "category": "Şal", "price": "12,50", "quantity": 2, "name": "Mavi şal"}]
    told = event(
        "Order Completed", ["user:42"], order_id="S-1", total="25,00", currency="try", products=listed, trusted=True
    )
    row = event_row(told, HOME, ROOT, "trusted")
    check(EVENTS, row)
    assert (row["order_id"], row["total"], row["currency"], row["trusted"]) == ("S-1", "25.00", "TRY", True)
    assert row["products"] == [{"product_id": "p1", "category": "Şal", "price": "12.50", "quantity": 2}]
    assert (row["home"], row["root"], row["at"]) == (HOME, ROOT, milliseconds(NOW))
    assert "provisional" not in row
    reported = event_row(event("Order Completed", ["user:42"], trusted=False), HOME, ROOT, "trusted")
    assert (reported["provisional"], "trusted" in reported, "history" in reported) == (True, False, False)
    assert event_row(replace(told, context={"history": True}), HOME, ROOT, "trusted")["history"] is True


def test_a_row_is_bounded() -> None:
    """A name, and a list of products, of any length; a total without an order is none of an order's."""
    many = [{"product_id": f"p{number}"} for number in range(200)]
    row = event_row(event("x" * 150, ["user:42"], total=5, products=many), HOME, ROOT, "any")
    assert (len(row["name"]), len(row["products"]), "total" in row) == (100, 50, False)


@pytest.mark.parametrize("said", ["ABCDEFGHIJKLMNOPQRSTUVWX23", MESSAGE + "@example.com", "5551234567", 7])
def test_what_cannot_be_an_id_of_ours_stays_out(said: Any) -> None:
    assert "message_id" not in event_row(event("Email Opened", ["user:42"], message_id=said), HOME, ROOT, "any")


def test_traits_names_and_addresses_stay_out() -> None:
    """Forty marked values in every place of an event that is not listed: none is in the row."""
    marked: dict[str, Any] = {f"field_{n}": f"secret-{n}" for n in range(40)}
    personal: dict[str, Any] = {
        "email": "secret@example.com",
        "phone": "+905550000000",
        "name": "secret name",
        "message_id": "secret@x",
    }
    told = event(
        "Order Completed", ["user:secret-42", "email:secret@example.com"],
        traits={**marked, **personal}, context={"device": {"type": "ios", "token": "secret"}, "ip": "secret"},
        **{**marked, **personal},
    )  # fmt: skip
    row = event_row(told, HOME, ROOT, "any")
    check(EVENTS, row)
    assert "secret" not in json.dumps(row)
    assert row["device"] == "ios"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)
LISTED = (
    "order_id", "total", "revenue", "currency", "coupon", "product_id", "category", "price", "quantity", "products",
    "message_id", "machine",
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(LISTED), anything),
    st.dictionaries(st.sampled_from(["device", "campaign"]), anything),
)
def test_whatever_a_source_sends_makes_a_row(properties: dict[str, Any], context: dict[str, Any]) -> None:
    """Of the right kinds, and bounded."""
    row = event_row(event("Order Completed", ["user:42"], context=context, **properties), HOME, ROOT, "any")
    check(EVENTS, row)
    assert len(json.dumps(row)) < 60_000


def test_a_reaction_names_our_message() -> None:
    """Also when a program opened it."""
    told = event("Email Opened", ["user:42"], trusted=True, message_id=MESSAGE, machine="scanner")
    row = event_row(told, HOME, ROOT, "any")
    assert (row["message_id"], row["machine"]) == (MESSAGE, True)


def test_a_customer_and_his_orders() -> None:
    """Counts and sums as the customer's JSON has them; of orders the ones that events named."""
    events = [
        event("Order Completed", ["user:42"], order_id="a", total=10, trusted=True),
        event("Order Completed", ["user:42"], order_id="b", total=5, trusted=True, at=NOW + timedelta(days=1)),
        event("Order Refunded", ["user:42"], order_id="b", total=2, trusted=True, at=NOW + timedelta(days=2)),
    ]
    profile = profile_of(ROOT, (ROOT, HOME), (), fold(Facts(), events, features()))
    decided = Customer(version=7, segments={"new": 3})
    row = customer_row(Subject(profile, SHOP), decided, NOW)
    check(CUSTOMERS, row)
    assert (row["orders"], row["revenue"], row["members"]) == (2, "13.00", [ROOT, HOME])
    assert (row["segments"], row["version"]) == ({"new": 3}, 7)
    assert "reachable" not in row
    [order] = order_rows(profile.orders, {"b": [HOME]}, ROOT, 7, NOW)
    check(ORDERS, order)
    assert (order["total"], order["refunded"], order["state"], order["home"]) == ("5.00", "2.00", "completed", HOME)
    check(CUSTOMERS, absorbed_row(HOME, Customer(version=8, state="absorbed"), NOW))


def record(**more: Any) -> Record:
    said: dict[str, Any] = {
        "message_id": MESSAGE, "state": State.SENT, "home": HOME, "root": ROOT, "enrollment": "e1",
        "journey": "cart-recovery", "release": 3, "step": "reminder", "template": "cart-reminder",
        "purpose": "marketing", "channel": "email", "due_ms": 5, "clock_ms": 5, "decided_at": NOW, "updated_at": NOW,
        "revision": 2, "outcome": Sent(NOW), "text": "secret subject", "address_key": "secret",
    }  # fmt: skip
    return Record(**{**said, **more})


def test_a_message_and_what_became_of_it() -> None:
    """A campaign's is told by the campaign; the subject stays out."""
    row = message_row(record())
    check(OUTCOMES, row)
    assert "secret" not in json.dumps(row)
    assert (row["journey"], row["state"], row["ended_at"]) == ("cart-recovery", "sent", milliseconds(NOW))
    skipped = message_row(record(state=State.SKIPPED, outcome=Skipped("no_consent")))
    check(OUTCOMES, skipped)
    assert (skipped["state"], skipped["reason"], "ended_at" in skipped) == ("skipped", "no_consent", False)
    campaign = message_row(record(enrollment="campaign", journey="spring"))
    assert (campaign["campaign"], "journey" in campaign, "test" in campaign) == ("spring", False, False)
    test = message_row(record(enrollment="test-1", journey="spring"))
    assert (test["test"], test["campaign"], "journey" in test) == (True, "spring", False)
    assert message_row(record(test=True))["test"] is True


@pytest.mark.parametrize("ended", [False, True])
def test_an_enrollment_with_its_steps(ended: bool) -> None:
    """Each step with what became of it and when; the day never changes."""
    steps: dict[str, Progress] = {
        "first": HandedOver(("email", "sms"), NOW + timedelta(hours=1), NOW),
        "second": SkippedStep("stale", NOW + timedelta(hours=2), NOW),
        "half": ChosenBranch("out", NOW + timedelta(hours=3), NOW, "holdout"),
        "way": ChosenBranch("then", NOW + timedelta(hours=3), NOW),
    }
    end = End("stopped_ordered", NOW + timedelta(hours=9), {"order": "S-1"}) if ended else None
    trigger = Trigger("Product Added", HOME, "t#1", NOW)
    row = enrollment_row(Enrollment("cart-recovery", "e1", HOME, 3, trigger, NOW, steps=steps, end=end, version=4))
    check(OUTCOMES, row)
    assert [(one["step"], one["became"], one["which"]) for one in row["steps"]] == [
        ("first", "handed_over", "email sms"), ("second", "skipped", "stale"), ("half", "decided", "out"),
        ("way", "decided", "then"),
    ]  # fmt: skip
    assert [one.get("by") for one in row["steps"]] == [None, None, "holdout", None]
    assert row["day_at"] == milliseconds(NOW)
    assert row["changed_at"] == milliseconds(NOW + timedelta(hours=9 if ended else 3))
    assert (row["state"], row["version"]) == ("ended" if ended else "live", 4)
