"""The stream of a table, read by position: what Lambda could not deliver is read once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from shared.adapters.attribute_values import read_item, write_item
from shared.adapters.aws import aws_client
from shared.ports.dead_letters import StreamChange, StreamGone, StreamPage

if TYPE_CHECKING:
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

PAGE = 100
_GONE = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException", "ExpiredIteratorException"})


def streams_client() -> DynamoDBStreamsClient:
    return cast("DynamoDBStreamsClient", aws_client("dynamodbstreams"))


class DynamoChangeStream:
    """``ChangeStream`` on DynamoDB Streams. ``cursor`` is the position of the last record that was read."""

    def __init__(self, client: DynamoDBStreamsClient, arn: str) -> None:
        self._client = client
        self._arn = arn

    def read(self, shard: str, first: str, last: str, cursor: str | None = None) -> StreamPage:
        try:
            found = self._client.get_shard_iterator(
                StreamArn=self._arn,
                ShardId=shard,
                ShardIteratorType="AFTER_SEQUENCE_NUMBER" if cursor else "AT_SEQUENCE_NUMBER",
                SequenceNumber=cursor or first,
            )
            answer: Any = self._client.get_records(ShardIterator=found["ShardIterator"], Limit=PAGE)
        except ClientError as refused:
            if refused.response.get("Error", {}).get("Code") in _GONE:
                raise StreamGone from refused
            raise
        records = answer["Records"]
        within = [one for one in records if int(one["dynamodb"]["SequenceNumber"]) <= int(last)]
        changes = [_change(one["eventName"], one["dynamodb"]) for one in within]
        more = bool(within) and len(within) == len(records) and within[-1]["dynamodb"]["SequenceNumber"] != last
        return StreamPage(changes, within[-1]["dynamodb"]["SequenceNumber"] if more else None)


def _change(name: str, record: Any) -> StreamChange:
    """Of events their key is enough; who folds them reads the log."""
    keys = read_item(record["Keys"])
    whole = keys["sk"] == "customer"
    new, old = ((record.get(image) if whole else None) for image in ("NewImage", "OldImage"))
    return StreamChange(
        name,
        keys["pk"],
        keys["sk"],
        None if new is None else write_item(read_item(new)),
        None if old is None else write_item(read_item(old)),
    )
