"""Tells a system of the shop by a webhook what a queue holds, once at least.

What was not taken is hidden for a while that grows, and comes again; after ``MAX_RECEIVES`` it is a dead letter
(infra/queues.py). The address is the operator's, and is called as every address that somebody else named: over TLS, at
public addresses only, without following redirects.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from shared.adapters.aws_clients import sqs_client
from shared.adapters.clock import clock_for
from shared.adapters.counters import count
from shared.adapters.error_kinds import kind_of
from shared.adapters.guarded_https import GuardedHttps, HttpsAnswer, NeverLeft, NoAnswer
from shared.adapters.kept_secret import KeptSecret
from shared.adapters.queue_records import Failures, Record, body_of, work_on_each
from shared.adapters.sqs import SqsQueue
from shared.domain.webhooks.standard_webhook import Told, UnreadableTask, key_of, pause_after, signed_headers
from shared.ports.invocation import TimeLeft

log = logging.getLogger("kervan.webhook")
log.setLevel(logging.INFO)

SECONDS = 10.0
MARGIN_MS = 18_000
"""A call may take this long: ten seconds, and twice three to connect."""


class Https(Protocol):
    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> HttpsAnswer: ...


@dataclass(frozen=True, slots=True)
class WebhookEnvironment:
    """``told`` makes the request of a queue's message, or raises UnreadableTask. ``hide`` keeps a message (by its
    receipt) from being read for a while. ``secret`` is what both sides know. ``function`` counts what was told."""

    url: str
    secret: Callable[[], str]
    https: Https
    hide: Callable[[str, timedelta], None]
    now: Callable[[], datetime]
    told: Callable[[str], Told]
    function: str


def respond(event: Mapping[str, Any], context: TimeLeft, composed: WebhookEnvironment) -> Failures:
    """Tells what the batch holds; what the receiver does not take comes again later."""
    return work_on_each(event, lambda record: _told(record, context, composed), log)


def _told(record: Record, context: TimeLeft, composed: WebhookEnvironment) -> bool:
    """False if the queue is to offer the message again."""
    if context.get_remaining_time_in_millis() < MARGIN_MS:
        return False
    try:
        problem = _send(body_of(record), composed)
    except Exception as error:  # noqa: BLE001 - whatever it was, the queue brings it again
        problem = kind_of(error)
    if not problem:
        count({"hook_told": 1}, function=composed.function)
        return True
    log.warning("the webhook did not take it: %s", problem)
    count({"hook_refused": 1}, function=composed.function)
    attempt = int((record.get("attributes") or {}).get("ApproximateReceiveCount", 1))
    try:
        composed.hide(record["receiptHandle"], pause_after(attempt))
    except Exception as error:  # noqa: BLE001 - it then comes again after the queue's own time
        log.warning("could not be hidden: %s", kind_of(error))
    return False


def _send(task: str, composed: WebhookEnvironment) -> str:
    """What went wrong, in a word or a status; "" if the receiver took it."""
    try:
        told = composed.told(task)
    except UnreadableTask:
        return "unreadable"
    try:
        key = key_of(composed.secret())
    except ValueError:
        return "secret_unusable"
    headers = signed_headers(key, told.id, composed.now(), told.body)
    try:
        answer = composed.https.request("POST", composed.url, headers, told.body.encode(), seconds=SECONDS)
    except (NeverLeft, NoAnswer) as broken:
        return f"{type(broken).__name__} {broken}"
    return "" if 200 <= answer.status < 300 else f"status {answer.status}"


def webhook_of(environ: Mapping[str, str], url: str, told: Callable[[str], Told], function: str) -> WebhookEnvironment:
    """For the Lambda function of this name; ``url`` is the variable of its environment that holds the address."""
    hidden = SqsQueue(sqs_client(), environ["KERVAN_HOOK_QUEUE"])
    return WebhookEnvironment(
        url=environ[url],
        secret=KeptSecret(environ["KERVAN_HOOK_SECRET"]),
        https=GuardedHttps(),
        hide=hidden.hide,
        now=clock_for("").now,
        told=told,
        function=function,
    )
