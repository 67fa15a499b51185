"""The Lambda function that mails the monthly digest. It is woken every day and works once a month."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from functions.measure.mail_digest import mail_digest
from functions.measure.month_environment import Environment, environment
from shared.adapters.handler_errors import without_values
from shared.stores.digests import Digests
from shared.stores.releases import Releases

log = logging.getLogger("kervan.measure")
log.setLevel(logging.INFO)


@without_values
def handler(event: Mapping[str, Any], context: object) -> dict[str, str]:
    """A day that fails is tried again on the next."""
    return respond(environment())


def respond(composed: Environment) -> dict[str, str]:
    shop = Releases(composed.catalog).current().shop
    outcome = mail_digest(
        composed.objects,
        shop,
        Digests(composed.catalog, composed.clock),
        composed.mailer_of(shop.name),
        composed.clock.now(),
        scratch=composed.scratch,
        memory_mb=composed.memory_mb,
    )
    log.info("digest %s", outcome)
    return {"digest": outcome}
