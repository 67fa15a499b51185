"""Text messages by the HTTP gateway of an operator, as its definition says (docs/senders.md)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import assert_never

from shared.adapters.guarded_https import GuardedHttps, NeverLeft, NoAnswer
from shared.adapters.provider_errors import snake
from shared.adapters.user_agent import USER_AGENT
from shared.domain.messages.message import Reason
from shared.domain.senders.answers import Verdict, verdict
from shared.domain.senders.gateway import CallDefinition, Gateway, Signature
from shared.domain.senders.placeholders import Unfillable, fill_header, form_body, json_body, xml_body
from shared.domain.templates.content import SmsContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

_REACHES_NOBODY = {
    "opted_out": Reason.OPTED_OUT,
    "invalid_number": Reason.INVALID_NUMBER,
}
_TYPES = {
    "json": "application/json; charset=utf-8",
    "form": "application/x-www-form-urlencoded",
    "xml": "text/xml; charset=utf-8",
}


class GatewaySender:
    """``Sender`` for SMS.

    Parameters
    ----------
    definition, secrets
        Give the gateway and its secrets by name; asked for each message, so they may keep what they read.
    now
        For the timestamp of signatures.
    accepted
        Told the operator's id and the message's, where reports name messages by the operator's id.
    """

    def __init__(
        self,
        https: GuardedHttps,
        *,
        definition: Callable[[], Gateway | None],
        secrets: Callable[[], Mapping[str, str]],
        now: Callable[[], datetime],
        accepted: Callable[[str, str], None] | None = None,
    ) -> None:
        self._https = https
        self._definition = definition
        self._secrets = secrets
        self._now = now
        self._accepted = accepted

    def send(self, outgoing: Outgoing) -> Answer:
        content = outgoing.content
        if not isinstance(content, SmsContent):
            return Refused("provider_invalid_message")
        try:
            gateway = self._definition()
            secrets = {} if gateway is None else self._secrets()
        except Exception as error:  # noqa: BLE001  nothing was sent yet: the queue offers it again
            return Postponed(f"provider_{snake(type(error).__name__)}")
        if gateway is None:
            return Postponed("provider_gateway_not_defined")
        if gateway.country and not outgoing.address.to.startswith(f"+{gateway.country}"):
            return Unreachable(Reason.UNDELIVERABLE)
        if missing := gateway.secrets - secrets.keys():
            return Postponed(f"provider_secret_missing_{snake(min(missing))}"[:60])
        try:
            body, headers = self._request(gateway, outgoing, content, secrets)
        except Unfillable:
            return Refused("provider_invalid_message")
        return self._call(gateway, outgoing.message_id, headers, body)

    def _call(self, gateway: Gateway, message_id: str, headers: Mapping[str, str], body: bytes) -> Answer:
        call = gateway.request
        try:
            said = self._https.request(call.method, call.url, headers, body, seconds=call.timeout)
            found = verdict(gateway.answer, said.status, said.body)
        except NeverLeft as kind:
            return Postponed(f"provider_{snake(str(kind))}")
        except NoAnswer as kind:
            return Ambiguous(f"provider_{snake(str(kind))}")
        except Exception as error:  # noqa: BLE001  the message may have left
            return Ambiguous(f"provider_{snake(type(error).__name__)}")
        if found.kind == "accepted" and found.provider_id and gateway.by_provider_id and self._accepted is not None:
            with suppress(Exception):  # a report may find no message then; the message itself is accepted
                self._accepted(found.provider_id, message_id)
        return answer_of_verdict(found)

    def _request(
        self, gateway: Gateway, outgoing: Outgoing, content: SmsContent, secrets: Mapping[str, str]
    ) -> tuple[bytes, dict[str, str]]:
        call = gateway.request
        to = outgoing.address.to
        own = gateway.by_purpose.get("marketing" if outgoing.purpose == "marketing" else "transactional")
        values = {
            **(own or {}),
            **{f"secret.{name}": value for name, value in secrets.items()},
            "text": content.text,
            "to": to,
            "to.digits": to.removeprefix("+"),
            "to.national": to.removeprefix(f"+{gateway.country}"),
            "message_id": outgoing.message_id,
        }
        form, body = _body(call, values)
        headers = {"Content-Type": _TYPES[form], "Accept": "*/*", "User-Agent": USER_AGENT}
        for name, text in call.headers.items():
            headers = {known: value for known, value in headers.items() if known.lower() != name.lower()}
            headers[name] = fill_header(text, values)
        if call.basic_auth is not None:
            pair = f"{secrets[call.basic_auth.user]}:{secrets[call.basic_auth.password]}".encode()
            headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        if call.signature is not None:
            headers |= signed(call.signature, secrets[call.signature.secret], body, self._now())
        return body, headers


def answer_of_verdict(found: Verdict) -> Answer:
    """The port's answer for what a gateway's rules say."""
    match found.kind:
        case "accepted":
            return Accepted(found.provider_id)
        case "unreachable":
            return Unreachable(_REACHES_NOBODY.get(found.reason, Reason.UNDELIVERABLE))
        case "refused":
            return Refused(f"provider_{found.reason or 'refused'}")
        case "retry":
            return Postponed("throttled" if found.reason in {"", "status_429"} else f"provider_{found.reason}")
        case "ambiguous":
            return Ambiguous(f"provider_{found.reason}")
        case _:
            assert_never(found.kind)


def signed(signature: Signature, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a signed body: the time in epoch seconds, and the HMAC over ``<time>.<body>``."""
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).digest()
    text = digest.hex() if signature.encoding == "hex" else base64.b64encode(digest).decode()
    return {signature.timestamp_header: timestamp, signature.header: text}


def _body(call: CallDefinition, values: Mapping[str, str]) -> tuple[str, bytes]:
    body = call.body
    if body.form is not None:
        return "form", form_body(body.form, values)
    if body.xml is not None:
        return "xml", xml_body(body.xml, values)
    return "json", json_body(body.json_, values)
