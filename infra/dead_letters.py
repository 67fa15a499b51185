"""Every queue in which failures wait, and what ``admin``, the console and ``privacy`` may do with them."""

from aws_cdk import Stack
from aws_cdk import aws_sqs as sqs

from infra.functions import Functions
from infra.queues import ChannelQueues, WorkQueues
from infra.streams import Streams
from infra.tables import Tables

LOOK = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes")
NAMING = ("support-work", "mail-work", "iys-work", "feedback-work")
"""Queues whose letters may hold an address in plain form; those of the others hold digests."""


def dead_letter_queues(
    functions: Functions, queues: ChannelQueues, work: WorkQueues, streams: Streams
) -> dict[str, sqs.Queue]:
    """The queues by the names under which operators see them (shared/domain/deadletters/letter.py)."""
    return {
        **queues.dead,
        **{f"{name}-work": queue for name, queue in work.dead.items()},
        **{one.spec.name: one.failures for one in functions.all() if one.failures is not None},
        **{f"{name}-undelivered": queue for name, queue in streams.undelivered.items()},
    }


def grant_dead_letters(
    stack: Stack, *, functions: Functions, queues: ChannelQueues, work: WorkQueues, streams: Streams, tables: Tables
) -> None:
    """Let ``admin`` look at dead letters and hand their work out again, and tell it where they are. The console counts
    them and sees none: a letter may name a person. ``privacy`` deletes those that name who is erased."""
    admin = functions["admin"]
    letters = dead_letter_queues(functions, queues, work, streams)
    targets = {**queues.by_channel, **{f"{name}-work": queue for name, queue in work.by_name.items()}}
    admin.allow(*LOOK, on=[queue.queue_arn for queue in letters.values()])
    privacy = functions["privacy-on-queue"]
    naming = [letters[name] for name in NAMING]
    privacy.allow(*LOOK, on=[queue.queue_arn for queue in naming])
    privacy.set("KERVAN_NAMING_LETTERS", " ".join(queue.queue_url for queue in naming))
    admin.allow("sqs:SendMessage", on=[queue.queue_arn for queue in targets.values()])
    stream = tables.customers.table_stream_arn
    if stream is None:
        raise ValueError("the table customers has no stream")
    admin.allow("dynamodb:GetShardIterator", "dynamodb:GetRecords", on=[stream])
    found = {
        "letters": {name: queue.queue_url for name, queue in letters.items()},
        "targets": {name: queue.queue_url for name, queue in targets.items()},
        "stream": stream,
    }
    admin.set("KERVAN_DEAD_LETTERS", stack.to_json_string(found))
    console = functions["console"]
    console.allow("sqs:GetQueueAttributes", on=[queue.queue_arn for queue in letters.values()])
    console.set("KERVAN_DEAD_LETTERS", stack.to_json_string({"letters": found["letters"]}))
