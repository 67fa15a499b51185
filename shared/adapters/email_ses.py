"""E-mail by Amazon SES v2."""

from __future__ import annotations

import re
from email.headerregistry import Address as MailAddress
from typing import TYPE_CHECKING, Any, cast

from shared.adapters.aws import aws_client
from shared.adapters.provider_errors import answer_of, one_attempt
from shared.domain.events.ses_reports import MESSAGE_TAG
from shared.domain.identity.mailbox import deliverable_address
from shared.domain.templates.content import EmailContent
from shared.ports.sender import Answer, Outgoing, Refused

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client

_TAG_VALUE = re.compile(r"[^A-Za-z0-9_-]")


def ses_client() -> SESV2Client:
    return cast("SESV2Client", aws_client("sesv2", one_attempt()))


class SesSender:
    """``Sender`` for e-mail. ``sender`` is the From address; its display name is the shop's. ``reply_to``: where people
    answer to; empty: to the sender."""

    def __init__(self, client: SESV2Client, *, sender: str, configuration_set: str, reply_to: str = "") -> None:
        self._reply_to = reply_to
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, EmailContent):
            return Refused("provider_invalid_message")
        try:
            request = self._request(outgoing, content)
        except ValueError:  # an address or a name that no header can hold
            return Refused("provider_invalid_message")
        return answer_of(lambda: self._client.send_email(**request).get("MessageId", ""))

    def _request(self, outgoing: Outgoing, content: EmailContent) -> dict[str, Any]:
        simple: dict[str, Any] = {
            "Subject": {"Data": content.subject, "Charset": "UTF-8"},
            "Body": {
                "Html": {"Data": content.html, "Charset": "UTF-8"},
                "Text": {"Data": content.text, "Charset": "UTF-8"},
            },
        }
        if content.files:
            simple["Attachments"] = [
                {
                    "FileName": file.name,
                    "RawContent": file.content,
                    "ContentType": file.type,
                    "ContentDisposition": "ATTACHMENT",
                    "ContentTransferEncoding": "BASE64",
                }
                for file in content.files
            ]
        if outgoing.headers:
            simple["Headers"] = [{"Name": name, "Value": value} for name, value in outgoing.headers.items()]
        tags = {MESSAGE_TAG: outgoing.message_id, **outgoing.tags}
        request: dict[str, Any] = {
            "FromEmailAddress": from_address(outgoing.sender_name, self._sender),
            "Destination": {"ToAddresses": [deliverable_address(outgoing.address.to)]},
            "Content": {"Simple": simple},
            "EmailTags": [{"Name": name, "Value": _TAG_VALUE.sub("-", value)[:256]} for name, value in tags.items()],
        }
        if self._reply_to:
            request["ReplyToAddresses"] = [self._reply_to]
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        return request


def from_address(name: str, sender: str) -> str:
    """``Kervan Moda <hello@kervan.example>``; a name beyond ASCII is encoded as RFC 2047 asks."""
    shown = " ".join(name.split())[:70]
    if not shown or "<" in sender:
        return sender
    if shown.isascii():
        return str(MailAddress(shown, addr_spec=sender))
    from email.header import Header

    return f"{Header(shown, 'utf-8').encode()} <{sender}>"
