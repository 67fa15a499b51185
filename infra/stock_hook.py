"""The webhook ``stock.changed``: who reads the stream of the table stock, who calls the address, and their secret."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from infra.functions import Functions
from infra.queues import WorkQueues
from infra.settings import Settings
from infra.tables import Tables, removal_policy

CHANGED_LEVELS = lambda_.FilterCriteria.filter(
    {"dynamodb": {"Keys": {"sk": {"S": lambda_.FilterRule.begins_with("level#")}}}}
)
BATCH, RETRIES = 1_000, 10_000
"""AWS's most retries: until the record leaves the stream, after a day."""
GATHERING = Duration.seconds(1)
"""How long changes may wait to be told together."""
SECRET_LENGTH = 64
"""Letters and digits: base64 of 48 bytes."""


class StockHook(Construct):
    """Connects the stream of ``stock`` with the webhook's queue, and its reader with the address and the secret."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        tables: Tables,
        functions: Functions,
        work: WorkQueues,
    ) -> None:
        super().__init__(scope, construct_id)
        finder, teller = functions["stock-on-level"], functions["stock-on-hook"]
        finder.function.add_event_source(
            DynamoEventSource(
                tables.by_name["stock"],
                starting_position=lambda_.StartingPosition.TRIM_HORIZON,
                batch_size=BATCH,
                max_batching_window=GATHERING,
                parallelization_factor=1,
                retry_attempts=RETRIES,
                report_batch_item_failures=True,
                filters=[CHANGED_LEVELS],
            )
        )
        queue = work.by_name["hook"]
        finder.may_send_to(queue)
        for function in (finder, teller):
            function.set("KERVAN_HOOK_QUEUE", queue.queue_url)
        secret = secretsmanager.Secret(
            self,
            "Secret",
            secret_name=f"{settings.prefix}-stock-webhook",
            description="What the receiver of stock.changed knows its requests by",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=SECRET_LENGTH, exclude_punctuation=True
            ),
            removal_policy=removal_policy(settings),
        )
        teller.allow("secretsmanager:GetSecretValue", on=[secret.secret_arn])
        teller.set("KERVAN_HOOK_SECRET", secret.secret_arn)
        teller.set("KERVAN_STOCK_WEBHOOK", settings.stock_webhook)
