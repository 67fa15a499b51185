"""What of the emulator's state its own persistence leaves out, and a trial must not lose.

1. Stream records that a function has not read yet. Positions are kept by the emulator, the records are not: without
   them events would never be folded, and everything after them neither: the positions lie behind the new stream's end.
2. Mails that were sent: the outbox shows them.
3. Queues are kept under addresses that hold the server's port. After a start at another port no function would read
   its queue.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.persistence import load_state, save_all
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import dynamodb, lambda_svc, ses, sqs

STREAMS, MAILS = "kervan_streams", "kervan_mails"
Scope = tuple[str, str, str]
"""Account, region, name of the table."""


def save(others: dict[str, Callable[[], Any]]) -> None:
    """Writes this and ``others`` (name to what gives the state) to the state's folder."""
    save_all({**others, STREAMS: _streams, MAILS: lambda: {"sent": ses._sent_emails}})


def restore() -> None:
    """Brings back what was saved; does nothing if there is nothing. Call once, before anything is served."""
    streams = load_state(STREAMS) or {}
    for one in streams.get("tables", ()):
        scope = (one["account"], one["region"], one["table"])
        dynamodb._stream_records._data[scope] = one["records"]
        dynamodb._stream_trimmed._data[scope] = one["passed"]
    mails = (load_state(MAILS) or {}).get("sent")
    if isinstance(mails, AccountRegionScopedDict):
        ses._sent_emails._data.update(mails._data)
    sqs.load_persisted_state = at_this_port(sqs.load_persisted_state)


def at_this_port(load: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    """Wraps the loading of queues: each gets the address that it has at the port of now."""

    def loaded(data: dict[str, Any]) -> None:
        queues = AccountRegionScopedDict()
        for (account, region, _address), queue in data["queues"]._data.items():
            address = sqs._queue_url_for_account(account, queue["name"])
            queues._data[account, region, address] = {**queue, "url": address}
        load({**data, "queues": queues})

    return loaded


def _streams() -> dict[str, Any]:
    """Of each table the records that some function has still to read, and how many lie before them."""
    tables = []
    for scope, records in list(dynamodb._stream_records._data.items()):
        trimmed = dynamodb._stream_trimmed._data.get(scope, 0)
        end = trimmed + len(records)
        begin = max(min(_positions(scope), default=end), trimmed)
        account, region, table = scope
        unread = records[begin - trimmed :]
        tables.append({"account": account, "region": region, "table": table, "passed": begin, "records": unread})
    return {"tables": tables}


def _positions(scope: Scope) -> list[int]:
    """Where the functions are that read a table's stream; one that has not begun is at its start."""
    account, region, table = scope
    found = []
    for owner, place, mapping in lambda_svc._iter_all_esms():
        source = str(mapping.get("EventSourceArn", ""))
        if (owner, place) == (account, region) and f":table/{table}/stream/" in source:
            found.append(lambda_svc._dynamodb_stream_positions._data.get((account, region, mapping["UUID"]), 0))
    return found
