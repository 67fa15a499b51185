"""Codes of coupons on the fake and on DynamoDB (moto): one suite for both."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shared.domain.coupons.definition import CouponDefinition
from shared.ports import Table
from shared.stores.coupons import Candidate, Claim, CouponCodes, Holder
from tests.contract.plain_table import KINDS, plain_table

pytestmark = pytest.mark.contract

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)
POOL = CouponDefinition(coupon="CART10", codes="imported")
STOCK = [f"KIS-{number}" for number in range(20)]


@pytest.fixture(params=KINDS)
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    yield from plain_table(request.param)


def claim(code: str, unit: str) -> Claim:
    return Claim(code, Holder(unit, f"m-{unit}", 1, "u.1"), NOW, 10, NOW)


def test_every_code_is_taken_once_comes_back_and_is_taken_again(table: Table) -> None:
    """Wherever the random place lies, all are found; a returned code goes out by the mark of its return only."""
    codes = CouponCodes(table, random.Random(3).randrange)
    assert codes.add("CART10", STOCK) == 20
    assert codes.add("CART10", [*STOCK, "NEW"]) == 1
    taken: list[str] = []
    while (found := codes.candidate(POOL)) is not None:
        assert codes.claim(POOL, found, claim(found.code, f"unit {len(taken)}"))
        taken.append(found.code)
    assert sorted(taken) == sorted([*STOCK, "NEW"])
    assert codes.left("CART10", 100) == 0
    assert codes.find("CART10", taken[4]) == claim(taken[4], "unit 4")
    assert not codes.give_back(POOL, taken[4], "unit 4", lambda _: False)
    assert codes.give_back(POOL, taken[4], "unit 4", lambda _: True)
    assert codes.find("CART10", taken[4]) is None
    assert not codes.claim(POOL, Candidate(taken[4]), claim(taken[4], "unit 4"))
    back = codes.candidate(POOL)
    assert back is not None
    assert codes.claim(POOL, back, claim(back.code, "another"))
    assert not codes.claim(POOL, back, claim(back.code, "unit 4"))
    assert codes.add("CART10", STOCK) == 0
