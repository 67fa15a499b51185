"""What DynamoDB left of a batch is sent again, and a throttle has one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from shared.adapters.aws_errors import AwsRefused
from shared.adapters.dynamo import ATTEMPTS, DynamoTable
from shared.ports import Item, Throttled

pytestmark = pytest.mark.contract


class Stingy:
    """A client that leaves all but the first of each batch undone, as often as told."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.sizes: list[int] = []
        self.done: list[Any] = []

    def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        if operation == "BatchWriteItem":
            return {"UnprocessedItems": self._some(request["RequestItems"]["t"], lambda rest: {"t": rest})}
        assert operation == "BatchGetItem"
        before = len(self.done)
        left = self._some(request["RequestItems"]["t"]["Keys"], lambda rest: {"t": {"Keys": rest}})
        return {"Responses": {"t": self.done[before:]}, "UnprocessedKeys": left}

    def _some(self, rows: list[Any], wrapped: Any) -> Any:
        self.sizes.append(len(rows))
        self.left -= 1
        taken = 1 if self.left >= 0 else len(rows)
        self.done += rows[:taken]
        return wrapped(rows[taken:]) if rows[taken:] else {}


def stingy(times: int) -> tuple[Stingy, DynamoTable, list[float]]:
    client = Stingy(times)
    naps: list[float] = []
    return client, DynamoTable(client, "t", sleep=naps.append), naps


def test_what_a_batch_left_is_sent_again() -> None:
    """Unprocessed items and keys are tried again, only those, after a pause that grows."""
    items: list[Item] = [{"pk": "p", "sk": str(place)} for place in range(5)]
    client, table, naps = stingy(2)
    table.put_many(items)
    assert client.sizes == [5, 4, 3]
    assert len(client.done) == 5
    assert 0 < naps[0] <= 0.05 < naps[1] * 1.3
    client, table, naps = stingy(2)
    table.delete_many([("p", str(place)) for place in range(5)])
    assert client.sizes == [5, 4, 3]
    client, table, naps = stingy(2)
    assert sorted(item["sk"] for item in table.get_many([("p", str(place)) for place in range(5)])) == list("01234")
    assert client.sizes == [5, 4, 3]


def test_a_batch_that_stays_undone_is_throttled() -> None:
    """After the last try the caller hears Throttled: nothing says that all is durable."""
    client, table, naps = stingy(99)
    with pytest.raises(Throttled):
        table.put_many([{"pk": "p", "sk": str(place)} for place in range(25)])
    assert len(client.sizes) == len(naps) == ATTEMPTS
    client, table, naps = stingy(99)
    with pytest.raises(Throttled):
        table.get_many([("p", str(place)) for place in range(25)])
    assert len(client.sizes) == ATTEMPTS


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ThrottlingException"])
def test_a_throttle_has_one_name(code: str) -> None:
    """Whatever DynamoDB calls it, the port says Throttled."""

    class Busy:
        def call(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
            raise AwsRefused(operation, code, 400)

    with pytest.raises(Throttled):
        DynamoTable(Busy(), "t").get("p", "s")
