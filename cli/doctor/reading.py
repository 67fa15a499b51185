"""Reads what the checks look at: AWS, DNS and the deployment. What cannot be read is noted, and the rest is read."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import Any, Protocol, TypeVar

from cli.doctor.dns import DnsUnavailable
from cli.doctor.readings import Identity, NotRead, Seen, SenderSettings, SesAccount, SmsAccount, Stack, Versions
from cli.failure import Failure
from shared.domain.definitions.release import Release
from shared.ports import Table
from shared.stores.releases import Releases

T = TypeVar("T")
SENDER = "notify-email"
TIMEOUT_SECONDS = 10.0
ABSENT = frozenset({"NotFoundException", "ResourceNotFoundException", "ValidationError", "NotFound", "NoSuchEntity"})
EXAMPLE = (".example", ".test", ".invalid", ".localhost")
"""Names that DNS never answers for (RFC 2606)."""
NO_EMAIL, NO_STACK = NotRead("e-mail is off"), NotRead("the stack is not there")


class ExampleName(Exception):
    """A name that nobody can own."""


class Aws(Protocol):
    """AWS of one account and region."""

    def ask(self, service: str, operation: str, **request: Any) -> Mapping[str, Any]:
        """The answer of one operation. Raises botocore's errors."""


class Names(Protocol):
    def ask(self, name: str, kind: str) -> tuple[str, ...]:
        """Raises DnsUnavailable."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where everything is read. ``catalog`` gives the table of releases; ``date`` the time that a server tells."""

    aws: Aws
    names: Names
    region: Callable[[], str | None]
    catalog: Callable[[], Table]
    date: Callable[[str], datetime]
    now: Callable[[], datetime]


def read(stage: str, sources: Sources) -> Seen:
    """Everything that can be read, one thing after the other."""
    aws = sources.aws
    stack = _or_none(lambda: _stack(aws, f"kervan-{stage}"))
    outputs: Mapping[str, str] = stack.outputs if isinstance(stack, Stack) else {}
    senders: SenderSettings | NotRead = NO_STACK
    if isinstance(stack, Stack):
        senders = _tried(lambda: _senders(aws, stage))
    identity: Identity | NotRead | None = NO_EMAIL
    if isinstance(senders, SenderSettings) and senders.email:
        email = senders.email
        identity = _tried(lambda: _identity(aws, email))
    return Seen(
        stage=stage,
        account=_tried(lambda: str(aws.ask("sts", "get_caller_identity")["Account"])),
        region=_tried(lambda: _region(sources)),
        bootstrap=_or_none(lambda: _bootstrap(aws)),
        stack=stack,
        senders=senders,
        identity=identity,
        dkim_records=_dkim(sources.names, identity),
        spf=_spf(sources.names, identity),
        dmarc=_of_domain(sources.names, senders, "_dmarc.{}", "TXT"),
        ses=_tried(lambda: _ses(aws)),
        sms=_sms(aws, senders),
        push=_push(aws, senders),
        domain=_of_domain(sources.names, senders, "{}", "MX"),
        alarms=_alarms(aws, stack, outputs),
        skew_seconds=_tried(lambda: _skew(sources, outputs)),
        versions=_tried(lambda: _versions(sources, outputs)),
    )


def _tried(ask: Callable[[], T]) -> T | NotRead:
    """What is asked for, or why it is not known. A message of AWS may be long: its code is enough."""
    try:
        return ask()
    except ExampleName as said:
        return NotRead(str(said), example=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks go on
        return _why(error)


def _or_none(ask: Callable[[], T]) -> T | NotRead | None:
    """The same; None if AWS says that there is no such thing."""
    try:
        return ask()
    except Exception as error:  # noqa: BLE001 - as above
        code = _code(error)
        return None if code in ABSENT else _why(error)


def _why(error: Exception) -> NotRead:
    if isinstance(error, (DnsUnavailable, Failure)):
        return NotRead(str(error))
    code = _code(error)
    return NotRead(f"AWS answers {code}" if code else type(error).__name__)


def _code(error: Exception) -> str:
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _region(sources: Sources) -> str:
    found = sources.region()
    if not found:
        raise Failure("no region is set")
    return found


def _stack(aws: Aws, name: str) -> Stack:
    found = aws.ask("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
    return Stack(found["StackStatus"], {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())})


def _bootstrap(aws: Aws) -> int:
    outputs = _stack(aws, "CDKToolkit").outputs
    return int(outputs.get("BootstrapVersion", 0))


def _senders(aws: Aws, stage: str) -> SenderSettings:
    found = aws.ask("lambda", "get_function_configuration", FunctionName=f"kervan-{stage}-{SENDER}")
    told = found["Environment"]["Variables"]
    return SenderSettings(
        email=told.get("KERVAN_SENDER_EMAIL", ""),
        sms=told.get("KERVAN_SENDER_SMS", ""),
        carrier=told.get("KERVAN_SMS", "sns"),
        push_app=told.get("KERVAN_PINPOINT_APP", ""),
        public_url=told.get("KERVAN_PUBLIC_URL", ""),
    )


def _identity(aws: Aws, email: str) -> Identity | None:
    """The domain's, or the single address's."""
    for name in (email.rpartition("@")[2], email):
        found = _or_none(lambda name=name: aws.ask("sesv2", "get_email_identity", EmailIdentity=name))  # type: ignore[misc]
        if isinstance(found, NotRead):
            raise Failure(found.why)
        if found is not None:
            dkim, mail_from = found.get("DkimAttributes", {}), found.get("MailFromAttributes", {})
            return Identity(
                name,
                verified=bool(found.get("VerifiedForSendingStatus")),
                dkim=dkim.get("Status", "NOT_STARTED"),
                tokens=tuple(dkim.get("Tokens", ())),
                mail_from=mail_from.get("MailFromDomain", ""),
                mail_from_status=mail_from.get("MailFromDomainStatus", ""),
            )
    return None


def _dkim(names: Names, identity: Identity | NotRead | None) -> Mapping[str, tuple[str, ...]] | NotRead:
    if not isinstance(identity, Identity):
        return NotRead("there is no identity")
    domain = identity.name.rpartition("@")[2]

    def ask() -> dict[str, tuple[str, ...]]:
        if domain.endswith(EXAMPLE):
            _asked(names, domain, "CNAME")
        return {one: _asked(names, f"{one}._domainkey.{domain}", "CNAME") for one in identity.tokens}

    return _tried(ask)


def _spf(names: Names, identity: Identity | NotRead | None) -> tuple[str, ...] | NotRead:
    if not isinstance(identity, Identity) or not identity.mail_from:
        return NotRead("no domain of the shop's own is set for bounces")
    return _tried(lambda: _asked(names, identity.mail_from, "TXT"))


def _of_domain(names: Names, senders: SenderSettings | NotRead, form: str, kind: str) -> tuple[str, ...] | NotRead:
    if isinstance(senders, NotRead):
        return senders
    if not senders.email:
        return NO_EMAIL
    return _tried(lambda: _asked(names, form.format(senders.email.rpartition("@")[2]), kind))


def _asked(names: Names, name: str, kind: str) -> tuple[str, ...]:
    if name.endswith(EXAMPLE):
        raise ExampleName(f"DNS knows no names that end with .{name.rpartition('.')[2]}")
    return names.ask(name, kind)


def _ses(aws: Aws) -> SesAccount:
    found = aws.ask("sesv2", "get_account")
    quota = found.get("SendQuota", {})
    return SesAccount(
        production=bool(found.get("ProductionAccessEnabled")),
        enabled=bool(found.get("SendingEnabled")),
        enforcement=str(found.get("EnforcementStatus", "")),
        per_day=float(quota.get("Max24HourSend", 0)),
        sent_today=float(quota.get("SentLast24Hours", 0)),
        per_second=float(quota.get("MaxSendRate", 0)),
    )


def _sms(aws: Aws, senders: SenderSettings | NotRead) -> SmsAccount | NotRead:
    """The limit is the same for both ways by which AWS carries text messages."""
    if isinstance(senders, NotRead):
        return senders
    if not senders.sms or senders.carrier == "gateway":
        return NotRead("AWS carries no text messages here")

    def ask() -> SmsAccount:
        limit = aws.ask("sns", "get_sms_attributes", attributes=["MonthlySpendLimit"])["attributes"]
        sandbox = aws.ask("sns", "get_sms_sandbox_account_status")["IsInSandbox"]
        return SmsAccount(float(limit.get("MonthlySpendLimit", 1)), bool(sandbox))

    return _tried(ask)


def _push(aws: Aws, senders: SenderSettings | NotRead) -> tuple[str, ...] | NotRead:
    if isinstance(senders, NotRead):
        return senders
    if not senders.push_app:
        return NotRead("push is off")
    app, found = senders.push_app, []
    for platform, operation, answer in (
        ("Android", "get_gcm_channel", "GCMChannelResponse"),
        ("iOS", "get_apns_channel", "APNSChannelResponse"),
    ):
        channel = _or_none(lambda operation=operation: aws.ask("pinpoint", operation, ApplicationId=app))  # type: ignore[misc]
        if isinstance(channel, NotRead):
            return channel
        if channel is not None and channel.get(answer, {}).get("Enabled"):
            found.append(platform)
    return tuple(found)


def _alarms(
    aws: Aws, stack: Stack | NotRead | None, outputs: Mapping[str, str]
) -> tuple[tuple[str, bool], ...] | NotRead | None:
    if not isinstance(stack, Stack):
        return stack if isinstance(stack, NotRead) else NO_STACK
    topic = outputs.get("AlarmTopic")
    if topic is None:
        return NotRead("this stage has no alarms")

    def ask() -> tuple[tuple[str, bool], ...]:
        found = aws.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)["Subscriptions"]
        return tuple((one["Protocol"], one["SubscriptionArn"].startswith("arn:")) for one in found)

    return _tried(ask)


def _skew(sources: Sources, outputs: Mapping[str, str]) -> float:
    if "Endpoint" not in outputs:
        raise Failure(NO_STACK.why)
    before = sources.now()
    theirs = sources.date(outputs["Endpoint"])
    after = sources.now()
    if before <= theirs <= after:
        return 0.0
    return ((before if theirs < before else after) - theirs).total_seconds()


def _versions(sources: Sources, outputs: Mapping[str, str]) -> Versions:
    if not outputs:
        raise Failure(NO_STACK.why)
    release: Release = Releases(sources.catalog()).current()
    alike = not release.number or release.folded_as == release.fingerprint
    return Versions(version("kervan"), outputs.get("Version", ""), release.number, alike)


def date_of(url: str) -> datetime:
    """The time by a server's clock, to the second.

    Raises
    ------
    Failure
        If it does not answer, or tells no time.
    """
    if not url.startswith(("http://", "https://")):
        raise Failure("the endpoint is no address")
    request = urllib.request.Request(f"{url}/v1/openapi.json", method="GET")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            told = answer.headers.get("date")
    except urllib.error.HTTPError as refused:
        told = refused.headers.get("date")
    except (OSError, http.client.HTTPException) as silent:
        raise Failure("the endpoint does not answer") from silent
    if told is None:
        raise Failure("the endpoint tells no time")
    return parsedate_to_datetime(told).astimezone(UTC)
