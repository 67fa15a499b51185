"""A browser's push subscription, as a web page reports it in the place of a push token (docs/push.md)."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass

from shared.domain.senders.public_hosts import check_https

PUSH_SERVICES = (
    "fcm.googleapis.com",
    "android.googleapis.com",
    ".push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
"""Hosts of the browsers' makers, with a dot in front where any host below is meant. A page can report anything, so
nothing else is called."""
KEY_BYTES, SECRET_BYTES = 65, 16


class InvalidSubscription(ValueError):
    """The text is no subscription at a known push service. The message repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """``key`` is the browser's public key (a point of P-256), ``secret`` its authentication secret (RFC 8291)."""

    endpoint: str
    key: bytes
    secret: bytes

    @property
    def origin(self) -> str:
        """Scheme and host of the push service."""
        return "https://" + check_https(self.endpoint)


def read_subscription(text: str) -> Subscription:
    """The subscription of a token.

    Raises
    ------
    InvalidSubscription
        If it is none, or leads to a host that is no known push service.
    """
    try:
        said = json.loads(text)
        endpoint, keys = said["endpoint"], said["keys"]
        key, secret = _bytes(keys["p256dh"]), _bytes(keys["auth"])
        host = check_https(endpoint).lower()
    except (ValueError, TypeError, KeyError, RecursionError, binascii.Error) as broken:
        raise InvalidSubscription("it is no push subscription") from broken
    if len(key) != KEY_BYTES or key[0] != 4 or len(secret) != SECRET_BYTES:
        raise InvalidSubscription("the keys of the subscription are none")
    if not any(host == service or (service[0] == "." and host.endswith(service)) for service in PUSH_SERVICES):
        raise InvalidSubscription("the subscription is at no known push service")
    return Subscription(endpoint, key, secret)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
