"""What the lake costs: requests and processor time where rows are handed on, and dollars per million events."""

from __future__ import annotations

import base64
import gzip
import hashlib
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import prices
from benchmarks.aws_stub import REGION
from benchmarks.deployment import KEYS, Deployment
from benchmarks.processor import best_of
from benchmarks.rows import Row
from benchmarks.segment_units import near
from benchmarks.shopper import Message, Shopper
from functions.measure.compaction import Compaction
from functions.segment.batch import Batch
from functions.segment.lake import DecisionRows
from shared.adapters.aws_json import FIREHOSE, AwsJson
from shared.adapters.aws_settings import EnvironmentCredentials
from shared.adapters.folder_objects import FolderObjects
from shared.adapters.http_transport import HttpAnswer
from shared.adapters.lake_firehose import FirehoseLake
from shared.adapters.memory_lake import MemoryLake
from shared.domain.identity.keys import milliseconds
from shared.domain.segments.subject import Subject
from shared.queries.customer_tree import load_tree
from shared.stores.event_items import read_event
from shared.stores.lake_rows import LakeRows

PART = "lake"
PEOPLE = 40
EVENTS = 100
"""Of an invocation on a busy stream."""
RECORD_KB = 5
"""Firehose bills each record in steps of so many KB."""
MILLION = 1_000_000


class Taking:
    """Firehose that takes everything, behind our own client."""

    host, path = "firehose.us-east-1.amazonaws.com", "/"

    def __init__(self) -> None:
        self.requests = 0

    def post(self, headers: Mapping[str, str], body: bytes) -> HttpAnswer:
        self.requests += 1
        return HttpAnswer(200, {}, b'{"FailedPutCount":0,"RequestResponses":[]}')


class NoQueue:
    def send_many(self, bodies: object) -> None:
        raise AssertionError("Firehose takes everything here")


def rows(rounds: int = 15, compacted: int = 40_000) -> Iterator[Row]:
    lake = MemoryLake()
    deployment, touched = _invocation(lake)
    said = f"{EVENTS} events of {touched} people in one invocation"
    yield Row(PART, f"{said}: requests more", lake.requests, "", 1, None, "PutRecordBatch")
    size = sum(len(line) + 1 for line in lake.lines)
    table: dict[str, int] = {}
    for line in lake.lines:
        name = line[line.index(b":") + 2 :].split(b'"')[0].decode()
        table[name] = table.get(name, 0) + 1
    packed = len(gzip.compress(b"\n".join(lake.lines), 6))
    yield Row(PART, f"{said}: rows", len(lake.lines), "", None, None, ", ".join(f"{n} {t}" for t, n in table.items()))
    yield Row(PART, "bytes handed on per event", size / EVENTS, "B", None, None, f"{packed / EVENTS:.0f} B gzipped")
    busy, alone = _stream_dollars(size / EVENTS), _stream_dollars(RECORD_KB * 1_000)
    yield Row(PART, "Firehose, events in batches of 100", 1, "event", None, busy)
    yield Row(PART, "Firehose, each event alone", 1, "event", None, alone, "a record is billed as 5 KB at least")
    handed_ms = _processor(deployment, rounds)
    note = "rows made, written, signed; cut off before the socket"
    yield Row(PART, "handing on, processor per event", handed_ms, "ms", 0.05, prices.of_cpu(handed_ms / 1000), note)
    yield from _compaction(lake.lines, compacted, size / EVENTS)


def _stream_dollars(bytes_each: float) -> float:
    return bytes_each * MILLION / 1e9 * prices.FIREHOSE_GB


def _invocation(lake: MemoryLake | None) -> tuple[Deployment, int]:
    """A busy stream, as in ``segment_units``; the lake hears of the measured batch alone."""
    deployment = Deployment()
    people = [Shopper(seed=seed, user=f"u-{seed}") for seed in range(PEOPLE)]
    deployment.send([message for person in people for message in person.messages(30)])
    deployment.deliver()
    busy = sorted((message for person in people for message in person.messages(3)), key=_moment)[:EVENTS]
    if lake is not None:
        deployment.segment = replace(deployment.segment, lake=LakeRows(lake))
    deployment.send(near(busy, deployment.clock.time))
    deployment.deliver()
    return deployment, len({message["userId"] for message in busy})


def _moment(message: Message) -> str:
    return str(message["timestamp"])


def _processor(deployment: Deployment, rounds: int) -> float:
    """Milliseconds per event of everything that is done for the lake alone."""
    store, release = deployment.segment.store, deployment.release
    items = [item for item in deployment.customers.items() if item["sk"].startswith("t#")][-EVENTS:]
    batches: dict[str, Batch] = {}
    for item in items:
        batches.setdefault(item["pk"], Batch(item["pk"])).events.append(read_event(item))
    trees = {home: load_tree(store, home) for home in batches}
    segments = {one.segment: one for one in release.segments}
    subjects = {home: Subject(tree.profile(), release.shop, segments, KEYS) for home, tree in trees.items()}
    client = AwsJson(FIREHOSE, "us-east-1", Taking(), EnvironmentCredentials(REGION))
    firehose = FirehoseLake(client, "lake", NoQueue())
    now = deployment.clock.time

    def work() -> None:
        lines = LakeRows(firehose)
        told = DecisionRows(lines)
        for batch in batches.values():
            told.named(batch)
        for home, tree in trees.items():
            customer = tree.control.customer
            if customer is not None:
                told.decided(tree, subjects[home], customer, now)
        told.events(batches.values(), {home: tree.root for home, tree in trees.items()}, release.features.orders_from)
        lines.flush()

    return best_of(rounds, work) / len(items) * 1000


def _compaction(lines: Sequence[bytes], count: int, bytes_each: float) -> Iterator[Row]:
    """Compaction of so many rows, made of the measured ones with other keys; an hour's files, and the night's merge."""
    with tempfile.TemporaryDirectory() as made:
        root, objects = Path(made), FolderObjects(Path(made))
        for part in range(2):
            file = root / "raw" / str(part)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(gzip.compress(b"\n".join(_numbered(lines, part * count // 2, count // 2)), 3))
        started = time.process_time()
        now = milliseconds(Deployment().clock.time)
        Compaction(objects, now_ms=now).run(night=True)
        seconds = time.process_time() - started
        parquet = sum(found.size for found in objects.listed("lake/"))
    per_row, rows_each = seconds / count, len(lines) / EVENTS
    ms = per_row * rows_each * 1000
    note = f"{count} rows, {rows_each:.1f} per event; hour and night"
    yield Row(PART, "compaction, processor per event", ms, "ms", None, prices.of_cpu(ms / 1000), note)
    stored = parquet / count * rows_each
    month = stored * MILLION / 1e9 * prices.S3_GB_MONTH
    yield Row(PART, "Parquet per event", stored, "B", None, month, "a month in S3 Standard")
    whole = _stream_dollars(bytes_each) + prices.of_cpu(ms / 1000) + 12 * month
    yield Row(PART, "a million events in the lake, kept for a year", 1, "million", None, whole, "batches of 100")


def _numbered(lines: Sequence[bytes], first: int, count: int) -> Iterator[bytes]:
    """The lines over and over, each with a key of its own, which does not pack."""
    for number in range(first, first + count):
        line = lines[number % len(lines)]
        digest = base64.urlsafe_b64encode(hashlib.blake2b(str(number).encode(), digest_size=12).digest())
        for name in (b'"event":"', b'"root":"', b'"order_id":"', b'"id":"'):
            line = line.replace(name, name + digest, 1)
        yield line
