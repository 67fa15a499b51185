"""Two readers of the customers stream, each woken only by the changes that concern it."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import DynamoEventSource, SqsDlq
from constructs import Construct

from infra.function import KervanFunction
from infra.functions import Functions
from infra.queues import waiting_queue
from infra.settings import Settings
from infra.tables import Tables

RETRIES = 100
"""A function that meets an error outside its records waits before it gives them back (``stream_pause``): so many tries
outlive an outage of an hour. A batch that kills the function is given up after as many, at most two hours."""
MAX_AGE = Duration.hours(6)  # well inside the stream's 24 hours, so that nothing is lost without a trace

# A retry of an event overwrites itself and is a MODIFY: only an INSERT is news (docs/architecture.md).
NEW_EVENTS = lambda_.FilterCriteria.filter(
    {
        "eventName": lambda_.FilterRule.is_equal("INSERT"),
        "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("t#")}}},
    }
)
CHANGED_CUSTOMERS = lambda_.FilterCriteria.filter(
    {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.is_equal("customer")}}},
    }
)
# With a lake, enrollments too: what becomes of them is handed on by this reader (docs/lake.md).
CHANGED_CUSTOMERS_AND_ENROLLMENTS = lambda_.FilterCriteria.filter(
    {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"Keys": {"sk": {"S": ["customer", {"prefix": "enrollment#"}]}}},
    }
)
DECIDED_MESSAGES = lambda_.FilterCriteria.filter(
    {
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {
            "Keys": {"sk": {"S": ["message"]}},
            "NewImage": {"state": {"S": ["sent", "failed", "unknown", "skipped", "deferred"]}},
        },
    }
)
OUTCOME_BATCH = 1_000
OUTCOME_RETRIES = 10_000  # AWS's most: until the record leaves the stream, after a day
OUTCOME_SECONDS = Duration.seconds(60)
"""How long outcomes may wait to be handed on together: no report is that fresh."""


class Streams(Construct):
    """Connects segment and schedule to the customers stream.

    A record that fails is caught and queued by the function itself. What is set here is for a batch that kills the
    function: halved until the culprit is alone, tried a few times, then told to the queue `-undelivered`.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, tables: Tables, functions: Functions
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self._tables = tables
        self.undelivered = {
            name: self._read(functions[name], criteria)
            for name, criteria in {
                "segment-on-events": NEW_EVENTS,
                "schedule-on-customer": CHANGED_CUSTOMERS_AND_ENROLLMENTS if settings.lake else CHANGED_CUSTOMERS,
            }.items()
        }
        if settings.lake:
            self._read_messages(functions["measure-on-message"])

    def _read(self, reader: KervanFunction, criteria: Mapping[str, Any]) -> sqs.Queue:
        undelivered = waiting_queue(
            self,
            f"{reader.spec.construct_id}Undelivered",
            f"{self._settings.prefix}-{reader.spec.name}-undelivered",
            settings=self._settings,
        )
        reader.invoked.add_event_source(
            DynamoEventSource(
                self._tables.customers,
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=self._settings.stream_batch,
                max_batching_window=Duration.seconds(self._settings.batching_seconds),
                parallelization_factor=self._settings.concurrency.stream,
                filters=[criteria],
                bisect_batch_on_error=True,
                retry_attempts=RETRIES,
                max_record_age=MAX_AGE,
                report_batch_item_failures=True,
                on_failure=SqsDlq(undelivered),
            )
        )
        return undelivered

    def _read_messages(self, reader: KervanFunction) -> None:
        """Tried again for as long as AWS keeps the records: it decides nothing, so nothing waits behind it, and what it
        gave up could be told anew (`kervan lake rebuild`). So it has no queue of what was not delivered."""
        reader.invoked.add_event_source(
            DynamoEventSource(
                self._tables.by_name["messages"],
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=OUTCOME_BATCH,
                max_batching_window=Duration.seconds(0) if self._settings.local else OUTCOME_SECONDS,
                filters=[DECIDED_MESSAGES],
                bisect_batch_on_error=True,
                report_batch_item_failures=True,
                retry_attempts=OUTCOME_RETRIES,
            )
        )
