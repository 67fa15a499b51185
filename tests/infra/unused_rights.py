"""Rights that no recorded call used, each with the reason why the role has it. Patterns as of ``fnmatch``."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.support.role_statements import Right


@dataclass(frozen=True, slots=True)
class Reason:
    """Why ``functions`` have ``action`` on ``resource``, though no end-to-end test made them need it."""

    functions: str
    action: str
    resource: str
    why: str

    def explains(self, right: Right) -> bool:
        return (
            any(fnmatchcase(right.function, one) for one in self.functions.split())
            and any(fnmatchcase(right.action, one) for one in self.action.split())
            and any(fnmatchcase(right.resource, one) for one in self.resource.split())
        )


POLLING = "sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes sqs:GetQueueUrl"
STREAM = "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams"
MOVES = "sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl"
CHANNELS = "sqs:email sqs:sms sqs:push sqs:social"

REASONS = (
    # AWS itself uses them, outside the function
    Reason("*", "logs:*", "*", "Lambda writes what the function prints"),
    Reason("*", "xray:*", "*", "Lambda's daemon sends the traces"),
    Reason(
        "notify-* *-on-queue support-on-mail ingest-feedback *-on-hook",
        POLLING,
        "sqs:*",
        "the mapping polls with the role",
    ),
    Reason("segment-on-events schedule-on-customer measure-on-message", STREAM, "*", "the mapping reads the stream"),
    Reason("*", MOVES, "sqs:*-failures sqs:*-undelivered", "what was given up goes there, by the function or by AWS"),
    # what happens when something fails, or an operator acts
    Reason("admin", POLLING, "sqs:*-dead sqs:*-failures sqs:*-undelivered", "dead letters are shown and handed out"),
    Reason("admin", "sqs:SendMessage", "sqs:*", "a dead letter is handed out to the queue that it came from"),
    Reason("admin", STREAM, "*stream/*", "the redrive of a batch that killed its function reads the stream"),
    Reason("*", "sqs:SendMessage", "sqs:measure-work", "rows that Firehose does not take wait there"),
    Reason("schedule-on-* segment-on-queue", "sqs:SendMessage", "sqs:*-work", "the rest of a task goes to a next call"),
    Reason("stock-on-due stock-on-queue simulation-on-queue", "sqs:SendMessage", "sqs:*-work", "as before"),
    # one code for several channels, of which the tests take one
    Reason("schedule-* notify-* support-* ingest-api", "sqs:SendMessage", CHANNELS, "a step may name any channel"),
    Reason("notify-* ingest-feedback", "sqs:SendMessage", "sqs:support-work", "conversations hear of answers"),
    Reason("notify-*", "read", "dynamodb:table/conversations dynamodb:table/iys", "agents' answers; the register"),
    Reason("notify-*", "secretsmanager:GetSecretValue", "*senders*", "keys of gateways and browsers, if there are any"),
    Reason("notify-*", "dynamodb:DeleteItem", "dynamodb:table/messages", "a code that is given leaves the free ones"),
    Reason("notify-*", "write", "dynamodb:table/catalog dynamodb:table/timers", "the breaker, counts, deferrals"),
    Reason("notify-email", "ses:SendEmail", "ses:identity/shop.example", "SES asks for the domain, if that is proven"),
    # what the end-to-end tests do not play to its end
    Reason("console", "*", "*", "agents, marketers and operators in a browser: tests/browser, in memory"),
    Reason("privacy-on-queue", "*", "*", "an erasure takes something from every table and folder: tests/unit/privacy"),
    Reason("ingest-api", "write sqs:SendMessage s3:GetObject", "*catalog *-work *copies/*", "requests of people"),
    Reason("ingest-api", "read", "dynamodb:table/metrics", "quotas of a key, which few keys have"),
    Reason("ingest-api", "write", "dynamodb:table/metrics", "withdrawals with a public key"),
    Reason("admin", "write", "dynamodb:table/catalog dynamodb:table/messages", "campaigns, a channel goes on, codes"),
    Reason("ingest-feedback", "read", "dynamodb:table/customers", "bounces of an address"),
    Reason("ingest-feedback", "write", "dynamodb:table/catalog", "too many bounces stop marketing or a campaign"),
    Reason("schedule-*", "dynamodb:DeleteItem write", "dynamodb:table/catalog", "groups of a campaign that are done"),
    Reason("schedule-on-queue", "read write", "dynamodb:table/*", "much is due at once: tests/unit/schedule"),
    Reason("segment-on-*", "sqs:SendMessage", "sqs:audiences-work", "who entered or left an audience"),
    Reason("segment-*", "read write", "dynamodb:table/interests", "who cares about a product: tests/unit/segment"),
    Reason("stock-on-due stock-on-queue stock-on-feed", "read write", "dynamodb:table/*", "announcements, feeds"),
    Reason("iys-on-queue", "dynamodb:DeleteItem", "dynamodb:table/iys", "a run is over, an upload was answered"),
    Reason("iys-on-queue", "secretsmanager:GetSecretValue", "*senders*", "the account at the register"),
    Reason("support-*", "s3:*", "s3:*", "what a customer or an agent attaches: tests/unit/support"),
    Reason("notify-email notify-social", "s3:*", "s3:*", "what an agent attaches to an answer"),
    Reason("support-on-due", "ses:SendEmail dynamodb:DeleteItem", "*", "a team is told by mail that an answer is due"),
    Reason("measure-compact", "s3:*", "*", "what a night packs, rolls up and erases: tests/unit/measure, contract"),
)
