"""Push to browsers: straight to the push service of the browser's maker, encrypted for the browser (docs/push.md)."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shared.adapters.guarded_https import GuardedHttps, HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.provider_errors import snake
from shared.domain.messages.breaker import FIRST_SPACING, IN_A_ROW, LONGEST_SPACING
from shared.domain.messages.message import Reason
from shared.domain.messages.push_size import fitted
from shared.domain.messages.web_subscription import InvalidSubscription, Subscription, read_subscription
from shared.domain.profile.profile import PushToken
from shared.domain.templates.content import PushContent
from shared.ports.sender import Accepted, Ambiguous, Answer, Outgoing, Postponed, Refused, Unreachable

if TYPE_CHECKING:
    from shared.adapters.web_push_crypto import VapidKey

SECONDS = 8
SILENT = "provider_silent"
"""What a message is told whose push service is left alone."""
NOT_REACHED = "provider_timed_out"
"""What a message is told whose push service took no connection in time, which holds up a worker for seconds."""
_SLOW = ("TimeoutError", "timed_out")
MOST_ORIGINS = 500
TIME_TO_LIVE = timedelta(days=1)
"""How long a push service keeps a message for a browser that is not there, if the template says nothing."""
_PROOF_RENEWED = timedelta(hours=6)


class WebPush:
    """Delivers to one subscription. The cryptography is imported with the first message to a browser.

    ``secrets`` gives ``private_key`` and ``subject``, asked for each message.
    """

    def __init__(
        self, https: GuardedHttps, *, secrets: Callable[[], Mapping[str, str]], now: Callable[[], datetime]
    ) -> None:
        self._https = https
        self._secrets = secrets
        self._now = now
        self._proofs: dict[tuple[str, str, str], tuple[datetime, str]] = {}
        self._silent = SilentServices()

    def send_to(self, token: PushToken, outgoing: Outgoing, content: PushContent) -> Answer:
        """One attempt. A subscription that is none, or leads elsewhere than to a push service, is dead."""
        try:
            subscription = read_subscription(token.token)
        except InvalidSubscription:
            return Unreachable(Reason.DEAD_TOKEN)
        try:
            said = self._secrets()
            private, subject = said["private_key"], said["subject"]
        except KeyError:
            return Postponed("provider_no_vapid_key")
        except Exception as error:  # noqa: BLE001  nothing was sent yet: the queue offers it again
            return Postponed(f"provider_{snake(type(error).__name__)}")
        from shared.adapters.web_push_crypto import MOST_BYTES, encrypt

        try:
            fitting = fitted(content, lambda one: len(payload(one, outgoing)), MOST_BYTES)
            body = b"" if fitting is None else encrypt(payload(fitting, outgoing), subscription)
        except UnicodeEncodeError:
            return Refused("provider_invalid_message")
        except ValueError:  # the browser's key is no point of the curve
            return Unreachable(Reason.DEAD_TOKEN)
        if fitting is None:
            return Refused("provider_payload_too_large")
        try:
            proof = self._proof(private, subject, subscription.origin)
        except ValueError:
            return Postponed("provider_no_vapid_key")
        if self._silent.left_alone(subscription.origin, self._now()):
            return Postponed(SILENT, about_address=True)
        answer = self._post(subscription, headers(fitting, outgoing) | {"Authorization": proof}, body)
        answered = not isinstance(answer, Ambiguous) and answer != Postponed(NOT_REACHED, about_address=True)
        self._silent.note(subscription.origin, outgoing.message_id, self._now(), answered=answered)
        return answer

    def _post(self, subscription: Subscription, said: Mapping[str, str], body: bytes) -> Answer:
        try:
            return answer_of_service(self._https.request("POST", subscription.endpoint, said, body, seconds=SECONDS))
        except NeverLeft as kind:
            slow = str(kind) in _SLOW
            return Postponed(NOT_REACHED if slow else f"provider_{snake(str(kind))}", about_address=True)
        except NoAnswer as kind:
            return Ambiguous(f"provider_{snake(str(kind))}", about_address=True)
        except Exception as error:  # noqa: BLE001  the message may have left
            return Ambiguous(f"provider_{snake(type(error).__name__)}", about_address=True)

    def _proof(self, private: str, subject: str, origin: str) -> str:
        """One proof serves all messages to a push service for six hours: signing is a part of a call's time."""
        from shared.adapters.web_push_crypto import VapidKey

        now = self._now()
        kept = self._proofs.get((private, subject, origin))
        if kept is None or abs(now - kept[0]) > _PROOF_RENEWED:
            if len(self._proofs) > 50:
                self._proofs.clear()
            key: VapidKey = VapidKey.read(private, subject)
            kept = self._proofs[private, subject, origin] = (now, key.authorization(origin, now))
        return kept[1]


class SilentServices:
    """Push services that gave no answers, and how long this worker leaves each of them alone.

    The channel's breaker hears nothing of browsers, and each call without an answer costs a message. After three
    messages in a row without one a service is called again after a minute, then after 2, 4 and so on, at most 15.
    """

    def __init__(self) -> None:
        self._by_origin: dict[str, tuple[tuple[str, ...], datetime | None, timedelta]] = {}
        """Messages in a row without an answer, until when nothing is called, and the time between two calls."""

    def left_alone(self, origin: str, now: datetime) -> bool:
        _, until, _ = self._by_origin.get(origin, ((), None, FIRST_SPACING))
        return until is not None and now < until

    def note(self, origin: str, message: str, now: datetime, *, answered: bool) -> None:
        """What a call brought."""
        if answered:
            self._by_origin.pop(origin, None)
            return
        if len(self._by_origin) > MOST_ORIGINS:  # pages name hosts; they must not fill the memory
            self._by_origin.clear()
        messages, until, spacing = self._by_origin.get(origin, ((), None, FIRST_SPACING))
        messages = tuple(dict.fromkeys((*messages, message)))[-IN_A_ROW:]
        if until is not None:
            spacing = min(spacing * 2, LONGEST_SPACING)
        if len(messages) >= IN_A_ROW:
            until = now + spacing
        self._by_origin[origin] = (messages, until, spacing)


def payload(content: PushContent, outgoing: Outgoing) -> bytes:
    """What the service worker gets (clients/web/kervan-push-sw.js)."""
    said = {
        "title": content.title,
        "body": content.body,
        "url": content.url,
        "image": content.image,
        "tag": content.collapse,
        "badge": content.badge,
        "message": outgoing.message_id,
    }
    kept = {name: value for name, value in said.items() if value not in ("", None)}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def headers(content: PushContent, outgoing: Outgoing) -> dict[str, str]:
    """RFC 8030: how long to keep it, how urgent it is, and the topic under which a newer one replaces it."""
    said = {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(content.seconds_to_live or int(TIME_TO_LIVE.total_seconds())),
        "Urgency": "normal" if outgoing.purpose == "marketing" else "high",
    }
    if content.collapse:
        digest = hashlib.blake2b(content.collapse.encode("utf-8", "surrogatepass"), digest_size=24).digest()
        said["Topic"] = base64.urlsafe_b64encode(digest).decode()  # 32 letters, the most that a topic may have
    return said


def answer_of_service(said: HttpsAnswer) -> Answer:
    """By the status (RFC 8030, and what services document). A 5xx is tried again: a notification that comes twice
    replaces itself by its topic, and services keep nothing that they did not answer with 201. Whatever a page reported
    as a subscription was called: what fails is this subscription, not the channel's provider."""
    match said.status:
        case 200 | 201 | 202:
            return Accepted(said.headers.get("location", "")[-200:])
        case 404 | 410:
            return Unreachable(Reason.DEAD_TOKEN)
        case 401 | 403:  # subscribed with another key, perhaps of an earlier deployment
            return Unreachable(Reason.UNDELIVERABLE)
        case 413:
            return Refused("provider_payload_too_large")
        case 429:
            return Postponed("throttled", about_address=True)
        case status if 400 <= status < 500:
            return Refused(f"provider_status_{status}")
        case status if status >= 500:
            return Postponed(f"provider_status_{status}", about_address=True)
        case status:
            return Ambiguous(f"provider_status_{status}", about_address=True)
