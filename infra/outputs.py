"""What a deployment prints: the addresses and names that people and the command `kervan` need, and what to do next."""

from importlib.metadata import version

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ses as ses

from infra.api import Api
from infra.conversation_files import ConversationFiles
from infra.domain import ApiDomain
from infra.edge import Edge
from infra.functions import Functions
from infra.lake import Lake
from infra.queues import ChannelQueues, WorkQueues
from infra.sending import Sending
from infra.settings import Settings
from infra.streams import Streams
from infra.tables import Tables


def write_outputs(
    stack: Stack,
    *,
    settings: Settings,
    api: Api,
    tables: Tables,
    queues: ChannelQueues,
    work: WorkQueues,
    streams: Streams,
    functions: Functions,
    sending: Sending,
    secret: secretsmanager.Secret,
    topic_arn: str,
    domain: ApiDomain | Edge | None = None,
    lake: Lake | None = None,
    files: ConversationFiles,
) -> None:
    """Add every output to the stack."""

    def output(name: str, value: str, description: str) -> None:
        CfnOutput(stack, name, value=value, description=description)

    endpoint = domain.url if isinstance(domain, Edge) else api.endpoint  # the API itself refuses who goes around
    output("Endpoint", endpoint, "Channels post to this address, for example <Endpoint>/v1/batch")
    if domain is not None:
        output("Domain", domain.url, "Links of messages begin with this address; channels may post to it too")
        output("DomainTarget", domain.target, "Where the CNAME record of the domain must lead")
    output("Version", version("kervan"), "Version of Kervan that was deployed")
    output("ApiId", api.http_api.api_id, "Id of the HTTP API")
    output("SecretArn", secret.secret_arn, "Key of the HMAC that identifiers are stored under; never change it")
    for name, table in tables.by_name.items():
        output(f"Table{name.capitalize()}", table.table_name, f"DynamoDB table {name}")
    for channel, queue in queues.by_channel.items():
        output(f"Queue{channel.capitalize()}", queue.queue_url, f"Messages waiting to be decided and sent by {channel}")
        output(
            f"DeadLetters{channel.capitalize()}", queues.dead[channel].queue_url, f"Messages by {channel} that failed"
        )
    for name, queue in work.by_name.items():
        output(f"Work{name.capitalize()}", queue.queue_url, f"Pieces of work waiting for {name}-on-queue")
        output(f"DeadLettersWork{name.capitalize()}", work.dead[name].queue_url, f"Work for {name} that failed")
    for function in (one for one in functions.all() if one.failures is not None):
        what = f"Records that {function.spec.name} could not work on"
        output(f"Failures{function.spec.construct_id}", function.failure_queue.queue_url, what)
    for name, queue in streams.undelivered.items():
        what = f"Positions in the stream that {name} never answered for"
        output(f"Undelivered{functions[name].spec.construct_id}", queue.queue_url, what)
    if lake is not None:
        output("LakeBucket", lake.bucket.bucket_name, "The lake, which reports read: rows and Parquet by day")
        output("LakeStream", lake.stream_name, "Firehose stream that takes rows of the lake")
    output("FilesBucket", files.bucket.bucket_name, "Mails until they are read, and files that customers sent")
    output("TopicMail", files.topic.topic_arn, "Where SES tells of mails that it took")
    output("Mailbox", ",".join(settings.mailbox.addresses) or "none", "Where customers write e-mails to")
    output("ConfigurationSet", sending.configuration_set_name, "SES configuration set of every e-mail")
    output("SenderSecrets", sending.secrets.senders.secret_arn, "What senders call providers with")
    output("HookSecrets", sending.secrets.hooks.secret_arn, "What callers of webhooks prove themselves with")
    if sending.text_messages is not None:
        output("TopicSms", sending.text_messages.topic.topic_arn, "Where replies by SMS and reports about it arrive")
    output("PinpointApp", sending.pinpoint_app_id, "Pinpoint application that push messages go through")
    output(
        "Sending", "on" if settings.senders.any else "off", "off: everything is decided and recorded, nothing is sent"
    )
    if topic_arn:
        output("AlarmTopic", topic_arn, "Everybody who subscribes to this topic hears of alarms")
    if sending.identity is not None and settings.senders.identity == "domain" and not settings.local:
        _dkim_outputs(stack, sending.identity)
    output("NextSteps", next_steps(settings), "What to do next")


def _dkim_outputs(stack: Stack, identity: ses.EmailIdentity) -> None:
    for number, record in enumerate(identity.dkim_records, start=1):
        CfnOutput(
            stack,
            f"DkimRecord{number}",
            value=f"{record.name} CNAME {record.value}",
            description="Publish in the sender domain's DNS, so that mail is signed as yours",
        )


def next_steps(settings: Settings) -> str:
    """One paragraph for the engineer who has just deployed."""
    keys = f"Make write keys and publish definitions: see docs/deploy.md, stage {settings.stage}."
    if not settings.senders.any:
        return f"{keys} Sending is off; deploy again with -c sender=hello@your-domain to switch it on."
    match settings.senders.identity if settings.senders.email else "existing":
        case "domain":
            return f"{keys} Publish the three DkimRecord CNAMEs at {settings.senders.domain}; leave SES's sandbox."
        case "address":
            return f"{keys} Click the link that SES has sent to {settings.senders.email}."
        case _:
            return keys
