"""Feeds are pulled when they are due, only what has changed is written, and nothing hostile does harm."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from functions.stock.on_feed import Environment, respond
from functions.stock.pull_feed import LEASE, FeedPuller
from shared.adapters.guarded_https import GuardedHttps, HttpsAnswer, NeverLeft, TooMuch
from shared.adapters.indexes import INDEXES
from shared.adapters.memory import MemoryTable
from shared.domain.connectors.feed import Feed, Pull
from shared.domain.products.product import read_product
from shared.ports import Throttled
from shared.stores.feeds import Feeds, keep_feeds, put_feed
from shared.stores.products import Products
from tests.unit.connectors.shop_world import shopify_product
from tests.unit.ingest.world import NOW, StoppedClock
from tests.unit.stock.stock_world import Invoked

pytestmark = pytest.mark.unit
GOOGLE = Feed(feed="merchant", url="https://shop.example/feed.xml", currency="TRY", every="6h")


@dataclass
class Server(GuardedHttps):
    """A shop that answers as told. ``pages``: by address, else ``body``."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    fails: Exception | None = None

    def download(
        self, url: str, headers: Mapping[str, str], target: BinaryIO, *, at_most: int, seconds: float
    ) -> HttpsAnswer:
        self.asked.append((url, dict(headers)))
        if self.fails is not None:
            raise self.fails
        if headers.get("if-none-match") == self.headers.get("etag", "-"):
            return HttpsAnswer(304, {}, b"")
        body = self.pages.get(url, self.body)
        if len(body) > at_most:
            raise TooMuch
        target.write(body)
        return HttpsAnswer(self.status, self.headers, b"")


class FeedWorld:
    def __init__(self, folder: Path, feed: Feed = GOOGLE) -> None:
        self.clock, self.server, self.folder, self.feed = StoppedClock(NOW), Server(), folder, feed
        self.catalog, self.table = MemoryTable(), MemoryTable(indexes=INDEXES["products"])
        self.feeds, self.products = Feeds(self.catalog), Products(self.table)
        put_feed(self.catalog, feed)

    def puller(self, _folder: Path | None = None) -> FeedPuller:
        return FeedPuller(self.feeds, self.products, self.server, self.folder, self.clock.now)

    def pull(self, time_left: Callable[[], bool] = lambda: True, after: timedelta = timedelta(hours=7)) -> Pull:
        self.clock.advance(after)
        found = self.puller().pull(self.feed, time_left)
        assert found is not None
        return found


def xml(*products: Mapping[str, Any]) -> bytes:
    rows = "".join(
        "<item>" + "".join(f"<g:{name}>{value}</g:{name}>" for name, value in one.items()) + "</item>"
        for one in products
    )
    head = '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel>'
    return f"{head}{rows}</channel></rss>".encode()


def item(number: int, price: str = "10.00") -> dict[str, str]:
    return {"id": f"p-{number}", "title": f"Product {number}", "price": f"{price} TRY", "availability": "in stock"}


def table(*products: Mapping[str, str]) -> bytes:
    names = list(products[0])
    return "\n".join(["\t".join(names), *("\t".join(one.values()) for one in products)]).encode()


@pytest.mark.parametrize("form", [xml, table, lambda *rows: gzip.compress(xml(*rows))], ids=["xml", "tsv", "gzip"])
def test_only_what_has_changed_is_written(tmp_path: Path, form: Callable[..., bytes]) -> None:
    """The first pull writes all, the second what differs; a product costs nothing if its row is as before."""
    world = FeedWorld(tmp_path)
    world.server.body = form(*map(item, range(50)))
    first = world.pull()
    assert (first.state, first.products, first.written, first.same) == ("ok", 50, 50, 0)
    world.server.body = form(*(item(number, "9.00" if number == 7 else "10.00") for number in range(51)))
    second = world.pull()
    assert (second.products, second.written, second.same) == (51, 2, 49)
    stored = world.products.read(["p-7"])["p-7"]
    assert str(stored.product.price) == "9.00"
    assert len(stored.prices) == 2


def test_an_unchanged_feed_is_not_read(tmp_path: Path) -> None:
    """By its ETag it is not downloaded; by the same content it is not read; either way the figures stay."""
    world = FeedWorld(tmp_path)
    world.server.body, world.server.headers = xml(item(1)), {"etag": '"v1"'}
    world.pull()
    assert world.pull().state == "not_modified"
    assert world.server.asked[-1][1]["if-none-match"] == '"v1"'
    world.server.headers = {"etag": '"v2"'}
    assert (world.pull().state, world.pull().products) == ("not_modified", 1)


def test_it_is_pulled_when_it_is_due_and_by_one_alone(tmp_path: Path) -> None:
    """Not before ``every`` is over; who dies leaves a lease, after which it is pulled again."""
    world = FeedWorld(tmp_path)
    world.server.body = xml(item(1))
    world.pull()
    world.clock.advance(timedelta(hours=5))
    assert world.puller().pull(world.feed, lambda: True) is None
    world.clock.advance(timedelta(hours=2))
    world.server.fails = Throttled("the environment dies")
    with pytest.raises(Throttled):
        world.puller().pull(world.feed, lambda: True)
    world.server.fails = None
    assert world.puller().pull(world.feed, lambda: True) is None
    world.clock.advance(LEASE)
    again = world.pull(after=timedelta())
    assert (again.state, again.written, again.same) == ("ok", 0, 1)


def test_what_does_not_fit_is_taken_by_the_next_tick(tmp_path: Path) -> None:
    """Each slice goes on behind what is known; together they write each product once."""
    world = FeedWorld(tmp_path)
    world.server.body = xml(*map(item, range(350)))
    found: list[str] = []
    written = 0
    for _ in range(5):
        pull = world.pull(lambda: False, after=timedelta(minutes=5) if found else timedelta(hours=7))
        found.append(pull.state)
        written += pull.written
        if pull.state == "ok":
            break
    assert (found, written) == (["unfinished", "unfinished", "unfinished", "ok"], 350)


def test_products_that_cannot_be_taken_are_told_by_their_place(tmp_path: Path) -> None:
    """The others are taken; an id that stands twice is taken once."""
    world = FeedWorld(tmp_path)
    bad = [item(1) | {"price": "cheap"}, item(2) | {"link": "http://insecure.example"}, item(0, "5.00"), {"id": "x"}]
    rows = [item(0), *(one | {"title": one.get("title", "")} for one in bad)]
    world.server.body = xml(*rows)
    pull = world.pull()
    assert (pull.state, pull.written, pull.refused) == ("ok", 1, 4)
    assert [one.place for one in pull.refusals] == [2, 3, 4, 5]
    assert "twice" in pull.refusals[2].problem
    assert str(world.products.read(["p-0"])["p-0"].product.price) == "10.00"
    world.server.body = xml(*(item(number) | {"price": "?"} for number in range(90)))
    many = world.pull()
    assert (many.refused, len(many.refusals)) == (90, 20)


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><rss><item>&b;</item></rss>'
FILE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item>&a;</item></rss>'


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (BOMB, "unreadable"),
        (FILE, "unreadable"),
        (b"", "unreadable"),
        (b"<html>sign in</html", "unreadable"),
        (b"\x1f\x8bbroken", "unreadable"),
        (gzip.compress(b" " * 51_000_000), "unreadable"),
        (b"x" * 50_000_001, "too_large"),
        (b"\xff\xfe\x00", "unreadable"),
    ],
    ids=["bomb", "file", "empty", "html", "gzip", "gzip bomb", "large", "binary"],
)
def test_what_is_no_feed_does_no_harm(tmp_path: Path, body: bytes, word: str) -> None:
    """It ends as failed with a word, is tried again soon, and the figures of nobody are lost."""
    world = FeedWorld(tmp_path)
    world.server.body = body
    pull = world.pull()
    assert (pull.state, pull.failure, pull.written) == ("failed", word, 0)
    assert pull.next_at - pull.ended_at == timedelta(minutes=15)


def test_products_before_a_break_are_kept(tmp_path: Path) -> None:
    world = FeedWorld(tmp_path)
    world.server.body = xml(*map(item, range(20))).removesuffix(b"</channel></rss>") + b"<item><broken"
    pull = world.pull()
    assert (pull.state, pull.failure, pull.written) == ("failed", "unreadable", 20)


def test_more_products_than_a_feed_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.stock.pull_feed.MOST_PRODUCTS", 10)
    world = FeedWorld(tmp_path)
    world.server.body = xml(*map(item, range(11)))
    pull = world.pull()
    assert (pull.state, pull.failure, pull.written) == ("failed", "too_many_products", 10)


@pytest.mark.parametrize("status", [301, 403, 404, 500])
def test_another_status_is_a_failure(tmp_path: Path, status: int) -> None:
    world = FeedWorld(tmp_path)
    world.server.body, world.server.status = xml(item(1)), status
    assert world.pull().failure == f"status_{status}"


def test_what_a_push_said_later_stays(tmp_path: Path) -> None:
    """It is looked at again with each pull, as nobody knows whether the feed is behind."""
    world = FeedWorld(tmp_path)
    world.server.body = xml(item(1))
    world.pull()
    pushed = read_product({"id": "p-1", "name": "Pushed", "price": "1", "currency": "TRY"})
    world.products.put([pushed], world.clock.now() + timedelta(days=1))
    world.server.body = xml(item(1, "8.00"))
    assert world.pull().written == 0
    world.server.body = xml(item(1, "8.00"), item(2))
    again = world.pull()
    assert (again.written, again.same) == (1, 0)
    assert world.products.read(["p-1"])["p-1"].product.name == "Pushed"


def test_a_shop_is_read_page_by_page(tmp_path: Path) -> None:
    """Shopify's products.json until a page is not full; each variant is a product."""
    feed = Feed(feed="moda", url="https://moda.example/products.json", form="shopify", currency="TRY")
    world = FeedWorld(tmp_path, feed)
    full = [
        shopify_product(id=number, variants=[{"id": number, "sku": f"s-{number}", "price": "5"}])
        for number in range(1, 251)
    ]
    world.server.pages = {
        f"{feed.url}?limit=250&page=1": json.dumps({"products": full}).encode(),
        f"{feed.url}?limit=250&page=2": json.dumps({"products": [shopify_product()]}).encode(),
    }
    pull = world.pull()
    assert (pull.state, pull.products, pull.written) == ("ok", 252, 252)
    stored = world.products.read(["mont-m"])["mont-m"].product
    assert stored.url == "https://moda.example/products/kar-montu?variant=808950810"
    assert world.pull().same == 252


def test_the_store_api_of_woocommerce_writes_prices_in_small_units(tmp_path: Path) -> None:
    feed = Feed(feed="atolye", url="https://a.example/wp-json/wc/store/v1/products", form="woocommerce", currency="TRY")
    world = FeedWorld(tmp_path, feed)
    prices = {"price": "14995", "regular_price": "19995", "currency_code": "TRY", "currency_minor_unit": 2}
    listed = [
        {"id": 93, "sku": "bere", "name": "Yün bere", "prices": prices, "is_in_stock": False,
         "images": [{"src": "https://a.example/b.png"}], "categories": [{"name": "Bere"}]},
        {"id": 94, "sku": "x", "name": "X", "prices": prices | {"currency_minor_unit": 99}},
    ]  # fmt: skip
    world.server.body = json.dumps(listed).encode()
    pull = world.pull()
    assert (pull.written, pull.refused) == (1, 1)
    stored = world.products.read(["bere"])["bere"].product
    assert (str(stored.price), str(stored.sale_price), stored.availability) == ("199.95", "149.95", "out_of_stock")


def test_one_feed_that_fails_keeps_no_other_one_waiting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever happens to it; what was pulled is counted."""
    world = FeedWorld(tmp_path)
    put_feed(world.catalog, GOOGLE.model_copy(update={"feed": "another"}))
    world.server.fails = NeverLeft("address_not_permitted")
    composed = Environment(world.feeds, world.puller)
    assert respond(Invoked(), composed) == {}  # too little time is left to begin
    assert respond(Long(), composed) == {"failed": 2}
    last = world.feeds.last("merchant")
    assert last is not None
    assert last.failure == "address_not_permitted"
    assert '"FeedFailed":[1' in capsys.readouterr().out


class Long:
    """An invocation with the whole time left."""

    aws_request_id = "request-2"

    def get_remaining_time_in_millis(self) -> int:
        return 840_000


def test_a_feed_that_is_described_no_more_is_not_pulled(tmp_path: Path) -> None:
    world = FeedWorld(tmp_path)
    assert keep_feeds(world.catalog, ["merchant"]) == []
    assert keep_feeds(world.catalog, []) == ["merchant"]
    assert world.feeds.all() == []


def test_addresses_of_feeds_are_checked() -> None:
    for url in (
        "http://shop.example/f.xml",
        "https://localhost/f.xml",
        "https://10.0.0.1/f",
        "https://a.example:8443/f",
    ):
        with pytest.raises(ValueError, match="address"):
            Feed(feed="x", url=url, currency="TRY")
    for wrong in ("5m", "30d", "soon"):
        with pytest.raises(ValueError, match="every"):
            Feed(feed="x", url="https://a.example/f", currency="TRY", every=wrong)
