"""Whether the provider of each channel is called."""

from __future__ import annotations

from typing import Literal

from functions.admin.models.base import AnswerModel, Time


class ChannelState(AnswerModel):
    """``since``: the beginning of the outage; ``cause``: the provider's last word. Both are null while it works."""

    channel: Literal["email", "sms", "push"]
    state: Literal["sending", "provider_down", "recovering"]
    since: Time | None
    next_probe_at: Time | None
    cause: str | None


class ChannelList(AnswerModel):
    items: list[ChannelState]
