"""A return in store and the shop's own refund of it are the same money, once."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.facts.orders import FULL_REFUND, SAME_MONEY, STORE_RETURN, counted_refunds, refunds
from tests.support.cases import UNIT, cases

pytestmark = UNIT
DAY = timedelta(days=1)
LONGEST = SAME_MONEY // DAY
ROW = st.tuples(st.integers(0, 40), st.sampled_from(["10", "10.00", "20", FULL_REFUND]))


@given(in_store=st.lists(ROW, max_size=3), of_shop=st.lists(ROW, max_size=4))
@cases(100, 3_000)
def test_as_many_returns_are_left_out_as_can_be_matched(
    in_store: list[tuple[int, str]], of_shop: list[tuple[int, str]]
) -> None:
    """Each with another refund of its amount within 14 days: as many as the best matching finds, and no shop's word."""
    found = refunds()
    for place, (day, amount) in enumerate(in_store):
        found.put(f"{STORE_RETURN}{place}", (day * (DAY // timedelta(milliseconds=1)), f"s{place}", amount))
    for place, (day, amount) in enumerate(of_shop):
        found.put(f"r{place}", (day * (DAY // timedelta(milliseconds=1)), f"o{place}", amount))
    counted = counted_refunds(found)
    names = [event for _, event, _ in counted]
    assert {one for one in names if one.startswith("o")} == {f"o{place}" for place in range(len(of_shop))}
    assert len(names) == len(in_store) + len(of_shop) - matched(in_store, of_shop)
    assert counted == sorted(counted, key=lambda one: one[:2])


def matched(in_store: list[tuple[int, str]], of_shop: list[tuple[int, str]]) -> int:
    """By trying every assignment."""
    none: list[tuple[int, str] | None] = [None] * len(in_store)
    return max(
        sum(one is not None and fits(mine, one) for mine, one in zip(in_store, order, strict=False))
        for order in permutations([*of_shop, *none], len(in_store))
    )


def fits(one: tuple[int, str], other: tuple[int, str]) -> bool:
    if FULL_REFUND in (one[1], other[1]):
        return False
    return float(one[1]) == float(other[1]) and abs(one[0] - other[0]) <= LONGEST
