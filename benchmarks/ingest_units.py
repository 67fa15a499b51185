"""What an event costs on the way in: requests, write units, dollars; single and in batches of 25."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks import prices
from benchmarks.aws_stub import counting_table
from benchmarks.deployment import NOW, Deployment, answered, request
from benchmarks.log_lines import ACCESS_BYTES, LogLines, counted
from benchmarks.rows import Row
from benchmarks.shopper import Message, Shopper, crowd
from shared.adapters.memory import bytes_of

PART = "ingest"
EVENTS = 1_000
BATCH = 25
LOGGER = "kervan.ingest"
EXTRA_REQUESTS = "the key is looked up once a minute, counters are written three times a minute"
CONSENT = {
    "type": "track",
    "event": "Consent Granted",
    "properties": {"channel": "email", "purpose": "marketing", "address": "ayse.yilmaz@example.com"},
}


def rows(events: int = EVENTS) -> Iterator[Row]:
    yield from _sizes(events)
    yield from _single(events)
    yield from _batches(events)


def _sizes(events: int) -> Iterator[Row]:
    deployment, shopper = Deployment(), Shopper()
    typical = {
        "page": shopper.paged(),
        "Product Viewed": shopper.viewed(),
        "Product Added": shopper.added(),
        "Order Completed, 3 products": shopper.ordered(),
    }
    for name, message in typical.items():
        deployment.send([message])
        sent = len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())
        yield Row(PART, f"stored bytes: {name}", _stored(deployment)[-1], "B", 1_024, note=f"{sent} B sent")
        deployment.stream.clear()
    deployment.send(Shopper(seed=2).messages(events))
    stored = sorted(_stored(deployment))
    yield Row(PART, "stored bytes: median event", stored[len(stored) // 2], "B", 1_024, note=f"of {len(stored)}")
    yield Row(PART, "stored bytes: largest event", stored[-1], "B", note="a checkout of the whole cart")


def _stored(deployment: Deployment) -> list[int]:
    return [bytes_of(new) for _, new in deployment.stream if new is not None]


def _single(events: int) -> Iterator[Row]:
    """As analytics-next sends: each event a request of its own, here one every 100 ms on one environment."""
    deployment = Deployment()
    messages = crowd(events, NOW, timedelta(milliseconds=100))
    deployment.catalog.usage.reset()
    deployment.metrics.usage.reset()
    with counted(LOGGER) as lines:
        for message in messages:
            deployment.clock.time = datetime.fromisoformat(message["timestamp"]) + timedelta(seconds=1)
            deployment.post(f"/v1/{message['type']}", message | {"sentAt": message["timestamp"]})
    spent, keys, counters = deployment.spent(), deployment.catalog.usage, deployment.metrics.usage
    requests = (spent.requests + keys.requests + counters.requests) / events
    write = (spent.write + counters.write_units) / events
    units = prices.of_units(write=write, read=keys.read_units / events)
    yield Row(PART, "single: requests to the tables per event", requests, "", 1.1, note=EXTRA_REQUESTS)
    yield Row(PART, "single: write units of customers per event", spent.write / events, "WU", 1)
    yield Row(PART, "single: write units of counters per event", counters.write_units / events, "WU", 0.02)
    yield Row(PART, "single: all units per event", write, "WU", None, units)
    yield Row(PART, "single: read units of customers per event", spent.read / events, "RU", 0)
    logs = _logged(lines, events, events)
    yield _log_row("single", logs)
    yield _whole("single", prices.HTTP_REQUESTS + prices.INVOCATIONS + prices.of_logs(logs) + units)


def _batches(events: int) -> Iterator[Row]:
    """As servers, apps and the import send: 25 to a request, here one request a second on one environment."""
    deployment = Deployment()
    messages = crowd(events, NOW, timedelta(seconds=1) / BATCH)
    deployment.catalog.usage.reset()
    deployment.metrics.usage.reset()
    with counted(LOGGER) as lines:
        deployment.send(messages, size=BATCH)
    spent, keys, counters = deployment.spent(), deployment.catalog.usage, deployment.metrics.usage
    write = (spent.write + counters.write_units) / events
    units = prices.of_units(write=write, read=keys.read_units / events)
    name = f"batch of {BATCH}"
    requests = (spent.requests + keys.requests + counters.requests) / (events / BATCH)
    yield Row(PART, f"{name}: requests to the tables per batch", requests, "", 1.1, note=EXTRA_REQUESTS)
    yield Row(PART, f"{name}: the same counted on botocore's wire", on_the_wire(messages[:BATCH]), "", 1.1)
    yield Row(PART, f"{name}: write units of customers per event", spent.write / events, "WU", 1)
    yield Row(PART, f"{name}: write units of counters per event", counters.write_units / events, "WU", 0.02)
    yield Row(PART, f"{name}: all units per event", write, "WU", None, units)
    yield Row(PART, f"{name}: read units of customers per event", spent.read / events, "RU", 0)
    logs = _logged(lines, events, events / BATCH)
    yield _log_row(name, logs)
    yield _whole(name, (prices.HTTP_REQUESTS + prices.INVOCATIONS) / BATCH + prices.of_logs(logs) + units)
    deployment.send([message | CONSENT for message in messages[:50]], size=BATCH)
    yield Row(
        PART, "a statement of consent with an address: write units", deployment.spent().write / 50, "WU",
        note="the event, and the consent under the customer and under the address",
    )  # fmt: skip


def _logged(lines: LogLines, events: int, requests: float) -> float:
    """Bytes of logs for an event: what the function says of the request, and the access log."""
    return (lines.bytes + requests * ACCESS_BYTES) / events


def _log_row(name: str, logs: float) -> Row:
    note = f"the line of the function, and {ACCESS_BYTES} B of the access log for each request"
    return Row(PART, f"{name}: logs per event", logs, "B", None, prices.of_logs(logs), note)


def _whole(name: str, dollars: float) -> Row:
    what = f"{name}: everything per event but processor time"
    return Row(PART, what, 1, "event", None, dollars, "HTTP API, Lambda, logs, units")


def on_the_wire(messages: list[Message]) -> float:
    """The same batch through DynamoDB's adapter and botocore: HTTP requests that would leave the machine."""
    deployment = Deployment()
    deployment.clock.time = NOW + timedelta(seconds=30)
    table, requests = counting_table()
    answered(deployment.ingest_on(table), request("/v1/batch", {"batch": messages}))
    return float(len(requests))
