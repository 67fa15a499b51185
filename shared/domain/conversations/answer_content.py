"""What a channel's provider gets of an answer."""

from __future__ import annotations

from html import escape

from shared.domain.conversations.message import Message
from shared.domain.templates.content import (
    TITLE_LENGTH,
    Content,
    ContentFile,
    EmailContent,
    PushContent,
    SmsContent,
)
from shared.domain.templates.display_values import clean

NO_SUBJECT = "Re:"


def content_of(message: Message, files: tuple[ContentFile, ...] = (), *, shop: str = "") -> Content:
    """A text message, a push message under the name of the shop, or an e-mail of plain paragraphs: what an agent wrote
    is text, never HTML. A tap on a push message opens the app; each answer replaces itself only.

    >>> from datetime import datetime
    >>> content_of(Message("m", "c", 1, datetime(2026, 1, 1), "out", "sms", "On its way."))
    SmsContent(text='On its way.', template=(), files=())
    """
    if message.channel == "push":
        return PushContent(clean(shop, TITLE_LENGTH) or NO_SUBJECT, message.text, "", collapse=message.id)
    if message.channel != "email":
        return SmsContent(message.text, message.template, files)
    paragraphs = [part.strip() for part in message.text.replace("\r\n", "\n").split("\n\n")]
    shown = "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)
    html = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{shown}</body></html>'
    return EmailContent(message.subject or NO_SUBJECT, html, message.text, files)
