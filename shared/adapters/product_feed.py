"""Products of a feed file: Google Merchant in XML or with tabs, CSV, or NDJSON of the API's own form.

https://support.google.com/merchants/answer/7052112 names the attributes. Files are read piece by piece, so that a feed
of any length needs little memory; XML with entities of its own is refused (defusedxml).
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.domain.events.event_time import read_time
from shared.domain.products.product import unspoken

_ATTRIBUTES = {
    "id": "id", "title": "name", "item_group_id": "group", "brand": "brand", "product_type": "categories",
    "price": "price", "sale_price": "sale_price", "availability": "availability", "link": "url",
    "image_link": "image_url", "currency": "currency", "manual_url": "manual_url", "care": "care",
}  # fmt: skip
_OWN = {"name": "name", "group": "group", "categories": "categories", "url": "url", "image_url": "image_url"}
_PRICE = re.compile(r"([A-Z]{3})?\s*([0-9][0-9.,\s]*)\s*([A-Za-z]{3})?")
_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(?:[.,]\d{3})+|\d+)(?:[.,](?P<fraction>\d{1,2}|\d{4}))?")
"""``1.249`` and ``1,249,000`` divide thousands: no currency of a shop here has three decimals."""
EFFECTIVE = "sale_price_effective_date"
MOST_FIELD = 20_000
_FIRST_LINE = 1_000_000
"""Letters of a table's header; a file without line ends must not be read into memory."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One product of a feed in the API's form, or what is wrong with it. ``place``: its number in the feed. ``keeps``:
    fields that the feed does not have, so they stay as they are."""

    place: int
    id: str
    product: dict[str, Any] | None
    field: str = ""
    problem: str = ""
    keeps: frozenset[str] = frozenset()
    turns_at: datetime | None = None
    """When its reduction begins or ends next, if the feed dates it."""


class UnreadableFeed(ValueError):
    """The file is no feed that can be read. The sentence says what is wrong, and names the file."""


class _Wrong(ValueError):
    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class Reading:
    """How a feed is read: what its reductions are at ``now``, and which of its columns are fields of ours beside those
    of Google (``custom_label_0`` to ``care``, ``care.tr`` or ``manual_url``)."""

    now: datetime
    columns: Mapping[str, str] = field(default_factory=dict)

    def field_of(self, column: str) -> str:
        """Our name of a column; empty if it is not used."""
        return self.columns.get(column) or _ATTRIBUTES.get(column) or _OWN.get(column) or ""


def read_feed(file: Path, reading: Reading) -> Iterator[FeedRow]:
    """The products of a feed, in its order.

    Raises
    ------
    UnreadableFeed
        If the file is not there, or is no feed that can be read; also in the middle of XML that is broken.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(4096)
    except FileNotFoundError as absent:
        raise UnreadableFeed(f"there is no file {file}") from absent
    except OSError as broken:
        raise UnreadableFeed(f"{file} cannot be read") from broken
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"<"):
        yield from _xml(file, reading)
    elif first.startswith(b"{"):
        yield from _ndjson(file)
    else:
        yield from _table(file, reading)


def price_of(written: str) -> tuple[str, str]:
    """The amount and the currency of a price as feeds write it.

    >>> price_of("1.249,90 TRY"), price_of("TRY 15"), price_of("12.50")
    (('1249.90', 'TRY'), ('15', 'TRY'), ('12.50', ''))

    Raises
    ------
    ValueError
        If it is no price.
    """
    found = _PRICE.fullmatch(written.strip())
    if not found:
        raise ValueError("it is no price such as 249.90 TRY")
    digits = re.sub(r"\s", "", found[2])
    parts = _AMOUNT.fullmatch(digits)
    if not parts or len({sign for sign in parts["whole"] if sign in ".,"}) > 1:
        raise ValueError("it is no price such as 249.90 TRY")
    amount = re.sub(r"[.,]", "", parts["whole"]) + (f".{parts['fraction']}" if parts["fraction"] else "")
    return amount, (found[1] or found[3] or "").upper()


def _xml(file: Path, reading: Reading) -> Iterator[FeedRow]:
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    place = 0
    try:
        for _, element in iterparse(str(file), events=("end",)):
            if _name(element.tag) not in {"item", "entry"}:
                continue
            place += 1
            fields: dict[str, list[str]] = {}
            for child in element:
                fields.setdefault(_name(child.tag), []).append((child.text or "").strip())
            element.clear()
            yield _row(place, fields, reading)
    except DefusedXmlException as attack:
        raise UnreadableFeed(f"{file} defines XML entities of its own, which no feed needs; it is not read") from attack
    except ParseError as broken:
        line, _ = broken.position
        raise UnreadableFeed(f"{file} is broken XML in line {line}; {place} products before it were taken") from broken


def _name(tag: str) -> str:
    """The name without its namespace: Google's attributes stand in ``g:``."""
    return str(tag).rpartition("}")[2].lower()


def _table(file: Path, reading: Reading) -> Iterator[FeedRow]:
    csv.field_size_limit(MOST_FIELD * 10)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        try:
            first = opened.readline(_FIRST_LINE)
            delimiter = max("\t,;|", key=first.count)
            header = [cell.strip().lower().replace(" ", "_") for cell in next(csv.reader([first], delimiter=delimiter))]
            if "id" not in header or not {"title", "name"} & set(header):
                raise UnreadableFeed(f"{file} is no product feed: its first line has no columns id and title")
            for place, cells in enumerate(csv.reader(opened, delimiter=delimiter), 1):
                if any(cell.strip() for cell in cells):
                    pairs = zip(header, cells, strict=False)
                    yield _row(place, {name: [cell.strip()] for name, cell in pairs}, reading)
        except UnicodeDecodeError as broken:
            raise UnreadableFeed(f"{file} is not UTF-8 text") from broken
        except csv.Error as broken:
            raise UnreadableFeed(f"{file} cannot be read as a table: {broken}") from broken
        except StopIteration as empty:
            raise UnreadableFeed(f"{file} is empty") from empty


def _ndjson(file: Path) -> Iterator[FeedRow]:
    with file.open(encoding="utf-8-sig") as opened:
        try:
            for place, written in enumerate(opened, 1):
                if not written.strip():
                    continue
                try:
                    product = json.loads(written)
                except (ValueError, RecursionError):
                    product = None
                if isinstance(product, dict):
                    yield FeedRow(place, str(product.get("id", ""))[:100], product, keeps=unspoken(product))
                else:
                    yield FeedRow(place, "", None, "the product", "the line is no JSON object")
        except UnicodeDecodeError as broken:
            raise UnreadableFeed(f"{file} is not UTF-8 text") from broken


def _row(place: int, fields: Mapping[str, list[str]], reading: Reading) -> FeedRow:
    id_ = next(iter(fields.get("id", [])), "")
    said = {reading.field_of(name).partition(".")[0]: None for name in fields}
    try:
        product = _product(fields, reading)
        turns = _reduce(product, next((one for one in fields.get(EFFECTIVE, ()) if one), ""), reading.now)
        return FeedRow(place, id_, product, keeps=unspoken(said), turns_at=turns)
    except _Wrong as wrong:
        return FeedRow(place, id_[:100], None, wrong.field, str(wrong))


def _reduce(product: dict[str, Any], effective: str, now: datetime) -> datetime | None:
    """Take away a reduction that does not hold now; when it begins or ends next."""
    if not effective or "sale_price" not in product:
        return None
    start, slash, end = (part.strip() for part in effective.partition("/"))
    begins, ends = read_time(start), read_time(end)
    if not slash or begins is None or ends is None or begins >= ends:
        raise _Wrong("sale_price", f"{EFFECTIVE}: it is no beginning and end such as 2026-11-24T00:00+03:00/...")
    if not begins <= now < ends:
        del product["sale_price"]
    return next((one for one in (begins, ends) if one > now), None)


def _product(fields: Mapping[str, list[str]], reading: Reading) -> dict[str, Any]:
    """A product in the API's form: prices apart from their currency, the product type as categories."""
    found: dict[str, Any] = {}
    care: dict[str, str] = {}
    for name, values in fields.items():
        field_ = reading.field_of(name)
        value = next((value for value in values if value), "")
        if not field_ or not value:
            continue
        if len(value) > MOST_FIELD:
            raise _Wrong(field_, f"{field_} is longer than {MOST_FIELD} characters")
        if field_ == "categories":
            found[field_] = [" > ".join(part.strip() for part in one.split(">")) for one in values if one][:20]
        elif field_ in {"price", "sale_price"}:
            try:
                found[field_], named = price_of(value)
            except ValueError as wrong:
                raise _Wrong(field_, f"{field_}: {wrong}") from wrong
            found["currency"] = named or found.get("currency", "")
        elif field_.startswith("care."):
            care[field_.removeprefix("care.")] = value
        else:
            found[field_] = value
    if care:
        found["care"] = care
    if not found.get("currency"):
        found.pop("currency", None)
    return found
