"""What a message would say, on every channel, without sending it: made by the same code as what is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from html import unescape
from typing import Any

from shared.domain.definitions.shop import Shop
from shared.domain.messages.request import Channel
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import (
    Content,
    EmailContent,
    PushContent,
    Render,
    SmsContent,
    Unrenderable,
    compose,
)
from shared.domain.templates.definition import Template
from shared.domain.templates.formats import money
from shared.domain.templates.push_display import ROOM, shown_push
from shared.domain.templates.view import View, missing

UNSUBSCRIBE, PREFERENCES = "https://preview.invalid/unsubscribe", "https://preview.invalid/preferences"
"""Stand in a preview for these links: a real one in a mail that is passed on would refuse or choose for somebody."""
_PREHEADER = re.compile(
    r"<body[^>]*>\s*<div\s+style=\"display:none[^\"]*\"[^>]*>(.*?)</div>", re.DOTALL | re.IGNORECASE
)
LanguageOf = Callable[[str], str | None]
"""The language in which a channel would speak; None if the template does not serve it."""


@dataclass(frozen=True, slots=True)
class ChannelPreview:
    """One channel. ``problem`` says why there is no content; ``missing`` names needs that are empty: the real message
    would be skipped as ``content_missing``."""

    channel: Channel
    language: str | None
    content: Content | None
    missing: tuple[str, ...] = ()
    problem: str | None = None


def preview(
    template: Template,
    channels: Iterable[Channel],
    language_of: LanguageOf,
    view_in: Callable[[str], View],
    render: Render,
) -> tuple[ChannelPreview, ...]:
    """Each channel as it would be sent now.

    Parameters
    ----------
    view_in
        The view in a language.
    """
    return tuple(_channel(template, channel, language_of(channel), view_in, render) for channel in channels)


def _channel(
    template: Template, channel: Channel, language: str | None, view_in: Callable[[str], View], render: Render
) -> ChannelPreview:
    if language is None or language not in template.languages(channel):
        served = ", ".join(template.languages(channel))
        said = f"the template has {channel} in {served} only" if served else f"the template has no {channel}"
        return ChannelPreview(channel, language, None, problem=said)
    view = view_in(language)
    absent = missing(template, view)
    try:
        return ChannelPreview(channel, language, compose(template, channel, language, view, render), absent)
    except Unrenderable as broken:
        return ChannelPreview(channel, language, None, absent, f"it cannot be rendered: {broken}")


def preview_json(shown: ChannelPreview, shop: Shop) -> dict[str, Any]:
    """One channel as an answer: its content with what it costs and how it is shown."""
    content = shown.content
    return {
        "channel": shown.channel,
        "language": shown.language,
        "missing": list(shown.missing),
        "problem": shown.problem,
        "email": _email(content) if isinstance(content, EmailContent) else None,
        "sms": _sms(content, shop, shown.language or "") if isinstance(content, SmsContent) else None,
        "push": _push(content) if isinstance(content, PushContent) else None,
    }


def preheader_of(html: str) -> str:
    """The line that an inbox shows behind the subject."""
    found = _PREHEADER.search(html)
    return " ".join(unescape(found[1]).replace("\u200c", "").split()) if found else ""


def _email(content: EmailContent) -> dict[str, Any]:
    return {
        "subject": content.subject,
        "preheader": preheader_of(content.html),
        "html": content.html,
        "text": content.text,
        "bytes": len(content.html.encode()),
    }


def _sms(content: SmsContent, shop: Shop, language: str) -> dict[str, Any]:
    length = sms_length(content.text)
    part = shop.prices.sms_part
    price = None if part is None else Decimal(part * length.parts)
    return {
        "text": content.text,
        "encoding": length.encoding,
        "units": length.units,
        "parts": length.parts,
        "forces_ucs2": length.forces_ucs2,
        "price": None
        if price is None
        else {"amount": str(price), "currency": shop.currency, "text": money(price, shop.currency, language)},
    }


def _push(content: PushContent) -> dict[str, Any]:
    shown = {system: shown_push(content, system) for system in ROOM}
    return {
        "title": content.title,
        "body": content.body,
        "url": content.url,
        "image": content.image,
        "shown": {
            system: {"title": one.title, "body": one.body, "shortened": one.shortened} for system, one in shown.items()
        },
    }
