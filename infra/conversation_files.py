"""The bucket of conversations: mails until they are read, and files that customers sent; and how mails come into it."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ses as ses
from aws_cdk import aws_ses_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.bucket import private_bucket
from infra.functions import Functions
from infra.settings import Settings

MAIL, FILES, COPIES = "mail/", "files/", "copies/"
"""Where mails, files and copies for people lie (shared/domain); a test compares them."""
MAIL_DAYS = 14
"""Days that a mail stays that nobody could read: as long as its dead letter."""
MAIL_READER = "support-on-mail"


class ConversationFiles(Construct):
    """The bucket, its topic of new mails, and who may do what there.

    Parameters
    ----------
    mails
        The queue that hears of new mails.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, functions: Functions, mails: sqs.Queue
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = self._bucket(settings)
        self.topic = sns.Topic(self, "Mails", topic_name=f"{settings.prefix}-mail", enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                principals=[iam.ServicePrincipal("ses.amazonaws.com")],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        self.topic.add_subscription(subscriptions.SqsSubscription(mails, raw_message_delivery=True))
        if settings.mailbox.addresses and not settings.local:  # the emulator takes no mail
            self._take_mails(settings)
        self._permit(settings, functions)

    def _bucket(self, settings: Settings) -> s3.Bucket:
        return private_bucket(
            self,
            settings,
            rules=[
                s3.LifecycleRule(id="mails-that-nobody-could-read", prefix=MAIL, expiration=Duration.days(MAIL_DAYS)),
                s3.LifecycleRule(id="copies-for-people", prefix=COPIES, expiration=Duration.days(1)),
            ],
        )

    def _take_mails(self, settings: Settings) -> None:
        """Of a region one set of rules is active: an account that has one already names it."""
        named = settings.mailbox.rules
        rules = (
            ses.ReceiptRuleSet.from_receipt_rule_set_name(self, "Rules", named)
            if named
            else ses.ReceiptRuleSet(self, "Rules", receipt_rule_set_name=settings.prefix)
        )
        rules.add_rule(
            "Conversations",
            receipt_rule_name=f"{settings.prefix}-conversations",
            recipients=list(settings.mailbox.addresses),
            scan_enabled=True,
            actions=[actions.S3(bucket=self.bucket, object_key_prefix=MAIL, topic=self.topic)],
        )

    def _permit(self, settings: Settings, functions: Functions) -> None:
        mails, files, copies = (self.bucket.arn_for_objects(f"{prefix}*") for prefix in (MAIL, FILES, COPIES))
        reader = functions[MAIL_READER]
        reader.allow("s3:GetObject", on=[mails])
        reader.allow("s3:PutObject", "s3:AbortMultipartUpload", on=[files])
        # What customers send on the channels of Meta; deleted again if they were erased meanwhile.
        functions["support-on-queue"].allow("s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject", on=[files])
        reader.allow("s3:DeleteObject", on=[mails, files])
        # Without it S3 answers 403 for an object that is gone.
        reader.allow("s3:ListBucket", on=[self.bucket.bucket_arn])
        reader.set(
            "KERVAN_OWN_ADDRESSES", " ".join(filter(None, (settings.senders.email, *settings.mailbox.addresses)))
        )
        for function in functions.of("support", "console"):
            function.set("KERVAN_FILES", self.bucket.bucket_name)
        for name in ("support-api", "console"):
            functions[name].allow("s3:GetObject", on=[files])  # links that agents fetch files by
            functions[name].allow("s3:PutObject", "s3:AbortMultipartUpload", "s3:DeleteObject", on=[files])
        functions["support-on-due"].allow("s3:DeleteObject", on=[files])  # of answers that were not kept
        for name in ("notify-email", "notify-social"):
            functions[name].allow("s3:GetObject", on=[files])  # and a link by which Meta fetches one
            functions[name].allow("s3:ListBucket", on=[self.bucket.bucket_arn])
            functions[name].set("KERVAN_FILES", self.bucket.bucket_name)
        privacy = functions["privacy-on-queue"]
        privacy.allow("s3:DeleteObject", on=[mails, files, copies])
        privacy.allow("s3:GetObject", on=[mails, files])  # whose mails those are that nobody took; files for a copy
        privacy.allow("s3:ListBucket", on=[self.bucket.bucket_arn])
        privacy.allow("s3:PutObject", "s3:AbortMultipartUpload", on=[copies])
        privacy.set("KERVAN_FILES", self.bucket.bucket_name)
        page = functions["ingest-api"]
        page.allow("s3:GetObject", on=[copies])  # links by which people fetch their copy
        page.set("KERVAN_FILES", self.bucket.bucket_name)
        functions["notify-email"].set("KERVAN_REPLY_TO", next(iter(settings.mailbox.addresses), ""))
