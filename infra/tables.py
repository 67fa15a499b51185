"""The tables (docs/architecture.md): on demand, string keys `pk` and `sk`, expiry by `expires`."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.scale_settings import LEAST_WARM
from infra.settings import Settings

TABLE_NAMES = (
    "customers",
    "timers",
    "messages",
    "catalog",
    "metrics",
    "stock",
    "products",
    "interests",
    "conversations",
    "iys",
    "audiences",
)
STREAMED = frozenset({"customers", "messages"})


class Tables(Construct):
    """The tables of a stage.

    Both indexes of `customers` are sparse and hold little more than keys, so that a backfill or a listing never reads
    the log of events. Those of `messages` and `stock` hold keys only: what becomes of an item later
    does not write them again.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.by_name = {name: self._table(name) for name in TABLE_NAMES}
        self.customers.add_global_secondary_index(
            index_name="live",
            partition_key=_string("live_shard"),
            sort_key=_string("pk"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.customers.add_global_secondary_index(
            index_name="members",
            partition_key=_string("seg"),
            sort_key=_string("since"),
            projection_type=dynamodb.ProjectionType.INCLUDE,
            non_key_attributes=["customer"],
        )
        self.by_name["messages"].add_global_secondary_index(
            index_name="by_home",
            partition_key=_string("home"),
            sort_key=_string("at"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.by_name["stock"].add_global_secondary_index(
            index_name="levels",
            partition_key=_string("level_shard"),
            sort_key=_string("level_mark"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.by_name["products"].add_global_secondary_index(
            index_name="named",
            partition_key=_string("name_shard"),
            sort_key=_string("name_key"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.by_name["iys"].add_global_secondary_index(
            index_name="waiting",
            partition_key=_string("waits"),
            sort_key=_string("waits_by"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        self.by_name["audiences"].add_global_secondary_index(
            index_name="listed",
            partition_key=_string("listed"),
            sort_key=_string("listed_by"),
            projection_type=dynamodb.ProjectionType.KEYS_ONLY,
        )
        for index, key, sort in (("pool", "pool", "pool_at"), ("desk", "desk", "pool_at"), ("due", "due", "due_at")):
            self.by_name["conversations"].add_global_secondary_index(
                index_name=index,
                partition_key=_string(key),
                sort_key=_string(sort),
                projection_type=dynamodb.ProjectionType.INCLUDE,
                non_key_attributes=["version", "data"],
            )

    @property
    def customers(self) -> dynamodb.Table:
        """Events, facts, claims and customers; read by two streams' consumers."""
        return self.by_name["customers"]

    def _table(self, name: str) -> dynamodb.Table:
        settings = self._settings
        return dynamodb.Table(
            self,
            name.capitalize(),
            table_name=f"{settings.prefix}-{name}",
            partition_key=_string("pk"),
            sort_key=_string("sk"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            # The emulator knows no keys; in AWS the account's own key leaves a trail of who opened the data.
            encryption=dynamodb.TableEncryption.AWS_MANAGED if settings.protect else dynamodb.TableEncryption.DEFAULT,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=settings.protect
            ),
            stream=_stream(name, settings),
            time_to_live_attribute="expires",
            deletion_protection=settings.retain,
            warm_throughput=_warm(name, settings.warm_writes),
            removal_policy=removal_policy(settings),
        )


def _warm(name: str, writes: int) -> dynamodb.WarmThroughput | None:
    """Twice as many reads: a decision reads the customer with all identifiers."""
    share = {"customers": 1, "messages": 4, "timers": 4, "interests": 4}.get(name)
    if not writes or share is None:
        return None
    units = max(writes // share, LEAST_WARM)
    return dynamodb.WarmThroughput(write_units_per_second=units, read_units_per_second=max(2 * units, LEAST_WARM_READS))


LEAST_WARM_READS = 12_000
"""Of a new table; AWS refuses less."""


def removal_policy(settings: Settings) -> RemovalPolicy:
    """Keep data where it must outlive the stack, but not the empty leftovers of a first deployment that failed."""
    return RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE if settings.retain else RemovalPolicy.DESTROY


def _stream(name: str, settings: Settings) -> dynamodb.StreamViewType | None:
    if name == "stock" and settings.stock_webhook:
        return dynamodb.StreamViewType.NEW_IMAGE
    return dynamodb.StreamViewType.NEW_AND_OLD_IMAGES if name in STREAMED else None


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
