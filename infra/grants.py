"""Who may do what, in one table per resource: the rule "one writer per item" (design 3) as far as IAM can say it."""

from infra.functions import Functions
from infra.queues import ChannelQueues
from infra.tables import Tables

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
WRITE = (
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
)
APPEND = ("dynamodb:PutItem", "dynamodb:BatchWriteItem")
COUNT = ("dynamodb:UpdateItem",)

# function group -> table -> what it does there
TABLE_RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "ingest": {
        "customers": (*READ, *APPEND),  # reads serve GET /v1/customers; taking events reads nothing
        "messages": (*READ, *COUNT),  # feedback may settle CALLING or UNKNOWN as SENT (design 7)
        "catalog": READ,
        "metrics": (*READ, *COUNT),
    },
    "segment": {
        "customers": (*READ, *WRITE),
        "timers": (*READ, *WRITE),
        "catalog": READ,
        "metrics": COUNT,
    },
    "schedule": {
        "customers": (*READ, *WRITE),
        "timers": (*READ, *WRITE),
        "messages": READ,
        "catalog": READ,
        "metrics": COUNT,
    },
    "notify": {
        "customers": (*READ, *WRITE),
        "timers": (*READ, *WRITE),
        "messages": (*READ, *WRITE),
        "catalog": READ,
        "metrics": COUNT,
    },
}


def grant_tables(functions: Functions, tables: Tables) -> None:
    """Give each function its rights on tables and their indexes, and tell it the tables' names."""
    for group, rights in TABLE_RIGHTS.items():
        for function in functions.of(group):
            for table, actions in rights.items():
                tables.by_name[table].grant(function.role, *actions)
    for function in functions.all():
        for name, resource in tables.by_name.items():
            function.set(f"KERVAN_{name.upper()}", resource.table_name)


def grant_queues(functions: Functions, queues: ChannelQueues) -> None:
    """Let schedule hand messages over, and notify fall back to another channel; reading comes with the event source."""
    for function in functions.of("schedule", "notify"):
        for channel, queue in queues.by_channel.items():
            queue.grant_send_messages(function.role)
            function.set(f"KERVAN_QUEUE_{channel.upper()}", queue.queue_url)
