"""``/v1/hooks/meta``: messages on WhatsApp, Instagram and Messenger go to the queue of conversations."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.domain.conversations.jobs import message_job, outcome_job, removal_job
from shared.domain.conversations.meta_webhook import (
    SECRET,
    VERIFY_TOKEN,
    Readers,
    UnreadableWebhook,
    challenge,
    is_signed,
    read_failures,
    read_removals,
    read_webhook,
)
from shared.domain.identity.keys import milliseconds, moment
from shared.http.answers import Answer, answer, forbidden, malformed, unauthorized, wrong_method
from shared.http.request import Request
from shared.http.request_body import body_of
from shared.ports import Queue

META = "meta"
"""The name of its secrets among those of webhooks."""
log = logging.getLogger("kervan.ingest")


@dataclass(frozen=True, slots=True)
class MetaHooks:
    """``secrets``: the app's secret and the token that Meta asks with. ``queue`` is that of conversations."""

    secrets: Mapping[str, str]
    readers: Readers
    queue: Callable[[], Queue]

    def receive(self, request: Request, now: datetime) -> Answer:
        """GET proves that the address is ours; POST takes messages. The same delivery again changes nothing.

        Raises
        ------
        Problem
            403 for a wrong token, 401 for a body that Meta did not sign, 400 for one that cannot be read.
        Throttled
            If the queue does not take it now; Meta delivers it again.
        """
        if request.method == "GET":
            said = challenge(request.query, self.secrets.get(VERIFY_TOKEN, ""))
            if said is None:
                raise forbidden("the verify token is not the one of this deployment")
            headers = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
            return {"statusCode": 200, "headers": headers, "body": said, "isBase64Encoded": False}
        if request.method != "POST":
            raise wrong_method("GET", "POST")
        body = body_of(request)
        if not is_signed(request.headers, body, self.secrets.get(SECRET, "")):
            raise unauthorized("the body is not signed with the app's secret")
        try:
            at = moment(milliseconds(now))
            found, removed = read_webhook(body, self.readers, at), read_removals(body, self.readers, at)
        except UnreadableWebhook as broken:
            raise malformed(str(broken)) from broken
        jobs = [*(message_job(one) for one in found), *(outcome_job(one) for one in read_failures(body))]
        jobs += [removal_job(one) for one in removed]
        if jobs:
            self.queue().send_many(jobs)
        log.info("meta told %d messages", len(found))
        return answer({"success": True})
