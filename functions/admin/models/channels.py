"""Whether the provider of each channel is called, and what holds marketing up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import ConfigDict

from functions.admin.models.base import AnswerModel, RequestModel, Time


class ChannelRequest(RequestModel):
    """Marketing that stopped because of bounces or complaints goes on."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"marketing": "running"}]})
    sentences: ClassVar[Mapping[str, str]] = {"": 'say {"marketing": "running"}'}

    marketing: Literal["running"]


class Suspended(AnswerModel):
    """Since when and why marketing waits, with the counts of seven days that made it stop."""

    since: Time
    because: Literal["bounces", "complaints"]
    sent: int
    bounced: int
    complained: int


class Volume(AnswerModel):
    """The volume of today and how much of it the workers have reserved."""

    daily: int
    used: int


class Quota(AnswerModel):
    """What SES said last, at ``at``: messages in any 24 hours (null without a limit) and in a second, those of the last
    24 hours, how many of a day marketing may use, whether the account is out of the sandbox, whether it may send."""

    at: Time
    per_day: int | None
    per_second: int
    sent_in_24h: int
    for_marketing: int | None
    production: bool
    enabled: bool


class ChannelState(AnswerModel):
    """``since``: the beginning of the outage; ``cause``: the provider's last word. Both are null while it works."""

    channel: Literal["email", "sms", "push"]
    state: Literal["sending", "provider_down", "recovering"]
    since: Time | None
    next_probe_at: Time | None
    cause: str | None
    suspended: Suspended | None
    warm_up: Volume | None
    quota: Quota | None


class ChannelList(AnswerModel):
    items: list[ChannelState]
