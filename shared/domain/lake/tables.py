"""The tables of the lake and their columns (docs/lake.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

Kind = Literal["text", "texts", "instant", "money", "number", "count", "flag", "products", "steps", "times"]
Row = Mapping[str, Any]
"""A row as it is handed on: JSON values by column; what is empty is left out."""


class Column(Struct, frozen=True):
    """A column. ``kind`` says how it is written: an ``instant`` as milliseconds since 1970 in UTC, ``money`` as a text
    with two decimals, ``times`` as an object of instants by name."""

    name: str
    kind: Kind
    meaning: str


class Table(Struct, frozen=True):
    """A table of the lake.

    ``key``: columns that name a row. Rows arrive at least once and in any order; of rows with one key the one with the
    highest ``newest`` counts, and rows that are equal in both are the same row. ``day``: the instant by which rows are
    filed.
    """

    name: str
    key: tuple[str, ...]
    newest: str
    day: str
    columns: tuple[Column, ...]


_HOME = Column("home", "text", "keyed digest of the identifier whose log or item it is")
_ROOT = Column("root", "text", "keyed digest of the customer as of then; today's is in customers, by members")

EVENTS = Table(
    "events",
    key=("home", "event"),
    newest="received_at",
    day="at",
    columns=(
        _HOME,
        Column("event", "text", "id of the event, a digest"),
        _ROOT,
        Column("at", "instant", "when it happened"),
        Column("received_at", "instant", "when it was received"),
        Column("type", "text", "track, page, screen, identify, alias or group"),
        Column("name", "text", "name of the event"),
        Column("source", "text", "name of the source that sent it; kervan for our own"),
        Column("channel", "text", "web, mobile, store, marketplace, social, email, sms, push, server"),
        Column("device", "text", "kind of device, as the source said: desktop, mobile, ios, android"),
        Column("trusted", "flag", "whether a key of the shop's server or tills sent it"),
        Column("history", "flag", "whether an import told of the past"),
        Column("provisional", "flag", "a public source said what counts from trusted ones only"),
        Column("order_id", "text", "the order it is about"),
        Column("total", "money", "total of the order, in currency"),
        Column("currency", "text", "three letters"),
        Column("coupon", "text", "code that was used"),
        Column("product_id", "text", "the product it is about"),
        Column("category", "text", "category of the product or the list"),
        Column("price", "money", "price of one piece, in currency"),
        Column("quantity", "count", "pieces"),
        Column("products", "products", "of carts and orders: product_id, category, price, quantity"),
        Column("campaign", "text", "utm campaign of a visit"),
        Column("message_id", "text", "our message that it is about"),
        Column("machine", "flag", "an open, a click or a message by a program, not a person"),
        Column("agent", "text", "who worked on the conversation that it is about"),
        Column("seconds", "count", "how long the first answer or the end of a conversation took"),
        Column("rating", "count", "how satisfied the customer was, 1 to 5"),
    ),
)

CUSTOMERS = Table(
    "customers",
    key=("root",),
    newest="version",
    day="at",
    columns=(
        _ROOT,
        Column("version", "count", "rises with each decision about the root"),
        Column("at", "instant", "when it was decided"),
        Column("state", "text", "live, or absorbed: the identifier belongs to another customer since"),
        Column("members", "texts", "keyed digests of the identifiers of the customer, root first"),
        Column("segments", "times", "segments that he is in, with the instant since when the rule is true"),
        Column("orders", "count", "orders that count"),
        Column("revenue", "money", "their totals minus refunds, in the shop's currency"),
        Column("first_order_at", "instant", "when he ordered first"),
        Column("last_order_at", "instant", "when he ordered last"),
        Column("reachable", "texts", "channels on which marketing may be sent to him"),
    ),
)

ORDERS = Table(
    "orders",
    key=("home", "order_id"),
    newest="version",
    day="ordered_at",
    columns=(
        _HOME,
        Column("order_id", "text", "id of the order as facts keep it"),
        _ROOT,
        Column("version", "count", "rises with each decision about the customer, also over those that he absorbed"),
        Column("decided_at", "instant", "when it was decided"),
        Column("ordered_at", "instant", "when it was ordered"),
        Column("state", "text", "completed, cancelled or fully_refunded"),
        Column("channel", "text", "channel on which it was ordered"),
        Column("total", "money", "total, in currency"),
        Column("refunded", "money", "sum of its refunds, at most total"),
        Column("currency", "text", "three letters; empty if none was told"),
        Column("coupon", "text", "code that was used"),
        Column("products", "products", "product_id, category, price (of all pieces), quantity"),
    ),
)

OUTCOMES = Table(
    "outcomes",
    key=("kind", "id"),
    newest="version",
    day="day_at",
    columns=(
        Column("kind", "text", "message, or enrollment"),
        Column("id", "text", "of a message its id; of an enrollment home, journey and id"),
        Column("version", "count", "rises with each change"),
        Column("day_at", "instant", "filed by: when a message was due, when an enrollment began; never changes"),
        Column("changed_at", "instant", "when it became what the row says"),
        _HOME,
        _ROOT,
        Column("journey", "text", "the journey; empty for a campaign"),
        Column("campaign", "text", "the campaign; empty for a journey"),
        Column("enrollment", "text", "id of the enrollment"),
        Column("release", "count", "release of the definitions that it was decided by"),
        Column("step", "text", "of a message: the step"),
        Column("template", "text", "of a message: the template"),
        Column("channel", "text", "of a message: email, sms or push"),
        Column("purpose", "text", "of a message: marketing, transactional"),
        Column("language", "text", "of a message: its language"),
        Column("state", "text", "message: sent, skipped, deferred, failed, unknown; enrollment: live, ended"),
        Column("reason", "text", "why it was not sent, or why it ended"),
        Column("planned_at", "instant", "when the message was due, when the enrollment began"),
        Column("ended_at", "instant", "when the message was sent, when the enrollment ended"),
        Column("coupon", "flag", "whether the message gave a code"),
        Column("parts", "count", "of a text message that was sent: the parts that are billed"),
        Column("test", "flag", "a test, which counts nowhere"),
        Column("trigger", "text", "of an enrollment: the event or rule that began it"),
        Column(
            "steps",
            "steps",
            "of an enrollment: step, became (handed_over, chosen, skipped, decided), which, at, and by (split or "
            "holdout) where chance decided",
        ),
    ),
)

TABLES: Mapping[str, Table] = {table.name: table for table in (EVENTS, CUSTOMERS, ORDERS, OUTCOMES)}
