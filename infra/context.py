"""Reading `cdk -c key=value` into settings; every mistake is told in one sentence."""

import re
from collections.abc import Callable, Mapping

from infra.scale_settings import BOUNDS, Scale
from infra.settings import (
    SENDER_IDENTITIES,
    SMS_CARRIERS,
    STAGES,
    AlarmSettings,
    Backup,
    Domain,
    Mailbox,
    SenderIdentity,
    Senders,
    Settings,
    SmsCarrier,
    Stage,
    settings_for,
)

LOCAL_SENDER = "hello@kervan.example"
LOCAL_SMS_SENDER = "KERVAN"
LOCAL_MAILBOX = "support@kervan.example"
LOCAL_KEYS = ("clock_file", "pinpoint_endpoint", "graph_endpoint", "iys_endpoint", "ads_endpoint", "public_url")
SOCIAL = ("whatsapp", "instagram", "messenger")
MOST_MAILBOXES = 20
LEAST_BACKUP_DAYS, MOST_BACKUP_DAYS = 7, 3_650
KEYS = (
    "stage", "sender", "sender_identity", "sender_sms", "sms", "sms_max_price", "push", "web_push", "social",
    "reserve", "lake", "athena_gb", "alarms", "spend_per_day", "runbooks", "domain", "certificate", "web_acl",
    "mailbox", "mail_rules", "stock_webhook", "conversation_webhook", "rollout", "backup_days", "backup_copy",
    *BOUNDS, *LOCAL_KEYS,
)  # fmt: skip

_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]{1,64}")
_WEB_ACL = re.compile(r"arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/[A-Za-z0-9_-]{1,128}/[0-9a-f-]{36}")
_LOCAL_PART = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_SMS_IDENTITY = re.compile(r"[A-Za-z0-9_:/+-]{1,256}")  # of End User Messaging: also a pool, or an ARN
_GATEWAY = re.compile(r"[a-z][a-z0-9-]{0,31}")
_RULES = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_WEBHOOK = re.compile(
    r"https://(?=[^/?]{1,253}[/?]?)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}([/?][!-\[\]-~]{0,1000})?"
)
_PRICE = re.compile(r"[0-9]{1,2}\.[0-9]{1,5}")
_VAULT = re.compile(r"arn:aws[a-z-]*:backup:[a-z0-9-]+:[0-9]{12}:backup-vault:[A-Za-z0-9_-]{2,50}")
_NUMBER = re.compile(r"[0-9]{1,7}")
_SMS_SENDER = re.compile(r"\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[A-Za-z0-9]{1,11}")


class ContextError(ValueError):
    """A `-c` value that cannot be used; the message says what to write instead."""


def read_context(read: Callable[[str], object]) -> Settings:
    """Make settings from context values; `read` gives a key's value or None.

    Raises
    ------
    ContextError
        When a value is not understood.
    """
    given: Mapping[str, str] = {key: str(value) for key in KEYS if (value := read(key)) not in (None, "")}
    stage = _stage(given.get("stage", "dev"))
    for key in LOCAL_KEYS:
        if key in given and stage != "local":
            raise ContextError(f"-c {key}=... is for stage local only; leave it out on stage {stage}")
    return settings_for(
        stage,
        senders=_senders(stage, given),
        alarms=_alarms(given),
        reserve=_flag(given, "reserve"),
        clock_file=given.get("clock_file", ""),
        pinpoint_endpoint=given.get("pinpoint_endpoint", ""),
        graph_endpoint=given.get("graph_endpoint", ""),
        iys_endpoint=given.get("iys_endpoint", ""),
        ads_endpoint=given.get("ads_endpoint", ""),
        public_url=given.get("public_url", ""),
        domain=_domain(stage, given),
        lake=_flag(given, "lake", "on"),
        athena_gb=_athena(stage, given),
        mailbox=_mailbox(stage, given),
        gradual=_gradual(stage, given),
        backup=_backup(stage, given),
        scale=_scale(stage, given),
        stock_webhook=_webhook(given, "stock"),
        conversation_webhook=_webhook(given, "conversation"),
    )


def _scale(stage: Stage, given: Mapping[str, str]) -> Scale:
    named = {key: given[key] for key in BOUNDS if key in given}
    if named and stage == "local":
        raise ContextError(f"-c {next(iter(named))}=... is not for stage local, which is one laptop")
    for key, value in named.items():
        least, most = BOUNDS[key]
        if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
            raise ContextError(f"-c {key}={value} is no number from {least} to {most}")
    return Scale(**{key: int(value) for key, value in named.items()})


def _gradual(stage: Stage, given: Mapping[str, str]) -> bool:
    value = given.get("rollout", "at_once")
    if value not in ("at_once", "gradual"):
        raise ContextError(f"-c rollout={value} is not known; write at_once or gradual")
    if value == "gradual" and stage == "local":
        raise ContextError("-c rollout=gradual is not for stage local, where nothing shifts")
    return value == "gradual"


def _backup(stage: Stage, given: Mapping[str, str]) -> Backup | None:
    value, copy_to = given.get("backup_days", "0"), given.get("backup_copy", "")
    if not _NUMBER.fullmatch(value) or 0 < int(value) < LEAST_BACKUP_DAYS or int(value) > MOST_BACKUP_DAYS:
        raise ContextError(
            f"-c backup_days={value} is no number of days from {LEAST_BACKUP_DAYS} to {MOST_BACKUP_DAYS}, or 0 for none"
        )
    if copy_to and not int(value):
        raise ContextError("-c backup_copy=... needs -c backup_days=DAYS: there is nothing to copy")
    if copy_to and not _VAULT.fullmatch(copy_to):
        raise ContextError(f"-c backup_copy={copy_to} is no ARN of a backup vault")
    if int(value) and stage == "local":
        raise ContextError("-c backup_days=... is not for stage local, which AWS Backup does not know")
    return Backup(days=int(value), copy_to=copy_to) if int(value) else None


def _webhook(given: Mapping[str, str], subject: str) -> str:
    """The function that calls it checks once more, and whether the host's addresses are public."""
    value = given.get(f"{subject}_webhook", "")
    if value and not _WEBHOOK.fullmatch(value):
        raise ContextError(
            f"-c {subject}_webhook=... must be an address like https://shop.example/hooks/{subject}, without a port"
        )
    return value


def _mailbox(stage: Stage, given: Mapping[str, str]) -> Mailbox:
    rules = given.get("mail_rules", "")
    written = given.get("mailbox", LOCAL_MAILBOX if stage == "local" else "")
    addresses = tuple(dict.fromkeys(one.strip() for one in written.split(",") if one.strip()))
    if rules and not addresses:
        raise ContextError("-c mail_rules=... needs -c mailbox=ADDRESS, where customers write to")
    if rules and not _RULES.fullmatch(rules):
        raise ContextError(f"-c mail_rules={rules} is no name of a set of receipt rules")
    if len(addresses) > MOST_MAILBOXES:
        raise ContextError(f"-c mailbox=... takes {MOST_MAILBOXES} addresses at most, divided by commas")
    return Mailbox(addresses=tuple(_mail_address(one) for one in addresses), rules=rules)


def _mail_address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if not _DOMAIN.fullmatch(domain.lower()) or not _LOCAL_PART.fullmatch(local):
        raise ContextError(f"-c mailbox={value} is no e-mail address; write support@example.com")
    return f"{local}@{domain.lower()}"


def _domain(stage: Stage, given: Mapping[str, str]) -> Domain | None:
    name, certificate = given.get("domain", "").lower(), given.get("certificate", "")
    web_acl = given.get("web_acl", "")
    if not name and not certificate and not web_acl:
        return None
    if web_acl and not name:
        raise ContextError("-c web_acl=ARN needs -c domain=... and -c certificate=ARN, which visitors reach it by")
    if stage == "local":
        raise ContextError("-c domain=... is not for stage local, which answers on this machine only")
    if not _DOMAIN.fullmatch(name):
        raise ContextError(f"-c domain={name} is no domain like go.shop.example")
    if not _CERTIFICATE.fullmatch(certificate):
        raise ContextError(f"-c domain={name} needs -c certificate=ARN, of its certificate in this region's ACM")
    if web_acl and not _WEB_ACL.fullmatch(web_acl):
        raise ContextError(f"-c web_acl={web_acl} is no ARN of a web ACL of CloudFront; kervan-firewall prints it")
    if web_acl and ":acm:us-east-1:" not in certificate:
        raise ContextError("-c web_acl=ARN needs a certificate of us-east-1: CloudFront takes no other")
    return Domain(name=name, certificate=certificate, web_acl=web_acl)


def _athena(stage: Stage, given: Mapping[str, str]) -> int:
    value = given.get("athena_gb", "0")
    if not _NUMBER.fullmatch(value):
        raise ContextError(f"-c athena_gb={value} is no number of gigabytes; write 10, or 0 for no Athena")
    if int(value) and stage == "local":
        raise ContextError("-c athena_gb=... is not for stage local, which asks its lake by `kervan report`")
    if int(value) and given.get("lake", "on") != "on":
        raise ContextError("-c athena_gb=... needs a lake: leave -c lake=off out")
    return int(value)


def _stage(value: str) -> Stage:
    for stage in STAGES:
        if value == stage:
            return stage
    raise ContextError(f"-c stage={value} is not known; write one of: {', '.join(STAGES)}")


def _alarms(given: Mapping[str, str]) -> AlarmSettings:
    addresses = tuple(dict.fromkeys(one.strip() for one in given.get("alarms", "").split(",") if one.strip()))
    for address in addresses:
        local, _, domain = address.rpartition("@")
        mailbox = _LOCAL_PART.fullmatch(local) and _DOMAIN.fullmatch(domain.lower())
        if not mailbox and not (address.startswith("https://") and "@" not in address):
            raise ContextError(f"-c alarms={address} is neither an e-mail address nor an https address without @")
    spend = given.get("spend_per_day", str(AlarmSettings.spend_per_day))
    if not _NUMBER.fullmatch(spend):
        raise ContextError(f"-c spend_per_day={spend} is no number of dollars; write 25, or 0 for no alarm")
    runbooks = given.get("runbooks", AlarmSettings.runbooks).rstrip("/")
    return AlarmSettings(addresses=addresses, spend_per_day=int(spend), runbooks=runbooks)


def _senders(stage: Stage, given: Mapping[str, str]) -> Senders:
    carrier = _carrier(given.get("sms", "sns"))
    if stage == "local":
        if carrier != "sns":
            raise ContextError(f"-c sms={carrier} is not for stage local, whose outbox takes text messages by SNS")
        return Senders(
            email=_address(given.get("sender", LOCAL_SENDER)),
            identity="address",
            sms=_sms(given.get("sender_sms", LOCAL_SMS_SENDER)),
            push=True,
            social=SOCIAL,
        )
    return Senders(
        email=_address(given.get("sender", "")),
        identity=_identity(given.get("sender_identity", "domain")),
        sms=_sms(given.get("sender_sms", ""), carrier),
        sms_carrier=carrier,
        sms_max_price=_price(given, carrier),
        push=_flag(given, "push"),
        web_push=_flag(given, "web_push"),
        social=_social(given),
    )


def _address(value: str) -> str:
    """An address as given; for a bare domain, `hello@` that domain; the domain in lower case."""
    if not value:
        return ""
    local, _, domain = value.rpartition("@") if "@" in value else ("hello", "@", value)
    domain = domain.lower()
    if not _DOMAIN.fullmatch(domain) or not _LOCAL_PART.fullmatch(local):
        raise ContextError(f"-c sender={value} is neither an e-mail address nor a domain; write hello@example.com")
    return f"{local}@{domain}"


def _identity(value: str) -> SenderIdentity:
    for identity in SENDER_IDENTITIES:
        if value == identity:
            return identity
    raise ContextError(f"-c sender_identity={value} is not known; write one of: {', '.join(SENDER_IDENTITIES)}")


def _carrier(value: str) -> SmsCarrier:
    for carrier in SMS_CARRIERS:
        if value == carrier:
            return carrier
    raise ContextError(f"-c sms={value} is not known; write one of: {', '.join(SMS_CARRIERS)}")


def _social(given: Mapping[str, str]) -> tuple[str, ...]:
    named = [one.strip() for one in given.get("social", "").split(",") if one.strip()]
    for one in named:
        if one not in SOCIAL:
            raise ContextError(f"-c social={one} is not known; write some of: {','.join(SOCIAL)}")
    return tuple(one for one in SOCIAL if one in named)


def _price(given: Mapping[str, str], carrier: SmsCarrier) -> str:
    value = given.get("sms_max_price", "")
    if value and carrier != "end_user_messaging":
        raise ContextError("-c sms_max_price needs -c sms=end_user_messaging: SNS knows no price for one message")
    if value and not _PRICE.fullmatch(value):
        raise ContextError(f"-c sms_max_price={value} is no price in US dollars like 0.15")
    return value


def _sms(value: str, carrier: SmsCarrier = "sns") -> str:
    if carrier == "gateway":
        if not _GATEWAY.fullmatch(value):
            raise ContextError("-c sms=gateway needs -c sender_sms=NAME, the name in definitions/senders/NAME.yaml")
        return value
    if carrier == "end_user_messaging":
        if value and not _SMS_IDENTITY.fullmatch(value):
            raise ContextError(f"-c sender_sms={value} is no sender id, number, pool or ARN")
        return value
    if value and not _SMS_SENDER.fullmatch(value):
        raise ContextError(
            f"-c sender_sms={value} is neither a number like +905001112233 nor up to 11 letters and digits"
        )
    return value


def _flag(given: Mapping[str, str], key: str, default: str = "off") -> bool:
    value = given.get(key, default)
    if value not in ("on", "off"):
        raise ContextError(f"-c {key}={value} is not known; write on or off")
    return value == "on"
