"""Coupons as definitions: checked beside the journeys that give them, and published with them."""

from __future__ import annotations

from typing import Any

import pytest

from shared.domain.definitions.bundle import Checked, Document, check
from shared.domain.definitions.release import read_release, write_release

pytestmark = pytest.mark.unit

SHOP = {"name": "Kervan Moda", "time_zone": "Europe/Istanbul"}


def journey(coupon: str) -> dict[str, Any]:
    step = {
        "id": "offer",
        "at": "1h",
        "fresh_for": "24h",
        "send": "cart-offer",
        "purpose": "marketing",
        "channels": ["email"],
        "give": {"coupon": coupon, "percent": 10, "valid": "72h", "once_per": "180d"},
    }
    return {"journey": "offers", "start": {"when": "cart_changed"}, "steps": [step]}


def checked(*coupons: dict[str, Any], give: str = "CART10") -> Checked:
    documents = [Document("shop.yaml", SHOP), Document("journeys/offers.yaml", journey(give))]
    documents += [Document(f"coupons/{place}.yaml", coupon) for place, coupon in enumerate(coupons)]
    return check(documents, {}, whole=False)


def test_a_coupon_is_published_with_the_release() -> None:
    """Written and read again it is the same; a release of before coupons has none."""
    found = checked({"coupon": "CART10", "codes": "imported"}, {"coupon": "SPRING", "pattern": "SPRING-{8}"})
    assert found.bundle is not None, found.problems
    release = found.bundle.release()
    again = read_release(write_release(release))
    assert again.coupons == release.coupons
    assert again.coupon("SPRING") == release.coupons[1]
    assert again.coupon("OTHER") is None
    before = write_release(release).replace('"coupons":', '"coupons_not_known_then":')
    assert read_release(before).coupons == ()


@pytest.mark.parametrize(
    ("coupons", "give", "said"),
    [
        (({"coupon": "CART10"},), "CART10", "where its codes come from; write codes: imported, or pattern"),
        (
            ({"coupon": "CART10", "code": "imported"},),
            "CART10",
            "'code' is not a word of the language here; did you mean",
        ),
        (({"coupon": "CART 10", "codes": "imported"},), "CART10", "is not a possible name; use letters"),
        (({"coupon": "A", "codes": "imported"},) * 2, "A", "the coupon A is described twice"),
        (({"coupon": "CART10", "codes": "imported"},), "cart10", "steps[0].give.coupon: there is no coupon cart10"),
        ((), "on sale!", "cannot be a code; use letters"),
    ],
)
def test_what_is_wrong_is_said_with_its_place_and_remedy(
    coupons: tuple[dict[str, Any], ...], give: str, said: str
) -> None:
    """And nothing is published."""
    found = checked(*coupons, give=give)
    assert found.bundle is None
    assert any(said in str(problem) for problem in found.problems), found.problems


@pytest.mark.parametrize("word", ["valid", "once_per"])
def test_a_gift_that_is_over_at_once_is_a_mistake(word: str) -> None:
    """Nothing is good for no time at all: said when it is written, not when it is sent."""
    mistaken = journey("CART10")
    mistaken["steps"][0]["give"][word] = "0m"
    documents = [Document("shop.yaml", SHOP), Document("journeys/offers.yaml", mistaken)]
    [problem] = check(documents, {}, whole=False).problems
    assert problem.file == "journeys/offers.yaml"
    assert f"{word} must be longer than 0m; write such as 72h, or leave it out" in str(problem)
