"""The webhooks ``stock.changed`` and ``conversation.due``: who finds what is told, and who calls."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.aws_lambda_event_sources import DynamoEventSource
from constructs import Construct

from infra.function import KervanFunction
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
        finder.invoked.add_event_source(
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
        _tell(self, teller, settings, "stock", settings.stock_webhook)


class DueHook(Construct):
    """Connects the minute's function of conversations with the webhook's queue, and its reader with the address."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, functions: Functions, work: WorkQueues
    ) -> None:
        super().__init__(scope, construct_id)
        finder, teller, queue = functions["support-on-due"], functions["service-on-hook"], work.by_name["due-hook"]
        finder.may_send_to(queue)
        finder.set("KERVAN_DUE_HOOK_QUEUE", queue.queue_url)
        teller.set("KERVAN_HOOK_QUEUE", queue.queue_url)
        _tell(self, teller, settings, "conversation", settings.conversation_webhook)


def _tell(scope: Construct, teller: KervanFunction, settings: Settings, subject: str, address: str) -> None:
    """The address, and a secret that both sides know: only the function that calls may read it."""
    secret = secretsmanager.Secret(
        scope,
        "Secret",
        secret_name=f"{settings.prefix}-{subject}-webhook",
        description=f"What the receiver of the webhook of {subject} knows its requests by",
        generate_secret_string=secretsmanager.SecretStringGenerator(
            password_length=SECRET_LENGTH, exclude_punctuation=True
        ),
        removal_policy=removal_policy(settings),
    )
    teller.allow("secretsmanager:GetSecretValue", on=[secret.secret_arn])
    teller.set("KERVAN_HOOK_SECRET", secret.secret_arn)
    teller.set(f"KERVAN_{subject.upper()}_WEBHOOK", address)
