"""The same events as a file to import and as a table to ask in SQL: who is in a segment, by another road altogether."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

CITIES = ("İstanbul", "ISTANBUL", "istanbul", "Ankara", "İzmir")
CATEGORIES = ("Shoes", "Bags", "Coats")

_VIEWS = """
create view said as
    select userId, event, timestamp::timestamp as moment, properties->>'order_id' as id, properties as p
    from events where type = 'track';
create view completed as
    select userId, id, min(moment) as moment, arg_min(p, moment) as p
    from said where event = 'Order Completed' group by all;
create view orders as
    select userId, id, moment, (p->>'total')::decimal(18, 2) as total, p->>'coupon' as coupon,
        p->>'$.products[*].category' as categories
    from completed where (userId, id) not in (
        select userId, id from said where event in ('Order Cancelled', 'Order Refunded'));
"""
SEGMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "sql-shoes-twice": (
        {"orders": {"at_least": 2, "within": "120d", "category": "Shoes"}},
        """select userId from orders where moment > $now - interval 120 day and moment <= $now
             and list_contains(categories, 'Shoes') group by userId having count(*) >= 2""",
    ),
    "sql-spender": (
        {"orders": {"total": {"at_least": 1000}, "within": "365d"}},
        """select userId from orders where moment > $now - interval 365 day and moment <= $now
             group by userId having sum(total) >= 1000""",
    ),
    "sql-gone-quiet": (
        {"all": [{"orders": {"at_least": 1}}, {"not": {"orders": {"at_least": 1, "within": "90d"}}}]},
        """select userId from orders where moment <= $now
             group by userId having max(moment) <= $now - interval 90 day""",
    ),
    "sql-lookers": (
        {
            "all": [
                {"event": {"name": "Product Viewed", "where": {"category": ["bags", "coats"]}, "at_least": 2,
                           "within": "60d"}},
                {"not": {"orders": {"at_least": 1, "within": "30d", "coupon": True}}},
            ]
        },
        """select userId from said where event = 'Product Viewed' and lower(p->>'category') in ('bags', 'coats')
             and moment > $now - interval 60 day and moment <= $now
             and userId not in (select userId from orders where coupon is not null
                                and moment > $now - interval 30 day and moment <= $now)
             group by userId having count(*) >= 2""",
    ),
    "sql-istanbul": (
        {"any": [{"trait": {"name": "city", "is": "İstanbul"}}, {"trait": {"name": "age", "at_least": 60}}]},
        """select userId from events where type = 'identify'
           and (translate(lower(traits->>'city'), 'ıi̇', 'ii') in ('istanbul') or (traits->>'age')::int >= 60)""",
    ),
}  # fmt: skip
"""Per segment its rule, and the members by SQL."""


def write_history(file: Path, prefix: str, people: int, now: datetime, seed: int = 7) -> int:
    """Some events of so many people as NDJSON, in no order; returns how many. Nobody stands close to a boundary."""
    chance = random.Random(seed)
    events = [event for number in range(people) for event in _person(f"{prefix}-{number}", now, chance)]
    chance.shuffle(events)
    with file.open("w") as lines:
        lines.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    return len(events)


def members_by_sql(file: Path, now: datetime) -> dict[str, set[str]]:
    """By segment the ids of its members."""
    with duckdb.connect() as database:
        database.execute(
            """create table events as select * from read_json(?, format = 'newline_delimited', columns = {
                type: 'varchar', userId: 'varchar', event: 'varchar', timestamp: 'varchar', messageId: 'varchar',
                traits: 'json', properties: 'json'})""",
            [str(file)],
        )
        database.execute(_VIEWS)
        moment = now.replace(tzinfo=None)
        return {
            name: {row[0] for row in database.execute(sql, {"now": moment} if "$now" in sql else None).fetchall()}
            for name, (_, sql) in SEGMENTS.items()
        }


def _person(user: str, now: datetime, chance: random.Random) -> list[dict[str, Any]]:
    """Who did nothing else has said who she is; of the others some."""
    done = list(_deeds(user, now, chance))
    if not done or chance.random() < 0.3:
        traits = {"city": chance.choice(CITIES), "age": chance.randrange(18, 80)}
        done.append(_event("identify", user, "", now - timedelta(days=500), chance, traits=traits))
    return done


def _deeds(user: str, now: datetime, chance: random.Random) -> Iterator[dict[str, Any]]:
    for place in range(chance.choices((0, 1, 2, 4), (60, 25, 10, 5))[0]):
        ordered = now - _ago(chance, 400)
        order = f"{user}-o{place}"
        bought = [chance.randrange(9) for _ in range(chance.randint(1, 2))]
        lines = [
            {"product_id": f"p{product}", "price": 150, "category": CATEGORIES[product % len(CATEGORIES)]}
            for product in bought
        ]
        said: dict[str, Any] = {"order_id": order, "total": chance.choice((199, 420.5, 899)), "currency": "TRY"}
        said |= {"products": lines} | ({"coupon": "YENI10"} if chance.random() < 0.3 else {})
        yield _event("track", user, "Order Completed", ordered, chance, properties=said)
        if chance.random() < 0.15:
            name = chance.choice(("Order Cancelled", "Order Refunded"))
            later = min(ordered + timedelta(days=2), now - timedelta(minutes=10))
            yield _event("track", user, name, later, chance, properties={"order_id": order})
    for _ in range(chance.choices((0, 1, 3), (80, 10, 10))[0]):
        viewed = {"product_id": "p1", "category": chance.choice(CATEGORIES)}
        yield _event("track", user, "Product Viewed", now - _ago(chance, 100), chance, properties=viewed)


def _ago(chance: random.Random, days: int) -> timedelta:
    """Some hours away from every whole day, so that the test's own run time flips nobody."""
    return timedelta(days=chance.randrange(days), hours=chance.randint(9, 20), minutes=chance.randrange(60))


def _event(
    kind: str, user: str, name: str, at: datetime, chance: random.Random, **said: dict[str, Any]
) -> dict[str, Any]:
    stamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {"type": kind, "userId": user, "timestamp": stamp, "messageId": f"m-{chance.getrandbits(64):x}", **said}
    return event | ({"event": name} if name else {})
