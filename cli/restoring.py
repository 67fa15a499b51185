"""Copies items of a restored table into the table of a stage, in an order in which no journey begins anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from cli import paths
from cli.catalog import catalog_table
from cli.failure import Failure, WrongUse
from cli.table_pages import Page, scan_page

if TYPE_CHECKING:
    from shared.adapters.dynamo import Client

FILE = "restore.{stage}.json"
PAGE = 500
AT_ONCE = 16
"""Requests in flight: writes of one page."""
KEYS_AT_ONCE = 100
"""The most that one request may ask for."""
EVENTS, CUSTOMERS, OTHERS, EVERYTHING = "events", "customers", "others", "everything"
PARTS = {"customers": (OTHERS, CUSTOMERS, EVENTS)}
"""Facts and enrollments come first, then who the customer is, then his events. So schedule finds every enrollment when
it hears of a customer, and segment finds the facts when it hears of an event."""
LEDGER = "messages"
EVENT_PREFIX, CUSTOMER = "t#", "customer"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the restored table was read. ``put`` items were written, ``kept`` were there already."""

    table: str
    source: str
    replacing: bool = False
    part: int = 0
    after: Mapping[str, Any] | None = None
    read: int = 0
    put: int = 0
    kept: int = 0
    over: bool = False


@dataclass(frozen=True, slots=True)
class Tables:
    """The restored table and the one of the stage, by their names in AWS."""

    client: Client
    source: str
    target: str

    def page(self, after: Mapping[str, Any] | None) -> Page:
        """The next items of the restored table, and where to go on."""
        return scan_page(self.client, {"TableName": self.source, "Limit": PAGE, "ConsistentRead": True}, after)

    def missing(self, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the items that the stage's table does not hold."""
        there: set[tuple[str, str]] = set()
        for start in range(0, len(items), KEYS_AT_ONCE):
            keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items[start : start + KEYS_AT_ONCE]]
            while keys:
                asked = {"Keys": keys, "ProjectionExpression": "pk, sk", "ConsistentRead": True}
                answer = self.client.call("BatchGetItem", {"RequestItems": {self.target: asked}})
                there |= {_key(item) for item in answer["Responses"].get(self.target, ())}
                keys = answer.get("UnprocessedKeys", {}).get(self.target, {}).get("Keys", [])
        return [item for item in items if _key(item) not in there]

    def put(self, item: dict[str, Any], *, replacing: bool) -> bool:
        """Writes an item; False if another writer was faster and the item is not to be replaced."""
        from shared.adapters.aws_errors import AwsRefused

        request: dict[str, Any] = {"TableName": self.target, "Item": item}
        if not replacing:
            request["ConditionExpression"] = "attribute_not_exists(pk)"
        try:
            self.client.call("PutItem", request)
        except AwsRefused as refused:
            if refused.code == "ConditionalCheckFailedException":
                return False
            raise
        return True


def restore(tables: Tables, progress: Progress, now: datetime, keep: Callable[[Progress], None]) -> Iterator[Progress]:
    """Copies what is missing, or with ``replacing`` everything that the restored table holds and has not expired.

    ``keep`` is told after each page; what is done twice after an interruption changes nothing. Yields how far it is.

    Raises
    ------
    AwsError
        If a table cannot be read or written.
    """
    parts = PARTS.get(progress.table, (EVERYTHING,))
    put = partial(tables.put, replacing=progress.replacing)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not progress.over:
            items, after = tables.page(progress.after)
            part = parts[progress.part]
            wanted = [item for item in items if _is_of(part, item) and not _expired(item, now)]
            asked = wanted if progress.replacing else tables.missing(wanted)
            written = sum(pool.map(put, asked))
            ended = after is None
            progress = replace(
                progress,
                after=after,
                part=progress.part + (1 if ended else 0),
                read=progress.read + len(wanted),
                put=progress.put + written,
                kept=progress.kept + len(wanted) - written,
                over=ended and progress.part + 1 == len(parts),
            )
            keep(progress)
            yield progress


def tables_of(stage: str, table: str, source: str) -> Tables:
    """The tables by their names, once both were found to be tables of Kervan.

    Raises
    ------
    WrongUse
        If both are the same, or one has other keys than Kervan's tables.
    Failure
        If one cannot be reached.
    """
    from shared.adapters.aws_errors import AwsError

    client, target = catalog_table(stage).client, f"kervan-{stage}-{table}"
    if source == target:
        raise WrongUse(f"{source} is the table of the stage itself: name the one that AWS restored")
    for name in (source, target):
        try:
            found = client.call("DescribeTable", {"TableName": name})["Table"]
        except AwsError as refused:
            raise Failure(f"the table {name} cannot be reached: {refused}") from refused
        keys = [(key["AttributeName"], key["KeyType"]) for key in found["KeySchema"]]
        if keys != [("pk", "HASH"), ("sk", "RANGE")]:
            raise WrongUse(f"{name} is no table of Kervan: its keys are not pk and sk")
        if found.get("TableStatus") != "ACTIVE":
            raise Failure(f"the table {name} is {found.get('TableStatus')}: wait until it is ACTIVE")
    return Tables(client, source, target)


def begin(stage: str, wanted: Progress) -> Progress:
    """Where an interrupted copy of these tables stopped, or the beginning.

    Raises
    ------
    Failure
        If a copy of other tables was interrupted.
    """
    kept = paths.read(FILE.format(stage=stage))
    if not kept:
        return wanted
    try:
        found = Progress(**kept)
    except TypeError as broken:
        raise Failure(f"{paths.path(FILE.format(stage=stage))} cannot be read: begin anew with --restart") from broken
    if (found.table, found.source, found.replacing) != (wanted.table, wanted.source, wanted.replacing):
        raise Failure(f"the copy of {found.source} was interrupted: finish it, or begin with --restart")
    return found


def keep(stage: str, progress: Progress) -> None:
    """Note how far it is; a copy that is over leaves nothing behind."""
    if progress.over:
        forget(stage)
    else:
        paths.write(FILE.format(stage=stage), asdict(progress))


def forget(stage: str) -> None:
    """Begin anew next time."""
    paths.path(FILE.format(stage=stage)).unlink(missing_ok=True)


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item["pk"]["S"]), str(item["sk"]["S"])


def _is_of(part: str, item: Mapping[str, Any]) -> bool:
    sort = str(item["sk"]["S"])
    named = EVENTS if sort.startswith(EVENT_PREFIX) else CUSTOMERS if sort == CUSTOMER else OTHERS
    return part in (EVERYTHING, named)


def _expired(item: Mapping[str, Any], now: datetime) -> bool:
    """Whether DynamoDB may delete it at any time: it is no longer wanted."""
    expires = item.get("expires", {}).get("N")
    return expires is not None and int(float(expires)) <= now.timestamp()
