"""`kervan stock` and `kervan products` against the real answers of the API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.deployment.api import AdminApi
from cli.failure import Failure
from cli.main import run
from shared.adapters.product_feed import price_of
from tests.unit.ingest.world import ADMIN_KEY
from tests.unit.stock.stock_world import StockWorld

pytestmark = pytest.mark.unit
FEED = """<?xml version="1.0" encoding="UTF-8"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Moda</title>
<item><g:id>jacket-m</g:id><g:title>Kar montu</g:title><g:price>2.499,90 TRY</g:price>
<g:link>https://shop.example/j</g:link><g:image_link>https://shop.example/j.jpg</g:image_link>
<g:item_group_id>jacket</g:item_group_id><g:availability>in stock</g:availability>
<g:product_type>Giyim > Mont</g:product_type><g:shipping><g:price>10 TRY</g:price></g:shipping></item>
<item><g:id>hat</g:id><title>Bere</title><g:price>free</g:price></item>
<item><g:id>bag</g:id><title>Çanta</title><g:price>100 TRY</g:price><g:sale_price>120 TRY</g:sale_price></item>
</channel></rss>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<rss><channel><item><id>&b;</id></item></channel></rss>"""
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<rss><item><id>&x;</id></item></rss>"""


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> StockWorld:
    """The deployment that the command asks."""
    made = StockWorld()

    def ask(_api: AdminApi, path: str, query: Any, body: bytes | None, method: str | None = None) -> Any:
        asked = {name: str(value) for name, value in query.items() if value is not None}
        content = json.loads(body) if body else None
        status, answer = made.ask(method or ("POST" if body else "GET"), path, content, query=asked)
        if status >= 400:
            raise Failure(answer["message"])
        return answer

    monkeypatch.setattr(AdminApi, "_request", ask)
    monkeypatch.setenv("KERVAN_ENDPOINT", "https://api.example")
    monkeypatch.setenv("KERVAN_ADMIN_KEY", ADMIN_KEY)
    return made


def said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_levels_are_moved_and_shown(world: StockWorld, capsys: pytest.CaptureFixture[str]) -> None:
    """By hand: a count, a transfer, a sale twice with one key, and what is left."""
    assert run(["stock", "move", "count", "jacket-m", "depot", "5"]) == 0
    assert run(["stock", "move", "transfer", "jacket-m", "depot", "2", "--to", "kadikoy"]) == 0
    for _ in range(2):
        assert run(["stock", "move", "sale", "jacket-m", "kadikoy", "1", "--key", "k"]) == 0
    assert "it was applied before" in capsys.readouterr().out
    assert run(["stock", "move", "reserve", "jacket-m", "depot", "1", "--json"]) == 0
    assert said(capsys)["reservation"]["state"] == "open"
    assert run(["stock", "show", "jacket-m"]) == 0
    assert "kadikoy" in capsys.readouterr().out
    assert run(["stock", "show", "jacket-m", "--json"]) == 0
    assert said(capsys) == world.get("/v1/stock/jacket-m")[1]
    assert run(["stock", "move", "sale", "jacket-m", "kadikoy", "9"]) == 1
    assert run(["stock", "move", "steal", "jacket-m", "kadikoy", "9"]) == 2
    assert "not enough pieces" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["stock.csv", "stock.tsv", "stock.ndjson"])
def test_levels_come_from_a_file(
    world: StockWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """Each form sets the same levels; wrong rows are told by their line, and importing it again changes nothing."""
    rows: list[tuple[object, ...]] = [(f"sku-{n}", "depot", n) for n in range(250)]
    rows += [("sku-x", "depot", "many"), ("", "depot", 1), ("sku-y", "depot", -3)]
    file = tmp_path / name
    if name.endswith("ndjson"):
        keys = ("sku", "location", "quantity")
        file.write_text("\n".join(json.dumps(dict(zip(keys, row, strict=True))) for row in rows))
    else:
        sign = "\t" if name.endswith("tsv") else ";"
        file.write_text("\n".join(sign.join(map(str, row)) for row in [("Stok Kodu", "Depo", "Adet"), *rows]))
    assert run(["stock", "import", str(file), "--json"]) == 1
    done = said(capsys)
    assert (done["applied"], len(done["refused"])) == (250, 3)
    assert done["refused"][0]["line"] == 251 + (not name.endswith("ndjson"))
    assert world.numbers("sku-249", "depot") == (249, 0, 0)
    world.post("/v1/stock/movements", {"key": "s", "kind": "sale", "location": "depot", "sku": "sku-9", "quantity": 1})
    assert run(["stock", "import", str(file), "--json"]) == 1
    assert said(capsys)["repeated"] == 250
    assert world.numbers("sku-9", "depot") == (8, 0, 0)


def test_files_that_are_none(world: StockWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Status 2 and one line."""
    empty, other, binary = tmp_path / "empty.csv", tmp_path / "other.csv", tmp_path / "b.csv"
    empty.write_text("")
    other.write_text("name,price\na,1\n")
    binary.write_bytes(b"\xff\xfe\x00")
    for group in ("stock", "products"):
        for file in (empty, other, binary, tmp_path / "none"):
            assert run([group, "import", str(file)]) == 2
            assert capsys.readouterr().err.startswith("kervan: ")


def test_a_google_feed_in_xml(world: StockWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Attributes of the namespace are read, those of parts such as shipping are not; refused rows are told."""
    file = tmp_path / "feed.xml"
    file.write_text(FEED)
    assert run(["products", "import", str(file), "--json"]) == 1
    done = said(capsys)
    assert (done["new"], [(one["place"], one["id"], one["field"]) for one in done["refused"]]) == (
        1,
        [(2, "hat", "price"), (3, "bag", "sale_price")],
    )
    found = world.get("/v1/products/jacket-m")[1]
    assert (found["price"], found["currency"], found["group"]) == ("2499.90", "TRY", "jacket")
    assert (found["availability"], found["categories"]) == ("in_stock", ["Giyim > Mont"])
    assert run(["products", "import", str(file)]) == 1
    assert "1 unchanged" in capsys.readouterr().out
    assert run(["products", "list", "kar"]) == 0
    assert "jacket-m" in capsys.readouterr().out


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, FEED[:400]], ids=["bomb", "outside", "cut"])
def test_hostile_xml_is_not_read(
    world: StockWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str
) -> None:
    """Entities that grow or reach for files, and a file that was cut, end with one line."""
    file = tmp_path / "feed.xml"
    file.write_text(text)
    assert run(["products", "import", str(file)]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert world.products.items() == []


def test_a_google_feed_with_tabs_and_a_file_of_json(
    world: StockWorld, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Both give the same product; more products than one request takes come in several."""
    table, lines = tmp_path / "feed.txt", tmp_path / "feed.ndjson"
    rows = ["id\ttitle\tprice\tavailability", *(f"sku-{n}\tÜrün {n}\t{n + 1}.5\tout of stock" for n in range(450))]
    table.write_text("\n".join(rows))
    assert run(["products", "import", str(table), "--currency", "TRY", "--json"]) == 0
    assert said(capsys)["new"] == 450
    product = {"id": "sku-7", "name": "Ürün 7", "price": 8.5, "currency": "TRY", "availability": "out_of_stock"}
    lines.write_text(json.dumps(product) + "\n\nnonsense\n")
    assert run(["products", "import", str(lines), "--json"]) == 1
    done = said(capsys)
    assert (done["unchanged"], done["refused"][0]["place"]) == (1, 3)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("249.90 TRY", ("249.90", "TRY")), ("1.249,90 TRY", ("1249.90", "TRY")), ("1,249.90", ("1249.90", "")),
        ("TRY 15", ("15", "TRY")), ("1.249", ("1249", "")), ("0,5 eur", ("0.5", "EUR")),
        ("1 249,90 TRY", ("1249.90", "TRY")),
    ],
)  # fmt: skip
def test_prices_of_feeds(written: str, read: tuple[str, str]) -> None:
    """With the comma or the point as decimal sign, the currency before or behind."""
    assert price_of(written) == read


@pytest.mark.parametrize("written", ["", "free", "TRY", "-5 TRY", "5 TRY 6", "1.249,900.5", "1,2.345", "5,,5", "1e9"])
def test_what_is_no_price(written: str) -> None:
    """Each is refused."""
    with pytest.raises(ValueError, match="no price"):
        price_of(written)
