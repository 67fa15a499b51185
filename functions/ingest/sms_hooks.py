"""``POST /v1/hooks/sms/{sender}``: delivery reports and replies of an operator's gateway."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from functions.ingest.feedback import Feedback
from functions.ingest.sms_replies import Reply, SmsReplies
from shared.domain.events.sms_reports import sms_report
from shared.domain.identity.keys import milliseconds
from shared.domain.senders.gateway import NAME, HookDefinition
from shared.domain.senders.webhook import HookReply, HookReport, UnreadableHook, is_genuine, read_hook
from shared.http.answers import Answer, answer, malformed, unauthorized
from shared.http.request import Request
from shared.http.request_body import body_of
from shared.stores.senders import ProviderIds, Senders

SMS = "sms"
log = logging.getLogger("kervan.ingest")


@dataclass(frozen=True, slots=True)
class SmsHooks:
    """``secrets`` gives the secrets of one sender's webhook."""

    senders: Senders
    secrets: Callable[[str], Mapping[str, str]]
    feedback: Feedback
    replies: SmsReplies
    ids: ProviderIds

    def receive(self, request: Request, name: str, now: datetime) -> Answer:
        """Store what an operator tells. The same request given again changes nothing.

        Raises
        ------
        Problem
            401 whatever is wrong with the proof, an unknown name included; 400 for a body that cannot be read.
        Throttled
            If a table does not take it now; operators send it again.
        """
        body = body_of(request)
        hook = self._genuine(request, name, body, now)
        try:
            items = read_hook(hook, request.headers.get("content-type", ""), body)
        except UnreadableHook as broken:
            raise malformed(str(broken)) from broken
        taken = sum(
            self._report(one, name, now) if isinstance(one, HookReport) else self._reply(one, name, now)
            for one in items
        )
        log.info("a webhook told %d items, %d of them about us", len(items), taken)
        return answer({"success": True})

    def _genuine(self, request: Request, name: str, body: bytes, now: datetime) -> HookDefinition:
        gateway = self.senders.gateway(name) if re.fullmatch(NAME, name) else None
        hook = gateway.webhook if gateway else None
        secret = self.secrets(name).get(hook.check.secret, "") if hook else ""
        if hook is None or not is_genuine(hook.check, secret, request.headers, request.query, body, now):
            raise unauthorized("the webhook is unknown, or its token or signature is not right")
        return hook

    def _report(self, told: HookReport, name: str, now: datetime) -> bool:
        message_id = told.message_id or self.ids.message_id(name, told.provider_id)
        if not message_id:
            return False
        if not self.feedback.knows(message_id, SMS):
            return False
        first = self.ids.first_told(message_id, told.failure or "delivered", now)
        report = sms_report(message_id, told.provider_id, told.failure, None, first)
        # What was sent is written by notify and the function of SES's reports alone.
        return self.feedback.take_report(replace(report, delivered_to_provider=False), name, first)

    def _reply(self, told: HookReply, name: str, now: datetime) -> bool:
        reply_id = told.reply_id or _own_id(told, now)
        return self.replies.receive(Reply(told.number, told.text, reply_id, name, named=bool(told.reply_id)), now)


def _own_id(told: HookReply, now: datetime) -> str:
    """For an operator that gives no ids."""
    raw = f"{told.number}\x1f{told.text}\x1f{milliseconds(now)}".encode("utf-8", "surrogatepass")
    return f"sms-reply-{hashlib.blake2b(raw, digest_size=16).hexdigest()}"
