"""The item ``customer``: what was written is read, its events only when somebody asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.identity.keys import event_sort_key, milliseconds
from shared.domain.profile.customer_item import Customer, Folded, read_customer, write_customer
from tests.support.cases import cases
from tests.support.world import NOW

pytestmark = pytest.mark.unit
ROOT = "u.root"


@st.composite
def folded(draw: st.DrawFn) -> Folded:
    """An event with a time or without, in the partition of the root or of another identifier."""
    at = NOW - timedelta(milliseconds=draw(st.integers(0, 10**9)))
    timed = draw(st.booleans())
    sk = event_sort_key(at if timed else None, draw(st.sampled_from(["m1", "m#2", "ü"])), trusted=draw(st.booleans()))
    return draw(st.sampled_from(["Page Viewed", "x"])), draw(st.sampled_from([ROOT, "a.1"])), sk, milliseconds(at)


@cases(60)
@given(st.lists(folded(), max_size=4))
def test_events_are_read_as_they_were_written(events: list[Folded]) -> None:
    """As a sequence that is equal to what was written, and to a second reading."""
    customer = Customer(version=3, segments={"new": 1}, events=tuple(events))
    item = {"pk": ROOT, "sk": "customer", **write_customer(customer, ROOT)}
    found = read_customer(item)
    assert found == customer
    assert found == read_customer(item)
    assert customer == found
    assert (list(found.events), len(found.events)) == (events, len(events))
    assert repr(found.events) == repr(tuple(events))
    if events:
        assert (found.events[0], tuple(found.events[1:])) == (events[0], tuple(events[1:]))
        assert found != Customer(version=3, segments={"new": 1})
        assert write_customer(found, ROOT) == write_customer(customer, ROOT)


def test_a_customer_is_read_whose_events_nobody_can_read() -> None:
    """Who decides anew needs none of them; who asks for them hears of it."""
    found = read_customer({"pk": ROOT, "sk": "customer", "version": 3, "events": [[]]})
    assert found.version == 3
    with pytest.raises(ValueError, match="unpack"):
        list(found.events)
