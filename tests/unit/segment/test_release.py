"""A wrong link, released: random lives of two people and their browsers are as if they had never met."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from functions.segment.identity import claims_of
from shared.domain.definitions.shop import Shop
from shared.domain.events.event import Event
from shared.domain.identity.claims import LINK_RELEASED, LINK_RESTORED
from shared.domain.identity.identifiers import parse_identifier
from shared.domain.profile.customer_json import customer_json
from tests.support.cases import UNIT, cases
from tests.support.world import KEYS, NOW, World, event, later

pytestmark = UNIT

CHILD = "anonymous:a-1"
CARD = "loyalty:L7"
PEOPLE = ("user:1", "user:2")

happenings = st.lists(
    st.tuples(
        st.sampled_from(
            [(CHILD,), (CARD,), *((who,) for who in PEOPLE), *((who, CHILD) for who in PEOPLE), ("user:1", CARD)]
        ),
        st.sampled_from(["Product Added", "Order Completed", "Product Added to Wishlist", "identify"]),
        st.sampled_from(["p1", "p2"]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


def lives(rows: list[tuple[tuple[str, ...], str, str, bool]]) -> list[Event]:
    return [
        event(
            name, who, at=later(minutes=place), id=f"e{place}", trusted=trusted, product_id=product,
            order_id=f"o{place}", total=10, traits={"name": product} if name == "identify" else None,
        )
        for place, (who, name, product, trusted) in enumerate(rows)
    ]  # fmt: skip


def word(name: str, child: str, owner: str, minutes: int) -> Event:
    """As the API writes it."""
    said = event(name, [child], at=later(minutes=minutes), trusted=True, owner=owner, context={"active": False})
    return replace(said, source="admin", channel="admin")


def test_an_identifier_that_names_itself_owns_itself_never() -> None:
    """Also beside an operator's word on it, which is kept with its claims in one batch."""
    key = KEYS(parse_identifier(CHILD))
    said = [
        word(LINK_RELEASED, CHILD, "user:1", 1),
        event("Product Viewed", [CHILD], claims=[CHILD], trusted=True),
        event("Product Viewed", [CHILD], alias_of=CHILD, trusted=True),
    ]
    found = claims_of(key, said, KEYS)
    assert found.keys() == {key}
    assert (found[key].trusted.owners, found[key].public.owners) == ({}, {})


def parted(events: list[Event], child: str) -> list[Event]:
    """The same events, had nobody ever been seen with ``child``."""
    apart = parse_identifier(child)
    return [
        one
        if one.owner == apart
        else replace(
            one,
            identifiers=tuple(who for who in one.identifiers if who != apart),
            claimable=tuple(who for who in one.claimable if who != apart),
        )
        for one in events
    ]


def seen(world: World) -> dict[str, Any]:
    """Every customer as JSON; the times at which segments were decided aside."""
    found: dict[str, Any] = {}
    for who in (*PEOPLE, CHILD, CARD):
        tree = world.tree(who)
        profile = tree.profile()
        shown = customer_json(profile, profile.consents, {}, [], Shop(name="Test"), NOW + timedelta(days=1))
        found[who] = shown | {"segments": sorted(shown["segments"])}
    return found


@cases(33)
@given(rows=happenings, child=st.sampled_from([CHILD, CARD]), batch=st.integers(1, 5), data=st.data())
def test_released_from_everybody_they_never_met(
    rows: list[tuple[tuple[str, ...], str, str, bool]], child: str, batch: int, data: st.DataObject
) -> None:
    """Whatever they did, and wherever in the stream the releases arrive, each customer is that of the other world."""
    events = lives(rows)
    owners = sorted({str(one.owner) for one in events for who in one.claimable if str(who) == child})
    releases = [word(LINK_RELEASED, child, owner, 60 + place) for place, owner in enumerate(owners)]
    met, apart = World(), World()
    shuffled = data.draw(st.permutations([*events, *releases]))
    for start in range(0, len(shuffled), batch):
        met.send(*shuffled[start : start + batch])
    if parted(events, child):
        apart.send(*parted(events, child))
    found, expected = seen(met), seen(apart)
    if not any(one.owner == parse_identifier(child) for one in events):
        # It has no log of its own: in the other world nobody ever heard its name.
        found[child]["identifiers"] = expected[child]["identifiers"]
        found[child]["segments"] = expected[child]["segments"]
    assert found == expected


@cases(20)
@given(rows=happenings, child=st.sampled_from([CHILD, CARD]), data=st.data())
def test_a_relink_is_as_if_nothing_had_been_said(
    rows: list[tuple[tuple[str, ...], str, str, bool]], child: str, data: st.DataObject
) -> None:
    """After release and relink of every owner, in any order of arrival, the customers are those from before."""
    events = lives(rows)
    owners = sorted({str(one.owner) for one in events for who in one.claimable if str(who) == child})
    words = [
        word(name, child, owner, minutes + place)
        for place, owner in enumerate(owners)
        for name, minutes in ((LINK_RELEASED, 60), (LINK_RESTORED, 90))
    ]
    before, after = World(), World()
    before.send(*events)
    after.send(*data.draw(st.permutations([*events, *words])))
    found, expected = seen(after), seen(before)
    assert found == expected
    assert after.store.control(KEYS(parse_identifier(child))).moving is None
