"""The lake: a stream of Firehose that takes rows, the bucket that it fills, and who may do what there."""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.bucket import private_bucket
from infra.function import log_retention
from infra.functions import Functions
from infra.settings import Settings
from infra.tables import removal_policy

RAW, LAKE, ROLLED, ERASED, PASSES = "raw/", "lake/", "rolled/", "erased/", "passes/"
"""Lines as they came; Parquet by day; roll-ups; whom readers must not see, and how far he was taken out."""
FAILED, ANSWERS = "failed/", "answers/"
"""What could not be delivered or read; Athena's answers."""
COMPACTED = (RAW, LAKE, ROLLED, ERASED, PASSES, f"{FAILED}unreadable/")
"""What compaction reads, writes and deletes."""
BUFFER_MB, BUFFER_SECONDS = 64, 300
HANDING = ("segment-on-events", "segment-on-due", "segment-on-queue", "schedule-on-customer", "measure-on-message")
"""Functions that hand rows on (docs/lake.md)."""
COMPACTION = "measure-compact"
READING = ("measure-report", "measure-predict", "measure-digest")
"""Functions that read all of it and write nothing of it."""
ASKING = ("admin", "console")
"""Functions that ask for reports."""


class Lake(Construct):
    """One bucket and one stream for all tables: an invocation hands all of its rows on with one request.

    Parameters
    ----------
    later
        The queue in which rows wait that Firehose did not take.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, functions: Functions, later: sqs.Queue
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = self._bucket(settings)
        self.stream_name = f"{settings.prefix}-lake"
        self._stream(settings)
        stream_arn = Stack.of(self).format_arn(
            service="firehose", resource="deliverystream", resource_name=self.stream_name
        )
        for name in (*HANDING, "measure-on-queue"):
            function = functions[name]
            function.allow("firehose:PutRecordBatch", on=[stream_arn])
            function.set("KERVAN_LAKE", self.stream_name)
            function.set("KERVAN_LAKE_LATER", later.queue_url)
            if name in HANDING:
                function.may_send_to(later)
        compaction = functions[COMPACTION]
        compaction.set("KERVAN_LAKE_BUCKET", self.bucket.bucket_name)
        compaction.allow("s3:ListBucket", on=[self.bucket.bucket_arn])
        compaction.allow(
            "s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload",
            on=[self.bucket.arn_for_objects(f"{prefix}*") for prefix in COMPACTED],
        )  # fmt: skip
        for name in READING:
            reader = functions[name]
            reader.set("KERVAN_LAKE_BUCKET", self.bucket.bucket_name)
            reader.allow("s3:ListBucket", on=[self.bucket.bucket_arn])
            reader.allow(
                "s3:GetObject", on=[self.bucket.arn_for_objects(f"{prefix}*") for prefix in (RAW, LAKE, ROLLED, ERASED)]
            )
        self._ask(functions)
        privacy = functions["privacy-on-queue"]
        privacy.set("KERVAN_LAKE_BUCKET", self.bucket.bucket_name)
        privacy.allow("s3:PutObject", on=[self.bucket.arn_for_objects(f"{ERASED}*")])

    def _ask(self, functions: Functions) -> None:
        """Who asks for reports calls their function; the weekly run goes on by calling itself."""
        for asking, asked in (*((one, "measure-report") for one in ASKING), ("measure-predict", "measure-predict")):
            name = functions[asked].invoked_name
            arn = Stack.of(self).format_arn(
                service="lambda", resource="function", resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
            )
            functions[asking].allow("lambda:InvokeFunction", on=[arn])
        for one in ASKING:
            functions[one].set("KERVAN_REPORTS", functions["measure-report"].invoked_name)
        functions["measure-predict"].set("KERVAN_PREDICTIONS", functions["measure-predict"].invoked_name)

    def _bucket(self, settings: Settings) -> s3.Bucket:
        """What is lost of it is made anew from the log."""
        return private_bucket(
            self,
            settings,
            rules=[
                s3.LifecycleRule(id="what-could-not-be-delivered", prefix=FAILED, expiration=Duration.days(30)),
                s3.LifecycleRule(id="answers-of-athena", prefix=ANSWERS, expiration=Duration.days(7)),
                s3.LifecycleRule(
                    id="cold-days",
                    prefix=LAKE,
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.INTELLIGENT_TIERING, transition_after=Duration.days(30)
                        )
                    ],
                ),
            ],
        )

    def _stream(self, settings: Settings) -> None:
        role = iam.Role(
            self,
            "DeliveryRole",
            assumed_by=iam.ServicePrincipal("firehose.amazonaws.com").with_conditions(
                {"StringEquals": {"sts:ExternalId": Stack.of(self).account}}
            ),
            description="What the stream of the lake may do, and nothing else",
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
                resources=[self.bucket.bucket_arn],
            )
        )
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"],
                resources=[self.bucket.arn_for_objects(f"{prefix}*") for prefix in (RAW, FAILED)],
            )
        )
        log_group = logs.LogGroup(
            self,
            "DeliveryLogs",
            log_group_name=f"/aws/kinesisfirehose/{self.stream_name}",
            retention=log_retention(settings),
            removal_policy=removal_policy(settings),
        )
        log_stream = logs.LogStream(self, "DeliveryLog", log_group=log_group, log_stream_name="delivery")
        role.add_to_policy(iam.PolicyStatement(actions=["logs:PutLogEvents"], resources=[log_group.log_group_arn]))
        stream = firehose.CfnDeliveryStream(
            self,
            "Stream",
            delivery_stream_name=self.stream_name,
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
            ),
            extended_s3_destination_configuration=(
                firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
                    bucket_arn=self.bucket.bucket_arn,
                    role_arn=role.role_arn,
                    prefix=f"{RAW}!{{timestamp:yyyy/MM/dd/HH}}/",
                    error_output_prefix=f"{FAILED}!{{firehose:error-output-type}}/!{{timestamp:yyyy/MM/dd}}/",
                    compression_format="GZIP",
                    buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                        interval_in_seconds=BUFFER_SECONDS, size_in_m_bs=BUFFER_MB
                    ),
                    cloud_watch_logging_options=firehose.CfnDeliveryStream.CloudWatchLoggingOptionsProperty(
                        enabled=True, log_group_name=log_group.log_group_name, log_stream_name="delivery"
                    ),
                )
            ),
        )
        stream.node.add_dependency(role, log_stream)
