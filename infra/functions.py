"""The functions, grouped by the first word of their names: ingest, admin, console, segment, schedule and so on."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.function import FunctionSpec, KervanFunction
from infra.queues import CHANNELS, NOTIFY_TIMEOUT, WORK_TIMEOUTS
from infra.settings import Settings

# Memory buys CPU (1,769 MB is one core). The API answers people, so it starts quickly; the others run behind queues.
SPECS = (
    FunctionSpec(
        name="ingest-api",
        handler="functions.ingest.api.handler",
        description="Takes events from every channel, shows carts to the shop, refuses for recipients",
        memory_mb=1024,
        timeout=Duration.seconds(25),  # an HTTP API gives up after 30
    ),
    FunctionSpec(
        name="admin",
        handler="functions.admin.api.handler",
        description="Answers operators and programs: customers, segments, journeys, campaigns, coupons",
        memory_mb=1024,
        timeout=Duration.seconds(25),
    ),
    FunctionSpec(
        name="console",
        handler="functions.console.api.handler",
        description="Shows marketers and agents customers, segments, journeys, and why",
        memory_mb=1769,  # one whole core: people wait for it
        timeout=Duration.seconds(25),
    ),
    FunctionSpec(
        name="ingest-feedback",
        handler="functions.ingest.on_feedback.handler",
        description="Turns SES's reports (delivered, bounced, clicked, ...) into events of the customer",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["feedback"],
    ),
    FunctionSpec(
        name="segment-on-events",
        handler="functions.segment.on_events.handler",
        description="Folds new events into facts, keeps identity, evaluates segments",
        memory_mb=1024,
        timeout=Duration.seconds(60),
        keeps_failures=True,
    ),
    FunctionSpec(
        name="segment-on-due",
        handler="functions.segment.on_due.handler",
        description="Flips memberships that depend on passing time",
        memory_mb=512,
        timeout=Duration.seconds(55),
        keeps_failures=True,
    ),
    FunctionSpec(
        name="segment-on-queue",
        handler="functions.segment.on_queue.handler",
        description="Decides every customer anew after definitions have changed, shard by shard",
        memory_mb=1024,
        timeout=WORK_TIMEOUTS["segment"],
        keeps_failures=True,
    ),
    FunctionSpec(
        name="segment-audit",
        handler="functions.segment.on_audit.handler",
        description="Compares a random sample of memberships with brute force over the log, and counts segments",
        memory_mb=1024,
        timeout=Duration.minutes(5),
    ),
    FunctionSpec(
        name="privacy-on-queue",
        handler="functions.privacy.on_queue.handler",
        description="Erases people from every table",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["privacy"],
    ),
    FunctionSpec(
        name="schedule-on-customer",
        handler="functions.schedule.on_customer.handler",
        description="Starts, resumes and stops journeys when a customer changes",
        memory_mb=512,
        timeout=Duration.seconds(60),
        keeps_failures=True,
    ),
    FunctionSpec(
        name="schedule-on-due",
        handler="functions.schedule.on_due.handler",
        description="Finds delayed triggers that are due and hands them over in packed batches",
        memory_mb=512,
        timeout=Duration.seconds(55),
        keeps_failures=True,
    ),
    FunctionSpec(
        name="schedule-on-queue",
        handler="functions.schedule.on_queue.handler",
        description="Fires delayed triggers and hands messages to the channels' queues",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["schedule"],
        keeps_failures=True,
    ),
    FunctionSpec(
        name="stock-api",
        handler="functions.stock.api.handler",
        description="Answers tills, the shop and operators: stock, reservations, pick-ups, products",
        memory_mb=1024,
        timeout=Duration.seconds(25),
    ),
    FunctionSpec(
        name="stock-on-due",
        handler="functions.stock.on_due.handler",
        description="Ends reservations whose time is over, announces what is news of a product",
        memory_mb=512,
        timeout=Duration.seconds(55),
    ),
    FunctionSpec(
        name="stock-on-queue",
        handler="functions.stock.on_queue.handler",
        description="Tells people of products that are back, scarce or cheaper; takes what connected shops tell",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["stock"],
    ),
    FunctionSpec(
        name="stock-on-feed",
        handler="functions.stock.on_feed.handler",
        description="Pulls feeds of products, and writes what has changed",
        memory_mb=1024,
        timeout=Duration.minutes(15),
    ),
    FunctionSpec(
        name="stock-audit",
        handler="functions.stock.on_audit.handler",
        description="Compares a random sample of levels with the sum of their movements",
        memory_mb=512,
        timeout=Duration.minutes(2),
    ),
    FunctionSpec(
        name="support-api",
        handler="functions.support.api.handler",
        description="Answers agents: the pool of conversations, answers, notes, assignments",
        memory_mb=1024,
        timeout=Duration.seconds(25),
    ),
    FunctionSpec(
        name="support-on-queue",
        handler="functions.support.on_queue.handler",
        description="Takes messages of customers into conversations, and notes what became of answers",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["support"],
    ),
    FunctionSpec(
        name="support-on-mail",
        handler="functions.support.on_mail.handler",
        description="Reads e-mails of customers into conversations",
        memory_mb=1769,  # one whole core, and room for a mail of 40 MB in pieces
        timeout=WORK_TIMEOUTS["mail"],
    ),
    FunctionSpec(
        name="support-on-due",
        handler="functions.support.on_due.handler",
        description="Wakes snoozed conversations, and hands answers over again of which nothing was heard",
        memory_mb=512,
        timeout=Duration.seconds(55),
    ),
    FunctionSpec(
        name="simulation-on-queue",
        handler="simulation.on_queue.handler",
        description="Plays drafts of journeys over the stored history, in memory",
        memory_mb=1769,  # one whole core, and 25 customers with 5,000 events
        timeout=WORK_TIMEOUTS["simulation"],
    ),
    FunctionSpec(
        name="iys-on-queue",
        handler="functions.iys.on_queue.handler",
        description="Plans what Turkey's register of consent must be told, and takes what it told",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["iys"],
    ),
    FunctionSpec(
        name="iys-on-due",
        handler="functions.iys.on_due.handler",
        description="Tells Turkey's register of consent what is due, and reads what people changed there",
        memory_mb=512,
        timeout=Duration.minutes(5),
    ),
    FunctionSpec(
        name="audiences-on-queue",
        handler="functions.audiences.on_queue.handler",
        description="Notes who enters and leaves lists at advertising platforms, and tells these",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["audiences"],
    ),
    *(
        FunctionSpec(
            name=f"notify-{channel}",
            handler="functions.notify.on_queue.handler",
            description=f"Decides, records and sends messages by {channel}",
            memory_mb=512,
            timeout=NOTIFY_TIMEOUT,
        )
        for channel in CHANNELS
    ),
)

# Only where there is a lake.
LAKE_SPECS = (
    FunctionSpec(
        name="measure-on-message",
        handler="functions.measure.on_message.handler",
        description="Tells the lake what became of messages",
        memory_mb=512,
        timeout=Duration.seconds(60),
    ),
    FunctionSpec(
        name="measure-on-queue",
        handler="functions.measure.on_queue.handler",
        description="Offers rows of the lake again that Firehose did not take",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["measure"],
    ),
    FunctionSpec(
        name="measure-compact",
        handler="functions.measure.on_hour.handler",
        description="Makes Parquet by day of the rows that came, and takes out who was erased",
        memory_mb=2048,
        timeout=Duration.minutes(15),
        reads_lake=True,
        storage_mb=6_144,
    ),
    FunctionSpec(
        name="measure-report",
        handler="functions.measure.on_report.handler",
        description="Answers reports from the lake, for the operators' API",
        memory_mb=3_008,  # 1.7 cores; what an account without a raised limit may ask for
        timeout=Duration.seconds(20),  # whoever asks has 25
        reads_lake=True,
        storage_mb=6_144,
    ),
    FunctionSpec(
        name="measure-digest",
        handler="functions.measure.on_month.handler",
        description="Mails the monthly digest to the shop's team",
        memory_mb=3_008,
        timeout=Duration.minutes(5),
        reads_lake=True,
        storage_mb=6_144,
    ),
    FunctionSpec(
        name="measure-predict",
        handler="functions.measure.on_week.handler",
        description="Writes what is expected of customers, where that beats a plain rule",
        memory_mb=3_008,
        timeout=Duration.minutes(15),
        reads_lake=True,
        storage_mb=6_144,
    ),
)


# Only where a webhook is told of changed stock.
HOOK_SPECS = (
    FunctionSpec(
        name="stock-on-level",
        handler="functions.stock.on_level.handler",
        description="Hands changed levels of stock to the queue of the webhook",
        memory_mb=512,
        timeout=Duration.seconds(60),
    ),
    FunctionSpec(
        name="stock-on-hook",
        handler="functions.stock.on_hook.handler",
        description="Tells the shop's system of changed stock",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["hook"],
    ),
)

# Only where a webhook is told of answers that are due.
DUE_HOOK_SPECS = (
    FunctionSpec(
        name="service-on-hook",
        handler="functions.support.on_hook.handler",
        description="Tells the shop's system of answers that are due",
        memory_mb=512,
        timeout=WORK_TIMEOUTS["due-hook"],
    ),
)


class Functions(Construct):
    """All functions of a stage, from one shared bundle; those that read the lake from ``lake_code``."""

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, code: lambda_.Code, lake_code: lambda_.Code
    ) -> None:
        super().__init__(scope, construct_id)
        self.by_name = {
            spec.name: KervanFunction(
                self, spec.construct_id, spec=spec, settings=settings, code=lake_code if spec.reads_lake else code
            )
            for spec in (
                *SPECS,
                *(LAKE_SPECS if settings.lake else ()),
                *(HOOK_SPECS if settings.stock_webhook else ()),
                *(DUE_HOOK_SPECS if settings.conversation_webhook else ()),
            )
        }

    def __getitem__(self, name: str) -> KervanFunction:
        return self.by_name[name]

    def all(self) -> list[KervanFunction]:
        """Every function, in the order of SPECS and LAKE_SPECS."""
        return list(self.by_name.values())

    def of(self, *groups: str) -> list[KervanFunction]:
        """The functions whose names begin with one of these words: `of("schedule", "notify")`."""
        return [function for name, function in self.by_name.items() if name.split("-")[0] in groups]
