"""Mail to the shop's own team by Amazon SES v2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shared.adapters.email_ses import from_address
from shared.adapters.provider_errors import answer_of
from shared.domain.identity.mailbox import deliverable_address
from shared.ports.sender import Answer, Refused
from shared.ports.team_mail import TeamMail

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


class SesTeamMailer:
    """``TeamMailer``. Mails carry no tag of a message, so what SES reports of them is no event of a customer."""

    def __init__(self, client: SESV2Client, *, sender: str, configuration_set: str, name: str) -> None:
        self._client = client
        self._sender = sender
        self._configuration_set = configuration_set
        self._name = name

    def mail(self, to: Sequence[str], mail: TeamMail) -> Answer:
        try:
            request = self._request(to, mail)
        except ValueError:  # an address or a name that no header can hold
            return Refused("provider_invalid_message")
        return answer_of(lambda: self._client.send_email(**request).get("MessageId", ""))

    def _request(self, to: Sequence[str], mail: TeamMail) -> dict[str, Any]:
        simple: dict[str, Any] = {
            "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
            "Body": {
                "Html": {"Data": mail.html, "Charset": "UTF-8"},
                "Text": {"Data": mail.text, "Charset": "UTF-8"},
            },
        }
        if mail.file_name:
            simple["Attachments"] = [
                {
                    "FileName": mail.file_name,
                    "RawContent": mail.page.encode(),
                    "ContentType": "text/html; charset=utf-8",
                    "ContentDisposition": "ATTACHMENT",
                    "ContentTransferEncoding": "BASE64",
                }
            ]
        request: dict[str, Any] = {
            "FromEmailAddress": from_address(self._name, self._sender),
            "Destination": {"ToAddresses": [deliverable_address(address) for address in to]},
            "Content": {"Simple": simple},
        }
        if self._configuration_set:
            request["ConfigurationSetName"] = self._configuration_set
        return request
