"""What is found of a customer for a condition that holds, and for one that does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from shared.domain.definitions.needed_features import needed_features
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.facts.facts import Facts
from shared.domain.facts.fold import fold
from shared.domain.identity.keys import event_id, time_text
from shared.domain.journeys.conditions import LOOKED, Condition
from shared.domain.journeys.definition import JourneyDefinition
from shared.domain.journeys.evidence import ConditionContext, Rules, evidence
from shared.domain.profile.profile_from_facts import profile_of
from tests.support.world import NOW, event

pytestmark = pytest.mark.unit
HOUR = timedelta(hours=1)


def found(rule: Any, *told: Event, **values: str) -> list[dict[str, str]]:
    """The items of a condition that holds."""
    asked = TypeAdapter[Condition](Condition).validate_python(rule)
    journey = JourneyDefinition.model_validate(
        {"journey": "x", "start": {"event": "E"}, "stop_when": rule, "steps": [{"note": "n"}]}
    )
    profile = profile_of("u.1", ("u.1",), (), fold(Facts(), told, needed_features((), (journey,))))
    at = ConditionContext(profile, Rules(Shop(name="Test")), NOW, NOW - 2 * HOUR, values)
    evidence_found = evidence(asked, at)
    assert evidence_found is not None
    return [dict(one) for one in evidence_found.found]


def ago(hours: float, name: str, id: str = "m", **said: Any) -> Event:  # noqa: A002
    return event(name, ["user:1"], at=NOW - hours * HOUR, id=id, trusted=True, **said)


def test_a_birthday_is_named_without_its_day() -> None:
    """The trait's name, and when it was said: the day is personal data."""
    said = event("identify", ["user:1"], at=NOW - HOUR, traits={"birthDate": "1987-11-23", "city": "İzmir"})
    today = {"anniversary": {"ahead": "365d"}}
    at = time_text(NOW - HOUR)
    assert found(today, said) == [{"kind": "trait", "id": "birthday", "at": at}]
    assert found({"trait": {"name": "city", "is": "İzmir"}}, said) == [{"kind": "trait", "id": "city", "at": at}]
    for rule in (today, {"trait": {"name": "birthDate"}}, {"not": {"trait": {"name": "birthDate", "is": "x"}}}):
        assert "1987" not in str(found(rule, said))


def test_a_trait_that_was_never_said_is_absent() -> None:
    """The birthday under any of its names."""
    assert found({"not": {"trait": {"name": "city"}}}) == [{"kind": "absent", "id": "city", "what": "trait"}]
    assert found({"not": {"anniversary": {"this": "day"}}}) == [{"kind": "absent", "id": "birthday", "what": "trait"}]


def test_an_event_is_named_by_its_id() -> None:
    """The newest first; its name stands beside it."""
    told = [ago(hours, "Searched", id=f"m{hours}") for hours in (1, 2, 3, 4)]
    assert found({"event": {"name": "Searched", "at_least": 3}}, *told) == [
        {
            "kind": "event",
            "id": event_id(f"m{hours}", trusted=True),
            "at": time_text(NOW - hours * HOUR),
            "event": "Searched",
        }
        for hours in (1, 2, 3)
    ]


def test_an_open_is_named_by_its_message() -> None:
    """As facts keep it: eight bytes of the message's id."""
    told = ago(1, "Email Opened", message_id="kervan-7")
    assert found({"opens": {"channel": "email"}}, told) == [
        {"kind": "event", "id": event_id("kervan-7", trusted=True), "at": time_text(NOW - HOUR), "event": "opens"}
    ]


YESTERDAY, CLOCK = time_text(NOW - 24 * HOUR), time_text(NOW - 2 * HOUR)


@pytest.mark.parametrize(
    ("rule", "item"),
    [
        ({"event": {"name": "E", "exactly": 0, "within": "24h"}}, {"what": "event", "event": "E", "since": YESTERDAY}),
        ({"not": {"event": {"name": "E", "within": "24h"}}}, {"what": "event", "event": "E", "since": YESTERDAY}),
        ({"not": {"event": {"name": "E", "last": {"within": "24h"}}}},
         {"what": "event", "event": "E", "since": YESTERDAY}),
        ({"not": {"event": {"name": "E"}}}, {"what": "event", "event": "E"}),
        ({"orders": {"exactly": 0}}, {"what": "order"}),
        ({"not": {"orders": {"at_least": 1, "within": "24h"}}}, {"what": "order", "since": YESTERDAY}),
        ({"not": {"ordered": {"since": "clock"}}}, {"what": "order", "since": CLOCK}),
        ({"not": {"ordered": {"within": "24h"}}}, {"what": "order", "since": YESTERDAY}),
        ({"not": {"order": {"same": "order_id", "status": "cancelled"}}}, {"what": "order", "id": "S-1"}),
        ({"not": {"bought": {"same": "product_id"}}}, {"what": "order", "product": "p1", "since": CLOCK}),
        ({"not": {"in_cart": {"same": "product_id"}}}, {"what": "product", "id": "p1"}),
        ({"not": {"open_case": {}}}, {"what": "case"}),
        ({"not": {"open_case": {"same": "order_id"}}}, {"what": "case", "order": "S-1"}),
        ({"not": {"looked_again": {"within": "24h"}}}, {"what": "second_look", "since": YESTERDAY}),
        ({"opens": {"exactly": 0, "within": "24h"}}, {"what": "event", "event": "opens", "since": YESTERDAY}),
        ({"not": {"received": {}}}, {"what": "event", "event": "received"}),
        ({"not": {"active": {"channel": "web"}}}, {"what": "use"}),
        ({"not": {"in_segment": "vip"}}, {"what": "segment", "id": "vip"}),
        ({"not": {"overdue": {"times": 1.5}}}, {"what": "order"}),
        ({"not": {"all": [{"not": {"in_segment": "vip"}}, {"orders": {"at_least": 1}}]}}, {"what": "order"}),
    ],
)  # fmt: skip
def test_what_is_not_there_is_said(rule: Any, item: dict[str, str]) -> None:
    """Its kind, its id, and since when it was looked for."""
    assert found(rule, order_id="S-1", product_id="p1") == [{"kind": "absent", **item}]


def test_of_alternatives_none_of_which_holds_each_is_said() -> None:
    """At most three items."""
    rule = {"not": {"any": [{"in_segment": name} for name in ("a", "b", "c", "d")]}}
    assert [one["id"] for one in found(rule)] == ["a", "b", "c"]


def test_what_is_there_against_a_condition_is_named() -> None:
    """An order in another state, an order of before the window, a cart that is not empty."""
    bought = ago(30, "Order Completed", order_id="S-1")
    order = {"kind": "order", "id": "S-1", "at": time_text(NOW - 30 * HOUR), "channel": "store", "state": "completed"}
    assert found({"not": {"order": {"same": "n", "status": "cancelled"}}}, bought, n="S-1") == [order]
    assert found({"not": {"orders": {"at_least": 2}}}, bought) == [order]
    added = ago(1, "Product Added", product_id="p1")
    assert found({"not": {"cart": {"items": {"exactly": 0}}}}, added) == [
        {"kind": "cart", "at": time_text(NOW - HOUR), "products": "1"}
    ]


@pytest.mark.parametrize("times", [1, 2, 3, 4, 5])
def test_not_not_is_the_condition_itself(times: int) -> None:
    """An even number of negations changes nothing."""
    bought = ago(1, "Order Completed", order_id="S-1")
    rule: Any = {"ordered": {"since": "clock"}} if times % 2 == 0 else {"in_segment": "vip"}
    for _ in range(times):
        rule = {"not": rule}
    [item] = found(rule, bought)
    assert item["kind"] == ("order" if times % 2 == 0 else "absent")


def looks(*products: str) -> list[Event]:
    """One look an hour, the last one an hour ago; the number is the look's id."""
    last = len(products)
    return [ago(last - place, LOOKED, id=f"m{place}", product_id=one) for place, one in enumerate(products)]


@pytest.mark.parametrize(
    ("seen", "named"),
    [
        ("aa", [(1, "a"), (0, "a")]),
        ("baa", [(2, "a"), (1, "a")]),
        ("aaa", [(2, "a"), (1, "a"), (0, "a")]),
        ("bcdaa", [(4, "a"), (3, "a")]),
        ("aab", [(0, "")]),
        ("aba", [(0, "")]),
        ("aabcde", [(0, "")]),
    ],
)
def test_only_looks_at_a_product_that_was_looked_at_again_are_named(seen: str, named: list[tuple[int, str]]) -> None:
    """The product too, where no other one was looked at since."""
    assert [
        (one["id"], one.get("product", "")) for one in found({"looked_again": {"within": "24h"}}, *looks(*seen))
    ] == [(event_id(f"m{place}", trusted=True), product) for place, product in named]
