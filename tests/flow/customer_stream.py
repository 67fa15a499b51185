"""The stream of `customers` on moto, read as the event source mappings read it."""

from __future__ import annotations

from typing import Any, Literal

from tests.support.moto_wire import boto3_client


class CustomerStream:
    """From the first record on, until ``forget``."""

    def __init__(self, dynamo: Any) -> None:
        self._arn = dynamo.describe_table(TableName="customers")["Table"]["LatestStreamArn"]
        self._streams = boto3_client("dynamodbstreams")
        self._iterators = self._from("TRIM_HORIZON")

    def forget(self) -> None:
        """What was written until now was read already."""
        self._iterators = self._from("LATEST")

    def read(self) -> list[list[Any]]:
        """What each shard has now, at most 100 records of each."""
        found = []
        for place, iterator in enumerate(self._iterators):
            answer = self._streams.get_records(ShardIterator=iterator, Limit=100)
            self._iterators[place] = answer["NextShardIterator"]
            found.append(answer["Records"])
        return found

    def _from(self, position: Literal["LATEST", "TRIM_HORIZON"]) -> list[str]:
        shards = self._streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        return [
            self._streams.get_shard_iterator(StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType=position)[
                "ShardIterator"
            ]
            for shard in shards
        ]
