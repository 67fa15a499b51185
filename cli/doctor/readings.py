"""What was read of a deployment. Whatever could not be read says why, and nothing else fails for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why something could not be read. ``example``: it is about a name that nobody can own, so nothing is wrong."""

    why: str
    example: bool = False


@dataclass(frozen=True, slots=True)
class Stack:
    """The stack in CloudFormation: its status, and its outputs."""

    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SenderSettings:
    """Who the deployed functions send as; "" is off."""

    email: str = ""
    sms: str = ""
    carrier: str = "sns"
    push_app: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What SES knows of the sender. ``tokens`` are those of DKIM, ``mail_from`` the shop's own domain for bounces."""

    name: str
    verified: bool
    dkim: str
    tokens: tuple[str, ...] = ()
    mail_from: str = ""
    mail_from_status: str = ""


@dataclass(frozen=True, slots=True)
class SesAccount:
    """What SES permits the account to send."""

    production: bool
    enabled: bool
    enforcement: str
    per_day: float
    sent_today: float
    per_second: float


@dataclass(frozen=True, slots=True)
class SmsAccount:
    """Dollars a month that text messages may cost, and whether the account is in the sandbox of SMS."""

    monthly_limit: float
    sandbox: bool


@dataclass(frozen=True, slots=True)
class Versions:
    """The command's version, that of the deployed functions ("" if they are older than that), the current release of
    definitions, and whether it was published by code that remembers as much as the command's."""

    command: str
    deployed: str
    release: int
    folds_alike: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that the checks look at; None is: there is none."""

    stage: str
    account: str | NotRead
    region: str | NotRead
    bootstrap: int | NotRead | None
    stack: Stack | NotRead | None
    senders: SenderSettings | NotRead
    identity: Identity | NotRead | None
    dkim_records: Mapping[str, tuple[str, ...]] | NotRead
    """Token to the names that DNS answers for it."""
    spf: tuple[str, ...] | NotRead
    """Texts of the domain that bounces come back to."""
    dmarc: tuple[str, ...] | NotRead
    ses: SesAccount | NotRead
    sms: SmsAccount | NotRead
    push: tuple[str, ...] | NotRead
    """Platforms that have credentials."""
    domain: tuple[str, ...] | NotRead
    """Hosts that receive mail for the sender's domain: answers reach somebody."""
    alarms: tuple[tuple[str, bool], ...] | NotRead | None
    """Kind of each subscriber, and whether it confirmed."""
    skew_seconds: float | NotRead
    versions: Versions | NotRead


State = Literal["right", "missing", "unknown"]
