"""Queues: one per channel and one per kind of work, each with its dead letters; and where failures wait."""

from math import ceil

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.settings import Settings

CHANNELS = ("email", "sms", "push", "social")
"""Whose messages are queued; `social` are answers on WhatsApp, Instagram and Messenger."""
NOTIFY_TIMEOUT = Duration.seconds(30)
WORK_TIMEOUTS = {
    "segment": Duration.minutes(2), "schedule": Duration.minutes(1), "privacy": Duration.minutes(5),
    "measure": Duration.minutes(1), "stock": Duration.minutes(1), "support": Duration.minutes(1),
    "mail": Duration.minutes(2), "hook": Duration.seconds(30), "due-hook": Duration.seconds(30),
    "simulation": Duration.minutes(5),
    "iys": Duration.minutes(1), "audiences": Duration.minutes(5), "feedback": Duration.seconds(30),
}  # fmt: skip
"""Whose work is queued, and how long the function on the queue, ``reader_of``, may take."""
WORK_BATCH = {
    "segment": 1,
    "schedule": 2,
    "privacy": 1,
    "measure": 10,
    "stock": 1,
    "support": 10,
    "mail": 1,
    "hook": 1,
    "due-hook": 1,
    "simulation": 1,
    "iys": 5,
    "audiences": 5,
    "feedback": 10,
}
"""Messages in one call: a shard of the customers, two dozen timers each, the erasure of a person, rows of the lake
that Firehose did not take, a hundred people who are told, messages of customers, one mail, which may be 40 MB,
a request of the webhook, a dry run, up to fifty people whose consents changed, or who entered or left, or one report
of a provider."""
PATIENCE = 6
"""A message is hidden for so many timeouts of its reader (AWS's rule for Lambda), so that it is not handed out a second
time while its first reader may still work."""


def reader_of(work: str) -> str:
    """The function that reads a queue of work."""
    other = {
        "mail": "support-on-mail", "hook": "stock-on-hook", "due-hook": "service-on-hook",
        "feedback": "ingest-feedback",
    }  # fmt: skip
    return other.get(work, f"{work}-on-queue")


DELIVERED_AFTER = {"iys-work": Duration.seconds(10), "audiences-work": Duration.seconds(10)}
"""An event and the statement of consent beside it are no transaction: the second may be written a moment later. So it
is with who enters or leaves a segment."""
MAX_RECEIVES = {"measure-work": 900, "hook-work": 30, "due-hook-work": 30}
"""Attempts before a message is a dead letter, where an outage of an hour is not the measure: rows of the lake wait as
long as the queue keeps them, whatever the outage; the shop's system may be down for six hours."""
OUTLIVED = Duration.minutes(75)
"""An outage of an hour must not make dead letters: a message is offered again for at least so long."""
FEW_RECEIVES = 5
"""At least so many attempts, however long a message is hidden between them."""
FAILURES_KEPT = Duration.days(14)  # SQS's longest


class ChannelQueues(Construct):
    """A queue of messages to send per channel, each with its dead-letter queue."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        made = {channel: _with_dead_letters(self, channel, NOTIFY_TIMEOUT, settings=settings) for channel in CHANNELS}
        self.by_channel = {channel: queue for channel, (queue, _dead) in made.items()}
        self.dead = {channel: dead for channel, (_queue, dead) in made.items()}


class WorkQueues(Construct):
    """A queue of work that is cut into pieces: shards of a backfill for segment, packed timers for schedule; and rows
    for the lake, where there is one."""

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        made = {
            name: _with_dead_letters(self, f"{name}-work", timeout, settings=settings)
            for name, timeout in WORK_TIMEOUTS.items()
            if _is_made(name, settings)
        }
        self.by_name = {name: queue for name, (queue, _dead) in made.items()}
        self.dead = {name: dead for name, (_queue, dead) in made.items()}


def _is_made(work: str, settings: Settings) -> bool:
    """Whether the stage has this kind of work."""
    hooks = {"hook": bool(settings.stock_webhook), "due-hook": bool(settings.conversation_webhook)}
    return {"measure": settings.lake, **hooks}.get(work, True)


def _with_dead_letters(
    scope: Construct, name: str, reader_timeout: Duration, *, settings: Settings
) -> tuple[sqs.Queue, sqs.Queue]:
    hidden = Duration.seconds(PATIENCE * reader_timeout.to_seconds())
    construct_id = "".join(part.capitalize() for part in name.split("-"))
    dead = waiting_queue(scope, f"{construct_id}Dead", f"{settings.prefix}-{name}-dead", settings=settings)
    queue = sqs.Queue(
        scope,
        construct_id,
        queue_name=f"{settings.prefix}-{name}",
        visibility_timeout=hidden,
        retention_period=Duration.days(4),
        delivery_delay=None if settings.local else DELIVERED_AFTER.get(name),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=settings.protect,
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=_receives(name, hidden)),
    )
    return queue, dead


def _receives(name: str, hidden: Duration) -> int:
    """How often a message is offered before it is a dead letter; ``hidden``: the time between two attempts."""
    return MAX_RECEIVES.get(name) or max(FEW_RECEIVES, ceil(OUTLIVED.to_seconds() / hidden.to_seconds()))


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
