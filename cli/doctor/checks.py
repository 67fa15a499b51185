"""The checks of `kervan doctor`: pure functions over what was read, one line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cli.doctor.readings import NotRead, Seen, State

LEAST_BOOTSTRAP = 6
"""The version of CDK's bootstrap stack that the template asks for."""
MOST_SKEW_SECONDS = 30.0
"""AWS refuses requests whose time is wrong by five minutes; tokens of ours are finer."""
GOOD_STACK = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})
WORKING_STACK = "_IN_PROGRESS"
FIRST_SMS_LIMIT = 1.0
QUOTA_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Line:
    """What a check found. ``next_step`` is empty if there is nothing to do."""

    check: str
    state: State
    found: str
    next_step: str = ""


def right(check: str, found: str) -> Line:
    """A line of a check that found what it should."""
    return Line(check, "right", found)


def missing(check: str, found: str, next_step: str) -> Line:
    """A line of a check that found something missing, with the next step."""
    return Line(check, "missing", found, next_step)


def unknown(check: str, read: NotRead, next_step: str = "") -> Line:
    """A line of a check whose answer could not be read."""
    return Line(check, "unknown", f"not checked here: {read.why}", next_step)


def diagnose(seen: Seen) -> list[Line]:
    """Every check, in the order in which things are set up."""
    return [check(seen) for check in CHECKS]


def account(seen: Seen) -> Line:
    """AWS answers to the caller's credentials."""
    if isinstance(seen.account, NotRead):
        return unknown("account", seen.account, "sign in: aws sso login, or set AWS_PROFILE")
    return right("account", seen.account)


def region(seen: Seen) -> Line:
    """A region is set."""
    if isinstance(seen.region, NotRead):
        return unknown("region", seen.region, "set AWS_REGION")
    return right("region", seen.region)


def bootstrap(seen: Seen) -> Line:
    """CDK's own stack is there, and new enough."""
    step = f"make bootstrap STAGE={seen.stage}"
    match seen.bootstrap:
        case NotRead() as read:
            return unknown("bootstrap", read)
        case None:
            return missing("bootstrap", "CDK's stack CDKToolkit is not there", step)
        case version if version < LEAST_BOOTSTRAP:
            return missing("bootstrap", f"version {version} is older than {LEAST_BOOTSTRAP}", step)
        case version:
            return right("bootstrap", f"version {version}")


def stack(seen: Seen) -> Line:
    """The stack of the stage is deployed and whole."""
    match seen.stack:
        case NotRead() as read:
            return unknown("stack", read)
        case None:
            return missing("stack", f"kervan-{seen.stage} is not deployed", f"make deploy STAGE={seen.stage}")
        case found if found.status in GOOD_STACK:
            return right("stack", found.status)
        case found if found.status.endswith(WORKING_STACK):
            return Line("stack", "unknown", f"{found.status}: a deployment is at work", "look again when it is done")
        case found:
            return missing("stack", found.status, "look at the stack's events in CloudFormation, then deploy again")


def ses_identity(seen: Seen) -> Line:
    """SES has verified the sender."""
    check = "SES identity"
    if isinstance(seen.senders, NotRead):
        return unknown(check, seen.senders)
    if not seen.senders.email:
        return missing(check, "e-mail is off", "deploy with -c sender=hello@your-domain")
    match seen.identity:
        case NotRead() as read:
            return unknown(check, read)
        case None:
            return missing(check, f"SES does not know {seen.senders.email}", "deploy again with its -c sender")
        case found if found.verified:
            return right(check, f"{found.name} is verified")
        case found:
            step = "click the link that SES has sent" if "@" in found.name else "publish the three DkimRecord outputs"
            return missing(check, f"{found.name} is not verified", step)


def dkim(seen: Seen) -> Line:
    """SES signs, and DNS answers for each of its three keys with the name that SES expects."""
    found = seen.identity
    if found is None or isinstance(found, NotRead):
        return unknown("DKIM", found or NotRead("there is no identity"))
    if isinstance(seen.dkim_records, NotRead) and seen.dkim_records.example:
        return unknown("DKIM", seen.dkim_records)
    if "@" in found.name and found.dkim != "SUCCESS":
        step = "verify the whole domain: deploy with -c sender_identity=domain"
        return missing("DKIM", "a single address is verified, so its domain signs nothing", step)
    step = "publish the CNAME records of the DkimRecord outputs at the sender's domain"
    if found.dkim != "SUCCESS":
        return missing("DKIM", f"SES says {found.dkim}", step)
    if isinstance(seen.dkim_records, NotRead):
        return unknown("DKIM", seen.dkim_records)
    records = seen.dkim_records
    wrong = [one for one in found.tokens if f"{one}.dkim.amazonses.com" not in records.get(one, ())]
    if wrong:
        return missing("DKIM", f"{len(wrong)} of {len(found.tokens)} records are missing in DNS", step)
    return right("DKIM", f"{len(found.tokens)} records, and SES signs with them")


def spf(seen: Seen) -> Line:
    """SPF is asked of the domain that bounces come back to: SES's own, unless a MAIL FROM domain is set."""
    found = seen.identity
    if found is None or isinstance(found, NotRead):
        return unknown("SPF", found or NotRead("there is no identity"))
    if not found.mail_from:
        return right("SPF", "bounces come back to amazonses.com, which SES answers for")
    if isinstance(seen.spf, NotRead):
        return unknown("SPF", seen.spf)
    records = [text for text in seen.spf if text.lower().startswith("v=spf1")]
    record = f'publish the TXT record "v=spf1 include:amazonses.com ~all" at {found.mail_from}'
    if len(records) > 1:
        return missing("SPF", f"{found.mail_from} has {len(records)} records: none of them counts", "leave one of them")
    if not records or "include:amazonses.com" not in records[0].lower().split():
        return missing("SPF", f"{found.mail_from} does not permit SES to send", record)
    if found.mail_from_status != "SUCCESS":
        return missing("SPF", f"SES says {found.mail_from_status} of {found.mail_from}", "publish its MX record too")
    return right("SPF", f"{found.mail_from} permits SES")


def dmarc(seen: Seen) -> Line:
    """The sender's domain has one DMARC record."""
    if isinstance(seen.dmarc, NotRead):
        return unknown("DMARC", seen.dmarc)
    records = [text for text in seen.dmarc if text.lower().replace(" ", "").startswith("v=dmarc1")]
    if len(records) == 1:
        return right("DMARC", records[0])
    found = f"{len(records)} records: none of them counts" if records else "there is no record"
    return missing("DMARC", found, 'publish one TXT record "v=DMARC1; p=none; rua=mailto:..." at _dmarc.<domain>')


def ses_account(seen: Seen) -> Line:
    """The account is out of the sandbox, sending is on, and the day's quota is not used up."""
    check = "SES account"
    if isinstance(seen.ses, NotRead):
        return unknown(check, seen.ses)
    ses = seen.ses
    if not ses.production:
        step = "ask for production access in the SES console; until then only verified addresses get mail"
        return missing(check, f"in the sandbox, {ses.per_day:,.0f} messages a day", step)
    if not ses.enabled or ses.enforcement not in ("HEALTHY", ""):
        step = "read AWS's message in the SES console, and look at bounces and complaints"
        return missing(check, f"sending is {'on' if ses.enabled else 'off'}, reputation {ses.enforcement}", step)
    used = f"{ses.sent_today:,.0f} of {ses.per_day:,.0f} messages today, {ses.per_second:,.0f} a second"
    if 0 <= ses.per_day * QUOTA_SHARE < ses.sent_today:
        return missing(check, used, "ask for a higher quota in Service Quotas")
    return right(check, used)


def sms(seen: Seen) -> Line:
    """Text messages are off, or may be sent to anybody."""
    if isinstance(seen.senders, NotRead):
        return unknown("SMS", seen.senders)
    if not seen.senders.sms:
        return right("SMS", "off")
    if seen.senders.carrier == "gateway":
        return right("SMS", f"a gateway of your own carries it: {seen.senders.sms}")
    if isinstance(seen.sms, NotRead):
        return unknown("SMS", seen.sms)
    if seen.sms.sandbox:
        return missing("SMS", "in the sandbox: only verified numbers get messages", "leave it in the SNS console")
    if seen.sms.monthly_limit <= FIRST_SMS_LIMIT:
        step = "raise the monthly spending limit of SMS in Service Quotas, then in the console"
        return missing("SMS", f"at most {seen.sms.monthly_limit:.2f} dollars a month", step)
    return right("SMS", f"from {seen.senders.sms}, at most {seen.sms.monthly_limit:,.0f} dollars a month")


def push(seen: Seen) -> Line:
    """Push is off, or a platform has credentials."""
    if isinstance(seen.senders, NotRead):
        return unknown("push", seen.senders)
    if not seen.senders.push_app:
        return right("push", "off")
    if isinstance(seen.push, NotRead):
        return unknown("push", seen.push)
    if not seen.push:
        step = "give the application in the output PinpointApp the credentials of FCM and APNs"
        return missing("push", "no platform has credentials", step)
    return right("push", f"credentials for {', '.join(seen.push)}")


def domain(seen: Seen) -> Line:
    """Who answers a message, and reports of DMARC, must reach somebody."""
    if isinstance(seen.domain, NotRead):
        return unknown("domain", seen.domain)
    if not seen.domain:
        return missing("domain", "nobody receives mail at the sender's domain", "publish an MX record for it")
    return right("domain", f"mail is received by {seen.domain[0]}")


def alarms(seen: Seen) -> Line:
    """Somebody has confirmed to hear of alarms."""
    step = f'write "alarms": "you@your-domain" under context in cdk.json, then make deploy STAGE={seen.stage}'
    match seen.alarms:
        case NotRead() as read:
            return unknown("alarms", read)
        case None | ():
            return missing("alarms", "nobody hears of alarms", step)
        case told if all(confirmed for _kind, confirmed in told):
            return right("alarms", f"{len(told)} subscribers")
        case told:
            open_ones = sum(not confirmed for _kind, confirmed in told)
            return missing("alarms", f"{open_ones} of {len(told)} have not confirmed", "confirm AWS's message to them")


def clock(seen: Seen) -> Line:
    """The clock of this machine is about that of the deployment."""
    if isinstance(seen.skew_seconds, NotRead):
        return unknown("clock", seen.skew_seconds)
    if abs(seen.skew_seconds) > MOST_SKEW_SECONDS:
        return missing("clock", f"this machine is {seen.skew_seconds:+.0f} s off", "set the system's clock by NTP")
    return right("clock", f"this machine is {seen.skew_seconds:+.0f} s off")


def versions(seen: Seen) -> Line:
    """The deployed version is that of the command, and definitions are published."""
    if isinstance(seen.versions, NotRead):
        return unknown("versions", seen.versions)
    found = seen.versions
    said = f"command {found.command}, deployed {found.deployed or 'an older one'}, release {found.release}"
    if found.deployed != found.command:
        return missing("versions", said, f"make deploy STAGE={seen.stage} from the version you want")
    if not found.release:
        return missing("versions", said, f"kervan definitions apply definitions --stage {seen.stage}")
    if not found.folds_alike:
        step = f"kervan definitions apply definitions --stage {seen.stage}: the code remembers more than the release"
        return missing("versions", said, step)
    return right("versions", said)


CHECKS: tuple[Callable[[Seen], Line], ...] = (
    account, region, bootstrap, stack, versions, ses_identity, dkim, spf, dmarc, ses_account, sms, push, domain,
    alarms, clock,
)  # fmt: skip
