"""What a channel's provider gets of one message."""

from __future__ import annotations

from functions.notify.send_context import SendContext
from shared.domain.messages.request import SendRequest
from shared.domain.messages.sms_length import sms_length
from shared.domain.templates.content import Content, EmailContent, SmsContent
from shared.ports.sender import Outgoing


def parts_of(content: Content) -> int:
    """Of a text message how many parts are billed; 0 of everything else."""
    return sms_length(content.text).parts if isinstance(content, SmsContent) else 0


def outgoing_of(request: SendRequest, reading: SendContext, content: Content) -> Outgoing:
    """The message as the sender takes it; marketing mail with the headers to unsubscribe."""
    context = reading.context
    assert context.address is not None  # noqa: S101  the gate has_address passed
    headers: dict[str, str] = {}
    if isinstance(content, EmailContent) and reading.unsubscribe_url:
        headers = {  # RFC 8058
            "List-Unsubscribe": f"<{reading.unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return Outgoing(
        message_id=request.message_id,
        address=context.address,
        content=content,
        sender_name=context.shop.name,
        purpose=request.purpose,
        headers=headers,
        tags={"journey": request.journey, "step": request.step, "template": request.template},
    )
