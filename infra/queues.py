"""Queues: one per channel with its dead letters, and the places where failures wait for `redrive`."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings

CHANNELS = ("email", "sms", "push")
NOTIFY_TIMEOUT = Duration.seconds(30)
MAX_RECEIVES = 5
FAILURES_KEPT = Duration.days(14)  # SQS's longest


class ChannelQueues(Construct):
    """A queue of messages to send per channel, each with its dead-letter queue.

    Visibility is six times the sender's timeout (AWS's rule for Lambda), so that a message is not handed out a second
    time while its first reader may still work.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.dead = {
            channel: waiting_queue(
                self, f"{channel.capitalize()}Dead", f"{settings.prefix}-{channel}-dead", settings=settings
            )
            for channel in CHANNELS
        }
        self.by_channel = {
            channel: sqs.Queue(
                self,
                channel.capitalize(),
                queue_name=f"{settings.prefix}-{channel}",
                visibility_timeout=Duration.seconds(6 * NOTIFY_TIMEOUT.to_seconds()),
                retention_period=Duration.days(4),
                encryption=sqs.QueueEncryption.SQS_MANAGED,
                enforce_ssl=settings.protect,
                dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead[channel], max_receive_count=MAX_RECEIVES),
            )
            for channel in CHANNELS
        }


def waiting_queue(scope: Construct, construct_id: str, name: str, *, settings: Settings) -> sqs.Queue:
    """Make a queue in which failures wait, as long as SQS permits, until somebody looks."""
    return sqs.Queue(
        scope,
        construct_id,
        queue_name=name,
        retention_period=FAILURES_KEPT,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=settings.protect,
    )
