"""Finds every identifier in the log of a stage and hands it to segment, which makes its facts anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cli import paths
from cli.catalog import catalog_table
from cli.failure import Failure
from cli.local import deploy
from cli.table_pages import scan_page

if TYPE_CHECKING:
    from shared.adapters.dynamo import Client
    from shared.ports import Queue

FILE = "rebuild.{stage}.json"
PAGE = 1_000
"""Items read in one request; a page of DynamoDB ends at 1 MB."""
EVENT_PREFIX = "t#"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the log was read. ``after`` is where DynamoDB goes on, ``last`` the identifier that was handed out last;
    ``since`` what was asked for, in milliseconds since 1970 (None: everything)."""

    since: int | None = None
    after: Mapping[str, Any] | None = None
    last: str = ""
    read: int = 0
    handed: int = 0


@dataclass(frozen=True, slots=True)
class Log:
    """The log of a stage, and the queue of who makes facts anew."""

    client: Client
    table: str
    work: Queue
    waiting: Callable[[], int]

    def page(self, progress: Progress) -> tuple[list[dict[str, Any]], Mapping[str, Any] | None]:
        """The next items of the log, and where to go on. Items that are no events are left out by DynamoDB, and paid
        for."""
        from shared.adapters.attribute_values import read_item

        data = ", #data, #name" if progress.since is not None else ""
        names = {"#pk": "pk", "#sk": "sk"} | ({"#data": "data", "#name": "name"} if data else {})
        request = {
            "TableName": self.table,
            "ProjectionExpression": "#pk, #sk" + data,
            "FilterExpression": "begins_with(#sk, :event)",
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {":event": {"S": EVENT_PREFIX}},
            "Limit": PAGE,
        }
        items, after = scan_page(self.client, request, progress.after)
        return [read_item(item) for item in items], after


def rebuild_all(
    log: Log, progress: Progress, keep: Callable[[Progress], None], per_second: float, sleep: Callable[[float], None]
) -> Iterator[Progress]:
    """Hands out every identifier once; ``keep`` is told after each page, so an interruption repeats one page.

    Yields how far it is after each page; the last one has no ``after``.
    """
    from shared.domain.deadletters.repair import AT_ONCE, RepairTask

    while True:
        items, after = log.page(progress)
        keys = list(_identifiers(items, progress))
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            log.work.send_many([RepairTask(logs=tuple(some)).body()])
            sleep(len(some) / per_second)
        progress = replace(
            progress,
            after=after,
            last=keys[-1] if keys else progress.last,
            read=progress.read + len(items),
            handed=progress.handed + len(keys),
        )
        keep(progress)
        yield progress
        if after is None:
            return


def _identifiers(items: list[dict[str, Any]], progress: Progress) -> Iterator[str]:
    """Each identifier once: the events of one stand side by side in a scan, over pages too."""
    last = progress.last
    for item in items:
        if item["pk"] != last and _wanted(item, progress.since):
            last = item["pk"]
            yield last


def _wanted(item: dict[str, Any], since: int | None) -> bool:
    """Whether the event came since then. One that cannot be read is wanted: its identifier is to be looked at."""
    from shared.domain.identity.keys import milliseconds
    from shared.stores.event_items import UnreadableEvent, read_event

    if since is None:
        return True
    try:
        return milliseconds(read_event(item).received_at) >= since
    except (UnreadableEvent, LookupError, TypeError, ValueError):
        return True


def log_of(stage: str) -> Log:
    """The log of the local stack, or of `kervan-<stage>` in the account of the caller's credentials.

    Raises
    ------
    Failure
        If it cannot be reached.
    """
    from shared.adapters.aws_clients import client_at, sqs_client
    from shared.adapters.aws_errors import AwsError
    from shared.adapters.aws_json import SQS
    from shared.adapters.letter_queue_sqs import SqsLetterQueue
    from shared.adapters.sqs import SqsQueue

    catalog = catalog_table(stage)
    if catalog.base:
        outputs = deploy.outputs()
        queues = client_at(SQS, catalog.base, deploy.REGION, "test", "test")
        table, url = outputs["TableCustomers"], outputs["WorkSegment"]
    else:
        queues, table = sqs_client(), f"kervan-{stage}-customers"
        try:
            url = str(queues.call("GetQueueUrl", {"QueueName": f"kervan-{stage}-segment-work"})["QueueUrl"])
        except AwsError as refused:
            raise Failure(f"the queue kervan-{stage}-segment-work cannot be reached: {refused}") from refused
    return Log(catalog.client, table, SqsQueue(queues, url), SqsLetterQueue(queues, url).waiting)


def load(stage: str, since: datetime | None) -> Progress:
    """Where an interrupted rebuild stopped, or the beginning.

    Raises
    ------
    Failure
        If another one was interrupted.
    """
    from shared.domain.identity.keys import milliseconds

    kept = paths.read(FILE.format(stage=stage))
    asked = None if since is None else milliseconds(since)
    if not kept:
        return Progress(since=asked)
    try:
        found = Progress(**kept)
    except TypeError as broken:
        raise Failure(f"{paths.path(FILE.format(stage=stage))} cannot be read: begin anew with --restart") from broken
    if (found.since is None) != (asked is None):
        raise Failure("a rebuild with other options was interrupted: go on with its options, or begin with --restart")
    return found


def keep(stage: str, progress: Progress) -> None:
    """Note how far it is; a rebuild that is over leaves nothing behind."""
    if progress.after is None:
        forget(stage)
    else:
        paths.write(FILE.format(stage=stage), asdict(progress))


def forget(stage: str) -> None:
    """Begin anew next time."""
    paths.path(FILE.format(stage=stage)).unlink(missing_ok=True)


def pause(seconds: float) -> None:
    """Keep the pace."""
    time.sleep(seconds)
