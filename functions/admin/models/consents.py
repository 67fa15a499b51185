"""What may be sent now and why, and every statement with its proof."""

from __future__ import annotations

from typing import Literal

from functions.admin.models.base import AnswerModel, Cursor, Time


class Statement(AnswerModel):
    """One statement: who said what, when, where, to which text, and whether the source may say so."""

    channel: str
    purpose: str
    said: Literal["granted", "withdrawn"]
    address: str | None
    time: Time
    received_at: Time
    counts_from: Time
    source: str
    trusted: bool
    permitted: bool
    origin: str | None
    text_version: str | None
    messageId: str  # noqa: N815 - as SDKs write it
    link_message: str | None
    under: list[str]


class ConsentNow(AnswerModel):
    """What holds for a channel and purpose, for the address in use."""

    channel: str
    purpose: str
    address: str | None
    granted: bool
    suppressed: bool
    why: str
    proof: Statement | None


class PreferencesNow(AnswerModel):
    """What the customer chose on the page of preferences: a limit, a pause, a language; and its proof."""

    one_in_days: int | None
    paused_until: Time | None
    language: str | None
    time: Time
    source: str
    origin: str | None
    text_version: str | None
    messageId: str  # noqa: N815 - as SDKs write it
    link_message: str | None


class Consents(AnswerModel):
    now: list[ConsentNow]
    preferences: PreferencesNow | None
    items: list[Statement]
    cursor: Cursor
