"""What differs between stages, as values of one type; nothing else in `infra/` asks which stage it is.

Settings do not depend on the region or the account: one template serves all of them.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from infra.concurrency import DEV, LOCAL, PROD, PROD_RESERVATIONS, Concurrency, raised_by
from infra.scale_settings import Scale

Stage = Literal["local", "dev", "prod"]
SenderIdentity = Literal["domain", "address", "existing"]
SmsCarrier = Literal["sns", "end_user_messaging", "gateway"]
STAGES: tuple[Stage, ...] = get_args(Stage)
SMS_CARRIERS: tuple[SmsCarrier, ...] = get_args(SmsCarrier)
SENDER_IDENTITIES: tuple[SenderIdentity, ...] = get_args(SenderIdentity)


@dataclass(frozen=True, kw_only=True)
class Senders:
    """Who messages come from. A channel without a sender is off; with no sender at all nothing is sent on any channel.

    Attributes
    ----------
    email
        The address in `From`, or "" for off.
    identity
        What SES verifies: the address's whole domain (with DKIM, as Gmail and Yahoo demand), the single address, or
        nothing because the account has verified it already.
    sms
        Sender id, origination number, or (End User Messaging) a pool or an ARN; "" for off.
    sms_carrier
        Who carries text messages: SNS, AWS End User Messaging, which reports deliveries and knows a price limit, or the
        HTTP gateway of an operator, whose name `sms` is then.
    sms_max_price
        Most that a text message may cost by End User Messaging, in US dollars, or "" for no limit.
    push
        True when the Pinpoint application has been given the credentials of FCM or APNs.
    web_push
        True when browsers get push messages, with the key pair of `kervan push keys`.
    social
        Channels of Meta that agents answer on, with the secrets of `kervan senders secret meta`.
    """

    email: str = ""
    identity: SenderIdentity = "domain"
    sms: str = ""
    sms_carrier: SmsCarrier = "sns"
    sms_max_price: str = ""
    push: bool = False
    web_push: bool = False
    social: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The part of the address after the `@`."""
        return self.email.rpartition("@")[2]

    @property
    def any(self) -> bool:
        """Whether anything may be sent at all."""
        return bool(self.email or self.sms or self.push or self.web_push or self.social)


@dataclass(frozen=True, kw_only=True)
class AlarmSettings:
    """Who hears of alarms.

    Attributes
    ----------
    addresses
        E-mail addresses and https addresses; each is asked to confirm.
    spend_per_day
        Dollars of the whole account in one day, beyond which an alarm comes; 0 for none.
    runbooks
        What stands before the name of a runbook in an alarm's text: a folder of the repository, or the address where
        it can be read.
    """

    addresses: tuple[str, ...] = ()
    spend_per_day: int = 25
    runbooks: str = "docs/runbooks"


@dataclass(frozen=True, kw_only=True)
class Domain:
    """A domain in front of the HTTP API.

    Attributes
    ----------
    name
        Such as `go.shop.example`: short, because text messages hold it.
    certificate
        ARN of its certificate in AWS Certificate Manager, in the region of the stack; behind a firewall in us-east-1,
        where CloudFront looks for it.
    web_acl
        ARN of the firewall's rules (AWS WAF, scope CloudFront), or "": the API is reached without a firewall.
    """

    name: str
    certificate: str
    web_acl: str = ""


@dataclass(frozen=True, kw_only=True)
class Backup:
    """A backup of all tables, made every night.

    Attributes
    ----------
    days
        How long each is kept. An erased person is in the older ones until then (docs/privacy.md).
    copy_to
        ARN of a backup vault in another region that each is copied to, or "".
    """

    days: int
    copy_to: str = ""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """Where customers write e-mails to.

    Attributes
    ----------
    addresses
        That SES takes mail for; answers name the first as `Reply-To`. None: no mail is taken.
    rules
        The account's active set of receipt rules, or "": the stage makes one of its own, which is to be made active.
    """

    addresses: tuple[str, ...] = ()
    rules: str = ""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a stage decides.

    Attributes
    ----------
    retain
        Keep tables and the secret when the stack is deleted, and protect the stack from deletion.
    protect
        Encrypt with the account's own keys, recover to any point in time, refuse unencrypted transport.
    log_days
        Days that logs are kept: one of CloudWatch's permitted values.
    log_level
        Level of the functions' own logs.
    batching_seconds
        How long a stream reader may wait to fill a batch: fewer invocations against later reactions.
    stream_batch
        Records that a stream reader takes at most. On the laptop many: an import of history is worked off sooner.
    clock_file
        Local stage only: the file that shifts the functions' clock.
    pinpoint_endpoint
        Local stage only: the server that stands in for Pinpoint, "" elsewhere.
    graph_endpoint
        Local stage only: the server that stands in for Meta's Graph API, "" elsewhere.
    iys_endpoint
        Local stage only: the server that stands in for IYS, "" elsewhere.
    ads_endpoint
        Local stage only: the server that stands in for advertising platforms, "" elsewhere.
    public_url
        Local stage only: where the emulator serves the HTTP API; elsewhere AWS gives the address.
    domain
        The shop's own domain for links of messages; None: they begin with the address that AWS gives.
    mailbox
        Where customers write e-mails to.
    sandbox
        Let senders write to any address that SES's sandbox has verified; SES checks the recipient's identity there too.
    athena_gb
        Gigabytes that a query of Athena may read at most; 0 makes no tables for it.
    lake
        Hand rows on to the lake, which reports read; without it nothing of it is made or paid.
    gradual
        A deployment gives each new version a tenth of the work for ten minutes, and goes back if functions fail.
    warm_writes
        Write units that `customers` takes without notice; 0 as AWS gives.
    backup
        Keep a backup of every day in a vault, apart from the tables' own recovery; None: no vault.
    stock_webhook
        The https address that is told of changed stock (docs/stock.md#webhook); "" tells nobody.
    conversation_webhook
        The https address that is told of answers that are due (docs/service.md#webhook); "" tells nobody.
    bundled
        Ship third-party packages in the functions' asset; the local emulator's interpreter has them already.
    """

    stage: Stage
    retain: bool
    protect: bool
    log_days: int
    log_level: str
    batching_seconds: int
    stream_batch: int
    concurrency: Concurrency
    senders: Senders
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    mailbox: Mailbox = field(default_factory=Mailbox)
    sandbox: bool = False
    clock_file: str = ""
    pinpoint_endpoint: str = ""
    graph_endpoint: str = ""
    iys_endpoint: str = ""
    ads_endpoint: str = ""
    public_url: str = ""
    domain: Domain | None = None
    lake: bool = True
    athena_gb: int = 0
    gradual: bool = False
    backup: Backup | None = None
    warm_writes: int = 0
    stock_webhook: str = ""
    conversation_webhook: str = ""
    bundled: bool = True

    @property
    def prefix(self) -> str:
        """What every physical name begins with."""
        return f"kervan-{self.stage}"

    @property
    def local(self) -> bool:
        """Whether this is the emulator on a laptop, which lacks some of AWS's resources."""
        return self.stage == "local"


def settings_for(
    stage: Stage,
    *,
    senders: Senders,
    alarms: AlarmSettings | None = None,
    reserve: bool = False,
    clock_file: str = "",
    pinpoint_endpoint: str = "",
    graph_endpoint: str = "",
    iys_endpoint: str = "",
    ads_endpoint: str = "",
    public_url: str = "",
    domain: Domain | None = None,
    lake: bool = True,
    athena_gb: int = 0,
    mailbox: Mailbox | None = None,
    gradual: bool = False,
    backup: Backup | None = None,
    scale: Scale | None = None,
    stock_webhook: str = "",
    conversation_webhook: str = "",
) -> Settings:
    """Give the settings of a stage; `reserve` asks for reserved environments on prod."""
    raised = scale or Scale()
    heard, mails = alarms or AlarmSettings(), mailbox or Mailbox()
    match stage:
        case "local":
            return Settings(
                stage="local",
                retain=False,
                protect=False,
                log_days=1,
                log_level="INFO",
                batching_seconds=0,
                stream_batch=5_000,
                concurrency=LOCAL,
                senders=senders,
                lake=lake,
                alarms=heard,
                mailbox=mails,
                stock_webhook=stock_webhook,
                conversation_webhook=conversation_webhook,
                clock_file=clock_file,
                pinpoint_endpoint=pinpoint_endpoint,
                graph_endpoint=graph_endpoint,
                iys_endpoint=iys_endpoint,
                ads_endpoint=ads_endpoint,
                public_url=public_url,
                bundled=False,
            )
        case "dev":
            return Settings(
                stage="dev",
                retain=False,
                protect=True,
                log_days=14,
                log_level="DEBUG",
                batching_seconds=1,
                stream_batch=100,
                concurrency=raised_by(DEV, raised),
                senders=senders,
                lake=lake,
                athena_gb=athena_gb,
                alarms=heard,
                mailbox=mails,
                stock_webhook=stock_webhook,
                conversation_webhook=conversation_webhook,
                sandbox=True,
                domain=domain,
                gradual=gradual,
                backup=backup,
                warm_writes=raised.warm_writes,
            )
        case "prod":
            return Settings(
                stage="prod",
                retain=True,
                protect=True,
                log_days=90,
                log_level="INFO",
                batching_seconds=1,
                stream_batch=100,
                concurrency=raised_by(replace(PROD, reserved=dict(PROD_RESERVATIONS) if reserve else {}), raised),
                senders=senders,
                lake=lake,
                athena_gb=athena_gb,
                alarms=heard,
                mailbox=mails,
                stock_webhook=stock_webhook,
                conversation_webhook=conversation_webhook,
                domain=domain,
                gradual=gradual,
                backup=backup,
                warm_writes=raised.warm_writes,
            )
