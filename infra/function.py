"""How every function is built: the same runtime, its own role, its own log group, traced."""

from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.queues import waiting_queue
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """What tells one function from another.

    Attributes
    ----------
    name
        Part of the physical name: `kervan-<stage>-<name>`.
    handler
        `module.attribute` below the bundle's root.
    keeps_failures
        It catches failures one record at a time and queues their keys, in a queue of its own.
    reads_lake
        It needs DuckDB, so it has a bundle of its own.
    storage_mb
        Of `/tmp`.
    """

    name: str
    handler: str
    description: str
    memory_mb: int
    timeout: Duration
    keeps_failures: bool = False
    reads_lake: bool = False
    storage_mb: int = 512

    @property
    def construct_id(self) -> str:
        """The name in the form that CloudFormation's ids take: `segment-on-due` is `SegmentOnDue`."""
        return "".join(part.capitalize() for part in self.name.split("-"))


ALIAS = "live"
"""What triggers call where a deployment shifts gradually: a new version gets its share of the work through it."""


SHIFTED = ("ingest", "admin", "console", "segment", "schedule", "notify", "stock", "support")
"""Groups of functions that shift: who takes requests of channels, tills and people, decides, and sends. The others work
through queues and by the clock, and what they fail at comes again, so they take a new version at once. A stack has 500
resources at most, and each alias takes two of its own and one of the stack of the rollout."""


class KervanFunction(Construct):
    """One function with its role and log group; rights beyond logging and tracing are granted by who composes.

    Attributes
    ----------
    invoked
        What triggers are to call: the function, or its alias if a deployment shifts it gradually.
    invoked_name
        Its physical name, for who calls it by name.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, spec: FunctionSpec, settings: Settings, code: lambda_.Code
    ) -> None:
        super().__init__(scope, construct_id)
        name = f"{settings.prefix}-{spec.name}"
        self.spec = spec
        shifts = settings.gradual and spec.name.split("-")[0] in SHIFTED
        self.invoked_name = f"{name}:{ALIAS}" if shifts else name
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/aws/lambda/{name}",
            retention=log_retention(settings),
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"What {name} may do, and nothing else",
        )
        self.log_group.grant_write(self.role)
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=spec.description,
            code=code,
            handler=spec.handler,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=spec.memory_mb,
            timeout=spec.timeout,
            ephemeral_storage_size=Size.mebibytes(spec.storage_mb) if spec.storage_mb > 512 else None,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=self.log_group,
            # JSON lines with level and request id from the runtime itself: no logging library to import on a cold start
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel[settings.log_level],
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
            role=self.role,
            reserved_concurrent_executions=settings.concurrency.reserved.get(spec.name),
            environment={
                "KERVAN_STAGE": settings.stage,
                "POWERTOOLS_SERVICE_NAME": spec.name,
                "POWERTOOLS_LOG_LEVEL": settings.log_level,
            },
        )
        self.invoked: lambda_.IFunction = self.function
        if shifts:
            self.invoked = lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.function.current_version)
        self.failures: sqs.Queue | None = None
        if spec.keeps_failures:
            self.failures = waiting_queue(self, "Failures", f"{name}-failures", settings=settings)
            self.may_send_to(self.failures)
            self.set("KERVAN_FAILURES", self.failures.queue_url)

    @property
    def failure_queue(self) -> sqs.Queue:
        """The queue of a function that keeps its failures."""
        if self.failures is None:
            raise ValueError(f"{self.spec.name} keeps no failures")
        return self.failures

    def set(self, name: str, value: str) -> None:
        """Add one environment variable."""
        self.function.add_environment(name, value)

    def allow(self, *actions: str, on: list[str]) -> None:
        """Permit actions on the resources given by ARN."""
        self.role.add_to_policy(iam.PolicyStatement(actions=list(actions), resources=on))

    def may_send_to(self, queue: sqs.IQueue) -> None:
        """Permit sending to a queue, and nothing that CDK's own grant adds: whoever sends knows the queue's address."""
        self.allow("sqs:SendMessage", on=[queue.queue_arn])


def log_retention(settings: Settings) -> logs.RetentionDays:
    """CloudWatch's name for the stage's number of days."""
    return {
        1: logs.RetentionDays.ONE_DAY,
        14: logs.RetentionDays.TWO_WEEKS,
        90: logs.RetentionDays.THREE_MONTHS,
    }[settings.log_days]
