"""What is still to be done in the emulator, read from inside its process.

A mapping's stream position moves, and a queue's message is deleted, only after the function has returned. So what is
neither running, unread nor queued is done: nothing is missed in between.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ministack.services import dynamodb, lambda_svc, sqs

from cli.local.activity_messages import OLDEST, PROGRESS


def activity(taken: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Counts that are not zero: calls running per function, unread records per stream function, messages per queue.

    ``queued`` holds the queues that a function reads, invisible messages included; ``parked`` the others: dead letters
    and failures, which wait for a person. ``progress`` only grows: the records that each function has ``taken`` and,
    under ``passed``, those that streams have moved on by, which also counts what a filter kept from its function.
    ``oldest`` says how many seconds the oldest record (``unread``) and message (``queued``) have waited.
    """
    _total, running = lambda_svc.executions_in_flight()
    read_by_functions = set()
    unread: dict[str, int] = {}
    passed = 0
    now = time.time()
    written, sent = now, now
    for account, region, mapping in lambda_svc._iter_all_esms():
        if not mapping.get("Enabled", True):
            continue
        source = mapping.get("EventSourceArn", "")
        if ":sqs:" in source:
            read_by_functions.add(source)
        elif ":dynamodb:" in source:
            name = mapping["FunctionName"]
            unread[name] = unread.get(name, 0) + _unread(account, region, mapping)
            written = min(written, _written(account, region, mapping) or now)
            passed += _position(account, region, mapping) or 0
    queued: dict[str, int] = {}
    parked: dict[str, int] = {}
    for queue in list(sqs._queues._data.values()):
        counts = queued if queue["attributes"].get("QueueArn") in read_by_functions else parked
        counts[queue["name"]] = len(queue["messages"])
        if counts is queued:
            sent = min([sent, *(message["sent_at"] for message in list(queue["messages"]))])
    return {
        "running": {name.rsplit(":", 1)[-1]: count for name, count in running.items() if count},
        "unread": {name: count for name, count in unread.items() if count},
        "queued": {name: count for name, count in queued.items() if count},
        "parked": {name: count for name, count in parked.items() if count},
        PROGRESS: {**taken, "passed": passed},
        OLDEST: {"unread": round(now - written), "queued": round(now - sent)},
    }


def _table(mapping: dict[str, Any]) -> str:
    return str(mapping["EventSourceArn"].split("/stream/")[0].rsplit("/", 1)[-1])


def _written(account: str, region: str, mapping: dict[str, Any]) -> float | None:
    """When the first record was written that the function has not read; None if it has read all."""
    scope = (account, region, _table(mapping))
    records = dynamodb._stream_records._data.get(scope, [])
    place = (_position(account, region, mapping) or 0) - dynamodb._stream_trimmed._data.get(scope, 0)
    first = next(iter(records[max(place, 0) : max(place, 0) + 1]), None)
    return None if first is None else float(first["dynamodb"]["ApproximateCreationDateTime"])


def _unread(account: str, region: str, mapping: dict[str, Any]) -> int:
    table = _table(mapping)
    end: int = dynamodb.stream_end_position(table, account_id=account, region=region)
    start: int = dynamodb.stream_start_position(table, account_id=account, region=region)
    return end - max(_position(account, region, mapping) or start, start)


def _position(account: str, region: str, mapping: dict[str, Any]) -> int | None:
    found: int | None = lambda_svc._dynamodb_stream_positions._data.get((account, region, mapping["UUID"]))
    return found


def retry_now() -> int:
    """Makes messages visible whose function failed, so that their next try need not wait for the timeout; how many."""
    busy = {
        mapping["EventSourceArn"]
        for _account, _region, mapping in lambda_svc._iter_all_esms()
        if lambda_svc._esm_inflight.get(mapping["UUID"], 0)
    }
    now = time.time()
    count = 0
    for queue in list(sqs._queues._data.values()):
        if queue["attributes"].get("QueueArn") in busy:
            continue
        for message in queue["messages"]:
            if message.get("receive_count") and message.get("visible_at", 0) > now:
                message["visible_at"] = now
                count += 1
    if count:
        lambda_svc._esm_wake.set()
    return count
