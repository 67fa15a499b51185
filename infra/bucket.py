"""A bucket for what tells of customers: encrypted, over TLS only, without versions."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.settings import Settings
from infra.tables import removal_policy


def private_bucket(scope: Construct, settings: Settings, rules: Sequence[s3.LifecycleRule]) -> s3.Bucket:
    """The one bucket of a construct. Without versions, because what is erased would live on in them. Unfinished uploads
    go after a day; ``rules`` say what else goes or moves by itself."""
    return s3.Bucket(
        scope,
        "Bucket",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=settings.protect,
        minimum_tls_version=1.2 if settings.protect else None,
        removal_policy=removal_policy(settings),
        auto_delete_objects=not settings.retain and not settings.local,
        lifecycle_rules=[
            s3.LifecycleRule(id="unfinished-uploads", abort_incomplete_multipart_upload_after=Duration.days(1)),
            *rules,
        ],
    )
