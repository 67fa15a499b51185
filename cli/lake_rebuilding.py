"""Tells the lake of a stage everything anew: identifiers of the log go to segment, rows of enrollments and messages
into the queue of rows that Firehose did not take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cli import paths
from cli.catalog import catalog_table
from cli.failure import Failure
from cli.local import deploy
from cli.table_pages import scan_page

if TYPE_CHECKING:
    from shared.adapters.dynamo import Client
    from shared.domain.lake.tables import Row
    from shared.ports import Queue

FILE = "lake-rebuild.{stage}.json"
PAGE = 1_000
"""Items read in one request; a page of DynamoDB ends at 1 MB."""
EVENT, ENROLLMENT, MESSAGE = "t#", "enrollment#", "message"
Part = Literal["customers", "messages"]
PARTS: tuple[Part, ...] = ("customers", "messages")
_FILTERS: Mapping[Part, tuple[str, dict[str, Any]]] = {
    "customers": (
        "begins_with(#sk, :event) OR begins_with(#sk, :enrollment)",
        {":event": {"S": EVENT}, ":enrollment": {"S": ENROLLMENT}},
    ),
    "messages": ("#sk = :message", {":message": {"S": MESSAGE}}),
}
"""DynamoDB leaves other items out, and they are paid for."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the tables were read: ``part`` is read now, ``after`` is where DynamoDB goes on, ``last`` the identifier
    that was handed out last. ``unreadable``: items that could not be told."""

    part: Part = "customers"
    after: Mapping[str, Any] | None = None
    last: str = ""
    read: int = 0
    identifiers: int = 0
    rows: int = 0
    unreadable: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """The tables of a stage; ``work`` is segment's queue, ``rows`` that of rows of the lake."""

    client: Client
    tables: Mapping[Part, str]
    work: Queue
    rows: Queue

    def page(self, progress: Progress) -> tuple[list[dict[str, Any]], Mapping[str, Any] | None]:
        """The next items, and where to go on."""
        from shared.adapters.attribute_values import read_item

        condition, values = _FILTERS[progress.part]
        request = {
            "TableName": self.tables[progress.part],
            "FilterExpression": condition,
            "ExpressionAttributeNames": {"#sk": "sk"},
            "ExpressionAttributeValues": values,
            "Limit": PAGE,
        }
        items, after = scan_page(self.client, request, progress.after)
        return [read_item(item) for item in items], after


def rebuild_lake(
    told: Told, progress: Progress, keep: Callable[[Progress], None], per_second: float, sleep: Callable[[float], None]
) -> Iterator[Progress]:
    """Hands out every identifier and every row; ``keep`` is told after each page, so an interruption repeats one page.

    Yields how far it is after each page; the last one is ``over``.
    """
    while not progress.over:
        items, after = told.page(progress)
        if progress.part == "customers":
            progress = _customers(told, progress, items, per_second, sleep)
        else:
            progress = _messages(told, progress, items, per_second, sleep)
        progress = replace(progress, after=after, read=progress.read + len(items))
        if after is None:
            following = PARTS.index(progress.part) + 1
            over = following == len(PARTS)
            progress = replace(progress, over=True) if over else replace(progress, part=PARTS[following], last="")
        keep(progress)
        yield progress


def _customers(
    told: Told, progress: Progress, items: Sequence[dict[str, Any]], per_second: float, sleep: Callable[[float], None]
) -> Progress:
    from shared.domain.deadletters.repair import AT_ONCE, RepairTask
    from shared.domain.journeys.enrollment import from_item
    from shared.domain.lake.outcome_rows import enrollment_row

    keys: list[str] = []
    last = progress.last
    for item in items:  # the events of one identifier stand side by side in a scan, over pages too
        if item["sk"].startswith(EVENT) and item["pk"] != last:
            last = item["pk"]
            keys.append(last)
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        told.work.send_many([RepairTask(lake=tuple(some)).body()])
        sleep(len(some) / per_second)
    enrollments = [item for item in items if item["sk"].startswith(ENROLLMENT)]
    rows, unreadable = _rows(enrollments, lambda item: enrollment_row(from_item(item)))
    _hand_on(told.rows, rows)
    return replace(
        progress,
        last=last,
        identifiers=progress.identifiers + len(keys),
        rows=progress.rows + len(rows),
        unreadable=progress.unreadable + unreadable,
    )


def _messages(
    told: Told, progress: Progress, items: Sequence[dict[str, Any]], per_second: float, sleep: Callable[[float], None]
) -> Progress:
    from shared.domain.lake.outcome_rows import message_row
    from shared.domain.messages.message import State
    from shared.stores.ledger import read_record

    decided = [item for item in items if item.get("state") not in {State.CLAIMED.value, State.CALLING.value}]
    rows, unreadable = _rows(decided, lambda item: message_row(read_record(item)))
    _hand_on(told.rows, rows)
    sleep(len(rows) / per_second / AS_QUICK)
    return replace(progress, rows=progress.rows + len(rows), unreadable=progress.unreadable + unreadable)


AS_QUICK = 20
"""Rows of messages are told from what was read; an identifier has its log read once more."""


def _rows(items: Sequence[dict[str, Any]], row_of: Callable[[dict[str, Any]], Row]) -> tuple[list[Row], int]:
    rows: list[Row] = []
    unreadable = 0
    for item in items:
        try:
            rows.append(row_of(item))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            unreadable += 1
    return rows, unreadable


def _hand_on(queue: Queue, rows: Sequence[Row]) -> None:
    from shared.domain.lake.tables import OUTCOMES
    from shared.stores.lake_rows import LakeRows

    handed = LakeRows(_Waiting(queue))
    handed.hand_on(OUTCOMES, *rows)
    handed.flush()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Puts lines into the queue whose reader offers them to Firehose: it keeps a pace, and nothing is lost."""

    queue: Queue

    def hand_on(self, lines: Sequence[bytes]) -> None:
        from shared.adapters.lake_firehose import BODY_BYTES, packed

        self.queue.send_many(body.decode() for body in packed(lines, BODY_BYTES))


def told_of(stage: str) -> Told:
    """The local stack, or `kervan-<stage>` in the account of the caller's credentials.

    Raises
    ------
    Failure
        If it cannot be reached, or has no lake.
    """
    from shared.adapters.aws_clients import client_at, sqs_client
    from shared.adapters.aws_errors import AwsError
    from shared.adapters.aws_json import SQS
    from shared.adapters.sqs import SqsQueue

    catalog = catalog_table(stage)
    if catalog.base:
        outputs = deploy.outputs()
        queues = client_at(SQS, catalog.base, deploy.REGION, "test", "test")
        tables: dict[Part, str] = {"customers": outputs["TableCustomers"], "messages": outputs["TableMessages"]}
        urls = (outputs["WorkSegment"], outputs["WorkMeasure"])
    else:
        queues = sqs_client()
        tables = {part: f"kervan-{stage}-{part}" for part in PARTS}
        try:
            urls = (_url(queues, f"kervan-{stage}-segment-work"), _url(queues, f"kervan-{stage}-measure-work"))
        except AwsError as refused:
            raise Failure(
                f"the queues of stage {stage} cannot be reached ({refused}): a stage that was deployed with "
                "-c lake=off has no lake"
            ) from refused
    return Told(catalog.client, tables, SqsQueue(queues, urls[0]), SqsQueue(queues, urls[1]))


def _url(queues: Client, name: str) -> str:
    return str(queues.call("GetQueueUrl", {"QueueName": name})["QueueUrl"])


def load(stage: str) -> Progress:
    """Where an interrupted rebuild stopped, or the beginning.

    Raises
    ------
    Failure
        If what was noted cannot be read.
    """
    kept = paths.read(FILE.format(stage=stage))
    try:
        return Progress(**kept)
    except TypeError as broken:
        raise Failure(f"{paths.path(FILE.format(stage=stage))} cannot be read: begin anew with --restart") from broken


def keep(stage: str, progress: Progress) -> None:
    """Note how far it is; a rebuild that is over leaves nothing behind."""
    if progress.over:
        forget(stage)
    else:
        paths.write(FILE.format(stage=stage), asdict(progress))


def forget(stage: str) -> None:
    """Begin anew next time."""
    paths.path(FILE.format(stage=stage)).unlink(missing_ok=True)
