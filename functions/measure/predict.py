"""Writes what is expected to customers with two orders or more, as traits ``predicted.*`` (docs/predictions.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from functions.measure.finish_predictions import known_of, past_of
from functions.measure.report import Question, prepare
from functions.measure.report_files import read_report
from shared.domain.events.event import Event, EventType
from shared.domain.measure.predictions import Known, Predictor, What, back_test, learn
from shared.domain.privacy.held_rights import Held
from shared.queries.customer_tree import UNREADABLE, Tree, load_tree
from shared.stores.customers import CustomerStore
from shared.stores.event_items import event_item

SOURCE = "predictions"
TRAIT = "predicted"
AT_ONCE = 16
PAGE = 1_000
_EVERYBODY = """
SELECT
  root AS person, count(*) - 1 AS repeats, max(day) - min(day) AS recency, $last::DATE - min(day) AS age,
  avg(CAST(value AS DOUBLE)) FILTER (WHERE nth > 1) AS mean
FROM (
  SELECT *, row_number() OVER (PARTITION BY root ORDER BY day) AS nth FROM (
    SELECT root, CAST(local_time("at") AS DATE) AS day, sum(revenue) AS value
    FROM counted_orders JOIN roots USING (person) WHERE "at" < to_ms() GROUP BY 1, 2
  )
)
WHERE root > $after GROUP BY root HAVING count(*) > 1 ORDER BY root"""


@dataclass(slots=True)
class Predicted:
    """What a run did. ``told``: the predictions that beat the plain rule. ``after``: whom to go on after; "" if all
    customers were seen. ``written`` and ``gone``: customers who got an event, and who have no name any more."""

    told: tuple[What, ...] = ()
    written: int = 0
    gone: int = 0
    after: str = ""


def predict(
    connection: duckdb.DuckDBPyConnection,
    asked: Question,
    store: CustomerStore,
    now: datetime,
    *,
    after: str = "",
    time_left: Callable[[], bool] = lambda: True,
) -> Predicted:
    """Learn, test, and write one event for each customer, by the order of their digests from ``after`` on.

    Nothing is written if no prediction beats the plain rule. A repetition with the same ``now`` writes the same events.
    """
    prepare(connection, read_report("predictions"), asked, asked.period)
    rows = _rows(connection.execute("SELECT * FROM told"))
    told = tuple(one.what for one in back_test([past_of(row) for row in rows]) if one.beats)
    predictor = learn([known_of(row) for row in rows])
    done = Predicted(told)
    if not told or predictor is None:
        return done
    last = asked.period.last
    found = connection.execute(_EVERYBODY, {"last": last.isoformat(), "after": after})
    names = [column[0] for column in found.description or ()]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while page := found.fetchmany(PAGE):
            if not time_left():
                return done
            people = [dict(zip(names, row, strict=True)) for row in page]
            events = [(str(one["person"]), traits_of(predictor, known_of(one), told, last)) for one in people]
            for written in pool.map(lambda one: _write(store, one[0], one[1], now), events):
                done.written += written
                done.gone += not written
            done.after = events[-1][0]
    done.after = ""
    return done


def traits_of(predictor: Predictor, known: Known, told: tuple[What, ...], last: date) -> dict[str, Any]:
    """The trait: what is told, and null for what is not, so that what was told before is unset. ``on``: the last day
    that it knows."""
    wait = min(predictor.days_to_next_order(known), 3_650.0)
    values: dict[What, Any] = {
        "order_90d": round(predictor.order_probability(known), 2),
        "next_order": (last + timedelta(days=round(wait))).isoformat(),
        "value_365d": round(predictor.value(known), 2),
    }
    return {what: value if what in told else None for what, value in values.items()} | {"on": last.isoformat()}


def _rows(found: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _write(store: CustomerStore, person: str, traits: Mapping[str, Any], now: datetime) -> bool:
    """False for who cannot be named any more: he was erased, or his items are unreadable."""
    try:
        tree = load_tree(store, person)
    except UNREADABLE:
        return False
    items = list(_items(tree, traits, now))
    if items:
        store.put_events(items)
    return bool(items)


def _items(tree: Tree, traits: Mapping[str, Any], now: datetime) -> Iterator[dict[str, Any]]:
    """One event in the log of the first identifier that has a plain name; none for who objected to profiling, or
    restricted the use of his data."""
    if any(tree.held(right) is not None for right in Held):
        return
    member = next((one for one in tree.members if one.identifier is not None), None)
    if member is None or member.identifier is None:
        return
    event = Event(
        type=EventType.IDENTIFY,
        name="Identified",
        message_id=f"{SOURCE}-{now:%Y%m%d}",
        time=now,
        received_at=now,
        source=SOURCE,
        channel=SOURCE,
        trusted=True,
        identifiers=(member.identifier,),
        traits={TRAIT: dict(traits)},
        context={"active": False},
    )
    yield event_item(event, lambda _: member.key, home=member.key)
