"""One message through gates, rendering and the ledger: processor time, requests and units."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from datetime import datetime

from benchmarks import prices
from benchmarks.mailing_list import MailingList, send
from benchmarks.rows import Row
from benchmarks.wired_table import Spent, Stopwatch, WiredTable
from shared.domain.messages.request import Channel
from shared.domain.messages.sending_quota import SendingQuota

PART = "messages"
BATCH = 10
"""Messages of one invocation, as the queue gives them."""
NAMES: dict[Channel, str] = {"email": "e-mail", "sms": "text message", "push": "push"}
TARGETS_MS: dict[Channel, float] = {"email": 0.66, "sms": 0.45, "push": 0.45}
WRITE_UNITS, REQUESTS = 3.0, 5.0


def rows(rounds: int = 20) -> Iterator[Row]:
    for channel in NAMES:
        yield from _counts(channel)
    yield from _near_the_quota()
    for channel in NAMES:
        yield from _processor(channel, rounds)


def _counts(channel: Channel) -> Iterator[Row]:
    """The second batch, a minute later: the release, the switches and the templates are read by then."""
    people, elapsed = MailingList(2 * BATCH), 0.0
    bodies, worker = people.requests(channel), people.worker(channel, elapsed=lambda: elapsed)
    send(worker, bodies[:BATCH])
    people.forget()
    elapsed = 60.0
    send(worker, bodies[BATCH:])
    usages = [table.usage for table in people.memory.values()]
    requests = sum(usage.requests for usage in usages) / BATCH
    write = sum(usage.write_units for usage in usages) / BATCH
    read = sum(usage.read_units for usage in usages) / BATCH
    name, by_table = NAMES[channel], _by_table(people)
    yield Row(PART, f"{name}: requests", requests, "", REQUESTS, None, by_table)
    yield Row(PART, f"{name}: write units", write, "WU", WRITE_UNITS, prices.of_units(write=write, read=read))
    yield Row(PART, f"{name}: read units", read, "RU")


def _near_the_quota() -> Iterator[Row]:
    """E-mail while the day of SES has room for a few thousand more: workers count by blocks."""
    amount = 20 * BATCH
    people = MailingList(amount)
    bodies, asked = people.requests("email"), list[datetime]()

    def ask(now: datetime) -> SendingQuota:
        asked.append(now)
        return SendingQuota(now, 50_000, 14, 40_000)

    worker = people.worker("email", ask=ask)
    for start in range(0, amount, BATCH):
        send(worker, bodies[start : start + BATCH])
    used = people.memory["catalog"].usage
    note = f"{len(asked)} question to SES and {used.write_units:g} write units in the catalog for {amount} messages"
    yield Row(PART, "e-mail near the end of SES's quota: write units more", used.write_units / amount, "WU", note=note)


def _by_table(people: MailingList) -> str:
    said = [
        f"{table} " + ", ".join(f"{count / BATCH:g} {verb}" for verb, count in sorted(held.usage.by_operation.items()))
        for table, held in people.memory.items()
        if held.usage.requests
    ]
    return "; ".join(said)


def _processor(channel: Channel, rounds: int) -> Iterator[Row]:
    plain = _measured(channel, rounds, wire=False)
    name = NAMES[channel]
    note = f"gates, rendering, ledger; no provider; tables in memory; batches of {BATCH}"
    ms = plain.seconds * 1000
    yield Row(PART, f"{name}: processor time", ms, "ms", TARGETS_MS[channel], prices.of_cpu(plain.seconds), note)
    yield Row(PART, f"{name}: messages per second and core", 1 / plain.seconds, "per s", note="as above")
    whole = _measured(channel, rounds, wire=True)
    note = f"{whole.calls:.1f} calls, {whole.wire * 1000:.3f} ms of them the wire"
    ms = whole.seconds * 1000
    yield Row(PART, f"{name}: the wire included", ms, "ms", None, prices.of_cpu(whole.seconds), note)
    yield Row(PART, f"{name}: messages per second and core, the wire included", 1 / whole.seconds, "per s")


def _measured(channel: Channel, rounds: int, *, wire: bool) -> Spent:
    """Of one message, in the fastest of the batches after the first. Each batch sends to new people."""
    people, watch = MailingList((rounds + 1) * BATCH), Stopwatch()
    tables = {name: WiredTable(table, watch) for name, table in people.memory.items()} if wire else people.memory
    worker, bodies = people.worker(channel, tables), people.requests(channel)
    found = []
    for start in range(0, len(bodies), BATCH):
        watch.restart()
        gc.collect()
        gc.disable()
        began = time.process_time()
        send(worker, bodies[start : start + BATCH])
        found.append(watch.per(BATCH, time.process_time() - began))
        gc.enable()
    return min(found[1:], key=lambda one: one.seconds)
