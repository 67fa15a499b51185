"""Who may do what, in one table per resource: the rule "one writer per item" as far as IAM can say it."""

from aws_cdk import aws_iam as iam

from infra.functions import Functions
from infra.queues import ChannelQueues, WorkQueues
from infra.tables import Tables

READ = ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query")
PUT = ("dynamodb:PutItem", "dynamodb:BatchWriteItem")
UPDATE = ("dynamodb:UpdateItem",)
DELETE = ("dynamodb:DeleteItem",)
ANSWERED_BY_QUEUE = ("email", "sms", "push", "social")
"""Queues whose answers notify sends (functions/support/settings.py)."""
OF_JOURNEYS = ("email", "sms", "push")
"""Channels that journeys and campaigns send by."""

_SEGMENT = {
    "customers": (*READ, *PUT, *DELETE),
    "timers": (*READ, *PUT, *DELETE),
    "catalog": READ,
    "interests": ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),  # who cares about a product
}
_ARMING = {**_SEGMENT, "timers": PUT}  # what is due is taken by segment-on-due
_SCHEDULE = {
    "customers": (*READ, *PUT),
    "timers": (*READ, *PUT, *DELETE),
    "messages": (*READ, *PUT),  # a step that is skipped as stale is recorded with its reason
    "catalog": READ,
}
_NOTIFY = {
    "customers": (*READ, *PUT),  # reservations of sends
    "timers": PUT,  # deferrals and looking for a reaction
    "messages": (*READ, *PUT, *DELETE),  # a code that is given leaves the free ones
    "catalog": READ,
    "products": ("dynamodb:BatchGetItem", "dynamodb:Query"),  # what a message shows, and whether there is a catalogue
    "conversations": ("dynamodb:GetItem", "dynamodb:BatchGetItem"),  # what an agent answers, and was shown beside it
    "iys": ("dynamodb:GetItem",),  # whether the register of consent approves
}
_IYS = {
    "customers": (*READ, *PUT),  # what people said at the register becomes statements and events
    "catalog": READ,
    "iys": (*READ, *PUT, *DELETE),
}
_AUDIENCES = {
    "customers": READ,
    "catalog": READ,
    "audiences": (*READ, *PUT, *DELETE),
}
_ANSWERS = {
    "customers": READ,  # what an address refused
    "messages": (*READ, *PUT),
    "catalog": READ,
    "conversations": ("dynamodb:GetItem", "dynamodb:BatchGetItem"),
}
_SUPPORT = {
    "conversations": (*READ, *PUT),
    "customers": (*READ, *PUT),  # whose they are; events about them
    "catalog": READ,
}
_CASES = ("erasures", "cases", "case")  # requests of people, and what is done about them
TELLING_IYS = ("segment-on-events", "segment-on-queue", "ingest-api", "privacy-on-queue", "admin")
"""Whose consents changed; what the register pushed; who was erased; its file, and what is to be tried again."""
TELLING_AUDIENCES = ("segment-on-events", "segment-on-due", "segment-on-queue", "privacy-on-queue")
"""Who entered or left a segment, whose consents changed; who was erased."""
_NOTIFY_WRITES = ("campaign", "provider")  # counts of outcomes; the breaker of a channel's provider

# function -> table -> what it does there
TABLE_RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "ingest-api": {
        "customers": (*READ, *PUT),  # reads serve the cart and refusals; taking events reads nothing
        "messages": READ,  # whose message a link or an open is of
        "catalog": READ,
        "metrics": (*UPDATE, "dynamodb:Query"),  # counters per source; the day so far, for quotas
    },
    "admin": {
        "customers": (*READ, *PUT),  # release and relink are events
        "timers": (*READ, *PUT),  # who waits where; the start of a campaign and its tests
        "messages": READ,
        "catalog": READ,
        "metrics": ("dynamodb:Query",),
        "conversations": READ,
        "iys": READ,
        "audiences": READ,
    },
    "console": {
        "customers": (*READ, *PUT),  # release and relink are events
        "timers": (*READ, *PUT),  # what follows an answer, and snoozed conversations
        "messages": READ,
        "catalog": READ,
        "conversations": (*READ, *PUT),  # what agents do; the same code as behind the API
        "stock": (*READ, *PUT),  # pick-ups are handed out
        "products": READ,
        "metrics": ("dynamodb:Query",),  # warnings of sources, and what comes back of messages
        "iys": READ,
        "audiences": READ,
    },
    "ingest-feedback": {
        "customers": (*READ, *PUT),  # reads the bounces of an address, and what was said of it or a number
        "messages": (*READ, *PUT),  # feedback may settle CALLING or UNKNOWN as SENT (docs/messages.md)
        "catalog": READ,
        "metrics": ("dynamodb:Query", *UPDATE),  # bounces and complaints by the hour
    },
    "segment-on-events": {**_ARMING, "metrics": UPDATE},  # events that could not be processed, per source
    "segment-on-due": _SEGMENT,
    "segment-on-queue": _ARMING,
    "segment-audit": {"customers": READ, "catalog": READ},
    "privacy-on-queue": {
        "customers": (*READ, *PUT, *DELETE),  # marks, and what is left of a shared identifier
        "messages": (*READ, *DELETE, "dynamodb:BatchWriteItem"),
        "iys": READ,  # what the register approved, for a copy
        "catalog": READ,
        "stock": READ,
        "interests": ("dynamodb:BatchGetItem", "dynamodb:BatchWriteItem"),
        "conversations": (*READ, *PUT, *DELETE),  # and what is left of a shared identifier
    },
    "schedule-on-customer": {**_SCHEDULE, "timers": PUT},
    "schedule-on-due": _SCHEDULE,
    "schedule-on-queue": _SCHEDULE,
    "stock-api": {
        "stock": (*READ, *PUT),
        "products": (*READ, *PUT),
        "timers": PUT,
        "catalog": READ,
        "customers": PUT,  # events of pick-ups and returns; whose they are is not read
    },
    "stock-on-due": {
        "stock": (*READ, *PUT),
        "timers": (*READ, *PUT, *DELETE),
        "catalog": READ,
        "customers": PUT,
        "products": ("dynamodb:BatchGetItem",),
        "interests": ("dynamodb:GetItem", "dynamodb:PutItem"),
    },
    "stock-on-queue": {
        "stock": (*READ, *PUT),  # how many pieces are left; counts of connected shops
        "products": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"),
        "timers": PUT,  # what a count or a price may have to announce
        "catalog": ("dynamodb:GetItem", "dynamodb:Query"),
        "customers": (*READ, *PUT),  # who they are, and one event each
        "interests": (*READ, "dynamodb:PutItem"),
    },
    "stock-on-feed": {
        "products": ("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"),
        "timers": PUT,  # prices that drop are looked at again
        "catalog": READ,
    },
    "stock-audit": {"stock": READ},
    "stock-on-level": {},  # what it tells stands in the stream
    "stock-on-hook": {},
    "service-on-hook": {},
    "support-api": {**_SUPPORT, "conversations": (*READ, *PUT, *UPDATE), "timers": PUT},  # counters of chats
    # counters of auto-answers; what follows an answer, and when one is due
    "support-on-queue": {**_SUPPORT, "conversations": (*READ, *PUT, *UPDATE), "timers": PUT},
    "support-on-mail": {**_SUPPORT, "conversations": (*READ, *PUT, *UPDATE), "timers": PUT},
    "support-on-due": {  # counters of mails to teams, and the note of one that was not taken
        **_SUPPORT,
        "conversations": (*READ, *PUT, *UPDATE, "dynamodb:DeleteItem"),
        "timers": (*READ, *PUT, *DELETE),
    },
    "simulation-on-queue": {"customers": READ, "messages": READ, "catalog": READ},  # all else is in memory
    "iys-on-queue": _IYS,
    "iys-on-due": _IYS,
    "audiences-on-queue": _AUDIENCES,
    "notify-email": _NOTIFY,
    "notify-sms": _NOTIFY,
    "notify-push": _NOTIFY,
    "notify-social": _ANSWERS,
    "measure-on-message": {},  # what it tells stands in the stream
    "measure-on-queue": {},
    "measure-compact": {},
    "measure-report": {},
    "measure-digest": {"catalog": READ},
    "measure-predict": {"customers": (*READ, *PUT), "catalog": READ},  # an event for each customer
}

# function -> what its partitions in the catalog begin with: nobody but who publishes writes releases or keys
CATALOG_WRITES: dict[str, tuple[str, ...]] = {
    "ingest-api": _CASES,  # what people ask for by themselves
    # scheduling, switches; what was taken back of withdrawals
    "admin": ("campaigns", "campaign", "controls", "provider", "changes", *_CASES),
    # who changed what; switches; channels that go on; drafts and what is published of them; campaigns and their tests
    # dry runs that are asked for; requests of people
    "console": ("changes", "controls", "provider", "drafts", "release", "campaigns", "campaign", "dryruns", *_CASES),
    "simulation-on-queue": ("dryruns",),
    "privacy-on-queue": (*_CASES, "retention"),
    "stock-on-feed": ("feed",),  # what became of a pull, and what the feed held
    "measure-digest": ("digest",),
    # too many bounces or complaints stop marketing, or the campaign that they are about
    "ingest-feedback": ("provider", "campaigns", "campaign"),
    "segment-on-due": ("backfill",),
    "segment-on-queue": ("backfill",),
    "segment-audit": ("audit",),
    "schedule-on-customer": ("together",),
    "schedule-on-due": ("campaign",),
    "schedule-on-queue": ("campaign",),
    "notify-email": _NOTIFY_WRITES,
    "notify-sms": _NOTIFY_WRITES,
    "notify-push": _NOTIFY_WRITES,
    "notify-social": ("provider",),
}

# function -> partitions of the catalog from which it takes items away: handed over groups of a campaign, drafts
CATALOG_DELETES: dict[str, tuple[str, ...]] = {
    "console": ("drafts",),
    "schedule-on-due": ("campaign",),
    "schedule-on-queue": ("campaign",),
}

# the same for messages: codes that somebody imports, first opens and clicks; what was sent, only notify and feedback
# write
MESSAGE_WRITES: dict[str, tuple[str, ...]] = {"admin": ("coupon",), "ingest-api": ("reaction", "signup")}


# of the counters, where withdrawals of public sources lie; to all else there is only added
METRICS_WRITES: dict[str, tuple[str, ...]] = {"ingest-api": ("withdrawals",)}

# of the stock, what names a person: notices and pick-ups
STOCK_WRITES: dict[str, tuple[str, ...]] = {"privacy-on-queue": ("notice", "pickup")}

# what a message asks of the stock: levels and locations, nothing that names a person
STOCK_QUERIES: dict[str, tuple[str, ...]] = {
    f"notify-{channel}": ("sku", "levels", "locations") for channel in OF_JOURNEYS
}


def grant_tables(functions: Functions, tables: Tables) -> None:
    """Give each function its rights on tables and their indexes, and tell it the tables' names."""
    for function in functions.all():
        for table, actions in TABLE_RIGHTS[function.spec.name].items():
            tables.by_name[table].grant(function.role, *actions)
        for table, writes in (("catalog", CATALOG_WRITES), ("messages", MESSAGE_WRITES), ("stock", STOCK_WRITES)):
            spaces = writes.get(function.spec.name, ())
            if spaces:
                function.role.add_to_policy(_below(tables.by_name[table].table_arn, spaces, *PUT, *UPDATE))
        pointers = METRICS_WRITES.get(function.spec.name, ())
        if pointers:
            metrics = tables.by_name["metrics"].table_arn
            function.role.add_to_policy(_below(metrics, pointers, "dynamodb:BatchWriteItem"))
        deleted = CATALOG_DELETES.get(function.spec.name, ())
        if deleted:
            function.role.add_to_policy(_below(tables.by_name["catalog"].table_arn, deleted, *DELETE))
        asked = STOCK_QUERIES.get(function.spec.name, ())
        if asked:
            function.role.add_to_policy(_queries_below(tables.by_name["stock"].table_arn, asked))
        for name, resource in tables.by_name.items():
            function.set(f"KERVAN_{name.upper()}", resource.table_name)


def grant_queues(functions: Functions, queues: ChannelQueues) -> None:
    """Let schedule, support and the console hand messages over, and notify fall back to another channel; reading comes
    with the event source."""
    for function in functions.of("schedule", "notify"):
        for channel in OF_JOURNEYS:
            function.may_send_to(queues.by_channel[channel])
            function.set(f"KERVAN_QUEUE_{channel.upper()}", queues.by_channel[channel].queue_url)
    page = functions["ingest-api"]  # the link and the code of who asks for his rights
    page.may_send_to(queues.by_channel["email"])
    page.set("KERVAN_QUEUE_EMAIL", queues.by_channel["email"].queue_url)
    for function in functions.of("support", "console"):
        for channel in ANSWERED_BY_QUEUE:
            function.may_send_to(queues.by_channel[channel])
            function.set(f"KERVAN_QUEUE_{channel.upper()}", queues.by_channel[channel].queue_url)


def grant_work(functions: Functions, work: WorkQueues) -> None:
    """Let who finds work queue it, and who does it queue the rest; reading comes with the event source."""
    support = work.by_name["support"]
    for function in functions.of("ingest", "notify"):
        function.may_send_to(support)
        function.set("KERVAN_SUPPORT_QUEUE", support.queue_url)
    functions["ingest-api"].may_send_to(work.by_name["stock"])  # what connected shops tell of it
    functions["ingest-api"].set("KERVAN_STOCK_QUEUE", work.by_name["stock"].queue_url)
    iys = work.by_name["iys"]
    for name in TELLING_IYS:
        if name != "admin":  # it may send to every queue of work (infra/dead_letters.py)
            functions[name].may_send_to(iys)
        functions[name].set("KERVAN_IYS_QUEUE", iys.queue_url)
    for name in TELLING_AUDIENCES:
        functions[name].may_send_to(work.by_name["audiences"])
        functions[name].set("KERVAN_AUDIENCES_QUEUE", work.by_name["audiences"].queue_url)
    for name, queue in work.by_name.items():
        if name in ("measure", "support", "mail", "hook", "due-hook", "iys", "audiences", "feedback"):
            # Their queues take what Firehose does not (infra/lake.py), what channels and AWS tell, and changed stock.
            continue
        finders = [functions[f"{name}-on-due"]] if name not in ("privacy", "simulation") else []
        for function in (*finders, functions[f"{name}-on-queue"]):
            function.may_send_to(queue)
            function.set("KERVAN_WORK", queue.queue_url)
    # who asks for erasures may send to every queue of work, to hand dead letters out again (infra/dead_letters.py)
    for asking in ("admin", "console", "ingest-api"):
        functions[asking].set("KERVAN_ERASURES", work.by_name["privacy"].queue_url)
    dry_runs = work.by_name["simulation"]
    # What production's functions count in a dry run is not production's.
    functions["simulation-on-queue"].set("POWERTOOLS_METRICS_DISABLED", "true")
    functions["console"].may_send_to(dry_runs)
    functions["console"].set("KERVAN_DRY_RUNS", dry_runs.queue_url)
    for asking in ("console", "ingest-api"):
        functions[asking].may_send_to(work.by_name["privacy"])


def _below(table_arn: str, spaces: tuple[str, ...], *actions: str) -> iam.PolicyStatement:
    """Actions on items whose partition key is one of these words, or begins with one and `#`."""
    keys = [pattern for space in spaces for pattern in (space, f"{space}#*")]
    return iam.PolicyStatement(
        actions=list(actions),
        resources=[table_arn],
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}},
    )


def _queries_below(table_arn: str, spaces: tuple[str, ...]) -> iam.PolicyStatement:
    """Asking for items, also by an index, whose partition key is one of these words, or begins with one and `#`."""
    keys = [pattern for space in spaces for pattern in (space, f"{space}#*")]
    return iam.PolicyStatement(
        actions=["dynamodb:Query"],
        resources=[table_arn, f"{table_arn}/index/*"],
        conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}},
    )
