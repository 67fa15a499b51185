"""Answers on WhatsApp, Instagram and Messenger by Meta's Graph API: one attempt, within a fixed time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Protocol, assert_never

from shared.adapters.guarded_https import HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.provider_errors import READ_TIMEOUT, snake
from shared.adapters.user_agent import USER_AGENT
from shared.domain.messages.message import Reason
from shared.domain.senders.graph import NEEDED, VERSION, GraphError, Sent, accepted_id, error_of, request_of
from shared.domain.senders.graph_upload import form_of, uploaded_id
from shared.domain.templates.content import ContentFile, SmsContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

GRAPH = "https://graph.facebook.com"
UPLOAD_TIMEOUT = 15.0
"""Seconds for a file of 4 MB."""


class Https(Protocol):
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> HttpsAnswer: ...


class GraphSender:
    """``Sender`` for the channels of Meta. ``secrets`` is asked for each message, so it may keep what it read.

    ``base``: where the Graph API answers.
    """

    def __init__(self, https: Https, *, secrets: Callable[[], Mapping[str, str]], base: str = GRAPH) -> None:
        self._https = https
        self._secrets = secrets
        self._base = base

    def send(self, outgoing: Outgoing) -> Answer:
        content, channel = outgoing.content, outgoing.address.channel
        if not isinstance(content, SmsContent) or channel not in NEEDED:
            return Refused("provider_invalid_message")
        try:
            secrets = self._secrets()
        except Exception as error:  # noqa: BLE001  nothing was sent yet: it is tried again
            return Postponed(f"provider_{snake(type(error).__name__)}")
        account, token = (secrets.get(name, "") for name in NEEDED[channel])
        if not account.isdecimal() or not token.isascii() or not token.isprintable() or not token:
            return Postponed("provider_secret_missing", about_address=True)
        message = outgoing.tags.get("message", "")
        file = None
        if content.files:
            found = self._file(channel, content.files[0], account, token)
            if not isinstance(found, Sent):
                return found
            file = found
        said = request_of(channel, outgoing.address.to, content.text, message, content.template, file)
        body = json.dumps(said).encode()
        return self._call(f"{self._base}/{VERSION}/{account}/messages", token, body)

    def _file(self, channel: str, file: ContentFile, account: str, token: str) -> Sent | Answer:
        """WhatsApp takes a file first and gives an id; the others fetch it. Nothing was sent to anybody by that, so
        whatever goes wrong may be tried again."""
        if channel != "whatsapp":
            return Sent(file.name, file.type, file.url) if file.url else Refused("provider_invalid_message")
        body, kind = form_of(file)
        headers = {"Content-Type": kind, "Authorization": f"Bearer {token}", "User-Agent": USER_AGENT}
        url = f"{self._base}/{VERSION}/{account}/media"
        try:
            said = self._https.request("POST", url, headers, body, seconds=UPLOAD_TIMEOUT)
        except Exception as error:  # noqa: BLE001  whatever it was, no message left
            return Postponed(f"provider_{snake(type(error).__name__)}")
        name = uploaded_id(said.body) if 200 <= said.status < 300 else None
        if name is not None:
            return Sent(file.name, file.type, name)
        answer = answer_of_error(error_of(said.status, said.body))
        return Postponed(answer.reason) if isinstance(answer, Ambiguous) else answer

    def _call(self, url: str, token: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "User-Agent": USER_AGENT}
        try:
            said = self._https.request("POST", url, headers, body, seconds=READ_TIMEOUT)
        except NeverLeft as kind:
            return Postponed(f"provider_{snake(str(kind))}")
        except NoAnswer as kind:
            return Ambiguous(f"provider_{snake(str(kind))}")
        except Exception as error:  # noqa: BLE001  the message may have left
            return Ambiguous(f"provider_{snake(type(error).__name__)}")
        if 200 <= said.status < 300:
            found = accepted_id(said.body)
            return Accepted(found) if found is not None else Ambiguous("provider_unreadable")
        return answer_of_error(error_of(said.status, said.body))


def answer_of_error(error: GraphError) -> Answer:
    """The port's answer for what Meta's errors say."""
    match error.kind:
        case "retry":
            return Postponed(error.reason)
        case "retry_address":
            return Postponed(error.reason, about_address=True)
        case "repair":  # of one account: WhatsApp goes on while the page's token is over
            return Postponed(error.reason, about_address=True)
        case "unreachable":
            return Unreachable(Reason.UNDELIVERABLE)
        case "refused":
            return Refused(error.reason)
        case "ambiguous":
            return Ambiguous(error.reason)
        case _:
            assert_never(error.kind)
