"""Feeds whose meaning changes with time, with their description, or with the end of the function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pytest

from shared.adapters.guarded_https import HttpsAnswer
from shared.domain.connectors.feed import Feed
from shared.domain.products.product import Product
from tests.support.cases import UNIT
from tests.unit.connectors.test_feeds import GOOGLE, FeedWorld, item, table, xml
from tests.unit.ingest.world import NOW

pytestmark = UNIT
HOURS = timedelta(hours=1)


def product(world: FeedWorld, id_: str) -> Product:
    return world.products.read([id_])[id_].product


def reduced(number: int, effective: str) -> dict[str, str]:
    return item(number) | {"sale_price": "4.00 TRY", "sale_price_effective_date": effective}


def span(begins: timedelta, ends: timedelta) -> str:
    return "/".join((NOW + one).strftime("%Y-%m-%dT%H:%M+0000") for one in (begins, ends))


@pytest.mark.parametrize("form", [xml, table])
def test_a_reduction_holds_between_its_dates(tmp_path: Path, form: Callable[..., bytes]) -> None:
    """Not before it begins and not after it ends, although the file stays the same; then the pulls are sooner."""
    world = FeedWorld(tmp_path)
    world.server.body = form(reduced(1, span(10 * HOURS, 12 * HOURS)), reduced(2, span(-HOURS, 90 * HOURS)))
    world.server.headers = {"etag": '"1"'}
    first = world.pull(after=7 * HOURS)
    assert [product(world, one).sale_price for one in ("p-1", "p-2")] == [None, Decimal("4.00")]
    assert first.next_at == NOW + 10 * HOURS
    second = world.pull(after=3 * HOURS)
    assert (second.state, second.written, product(world, "p-1").costs) == ("ok", 1, Decimal("4.00"))
    assert second.next_at == NOW + 12 * HOURS
    third = world.pull(after=2 * HOURS)
    costs = [str(product(world, one).costs) for one in ("p-1", "p-2")]
    assert (third.written, costs) == (1, ["10.00", "4.00"])
    assert world.pull(after=7 * HOURS).state == "not_modified"


@pytest.mark.parametrize("wrong", ["soon", "2026-11-01T00:00+0300", "2026-12-01/2026-11-01", "x/y"])
def test_dates_that_cannot_be_read_are_refused(tmp_path: Path, wrong: str) -> None:
    """A reduction of which nobody knows when it holds is told to nobody."""
    world = FeedWorld(tmp_path)
    world.server.body = xml(reduced(1, wrong), item(2))
    pull = world.pull()
    assert (pull.written, pull.refused) == (1, 1)
    assert "sale_price_effective_date" in pull.refusals[0].problem


def test_another_currency_in_the_description_counts_at_once(tmp_path: Path) -> None:
    world = FeedWorld(tmp_path, GOOGLE.model_copy(update={"currency": "USD"}))
    world.server.body = table({"id": "x", "title": "X", "price": "35"})
    world.server.headers = {"etag": '"1"'}
    world.pull()
    world.feed = GOOGLE
    assert world.pull().state == "ok"
    assert product(world, "x").currency == "TRY"
    assert world.pull().state == "not_modified"


def test_a_feed_keeps_care_unless_it_has_a_column_of_it(tmp_path: Path) -> None:
    """Google has no attribute for it: a custom label may hold it, by language too; an empty cell takes it away."""
    labels = {"care": "custom_label_0", "manual_url": "custom_label_1"}
    world = FeedWorld(tmp_path, Feed.model_validate(GOOGLE.model_dump() | {"fields": labels}))
    row = item(1) | {"custom_label_0": "30 derece", "custom_label_1": "https://shop.example/m.pdf"}
    world.server.body = table(row)
    world.pull()
    assert (dict(product(world, "p-1").care), product(world, "p-1").manual_url) == (
        {"": "30 derece"},
        "https://shop.example/m.pdf",
    )
    world.server.body = table(item(1, "9.00"))
    world.pull()
    assert (str(product(world, "p-1").price), dict(product(world, "p-1").care)) == ("9.00", {"": "30 derece"})
    world.server.body = table(row | {"custom_label_0": ""})
    world.pull()
    assert (product(world, "p-1").care, product(world, "p-1").manual_url) == ((), "https://shop.example/m.pdf")
    world.feed = Feed.model_validate(GOOGLE.model_dump() | {"fields": {"care.tr": "tr", "care.en": "en"}})
    world.server.body = xml(item(1) | {"tr": "Serin", "en": "Cool"})
    world.pull()
    assert dict(product(world, "p-1").care) == {"tr": "Serin", "en": "Cool"}


class Shop:
    """A list of products in pages; ``dies_at``: the function ends while this page is loaded."""

    def __init__(self, pages: int) -> None:
        self.pages, self.asked, self.dies_at = pages, list[int](), 0

    def download(
        self, url: str, headers: Mapping[str, str], target: BinaryIO, *, at_most: int, seconds: float
    ) -> HttpsAnswer:
        page = int(url.rpartition("=")[2])
        self.asked.append(page)
        if page == self.dies_at:
            raise KeyboardInterrupt
        ids = range(page * 250, page * 250 + 250) if page < self.pages else ()
        rows = [
            {"id": one, "title": "P", "updated_at": "2026-11-20T10:00:00Z", "variants": [{"id": one, "price": "1.00"}]}
            for one in ids
        ]
        target.write(json.dumps({"products": rows}).encode())
        return HttpsAnswer(200, {}, b"")


LIST = Feed(feed="list", url="https://a.example/products.json", form="shopify", currency="TRY")


def test_pages_end_when_the_time_is_over_and_go_on_there(tmp_path: Path) -> None:
    """Also if nothing of them is new: the time is asked before each page. The page before is loaded once more."""
    world = FeedWorld(tmp_path, LIST)
    shop = Shop(6)
    world.server = shop  # type: ignore[assignment]
    states = [world.pull(lambda: False, after=timedelta(minutes=16)).state for _ in range(20)]
    assert states.index("ok") < 20
    assert len(world.products.read([str(one) for one in range(250, 1_500)])) == 1_250
    shop.asked.clear()
    world.clock.advance(timedelta(days=1))
    assert world.pull(lambda: False).state == "unfinished"
    assert shop.asked == [1]
    assert world.pull(lambda: True, after=timedelta(minutes=5)).state == "ok"
    assert shop.asked == [1, 1, 2, 3, 4, 5, 6]


def test_a_function_that_dies_goes_on_near_where_it_was(tmp_path: Path) -> None:
    """After its lease; how far it is was noted every ten pages."""
    world = FeedWorld(tmp_path, LIST)
    shop = Shop(25)
    world.server = shop  # type: ignore[assignment]
    shop.dies_at = 17
    with pytest.raises(KeyboardInterrupt):
        world.pull()
    shop.dies_at = 0
    assert world.puller().pull(LIST, lambda: True) is None
    shop.asked.clear()
    assert world.pull(after=timedelta(minutes=17)).state == "ok"
    assert shop.asked[0] == 9
    assert len(world.products.read([str(one) for one in range(250, 25 * 250)])) == 24 * 250
