"""Dead letters on SQS: looking at them, putting them back, deleting them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.adapters.dynamo import Client
from shared.ports import Throttled
from shared.ports.dead_letters import Held

AT_ONCE = 10
"""SQS gives and takes at most so many in a request."""
HIDDEN_SECONDS = 60
WAIT_SECONDS = 1
"""Long polling: every server of SQS is asked. A short poll may say that a queue is empty that is not."""
_COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
_TOLD = ("SentTimestamp", "ApproximateReceiveCount")


class SqsLetterQueue:
    """``LetterQueue`` on SQS."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url

    def waiting(self) -> int:
        answer = self._call("GetQueueAttributes", AttributeNames=list(_COUNTS))
        return sum(int(answer["Attributes"].get(name, 0)) for name in _COUNTS)

    def receive(self, most: int) -> list[Held]:
        answer = self._call(
            "ReceiveMessage",
            MaxNumberOfMessages=max(1, min(most, AT_ONCE)),
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=WAIT_SECONDS,
            AttributeNames=list(_TOLD),
        )
        return [
            Held(
                id=message["MessageId"],
                body=message["Body"],
                queued_ms=int(message["Attributes"]["SentTimestamp"]),
                receives=int(message["Attributes"]["ApproximateReceiveCount"]),
                handle=message["ReceiptHandle"],
            )
            for message in answer.get("Messages") or ()
        ]

    def put_back(self, letters: Sequence[Held]) -> None:
        for entries in _batches(letters):
            self._call("ChangeMessageVisibilityBatch", Entries=[one | {"VisibilityTimeout": 0} for one in entries])

    def delete(self, letters: Sequence[Held]) -> None:
        """Raises Throttled if SQS keeps one of them: its work is done, and doing it again is harmless."""
        for entries in _batches(letters):
            if self._call("DeleteMessageBatch", Entries=entries).get("Failed"):
                raise Throttled("the queue did not delete everything")

    def _call(self, operation: str, **request: Any) -> dict[str, Any]:
        return dict(self._client.call(operation, {"QueueUrl": self._url, **request}))


def _batches(letters: Sequence[Held]) -> list[list[dict[str, Any]]]:
    entries = [{"Id": str(place), "ReceiptHandle": letter.handle} for place, letter in enumerate(letters)]
    return [entries[start : start + AT_ONCE] for start in range(0, len(entries), AT_ONCE)]
