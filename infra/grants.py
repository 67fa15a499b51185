"""Who may do what, in one table per resource: the rule "one writer per item" (design 3) as far as IAM can say it."""

from infra.functions import Functions
from infra.queues import ChannelQueues
from infra.tables import Tables

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
PUT = ("dynamodb:PutItem", "dynamodb:BatchWriteItem")
DELETE = ("dynamodb:DeleteItem",)

_SEGMENT = {
    "customers": (*READ, *PUT, *DELETE),
    "timers": (*READ, *PUT, *DELETE),
    "catalog": READ,
}
_SCHEDULE = {
    "customers": (*READ, *PUT),
    "timers": (*READ, *PUT, *DELETE),
    "messages": (*READ, *PUT),  # a step that is skipped as stale is recorded with its reason
    "catalog": READ,
}
_NOTIFY = {
    "customers": (*READ, *PUT),  # reservations of sends
    "timers": (*READ, *PUT),  # deferrals and looking for a reaction
    "messages": (*READ, *PUT),
    "catalog": READ,
}

# function -> table -> what it does there
TABLE_RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "ingest-api": {
        "customers": (*READ, *PUT),  # reads serve GET /v1/customers; taking events reads nothing
        "messages": READ,
        "catalog": READ,
    },
    "ingest-feedback": {
        "customers": PUT,
        "messages": (*READ, *PUT),  # feedback may settle CALLING or UNKNOWN as SENT (design 7)
        "catalog": READ,
    },
    "segment-on-events": _SEGMENT,
    "segment-on-due": _SEGMENT,
    "schedule-on-customer": _SCHEDULE,
    "schedule-on-due": _SCHEDULE,
    "notify-email": _NOTIFY,
    "notify-sms": _NOTIFY,
    "notify-push": _NOTIFY,
}


def grant_tables(functions: Functions, tables: Tables) -> None:
    """Give each function its rights on tables and their indexes, and tell it the tables' names."""
    for function in functions.all():
        for table, actions in TABLE_RIGHTS[function.spec.name].items():
            tables.by_name[table].grant(function.role, *actions)
        for name, resource in tables.by_name.items():
            function.set(f"KERVAN_{name.upper()}", resource.table_name)


def grant_queues(functions: Functions, queues: ChannelQueues) -> None:
    """Let schedule hand messages over, and notify fall back to another channel; reading comes with the event source."""
    for function in functions.of("schedule", "notify"):
        for channel, queue in queues.by_channel.items():
            queue.grant_send_messages(function.role)
            function.set(f"KERVAN_QUEUE_{channel.upper()}", queue.queue_url)
