"""The Lambda function on the queue of the webhook ``conversation.due``: it tells the shop's system, once at least."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from shared.adapters.handler_errors import without_values
from shared.adapters.queue_records import Failures
from shared.adapters.webhook_calls import WebhookEnvironment, respond, webhook_of
from shared.domain.service.due_webhook import told
from shared.ports.invocation import TimeLeft


@cache
def hook_environment() -> WebhookEnvironment:
    """Made with the first batch and kept."""
    return webhook_of(os.environ, "KERVAN_CONVERSATION_WEBHOOK", told, "service-on-hook")


@without_values
def handler(event: Mapping[str, Any], context: TimeLeft) -> Failures:
    """Sends what the batch holds; what the receiver does not take comes again later."""
    return respond(event, context, hook_environment())
