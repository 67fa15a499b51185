"""What a shop held before its first delivery, as files that `kervan import`, `products` and `stock` take.

The same code translates that stands behind the webhook, so an order that is imported and then delivered again is the
same events.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.failure import WrongUse
from shared.adapters.jmespath_search import search
from shared.domain.connectors.connector import Connector
from shared.domain.connectors.delivery import TOPICS, translate
from shared.domain.products.product import product_json

EVENTS, PRODUCTS, STOCK = "events.ndjson", "products.ndjson", "stock.csv"


@dataclass(slots=True)
class Backfilled:
    """How much was written into the files of ``folder``; ``unused``: field and reason of what says nothing."""

    folder: Path
    objects: int = 0
    events: int = 0
    products: int = 0
    levels: int = 0
    unused: Counter[tuple[str, str]] = field(default_factory=Counter)


def objects_of_file(file: Path) -> Iterator[Any]:
    """The objects of a file: JSON with a list (perhaps under a name, as shops answer), or one object a line.

    Raises
    ------
    WrongUse
        If it is not there, or is neither.
    """
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError as absent:
        raise WrongUse(f"there is no file {file}") from absent
    except UnicodeDecodeError as broken:
        raise WrongUse(f"{file} is not UTF-8 text") from broken
    try:
        said = json.loads(text)
    except ValueError:
        yield from _lines(file, text)
        return
    if isinstance(said, dict):
        lists = [value for value in said.values() if isinstance(value, list)]
        said = lists[0] if len(said) == 1 and lists else [said]
    if not isinstance(said, list):
        raise WrongUse(f"{file} holds no list of objects")
    yield from said


def _lines(file: Path, text: str) -> Iterator[Any]:
    for number, one in enumerate(text.splitlines(), 1):
        if one.strip():
            try:
                yield json.loads(one)
            except (ValueError, RecursionError) as broken:
                raise WrongUse(f"{file} is no JSON in line {number}") from broken


def write_backfill(connector: Connector, topic: str, objects: Iterable[Any], folder: Path) -> Backfilled:
    """Translate objects and write what they become; a file of nothing is not written."""
    folder.mkdir(parents=True, exist_ok=True)
    done = Backfilled(folder)
    header = connector.mapping.header if connector.mapping else TOPICS[connector.platform]
    headers = {(header or "topic").lower(): topic}
    with ExitStack() as opened:
        files = {name: opened.enter_context((folder / name).open("w", encoding="utf-8", newline="")) for name in _NAMES}
        stock = csv.writer(files[STOCK])
        stock.writerow(("sku", "location", "quantity"))
        for one in objects:
            done.objects += 1
            told = translate(connector, headers, one, search)
            if not connector.stock:  # as its deliveries: Kervan keeps the stock, and the shop only shows it
                told.products, told.items, told.levels = [], [], []
            for event in told.events:
                files[EVENTS].write(json.dumps(event, ensure_ascii=False) + "\n")
            for product in told.products:
                said = {
                    name: value for name, value in product_json(product.product).items() if value not in (None, "", [])
                }
                files[PRODUCTS].write(json.dumps(said, ensure_ascii=False) + "\n")
            skus = {item.item: item.sku for item in told.items}
            levels = [(skus[one.item], one.location, one.quantity) for one in told.levels if one.item in skus]
            stock.writerows(levels)
            done.events += len(told.events)
            done.products += len(told.products)
            done.levels += len(levels)
            done.unused.update((warning.field, warning.reason) for warning in told.unusable)
    for name, count in ((EVENTS, done.events), (PRODUCTS, done.products), (STOCK, done.levels)):
        if not count:
            (folder / name).unlink()
    return done


_NAMES = (EVENTS, PRODUCTS, STOCK)
