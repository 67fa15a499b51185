"""Phone numbers as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.memory import MemoryTable
from shared.adapters.phones import phone_reader, shop_phone_reader
from shared.domain.definitions.release import Release
from shared.domain.definitions.shop import Shop
from shared.stores.releases import Releases
from shared.stores.shop_answers import shop_region

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "written",
    ["0555 111 22 33", "+90 555 111 22 33", "(0555) 111-22-33", "5551112233", "00905551112233", "tel:+905551112233"],
)
def test_one_number_has_one_form(written: str) -> None:
    """However a Turkish number is written, it is the same identifier."""
    assert phone_reader("TR")(written) == "+905551112233"


def test_the_region_is_for_numbers_without_a_country() -> None:
    """A number with a country code is itself everywhere; one without belongs to the shop's country."""
    assert phone_reader("DE")("+905551112233") == "+905551112233"
    assert phone_reader("DE")("030 901820") == "+4930901820"


@pytest.mark.parametrize("written", ["", "12", "ayse", "+", "1" * 30, "0" * 300, "\x00", "☎"])
def test_what_is_no_number(written: str) -> None:
    """Text that cannot be a number is None."""
    assert phone_reader("TR")(written) is None


@given(st.text(max_size=40))
def test_any_text_is_read(written: str) -> None:
    """Whatever is written is a number in E.164 or none, never an exception."""
    read = phone_reader("TR")(written)
    assert read is None or read.startswith("+")


def test_the_shop_says_its_country() -> None:
    """A number without its country is read with the region of the published release, which is asked for rarely."""
    catalog, now = MemoryTable(), 0.0
    region = shop_region(catalog, lambda: now)
    read = shop_phone_reader(region)
    assert read("+4930901820") == "+4930901820"
    assert catalog.usage.requests == 0
    assert read("0555 111 22 33") == "+905551112233"
    Releases(catalog).publish(Release(0, Shop(name="Kervan Mode", region="DE")))
    assert region() == "TR"
    now = 900.0
    assert read("030 901820") == "+4930901820"
    catalog.usage.reset()
    assert [region() for _ in range(9)] == ["DE"] * 9
    assert catalog.usage.requests == 0
